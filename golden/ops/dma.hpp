// SPDX-License-Identifier: Apache-2.0
/// The data movement of one DMA descriptor.
#pragma once
#include <functional>

#include "golden/tile.hpp"

namespace tessera::golden {

/// Result of a descriptor's data: the checksum, or an error with the address at which it happened.
struct DmaResult {
  isa::Err err = isa::Err::kOk;
  std::uint32_t checksum = 0;
  std::uint64_t address = 0;
};

/// How a descriptor reaches tiles; null when the coordinates are outside the mesh.
using TileLookup = std::function<Tile*(std::uint32_t x, std::uint32_t y)>;

/// Moves the rows of a descriptor whose fields were checked by `dma_field_err`. Every row is checked as a whole before
/// its first segment; tiles outside the mesh show when the first segment is read or written. `self` and `queue`: whose
/// descriptor it is; the size of its own ring is not its to write (kRegister).
DmaResult dma_transfer(const isa::Desc& d, const Tile& self, std::uint32_t queue, const TileLookup& tile_at);
/// Errors that a descriptor's fields show before any data moves. Order: field, tile, type, space.
/// Registers are written by single FP32-typed words (no add, no max) and never read by a queue.
isa::Err dma_field_err(const isa::ItemImage& image, const Config& cfg,
                       const TileLookup& tile_at);  // tile: of the update only

/// Bytes that a descriptor writes.
std::uint64_t dma_bytes(const isa::Desc& d);

/// Elements of the next segment: neither side crosses a segment boundary or exceeds a segment's bytes. 0: misaligned.
std::uint32_t segment_elems(std::uint64_t src, std::uint32_t src_bytes, std::uint64_t dst, std::uint32_t dst_bytes,
                            std::uint64_t left, std::uint32_t segment_bytes);

/// Bytes of any space of a tile, with the checks of its servers.
isa::Err read_space(Tile& tile, isa::Space space, std::uint64_t address, std::span<std::uint8_t> out);
isa::Err write_space(Tile& tile, isa::Space space, std::uint64_t address, std::span<const std::uint8_t> in);

}  // namespace tessera::golden
