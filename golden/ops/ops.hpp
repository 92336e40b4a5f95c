// SPDX-License-Identifier: Apache-2.0
/// The operations of the engines, one file each. Every function checks its operands first and writes nothing on error.
/// Elements are taken in order of the free axis; within one element all partitions are read before any is written.
#pragma once
#include "golden/tile.hpp"

namespace tessera::golden {

OpResult ldweights(Tile& tile, const isa::Instr& i);
OpResult matmul(Tile& tile, const isa::Instr& i);
OpResult activate(Tile& tile, const isa::Instr& i);
OpResult tensor_copy(Tile& tile, const isa::Instr& i);
OpResult memset(Tile& tile, const isa::Instr& i);
OpResult tensor_tensor(Tile& tile, const isa::Instr& i);
OpResult tensor_scalar(Tile& tile, const isa::Instr& i);
OpResult tensor_reduce(Tile& tile, const isa::Instr& i);

/// Whether an ALU code is one that DVE executes.
inline bool is_fp_alu(std::uint32_t code) { return code <= static_cast<std::uint32_t>(isa::Alu::kMin); }

}  // namespace tessera::golden
