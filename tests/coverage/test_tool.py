#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/coverage.py: merging of both worlds, exit codes, messages.  usage: test_tool.py"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLAN = "bin,block,world,meaning\nlen.one,x,bench,one\nlen.two,x,bench,two\nm_cover.A_C,x,rtl,a\n"


def line(page, name, hits):
    return f"C '\1f\2file\1l\0021\1t\2user\1page\2{page}\1o\2{name}' {hits}\n"


def database(one=0, two=0, a=0, more=""):
    return ("# SystemC::Coverage-3\n" + line("sp_user/len", "one", one) + line("sp_user/len", "two", two) +
            line("v_user/m_cover", "A_C", a) + more)


class Tool(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        (self.folder / "plan.csv").write_text(PLAN)

    def run_tool(self, files, *arguments, code=0):
        for name, text in files.items():
            path = self.folder / "d" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, str(ROOT / "scripts/coverage.py"), "--plan", str(self.folder / "plan.csv"),
                               *(arguments or [str(self.folder / "d")])], capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_both_worlds_are_one_sum(self):
        files = {"cpp.t.1.dat": database(one=2), "py.t.1.dat": database(two=3, a=5), "cpp.t.2.dat": database(one=1)}
        out = self.run_tool(files, str(self.folder / "d"), "--json", str(self.folder / "o.json"), "--merged", str(self.folder / "o.dat"))
        bins = json.loads((self.folder / "o.json").read_text())["bins"]
        self.assertEqual((bins["len.one"]["cpp"], bins["len.one"]["py"], bins["len.one"]["hit"], bins["len.one"]["missed"]), (3, 0, 2, 1))
        self.assertEqual((bins["m_cover.A_C"]["cpp"], bins["m_cover.A_C"]["py"]), (0, 5))
        self.assertIn("3 bins, 3 hit, 0 missed, 0 errors, 3 databases", out)
        # What was merged can be merged again.
        again = self.run_tool({}, str(self.folder / "o.dat"), "--json", str(self.folder / "p.json"))
        self.assertIn("3 bins, 3 hit", again)
        self.assertEqual(json.loads((self.folder / "p.json").read_text())["bins"]["len.one"]["cpp"], 3)

    def test_without_a_plan_the_databases_are_their_own(self):
        self.run_tool({"cpp.t.1.dat": database(one=2)}, code=1)
        done = subprocess.run([sys.executable, str(ROOT / "scripts/coverage.py"), str(self.folder / "d")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("MISSED: len.two: declared by the bench", done.stdout)
        self.assertIn("3 bins, 1 hit, 2 missed, 0 errors, 1 databases", done.stdout)

    def test_databases_without_a_bin(self):
        text = "# SystemC::Coverage-3\n"
        for arguments in ([], ["--missable"], ["--plan", str(self.folder / "plan.csv")]):
            self.run_tool({"cpp.t.1.dat": text, "py.t.1.dat": text}, code=2)
            done = subprocess.run([sys.executable, str(ROOT / "scripts/coverage.py"), str(self.folder / "d"), *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertRegex(done.stderr, r"^the 2 databases hold no bin; [^\n]*\n$")

    def test_instances_count_together(self):
        more = line("v_user/m_cover", "A_C\1h\2top.u_1", 4) + line("v_user/m_cover", "A_C\1h\2top.u_2", 2)
        self.run_tool({"cpp.t.1.dat": database(1, 1, 0, more)}, str(self.folder / "d"), "--json", str(self.folder / "o.json"))
        self.assertEqual(json.loads((self.folder / "o.json").read_text())["bins"]["m_cover.A_C"]["cpp"], 6)

    def test_every_single_bin_can_be_missed(self):
        for at, name in enumerate(("len.one", "len.two", "m_cover.A_C")):
            hits = [1, 1, 1]
            hits[at] = 0
            out = self.run_tool({"cpp.t.1.dat": database(*hits), "py.t.1.dat": database(*hits)}, code=1)
            self.assertIn(f"MISSED: {name}", out)
            self.assertEqual(out.count("MISSED"), 1)

    def test_unknown_bin(self):
        out = self.run_tool({"cpp.t.1.dat": database(1, 1, 1, line("sp_user/len", "three", 1))}, code=2)
        self.assertIn("ERROR: len.three is not in the plan", out)

    def test_bin_in_no_database(self):
        text = "# SystemC::Coverage-3\n" + line("sp_user/len", "one", 1) + line("sp_user/len", "two", 1)
        self.assertIn("m_cover.A_C of the plan is in no database", self.run_tool({"cpp.t.1.dat": text}, code=2))

    def test_wrong_world(self):
        text = database(1, 1, 1).replace("v_user", "sp_user")
        self.assertIn("world", self.run_tool({"cpp.t.1.dat": text}, code=2))

    def test_block(self):
        (self.folder / "plan.csv").write_text(PLAN + "other.a,y,bench,of another block\n")
        files = {"cpp.t.1.dat": database(1, 1, 1)}
        self.assertIn("other.a of the plan is in no database", self.run_tool(files, code=2))
        self.assertIn("3 bins, 3 hit", self.run_tool({}, str(self.folder / "d"), "--block", "x"))
        self.assertIn("no block z", self.run_tool({}, str(self.folder / "d"), "--block", "z", code=2))

    def test_missable(self):
        folder = str(self.folder / "d")
        self.assertIn("ALWAYS HIT: len.one", self.run_tool({"cpp.t.1.dat": database(1, 1, 1), "cpp.t.2.dat": database(1, 0, 0)},
                                                           folder, "--missable", code=1))
        self.run_tool({"cpp.t.2.dat": database(0, 0, 0)}, folder, "--missable")

    def test_same(self):
        self.run_tool({"a/cpp.t.1.dat": database(1, 2, 3), "b/py.t.1.dat": database(1, 2, 3)}, "--same", str(self.folder / "d/a"),
                      str(self.folder / "d/b"))
        out = self.run_tool({"b/py.t.1.dat": database(1, 2, 4)}, "--same", str(self.folder / "d/a"), str(self.folder / "d/b"), code=1)
        self.assertIn("DIFFERENT: m_cover.A_C: 3 in", out)

    def test_bad_files(self):
        self.assertIn("no coverage database", self.run_tool({"cpp.t.1.dat": "hello\n"}, code=2))
        self.assertIn(":2:", self.run_tool({"cpp.t.1.dat": "# SystemC::Coverage-3\nrubbish\n"}, code=2))
        self.assertIn("there is no", self.run_tool({}, str(self.folder / "nowhere"), code=2))
        (self.folder / "empty").mkdir()
        self.assertIn("no database in", self.run_tool({}, str(self.folder / "empty"), code=2))

    def test_bad_plans(self):
        for text, complaint in ((PLAN + "len.one,x,bench,again\n", "twice"), (PLAN + "len.x,x,python,y\n", "'python'"),
                                ("bin,block\na,b\n", "wanted are"), ("bin,block,world,meaning\n", "empty")):
            (self.folder / "plan.csv").write_text(text)
            self.assertIn(complaint, self.run_tool({"cpp.t.1.dat": database(1, 1, 1)}, code=2))


if __name__ == "__main__":
    unittest.main()
