// SPDX-License-Identifier: Apache-2.0
/// Short helpers to write instructions and descriptors in tests.
#pragma once
#include <initializer_list>
#include <utility>

#include "golden/tile.hpp"
#include "tsr_cfg.hpp"
#include "tsr_isa.hpp"

#ifndef TSR_CONFIG
#define TSR_CONFIG p8
#endif

namespace tessera::golden::test {

inline constexpr const Config& kConfig = configs::TSR_CONFIG::kConfig;

inline isa::Instr instr(isa::Opcode opcode) {
  isa::Instr i;
  i.opcode = static_cast<std::uint32_t>(opcode);
  return i;
}

/// One pair (step, num) for each dimension, fastest first.
inline isa::Operand operand(isa::Space space, isa::Dtype type, std::uint32_t part, std::uint32_t offset,
                            std::initializer_list<std::pair<int, std::uint32_t>> dims) {
  isa::Operand o;
  o.space = static_cast<std::uint32_t>(space), o.dtype = static_cast<std::uint32_t>(type);
  o.start_part = part, o.offset = offset;
  std::uint32_t* const steps[] = {&o.step0, &o.step1, &o.step2, &o.step3};
  std::uint32_t* const nums[] = {&o.num0, &o.num1, &o.num2, &o.num3};
  unsigned d = 0;
  for (const auto& [step, num] : dims) {
    *steps[d] = static_cast<std::uint32_t>(step) & 0xffffU;
    *nums[d++] = num;
  }
  return o;
}

/// A copy of the memories of a tile (HBM stays empty).
inline Tile copy(const Tile& from) {
  Tile to(from.cfg, from.x, from.y);
  to.sbuf = from.sbuf, to.psum = from.psum, to.sem = from.sem;
  return to;
}

}  // namespace tessera::golden::test
