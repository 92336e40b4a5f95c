// SPDX-License-Identifier: Apache-2.0
/// A queue between two handshakes against a deque: tsr_fifo and tsr_skid.
#pragma once
#include <deque>
#include <string>

#include "random_word.hpp"

namespace prim {

using namespace tessera;

/// `clocks` of random traffic with changing pressure on both sides and a reset now and then. The queue holds `depth`
/// words.
template <class D>
Coro<void> check_queue(D& dut, std::size_t depth, int clocks) {
  using Word = typename decltype(dut.in_data_i)::Value;
  SplitMix64 draw = rng();
  std::deque<Word> model;
  bool full = false, empty = false;
  Clock(dut.clk_i, 10, ns).start();
  dut.rst_ni = 0;
  dut.in_valid_i = 0;
  dut.in_data_i = 0;
  dut.out_ready_i = 0;
  co_await ClockCycles(dut.clk_i, 2);
  dut.rst_ni = 1;
  unsigned in = 50, out = 50;
  for (int n = 0; n < clocks; ++n) {
    if (draw.below(40) == 0)
      in = static_cast<unsigned>(draw.below(5)) * 25, out = static_cast<unsigned>(draw.below(5)) * 25;
    const bool valid = draw.chance(in), ready = draw.chance(out), reset = draw.below(300) == 0;
    const Word data = random_word<Word>(draw);
    dut.rst_ni = !reset;
    dut.in_valid_i = valid;
    dut.in_data_i = data;
    dut.out_ready_i = ready;
    co_await RisingEdge(dut.clk_i);  // what stands before the edge: the answer to these inputs
    const bool push = valid && model.size() < depth, pop = ready && !model.empty();
    CO_ASSERT_EQ(dut.in_ready_o.value(), model.size() < depth);
    CO_ASSERT_EQ(dut.out_valid_o.value(), !model.empty());
    if (!model.empty()) CO_ASSERT_EQ(dut.out_data_o.value(), model.front());
    CO_ASSERT_EQ(dut.quiet_o.value(), !push && !pop);
    if constexpr (requires { dut.count_o; }) CO_ASSERT_EQ(dut.count_o.value(), model.size());
    full = full || model.size() == depth;
    empty = empty || (pop && model.size() == 1);
    if (pop) model.pop_front();
    if (push) model.push_back(data);
    if (reset) model.clear();
  }
  CO_ASSERT_TRUE(full && empty);  // the traffic has been to both ends
}

}  // namespace prim
