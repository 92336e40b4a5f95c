#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""List the members of a Verilated root class that hold state or settled nets, for `--skip check`.

usage: state_members.py ROOT_HEADER OUTPUT

Left out: ports, nets of the tile that only pack its inputs (readys among them, which may do what they want while a tile is
skipped), and what the tool needs only while it evaluates (names with __V, locals of unnamed blocks).
Each line of OUTPUT is TSR_STATE(member).
"""

import pathlib
import re
import sys

MEMBER = re.compile(r"^\s*(?:[CSIQ]Data|VlWide<\d+>|VlUnpacked<.*>)\s*(?:/\*[-\d:]+\*/)?\s*(\w+);")
PACKED = re.compile(r"tsr_tile__DOT__(hbm_axi_rsp|host_axil_req)$")
TEMPORARY = re.compile(r"__V(?!cell)|unnamedblk")


def main():
    header, output = map(pathlib.Path, sys.argv[1:])
    names = [m[1] for line in header.read_text(encoding="utf-8").splitlines() if (m := MEMBER.match(line))]
    names = [name for name in names if not TEMPORARY.search(name) and not PACKED.search(name) and not name.startswith("clk_i")]
    if not names:
        raise SystemExit(f"{header}: no members found")
    output.write_text("".join(f"TSR_STATE({name})\n" for name in names), encoding="utf-8")


if __name__ == "__main__":
    main()
