// SPDX-License-Identifier: Apache-2.0
/// What the run-time library of Verilator calls in a C++ bench, and what it is told.
#pragma once
#include <string>
#include <vector>

namespace tessera::detail {

/// argv of the model: program name, plusargs of the command line, COCOTB_PLUSARGS.
[[nodiscard]] std::vector<std::string> verilated_arguments();
/// The last line with %Error or %Fatal that the RTL printed, without the end of line.
[[nodiscard]] const std::string& last_error_line();

}  // namespace tessera::detail
