#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much memory large meshes take, and that what does not fit is refused before it is taken.

usage: memory.py --tessera PROGRAM [--config p4]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

MB = 1_000_000


def peak_of(command):
    """(exit code, stdout, stderr, most resident bytes) of a program; measured in a process of its own."""
    watch = ("import json, resource, subprocess, sys\n"
             "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
             "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024\n"
             "print(json.dumps([done.returncode, done.stdout, done.stderr, peak]))\n")
    done = subprocess.run([sys.executable, "-c", watch, *map(str, command)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Check:
    def __init__(self, program, config, folder):
        self.program, self.config, self.folder, self.failed = program, config, folder, 0

    def tell(self, good, what):
        print(("ok      " if good else "FAILED  ") + what)
        self.failed += not good

    def all_reduce(self, width, height, elements, *more):
        data = self.folder / f"x{width}x{height}.npy"
        rng = np.random.default_rng(1)
        np.save(data, rng.standard_normal((width * height, elements)).astype(np.float32))
        return peak_of([self.program, "collective", "all-reduce", "--config", self.config, "--mesh", f"{width}x{height}",
                        "--in", data, "--out", self.folder / "y.npy", "--json", self.folder / "r.json", *more])

    def large_mesh(self):
        code, _, err, peak = self.all_reduce(32, 32, 256, "--golden", "off", "--max-cycles", "200")
        self.tell(code == 2 and "--max-cycles" in err, f"32x32 stops at --max-cycles: {code} {err.strip()[:80]}")
        self.tell(peak <= 1000 * MB, f"1,024 tiles with 4 million descriptors take {peak / MB:.0f} MB of 1000")

    def with_golden(self):
        """A run to its end: per tile, beside what the program itself takes."""
        tiles, pieces = 12 * 12, 2
        program = tiles * 2 * (tiles - 1) * pieces * 128
        sizes = {}
        for golden in ("off", "on"):
            code, out, err, sizes[golden] = self.all_reduce(12, 12, 256, "--golden", golden)
            report = json.loads((self.folder / "r.json").read_text())
            word = "not compared" if golden == "off" else "bit-exact"
            self.tell(code == 0 and word in out, f"12x12 with --golden {golden} ends: {code} {err.strip()[:80]}")
            self.tell(report["golden"] == golden and report["bit_exact"] is (None if golden == "off" else True),
                      f"the report says --golden {golden}")
        base = peak_of([self.program, "--version"])[3]
        for golden, bound in (("off", 330_000), ("on", 520_000)):
            each = (sizes[golden] - base - program) / tiles
            self.tell(each <= bound, f"--golden {golden}: {each:.0f} bytes per tile beside its program, at most {bound}")

    def refused(self):
        for name, run in (("collective", lambda: self.all_reduce(256, 256, 1)),
                          ("run", lambda: peak_of([self.program, "run", self.idle(), "--config", "trn3", "--mesh", "256x256"]))):
            code, _, err, peak = run()
            lines = err.strip().splitlines()
            self.tell(code == 2 and len(lines) == 1 and "of memory, but" in err and "smaller mesh" in err,
                      f"{name} on 256x256 is refused in a sentence: {code} {err.strip()[:160]}")
            self.tell(peak <= 200 * MB, f"{name} on 256x256 is refused with {peak / MB:.0f} MB taken")

    def idle(self):
        path = self.folder / "idle.tsa"
        path.write_text(".engine sp\n  halt\n")
        return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True)
    parser.add_argument("--config", default="p4")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        check = Check(args.tessera, args.config, pathlib.Path(folder))
        check.refused()
        check.with_golden()
        check.large_mesh()
    print(f"{check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
