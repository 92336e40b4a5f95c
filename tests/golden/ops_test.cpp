// SPDX-License-Identifier: Apache-2.0
/// Operations and their checks against naive loops written here.
#include "golden/ops/ops.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>

#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "tests/golden/programs.hpp"
#include "tests/seed.hpp"

namespace tessera::golden {
namespace {

using namespace test;
using isa::Alu;
using isa::Dtype;
using isa::Err;
using isa::Opcode;
using isa::Space;

using tessera::test::seed;

class OpsTest : public ::testing::Test {
 protected:
  OpsTest() : tile(kConfig, 0, 0), rng(seed()) { RecordProperty("seed", static_cast<int>(seed())); }
  // Random bits with many special values, so that NaN, infinities and subnormals are common.
  std::uint32_t special_bf16() {
    static constexpr std::uint32_t kSpecial[] = {0, 0x8000, 0x7f80, 0xff80, 0x7fc1, 0xff81, 1, 0x8001, 0x7f7f, 0x80};
    return rng() % 4 == 0 ? kSpecial[rng() % 10] : rng() & 0xffffU;
  }
  void fill(std::uint32_t space) {
    auto& m = tile.memory(space);
    for (std::uint32_t p = 0; p < m.partitions(); ++p) {
      for (std::uint32_t b = 0; b < m.bytes(); b += 2) store_element(m.row(p) + b, 2, special_bf16());
    }
  }
  Tile tile;
  std::mt19937 rng;
};

TEST_F(OpsTest, MatmulEqualsNaiveChain) {
  fill(1), fill(2);
  const std::uint32_t p = kConfig.partitions;
  auto load = instr(Opcode::kLdweights);
  load.nparts = p, load.imm0 = 0, load.src0 = operand(Space::kSbuf, Dtype::kBf16, 0, 64, {{1, p}});
  ASSERT_EQ(ldweights(tile, load).err, Err::kOk);
  auto mm = instr(Opcode::kMatmul);
  mm.nparts = p, mm.imm0 = p, mm.flags = 1;
  mm.src0 = operand(Space::kSbuf, Dtype::kBf16, 0, 1024, {{2, 33}});
  mm.dst = operand(Space::kPsum, Dtype::kFp32, 0, 256, {{1, 33}});
  const Tile before = copy(tile);
  const OpResult r = matmul(tile, mm);
  ASSERT_EQ(r.err, Err::kOk);
  std::uint32_t sum = 0;
  for (std::uint32_t m = 0; m < p; ++m) {
    for (std::uint32_t n = 0; n < 33; ++n) {
      float chain = 0.0F;
      for (std::uint32_t k = 0; k < p; ++k) {
        const float x = to_float(load_element(before.sbuf.row(k) + 1024 + 4 * n, 2) << 16);
        const float w = to_float(load_element(before.sbuf.row(k) + 64 + 2 * m, 2) << 16);
        chain = std::fmaf(x, w, chain);
      }
      const float old = to_float(load_element(before.psum.row(m) + 256 + 4 * n, 4));
      const std::uint32_t want = canonical(old + chain);
      const std::uint32_t got = load_element(tile.psum.row(m) + 256 + 4 * n, 4);
      ASSERT_EQ(got, want) << "m " << m << " n " << n << " seed " << seed();
      sum ^= std::rotl(want, static_cast<int>((m + 7 * n) % 32));
    }
  }
  EXPECT_EQ(r.checksum, sum);
}

TEST_F(OpsTest, MatmulRefusesOtherRowsThanLoaded) {
  auto load = instr(Opcode::kLdweights);
  load.nparts = 2, load.src0 = operand(Space::kSbuf, Dtype::kBf16, 0, 0, {{1, 2}});
  ASSERT_EQ(ldweights(tile, load).err, Err::kOk);
  auto mm = instr(Opcode::kMatmul);
  mm.nparts = 2, mm.imm0 = 2;
  mm.src0 = operand(Space::kSbuf, Dtype::kBf16, 0, 0, {{1, 4}});
  mm.dst = operand(Space::kPsum, Dtype::kFp32, 0, 0, {{1, 4}});
  EXPECT_EQ(matmul(tile, mm).err, Err::kOk);
  mm.imm0 = 1;
  EXPECT_EQ(matmul(tile, mm).err, Err::kShape);
  mm.imm0 = 2, mm.src0.num0 = 5;
  EXPECT_EQ(matmul(tile, mm).err, Err::kShape);
  mm.src0.dtype = 0;
  EXPECT_EQ(matmul(tile, mm).err, Err::kDtype);
  mm.src0.space = static_cast<std::uint32_t>(Space::kPsum);
  EXPECT_EQ(matmul(tile, mm).err, Err::kSpace);
}

TEST_F(OpsTest, TensorTensorEqualsFloatOperations) {
  fill(1);
  for (const Alu op : {Alu::kAdd, Alu::kSub, Alu::kMul, Alu::kMax, Alu::kMin}) {
    auto i = instr(Opcode::kTensorTensor);
    i.nparts = kConfig.partitions, i.alu0 = static_cast<std::uint32_t>(op);
    i.src0 = operand(Space::kSbuf, Dtype::kBf16, 0, 0, {{1, 200}});
    i.src1 = operand(Space::kSbuf, Dtype::kFp32, 0, 1024, {{1, 200}});
    i.dst = operand(Space::kSbuf, Dtype::kFp32, 0, 4096, {{1, 200}});
    ASSERT_EQ(tensor_tensor(tile, i).err, Err::kOk);
    for (std::uint32_t p = 0; p < kConfig.partitions; ++p) {
      for (std::uint32_t n = 0; n < 200; ++n) {
        const float a = to_float(load_element(tile.sbuf.row(p) + 2 * n, 2) << 16);
        const float b = to_float(load_element(tile.sbuf.row(p) + 1024 + 4 * n, 4));
        float want = 0.0F;
        switch (op) {
          case Alu::kAdd:
            want = a + b;
            break;
          case Alu::kSub:
            want = a - b;
            break;
          case Alu::kMul:
            want = a * b;
            break;
          case Alu::kMax:
            want = std::isnan(a) || std::isnan(b) ? NAN : a > b || (a == b && !std::signbit(a)) ? a : b;
            break;
          default:
            want = std::isnan(a) || std::isnan(b) ? NAN : a < b || (a == b && std::signbit(a)) ? a : b;
            break;
        }
        ASSERT_EQ(load_element(tile.sbuf.row(p) + 4096 + 4 * n, 4), canonical(want)) << "op " << static_cast<int>(op);
      }
    }
  }
}

TEST_F(OpsTest, CopyKeepsNanPayloadOnlyWithoutCast) {
  store_element(tile.sbuf.row(0), 4, 0xff812345U);
  auto i = instr(Opcode::kTensorCopy);
  i.nparts = 1;
  i.src0 = operand(Space::kSbuf, Dtype::kFp32, 0, 0, {{1, 1}});
  i.dst = operand(Space::kPsum, Dtype::kFp32, 0, 8, {{1, 1}});
  ASSERT_EQ(tensor_copy(tile, i).err, Err::kOk);
  EXPECT_EQ(load_element(tile.psum.row(0) + 8, 4), 0xff812345U);
  i.dst.dtype = static_cast<std::uint32_t>(Dtype::kBf16);
  ASSERT_EQ(tensor_copy(tile, i).err, Err::kOk);
  EXPECT_EQ(load_element(tile.psum.row(0) + 8, 2), 0x7fc0U);
}

TEST_F(OpsTest, ReduceRunsLeftToRight) {
  const float values[] = {1e8F, 1.0F, -1e8F, 1.0F};
  for (unsigned k = 0; k < 4; ++k) store_element(tile.sbuf.row(0) + 4 * k, 4, std::bit_cast<std::uint32_t>(values[k]));
  auto i = instr(Opcode::kTensorReduce);
  i.nparts = 1;
  i.src0 = operand(Space::kSbuf, Dtype::kFp32, 0, 0, {{1, 4}});
  i.dst = operand(Space::kSbuf, Dtype::kFp32, 0, 64, {{1, 1}});
  ASSERT_EQ(tensor_reduce(tile, i).err, Err::kOk);
  EXPECT_EQ(to_float(load_element(tile.sbuf.row(0) + 64, 4)), ((1e8F + 1.0F) + -1e8F) + 1.0F);
}

TEST_F(OpsTest, ReduceOfOneElementIsAResult) {
  store_element(tile.sbuf.row(0), 4, 0xffc12345U);
  auto i = instr(Opcode::kTensorReduce);
  i.nparts = 1;
  i.src0 = operand(Space::kSbuf, Dtype::kFp32, 0, 0, {{1, 1}});
  i.dst = operand(Space::kSbuf, Dtype::kFp32, 0, 64, {{1, 1}});
  ASSERT_EQ(tensor_reduce(tile, i).err, Err::kOk);
  EXPECT_EQ(load_element(tile.sbuf.row(0) + 64, 4), kNan32);
}

TEST_F(OpsTest, ActivateIsOneFmaThenRelu) {
  fill(1);
  auto i = instr(Opcode::kActivate);
  i.nparts = 1, i.flags = 1, i.scalar_en = 1;
  i.imm0 = std::bit_cast<std::uint32_t>(-1.5F), i.imm1 = std::bit_cast<std::uint32_t>(0.25F);
  i.src0 = operand(Space::kSbuf, Dtype::kFp32, 0, 0, {{1, 300}});
  i.dst = operand(Space::kSbuf, Dtype::kFp32, 0, 4096, {{1, 300}});
  ASSERT_EQ(activate(tile, i).err, Err::kOk);
  for (std::uint32_t n = 0; n < 300; ++n) {
    const float v = std::fmaf(to_float(load_element(tile.sbuf.row(0) + 4 * n, 4)), -1.5F, 0.25F);
    const float want = std::isnan(v) ? v : v > 0.0F ? v : 0.0F;
    ASSERT_EQ(load_element(tile.sbuf.row(0) + 4096 + 4 * n, 4), canonical(want)) << n;
  }
}

TEST_F(OpsTest, TensorScalarAndMemset) {
  auto set = instr(Opcode::kMemset);
  set.nparts = kConfig.partitions, set.imm0 = std::bit_cast<std::uint32_t>(3.0F);
  set.dst = operand(Space::kSbuf, Dtype::kBf16, 0, 0, {{1, 8}});
  ASSERT_EQ(golden::memset(tile, set).err, Err::kOk);
  auto i = instr(Opcode::kTensorScalar);
  i.nparts = kConfig.partitions, i.scalar_en = 3;
  i.alu0 = static_cast<std::uint32_t>(Alu::kMul), i.imm0 = std::bit_cast<std::uint32_t>(2.0F);
  i.alu1 = static_cast<std::uint32_t>(Alu::kSub), i.imm1 = std::bit_cast<std::uint32_t>(0.5F);
  i.src0 = set.dst, i.dst = operand(Space::kPsum, Dtype::kFp32, 0, 0, {{1, 8}});
  ASSERT_EQ(tensor_scalar(tile, i).err, Err::kOk);
  EXPECT_EQ(to_float(load_element(tile.psum.row(kConfig.partitions - 1) + 28, 4)), 5.5F);
}

TEST(AccessTest, StartPartitionRule) {
  const std::uint32_t p = kConfig.partitions;
  EXPECT_TRUE(part_legal(kConfig, 0, p));
  EXPECT_FALSE(part_legal(kConfig, p / 2, p / 2 + 1));
  EXPECT_TRUE(part_legal(kConfig, p / 2, p / 2));
  EXPECT_FALSE(part_legal(kConfig, p / 4, p / 2));
  EXPECT_TRUE(part_legal(kConfig, 3 * p / 4, p / 4));
  EXPECT_FALSE(part_legal(kConfig, 0, 0));
  EXPECT_FALSE(part_legal(kConfig, 255, 1));
}

TEST(AccessTest, OperandErrors) {
  auto o = operand(Space::kSbuf, Dtype::kFp32, 0, 0, {{-1, 2}});
  EXPECT_EQ(operand_err(kConfig, o, 1), Err::kAddress);
  o.offset = 4;
  EXPECT_EQ(operand_err(kConfig, o, 1), Err::kOk);
  o.offset = kConfig.sbuf_bytes_per_partition;
  EXPECT_EQ(operand_err(kConfig, o, 1), Err::kAddress);
  o.offset = 6;
  EXPECT_EQ(operand_err(kConfig, o, 1), Err::kAddress);
  o.dtype = 7;
  EXPECT_EQ(operand_err(kConfig, o, 1), Err::kDtype);
  o.space = 0;
  EXPECT_EQ(operand_err(kConfig, o, 1), Err::kSpace);
}

TEST(NumericsTest, NarrowingRoundsToNearestEven) {
  EXPECT_EQ(narrow(0x3f808000, isa::Dtype::kBf16), 0x3f80U);
  EXPECT_EQ(narrow(0x3f818000, isa::Dtype::kBf16), 0x3f82U);
  EXPECT_EQ(narrow(0x3f808001, isa::Dtype::kBf16), 0x3f81U);
  EXPECT_EQ(narrow(0x7f7fffff, isa::Dtype::kBf16), 0x7f80U);
  EXPECT_EQ(narrow(0xffc00001, isa::Dtype::kBf16), 0x7fc0U);
  EXPECT_EQ(narrow(0x80000001, isa::Dtype::kBf16), 0x8000U);
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    const std::uint32_t wide = widen(b, isa::Dtype::kBf16);
    ASSERT_EQ(narrow(wide, isa::Dtype::kBf16), is_nan32(b << 16) ? 0x7fc0U : b);
  }
}

// A format with fewer bits of exponent than FP32; binary16 is no type of the machine.
TEST(NumericsTest, NarrowingToBinary16) {
  constexpr isa::FloatFormat kHalf{5, 10};
  const auto bits = [](double v) { return std::bit_cast<std::uint32_t>(static_cast<float>(v)); };
  EXPECT_EQ(narrow(bits(65504), kHalf), 0x7bffU);
  EXPECT_EQ(narrow(bits(65519), kHalf), 0x7bffU);
  EXPECT_EQ(narrow(bits(65520), kHalf), 0x7c00U);  // half way to 2^16: even is Inf
  EXPECT_EQ(narrow(bits(-1e30), kHalf), 0xfc00U);
  EXPECT_EQ(narrow(0xff800000, kHalf), 0xfc00U);
  EXPECT_EQ(narrow(0xffc00001, kHalf), 0x7e00U);
  EXPECT_EQ(narrow(bits(1 + 0x1p-11), kHalf), 0x3c00U);
  EXPECT_EQ(narrow(bits(1 + 0x1p-10 + 0x1p-11), kHalf), 0x3c02U);
  EXPECT_EQ(narrow(bits(0x1p-14 - 0x1p-25), kHalf), 0x0400U);  // rounds up to the smallest normal number
  EXPECT_EQ(narrow(bits(0x1p-25), kHalf), 0U);
  EXPECT_EQ(narrow(bits(-0x1.1p-25), kHalf), 0x8001U);
  EXPECT_EQ(narrow(0x80000001, kHalf), 0x8000U);
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    ASSERT_EQ(narrow(widen(b, kHalf), kHalf), (b & 0x7fffU) > 0x7c00U ? 0x7e00U : b);
  }
}

TEST(NumericsTest, MaxAndMinOrderZerosAndPropagateNan) {
  EXPECT_EQ(max32(0x80000000, 0), 0U);
  EXPECT_EQ(min32(0, 0x80000000), 0x80000000U);
  EXPECT_EQ(max32(0xffc12345, 0), kNan32);
  EXPECT_EQ(min32(0, 0x7f800001), kNan32);
  EXPECT_EQ(relu32(0x80000000), 0U);
}

}  // namespace
}  // namespace tessera::golden
