#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every program of examples/, and random traffic, on the RTL: each ends as it says it must, equal to the golden model.

usage: programs.py --tessera PROGRAM [--config p4] [--seed 1] [options of tessera run: --assertions, --x-seed 5, --skip check]
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAFFIC = ["--mesh 2x2 --count 15", "--mesh 4x4 --count 6", "--mesh 3x1 --count 25", "--mesh 4x4 --pattern pairs --count 1"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    parser.add_argument("--seed", type=int, default=1)
    args, options = parser.parse_known_args()
    programs = sorted((ROOT / "examples").rglob("*.tsa"))
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, words in enumerate(TRAFFIC):
            path = pathlib.Path(folder) / f"traffic{number}.tsa"
            with path.open("w") as file:
                subprocess.run([sys.executable, ROOT / "examples/random_traffic.py", *words.split(), "--seed", str(args.seed + number)], stdout=file, check=True)
            programs.append(path)
        for path in programs:
            count += 1
            done = subprocess.run([args.tessera, "run", path, "--config", args.config, *options], capture_output=True,
                                  text=True, timeout=300)
            must = "failed as the program says it must" if path.parent.name == "errors" else "bit-exact"
            if done.returncode or must not in done.stdout.splitlines():
                failed += 1
                print(f"FAILED {path.name}, exit code {done.returncode}:\n{done.stdout}{done.stderr}")
    print(f"{count} programs on {args.config}, {failed} failed")
    return 1 if failed or count < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
