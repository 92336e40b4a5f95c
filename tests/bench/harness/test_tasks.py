# SPDX-License-Identifier: Apache-2.0
"""The tasks of test_tasks.cpp under cocotb."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
import tessera_bench


@cocotb.test()
@tessera_bench.no_checks
async def tasks(dut):
    count = int(cocotb.plusargs.get("tasks", 8))
    clocks = int(cocotb.plusargs.get("clocks", 1000))
    total = 0

    async def work(read, write):
        nonlocal total
        edge = RisingEdge(dut.clk)
        for _ in range(clocks):
            await edge
            v = int(read.value)
            total = (total + v) & 0xFFFFFFFF
            write.value = (v + 1) & 0xFFFFFFFF

    Clock(dut.clk, 10, "ns").start()
    all_tasks = [cocotb.start_soon(work(getattr(dut, f"out_{t % 8}"), getattr(dut, f"in_{t % 8}"))) for t in range(count)]
    for task in all_tasks:
        await task
    print(f"SUM {total}")
