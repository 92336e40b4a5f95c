#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How the error of a product grows with K: rules R1 and R2 of docs/numerics.md against exact sums.

usage: error_growth.py [--trials N] [--seed S] [--k 256 1024 ...] [--p 4 32 128]

Dot products of BF16 operands in the order of the machine: chains of P rows (R1), chains added in FP32 (R2). Printed for each P and
K: worst error over K x 2^-24 x sum|x w| (the bound), and the rms error over sum|x w|, with normal and with positive data.
"""

import argparse
import math

import ml_dtypes
import numpy as np


def chains(x, w, p):
    """[trials] results of R1 in blocks of p rows and R2 between blocks; x, w float64 values that BF16 holds."""
    total = None
    for k0 in range(0, x.shape[1], p):
        chain = np.zeros(len(x), np.float32)
        for k in range(k0, min(k0 + p, x.shape[1])):
            chain = fma(x[:, k], w[:, k], chain)
        total = chain if total is None else total + chain
    return total.astype(np.float64)


def fma(x, w, p):
    """RNE32(x w + p): the float64 sum is made odd where it is inexact, so that the rounding to float32 is the only one."""
    product, addend = x * w, p.astype(np.float64)
    total = product + addend
    virtual = total - product
    error = (product - (total - virtual)) + (addend - virtual)
    bits = total.view(np.int64)
    step = np.where((error < 0) == (total > 0), -1, 1)
    odd = np.where((error != 0) & (bits & 1 == 0), bits + step, bits)
    return odd.view(np.float64).astype(np.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--k", type=int, nargs="+", default=[256, 1024, 4096, 16384])
    parser.add_argument("--p", type=int, nargs="+", default=[4, 32, 128])
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    print(f"seed {args.seed}, {args.trials} dot products each")
    print(f"{'data':>8} {'P':>4} {'K':>6} {'worst / bound':>14} {'rms / sum|xw|':>14}")
    for data in ("normal", "positive"):
        for p in args.p:
            for k in args.k:
                make = rng.standard_normal if data == "normal" else rng.random
                x, w = (make((args.trials, k)).astype(ml_dtypes.bfloat16).astype(np.float64) for _ in range(2))
                exact = np.array([math.fsum(row) for row in x * w])  # BF16 products are exact in float64
                error = (chains(x, w, p) - exact) / np.sum(np.abs(x * w), axis=1)
                worst, rms = np.max(np.abs(error)), np.sqrt(np.mean(error**2))
                print(f"{data:>8} {p:>4} {k:>6} {worst / (k * 2.0**-24):>14.4f} {f'2^{math.log2(rms):.1f}':>14}", flush=True)


if __name__ == "__main__":
    main()
