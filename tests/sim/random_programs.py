#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random programs that use every instruction, descriptor and field, RTL against golden model; each repeats from its seed.

usage: random_programs.py --tessera PROGRAM --count 100                  legal programs: must end bit-exact
       random_programs.py --tessera PROGRAM --count 100 --illegal        one illegal thing: same error on both sides
       random_programs.py --tessera PROGRAM --seed 7 --count 1 --config p4 --print      the text of program 7
       random_programs.py ... --shrink                                   a failing program with as few parts as possible

A program is a list of blocks in one global order: each block runs on one engine or queue and names the bytes it reads
and writes in windows of SBUF, PSUM and HBM of any tile. Blocks of different units whose bytes conflict are ordered by
semaphores, so every timing gives the result of the global order. At the end queues bring all windows to HBM.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from program_order import Program

SHARE = {"p4": 50, "p8": 40, "p32": 10}  # of the programs in %


class Runner:
    """Makes, runs and judges the program of a seed."""

    def __init__(self, args, folder):
        self.args, self.path, self.report = args, folder / "program.tsa", folder / "report.json"

    def make(self, seed):
        rng = random.Random(seed)
        config = rng.choices(self.args.config, [SHARE[c] for c in self.args.config])[0]
        mesh = rng.choice([(1, 1), (1, 1), (2, 1), (1, 2), (3, 1), (2, 2), (3, 2)][:3 if config == "p32" else 7])
        program = Program(seed, config, mesh)
        program.build(rng.randint(1, rng.choice([6, 20, 60])))
        if self.args.illegal:
            program.spoil()
        program.options = ["--assertions", "--x-seed", str(rng.randint(1, 1 << 30)), "--config", config, "--mesh", f"{mesh[0]}x{mesh[1]}",
                           "--skip", "check", "--link-latency", str(rng.choice([1, 2, 7])), "--threads", str(rng.choice([1, 1, 1, 2]))]
        program.options += ["--hbm-stalls", str(rng.randint(1, 1 << 30))] * (rng.random() < 0.7)
        return program

    def run(self, program, text):
        """None when all is well, else what is wrong."""
        self.path.write_text(text)
        self.report.unlink(missing_ok=True)
        options = program.options[self.args.unchecked and 3:]
        try:
            done = subprocess.run([self.args.tessera, "run", self.path, *options, "--json", self.report], capture_output=True, text=True, timeout=120)
        except subprocess.TimeoutExpired:
            return "does not end"
        words = f"exit code {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
        if not program.illegal:
            return words if done.returncode else None
        if not self.report.exists():
            return words
        report = json.loads(self.report.read_text())
        errors = [{key: e[key] for key in program.illegal} for e in report["errors"]]
        for e in errors:
            e["code"] = e["code"].lower()
        if report["bit_exact"] and errors == [program.illegal]:
            return None
        return f"wanted {program.illegal}, reported {errors}; {words}"

    def shrink(self, program, seed):
        """Leaves out blocks as long as the program still fails."""
        keep, step = list(range(len(program.blocks))), len(program.blocks) // 2
        while step:
            at = 0
            while at < len(keep):
                fewer = keep[:at] + keep[at + step:]
                if program.bad in {None, *fewer} and self.run(program, program.text(seed, set(fewer))):
                    keep = fewer
                else:
                    at += step
            step //= 2
        text = program.text(seed, set(keep))
        return self.run(program, text), text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("TESSERA_SEED", "1"), 0))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0, help="stop earlier")
    parser.add_argument("--config", nargs="+", choices=list(SHARE), default=list(SHARE))
    parser.add_argument("--illegal", action="store_true")
    parser.add_argument("--unchecked", action="store_true", help="tiles without assertions and random initial values")
    parser.add_argument("--print", action="store_true", help="only print the programs")
    parser.add_argument("--shrink", action="store_true", help="leave out what a failure does not need, and print the program")
    args = parser.parse_args()
    failed, kinds, begin = 0, {}, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(args, pathlib.Path(folder))
        for number, seed in enumerate(range(args.seed, args.seed + args.count)):
            if args.seconds and time.monotonic() - begin > args.seconds:
                break
            program = runner.make(seed)
            text = program.text(seed)
            if args.print:
                print(text)
                continue
            wrong = runner.run(program, text)
            kind = f"{program.config} {(program.illegal or {}).get('code', '')}".strip()
            kinds[kind] = kinds.get(kind, 0) + 1
            if wrong:
                failed += 1
                print(f"FAILED seed {seed}: {wrong}\n  tessera run {' '.join(program.options)}\n"
                      f"  repeat: random_programs.py --tessera {args.tessera} --seed {seed} --count 1"
                      f"{' --illegal' * args.illegal} --config {program.config} --shrink", flush=True)
                if args.shrink:
                    wrong, text = runner.shrink(program, seed)
                    print(f"{wrong}\n{text}", flush=True)
        if not args.print:
            print(f"seeds {args.seed} to {args.seed + sum(kinds.values()) - 1}: {', '.join(f'{n} {k}' for k, n in sorted(kinds.items()))}; {failed} failed")
    return 1 if failed or not kinds and not args.print else 0


if __name__ == "__main__":
    sys.exit(main())
