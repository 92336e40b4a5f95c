#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./tessera demo --bug NAME` for every seeded fault: exit code 1, naming tile, instruction, element and both values.

usage: bugs.py [NAME ...]
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import faults  # noqa: E402


def main():
    names = sys.argv[1:] or faults.names()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            begin = time.monotonic()
            done = subprocess.run([ROOT / "tessera", "demo", "--bug", name, "--out-dir", folder], capture_output=True, text=True)
            wanted = {"tile": r"tile \(\d+, \d+\)", "instruction": r"(instruction|descriptor) \d+: ", "element": r"first (wrong )?element.*RTL 0x\w+.*golden 0x\w+"}
            lacking = [what for what, pattern in wanted.items() if not re.search(pattern, done.stdout)]
            caught = done.returncode == 1 and not lacking and "NOT bit-exact" in done.stdout
            missed += not caught
            first = next((line for line in done.stdout.splitlines() if line.startswith("MISMATCH")), "no mismatch")
            print(f"{'caught' if caught else 'MISSED'} {name} in {time.monotonic() - begin:.0f} s: {first}", flush=True)
            if not caught:
                print(f"exit code {done.returncode}, lacking {lacking}\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    print(f"{len(names)} seeded faults, {missed} missed")
    return 1 if missed or len(names) < 1 else 0


if __name__ == "__main__":
    sys.exit(main())
