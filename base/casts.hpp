// SPDX-License-Identifier: Apache-2.0
/// Elements of the types of isa.json as bit patterns, and the casts between them and FP32.
///
/// Values travel as bit patterns in `std::uint32_t`. A NaN that a cast makes is the canonical one of its type
/// (7FC00000, in BF16 7FC0). Rounding is to nearest, ties to even, with gradual underflow. Arithmetic is in
/// golden/numerics.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tsr_isa.hpp"

namespace tessera {

inline constexpr std::uint32_t kNan32 = 0x7fc00000U;

inline float to_float(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline bool is_nan32(std::uint32_t bits) { return (bits & 0x7fffffffU) > 0x7f800000U; }

/// The bits of `value`, canonical when it is a NaN.
inline std::uint32_t canonical(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return is_nan32(bits) ? kNan32 : bits;
}

/// An element of a format, in the low bits, to FP32: exact, NaN becomes canonical.
inline std::uint32_t widen(std::uint32_t bits, isa::FloatFormat from) {
  const std::uint32_t code = bits << (31 - from.exponent - from.fraction);  // sign on top
  if (from.exponent == 8) return is_nan32(code) ? kNan32 : code;
  const std::uint32_t sign = code & 0x80000000U, top = (1U << from.exponent) - 1;
  const std::uint32_t e = (bits >> from.fraction) & top, f = bits & ((1U << from.fraction) - 1);
  if (e == top) return f != 0 ? kNan32 : sign | 0x7f800000U;
  const int bias = (1 << (from.exponent - 1)) - 1, place = static_cast<int>(e != 0 ? e : 1) - bias;
  const auto significand = static_cast<float>(e != 0 ? f + (1U << from.fraction) : f);
  return sign | std::bit_cast<std::uint32_t>(std::ldexp(significand, place - static_cast<int>(from.fraction)));
}

/// FP32 to an element of a format: one rounding to nearest even, overflow, judged after it, to infinity, gradual
/// underflow, NaN becomes canonical.
inline std::uint32_t narrow(std::uint32_t fp32, isa::FloatFormat to) {
  const std::uint32_t inf = ((1U << to.exponent) - 1) << to.fraction;
  if (is_nan32(fp32)) return inf | 1U << (to.fraction - 1);
  if (to.exponent == 8) {
    // The carry of the packed increment moves into the exponent, so binade changes, overflow and subnormals need no
    // case.
    const unsigned drop = 23 - to.fraction;
    return (fp32 + ((1U << drop) >> 1) - 1 + ((fp32 >> drop) & 1U)) >> drop;
  }
  const std::uint32_t sign = fp32 >> 31 << (to.exponent + to.fraction), magnitude = fp32 & 0x7fffffffU;
  const int least = 2 - (1 << (to.exponent - 1));  // exponent of normal numbers, and of subnormal ones
  const int place = std::max(static_cast<int>(magnitude >> 23) - 127, least);
  if (place > 1 - least) return sign | inf;
  // Counted in the spacing of the numbers at that exponent; the leading one of a normal number adds 1 to the exponent.
  const auto count = static_cast<std::uint32_t>(
      std::nearbyint(std::ldexp(to_float(magnitude), static_cast<int>(to.fraction) - place)));
  return sign | std::min(inf, count + (static_cast<std::uint32_t>(place - least) << to.fraction));
}

/// An element of type `from`, widened to FP32 for arithmetic.
inline std::uint32_t widen(std::uint32_t bits, isa::Dtype from) { return widen(bits, isa::float_format(from)); }
/// An FP32 result, which is canonical, rounded once to type `to`; FP32 passes as it is.
inline std::uint32_t narrow(std::uint32_t fp32, isa::Dtype to) {
  return to == isa::Dtype::kFp32 ? fp32 : narrow(fp32, isa::float_format(to));
}

/// The type with values of that name (fp32, bf16, ...).
inline std::optional<isa::Dtype> float_type(std::string_view name) {
  for (const isa::NamedCode& t : isa::kDtypeNames) {
    if (t.name == name && isa::dtype_float(t.value)) return static_cast<isa::Dtype>(t.value);
  }
  return std::nullopt;
}
/// Their names for a message: "fp32 or bf16".
inline std::string float_type_names() {
  std::string text;
  for (const isa::NamedCode& t : isa::kDtypeNames) {
    if (isa::dtype_float(t.value)) text.append(text.empty() ? "" : " or ").append(t.name);
  }
  return text;
}

}  // namespace tessera
