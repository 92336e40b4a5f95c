#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Coverage of somebody else's design and benches, as a user runs it: a counter with cover points, tests in both languages.

usage: stranger.py --build DIR --folder WORK
"""

import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILES = {
    "counter.sv": """module counter (input logic clk, input logic rst, input logic up, output logic [1:0] count);
  always_ff @(posedge clk) count <= rst ? 2'd0 : up ? count + 2'd1 : count;
  Wraps_C: cover property (@(posedge clk) disable iff (rst) up && count == 2'd3);
  Holds_C: cover property (@(posedge clk) disable iff (rst) !up);
endmodule
""",
    "test_counter.py": """import cocotb
import tessera_bench
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles

STEPS = tessera_bench.CoverGroup("steps", ["few", "many"])


@cocotb.test()
async def counts(dut):
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value, dut.up.value = 1, 0
    await ClockCycles(dut.clk, 2)
    dut.rst.value, dut.up.value = 0, 1
    await ClockCycles(dut.clk, 6)
    STEPS.sample("many")
    assert dut.count.value == 1
""",
    "test_counter.cpp": """#include "tessera/test.hpp"
using namespace tessera;
namespace {
CoverGroup steps("steps", {"few", "many"});
}
TSR_TEST(holds) {
  Clock(dut.clk, 10, ns).start();
  dut.rst = 1;
  dut.up = 0;
  co_await ClockCycles(dut.clk, 2);
  dut.rst = 0;
  co_await ClockCycles(dut.clk, 3);
  steps.sample("few");
  CO_ASSERT_EQ(dut.count.value(), 0U);
}
""",
    "plan.csv": """bin,block,world,meaning
counter.Wraps_C,counter,rtl,from 3 to 0
counter.Holds_C,counter,rtl,stands still
steps.few,counter,bench,a short run
steps.many,counter,bench,a long run
""",
}


def run(*command, code=0):
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True,
                          env={**os.environ, "TESSERA_LIBRARIES_READY": "1"})
    if done.returncode != code:
        sys.exit(f"exit code {done.returncode}, {code} was wanted: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--folder", required=True, help="where the design stands; kept, so that it is built once")
    args = parser.parse_args()
    folder = pathlib.Path(args.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in FILES.items():
        if not (folder / file).exists() or (folder / file).read_text() != text:
            (folder / file).write_text(text)
    bench = [ROOT / "scripts/bench_run.py", "--build", args.build, "--sv", folder / "counter.sv", "--top", "counter",
             "--results", folder / "results.xml", "--coverage", folder / "cov"]
    merge = [ROOT / "scripts/coverage.py", folder / "cov", "--plan", folder / "plan.csv"]
    run(*bench, "--py", folder / "test_counter.py")
    half = run(*merge, code=1)  # one world alone
    if half.count("MISSED") != 2 or "MISSED: counter.Holds_C" not in half or "MISSED: steps.few" not in half:
        sys.exit(f"Python alone should miss two bins:\n{half}")
    run(*bench, "--py", folder / "test_counter.py", "--cpp", folder / "test_counter.cpp")
    both = run(*merge, "--missable")
    if "4 bins, 4 hit, 0 missed, 0 errors, 2 databases" not in both:
        sys.exit(f"both worlds should hit everything:\n{both}")
    print(both)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
