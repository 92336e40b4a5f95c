// SPDX-License-Identifier: Apache-2.0
// Every row of the phase table, in C++. The twin is test_phases.py; both print the same lines.
#include <cstdio>
#include <string>
#include <vector>

#include "tessera/test.hpp"

using namespace tessera;

namespace {

template <class V>
void note(const char* task, const char* event, const V& value) {
  std::printf("LOG %llu,%s,%s,%llu\n", static_cast<unsigned long long>(get_sim_time()), task, event,
              static_cast<unsigned long long>(value));
}

/// Clock of 10 ns, out of reset, count 0 just after an edge; returns at a falling edge.
Coro<void> begin(Dut& dut) {
  Clock(dut.clk, 10, ns).start();
  dut.rst_n = 0;
  dut.a = 10;
  dut.en = 0;
  dut.kill = 0;
  dut.ping = 0;
  dut.wide = 0;
  co_await ClockCycles(dut.clk, 2);
  dut.rst_n = 1;
  co_await FallingEdge(dut.clk);
}

}  // namespace

TSR_TEST(edge_of_driven_input_reads_old) {
  co_await begin(dut);
  const auto before = dut.count.value();
  co_await RisingEdge(dut.clk);
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.count.value(), before);
  note("t", "copy", dut.clk_copy.value());
  CO_ASSERT_EQ(dut.clk_copy.value(), 0);
  note("t", "sub_clk", dut.u_sub.clk.value());
  CO_ASSERT_EQ(dut.u_sub.clk.value(), 0);
  CO_ASSERT_EQ(dut.clk.value(), 1);
}

TSR_TEST(deposit_at_edge_lands_after_it) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  dut.a = 77;
  note("t", "readback", dut.a.value());
  CO_ASSERT_EQ(dut.a.value(), 10);
  co_await ReadOnly();
  note("t", "a", dut.a.value());
  note("t", "comb", dut.comb.value());
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a.value(), 77);
  CO_ASSERT_EQ(dut.comb.value(), 78);
  CO_ASSERT_EQ(dut.a_q.value(), 10);
  co_await RisingEdge(dut.clk);
  co_await ReadOnly();
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a_q.value(), 77);
}

TSR_TEST(edge_of_divided_clock_reads_new) {
  co_await begin(dut);
  const int before = static_cast<int>(dut.count.value());
  const auto at = get_sim_time();
  co_await RisingEdge(dut.div);
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.div.value(), 1);
  CO_ASSERT_EQ(dut.clk_copy.value(), 1);
  CO_ASSERT_EQ(dut.count.value(), before + (get_sim_time() - at + 5000) / 10000);
  dut.a = 33;
  co_await ReadOnly();
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a_q.value(), 10);
}

TSR_TEST(edge_of_copied_clock_reads_new) {
  co_await begin(dut);
  const int before = static_cast<int>(dut.count.value());
  co_await RisingEdge(dut.clk_copy);
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.count.value(), before + 1);
  dut.a = 34;
  co_await ReadOnly();
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a_q.value(), 10);
}

TSR_TEST(edge_of_instance_clock_reads_new) {
  co_await begin(dut);
  const int before = static_cast<int>(dut.count.value());
  co_await RisingEdge(dut.u_sub.clk);
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.count.value(), before + 1);
  dut.a = 35;
  co_await ReadOnly();
  note("t", "sub_q", dut.sub_q.value());
  CO_ASSERT_EQ(dut.sub_q.value(), 10);
}

TSR_TEST(change_of_register_reads_new) {
  co_await begin(dut);
  const int before = static_cast<int>(dut.count.value());
  co_await ValueChange(dut.count);
  note("t", "count", dut.count.value());
  note("t", "copy", dut.clk_copy.value());
  CO_ASSERT_EQ(dut.count.value(), before + 1);
  CO_ASSERT_EQ(dut.clk_copy.value(), 1);
}

TSR_TEST(change_after_edge_fires_in_the_same_step) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  const auto at = get_sim_time();
  const int old = static_cast<int>(dut.count.value());
  co_await ValueChange(dut.count);
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(get_sim_time(), at);
  CO_ASSERT_EQ(dut.count.value(), old + 1);
}

TSR_TEST(change_of_written_input) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  const int old = static_cast<int>(dut.count.value());
  dut.a = 50;
  co_await ValueChange(dut.a);
  note("t", "a", dut.a.value());
  note("t", "comb", dut.comb.value());
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.a.value(), 50);
  CO_ASSERT_EQ(dut.comb.value(), 11);
  CO_ASSERT_EQ(dut.count.value(), old + 1);
}

TSR_TEST(read_write_sees_new_registers_and_own_write) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  const int old = static_cast<int>(dut.count.value());
  dut.a = 60;
  co_await ReadWrite();
  note("t", "count", dut.count.value());
  note("t", "a", dut.a.value());
  note("t", "comb", dut.comb.value());
  CO_ASSERT_EQ(dut.count.value(), old + 1);
  CO_ASSERT_EQ(dut.a.value(), 60);
  dut.a = 61;
  note("t", "a", dut.a.value());
  co_await ReadWrite();
  note("t", "a", dut.a.value());
  CO_ASSERT_EQ(dut.a.value(), 61);
  co_await ReadOnly();
  note("t", "comb", dut.comb.value());
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.comb.value(), 62);
  CO_ASSERT_EQ(dut.a_q.value(), 10);
}

// Nothing drives the model again in this step, yet the deposit lands in it: after ReadWrite.
TSR_TEST(deposit_after_the_last_evaluation) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk_copy);
  dut.a = 33;
  co_await ReadOnly();
  note("t", "a", dut.a.value());
  note("t", "comb", dut.comb.value());
  CO_ASSERT_EQ(dut.a.value(), 33);
  CO_ASSERT_EQ(dut.comb.value(), 34);
  co_await ValueChange(dut.count);
  const auto at = get_sim_time();
  dut.a = 44;
  co_await ReadWrite();
  note("t", "a", dut.a.value());
  CO_ASSERT_EQ(dut.a.value(), 33);
  dut.a = 45;
  co_await ReadWrite();
  note("t", "a", dut.a.value());
  note("t", "comb", dut.comb.value());
  CO_ASSERT_EQ(dut.a.value(), 45);
  CO_ASSERT_EQ(dut.comb.value(), 46);
  dut.a = 46;
  co_await ValueChange(dut.a);
  note("t", "a", dut.a.value());
  note("t", "comb", dut.comb.value());
  CO_ASSERT_EQ(dut.a.value(), 46);
  CO_ASSERT_EQ(dut.comb.value(), 46);
  dut.a = 47;
  co_await ValueChange(dut.comb);
  note("t", "comb", dut.comb.value());
  CO_ASSERT_EQ(dut.a.value(), 47);
  CO_ASSERT_EQ(get_sim_time(), at);
}

// Of the clock and of two written inputs, with immediate writes in between.
TSR_TEST(watchers_of_one_step_fire_in_order) {
  co_await begin(dut);
  const auto watch = [&](const char* name, auto trigger, int count) -> Coro<void> {
    for (int i = 0; i < count; ++i) {
      co_await trigger;
      note(name, "a", dut.a.value());
    }
  };
  const auto writer = [&]() -> Coro<void> {
    for (int i = 0; i < 6; ++i) {
      co_await RisingEdge(dut.clk);
      note("writer", "en", dut.en.value());
      dut.a = Immediate(100 + i);
      dut.en = i % 2;
      if (i == 3) {
        co_await ValueChange(dut.en);
        note("writer", "again", i);
      }
    }
  };
  start_soon(watch("a_before", ValueChange(dut.a), 4));
  start_soon(writer());
  start_soon(watch("a_after", ValueChange(dut.a), 6));
  start_soon(watch("en", ValueChange(dut.en), 3));
  start_soon(watch("clk", ValueChange(dut.clk), 9));
  start_soon(watch("fall", FallingEdge(dut.clk), 5));
  start_soon(watch("count", ValueChange(dut.count), 4));
  start_soon(watch("rise", RisingEdge(dut.clk), 5));
  co_await Timer(80, ns);
  note("t", "a", dut.a.value());
  CO_ASSERT_EQ(dut.a.value(), 105);
}

TSR_TEST(read_only_sees_all_new_and_refuses) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  const int old = static_cast<int>(dut.count.value());
  co_await ReadOnly();
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.count.value(), old + 1);
  int refused = 0;
  try {
    dut.a = 1;
  } catch (const RuntimeError&) {
    ++refused;
  }
  try {
    dut.a = Deposit(1);
  } catch (const RuntimeError&) {
    ++refused;
  }
  try {
    dut.a = Immediate(1);
  } catch (const RuntimeError&) {
    ++refused;
  }
  try {
    co_await ReadOnly();
  } catch (const RuntimeError&) {
    ++refused;
  }
  try {
    co_await ReadWrite();
  } catch (const RuntimeError&) {
    ++refused;
  }
  note("t", "refused", refused);
  CO_ASSERT_EQ(refused, 5);
}

TSR_TEST(legal_after_read_only) {
  co_await begin(dut);
  co_await ReadOnly();
  co_await RisingEdge(dut.clk);
  note("t", "edge", 1);
  co_await ReadOnly();
  co_await Timer(1, ns);
  note("t", "timer", 1);
  co_await ReadOnly();
  co_await NextTimeStep();
  note("t", "next", 1);
  dut.a = 3;
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.a.value(), 3);
}

TSR_TEST(next_time_step_into_rising_step) {
  co_await begin(dut);
  co_await ReadOnly();
  const auto old = dut.count.value();
  co_await NextTimeStep();
  note("t", "clk", dut.clk.value());
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.clk.value(), 0);
  CO_ASSERT_EQ(dut.count.value(), old);
  dut.a = 91;
  co_await ReadOnly();
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a_q.value(), 91);
}

TSR_TEST(timer_into_rising_step_armed_late) {
  co_await begin(dut);
  const auto old = dut.count.value();
  co_await Timer(5, ns);
  note("t", "clk", dut.clk.value());
  note("t", "count", dut.count.value());
  CO_ASSERT_EQ(dut.clk.value(), 0);
  CO_ASSERT_EQ(dut.count.value(), old);
  dut.a = 92;
  co_await ReadOnly();
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a_q.value(), 92);
}

TSR_TEST(timer_into_rising_step_armed_early) {
  co_await begin(dut);
  co_await Timer(25, ns);
  note("t", "clk", dut.clk.value());
  CO_ASSERT_EQ(dut.clk.value(), 0);
  dut.a = 93;
  co_await ReadOnly();
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a_q.value(), 93);
}

TSR_TEST(immediate_at_edge_lands_at_it) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  dut.a = Immediate(70);
  note("t", "a", dut.a.value());
  note("t", "comb", dut.comb.value());
  CO_ASSERT_EQ(dut.a.value(), 70);
  CO_ASSERT_EQ(dut.comb.value(), 11);
  co_await ReadOnly();
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a_q.value(), 70);
}

TSR_TEST(deposit_then_immediate) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  dut.a = Deposit(11);
  dut.a = Immediate(12);
  note("t", "a", dut.a.value());
  CO_ASSERT_EQ(dut.a.value(), 12);
  co_await ReadOnly();
  note("t", "a", dut.a.value());
  note("t", "a_q", dut.a_q.value());
  CO_ASSERT_EQ(dut.a.value(), 11);
}

TSR_TEST(last_deposit_wins) {
  co_await begin(dut);
  int changes = 0;
  const auto watch = [&]() -> Coro<void> {
    while (true) {
      co_await ValueChange(dut.a);
      ++changes;
      note("watch", "a", dut.a.value());
    }
  };
  start_soon(watch());
  co_await RisingEdge(dut.clk);
  dut.a = 1;
  dut.a = 2;
  dut.a = 3;
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.a.value(), 3);
  CO_ASSERT_EQ(changes, 1);
  co_await RisingEdge(dut.clk);
  dut.a = 3;
  co_await ReadOnly();
  note("t", "changes", changes);
  CO_ASSERT_EQ(changes, 1);
}

TSR_TEST(two_tasks_on_one_edge) {
  co_await begin(dut);
  std::vector<int> seen;
  const auto writer = [&]() -> Coro<void> {
    co_await RisingEdge(dut.clk);
    dut.a = 44;
    note("writer", "a", dut.a.value());
  };
  const auto reader = [&]() -> Coro<void> {
    co_await RisingEdge(dut.clk);
    seen.push_back(static_cast<int>(dut.a.value()));
    note("reader", "a", dut.a.value());
  };
  start_soon(writer());
  start_soon(reader());
  co_await RisingEdge(dut.clk);
  co_await ReadOnly();
  CO_ASSERT_TRUE(seen == std::vector<int>{10});
  CO_ASSERT_EQ(dut.a.value(), 44);
}

TSR_TEST(clock_starts_high) {
  Clock(dut.clk, 10, ns).start();
  const auto start = get_sim_time();
  co_await RisingEdge(dut.clk);
  const auto first = get_sim_time() - start;
  co_await RisingEdge(dut.clk);
  const auto second = get_sim_time() - start;
  note("t", "first", first);
  note("t", "second", second);
  CO_ASSERT_EQ(second - first, 10'000);
}

TSR_TEST(next_test_keeps_state_and_may_write) {
  note("t", "a", dut.a.value());
  dut.a = 200;
  co_await Timer(1, ns);
  note("t", "a", dut.a.value());
  CO_ASSERT_EQ(dut.a.value(), 200);
}

TSR_TEST(wrong_times) {
  int wrong = 0;
  const auto attempt = [&](double time, TimeUnit unit) -> Coro<void> {
    try {
      co_await Timer(time, unit);
    } catch (const ValueError&) {
      ++wrong;
    }
  };
  co_await attempt(0, ns);
  co_await attempt(-1, ns);
  co_await attempt(1, fs);
  co_await attempt(0.5, ps);
  co_await attempt(1.5, ps);
  note("t", "wrong", wrong);
  CO_ASSERT_EQ(wrong, 5);
  co_await Timer(1.5, ns);
  co_await Timer(1000, fs);
  note("t", "right", 1);
}

TSR_TEST(wrong_values) {
  int wrong = 0;
  for (const int value : {256, -129}) {
    try {
      dut.a = value;
    } catch (const ValueError&) {
      ++wrong;
    }
  }
  try {
    dut.en = 2;
  } catch (const ValueError&) {
    ++wrong;
  }
  for (const char* text : {"0101", "01010101x"}) {
    try {
      dut.a = text;
    } catch (const ValueError&) {
      ++wrong;
    }
  }
  note("t", "wrong", wrong);
  CO_ASSERT_EQ(wrong, 5);
  dut.a = -1;
  co_await Timer(1, ns);
  note("t", "a", dut.a.value());
  dut.a = "00001111";
  co_await Timer(1, ns);
  note("t", "a", dut.a.value());
  CO_ASSERT_EQ(dut.a.value(), 15);
  try {
    dut.Depth = 3;
  } catch (const TypeError&) {
    ++wrong;
  }
  CO_ASSERT_EQ(wrong, 6);
  CO_ASSERT_EQ(dut.Depth.value(), 5);
}

TSR_TEST(start_soon_runs_after_the_parent_suspends) {
  std::vector<std::string> order;
  const auto child = [&]() -> Coro<void> {
    order.emplace_back("child");
    note("child", "runs", 1);
    co_return;
  };
  start_soon(child());
  order.emplace_back("parent");
  note("parent", "goes on", 1);
  co_await Timer(1, ns);
  CO_ASSERT_TRUE((order == std::vector<std::string>{"parent", "child"}));
}

TSR_TEST(waiters_wake_in_order) {
  Event event;
  std::vector<int> order;
  const auto waiter = [&](int n) -> Coro<void> {
    co_await event.wait();
    order.push_back(n);
    note(("waiter" + std::to_string(n)).c_str(), "awake", n);
  };
  for (int n = 0; n < 5; ++n) start_soon(waiter(n));
  co_await Timer(1, ns);
  event.set();
  note("t", "set returned", order.size());
  CO_ASSERT_TRUE(order.empty());
  co_await Timer(1, ns);
  CO_ASSERT_TRUE((order == std::vector<int>{0, 1, 2, 3, 4}));
}

TSR_TEST(cancel_returns_first) {
  int cleaned = 0;
  struct Cleaner {
    explicit Cleaner(int& n) : count(n) {}
    ~Cleaner() {
      ++count;
      note("victim", "cleaned", 1);
    }
    int& count;
  };
  const auto victim = [&]() -> Coro<void> {
    const Cleaner cleaner(cleaned);
    co_await Timer(1, us);
  };
  auto task = start_soon(victim());
  co_await Timer(1, ns);
  CO_ASSERT_TRUE(task.cancel());
  note("t", "cancel returned", cleaned);
  CO_ASSERT_EQ(cleaned, 0);
  CO_ASSERT_FALSE(task.done());
  co_await Timer(1, ns);
  CO_ASSERT_EQ(cleaned, 1);
  CO_ASSERT_TRUE(task.cancelled());
  CO_ASSERT_FALSE(task.cancel());
}

TSR_TEST(tie_is_a_timeout) {
  int timeouts = 0;
  try {
    co_await with_timeout(Timer(10, ns), 10, ns);
  } catch (const SimTimeoutError&) {
    timeouts += 1;
  }
  try {
    co_await with_timeout(Timer(9, ns), 10, ns);
  } catch (const SimTimeoutError&) {
    timeouts += 10;
  }
  note("t", "timeouts", timeouts);
  CO_ASSERT_EQ(timeouts, 1);
}

TSR_TEST(first_leaves_losers_running) {
  int done = 0;
  const auto slow = [&]() -> Coro<void> {
    co_await Timer(5, ns);
    ++done;
    note("slow", "done", 1);
  };
  auto task = start_soon(slow());
  co_await First(Timer(1, ns), task.complete());
  note("t", "first", done);
  CO_ASSERT_EQ(done, 0);
  co_await Timer(10, ns);
  CO_ASSERT_EQ(done, 1);
  const auto [index, result] = co_await select(Timer(3, ns), Timer(2, ns));
  note("t", "select", index);
  CO_ASSERT_EQ(index, 1U);
}

TSR_TEST(force_on_register_and_net) {
  co_await begin(dut);
  co_await RisingEdge(dut.clk);
  co_await FallingEdge(dut.clk);
  dut.hold = Force(99);
  note("t", "hold", dut.hold.value());
  dut.wired = Force(17);
  note("t", "wired", dut.wired.value());
  CO_ASSERT_EQ(dut.hold.value(), 99);
  CO_ASSERT_EQ(dut.wired.value(), 17);
  co_await ReadOnly();
  note("t", "held", dut.held.value());
  note("t", "forced", dut.forced.value());
  CO_ASSERT_EQ(dut.held.value(), 99);
  CO_ASSERT_EQ(dut.forced.value(), 17);
  co_await ClockCycles(dut.clk, 3);
  co_await FallingEdge(dut.clk);
  note("t", "hold", dut.hold.value());
  CO_ASSERT_EQ(dut.hold.value(), 99);
  dut.hold = Release();
  dut.wired = Release();
  note("t", "hold", dut.hold.value());
  note("t", "wired", dut.wired.value());
  co_await ReadOnly();
  note("t", "held", dut.held.value());
  note("t", "forced", dut.forced.value());
  CO_ASSERT_EQ(dut.forced.value(), 10 ^ 0x55);
  co_await RisingEdge(dut.clk);
  co_await ReadOnly();
  note("t", "hold", dut.hold.value());
  CO_ASSERT_NE(dut.hold.value(), 99);
  co_await FallingEdge(dut.clk);
  const auto frozen = dut.hold.value();
  dut.hold = Freeze();
  co_await ClockCycles(dut.clk, 2);
  co_await ReadOnly();
  note("t", "frozen", dut.hold.value());
  CO_ASSERT_EQ(dut.hold.value(), frozen);
  co_await FallingEdge(dut.clk);
  dut.hold = Release();
  co_await ClockCycles(dut.clk, 2);
}

TSR_TEST(force_on_other_signal_fails, {.expect_error = errors<RuntimeError>()}) {
  try {
    dut.u_sub.r_q = Force(1);
  } catch (const RuntimeError& e) {
    CO_ASSERT_NE(std::string(e.what()).find("'phase_sub.r_q forceable'"), std::string::npos);
  }
  try {
    dut.a = Force(1);
  } catch (const RuntimeError& e) {
    CO_ASSERT_NE(std::string(e.what()).find("'phase_dut.a forceable'"), std::string::npos);
    throw;
  }
  co_await Timer(1, ns);
}

TSR_TEST(instances_arrays_wide) {
  co_await begin(dut);
  Bits<100> pattern;
  pattern.set(99, true);
  pattern.set(Range(63, 0), 0x123456789ABCDEF0);
  dut.wide = pattern;
  dut.en = 1;
  dut.a = 7;
  co_await ClockCycles(dut.clk, 2);
  co_await ReadOnly();
  note("t", "mem3", dut.mem[3].value());
  note("t", "low", dut.wide_q.value()[Range(31, 0)]);
  note("t", "top", dut.wide_q.value()[Range(99, 96)]);
  CO_ASSERT_EQ(dut.mem[3].value(), 7);
  CO_ASSERT_EQ(dut.wide_q.value(), pattern);
  co_await FallingEdge(dut.clk);
  dut.u_sub.r_q = 123;
  co_await ReadOnly();
  note("t", "r_q", dut.u_sub.r_q.value());
  note("t", "sub_q", dut.sub_q.value());
  CO_ASSERT_EQ(dut.u_sub.r_q.value(), 123);
}

TSR_TEST(timeout_of_a_test, {.timeout = Duration(20, ns), .expect_error = errors<SimTimeoutError>()}) {
  co_await Timer(1, us);
}
