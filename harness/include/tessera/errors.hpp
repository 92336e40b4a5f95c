// SPDX-License-Identifier: Apache-2.0
/// Exceptions a test meets, named as in Python. `CancelledError` and the three that end a test derive from nothing, so
/// that `catch (const std::exception&)` lets them pass, as `except Exception` does.
#pragma once
#include <stdexcept>
#include <string>

namespace tessera {

struct ValueError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};
struct TypeError : std::logic_error {
  using std::logic_error::logic_error;
};
struct IndexError : std::out_of_range {
  using std::out_of_range::out_of_range;
};
struct RuntimeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// `result()` of a task that is not done.
struct InvalidStateError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A failed `CO_ASSERT_*`, or the `CO_EXPECT_*` failures of a test together.
struct AssertionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct SimTimeoutError : std::runtime_error {
  SimTimeoutError() : std::runtime_error("simulated time ran out") {}
  using std::runtime_error::runtime_error;
};
struct QueueFull : std::runtime_error {
  QueueFull() : std::runtime_error("the queue is full") {}
};
struct QueueEmpty : std::runtime_error {
  QueueEmpty() : std::runtime_error("the queue is empty") {}
};

/// Thrown into a task at its `co_await` by `cancel()`. Let it pass.
class CancelledError {
 public:
  explicit CancelledError(std::string message = {}) : message_(std::move(message)) {}
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string message_;
};

/// The simulation ended under the test: an assertion, `$error`, `$fatal`, `$finish`, no event left. For `expect_error`
/// only.
class SimFailure {
 public:
  explicit SimFailure(std::string message) : message_(std::move(message)) {}
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string message_;
};

/// Thrown by `end_test()`.
class EndTest {
 public:
  explicit EndTest(std::string message) : message_(std::move(message)) {}
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string message_;
};

/// Thrown by `pass_test()`.
class TestSuccess {
 public:
  explicit TestSuccess(std::string message) : message_(std::move(message)) {}
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string message_;
};

/// Thrown by `skip()`.
class TestSkipped {
 public:
  explicit TestSkipped(std::string message) : message_(std::move(message)) {}
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string message_;
};

}  // namespace tessera
