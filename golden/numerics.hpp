// SPDX-License-Identifier: Apache-2.0
/// Bit-exact arithmetic on FP32 and BF16 patterns: rules R1-R5 of docs/numerics.md.
///
/// Values travel as bit patterns in `std::uint32_t`. Every arithmetic result that is a NaN is the canonical one
/// (7FC00000, or 7FC0 in BF16); only copies between equal types keep NaN payloads. Rounding is to nearest, ties to
/// even, with gradual underflow. The file must be compiled with `-ffp-contract=off` and without fast-math.
#pragma once
#include <bit>
#include <cstdint>

#include "tsr_isa.hpp"

namespace tessera::golden {

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
std::uint32_t widen_bf16(std::uint32_t bf16);
/// FP32 to BF16; one rounding to nearest even, overflow to infinity, gradual underflow, NaN becomes canonical.
std::uint32_t narrow_bf16(std::uint32_t fp32);

std::uint32_t add32(std::uint32_t a, std::uint32_t b);
std::uint32_t sub32(std::uint32_t a, std::uint32_t b);
std::uint32_t mul32(std::uint32_t a, std::uint32_t b);
/// a x b + c with one rounding.
std::uint32_t fma32(std::uint32_t a, std::uint32_t b, std::uint32_t c);
/// NaN wins; -0 is less than +0.
std::uint32_t max32(std::uint32_t a, std::uint32_t b);
std::uint32_t min32(std::uint32_t a, std::uint32_t b);
/// max(x, +0); NaN stays NaN.
std::uint32_t relu32(std::uint32_t x);

/// Add, sub, mul, max or min. Other codes have no FP32 meaning; callers refuse them first.
std::uint32_t alu32(isa::Alu op, std::uint32_t a, std::uint32_t b);

/// An element of type `from`, widened to FP32 for arithmetic; NaN becomes canonical.
std::uint32_t widen(std::uint32_t bits, isa::Dtype from);
/// An FP32 result, rounded once to type `to`.
std::uint32_t narrow(std::uint32_t fp32, isa::Dtype to);
/// Type conversion of a copy: equal types keep every bit.
std::uint32_t convert(std::uint32_t bits, isa::Dtype from, isa::Dtype to);

}  // namespace tessera::golden
