// SPDX-License-Identifier: Apache-2.0
/// The operations of the engines on data: a function for each opcode, named like it, as `OpResult tensor_copy(Tile&,
/// const isa::Instr&)`. Every function checks its operands first and writes nothing on error; operators and functions
/// are checked before (isa::instr_code_bad). Elements are taken in order of the free axis; within one element all
/// partitions are read before any is written.
#pragma once
#include "golden/tile.hpp"

namespace tessera::golden {

#define TSR_OPERATION(code, name) OpResult name(Tile& tile, const isa::Instr& i);
TSR_DATA_OPCODES(TSR_OPERATION)
#undef TSR_OPERATION

}  // namespace tessera::golden
