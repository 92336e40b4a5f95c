// SPDX-License-Identifier: Apache-2.0
// The router in C++; the twin is test_router.py.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "router_bench.hpp"

using namespace router_bench;

TSR_TEST(every_turn_is_taken) {
  auto bench = std::make_shared<RouterBench>(dut, 20, 70);
  co_await bench->start();
  static constexpr std::pair<unsigned, unsigned> kTurns[] = {{N, S}, {N, L}, {S, N}, {S, L}, {E, W}, {E, N},
                                                             {E, S}, {E, L}, {W, E}, {W, N}, {W, S}, {W, L},
                                                             {L, N}, {L, E}, {L, S}, {L, W}};
  for (const unsigned length : {1U, 2U, 5U, 9U}) {
    for (const auto& [source, to] : kTurns) bench->send(source, static_cast<unsigned>(bench->rng.below(4)), length, to);
    co_await bench->drain(2000);
  }
  CO_ASSERT_GT(*std::min_element(bench->count.begin(), bench->count.end()), 0);
  co_await ClockCycles(dut.clk_i, 900);
}

TSR_TEST(random_traffic) {
  auto bench = std::make_shared<RouterBench>(dut, 30, 60);
  co_await bench->start();
  for (int i = 0; i < 1200; ++i) {
    for (unsigned source = 0; source < kPorts; ++source) {
      if (bench->sources[source].pending() < 20 && bench->rng.chance(15)) {
        const auto vc = static_cast<unsigned>(bench->rng.below(4));
        bench->send(source, vc, 1 + static_cast<unsigned>(bench->rng.below(8)));
      }
    }
    co_await RisingEdge(dut.clk_i);
  }
  co_await bench->drain(3000);
}

TSR_TEST(heavy_back_pressure) {
  auto bench = std::make_shared<RouterBench>(dut, 5, 12);
  co_await bench->start();
  for (int i = 0; i < 60; ++i) {
    for (unsigned source = 0; source < kPorts; ++source) {
      const auto vc = static_cast<unsigned>(bench->rng.below(4));
      bench->send(source, vc, 1 + static_cast<unsigned>(bench->rng.below(5)));
    }
  }
  co_await bench->drain(20000);
}

TSR_TEST(one_flow_has_the_whole_link) {
  auto bench = std::make_shared<RouterBench>(dut, 0, 100);
  co_await bench->start();
  for (int i = 0; i < 100; ++i) bench->send(W, 2, 10, E);
  int clocks = 0;
  while (bench->flits) {
    co_await RisingEdge(dut.clk_i);
    ++clocks;
    CO_ASSERT_LT(clocks, 1100);
  }
  CO_ASSERT_GE(clocks, 1000);
}

TSR_TEST(contended_output_is_fair) {
  auto bench = std::make_shared<RouterBench>(dut, 0, 100);
  co_await bench->start();
  for (int i = 0; i < 90; ++i) {
    bench->send(W, 1, 6, E);
    bench->send(L, 1, 6, E);
  }
  for (int i = 0; i < 400; ++i) co_await RisingEdge(dut.clk_i);
  const auto west = static_cast<long>(bench->sources[W].pending()),
             local = static_cast<long>(bench->sources[L].pending());
  CO_ASSERT_LE(std::abs(west - local), 12);
  co_await bench->drain(2000);
}

TSR_TEST(every_credit_comes_back, {.doc = "After much traffic each output still sends as many flits as the buffer "
                                          "behind it holds, on every virtual channel."}) {
  auto bench = std::make_shared<RouterBench>(dut, 10, 60);
  co_await bench->start();
  for (int i = 0; i < 1500; ++i) {
    for (unsigned source = 0; source < kPorts; ++source) {
      if (bench->sources[source].pending() < 20 && bench->rng.chance(40)) {
        const auto vc = static_cast<unsigned>(bench->rng.below(4));
        bench->send(source, vc, 1 + static_cast<unsigned>(bench->rng.below(4)));
      }
    }
    co_await RisingEdge(dut.clk_i);
  }
  co_await bench->drain(3000);
  co_await ClockCycles(dut.clk_i, 300);
  bench->hold_credits();
  const auto depth = static_cast<unsigned>(dut.Depth.value().to_unsigned());
  static constexpr std::pair<unsigned, unsigned> kStraight[] = {{S, N}, {W, E}, {N, S}, {E, W}, {W, L}};
  for (const auto& [source, to] : kStraight)
    for (unsigned vc = 0; vc < 4; ++vc) bench->send(source, vc, depth, to);
  co_await bench->drain(1000);
  for (const auto& sink : bench->sinks)
    for (unsigned vc = 0; vc < 4; ++vc) CO_ASSERT_EQ(sink.held(vc), depth);
}

TSR_TEST(quiet_when_nothing_moves) {
  auto bench = std::make_shared<RouterBench>(dut, 40, 50);
  co_await bench->start();
  for (int i = 0; i < 10; ++i) {
    for (unsigned source = 0; source < kPorts; ++source) {
      const auto vc = static_cast<unsigned>(bench->rng.below(4));
      bench->send(source, vc, 1 + static_cast<unsigned>(bench->rng.below(4)));
    }
    co_await bench->drain(2000);
    co_await ClockCycles(dut.clk_i, 100);
    CO_ASSERT_EQ(dut.quiet_o.value(), 1);
  }
}
