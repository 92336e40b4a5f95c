// SPDX-License-Identifier: Apache-2.0
// Two tests of the tile whose traces must equal those of test_tile_twin.py: the same memory and host in both languages.
#include "tile_twin_bench.hpp"

using namespace tile_bench;

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
  const std::uint32_t count = co_await bench->host.read(reg::at(reg::kSemRead, 5));
  CO_ASSERT_EQ(count, 8);
  co_await ClockCycles(dut.clk_i, 400);
  CO_ASSERT_EQ(dut.quiescent_o.value(), 1);
}
