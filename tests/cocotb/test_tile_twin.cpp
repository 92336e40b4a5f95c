// SPDX-License-Identifier: Apache-2.0
// Two tests of the tile whose traces must equal those of test_tile_twin.py: the same memory and host in both languages.
#include <utility>
#include <vector>

#include "tessera/bfm.hpp"

using namespace tessera;

namespace {

constexpr std::uint64_t kQueue = 0x400, kQueueStride = 0x40, kSemRead = 0x1000;
using Bytes = std::vector<std::uint8_t>;

struct Copy {
  std::uint64_t elements = 1, rows = 1, source = 0, target = 0, source_step = 0, target_step = 0, spaces = 0, wait = 0, update = 0;
};

void append(Bytes& ring, const Copy& c) {
  Bits<1024> d;
  d.set(Range(5, 2), 2);
  d.set(Range(9, 6), 2);
  d.set(Range(63, 32), c.elements);
  d.set(Range(99, 96), c.spaces);
  d.set(Range(167, 128), c.source);
  d.set(Range(231, 192), c.target);
  d.set(Range(271, 256), c.rows);
  d.set(Range(351, 320), c.source_step);
  d.set(Range(447, 416), c.target_step);
  if (c.wait) {
    d.set(Range(519, 512), 5);
    d.set(Range(521, 520), 1);
    d.set(Range(575, 544), c.wait);
  }
  if (c.update) {
    d.set(Range(583, 576), 5);
    d.set(Range(586, 584), 2);
    d.set(Range(639, 608), c.update);
  }
  const Bytes bytes = d.to_bytes(ByteOrder::little);
  ring.insert(ring.end(), bytes.begin(), bytes.end());
}

class Bench {
 public:
  using Axi = decltype(TSR_AXI_PINS(std::declval<Dut&>(), hbm_axi));
  using Axil = decltype(TSR_AXIL_PINS(std::declval<Dut&>(), host_axil));
  Bench(Dut& dut, unsigned ready, unsigned latency)
      : rng(tessera::rng()), dut_(dut), memory(std::make_shared<AxiMemory<Axi>>(dut.clk_i, TSR_AXI_PINS(dut, hbm_axi), options(ready, latency))),
        host(dut.clk_i, TSR_AXIL_PINS(dut, host_axil)) {}
  SplitMix64 rng;

  Coro<void> start() {
    Clock(dut_.clk_i, 10, ns).start();
    dut_.rst_ni = 0;
    dut_.cycle_i = 0;
    dut_.tile_x_i = 0;
    dut_.tile_y_i = 0;
    dut_.mesh_x_i = 0;
    dut_.mesh_y_i = 0;
#define QUIET_LINK(d)                \
  dut_.link_##d##_valid_i = 0;       \
  dut_.link_##d##_vc_i = 0;          \
  dut_.link_##d##_head_i = 0;        \
  dut_.link_##d##_tail_i = 0;        \
  dut_.link_##d##_data_i = 0;        \
  dut_.link_##d##_credit_valid_i = 0; \
  dut_.link_##d##_credit_vc_i = 0
    QUIET_LINK(n);
    QUIET_LINK(e);
    QUIET_LINK(s);
    QUIET_LINK(w);
#undef QUIET_LINK
    memory->idle();
    host.idle();
    co_await ClockCycles(dut_.clk_i, 5);
    dut_.rst_ni = 1;
    co_await ClockCycles(dut_.clk_i, 2);
    memory->start();
  }

  Coro<void> queue(std::uint64_t q, std::uint32_t base, Bytes ring) {
    memory->write(base, ring);
    const std::uint64_t at = kQueue + kQueueStride * q;
    const auto count = static_cast<std::uint32_t>(ring.size() / 128);
    co_await host.write(at, base);
    co_await host.write(at + 4, 0);
    co_await host.write(at + 8, count);
    co_await host.write(at + 12, count);
  }

  Coro<void> done(std::uint64_t q, std::uint32_t count) {
    for (int i = 0; i < 2000; ++i) {
      const std::uint32_t have = co_await host.read(kQueue + kQueueStride * q + 0x10);
      if (have == count) co_return;
      co_await ClockCycles(dut_.clk_i, 10);
    }
    throw AssertionError("the queue does not finish");
  }

  Bytes random(std::size_t n) {
    Bytes out(n);
    for (auto& b : out) b = static_cast<std::uint8_t>(rng.below(256));
    return out;
  }

 private:
  static AxiMemoryOptions options(unsigned ready, unsigned latency) {
    AxiMemoryOptions o;
    o.ready_percent = ready;
    o.latency = latency;
    return o;
  }
  Dut& dut_;

 public:
  std::shared_ptr<AxiMemory<Axi>> memory;
  AxiLiteManager<Axil> host;
};

}  // namespace

TSR_TEST(copies_with_pauses) {
  auto bench = std::make_shared<Bench>(dut, 50, 30);
  co_await bench->start();
  const Bytes data = bench->random(2048);
  bench->memory->write(0x10000, data);
  Bytes ring;
  std::vector<std::pair<std::uint64_t, Bytes>> expected;
  for (unsigned n = 0; n < 26; ++n) {
    Copy c;
    c.elements = 1 + bench->rng.below(100);
    c.rows = 1 + bench->rng.below(4);
    const std::uint64_t start = bench->rng.below(800);
    c.source = 0x10000 + start;
    c.target = 0x20000 + 0x1000 * n + bench->rng.below(64);
    c.source_step = 150;
    c.target_step = 128;
    append(ring, c);
    for (unsigned r = 0; r < c.rows; ++r) {
      const auto from = data.begin() + static_cast<std::ptrdiff_t>(start + 150 * r);
      expected.emplace_back(c.target + 128 * r, Bytes(from, from + static_cast<std::ptrdiff_t>(c.elements)));
    }
  }
  co_await bench->queue(0, 0x1000, ring);
  co_await bench->done(0, 26);
  for (const auto& [address, row] : expected) CO_ASSERT_TRUE(bench->memory->read(address, row.size()) == row);
}

TSR_TEST(two_queues_and_sbuf) {
  auto bench = std::make_shared<Bench>(dut, 80, 60);
  co_await bench->start();
  const Bytes data = bench->random(8 * 96);
  bench->memory->write(0x10000, data);
  Bytes load, store;
  for (std::uint64_t p = 0; p < 8; ++p) {
    Copy c;
    c.elements = 96;
    c.source = 0x10000 + 96 * p;
    c.target = p << 18 | 0x80;
    c.spaces = 1 << 2;
    c.update = 1;
    append(load, c);
  }
  Copy c;
  c.elements = 96;
  c.rows = 8;
  c.source = 0x80;
  c.target = 0x30000;
  c.source_step = 1 << 18;
  c.target_step = 96;
  c.spaces = 1;
  c.wait = 8;
  append(store, c);
  co_await bench->queue(1, 0x2000, store);
  co_await ClockCycles(dut.clk_i, 300);
  co_await bench->queue(0, 0x1000, load);
  co_await bench->done(1, 1);
  CO_ASSERT_TRUE(bench->memory->read(0x30000, data.size()) == data);
  const std::uint32_t count = co_await bench->host.read(kSemRead + 20);
  CO_ASSERT_EQ(count, 8);
  co_await ClockCycles(dut.clk_i, 400);
  CO_ASSERT_EQ(dut.quiescent_o.value(), 1);
}
