# SPDX-License-Identifier: Apache-2.0
"""Every kind of AXI burst on AxiRam of cocotbext-axi, and accesses that nobody waits for any more. The twin is test_bus.cpp."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, SimTimeoutError, Timer, with_timeout
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam

import tessera_bench

FIXED, INCR, WRAP = range(3)
SIZE = 1 << 13


class Bench:
    def __init__(self, dut):
        self.dut = dut
        Clock(dut.clk, 10, "ns").start()
        for name in ("read", "write", "address", "length", "size", "kind", "wait_i", "refuse_i", "rst_n"):
            getattr(dut, name).value = 0
        self.ram = AxiRam(AxiBus.from_prefix(dut, "m"), dut.clk, dut.rst_n, reset_active_level=False, size=SIZE)
        self.host = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s"), dut.clk, dut.rst_n, reset_active_level=False)

    async def reset(self):
        await ClockCycles(self.dut.clk, 3)
        self.dut.rst_n.value = 1
        await ClockCycles(self.dut.clk, 2)

    async def burst(self, begin, address, beats, size, kind):
        dut = self.dut
        dut.address.value, dut.length.value, dut.size.value, dut.kind.value = address, beats - 1, size, kind
        begin.value = 1
        await RisingEdge(dut.clk)
        begin.value = 0
        await ClockCycles(dut.clk, 1)
        for _ in range(200):
            await RisingEdge(dut.clk)
            if dut.done.value == 1:
                return
        assert False


def draw_burst(draw):
    """A burst that the standard allows: (address, beats, size, kind)."""
    kind, size = draw.below(3), draw.below(4)
    bytes_ = 1 << size
    if kind == WRAP:
        beats = 2 << draw.below(4)
        return draw.below(SIZE // bytes_ - 16) * bytes_, beats, size, kind
    beats = 1 + draw.below(16)
    address = draw.below(SIZE - 256)
    if kind == INCR and address // bytes_ * bytes_ % 4096 + beats * bytes_ > 4096:
        address -= 256
    return address, beats, size, kind


def lanes(address, size, kind, beats, beat):
    """The lanes of the bus that a beat may write."""
    bytes_ = 1 << size
    first = address
    if kind != FIXED and beat:
        first = address // bytes_ * bytes_ + beat * bytes_
        if kind == WRAP:
            low = address // (bytes_ * beats) * (bytes_ * beats)
            first = low + (first - low) % (bytes_ * beats)
    end = first // bytes_ * bytes_ + bytes_
    return sum(1 << i % 8 for i in range(first, end))


@cocotb.test()
async def bursts(dut):
    bench, draw = Bench(dut), tessera_bench.rng(3)
    await bench.reset()
    bench.ram.write(0, bytes(draw.below(256) for _ in range(SIZE)))
    for n in range(300):
        address, beats, size, kind = draw_burst(draw)
        if draw.chance(50):
            for beat in range(beats):
                dut.data[beat].value = draw.bits(64)
                dut.strobe[beat].value = draw.bits(8) & lanes(address, size, kind, beats, beat)
            await bench.burst(dut.write, address, beats, size, kind)
            assert dut.response.value == 0
        else:
            await bench.burst(dut.read, address, beats, size, kind)
            for beat in range(beats):
                print(f"LOG {n},{beat},{int(dut.got[beat].value):016x}", flush=True)
    for at in range(0, SIZE, 8):
        print(f"LOG {at},{bench.ram.read(at, 8)[::-1].hex()}", flush=True)


@cocotb.test()
async def access_after_a_timeout(dut):
    """Its own data, whether the abandoned one was a read or a write, on the bus or not begun."""
    bench, draw = Bench(dut), tessera_bench.rng(4)
    await bench.reset()
    for n in range(60):
        dut.wait_i.value = 20
        abandoned = 1 + draw.below(3)
        for k in range(abandoned):
            address = 0x400 * k + 8 * n
            access = bench.host.write_dword(address, n) if draw.chance(50) else bench.host.read_dword(address)
            late = False
            try:
                await with_timeout(access, 10 + 10 * draw.below(15), "ns")
            except SimTimeoutError:
                late = True
            assert late
        dut.wait_i.value = draw.below(4)
        got = await with_timeout(bench.host.read_dword(0x2000 + 4 * n), 2, "us")
        assert got & 0xFFFF == 0x2000 + 4 * n and got >> 16 == ~got & 0xFFFF
        await with_timeout(bench.host.write_dword(0x3000 + 4 * n, 0x100 + n), 2, "us")
        await ClockCycles(dut.clk, 2)
        assert dut.last_write.value == (0x3000 + 4 * n) << 16 | 0x100 + n
    print(f"LOG writes,{int(dut.writes.value)}", flush=True)


@cocotb.test()
async def manager_gone(dut):
    """An access whose caller and whose manager are gone still ends on the bus."""
    bench = Bench(dut)
    await bench.reset()
    dut.wait_i.value = 20
    dut.refuse_i.value = 1
    task = cocotb.start_soon(bench.host.write_dword(0x44, 7))
    await Timer(100, "ns")
    task.cancel()
    await ClockCycles(dut.clk, 60)
    assert dut.last_write.value == 0x44 << 16 | 7
