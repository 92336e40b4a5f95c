// SPDX-License-Identifier: Apache-2.0
// tsr_fp_pkg against the host's binary32 arithmetic: directed classes that are hard for floating point
// (cancellation, ties, underflow, overflow, all pairs of special values) and random bit patterns.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>

#include "Vtsr_fp_bench.h"
#include "tests/seed.hpp"

namespace {

constexpr unsigned kLanes = 64;
constexpr std::uint32_t kNan = 0x7fc00000u;

float f(std::uint32_t u) {
  float v;
  std::memcpy(&v, &u, 4);
  return v;
}
std::uint32_t u(float v) {
  std::uint32_t r;
  std::memcpy(&r, &v, 4);
  return ((r & 0x7fffffffu) > 0x7f800000u) ? kNan : r;
}
bool is_nan(std::uint32_t a) { return (a & 0x7fffffffu) > 0x7f800000u; }

// Independent of the RTL's formulas: comparison by value, then by sign of zero.
std::uint32_t pick(std::uint32_t a, std::uint32_t b, bool want_max) {
  if (is_nan(a) || is_nan(b)) return kNan;
  if (f(a) == f(b)) return (((a >> 31) != 0) == want_max) ? b : a;
  return ((f(a) > f(b)) == want_max) ? a : b;
}
// Independent cast: the two neighbours in bfloat16, the nearer one, the even one on a tie.
std::uint32_t bf16(std::uint32_t a) {
  if (is_nan(a)) return 0x7fc0u;
  const std::uint32_t mag = a & 0x7fffffffu, low = mag & 0xffffu;
  std::uint32_t hi = mag >> 16;
  if (low > 0x8000u || (low == 0x8000u && (hi & 1u) != 0)) ++hi;
  return ((a >> 31) << 15) | hi;
}

// Independent casts of binary16, by value: a multiple of the spacing at that exponent, rounded by the host.
std::uint32_t half(std::uint32_t a) {
  if (is_nan(a)) return 0x7e00u;
  const double mag = std::fabs(static_cast<double>(f(a)));
  const double spacing = std::ldexp(1.0, std::max(mag == 0 ? -14 : std::isinf(mag) ? 16 : std::ilogb(mag), -14) - 10);
  const double near = std::nearbyint(mag / spacing) * spacing;
  std::uint32_t code = 0x7c00u;
  if (near < 65536.0) {
    const int e = near < 0x1p-14 ? -15 : std::ilogb(near);
    code = e < -14 ? static_cast<std::uint32_t>(near * 0x1p24)
                   : (static_cast<std::uint32_t>(e + 15) << 10) |
                         static_cast<std::uint32_t>((near / std::ldexp(1.0, e) - 1) * 1024);
  }
  return ((a >> 31) << 15) | code;
}
std::uint32_t half_wide(std::uint32_t code) {
  const std::uint32_t e = (code >> 10) & 31u, m = code & 1023u;
  if (e == 31 && m != 0) return kNan;
  const float mag = e == 31  ? HUGE_VALF
                    : e == 0 ? std::ldexp(static_cast<float>(m), -24)
                             : std::ldexp(1024.0f + static_cast<float>(m), static_cast<int>(e) - 25);
  return u(mag) | ((code & 0x8000u) << 16);
}

using tessera::test::seed;

const std::array<std::uint32_t, 30> kSpecial{
    0u,          0x80000000u, 1u,          0x80000001u, 0x007fffffu, 0x807fffffu, 0x00800000u, 0x80800000u,
    0x00800001u, 0x3f800000u, 0xbf800000u, 0x3f800001u, 0x3f7fffffu, 0x7f7fffffu, 0xff7fffffu, 0x7f800000u,
    0xff800000u, 0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xffffffffu, 0x00400000u, 0x33800000u, 0x34000000u,
    0x7f7f8000u, 0x7f7f7fffu, 0x3f808000u, 0x3f818000u, 0x4b800000u, 0xcb800001u};

class Fp : public ::testing::Test {
 protected:
  std::unique_ptr<Vtsr_fp_bench> dut = std::make_unique<Vtsr_fp_bench>();
  std::mt19937_64 rng{seed()};
  unsigned fill = 0;
  std::uint64_t vectors = 0, bad = 0;

  void flush() {
    if (fill == 0) return;
    dut->eval();
    for (unsigned l = 0; l < fill; ++l) {
      const std::uint32_t a = dut->a_i[l], b = dut->b_i[l], c = dut->c_i[l];
      check("add", a, b, c, dut->add_o[l], u(f(a) + f(b)));
      check("sub", a, b, c, dut->sub_o[l], u(f(a) - f(b)));
      check("mul", a, b, c, dut->mul_o[l], u(f(a) * f(b)));
      check("fma", a, b, c, dut->fma_o[l], u(std::fmaf(f(a), f(b), f(c))));
      check("max", a, b, c, dut->max_o[l], pick(a, b, true));
      check("min", a, b, c, dut->min_o[l], pick(a, b, false));
      check("relu", a, b, c, dut->relu_o[l], is_nan(a) ? kNan : (f(a) > 0.0f ? a : 0u));
      check("bf16", a, b, c, dut->bf16_o[l], bf16(a));
      check("wide", a, b, c, dut->wide_o[l], is_nan(a << 16) ? kNan : a << 16);
      check("half", a, b, c, dut->half_o[l], half(a));
      check("half wide", a, b, c, dut->half_wide_o[l], half_wide(a & 0xffffu));
      check("canonical", a, b, c, dut->canonical_o[l], is_nan(a) ? kNan : a);
    }
    vectors += fill;
    fill = 0;
  }
  void check(const char* what, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t got,
             std::uint32_t want) {
    if (got == want) return;
    if (++bad <= 10) {
      ADD_FAILURE() << what << " seed " << seed() << std::hex << ": a " << a << " b " << b << " c " << c << " got "
                    << got << " want " << want;
    }
  }
  void vector(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    dut->a_i[fill] = a;
    dut->b_i[fill] = b;
    dut->c_i[fill] = c;
    if (++fill == kLanes) flush();
  }
  std::uint32_t bits() { return static_cast<std::uint32_t>(rng()); }
  std::uint32_t with_exp(int e) {
    e = e < 0 ? 0 : e > 254 ? 254 : e;
    std::uint32_t r = bits();
    if ((rng() & 3u) == 0) r &= 0xfff00003u;  // sparse fraction: ties
    return (r & 0x807fffffu) | (static_cast<std::uint32_t>(e) << 23);
  }
  int range(int lo, int hi) { return lo + static_cast<int>(rng() % static_cast<unsigned>(hi - lo + 1)); }
};

TEST_F(Fp, AllTriplesOfSpecialValues) {
  for (const auto a : kSpecial)
    for (const auto b : kSpecial)
      for (const auto c : kSpecial) vector(a, b, c);
  flush();
  EXPECT_EQ(bad, 0u);
  EXPECT_EQ(vectors, 27000u);
}

TEST_F(Fp, RandomBits) {
  for (int i = 0; i < 4000000; ++i) vector(bits(), bits(), bits());
  flush();
  EXPECT_EQ(bad, 0u);
}

TEST_F(Fp, AlignmentAndTies) {
  for (int i = 0; i < 4000000; ++i) {
    const int ea = range(60, 190), eb = range(60, 190);
    vector(with_exp(ea), with_exp((i & 1) != 0 ? ea + range(-30, 30) : eb), with_exp(ea + eb - 127 + range(-52, 52)));
  }
  flush();
  EXPECT_EQ(bad, 0u);
}

TEST_F(Fp, Cancellation) {
  for (int i = 0; i < 4000000; ++i) {
    const std::uint32_t a = with_exp(range(20, 200)), b = with_exp(range(60, 150));
    const std::uint32_t p = u(f(a) * f(b)) ^ 0x80000000u;
    const std::uint32_t near = (a ^ 0x80000000u) + static_cast<std::uint32_t>(range(-4, 4));
    vector(a, (i & 1) != 0 ? near : b, (i & 2) != 0 ? p + static_cast<std::uint32_t>(range(-4, 4)) : p);
  }
  flush();
  EXPECT_EQ(bad, 0u);
}

TEST_F(Fp, Underflow) {
  for (int i = 0; i < 4000000; ++i) {
    const int ea = range(0, 130);
    std::uint32_t a = with_exp(ea);
    if ((i & 3) == 3) a &= 0x80000000u | ((2u << range(0, 22)) - 1u);  // subnormal of any length
    const bool add = (i & 1) != 0;
    vector(a, with_exp(add ? range(0, 30) : 127 - ea + range(-30, 30)), with_exp(range(0, 40)));
  }
  flush();
  EXPECT_EQ(bad, 0u);
}

TEST_F(Fp, Overflow) {
  for (int i = 0; i < 2000000; ++i) {
    const int ea = range(128, 254);
    vector(with_exp(ea), with_exp((i & 1) != 0 ? range(250, 254) : 381 - ea + range(-3, 3)), with_exp(range(250, 254)));
  }
  flush();
  EXPECT_EQ(bad, 0u);
}

TEST_F(Fp, Binary16TiesAndCarries) {
  // Every number of the format, the middles between two, and what lies beside both; every code to widen.
  for (std::uint32_t code = 0; code < 0x8000u; ++code) {
    const std::uint32_t exact = half_wide(code), next = half_wide(code + 1);
    const std::uint32_t middle = u(f(exact) + (f(next) - f(exact)) / 2);
    for (const std::uint32_t a : {exact - 1, exact, exact + 1, middle - 1, middle, middle + 1})
      vector(a ^ (bits() & 0x80000000u), code, bits());
    vector(code, bits(), bits());
    vector(code | 0x8000u, bits(), bits());
  }
  for (int i = 0; i < 1000000; ++i) vector(with_exp(range(95, 145)), bits(), bits());
  flush();
  EXPECT_EQ(bad, 0u);
}

TEST_F(Fp, Bf16TiesAndCarries) {
  for (std::uint32_t hi = 0; hi < 0x10000u; ++hi)
    for (const std::uint32_t low : {0u, 1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) vector((hi << 16) | low, hi, bits());
  flush();
  EXPECT_EQ(bad, 0u);
}

}  // namespace
