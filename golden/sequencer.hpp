// SPDX-License-Identifier: Apache-2.0
/// Executes the next instruction of an engine or the next descriptor of a queue.
#pragma once
#include "golden/ops/dma.hpp"
#include "golden/tile.hpp"

namespace tessera::golden {

/// Both return true when something happened: an instruction retired, a descriptor completed, or an error stopped it.
/// False: nothing to do, or the head waits for a semaphore (`waiting` says for which).
bool step_engine(Tile& tile, isa::Engine which, const TileLookup& tile_at);
bool step_queue(Tile& tile, std::uint32_t queue, const TileLookup& tile_at);

/// Error of an instruction's encoding for this engine. Order: opcode, field, tile, queue.
isa::Err decode_err(const Tile& tile, isa::Engine which, const isa::Instr& i, const TileLookup& tile_at);

}  // namespace tessera::golden
