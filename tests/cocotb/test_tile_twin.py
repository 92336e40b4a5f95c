# SPDX-License-Identifier: Apache-2.0
"""Two tests of the tile whose traces must equal those of test_tile_twin.cpp: the same memory and host in both languages."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles

import tessera_bench
from axi_twin import AxiLiteManager, AxiMemory
from tile_bench import GE, INC, ISA, LINK_INPUTS, RAW8, desc

COPY_COVER = tessera_bench.CoverGroup("tile_copy", ["hbm_to_hbm", "hbm_to_sbuf", "sbuf_to_hbm"])


def copy(elements, rows, source, target, source_step, target_step, spaces=0, wait=0, update=0):
    COPY_COVER.sample("hbm_to_hbm" if spaces == 0 else "hbm_to_sbuf" if spaces == 4 else "sbuf_to_hbm")
    fields = dict(src_dtype=RAW8, dst_dtype=RAW8, row_elems=elements, src_space=spaces & 3, dst_space=spaces >> 2, src_addr=source,
                  dst_addr=target, num1=rows, src_step1=source_step, dst_step1=target_step)
    if wait:
        fields.update(wait_sem=5, wait_cond=GE, wait_value=wait)
    if update:
        fields.update(upd_sem=5, upd_op=INC, upd_value=update)
    return desc(**fields)


class Bench:
    def __init__(self, dut, ready, latency):
        self.dut = dut
        self.rng = tessera_bench.rng()
        self.memory = AxiMemory(dut, "hbm_axi", dut.clk_i, ready, latency)
        self.host = AxiLiteManager(dut, "host_axil", dut.clk_i)

    async def start(self):
        dut = self.dut
        Clock(dut.clk_i, 10, "ns").start()
        dut.rst_ni.value = 0
        dut.cycle_i.value = 0
        for name in ("tile_x_i", "tile_y_i", "mesh_x_i", "mesh_y_i", *LINK_INPUTS):
            getattr(dut, name).value = 0
        self.memory.idle()
        self.host.idle()
        await ClockCycles(dut.clk_i, 5)
        dut.rst_ni.value = 1
        await ClockCycles(dut.clk_i, 2)
        self.memory.start()

    async def queue(self, q, base, descriptors):
        self.memory.write(base, b"".join(descriptors))
        for name, value in (("BASE", base), ("BASE_HI", 0), ("SIZE", len(descriptors)), ("DOORBELL", len(descriptors))):
            await self.host.write(ISA.register(f"Q_{name}", q), value)

    async def done(self, q, count):
        for _ in range(2000):
            if await self.host.read(ISA.register("Q_DONE", q)) == count:
                return
            await ClockCycles(self.dut.clk_i, 10)
        assert False, "the queue does not finish"


@cocotb.test()
async def copies_with_pauses(dut):
    bench = Bench(dut, 50, 30)
    await bench.start()
    data = bytes(bench.rng.below(256) for _ in range(2048))
    bench.memory.write(0x10000, data)
    ring, expected = [], []
    for n in range(26):
        elements, rows, start = 1 + bench.rng.below(100), 1 + bench.rng.below(4), bench.rng.below(800)
        target = 0x20000 + 0x1000 * n + bench.rng.below(64)
        ring.append(copy(elements, rows, 0x10000 + start, target, 150, 128))
        expected += [(target + 128 * r, data[start + 150 * r:start + 150 * r + elements]) for r in range(rows)]
    await bench.queue(0, 0x1000, ring)
    await bench.done(0, len(ring))
    for address, row in expected:
        assert bench.memory.read(address, len(row)) == row


@cocotb.test()
async def two_queues_and_sbuf(dut):
    bench = Bench(dut, 80, 60)
    await bench.start()
    data = bytes(bench.rng.below(256) for _ in range(8 * 96))
    bench.memory.write(0x10000, data)
    load = [copy(96, 1, 0x10000 + 96 * p, p << 18 | 0x80, 0, 0, spaces=1 << 2, update=1) for p in range(8)]
    store = [copy(96, 8, 0x80, 0x30000, 1 << 18, 96, spaces=1, wait=8)]
    await bench.queue(1, 0x2000, store)
    await ClockCycles(dut.clk_i, 300)
    await bench.queue(0, 0x1000, load)
    await bench.done(1, 1)
    assert bench.memory.read(0x30000, len(data)) == data
    assert await bench.host.read(ISA.register("SEM_READ", 5)) == 8
    await ClockCycles(dut.clk_i, 400)
    assert dut.quiescent_o.value == 1
