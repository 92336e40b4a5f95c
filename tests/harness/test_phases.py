# SPDX-License-Identifier: Apache-2.0
"""Every row of the phase table, in Python. The twin is test_phases.cpp; both print the same lines."""

import cocotb
from cocotb.clock import Clock
from cocotb.handle import Deposit, Force, Freeze, Immediate, Release
from cocotb.simtime import get_sim_time
from cocotb.triggers import (ClockCycles, Event, FallingEdge, First, NextTimeStep, ReadOnly, ReadWrite, RisingEdge, Timer,
                             ValueChange, select, with_timeout)


def note(task, event, value):
    print(f"LOG {get_sim_time('step')},{task},{event},{int(value)}", flush=True)


async def begin(dut):
    """Clock of 10 ns, out of reset, count 0 just after an edge; returns at a falling edge."""
    Clock(dut.clk, 10, "ns").start()
    dut.rst_n.value = 0
    dut.a.value = 10
    dut.en.value = 0
    dut.kill.value = 0
    dut.ping.value = 0
    dut.wide.value = 0
    await ClockCycles(dut.clk, 2)
    dut.rst_n.value = 1
    await FallingEdge(dut.clk)


@cocotb.test()
async def edge_of_driven_input_reads_old(dut):
    await begin(dut)
    before = int(dut.count.value)
    await RisingEdge(dut.clk)
    note("t", "count", dut.count.value)
    assert dut.count.value == before
    note("t", "copy", dut.clk_copy.value)
    assert dut.clk_copy.value == 0
    note("t", "sub_clk", dut.u_sub.clk.value)
    assert dut.u_sub.clk.value == 0
    assert dut.clk.value == 1


@cocotb.test()
async def deposit_at_edge_lands_after_it(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    dut.a.value = 77
    note("t", "readback", dut.a.value)
    assert dut.a.value == 10
    await ReadOnly()
    note("t", "a", dut.a.value)
    note("t", "comb", dut.comb.value)
    note("t", "a_q", dut.a_q.value)
    assert dut.a.value == 77 and dut.comb.value == 78 and dut.a_q.value == 10
    await RisingEdge(dut.clk)
    await ReadOnly()
    note("t", "a_q", dut.a_q.value)
    assert dut.a_q.value == 77


@cocotb.test()
async def edge_of_divided_clock_reads_new(dut):
    await begin(dut)
    before = int(dut.count.value)
    at = get_sim_time("step")
    await RisingEdge(dut.div)
    note("t", "count", dut.count.value)
    assert dut.div.value == 1 and dut.clk_copy.value == 1
    assert int(dut.count.value) == before + (get_sim_time("step") - at + 5000) // 10000
    dut.a.value = 33
    await ReadOnly()
    note("t", "a_q", dut.a_q.value)
    assert dut.a_q.value == 10


@cocotb.test()
async def edge_of_copied_clock_reads_new(dut):
    await begin(dut)
    before = int(dut.count.value)
    await RisingEdge(dut.clk_copy)
    note("t", "count", dut.count.value)
    assert dut.count.value == before + 1
    dut.a.value = 34
    await ReadOnly()
    note("t", "a_q", dut.a_q.value)
    assert dut.a_q.value == 10


@cocotb.test()
async def edge_of_instance_clock_reads_new(dut):
    await begin(dut)
    before = int(dut.count.value)
    await RisingEdge(dut.u_sub.clk)
    note("t", "count", dut.count.value)
    assert dut.count.value == before + 1
    dut.a.value = 35
    await ReadOnly()
    note("t", "sub_q", dut.sub_q.value)
    assert dut.sub_q.value == 10


@cocotb.test()
async def change_of_register_reads_new(dut):
    await begin(dut)
    before = int(dut.count.value)
    await ValueChange(dut.count)
    note("t", "count", dut.count.value)
    note("t", "copy", dut.clk_copy.value)
    assert dut.count.value == before + 1 and dut.clk_copy.value == 1


@cocotb.test()
async def change_after_edge_fires_in_the_same_step(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    at = get_sim_time("step")
    old = int(dut.count.value)
    await ValueChange(dut.count)
    note("t", "count", dut.count.value)
    assert get_sim_time("step") == at and dut.count.value == old + 1


@cocotb.test()
async def change_of_written_input(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    old = int(dut.count.value)
    dut.a.value = 50
    await ValueChange(dut.a)
    note("t", "a", dut.a.value)
    note("t", "comb", dut.comb.value)
    note("t", "count", dut.count.value)
    assert dut.a.value == 50 and dut.comb.value == 11 and dut.count.value == old + 1


@cocotb.test()
async def read_write_sees_new_registers_and_own_write(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    old = int(dut.count.value)
    dut.a.value = 60
    await ReadWrite()
    note("t", "count", dut.count.value)
    note("t", "a", dut.a.value)
    note("t", "comb", dut.comb.value)
    assert dut.count.value == old + 1 and dut.a.value == 60
    dut.a.value = 61
    note("t", "a", dut.a.value)
    await ReadWrite()
    note("t", "a", dut.a.value)
    assert dut.a.value == 61
    await ReadOnly()
    note("t", "comb", dut.comb.value)
    note("t", "a_q", dut.a_q.value)
    assert dut.comb.value == 62 and dut.a_q.value == 10


@cocotb.test()
async def deposit_after_the_last_evaluation(dut):
    """Nothing drives the model again in this step, yet the deposit lands in it: after ReadWrite."""
    await begin(dut)
    await RisingEdge(dut.clk_copy)
    dut.a.value = 33
    await ReadOnly()
    note("t", "a", dut.a.value)
    note("t", "comb", dut.comb.value)
    assert dut.a.value == 33 and dut.comb.value == 34
    await ValueChange(dut.count)
    at = get_sim_time("step")
    dut.a.value = 44
    await ReadWrite()
    note("t", "a", dut.a.value)
    assert dut.a.value == 33
    dut.a.value = 45
    await ReadWrite()
    note("t", "a", dut.a.value)
    note("t", "comb", dut.comb.value)
    assert dut.a.value == 45 and dut.comb.value == 46
    dut.a.value = 46
    await ValueChange(dut.a)
    note("t", "a", dut.a.value)
    note("t", "comb", dut.comb.value)
    assert dut.a.value == 46 and dut.comb.value == 46
    dut.a.value = 47
    await ValueChange(dut.comb)
    note("t", "comb", dut.comb.value)
    assert dut.a.value == 47 and get_sim_time("step") == at


@cocotb.test()
async def watchers_of_one_step_fire_in_order(dut):
    """Of the clock and of two written inputs, with immediate writes in between."""
    await begin(dut)

    async def watch(name, trigger, count):
        for _ in range(count):
            await trigger
            note(name, "a", dut.a.value)

    async def writer():
        for i in range(6):
            await RisingEdge(dut.clk)
            note("writer", "en", dut.en.value)
            dut.a.value = Immediate(100 + i)
            dut.en.value = i % 2
            if i == 3:
                await ValueChange(dut.en)
                note("writer", "again", i)

    cocotb.start_soon(watch("a_before", ValueChange(dut.a), 4))
    cocotb.start_soon(writer())
    cocotb.start_soon(watch("a_after", ValueChange(dut.a), 6))
    cocotb.start_soon(watch("en", ValueChange(dut.en), 3))
    cocotb.start_soon(watch("clk", ValueChange(dut.clk), 9))
    cocotb.start_soon(watch("fall", FallingEdge(dut.clk), 5))
    cocotb.start_soon(watch("count", ValueChange(dut.count), 4))
    cocotb.start_soon(watch("rise", RisingEdge(dut.clk), 5))
    await Timer(80, "ns")
    note("t", "a", dut.a.value)
    assert dut.a.value == 105


@cocotb.test()
async def read_only_sees_all_new_and_refuses(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    old = int(dut.count.value)
    await ReadOnly()
    note("t", "count", dut.count.value)
    assert dut.count.value == old + 1
    refused = 0
    try:
        dut.a.value = 1
    except RuntimeError:
        refused += 1
    try:
        dut.a.value = Deposit(1)
    except RuntimeError:
        refused += 1
    try:
        dut.a.value = Immediate(1)
    except RuntimeError:
        refused += 1
    try:
        await ReadOnly()
    except RuntimeError:
        refused += 1
    try:
        await ReadWrite()
    except RuntimeError:
        refused += 1
    note("t", "refused", refused)
    assert refused == 5


@cocotb.test()
async def legal_after_read_only(dut):
    await begin(dut)
    await ReadOnly()
    await RisingEdge(dut.clk)
    note("t", "edge", 1)
    await ReadOnly()
    await Timer(1, "ns")
    note("t", "timer", 1)
    await ReadOnly()
    await NextTimeStep()
    note("t", "next", 1)
    dut.a.value = 3
    await ReadOnly()
    assert dut.a.value == 3


@cocotb.test()
async def next_time_step_into_rising_step(dut):
    await begin(dut)
    await ReadOnly()
    old = int(dut.count.value)
    await NextTimeStep()
    note("t", "clk", dut.clk.value)
    note("t", "count", dut.count.value)
    assert dut.clk.value == 0 and dut.count.value == old
    dut.a.value = 91
    await ReadOnly()
    note("t", "a_q", dut.a_q.value)
    assert dut.a_q.value == 91


@cocotb.test()
async def timer_into_rising_step_armed_late(dut):
    await begin(dut)
    old = int(dut.count.value)
    await Timer(5, "ns")
    note("t", "clk", dut.clk.value)
    note("t", "count", dut.count.value)
    assert dut.clk.value == 0 and dut.count.value == old
    dut.a.value = 92
    await ReadOnly()
    note("t", "a_q", dut.a_q.value)
    assert dut.a_q.value == 92


@cocotb.test()
async def timer_into_rising_step_armed_early(dut):
    await begin(dut)
    await Timer(25, "ns")
    note("t", "clk", dut.clk.value)
    assert dut.clk.value == 0
    dut.a.value = 93
    await ReadOnly()
    note("t", "a_q", dut.a_q.value)
    assert dut.a_q.value == 93


@cocotb.test()
async def immediate_at_edge_lands_at_it(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    dut.a.value = Immediate(70)
    note("t", "a", dut.a.value)
    note("t", "comb", dut.comb.value)
    assert dut.a.value == 70 and dut.comb.value == 11
    await ReadOnly()
    note("t", "a_q", dut.a_q.value)
    assert dut.a_q.value == 70


@cocotb.test()
async def deposit_then_immediate(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    dut.a.value = Deposit(11)
    dut.a.value = Immediate(12)
    note("t", "a", dut.a.value)
    assert dut.a.value == 12
    await ReadOnly()
    note("t", "a", dut.a.value)
    note("t", "a_q", dut.a_q.value)
    assert dut.a.value == 11


@cocotb.test()
async def last_deposit_wins(dut):
    await begin(dut)
    changes = 0

    async def watch():
        nonlocal changes
        while True:
            await ValueChange(dut.a)
            changes += 1
            note("watch", "a", dut.a.value)

    cocotb.start_soon(watch())
    await RisingEdge(dut.clk)
    dut.a.value = 1
    dut.a.value = 2
    dut.a.value = 3
    await ReadOnly()
    assert dut.a.value == 3 and changes == 1
    await RisingEdge(dut.clk)
    dut.a.value = 3
    await ReadOnly()
    note("t", "changes", changes)
    assert changes == 1


@cocotb.test()
async def two_tasks_on_one_edge(dut):
    await begin(dut)
    seen = []

    async def writer():
        await RisingEdge(dut.clk)
        dut.a.value = 44
        note("writer", "a", dut.a.value)

    async def reader():
        await RisingEdge(dut.clk)
        seen.append(int(dut.a.value))
        note("reader", "a", dut.a.value)

    cocotb.start_soon(writer())
    cocotb.start_soon(reader())
    await RisingEdge(dut.clk)
    await ReadOnly()
    assert seen == [10] and dut.a.value == 44


@cocotb.test()
async def clock_starts_high(dut):
    Clock(dut.clk, 10, "ns").start()
    start = get_sim_time("step")
    await RisingEdge(dut.clk)
    first = get_sim_time("step") - start
    await RisingEdge(dut.clk)
    second = get_sim_time("step") - start
    note("t", "first", first)
    note("t", "second", second)
    assert second - first == 10_000


@cocotb.test()
async def next_test_keeps_state_and_may_write(dut):
    note("t", "a", dut.a.value)
    dut.a.value = 200
    await Timer(1, "ns")
    note("t", "a", dut.a.value)
    assert dut.a.value == 200


@cocotb.test()
async def wrong_times(dut):
    wrong = 0
    for time, unit in ((0, "ns"), (-1, "ns"), (1, "fs"), (0.5, "ps"), (1.5, "ps")):
        try:
            await Timer(time, unit)
        except ValueError:
            wrong += 1
    note("t", "wrong", wrong)
    assert wrong == 5
    await Timer(1.5, "ns")
    await Timer(1000, "fs")
    note("t", "right", 1)


@cocotb.test()
async def wrong_values(dut):
    wrong = 0
    for value in (256, -129):
        try:
            dut.a.value = value
        except ValueError:
            wrong += 1
    try:
        dut.en.value = 2
    except ValueError:
        wrong += 1
    for text in ("0101", "01010101x"):
        try:
            dut.a.value = text
        except ValueError:
            wrong += 1
    note("t", "wrong", wrong)
    assert wrong == 5
    dut.a.value = -1
    await Timer(1, "ns")
    note("t", "a", dut.a.value)
    dut.a.value = "00001111"
    await Timer(1, "ns")
    note("t", "a", dut.a.value)
    assert dut.a.value == 15
    try:
        dut.Depth.value = 3
    except TypeError:
        wrong += 1
    assert wrong == 6 and dut.Depth.value == 5


@cocotb.test()
async def start_soon_runs_after_the_parent_suspends(dut):
    order = []

    async def child():
        order.append("child")
        note("child", "runs", 1)

    cocotb.start_soon(child())
    order.append("parent")
    note("parent", "goes on", 1)
    await Timer(1, "ns")
    assert order == ["parent", "child"]


@cocotb.test()
async def waiters_wake_in_order(dut):
    event = Event()
    order = []

    async def waiter(n):
        await event.wait()
        order.append(n)
        note(f"waiter{n}", "awake", n)

    for n in range(5):
        cocotb.start_soon(waiter(n))
    await Timer(1, "ns")
    event.set()
    note("t", "set returned", len(order))
    assert order == []
    await Timer(1, "ns")
    assert order == [0, 1, 2, 3, 4]


@cocotb.test()
async def cancel_returns_first(dut):
    cleaned = []

    async def victim():
        try:
            await Timer(1, "us")
        finally:
            cleaned.append(1)
            note("victim", "cleaned", 1)

    task = cocotb.start_soon(victim())
    await Timer(1, "ns")
    assert task.cancel()
    note("t", "cancel returned", len(cleaned))
    assert cleaned == [] and not task.done()
    await Timer(1, "ns")
    assert cleaned == [1] and task.cancelled()
    assert not task.cancel()


@cocotb.test()
async def tie_is_a_timeout(dut):
    timeouts = 0
    try:
        await with_timeout(Timer(10, "ns"), 10, "ns")
    except TimeoutError:
        timeouts += 1
    try:
        await with_timeout(Timer(9, "ns"), 10, "ns")
    except TimeoutError:
        timeouts += 10
    note("t", "timeouts", timeouts)
    assert timeouts == 1


@cocotb.test()
async def first_leaves_losers_running(dut):
    done = []

    async def slow():
        await Timer(5, "ns")
        done.append(1)
        note("slow", "done", 1)

    task = cocotb.start_soon(slow())
    await First(Timer(1, "ns"), task.complete)
    note("t", "first", len(done))
    assert done == []
    await Timer(10, "ns")
    assert done == [1]
    index, _ = await select(Timer(3, "ns"), Timer(2, "ns"))
    note("t", "select", index)
    assert index == 1


@cocotb.test()
async def force_on_register_and_net(dut):
    await begin(dut)
    await RisingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.hold.value = Force(99)
    note("t", "hold", dut.hold.value)
    dut.wired.value = Force(17)
    note("t", "wired", dut.wired.value)
    assert dut.hold.value == 99 and dut.wired.value == 17
    await ReadOnly()
    note("t", "held", dut.held.value)
    note("t", "forced", dut.forced.value)
    assert dut.held.value == 99 and dut.forced.value == 17
    await ClockCycles(dut.clk, 3)
    await FallingEdge(dut.clk)
    note("t", "hold", dut.hold.value)
    assert dut.hold.value == 99
    dut.hold.value = Release()
    dut.wired.value = Release()
    note("t", "hold", dut.hold.value)
    note("t", "wired", dut.wired.value)
    await ReadOnly()
    note("t", "held", dut.held.value)
    note("t", "forced", dut.forced.value)
    assert dut.forced.value == 10 ^ 0x55
    await RisingEdge(dut.clk)
    await ReadOnly()
    note("t", "hold", dut.hold.value)
    assert dut.hold.value != 99
    await FallingEdge(dut.clk)
    frozen = int(dut.hold.value)
    dut.hold.value = Freeze()
    await ClockCycles(dut.clk, 2)
    await ReadOnly()
    note("t", "frozen", dut.hold.value)
    assert dut.hold.value == frozen
    await FallingEdge(dut.clk)
    dut.hold.value = Release()
    await ClockCycles(dut.clk, 2)


@cocotb.test(expect_error=RuntimeError)
async def force_on_other_signal_fails(dut):
    try:
        dut.a.value = Force(1)
    except RuntimeError as e:
        assert "'phase_dut.a forceable'" in str(e)
        raise
    await Timer(1, "ns")


@cocotb.test()
async def instances_arrays_wide(dut):
    await begin(dut)
    dut.wide.value = (1 << 99) | 0x123456789ABCDEF0
    dut.en.value = 1
    dut.a.value = 7
    await ClockCycles(dut.clk, 2)
    await ReadOnly()
    note("t", "mem3", dut.mem[3].value)
    note("t", "low", int(dut.wide_q.value) & 0xFFFFFFFF)
    note("t", "top", int(dut.wide_q.value) >> 96)
    assert dut.mem[3].value == 7 and int(dut.wide_q.value) == (1 << 99) | 0x123456789ABCDEF0
    await FallingEdge(dut.clk)
    dut.u_sub.r_q.value = 123
    await ReadOnly()
    note("t", "r_q", dut.u_sub.r_q.value)
    note("t", "sub_q", dut.sub_q.value)
    assert dut.u_sub.r_q.value == 123


@cocotb.test(timeout_time=20, timeout_unit="ns", expect_error=TimeoutError)
async def timeout_of_a_test(dut):
    await Timer(1, "us")
