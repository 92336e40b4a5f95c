// SPDX-License-Identifier: Apache-2.0
// Every bin of the DMA initiator, hit and left at zero.
#include "../cocotb/dma_bench.hpp"
#include "bins.hpp"

using namespace dma_bench;

namespace {

struct Run {
  unsigned ready = 100, latency = 5;
  unsigned queues = 1, each = 4;  ///< descriptors on each of so many queues
  unsigned again = 0;             ///< descriptors of a second doorbell of queue 0
  unsigned wait = 0;              ///< of queue 1, a count of updates of queue 0
  bool update = false, refused = false;
  Copy copy = Copy{64, 4, 0x8000, 0, 64, 64, 0, 0, false};
};

Coro<void> run(Dut& dut, Run r) {
  auto bench = std::make_shared<DmaBench>(dut, r.ready, r.latency);
  co_await bench->start();
  if (r.refused) bench->refused = r.copy.source;
  std::uint64_t target = 0x100000;
  for (unsigned q = 0; q < r.queues; ++q) {
    for (unsigned n = 0; n < r.each + (q == 0 ? r.again : 0); ++n) {
      Copy c = r.copy;
      c.target = target;
      c.wait = q == 1 ? r.wait : 0;
      c.update = r.update && q == 0;
      bench->push(q, descriptor(c));
      target += 0x1000;
    }
  }
  for (unsigned q = 0; q < r.queues; ++q) co_await bench->doorbell(q, r.each);
  if (r.again != 0) co_await bench->doorbell(0, r.again);
  if (r.refused) {
    co_await ClockCycles(dut.clk_i, 500);
    co_return;
  }
  for (unsigned q = 0; q < r.queues; ++q) co_await bench->done(q, r.each + (q == 0 ? r.again : 0));
}
Run with(Copy copy) {
  Run r;
  r.each = 1;
  r.copy = copy;
  return r;
}
Copy row(unsigned elements, unsigned rows = 1, std::uint64_t source = 0x8000) {
  return Copy{elements, rows, source, 0, elements, elements, 0, 0, false};
}

}  // namespace

TSR_BIN(tsr_dma_cover, ReadStall_C) {
  Run r;
  r.ready = hit ? 30 : 100;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, WriteStall_C) {
  Run r;
  r.ready = hit ? 30 : 100;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, TwoQueuesWant_C) {
  Run r;
  r.ready = 30;
  r.queues = hit ? 2 : 1;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, AllBusy_C) {
  Run r;
  r.queues = hit ? kQueues : kQueues - 1;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, Waiting_C) {
  Run r;
  r.queues = 2;
  r.update = true;
  r.wait = hit ? 1 : 0;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, UpdateStall_C) {
  Run r;
  r.each = 12;
  r.update = hit;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, UpdateTaken_C) {
  Run r;
  r.update = hit;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, QueueError_C) {
  Run r;
  r.refused = hit;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, QueuesAlternate_C) {
  Run r;
  r.queues = hit ? 2 : 1;
  co_await run(dut, r);
}
TSR_BIN(tsr_dma_cover, OneBeatWrite_C) { co_await run(dut, with(row(hit ? 8 : 16))); }
TSR_BIN(tsr_dma_cover, LongWrite_C) { co_await run(dut, with(row(hit ? 16 : 8))); }
TSR_BIN(tsr_dma_cover, ReadWithWrite_C) { co_await run(dut, with(row(hit ? 64 : 8, hit ? 16 : 1))); }
TSR_BIN(tsr_dma_cover, DoorbellBusy_C) {
  Run r;
  r.again = hit ? 1 : 0;
  co_await run(dut, r);
}

TSR_BIN(dma_row, below_beat) { co_await run(dut, with(row(hit ? 7 : 8))); }
TSR_BIN(dma_row, whole_beats) { co_await run(dut, with(row(hit ? 24 : 23))); }
TSR_BIN(dma_row, ragged) { co_await run(dut, with(row(hit ? 9 : 8))); }
TSR_BIN(dma_rows, one) { co_await run(dut, with(row(16, hit ? 1 : 2))); }
TSR_BIN(dma_rows, many) { co_await run(dut, with(row(16, hit ? 2 : 1))); }
TSR_BIN(dma_source, aligned) { co_await run(dut, with(row(16, 1, hit ? 0x8000 : 0x8003))); }
TSR_BIN(dma_source, unaligned) { co_await run(dut, with(row(16, 1, hit ? 0x8001 : 0x8008))); }
