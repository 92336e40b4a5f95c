// SPDX-License-Identifier: Apache-2.0
/// The state of one running test: its tasks, its end.
#pragma once
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "tessera/regression.hpp"
#include "tessera/triggers.hpp"

namespace tessera::detail {

class RunningTest {
 public:
  explicit RunningTest(const TestCase& test);
  ~RunningTest();
  void start();
  /// Ends it now: cancels all its tasks. Later exceptions are collected.
  void abort(std::exception_ptr error);
  [[nodiscard]] bool complete() const { return finishing_ && tasks_.empty(); }
  /// The first exception; nullptr: it passed.
  [[nodiscard]] std::exception_ptr error() const { return errors_.empty() ? nullptr : errors_.front(); }
  [[nodiscard]] std::size_t error_count() const { return errors_.size(); }
  void add(TaskBase& task);
  [[nodiscard]] const TestCase& test() const { return test_; }
  /// What every task waits for, for a test that hangs.
  [[nodiscard]] std::string describe_tasks() const;

  std::uint64_t checks = 0;
  std::vector<std::string> expect_failures;

 private:
  void main_done(TaskBase& task);
  void child_done(TaskBase& task);
  void remove(TaskBase& task);

  struct TimeoutWaiter : Waiter {
    RunningTest* owner = nullptr;
  };
  const TestCase& test_;
  Task<void> main_;
  std::vector<TaskRef> tasks_;
  std::vector<std::exception_ptr> errors_;
  bool finishing_ = false;
  std::unique_ptr<Timer> timer_;
  TimeoutWaiter timeout_;
};

/// nullptr between tests.
[[nodiscard]] RunningTest* running_test();
void set_running_test(RunningTest* test);

}  // namespace tessera::detail
