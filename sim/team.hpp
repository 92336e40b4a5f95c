// SPDX-License-Identifier: Apache-2.0
/// A fixed team of threads that run the same function, and the barrier they meet at.
#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tessera::sim {

/// Cores this process may use.
inline unsigned usable_cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(CPU_COUNT(&set));
#endif
  const unsigned cores = std::thread::hardware_concurrency();
  return cores == 0 ? 1 : cores;
}

/// Spins briefly, then blocks. When spinning was in vain it hardly spins for some turns, and when there are more
/// threads than cores never: then somebody else needs the core. The last to arrive runs the completion before anyone
/// leaves.
class Barrier {
 public:
  explicit Barrier(unsigned count) : count_(count), spins_(count > usable_cores() ? 0 : kSpins) {}
  template <class Completion>
  void arrive(Completion&& completion) {
    if (count_ == 1) {
      completion();
      return;
    }
    const std::uint32_t turn = turn_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
      completion();
      arrived_.store(0, std::memory_order_relaxed);
      turn_.store(turn + 1, std::memory_order_release);
      turn_.notify_all();
      return;
    }
    const bool whole = !busy_.load(std::memory_order_relaxed) || turn % kProbe == 0;
    const unsigned spins = whole ? spins_ : spins_ / kShort;
    for (unsigned i = 0; i < spins; ++i) {
      if (turn_.load(std::memory_order_acquire) != turn) {
        if (whole) busy_.store(false, std::memory_order_relaxed);
        return;
      }
#if defined(__x86_64__)
      _mm_pause();
#endif
    }
    if (whole) busy_.store(true, std::memory_order_relaxed);
    while (turn_.load(std::memory_order_acquire) == turn) turn_.wait(turn, std::memory_order_acquire);
  }

 private:
  static constexpr unsigned kSpins = 2000;  ///< some tens of microseconds: longer than one step of a small cluster
  static constexpr unsigned kShort = 20, kProbe = 64;
  unsigned count_, spins_;
  alignas(64) std::atomic<unsigned> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> turn_{0};
  alignas(64) std::atomic<bool> busy_{false};  ///< the last whole spin was in vain
};

/// Runs `body(worker)` on `count` threads, the caller being worker 0; the first exception is thrown again. A body that
/// may throw must still keep its appointments at barriers.
template <class Body>
void run_team(unsigned count, Body&& body) {
  std::exception_ptr failure;
  std::mutex mutex;
  const auto guarded = [&](unsigned worker) {
    try {
      body(worker);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (unsigned worker = 1; worker < count; ++worker) threads.emplace_back(guarded, worker);
  guarded(0);
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tessera::sim
