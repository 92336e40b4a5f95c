# SPDX-License-Identifier: Apache-2.0
"""The router under cocotb; the twin is test_router.cpp."""

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge

from router_bench import E, L, N, S, W, RouterBench


@cocotb.test()
async def every_turn_is_taken(dut):
    """One packet of each length over each legal turn."""
    bench = RouterBench(dut, idle=20, eager=70)
    await bench.start()
    turns = [(N, S), (N, L), (S, N), (S, L), (E, W), (E, N), (E, S), (E, L), (W, E), (W, N), (W, S), (W, L), (L, N), (L, E),
             (L, S), (L, W)]
    for length in (1, 2, 5, 9):
        for source, to in turns:
            bench.send(source, bench.rng.below(4), length, to)
        await bench.drain(2000)
    assert min(bench.count) > 0
    await ClockCycles(dut.clk_i, 900)


@cocotb.test()
async def random_traffic(dut):
    bench = RouterBench(dut, idle=30, eager=60)
    await bench.start()
    for _ in range(1200):
        for source in range(5):
            if bench.sources[source].pending() < 20 and bench.rng.chance(15):
                bench.send(source, bench.rng.below(4), 1 + bench.rng.below(8))
        await RisingEdge(dut.clk_i)
    await bench.drain(3000)


@cocotb.test()
async def heavy_back_pressure(dut):
    bench = RouterBench(dut, idle=5, eager=12)
    await bench.start()
    for _ in range(60):
        for source in range(5):
            bench.send(source, bench.rng.below(4), 1 + bench.rng.below(5))
    await bench.drain(20000)


@cocotb.test()
async def one_flow_has_the_whole_link(dut):
    """Depth 8 covers the credit loop of latency 1: a flit per clock."""
    bench = RouterBench(dut, idle=0, eager=100)
    await bench.start()
    for _ in range(100):
        bench.send(W, 2, 10, E)
    clocks = 0
    while bench.flits:
        await RisingEdge(dut.clk_i)
        clocks += 1
        assert clocks < 1100
    assert clocks >= 1000


@cocotb.test()
async def contended_output_is_fair(dut):
    """Two inputs want one output and one VC: packets do not interleave, and both get their share."""
    bench = RouterBench(dut, idle=0, eager=100)
    await bench.start()
    for _ in range(90):
        bench.send(W, 1, 6, E)
        bench.send(L, 1, 6, E)
    for _ in range(400):
        await RisingEdge(dut.clk_i)
    left = [bench.sources[p].pending() for p in (W, L)]
    assert abs(left[0] - left[1]) <= 12
    await bench.drain(2000)


@cocotb.test()
async def every_credit_comes_back(dut):
    """After much traffic each output still sends as many flits as the buffer behind it holds, on every virtual channel."""
    bench = RouterBench(dut, idle=10, eager=60)
    await bench.start()
    for _ in range(1500):
        for source in range(5):
            if bench.sources[source].pending() < 20 and bench.rng.chance(40):
                bench.send(source, bench.rng.below(4), 1 + bench.rng.below(4))
        await RisingEdge(dut.clk_i)
    await bench.drain(3000)
    await ClockCycles(dut.clk_i, 300)
    bench.hold_credits()
    depth = int(dut.Depth.value)
    for source, to in ((S, N), (W, E), (N, S), (E, W), (W, L)):
        for vc in range(4):
            bench.send(source, vc, depth, to)
    await bench.drain(1000)
    assert [sink.held for sink in bench.sinks] == [[depth] * 4] * 5


@cocotb.test()
async def quiet_when_nothing_moves(dut):
    bench = RouterBench(dut, idle=40, eager=50)
    await bench.start()
    for _ in range(10):
        for source in range(5):
            bench.send(source, bench.rng.below(4), 1 + bench.rng.below(4))
        await bench.drain(2000)
        await ClockCycles(dut.clk_i, 100)
        assert dut.quiet_o.value == 1
