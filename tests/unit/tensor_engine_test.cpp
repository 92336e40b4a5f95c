// SPDX-License-Identifier: Apache-2.0
// Tensor engine with SBUF and PSUM: random LDWEIGHTS/MATMUL programs against the golden model (words, checksums,
// codes), exact cycle counts, weight switches at every distance, refused instructions, idleness, reset in mid-job.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vtsr_tensor_bench.h"
#include "Vtsr_tensor_bench___024root.h"
#include "golden/access.hpp"
#include "golden/ops/ops.hpp"
#include "sim/verilated_context.hpp"
#include "tests/seed.hpp"
#include "tsr_cfg.hpp"
#include "tsr_isa.hpp"

namespace {

namespace golden = tessera::golden;
namespace isa = tessera::isa;
using isa::Err;
using isa::Instr;
using isa::Operand;

constexpr auto kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kP = kCfg.partitions;
constexpr unsigned kSbuf = 1, kPsum = 2, kFp32 = 0, kBf16 = 1, kLoad = 16, kMatmul = 17;

using tessera::test::seed;

struct Done {
  unsigned err;
  std::uint32_t checksum;
  std::string text;
};

std::string describe(const Instr& i) {
  const auto operand = [](const Operand& o) {
    return " part " + std::to_string(o.start_part) + " offset " + std::to_string(o.offset) + " n " +
           std::to_string(golden::ap_count(o)) + " step0 " + std::to_string(static_cast<std::int16_t>(o.step0));
  };
  return (i.opcode == kLoad ? "LDWEIGHTS rows " : "MATMUL rows ") + std::to_string(i.nparts) + " imm0 " +
         std::to_string(i.imm0) + " flags " + std::to_string(i.flags) + " src" + operand(i.src0) + " dst" +
         operand(i.dst);
}

class Tensor : public ::testing::Test {
 protected:
  std::unique_ptr<VerilatedContext> context = std::make_unique<tessera::sim::OneThreadContext>();
  std::unique_ptr<Vtsr_tensor_bench> dut;
  golden::Tile model{kCfg, 0, 0};
  std::mt19937_64 rng{seed()};
  std::deque<Done> expected;
  std::uint64_t now = 0, last_done = 0;
  unsigned moving = 0, gaps = 0;  // cycles with a moving row; cycles without one between them
  unsigned gap = 0;
  bool poisoned = false;
  unsigned poison = 0;

  void SetUp() override {
    context->randReset(2);
    context->randSeed(static_cast<int>(seed() & 0x7fffffff) + 1);
    dut = std::make_unique<Vtsr_tensor_bench>(context.get());
    dut->issue_valid_i = dut->rd_en_i = dut->wr_en_i = 0;
    reset();
    for (unsigned part = 0; part < kP; ++part) {
      for (std::uint32_t w = 0; w < kCfg.sbuf_bytes_per_partition / 4; ++w) {
        write_word(kSbuf, part, w, bf16(w) | (bf16(w) << 16));
      }
      for (std::uint32_t w = 0; w < kCfg.psum_bytes_per_partition() / 4; ++w) {
        write_word(kPsum, part, w, rng() % 16 == 0 ? bits() : (bits() & 0x83ffffffu) | 0x3c000000u);
      }
    }
  }
  void TearDown() override { dut->final(); }

  std::uint32_t bits() { return static_cast<std::uint32_t>(rng()); }
  unsigned range(unsigned lo, unsigned hi) { return lo + static_cast<unsigned>(rng() % (hi - lo + 1)); }
  // Moderate numbers in most of a partition; any code (NaN, Inf, subnormals, zeros) in its last quarter.
  std::uint32_t bf16(std::uint32_t w) {
    if (w >= kCfg.sbuf_bytes_per_partition / 16 * 3) {
      static constexpr std::array<std::uint32_t, 8> kSpecial{0x0000, 0x8000, 0x0001, 0x807f,
                                                             0x0080, 0x7f7f, 0x7f80, 0x7fc1};
      if (rng() % 32 == 0) return kSpecial[rng() % 8];
      if (rng() % 4 == 0) return bits() & 0x83ffu;  // tiny
    }
    return (bits() & 0x83ffu) | 0x3c00u;
  }
  void reset() {
    dut->rst_ni = 0;
    step();
    step();
    dut->rst_ni = 1;
    dut->eval();
  }
  // One clock period; checks completions and counts moving rows.
  void step() {
    dut->clk_i = 0;
    dut->eval();
    if (dut->rst_ni != 0) observe();
    dut->clk_i = 1;
    dut->eval();
    ++now;
  }
  void observe() {
    if (dut->moving_o != 0) {
      if (moving != 0) gaps += gap;
      ++moving, gap = 0;
    } else {
      ++gap;
    }
    if (!expected.empty()) {
      EXPECT_EQ(dut->quiet_o, 0u) << "quiet while working, seed " << seed();
    }
    if (dut->done_valid_o == 0) return;
    if (expected.empty()) {
      ADD_FAILURE() << "done without an instruction, seed " << seed();
      return;
    }
    const Done& d = expected.front();
    EXPECT_EQ(dut->done_err_o, d.err) << d.text << ", seed " << seed();
    EXPECT_EQ(dut->done_checksum_o, d.checksum) << d.text << ", seed " << seed();
    expected.pop_front();
    last_done = now;
    if (expected.empty()) poisoned = false;
  }
  void write_word(unsigned space, unsigned part, std::uint32_t w, std::uint32_t data) {
    dut->psum_i = space == kPsum, dut->part_i = part, dut->word_i = w, dut->wr_data_i = data, dut->wr_en_i = 1;
    step();
    dut->wr_en_i = 0;
    std::memcpy(model.memory(space).row(part) + w * 4, &data, 4);
  }
  std::uint32_t read_word(unsigned space, unsigned part, std::uint32_t w) {
    dut->psum_i = space == kPsum, dut->part_i = part, dut->word_i = w, dut->rd_en_i = 1;
    step();
    dut->rd_en_i = 0;
    return dut->rd_data_o;
  }
  void compare(const char* when) {
    unsigned bad = 0;
    for (unsigned part = 0; part < kP; ++part) {
      for (std::uint32_t w = 0; w < kCfg.psum_bytes_per_partition() / 4; ++w) {
        std::uint32_t want;
        std::memcpy(&want, model.psum.row(part) + w * 4, 4);
        const std::uint32_t got = read_word(kPsum, part, w);
        if (got != want && ++bad <= 5) {
          ADD_FAILURE() << when << ": partition " << part << " word " << w << " is " << std::hex << got << ", expected "
                        << want << std::dec << ", seed " << seed();
        }
      }
    }
    ASSERT_EQ(bad, 0u);
  }
  void offer(const Instr& i) {
    const auto image = i.pack();
    for (unsigned k = 0; k < 32; ++k) dut->issue_instr_i[k] = image[k];
    dut->issue_valid_i = 1;
  }
  // Issues one instruction as soon as it is taken, and lets the model execute it.
  void issue(const Instr& i) {
    offer(i);
    dut->eval();
    for (int k = 0; dut->issue_ready_o == 0; ++k) {
      ASSERT_LT(k, 100000) << "never ready, seed " << seed();
      step();
    }
    EXPECT_EQ(dut->quiet_o, 0u) << "quiet while an instruction is offered";
    golden::OpResult r;
    if (poisoned)
      r.err = static_cast<Err>(poison);
    else if (i.opcode == kLoad)
      r = golden::ldweights(model, i);
    else if (i.opcode == kMatmul)
      r = golden::matmul(model, i);
    else
      r.err = Err::kOpcode;
    // The completion of the last instruction in the cycle of acceptance does not end the refusal.
    const bool was_poisoned = poisoned;
    step();
    expected.push_back({static_cast<unsigned>(r.err), r.err == Err::kOk ? r.checksum : 0, describe(i)});
    if (r.err != Err::kOk) poison = static_cast<unsigned>(r.err);
    poisoned = was_poisoned || r.err != Err::kOk;
    dut->issue_valid_i = 0;
    for (unsigned k = 0; k < 32; ++k) dut->issue_instr_i[k] = bits();
    dut->eval();
  }
  void drain() {
    for (int k = 0; !expected.empty(); ++k) {
      ASSERT_LT(k, 100000) << "no completion, seed " << seed();
      step();
    }
    EXPECT_EQ(dut->quiet_o, 1u) << "not quiet after work, seed " << seed();
  }
  // A quiet cycle with idle inputs changes no bit of the model.
  void idle_step() {
    ASSERT_EQ(dut->quiet_o, 1u);
    ASSERT_EQ(dut->mem_quiet_o, 3u);
    const auto& root = *dut->rootp;
    std::vector<unsigned char> before(sizeof root);
    std::memcpy(before.data(), static_cast<const void*>(&root), sizeof root);
    step();
    EXPECT_EQ(std::memcmp(before.data(), static_cast<const void*>(&root), sizeof root), 0)
        << "a register changed in a quiet cycle";
  }

  // --- Random operands ------------------------------------------------------------------------
  unsigned legal_start(unsigned nparts) {
    if (nparts > kP / 2) return 0;
    if (nparts > kP / 4) return range(0, 1) * (kP / 2);
    return range(0, 3) * (kP / 4);
  }
  Operand operand(unsigned space, unsigned start, std::uint32_t n) {
    std::array<std::uint32_t, 4> d{1, 1, 1, 1};
    for (std::uint32_t p = 2, m = n; m > 1;) {
      if (m % p != 0)
        ++p;
      else
        d[rng() % 3 == 0 ? rng() % 4 : 0] *= p, m /= p;
    }
    for (;;) {
      Operand o;
      o.space = space, o.dtype = space == kSbuf ? kBf16 : kFp32, o.start_part = start;
      const auto st = [&] {
        return rng() % 4 == 0 ? static_cast<int>(range(0, 80)) - 40 : static_cast<int>(range(0, 4)) - 2;
      };
      const bool dense = rng() % 2 == 0;
      std::array<int, 4> s{st(), st(), st(), st()};
      if (dense)
        s = {1, static_cast<int>(d[0]), static_cast<int>(d[0] * d[1]), static_cast<int>(d[0] * d[1] * d[2])};
      else if (rng() % 2 == 0)
        s[0] = 1;
      o.step0 = static_cast<std::uint16_t>(s[0]), o.step1 = static_cast<std::uint16_t>(s[1]);
      o.step2 = static_cast<std::uint16_t>(s[2]), o.step3 = static_cast<std::uint16_t>(s[3]);
      const auto num = [&](std::uint32_t k) { return k == 1 && rng() % 2 == 0 ? 0u : k; };
      o.num0 = num(d[0]), o.num1 = num(d[1]), o.num2 = num(d[2]), o.num3 = num(d[3]);
      const int bytes = space == kSbuf ? 2 : 4;
      const int size =
          static_cast<int>(space == kSbuf ? kCfg.sbuf_bytes_per_partition : kCfg.psum_bytes_per_partition());
      const int lo = static_cast<int>(golden::ap_reach(o, false)) * bytes;
      const int hi = static_cast<int>(golden::ap_reach(o, true)) * bytes + bytes;
      const int room = size - (hi - lo);
      if (room < 0) continue;
      o.offset = static_cast<std::uint32_t>(-lo) +
                 range(0, static_cast<unsigned>(room / bytes)) * static_cast<unsigned>(bytes);
      return o;
    }
  }
  Operand row(unsigned space, unsigned offset, std::uint32_t n) {
    Operand o;
    o.space = space, o.dtype = space == kSbuf ? kBf16 : kFp32, o.offset = offset, o.step0 = 1, o.num0 = n;
    return o;
  }
  Instr random_load() {
    Instr i;
    i.opcode = kLoad;
    i.nparts = rng() % 2 == 0 ? kP : range(1, kP);
    const unsigned cols = rng() % 2 == 0 ? kP : range(1, kP);
    i.imm0 = legal_start(cols) | (bits() & 0xffffff00u);
    i.src0 = operand(kSbuf, legal_start(i.nparts), cols);
    return i;
  }
  // Fits the weights that the model holds.
  Instr random_matmul(std::uint32_t n) {
    const auto& w = model.weights;
    Instr i;
    i.opcode = kMatmul;
    i.nparts = w.rows;
    i.flags = bits() & 0xffu;
    i.imm0 = w.columns | (bits() & 0xffffff00u);
    i.src0 = operand(kSbuf, w.first_row, n);
    i.dst = operand(kPsum, w.first_column, n);
    return i;
  }
  std::uint32_t random_n() {
    switch (rng() % 8) {
      case 0:
        return range(100, 512);
      case 1:
        return 1;
      case 2:
        return range(kP, 3 * kP);
      default:
        return range(1, 2 * kP);
    }
  }
};

TEST_F(Tensor, RandomPrograms) {
  RecordProperty("seed", static_cast<int>(seed()));
  for (int program = 0; program < 120; ++program) {
    issue(random_load());
    const int mix = static_cast<int>(rng() % 3);  // how often the issue pauses
    for (int k = 0; k < 30; ++k) {
      if (rng() % 3 == 0)
        issue(random_load());
      else
        issue(random_matmul(random_n()));
      if (mix != 0 && rng() % (mix == 1 ? 8 : 2) == 0) {
        for (unsigned wait = range(0, 6 * kP); wait > 0; --wait) step();
      }
      if (HasFailure()) return;
    }
    drain();
    for (unsigned k = range(0, 3); k > 0; --k) idle_step();
    if (program % 10 == 9) compare("random");
    if (HasFailure()) return;
  }
}

// Every length of matmul from 1 to 3P with new weights in each: the wavefront of the one before still runs.
TEST_F(Tensor, SwitchAtEveryDistance) {
  for (std::uint32_t n = 1; n <= 3 * kP; ++n) {
    for (unsigned k = 0; k < 6; ++k) {
      Instr load;
      load.opcode = kLoad, load.nparts = kP, load.src0 = row(kSbuf, 2 * range(0, 400), kP);
      issue(load);
      issue(random_matmul(n));
    }
    drain();
    if (HasFailure()) return;
  }
  compare("switches");
}

TEST_F(Tensor, BackToBackWithoutGaps) {
  constexpr unsigned kMatmuls = 12;
  Instr load, mm;
  load.opcode = kLoad, load.nparts = kP, load.src0 = row(kSbuf, 0, kP);
  mm.opcode = kMatmul, mm.nparts = kP, mm.imm0 = kP, mm.src0 = row(kSbuf, 1024, 512), mm.dst = row(kPsum, 0, 512);
  moving = gaps = gap = 0;
  const std::uint64_t begin = now;
  for (unsigned m = 0; m < kMatmuls; ++m) {
    load.src0.offset = m * 2 * kP;
    issue(load);
    mm.flags = m > 1, mm.dst.offset = (m % 2) * kCfg.psum_bank_bytes;
    issue(mm);
  }
  drain();
  EXPECT_EQ(moving, 512 * kMatmuls);
  EXPECT_EQ(gaps, 0u) << "cycles lost between matmuls of 512 columns";
  // The first matmul starts 3 cycles after its issue in cycle 3, or when its weights stand; done is 2P + 3 after the
  // last read.
  EXPECT_EQ(last_done - begin, std::max(6u, 3 + kP / 4) + 512 * kMatmuls + 2 * kP + 4);
  // Matmuls with the same weights follow each other at any length that issue can sustain.
  moving = gaps = gap = 0;
  mm.src0.num0 = mm.dst.num0 = 4;
  for (unsigned m = 0; m < 40; ++m) issue(mm);
  drain();
  EXPECT_EQ(moving, 160u);
  EXPECT_EQ(gaps, 0u);
  compare("back to back");
}

TEST_F(Tensor, LatencyOfOneInstruction) {
  for (const std::uint32_t n : {1u, 7u, 64u, 512u}) {
    for (const unsigned misalign : {0u, 2u}) {
      Instr load, mm;
      load.opcode = kLoad, load.nparts = kP, load.src0 = row(kSbuf, misalign, kP);
      std::uint64_t begin = now;
      issue(load);
      drain();
      EXPECT_EQ(last_done - begin, 3 + (kP + misalign / 2 + 3) / 4) << "LDWEIGHTS";
      mm.opcode = kMatmul, mm.nparts = kP, mm.imm0 = kP, mm.src0 = row(kSbuf, 512, n), mm.dst = row(kPsum, 0, n);
      begin = now;
      issue(mm);
      drain();
      EXPECT_EQ(last_done - begin, 4 + n + 2 * kP + 3) << "MATMUL of " << n;
      idle_step();
    }
  }
  Instr load;
  load.opcode = kLoad, load.nparts = kP, load.src0 = row(kSbuf, 0, kP), load.src0.step0 = 2;
  const std::uint64_t begin = now;
  issue(load);
  drain();
  EXPECT_EQ(last_done - begin, 3 + kP) << "LDWEIGHTS with a stride";
}

TEST_F(Tensor, RefusedInstructionsWriteNothing) {
  for (int k = 0; k < 700; ++k) {
    issue(random_load());
    if (rng() % 2 == 0) issue(random_matmul(random_n()));
    Instr i = rng() % 3 == 0 ? random_load() : random_matmul(random_n());
    const bool mm = i.opcode == kMatmul;
    Operand& o = mm && rng() % 2 == 0 ? i.dst : i.src0;
    switch (k % 12) {
      case 0:
        o.space = (o.space + range(1, 3)) & 3u;
        break;
      case 1:
        o.dtype = (o.dtype + range(1, 15)) & 15u;
        break;
      case 2:
        o.start_part = range(0, 255);
        break;
      case 3:
        i.nparts = range(0, 255);
        break;
      case 4:
        o.offset += bits() & ~3u;
        break;
      case 5:
        o.offset ^= mm ? range(1, 3) : 1;
        break;
      case 6:
        i.imm0 = range(0, 255);
        break;
      case 7:
        o.num0 = bits() & 0xffffu;
        break;
      case 8:
        o.num3 = range(1, 600), o.step3 = 0;
        break;
      case 9:
        i.opcode = range(0, 255);
        break;
      case 10:  // 513 columns, or more elements than any counter holds
        i.src0.num0 = rng() % 2 == 0 ? 513 : 0xffff, i.src0.num1 = rng() % 2 == 0 ? 1 : 0xffff,
        i.src0.step0 = i.src0.step1 = 0;
        i.dst.num0 = i.src0.num0, i.dst.num1 = i.src0.num1, i.dst.step0 = i.dst.step1 = 0;
        break;
      default:
        break;
    }
    issue(i);
    // Whatever follows in time is refused too, valid or not.
    for (unsigned more = range(0, 3); more > 0; --more) {
      issue(rng() % 2 == 0 ? random_load() : random_matmul(random_n()));
    }
    drain();
    if (k % 4 == 0) idle_step();
    if (HasFailure()) return;
  }
  compare("refused");
  // Nothing is loaded after a reset: a matmul that would fit is refused; the engine goes on with new weights.
  issue(random_load());
  const Instr mm = random_matmul(5);
  issue(mm);
  drain();
  reset();
  model.weights.rows = 0;
  issue(mm);
  EXPECT_EQ(expected.back().err, static_cast<unsigned>(Err::kShape));
  drain();
  issue(random_load());
  issue(random_matmul(20));
  drain();
  compare("after reset");
}

TEST_F(Tensor, ResetInMidJob) {
  for (int k = 0; k < 40; ++k) {
    issue(random_load());
    const std::uint32_t n = random_n();
    issue(random_matmul(n));
    for (unsigned wait = range(0, n + 3 * kP); wait > 0; --wait) step();
    expected.clear();
    poisoned = false;
    reset();
    EXPECT_EQ(dut->quiet_o, 1u);
    idle_step();
    for (unsigned wait = 3 * kP; wait > 0; --wait) {
      step();
      EXPECT_EQ(dut->done_valid_o, 0u);
      EXPECT_EQ(dut->writing_o, 0u);
    }
    // The interrupted matmul may have written some words.
    for (unsigned part = 0; part < kP; ++part) {
      for (std::uint32_t w = 0; w < kCfg.psum_bytes_per_partition() / 4; ++w) {
        const std::uint32_t got = read_word(kPsum, part, w);
        std::memcpy(model.psum.row(part) + w * 4, &got, 4);
      }
    }
    model.weights.rows = 0;
    issue(random_load());
    issue(random_matmul(random_n()));
    drain();
    if (HasFailure()) return;
  }
  compare("after resets");
}

}  // namespace
