# SPDX-License-Identifier: Apache-2.0
"""Order and results of tasks, queues, locks and combinations, in Python. The twin is test_words.cpp."""

import cocotb
from cocotb.clock import Clock
from cocotb.queue import LifoQueue, PriorityQueue, Queue, QueueEmpty, QueueFull
from cocotb.simtime import get_sim_time
from cocotb.triggers import (ClockCycles, Combine, Event, FallingEdge, First, Lock, NullTrigger, ReadOnly, RisingEdge,
                             SimTimeoutError, Timer, gather, select, with_timeout)
import tessera_bench


def note(task, event, value):
    print(f"LOG {get_sim_time('step')},{task},{event},{int(value)}", flush=True)


async def value_after(t, v):
    await Timer(t, "ns")
    return v


async def fail_after(t):
    await Timer(t, "ns")
    raise ValueError("asked to fail")


@cocotb.test()
async def clock_shapes(dut):
    clock = Clock(dut.clk, 10, "ns", period_high=3)
    clock.start(start_high=False)
    for n in range(3):
        await RisingEdge(dut.clk)
        note("t", "up", n)
        await FallingEdge(dut.clk)
        note("t", "down", n)
    await clock.cycles(1)
    note("t", "one", 1)
    await clock.cycles(5)
    note("t", "five", 5)
    await clock.cycles(0)
    clock.stop()
    await Timer(30, "ns")
    note("t", "stopped", dut.clk.value)
    clock.start()
    await ClockCycles(dut.clk, 2, FallingEdge)
    note("t", "falls", 2)
    wrong = 0
    try:
        clock.start()
    except RuntimeError:
        wrong += 1
    try:
        Clock(dut.clk, 3, "ps")
    except ValueError:
        wrong += 1
    try:
        Clock(dut.clk, 4, "ns", period_high=4)
    except ValueError:
        wrong += 1
    note("t", "wrong", wrong)
    assert wrong == 3


@cocotb.test()
async def stopped_clock_with_its_task_held(dut):
    clock = Clock(dut.clk, 10, "ns")
    task = clock.start()
    await Timer(12, "ns")
    clock.stop()
    await Timer(30, "ns")
    note("t", "stopped", dut.clk.value)
    note("t", "cancelled", task.cancelled())
    clock.start(start_high=False)
    await Timer(8, "ns")
    note("t", "high", dut.clk.value)
    assert task.cancelled()


@cocotb.test()
async def end_of_a_task_that_has_ended(dut):
    async def quick():
        return 3

    task = cocotb.start_soon(quick())
    note("t", "result", await task)
    await task.complete
    note("t", "complete", 1)
    await Combine(task.complete, Timer(2, "ns"))
    note("t", "combined", 1)
    await with_timeout(task.complete, 5, "ns")
    note("t", "in time", 1)
    index, _ = await select(Timer(1, "ns"), task.complete)
    note("t", "index", index)
    assert index == 1


@cocotb.test()
async def negative_values(dut):
    dut.a.value = -91
    dut.wide.value = -5
    dut.en.value = 1
    await Timer(1, "ns")
    note("t", "narrow", dut.a.value == -91)
    note("t", "unsigned", dut.a.value == 165)
    note("t", "too small", dut.a.value == -347)
    note("t", "wide", dut.wide.value == -5)
    note("t", "other", dut.wide.value == -6)
    assert dut.a.value == -91


@cocotb.test()
async def edges_and_cycles_keep_their_order(dut):
    Clock(dut.clk, 10, "ns").start()

    async def edges(name, n):
        for i in range(n):
            await RisingEdge(dut.clk)
            note(name, "edge", i)

    async def cycles(name, n):
        await ClockCycles(dut.clk, n)
        note(name, "cycles", n)

    tasks = [cocotb.start_soon(edges("a", 6)), cocotb.start_soon(cycles("b", 3)), cocotb.start_soon(edges("c", 6)),
             cocotb.start_soon(cycles("d", 5)), cocotb.start_soon(cycles("e", 3))]
    for task in tasks:
        await task
    note("t", "all", 1)
    assert all(task.done() for task in tasks)


@cocotb.test()
async def queues(dut):
    bounded = Queue(maxsize=2)
    heap = PriorityQueue()
    stack = LifoQueue()

    async def producer(name, base):
        for i in range(4):
            await bounded.put(base + i)
            note(name, "put", base + i)

    async def consumer(name):
        for _ in range(4):
            await Timer(3, "ns")
            v = await bounded.get()
            note(name, "got", v)

    await gather(producer("p", 10), producer("q", 20), consumer("x"), consumer("y"))
    wrong = 0
    try:
        bounded.get_nowait()
    except QueueEmpty:
        wrong += 1
    bounded.put_nowait(1)
    bounded.put_nowait(2)
    try:
        bounded.put_nowait(3)
    except QueueFull:
        wrong += 1
    note("t", "wrong", wrong)
    assert wrong == 2 and bounded.full() and bounded.qsize() == 2
    rng = tessera_bench.SplitMix64(7)
    for i in range(20):
        await heap.put((rng.below(5), i))
        await stack.put(i)
    while not heap.empty():
        key, i = await heap.get()
        note("t", "heap", key * 100 + i)
    while not stack.empty():
        note("t", "stack", await stack.get())

    async def late():
        await Timer(2, "ns")
        stack.put_nowait(77)

    cocotb.start_soon(late())
    note("t", "waited", await stack.get())


@cocotb.test()
async def timeouts(dut):
    note("t", "value", await with_timeout(value_after(5, 42), 6, "ns"))
    cut = 0
    try:
        await with_timeout(value_after(5, 42), 5, "ns")
    except SimTimeoutError:
        cut += 1
    note("t", "tie", cut)
    task = cocotb.start_soon(value_after(9, 43))
    try:
        await with_timeout(task, 3, "ns")
    except SimTimeoutError:
        cut += 1
    note("t", "task goes on", task.done())
    note("t", "task", await task)
    try:
        await with_timeout(fail_after(2), 10, "ns")
    except ValueError:
        cut += 1
    event = Event()
    try:
        await with_timeout(event.wait(), 4, "ns")
    except SimTimeoutError:
        cut += 1
    note("t", "cut", cut)
    assert cut == 4


@cocotb.test()
async def select_and_gather(dut):
    async def cleanup(name, t):
        try:
            await Timer(t, "ns")
            note(name, "ended", t)
            return t
        finally:
            note(name, "left", t)

    index, value = await select(cleanup("a", 5), cleanup("b", 3), cleanup("c", 9))
    note("t", "select", index * 100 + value)
    values = await gather(cleanup("d", 2), value_after(4, 6), value_after(1, 7))
    note("t", "gather", values[0] * 100 + values[1] * 10 + values[2])
    failed = 0
    try:
        await gather(cleanup("e", 8), fail_after(3), cleanup("f", 1))
    except ValueError:
        failed = 1
    note("t", "failed", failed)
    assert failed == 1
    await Combine(Timer(2, "ns"), Timer(7, "ns"))
    note("t", "combined", 1)
    await First(Timer(9, "ns"), Timer(4, "ns"))
    note("t", "first", 1)
    task = cocotb.start_soon(cleanup("g", 12))
    index, _ = await select(task, Timer(5, "ns"))
    note("t", "selected", index)
    await task


@cocotb.test()
@cocotb.parametrize(depth=[1, 4], stall=["never", "often"])
async def parametrised(dut, depth, stall):
    note("t", stall, depth)
    await Timer(depth, "ns")
    assert depth in (1, 4) and stall in ("never", "often")


@cocotb.test(expect_fail=True)
async def expected_to_fail(dut):
    await Timer(3, "ns")
    note("t", "fails", 1)
    assert int(dut.count.value) == 1234


@cocotb.test(expect_error=ValueError)
async def expected_to_raise(dut):
    await fail_after(2)


@cocotb.test(skip=True)
async def skipped(dut):
    assert False


@cocotb.test()
async def event_and_lock_fairness(dut):
    lock = Lock()
    event = Event()

    async def worker(name, n):
        await event.wait()
        for i in range(n):
            async with lock:
                note(name, "has it", i)
                await Timer(2, "ns")

    workers = [cocotb.start_soon(worker(f"w{k}", 3)) for k in range(3)]
    await Timer(1, "ns")
    event.set()
    note("t", "set", lock.locked())
    await NullTrigger()
    note("t", "locked", lock.locked())
    event.clear()
    for w in workers:
        await w
    assert not lock.locked() and not event.is_set()
    wrong = 0
    try:
        lock.release()
    except RuntimeError:
        wrong += 1
    note("t", "wrong", wrong)


@cocotb.test()
async def nested_tasks(dut):
    async def leaf(name, t):
        await Timer(t, "ns")
        note(name, "leaf", t)
        return t

    async def branch(name, depth):
        if depth == 0:
            return await leaf(name, 2)
        left = cocotb.start_soon(branch(name + "l", depth - 1))
        right = await branch(name + "r", depth - 1)
        total = right + await left
        note(name, "branch", total)
        return total

    total = await branch("n", 3)
    note("t", "total", total)
    assert total == 16
    task = cocotb.start_soon(leaf("named", 1), name="a name")
    assert task.get_name() == "a name"
    task.set_name("another")
    await task
    assert task.get_name() == "another" and task.result() == 1 and task.done()

    async def endless():
        try:
            await fail_after(1)
        except ValueError:
            note("endless", "caught", 1)
        return 5

    note("t", "endless", await endless())


@cocotb.test()
async def cancellation(dut):
    async def worker(name):
        try:
            for i in range(100):
                await Timer(3, "ns")
                note(name, "works", i)
        finally:
            note(name, "leaves", 1)

    async def parent():
        try:
            await gather(worker("a"), worker("b"))
        finally:
            note("parent", "leaves", 1)

    task = cocotb.start_soon(parent())
    await Timer(7, "ns")
    task.cancel()
    note("t", "cancelled", task.cancelled())
    await Timer(1, "ns")
    note("t", "cancelled", task.cancelled())
    assert task.cancelled()
    unstarted = cocotb.start_soon(worker("never"))
    unstarted.cancel()
    await Timer(1, "ns")
    assert unstarted.cancelled()
    cancelled = 0
    victim = cocotb.start_soon(worker("victim"))

    async def killer():
        await Timer(4, "ns")
        victim.cancel()

    cocotb.start_soon(killer())
    try:
        await victim.complete
        await victim
    except BaseException as e:
        cancelled = type(e).__name__ == "CancelledError"
    note("t", "awaited", cancelled)
    assert cancelled


@cocotb.test()
async def seeds_and_numbers(dut):
    rng = tessera_bench.rng()
    other = tessera_bench.rng(1)
    for _ in range(5):
        note("t", "random", rng.next())
        note("t", "below", other.below(1000))
        note("t", "chance", other.chance(30))
        note("t", "bits", rng.bits(12))
    await ReadOnly()
    assert tessera_bench.seed() >= 0
