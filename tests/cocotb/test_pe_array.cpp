// SPDX-License-Identifier: Apache-2.0
// The PE array in C++; the twin is test_pe_array.py.
#include "pe_bench.hpp"

using namespace pe_bench;

namespace {
Coro<void> first_matrix(PeBench& bench) {
  co_await bench.start();
  co_await bench.load();
  bench.column(true);
  co_await bench.step();
}
}  // namespace

TSR_TEST(one_matrix_many_columns) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await first_matrix(*bench);
  for (int i = 0; i < 1000; ++i) {
    bench->column();
    co_await bench->step();
  }
  co_await bench->finish(1000 * P);
}

TSR_TEST(columns_with_gaps) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await first_matrix(*bench);
  for (int i = 0; i < 1200; ++i) {
    if (bench->rng.chance(40)) bench->column();
    co_await bench->step();
  }
  co_await bench->finish(300 * P);
}

TSR_TEST(weights_switch_under_way) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await bench->start();
  co_await bench->load();
  for (int i = 0; i < 70; ++i) {
    bench->column(true);
    co_await bench->step();
    bench->column();
    co_await bench->step();  // switching_o of that switch can be seen from here on
    co_await bench->load(80);
  }
  co_await bench->finish(100 * P);
}

TSR_TEST(switches_at_random, {.doc = "Loads with gaps; the switch comes with any later column, and a switch follows "
                                     "the last as soon as the array allows."}) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await bench->start();
  for (int i = 0; i < 40; ++i) {
    co_await bench->load(static_cast<unsigned>(bench->rng.below(100)));
    const auto clocks = bench->rng.below(30);
    for (std::uint64_t n = 0; n < clocks; ++n) {
      if (bench->rng.chance(50)) bench->column();
      co_await bench->step();
    }
    const auto part = static_cast<unsigned>(bench->rng.below(P));
    bench->column(true, part, P - part);
    co_await bench->step();
    co_await bench->step();  // switching_o of that switch can be seen from here on
  }
  co_await bench->finish(300 * P);
}

TSR_TEST(some_rows_take_no_part) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await first_matrix(*bench);
  for (int i = 0; i < 1000; ++i) {
    if (bench->rng.chance(80)) {
      const auto part = static_cast<unsigned>(bench->rng.below(P));
      bench->column(false, part, 1 + static_cast<unsigned>(bench->rng.below(P - part)));
    }
    co_await bench->step();
  }
  co_await bench->finish(500 * P);
}

TSR_TEST(zeros_and_equal_values) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await bench->start();
  static constexpr std::uint32_t kValues[] = {0x0000, 0x8000, 0x3F80, 0xBF80, 0x3F81, 0x4B00, 0xCB00, 0x3380};
  for (int round = 0; round < 60; ++round) {
    for (unsigned col = 0; col < P; col += 4) {
      while (dut.switching_o.value() == 1) co_await bench->step();
      Rows rows{};
      for (auto& row : rows)
        for (auto& value : row) value = kValues[bench->rng.below(8)];
      bench->put_weights(col, rows);
      co_await bench->step();
    }
    for (int n = 0; n < 12; ++n) {
      Column codes{};
      for (auto& value : codes) value = kValues[bench->rng.below(8)];
      bench->put_column(codes, 0, P, n == 0);
      co_await bench->step();
      if (bench->rng.chance(40)) co_await bench->step();
    }
  }
  co_await bench->finish(600 * P);
}
