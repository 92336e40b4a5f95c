// SPDX-License-Identifier: Apache-2.0
/// FP32 and BF16 as bit patterns, and the casts between them.
///
/// Values travel as bit patterns in `std::uint32_t`. A NaN that a cast makes is the canonical one (7FC00000, or 7FC0 in
/// BF16). Rounding is to nearest, ties to even, with gradual underflow. Arithmetic is in golden/numerics.
#pragma once
#include <bit>
#include <cstdint>

namespace tessera {

inline constexpr std::uint32_t kNan32 = 0x7fc00000U;
inline constexpr std::uint32_t kNan16 = 0x7fc0U;

inline float to_float(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline bool is_nan32(std::uint32_t bits) { return (bits & 0x7fffffffU) > 0x7f800000U; }

/// The bits of `value`, canonical when it is a NaN.
inline std::uint32_t canonical(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return is_nan32(bits) ? kNan32 : bits;
}

/// BF16 to FP32; exact, NaN becomes canonical.
inline std::uint32_t widen_bf16(std::uint32_t bf16) {
  const std::uint32_t bits = (bf16 & 0xffffU) << 16;
  return is_nan32(bits) ? kNan32 : bits;
}
/// FP32 to BF16; one rounding to nearest even, overflow to infinity, gradual underflow, NaN becomes canonical.
inline std::uint32_t narrow_bf16(std::uint32_t fp32) {
  if (is_nan32(fp32)) return kNan16;
  // The carry of the packed increment moves into the exponent, so binade changes, overflow and subnormals need no case.
  return (fp32 + 0x7fffU + ((fp32 >> 16) & 1U)) >> 16;
}

}  // namespace tessera
