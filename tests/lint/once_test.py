#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_once.py passes on the tree and finds each planted second copy, ports beyond 40 and a net with two names.

usage: once_test.py
"""

import json
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import check_once  # noqa: E402

# Fact: the file that gets the second copy, and what stands in it.
PLANTED = {
    "boundary": ("sim/copy.hpp", "struct Address {\n  bool awvalid;\n  unsigned awaddr;\n  unsigned awlen;\n  unsigned awid;\n  bool awready;\n};\n"),
    "record": ("tests/copy.py", "def checksum(record):\n    return record >> 120\n"),
    "opcode list": ("cli/copy.cpp", 'const char* names[] = {"nop", "movi", "alu", "br",\n                       "doorbell", "drain", "halt"};\n'),
    "element sizes": ("kernels/copy.cpp", "unsigned bytes(isa::Dtype type) { return type == isa::Dtype::kBf16 ? 2 : 4; }\n"),
    "register addresses": ("tests/copy.hpp", "constexpr unsigned kQueue = 0x400, kQueueStride = 0x40;\n"),
    "engines": ("scripts/copy.py", 'NAMES = ["PE", "ACT", "DVE", "POOL", "SP"]\n'),
    "bits of structs": ("rtl/noc/tsr_copy.sv", "module tsr_copy (\n  input logic [127:0] hdr_i,\n  output logic [7:0] x_o\n);\n  assign x_o = hdr_i[23:16];\nendmodule\n"),
    "bits of IRQ": ("golden/copy.cpp", "bool failed(unsigned irq, unsigned q) { return irq >> (8 + q) & 1; }\n"),
    "ports of a module": ("rtl/dma/tsr_wide.sv", "module tsr_wide (\n" + ",\n".join(f"  input logic a{n}_i" for n in range(41)) + "\n);\nendmodule\n"),
    "names of nets": ("rtl/dma/tsr_outer.sv", "module tsr_inner (\n  input place_t place_i\n);\nendmodule\n\nmodule tsr_outer (\n  input place_t where_i\n);\n"
                      "  tsr_inner u_inner (.place_i(where_i));\nendmodule\n"),
}


class Once(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        for folder in check_once.FOLDERS:
            shutil.copytree(ROOT / folder, cls.root / folder, ignore=shutil.ignore_patterns("__pycache__", "*.tsa", "*.npy"))
        cls.facts = check_once.once_facts.facts(cls.root)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def planted(self, name, text):
        """What is found in a file with this text; the rest of the tree has nothing but exceptions."""
        path = self.root / name
        path.write_text(text, encoding="utf-8")
        try:
            files = [source for source in check_once.sources(self.root) if source.name in (name, "rtl/pkg/tsr_if_pkg.sv")]
            return check_once.hits(self.facts, files)
        finally:
            path.unlink()

    def test_the_tree_has_no_second_copy(self):
        found, counts = check_once.check(self.root)
        self.assertEqual([str(f) for f in found], [])
        self.assertEqual(set(counts), set(PLANTED))

    def test_every_planted_copy_is_found(self):
        for fact, (name, text) in PLANTED.items():
            with self.subTest(fact):
                found = self.planted(name, text)
                self.assertEqual({(f.fact, f.file) for f in found}, {(fact, name)}, [str(f) for f in found])
                self.assertRegex(str(found[0]), rf"^{name}:\d+: .+: .+")

    def test_what_is_generated_or_said_is_no_copy(self):
        _, text = PLANTED["record"]
        self.assertEqual(self.planted("tests/copy.py", "# Generated from isa/boundary.json by a script.\n" + text), [])
        _, text = PLANTED["bits of structs"]
        self.assertEqual(self.planted("rtl/noc/tsr_copy.sv", text.replace("assign", "// assign")), [])

    def test_an_exception_needs_a_reason_and_a_use(self):
        path = self.root / check_once.EXCEPTIONS
        good = path.read_text(encoding="utf-8")
        try:
            for more, sentence in (({"fact": "engines", "file": "cli/none.cpp", "reason": "nobody knows why any more"}, "remove it"),
                                   ({"fact": "engines", "file": "cli/none.cpp", "reason": "because"}, None)):
                data = json.loads(good)
                data["exceptions"].append(more)
                path.write_text(json.dumps(data), encoding="utf-8")
                if sentence:
                    self.assertIn(sentence, str(check_once.check(self.root)[0][0]))
                else:
                    with self.assertRaises(SystemExit):
                        check_once.check(self.root)
        finally:
            path.write_text(good, encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
