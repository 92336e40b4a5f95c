// SPDX-License-Identifier: Apache-2.0
/// Bit-exact arithmetic on FP32 patterns: rules R1-R5 of docs/numerics.md.
///
/// Values travel as bit patterns (base/casts.hpp). Every arithmetic result that is a NaN is the canonical one; only
/// copies between equal types keep NaN payloads. The file must be compiled with `-ffp-contract=off` and without
/// fast-math.
#pragma once
#include <cstdint>

#include "base/casts.hpp"
#include "tsr_isa.hpp"

namespace tessera::golden {

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

/// Type conversion of a copy: equal types keep every bit.
std::uint32_t convert(std::uint32_t bits, isa::Dtype from, isa::Dtype to);

}  // namespace tessera::golden
