// SPDX-License-Identifier: Apache-2.0
// The run-time library is compiled with VL_USER_STOP, VL_USER_FATAL, VL_USER_FINISH and VL_PRINTF: an assertion, $error
// or $fatal becomes a failure of the running test with its message, instead of the end of the process.
#include "hooks.hpp"

#include <cstdarg>
#include <cstdio>

#include "tessera/kernel.hpp"
#include "verilated.h"

namespace tessera::detail {

namespace {
std::string& error_line() {
  static std::string line;
  return line;
}
}  // namespace

const std::string& last_error_line() { return error_line(); }

}  // namespace tessera::detail

int tsr_verilated_printf(const char* format, ...) {
  char buffer[4096];
  va_list args;
  va_start(args, format);
  const int n = std::vsnprintf(buffer, sizeof buffer, format, args);
  va_end(args);
  std::fputs(buffer, stdout);
  std::string text(buffer);
  if (text.find("%Error") != std::string::npos || text.find("%Fatal") != std::string::npos) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    tessera::detail::error_line() = text;
  }
  return n;
}

void vl_stop(const char* filename, int linenum, const char*) {
  Verilated::threadContextp()->gotError(true);
  Verilated::threadContextp()->gotFinish(true);
  std::string text = tessera::detail::last_error_line();
  if (text.empty()) text = "$stop";
  tessera::kernel.fail(text + " (" + filename + ":" + std::to_string(linenum) + ")");
}

void vl_finish(const char* filename, int linenum, const char*) {
  std::printf("- %s:%d: Verilog $finish\n", filename, linenum);
  Verilated::threadContextp()->gotFinish(true);
  tessera::kernel.finish_requested = true;
  tessera::kernel.attention = true;
}

void vl_fatal(const char* filename, int linenum, const char*, const char* message) {
  Verilated::threadContextp()->gotError(true);
  Verilated::threadContextp()->gotFinish(true);
  tessera::kernel.fail(std::string(message) + " (" + filename + ":" + std::to_string(linenum) + ")");
}

/// Without an own time the library asks here at time 0.
double sc_time_stamp() { return 0; }
