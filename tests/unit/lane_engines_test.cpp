// SPDX-License-Identifier: Apache-2.0
// Vector and scalar engine with SBUF: random programs against a byte-level model written from the contract, exact
// cycle counts, refused instructions, idleness, checksums, and both engines running side by side.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "Vtsr_lane_bench.h"
#include "lane_model.hpp"
#include "sim/verilated_context.hpp"

namespace {

using namespace lane_test;

// --- Bench ------------------------------------------------------------------------------------

class Lanes : public ::testing::Test {
 protected:
  std::unique_ptr<VerilatedContext> context = std::make_unique<tessera::sim::OneThreadContext>();
  std::unique_ptr<Vtsr_lane_bench> dut;
  Memory model;
  std::mt19937_64 rng{seed()};
  std::uint64_t now = 0;

  void SetUp() override {
    context->randReset(2);
    context->randSeed(static_cast<int>(seed() & 0x7fffffff) + 1);
    dut = std::make_unique<Vtsr_lane_bench>(context.get());
    dut->issue_valid_i = 0;
    dut->rd_en_i = dut->wr_en_i = dut->rmw_i = 0;
    dut->rst_ni = 0;
    step();
    step();
    dut->rst_ni = 1;
    step();
    for (const unsigned space : {kSbuf, kPsum})
      for (unsigned part = 0; part < kP; ++part)
        for (std::uint32_t w = 0; w < Memory::size(space) / 4; ++w) write_word(space, part, w, word());
  }
  void TearDown() override { dut->final(); }

  void step() {
    dut->clk_i = 0;
    dut->eval();
    dut->clk_i = 1;
    dut->eval();
    ++now;
  }
  std::uint32_t bits() { return static_cast<std::uint32_t>(rng()); }
  int range(int lo, int hi) { return lo + static_cast<int>(rng() % static_cast<unsigned>(hi - lo + 1)); }
  // Words that exercise the arithmetic in either type: moderate numbers, ties, raw bits.
  std::uint32_t word() {
    std::uint32_t v = bits();
    const unsigned kind = static_cast<unsigned>(rng() % 8);
    if (kind < 4) v = (v & 0x80ff80ffu) | 0x3f003f00u;
    if (kind == 4) v = (v & 0xffff0000u) | 0x8000u;
    if (kind == 5) v = (v & 0x807fffffu) | 0x00000000u;
    return v;
  }
  void write_word(unsigned space, unsigned part, std::uint32_t w, std::uint32_t data) {
    dut->psum_i = space == kPsum;
    dut->part_i = part;
    dut->word_i = w;
    dut->wr_data_i = data;
    dut->wr_strb_i = 0xf;
    dut->wr_en_i = 1;
    step();
    dut->wr_en_i = 0;
    std::memcpy(model.at(space, part, w * 4), &data, 4);
  }
  void compare(const char* when) {
    unsigned bad = 0;
    for (const unsigned space : {kSbuf, kPsum}) {
      for (unsigned part = 0; part < kP; ++part) {
        for (std::uint32_t w = 0; w < Memory::size(space) / 4; ++w) {
          dut->psum_i = space == kPsum;
          dut->rmw_i = w & 1u;
          dut->part_i = part;
          dut->word_i = w;
          dut->rd_en_i = 1;
          step();
          dut->rd_en_i = 0;
          std::uint32_t want;
          std::memcpy(&want, model.at(space, part, w * 4), 4);
          if (dut->rd_data_o != want && ++bad <= 5) {
            ADD_FAILURE() << when << ": space " << space << " partition " << part << " word " << w << " is " << std::hex
                          << dut->rd_data_o << ", expected " << want << std::dec << ", seed " << seed();
          }
        }
      }
    }
    ASSERT_EQ(bad, 0u);
  }

  struct Done {
    std::uint32_t checksum = 0;
    unsigned err = 0;
    unsigned cycles = 0;
  };
  void issue(unsigned engine, const Instr& i) {
    const auto image = i.pack();
    for (unsigned k = 0; k < 32; ++k) (engine == 0 ? dut->dve_instr_i : dut->act_instr_i)[k] = image[k];
    dut->issue_valid_i = static_cast<std::uint8_t>(dut->issue_valid_i | (1u << engine));
  }
  Done run(unsigned engine, const Instr& i) {
    for (int idle = range(0, 3); idle > 0; --idle) idle_step();
    issue(engine, i);
    dut->eval();
    EXPECT_EQ((dut->issue_ready_o >> engine) & 1u, 1u);
    EXPECT_EQ((dut->quiet_o >> engine) & 1u, 0u) << "quiet while an instruction is offered";
    step();
    dut->issue_valid_i = 0;
    for (unsigned k = 0; k < 32; ++k) (engine == 0 ? dut->dve_instr_i : dut->act_instr_i)[k] = bits();
    Done d;
    d.cycles = 1;
    dut->eval();
    while (((dut->done_valid_o >> engine) & 1u) == 0) {
      EXPECT_EQ((dut->quiet_o >> engine) & 1u, 0u) << "quiet while working";
      step();
      if (++d.cycles > 100000) {
        ADD_FAILURE() << "no completion, seed " << seed();
        return d;
      }
    }
    d.checksum = engine == 0 ? dut->dve_checksum_o : dut->act_checksum_o;
    d.err = engine == 0 ? dut->dve_err_o : dut->act_err_o;
    step();
    EXPECT_EQ(dut->done_valid_o, 0u) << "done longer than one cycle";
    EXPECT_EQ(dut->quiet_o, 3u) << "not quiet after work";
    return d;
  }
  void idle_step() {
    const auto a = dut->dve_checksum_o, b = dut->act_checksum_o;
    const auto ready = dut->issue_ready_o, quiet = dut->quiet_o;
    EXPECT_EQ(quiet, 3u);
    step();
    EXPECT_EQ(a, dut->dve_checksum_o);
    EXPECT_EQ(b, dut->act_checksum_o);
    EXPECT_EQ(ready, dut->issue_ready_o);
    EXPECT_EQ(quiet, dut->quiet_o);
    EXPECT_EQ(dut->writes_o, 0u);
  }

  // --- Random operands ------------------------------------------------------------------------
  std::array<std::uint32_t, 4> split(std::uint32_t n) {
    std::array<std::uint32_t, 4> d{1, 1, 1, 1};
    for (std::uint32_t p = 2; n > 1;) {
      if (n % p != 0) {
        ++p;
        continue;
      }
      d[rng() % 4] *= p;
      n /= p;
    }
    return d;
  }
  unsigned legal_start(unsigned nparts) {
    if (nparts > kP / 2) return 0;
    if (nparts > kP / 4) return static_cast<unsigned>(rng() % 2) * (kP / 2);
    return static_cast<unsigned>(rng() % 4) * (kP / 4);
  }
  /// `half`: -1 whole memory, 0 or 1 only that half of each partition.
  Operand operand(unsigned nparts, std::array<std::uint32_t, 4> d, int half) {
    for (;;) {
      Operand o;
      o.space = (rng() & 1u) != 0 ? kSbuf : kPsum;
      o.dtype = (rng() & 1u) != 0 ? kFp32 : kBf16;
      o.start_part = legal_start(nparts);
      const auto st = [&] {
        switch (rng() % 4) {
          case 0:
            return range(-40, 40);
          case 1:
            return 0;
          default:
            return range(-3, 3);
        }
      };
      const bool dense = rng() % 3 == 0;
      const std::array<int, 4> s = dense ? std::array<int, 4>{1, static_cast<int>(d[0]), static_cast<int>(d[0] * d[1]),
                                                              static_cast<int>(d[0] * d[1] * d[2])}
                                         : std::array<int, 4>{st(), st(), st(), st()};
      o.step0 = static_cast<std::uint16_t>(s[0]), o.step1 = static_cast<std::uint16_t>(s[1]);
      o.step2 = static_cast<std::uint16_t>(s[2]), o.step3 = static_cast<std::uint16_t>(s[3]);
      const auto num = [&](std::uint32_t n) { return n == 1 && rng() % 2 == 0 ? 0u : n; };
      o.num0 = num(d[0]), o.num1 = num(d[1]), o.num2 = num(d[2]), o.num3 = num(d[3]);
      const int bytes = o.dtype == kFp32 ? 4 : 2;
      auto at = walk(o);
      const auto [lo, hi] = std::minmax_element(at.begin(), at.end());
      const int size = static_cast<int>(Memory::size(o.space)) / (half < 0 ? 1 : 2);
      const int base = half == 1 ? size : 0;
      const int room = size - bytes - static_cast<int>(*hi - *lo);
      if (room < 0) continue;
      o.offset = static_cast<std::uint32_t>(base - static_cast<int>(*lo) + range(0, room / bytes) * bytes);
      return o;
    }
  }
  static bool disjoint(const Operand& a, const Operand& b) {
    if (a.space != b.space) return true;
    const auto x = walk(a), y = walk(b);
    const auto [xl, xh] = std::minmax_element(x.begin(), x.end());
    const auto [yl, yh] = std::minmax_element(y.begin(), y.end());
    return *xh + 4 <= *yl || *yh + 4 <= *xl;
  }
  static bool distinct(const Operand& o) {
    const auto at = walk(o);
    return std::set<std::int64_t>(at.begin(), at.end()).size() == at.size();
  }
  Instr random_instr(unsigned engine, int half) {
    for (;;) {
      Instr i;
      static constexpr std::array<unsigned, 5> kDve{kCopy, kMemset, kTt, kTs, kReduce};
      i.opcode = engine == 1 ? kActivate : kDve[rng() % 5];
      i.nparts = static_cast<std::uint32_t>(range(1, static_cast<int>(kP)));
      i.flags = engine == 1 ? bits() & 1u : 0;
      i.alu0 = static_cast<std::uint32_t>(rng() % 5), i.alu1 = static_cast<std::uint32_t>(rng() % 5);
      i.scalar_en = static_cast<std::uint32_t>(rng() % 4);
      i.imm0 = word(), i.imm1 = word(), i.tag = bits() & 0xffffu;
      const auto n = static_cast<std::uint32_t>(rng() % 8 == 0 ? range(64, 300) : range(1, 40));
      auto d0 = split(n);
      i.src0 = operand(i.nparts, d0, half);
      const auto count = i.opcode == kReduce ? n / d0[0] : n;
      i.dst = operand(i.nparts, split(count), half);
      i.src1 = i.opcode == kTt ? operand(i.nparts, split(n), half) : operand(i.nparts, {1, 1, 1, 1}, half);
      if (i.opcode != kTt) {
        i.src1.dtype = kFp32;
        i.src1.offset &= ~3u;
      }
      if (i.opcode == kTt && i.src0.space == kPsum && i.src1.space == kPsum) continue;
      if (rng() % 6 == 0 && i.opcode != kReduce) {  // in place
        i.dst = i.src0;
        if (!distinct(i.dst)) continue;
      } else if (i.opcode != kMemset && !disjoint(i.dst, i.src0)) {
        continue;
      }
      if (i.opcode == kTt && !disjoint(i.dst, i.src1)) continue;
      return i;
    }
  }
};

TEST_F(Lanes, RandomInstructions) {
  RecordProperty("seed", static_cast<int>(seed()));
  for (int k = 0; k < 3000; ++k) {
    const auto engine = static_cast<unsigned>(rng() & 1u);
    const Instr i = random_instr(engine, -1);
    const Outcome want = execute(model, i);
    const Done got = run(engine, i);
    ASSERT_EQ(got.err, 0u) << "instruction " << k << " opcode " << i.opcode << " seed " << seed();
    if (got.checksum != want.checksum) compare("wrong checksum");
    ASSERT_EQ(got.checksum, want.checksum) << "instruction " << k << ": " << describe(i) << ", seed " << seed();
    ASSERT_EQ(got.cycles, want.reads + 8) << "instruction " << k << " opcode " << i.opcode;
    if (k % 100 == 99) compare("random");
    if (HasFatalFailure()) return;
  }
}

TEST_F(Lanes, EnginesSideBySide) {
  std::array<std::optional<std::uint32_t>, 2> expected;
  std::array<int, 2> left{400, 400};
  while (left[0] + left[1] > 0 || expected[0] || expected[1]) {
    for (unsigned e = 0; e < 2; ++e) {
      if (!expected[e] && left[e] > 0 && rng() % 4 == 0) {
        const Instr i = random_instr(e, static_cast<int>(e));
        expected[e] = execute(model, i).checksum;
        issue(e, i);
        --left[e];
      }
    }
    dut->eval();
    const auto taken = dut->issue_valid_i & dut->issue_ready_o;
    step();
    dut->issue_valid_i = static_cast<std::uint8_t>(dut->issue_valid_i & ~taken);
    for (unsigned e = 0; e < 2; ++e) {
      if (((dut->done_valid_o >> e) & 1u) == 0) continue;
      ASSERT_TRUE(expected[e].has_value());
      ASSERT_EQ(e == 0 ? dut->dve_checksum_o : dut->act_checksum_o, *expected[e]) << "seed " << seed();
      expected[e].reset();
    }
    ASSERT_LT(now, 2000000u) << "no progress";
  }
  step();
  EXPECT_EQ(dut->quiet_o, 3u);
  compare("side by side");
}

TEST_F(Lanes, RefusedInstructionsWriteNothing) {
  for (int k = 0; k < 600; ++k) {
    const auto engine = static_cast<unsigned>(rng() & 1u);
    Instr i = random_instr(engine, -1);
    const bool has_src0 = i.opcode != kMemset;
    const bool has_src1 = i.opcode == kTt || ((i.opcode == kTs || i.opcode == kActivate) && (i.scalar_en & 1u) == 0);
    Operand* o = &i.dst;
    if (has_src1 && rng() % 3 == 0)
      o = &i.src1;
    else if (has_src0 && (rng() & 1u) != 0)
      o = &i.src0;
    unsigned want = 0;
    switch (k % 9) {
      case 0:
        o->space = (rng() & 1u) != 0 ? 0 : 3, want = kErrSpace;
        break;
      case 1:
        o->dtype = static_cast<std::uint32_t>(range(2, 15)), want = kErrDtype;
        break;
      case 2:
        o->start_part = static_cast<std::uint32_t>(range(1, 255));
        if (kP > 4 && i.nparts <= kP / 4 && o->start_part % (kP / 4) == 0) o->start_part |= 1;
        if (o->start_part + i.nparts <= kP &&
            (i.nparts > kP / 2 || (i.nparts > kP / 4 && o->start_part % (kP / 2) != 0) ||
             o->start_part % (kP / 4) != 0))
          want = kErrPartition;
        else
          o->start_part = kP, want = kErrPartition;
        break;
      case 3:
        i.nparts = (rng() & 1u) != 0 ? 0 : kP + 1, want = kErrPartition;
        break;
      case 4:
        o->offset = Memory::size(o->space) + (bits() & 0x7ffffffcu), want = kErrAddress;
        break;
      case 5:
        o->offset |= 1, want = kErrAddress;
        break;
      case 6:
        if (i.opcode == kCopy || i.opcode == kMemset) continue;
        if (i.opcode == kActivate)
          i.flags = static_cast<std::uint32_t>(range(2, 15));
        else
          i.alu0 = static_cast<std::uint32_t>(range(5, 15));
        want = kErrField;
        break;
      case 7: {
        static constexpr std::array<unsigned, 8> kWrong{0, 6, 16, 17, 33, 53, 128, 255};
        i.opcode = kWrong[rng() % 8], want = kErrOpcode;
        break;
      }
      default:
        if (!has_src0) continue;
        i.src0.step3 = 0, i.src0.num3 = dim(i.src0.num3) + 1;
        want = kErrShape;
    }
    const Done got = run(engine, i);
    ASSERT_EQ(got.err, want) << "case " << k % 9 << " opcode " << i.opcode << " seed " << seed();
    ASSERT_EQ(got.checksum, 0u);
    ASSERT_EQ(got.cycles, 3u);
  }
  Instr i = random_instr(0, -1);
  i.opcode = kTt;
  i.nparts = 1;
  i.src0.space = i.src1.space = kPsum;
  i.dst = i.src1 = i.src0;
  EXPECT_EQ(run(0, i).err, kErrSpace);
  compare("refused");
  const Instr good = random_instr(0, -1);  // the engine itself goes on
  const Outcome want = execute(model, good);
  EXPECT_EQ(run(0, good).checksum, want.checksum);
  compare("after refusal");
}

TEST_F(Lanes, CopyKeepsBitsAndCastsRoundToEven) {
  static constexpr std::array<std::uint32_t, 8> kWords{0x7f800001u, 0xffc12345u, 0x3f808000u, 0x3f818000u,
                                                       0x7f7fffffu, 0x80000001u, 0x00018000u, 0xbf807fffu};
  for (std::uint32_t w = 0; w < 8; ++w)
    for (unsigned part = 0; part < kP; ++part) write_word(kSbuf, part, w, kWords[w]);
  Instr i;
  i.opcode = kCopy, i.nparts = kP;
  i.src0.space = kSbuf, i.src0.num0 = 8, i.src0.step0 = 1;
  i.dst.space = kPsum, i.dst.num0 = 8, i.dst.step0 = 1, i.dst.offset = 64;
  for (const unsigned type : {kFp32, kBf16}) {
    i.dst.dtype = type;
    const Outcome want = execute(model, i);
    EXPECT_EQ(run(0, i).checksum, want.checksum);
    i.dst.offset += 64;
  }
  i.src0.dtype = kBf16;
  for (const unsigned type : {kFp32, kBf16}) {
    i.dst.dtype = type;
    const Outcome want = execute(model, i);
    EXPECT_EQ(run(0, i).checksum, want.checksum);
    i.dst.offset += 64;
  }
  compare("copies");
}

TEST_F(Lanes, ReductionOfOneElementCastsAndMakesNanCanonical) {
  static constexpr std::array<std::uint32_t, 4> kWords{0x7f800001u, 0xffc12345u, 0x3f808000u, 0x80000001u};
  for (std::uint32_t w = 0; w < 4; ++w)
    for (unsigned part = 0; part < kP; ++part) write_word(kSbuf, part, w, kWords[w]);
  Instr i;
  i.opcode = kReduce, i.nparts = kP;
  i.src0.space = kSbuf, i.src0.num0 = 1, i.src0.num1 = 4, i.src0.step1 = 1;
  i.dst.space = kPsum, i.dst.num0 = 4, i.dst.step0 = 1, i.dst.offset = 64;
  for (const unsigned from : {kFp32, kBf16}) {
    for (const unsigned to : {kFp32, kBf16}) {
      i.src0.dtype = from, i.dst.dtype = to;
      const Outcome want = execute(model, i);
      EXPECT_EQ(run(0, i).checksum, want.checksum) << from << " to " << to;
      i.dst.offset += 64;
    }
  }
  compare("reductions");
}

}  // namespace
