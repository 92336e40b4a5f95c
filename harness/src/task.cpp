// SPDX-License-Identifier: Apache-2.0
#include "tessera/task.hpp"

#include <utility>

#include "tessera/triggers.hpp"

namespace tessera {

TaskBase::TaskBase(std::coroutine_handle<> first, std::string name)
    : point_(first), id_(kernel.next_task_id++), name_(std::move(name)) {
  call = first_run;
}

const std::string& TaskBase::get_name() const {
  if (name_.empty()) name_ = "Task " + std::to_string(id_);
  return name_;
}

std::string TaskBase::describe() const {
  static constexpr const char* kStates[] = {"is not started", "is ready",   "waits",        "runs",
                                            "has finished",   "has failed", "was cancelled"};
  std::string text = get_name() + " " + kStates[static_cast<int>(state_)];
  if (state_ == TaskState::pending)
    text += waits_for_ ? " for " + waits_for_->describe() : " for something that is gone";
  return text;
}

void TaskBase::start_soon() {
  if (state_ != TaskState::unstarted) throw RuntimeError("Can only start_soon() an unstarted Task");
  retain();
  schedule();
}

void TaskBase::start_next() {
  if (state_ != TaskState::unstarted) throw RuntimeError("Cannot start a Task that has already been started");
  retain();
  state_ = TaskState::scheduled;
  kernel.ready.push_front(*this);
}

/// The first time: a task that was cancelled before does not run at all.
void TaskBase::first_run(Waiter& w) {
  auto& task = static_cast<TaskBase&>(w);
  task.call = nullptr;
  if (task.thrown_) {
    task.finish();
  } else {
    kernel.current = &task;
    task.run();
  }
}

void TaskBase::resume() {
  TaskBase* const outer = kernel.current;
  if (call) {
    call(*this);
  } else {
    kernel.current = this;
    run();
  }
  kernel.current = outer;
}

void TaskBase::rethrow() { std::rethrow_exception(std::exchange(thrown_, nullptr)); }

void TaskBase::finish() {
  if (thrown_) {  // never ran
    destroy_root();
    set_outcome(TaskState::cancelled, std::exchange(thrown_, nullptr));
    return;
  }
  if (!root_done()) {
    destroy_root();
    set_outcome(TaskState::errored,
                std::make_exception_ptr(RuntimeError(
                    "Task was cancelled, but continued running. Did you forget to re-raise the CancelledError?")));
    return;
  }
  const std::exception_ptr error = root_error();
  destroy_root();
  if (!error) {
    if (must_cancel_) {
      set_outcome(TaskState::errored,
                  std::make_exception_ptr(RuntimeError(
                      "Task was cancelled, but exited normally. Did you forget to re-raise the CancelledError?")));
    } else {
      set_outcome(TaskState::finished, nullptr);
    }
    return;
  }
  bool is_cancelled = false;
  try {
    std::rethrow_exception(error);
  } catch (const CancelledError&) {
    is_cancelled = true;
  } catch (...) {
  }
  if (is_cancelled) {
    set_outcome(TaskState::cancelled, error);
  } else if (must_cancel_) {
    set_outcome(TaskState::errored, std::make_exception_ptr(RuntimeError(
                                        "Task was cancelled, but raised a different exception during cancellation")));
  } else {
    set_outcome(TaskState::errored, error);
  }
}

void TaskBase::set_outcome(TaskState state, std::exception_ptr error) {
  state_ = state;
  error_ = std::move(error);
  for (std::size_t i = 0; i < done_callbacks_.size(); ++i) done_callbacks_[i](*this);
  done_callbacks_.clear();
  complete_.react();
  release();  // the reference of start_soon()
}

void TaskBase::add_done_callback(std::function<void(TaskBase&)> f) {
  if (done()) f(*this);
  done_callbacks_.push_back(std::move(f));
}

bool TaskBase::cancel(std::string message) {
  switch (state_) {
    case TaskState::finished:
    case TaskState::errored:
    case TaskState::cancelled:
      return false;
    case TaskState::running:
      throw RuntimeError("Can't cancel() currently running Task");
    default:
      break;
  }
  thrown_ = std::make_exception_ptr(CancelledError(std::move(message)));
  if (state_ == TaskState::pending) {
    withdraw();
    schedule();
  } else if (state_ == TaskState::unstarted) {
    retain();
    schedule();
  }
  ++must_cancel_;
  return true;
}

bool TaskBase::cancel_now(const std::string& message) {
  switch (state_) {
    case TaskState::finished:
    case TaskState::errored:
    case TaskState::cancelled:
      return false;
    case TaskState::running:
      throw RuntimeError("Can't cancel currently running Task");
    default:
      break;
  }
  if (state_ == TaskState::unstarted) {
    retain();
  } else {
    withdraw();
  }
  ++must_cancel_;
  thrown_ = std::make_exception_ptr(CancelledError(message));
  resume();
  return true;
}

std::exception_ptr TaskBase::exception() const {
  switch (state_) {
    case TaskState::cancelled:
      std::rethrow_exception(error_);
    case TaskState::finished:
      return nullptr;
    case TaskState::errored:
      return error_;
    default:
      throw InvalidStateError("result is not yet available");
  }
}

void TaskBase::throw_outcome() const {
  switch (state_) {
    case TaskState::finished:
      return;
    case TaskState::cancelled:
    case TaskState::errored:
      std::rethrow_exception(error_);
    default:
      throw InvalidStateError("result is not yet available");
  }
}

TaskBase& current_task() {
  if (!kernel.current) throw RuntimeError("No currently running Task");
  return *kernel.current;
}

namespace detail {

namespace {

/// Fires once, when the last waiter has ended.
class AllEnded final : public Trigger {
 public:
  void set() {
    set_ = true;
    react();
  }
  [[nodiscard]] std::string describe() const override { return "other tasks"; }

 protected:
  void prime() override {
    if (set_) react();
  }

 private:
  bool set_ = false;
};

struct WaitState {
  std::vector<TaskRef> waiters;
  std::vector<TaskBase*> remaining;
  AllEnded ended;
  TaskBase* first = nullptr;
  bool cancelled = false;
  ReturnWhen when;

  void cancel_remaining() {
    if (std::exchange(cancelled, true)) return;
    for (TaskBase* t : std::vector<TaskBase*>(remaining)) t->cancel();
  }
  void task_done(TaskBase& t) {
    std::erase(remaining, &t);
    if (remaining.empty()) ended.set();
    if (first || when == ReturnWhen::all_completed) return;
    if (when == ReturnWhen::first_completed || t.state() != TaskState::finished) {
      first = &t;
      cancel_remaining();
    }
  }
};

}  // namespace

Coro<std::size_t> wait_for(std::vector<TaskRef> waiters, ReturnWhen when) {
  // Shared with the callbacks: this frame may be destroyed before the last of them runs.
  auto state = std::make_shared<WaitState>();
  state->when = when;
  state->waiters = std::move(waiters);
  for (const TaskRef& t : state->waiters) state->remaining.push_back(t.get());
  for (auto it = state->waiters.rbegin(); it != state->waiters.rend(); ++it) {
    (*it)->add_done_callback([state](TaskBase& t) { state->task_done(t); });
    (*it)->start_next();
  }
  std::exception_ptr interrupted;
  bool by_cancel = false;
  try {
    co_await state->ended;
  } catch (const CancelledError&) {
    by_cancel = true;
    interrupted = std::current_exception();
  }
  if (by_cancel) {
    state->cancel_remaining();
    kernel.current->uncancel();
    while (!state->remaining.empty()) {
      bool again = false;
      try {
        co_await NullTrigger();
      } catch (const CancelledError&) {
        again = true;
      }
      if (again) kernel.current->uncancel();
    }
    std::rethrow_exception(interrupted);
  }
  if (state->first) {
    for (std::size_t i = 0; i < state->waiters.size(); ++i)
      if (state->waiters[i].get() == state->first) co_return i;
  }
  co_return kNone;
}

}  // namespace detail
}  // namespace tessera
