// SPDX-License-Identifier: Apache-2.0
#include "golden/numerics.hpp"

#include <cmath>

namespace tessera::golden {

std::uint32_t add32(std::uint32_t a, std::uint32_t b) { return canonical(to_float(a) + to_float(b)); }
std::uint32_t sub32(std::uint32_t a, std::uint32_t b) { return canonical(to_float(a) - to_float(b)); }
std::uint32_t mul32(std::uint32_t a, std::uint32_t b) { return canonical(to_float(a) * to_float(b)); }

std::uint32_t fma32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return canonical(std::fmaf(to_float(a), to_float(b), to_float(c)));
}

std::uint32_t max32(std::uint32_t a, std::uint32_t b) {
  if (is_nan32(a) || is_nan32(b)) return kNan32;
  if (to_float(a) == to_float(b)) return a & b;  // differs only for zeros: positive wins
  return to_float(a) > to_float(b) ? a : b;
}

std::uint32_t min32(std::uint32_t a, std::uint32_t b) {
  if (is_nan32(a) || is_nan32(b)) return kNan32;
  if (to_float(a) == to_float(b)) return a | b;  // differs only for zeros: negative wins
  return to_float(a) < to_float(b) ? a : b;
}

std::uint32_t relu32(std::uint32_t x) { return max32(x, 0); }

std::uint32_t alu32(isa::Alu op, std::uint32_t a, std::uint32_t b) {
  switch (op) {
    case isa::Alu::kAdd:
      return add32(a, b);
    case isa::Alu::kSub:
      return sub32(a, b);
    case isa::Alu::kMul:
      return mul32(a, b);
    case isa::Alu::kMax:
      return max32(a, b);
    case isa::Alu::kMin:
      return min32(a, b);
    default:
      return kNan32;
  }
}

std::uint32_t convert(std::uint32_t bits, isa::Dtype from, isa::Dtype to) {
  return from == to ? bits : narrow(widen(bits, from), to);
}

}  // namespace tessera::golden
