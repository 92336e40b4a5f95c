#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure what the C++ harness adds to a raw loop, and how it compares with cocotb.

usage: ./tessera bench harness [--json FILE] [--build DIR] [--quick]

Keys of the JSON object:
  task_instr       added host instructions per resumed task with one read and one write (callgrind)
  clock_instr      added host instructions per clock that do not depend on the number of tasks (callgrind)
  raw_fraction_8   speed with 8 tasks over the speed of the raw loop, larger model (wall clock, best of five, interleaved)
  raw_fraction_64  the same with 64 tasks
  times_cocotb     speed over cocotb 2.1.0 with the same 8 tasks, smaller model
The raw loop makes the same port accesses and evaluations on the same archive. The models cost 3,000 and 11,000 host
instructions per clock of the raw loop; small_instr and large_instr say what was measured. They are chains of operations that
keep the host at 2.2 to 2.6 instructions per cycle, where it is in a tile of this project: a model of independent operations
would finish its instructions sooner, and the same harness would look worse beside it.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import bench_build  # noqa: E402
import bench_run  # noqa: E402
import harness_model  # noqa: E402
from harness_model import ROOT, Problem  # noqa: E402

HERE = ROOT / "tests/bench/harness"
MODELS = {"small": 43, "large": 213}  # cells, pinned


def build_model(build, name, cells):
    out = pathlib.Path(build).resolve() / "bench" / f"harness_{name}_{cells}"
    with bench_build.locked(out):
        if bench_build.out_of_date(out, out / "libmodel.a"):
            harness_model.build_model(harness_model.make_parser().parse_args(
                ["--out", str(out), "--top", "bench_dut", "--param", f"Cells={cells}", "--march", "x86-64-v3", "--lenient",
                 str(HERE / "bench_dut.sv")]))
            (out / "top.txt").write_text("bench_dut\n")
        tasks = bench_build.link_cpp(out, build, [str(HERE / "test_tasks.cpp")], "")
        raw = out / "raw_loop"
        runtime = pathlib.Path(build) / "harness/libtessera_vpi_runtime.a"
        if not bench_build.newer(raw, [out / "libmodel.a", HERE / "raw_loop.cpp", runtime]):
            _, root = harness_model.find_verilator()
            bench_build.run_tool(["g++", "-std=c++20", "-O2", "-w", f"-I{out}/model", f"-I{root}/include", f"-I{root}/include/vltstd",
                                str(HERE / "raw_loop.cpp"), "-o", str(raw), str(out / "libmodel.a"), str(runtime), "-llz4", "-lz",
                                "-lpthread"], "linking the raw loop")
        cocotb = bench_build.link_python(out, build, "bench_dut")
    return {"out": out, "tasks": tasks, "raw": raw, "cocotb": cocotb}


def command(model, leg, tasks, clocks):
    if leg == "raw":
        return [str(model["raw"]), str(tasks), str(clocks)], dict(os.environ)
    if leg == "harness":
        return [str(model["tasks"]), f"+tasks={tasks}", f"+clocks={clocks}"], {**os.environ, "COCOTB_RESULTS_FILE": os.devnull,
                                                                             "TESSERA_WALL_LIMIT": "3600"}
    args = bench_run.make_parser().parse_args(["--py", str(HERE / "test_tasks.py"), "--wall-limit", "3600"])
    env = bench_run.python_environment(args, model["out"], "bench_dut", [str(HERE / "test_tasks.py")])
    env["PYGPI_USERS"] = "cocotb.logging:_configure,cocotb._init:init_package_from_simulation,cocotb.regression:_run_regression"
    env["COCOTB_RESULTS_FILE"] = str(model["out"] / "bench.xml")
    return [str(model["cocotb"]), f"+tasks={tasks}", f"+clocks={clocks}"], env


def instructions(model, leg, tasks, clocks):
    line, env = command(model, leg, tasks, clocks)
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *line], env=env, capture_output=True,
                          text=True)
    match = re.search(r"Collected : (\d+)", done.stderr)
    if not match:
        raise Problem(f"callgrind counted nothing:\n{done.stdout}{done.stderr}")
    return int(match[1])


def per_clock(model, leg, tasks, short=500, long=2500):
    """Instructions of one clock: the difference of two runs has no start-up in it."""
    return (instructions(model, leg, tasks, long) - instructions(model, leg, tasks, short)) / (long - short)


def seconds(model, leg, tasks, clocks):
    line, env = command(model, leg, tasks, clocks)
    begin = time.perf_counter()
    done = subprocess.run(line, env=env, capture_output=True, text=True)
    end = time.perf_counter()
    if "SUM" not in done.stdout:
        raise Problem(f"{leg} did not finish:\n{done.stdout}{done.stderr}")
    return end - begin


def rates(model, legs, clocks, rounds):
    """Clocks per second of each leg, best of `rounds`, legs in turn; a run of one clock is taken off."""
    best = {}
    for leg, tasks in legs:
        best[leg, tasks] = [float("inf"), min(seconds(model, leg, tasks, 1) for _ in range(2))]
    for _ in range(rounds):
        for leg, tasks in legs:
            used = seconds(model, leg, tasks, clocks[leg]) - best[leg, tasks][1]
            best[leg, tasks][0] = min(best[leg, tasks][0], used)
    return {key: clocks[key[0]] / used for key, (used, _) in best.items()}


def main():
    parser = argparse.ArgumentParser(prog="./tessera bench harness", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", default="", metavar="FILE")
    parser.add_argument("--build", default=str(ROOT / "build/release"), metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="instruction counts only")
    args = parser.parse_args()
    try:
        bench_build.ensure_libraries(args.build)
        models = {name: build_model(args.build, name, cells) for name, cells in MODELS.items()}
        large, small = models["large"], models["small"]
        # One and eight tasks: each writes a port of its own, so that every write costs what it costs.
        counts = {(leg, t): per_clock(large, leg, t) for leg in ("raw", "harness") for t in (1, 8)}
        added = {t: counts["harness", t] - counts["raw", t] for t in (1, 8)}
        task = (added[8] - added[1]) / 7
        report = {"task_instr": round(task, 1), "clock_instr": round(added[1] - task, 1)}
        report["small_instr"] = round(per_clock(small, "raw", 8))
        report["large_instr"] = round(counts["raw", 8])
        if not args.quick:
            clocks = {"raw": 200_000, "harness": 200_000, "cocotb": 10_000}
            fast = rates(large, [("raw", 8), ("harness", 8), ("raw", 64), ("harness", 64)], clocks, 5)
            report["raw_fraction_8"] = round(fast["harness", 8] / fast["raw", 8], 3)
            report["raw_fraction_64"] = round(fast["harness", 64] / fast["raw", 64], 3)
            slow = rates(small, [("harness", 8), ("cocotb", 8)], clocks, 5)
            report["times_cocotb"] = round(slow["harness", 8] / slow["cocotb", 8], 1)
            report["harness_clocks_per_second"] = round(slow["harness", 8])
            report["cocotb_clocks_per_second"] = round(slow["cocotb", 8])
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    for key, value in report.items():
        print(f"{key:28} {value}")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
