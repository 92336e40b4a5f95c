// SPDX-License-Identifier: Apache-2.0
/// Event, Lock and queues between tasks. Waiters are served in the order in which they came.
#pragma once
#include <deque>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include "tessera/triggers.hpp"

namespace tessera {

class Event {
 public:
  Event() : trigger_(*this) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  /// Schedules all waiters and returns; they run after the caller suspends.
  void set() {
    set_ = true;
    trigger_.react();
  }
  void clear() { set_ = false; }
  [[nodiscard]] bool is_set() const { return set_; }
  /// Fires at once while the event is set.
  [[nodiscard]] TriggerRef wait() { return TriggerRef(trigger_); }

 private:
  class EventTrigger final : public Trigger {
   public:
    explicit EventTrigger(Event& e) : event_(e) {}
    [[nodiscard]] std::string describe() const override { return "Event.wait()"; }

   protected:
    void prime() override {
      if (event_.set_) react();
    }

   private:
    Event& event_;
  };
  EventTrigger trigger_;
  bool set_ = false;
};

/// Fair mutual exclusion.
class Lock {
  enum class Use : std::uint8_t { free, waits, holds };

 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  ~Lock() {
    for (Acquire* a : queue_) a->use_ = Use::free;
    if (holder_) holder_->use_ = Use::free;
  }

  /// One attempt. RuntimeError for a second task that awaits it while it waits or holds the lock.
  class Acquire final : public Trigger {
   public:
    explicit Acquire(Lock& l) : lock_(l) {}
    Acquire(Acquire&& other) noexcept : Trigger(), lock_(other.lock_) {
      if (other.use_ != Use::holds) return;
      other.use_ = Use::free;
      hold();
    }
    ~Acquire() override {
      unprime();
      if (use_ == Use::holds) lock_.holder_ = nullptr;  // the lock stays acquired
    }
    [[nodiscard]] std::string describe() const override { return "Lock.acquire()"; }
    TriggerAwaiter operator co_await() {
      if (use_ != Use::free) throw RuntimeError("Lock.acquire() result can only be used by one task at a time");
      return TriggerAwaiter(*this);
    }

   protected:
    void prime() override {
      if (!lock_.locked_) {
        hold();
        react();
      } else {
        use_ = Use::waits;
        lock_.queue_.push_back(this);
      }
    }
    void unprime() override {
      if (use_ != Use::waits) return;
      use_ = Use::free;
      lock_.queue_.remove(this);
    }

   private:
    friend class Lock;
    void hold() {
      lock_.locked_ = true;
      lock_.holder_ = this;
      use_ = Use::holds;
    }
    Lock& lock_;
    Use use_ = Use::free;
  };
  /// Releases at the end of its life.
  class Guard {
   public:
    explicit Guard(Lock& l) : lock_(&l) {}
    Guard(Guard&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (lock_) lock_->release();
    }

   private:
    Lock* lock_;
  };

  [[nodiscard]] bool locked() const { return locked_; }
  [[nodiscard]] Acquire acquire() { return Acquire(*this); }
  /// RuntimeError when it is not acquired. The next waiter has it before this returns.
  void release() {
    if (!locked_) throw RuntimeError("Attempt to release an unacquired Lock");
    locked_ = false;
    if (Acquire* last = std::exchange(holder_, nullptr)) last->use_ = Use::free;
    if (queue_.empty()) return;
    Acquire* next = queue_.front();
    queue_.pop_front();
    next->hold();
    next->react();
  }
  /// `auto held = co_await lock.scoped();` is `async with lock:`.
  Coro<Guard> scoped() {
    co_await acquire();
    co_return Guard(*this);
  }

 private:
  std::list<Acquire*> queue_;
  Acquire* holder_ = nullptr;  ///< nullptr too when the holder is gone, as after `co_await lock.acquire();`
  bool locked_ = false;
};

namespace detail {

/// Containers of the queues: push, pop and size.
template <class T>
class Fifo {
 public:
  void push(T v) { items_.push_back(std::move(v)); }
  T pop() {
    T v = std::move(items_.front());
    items_.pop_front();
    return v;
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

 private:
  std::deque<T> items_;
};
template <class T>
class Lifo {
 public:
  void push(T v) { items_.push_back(std::move(v)); }
  T pop() {
    T v = std::move(items_.back());
    items_.pop_back();
    return v;
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

 private:
  std::vector<T> items_;
};
/// A binary heap that breaks ties exactly as Python's heapq does: climb from a leaf, sink to a leaf and climb again.
template <class T>
class Heap {
 public:
  void push(T v) {
    items_.push_back(std::move(v));
    climb(0, items_.size() - 1);
  }
  T pop() {
    T last = std::move(items_.back());
    items_.pop_back();
    if (items_.empty()) return last;
    T top = std::exchange(items_[0], std::move(last));
    sink();
    return top;
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

 private:
  void climb(std::size_t start, std::size_t at) {
    T item = std::move(items_[at]);
    while (at > start) {
      const std::size_t parent = (at - 1) / 2;
      if (!(item < items_[parent])) break;
      items_[at] = std::move(items_[parent]);
      at = parent;
    }
    items_[at] = std::move(item);
  }
  void sink() {
    T item = std::move(items_[0]);
    std::size_t at = 0;
    for (std::size_t child = 1; child < items_.size(); child = 2 * at + 1) {
      if (child + 1 < items_.size() && !(items_[child] < items_[child + 1])) ++child;
      items_[at] = std::move(items_[child]);
      at = child;
    }
    items_[at] = std::move(item);
    climb(0, at);
  }
  std::vector<T> items_;
};

template <class T, template <class> class Container>
class QueueOf {
 public:
  /// At most `maxsize` items; 0: any number.
  explicit QueueOf(int maxsize = 0) : maxsize_(maxsize) {}
  QueueOf(const QueueOf&) = delete;
  QueueOf& operator=(const QueueOf&) = delete;

  [[nodiscard]] std::size_t qsize() const { return items_.size(); }
  [[nodiscard]] int maxsize() const { return maxsize_; }
  [[nodiscard]] bool empty() const { return items_.size() == 0; }
  [[nodiscard]] bool full() const { return maxsize_ > 0 && items_.size() >= static_cast<std::size_t>(maxsize_); }
  /// Waits while the queue is full.
  Coro<void> put(T item) {
    while (full()) {
      auto event = std::make_shared<Event>();
      putters_.emplace_back(event, TaskRef(kernel.current));
      co_await event->wait();
    }
    put_nowait(std::move(item));
  }
  /// QueueFull instead of waiting.
  void put_nowait(T item) {
    if (full()) throw QueueFull();
    items_.push(std::move(item));
    wake(getters_);
  }
  /// Waits while the queue is empty.
  Coro<T> get() {
    while (empty()) {
      auto event = std::make_shared<Event>();
      getters_.emplace_back(event, TaskRef(kernel.current));
      co_await event->wait();
    }
    co_return get_nowait();
  }
  /// QueueEmpty instead of waiting.
  T get_nowait() {
    if (empty()) throw QueueEmpty();
    T item = items_.pop();
    wake(putters_);
    return item;
  }

 private:
  using Waiters = std::deque<std::pair<std::shared_ptr<Event>, TaskRef>>;
  static void wake(Waiters& waiters) {
    while (!waiters.empty()) {
      auto [event, task] = std::move(waiters.front());
      waiters.pop_front();
      if (task->done()) continue;
      event->set();
      break;
    }
  }
  int maxsize_;
  Container<T> items_;
  Waiters getters_, putters_;
};

}  // namespace detail

template <class T>
using Queue = detail::QueueOf<T, detail::Fifo>;
/// The smallest item (by <) first.
template <class T>
using PriorityQueue = detail::QueueOf<T, detail::Heap>;
template <class T>
using LifoQueue = detail::QueueOf<T, detail::Lifo>;

}  // namespace tessera
