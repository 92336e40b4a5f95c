#!/usr/bin/env python3
"""Check that the layers of the house point one way.

usage: check_layers.py [ROOT]     exit code 1 and one line per wrong arrow

C++: a file of a folder may include only its own folder and the folders named below.
RTL: a module of a folder may instantiate or import only from its own folder and those named below.
"""

import pathlib
import re
import sys

CPP = {
    "golden": {"isa"},
    "isa": {"golden"},
    "sim": {"golden", "isa"},
    "kernels": {"golden", "isa"},
    "harness": {"sim", "golden", "isa"},
    "workloads": {"kernels", "harness", "sim", "golden", "isa"},
    "cli": {"workloads", "kernels", "harness", "sim", "golden", "isa"},
}
RTL = {
    "pkg": set(),
    "prim": {"pkg"},
    "fp": {"pkg", "prim"},
    "mem": {"pkg", "prim", "fp"},
    "noc": {"pkg", "prim"},
    "serve": {"pkg", "prim", "fp", "mem"},
    "dma": {"pkg", "prim", "fp", "mem"},
    "lane": {"pkg", "prim", "fp", "mem"},
    "tensor": {"pkg", "prim", "fp", "mem"},
    "vector": {"pkg", "prim", "fp", "lane"},
    "scalar": {"pkg", "prim", "fp", "lane"},
    "pool": {"pkg", "prim", "fp", "lane"},
    "ctrl": {"pkg", "prim"},
}
RTL["top"] = set(RTL)


def cpp_arrows(root):
    for folder, allowed in CPP.items():
        for path in sorted((root / folder).rglob("*.[hc]pp")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = re.match(r'\s*#include "([a-z]+)/', line)
                if match and match[1] in CPP and match[1] != folder and match[1] not in allowed:
                    yield f"{path.relative_to(root)}:{number}: {folder} may not include {match[1]}"


def rtl_arrows(root):
    home = {path.stem: path.parent.name for path in (root / "rtl").rglob("*.sv")}
    for path in sorted((root / "rtl").rglob("*.sv")):
        folder = path.parent.name
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        for name in sorted(set(re.findall(r"\btsr_[a-z0-9_]+\b", text))):
            owner = home.get(name)
            if owner and owner != folder and owner not in RTL[folder]:
                yield f"{path.relative_to(root)}: {folder} may not use {name} of {owner}"


def listed(root):
    """The one file list names every RTL file exactly once."""
    names = [line.strip() for line in (root / "rtl/rtl.f").read_text(encoding="utf-8").splitlines()]
    names = [name for name in names if name and not name.startswith("//")]
    files = {str(path.relative_to(root)) for path in (root / "rtl").rglob("*.sv")}
    for name in sorted(set(names) - files):
        yield f"rtl/rtl.f: {name} does not exist"
    for name in sorted(files - set(names)):
        yield f"rtl/rtl.f: {name} is missing"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"rtl/rtl.f: {name} stands twice"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    wrong = [*cpp_arrows(root), *rtl_arrows(root), *listed(root)]
    for line in wrong:
        print(line)
    print(f"{len(wrong)} wrong arrows")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
