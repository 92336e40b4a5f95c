#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recomputes C of `tessera matmul` from A, B and the report's reduction_order alone, bit for bit.

usage: check_matmul.py --a A.npy --b B.npy --out C.npy --json report.json      one product that was run before
       check_matmul.py --tessera PROGRAM --config p8 [--mesh 2x2 ...] [--shape MxKxN ...]     makes data, runs, checks;
                                                                 other options go to tessera: --assertions, --skip check
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np

from check_golden import bits32, fma32

KEYS = ("command config mesh dtype cycles tile_cycles skipped_tile_cycles host_seconds tile_cycles_per_second macs pe_utilization "
        "bit_exact signature reduction_order algbw_bytes_per_cycle busbw_bytes_per_cycle bound_cycles bound_fraction algo error").split()
SHAPES = ["1x1x1", "37x101x53", "128x128x128", "200x3x77", "9x517x260"]


def as_bf16(array):
    """float32 values of the BF16 operands: one cast, round to nearest even."""
    with np.errstate(all="ignore"):
        return np.asarray(array, dtype=np.float32).astype(ml_dtypes.bfloat16).astype(np.float32)


def recompute(a, b, order):
    """Bits of C, flat: rule R1 for a block, FP32 sums of blocks and of terms."""
    m, n = a.shape[0], b.shape[1]
    c = np.zeros(m * n, np.float32)
    covered = np.zeros(m * n, int)
    at = np.ascontiguousarray(a.T)
    for part in order:
        first, last = part["elements"]
        index = np.arange(first, last)
        row, col = index // n, index % n
        covered[first:last] += 1
        total = None
        with np.errstate(all="ignore"):
            for term in part["terms"]:
                partial = None
                for k0, k1 in term:
                    chain = np.zeros(last - first, np.float32)
                    for k in range(k0, k1):
                        chain = fma32(at[k][row], b[k][col], chain)
                    partial = chain if partial is None else partial + chain
                total = partial if total is None else total + partial
        c[first:last] = total
    if not (covered == 1).all():
        return None
    return bits32(c)


def check(a_path, b_path, out_path, report_path):
    """A sentence that says what is wrong; empty when every bit agrees."""
    a, b, c = np.load(a_path), np.load(b_path), np.load(out_path)
    report = json.loads(pathlib.Path(report_path).read_text())
    missing = [key for key in KEYS if key not in report]
    if missing:
        return f"the report lacks {', '.join(missing)}"
    m, k, n = a.shape[0], a.shape[1], b.shape[1]
    if c.shape != (m, n) or c.dtype != np.float32:
        return f"C is {c.dtype} {c.shape}, expected float32 {(m, n)}"
    if report["macs"] != m * k * n or report["error"] is not None or report["bit_exact"] is not True:
        return f"the report says macs {report['macs']}, error {report['error']}, bit_exact {report['bit_exact']}"
    for part in report["reduction_order"]:
        ks = sorted(k for term in part["terms"] for block in term for k in range(*block))
        if ks != list(range(k)):
            return "a term of reduction_order does not cover every k once"
    want = recompute(as_bf16(a), as_bf16(b), report["reduction_order"])
    if want is None:
        return "reduction_order does not cover every element once"
    wrong = np.flatnonzero(want != c.view(np.uint32).ravel())
    if wrong.size:
        e = int(wrong[0])
        return f"{wrong.size} elements differ, first C[{e // n}, {e % n}] = {int(c.view(np.uint32).ravel()[e]):08x}, recomputed {int(want[e]):08x}"
    return ""


def data(rng, shape, special):
    values = rng.standard_normal(shape).astype(np.float32)
    if special:
        rare = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-39, 3e38, 1.2e-38], np.float32)
        values = np.where(rng.random(shape) < 0.003, rng.choice(rare, shape), values)
    return values


def half(values, narrow):
    with np.errstate(all="ignore"):
        return values.astype(np.float16) if narrow else values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("a", "b", "out", "json"):
        parser.add_argument(f"--{name}", type=pathlib.Path)
    parser.add_argument("--tessera", type=pathlib.Path)
    parser.add_argument("--config", default="p8")
    parser.add_argument("--mesh", nargs="+", default=["1x1", "2x2", "3x1"])
    parser.add_argument("--shard", nargs="+", default=["mn", "k"])
    parser.add_argument("--shape", nargs="+", default=SHAPES, help="MxKxN")
    parser.add_argument("--seed", type=int, default=1)
    args, options = parser.parse_known_args()
    if not args.tessera:
        why = check(args.a, args.b, args.out, args.json)
        print(why or "every bit of C follows from reduction_order")
        return 1 if why else 0
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        for number, (mesh, shard, shape) in enumerate(itertools.product(args.mesh, args.shard, args.shape)):
            rng = np.random.default_rng(args.seed + number)
            m, k, n = (int(side) for side in shape.split("x"))
            np.save(at / "a.npy", np.asfortranarray(data(rng, (m, k), number % 3 != 0)))
            np.save(at / "b.npy", half(data(rng, (k, n), number % 3 != 0), number % 4 == 3))
            command = [args.tessera.resolve(), "matmul", "--a", "a.npy", "--b", "b.npy", "--out", "c.npy", "--json", "r.json", "--config", args.config,
                       "--mesh", mesh, "--shard", shard, *options]
            done = subprocess.run(command, cwd=at, capture_output=True, text=True)
            count += 1
            why = f"exit code {done.returncode}: {done.stdout[-600:]}{done.stderr[-300:]}" if done.returncode else check(*(at / f for f in ("a.npy", "b.npy", "c.npy", "r.json")))
            if why:
                failed += 1
                print(f"FAILED {args.config} {mesh} {shard} {shape} seed {args.seed + number}: {why}")
    print(f"{count} products on {args.config}, {failed} failed")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
