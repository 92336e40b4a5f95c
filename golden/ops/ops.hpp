// SPDX-License-Identifier: Apache-2.0
/// The operations of the engines, one file each. Every function checks its operands first and writes nothing on error;
/// operators and functions are checked before (isa::instr_code_bad).
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

}  // namespace tessera::golden
