// SPDX-License-Identifier: Apache-2.0
/// Control and status registers of a tile as the DMA and the host see them.
#pragma once
#include "golden/tile.hpp"

namespace tessera::golden {

/// False when the register does not exist or cannot be accessed so. `address` is a byte offset in space REG.
bool read_register(Tile& tile, std::uint64_t address, std::uint32_t& value);
bool write_register(Tile& tile, std::uint64_t address, std::uint32_t value);

/// Starts an engine at `pc`, clearing its error.
void start_engine(EngineState& engine, std::uint64_t pc);

}  // namespace tessera::golden
