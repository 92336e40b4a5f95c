// SPDX-License-Identifier: Apache-2.0
// AxiMemory and AxiLiteManager against cocotbext-axi: test_axi.py drives the same seeded traffic through the same tile
// with AxiRam, AxiSlave and AxiLiteMaster. The lists of transfers of every channel must be equal; they are printed as
// LOG lines.
#include <algorithm>
#include <iostream>

#include "tile_twin_bench.hpp"

using namespace tile_bench;

namespace {

using Memory = AxiMonitor<Bench::Axi>;
using Host = AxiMonitor<Bench::Axil>;

void print(const char* port, const char* channel, const std::vector<AxiTransfer>& transfers) {
  for (std::size_t n = 0; n < transfers.size(); ++n)
    std::cout << "LOG " << port << "," << channel << "," << n << "," << transfers[n] << "\n";
  std::cout << std::flush;
}
template <class Monitor>
void print(const char* port, const Monitor& m) {
  print(port, "aw", m.aw);
  print(port, "w", m.w);
  print(port, "b", m.b);
  print(port, "ar", m.ar);
  print(port, "r", m.r);
}

/// The bits of the bytes of a strobe.
std::uint32_t strobe_mask(unsigned strobe) {
  std::uint32_t mask = 0;
  for (unsigned i = 0; i < 4; ++i) mask |= strobe >> i & 1 ? 0xffU << 8 * i : 0U;
  return mask;
}

struct Traffic {
  explicit Traffic(Dut& d, unsigned ready, unsigned latency)
      : bench(std::make_shared<Bench>(d, ready, latency)),
        memory(std::make_shared<Memory>(d.clk_i, TSR_AXI_PINS(d, hbm_axi))),
        host(std::make_shared<Host>(d.clk_i, TSR_AXIL_PINS(d, host_axil))),
        dut(d) {}
  std::shared_ptr<Bench> bench;
  std::shared_ptr<Memory> memory;
  std::shared_ptr<Host> host;
  Dut& dut;

  Coro<void> start() {
    memory->start();
    host->start();
    co_await bench->start();
  }
  /// What AxiMemory says of its bursts is what passed over the channels.
  void check_bursts() const {
    std::size_t writes = 0, reads = 0, at = 0;
    for (const AxiBurst& burst : bench->memory->bursts()) {
      const AxiTransfer& address = burst.write ? memory->aw.at(writes) : memory->ar.at(reads);
      CO_ASSERT_EQ(address.address, burst.address);
      CO_ASSERT_EQ(address.length, burst.length);
      CO_ASSERT_EQ(address.id, burst.id);
      if (burst.write) {
        CO_ASSERT_EQ(memory->b.at(writes).response, burst.response);
        ++writes;
      } else {
        unsigned worst = 0;
        for (unsigned beat = 0; beat < burst.length; ++beat) worst = std::max(worst, memory->r.at(at++).response);
        CO_ASSERT_EQ(worst, burst.response);
        ++reads;
      }
    }
    CO_ASSERT_EQ(writes, memory->aw.size());
    CO_ASSERT_EQ(reads, memory->ar.size());
  }
  /// One descriptor, and the tile's rest after it.
  Coro<void> run(const Copy& copy, unsigned n) {
    Bytes ring;
    append(ring, copy);
    bench->memory->write(0x1000 + 128ULL * n, ring);
    co_await bench->host.write(reg::kQDoorbell, 1);
    int calm = 0;  // a tile that waits for its memory is quiescent, too
    for (int i = 0; i < 1000 && calm < 12; ++i) {
      co_await ClockCycles(dut.clk_i, 10);
      calm = dut.quiescent_o.value() == 1 ? calm + 1 : 0;
    }
    CO_ASSERT_EQ(calm, 12);
  }
  Coro<void> ring() {
    co_await bench->host.write(reg::kQBase, 0x1000);
    co_await bench->host.write(reg::kQBaseHi, 0);
    co_await bench->host.write(reg::kQSize, 32);
  }
};

}  // namespace

TSR_TEST(copies, {.parametrise = {{"ready", 100, 40}}}) {
  Traffic t(dut, param<unsigned>("ready"), 20);
  co_await t.start();
  SplitMix64 draw = rng(3);
  const Bytes data = t.bench->random(2048);
  t.bench->memory->write(0x10000, data);
  co_await t.ring();
  for (unsigned n = 0; n < 12; ++n) {
    Copy c;
    c.elements = 1 + draw.below(300);
    c.rows = 1 + draw.below(4);
    c.source = 0x10000 + draw.below(800);
    c.target = 0x20000 + 0x1000 * n + draw.below(64);
    c.source_step = 150;
    c.target_step = 300;
    co_await t.run(c, n);
  }
  const std::uint32_t done = co_await t.bench->host.read(reg::kQDone);
  CO_ASSERT_EQ(done, 12U);
  t.check_bursts();
  print("hbm", *t.memory);
  print("host", *t.host);
}

TSR_TEST(refused, {.doc = "A read, then a write, that the memory answers with SLVERR; the queue stops and says so."}) {
  Traffic t(dut, 60, 20);
  co_await t.start();
  const Bytes data = t.bench->random(256);
  t.bench->memory->write(0x10000, data);
  t.bench->memory->refuse(0x11000, 0x100);
  co_await t.ring();
  Copy c;
  c.elements = 64;
  c.rows = 2;
  c.source_step = 64;
  c.target_step = 64;
  for (unsigned n = 0; n < 2; ++n) {
    c.source = n == 0 ? 0x11000 : 0x10000;
    c.target = n == 0 ? 0x12000 : 0x10fc0;  // the second row of the write is refused
    co_await t.run(c, 0);
    const std::uint32_t status = co_await t.bench->host.read(reg::kQStatus);
    CO_ASSERT_EQ(status & 4U, 4U);
    const std::uint32_t error = co_await t.bench->host.read(reg::kQErr);
    CO_ASSERT_EQ(error & 15U, 8U);
    co_await t.ring();  // starts the queue again, at slot 0
    co_await ClockCycles(dut.clk_i, 50);
  }
  t.check_bursts();
  print("hbm", *t.memory);
  print("host", *t.host);
}

TSR_TEST(host_accesses,
         {.doc = "Random reads and writes of registers, also of those that do not exist, with random strobes."}) {
  Traffic t(dut, 100, 0);
  co_await t.start();
  SplitMix64 draw = rng(3);
  static constexpr std::uint64_t kPlaces[] = {0x0,    0x4,    0x8,    0x400,  0x404,  0x414, 0x1000,
                                              0x1004, 0x1400, 0x1404, 0x1800, 0x0f00, 0x7000};
  unsigned refused = 0;
  for (unsigned n = 0; n < 120; ++n) {
    const std::uint64_t address = kPlaces[draw.below(13)];
    const auto value = static_cast<std::uint32_t>(draw.bits(32));
    const bool write = draw.chance(50);
    const auto first = static_cast<unsigned>(draw.below(4));
    const unsigned count = 1 + static_cast<unsigned>(draw.below(4 - first));
    const unsigned strobe = ((1U << count) - 1) << first;
    try {
      if (write) {
        co_await t.bench->host.write(address + first, value & strobe_mask(strobe), strobe);
      } else {
        co_await t.bench->host.read(address);
      }
    } catch (const RuntimeError&) {
      ++refused;
    }
  }
  CO_ASSERT_GT(t.host->aw.size(), 40U);
  CO_ASSERT_EQ(t.host->aw.size() + t.host->ar.size(), 120U);
  std::size_t wrong = 0;
  for (const auto& x : t.host->b) wrong += x.response != 0;
  for (const auto& x : t.host->r) wrong += x.response != 0;
  CO_ASSERT_EQ(wrong, refused);
  print("host", *t.host);
}
