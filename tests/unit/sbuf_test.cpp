// SPDX-License-Identifier: Apache-2.0
// tsr_sbuf: every port at random in every cycle against a plain array; read data hold, reads see the old word.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "Vtsr_sbuf.h"
#include "sim/verilated_context.hpp"
#include "tests/seed.hpp"
#include "tsr_cfg.hpp"

namespace {

constexpr auto kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kP = kCfg.partitions, kWords = 64;  // a small window makes collisions frequent
static_assert(kCfg.hbm_bytes_per_cycle == 8, "this test drives 64-bit beats");

TEST(Sbuf, AllPortsAtRandom) {
  const std::uint64_t seed = tessera::test::seed();
  std::mt19937_64 rng{seed};
  tessera::sim::OneThreadContext context;
  Vtsr_sbuf dut{&context};
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
      dut.sbuf_beat_wr_en_i = 1, dut.sbuf_beat_wr_part_i = p, dut.sbuf_beat_wr_addr_i = w, dut.sbuf_beat_wr_data_i = data,
      dut.sbuf_beat_wr_strb_i = 0xff;
      step();
      mem[w][p] = static_cast<std::uint32_t>(data), mem[w + 1][p] = static_cast<std::uint32_t>(data >> 32);
    }
  }
  std::array<std::array<std::uint32_t, kP>, 5> row{};  // mv, lo, hi, act, dve: what must stand on the ports
  std::array<std::uint64_t, 2> beat{};
  std::array<bool, 7> known{};
  const auto on = [&] { return static_cast<std::uint8_t>(rng() % 3 != 0); };
  const auto at = [&] { return static_cast<unsigned>(rng() % kWords); };
  for (int cycle = 0; cycle < 100000; ++cycle) {
    const bool idle = rng() % 8 == 0;
    const auto en = [&] { return idle ? std::uint8_t{0} : on(); };
    dut.pe_moving_rd_en_i = en(), dut.pe_moving_rd_addr_i = at();
    dut.pe_weight_rd_en_i = en(), dut.pe_weight_rd_addr_i = at() & ~1u;
    dut.act_sbuf_row_rd_en_i = en(), dut.act_sbuf_row_rd_addr_i = at();
    dut.dve_sbuf_row_rd_en_i = en(), dut.dve_sbuf_row_rd_addr_i = at();
    dut.read_sbuf_beat_rd_en_i = en(), dut.read_sbuf_beat_rd_addr_i = at() & ~1u, dut.read_sbuf_beat_rd_part_i = rng() % kP;
    dut.write_sbuf_beat_rd_en_i = en(), dut.write_sbuf_beat_rd_addr_i = at() & ~1u, dut.write_sbuf_beat_rd_part_i = rng() % kP;
    dut.act_sbuf_row_wr_en_i = en(), dut.act_sbuf_row_wr_addr_i = at(), dut.act_sbuf_row_wr_strb_i = rng() & 15u;
    dut.act_sbuf_row_wr_part_i = rng() % kP, dut.act_sbuf_row_wr_count_i = 1 + rng() % (kP - dut.act_sbuf_row_wr_part_i);
    dut.dve_sbuf_row_wr_en_i = en(), dut.dve_sbuf_row_wr_addr_i = at(), dut.dve_sbuf_row_wr_strb_i = rng() & 15u;
    dut.dve_sbuf_row_wr_part_i = rng() % kP, dut.dve_sbuf_row_wr_count_i = 1 + rng() % (kP - dut.dve_sbuf_row_wr_part_i);
    dut.sbuf_beat_wr_en_i = en(), dut.sbuf_beat_wr_addr_i = at() & ~1u, dut.sbuf_beat_wr_part_i = rng() % kP;
    dut.sbuf_beat_wr_data_i = rng(), dut.sbuf_beat_wr_strb_i = rng() & 255u;
    for (unsigned p = 0; p < kP; ++p) dut.act_wr_row_i[p] = static_cast<std::uint32_t>(rng());
    for (unsigned p = 0; p < kP; ++p) dut.dve_wr_row_i[p] = static_cast<std::uint32_t>(rng());
    dut.eval();
    const bool any = dut.pe_moving_rd_en_i | dut.pe_weight_rd_en_i | dut.act_sbuf_row_rd_en_i | dut.dve_sbuf_row_rd_en_i | dut.read_sbuf_beat_rd_en_i |
                     dut.write_sbuf_beat_rd_en_i | dut.act_sbuf_row_wr_en_i | dut.dve_sbuf_row_wr_en_i | dut.sbuf_beat_wr_en_i;
    ASSERT_EQ(dut.quiet_o != 0, !any);

    if (dut.pe_moving_rd_en_i) row[0] = mem[dut.pe_moving_rd_addr_i], known[0] = true;
    if (dut.pe_weight_rd_en_i) row[1] = mem[dut.pe_weight_rd_addr_i], row[2] = mem[dut.pe_weight_rd_addr_i + 1u], known[1] = known[2] = true;
    if (dut.act_sbuf_row_rd_en_i) row[3] = mem[dut.act_sbuf_row_rd_addr_i], known[3] = true;
    if (dut.dve_sbuf_row_rd_en_i) row[4] = mem[dut.dve_sbuf_row_rd_addr_i], known[4] = true;
    const auto pair = [&](unsigned a, unsigned p) { return mem[a][p] | (std::uint64_t{mem[a + 1][p]} << 32); };
    if (dut.read_sbuf_beat_rd_en_i) beat[0] = pair(dut.read_sbuf_beat_rd_addr_i, dut.read_sbuf_beat_rd_part_i), known[5] = true;
    if (dut.write_sbuf_beat_rd_en_i) beat[1] = pair(dut.write_sbuf_beat_rd_addr_i, dut.write_sbuf_beat_rd_part_i), known[6] = true;
    const auto put = [&](unsigned a, unsigned p, std::uint32_t data, unsigned strb) {
      for (unsigned b = 0; b < 4; ++b)
        if ((strb >> b) & 1u) mem[a][p] = (mem[a][p] & ~(0xffu << (8 * b))) | (data & (0xffu << (8 * b)));
    };
    if (dut.act_sbuf_row_wr_en_i)
      for (unsigned l = 0; l < dut.act_sbuf_row_wr_count_i; ++l)
        put(dut.act_sbuf_row_wr_addr_i, dut.act_sbuf_row_wr_part_i + l, dut.act_wr_row_i[dut.act_sbuf_row_wr_part_i + l], dut.act_sbuf_row_wr_strb_i);
    if (dut.dve_sbuf_row_wr_en_i)
      for (unsigned l = 0; l < dut.dve_sbuf_row_wr_count_i; ++l)
        put(dut.dve_sbuf_row_wr_addr_i, dut.dve_sbuf_row_wr_part_i + l, dut.dve_wr_row_i[dut.dve_sbuf_row_wr_part_i + l], dut.dve_sbuf_row_wr_strb_i);
    if (dut.sbuf_beat_wr_en_i) {
      put(dut.sbuf_beat_wr_addr_i, dut.sbuf_beat_wr_part_i, static_cast<std::uint32_t>(dut.sbuf_beat_wr_data_i), dut.sbuf_beat_wr_strb_i & 15u);
      put(dut.sbuf_beat_wr_addr_i + 1u, dut.sbuf_beat_wr_part_i, static_cast<std::uint32_t>(dut.sbuf_beat_wr_data_i >> 32),
          dut.sbuf_beat_wr_strb_i >> 4);
    }
    step();
    for (unsigned p = 0; p < kP; ++p) {
      if (known[0]) ASSERT_EQ(dut.pe_moving_row_o[p], row[0][p]) << "cycle " << cycle << " seed " << seed;
      if (known[1]) ASSERT_EQ(dut.pe_weight_lo_o[p], row[1][p]) << "cycle " << cycle << " seed " << seed;
      if (known[2]) ASSERT_EQ(dut.pe_weight_hi_o[p], row[2][p]) << "cycle " << cycle << " seed " << seed;
      if (known[3]) ASSERT_EQ(dut.act_sbuf_row_o[p], row[3][p]) << "cycle " << cycle << " seed " << seed;
      if (known[4]) ASSERT_EQ(dut.dve_sbuf_row_o[p], row[4][p]) << "cycle " << cycle << " seed " << seed;
    }
    if (known[5]) ASSERT_EQ(dut.read_sbuf_beat_rd_data_o, beat[0]) << "cycle " << cycle << " seed " << seed;
    if (known[6]) ASSERT_EQ(dut.write_sbuf_beat_rd_data_o, beat[1]) << "cycle " << cycle << " seed " << seed;
  }
  dut.final();
}

}  // namespace
