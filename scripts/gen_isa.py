#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn isa/isa.json into the SystemVerilog package, the C++ header and the documentation page.

usage: gen_isa.py isa/isa.json [--sv tsr_isa_pkg.sv] [--hpp tsr_isa.hpp] [--md docs/isa.md]

isa_model.py reads and checks the file, isa_sv.py, isa_cpp.py and isa_page.py write. Exit code 1 and a sentence when the file is wrong.
"""

import argparse
import sys

import isa_model
from gen_common import Refused, write
from isa_cpp import Header
from isa_page import page
from isa_sv import Package

NOTE = "Generated from isa/isa.json by scripts/gen_isa.py; edit that file instead."


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("isa")
    parser.add_argument("--sv")
    parser.add_argument("--hpp")
    parser.add_argument("--md")
    args = parser.parse_args()
    try:
        isa = isa_model.load(args.isa)
    except Refused as fault:
        print(fault, file=sys.stderr)
        return 1
    for path, make in ((args.sv, lambda: Package(isa, NOTE).text()), (args.hpp, lambda: Header(isa, NOTE).text()), (args.md, lambda: page(isa, NOTE))):
        if path:
            write(path, make())
    return 0


if __name__ == "__main__":
    sys.exit(main())
