// SPDX-License-Identifier: Apache-2.0
// How tests end, in C++: `fails_*` must fail, all others must pass. The twin is test_outcomes.py.
#include "tessera/test.hpp"

using namespace tessera;

namespace {

Coro<void> begin(Dut& dut) {
  Clock(dut.clk, 10, ns).start();
  dut.rst_n = 1;
  dut.kill = 0;
  co_await ClockCycles(dut.clk, 3);
}

Coro<void> kill(Dut& dut, int how) {
  co_await begin(dut);
  CO_ASSERT_EQ(dut.rst_n.value(), 1);
  dut.kill = how;
  co_await ClockCycles(dut.clk, 20);
}

Coro<void> throws_in_a_task() {
  co_await Timer(3, ns);
  throw ValueError("in a task");
}
Coro<void> ends_the_test() {
  co_await Timer(3, ns);
  end_test("enough");
}
Coro<void> waits_for_ever() {
  Event never;
  co_await never.wait();
}

}  // namespace

TSR_TEST(fails_by_rtl_error) { co_await kill(dut, 1); }
TSR_TEST(fails_by_rtl_fatal) { co_await kill(dut, 2); }
TSR_TEST(fails_by_rtl_assertion) { co_await kill(dut, 3); }
TSR_TEST(fails_by_rtl_finish) { co_await kill(dut, 4); }
TSR_TEST(fails_by_rtl_stop) { co_await kill(dut, 5); }

TSR_TEST(fails_without_events) {
  CO_ASSERT_TRUE(true);
  co_await RisingEdge(dut.clk);
}

TSR_TEST(fails_by_zero_time_tasks) {
  CO_ASSERT_TRUE(true);
  while (true) co_await NullTrigger();
}

TSR_TEST(fails_by_zero_time_writes) {
  CO_ASSERT_TRUE(true);
  co_await Timer(1, ns);
  for (int value = 1;; value = 1 - value) {
    dut.ping = value;
    co_await ReadWrite();
  }
}

TSR_TEST(fails_by_wall_clock) {
  co_await begin(dut);
  CO_ASSERT_TRUE(true);
  while (true) co_await RisingEdge(dut.clk);
}

TSR_TEST(fails_by_endless_code) {
  CO_ASSERT_TRUE(true);
  co_await Timer(1, ns);
  volatile bool spin = true;
  while (spin) {
  }
}

TSR_TEST(fails_without_checks) { co_await begin(dut); }

TSR_TEST(fails_by_check) {
  co_await begin(dut);
  CO_ASSERT_EQ(dut.a.value(), 77);
}

TSR_TEST(fails_by_task) {
  CO_ASSERT_TRUE(true);
  start_soon(throws_in_a_task());
  co_await Timer(10, ns);
}

TSR_TEST(fails_by_timeout, {.timeout = Duration(50, ns)}) {
  CO_ASSERT_TRUE(true);
  co_await begin(dut);
  co_await ClockCycles(dut.clk, 100);
}

TSR_TEST(fails_since_it_passes, {.expect_fail = true}) {
  CO_ASSERT_TRUE(true);
  co_return;
}

TSR_TEST(fails_with_another_error, {.expect_error = errors<ValueError>()}) {
  co_await NullTrigger();
  throw IndexError("another");
}

TSR_TEST(passes_without_checks, {.no_checks = true}) { co_await begin(dut); }

TSR_TEST(passes_although_tasks_wait) {
  start_soon(waits_for_ever());
  co_await begin(dut);
  CO_ASSERT_EQ(dut.rst_n.value(), 1);
}

TSR_TEST(passes_by_end_test) {
  CO_ASSERT_TRUE(true);
  start_soon(ends_the_test());
  co_await Timer(1, us);
  CO_ASSERT_TRUE(false);
}
