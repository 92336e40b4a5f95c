// SPDX-License-Identifier: Apache-2.0
// Order and results of tasks, queues, locks and combinations, in C++. The twin is test_words.py.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "tessera/test.hpp"

using namespace tessera;

namespace {

template <class V>
void note(const std::string& task, const char* event, const V& value) {
  std::printf("LOG %llu,%s,%s,%llu\n", static_cast<unsigned long long>(get_sim_time()), task.c_str(), event,
              static_cast<unsigned long long>(value));
}

Coro<int> value_after(int t, int v) {
  co_await Timer(t, ns);
  co_return v;
}

Coro<void> fail_after(int t) {
  co_await Timer(t, ns);
  throw ValueError("asked to fail");
}

/// Python's `finally`.
class Finally {
 public:
  Finally(std::string task, const char* event, int value) : task_(std::move(task)), event_(event), value_(value) {}
  Finally(const Finally&) = delete;
  ~Finally() { note(task_, event_, value_); }

 private:
  std::string task_;
  const char* event_;
  int value_;
};

}  // namespace

TSR_TEST(clock_shapes) {
  Clock clock(dut.clk, 10, ns, 3);
  clock.start(false);
  for (int n = 0; n < 3; ++n) {
    co_await RisingEdge(dut.clk);
    note("t", "up", n);
    co_await FallingEdge(dut.clk);
    note("t", "down", n);
  }
  co_await clock.cycles(1);
  note("t", "one", 1);
  co_await clock.cycles(5);
  note("t", "five", 5);
  co_await clock.cycles(0);
  clock.stop();
  co_await Timer(30, ns);
  note("t", "stopped", dut.clk.value());
  clock.start();
  co_await ClockCycles(dut.clk, 2, EdgeKind::falling);
  note("t", "falls", 2);
  int wrong = 0;
  try {
    clock.start();
  } catch (const RuntimeError&) {
    ++wrong;
  }
  try {
    Clock(dut.clk, 3, ps);
  } catch (const ValueError&) {
    ++wrong;
  }
  try {
    Clock(dut.clk, 4, ns, 4);
  } catch (const ValueError&) {
    ++wrong;
  }
  note("t", "wrong", wrong);
  CO_ASSERT_EQ(wrong, 3);
}

TSR_TEST(stopped_clock_with_its_task_held) {
  Clock clock(dut.clk, 10, ns);
  const Task<void> task = clock.start();
  co_await Timer(12, ns);
  clock.stop();
  co_await Timer(30, ns);
  note("t", "stopped", dut.clk.value());
  note("t", "cancelled", task.cancelled());
  clock.start(false);
  co_await Timer(8, ns);
  note("t", "high", dut.clk.value());
  CO_ASSERT_TRUE(task.cancelled());
}

namespace {

Coro<int> quick() { co_return 3; }

}  // namespace

TSR_TEST(end_of_a_task_that_has_ended) {
  const Task<int> task = start_soon(quick());
  const int result = co_await task;
  note("t", "result", result);
  co_await task.complete();
  note("t", "complete", 1);
  co_await Combine(task.complete(), Timer(2, ns));
  note("t", "combined", 1);
  co_await with_timeout(task.complete(), 5, ns);
  note("t", "in time", 1);
  const auto [index, value] = co_await select(Timer(1, ns), task.complete());
  note("t", "index", index);
  CO_ASSERT_EQ(index, 1U);
}

TSR_TEST(negative_values) {
  dut.a = -91;
  dut.wide = -5;
  dut.en = 1;
  co_await Timer(1, ns);
  note("t", "narrow", dut.a.value() == -91);
  note("t", "unsigned", dut.a.value() == 165);
  note("t", "too small", dut.a.value() == -347);
  note("t", "wide", dut.wide.value() == -5);
  note("t", "other", dut.wide.value() == -6);
  CO_ASSERT_EQ(dut.a.value(), -91);
}

namespace {
Coro<void> count_edges(Dut& dut, std::string name, int n) {
  for (int i = 0; i < n; ++i) {
    co_await RisingEdge(dut.clk);
    note(name, "edge", i);
  }
}
Coro<void> count_cycles(Dut& dut, std::string name, int n) {
  co_await ClockCycles(dut.clk, n);
  note(name, "cycles", n);
}
}  // namespace

TSR_TEST(edges_and_cycles_keep_their_order) {
  Clock(dut.clk, 10, ns).start();
  std::vector<Task<void>> tasks;
  tasks.push_back(start_soon(count_edges(dut, "a", 6)));
  tasks.push_back(start_soon(count_cycles(dut, "b", 3)));
  tasks.push_back(start_soon(count_edges(dut, "c", 6)));
  tasks.push_back(start_soon(count_cycles(dut, "d", 5)));
  tasks.push_back(start_soon(count_cycles(dut, "e", 3)));
  for (auto& task : tasks) co_await task;
  note("t", "all", 1);
  for (auto& task : tasks) CO_ASSERT_TRUE(task.done());
}

namespace {
Coro<void> producer(Queue<int>& queue, std::string name, int base) {
  for (int i = 0; i < 4; ++i) {
    co_await queue.put(base + i);
    note(name, "put", base + i);
  }
}
Coro<void> consumer(Queue<int>& queue, std::string name) {
  for (int i = 0; i < 4; ++i) {
    co_await Timer(3, ns);
    const int v = co_await queue.get();
    note(name, "got", v);
  }
}
Coro<void> put_late(LifoQueue<int>& queue) {
  co_await Timer(2, ns);
  queue.put_nowait(77);
}
}  // namespace

TSR_TEST(queues) {
  Queue<int> bounded(2);
  PriorityQueue<std::pair<int, int>> heap;
  LifoQueue<int> stack;
  co_await gather(producer(bounded, "p", 10), producer(bounded, "q", 20), consumer(bounded, "x"),
                  consumer(bounded, "y"));
  int wrong = 0;
  try {
    bounded.get_nowait();
  } catch (const QueueEmpty&) {
    ++wrong;
  }
  bounded.put_nowait(1);
  bounded.put_nowait(2);
  try {
    bounded.put_nowait(3);
  } catch (const QueueFull&) {
    ++wrong;
  }
  note("t", "wrong", wrong);
  CO_ASSERT_EQ(wrong, 2);
  CO_ASSERT_TRUE(bounded.full());
  CO_ASSERT_EQ(bounded.qsize(), 2);
  SplitMix64 random(7);
  for (int i = 0; i < 20; ++i) {
    co_await heap.put(std::pair<int, int>(static_cast<int>(random.below(5)), i));
    co_await stack.put(i);
  }
  while (!heap.empty()) {
    const auto [key, i] = co_await heap.get();
    note("t", "heap", key * 100 + i);
  }
  while (!stack.empty()) note("t", "stack", co_await stack.get());
  start_soon(put_late(stack));
  note("t", "waited", co_await stack.get());
}

TSR_TEST(timeouts) {
  note("t", "value", co_await with_timeout(value_after(5, 42), 6, ns));
  int cut = 0;
  try {
    co_await with_timeout(value_after(5, 42), 5, ns);
  } catch (const SimTimeoutError&) {
    ++cut;
  }
  note("t", "tie", cut);
  auto task = start_soon(value_after(9, 43));
  try {
    co_await with_timeout(task, 3, ns);
  } catch (const SimTimeoutError&) {
    ++cut;
  }
  note("t", "task goes on", task.done());
  note("t", "task", co_await task);
  try {
    co_await with_timeout(fail_after(2), 10, ns);
  } catch (const ValueError&) {
    ++cut;
  }
  Event event;
  try {
    co_await with_timeout(event.wait(), 4, ns);
  } catch (const SimTimeoutError&) {
    ++cut;
  }
  note("t", "cut", cut);
  CO_ASSERT_EQ(cut, 4);
}

namespace {
Coro<int> cleanup(std::string name, int t) {
  const Finally left(name, "left", t);
  co_await Timer(t, ns);
  note(name, "ended", t);
  co_return t;
}
}  // namespace

TSR_TEST(select_and_gather) {
  const auto [index, value] = co_await select(cleanup("a", 5), cleanup("b", 3), cleanup("c", 9));
  note("t", "select", static_cast<int>(index) * 100 + std::get<1>(value));
  const auto [d, e, f] = co_await gather(cleanup("d", 2), value_after(4, 6), value_after(1, 7));
  note("t", "gather", d * 100 + e * 10 + f);
  int failed = 0;
  try {
    co_await gather(cleanup("e", 8), fail_after(3), cleanup("f", 1));
  } catch (const ValueError&) {
    failed = 1;
  }
  note("t", "failed", failed);
  CO_ASSERT_EQ(failed, 1);
  co_await Combine(Timer(2, ns), Timer(7, ns));
  note("t", "combined", 1);
  co_await First(Timer(9, ns), Timer(4, ns));
  note("t", "first", 1);
  auto task = start_soon(cleanup("g", 12));
  const auto chosen = co_await select(task, Timer(5, ns));
  note("t", "selected", chosen.first);
  co_await task;
}

TSR_TEST(parametrised, {.parametrise = {{"depth", 1, 4}, {"stall", "never", "often"}}}) {
  const int depth = param<int>("depth");
  const auto stall = param<std::string>("stall");
  note("t", stall.c_str(), depth);
  co_await Timer(depth, ns);
  CO_ASSERT_TRUE((depth == 1 || depth == 4) && (stall == "never" || stall == "often"));
}

TSR_TEST(expected_to_fail, {.expect_fail = true}) {
  co_await Timer(3, ns);
  note("t", "fails", 1);
  CO_ASSERT_EQ(dut.count.value(), 1234);
}

TSR_TEST(expected_to_raise, {.expect_error = errors<ValueError>()}) { co_await fail_after(2); }

TSR_TEST(skipped, {.skip = true}) {
  CO_ASSERT_TRUE(false);
  co_return;
}

namespace {
Coro<void> lock_worker(Lock& lock, Event& event, std::string name, int n) {
  co_await event.wait();
  for (int i = 0; i < n; ++i) {
    const auto held = co_await lock.scoped();
    note(name, "has it", i);
    co_await Timer(2, ns);
  }
}
}  // namespace

TSR_TEST(event_and_lock_fairness) {
  Lock lock;
  Event event;
  std::vector<Task<void>> workers;
  for (int k = 0; k < 3; ++k) workers.push_back(start_soon(lock_worker(lock, event, "w" + std::to_string(k), 3)));
  co_await Timer(1, ns);
  event.set();
  note("t", "set", lock.locked());
  co_await NullTrigger();
  note("t", "locked", lock.locked());
  event.clear();
  for (auto& w : workers) co_await w;
  CO_ASSERT_FALSE(lock.locked());
  CO_ASSERT_FALSE(event.is_set());
  int wrong = 0;
  try {
    lock.release();
  } catch (const RuntimeError&) {
    ++wrong;
  }
  note("t", "wrong", wrong);
}

namespace {
Coro<int> leaf(std::string name, int t) {
  co_await Timer(t, ns);
  note(name, "leaf", t);
  co_return t;
}
Coro<int> branch(std::string name, int depth) {
  if (depth == 0) co_return co_await leaf(name, 2);
  auto left = start_soon(branch(name + "l", depth - 1));
  const int right = co_await branch(name + "r", depth - 1);
  const int total = right + co_await left;
  note(name, "branch", total);
  co_return total;
}
Coro<int> catches() {
  try {
    co_await fail_after(1);
  } catch (const ValueError&) {
    note("endless", "caught", 1);
  }
  co_return 5;
}
}  // namespace

TSR_TEST(nested_tasks) {
  const int total = co_await branch("n", 3);
  note("t", "total", total);
  CO_ASSERT_EQ(total, 16);
  auto task = start_soon(leaf("named", 1), "a name");
  CO_ASSERT_EQ(task.get_name(), "a name");
  task.set_name("another");
  co_await task;
  CO_ASSERT_EQ(task.get_name(), "another");
  CO_ASSERT_EQ(task.result(), 1);
  CO_ASSERT_TRUE(task.done());
  note("t", "endless", co_await catches());
}

namespace {
Coro<void> endless_worker(std::string name) {
  const Finally leaves(name, "leaves", 1);
  for (int i = 0; i < 100; ++i) {
    co_await Timer(3, ns);
    note(name, "works", i);
  }
}
Coro<void> gathering_parent() {
  const Finally leaves("parent", "leaves", 1);
  co_await gather(endless_worker("a"), endless_worker("b"));
}
Coro<void> killer(Task<void> victim) {
  co_await Timer(4, ns);
  victim.cancel();
}
}  // namespace

TSR_TEST(cancellation) {
  auto task = start_soon(gathering_parent());
  co_await Timer(7, ns);
  task.cancel();
  note("t", "cancelled", task.cancelled());
  co_await Timer(1, ns);
  note("t", "cancelled", task.cancelled());
  CO_ASSERT_TRUE(task.cancelled());
  auto unstarted = start_soon(endless_worker("never"));
  unstarted.cancel();
  co_await Timer(1, ns);
  CO_ASSERT_TRUE(unstarted.cancelled());
  bool cancelled = false;
  auto victim = start_soon(endless_worker("victim"));
  start_soon(killer(victim));
  try {
    co_await victim.complete();
    co_await victim;
  } catch (const CancelledError&) {
    cancelled = true;
  }
  note("t", "awaited", cancelled);
  CO_ASSERT_TRUE(cancelled);
}

TSR_TEST(seeds_and_numbers) {
  auto random = rng();
  auto other = rng(1);
  for (int i = 0; i < 5; ++i) {
    note("t", "random", random.next());
    note("t", "below", other.below(1000));
    note("t", "chance", other.chance(30));
    note("t", "bits", random.bits(12));
  }
  co_await ReadOnly();
  CO_ASSERT_GE(seed(), 0);
}
