#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a program of random traffic: every queue of every tile copies, casts and adds between HBM and SBUF of all tiles.
With --compute N the engines of every tile also run N rounds of random work, whose results queue 3 sends to random tiles.

usage: python3 examples/random_traffic.py --mesh 4x4 --seed 1 --count 40 > traffic.tsa
       ./tessera run traffic.tsa --config p4 --mesh 4x4

--pattern pairs: every tile copies HBM to HBM to every other tile at once, on all four queues (nobody may deadlock).
The result does not depend on timing: sources are never written, and every queue writes to regions of its own. A semaphore
of each destination counts what has arrived; SP of every tile waits for all of it.
"""

import argparse
import random
import sys

SOURCE, TARGET = 0x100000, 0x200000  # HBM: [SOURCE, SOURCE + 4 KiB) is read only
REGION = 0x400                       # bytes of a queue's region in HBM of each tile
SBUF_REGION = 0x40                   # bytes of a queue's region in SBUF, in each of four partitions
QUEUES, PARTS, ARRIVED = 4, 4, 20
# Rounds of computing: two buffers each in PSUM banks 0 and 1 and in SBUF (DVE writes MADE, ACT writes SENT), one
# semaphore from each stage to the next: operands loaded -> PE -> DVE -> ACT -> queue 3, which frees the buffer.
WIDE, NARROW, MADE, SENT, WIDTH = 0x1000, 0x1100, 0x1200, 0x1400, 64
LOADED, PE_DONE, DVE_DONE, ACT_DONE, FREE = 30, 31, 32, 33, 34


def place(tile, space, address, dtype):
    x, y = tile
    where = f"sbuf:p{address[0]}:{address[1]:#x}" if space == "sbuf" else f"hbm:{address:#x}"
    return f"({x},{y}){where}:{dtype}"


def engines(rng, rounds):
    """Engine sections of one tile, and the elements per partition that each round leaves in its SENT buffer."""
    pe, dve, act, widths = [f"  nop wait={LOADED}>=2"], [f"  nop wait={LOADED}>=2"], [], []
    for i in range(rounds):
        n, bank = 2 * rng.randint(1, WIDTH // 2), i % 2
        widths.append(n)
        psum, made, sent = (f"psum:p0:{bank * 0x800:#x}:fp32[1,{n}]", f"sbuf:p0:{MADE + bank * 0x100:#x}:fp32[1,{n}]",
                            f"sbuf:p0:{SENT + bank * 0x100:#x}:fp32[1,{n}]")
        wide = f"sbuf:p0:{WIDE + 4 * rng.randint(0, WIDTH - n):#x}:fp32[1,{n}]"
        narrow = f"sbuf:p0:{NARROW + 2 * rng.randint(0, WIDTH - n):#x}:bf16[1,{n}]"
        for step in range(rng.randint(1, 3)):
            wait = f" wait={DVE_DONE}>={i - 1}" if step == 0 and i >= 2 else ""
            pe.append(f"  ldweights src0=sbuf:p0:{NARROW + 2 * rng.randint(0, WIDTH - 4):#x}:bf16[1,4] nparts=4 imm0=0{wait}")
            pe.append(f"  matmul dst={psum} src0={narrow} nparts=4 imm0=4 acc={min(step, 1)}")
        pe[-1] += f" upd={PE_DONE}+=1 tag={i}"
        if i >= 2:
            dve.append(f"  nop wait={FREE}>={i - 1}")
        dve.append(f"  tensor_copy dst={made} src0={psum} nparts=4 wait={PE_DONE}>={i + 1}")
        for _ in range(rng.randint(1, 3)):
            if rng.random() < 0.5:
                dve.append(f"  tensor_tensor {rng.choice(['add', 'sub', 'mul', 'max', 'min'])} dst={made} src0={made} src1={rng.choice([wide, narrow])} nparts=4")
            else:
                dve.append(f"  tensor_scalar {rng.choice(['mul', 'add'])} {rng.choice(['sub', 'max'])} dst={made} src0={made} scalar_en=3 "
                           f"imm0={rng.uniform(-2, 2):.3f}f imm1={rng.uniform(-2, 2):.3f}f nparts=4")
        dve[-1] += f" upd={DVE_DONE}+=1 tag={i}"
        act.append(f"  activate {rng.choice(['copy', 'relu'])} dst={sent} src0={made} scalar_en=1 imm0={rng.uniform(-2, 2):.3f}f "
                   f"imm1={rng.uniform(-2, 2):.3f}f nparts=4 wait={DVE_DONE}>={i + 1} upd={ACT_DONE}+=1 tag={i}")
    return [".engine pe", *pe, "  halt", ".engine dve", *dve, "  halt", ".engine act", *act, "  halt"], widths


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mesh", default="2x2", help="WIDTHxHEIGHT")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20, help="descriptors per queue")
    parser.add_argument("--compute", type=int, default=0, metavar="N", help="rounds of PE, DVE and ACT on every tile")
    parser.add_argument("--pattern", choices=["random", "pairs"], default="random")
    args = parser.parse_args()
    try:
        width, height = (int(side) for side in args.mesh.split("x"))
    except ValueError:
        parser.error(f"--mesh {args.mesh} is not WIDTHxHEIGHT")
    if width < 1 or height < 1 or args.count < 1 or args.compute < 0 or width * height * (QUEUES + 1) * REGION > 0xd00000:
        parser.error("--mesh and --count must be at least 1, and the regions of all queues must fit")
    if args.compute and args.pattern == "pairs":
        parser.error("--compute goes with --pattern random")
    rng = random.Random(args.seed)
    tiles = [(x, y) for y in range(height) for x in range(width)]
    arrive = dict.fromkeys(tiles, 0)
    lines = [f"# random_traffic.py --mesh {args.mesh} --seed {args.seed} --count {args.count} --compute {args.compute} --pattern {args.pattern}",
             f".mesh {width} {height}"]
    for x, y in tiles:
        lines.append(f".hbm {x} {y} {SOURCE:#x}")
        for _ in range(64):
            lines.append("  .fp32 " + " ".join(f"{rng.gauss(0, 1):.9g}" for _ in range(16)))
    for number, tile in enumerate(tiles):
        lines.append(f".tile {tile[0]} {tile[1]}")
        sections, widths = engines(rng, args.compute)
        if widths:
            lines += sections
        sent = 0
        for queue in range(QUEUES):
            region = number * QUEUES + queue
            lines.append(f".queue {queue}")
            if queue == 0 and widths:
                lines.append(f"  copy src=hbm:{SOURCE:#x}:fp32 dst=sbuf:p0:{WIDE:#x}:fp32 row={WIDTH} rows={PARTS} src_step=256 dst_step=0x40000 upd={LOADED}+=1")
                lines.append(f"  copy src=hbm:{SOURCE + 0x400:#x}:fp32 dst=sbuf:p0:{NARROW:#x}:bf16 row={WIDTH} rows={PARTS} src_step=256 dst_step=0x40000 upd={LOADED}+=1")
            if args.pattern == "pairs":
                for step in range(args.count * max(1, len(tiles) - 1)):
                    target = tiles[(number + 1 + step % max(1, len(tiles) - 1)) % len(tiles)]
                    arrive[target] += 1
                    lines.append(f"  copy src=hbm:{SOURCE:#x}:fp32 dst={place(target, 'hbm', TARGET + region * REGION, 'fp32')} "
                                 f"row={REGION // 4} upd=({target[0]},{target[1]}).{ARRIVED}+=1 tag={step & 0xffff}")
                lines.append(f".doorbell {queue} all")
                continue
            # 128 bytes of each partition of this tile hold a copy that this queue alone writes, first of all.
            stage_at = 0x800 + queue * 0x80
            lines.append(f"  copy src=hbm:{SOURCE:#x}:fp32 dst=sbuf:p0:{stage_at:#x}:fp32 row=32 rows={PARTS} src_step=128 dst_step=0x40000")
            for step in range(args.count):
                target, origin = rng.choice(tiles), rng.choice(tiles)
                op = rng.choice(["copy", "copy", "add", "max"])
                to_sbuf = rng.random() < 0.4 and len(tiles) * QUEUES * SBUF_REGION <= 0x800
                dtype, src_dtype = rng.choice(["fp32", "bf16"]), rng.choice(["fp32", "bf16"])
                size = 4 if dtype == "fp32" else 2
                room = (SBUF_REGION if to_sbuf else REGION) // size
                elems = rng.randint(1, room)
                src_size = 4 if src_dtype == "fp32" else 2
                if rng.random() < 0.3:
                    elems = min(elems, 128 // src_size)
                    src = place(tile, "sbuf", (rng.randrange(PARTS), stage_at), src_dtype)
                else:
                    src = place(origin, "hbm", SOURCE + src_size * rng.randrange(0, 4096 // src_size - elems + 1), src_dtype)
                dst_at = size * rng.randrange(0, room - elems + 1)
                if to_sbuf:
                    dst = place(target, "sbuf", (rng.randrange(PARTS), region * SBUF_REGION + dst_at), dtype)
                else:
                    dst = place(target, "hbm", TARGET + region * REGION + dst_at, dtype)
                arrive[target] += 1
                # The same queue may meet its own data again: everything before is committed first.
                lines.append(f"  {op} src={src} dst={dst} row={elems} fence upd=({target[0]},{target[1]}).{ARRIVED}+=1 tag={step + 1 & 0xffff}")
                # Results of computing that are due by now, each to a region of HBM that this tile alone writes.
                while queue == QUEUES - 1 and sent * args.count < len(widths) * (step + 1):
                    target, n = rng.choice(tiles), widths[sent]
                    arrive[target] += 1
                    base = TARGET + (len(tiles) * QUEUES + number) * REGION
                    lines.append(f"  copy src=sbuf:p0:{SENT + sent % 2 * 0x100:#x}:fp32 dst={place(target, 'hbm', base, 'fp32')} row={n} rows={PARTS} "
                                 f"src_step=0x40000 dst_step={4 * n} fence wait={ACT_DONE}>={sent + 1} upd=({target[0]},{target[1]}).{ARRIVED}+=1")
                    lines.append(f"  desc upd={FREE}+=1")
                    sent += 1
            lines.append(f".doorbell {queue} all")
    for x, y in tiles:
        lines += [f".tile {x} {y}", ".engine sp", f"  nop wait={ARRIVED}>={arrive[x, y]}", "  halt"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
