#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What isa/boundary.json may not say is refused with a sentence, and parts of committed files that are stale are found.

usage: boundary_test.py [CASE]
"""

import copy
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import boundary_cpp  # noqa: E402
import gen_boundary  # noqa: E402
import isa_model  # noqa: E402
from gen_common import Refused, cpp_record, layout, sv_struct  # noqa: E402

DATA = json.loads((ROOT / "isa/boundary.json").read_text())
ENGINES = isa_model.load().engines


def bundle(data, name):
    return next(b for b in data["bundles"] if b["name"] == name)


def port(data, of, name):
    return next(p for p in bundle(data, of)["ports"] if p["name"] == name)


class Case(unittest.TestCase):
    def refused(self, words, change):
        data = copy.deepcopy(DATA)
        change(data)
        with self.assertRaisesRegex(Refused, words):
            gen_boundary.Boundary(data, ENGINES)


class Structs(Case):
    def field(self, words, **changes):
        self.refused(words, lambda d: d["structs"]["rec"]["fields"][1].update(changes))

    def test_fields_overlap(self):
        self.field("field 'tag' of struct 'rec' begins at bit 7, which 'opcode' holds already", at=7)
        self.field("field 'start_cycle' of struct 'rec' begins at bit 24, which 'tag' holds already", width=17)

    def test_a_field_leaves_its_struct(self):
        self.field("field 'tag' of struct 'rec' ends at bit 152, but the struct has 152 bits", at=152, width=1)
        self.refused("field 'checksum' of struct 'rec' ends at bit 151, but the struct has 151 bits",
                     lambda d: d["structs"]["rec"].update(bits=151))

    def test_a_field_is_not_understood(self):
        self.field("field 'tag' of struct 'rec' has an unknown key 'bits'; the keys are at, ", bits=3)
        self.field("field 'opcode' of struct 'rec' stands twice", name="opcode")
        self.field("field 'tag' of struct 'rec' must be at least one bit wide", width=0)
        self.field("field 'Tag' of struct 'rec': a name is made of small letters", name="Tag")
        self.refused("field 'tag' of struct 'rec' has no 'width'", lambda d: d["structs"]["rec"]["fields"][1].pop("width"))

    def test_gaps_are_reserved(self):
        struct = {"bits": 12, "doc": "", "fields": [{"name": "a", "at": 1, "width": 2, "doc": ""}, {"name": "b", "at": 8, "width": 1, "doc": ""}]}
        lines = [" ".join(line.split("//")[0].split()) for line in sv_struct("s", struct)]
        self.assertEqual(lines, ["typedef struct packed {", "logic [2:0] rsv2;", "logic b;", "logic [4:0] rsv1;", "logic [1:0] a;",
                                 "logic [0:0] rsv0;", "} s_t;"])
        self.assertEqual([f["name"] for f in layout("s", struct)], ["a", "b"])

    def test_a_number_has_at_most_64_bits(self):
        struct = {"bits": 65, "doc": "", "fields": [{"name": "a", "at": 0, "width": 65, "doc": ""}]}
        with self.assertRaisesRegex(Refused, "field 'a' of struct 's' is wider than 64 bits"):
            cpp_record("s", struct)


class Ports(Case):
    def port(self, words, bundle_name, port_name, **changes):
        self.refused(words, lambda d: port(d, bundle_name, port_name).update(changes))

    def test_keys_and_values(self):
        self.port("port 'vc' of bundle 'link' has an unknown key 'signed'", "link", "vc", signed=1)
        self.port("port 'vc' of bundle 'link': 'kind' is 'data'; known are clock, ", "link", "vc", kind="data")
        self.port("port 'vc' of bundle 'link': 'dir' is 'inout'; known are in, out, both", "link", "vc", dir="inout")
        self.refused("bundle 'link' has an unknown key 'each'", lambda d: bundle(d, "link").update(each=4))
        self.refused("bundle 'link' is for each 'lane'; known are direction, engine, queue", lambda d: bundle(d, "link").update({"for": "lane"}))

    def test_widths(self):
        for width in ("8 * link_byte", "hbm_latency_cycles", "0", "8 +", ""):
            self.port(f"port 'data' of bundle 'link': its width '{width.replace('*', '.').replace('+', '.')}' names ", "link", "data", width=width)

    def test_names(self):
        self.port("port 'link_n_vc_i' stands in bundles 'link' and 'link'", "link", "head", name="vc", of="valid")
        self.port("port 'irq_o' stands in bundles 'tile' and 'tile'", "tile", "quiescent", name="irq")

    def test_payloads(self):
        self.port("there is no valid 'bready' in the bundle", "axi", "bid", of="bready")
        self.port("port 'bid' of bundle 'axi' and its valid 'arvalid' have different directions", "axi", "bid", of="arvalid")
        self.refused("a payload, and nothing else, is 'of' a valid", lambda d: port(d, "axi", "bid").pop("of"))

    def test_constants(self):
        self.port("port 'wstrb' of bundle 'host': 'tie' is 16, which 4 bits cannot hold", "host", "wstrb", tie=16)
        self.port("port 'awready' of bundle 'axi': 'idle' is 2, which 1 bits cannot hold", "axi", "awready", idle=2)
        self.port("port 'bready' of bundle 'axi': an output has no 'idle'", "axi", "bready", idle=1)

    def test_events(self):
        self.port("events 'credit' and 'flit' share the number 3", "link", "credit_valid", event=["credit", 3])
        self.port("events 'record' and 'aw' share the number 8", "record", "valid", event=["record", 8])


class Files(Case):
    def setUp(self):
        self.boundary = gen_boundary.load()

    def test_the_tree_is_up_to_date(self):
        self.assertEqual([name for name, _, _ in gen_boundary.stale(self.boundary)], [])

    def test_a_stale_part_is_found_and_renewed(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in gen_boundary.PARTS:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, root / name)
            tile = root / "rtl/top/tsr_tile.sv"
            good = tile.read_text()
            tile.write_text(good.replace("link_e_head_i,", "link_e_top_i,", 1))
            found = [*gen_boundary.stale(self.boundary, root)]
            self.assertEqual([(name, new) for name, _, new in found], [("rtl/top/tsr_tile.sv", good)])
            for part, words in (("begin generated: port ", "part 'port' is unknown"), ("", "there is no part 'ports'")):
                tile.write_text(good.replace("begin generated: ports ", part, 1).replace("// end generated", "//" if not part else "// end generated", 1))
                with self.assertRaisesRegex(Refused, words):
                    [*gen_boundary.stale(self.boundary, root)]

    def test_another_port_reaches_everything(self):
        """One line more in the description is one more port of the tile and of the mesh, of the C++ and of the page."""
        data = copy.deepcopy(DATA)
        bundle(data, "link")["ports"].append({"name": "lateral", "dir": "both", "kind": "payload", "of": "valid", "doc": "more"})
        bundle(data, "axi")["ports"].append({"name": "awlateral", "dir": "out", "kind": "payload", "of": "awvalid", "doc": "more"})
        new = gen_boundary.Boundary(data, ENGINES)
        for name in gen_boundary.PARTS.keys() - {"rtl/pkg/tsr_types_pkg.sv"}:     # no ports there
            old_text = (ROOT / name).read_text()
            text = gen_boundary.renewed(name, old_text, new)
            self.assertTrue("lateral" in text and "lateral" not in old_text, name)
        self.assertEqual(boundary_cpp.header(new).count("std::uint8_t lateral = 0;"), 1)
        self.assertIn("io.set(top.link_w_lateral_i, 1, in.link[3].flit->lateral);", boundary_cpp.header(new))


if __name__ == "__main__":
    unittest.main()
