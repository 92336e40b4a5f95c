#!/usr/bin/env python3
"""scripts/check_layers.py finds a wrong arrow, a circle and a stale page, and nothing in the tree as it is.

usage: layers_test.py
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import check_layers  # noqa: E402


class Layers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.put("rtl/rtl.f", "")
        self.page = (ROOT / check_layers.PAGE).read_text(encoding="utf-8")
        self.put(check_layers.PAGE, self.page)

    def tearDown(self):
        self.folder.cleanup()

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def check(self, root):
        done = subprocess.run([sys.executable, ROOT / "scripts/check_layers.py", root], capture_output=True, text=True)
        return done.returncode, done.stdout

    def test_the_tree_is_in_order(self):
        self.assertEqual(self.check(ROOT), (0, "0 wrong arrows\n"))

    def test_a_small_tree_is_in_order(self):
        self.put("golden/a.hpp", '#include "base/config.hpp"\n#include "isa/image.hpp"\n')
        self.assertEqual(self.check(self.root), (0, "0 wrong arrows\n"))

    def test_arrows_that_point_up(self):
        for folder, other in (("base", "isa"), ("isa", "golden"), ("golden", "sim"), ("kernels", "golden"), ("sim", "workloads")):
            self.put(f"{folder}/wrong.cpp", f'// first line\n#include "{other}/x.hpp"\n')
            status, text = self.check(self.root)
            self.assertEqual(status, 1)
            self.assertIn(f"{folder}/wrong.cpp:2: {folder} may not include {other}\n", text)
            (self.root / f"{folder}/wrong.cpp").unlink()

    def test_an_arrow_of_the_rtl(self):
        self.put("rtl/rtl.f", "rtl/top/tsr_up.sv\nrtl/prim/tsr_low.sv\n")
        self.put("rtl/top/tsr_up.sv", "module tsr_up;\nendmodule\n")
        self.put("rtl/prim/tsr_low.sv", "module tsr_low;\n  tsr_up u_up ();\nendmodule\n")
        self.assertIn("prim may not use tsr_up of top", self.check(self.root)[1])

    def test_a_circle(self):
        self.assertEqual(list(check_layers.circles({"a": ("", set()), "b": ("", {"a"})})), [])
        self.assertEqual(len(list(check_layers.circles({"a": ("", {"b"}), "b": ("", {"a"})}))), 1)

    def test_a_stale_page(self):
        for row in ("| `isa` |", "| `noc` |"):
            self.put(check_layers.PAGE, self.page.replace(row, row + " also"))
            status, text = self.check(self.root)
            self.assertEqual(status, 1)
            self.assertIn("a table of folders", text)


if __name__ == "__main__":
    unittest.main()
