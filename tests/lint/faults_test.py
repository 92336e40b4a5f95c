#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/faults.py puts a hunk where its lines stand, says what does not fit, and `edit` writes what was edited."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import faults  # noqa: E402

RTL = """module tsr_a;
  assign x = a;
  assign y = b;

  assign z = c;  // the last

endmodule
"""


class Faults(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        for name, value in (("ROOT", self.root), ("FOLDER", self.root / "tests/faults"), ("EDITED", self.root / "build/faults")):
            self.addCleanup(setattr, faults, name, getattr(faults, name))
            setattr(faults, name, value)
        self.write("rtl/top/tsr_a.sv", RTL)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def patch(self, hunks, sentence="The sum is wrong.", file="rtl/top/tsr_a.sv"):
        self.write("tests/faults/sum.patch", f"{sentence}\n--- {file}\n{hunks}")

    def copy(self):
        return faults.write_copies("sum", self.root / "out")[self.root / "rtl/top/tsr_a.sv"].read_text()

    def complaint(self, *words):
        found = list(faults.check(self.root / "out"))
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_a_patch_that_fits(self):
        self.patch("@@\n-assign   x = a;\n+  assign x = !a;\n@@\n   assign z = c; // the last\n+  assign w = d;\n")
        self.assertEqual(list(faults.check(self.root / "out")), [])
        self.assertEqual(self.copy(), RTL.replace("x = a", "x = !a").replace("last\n", "last\n  assign w = d;\n"))

    def test_neighbours_may_change(self):
        self.patch("@@\n-  assign x = a;\n+  assign x = !a;\n")
        self.write("rtl/top/tsr_a.sv", "// more\n" + RTL.replace("  assign", "      assign").replace("y = b", "y = e"))
        self.assertIn("y = e", self.copy())
        self.assertIn("x = !a", self.copy())

    def test_a_line_that_is_gone(self):
        self.patch("@@\n-  assign x = d;\n+  assign x = !a;\n")
        self.complaint("tests/faults/sum.patch", "rtl/top/tsr_a.sv", "assign x = d;", "nowhere")

    def test_a_line_that_stands_twice(self):
        self.write("rtl/top/tsr_a.sv", RTL.replace("y = b", "x = a"))
        self.patch("@@\n-  assign x = a;\n+  assign x = !a;\n")
        self.complaint("tests/faults/sum.patch", "2 times")

    def test_nothing_changes(self):
        self.patch("@@\n-  assign x = a;\n+  assign x = a;  // a comment\n")
        self.complaint("changes nothing in rtl/top/tsr_a.sv")

    def test_no_sentence(self):
        for sentence in ("wrong", faults.UNDESCRIBED):             # also what `edit` writes above a new patch
            self.patch("@@\n-  assign x = a;\n+  assign x = !a;\n", sentence=sentence)
            self.complaint("sum.patch", "no sentence")

    def test_no_such_file(self):
        self.patch("@@\n-  assign x = a;\n+  assign x = !a;\n", file="rtl/top/tsr_b.sv")
        self.complaint("sum.patch", "rtl/top/tsr_b.sv is no file of rtl/")

    def test_no_patch_line(self):
        self.patch("@@\nassign x = a;\n")
        self.complaint("sum.patch:4", "assign x = a;")

    def test_a_fault_in_the_rtl(self):
        self.patch("@@\n-  assign x = a;\n+  assign x = !a;\n")
        self.write("rtl/top/tsr_b.sv", "`ifdef TSR" + "_BUG_X\n`endif\n")
        self.complaint("rtl/top/tsr_b.sv holds a seeded fault")

    def test_an_unknown_name(self):
        self.patch("@@\n-  assign x = a;\n+  assign x = !a;\n")
        with self.assertRaisesRegex(faults.Fault, "no seeded fault 'difference'; there are: sum"):
            faults.read_patch("difference")

    def test_edit_writes_what_was_edited(self):
        self.patch("@@\n-  assign x = d;\n+  assign x = !a;\n")
        os.environ["EDITOR"] = "sed -i -e 's/x = a/x = ~a/' -e 's/^$/  assign w = d;/'"
        faults.edit("sum", [])
        self.assertEqual(self.copy(), RTL.replace("x = a", "x = ~a").replace("\n\n", "\n  assign w = d;\n"))
        self.assertEqual(faults.read_patch("sum")[0], "The sum is wrong.")

    def test_verilator_reads_the_copies(self):
        self.patch("@@\n-  assign x = a;\n+  assign x = !a;\n")
        original = str(self.root / "rtl/top/tsr_a.sv")
        copies = faults.write_copies("sum", self.root / "out")
        copy = str(self.root / "out/tsr_a.sv")
        self.assertEqual(faults.in_place(["-y", "rtl", original], copies), ["-y", str(self.root / "out"), "-y", "rtl", copy])
        self.assertEqual(faults.originals([copy, "x.sv"], "sum", copies), sorted([original, "x.sv", str(self.root / "tests/faults/sum.patch")]))


if __name__ == "__main__":
    unittest.main()
