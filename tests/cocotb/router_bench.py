# SPDX-License-Identifier: Apache-2.0
"""Both ends of the five links of a router. The twin is router_bench.hpp: same draws, same clock, same pins."""

from collections import deque

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

import tessera_bench

PORTS = "nesw" + "l"
N, E, S, W, L = range(5)
X, Y, MESH_X, MESH_Y = 2, 3, 5, 6  # own place; mesh size less one
LENGTH_COVER = tessera_bench.CoverGroup("router_length", ["one", "short", "long"])  # 1, 2 ... 4, more flits
VC_COVER = tessera_bench.CoverGroup("router_vc", ["v0", "v1", "v2", "v3"])


class Flit:
    def __init__(self, vc, head, tail, data):
        self.vc, self.head, self.tail, self.data = vc, head, tail, data


class Source:
    """Sends queued flits, one per clock at most, as credits allow; idles in `idle` of 100 clocks."""

    def __init__(self, dut, port, depth, rng, idle):
        name = PORTS[port]
        self.clk = dut.clk_i
        self.valid = getattr(dut, f"link_{name}_valid_i")
        self.vc = getattr(dut, f"link_{name}_vc_i")
        self.head = getattr(dut, f"link_{name}_head_i")
        self.tail = getattr(dut, f"link_{name}_tail_i")
        self.data = getattr(dut, f"link_{name}_data_i")
        self.credit_valid = getattr(dut, f"credit_{name}_valid_o")
        self.credit_vc = getattr(dut, f"credit_{name}_vc_o")
        self.credits = [depth] * 4
        self.queue = [deque() for _ in range(4)]
        self.rng, self.idle, self.next, self.sent = rng, idle, 0, 0

    def pending(self):
        return sum(len(q) for q in self.queue)

    async def run(self):
        edge = RisingEdge(self.clk)
        while True:
            await edge
            if self.credit_valid.value == 1:
                self.credits[int(self.credit_vc.value)] += 1
            idle = self.rng.chance(self.idle)
            for k in range(4):
                v = (self.next + k) % 4
                if not idle and self.queue[v] and self.credits[v] > 0:
                    flit = self.queue[v].popleft()
                    self.credits[v] -= 1
                    self.next = (v + 1) % 4
                    self.sent += 1
                    self.valid.value = 1
                    self.vc.value = flit.vc
                    self.head.value = flit.head
                    self.tail.value = flit.tail
                    self.data.value = flit.data
                    break
            else:
                self.valid.value = 0


class Sink:
    """Takes every flit into a buffer per VC and gives credits back in `eager` of 100 clocks."""

    def __init__(self, dut, port, depth, rng, pick, eager, arrived):
        name = PORTS[port]
        self.clk, self.port, self.depth = dut.clk_i, port, depth
        self.valid = getattr(dut, f"link_{name}_valid_o")
        self.vc = getattr(dut, f"link_{name}_vc_o")
        self.head = getattr(dut, f"link_{name}_head_o")
        self.tail = getattr(dut, f"link_{name}_tail_o")
        self.data = getattr(dut, f"link_{name}_data_o")
        self.credit_valid = getattr(dut, f"credit_{name}_valid_i")
        self.credit_vc = getattr(dut, f"credit_{name}_vc_i")
        self.held = [0] * 4
        self.rng, self.pick, self.eager, self.arrived = rng, pick, eager, arrived

    async def run(self):
        edge = RisingEdge(self.clk)
        while True:
            await edge
            if self.valid.value == 1:
                v = int(self.vc.value)
                self.held[v] += 1
                assert self.held[v] <= self.depth, "a flit without a credit"
                self.arrived(self.port, Flit(v, int(self.head.value), int(self.tail.value), int(self.data.value)))
            give = not self.rng.chance(100 - self.eager)
            first = self.pick.below(4)
            for k in range(4):
                v = (first + k) % 4
                if give and self.held[v] > 0:
                    self.held[v] -= 1
                    self.credit_valid.value = 1
                    self.credit_vc.value = v
                    break
            else:
                self.credit_valid.value = 0


class Packet:
    def __init__(self, source, vc, flits):
        self.source, self.vc, self.flits = source, vc, flits


class RouterBench:
    def __init__(self, dut, idle, eager):
        self.dut = dut
        self.rng = tessera_bench.rng()
        depth = int(dut.Depth.value)
        self.sources = [Source(dut, p, depth, tessera_bench.rng(1 + p), idle) for p in range(5)]
        self.sinks = [Sink(dut, p, depth, tessera_bench.rng(6 + p), tessera_bench.rng(11 + p), eager, self.arrived) for p in range(5)]
        self.wanted = [[[deque() for _ in range(4)] for _ in range(5)] for _ in range(5)]  # [to][from][vc]
        self.now = [[None] * 4 for _ in range(5)]  # [to][vc]: packet and place in it
        self.next_id = 1
        self.flits = 0
        self.count = [0] * 5

    async def start(self):
        dut = self.dut
        Clock(dut.clk_i, 10, "ns").start()
        dut.rst_ni.value = 0
        dut.place_x_i.value, dut.place_y_i.value = X, Y
        dut.place_mesh_x_i.value, dut.place_mesh_y_i.value = MESH_X, MESH_Y
        for name in PORTS:
            for signal in ("valid", "vc", "head", "tail", "data"):
                getattr(dut, f"link_{name}_{signal}_i").value = 0
            for signal in ("valid", "vc"):
                getattr(dut, f"credit_{name}_{signal}_i").value = 0
        await ClockCycles(dut.clk_i, 3)
        dut.rst_ni.value = 1
        await RisingEdge(dut.clk_i)
        for p in range(5):
            cocotb.start_soon(self.sources[p].run())
            cocotb.start_soon(self.sinks[p].run())

    def destination(self, source):
        """A destination that a packet on input `source` may have under dimension order, and its output."""
        while True:
            x, y = self.rng.below(MESH_X + 1), self.rng.below(MESH_Y + 1)
            if self.rng.chance(30):
                x = X
            if self.rng.chance(30):
                y = Y
            if source == N and (x != X or y < Y):
                continue
            if source == S and (x != X or y > Y):
                continue
            if source == E and x > X:
                continue
            if source == W and x < X:
                continue
            if source == L and x == X and y == Y:
                continue
            return x, y, E if x > X else W if x < X else S if y > Y else N if y < Y else L

    def send(self, source, vc, length, only_to=None):
        while True:
            x, y, to = self.destination(source)
            if only_to is None or to == only_to:
                break
        LENGTH_COVER.sample("one" if length == 1 else "short" if length <= 4 else "long")
        VC_COVER.sample(f"v{vc}")
        flits = []
        for i in range(length):
            low = x | y << 8 | 0x0201 << 16 if i == 0 else i
            flits.append(Flit(vc, int(i == 0), int(i + 1 == length), self.next_id << 32 | low))
        self.next_id += 1
        self.sources[source].queue[vc].extend(flits)
        self.wanted[to][source][vc].append(Packet(source, vc, flits))
        self.flits += length

    def arrived(self, to, flit):
        state = self.now[to][flit.vc]
        if state is None:
            assert flit.head == 1, "a body flit of no packet"
            for source in range(5):
                queue = self.wanted[to][source][flit.vc]
                if queue and queue[0].flits[0].data == flit.data:
                    state = [queue.popleft(), 0]
                    break
            assert state is not None, "a packet that nobody waits for"
        packet, at = state
        want = packet.flits[at]
        assert (flit.head, flit.tail, flit.data) == (want.head, want.tail, want.data)
        self.flits -= 1
        self.count[to] += 1
        self.now[to][flit.vc] = None if flit.tail else [packet, at + 1]

    def hold_credits(self):
        """From now on no sink gives a credit back."""
        for sink in self.sinks:
            sink.eager = 0

    async def drain(self, limit):
        for _ in range(limit):
            if self.flits == 0:
                break
            await RisingEdge(self.dut.clk_i)
        assert self.flits == 0, "flits were lost or stuck"
