// SPDX-License-Identifier: Apache-2.0
// The DMA initiator in C++; the twin is test_dma.py.
#include "dma_bench.hpp"

using namespace dma_bench;

TSR_TEST(one_queue) {
  auto bench = std::make_shared<DmaBench>(dut, 70, 30);
  co_await bench->start();
  for (int i = 0; i < 25; ++i) bench->copy(0);
  co_await bench->doorbell(0, 25);
  co_await bench->done(0, 25);
  bench->check();
}

TSR_TEST(all_queues_at_once) {
  auto bench = std::make_shared<DmaBench>(dut, 70, 60);
  co_await bench->start();
  for (unsigned q = 0; q < kQueues; ++q) {
    for (int i = 0; i < 12; ++i) bench->copy(q);
    co_await bench->doorbell(q, 12);
  }
  for (unsigned q = 0; q < kQueues; ++q) co_await bench->done(q, 12);
  bench->check();
}

TSR_TEST(heavy_back_pressure) {
  auto bench = std::make_shared<DmaBench>(dut, 12, 100);
  co_await bench->start();
  for (const unsigned q : {0U, 1U}) {
    for (int i = 0; i < 5; ++i) bench->copy(q);
    co_await bench->doorbell(q, 5);
  }
  for (const unsigned q : {0U, 1U}) co_await bench->done(q, 5);
  bench->check();
}

TSR_TEST(queues_wait_for_each_other,
         {.doc = "Descriptor n of queue 1 starts after n + 1 descriptors of queue 0 are committed."}) {
  auto bench = std::make_shared<DmaBench>(dut, 60, 20);
  co_await bench->start();
  for (unsigned n = 0; n < 12; ++n) {
    bench->copy(0, 0, true);
    bench->copy(1, n + 1);
  }
  co_await bench->doorbell(1, 12);
  co_await ClockCycles(dut.clk_i, 200);
  CO_ASSERT_EQ(dut.queue_done_o[1].value(), 0);
  CO_ASSERT_TRUE(dut.queue_status_waiting_o.value()[1]);
  co_await bench->doorbell(0, 12);
  for (const unsigned q : {0U, 1U}) co_await bench->done(q, 12);
  CO_ASSERT_EQ(bench->updates, 12);
  bench->check();
}

TSR_TEST(three_levels_both_directions) {
  auto bench = std::make_shared<DmaBench>(dut, 70, 20);
  co_await bench->start();
  for (int i = 0; i < 20; ++i) bench->copy_levels(0);
  co_await bench->doorbell(0, 20);
  co_await bench->done(0, 20);
  bench->check();
}

TSR_TEST(a_read_error_stops_its_queue) {
  auto bench = std::make_shared<DmaBench>(dut, 70, 20);
  co_await bench->start();
  for (int i = 0; i < 20; ++i) bench->copy(1);
  bench->refused = 0x50000;
  Copy bad;
  bad.elements = 16;
  bad.source = 0x50000;
  bad.target = 0x60000;
  bad.tag = 0x4321;
  bench->push(0, descriptor(bad));
  Copy after = bad;
  after.source = 0x8000;
  after.target = 0x61000;
  after.tag = 0;
  bench->push(0, descriptor(after));
  co_await bench->doorbell(0, 2);
  co_await bench->doorbell(1, 20);
  co_await bench->done(1, 20);
  bench->check();
  CO_ASSERT_EQ(bench->errors.size(), 1);
  CO_ASSERT_EQ(bench->errors[0].first, 8);
  CO_ASSERT_EQ(bench->errors[0].second, 0x4321);
  CO_ASSERT_EQ(dut.queue_done_o[0].value(), 0);
  CO_ASSERT_FALSE(bench->memory.contains(0x61000));
}
