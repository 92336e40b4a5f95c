# SPDX-License-Identifier: Apache-2.0
"""cocotbext-axi's side of test_axi.cpp: the same traffic, and the transfers of every channel as LOG lines."""

import logging

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam, AxiSlave, MemoryRegion
from cocotbext.axi import axi_channels, axil_channels

import tessera_bench
from test_tile_twin import copy
from tile_bench import ISA, LINK_INPUTS

CHANNELS = ("aw", "w", "b", "ar", "r")


class Refusing(MemoryRegion):
    """Memory in which some bytes are answered with an error."""

    refused = range(0)

    def check(self, address, length):
        if address < self.refused.stop and self.refused.start < address + length:
            raise RuntimeError("refused")

    async def _read(self, address, length, **kwargs):
        self.check(address, length)
        return await super()._read(address, length, **kwargs)

    async def _write(self, address, data, **kwargs):
        self.check(address, len(data))
        await super()._write(address, data, **kwargs)


def monitors(module, prefix, bus, dut):
    """A passive monitor of cocotbext-axi on each channel."""
    parts = {"aw": bus.write.aw, "w": bus.write.w, "b": bus.write.b, "ar": bus.read.ar, "r": bus.read.r}
    return {c: getattr(module, f"{prefix}{c.upper()}Monitor")(parts[c], dut.clk_i, dut.rst_ni, reset_active_level=False) for c in CHANNELS}


def transfers(monitor, channel, digits):
    """AxiTransfer as C++ prints it."""
    lines = []
    while not monitor.empty():
        t = monitor.recv_nowait()
        field = {n: int(getattr(t, channel + n, 0)) for n in ("id", "len", "addr", "strb", "last", "resp")}
        length = field["len"] + 1 if hasattr(t, f"{channel}len") else 0
        data = f"{int(getattr(t, channel + 'data')):0{digits}x}" if channel in "wr" else ""
        lines.append(f"id={field['id']} length={length} address={field['addr']} data={data} strobe={field['strb']} "
                     f"last={field['last']} response={field['resp']}")
    return lines


class Traffic:
    def __init__(self, dut, pauses, memory=None):
        self.dut, self.rng = dut, tessera_bench.rng()
        for bus in ("hbm_axi", "host_axil"):
            logging.getLogger(f"cocotb.{dut._name}.{bus}").setLevel(logging.ERROR)
        Clock(dut.clk_i, 10, "ns").start()
        hbm, host = AxiBus.from_prefix(dut, "hbm_axi"), AxiLiteBus.from_prefix(dut, "host_axil")
        self.memory = memory or MemoryRegion(2**20)
        if memory:
            slave = AxiSlave(hbm, dut.clk_i, dut.rst_ni, target=memory, reset_active_level=False)
        else:
            slave = AxiRam(hbm, dut.clk_i, dut.rst_ni, reset_active_level=False, size=2**20, mem=self.memory.mem)
        self.host = AxiLiteMaster(host, dut.clk_i, dut.rst_ni, reset_active_level=False)
        self.seen = {"hbm": monitors(axi_channels, "Axi", hbm, dut), "host": monitors(axil_channels, "AxiLite", host, dut)}
        if pauses:
            for n, channel in enumerate((slave.write_if.aw_channel, slave.write_if.w_channel, slave.write_if.b_channel,
                                         slave.read_if.ar_channel, slave.read_if.r_channel)):
                channel.set_pause_generator(self.pause(tessera_bench.rng(20 + n), pauses))

    @staticmethod
    def pause(rng, per_cent):
        while True:
            yield rng.chance(per_cent)

    def store(self, address, data):
        self.memory.mem[address:address + len(data)] = data

    async def start(self):
        dut = self.dut
        dut.rst_ni.value = 0
        dut.cycle_i.value = 0
        for name in ("tile_x_i", "tile_y_i", "mesh_x_i", "mesh_y_i", *LINK_INPUTS):
            getattr(dut, name).value = 0
        await ClockCycles(dut.clk_i, 5)
        dut.rst_ni.value = 1
        await ClockCycles(dut.clk_i, 2)

    async def ring(self):
        await self.host.write_dword(ISA.register("Q_BASE"), 0x1000)
        await self.host.write_dword(ISA.register("Q_BASE_HI"), 0)
        await self.host.write_dword(ISA.register("Q_SIZE"), 32)

    async def run(self, n, *arguments):
        self.store(0x1000 + 128 * n, copy(*arguments))
        await self.host.write_dword(ISA.register("Q_DOORBELL"), 1)
        calm = 0  # a tile that waits for its memory is quiescent, too
        for _ in range(1000):
            await ClockCycles(self.dut.clk_i, 10)
            calm = calm + 1 if self.dut.quiescent_o.value == 1 else 0
            if calm == 12:
                break
        assert calm == 12

    def print(self, *ports):
        for port in ports:
            for channel in CHANNELS:
                for n, line in enumerate(transfers(self.seen[port][channel], channel, 16 if port == "hbm" else 8)):
                    print(f"LOG {port},{channel},{n},{line}", flush=True)


@cocotb.test()
@cocotb.parametrize(ready=[100, 40])
async def copies(dut, ready):
    t = Traffic(dut, 100 - ready)
    await t.start()
    draw = tessera_bench.rng(3)
    t.store(0x10000, bytes(t.rng.below(256) for _ in range(2048)))
    await t.ring()
    for n in range(12):
        elements, rows, source = 1 + draw.below(300), 1 + draw.below(4), 0x10000 + draw.below(800)
        await t.run(n, elements, rows, source, 0x20000 + 0x1000 * n + draw.below(64), 150, 300)
    assert await t.host.read_dword(ISA.register("Q_DONE")) == 12
    t.print("hbm", "host")


@cocotb.test()
async def refused(dut):
    """A read, then a write, that the memory answers with SLVERR; the queue stops and says so."""
    memory = Refusing(2**20)
    memory.refused = range(0x11000, 0x11100)
    t = Traffic(dut, 40, memory)
    await t.start()
    t.store(0x10000, bytes(t.rng.below(256) for _ in range(256)))
    await t.ring()
    for n in range(2):
        source, target = (0x11000, 0x12000) if n == 0 else (0x10000, 0x10FC0)
        await t.run(0, 64, 2, source, target, 64, 64)
        assert await t.host.read_dword(ISA.register("Q_STATUS")) & 4
        assert await t.host.read_dword(ISA.register("Q_ERR")) & 15 == 8
        await t.ring()  # starts the queue again, at slot 0
        await ClockCycles(dut.clk_i, 50)
    t.print("hbm", "host")


@cocotb.test()
async def host_accesses(dut):
    """Random reads and writes of registers, also of those that do not exist, with random strobes."""
    t = Traffic(dut, 0)
    await t.start()
    draw = tessera_bench.rng(3)
    places = (0x0, 0x4, 0x8, 0x400, 0x404, 0x414, 0x1000, 0x1004, 0x1400, 0x1404, 0x1800, 0x0F00, 0x7000)
    for _ in range(120):
        address, value, write = places[draw.below(13)], draw.bits(32), draw.chance(50)
        first = draw.below(4)
        count = 1 + draw.below(4 - first)
        if write:
            await t.host.write(address + first, value.to_bytes(4, "little")[first:first + count])
        else:
            await t.host.read(address, 4)
    assert t.seen["host"]["aw"].count() > 40
    t.print("host")
