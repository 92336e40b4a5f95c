#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""add_subdirectory() of this project in a CMake project of somebody else: its benches on its own RTL and on a block of ours are built and pass.

usage: foreign.py
"""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILES = {
    "CMakeLists.txt": """
cmake_minimum_required(VERSION 3.22)
project(foreign LANGUAGES C CXX)
enable_testing()
add_subdirectory("${TESSERA}" tessera EXCLUDE_FROM_ALL)
include(${tessera_SOURCE_DIR}/cmake/TesseraHarness.cmake)
tsr_bench_model(NAME plain TOP plain SOURCES plain.sv ARGS --lenient --timing)
tsr_bench(NAME plain_bench MODEL plain SOURCES test_plain.cpp)
add_test(NAME plain COMMAND plain_bench)
tsr_bench_model(NAME arb CONFIG p4 TOP tsr_rr_arb SOURCES ${tessera_SOURCE_DIR}/rtl/prim/tsr_rr_arb.sv)
tsr_bench(NAME arb_bench MODEL arb SOURCES test_arb.cpp)
add_test(NAME arb COMMAND arb_bench)
tsr_verilate(TARGET v_arbiter TOP tsr_rr_arb CONFIG p4)
add_executable(arbiter main.cpp)
target_link_libraries(arbiter PRIVATE v_arbiter)
add_test(NAME arbiter COMMAND arbiter)
""",
    "plain.sv": """
module plain (input logic clk, output logic [7:0] n);
  always_ff @(posedge clk) n <= n + 8'd1;
endmodule
""",
    "test_plain.cpp": """
#include "tessera/test.hpp"
using namespace tessera;
TSR_TEST(counts) {
  Clock(dut.clk, 10, ns).start();
  co_await ClockCycles(dut.clk, 5);
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.n.value(), 5);
}
""",
    "test_arb.cpp": """
#include "tessera/test.hpp"
using namespace tessera;
TSR_TEST(grants_a_request) {
  dut.req_i = 1;
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.grant_o.value(), 1);
}
""",
    "main.cpp": """
#include "Vtsr_rr_arb.h"
int main() {
  VerilatedContext context;
  Vtsr_rr_arb arbiter(&context);
  arbiter.req_i = 1;
  arbiter.eval();
  return arbiter.grant_o == 1 ? 0 : 1;
}
""",
}


def main():
    with tempfile.TemporaryDirectory(prefix="a foreign project ") as name:
        folder = pathlib.Path(name)
        for file, text in FILES.items():
            (folder / file).write_text(text.lstrip("\n"))
        for command in (["cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build", f"-DTESSERA={ROOT}"],
                        ["ninja", "-C", folder / "build"], ["ctest", "--test-dir", folder / "build", "--output-on-failure", "--no-tests=error"]):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"WRONG: {' '.join(map(str, command))}", done.stdout[-4000:], done.stderr[-4000:], sep="\n")
                return 1
        if "out of 3" not in done.stdout:
            print("WRONG: the tests of the foreign project alone are run", done.stdout, sep="\n")
            return 1
    print("a foreign project builds and runs its benches")
    return 0


if __name__ == "__main__":
    sys.exit(main())
