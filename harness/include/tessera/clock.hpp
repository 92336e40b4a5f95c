// SPDX-License-Identifier: Apache-2.0
/// A clock driven by the kernel itself.
#pragma once
#include <memory>
#include <optional>

#include "tessera/sync.hpp"

namespace tessera {

class Clock {
 public:
  /// 50:50 unless `period_high` (same unit) is given. ValueError when a time is no whole number of steps, the period is
  /// odd without `period_high`, or `period_high` is not less than the period.
  template <class N>
  Clock(const Signal<1>& signal, N period, TimeUnit unit = TimeUnit::step) : signal_(signal) {
    init(get_sim_steps(period, unit), std::nullopt);
  }
  template <class N, class H>
  Clock(const Signal<1>& signal, N period, TimeUnit unit, H period_high) : signal_(signal) {
    init(get_sim_steps(period, unit), get_sim_steps(period_high, unit));
  }
  /// Drives until the returned task is cancelled, stop(), or the end of the test; the clock object may be gone by then.
  /// RuntimeError when it runs already, or where somebody else owns the clock.
  Task<void> start(bool start_high = true);
  void stop();
  [[nodiscard]] std::uint64_t period_steps() const { return period_; }
  [[nodiscard]] std::uint64_t period_high_steps() const { return high_; }
  /// `n` edges, with one timer in between instead of counting when there are many.
  Coro<void> cycles(std::int64_t n, EdgeKind kind = EdgeKind::rising);

 private:
  void init(std::uint64_t period, std::optional<std::uint64_t> high);
  Signal<1> signal_;
  std::uint64_t period_ = 0, high_ = 0;
  Task<void> task_;
};

}  // namespace tessera
