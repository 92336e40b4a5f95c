// SPDX-License-Identifier: Apache-2.0
/// Ring all-reduce: the closed tour of the mesh and the descriptor programs of its ranks.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/program.hpp"

namespace tessera::kernels {

/// Visits every tile of a width x height mesh once and returns to the start; index 0 is tile (0, 0).
///
/// The closed tour is as short as the mesh allows, and the X-then-Y routes of its steps share no directed link:
/// an even side gives a cycle of neighbours; odd x odd gives one step of two hops; one row (or column) gives
/// n - 1 steps of one hop and the way back.
[[nodiscard]] std::vector<Coord> ring_tour(std::uint32_t width, std::uint32_t height);

/// A vector in one memory space, the same on every rank: `rows` rows of `row_elems` elements, taken row by row.
struct RingBuffer {
  isa::Space space = isa::Space::kHbm;
  std::uint64_t base = 0;       ///< byte address of element 0
  std::uint64_t elems = 0;      ///< elements of the whole vector
  std::uint64_t row_elems = 0;  ///< elements per row
  std::uint64_t row_step = 0;   ///< bytes between rows (1 << 18 in SBUF: one row per partition)
  isa::Dtype dtype = isa::Dtype::kFp32;
  std::uint32_t segment_bytes = 0;  ///< dma_segment_bytes of the configuration
};

/// How a ring all-reduce is to run.
struct RingOptions {
  isa::DmaOp op = isa::DmaOp::kAdd;
  std::uint32_t pieces = 2;  ///< parts of a chunk that travel independently: while one is sent, the next one arrives
};

/// Elements [first, second) of chunk `index` of `ranks`; empty where the vector is shorter than the ring.
[[nodiscard]] std::pair<std::uint64_t, std::uint64_t> ring_chunk(const RingBuffer& buffer, std::uint32_t ranks,
                                                                 std::uint32_t index);

/// What a rank waits for before the ring may touch its vector: semaphore and value, one after the other; at least one.
using RingStart = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Appends the reduce-scatter and the all-gather of all ranks to queue::kRing of their tiles; one rank: its waits only.
/// `start` (index = rank): each rank first waits and then tells its predecessor (sem::kNeighbourReady) that it may be
/// added to; empty: everything is in place before any queue begins.
/// Rank r sends chunk r first, so chunk c is summed in the order x[c], x[c+1], ..., x[c-1] (ranks modulo n).
/// Returns the value sem::kReceived reaches on every rank when its vector is complete.
std::uint32_t emit_ring_all_reduce(const RingBuffer& buffer, const RingOptions& options, const std::vector<Coord>& tour,
                                   const std::vector<RingStart>& start, isa::ProgramBuilder& program);

/// Descriptors that every rank of such a ring has, or a few more.
[[nodiscard]] inline std::uint64_t ring_items(std::uint64_t ranks, std::uint64_t pieces) {
  return ranks < 2 ? 0 : 2 * (ranks - 1) * pieces;
}

/// The chunks that become complete on rank `rank`, in order, and the value of sem::kReceived at which each of them is.
struct CompleteChunk {
  std::uint32_t chunk, received;
};
[[nodiscard]] std::vector<CompleteChunk> complete_chunks(std::uint32_t ranks, std::uint32_t rank, std::uint32_t pieces);

/// Splits elements [e0, e1) of a buffer into pieces a descriptor can walk: {first element, row length, rows}.
struct FlatPart {
  std::uint64_t first, row_elems;
  std::uint32_t rows;
};
[[nodiscard]] std::vector<FlatPart> flat_parts(const RingBuffer& buffer, std::uint64_t e0, std::uint64_t e1);

}  // namespace tessera::kernels
