#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All-reduces of the RTL against NumPy, bit for bit: sums in the order of the report, within their bound; the same on every rank.

usage: check_collective.py --tessera PROGRAM [--config p4] [--mesh 1x1 2x2 ...] [options of tessera: --assertions, --skip check]
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

VARIANTS = [("sum", "fp32", "hbm"), ("max", "bf16", "sbuf"), ("sum", "bf16", "hbm"), ("sum", "fp32", "sbuf"), ("max", "fp32", "hbm")]


def in_order(x, report, dtype):
    """The sums as the report's reduction_order says, rounded to the element type after each addition."""
    y = np.full(x.shape[1], np.nan, np.float32)
    for part in report["reduction_order"]:
        first, end = part["elements"]
        total = x[part["ranks"][0], first:end]
        for rank in part["ranks"][1:]:
            total = x[rank, first:end] + total
            if dtype == "bf16":
                total = total.astype(ml_dtypes.bfloat16).astype(np.float32)
        y[first:end] = total
    return y


def fault(x, y, report, op, dtype, ranks):
    if y.shape != x.shape or y.dtype != np.float32:
        return f"the result is {y.dtype} {y.shape}"
    if not (y.view(np.uint32) == y[0].view(np.uint32)).all():
        return "ranks hold different results"
    if op == "max":
        if not (y[0] == x.max(axis=0)).all():
            return "wrong maximum"
    else:
        step = 2.0 ** (-24 if dtype == "fp32" else -8)
        error = np.abs(y[0].astype(np.float64) - x.astype(np.float64).sum(axis=0))
        bound = np.abs(x.astype(np.float64)).sum(axis=0) * step * ranks * 1.1
        if not (error <= bound).all():
            return f"wrong sum: {error.max()} over {bound.max()}"
        if not (y[0].view(np.uint32) == in_order(x, report, dtype).view(np.uint32)).all():
            return "the sums do not follow from reduction_order"
    if ranks > 1 and report["bound_fraction"] is not None and report["bound_fraction"] > 1:
        return f"faster than the bound: {report['bound_fraction']}"
    if ranks == 1 and report["bound_fraction"] is not None:
        return "a fraction without meaning is not null"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    parser.add_argument("--mesh", nargs="+", default=["1x1", "2x1", "1x3", "2x2", "3x3", "4x3"])
    parser.add_argument("--elements", nargs="+", type=int, default=[1, 7, 500, 3000])
    parser.add_argument("--seed", type=int, default=1)
    args, options = parser.parse_known_args()
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        for mesh, elements in itertools.product(args.mesh, args.elements):
            op, dtype, residence = VARIANTS[count % len(VARIANTS)]
            rng = np.random.default_rng(args.seed + count)
            count += 1
            width, height = (int(side) for side in mesh.split("x"))
            x = rng.standard_normal((width * height, elements)).astype(np.float32)
            np.save(at / "x.npy", x)
            done = subprocess.run([args.tessera.resolve(), "collective", "all-reduce", "--in", "x.npy", "--out", "y.npy", "--op", op, "--dtype", dtype,
                                   "--residence", residence, "--mesh", mesh, "--config", args.config, "--json", "r.json", *options],
                                  cwd=at, capture_output=True, text=True)
            if done.returncode:
                why = f"exit code {done.returncode}: {done.stdout}{done.stderr}"
            else:
                if dtype == "bf16":
                    x = x.astype(ml_dtypes.bfloat16).astype(np.float32)
                why = fault(x, np.load(at / "y.npy"), json.loads((at / "r.json").read_text()), op, dtype, width * height)
            if why:
                failed += 1
                print(f"FAILED {args.config} {mesh} {elements} {op} {dtype} {residence}: {why}")
    print(f"{count} all-reduces on {args.config}, {failed} failed")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
