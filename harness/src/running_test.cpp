// SPDX-License-Identifier: Apache-2.0
#include "running_test.hpp"

#include <algorithm>

namespace tessera::detail {

namespace {
RunningTest* current_test = nullptr;

/// True for EndTest, which ends a test without failing it.
bool is_end_test(const std::exception_ptr& e, const TaskBase& task) {
  try {
    std::rethrow_exception(e);
  } catch (const EndTest& end) {
    Logger("cocotb.task." + task.get_name())
        .info("Test stopped early by this task" + (end.message().empty() ? "" : ": " + end.message()));
    return true;
  } catch (...) {
    return false;
  }
}
}  // namespace

RunningTest* running_test() { return current_test; }
void set_running_test(RunningTest* test) { current_test = test; }

RunningTest::RunningTest(const TestCase& test) : test_(test), main_(make_task(test.start(), "Test " + test.name)) {}

RunningTest::~RunningTest() { timeout_.withdraw(); }

void RunningTest::start() {
  set_running_test(this);
  main_.ref()->add_done_callback([this](TaskBase& t) { main_done(t); });
  tasks_.push_back(main_.ref());
  main_.ref()->start_soon();
  if (test_.options.timeout.given()) {
    timer_ = std::make_unique<Timer>(test_.options.timeout.time(), test_.options.timeout.unit());
    timeout_.owner = this;
    timeout_.call = [](Waiter& w) {
      static_cast<TimeoutWaiter&>(w).owner->abort(std::make_exception_ptr(SimTimeoutError()));
    };
    timer_->add(timeout_);
  }
  kernel.run_ready();
}

void RunningTest::add(TaskBase& task) {
  task.add_done_callback([this](TaskBase& t) { child_done(t); });
  tasks_.push_back(TaskRef(&task));
}

void RunningTest::remove(TaskBase& task) {
  const auto it = std::find_if(tasks_.begin(), tasks_.end(), [&](const TaskRef& r) { return r.get() == &task; });
  if (it != tasks_.end()) tasks_.erase(it);
  if (complete()) kernel.attention = true;
}

void RunningTest::main_done(TaskBase& task) {
  const TaskRef keep(&task);
  remove(task);
  if (task.cancelled()) return abort(nullptr);
  const std::exception_ptr e = task.exception();
  abort(e && is_end_test(e, task) ? nullptr : e);
}

void RunningTest::child_done(TaskBase& task) {
  const TaskRef keep(&task);
  remove(task);
  if (task.cancelled() || task.complete().has_waiters()) return;
  const std::exception_ptr e = task.exception();
  if (!e) return;
  abort(is_end_test(e, task) ? nullptr : e);
}

void RunningTest::abort(std::exception_ptr error) {
  if (error) errors_.push_back(std::move(error));
  if (finishing_) return;
  finishing_ = true;
  timeout_.withdraw();
  const std::vector<TaskRef> tasks = tasks_;
  for (const TaskRef& t : tasks) t->cancel_now();
  if (complete()) kernel.attention = true;
}

std::string RunningTest::describe_tasks() const {
  std::string text;
  for (const TaskRef& t : tasks_) text += (text.empty() ? "" : "; ") + t->describe();
  return text;
}

void adopt(TaskBase& task) {
  if (!current_test) throw RuntimeError("No test is currently running; cannot schedule new Task.");
  current_test->add(task);
}

}  // namespace tessera::detail
