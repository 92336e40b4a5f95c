#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The generator refuses a wrong isa.json in a sentence, and docs/isa.md is what it writes.

usage: isa_generator.py
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import isa_model  # noqa: E402

GOOD = json.loads((ROOT / "isa/isa.json").read_text(encoding="utf-8"))


def field(isa, struct, name):
    return next(f for f in isa["structs"][struct]["fields"] if f["name"] == name)


def entry(isa, section, name):
    return next(e for e in isa[section] if e["name"] == name)


def set_to(value, *path):
    """A change of isa.json: the entry at a path gets a value; `path` names keys, list positions or entries."""
    def change(isa):
        at = isa
        for key in path[:-1]:
            at = at[key] if not isinstance(at, list) or isinstance(key, int) else next(e for e in at if e["name"] == key)
        at[path[-1]] = value
    return change


def twice(section, entry_name, **but):
    return lambda isa: isa[section].append({**copy.deepcopy(entry(isa, section, entry_name)), **but})


def shared(**but):
    """A header whose error code lies in the bits of the type, as long as a bit says so."""
    new = {"name": "code", "at": 38, "width": 4, "doc": "error", "shares": "dtype", "when": "failed", **but}

    def change(isa):
        isa["structs"]["hdr"]["fields"] += [{"name": "failed", "at": 65, "width": 1, "doc": "1: code stands in the place of dtype"},
                                            {k: v for k, v in new.items() if v is not None}]
    return change


REFUSALS = {                                                         # what is changed: (change, words of the sentence)
    "a field over another": (lambda isa: field(isa, "instr", "tag").update(at=15), ["tag", "flags", "holds already"]),
    "a field over the next": (lambda isa: field(isa, "hdr", "dst_y").update(width=9), ["src_x", "dst_y"]),
    "a field beyond its struct": (lambda isa: field(isa, "hdr", "addr").update(width=41), ["addr", "128 bits"]),
    "a struct too small": (set_to(512, "structs", "desc", "bits"), ["desc", "512 bits"]),
    "no whole words": (set_to(130, "structs", "hdr", "bits"), ["hdr", "32-bit words"]),
    "a field that shares bits of nothing": (shared(shares="type"), ["code", "type"]),
    "a field that shares more bits than there are": (shared(at=41), ["code", "inside of 'dtype'"]),
    "a field that shares bits without saying when": (shared(when="len"), ["code", "when"]),
    "a field over another that it does not name": (shared(shares=None), ["holds already"]),
    "a plain field too wide": (lambda isa: field(isa, "desc", "src_addr").update(at=700, width=65), ["src_addr", "64"]),
    "a field that stands twice": (lambda isa: field(isa, "desc", "op").update(name="fence"), ["fence", "twice"]),
    "an enumeration that does not exist": (lambda isa: field(isa, "instr", "opcode").update(enum="opcodes"), ["opcodes"]),
    "a field narrower than its codes": (lambda isa: field(isa, "instr", "br_cond").update(width=2), ["br_cond", "2 bits"]),
    "a struct that does not exist": (lambda isa: field(isa, "instr", "dst").update(struct="tile"), ["tile"]),
    "two opcodes of one code": (twice("opcodes", "MEMSET", name="FILL"), ["FILL", "MEMSET"]),
    "two opcodes of one name": (twice("opcodes", "MEMSET", code=60), ["MEMSET"]),
    "a code that does not fit": (twice("types", "RAW8", name="WIDE", code=1 << 20), ["WIDE", "bits"]),
    "an element of 24 bits": (set_to(24, "types", "BF16", "bits"), ["BF16", "24"]),
    "an unknown class of types": (set_to("complex", "types", "BF16", "class"), ["complex"]),
    "a float that is larger than its element": (set_to(9, "types", "BF16", "fraction"), ["BF16", "16 bits"]),
    "a float of 8 bits": (set_to(8, "types", "BF16", "bits"), ["BF16", "16 or 32"]),
    "an exponent beyond that of FP32": (lambda isa: entry(isa, "types", "BF16").update(exponent=9, fraction=6), ["BF16", "exponent"]),
    "a float without a format": (lambda isa: entry(isa, "types", "BF16").pop("fraction"), ["fraction"]),
    "an operator on nothing known": (set_to(["matrix"], "operators", "ADD", "on"), ["ADD", "matrix"]),
    "an engine that does not exist": (set_to(["GPU"], "opcodes", "MEMSET", "engines"), ["MEMSET", "GPU"]),
    "an unknown role": (set_to({"dst": "cube"}, "opcodes", "MEMSET", "operands"), ["MEMSET", "cube"]),
    "an unknown operand": (set_to({"src9": "tile"}, "opcodes", "MEMSET", "operands"), ["MEMSET", "src9"]),
    "an unknown type of a role": (set_to(["FP64"], "roles", "tile", "types"), ["tile", "FP64"]),
    "a type that the PE array does not know": (set_to(["BF16", "FP32"], "roles", "moving", "types"), ["moving", "FP32"]),
    "an unknown space of a role": (set_to(["CACHE"], "roles", "tile", "spaces"), ["tile", "CACHE"]),
    "operators in a field that is not used": (set_to({"alu1": "float"}, "opcodes", "TENSOR_REDUCE", "operators"), ["TENSOR_REDUCE", "alu1"]),
    "operators on nothing known": (set_to({"alu0": "matrix"}, "opcodes", "TENSOR_REDUCE", "operators"), ["TENSOR_REDUCE", "matrix"]),
    "a field that does not exist": (set_to(["npart"], "opcodes", "MEMSET", "fields"), ["npart"]),
    "bits that a field does not have": (set_to(["nparts[8]"], "opcodes", "MEMSET", "fields"), ["MEMSET", "nparts"]),
    "a condition on a bit that does not exist": (set_to(["imm0 if scalar_en[7]"], "opcodes", "MEMSET", "fields"), ["MEMSET", "scalar_en"]),
    "words that are not understood": (set_to(["imm0 when use_imm"], "opcodes", "MEMSET", "fields"), ["imm0 when use_imm"]),
    "a word for a field that is not used": (set_to(["alu0"], "opcodes", "MEMSET", "words"), ["MEMSET"]),
    "an error that does not exist": (set_to(["OOPS"], "opcodes", "MEMSET", "errors"), ["MEMSET", "OOPS"]),
    "two registers of one address": (twice("registers", "Q_BASE", name="Q_OTHER"), ["Q_OTHER", "Q_BASE"]),
    "a set of registers over another": (lambda isa: entry(isa, "register_blocks", "ENGINE").update(count=32), ["share the address"]),
    "a stride that is no power of two": (set_to(96, "register_blocks", "QUEUE", "stride"), ["QUEUE", "96"]),
    "a register of no block": (set_to("POOL", "registers", "ID", "block"), ["ID", "POOL"]),
    "an opcode without errors": (lambda isa: entry(isa, "opcodes", "NOP").pop("errors"), ["errors"]),
}


class Generator(unittest.TestCase):
    def run_on(self, isa, *words):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "isa.json"
            path.write_text(isa if isinstance(isa, str) else json.dumps(isa))
            return subprocess.run([sys.executable, ROOT / "scripts/gen_isa.py", path, *words], capture_output=True, text=True)

    def test_takes_the_file_of_the_tree(self):
        self.assertEqual(self.run_on(GOOD).returncode, 0)

    def test_refuses_in_a_sentence(self):
        for what, (change, words) in REFUSALS.items():
            with self.subTest(what):
                isa = copy.deepcopy(GOOD)
                change(isa)
                self.assertNotEqual(isa, GOOD)
                done = self.run_on(isa)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)

    def test_shared_and_coming_bits(self):
        """One place, two fields, by turns; what is not built yet has its place and must be zero."""
        data = copy.deepcopy(GOOD)
        shared()(data)
        data["structs"]["desc"]["fields"].append({"name": "chip", "at": 700, "width": 10, "doc": "chip", "coming": True})
        isa = isa_model.Isa(data)
        self.assertEqual(isa.pack("hdr", dtype=9), 9 << 38)
        self.assertEqual(isa.pack("hdr", dtype=9, code=5), 1 << 65 | 5 << 38)
        self.assertEqual(isa.pack("hdr", dtype=9, code=0), 9 << 38)
        self.assertEqual([isa.get("hdr", 1 << 65 | 5 << 38, n) for n in ("failed", "code")], [1, 5])
        self.assertEqual(isa.get("hdr", 5 << 38, "code"), 0)
        self.assertEqual(isa.put("hdr", 3 << 32 | 7, kind=1, dst_x=2), 1 << 32 | 2)
        self.assertIn("chip", [f.name for f in isa.structs["desc"] if f.reserved])
        with tempfile.TemporaryDirectory() as name:
            sv, hpp, md = (pathlib.Path(name) / f for f in ("a.sv", "a.hpp", "page"))
            self.assertEqual(self.run_on(data, "--sv", sv, "--hpp", hpp, "--md", md).returncode, 0)
            self.assertIn("hdr_set_code.failed = value != 4'd0;", sv.read_text())
            self.assertIn("(|i.chip)", sv.read_text())
            self.assertIn("if (code != 0) detail::put(w.data(), 65, 1, 1)", hpp.read_text())
            self.assertIn("| `chip` | not built yet, zero: chip |", md.read_text())

    def test_names_the_line_of_text_that_is_no_json(self):
        done = self.run_on('{\n "doc": \n}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("isa.json:3:", done.stderr)

    def test_page_is_up_to_date(self):
        with tempfile.TemporaryDirectory() as name:
            page = pathlib.Path(name) / "isa.md"
            self.assertEqual(self.run_on(GOOD, "--md", page).returncode, 0)
            self.assertEqual(page.read_text(encoding="utf-8"), (ROOT / "docs/isa.md").read_text(encoding="utf-8"),
                             "docs/isa.md is stale: scripts/gen_isa.py isa/isa.json --md docs/isa.md")


if __name__ == "__main__":
    unittest.main()
