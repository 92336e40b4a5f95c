// SPDX-License-Identifier: Apache-2.0
/// Event loop and time steps. Tests do not use this header directly; the words of `tessera/test.hpp` are built on it.
///
/// A time step runs in the order that cocotb's main program gives a Verilated model:
///   NextTimeStep, timers (clocks among them)
///   repeat: evaluate, apply deposits, fire edges and value changes of watched signals   until nothing was written
///   ReadWrite, apply deposits, fire   and again from `repeat` while something was written
///   ReadOnly, one sample of the trace
/// So the edge of a driven input fires before the model sees it: registers are old, a deposit lands after the edge.
#pragma once
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/errors.hpp"
#include "tessera/simtime.hpp"

namespace tessera {

class Trigger;
class TaskBase;
class EdgeTrigger;
class Kernel;
class Model;
struct SignalState;

/// Node of a circular list; a task is in at most one list: waiting for a trigger, or ready to run.
struct Link {
  Link* prev = nullptr;
  Link* next = nullptr;
};

class LinkList {
 public:
  LinkList() { head_.prev = head_.next = &head_; }
  LinkList(const LinkList&) = delete;
  LinkList& operator=(const LinkList&) = delete;
  [[nodiscard]] bool empty() const { return head_.next == &head_; }
  [[nodiscard]] Link* front() const { return head_.next; }
  [[nodiscard]] Link* back() const { return head_.prev; }
  [[nodiscard]] const Link* end() const { return &head_; }
  /// True when the list was empty.
  bool push_back(Link& l) {
    Link* const last = head_.prev;
    l.prev = last;
    l.next = &head_;
    last->next = &l;
    head_.prev = &l;
    return last == &head_;
  }
  /// The first one, which must exist; its own pointers stay as they are.
  Link& take_front() {
    Link& l = *head_.next;
    head_.next = l.next;
    l.next->prev = &head_;
    return l;
  }
  /// Appends all of `other`, which must not be empty and becomes empty.
  void splice_back(LinkList& other) {
    Link* const first = other.head_.next;
    Link* const last = other.head_.prev;
    first->prev = head_.prev;
    head_.prev->next = first;
    last->next = &head_;
    head_.prev = last;
    other.head_.prev = other.head_.next = &other.head_;
  }
  void push_front(Link& l) {
    l.next = head_.next;
    l.prev = &head_;
    head_.next->prev = &l;
    head_.next = &l;
  }
  static void unlink(Link& l) {
    l.prev->next = l.next;  // NOLINT(clang-analyzer-core.NullDereference): what is linked has both neighbours
    l.next->prev = l.prev;
    l.prev = l.next = nullptr;
  }
  static void unlink_if(Link& l) {
    if (l.next) unlink(l);
  }
  /// Takes all of `other`, which becomes empty; this list must be empty.
  void take(LinkList& other) {
    if (other.empty()) return;
    head_.next = other.head_.next;
    head_.prev = other.head_.prev;
    head_.next->prev = head_.prev->next = &head_;
    other.head_.prev = other.head_.next = &other.head_;
  }

 private:
  Link head_;
};

enum class TaskState : std::uint8_t { unstarted, scheduled, pending, running, finished, errored, cancelled };

/// What a trigger wakes: a task, or a call inside the kernel.
class Waiter : public Link {
 public:
  void (*call)(Waiter&) = nullptr;  ///< run by the event loop; nullptr: a task that runs already
  [[nodiscard]] inline bool waits() const { return state_ == TaskState::pending && waits_for_; }
  /// Leaves the trigger it waits for, or the ready queue.
  inline void withdraw();

 protected:
  friend class Trigger;
  friend class Kernel;
  Trigger* waits_for_ = nullptr;  ///< valid while pending; nullptr: of a trigger that is gone
  TaskState state_ = TaskState::unstarted;
};

/// Something a task can wait for. Waiters wake in the order in which they came.
class Trigger {
 public:
  Trigger() = default;
  Trigger(const Trigger&) = delete;
  Trigger& operator=(const Trigger&) = delete;
  /// Waiters of a trigger that goes away wait until they are cancelled.
  virtual ~Trigger() {
    while (!waiters_.empty()) {
      auto& w = static_cast<Waiter&>(*waiters_.front());
      LinkList::unlink(w);
      w.waits_for_ = nullptr;
    }
  }

  void add(Waiter& w) {
    w.waits_for_ = this;
    w.state_ = TaskState::pending;
    if (waiters_.push_back(w)) [[unlikely]]
      prime();
  }
  void remove(Waiter& w) {
    LinkList::unlink(w);
    w.waits_for_ = nullptr;
    if (waiters_.empty()) unprime();
  }
  [[nodiscard]] bool has_waiters() const { return !waiters_.empty(); }
  /// Schedules all waiters.
  void react();
  /// Schedules all waiters before everything that is ready.
  void react_first();
  [[nodiscard]] virtual std::string describe() const { return "Trigger"; }
  auto operator co_await();

 protected:
  virtual void prime() {}
  virtual void unprime() {}
  LinkList waiters_;
};

/// A concurrently running coroutine, without the type of its result.
class TaskBase : public Waiter {
 public:
  TaskBase(const TaskBase&) = delete;
  TaskBase& operator=(const TaskBase&) = delete;

  [[nodiscard]] const std::string& get_name() const;
  void set_name(std::string name) { name_ = std::move(name); }
  [[nodiscard]] TaskState state() const { return state_; }
  [[nodiscard]] bool done() const { return state_ >= TaskState::finished; }
  [[nodiscard]] bool cancelled() const { return state_ == TaskState::cancelled; }
  /// Throws CancelledError into the task, later. False when it was done already. RuntimeError on the running task.
  bool cancel(std::string message = {});
  /// The exception that ended it, nullptr for none; rethrows CancelledError; InvalidStateError before the end.
  [[nodiscard]] std::exception_ptr exception() const;
  /// "Task 3 waits for RisingEdge(dut.clk)".
  [[nodiscard]] std::string describe() const;

  // For the kernel and the awaitables.
  void start_soon();
  void start_next();
  void resume();
  /// Runs to the next suspension; the caller has made it the current task.
  void run() {
    state_ = TaskState::running;
    point_.resume();
    // A coroutine hands over to the one that it calls, or that called it, by returning here: no stack grows.
    while (next_) [[unlikely]] {
        point_ = std::exchange(next_, {});
        point_.resume();
      }
    if (state_ == TaskState::running) [[unlikely]]
      finish();
  }
  bool cancel_now(const std::string& message = {});
  void uncancel() {
    if (must_cancel_ > 0) --must_cancel_;
  }
  void add_done_callback(std::function<void(TaskBase&)> f);
  Trigger& complete() { return complete_; }
  /// The coroutine that suspends is the one that run() resumed last.
  void suspend_on(Trigger& t) {
    if (must_cancel_) [[unlikely]]
      return;  // resume() sees that it went on after the cancellation
    t.add(*this);
  }
  void transfer_to(std::coroutine_handle<> h) { next_ = h; }
  void check_thrown() {
    if (thrown_) [[unlikely]]
      rethrow();
  }
  void schedule();
  void retain() { ++refs_; }
  void release() {
    if (--refs_ == 0) delete this;
  }
  void throw_outcome() const;

 protected:
  TaskBase(std::coroutine_handle<> first, std::string name);
  virtual ~TaskBase() = default;
  virtual bool root_done() const = 0;
  virtual std::exception_ptr root_error() const = 0;
  /// Keeps the returned value and destroys the frame: what it owns ends with the task, not with the last handle.
  virtual void destroy_root() = 0;

 private:
  friend class Kernel;
  static void first_run(Waiter& w);
  void finish();
  void set_outcome(TaskState state, std::exception_ptr error);
  [[noreturn]] void rethrow();

  /// Fires at once when the task has ended already.
  class Complete final : public Trigger {
   public:
    explicit Complete(TaskBase& task) : task_(task) {}
    [[nodiscard]] std::string describe() const override { return "the end of " + task_.get_name(); }

   protected:
    void prime() override {
      if (task_.done()) react();
    }

   private:
    TaskBase& task_;
  };

  std::coroutine_handle<> point_;  ///< the suspended leaf
  std::coroutine_handle<> next_;   ///< resumed after this one returned: a callee, or the caller of one that ended
  std::exception_ptr thrown_;      ///< to throw at the next resumption
  std::exception_ptr error_;       ///< how it ended
  int must_cancel_ = 0;
  int refs_ = 0;
  std::uint64_t id_;
  mutable std::string name_;
  std::vector<std::function<void(TaskBase&)>> done_callbacks_;
  Complete complete_{*this};
};

/// Fires inside an event of the simulator; the event loop runs to its end before the next one fires.
/// Deposits are allowed in the odd ones.
enum class Phase : std::uint8_t { read_only = 0, timer = 1, next_time_step = 3, value_change = 5, read_write = 7 };

/// Something that happens at a time. Entries of one time fire in the order in which they were set.
class TimedEvent {
 public:
  virtual ~TimedEvent() = default;
  /// The time at which it fires again, or 0 when it removed itself (and may have been added again).
  virtual std::uint64_t fire() = 0;
  [[nodiscard]] bool armed() const { return index_ >= 0; }

 private:
  friend class Kernel;
  friend class ClockEvent;
  std::uint64_t time_ = 0, order_ = 0;
  std::ptrdiff_t index_ = -1;
  bool plain_clock_ = false;  ///< a ClockEvent of a signal of one byte in a model without delays
};

/// A clock: drives a signal of one bit until it is destroyed.
class ClockEvent final : public TimedEvent {
 public:
  ClockEvent(SignalState& signal, std::uint64_t period, std::uint64_t high)
      : signal_(signal), length_{period - high, high} {}
  ~ClockEvent() override;
  /// The first value is deposited now.
  void begin(bool high);
  std::uint64_t fire() override;

 private:
  friend class Kernel;
  SignalState& signal_;
  std::uint64_t length_[2];  ///< of the low and of the high part
  bool value_ = false;
};

/// ReadOnly, ReadWrite, NextTimeStep: one of each.
class PhaseTrigger final : public Trigger {
 public:
  PhaseTrigger(Phase phase, const char* name) : phase_(phase), name_(name) {}
  void fire();
  [[nodiscard]] bool armed() const { return !waiters_.empty(); }
  [[nodiscard]] std::string describe() const override { return name_; }

 protected:
  inline void prime() override;
  inline void unprime() override;

 private:
  Phase phase_;
  const char* name_;
};

/// One Verilated model. Signals point into it.
class Model {
 public:
  Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model();
  virtual void evaluate(std::uint64_t now) = 0;
  /// The last evaluation of a run: final blocks.
  virtual void finalize() = 0;
  /// The next time at which the RTL itself does something, ~0 for never. Asked only when `timing`.
  [[nodiscard]] virtual std::uint64_t next_event() { return ~0ULL; }
  [[nodiscard]] virtual int time_precision() const = 0;
  virtual void open_trace(const std::string& path) = 0;
  virtual void dump_trace(std::uint64_t now) = 0;
  virtual void close_trace() = 0;
  /// The run-time state behind a handle; RuntimeError when the name is not public.
  virtual SignalState& find(const char* scope, const char* name, unsigned width) = 0;

  bool dirty = true;          ///< something was written since the last evaluation
  bool timing = false;        ///< the RTL has delays of its own
  std::string label = "dut";  ///< of the paths of its signals
};

/// Lets time pass in the kernel's stead: the stepper of a cluster.
class TimeOwner {
 public:
  TimeOwner() = default;
  TimeOwner(const TimeOwner&) = delete;
  TimeOwner& operator=(const TimeOwner&) = delete;
  virtual ~TimeOwner() = default;
  /// Steps until it has done its work, or `attention` is set: then true when the present step has to be finished first.
  virtual bool drive() = 0;
};

class Kernel {
 public:
  // What every clock touches comes first.
  TaskBase* current = nullptr;
  LinkList ready;
  SignalState* puts = nullptr;  ///< signals with a pending deposit, linked
  std::uint64_t time = 0;
  Phase phase = Phase::timer;
  bool eval_needed = false;  ///< written since the last evaluation of this step, changed or not
  /// Something ended the run: the test is over, a failure, $finish, an interruption.
  volatile bool attention = false;
  volatile bool interrupted = false;  ///< by the wall-clock limit or a signal from outside
  bool settle_needed = false;         ///< a watched signal may have changed
  bool tracing = false;
  std::uint32_t phases_armed = 0;      ///< of the three phase triggers
  std::uint32_t watched_internal = 0;  ///< armed triggers of signals that an evaluation may change

 private:
  bool timing_ = false;    ///< of any model
  Model* only_ = nullptr;  ///< the model when there is exactly one
  LinkList watched_;       ///< armed EdgeTriggers, oldest first
  std::uint64_t watch_order_ = 0;
  std::vector<TimedEvent*> heap_;
  std::uint64_t next_order_ = 0;

 public:
  std::uint64_t next_task_id = 0;
  int precision = -12;

  PhaseTrigger read_only{Phase::read_only, "ReadOnly()"};
  PhaseTrigger read_write{Phase::read_write, "ReadWrite()"};
  PhaseTrigger next_time_step{Phase::next_time_step, "NextTimeStep()"};

  /// Limits that turn an endless time step into a failure.
  std::uint32_t evaluation_limit = 20'000;  ///< evaluations within one time step
  std::uint32_t resume_limit = 20'000'000;  ///< resumptions within one event

  [[nodiscard]] bool in_read_only() const { return phase == Phase::read_only; }
  void run_ready();
  void add_timed(TimedEvent& e, std::uint64_t at);
  void remove_timed(TimedEvent& e);

  enum class Stop : std::uint8_t { in_step, after_step, after_advance, no_event };
  /// Time steps until `attention`. `in_step`: the present step has to be finished first.
  Stop run(bool in_step);
  /// The rest of the current time step, from the first evaluation to the trace sample.
  void finish_step();
  /// Moves to the next time with something to do and fires NextTimeStep and timers. False: nothing is left.
  bool advance();
  /// Signals of attached models may be read, written and watched.
  void attach(Model& model);
  void detach(Model& model);
  [[nodiscard]] const std::vector<Model*>& models() const { return models_; }
  /// Not 0 while someone else owns the clock: tasks are attached to tiles of so many clusters.
  unsigned external_clocks = 0;
  /// Takes over before the next time step, once.
  std::shared_ptr<TimeOwner> next_owner;

  /// Ends the simulation: the running test fails with `message`. The first call counts.
  void fail(const std::string& message);
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }

  void watch(EdgeTrigger& e);
  void unwatch(EdgeTrigger& e);
  /// Fires value changes until none is left.
  void settle() {
    while (settle_needed) {
      settle_needed = false;
      value_callbacks();
    }
  }
  void apply_puts();
  bool finish_requested = false;  ///< the RTL called $finish

 private:
  void value_callbacks();
  void evaluate();
  [[gnu::cold, gnu::noinline]] void fail_loop(const char* what, std::uint32_t count, const char* after);
  [[gnu::always_inline]] void do_finish_step(std::uint32_t count);
  [[gnu::always_inline]] bool next_is_plain_clock() const;
  [[gnu::always_inline]] void toggle(ClockEvent& c);
  void phases();
  void after_step();
  bool loop_ends(std::uint32_t count);
  void sift_up(std::size_t i);
  void sift_down(std::size_t i);
  void place(TimedEvent* e, std::size_t i) {
    heap_[i] = e;
    e->index_ = static_cast<std::ptrdiff_t>(i);
  }

  friend class ClockEvent;
  std::vector<Model*> models_;
  Link* walk_ = nullptr;  ///< next entry of a running value_callbacks()
  bool failed_ = false;
  std::string failure_;
};

extern Kernel kernel;

inline void PhaseTrigger::prime() { ++kernel.phases_armed; }
inline void PhaseTrigger::unprime() { --kernel.phases_armed; }

inline void Trigger::react() {
  if (waiters_.empty()) return;
  for (Link* l = waiters_.front(); l != waiters_.end(); l = l->next)
    static_cast<Waiter&>(*l).state_ = TaskState::scheduled;
  kernel.ready.splice_back(waiters_);
}

inline void Trigger::react_first() {
  while (!waiters_.empty()) {
    auto& w = static_cast<Waiter&>(*waiters_.back());
    LinkList::unlink(w);
    w.state_ = TaskState::scheduled;
    kernel.ready.push_front(w);
  }
}

inline void Waiter::withdraw() {
  if (state_ == TaskState::pending) {
    if (waits_for_) waits_for_->remove(*this);
  } else if (state_ == TaskState::scheduled) {
    LinkList::unlink(*this);
  }
  state_ = TaskState::unstarted;
}

inline void TaskBase::schedule() {
  state_ = TaskState::scheduled;
  kernel.ready.push_back(*this);
}

/// `co_await trigger`: suspends until it fires; a cancelled task throws here.
class TriggerAwaiter {
 public:
  explicit TriggerAwaiter(Trigger& trigger) : trigger_(&trigger) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) { kernel.current->suspend_on(*trigger_); }
  void await_resume() { kernel.current->check_thrown(); }

 private:
  Trigger* trigger_;
};
inline auto Trigger::operator co_await() { return TriggerAwaiter(*this); }

}  // namespace tessera
