// SPDX-License-Identifier: Apache-2.0
/// Time units and their conversion to simulator steps. The precision is the model's, 1 ps unless its timescale is
/// finer.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>

namespace tessera {

enum class TimeUnit : std::uint8_t { step, fs, ps, ns, us, ms, sec };
inline constexpr TimeUnit step = TimeUnit::step, fs = TimeUnit::fs, ps = TimeUnit::ps, ns = TimeUnit::ns,
                          us = TimeUnit::us, ms = TimeUnit::ms, sec = TimeUnit::sec;

enum class RoundMode : std::uint8_t { error, round, ceil, floor };

/// Steps of `time`; ValueError when it is no whole number of steps and `mode` is `error`.
[[nodiscard]] std::uint64_t get_sim_steps(double time, TimeUnit unit, RoundMode mode = RoundMode::error);
[[nodiscard]] std::uint64_t get_sim_steps(std::int64_t time, TimeUnit unit, RoundMode mode = RoundMode::error);
template <std::integral I>
[[nodiscard]] std::uint64_t get_sim_steps(I time, TimeUnit unit, RoundMode mode = RoundMode::error) {
  return get_sim_steps(static_cast<std::int64_t>(time), unit, mode);
}

/// Now, in steps.
[[nodiscard]] std::uint64_t get_sim_time();
/// Now, in `unit`.
[[nodiscard]] double get_sim_time(TimeUnit unit);
[[nodiscard]] double get_time_from_sim_steps(std::uint64_t steps, TimeUnit unit);

/// A duration of an option: `.timeout = Duration(10, us)`.
class Duration {
 public:
  constexpr Duration() = default;
  constexpr Duration(double time, TimeUnit unit) : time_(time), unit_(unit) {}
  [[nodiscard]] constexpr double time() const { return time_; }
  [[nodiscard]] constexpr TimeUnit unit() const { return unit_; }
  [[nodiscard]] constexpr bool given() const { return time_ > 0; }

 private:
  double time_ = 0;
  TimeUnit unit_ = TimeUnit::step;
};

}  // namespace tessera
