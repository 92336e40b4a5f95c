// SPDX-License-Identifier: Apache-2.0
/// Byte-level model of the vector and scalar engine's instructions, written from the contract; arithmetic is the
/// host's.
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "tests/seed.hpp"
#include "tsr_cfg.hpp"
#include "tsr_isa.hpp"

namespace lane_test {

namespace isa = tessera::isa;
using isa::Instr;
using isa::Operand;

constexpr auto kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kP = kCfg.partitions;
constexpr unsigned kSbuf = 1, kPsum = 2, kFp32 = 0, kBf16 = 1;
constexpr unsigned kCopy = 48, kMemset = 49, kTt = 50, kTs = 51, kReduce = 52, kActivate = 32;
constexpr unsigned kErrOpcode = 1, kErrPartition = 2, kErrAddress = 3, kErrDtype = 4, kErrSpace = 5, kErrShape = 6,
                   kErrField = 9;
constexpr std::uint32_t kNan = 0x7fc00000u;

using tessera::test::seed;

// --- Arithmetic of the host -------------------------------------------------------------------

inline float f(std::uint32_t u) {
  float v;
  std::memcpy(&v, &u, 4);
  return v;
}
inline bool is_nan(std::uint32_t a) { return (a & 0x7fffffffu) > 0x7f800000u; }
inline std::uint32_t u(float v) {
  std::uint32_t r;
  std::memcpy(&r, &v, 4);
  return is_nan(r) ? kNan : r;
}
inline std::uint32_t pick(std::uint32_t a, std::uint32_t b, bool want_max) {
  if (is_nan(a) || is_nan(b)) return kNan;
  if (f(a) == f(b)) return (((a >> 31) != 0) == want_max) ? b : a;
  return ((f(a) > f(b)) == want_max) ? a : b;
}
inline std::uint32_t to_bf16(std::uint32_t a) {
  if (is_nan(a)) return 0x7fc0u;
  const std::uint32_t low = a & 0xffffu;
  std::uint32_t hi = (a & 0x7fffffffu) >> 16;
  if (low > 0x8000u || (low == 0x8000u && (hi & 1u) != 0)) ++hi;
  return ((a >> 31) << 15) | hi;
}
inline std::uint32_t alu(unsigned op, std::uint32_t a, std::uint32_t b) {
  switch (op) {
    case 0:
      return u(f(a) + f(b));
    case 1:
      return u(f(a) - f(b));
    case 2:
      return u(f(a) * f(b));
    case 3:
      return pick(a, b, true);
    default:
      return pick(a, b, false);
  }
}

// --- Model ------------------------------------------------------------------------------------

struct Memory {
  std::array<std::vector<std::uint8_t>, 3> bytes;  // by space; partition-major
  Memory() {
    bytes[kSbuf].resize(std::size_t{kP} * size(kSbuf));
    bytes[kPsum].resize(std::size_t{kP} * size(kPsum));
  }
  static std::uint32_t size(unsigned space) {
    return space == kSbuf ? kCfg.sbuf_bytes_per_partition : kCfg.psum_bytes_per_partition();
  }
  std::uint8_t* at(unsigned space, unsigned part, std::uint32_t byte) {
    return &bytes[space][std::size_t{part} * size(space) + byte];
  }
  std::uint32_t raw(const Operand& o, unsigned lane, std::uint32_t byte) {
    std::uint32_t v = 0;
    std::memcpy(&v, at(o.space, o.start_part + lane, byte), o.dtype == kFp32 ? 4 : 2);
    return v;
  }
  std::uint32_t value(const Operand& o, unsigned lane, std::uint32_t byte) {
    const std::uint32_t v = raw(o, lane, byte);
    if (o.dtype == kFp32) return v;
    return is_nan(v << 16) ? kNan : v << 16;
  }
};

inline std::uint32_t dim(std::uint32_t n) { return n == 0 ? 1 : n; }

inline std::vector<std::int64_t> walk(const Operand& o) {
  std::vector<std::int64_t> at;
  const auto s = [](std::uint32_t v) { return static_cast<std::int64_t>(static_cast<std::int16_t>(v)); };
  const std::int64_t bytes = o.dtype == kFp32 ? 4 : 2;
  for (std::uint32_t d = 0; d < dim(o.num3); ++d)
    for (std::uint32_t c = 0; c < dim(o.num2); ++c)
      for (std::uint32_t b = 0; b < dim(o.num1); ++b)
        for (std::uint32_t a = 0; a < dim(o.num0); ++a)
          at.push_back(o.offset + bytes * (s(o.step0) * a + s(o.step1) * b + s(o.step2) * c + s(o.step3) * d));
  return at;
}

struct Outcome {
  std::uint32_t checksum = 0;
  unsigned reads = 0;  // cycles of reading
};

inline Outcome execute(Memory& m, const Instr& i) {
  const auto dst = walk(i.dst);
  const auto src0 = i.opcode == kMemset ? dst : walk(i.src0);
  const auto src1 = i.opcode == kTt ? walk(i.src1) : std::vector<std::int64_t>{i.src1.offset};
  const bool tile = (i.opcode == kTs || i.opcode == kActivate) && (i.scalar_en & 1u) == 0;
  const unsigned row = i.opcode == kReduce ? dim(i.src0.num0) : 1;
  std::vector<std::uint32_t> scalar(i.nparts, i.opcode == kActivate ? i.imm1 : i.imm0);
  if (tile)
    for (unsigned l = 0; l < i.nparts; ++l) scalar[l] = m.raw(i.src1, l, static_cast<std::uint32_t>(src1[0]));
  Outcome out;
  const bool two = i.opcode == kTt && i.src0.space == kSbuf && i.src1.space == kSbuf;
  out.reads = static_cast<unsigned>(src0.size()) * (two ? 2 : 1) + (tile ? 1 : 0);
  for (std::size_t n = 0; n < dst.size(); ++n) {
    std::vector<std::uint32_t> bits(i.nparts);
    for (unsigned l = 0; l < i.nparts; ++l) {
      const auto x = [&](std::size_t k) { return m.value(i.src0, l, static_cast<std::uint32_t>(src0[k])); };
      std::uint32_t v = 0;
      switch (i.opcode) {
        case kCopy:
          v = i.src0.dtype == i.dst.dtype ? m.raw(i.src0, l, static_cast<std::uint32_t>(src0[n])) : x(n);
          break;
        case kMemset:
          v = i.imm0;
          break;
        case kTt:
          v = alu(i.alu0, x(n), m.value(i.src1, l, static_cast<std::uint32_t>(src1[n])));
          break;
        case kTs:
          v = alu(i.alu0, x(n), scalar[l]);
          if ((i.scalar_en & 2u) != 0) v = alu(i.alu1, v, i.imm1);
          break;
        case kReduce:
          v = x(n * row);
          for (unsigned k = 1; k < row; ++k) v = alu(i.alu0, v, x(n * row + k));
          if (is_nan(v)) v = kNan;  // also a row of one element
          break;
        default:
          v = u(std::fmaf(f(x(n)), f(i.imm0), f(scalar[l])));
          if (i.flags == 1) v = is_nan(v) ? kNan : (f(v) > 0.0f ? v : 0u);
      }
      const bool moved = i.opcode == kCopy && i.src0.dtype == i.dst.dtype;
      bits[l] = (i.dst.dtype == kFp32 || moved) ? v : to_bf16(v);
    }
    for (unsigned l = 0; l < i.nparts; ++l) {
      const unsigned part = i.dst.start_part + l;
      std::memcpy(m.at(i.dst.space, part, static_cast<std::uint32_t>(dst[n])), &bits[l], i.dst.dtype == kFp32 ? 4 : 2);
      const unsigned r = (part + 7 * n) % 32;
      out.checksum ^= r == 0 ? bits[l] : (bits[l] << r) | (bits[l] >> (32 - r));
    }
  }
  return out;
}

inline std::string describe(const Instr& i) {
  const auto operand = [](const char* name, const Operand& o) {
    std::string text = std::string(" ") + name + " space " + std::to_string(o.space) + " type " +
                       std::to_string(o.dtype) + " part " + std::to_string(o.start_part) + " offset " +
                       std::to_string(o.offset);
    for (const auto& [step, num] :
         {std::pair{o.step0, o.num0}, {o.step1, o.num1}, {o.step2, o.num2}, {o.step3, o.num3}})
      text += " [" + std::to_string(static_cast<std::int16_t>(step)) + "," + std::to_string(num) + "]";
    return text;
  };
  return "opcode " + std::to_string(i.opcode) + " nparts " + std::to_string(i.nparts) + " alu " +
         std::to_string(i.alu0) + "," + std::to_string(i.alu1) + " scalar_en " + std::to_string(i.scalar_en) +
         " flags " + std::to_string(i.flags) + operand("dst", i.dst) + operand("src0", i.src0) +
         operand("src1", i.src1);
}

}  // namespace lane_test
