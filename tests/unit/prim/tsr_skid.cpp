// SPDX-License-Identifier: Apache-2.0
#include "queue_bench.hpp"

using namespace tessera;

TSR_TEST(random_traffic) { co_await prim::check_queue(dut, 2, 5000); }

TSR_TEST(ready_does_not_see_ready,
         {.doc = "No path from out_ready_i to in_ready_o, nor from in_valid_i to out_valid_o."}) {
  Clock(dut.clk_i, 10, ns).start();
  dut.rst_ni = 0;
  dut.in_valid_i = 0;
  dut.in_data_i = 1;
  dut.out_ready_i = 0;
  co_await ClockCycles(dut.clk_i, 2);
  dut.rst_ni = 1;
  dut.in_valid_i = 1;
  co_await ClockCycles(dut.clk_i, 4);
  for (int n = 0; n < 4; ++n) {  // both places are taken
    dut.out_ready_i = n % 2;
    dut.in_valid_i = n / 2;
    co_await Timer(1, ns);
    CO_ASSERT_EQ(dut.in_ready_o.value(), 0);
    CO_ASSERT_EQ(dut.out_valid_o.value(), 1);
  }
}
