# SPDX-License-Identifier: Apache-2.0
"""The DMA initiator under cocotb; the twin is test_dma.cpp."""

import cocotb
from cocotb.triggers import ClockCycles

from dma_bench import DmaBench, descriptor


@cocotb.test()
async def one_queue(dut):
    bench = DmaBench(dut, ready=70, latency=30)
    await bench.start()
    for _ in range(25):
        bench.copy(0)
    await bench.doorbell(0, 25)
    await bench.done(0, 25)
    bench.check()


@cocotb.test()
async def all_queues_at_once(dut):
    bench = DmaBench(dut, ready=70, latency=60)
    await bench.start()
    for q in range(bench.queues):
        for _ in range(12):
            bench.copy(q)
        await bench.doorbell(q, 12)
    for q in range(bench.queues):
        await bench.done(q, 12)
    bench.check()


@cocotb.test()
async def heavy_back_pressure(dut):
    bench = DmaBench(dut, ready=12, latency=100)
    await bench.start()
    for q in (0, 1):
        for _ in range(5):
            bench.copy(q)
        await bench.doorbell(q, 5)
    for q in (0, 1):
        await bench.done(q, 5)
    bench.check()


@cocotb.test()
async def queues_wait_for_each_other(dut):
    """Descriptor n of queue 1 starts after n + 1 descriptors of queue 0 are committed."""
    bench = DmaBench(dut, ready=60, latency=20)
    await bench.start()
    for n in range(12):
        bench.copy(0, update=True)
        bench.copy(1, wait=n + 1)
    await bench.doorbell(1, 12)
    await ClockCycles(dut.clk_i, 200)
    assert int(dut.queue_done_o[1].value) == 0 and int(dut.queue_status_waiting_o.value) >> 1 & 1
    await bench.doorbell(0, 12)
    for q in (0, 1):
        await bench.done(q, 12)
    assert bench.updates == 12
    bench.check()


@cocotb.test()
async def three_levels_both_directions(dut):
    bench = DmaBench(dut, ready=70, latency=20)
    await bench.start()
    for _ in range(20):
        bench.copy_levels(0)
    await bench.doorbell(0, 20)
    await bench.done(0, 20)
    bench.check()


@cocotb.test()
async def a_read_error_stops_its_queue(dut):
    bench = DmaBench(dut, ready=70, latency=20)
    await bench.start()
    for _ in range(20):
        bench.copy(1)
    bench.refused = 0x50000
    bench.push(0, descriptor(16, 1, 0x50000, 0x60000, 0, 0, tag=0x4321))
    bench.push(0, descriptor(16, 1, 0x8000, 0x61000, 0, 0))
    await bench.doorbell(0, 2)
    await bench.doorbell(1, 20)
    await bench.done(1, 20)
    bench.check()
    assert bench.errors == {0: (8, 0x4321)}
    assert int(dut.queue_done_o[0].value) == 0 and 0x61000 not in bench.memory
