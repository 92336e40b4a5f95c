// SPDX-License-Identifier: Apache-2.0
#include "queue_bench.hpp"

using namespace tessera;

TSR_TEST(random_traffic) { co_await prim::check_queue(dut, dut.Depth.value().to_unsigned(), 5000); }

TSR_TEST(a_word_per_cycle, {.doc = "From a depth of 2 on, a word passes in every clock, one clock after it came."}) {
  const bool every = dut.Depth.value().to_unsigned() >= 2;
  Clock(dut.clk_i, 10, ns).start();
  dut.rst_ni = 0;
  dut.in_valid_i = 0;
  dut.out_ready_i = 1;
  co_await ClockCycles(dut.clk_i, 2);
  dut.rst_ni = 1;
  dut.in_valid_i = 1;
  int taken = 0;
  for (int n = 0; n < 100; ++n) {
    dut.in_data_i = n % 2;
    co_await RisingEdge(dut.clk_i);
    if (n > 0 && every) CO_ASSERT_EQ(dut.out_data_o.value(), (n - 1) % 2);
    taken += dut.in_ready_o.value() == 1;
  }
  CO_ASSERT_EQ(taken, every ? 100 : 50);
}
