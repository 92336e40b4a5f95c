# SPDX-License-Identifier: Apache-2.0
"""Real numbers and arrays of several dimensions, in Python. The twin is test_shapes.cpp."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, Timer


def note(event, value):
    print(f"LOG {event},{int(value)}", flush=True)


@cocotb.test()
async def reals(dut):
    Clock(dut.clk, 10, "ns").start()
    for n, x in enumerate((1.5, -0.125, 3, 1e300, 0.0)):
        dut.x.value = x
        await Timer(1, "ns")
        assert dut.twice.value == 2 * x
        await ClockCycles(dut.clk, 1)
        note("changes", n)
        await Timer(1, "ns")
        assert dut.last.value == x
    assert dut.Pi.value == 3.25


@cocotb.test()
async def two_dimensions(dut):
    for i in range(2):
        for j in range(3):
            dut.square[i][j].value = 16 * i + j + 1
    await Timer(1, "ns")
    note("corner", dut.corner.value)
    for i in range(2):
        for j in range(3):
            note(f"turned {j} {i}", dut.turned[j][i].value)
            assert dut.turned[j][i].value == 16 * i + j + 1
    for i in range(2):
        for j in range(2):
            dut.bits[i][j].value = int(i == 1 and j == 0)
    await Timer(1, "ns")
    note("flat", dut.flat.value)
    assert dut.flat.value == 4


@cocotb.test()
async def three_dimensions(dut):
    for i in (1, 2):
        for j in (4, 5):
            for k in range(3):
                dut.deep[i][j][k].value = (1 << 79) + 100 * i + 10 * j + k
    await Timer(1, "ns")
    assert dut.picked.value == (1 << 79) + 241
    note("path", dut.deep[2][5][1]._path.endswith("deep[2][5][1]"))
