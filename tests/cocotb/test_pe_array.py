# SPDX-License-Identifier: Apache-2.0
"""The PE array under cocotb; the twin is test_pe_array.cpp. Weights are switched under way, columns come with gaps."""

import cocotb

from pe_bench import PeBench


@cocotb.test()
async def one_matrix_many_columns(dut):
    bench = PeBench(dut)
    await bench.start()
    await bench.load()
    bench.column(switch=True)
    await bench.step()
    for _ in range(1000):
        bench.column()
        await bench.step()
    await bench.finish(1000 * bench.p)


@cocotb.test()
async def columns_with_gaps(dut):
    bench = PeBench(dut)
    await bench.start()
    await bench.load()
    bench.column(switch=True)
    await bench.step()
    for _ in range(1200):
        if bench.rng.chance(40):
            bench.column()
        await bench.step()
    await bench.finish(300 * bench.p)


@cocotb.test()
async def weights_switch_under_way(dut):
    """The next matrix loads while columns of the present one move; the first column after it switches."""
    bench = PeBench(dut)
    await bench.start()
    await bench.load()
    for _ in range(70):
        bench.column(switch=True)
        await bench.step()
        bench.column()
        await bench.step()  # switching_o of that switch can be seen from here on
        await bench.load(moving=80)
    await bench.finish(100 * bench.p)


@cocotb.test()
async def switches_at_random(dut):
    """Loads with gaps; the switch comes with any later column, and a switch follows the last as soon as the array allows."""
    bench = PeBench(dut)
    await bench.start()
    for _ in range(40):
        await bench.load(moving=bench.rng.below(100))
        for _ in range(bench.rng.below(30)):
            if bench.rng.chance(50):
                bench.column()
            await bench.step()
        part = bench.rng.below(bench.p)
        bench.column(switch=True, part=part, count=bench.p - part)
        await bench.step()
        await bench.step()  # switching_o of that switch can be seen from here on
    await bench.finish(300 * bench.p)


@cocotb.test()
async def some_rows_take_no_part(dut):
    bench = PeBench(dut)
    await bench.start()
    await bench.load()
    bench.column(switch=True)
    await bench.step()
    for _ in range(1000):
        if bench.rng.chance(80):
            part = bench.rng.below(bench.p)
            bench.column(part=part, count=1 + bench.rng.below(bench.p - part))
        await bench.step()
    await bench.finish(500 * bench.p)


@cocotb.test()
async def zeros_and_equal_values(dut):
    """Cancellation to zero, signs of zero, sums that round."""
    bench = PeBench(dut)
    await bench.start()
    values = [0x0000, 0x8000, 0x3F80, 0xBF80, 0x3F81, 0x4B00, 0xCB00, 0x3380]
    for round_ in range(60):
        for col in range(0, bench.p, 4):
            while dut.switching_o.value == 1:
                await bench.step()
            bench.put_weights(col, [[values[bench.rng.below(8)] for _ in range(4)] for _ in range(bench.p)])
            await bench.step()
        for n in range(12):
            bench.put_column([values[bench.rng.below(8)] for _ in range(bench.p)], 0, bench.p, n == 0)
            await bench.step()
            if bench.rng.chance(40):
                await bench.step()
    await bench.finish(600 * bench.p)
