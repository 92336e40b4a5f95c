#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prove that the cocotb benches alone catch seeded RTL bugs: each define is built in turn, and its bench must fail.

usage: bugs.py --build DIR [DEFINE ...]
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUGS = [("TSR_BUG_ROUTER", "tsr_router", "test_router.py"), ("TSR_BUG_DMA_STRIDE", "tsr_dma", "test_dma.py"),
        ("TSR_BUG_PE_ROUND", "tsr_pe_array", "test_pe_array.py"), ("TSR_BUG_SBUF_ADDR", "tsr_tile", "test_tile.py"),
        ("TSR_BUG_DMA_ACC", "tsr_tile", "test_tile.py"), ("TSR_BUG_WSTRB", "tsr_tile", "test_tile.py")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("defines", nargs="*")
    args = parser.parse_args()
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        for define, unit, bench in BUGS:
            if args.defines and define not in args.defines:
                continue
            done = subprocess.run([sys.executable, str(ROOT / "scripts/bench_run.py"), "--build", args.build, "--unit", unit,
                                   "--config", "p8", "--define", define, "--py", str(HERE / bench), "--isolate", "--wall-limit", "30",
                                   "--results", f"{folder}/results.xml"], capture_output=True, text=True,
                                  env={**os.environ, "COCOTB_RANDOM_SEED": "1"})
            line = re.findall(r"^\d+ passed, (\d+) failed, .*", done.stdout, re.M)
            caught = done.returncode == 1 and line and int(line[-1]) > 0
            survivors += not caught
            print(f"{define} on {unit}: {'caught by ' + line[-1] + ' tests' if caught else 'NOT caught ' + done.stdout[-1500:] + done.stderr[-500:]}", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
