# SPDX-License-Identifier: Apache-2.0
"""Driver, model and monitor of the PE array. The twin is pe_bench.hpp."""

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

import tessera_bench

ROWS_COVER = tessera_bench.CoverGroup("pe_rows", ["all", "some", "single"])
OPERAND_COVER = tessera_bench.CoverGroup("pe_operand", ["plus_zero", "minus_zero", "positive", "negative"])


def bf16(code):
    return np.array([code << 16], dtype=np.uint32).view(np.float32)[0]


def bits(value):
    return int(np.array([value], dtype=np.float32).view(np.uint32)[0])


class PeBench:
    """One step() is one clock: a moving column, a write of the shadow weights, both, or nothing."""

    def __init__(self, dut):
        self.dut = dut
        self.rng = tessera_bench.rng()
        self.p = len(dut.p_o)
        self.active = [[0] * self.p for _ in range(self.p)]  # [row][column], BF16 codes
        self.shadow = [[0] * self.p for _ in range(self.p)]
        self.wanted = {}  # (clock, column) -> FP32 code
        self.clock = 0
        self.checked = 0

    def code(self):
        b = self.rng.bits(16)
        return (b & 0x807F) | (120 + self.rng.below(15)) << 7

    async def start(self):
        dut = self.dut
        Clock(dut.clk_i, 10, "ns").start()
        dut.rst_ni.value = 0
        for name in ("x_valid_i", "switch_i", "x_half_i", "x_part_i", "x_count_i", "ld_en_i", "ld_col_i", "ld_count_i", "ld_first_i",
                     "ld_part_i", "ld_rows_i"):
            getattr(dut, name).value = 0
        for r in range(self.p):
            dut.x_data_i[r].value = 0
            dut.ld_lo_i[r].value = 0
            dut.ld_hi_i[r].value = 0
        await ClockCycles(dut.clk_i, 3)
        dut.rst_ni.value = 1
        await RisingEdge(dut.clk_i)
        cocotb.start_soon(self.monitor())

    async def monitor(self):
        clock = 0
        while True:
            await RisingEdge(self.dut.clk_i)
            clock += 1
            for c in range(self.p):
                want = self.wanted.pop((clock, c), None)
                if want is not None:
                    assert int(self.dut.p_o[c].value) == want, f"column {c} in clock {clock}"
                    self.checked += 1

    def put_column(self, column, part, count, switch):
        dut = self.dut
        ROWS_COVER.sample("all" if count == self.p else "single" if count == 1 else "some")
        for x in column:
            OPERAND_COVER.sample("plus_zero" if x == 0 else "minus_zero" if x == 0x8000 else "negative" if x & 0x8000 else "positive")
        half = self.rng.below(2)
        dut.x_valid_i.value = 1
        dut.switch_i.value = int(switch)
        dut.x_half_i.value = half
        dut.x_part_i.value = part
        dut.x_count_i.value = count
        for r in range(self.p):
            other = self.rng.bits(16)
            dut.x_data_i[r].value = column[r] << 16 | other if half else other << 16 | column[r]
        if switch:
            self.active = [row[:] for row in self.shadow]
        for c in range(self.p):
            total = np.float32(0)
            for r in range(part, part + count):
                total = np.float32(total + np.float32(bf16(column[r]) * bf16(self.active[r][c])))
            self.wanted[self.clock + 1 + self.p + 1 + c, c] = bits(total)

    def put_weights(self, col, rows):
        """Four columns from `col`; rows[r][0..3] are their codes."""
        dut = self.dut
        dut.ld_en_i.value = 1
        dut.ld_col_i.value = col
        dut.ld_count_i.value = 4
        dut.ld_first_i.value = 0
        dut.ld_part_i.value = 0
        dut.ld_rows_i.value = self.p
        for r in range(self.p):
            dut.ld_lo_i[r].value = rows[r][0] | rows[r][1] << 16
            dut.ld_hi_i[r].value = rows[r][2] | rows[r][3] << 16
            self.shadow[r][col:col + 4] = rows[r]

    async def step(self):
        await RisingEdge(self.dut.clk_i)
        self.clock += 1
        self.dut.x_valid_i.value = 0
        self.dut.switch_i.value = 0
        self.dut.ld_en_i.value = 0

    async def load(self, moving=0):
        """A whole matrix into the shadow copy, with columns of the present one in `moving` of 100 clocks."""
        for col in range(0, self.p, 4):
            while self.dut.switching_o.value == 1:
                if self.rng.chance(moving):
                    self.column()
                await self.step()
            self.put_weights(col, [[self.code() for _ in range(4)] for _ in range(self.p)])
            if self.rng.chance(moving):
                self.column()
            await self.step()

    def column(self, switch=False, part=0, count=None):
        self.put_column([self.code() for _ in range(self.p)], part, self.p if count is None else count, switch)

    async def finish(self, least):
        for _ in range(2 * self.p + 4):
            await self.step()
        assert not self.wanted and self.checked >= least
        assert self.dut.quiet_o.value == 1
