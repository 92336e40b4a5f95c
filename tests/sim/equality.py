#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mesh elaborated as one design against stitched tiles, from the command line: one signature for every way to run a job.

usage: equality.py --tessera PROGRAM            every case, at least 40,000 tile-cycles each
       equality.py --tessera PROGRAM --full     every case, at least 1,000,000 tile-cycles each
       equality.py ... --mesh p4_4x4 --job traffic --latency 7 --threads 3     some of them

Cases: 2x2 p8 and 4x4 p4; matmul, all-reduce, random traffic with computing; link latency 1, 2, 7. Each runs once with
--backend monolithic; stitched it runs with 1, 2 and 3 threads, each with --skip on and off, and once with --skip check.
All must agree in signature, cycles and link flits, and every result equals the golden model.
"""

import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
MESHES, JOBS, LATENCIES, THREADS, SKIPS = ["p8_2x2", "p4_4x4"], ["matmul", "all-reduce", "traffic"], [1, 2, 7], [1, 2, 3], ["on", "off"]
SAME = ["signature", "cycles", "tile_cycles", "link_flits", "bit_exact"]
# Sizes that take the tile-cycles at link latency 1, the fastest: (M, K, N), elements per rank, (descriptors, rounds).
SIZES = {
    ("p8_2x2", False): {"matmul": (30, 60, 160), "all-reduce": 5500, "traffic": (8, 16)},
    ("p4_4x4", False): {"matmul": (13, 40, 33), "all-reduce": 150, "traffic": (1, 3)},
    ("p8_2x2", True): {"matmul": (140, 290, 500), "all-reduce": 140000, "traffic": (200, 400)},
    ("p4_4x4", True): {"matmul": (80, 200, 240), "all-reduce": 28000, "traffic": (29, 80)},
}
ENOUGH = {False: 40_000, True: 1_000_000}


def prepare(folder, mesh, full, seed):
    """{job: words of the command line} for the mesh; writes the data into the folder."""
    rng = np.random.default_rng(seed)
    size = SIZES[mesh, full]
    config, shape = mesh.split("_")
    width, height = map(int, shape.split("x"))
    m, k, n = size["matmul"]
    files = {name: folder / f"{mesh}_{name}" for name in ("a.npy", "b.npy", "x.npy", "t.tsa")}
    np.save(files["a.npy"], rng.standard_normal((m, k)).astype(np.float32))
    np.save(files["b.npy"], rng.standard_normal((k, n)).astype(np.float32))
    np.save(files["x.npy"], rng.standard_normal((width * height, size["all-reduce"])).astype(np.float32))
    count, rounds = size["traffic"]
    with files["t.tsa"].open("w") as file:
        subprocess.run([sys.executable, ROOT / "examples/random_traffic.py", "--mesh", shape, "--seed", str(seed), "--count", str(count),
                        "--compute", str(rounds)], stdout=file, check=True)
    where = ["--config", config, "--mesh", shape]
    return {
        "matmul": ["matmul", "--a", files["a.npy"], "--b", files["b.npy"], "--out", "c.npy", "--shard", "k", *where],
        "all-reduce": ["collective", "all-reduce", "--in", files["x.npy"], "--out", "y.npy", *where],
        "traffic": ["run", files["t.tsa"], *where],
    }


def run(program, words, options, folder):
    """The report of one run, or a sentence."""
    report = folder / "r.json"
    report.unlink(missing_ok=True)
    done = subprocess.run([program, *words, *options, "--json", report], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        return f"exit code {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}"
    return json.loads(report.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("TESSERA_SEED", "1"), 0))
    parser.add_argument("--mesh", nargs="+", choices=MESHES, default=MESHES)
    parser.add_argument("--job", nargs="+", choices=JOBS, default=JOBS)
    parser.add_argument("--latency", nargs="+", type=int, default=LATENCIES)
    parser.add_argument("--threads", nargs="+", type=int, default=THREADS)
    args = parser.parse_args()
    program = args.tessera.resolve()
    failed = cases = runs = 0
    seen = {}
    print(f"seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for mesh in args.mesh:
            commands = prepare(folder, mesh, args.full, args.seed)
            for job, latency in itertools.product(args.job, args.latency):
                begin = time.monotonic()
                common = ["--link-latency", str(latency)]
                want = run(program, commands[job], [*common, "--backend", "monolithic"], folder)
                case = f"{mesh} {job} latency {latency}"
                cases += 1
                if isinstance(want, str):
                    failed += 1
                    print(f"FAILED {case} monolithic: {want}", flush=True)
                    continue
                if want["tile_cycles"] < ENOUGH[args.full]:
                    failed += 1
                    print(f"FAILED {case}: {want['tile_cycles']} tile-cycles are too few")
                if seen.setdefault(want["signature"], case) != case:
                    failed += 1
                    print(f"FAILED {case}: the signature of {seen[want['signature']]}")
                middle = time.monotonic()
                ways = [*itertools.product(args.threads, SKIPS), (args.threads[0], "check")]
                for threads, skip in ways:
                    got = run(program, commands[job], [*common, "--threads", str(threads), "--skip", skip], folder)
                    runs += 1
                    wrong = got if isinstance(got, str) else "; ".join(f"{key} {got[key]}, not {want[key]}" for key in SAME if got[key] != want[key])
                    if wrong:
                        failed += 1
                        print(f"FAILED {case} threads {threads} skip {skip}: {wrong}")
                print(f"{case}: {want['signature']}, {want['cycles']} cycles, {want['tile_cycles']} tile-cycles; {middle - begin:.1f} s monolithic, "
                      f"{time.monotonic() - middle:.1f} s stitched in {len(ways)} runs", flush=True)
    print(f"{cases} cases, {runs} stitched runs, {failed} failed")
    return 1 if failed or runs == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
