# SPDX-License-Identifier: Apache-2.0
"""How tests end, in Python: `fails_*` must fail, all others must pass. The twin is test_outcomes.cpp."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, Event, NullTrigger, ReadWrite, RisingEdge, Timer
import tessera_bench


async def begin(dut):
    Clock(dut.clk, 10, "ns").start()
    dut.rst_n.value = 1
    dut.kill.value = 0
    await ClockCycles(dut.clk, 3)


async def kill(dut, how):
    await begin(dut)
    assert dut.rst_n.value == 1
    dut.kill.value = how
    await ClockCycles(dut.clk, 20)


@cocotb.test()
async def fails_by_rtl_error(dut):
    await kill(dut, 1)


@cocotb.test()
async def fails_by_rtl_fatal(dut):
    await kill(dut, 2)


@cocotb.test()
async def fails_by_rtl_assertion(dut):
    await kill(dut, 3)


@cocotb.test()
async def fails_by_rtl_finish(dut):
    await kill(dut, 4)


@cocotb.test()
async def fails_by_rtl_stop(dut):
    await kill(dut, 5)


@cocotb.test()
async def fails_without_events(dut):
    assert True
    await RisingEdge(dut.clk)


@cocotb.test()
async def fails_by_zero_time_tasks(dut):
    assert True
    while True:
        await NullTrigger()


@cocotb.test()
async def fails_by_zero_time_writes(dut):
    assert True
    value = 0
    await Timer(1, "ns")
    while True:
        value = 1 - value
        dut.ping.value = value
        await ReadWrite()


@cocotb.test()
async def fails_by_wall_clock(dut):
    await begin(dut)
    assert True
    while True:
        await RisingEdge(dut.clk)


@cocotb.test()
async def fails_by_endless_code(dut):
    assert True
    await Timer(1, "ns")
    while True:
        pass


@cocotb.test()
async def fails_without_checks(dut):
    await begin(dut)


@cocotb.test()
async def fails_by_check(dut):
    await begin(dut)
    assert int(dut.a.value) == 77


@cocotb.test()
async def fails_by_task(dut):
    async def child():
        await Timer(3, "ns")
        raise ValueError("in a task")

    assert True
    cocotb.start_soon(child())
    await Timer(10, "ns")


@cocotb.test(timeout_time=50, timeout_unit="ns")
async def fails_by_timeout(dut):
    assert True
    await begin(dut)
    await ClockCycles(dut.clk, 100)


@cocotb.test(expect_fail=True)
async def fails_since_it_passes(dut):
    assert True


@cocotb.test(expect_error=ValueError)
async def fails_with_another_error(dut):
    raise KeyError("another")


@cocotb.test()
@tessera_bench.no_checks
async def passes_without_checks(dut):
    await begin(dut)


@cocotb.test()
async def passes_although_tasks_wait(dut):
    async def waits():
        await Event().wait()

    cocotb.start_soon(waits())
    await begin(dut)
    assert dut.rst_n.value == 1


@cocotb.test()
async def passes_by_end_test(dut):
    async def child():
        await Timer(3, "ns")
        cocotb.end_test("enough")

    assert True
    cocotb.start_soon(child())
    await Timer(1, "us")
    assert False
