// SPDX-License-Identifier: Apache-2.0
/// Driver, model and monitor of the PE array. The twin is pe_bench.py.
#pragma once
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "tessera/test.hpp"

namespace pe_bench {

using namespace tessera;

inline constexpr unsigned P = decltype(Dut::p_o)::size();
using Column = std::array<std::uint32_t, P>;                 ///< BF16 codes
using Matrix = std::array<std::array<std::uint32_t, P>, P>;  ///< [row][column]
using Rows = std::array<std::array<std::uint32_t, 4>, P>;

inline CoverGroup rows_cover("pe_rows", {"all", "some", "single"});
inline CoverGroup operand_cover("pe_operand", {"plus_zero", "minus_zero", "positive", "negative"});

inline float bf16(std::uint32_t code) { return std::bit_cast<float>(code << 16); }

/// One step() is one clock: a moving column, a write of the shadow weights, both, or nothing.
class PeBench : public std::enable_shared_from_this<PeBench> {
 public:
  explicit PeBench(Dut& dut) : rng(tessera::rng()), dut_(dut) {}
  SplitMix64 rng;

  std::uint32_t code() {
    const auto b = static_cast<std::uint32_t>(rng.bits(16));
    return (b & 0x807F) | static_cast<std::uint32_t>(120 + rng.below(15)) << 7;
  }

  Coro<void> start() {
    Clock(dut_.clk_i, 10, ns).start();
    dut_.rst_ni = 0;
    dut_.x_valid_i = 0;
    dut_.switch_i = 0;
    dut_.x_half_i = 0;
    dut_.x_part_i = 0;
    dut_.x_count_i = 0;
    dut_.ld_en_i = 0;
    dut_.ld_col_i = 0;
    dut_.ld_count_i = 0;
    dut_.ld_first_i = 0;
    dut_.ld_part_i = 0;
    dut_.ld_rows_i = 0;
    for (unsigned r = 0; r < P; ++r) {
      dut_.x_data_i[static_cast<int>(r)] = 0;
      dut_.ld_lo_i[static_cast<int>(r)] = 0;
      dut_.ld_hi_i[static_cast<int>(r)] = 0;
    }
    co_await ClockCycles(dut_.clk_i, 3);
    dut_.rst_ni = 1;
    co_await RisingEdge(dut_.clk_i);
    start_soon(monitor(shared_from_this()));
  }

  void put_column(const Column& column, unsigned part, unsigned count, bool change) {
    rows_cover.sample(count == P ? "all" : count == 1 ? "single" : "some");
    for (const std::uint32_t x : column) {
      operand_cover.sample(x == 0 ? "plus_zero" : x == 0x8000 ? "minus_zero" : x & 0x8000 ? "negative" : "positive");
    }
    const auto half = static_cast<std::uint32_t>(rng.below(2));
    dut_.x_valid_i = 1;
    dut_.switch_i = change;
    dut_.x_half_i = half;
    dut_.x_part_i = part;
    dut_.x_count_i = count;
    for (unsigned r = 0; r < P; ++r) {
      const auto other = static_cast<std::uint32_t>(rng.bits(16));
      dut_.x_data_i[static_cast<int>(r)] = half ? column[r] << 16 | other : other << 16 | column[r];
    }
    if (change) active_ = shadow_;
    for (unsigned c = 0; c < P; ++c) {
      float total = 0;
      for (unsigned r = part; r < part + count; ++r) total = std::fmaf(bf16(column[r]), bf16(active_[r][c]), total);
      wanted_[{clock_ + 1 + P + 1 + c, c}] = std::bit_cast<std::uint32_t>(total);
    }
  }

  /// Four columns from `col`; rows[r][0..3] are their codes.
  void put_weights(unsigned col, const Rows& rows) {
    dut_.ld_en_i = 1;
    dut_.ld_col_i = col;
    dut_.ld_count_i = 4;
    dut_.ld_first_i = 0;
    dut_.ld_part_i = 0;
    dut_.ld_rows_i = P;
    for (unsigned r = 0; r < P; ++r) {
      dut_.ld_lo_i[static_cast<int>(r)] = rows[r][0] | rows[r][1] << 16;
      dut_.ld_hi_i[static_cast<int>(r)] = rows[r][2] | rows[r][3] << 16;
      for (unsigned k = 0; k < 4; ++k) shadow_[r][col + k] = rows[r][k];
    }
  }

  Coro<void> step() {
    co_await RisingEdge(dut_.clk_i);
    ++clock_;
    dut_.x_valid_i = 0;
    dut_.switch_i = 0;
    dut_.ld_en_i = 0;
  }

  /// A whole matrix into the shadow copy, with columns of the present one in `moving` of 100 clocks.
  Coro<void> load(unsigned moving = 0) {
    for (unsigned col = 0; col < P; col += 4) {
      while (dut_.switching_o.value() == 1) {
        if (rng.chance(moving)) column();
        co_await step();
      }
      Rows rows{};
      for (auto& row : rows)
        for (auto& value : row) value = code();
      put_weights(col, rows);
      if (rng.chance(moving)) column();
      co_await step();
    }
  }

  void column(bool change = false, unsigned part = 0, unsigned count = P) {
    Column codes{};
    for (auto& value : codes) value = code();
    put_column(codes, part, count, change);
  }

  Coro<void> finish(std::uint64_t least) {
    for (unsigned i = 0; i < 2 * P + 4; ++i) co_await step();
    CO_ASSERT_TRUE(wanted_.empty());
    CO_ASSERT_GE(checked_, least);
    CO_ASSERT_EQ(dut_.quiet_o.value(), 1);
  }

 private:
  static Coro<void> monitor(std::shared_ptr<PeBench> bench) {
    for (std::uint64_t clock = 1;; ++clock) {
      co_await RisingEdge(bench->dut_.clk_i);
      for (unsigned c = 0; c < P; ++c) {
        const auto want = bench->wanted_.find({clock, c});
        if (want == bench->wanted_.end()) continue;
        CO_ASSERT_EQ(bench->dut_.p_o[static_cast<int>(c)].value(), want->second);
        bench->wanted_.erase(want);
        ++bench->checked_;
      }
    }
  }

  Dut& dut_;
  Matrix active_{}, shadow_{};
  std::map<std::pair<std::uint64_t, unsigned>, std::uint32_t> wanted_;
  std::uint64_t clock_ = 0, checked_ = 0;
};

}  // namespace pe_bench
