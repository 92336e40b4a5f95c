// SPDX-License-Identifier: Apache-2.0
/// A ring all-reduce of one vector per tile.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "isa/image.hpp"
#include "kernels/program.hpp"
#include "kernels/ring.hpp"
#include "workloads/program.hpp"

namespace tessera::workloads {

struct CollectiveJob {
  std::uint32_t width = 1, height = 1;  ///< of the mesh
  std::uint64_t elems = 0;
  isa::Dtype dtype = isa::Dtype::kFp32;
  isa::DmaOp op = isa::DmaOp::kAdd;
  std::vector<kernels::Coord> tour;
  kernels::RingBuffer buffer;
  isa::ProgramBuilder program{1, 1};    ///< with the data of all ranks; rank = tile
  std::uint64_t result = 0;             ///< HBM byte address of the reduced vector on every tile
  std::uint64_t end = 0;                ///< first free HBM byte
  std::uint32_t ring_first = 0;         ///< first descriptor (tag) of the ring, the same on every tile
  std::vector<std::uint32_t> ring_end;  ///< index = tile: first descriptor after the ring
};

/// `x`: ranks x elems values as raw little-endian element codes, rank = tile = y * width + x.
/// Residence::kSbuf: the vector is copied to SBUF (one row per partition) before the ring and back to HBM after it.
[[nodiscard]] CollectiveJob build_all_reduce(const Config& cfg, std::uint32_t width, std::uint32_t height,
                                             isa::Dtype dtype, isa::DmaOp op, Residence residence, std::uint64_t elems,
                                             std::span<const std::uint8_t> x,
                                             std::uint32_t pieces = kernels::RingOptions{}.pieces);

/// True when `elems` elements fit in SBUF as one row per partition.
[[nodiscard]] bool fits_sbuf(const Config& cfg, isa::Dtype dtype, std::uint64_t elems);

/// In which order a sum is made: elements [first, second) from x[ranks[0]] + x[ranks[1]], then + x[ranks[2]] and so on.
struct ReductionOrder {
  std::uint64_t first = 0, second = 0;
  std::vector<std::uint32_t> ranks;
};
[[nodiscard]] std::vector<ReductionOrder> reduction_order(const CollectiveJob& job);

/// Bytes over the busiest link of an ideal ring / link payload: 2 (n - 1) / n x S / bytes per cycle; 0 for one rank.
[[nodiscard]] double ring_bound_cycles(const Config& cfg, std::uint32_t ranks, std::uint64_t bytes);

}  // namespace tessera::workloads
