// SPDX-License-Identifier: Apache-2.0
/// What a task can wait for.
#pragma once
#include <array>
#include <functional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "tessera/signal.hpp"
#include "tessera/task.hpp"

namespace tessera {

/// A trigger that lives elsewhere, as a value.
class TriggerRef {
 public:
  explicit TriggerRef(Trigger& t) : trigger_(&t) {}
  TriggerAwaiter operator co_await() const { return TriggerAwaiter(*trigger_); }
  [[nodiscard]] Trigger& trigger() const { return *trigger_; }

 private:
  Trigger* trigger_;
};

/// An edge: its own awaiter, without a virtual call on the way.
class EdgeRef {
 public:
  explicit EdgeRef(EdgeTrigger& t) : trigger_(&t) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const { kernel.current->suspend_on(*trigger_); }
  void await_resume() const { kernel.current->check_thrown(); }
  [[nodiscard]] EdgeTrigger& trigger() const { return *trigger_; }

 private:
  EdgeTrigger* trigger_;
};
class RisingEdge : public EdgeRef {
 public:
  explicit RisingEdge(const Signal<1>& s) : EdgeRef(s.rising_edge()) {}
};
class FallingEdge : public EdgeRef {
 public:
  explicit FallingEdge(const Signal<1>& s) : EdgeRef(s.falling_edge()) {}
};
class ValueChange : public EdgeRef {
 public:
  template <unsigned W>
  explicit ValueChange(const Signal<W>& s) : EdgeRef(s.value_change()) {}
  explicit ValueChange(const RealSignal& s) : EdgeRef(s.value_change()) {}
};
using Edge = ValueChange;

/// Fires after a positive time, at the beginning of a time step. ValueError for a time that is not positive or no whole
/// number of steps.
class Timer final : public Trigger, private TimedEvent {
 public:
  template <class N>
  requires std::is_arithmetic_v<N>
  explicit Timer(N time, TimeUnit unit = TimeUnit::step, RoundMode mode = RoundMode::error) {
    if (!(time > N{0})) throw ValueError("Timer argument time must be positive");
    if constexpr (std::is_integral_v<N>) {
      steps_ = get_sim_steps(static_cast<std::int64_t>(time), unit, mode);
    } else {
      steps_ = get_sim_steps(static_cast<double>(time), unit, mode);
    }
    if (steps_ == 0) steps_ = 1;
  }
  Timer(Timer&& other) noexcept : Trigger(), TimedEvent(), steps_(other.steps_) {}
  ~Timer() override {
    if (armed()) kernel.remove_timed(*this);
  }
  [[nodiscard]] std::string describe() const override { return "Timer of " + std::to_string(steps_) + " steps"; }
  auto operator co_await() { return TriggerAwaiter(*this); }

 protected:
  void prime() override { kernel.add_timed(*this, kernel.time + steps_); }
  void unprime() override { kernel.remove_timed(*this); }

 private:
  std::uint64_t fire() override {
    kernel.remove_timed(*this);
    kernel.phase = Phase::timer;
    react();
    kernel.run_ready();
    return 0;
  }
  std::uint64_t steps_ = 0;
};

namespace detail {
class PhaseAwaiter : public TriggerAwaiter {
 public:
  PhaseAwaiter(PhaseTrigger& t, const char* name) : TriggerAwaiter(t) {
    if (kernel.in_read_only()) {
      throw RuntimeError(std::string("Attempted illegal transition: awaiting ") + name + " in ReadOnly phase");
    }
  }
};
}  // namespace detail

/// The end of the time step: everything is settled, nothing may be written.
class ReadOnly {
 public:
  ReadOnly() = default;
  detail::PhaseAwaiter operator co_await() const { return {kernel.read_only, "ReadOnly"}; }
};
/// After an evaluation, with the deposits made so far applied.
class ReadWrite {
 public:
  ReadWrite() = default;
  detail::PhaseAwaiter operator co_await() const { return {kernel.read_write, "ReadWrite"}; }
};
/// The beginning of the next time step, whatever makes it.
class NextTimeStep {
 public:
  NextTimeStep() = default;
  TriggerAwaiter operator co_await() const { return TriggerAwaiter(kernel.next_time_step); }
};

/// Fires at once; other ready tasks run first.
class NullTrigger final : public Trigger {
 public:
  NullTrigger() = default;
  NullTrigger(NullTrigger&&) noexcept : Trigger() {}
  [[nodiscard]] std::string describe() const override { return "NullTrigger"; }

 protected:
  void prime() override { react(); }
};

/// `n` edges of a clock, rising by default, counted without resuming the task in between. Zero does not wait at all.
class ClockCycles final : public Trigger {
 public:
  ClockCycles(const Signal<1>& signal, std::int64_t n, EdgeKind kind = EdgeKind::rising)
      : edge_(kind == EdgeKind::rising    ? signal.rising_edge()
              : kind == EdgeKind::falling ? signal.falling_edge()
                                          : signal.value_change()),
        counter_(*this),
        wanted_(n) {}
  ClockCycles(ClockCycles&& other) noexcept : Trigger(), edge_(other.edge_), counter_(*this), wanted_(other.wanted_) {}
  ~ClockCycles() override { unprime(); }
  [[nodiscard]] std::string describe() const override { return std::to_string(left_) + " more of " + edge_.describe(); }

  class Awaiter : public TriggerAwaiter {
   public:
    explicit Awaiter(ClockCycles& c) : TriggerAwaiter(c), ready_(c.wanted_ <= 0) {}
    [[nodiscard]] bool await_ready() const noexcept { return ready_; }

   private:
    bool ready_;
  };
  Awaiter operator co_await() { return Awaiter(*this); }

 protected:
  void prime() override {
    left_ = wanted_;
    edge_.add(counter_);
  }
  void unprime() override { counter_.withdraw(); }

 private:
  /// Takes the task's place in the order of the waiters and of the ready queue.
  struct Counter : Waiter {
    explicit Counter(ClockCycles& o) : owner(o) {
      call = [](Waiter& w) { static_cast<Counter&>(w).owner.count(); };
    }
    ClockCycles& owner;
  };
  void count() {
    if (--left_ > 0) {
      edge_.add(counter_);
    } else {
      react_first();
    }
  }
  EdgeTrigger& edge_;
  Counter counter_;
  std::int64_t wanted_, left_ = 0;
};

namespace detail {

enum class ReturnWhen : std::uint8_t { first_completed, first_exception, all_completed };
inline constexpr std::size_t kNone = ~std::size_t{0};

/// Starts the tasks at once, in order, before anything else that is ready. The rest is cancelled when the condition is
/// met, and has ended before this returns. Index of the task that met the condition, or kNone.
Coro<std::size_t> wait_for(std::vector<TaskRef> waiters, ReturnWhen when);

template <class T>
Regular<T> regular_result(const Task<T>& task) {
  if constexpr (std::is_void_v<T>) {
    task.result();
    return {};
  } else {
    return task.result();
  }
}

template <class A>
auto waiter_task(A&& a) {
  return make_task(as_coro(std::forward<A>(a)), {});
}
template <class A>
using WaiterResult = typename decltype(waiter_task(std::declval<A>()))::Result;

/// The arguments of select() and gather() until they are awaited.
template <class... A>
using Arguments = std::tuple<typename Stored<A>::type...>;

template <class... A>
auto start_waiters(Arguments<A...>& args) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::tuple<Task<WaiterResult<A>>...>{
        waiter_task(static_cast<typename Stored<A>::type&&>(std::get<I>(args)))...};
  }
  (std::index_sequence_for<A...>{});
}
template <class... T>
std::vector<TaskRef> references(const std::tuple<Task<T>...>& tasks) {
  return std::apply([](const auto&... t) { return std::vector<TaskRef>{t.ref()...}; }, tasks);
}

template <class... A>
Coro<std::pair<std::size_t, std::variant<Regular<WaiterResult<A>>...>>> select_stored(Arguments<A...> args) {
  using Result = std::variant<Regular<WaiterResult<A>>...>;
  auto tasks = start_waiters<A...>(args);
  const std::size_t index = co_await wait_for(references(tasks), ReturnWhen::first_completed);
  std::optional<Result> value;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((I == index ? (void)value.emplace(std::in_place_index<I>, regular_result(std::get<I>(tasks))) : (void)0), ...);
  }
  (std::index_sequence_for<A...>{});
  co_return std::pair<std::size_t, Result>(index, std::move(*value));
}

template <class... A>
Coro<std::tuple<Regular<WaiterResult<A>>...>> gather_stored(Arguments<A...> args) {
  auto tasks = start_waiters<A...>(args);
  if constexpr (sizeof...(A) > 0) {
    std::vector<TaskRef> refs = references(tasks);
    const std::size_t index = co_await wait_for(refs, ReturnWhen::first_exception);
    if (index != kNone) refs[index]->throw_outcome();
  }
  co_return std::apply([](const auto&... t) { return std::tuple<Regular<WaiterResult<A>>...>(regular_result(t)...); },
                       tasks);
}

/// One type of awaitable, any number of them.
template <class A, class T = WaiterResult<A>>
Coro<std::vector<Regular<T>>> gather_list(std::vector<A> awaitables) {
  std::vector<Task<T>> tasks;
  for (auto& a : awaitables) tasks.push_back(waiter_task(std::move(a)));
  std::vector<TaskRef> refs;
  for (const auto& t : tasks) refs.push_back(t.ref());
  if (!refs.empty()) {
    const std::size_t index = co_await wait_for(refs, ReturnWhen::first_exception);
    if (index != kNone) refs[index]->throw_outcome();
  }
  std::vector<Regular<T>> out;
  for (const auto& t : tasks) out.push_back(regular_result(t));
  co_return out;
}

template <class A>
Coro<WaiterResult<A>> limited(Arguments<A> args, Timer timer) {
  auto clock = waiter_task(std::move(timer));
  auto tasks = start_waiters<A>(args);
  std::vector<TaskRef> refs;
  refs.push_back(clock.ref());
  refs.push_back(std::get<0>(tasks).ref());
  const std::size_t index = co_await wait_for(std::move(refs), ReturnWhen::first_completed);
  if (index == 0) {
    clock.result();
    throw SimTimeoutError();
  }
  co_return std::get<0>(tasks).result();
}

}  // namespace detail

/// Waits for the first; the others are cancelled (tasks passed in go on). {index, std::variant of the results}.
template <class... A>
requires(sizeof...(A) > 0) auto select(A&&... awaitables) {
  return detail::select_stored<A...>(detail::Arguments<A...>(std::forward<A>(awaitables)...));
}
/// Waits for all; a tuple of results. When one throws, the others are cancelled and the exception comes out.
template <class... A>
auto gather(A&&... awaitables) {
  return detail::gather_stored<A...>(detail::Arguments<A...>(std::forward<A>(awaitables)...));
}
template <class A>
auto gather(std::vector<A> awaitables) {
  return detail::gather_list<A>(std::move(awaitables));
}
/// Fires with the first of some triggers; the index of it. Losing tasks go on. Prefer select() for tasks.
template <class... A>
requires(sizeof...(A) > 0) Coro<std::size_t> First(A&&... awaitables) {
  return [](auto chosen) -> Coro<std::size_t> {
    auto result = co_await std::move(chosen);
    co_return result.first;
  }(select(std::forward<A>(awaitables)...));
}
/// Fires when all have fired.
template <class... A>
Coro<void> Combine(A&&... awaitables) {
  return [](auto all) -> Coro<void> { co_await std::move(all); }(gather(std::forward<A>(awaitables)...));
}

/// The result of `awaitable`, or SimTimeoutError: what was passed is cancelled then, except a task. A tie is a timeout.
template <class A, class N>
auto with_timeout(A&& awaitable, N time, TimeUnit unit = TimeUnit::step, RoundMode mode = RoundMode::error) {
  return detail::limited<A>(detail::Arguments<A>(std::forward<A>(awaitable)), Timer(time, unit, mode));
}

/// start_soon(), then lets ready tasks run before it goes on.
template <class A>
auto start(A&& awaitable, std::string name = {}) {
  auto task = start_soon(std::forward<A>(awaitable), std::move(name));
  return [](auto t) -> Coro<decltype(t)> {
    co_await NullTrigger();
    co_return t;
  }(std::move(task));
}

}  // namespace tessera
