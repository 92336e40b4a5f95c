# SPDX-License-Identifier: Apache-2.0
"""AXI4 memory and AXI4-Lite manager with exactly the timing of tessera/bfm.hpp, for benches whose traces are compared."""

from collections import deque

import cocotb
from cocotb.triggers import Lock, RisingEdge

import tessera_bench


class Pins:
    def __init__(self, dut, prefix, names):
        for name in names.split():
            setattr(self, name, getattr(dut, f"{prefix}_{name}"))


class AxiMemory:
    def __init__(self, dut, prefix, clk, ready_percent, latency, stream=20):
        self.clk, self.ready, self.latency = clk, ready_percent, latency
        self.pins = Pins(dut, prefix, "awid awaddr awlen awvalid awready wdata wstrb wlast wvalid wready bid bresp bvalid bready "
                                      "arid araddr arlen arvalid arready rid rdata rresp rlast rvalid rready")
        self.bytes = len(self.pins.wdata) // 8
        self.rng = tessera_bench.rng(stream)
        self.memory, self.bursts = {}, []
        self.clock, self.complete = 0, 0
        self.aw, self.w, self.b, self.r = deque(), deque(), deque(), deque()

    def write(self, address, data):
        for i, value in enumerate(data):
            self.memory[address + i] = value

    def read(self, address, count):
        return bytes(self.memory.get(address + i, 0) for i in range(count))

    def idle(self):
        for name in "awready wready bvalid bid bresp arready rvalid rid rdata rresp rlast".split():
            getattr(self.pins, name).value = 0

    def start(self):
        cocotb.start_soon(self.serve())

    def when(self):
        return self.clock + (self.rng.below(self.latency) if self.latency else 0)

    async def serve(self):
        p, edge = self.pins, RisingEdge(self.clk)
        awready = wready = arready = bvalid = rvalid = False
        while True:
            await edge
            self.clock += 1
            if awready and p.awvalid.value == 1:
                self.aw.append((int(p.awid.value), int(p.awaddr.value), int(p.awlen.value) + 1))
            if wready and p.wvalid.value == 1:
                self.w.append((int(p.wdata.value), int(p.wstrb.value)))
                self.complete += int(p.wlast.value)
            if self.complete and self.aw:
                self.commit()
            if bvalid and p.bready.value == 1:
                bvalid = False
            if rvalid and p.rready.value == 1:
                rvalid = False
            if arready and p.arvalid.value == 1:
                burst = (int(p.arid.value), int(p.araddr.value), int(p.arlen.value) + 1)
                self.bursts.append(("read", *burst))
                self.r.append([self.when(), *burst])
            if not bvalid and self.b and self.b[0][0] <= self.clock:
                p.bid.value = self.b.popleft()[1]
                bvalid = True
            if not rvalid and self.r and self.r[0][0] <= self.clock:
                burst = self.r[0]
                p.rdata.value = int.from_bytes(self.read(burst[2], self.bytes), "little")
                p.rid.value = burst[1]
                p.rlast.value = int(burst[3] == 1)
                burst[2] += self.bytes
                burst[3] -= 1
                if burst[3] == 0:
                    self.r.popleft()
                rvalid = True
            p.bvalid.value = int(bvalid)
            p.rvalid.value = int(rvalid)
            awready, wready, arready = (self.rng.chance(self.ready) for _ in range(3))
            p.awready.value = int(awready)
            p.wready.value = int(wready)
            p.arready.value = int(arready)

    def commit(self):
        tag, address, beats = self.aw.popleft()
        self.complete -= 1
        self.bursts.append(("write", tag, address, beats))
        for beat in range(beats):
            data, strobe = self.w.popleft()
            for i in range(self.bytes):
                if strobe >> i & 1:
                    self.memory[address + beat * self.bytes + i] = data >> 8 * i & 0xFF
        self.b.append((self.when(), tag))


class AxiLiteManager:
    def __init__(self, dut, prefix, clk):
        self.clk = clk
        self.pins = Pins(dut, prefix, "awaddr awprot awvalid awready wdata wstrb wvalid wready bresp bvalid bready araddr arprot "
                                      "arvalid arready rdata rresp rvalid rready")
        self.lock = Lock()

    def idle(self):
        for name in "awvalid awaddr awprot wvalid wdata wstrb bready arvalid araddr arprot rready".split():
            getattr(self.pins, name).value = 0

    async def write(self, address, data):
        p = self.pins
        async with self.lock:
            aw = w = True
            p.awvalid.value = 1
            p.awaddr.value = address
            p.wvalid.value = 1
            p.wdata.value = data
            p.wstrb.value = 15
            p.bready.value = 1
            while True:
                await RisingEdge(self.clk)
                if aw and p.awready.value == 1:
                    p.awvalid.value = 0
                    aw = False
                if w and p.wready.value == 1:
                    p.wvalid.value = 0
                    w = False
                if p.bvalid.value == 1:
                    break
            p.bready.value = 0
            assert p.bresp.value == 0

    async def read(self, address):
        p = self.pins
        async with self.lock:
            ar = True
            p.arvalid.value = 1
            p.araddr.value = address
            p.rready.value = 1
            while True:
                await RisingEdge(self.clk)
                if ar and p.arready.value == 1:
                    p.arvalid.value = 0
                    ar = False
                if p.rvalid.value == 1:
                    break
            data = int(p.rdata.value)
            p.rready.value = 0
            assert p.rresp.value == 0
            return data
