// SPDX-License-Identifier: Apache-2.0
// tsr_psum: every port at random in every cycle against a plain array and the host's float addition; read data hold,
// reads see the old word.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "Vtsr_psum.h"
#include "sim/verilated_context.hpp"
#include "tests/seed.hpp"
#include "tsr_cfg.hpp"

namespace {

std::uint32_t add(std::uint32_t a, std::uint32_t b) {
  float x, y;
  std::memcpy(&x, &a, 4);
  std::memcpy(&y, &b, 4);
  const float s = x + y;
  std::uint32_t r;
  std::memcpy(&r, &s, 4);
  return (r & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : r;
}

constexpr auto kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kP = kCfg.partitions, kWords = 64;  // a small window makes collisions frequent
static_assert(kCfg.hbm_bytes_per_cycle == 8, "this test drives 64-bit beats");

TEST(Psum, AllPortsAtRandom) {
  const std::uint64_t seed = tessera::test::seed();
  std::mt19937_64 rng{seed};
  tessera::sim::OneThreadContext context;
  Vtsr_psum dut{&context};
  std::vector<std::array<std::uint32_t, kP>> mem(kWords);
  const auto step = [&] {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  };
  dut.rst_ni = 0;
  step();
  dut.rst_ni = 1;
  for (unsigned w = 0; w < kWords; w += 2) {
    for (unsigned p = 0; p < kP; ++p) {
      const std::uint64_t data = rng();
      dut.psum_beat_wr_en_i = 1, dut.psum_beat_wr_part_i = p, dut.psum_beat_wr_addr_i = w, dut.psum_beat_wr_data_i = data,
      dut.psum_beat_wr_strb_i = 0xff;
      step();
      mem[w][p] = static_cast<std::uint32_t>(data), mem[w + 1][p] = static_cast<std::uint32_t>(data >> 32);
    }
  }
  std::array<std::array<std::uint32_t, kP>, 3> row{};  // act, dve, words written by PE: what must stand on the ports
  std::array<std::uint64_t, 2> beat{};
  std::array<bool, 5> known{};
  const auto on = [&] { return static_cast<std::uint8_t>(rng() % 3 != 0); };
  const auto at = [&] { return static_cast<unsigned>(rng() % kWords); };
  for (int cycle = 0; cycle < 100000; ++cycle) {
    const bool idle = rng() % 8 == 0;
    const auto en = [&] { return idle ? std::uint8_t{0} : on(); };
    const auto lanes = [&] {
      return static_cast<std::uint8_t>(rng() % 4 == 0 ? (1u << kP) - 1 : rng() & ((1u << kP) - 1));
    };
    dut.pe_en_i = en() ? lanes() : 0, dut.pe_acc_i = rng() % 4 == 0 ? 0 : lanes();
    const unsigned common = at();
    for (unsigned p = 0; p < kP; ++p) {
      dut.pe_addr_i[p] = rng() % 2 == 0 ? common : at();  // other ports meet it often
      auto v = static_cast<std::uint32_t>(rng());
      if (v % 4 != 0) v = (v & 0x83ffffffu) | 0x3c000000u;
      if (v % 64 == 0) v = mem[dut.pe_addr_i[p]][p] ^ 0x80000000u;  // cancels
      dut.pe_data_i[p] = v;
    }
    dut.act_psum_row_rd_en_i = en(), dut.act_psum_row_rd_addr_i = at();
    dut.dve_psum_row_rd_en_i = en(), dut.dve_psum_row_rd_addr_i = at();
    dut.read_psum_beat_rd_en_i = en(), dut.read_psum_beat_rd_addr_i = at() & ~1u, dut.read_psum_beat_rd_part_i = rng() % kP;
    dut.write_psum_beat_rd_en_i = en(), dut.write_psum_beat_rd_addr_i = at() & ~1u, dut.write_psum_beat_rd_part_i = rng() % kP;
    dut.act_psum_row_wr_en_i = en(), dut.act_psum_row_wr_addr_i = at(), dut.act_psum_row_wr_strb_i = rng() & 15u;
    dut.act_psum_row_wr_part_i = rng() % kP, dut.act_psum_row_wr_count_i = 1 + rng() % (kP - dut.act_psum_row_wr_part_i);
    dut.dve_psum_row_wr_en_i = en(), dut.dve_psum_row_wr_addr_i = at(), dut.dve_psum_row_wr_strb_i = rng() & 15u;
    dut.dve_psum_row_wr_part_i = rng() % kP, dut.dve_psum_row_wr_count_i = 1 + rng() % (kP - dut.dve_psum_row_wr_part_i);
    dut.psum_beat_wr_en_i = en(), dut.psum_beat_wr_addr_i = at() & ~1u, dut.psum_beat_wr_part_i = rng() % kP;
    dut.psum_beat_wr_data_i = rng(), dut.psum_beat_wr_strb_i = rng() & 255u;
    for (unsigned p = 0; p < kP; ++p) dut.act_wr_row_i[p] = static_cast<std::uint32_t>(rng());
    for (unsigned p = 0; p < kP; ++p) dut.dve_wr_row_i[p] = static_cast<std::uint32_t>(rng());
    dut.eval();
    const bool any = (dut.pe_en_i != 0) | dut.act_psum_row_rd_en_i | dut.dve_psum_row_rd_en_i | dut.read_psum_beat_rd_en_i | dut.write_psum_beat_rd_en_i |
                     dut.act_psum_row_wr_en_i | dut.dve_psum_row_wr_en_i | dut.psum_beat_wr_en_i;
    ASSERT_EQ(dut.quiet_o != 0, !any);

    if (dut.act_psum_row_rd_en_i) row[0] = mem[dut.act_psum_row_rd_addr_i], known[0] = true;
    if (dut.dve_psum_row_rd_en_i) row[1] = mem[dut.dve_psum_row_rd_addr_i], known[1] = true;
    const auto pair = [&](unsigned a, unsigned p) { return mem[a][p] | (std::uint64_t{mem[a + 1][p]} << 32); };
    if (dut.read_psum_beat_rd_en_i) beat[0] = pair(dut.read_psum_beat_rd_addr_i, dut.read_psum_beat_rd_part_i), known[3] = true;
    if (dut.write_psum_beat_rd_en_i) beat[1] = pair(dut.write_psum_beat_rd_addr_i, dut.write_psum_beat_rd_part_i), known[4] = true;
    const auto put = [&](unsigned a, unsigned p, std::uint32_t data, unsigned strb) {
      for (unsigned b = 0; b < 4; ++b)
        if ((strb >> b) & 1u) mem[a][p] = (mem[a][p] & ~(0xffu << (8 * b))) | (data & (0xffu << (8 * b)));
    };
    if (dut.pe_en_i != 0) {
      known[2] = true;
      for (unsigned p = 0; p < kP; ++p) {
        row[2][p] = 0;
        if (((dut.pe_en_i >> p) & 1u) == 0) continue;
        std::uint32_t& word = mem[dut.pe_addr_i[p]][p];
        word = row[2][p] = ((dut.pe_acc_i >> p) & 1u) != 0 ? add(word, dut.pe_data_i[p]) : dut.pe_data_i[p];
      }
    }
    if (dut.act_psum_row_wr_en_i)
      for (unsigned l = 0; l < dut.act_psum_row_wr_count_i; ++l)
        put(dut.act_psum_row_wr_addr_i, dut.act_psum_row_wr_part_i + l, dut.act_wr_row_i[dut.act_psum_row_wr_part_i + l], dut.act_psum_row_wr_strb_i);
    if (dut.dve_psum_row_wr_en_i)
      for (unsigned l = 0; l < dut.dve_psum_row_wr_count_i; ++l)
        put(dut.dve_psum_row_wr_addr_i, dut.dve_psum_row_wr_part_i + l, dut.dve_wr_row_i[dut.dve_psum_row_wr_part_i + l], dut.dve_psum_row_wr_strb_i);
    if (dut.psum_beat_wr_en_i) {
      put(dut.psum_beat_wr_addr_i, dut.psum_beat_wr_part_i, static_cast<std::uint32_t>(dut.psum_beat_wr_data_i), dut.psum_beat_wr_strb_i & 15u);
      put(dut.psum_beat_wr_addr_i + 1u, dut.psum_beat_wr_part_i, static_cast<std::uint32_t>(dut.psum_beat_wr_data_i >> 32),
          dut.psum_beat_wr_strb_i >> 4);
    }
    step();
    const auto expect = [&](bool valid, std::uint64_t got, std::uint64_t want, const char* port) {
      ASSERT_TRUE(!valid || got == want) << port << std::hex << ": " << got << ", expected " << want << std::dec
                                         << ", cycle " << cycle << " seed " << seed;
    };
    for (unsigned p = 0; p < kP; ++p) {
      expect(known[0], dut.act_psum_row_o[p], row[0][p], "act");
      expect(known[1], dut.dve_psum_row_o[p], row[1][p], "dve");
      expect(known[2], dut.pe_sum_o[p], row[2][p], "pe");
    }
    expect(known[3], dut.read_psum_beat_rd_data_o, beat[0], "dma");
    expect(known[4], dut.write_psum_beat_rd_data_o, beat[1], "rmw");
    if (HasFatalFailure()) return;
  }
  dut.final();
}

}  // namespace
