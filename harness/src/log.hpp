// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace tessera::detail {

/// A yes/no variable as cocotb reads it; ValueError for other text.
[[nodiscard]] bool environment_flag(const char* name, bool otherwise);
/// Escape codes are wanted on standard output.
[[nodiscard]] bool colour();
/// ValueError when COCOTB_LOG_LEVEL names no level.
void check_log_level();

}  // namespace tessera::detail
