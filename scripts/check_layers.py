#!/usr/bin/env python3
"""Check that the layers of the house point one way.

usage: check_layers.py [ROOT]     exit code 1 and one line per wrong arrow
       check_layers.py --write    puts the tables of folders into docs/architecture.md

C++: a file of a folder may include only its own folder and the folders named below. There is no circle.
RTL: a module of a folder may instantiate or import only from its own folder and those named below.
"""

import pathlib
import re
import sys

PAGE = "docs/architecture.md"

# Folder: what it holds, what it may use. In rising order: a folder uses only those before it.
CPP = {
    "base": ("configurations, `.npy` files, casts, sparse memory, random numbers, texts", set()),
    "isa": ("the instruction-set source, program images and their builder, assembler", {"base"}),
    "golden": ("bit-exact functional model", {"base", "isa"}),
    "sim": ("Verilated tile, HBM, links, host, cluster, waves", {"base", "isa"}),
    "kernels": ("programs of matmul and collectives", {"base", "isa"}),
    "harness": ("benches in cocotb's words, bus models, tasks on tiles of a cluster", {"base", "isa", "golden", "sim"}),
    "workloads": (
        "jobs: data, programs, runs, comparison, measures",
        {"base", "isa", "golden", "sim", "kernels", "harness"},
    ),
    "cli": ("the `tessera` program", {"base", "isa", "golden", "sim", "kernels", "harness", "workloads"}),
}
RTL = {
    "pkg": ("types, widths and small functions of every block", set()),
    "prim": ("FIFO, skid, arbiter, RAM, packet buffer, access-pattern walk", {"pkg"}),
    "fp": ("floating-point arithmetic as functions", {"pkg", "prim"}),
    "mem": ("SBUF and PSUM", {"pkg", "prim", "fp"}),
    "noc": ("network interface and router", {"pkg", "prim"}),
    "serve": ("what answers requests: fabric, read and write server, HBM port", {"pkg", "prim", "fp", "mem"}),
    "dma": ("the DMA initiator: rings, descriptors, segments, casts", {"pkg", "prim", "fp", "mem"}),
    "lane": ("what the lane engines share: control, operand registers, write-back", {"pkg", "prim", "fp", "mem"}),
    "tensor": ("PE", {"pkg", "prim", "fp", "mem"}),
    "vector": ("DVE", {"pkg", "prim", "fp", "lane"}),
    "scalar": ("ACT", {"pkg", "prim", "fp", "lane"}),
    "ctrl": ("instruction fetch, sequencers, semaphores, control registers", {"pkg", "prim"}),
}
RTL["top"] = ("wiring: core, tile, link, mesh", set(RTL))


def cpp_arrows(root):
    for folder, (_, allowed) in CPP.items():
        for path in sorted((root / folder).rglob("*.[hc]pp")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = re.match(r'\s*#include "([a-z]+)/', line)
                if match and match[1] in CPP and match[1] != folder and match[1] not in allowed:
                    yield f"{path.relative_to(root)}:{number}: {folder} may not include {match[1]}"


def circles(layers):
    """Folders are listed in rising order, so an arrow to a later one may close a circle."""
    seen = set()
    for folder, (_, allowed) in layers.items():
        for other in sorted(allowed - seen):
            yield f"check_layers.py: {folder} stands below {other} and may not use it"
        seen.add(folder)


def table(layers):
    lines = ["| folder | holds | may use |", "|---|---|---|"]
    for folder, (holds, allowed) in layers.items():
        below = [name for name in layers if name in allowed]
        everything = len(below) > 1 and below == list(layers)[: list(layers).index(folder)]
        lines.append(f"| `{folder}` | {holds} | {'all above' if everything else ', '.join(below) or 'nothing'} |")
    return "\n".join(lines) + "\n"


def renewed(text):
    """The page with both tables as they stand here."""
    for name, layers in (("C++", CPP), ("RTL", RTL)):
        begin, end = f"<!-- {name}: made by scripts/check_layers.py --write -->\n", f"<!-- end of {name} -->\n"
        first, last = text.index(begin) + len(begin), text.index(end)
        text = text[:first] + table(layers) + text[last:]
    return text


def stale(root):
    text = (root / PAGE).read_text(encoding="utf-8")
    if text != renewed(text):
        yield f"{PAGE}: a table of folders is not what check_layers.py says; run check_layers.py --write"


def rtl_arrows(root):
    home = {path.stem: path.parent.name for path in (root / "rtl").rglob("*.sv")}
    for path in sorted((root / "rtl").rglob("*.sv")):
        folder = path.parent.name
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        for name in sorted(set(re.findall(r"\btsr_[a-z0-9_]+\b", text))):
            owner = home.get(name)
            if owner and owner != folder and owner not in RTL[folder][1]:
                yield f"{path.relative_to(root)}: {folder} may not use {name} of {owner}"


def listed(root):
    """The one file list names every RTL file exactly once."""
    names = [line.strip() for line in (root / "rtl/rtl.f").read_text(encoding="utf-8").splitlines()]
    names = [name for name in names if name and not name.startswith(("//", "+incdir+"))]
    files = {str(path.relative_to(root)) for path in (root / "rtl").rglob("*.sv")}
    for name in sorted(set(names) - files):
        yield f"rtl/rtl.f: {name} does not exist"
    for name in sorted(files - set(names)):
        yield f"rtl/rtl.f: {name} is missing"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"rtl/rtl.f: {name} stands twice"


def main():
    if sys.argv[1:] == ["--write"]:
        root = pathlib.Path(__file__).resolve().parent.parent
        (root / PAGE).write_text(renewed((root / PAGE).read_text(encoding="utf-8")), encoding="utf-8")
        return 0
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    wrong = [*circles(CPP), *circles(RTL), *cpp_arrows(root), *rtl_arrows(root), *listed(root), *stale(root)]
    for line in wrong:
        print(line)
    print(f"{len(wrong)} wrong arrows")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
