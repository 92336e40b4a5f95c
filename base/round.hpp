// SPDX-License-Identifier: Apache-2.0
/// Whole-number division and alignment.
#pragma once
#include <cstdint>

namespace tessera {

[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}
[[nodiscard]] constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

}  // namespace tessera
