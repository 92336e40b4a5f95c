// SPDX-License-Identifier: Apache-2.0
/// Configurations by name or file. scripts/gen_config.py reads and checks them, for programs as for CMake
/// (docs/decisions/0011).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/config.hpp"

namespace tessera {

/// Either a configuration, which lives as long as the program, or one sentence.
struct ConfigResult {
  const Config* config = nullptr;
  std::string error;
};

/// `spec`: a name of configs/ or a file, FILE.json; `sets`: KEY=VALUE texts that replace keys of it. `keep`: folder for
/// a configuration whose models have no name of their own, so that CMake can build them; empty: none.
[[nodiscard]] ConfigResult read_config(const std::string& spec, const std::vector<std::string>& sets = {},
                                       const std::string& keep = {});

/// A configuration by name or file; nullptr for an unknown or a faulty one.
[[nodiscard]] const Config* find_config(std::string_view name);

}  // namespace tessera
