# SPDX-License-Identifier: Apache-2.0
"""A tile between cocotbext-axi's memory and host: AxiRam on hbm_axi, AxiLiteMaster on host_axil."""

import logging
import pathlib
import sys

from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam

import tessera_bench

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import gen_boundary  # noqa: E402
import isa_model  # noqa: E402

ISA = isa_model.load()
REG_ID, REG_POSITION, REG_IRQ, REG_IRQ_CLEAR = (ISA.register(name) for name in ("ID", "POSITION", "IRQ", "IRQ_CLEAR"))
SEM_READ, SEM_SET, SEM_INC, SEM_DEC = (ISA.register(f"SEM_{name}") for name in ("READ", "SET", "INC", "DEC"))
HBM, SBUF, PSUM, REG = range(4)
FP32, BF16, RAW8 = range(3)
PE, ACT, DVE = (ISA.code("engine", name) for name in ("PE", "ACT", "DVE"))
IRQ_QUEUE = ISA.constants["IRQ_QUEUE"][0]
LINK_INPUTS = [p.sv for b in gen_boundary.load().bundles if b.per == "direction" for p in b.inputs()]
GE, EQ = 1, 2
SET, INC, DEC = 1, 2, 3


def desc(**fields):
    return ISA.pack("desc", **fields).to_bytes(128, "little")


def instr(**fields):
    return ISA.pack("instr", **fields).to_bytes(128, "little")


def operand(space, dtype, start_part=0, offset=0, num0=1, step0=1):
    return ISA.pack("operand", space=space, dtype=dtype, start_part=start_part, offset=offset, step0=step0, num0=num0)


def opcode(name):
    return ISA.code("opcode", name)


def cell(partition, byte):
    return partition << ISA.constants["PARTITION_SHIFT"][0] | byte


class TileBench:
    def __init__(self, dut, pauses=0):
        """`pauses`: every channel of the memory and of the host stands still in so many of 100 clocks."""
        self.dut = dut
        self.rng = tessera_bench.rng()
        for bus in ("hbm_axi", "host_axil"):
            logging.getLogger(f"cocotb.{dut._name}.{bus}").setLevel(logging.WARNING)
        Clock(dut.clk_i, 10, "ns").start()
        self.ram = AxiRam(AxiBus.from_prefix(dut, "hbm_axi"), dut.clk_i, dut.rst_ni, reset_active_level=False, size=2**20)
        self.host = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "host_axil"), dut.clk_i, dut.rst_ni, reset_active_level=False)
        if pauses:
            ends = (self.ram.write_if, self.ram.read_if, self.host.write_if, self.host.read_if)
            channels = [getattr(end, name) for end in ends for name in ("aw_channel", "w_channel", "b_channel", "ar_channel", "r_channel")
                        if hasattr(end, name)]
            assert len(channels) == 10
            for n, channel in enumerate(channels):
                channel.set_pause_generator(self.pause(tessera_bench.rng(20 + n), pauses))

    @staticmethod
    def pause(rng, per_cent):
        while True:
            yield rng.chance(per_cent)

    async def start(self):
        dut = self.dut
        dut.rst_ni.value = 0
        dut.cycle_i.value = 0
        for name in ("tile_x_i", "tile_y_i", "mesh_x_i", "mesh_y_i", *LINK_INPUTS):
            getattr(dut, name).value = 0
        await ClockCycles(dut.clk_i, 5)
        dut.rst_ni.value = 1
        await ClockCycles(dut.clk_i, 3)

    async def read(self, address):
        return await self.host.read_dword(address)

    async def write(self, address, value):
        await self.host.write_dword(address, value)

    async def queue(self, q, base, descriptors):
        """Writes a ring of descriptors to HBM and rings the doorbell."""
        self.ram.write(base, b"".join(descriptors))
        for name, value in (("Q_BASE", base), ("Q_BASE_HI", 0), ("Q_SIZE", len(descriptors)), ("Q_DOORBELL", len(descriptors))):
            await self.write(ISA.register(name, q), value)

    async def queue_done(self, q, count, limit=20000):
        done, status, error = (ISA.register(name, q) for name in ("Q_DONE", "Q_STATUS", "Q_ERR"))
        for _ in range(limit // 40):
            if await self.read(done) == count:
                return
            assert not await self.read(status) & 4, f"queue {q} stopped with error {await self.read(error):#x}"
            await ClockCycles(self.dut.clk_i, 20)
        assert False, f"queue {q} is not done: status {await self.read(status):#x}"

    async def engine(self, e, base, instructions):
        self.ram.write(base, b"".join(instructions))
        for name, value in (("ENG_PC", base), ("ENG_PC_HI", 0), ("ENG_START", 1)):
            await self.write(ISA.register(name, e), value)

    async def quiescent(self, limit=5000):
        for _ in range(limit):
            await RisingEdge(self.dut.clk_i)
            if self.dut.quiescent_o.value == 1:
                return
        assert False, "the tile does not come to rest"

    def bytes(self, n):
        return bytes(self.rng.below(256) for _ in range(n))
