// SPDX-License-Identifier: Apache-2.0
/// Included before Verilator's run-time library, whose VL_PRINTF is this function in a C++ bench.
#pragma once
int tsr_verilated_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));
