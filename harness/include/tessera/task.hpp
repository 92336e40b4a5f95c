// SPDX-License-Identifier: Apache-2.0
/// Coroutines and tasks.
///   Coro<T>  what a coroutine function returns. It starts when it is awaited (inside the caller's task) or given to
///   start_soon(). Task<T>  a handle of a concurrently running coroutine; copies mean the same task.
#pragma once
#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "tessera/kernel.hpp"

namespace tessera {

template <class T = void>
class Coro;
template <class T = void>
class Task;

namespace detail {

class PromiseBase {
 public:
  /// After the last statement the caller goes on, in the same task; the first coroutine of a task has no caller.
  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> h) const noexcept {
      kernel.current->transfer_to(h.promise().caller);
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }

  std::coroutine_handle<> caller;
  std::exception_ptr error;
};

template <class T>
class Promise final : public PromiseBase {
 public:
  Coro<T> get_return_object();
  template <class U = T>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
  std::optional<T> value;
};

template <>
class Promise<void> final : public PromiseBase {
 public:
  Coro<void> get_return_object();
  void return_void() {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Coro {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Coro(Handle h) : handle_(h) {}
  Coro(Coro&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Coro& operator=(Coro&& other) noexcept {
    if (this != &other) {
      destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Coro() { destroy(); }

  class Awaiter {
   public:
    explicit Awaiter(Handle h) : handle_(h) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) noexcept {
      handle_.promise().caller = caller;
      kernel.current->transfer_to(handle_);
    }
    T await_resume() {
      auto& p = handle_.promise();
      if (p.error) std::rethrow_exception(p.error);
      if constexpr (!std::is_void_v<T>) return std::move(*p.value);
    }

   private:
    Handle handle_;
  };
  /// RuntimeError when it was awaited or given to a task before.
  Awaiter operator co_await() const {
    if (!handle_ || handle_.promise().caller) throw RuntimeError("cannot reuse already awaited coroutine");
    return Awaiter(handle_);
  }

  [[nodiscard]] Handle handle() const { return handle_; }
  void destroy() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Coro<T> Promise<T>::get_return_object() {
  return Coro<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Coro<void> Promise<void>::get_return_object() {
  return Coro<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

/// A task with the coroutine it runs.
template <class T>
class TaskOf final : public TaskBase {
 public:
  TaskOf(Coro<T> root, std::string name) : TaskBase(root.handle(), std::move(name)), root_(std::move(root)) {}
  T take_result() const {
    if constexpr (!std::is_void_v<T>) return *value_;
  }

 protected:
  bool root_done() const override { return root_.handle().done(); }
  std::exception_ptr root_error() const override { return root_.handle().promise().error; }
  void destroy_root() override {
    if constexpr (!std::is_void_v<T>) value_ = std::move(root_.handle().promise().value);
    root_.destroy();
  }

 private:
  Coro<T> root_;
  [[no_unique_address]] std::conditional_t<std::is_void_v<T>, std::monostate, std::optional<T>> value_;
};

template <class A>
concept HasMemberAwait = requires(A&& a) {
  std::forward<A>(a).operator co_await();
};
template <class A>
decltype(auto) get_awaiter(A&& a) {
  if constexpr (HasMemberAwait<A>) {
    return std::forward<A>(a).operator co_await();
  } else {
    return std::forward<A>(a);
  }
}

}  // namespace detail

template <class A>
concept Awaitable = requires(A&& a) {
  detail::get_awaiter(std::forward<A>(a)).await_resume();
};
/// What `co_await a` gives.
template <class A>
using AwaitResult = std::decay_t<decltype(detail::get_awaiter(std::declval<A>()).await_resume())>;
/// The same, with std::monostate for void.
template <class T>
using Regular = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Owns one reference to a task.
class TaskRef {
 public:
  TaskRef() = default;
  explicit TaskRef(TaskBase* t) : task_(t) {
    if (task_) task_->retain();
  }
  TaskRef(const TaskRef& other) : TaskRef(other.task_) {}
  TaskRef(TaskRef&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  TaskRef& operator=(TaskRef other) noexcept {
    std::swap(task_, other.task_);
    return *this;
  }
  ~TaskRef() {
    if (task_) task_->release();
  }
  TaskBase* operator->() const { return task_; }
  TaskBase& operator*() const { return *task_; }
  [[nodiscard]] TaskBase* get() const { return task_; }
  friend bool operator==(const TaskRef& a, const TaskRef& b) { return a.task_ == b.task_; }

 private:
  TaskBase* task_ = nullptr;
};

template <class T>
class Task {
 public:
  using Result = T;
  Task() = default;
  explicit Task(detail::TaskOf<T>* t) : ref_(t) {}

  /// Throws CancelledError into the task at its `co_await`, after the caller suspends. False when it was done already.
  bool cancel(std::string message = {}) const { return ref_->cancel(std::move(message)); }
  [[nodiscard]] bool done() const { return ref_->done(); }
  [[nodiscard]] bool cancelled() const { return ref_->cancelled(); }
  /// The value it returned; throws what it threw; InvalidStateError before the end.
  T result() const {
    ref_->throw_outcome();
    return static_cast<detail::TaskOf<T>*>(ref_.get())->take_result();
  }
  [[nodiscard]] std::exception_ptr exception() const { return ref_->exception(); }
  [[nodiscard]] const std::string& get_name() const { return ref_->get_name(); }
  void set_name(std::string name) const { ref_->set_name(std::move(name)); }
  /// Fires at the end, whatever the end is; gives no result.
  [[nodiscard]] Trigger& complete() const { return ref_->complete(); }
  /// The same as awaiting the task.
  [[nodiscard]] Task join() const { return *this; }

  class Awaiter {
   public:
    explicit Awaiter(Task task) : task_(std::move(task)) {}
    bool await_ready() {
      if (task_.ref_->state() == TaskState::unstarted) task_.ref_->start_soon();
      return task_.done();
    }
    void await_suspend(std::coroutine_handle<>) { kernel.current->suspend_on(task_.ref_->complete()); }
    T await_resume() {
      kernel.current->check_thrown();
      return task_.result();
    }

   private:
    Task task_;
  };
  Awaiter operator co_await() const { return Awaiter(*this); }

  [[nodiscard]] const TaskRef& ref() const { return ref_; }
  explicit operator bool() const { return ref_.get() != nullptr; }
  friend bool operator==(const Task& a, const Task& b) { return a.ref_ == b.ref_; }

 private:
  TaskRef ref_;
};

namespace detail {

/// Registers a task with the running test: its failure fails the test unless somebody waits for it.
void adopt(TaskBase& task);

/// Any awaitable as a coroutine: temporaries move in, named things are referred to (a Coro always moves).
template <class A>
struct Stored {
  using type = A;
};
template <class A>
struct Stored<A&> {
  using type = A&;
};
template <class T>
struct Stored<Task<T>&> {
  using type = Task<T>;
};
template <class T>
struct Stored<const Task<T>&> {
  using type = Task<T>;
};
template <class T>
struct Stored<Coro<T>&> {
  using type = Coro<T>;
};

template <class A>
Coro<AwaitResult<A>> await_value(A a) {
  co_return co_await std::move(a);
}
template <class A>
Coro<AwaitResult<A&>> await_reference(A& a) {
  co_return co_await a;
}
template <class T>
Coro<T> as_coro(Coro<T>&& c) {
  return std::move(c);
}
template <class T>
Coro<T> as_coro(Coro<T>& c) {
  return std::move(c);
}
template <class A>
auto as_coro(A&& a) {
  if constexpr (std::is_lvalue_reference_v<typename Stored<A>::type>) {
    return await_reference<std::remove_reference_t<A>>(a);
  } else {
    return await_value<std::decay_t<A>>(std::forward<A>(a));
  }
}
template <class T>
Task<T> make_task(Coro<T> c, std::string name) {
  if (!c.handle() || c.handle().promise().caller) throw RuntimeError("cannot reuse already awaited coroutine");
  return Task<T>(new TaskOf<T>(std::move(c), std::move(name)));
}

}  // namespace detail

/// A task that does not run yet. `start_soon`, `start` and awaiting it start it.
template <class A>
auto create_task(A&& awaitable, std::string name = {}) {
  auto task = detail::make_task(detail::as_coro(std::forward<A>(awaitable)), std::move(name));
  detail::adopt(*task.ref());
  return task;
}
template <class T>
Task<T> create_task(const Task<T>& task, std::string name = {}) {
  if (!name.empty()) task.set_name(std::move(name));
  return task;
}
template <class T>
Task<T> create_task(Task<T>& task, std::string name = {}) {
  return create_task(std::as_const(task), std::move(name));
}

/// Runs `awaitable` concurrently; it starts after the calling task suspends.
template <class A>
auto start_soon(A&& awaitable, std::string name = {}) {
  auto task = create_task(std::forward<A>(awaitable), std::move(name));
  if (task.ref()->state() == TaskState::unstarted) {
    task.ref()->start_soon();
  } else if (task.done()) {
    throw RuntimeError("Cannot schedule a Task that has already completed.");
  }
  return task;
}

/// The running task; RuntimeError outside of one.
[[nodiscard]] TaskBase& current_task();

}  // namespace tessera
