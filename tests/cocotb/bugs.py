#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prove that the cocotb benches alone catch seeded RTL faults: each is built in turn, and its bench must fail.

usage: bugs.py --build DIR [--all] [--level 0] [DEFINE ...]

Without --all one test runs per fault, a test that passes without it (the suite runs it); with --all the whole bench of the
block runs, and every fault of the list is built, also those of the tile that take long.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# fault, block, bench, a test that catches it, part of the short run
BUGS = [("router", "tsr_router", "test_router", "random_traffic", True),
        ("credit", "tsr_router", "test_router", "every_credit_comes_back", True),
        ("dma-stride", "tsr_dma", "test_dma", "three_levels_both_directions", True),
        ("dma-order", "tsr_dma", "test_dma", "queues_wait_for_each_other", True),
        ("pe-round", "tsr_pe_array", "test_pe_array", "columns_with_gaps", True),
        ("sbuf-address", "tsr_tile", "test_tile", "through_sbuf_with_a_semaphore", True),
        ("dma-accumulate", "tsr_tile", "test_tile", "accumulates_fp32", False),
        ("write-strobe", "tsr_tile", "test_tile", "copies_in_hbm", False),
        ("psum-accumulate", "tsr_tile", "test_tile", "matmul_in_four_passes", False),
        ("dve-cast", "tsr_tile", "test_tile", "casts_round_to_even", False)]


def run(args, fault, unit, bench, test, results):
    """(names of failed tests, number of tests, output) of a bench on a faulty block."""
    command = [sys.executable, str(ROOT / "scripts/bench_run.py"), "--build", args.build, "--unit", unit, "--config", "p8", "--fault", fault,
               "--level", args.level, "--name", "bug", "--py", str(HERE / f"{bench}.py"), "--isolate", "--wall-limit", "60", "--results", results]
    if not args.all:
        command += ["--filter", rf"^{bench}\.{test}\b"]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("COCOTB", "WAVES"))}
    done = subprocess.run(command, capture_output=True, text=True, env={**env, "COCOTB_RANDOM_SEED": "1", "TESSERA_LIBRARIES_READY": "1"})
    try:
        cases = list(ElementTree.parse(results).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        cases = []
    failed = {c.get("name"): c.find("failure").get("message", "").splitlines()[:1] for c in cases if c.find("failure") is not None}
    return failed if done.returncode == 1 else {}, len(cases), done.stdout[-3000:] + done.stderr[-2000:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--all", action="store_true", help="every fault and every test of its bench")
    parser.add_argument("--level", default="0", help="optimisation of the faulty blocks (default 0)")
    parser.add_argument("faults", nargs="*")
    args = parser.parse_args()
    chosen = [b for b in BUGS if (b[0] in args.faults if args.faults else b[4] or args.all)]
    survivors = len(set(args.faults) - {b[0] for b in BUGS})
    with tempfile.TemporaryDirectory() as folder:
        for fault, unit, bench, test, _ in chosen:
            begin = time.monotonic()
            failed, count, output = run(args, fault, unit, bench, test, f"{folder}/{fault}.xml")
            survivors += not failed
            seconds = time.monotonic() - begin
            print(f"{fault} on {unit}: {'caught by' if failed else 'NOT caught by'} {len(failed) or count} of {count} tests of {bench}, {seconds:.0f} s",
                  flush=True)
            for name, message in failed.items():
                print(f"  {name}: {''.join(message)[:160]}", flush=True)
            if not failed:
                print(output)
    for left in pathlib.Path(args.build).resolve().glob("bench/bug-*"):
        shutil.rmtree(left, ignore_errors=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} faults caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
