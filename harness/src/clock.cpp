// SPDX-License-Identifier: Apache-2.0
#include "tessera/clock.hpp"

namespace tessera {

ClockEvent::~ClockEvent() { kernel.remove_timed(*this); }

void ClockEvent::begin(bool high) {
  value_ = !high;
  plain_clock_ = signal_.bytes == 1 && !signal_.special && !kernel.timing_;
  kernel.add_timed(*this, fire());
}

std::uint64_t ClockEvent::fire() {
  value_ = !value_;
  signal_.put_later(value_ ? 1 : 0);
  return kernel.time + length_[value_ ? 1 : 0];
}

namespace {

Coro<void> drive_for_ever([[maybe_unused]] std::shared_ptr<ClockEvent> driver) {
  Event never;
  co_await never.wait();
}

}  // namespace

void Clock::init(std::uint64_t period, std::optional<std::uint64_t> high) {
  period_ = period;
  if (period == 0) throw ValueError("Bad `period`: must be positive");
  if (high) {
    if (*high >= period) throw ValueError("`period_high` must be strictly less than `period`.");
    high_ = *high;
  } else {
    if (period % 2 != 0) throw ValueError("Bad `period`: Must be divisible by 2 if `period_high` is not given.");
    high_ = period / 2;
  }
}

Task<void> Clock::start(bool start_high) {
  if (kernel.external_clocks != 0)
    throw RuntimeError("A Clock cannot run here: the stepper of the cluster owns the clock.");
  if (task_) throw RuntimeError("Starting clock that has already been started.");
  auto driver = std::make_shared<ClockEvent>(signal_.state(), period_, high_);
  driver->begin(start_high);
  task_ = start_soon(drive_for_ever(std::move(driver)));
  return task_;
}

void Clock::stop() {
  if (!task_) throw RuntimeError("Stopping a clock that was never started.");
  task_.cancel();
  task_ = {};
}

Coro<void> Clock::cycles(std::int64_t n, EdgeKind kind) {
  if (n < 0) throw ValueError("`num_cycles` cannot be negative");
  if (n == 0) {
    co_await NullTrigger();
    co_return;
  }
  EdgeTrigger& edge = kind == EdgeKind::rising    ? signal_.rising_edge()
                      : kind == EdgeKind::falling ? signal_.falling_edge()
                                                  : signal_.value_change();
  co_await edge;
  --n;
  if (n >= 2) {
    if (kind == EdgeKind::change) {
      const std::int64_t skipped = n / 2 * 2;
      co_await Timer(period_ * static_cast<std::uint64_t>(skipped) / 2, step);
      n = n - skipped + 1;
    } else {
      co_await Timer(period_ * static_cast<std::uint64_t>(n), step);
      n = 1;
    }
  }
  for (; n > 0; --n) co_await edge;
}

}  // namespace tessera
