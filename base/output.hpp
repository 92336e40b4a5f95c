// SPDX-License-Identifier: Apache-2.0
/// Files that a run writes: refused before anything is touched, replaced whole.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// Why `path` cannot be written as a file, or an empty string. Follows symbolic links, dangling ones too; devices,
/// pipes and folders are refused. Touches nothing.
[[nodiscard]] std::string output_fault(const std::string& path);

/// Writes `parts` one after the other to the file that `path` means, behind symbolic links, in one step: it has the old
/// contents or the new ones, and keeps its mode. The sentence that says what failed, or an empty string.
[[nodiscard]] std::string replace_file(const std::string& path, const std::vector<std::string_view>& parts);

}  // namespace tessera
