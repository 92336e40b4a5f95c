#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recomputes what the golden model computes, with NumPy and ml_dtypes.

Casts, matmul chains, reductions and element-wise operations of a small program on one tile (configuration p8) are
compared bit for bit; NaN results must be the canonical pattern.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np

BF16 = ml_dtypes.bfloat16
P, N = 8, 96  # partitions of p8, elements for each partition
NAN32, NAN16 = 0x7FC00000, 0x7FC0


def fma32(x, w, p):
    """RNE32(x * w + p) for BF16 x and w. The product is exact in binary64; the sum is made round-to-odd, so that the
    last rounding to binary32 is the only one (53 >= 2 * 24 + 2)."""
    with np.errstate(all="ignore"):
        product = x.astype(np.float64) * w.astype(np.float64)
        addend = p.astype(np.float64)
        total = product + addend
        virtual = total - product  # two-sum: the exact error of the addition
        error = (product - (total - virtual)) + (addend - virtual)
        bits = total.view(np.int64).copy()
        inexact = np.isfinite(total) & np.isfinite(error) & (error != 0) & (bits & 1 == 0)
        toward_zero = (error < 0) == (total > 0)
        bits = np.where(inexact, np.where(toward_zero, bits - 1, bits + 1), bits)
        return bits.view(np.float64).astype(np.float32)


def bits32(values):
    values = np.asarray(values, dtype=np.float32)
    return np.where(np.isnan(values), np.uint32(NAN32), values.view(np.uint32))


def bits16(values):
    with np.errstate(all="ignore"):
        narrow = np.asarray(values, dtype=np.float32).astype(BF16)
    return np.where(np.isnan(narrow.astype(np.float32)), np.uint16(NAN16), narrow.view(np.uint16))


def widen(raw):
    return (raw.astype(np.uint32) << 16).view(np.float32)


def random_bf16(rng, shape):
    """Half ordinary numbers, half arbitrary bits: NaN, infinities, subnormals, cancellation."""
    ordinary = rng.standard_normal(shape).astype(BF16).view(np.uint16)
    return np.where(rng.random(shape) < 0.9, ordinary, rng.integers(0, 1 << 16, shape, dtype=np.uint16))


PROGRAM = f"""
.hbm 0x10000
.file a.npy
.hbm 0x20000
.file w.npy
.hbm 0x30000
.file f.npy
.queue 0
  copy src=hbm:0x10000:bf16 dst=sbuf:p0:0:bf16 row={N} rows={P} src_step={2 * N} dst_step=0x40000
  copy src=hbm:0x20000:bf16 dst=sbuf:p0:0x400:bf16 row={P} rows={P} src_step={2 * P} dst_step=0x40000
  copy src=hbm:0x30000:fp32 dst=sbuf:p0:0x800:fp32 row={N} rows={P} src_step={4 * N} dst_step=0x40000 upd=1+=1
.doorbell 0 all
.engine pe
  ldweights src0=sbuf:p0:0x400:bf16[1,{P}] nparts={P} wait=1>=1
  matmul dst=psum:p0:0:fp32[1,{N}] src0=sbuf:p0:0:bf16[1,{N}] nparts={P} imm0={P}
  matmul dst=psum:p0:0:fp32[1,{N}] src0=sbuf:p0:0:bf16[1,{N}] nparts={P} imm0={P} acc=1 upd=2+=1
  halt
.engine dve
  tensor_copy dst=sbuf:p0:0x1000:fp32[1,{N}] src0=psum:p0:0:fp32[1,{N}] nparts={P} wait=2>=1
  tensor_copy dst=sbuf:p0:0x1400:bf16[1,{N}] src0=sbuf:p0:0x800:fp32[1,{N}] nparts={P}
  tensor_reduce add dst=sbuf:p0:0x1800:fp32[1,{N // 16}] src0=sbuf:p0:0x800:fp32[1,16][16,{N // 16}] nparts={P}
  tensor_reduce max dst=sbuf:p0:0x1900:bf16[1,{N // 16}] src0=sbuf:p0:0:bf16[1,16][16,{N // 16}] nparts={P}
  tensor_tensor mul dst=sbuf:p0:0x1c00:bf16[1,{N}] src0=sbuf:p0:0x800:fp32[1,{N}] src1=sbuf:p0:0:bf16[1,{N}] nparts={P} upd=3+=1
  halt
.engine act
  activate relu dst=sbuf:p0:0x2000:fp32[1,{N}] src0=sbuf:p0:0:bf16[1,{N}] scalar_en=1 imm0=-1.75f imm1=0.3f nparts={P} wait=3>=1 upd=4+=1
  halt
.queue 1
  copy src=sbuf:p0:0x1000:fp32 dst=hbm:0x40000:fp32 row={N} rows={P} src_step=0x40000 dst_step={4 * N} wait=4>=1
  copy src=sbuf:p0:0x1400:bf16 dst=hbm:0x41000:bf16 row={N} rows={P} src_step=0x40000 dst_step={2 * N}
  copy src=sbuf:p0:0x1800:fp32 dst=hbm:0x42000:fp32 row={N // 16} rows={P} src_step=0x40000 dst_step={4 * (N // 16)}
  copy src=sbuf:p0:0x1900:bf16 dst=hbm:0x43000:bf16 row={N // 16} rows={P} src_step=0x40000 dst_step={2 * (N // 16)}
  copy src=sbuf:p0:0x1c00:bf16 dst=hbm:0x44000:bf16 row={N} rows={P} src_step=0x40000 dst_step={2 * N}
  copy src=sbuf:p0:0x2000:fp32 dst=hbm:0x45000:fp32 row={N} rows={P} src_step=0x40000 dst_step={4 * N}
  copy src=hbm:0x30000:fp32 dst=hbm:0x46000:fp32 row={N * P} fence
  add src=hbm:0x10000:bf16 dst=hbm:0x46000:fp32 row={N * P} fence
.doorbell 1 all
"""


def expected(a, w, f):
    x, weights, f32 = widen(a), widen(w), f.view(np.float32)
    with np.errstate(all="ignore"):
        chain = np.zeros((P, N), np.float32)
        for k in range(P):
            chain = fma32(x[k][None, :], weights[k][:, None], chain)
        chain = bits32(chain).view(np.float32)
        rows = f32.reshape(P, N // 16, 16)
        total = rows[..., 0]
        for k in range(1, 16):
            total = total + rows[..., k]
        blocks = x.reshape(P, N // 16, 16)
        scaled = fma32(x, np.full_like(x, -1.75), np.full_like(x, 0.3))
        relu = np.where(np.isnan(scaled), scaled, np.where(scaled > 0, scaled, np.float32(0)))
        return {
            0x40000: ("matmul", bits32(chain + chain)),
            0x41000: ("cast to bf16", bits16(f32)),
            0x42000: ("reduce add", bits32(total)),
            0x43000: ("reduce max", bits16(np.max(blocks, axis=-1))),
            0x44000: ("tensor_tensor mul", bits16(f32 * x)),
            0x45000: ("activate relu", bits32(relu)),
            0x46000: ("DMA add", bits32(f32 + x)),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dump", required=True, help="the golden_dump executable")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    for seed in range(args.seed, args.seed + args.rounds):
        rng = np.random.default_rng(seed)
        a, w = random_bf16(rng, (P, N)), random_bf16(rng, (P, P))
        f = np.where(rng.random((P, N)) < 0.9, rng.standard_normal((P, N)).astype(np.float32).view(np.uint32),
                     rng.integers(0, 1 << 32, (P, N), dtype=np.uint32))
        want = expected(a, w, f)
        with tempfile.TemporaryDirectory() as folder:
            at = pathlib.Path(folder)
            for name, array in (("a", a.view(np.uint8)), ("w", w.view(np.uint8)), ("f", f.view(np.uint8))):
                np.save(at / f"{name}.npy", array)
            (at / "program.tsa").write_text(PROGRAM)
            command = [args.dump, str(at / "program.tsa")]
            for address, (_, array) in want.items():
                command += [hex(address), str(array.nbytes), str(at / f"{address:x}.npy")]
            subprocess.run(command, check=True)
            for address, (name, array) in want.items():
                got = np.load(at / f"{address:x}.npy").view(array.dtype).reshape(array.shape)
                if name == "reduce max":  # the sign of a zero maximum is a rule of its own, tested in C++
                    same = (got == array) | ((got & 0x7FFF) + (array & 0x7FFF) == 0)
                else:
                    same = got == array
                if not same.all():
                    where = tuple(int(i) for i in np.argwhere(~same)[0])
                    print(f"seed {seed}: {name} differs at {where}: {int(got[where]):x}, expected {int(array[where]):x}; "
                          f"{int((~same).sum())} of {same.size}")
                    return 1
    print(f"seeds {args.seed} to {args.seed + args.rounds - 1}: every bit agrees")
    return 0


if __name__ == "__main__":
    sys.exit(main())
