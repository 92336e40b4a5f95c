// SPDX-License-Identifier: Apache-2.0
// tsr_pe_array against chains of the host's fmaf (rule R1): every class of operand, rows that take no part, skew,
// gaps, weights loaded in the background and switched at every legal distance, idleness.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "Vtsr_pe_array.h"
#include "Vtsr_pe_array___024root.h"
#include "sim/verilated_context.hpp"
#include "tests/seed.hpp"
#include "tsr_cfg.hpp"

namespace {

constexpr unsigned kP = tessera::configs::TSR_CONFIG::kConfig.partitions;

using tessera::test::seed;

float widen(std::uint32_t bf16) {
  const std::uint32_t u = bf16 << 16;
  float f;
  std::memcpy(&f, &u, 4);
  return f;
}
std::uint32_t code(float f) {
  std::uint32_t u;
  std::memcpy(&u, &f, 4);
  return (u & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : u;
}

struct Matrix {
  unsigned part = 0, rows = 0;
  std::array<std::array<std::uint32_t, kP>, kP> w{};  // [row][column], codes
};

enum class Kind { kModerate, kAny, kTiny, kCoarse, kHuge };

class Array : public ::testing::Test {
 protected:
  std::unique_ptr<VerilatedContext> context = std::make_unique<tessera::sim::OneThreadContext>();
  std::unique_ptr<Vtsr_pe_array> dut;
  std::mt19937_64 rng{seed()};
  std::uint64_t now = 0;
  struct Sum {
    std::uint64_t entry;
    std::array<std::uint32_t, kP> value;
  };
  std::deque<Sum> sums;
  Matrix active, next;
  bool loaded = false;           // `next` is complete in the shadow copy
  unsigned load_col = kP;        // next column to load
  std::uint64_t window_end = 0;  // first cycle in which the shadow copy may be written again
  Kind kind = Kind::kModerate;
  std::uint64_t checked = 0, nans = 0, subnormals = 0;

  void SetUp() override {
    context->randReset(2);
    context->randSeed(static_cast<int>(seed() & 0x7fffffff) + 1);
    dut = std::make_unique<Vtsr_pe_array>(context.get());
    dut->x_valid_i = dut->switch_i = dut->ld_en_i = 0;
    dut->rst_ni = 0;
    tick();
    tick();
    dut->rst_ni = 1;
  }
  void TearDown() override { dut->final(); }
  void tick() {
    dut->clk_i = 0;
    dut->eval();
    dut->clk_i = 1;
    dut->eval();
  }
  unsigned range(unsigned lo, unsigned hi) { return lo + static_cast<unsigned>(rng() % (hi - lo + 1)); }
  std::uint32_t operand() {
    const auto b = static_cast<std::uint32_t>(rng() & 0xffffu);
    switch (kind) {
      case Kind::kModerate:
        return (b & 0x83ffu) | 0x3c00u;
      case Kind::kTiny:
        return (b & 0x9fffu) | ((b & 1u) != 0 ? 0x2000u : 0u);  // products around 2^-149 and below
      case Kind::kCoarse:
        return (b & 0x8000u) | (0x3f00u + (b & 0x01c0u));  // few bits: ties and exact cancellation
      case Kind::kHuge:
        return (b & 0x807fu) | (0x5e00u + (b & 0x1f00u) % 0x2100u);
      default: {
        static constexpr std::array<std::uint32_t, 10> kEdge{0,    0x8000, 1,      0x8001, 0x7f,
                                                             0x80, 0x7f7f, 0xff7f, 0x7f80, 0x7fff};
        return rng() % 3 == 0 ? kEdge[rng() % kEdge.size()] : b;
      }
    }
  }
  void new_matrix() {
    next = Matrix{};
    next.rows = rng() % 2 == 0 ? kP : range(1, kP);
    next.part = range(0, kP - next.rows);
    load_col = 0;
    loaded = false;
  }
  // Up to four columns; the elements stand anywhere in the two words.
  void drive_load() {
    dut->ld_en_i = 0;
    for (unsigned r = 0; r < kP; ++r) {
      dut->ld_lo_i[r] = static_cast<std::uint32_t>(rng());
      dut->ld_hi_i[r] = static_cast<std::uint32_t>(rng());
    }
    dut->ld_part_i = range(0, 255), dut->ld_rows_i = range(0, 255);
    dut->ld_first_i = range(0, 3), dut->ld_count_i = range(1, 4 - dut->ld_first_i);
    dut->ld_col_i = range(0, kP - 1);
    if (load_col >= kP || now < window_end || rng() % 4 == 0) return;
    dut->ld_en_i = 1, dut->ld_col_i = load_col;
    dut->ld_count_i = std::min<unsigned>(dut->ld_count_i, kP - load_col);
    dut->ld_part_i = next.part, dut->ld_rows_i = next.rows;
    for (unsigned r = 0; r < kP; ++r) {
      std::array<std::uint32_t, 4> e{};
      for (auto& v : e) v = operand();
      dut->ld_lo_i[r] = e[0] | (e[1] << 16), dut->ld_hi_i[r] = e[2] | (e[3] << 16);
      for (unsigned j = 0; j < dut->ld_count_i; ++j) next.w[r][load_col + j] = e[dut->ld_first_i + j];
    }
    load_col += dut->ld_count_i;
    if (load_col >= kP) loaded = true;
  }
  void drive_column(bool valid, bool change) {
    dut->x_valid_i = valid, dut->switch_i = change;
    dut->x_half_i = rng() & 1u;
    Sum s{now, {}};
    std::array<std::uint32_t, kP> x{};
    for (unsigned r = 0; r < kP; ++r) {
      x[r] = operand();
      const auto other = static_cast<std::uint32_t>(rng() & 0xffffu);
      dut->x_data_i[r] = dut->x_half_i != 0 ? (x[r] << 16) | other : x[r] | (other << 16);
    }
    dut->x_part_i = range(0, 255), dut->x_count_i = range(0, 255);
    if (!valid) return;
    if (change) active = next, loaded = false, load_col = kP, window_end = now + 2 * kP - 1;
    dut->x_part_i = active.part, dut->x_count_i = active.rows;
    for (unsigned c = 0; c < kP; ++c) {
      float p = 0.0F;
      for (unsigned r = active.part; r < active.part + active.rows; ++r)
        p = std::fmaf(widen(x[r]), widen(active.w[r][c]), p);
      s.value[c] = code(p);
    }
    sums.push_back(s);
  }
  // One cycle: outputs belong to columns taken P + 1 + c cycles ago.
  void step() {
    dut->eval();
    EXPECT_EQ(dut->switching_o != 0, now < window_end && now + 2 * kP - 1 != window_end)
        << now << " window ends " << window_end;
    bool next_due = false;
    for (const Sum& s : sums) {
      if (s.entry + kP == now) next_due = true;
      if (s.entry + kP + 1 > now) continue;
      const std::uint64_t c = now - s.entry - kP - 1;
      if (c >= kP) continue;
      ++checked;
      nans += s.value[c] == 0x7fc00000u;
      subnormals += (s.value[c] & 0x7f800000u) == 0 && (s.value[c] & 0x7fffffu) != 0;
      ASSERT_EQ(dut->p_o[c], s.value[c]) << "column " << c << " of entry " << s.entry << std::hex << ": " << dut->p_o[c]
                                         << " expected " << s.value[c] << std::dec << ", seed " << seed();
    }
    EXPECT_EQ(dut->next_o != 0, next_due) << "cycle " << now;
    while (!sums.empty() && sums.front().entry + 2 * kP < now) sums.pop_front();
    const bool quiet = dut->quiet_o != 0;
    const bool busy = dut->x_valid_i != 0 || dut->ld_en_i != 0 || !sums.empty();
    EXPECT_FALSE(busy && quiet) << "cycle " << now;
    const auto& root = *dut->rootp;
    std::vector<unsigned char> before(quiet ? sizeof root : 0);
    if (quiet) std::memcpy(before.data(), static_cast<const void*>(&root), sizeof root);
    tick();
    if (quiet) {
      EXPECT_EQ(std::memcmp(before.data(), static_cast<const void*>(&root), sizeof root), 0)
          << "changed in a quiet cycle";
      ++quiet_cycles;
    }
    ++now;
  }
  unsigned quiet_cycles = 0;

  // One stream: `columns` moving columns, new weights as often as they fit, gaps now and then.
  void stream(unsigned columns, unsigned gap_one_in, unsigned length) {
    if (!loaded) {
      new_matrix();
      while (!loaded && !HasFatalFailure()) drive_column(false, false), drive_load(), step();
    }
    bool first = true;
    unsigned since = 0;
    for (unsigned n = 0; n < columns;) {
      const bool valid = gap_one_in == 0 || rng() % gap_one_in != 0;
      const bool change = valid && loaded && (first || since >= length);
      drive_column(valid, change);
      if (valid) ++n, ++since, first = false;
      if (change) since = 1;
      if (!loaded && load_col >= kP && now >= window_end && !change) new_matrix();
      if (!change)
        drive_load();
      else
        dut->ld_en_i = 0;
      step();
      if (HasFatalFailure()) return;
    }
    dut->ld_en_i = 0;
    for (unsigned k = 0; k < 2 * kP + 6; ++k) {
      drive_column(false, false);
      step();
    }
    EXPECT_EQ(dut->quiet_o, 1u);
  }
};

TEST_F(Array, ChainsOfEveryKind) {
  RecordProperty("seed", static_cast<int>(seed()));
  for (const Kind k : {Kind::kModerate, Kind::kAny, Kind::kTiny, Kind::kCoarse, Kind::kHuge}) {
    kind = k;
    stream(60000, 0, 1);
    for (unsigned i = 0; i < 400; ++i) {
      stream(range(1, 60), rng() % 2 == 0 ? 0 : range(2, 5), range(1, 2 * kP));
      if (HasFatalFailure()) return;
    }
    stream(30000, 3, 40);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(nans, 1000u);
  EXPECT_GT(subnormals, 1000u);
  EXPECT_GT(quiet_cycles, 100u);
}

TEST_F(Array, DirectedOperands) {
  // One row of interest at a time: the chain is one fmaf from +0, then a second one on its result.
  struct Case {
    std::uint32_t x0, w0, x1, w1, want;
  };
  static constexpr std::array<Case, 12> kCases{{
      {0x3f80, 0x3f80, 0xbf80, 0x3f80, 0x00000000},  // exact cancellation is +0
      {0x8000, 0x3f80, 0x8000, 0x3f80, 0x00000000},  // +0 + -0 = +0
      {0x0001, 0x8001, 0x8000, 0x3f80, 0x80000000},  // a negative product that underflows leaves -0; so do idle rows
      {0x0001, 0x3f80, 0x0000, 0x3f80, 0x00010000},  // BF16 subnormal
      {0x7f7f, 0x7f7f, 0x0000, 0x0000, 0x7f800000},  // overflow
      {0x7f80, 0x0000, 0x3f80, 0x3f80, 0x7fc00000},  // Inf x 0
      {0x7f80, 0x3f80, 0xff80, 0x3f80, 0x7fc00000},  // Inf - Inf
      {0xff80, 0x3f80, 0x3f80, 0x3f80, 0xff800000},  // -Inf + 1
      {0xffc1, 0x3f80, 0x3f80, 0x3f80, 0x7fc00000},  // NaN becomes canonical
      {0x3f80, 0x3f80, 0x3380, 0x3f80, 0x3f800000},  // 1 + 2^-24: tie to even
      {0x3f81, 0x3f81, 0x3380, 0x3f80, 0x3f820200},  // exact product of 16 bits, then a tie
      {0x0080, 0x3f00, 0x0000, 0x0000, 0x00400000},  // smallest normal halved
  }};
  for (const Case& k : kCases) {
    float p = std::fmaf(widen(k.x0), widen(k.w0), 0.0F);
    p = std::fmaf(widen(k.x1), widen(k.w1), p);
    const std::uint32_t host = code(p);
    EXPECT_EQ(host, k.want);
    // Load and run on rows 1 and 2 only.
    dut->ld_part_i = dut->x_part_i = 1, dut->ld_rows_i = dut->x_count_i = 2;
    for (unsigned c = 0; c < kP; ++c) {
      dut->ld_en_i = 1, dut->ld_col_i = c, dut->ld_count_i = 1, dut->ld_first_i = 3;
      for (unsigned r = 0; r < kP; ++r) dut->ld_hi_i[r] = (r == 1 ? k.w0 : r == 2 ? k.w1 : 0x7fc0u) << 16;
      tick();
    }
    dut->ld_en_i = 0, dut->x_valid_i = 1, dut->switch_i = 1, dut->x_half_i = 0;
    for (unsigned r = 0; r < kP; ++r) dut->x_data_i[r] = r == 1 ? k.x0 : r == 2 ? k.x1 : 0x7f80u;
    tick();
    dut->x_valid_i = dut->switch_i = 0;
    for (unsigned t = 1; t < kP + 1; ++t) tick();
    for (unsigned c = 0; c < kP; ++c) {
      EXPECT_EQ(dut->p_o[c], host) << std::hex << k.x0 << " x " << k.w0 << " + " << k.x1 << " x " << k.w1;
      tick();
    }
  }
}

}  // namespace
