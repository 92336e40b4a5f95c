# SPDX-License-Identifier: Apache-2.0
"""Memory and semaphores around the DMA initiator, with random latency and back-pressure. The twin is dma_bench.hpp.

One task serves one clock: it takes what the last edge transferred, then drives the inputs of the next. All waits look at one
semaphore, and every update counts it up by one.
"""

from collections import deque

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

import tessera_bench
from tile_bench import GE, INC, ISA, RAW8

AXI_ERROR = ISA.code("err", "AXI")
ANSWER = {ISA.code("kind", f"{way}_REQ"): ISA.code("kind", f"{way}_RSP") for way in ("RD", "WR")}
SEMAPHORE = 5  # of all waits and updates
BEAT = 8  # bytes
ROW_COVER = tessera_bench.CoverGroup("dma_row", ["below_beat", "whole_beats", "ragged"])  # length of a row in beats
ROWS_COVER = tessera_bench.CoverGroup("dma_rows", ["one", "many"])
SOURCE_COVER = tessera_bench.CoverGroup("dma_source", ["aligned", "unaligned"])


def base(q):
    return 0x30000000 + q * 0x100000


def descriptor(elements, rows, source, target, source_step, target_step, tag=0, wait=0, update=False):
    """RAW8 copy inside the tile's HBM as a 1024-bit number."""
    ROW_COVER.sample("below_beat" if elements < BEAT else "ragged" if elements % BEAT else "whole_beats")
    ROWS_COVER.sample("one" if rows == 1 else "many")
    SOURCE_COVER.sample("unaligned" if source % BEAT else "aligned")
    fields = dict(src_dtype=RAW8, dst_dtype=RAW8, tag=tag, row_elems=elements, src_addr=source, dst_addr=target, num1=rows,
                  src_step1=source_step, dst_step1=target_step)
    if wait:
        fields.update(wait_sem=SEMAPHORE, wait_cond=GE, wait_value=wait)
    if update:
        fields.update(upd_sem=SEMAPHORE, upd_op=INC, upd_value=1)
    return ISA.pack("desc", **fields)


def levels(elements, counts, source, target, source_steps, target_steps):
    """RAW8 copy over three levels of rows; steps are signed."""
    fields = dict(src_dtype=RAW8, dst_dtype=RAW8, row_elems=elements, src_addr=source, dst_addr=target)
    for n in range(3):
        fields.update({f"num{n + 1}": counts[n], f"src_step{n + 1}": source_steps[n], f"dst_step{n + 1}": target_steps[n]})
    return ISA.pack("desc", **fields)


def length_and_address(header):
    return ISA.get("hdr", header, "len"), ISA.get("hdr", header, "addr")


class DmaBench:
    def __init__(self, dut, ready, latency):
        self.dut, self.ready, self.latency = dut, ready, latency
        self.rng = tessera_bench.rng()
        self.draw = tessera_bench.rng(1)
        self.queues = len(dut.queue_setup_base_i)
        self.memory = {}
        self.reads, self.acks = [], []  # [clock from which it may go, header, bytes written]
        self.response = None  # [header, next beat]
        self.packet = 0  # bytes taken of the present write packet
        self.written = {}  # by the present write packet; seen in memory when it is acknowledged
        self.promised = [deque() for _ in range(self.queues)]  # what must be in memory when a queue updates its semaphore
        self.semaphore, self.updates, self.clock = 0, 0, 0
        self.slots = [0] * 16
        self.expected, self.errors = {}, {}
        self.refused = None  # an address whose read is answered with an error
        self.next_target = 0x100000

    async def start(self):
        dut = self.dut
        Clock(dut.clk_i, 10, "ns").start()
        dut.rst_ni.value = 0
        for name in ("cycle_i", "queue_setup_restart_i", "doorbell_en_i", "doorbell_number_i", "doorbell_count_i",
                     "read_req_ready_i", "read_rsp_valid_i", "read_rsp_hdr_i", "read_rsp_data_i", "read_rsp_last_i",
                     "write_req_ready_i", "write_ack_valid_i", "write_ack_i", "queue_sem_upd_ready_i"):
            getattr(dut, name).value = 0
        dut.place_x_i.value = 3
        dut.place_y_i.value = 2
        dut.place_mesh_x_i.value = 7
        dut.place_mesh_y_i.value = 7
        for q in range(self.queues):
            dut.queue_setup_base_i[q].value = base(q)
            dut.queue_setup_size_i[q].value = 64
            dut.queue_sem_value_i[q].value = 0
        await ClockCycles(dut.clk_i, 4)
        dut.rst_ni.value = 1
        dut.queue_setup_restart_i.value = (1 << self.queues) - 1
        await RisingEdge(dut.clk_i)
        dut.queue_setup_restart_i.value = 0
        cocotb.start_soon(self.serve())

    def load(self, address):
        return self.memory.get(address, (address * 0x9E3779B1 >> 12) & 0xFF)

    async def serve(self):
        dut, rng = self.dut, self.rng
        edge = RisingEdge(dut.clk_i)
        rdq_ready = wrq_ready = upd_ready = 0
        while True:
            await edge
            self.clock += 1
            if rdq_ready and dut.read_req_valid_o.value == 1:
                self.reads.append([self.clock + 1 + rng.below(self.latency), int(dut.read_req_o.value), {}])
            if wrq_ready and dut.write_req_valid_o.value == 1:
                self.take_write(int(dut.write_req_hdr_o.value), int(dut.write_req_data_o.value), dut.write_req_last_o.value == 1)
            done = int(dut.queue_sem_upd_valid_o.value) & upd_ready
            self.semaphore += done.bit_count()
            self.updates += done.bit_count()
            for q in range(self.queues):
                if done >> q & 1 and self.promised[q]:
                    early = [a for a, v in self.promised[q].popleft().items() if self.memory.get(a) != v]
                    assert not early, f"queue {q} updates its semaphore before {len(early)} bytes are acknowledged"
            failed = int(dut.queue_fault_en_o.value)  # a pulse
            for q in range(self.queues):
                if failed >> q & 1:
                    self.errors[q] = (int(dut.queue_fault_code_o[q].value), int(dut.queue_fault_tag_o[q].value))
            self.drive_response()
            self.drive_ack()
            rdq_ready, wrq_ready = int(rng.chance(self.ready)), int(rng.chance(self.ready))
            upd_ready = rng.below(1 << self.queues)
            dut.read_req_ready_i.value = rdq_ready
            dut.write_req_ready_i.value = wrq_ready
            dut.queue_sem_upd_ready_i.value = upd_ready
            dut.cycle_i.value = self.clock
            for q in range(self.queues):
                dut.queue_sem_value_i[q].value = self.semaphore

    def take_write(self, header, data, last):
        length, address = length_and_address(header)
        for i in range(BEAT):
            if self.packet + i < length:
                self.written[address + self.packet + i] = data >> 8 * i & 0xFF
        self.packet += BEAT
        if last:
            assert self.packet >= length
            self.packet = 0
            self.acks.append([self.clock + 1 + self.rng.below(self.latency), self.answer(header, 0), self.written])
            self.written = {}

    @staticmethod
    def answer(header, error):
        old = {name: ISA.get("hdr", header, name) for name in ("dst_x", "dst_y", "src_x", "src_y", "kind")}
        return ISA.put("hdr", header, dst_x=old["src_x"], dst_y=old["src_y"], src_x=old["dst_x"], src_y=old["dst_y"],
                       kind=ANSWER[old["kind"]], dtype=0, err=error)

    def pick(self, waiting):
        """One of those that may go, at random; None: none may."""
        ready = [n for n, (when, _, _) in enumerate(waiting) if when <= self.clock]
        if not ready:
            return None
        _, header, written = waiting.pop(ready[self.rng.below(len(ready))])
        self.memory.update(written)
        return header

    def drive_response(self):
        dut = self.dut
        if self.response is None:
            header = self.pick(self.reads)
            if header is not None:
                refused = self.refused is not None and ISA.get("hdr", header, "addr") == self.refused
                self.response = [self.answer(header, AXI_ERROR if refused else 0), 0]
        if self.response is None:
            dut.read_rsp_valid_i.value = 0
            return
        header, beat = self.response
        length, address = length_and_address(header)
        data = 0
        for i in range(BEAT):
            if beat * BEAT + i < length:
                data |= self.load(address + beat * BEAT + i) << 8 * i
        last = (beat + 1) * BEAT >= length
        dut.read_rsp_valid_i.value = 1
        dut.read_rsp_hdr_i.value = header
        dut.read_rsp_data_i.value = data
        dut.read_rsp_last_i.value = int(last)
        self.response = None if last else [header, beat + 1]

    def drive_ack(self):
        header = self.pick(self.acks)
        self.dut.write_ack_valid_i.value = int(header is not None)
        if header is not None:
            self.dut.write_ack_i.value = header

    def push(self, q, d):
        at = base(q) + 128 * self.slots[q]
        self.slots[q] = (self.slots[q] + 1) % 64
        for i in range(128):
            self.memory[at + i] = d >> 8 * i & 0xFF

    def copy(self, q, tag=0, wait=0, update=False):
        """A random copy; what it must write is noted."""
        draw = self.draw
        elements, rows = 1 + draw.below(150), 1 + draw.below(5)
        source, source_step = 0x8000 + draw.below(0x4000), draw.below(400)
        target, target_step = self.next_target + draw.below(64), 160 + draw.below(64)
        self.next_target += 0x1000
        self.push(q, descriptor(elements, rows, source, target, source_step, target_step, tag, wait, update))
        wanted = {target + r * target_step + i: self.load(source + r * source_step + i) for r in range(rows) for i in range(elements)}
        self.expected.update(wanted)
        if update:
            self.promised[q].append(wanted)

    def copy_levels(self, q):
        """A random copy over three levels with steps of both signs."""
        draw = self.draw
        elements = 1 + draw.below(40)
        counts = [1 + draw.below(3) for _ in range(3)]
        source, target = 0x10000 + draw.below(0x1000), self.next_target + 0x8000 + draw.below(64)
        source_steps = [draw.below(401) - 200 for _ in range(3)]
        sign = [1 - 2 * draw.below(2) for _ in range(3)]
        target_steps = [64 * sign[0], 0x200 * sign[1], 0x1000 * sign[2]]
        self.next_target += 0x10000
        self.push(q, levels(elements, counts, source, target, source_steps, target_steps))
        for k in range(counts[2]):
            for j in range(counts[1]):
                for i in range(counts[0]):
                    s, t = (a + steps[0] * i + steps[1] * j + steps[2] * k
                            for a, steps in ((source, source_steps), (target, target_steps)))
                    for n in range(elements):
                        self.expected[t + n] = self.load(s + n)

    async def doorbell(self, q, count):
        dut = self.dut
        dut.doorbell_en_i.value = 1
        dut.doorbell_number_i.value = q
        dut.doorbell_count_i.value = count
        await RisingEdge(dut.clk_i)
        dut.doorbell_en_i.value = 0

    async def done(self, q, count, limit=30000):
        for _ in range(limit):
            if int(self.dut.queue_done_o[q].value) == count:
                return
            await RisingEdge(self.dut.clk_i)
        assert False, f"queue {q} did not finish"

    def check(self):
        wrong = [a for a, v in self.expected.items() if self.memory.get(a) != v]
        assert not wrong, f"{len(wrong)} bytes differ, first at {wrong[0]:#x}"
