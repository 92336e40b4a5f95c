// SPDX-License-Identifier: Apache-2.0
// Every bin of the tile, hit and left at zero.
#include "../cocotb/tile_twin_bench.hpp"
#include "bins.hpp"

using namespace tile_bench;

namespace {

constexpr auto kPe = static_cast<unsigned>(isa::Engine::kPe), kDve = static_cast<unsigned>(isa::Engine::kDve);
constexpr std::uint64_t kSbufTarget = 1 << 2, kSbufSource = 1;

struct Run {
  unsigned ready = 100;
  Copy copy = Copy{64, 4, 0x10000, 0x20000, 64, 64, 0, 0, 0};
  bool doorbell = true, host_read = false, host_write = false, refused = false;
};

/// One queue, one descriptor; the host stays away until it must be over, but for one access soon after the doorbell.
Coro<void> run(Dut& dut, Run r) {
  auto bench = std::make_shared<Bench>(dut, r.ready, 5);
  co_await bench->start();
  bench->memory->write(0x10000, bench->random(1024));
  Bytes ring;
  append(ring, r.copy);
  if (!r.doorbell) {
    bench->memory->write(0x1000, ring);
    co_await bench->host.write(reg::kQBase, 0x1000);
    co_await bench->host.write(reg::kQSize, 1);
    co_await ClockCycles(dut.clk_i, 500);
    co_return;
  }
  co_await bench->queue(0, 0x1000, ring);
  co_await ClockCycles(dut.clk_i, 10);
  if (r.host_write) co_await bench->host.write(reg::at(reg::kSemSet, 1), 7);
  if (r.host_read) co_await bench->host.read(reg::kSemRead);
  co_await ClockCycles(dut.clk_i, 1500);
  if (r.copy.wait != 0) co_await bench->host.write(reg::at(reg::kSemSet, 5), static_cast<std::uint32_t>(r.copy.wait));
  co_await ClockCycles(dut.clk_i, 500);
  if (!r.refused) co_await bench->done(0, 1);
}
/// `rows` rows of `elements` bytes, 64 bytes apart at both ends.
Copy transfer(std::uint64_t elements, std::uint64_t rows, std::uint64_t source, std::uint64_t target,
              std::uint64_t spaces = 0, std::uint64_t wait = 0) {
  return Copy{elements, rows, source, target, 64, 64, spaces, wait, 0};
}
Run with(Copy copy) {
  Run r;
  r.copy = copy;
  return r;
}
/// Engine e runs one NOP and halts.
Coro<void> run_engine(Dut& dut, unsigned e) {
  auto bench = std::make_shared<Bench>(dut, 100, 5);
  co_await bench->start();
  Bytes program(256);
  program[128] = 6;  // HALT
  bench->memory->write(0x4000, program);
  co_await bench->host.write(reg::at(reg::kEngPc, e), 0x4000);
  co_await bench->host.write(reg::at(reg::kEngPcHi, e), 0);
  co_await bench->host.write(reg::at(reg::kEngStart, e), 1);
  co_await ClockCycles(dut.clk_i, 500);
  const std::uint32_t status = co_await bench->host.read(reg::at(reg::kEngStatus, e));
  CO_ASSERT_EQ(status & 7, 2U);
}

}  // namespace

TSR_BIN(tsr_tile_cover, ReadStall_C) {
  Run r;
  r.ready = hit ? 20 : 100;
  co_await run(dut, r);
}
TSR_BIN(tsr_tile_cover, AddressStall_C) {
  Run r;
  r.ready = hit ? 20 : 100;
  co_await run(dut, r);
}
TSR_BIN(tsr_tile_cover, WriteStall_C) {
  Run r;
  r.ready = hit ? 20 : 100;
  co_await run(dut, r);
}
TSR_BIN(tsr_tile_cover, Burst_C) { co_await run(dut, with(transfer(hit ? 64U : 8U, 4, 0x10000, 0x20000, 0))); }
TSR_BIN(tsr_tile_cover, ReadWithWrite_C) {
  co_await run(dut, with(transfer(hit ? 64U : 8U, hit ? 16U : 1U, 0x10000, 0x20000, 0)));
}
TSR_BIN(tsr_tile_cover, HostReadBusy_C) {
  Run r;
  r.host_read = hit;
  co_await run(dut, r);
}
TSR_BIN(tsr_tile_cover, HostWriteBusy_C) {
  Run r;
  r.host_write = hit;
  co_await run(dut, r);
}
TSR_BIN(tsr_tile_cover, QueueWaits_C) { co_await run(dut, with(transfer(64, 4, 0x10000, 0x20000, 0, hit ? 3U : 0U))); }
TSR_BIN(tsr_tile_cover, QueueRetires_C) {
  Run r;
  r.doorbell = hit;
  co_await run(dut, r);
}
TSR_BIN(tsr_tile_cover, SbufWrite_C) { co_await run(dut, with(transfer(64, 1, 0x10000, 0x80, hit ? kSbufTarget : 0))); }
TSR_BIN(tsr_tile_cover, SbufRead_C) { co_await run(dut, with(transfer(64, 1, 0x80, 0x20000, hit ? kSbufSource : 0))); }
TSR_BIN(tsr_tile_cover, Interrupt_C) {
  Run r;
  r.copy.source = hit ? 1ULL << 39 : 0x10000;  // no such byte in HBM
  r.refused = hit;
  co_await run(dut, r);
}
TSR_BIN(tsr_tile_cover, PeRetires_C) { co_await run_engine(dut, hit ? kPe : kDve); }
TSR_BIN(tsr_tile_cover, DveRetires_C) { co_await run_engine(dut, hit ? kDve : kPe); }
TSR_BIN(tsr_tile_cover, ComesToRest_C) {
  auto bench = std::make_shared<Bench>(dut, 100, 5);
  co_await bench->start();
  if (hit) co_await bench->host.write(reg::kSemSet, 1);
  co_await ClockCycles(dut.clk_i, 100);
}

TSR_BIN(tile_copy, hbm_to_hbm) { co_await run(dut, with(transfer(64, 1, 0x10000, 0x80, hit ? 0 : kSbufTarget))); }
TSR_BIN(tile_copy, hbm_to_sbuf) { co_await run(dut, with(transfer(64, 1, 0x10000, 0x80, hit ? kSbufTarget : 0))); }
TSR_BIN(tile_copy, sbuf_to_hbm) { co_await run(dut, with(transfer(64, 1, 0x80, 0x20000, hit ? kSbufSource : 0))); }
