# SPDX-License-Identifier: Apache-2.0
"""One object of a lock, an event, a queue or a coroutine in the hands of two tasks, in Python. The twin is test_sync.cpp."""

import cocotb
from cocotb.queue import Queue
from cocotb.simtime import get_sim_time
from cocotb.triggers import Event, Lock, Timer


def note(task, event, value):
    print(f"LOG {get_sim_time('step')},{task},{event},{int(value)}", flush=True)


async def use(name, attempt, holders):
    """Holds the lock for 3 ns unless the attempt is refused; the lock is released by the test."""
    try:
        await attempt
    except RuntimeError:
        note(name, "refused", 1)
        return
    holders.append(name)
    note(name, "holds", len(holders))


@cocotb.test()
async def one_attempt_for_two_tasks(dut):
    lock, holders = Lock(), []
    await lock.acquire()
    attempt = lock.acquire()
    for name in "abc":
        cocotb.start_soon(use(name, attempt, holders))
    await Timer(1, "ns")
    note("t", "holders", len(holders))
    lock.release()
    await Timer(1, "ns")
    assert holders == ["a"]
    assert lock.locked()


@cocotb.test()
async def one_attempt_again(dut):
    """While it holds the lock it is refused; after the release it is an attempt like any other."""
    lock, holders = Lock(), []
    attempt = lock.acquire()
    await attempt
    await use("first", attempt, holders)
    lock.release()
    await use("second", attempt, holders)
    other = cocotb.start_soon(use("other", lock.acquire(), holders))
    await Timer(1, "ns")
    note("t", "done", other.done())
    lock.release()
    await Timer(1, "ns")
    note("t", "done", other.done())
    await use("third", attempt, []) if not lock.locked() else note("t", "locked", 1)
    lock.release()
    wrong = 0
    try:
        lock.release()
    except RuntimeError:
        wrong = 1
    note("t", "released twice", wrong)
    assert wrong == 1 and holders == ["second", "other"]


@cocotb.test()
async def cancelled_attempt(dut):
    """The task that waited is gone: the next one gets the lock, and the attempt can be used again."""
    lock, holders = Lock(), []
    await lock.acquire()
    attempt = lock.acquire()
    gone = cocotb.start_soon(use("gone", attempt, holders))
    cocotb.start_soon(use("next", lock.acquire(), holders))
    await Timer(1, "ns")
    gone.cancel()
    await Timer(1, "ns")
    cocotb.start_soon(use("again", attempt, holders))
    await Timer(1, "ns")
    lock.release()
    await Timer(1, "ns")
    lock.release()
    await Timer(1, "ns")
    assert holders == ["next", "again"]


@cocotb.test()
async def one_wait_for_two_tasks(dut):
    event, seen = Event(), []
    waiting = event.wait()

    async def wait(name):
        await waiting
        seen.append(name)
        note(name, "woke", event.is_set())

    cocotb.start_soon(wait("a"))
    cocotb.start_soon(wait("b"))
    await Timer(1, "ns")
    event.set()
    event.clear()
    await Timer(1, "ns")
    cocotb.start_soon(wait("c"))
    await Timer(1, "ns")
    note("t", "woke", len(seen))
    event.set()
    await Timer(1, "ns")
    assert seen == ["a", "b", "c"]


@cocotb.test()
async def queue_after_a_cancelled_getter(dut):
    queue, got = Queue(), []

    async def take(name):
        item = await queue.get()
        got.append(item)
        note(name, "got", item)

    gone = cocotb.start_soon(take("gone"))
    cocotb.start_soon(take("stays"))
    await Timer(1, "ns")
    gone.cancel()
    await Timer(1, "ns")
    queue.put_nowait(7)
    await Timer(1, "ns")
    assert got == [7]


@cocotb.test()
async def one_coroutine_for_two_tasks(dut):
    async def work():
        await Timer(2, "ns")
        note("work", "ends", 1)

    async def wait(name, coroutine):
        try:
            await coroutine
            note(name, "awaited", 1)
        except RuntimeError:
            note(name, "refused", 1)

    coroutine = work()
    cocotb.start_soon(wait("a", coroutine))
    cocotb.start_soon(wait("b", coroutine))
    await Timer(3, "ns")
    wrong = 0
    try:
        await coroutine
    except RuntimeError:
        wrong = 1
    note("t", "awaited again", wrong)
    assert wrong == 1
