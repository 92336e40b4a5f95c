// SPDX-License-Identifier: Apache-2.0
#include "tessera/kernel.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "tessera/signal.hpp"
#include "tessera/task.hpp"

namespace tessera {

Kernel kernel;

Model::Model() = default;
Model::~Model() = default;

// Event loop ----------------------------------------------------------------------------------------------------------

[[gnu::hot]] void Kernel::run_ready() {
  constexpr std::uint32_t kChunk = 4096;
  std::uint32_t resumed = 0, left = kChunk;
  while (!ready.empty()) {
    auto& w = static_cast<Waiter&>(ready.take_front());
    if (w.call) [[unlikely]] {
      w.state_ = TaskState::unstarted;
      w.call(w);
    } else {
      auto& task = static_cast<TaskBase&>(w);
      current = &task;
      task.run();
    }
    if (--left == 0) [[unlikely]] {
      left = kChunk;
      resumed += kChunk;
      if (interrupted) break;
      if (resumed >= resume_limit) {
        fail_loop("tasks ran", resumed, " times");
        break;
      }
    }
  }
  current = nullptr;
}

void PhaseTrigger::fire() {
  kernel.phase = phase_;
  --kernel.phases_armed;
  react();
  kernel.run_ready();
}

// Timers: a binary heap by time, then by order of setting -------------------------------------------------------------

void Kernel::add_timed(TimedEvent& e, std::uint64_t at) {
  e.time_ = at;
  e.order_ = next_order_++;
  heap_.push_back(&e);
  e.index_ = static_cast<std::ptrdiff_t>(heap_.size() - 1);
  sift_up(heap_.size() - 1);
}

void Kernel::remove_timed(TimedEvent& e) {
  if (e.index_ < 0) return;
  const auto i = static_cast<std::size_t>(e.index_);
  e.index_ = -1;
  TimedEvent* last = heap_.back();
  heap_.pop_back();
  if (last == &e) return;
  place(last, i);
  sift_up(i);
  sift_down(static_cast<std::size_t>(last->index_));
}

namespace {
bool before(std::uint64_t ta, std::uint64_t oa, std::uint64_t tb, std::uint64_t ob) {
  return ta != tb ? ta < tb : oa < ob;
}
}  // namespace

void Kernel::sift_up(std::size_t i) {
  TimedEvent* e = heap_[i];
  while (i > 0) {
    const std::size_t parent = (i - 1) / 2;
    if (!before(e->time_, e->order_, heap_[parent]->time_, heap_[parent]->order_)) break;
    place(heap_[parent], i);
    i = parent;
  }
  place(e, i);
}

void Kernel::sift_down(std::size_t i) {
  TimedEvent* e = heap_[i];
  const std::size_t size = heap_.size();
  for (std::size_t child = 2 * i + 1; child < size; child = 2 * i + 1) {
    if (child + 1 < size &&
        before(heap_[child + 1]->time_, heap_[child + 1]->order_, heap_[child]->time_, heap_[child]->order_)) {
      ++child;
    }
    if (!before(heap_[child]->time_, heap_[child]->order_, e->time_, e->order_)) break;
    place(heap_[child], i);
    i = child;
  }
  place(e, i);
}

// Value changes -------------------------------------------------------------------------------------------------------

[[gnu::hot]] void Kernel::value_callbacks() {
  const std::uint64_t limit = watch_order_;  // what is armed from now on fires in the next round
  for (Link* l = watched_.front(); l != watched_.end(); l = walk_) {
    auto& e = static_cast<EdgeTrigger&>(*l);
    if (e.order >= limit) break;
    walk_ = l->next;
    if (e.check()) {
      unwatch(e);
      e.fire();
    }
  }
  walk_ = nullptr;
}

[[gnu::hot]] void Kernel::apply_puts() {
  // A deposit is never made while deposits are applied, so the list is stable.
  eval_needed = true;
  std::uint32_t armed = 0;
  SignalState* s = std::exchange(puts, nullptr);
  do {
    s->pending = false;
    if (s->special) [[unlikely]] {
      s->apply_special();
    } else if (s->store_plain(s->deposit)) {
      s->model.dirty = true;
      armed |= s->armed;
    }
    s = s->next_put;
  } while (s);
  if (armed) settle_needed = true;
}

// Time steps ----------------------------------------------------------------------------------------------------------

inline void Kernel::evaluate() {
  const auto one = [this](Model& m) {
    if (!m.dirty) return;
    m.dirty = false;
    m.evaluate(time);
    if (watched_internal) settle_needed = true;
  };
  if (only_) [[likely]] {
    one(*only_);
  } else {
    for (Model* m : models_) one(*m);
  }
}

void Kernel::fail_loop(const char* what, std::uint32_t count, const char* after) {
  fail(std::string("zero-time loop: ") + what + " " + std::to_string(count) + after + " without letting time pass");
}

/// A step with many evaluations: too many, or the run is over anyway.
bool Kernel::loop_ends(std::uint32_t count) {
  if (count >= evaluation_limit) fail_loop("the model was evaluated", count, " times");
  return failed_ || interrupted;
}

/// ReadWrite, and deposits of tasks that ran after the last evaluation.
void Kernel::phases() {
  if (read_write.armed()) read_write.fire();
  if (puts) apply_puts();
  settle();
}

/// ReadOnly and the trace.
void Kernel::after_step() {
  if (read_only.armed()) read_only.fire();
  if (tracing) {
    for (Model* m : models_) m->dump_trace(time);
  }
}

/// `count` rounds of the step have been made.
inline void Kernel::do_finish_step(std::uint32_t count) {
  do {
    do {
      evaluate();
      eval_needed = false;
      if (puts) apply_puts();
      if (settle_needed) [[unlikely]]
        settle();
      if (++count > 8 && loop_ends(count)) [[unlikely]]
        return;
    } while (eval_needed);
    if (puts || phases_armed) [[unlikely]]
      phases();
  } while (eval_needed);
  if (tracing || phases_armed) [[unlikely]]
    after_step();
}

bool Kernel::advance() {
  std::uint64_t next = heap_.empty() ? ~0ULL : heap_[0]->time_;
  if (timing_) {
    for (Model* m : models_) next = std::min(next, m->next_event());
  }
  if (next == ~0ULL) return false;
  time = next;
  if (timing_) {
    for (Model* m : models_)
      if (m->next_event() <= next) m->dirty = true;
  }
  if (next_time_step.armed()) {
    next_time_step.fire();
    settle();
  }
  while (!heap_.empty()) {
    TimedEvent& e = *heap_[0];
    if (e.time_ != next) break;
    if (const std::uint64_t again = e.fire()) {
      e.time_ = again;
      e.order_ = next_order_++;
      if (heap_.size() > 1) sift_down(static_cast<std::size_t>(e.index_));
    }
  }
  if (settle_needed) settle();
  return true;
}

/// The next step begins with one edge of one clock and nothing else, and no deposit is pending.
inline bool Kernel::next_is_plain_clock() const {
  const std::size_t size = heap_.size();
  if (size == 0) [[unlikely]]
    return false;
  const TimedEvent& e = *heap_[0];
  if (!e.plain_clock_ || !only_ || only_->dirty || puts || settle_needed || phases_armed) [[unlikely]]
    return false;
  if (size == 1) [[likely]]
    return true;
  return heap_[1]->time_ != e.time_ && (size == 2 || heap_[2]->time_ != e.time_);
}

/// What advance() and the first round of the step come to when next_is_plain_clock().
inline void Kernel::toggle(ClockEvent& c) {
  time = c.time_;
  const bool value = !c.value_;
  c.value_ = value;
  c.time_ = time + c.length_[value];
  c.order_ = next_order_++;
  if (heap_.size() > 1) [[unlikely]]
    sift_down(0);
  SignalState& s = c.signal_;
  auto& d = *static_cast<std::uint8_t*>(s.base);
  if (d == static_cast<std::uint8_t>(value)) [[unlikely]]
    return;
  d = static_cast<std::uint8_t>(value);
  s.model.dirty = true;
  if (!s.armed) return;
  auto& e = static_cast<EdgeTrigger&>(*watched_.front());
  if (e.Link::next == watched_.end()) [[likely]] {  // one trigger is armed, so it is one of this signal
    if (e.kind_ != EdgeKind::change && (e.kind_ == EdgeKind::rising) != value) {
      e.before_ = value;
      return;
    }
    unwatch(e);
    e.fire();
    if (settle_needed) [[unlikely]]
      settle();
  } else {
    settle_needed = true;
    settle();
  }
}

void Kernel::finish_step() { do_finish_step(0); }

[[gnu::hot]] Kernel::Stop Kernel::run(bool in_step) {
  if (in_step) {
    finish_step();
    if (attention) return Stop::after_step;
  }
  if (next_owner) {
    const auto owner = std::exchange(next_owner, nullptr);
    const bool unfinished = owner->drive();
    if (attention) return unfinished ? Stop::after_advance : Stop::after_step;
  }
  for (;;) {
    std::uint32_t count = 0;
    if (next_is_plain_clock()) [[likely]] {
      toggle(static_cast<ClockEvent&>(*heap_[0]));
      count = 1;
    } else {
      if (!advance()) return Stop::no_event;
      if (attention) return Stop::after_advance;
    }
    do_finish_step(count);
    if (attention) return Stop::after_step;
  }
}

void Kernel::attach(Model& model) {
  if (models_.empty()) precision = model.time_precision();
  models_.push_back(&model);
  timing_ = timing_ || model.timing;
  only_ = models_.size() == 1 ? models_[0] : nullptr;
}

void Kernel::detach(Model& model) {
  std::erase(models_, &model);
  only_ = models_.size() == 1 ? models_[0] : nullptr;
}

void Kernel::fail(const std::string& message) {
  if (failed_) return;
  failed_ = true;
  attention = true;
  failure_ = message;
}

// Time ----------------------------------------------------------------------------------------------------------------

namespace {

int exponent(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::fs:
      return -15;
    case TimeUnit::ps:
      return -12;
    case TimeUnit::ns:
      return -9;
    case TimeUnit::us:
      return -6;
    case TimeUnit::ms:
      return -3;
    default:
      return 0;
  }
}
const char* unit_name(TimeUnit unit) {
  static constexpr const char* kNames[] = {"step", "fs", "ps", "ns", "us", "ms", "sec"};
  return kNames[static_cast<int>(unit)];
}
[[noreturn]] void not_representable(const std::string& time, TimeUnit unit) {
  throw ValueError("Unable to accurately represent " + time + "(" + unit_name(unit) +
                   ") with the simulator precision of 1e" + std::to_string(kernel.precision));
}
double power10(int n) { return std::pow(10.0, n); }

}  // namespace

std::uint64_t get_sim_steps(double time, TimeUnit unit, RoundMode mode) {
  double steps = time;
  if (unit != TimeUnit::step) {
    const int shift = exponent(unit) - kernel.precision;
    steps = shift > 0 ? time * power10(shift) : time / power10(-shift);
  }
  switch (mode) {
    case RoundMode::error:
      if (std::floor(steps) != steps) {
        std::string text = std::to_string(time);
        not_representable(text, unit);
      }
      return static_cast<std::uint64_t>(steps);
    case RoundMode::ceil:
      return static_cast<std::uint64_t>(std::ceil(steps));
    case RoundMode::floor:
      return static_cast<std::uint64_t>(std::floor(steps));
    default:
      return static_cast<std::uint64_t>(std::nearbyint(steps));
  }
}

std::uint64_t get_sim_steps(std::int64_t time, TimeUnit unit, RoundMode mode) {
  if (unit == TimeUnit::step) return static_cast<std::uint64_t>(time);
  int shift = exponent(unit) - kernel.precision;
  if (shift >= 0) {
    auto steps = static_cast<std::uint64_t>(time);
    for (; shift > 0; --shift) steps *= 10;
    return steps;
  }
  std::int64_t divisor = 1;
  for (; shift < 0; ++shift) divisor *= 10;
  if (time % divisor == 0) return static_cast<std::uint64_t>(time / divisor);
  if (mode == RoundMode::error) not_representable(std::to_string(time), unit);
  return get_sim_steps(static_cast<double>(time), unit, mode);
}

std::uint64_t get_sim_time() { return kernel.time; }

double get_time_from_sim_steps(std::uint64_t steps, TimeUnit unit) {
  if (unit == TimeUnit::step) return static_cast<double>(steps);
  const int shift = kernel.precision - exponent(unit);
  return shift > 0 ? static_cast<double>(steps) * power10(shift) : static_cast<double>(steps) / power10(-shift);
}

double get_sim_time(TimeUnit unit) { return get_time_from_sim_steps(kernel.time, unit); }

}  // namespace tessera
