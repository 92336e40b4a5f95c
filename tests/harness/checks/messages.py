#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a bench says of its design is true: the time of an error in any time precision, why a name has no handle in C++.

usage: messages.py --build DIR
"""

import argparse
import html
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[3]
LATE = """
`timescale {unit}/{precision}
module late (input logic clk, output logic [7:0] n);
  initial begin n = 0; {format} end
  always_ff @(posedge clk) begin
    n <= n + 8'd1;
    if (n == 8'd5) {what};
  end
endmodule
"""
LATE_PY = """
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles


@cocotb.test()
async def late(dut):
    Clock(dut.clk, 1, "us").start()
    await ClockCycles(dut.clk, 20)
    assert dut.n.value == 20
"""
LATE_CPP = """
#include "tessera/test.hpp"
using namespace tessera;
TSR_TEST(late) {
  Clock(dut.clk, 1, us).start();
  co_await ClockCycles(dut.clk, 20);
  CO_ASSERT_EQ(dut.n.value(), 20);
}
"""
SHAPES = """
package p;
  typedef struct { logic [3:0] a; logic b; } pair_t;
endpackage
module inner (output p::pair_t pair);
  assign pair = '{a: 4'd1, b: 1'b0};
endmodule
module shapes #(parameter string Name = "x") (input logic clk, output string text, output p::pair_t pair);
  p::pair_t middle;
  inner u_inner (.pair(middle));
  assign text = Name;
  assign pair = middle;
endmodule
"""
SHAPES_CPP = """
#include "tessera/test.hpp"
using namespace tessera;
TSR_TEST(shapes) {
  co_await Timer(1, ns);
  CO_ASSERT_EQ(dut.text.value(), 1);
  CO_ASSERT_EQ(dut.Name.value(), 1);
  CO_ASSERT_EQ(dut.pair.a.value(), 1);
  CO_ASSERT_EQ(dut.u_inner.pair.a.value(), 1);
}
"""


class Checks:
    def __init__(self, build, folder):
        self.build, self.folder, self.complaints = build, folder, []

    def run(self, top, leg, text):
        (self.folder / f"test_{top}.{leg}").write_text(text)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("COCOTB", "WAVES"))}
        return subprocess.run([sys.executable, str(ROOT / "scripts/bench_run.py"), "--build", self.build, "--name", "messages", "--level", "1",
                               "--sv", f"{top}.sv", "--top", top, f"--{leg}", f"test_{top}.{leg}"], cwd=self.folder, capture_output=True,
                              text=True, env={**env, "TESSERA_LIBRARIES_READY": "1"})

    def time_of_an_error(self):
        """The fifth edge after the first is at 5 us, whatever the design calls its time."""
        for unit, precision, form, what in (("1ns", "1ns", "", '$error("too late")'), ("1us", "100ns", "", '$fatal(1, "too late")'),
                                            ("1ns", "1ps", '$timeformat(-6, 3, " us", 12);', '$error("too late")'),
                                            ("10ns", "10ns", "", "$stop")):
            (self.folder / "late.sv").write_text(LATE.format(unit=unit, precision=precision, format=form, what=what))
            for leg, text in (("py", LATE_PY), ("cpp", LATE_CPP)):
                done = self.run("late", leg, text)
                failure = next(ElementTree.parse(self.folder / "results.xml").getroot().iter("failure"), None)
                message = "" if failure is None else html.unescape(failure.get("message"))
                if " at 5000.00ns" not in message or ("too late" in what and "too late" not in message):
                    self.complaints.append(f"{leg}, {unit}/{precision}, {what}: '{message[:200]}'\n{done.stderr}")

    def names_without_handles(self):
        (self.folder / "shapes.sv").write_text(SHAPES)
        (self.folder / "public.txt").write_text("inner.pair\n")
        done = self.run("shapes", "cpp", SHAPES_CPP)
        for name, what in (("text", "a string"), ("Name", "a string"), ("pair", "an unpacked struct"), ("u_inner.pair", "an unpacked struct")):
            if f"dut.{name} is {what}; C++ benches have handles of" not in done.stderr:
                self.complaints.append(f"dut.{name} is not said to be {what}:\n{done.stderr}")
        if done.returncode != 2 or "public.txt" in done.stderr:
            self.complaints.append(f"rc {done.returncode}, or advice that changes nothing:\n{done.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    build = pathlib.Path(parser.parse_args().build).resolve()
    with tempfile.TemporaryDirectory() as name:
        checks = Checks(str(build), pathlib.Path(name))
        checks.time_of_an_error()
        checks.names_without_handles()
    for left in build.glob("bench/messages-*"):
        shutil.rmtree(left, ignore_errors=True)
    for text in checks.complaints:
        print("WRONG:", text)
    print(f"{len(checks.complaints)} complaints")
    return 1 if checks.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
