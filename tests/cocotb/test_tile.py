# SPDX-License-Identifier: Apache-2.0
"""A tile whose HBM is cocotbext-axi's AxiRam and whose host is AxiLiteMaster, both unmodified."""

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles

from tile_bench import (BF16, ISA, DVE, FP32, GE, HBM, INC, IRQ_QUEUE, PE, PSUM, RAW8, REG_ID, REG_IRQ,
                        REG_IRQ_CLEAR, REG_POSITION, SBUF, SEM_DEC, SEM_INC, SEM_READ, SEM_SET, TileBench, cell, desc, instr, opcode,
                        operand)


@cocotb.test()
async def registers(dut):
    bench = TileBench(dut, 40)
    await bench.start()
    assert await bench.read(REG_ID) == ISA.constants["IDENTITY"][0]
    assert await bench.read(REG_POSITION) == 0
    for s in (0, 1, 7):
        await bench.write(SEM_SET + 4 * s, 100 + s)
        await bench.write(SEM_INC + 4 * s, 23)
        await bench.write(SEM_DEC + 4 * s, 3)
        assert await bench.read(SEM_READ + 4 * s) == 120 + s
    for q in range(4):
        await bench.write(ISA.register("Q_BASE", q), 0x1000 * (q + 1))
    for q in range(4):
        assert await bench.read(ISA.register("Q_BASE", q)) == 0x1000 * (q + 1)
    await bench.quiescent()


@cocotb.test()
@cocotb.parametrize(pauses=[0, 60])
async def copies_in_hbm(dut, pauses):
    """Rows of odd lengths and addresses, through a memory that pauses at random."""
    bench = TileBench(dut, pauses)
    await bench.start()
    data = bench.bytes(4096)
    bench.ram.write(0x10000, data)
    shapes = [(1, 1, 7, 9), (64, 4, 100, 64), (33, 5, 200, 77), (257, 2, 600, 300)]
    ring, expected, target = [], [], 0x20000
    for elements, rows, src_step, dst_step in shapes:
        start = bench.rng.below(900)
        ring.append(desc(src_dtype=RAW8, dst_dtype=RAW8, row_elems=elements, num1=rows, src_addr=0x10000 + start, dst_addr=target,
                         src_space=HBM, dst_space=HBM, src_step1=src_step, dst_step1=dst_step))
        for r in range(rows):
            at = start + r * src_step
            expected.append((target + r * dst_step, data[at:at + elements]))
        target += 0x1000 + bench.rng.below(64)
    await bench.queue(0, 0x1000, ring)
    await bench.queue_done(0, len(ring))
    for address, row in expected:
        assert bench.ram.read(address, len(row)) == row
    await bench.quiescent()


@cocotb.test()
async def through_sbuf_with_a_semaphore(dut):
    """Queue 0 fills SBUF and counts, queue 1 waits for it and stores."""
    bench = TileBench(dut, 30)
    await bench.start()
    data = bench.bytes(8 * 128)
    bench.ram.write(0x10000, data)
    load = [desc(src_dtype=RAW8, dst_dtype=RAW8, row_elems=128, src_space=HBM, dst_space=SBUF, src_addr=0x10000 + 128 * p,
                 dst_addr=cell(p, 0x40), upd_op=INC, upd_sem=5, upd_value=1) for p in range(8)]
    store = [desc(src_dtype=RAW8, dst_dtype=RAW8, row_elems=128, num1=8, src_space=SBUF, dst_space=HBM, src_addr=cell(0, 0x40),
                  src_step1=cell(1, 0), dst_addr=0x30000, dst_step1=128, wait_sem=5, wait_cond=GE, wait_value=8)]
    await bench.queue(1, 0x2000, store)
    await ClockCycles(dut.clk_i, 100)
    assert await bench.read(ISA.register("Q_STATUS", 1)) & 8, "queue 1 should wait for semaphore 5"
    await bench.queue(0, 0x1000, load)
    await bench.queue_done(1, 1)
    assert bench.ram.read(0x30000, len(data)) == data
    assert await bench.read(SEM_READ + 4 * 5) == 8


@cocotb.test()
async def accumulates_fp32(dut):
    bench = TileBench(dut, 30)
    await bench.start()
    a = (np.array([bench.rng.below(2000) for _ in range(96)], dtype=np.float32) - 1000) / 7
    b = (np.array([bench.rng.below(2000) for _ in range(96)], dtype=np.float32) - 1000) / 3
    a, b = a.astype(np.float32), b.astype(np.float32)
    bench.ram.write(0x10000, a.tobytes())
    bench.ram.write(0x20000, b.tobytes())
    fields = dict(src_dtype=FP32, dst_dtype=FP32, row_elems=96, src_space=HBM, src_addr=0x10000)
    await bench.queue(2, 0x1000, [desc(op=1, dst_space=HBM, dst_addr=0x20000, **fields)])
    await bench.queue_done(2, 1)
    got = np.frombuffer(bench.ram.read(0x20000, 4 * 96), dtype=np.float32)
    assert got.tolist() == (b + a).astype(np.float32).tolist()


@cocotb.test()
async def errors_are_data(dut):
    """A descriptor outside of HBM stops its queue with a code and raises the interrupt; others go on."""
    bench = TileBench(dut, 40)
    await bench.start()
    bad = desc(tag=0x1234, src_dtype=RAW8, dst_dtype=RAW8, row_elems=8, src_space=HBM, dst_space=HBM, src_addr=2**39, dst_addr=0)
    good = desc(src_dtype=RAW8, dst_dtype=RAW8, row_elems=8, src_space=HBM, dst_space=HBM, src_addr=0x1000, dst_addr=0x5000)
    await bench.queue(0, 0x1000, [bad])
    for _ in range(200):
        await ClockCycles(dut.clk_i, 10)
        if dut.irq_o.value == 1:
            break
    assert dut.irq_o.value == 1 and await bench.read(REG_IRQ) == 1 << IRQ_QUEUE
    error = await bench.read(ISA.register("Q_ERR", 0))
    assert error & 15 == 3 and error >> 16 == 0x1234
    await bench.queue(1, 0x2000, [good])
    await bench.queue_done(1, 1)
    await bench.write(REG_IRQ_CLEAR, 1 << IRQ_QUEUE)
    await ClockCycles(dut.clk_i, 10)
    assert dut.irq_o.value == 0 and await bench.read(REG_IRQ) == 0


@cocotb.test()
async def matmul(dut):
    """Weights and moving columns come from AxiRam, PE multiplies, DVE empties PSUM, the result goes back."""
    bench = TileBench(dut, 20)
    await bench.start()
    p, n = 8, 24

    def random(rows, columns):
        values = [[(bench.rng.below(513) - 256) / 64 for _ in range(columns)] for _ in range(rows)]
        return (np.array(values, dtype=np.float32).view(np.uint32) >> 16).astype(np.uint16)  # exact in BF16

    w, x = random(p, p), random(p, n)
    bench.ram.write(0x10000, w.tobytes())
    bench.ram.write(0x11000, x.tobytes())
    copy = dict(src_dtype=RAW8, dst_dtype=RAW8, num1=p)
    load = [desc(row_elems=2 * p, src_space=HBM, src_addr=0x10000, src_step1=2 * p, dst_space=SBUF, dst_addr=cell(0, 0),
                 dst_step1=cell(1, 0), **copy),
            desc(row_elems=2 * n, src_space=HBM, src_addr=0x11000, src_step1=2 * n, dst_space=SBUF, dst_addr=cell(0, 0x100),
                 dst_step1=cell(1, 0), upd_op=INC, upd_sem=1, upd_value=1, **copy)]
    store = [desc(row_elems=4 * n, src_space=SBUF, src_addr=cell(0, 0x400), src_step1=cell(1, 0), dst_space=HBM, dst_addr=0x20000,
                  dst_step1=4 * n, wait_sem=3, wait_cond=GE, wait_value=1, **copy)]
    pe = [instr(opcode=opcode("LDWEIGHTS"), nparts=p, wait_sem=1, wait_cond=GE, wait_value=1, src0=operand(SBUF, BF16, num0=p)),
          instr(opcode=opcode("MATMUL"), nparts=p, imm0=p, src0=operand(SBUF, BF16, offset=0x100, num0=n),
                dst=operand(PSUM, FP32, num0=n), upd_sem=2, upd_op=INC, upd_value=1),
          instr(opcode=opcode("HALT"))]
    dve = [instr(opcode=opcode("TENSOR_COPY"), nparts=p, wait_sem=2, wait_cond=GE, wait_value=1, src0=operand(PSUM, FP32, num0=n),
                 dst=operand(SBUF, FP32, offset=0x400, num0=n), upd_sem=3, upd_op=INC, upd_value=1),
           instr(opcode=opcode("HALT"))]
    await bench.engine(PE, 0x4000, pe)
    await bench.engine(DVE, 0x5000, dve)
    await bench.queue(1, 0x2000, store)
    await bench.queue(0, 0x1000, load)
    await bench.queue_done(1, 1)
    got = np.frombuffer(bench.ram.read(0x20000, 4 * p * n), dtype=np.float32).reshape(p, n)
    wf, xf = ((m.astype(np.uint32) << 16).view(np.float32) for m in (w, x))
    want = np.zeros((p, n), dtype=np.float32)
    for k in range(p):  # rising k, one rounding each
        want = (want + wf[k][:, None] * xf[k][None, :]).astype(np.float32)
    assert got.tolist() == want.tolist()
    for e in (PE, DVE):
        assert await bench.read(ISA.register("ENG_STATUS", e)) & 7 == 2, "halted without an error"
    await bench.quiescent()


@cocotb.test()
async def matmul_in_four_passes(dut):
    """Four products are added up in PSUM; weights of the next pass load while the present one multiplies."""
    bench = TileBench(dut, 15)
    await bench.start()
    p, n, passes = 8, 48, 4

    def random(*shape):
        codes = [bench.rng.bits(1) << 15 | (122 + bench.rng.below(8)) << 7 | bench.rng.bits(7) for _ in range(int(np.prod(shape)))]
        return np.array(codes, dtype=np.uint16).reshape(shape)

    w, x = random(p, passes * p), random(p, passes * n)  # a row is a partition: K of every pass
    bench.ram.write(0x10000, w.tobytes())
    bench.ram.write(0x12000, x.tobytes())
    copy = dict(src_dtype=RAW8, dst_dtype=RAW8, num1=p)
    load = [desc(row_elems=2 * m.shape[1], src_space=HBM, src_addr=at, src_step1=2 * m.shape[1], dst_space=SBUF, dst_addr=cell(0, to),
                 dst_step1=cell(1, 0), upd_op=INC, upd_sem=1, upd_value=1, **copy) for m, at, to in ((w, 0x10000, 0), (x, 0x12000, 0x400))]
    store = [desc(row_elems=4 * n, src_space=SBUF, src_addr=cell(0, 0x1000), src_step1=cell(1, 0), dst_space=HBM, dst_addr=0x20000,
                  dst_step1=4 * n, wait_sem=3, wait_cond=GE, wait_value=1, **copy)]
    pe = []
    for k in range(passes):
        wait = dict(wait_sem=1, wait_cond=GE, wait_value=2) if k == 0 else {}
        done = dict(upd_sem=2, upd_op=INC, upd_value=1) if k == passes - 1 else {}
        pe += [instr(opcode=opcode("LDWEIGHTS"), nparts=p, src0=operand(SBUF, BF16, offset=2 * p * k, num0=p), **wait),
               instr(opcode=opcode("MATMUL"), flags=int(k > 0), nparts=p, imm0=p, src0=operand(SBUF, BF16, offset=0x400 + 2 * n * k, num0=n),
                     dst=operand(PSUM, FP32, num0=n), **done)]
    dve = [instr(opcode=opcode("TENSOR_COPY"), nparts=p, wait_sem=2, wait_cond=GE, wait_value=1, src0=operand(PSUM, FP32, num0=n),
                 dst=operand(SBUF, FP32, offset=0x1000, num0=n), upd_sem=3, upd_op=INC, upd_value=1)]
    await bench.engine(PE, 0x4000, [*pe, instr(opcode=opcode("HALT"))])
    await bench.engine(DVE, 0x6000, [*dve, instr(opcode=opcode("HALT"))])
    await bench.queue(1, 0x2000, store)
    await bench.queue(0, 0x1000, load)
    await bench.queue_done(1, 1)
    got = np.frombuffer(bench.ram.read(0x20000, 4 * p * n), dtype=np.float32).reshape(p, n)
    wf, xf = ((m.astype(np.uint32) << 16).view(np.float32) for m in (w, x))
    total = np.zeros((p, n), dtype=np.float32)
    for k in range(passes):
        part = np.zeros((p, n), dtype=np.float32)
        for row in range(p):  # rising, one rounding each
            part = (part + wf[row, k * p:(k + 1) * p][:, None] * xf[row, k * n:(k + 1) * n][None, :]).astype(np.float32)
        total = part if k == 0 else (total + part).astype(np.float32)
    assert got.tolist() == total.tolist()


@cocotb.test()
async def casts_round_to_even(dut):
    """DVE makes BF16 of FP32 numbers, half of which lie in the middle between two."""
    bench = TileBench(dut, 25)
    await bench.start()
    p, n = 8, 64
    codes = []
    for _ in range(p * n):
        high = bench.rng.bits(1) << 15 | (100 + bench.rng.below(56)) << 7 | bench.rng.bits(7)
        codes.append(high << 16 | (0x8000 if bench.rng.chance(50) else bench.rng.bits(16)))
    source = np.array(codes, dtype=np.uint32).reshape(p, n)
    bench.ram.write(0x10000, source.tobytes())
    copy = dict(src_dtype=RAW8, dst_dtype=RAW8, num1=p)
    load = [desc(row_elems=4 * n, src_space=HBM, src_addr=0x10000, src_step1=4 * n, dst_space=SBUF, dst_addr=cell(0, 0), dst_step1=cell(1, 0),
                 upd_op=INC, upd_sem=1, upd_value=1, **copy)]
    store = [desc(row_elems=2 * n, src_space=SBUF, src_addr=cell(0, 0x800), src_step1=cell(1, 0), dst_space=HBM, dst_addr=0x20000,
                  dst_step1=2 * n, wait_sem=2, wait_cond=GE, wait_value=1, **copy)]
    dve = [instr(opcode=opcode("TENSOR_COPY"), nparts=p, wait_sem=1, wait_cond=GE, wait_value=1, src0=operand(SBUF, FP32, num0=n),
                 dst=operand(SBUF, BF16, offset=0x800, num0=n), upd_sem=2, upd_op=INC, upd_value=1),
           instr(opcode=opcode("HALT"))]
    await bench.engine(DVE, 0x5000, dve)
    await bench.queue(1, 0x2000, store)
    await bench.queue(0, 0x1000, load)
    await bench.queue_done(1, 1)
    got = np.frombuffer(bench.ram.read(0x20000, 2 * p * n), dtype=np.uint16).reshape(p, n)
    want = ((source + 0x7FFF + (source >> 16 & 1)) >> 16).astype(np.uint16)
    assert got.tolist() == want.tolist()
