#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of the launcher knows --help: exit code 0, its usage on standard output, nothing else.

usage: launcher_help.py LAUNCHER
"""

import subprocess
import sys

COMMANDS = ["demo", "demo --bug router", "matmul", "matmul --config p8", "collective", "run", "info", "test", "lint", "bench", "wave", "coverage"]


def main():
    faults = 0
    for words in COMMANDS:
        for flag in ("--help", "-h"):
            done = subprocess.run([sys.argv[1], *words.split(), flag], capture_output=True, text=True)
            if done.returncode or done.stderr or "usage: " not in done.stdout.lower():
                faults += 1
                print(f"{words} {flag}: exit code {done.returncode}, {done.stdout[:200]}{done.stderr[:200]}")
    print(f"{faults} faults in {2 * len(COMMANDS)} calls for help")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
