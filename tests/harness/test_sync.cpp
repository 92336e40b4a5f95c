// SPDX-License-Identifier: Apache-2.0
// One object of a lock, an event, a queue or a coroutine in the hands of two tasks, in C++. The twin is test_sync.py.
#include <cstdio>
#include <string>
#include <vector>

#include "tessera/test.hpp"

using namespace tessera;

namespace {

template <class V>
void note(const std::string& task, const char* event, const V& value) {
  std::printf("LOG %llu,%s,%s,%llu\n", static_cast<unsigned long long>(get_sim_time()), task.c_str(), event,
              static_cast<unsigned long long>(value));
}

using Names = std::vector<std::string>;

/// Holds the lock unless the attempt is refused; the lock is released by the test.
Coro<void> use(std::string name, Lock::Acquire& attempt, Names& holders) {
  try {
    co_await attempt;
  } catch (const RuntimeError&) {
    note(name, "refused", 1);
    co_return;
  }
  holders.push_back(name);
  note(name, "holds", holders.size());
}

Coro<void> wait(std::string name, TriggerRef waiting, Event& event, Names& seen) {
  co_await waiting;
  seen.push_back(name);
  note(name, "woke", event.is_set());
}

Coro<void> take(std::string name, Queue<int>& queue, std::vector<int>& got) {
  const int item = co_await queue.get();
  got.push_back(item);
  note(name, "got", item);
}

Coro<void> work() {
  co_await Timer(2, ns);
  note("work", "ends", 1);
}

Coro<void> wait_for_work(std::string name, Coro<void>& coroutine) {
  bool refused = false;
  try {
    co_await coroutine;
  } catch (const RuntimeError&) {
    refused = true;
  }
  note(name, refused ? "refused" : "awaited", 1);
}

}  // namespace

TSR_TEST(one_attempt_for_two_tasks) {
  Lock lock;
  Names holders;
  co_await lock.acquire();
  auto attempt = lock.acquire();
  for (const char* name : {"a", "b", "c"}) start_soon(use(name, attempt, holders));
  co_await Timer(1, ns);
  note("t", "holders", holders.size());
  lock.release();
  co_await Timer(1, ns);
  CO_ASSERT_TRUE(holders == Names{"a"});
  CO_ASSERT_TRUE(lock.locked());
}

TSR_TEST(one_attempt_again,
         {.doc = "While it holds the lock it is refused; after the release it is an attempt like any other."}) {
  Lock lock;
  Names holders;
  auto attempt = lock.acquire();
  co_await attempt;
  co_await use("first", attempt, holders);
  lock.release();
  co_await use("second", attempt, holders);
  auto others = lock.acquire();
  auto other = start_soon(use("other", others, holders));
  co_await Timer(1, ns);
  note("t", "done", other.done());
  lock.release();
  co_await Timer(1, ns);
  note("t", "done", other.done());
  Names none;
  if (lock.locked()) {
    note("t", "locked", 1);
  } else {
    co_await use("third", attempt, none);
  }
  lock.release();
  int wrong = 0;
  try {
    lock.release();
  } catch (const RuntimeError&) {
    wrong = 1;
  }
  note("t", "released twice", wrong);
  CO_ASSERT_EQ(wrong, 1);
  CO_ASSERT_TRUE(holders == (Names{"second", "other"}));
}

TSR_TEST(cancelled_attempt,
         {.doc = "The task that waited is gone: the next one gets the lock, and the attempt can be used again."}) {
  Lock lock;
  Names holders;
  co_await lock.acquire();
  auto attempt = lock.acquire();
  auto second = lock.acquire();
  auto gone = start_soon(use("gone", attempt, holders));
  start_soon(use("next", second, holders));
  co_await Timer(1, ns);
  gone.cancel();
  co_await Timer(1, ns);
  start_soon(use("again", attempt, holders));
  co_await Timer(1, ns);
  lock.release();
  co_await Timer(1, ns);
  lock.release();
  co_await Timer(1, ns);
  CO_ASSERT_TRUE(holders == (Names{"next", "again"}));
}

TSR_TEST(one_wait_for_two_tasks) {
  Event event;
  Names seen;
  auto waiting = event.wait();
  start_soon(wait("a", waiting, event, seen));
  start_soon(wait("b", waiting, event, seen));
  co_await Timer(1, ns);
  event.set();
  event.clear();
  co_await Timer(1, ns);
  start_soon(wait("c", waiting, event, seen));
  co_await Timer(1, ns);
  note("t", "woke", seen.size());
  event.set();
  co_await Timer(1, ns);
  CO_ASSERT_TRUE(seen == (Names{"a", "b", "c"}));
}

TSR_TEST(queue_after_a_cancelled_getter) {
  Queue<int> queue;
  std::vector<int> got;
  auto gone = start_soon(take("gone", queue, got));
  start_soon(take("stays", queue, got));
  co_await Timer(1, ns);
  gone.cancel();
  co_await Timer(1, ns);
  queue.put_nowait(7);
  co_await Timer(1, ns);
  CO_ASSERT_TRUE(got == std::vector<int>{7});
}

TSR_TEST(one_coroutine_for_two_tasks) {
  Coro<void> coroutine = work();
  start_soon(wait_for_work("a", coroutine));
  start_soon(wait_for_work("b", coroutine));
  co_await Timer(3, ns);
  int wrong = 0;
  try {
    co_await coroutine;
  } catch (const RuntimeError&) {
    wrong = 1;
  }
  note("t", "awaited again", wrong);
  CO_ASSERT_EQ(wrong, 1);
}
