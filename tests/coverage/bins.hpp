// SPDX-License-Identifier: Apache-2.0
/// Directed tests of bins. TSR_BIN(group, bin) { ... } is two tests: with hit=True the stimulus must hit the bin, with
/// hit=False the same stimulus with one detail changed must leave it at zero.
#pragma once
#include "tessera/test.hpp"

#define TSR_BIN(group, bin)                                                          \
  static ::tessera::Coro<void> drive_##group##_##bin(::tessera::Dut& dut, bool hit); \
  TSR_TEST(group##_##bin, {.parametrise = {{"hit", true, false}}}) {                 \
    const bool hit = ::tessera::param<bool>("hit");                                  \
    co_await drive_##group##_##bin(dut, hit);                                        \
    const std::uint64_t hits = ::tessera::cover_hits(#group "." #bin);               \
    if (hit) {                                                                       \
      CO_ASSERT_GT(hits, 0U);                                                        \
    } else {                                                                         \
      CO_ASSERT_EQ(hits, 0U);                                                        \
    }                                                                                \
  }                                                                                  \
  static ::tessera::Coro<void> drive_##group##_##bin([[maybe_unused]] ::tessera::Dut& dut, bool hit)
