// SPDX-License-Identifier: Apache-2.0
/// A matrix product on a mesh: how it is sharded, what stands in each tile's HBM, and what every bit of C is made of.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "isa/image.hpp"
#include "kernels/gemm.hpp"
#include "kernels/program.hpp"
#include "kernels/ring.hpp"
#include "workloads/program.hpp"

namespace tessera::workloads {

enum class Shard { kMn, kK };

/// How a product is to run.
struct MatmulVariant {
  Shard shard = Shard::kMn;
  Residence residence = Residence::kHbm;  ///< kSbuf: operands and result fit in SBUF (fits_resident), K is not split
  isa::Dtype out = isa::Dtype::kFp32;  ///< BF16: one cast of the finished FP32 sum, by DVE and ACT (mn) or by DMA (k)
};

/// The part of the product that one tile computes; empty ranges mean an idle tile.
struct Share {
  std::uint32_t m0 = 0, m1 = 0, n0 = 0, n1 = 0, k0 = 0, k1 = 0;
  kernels::GemmShape gemm;       ///< the local product; with several ranks its result is one term
  std::uint64_t c = 0, ldc = 0;  ///< HBM byte address of the result and bytes between its rows
  [[nodiscard]] bool empty() const { return m0 >= m1 || n0 >= n1 || k0 >= k1; }
};

/// Everything a run of the product needs.
struct MatmulJob {
  std::uint32_t width = 1, height = 1;  ///< of the mesh
  std::uint32_t m = 0, n = 0, k = 0;
  MatmulVariant variant;
  std::vector<Share> shares;          ///< index = tile
  std::vector<kernels::Coord> ranks;  ///< tiles that hold a term, in ring order (k sharding)
  isa::ProgramBuilder program{1, 1};  ///< with the operands
  std::uint64_t hbm_operand_read_bytes = 0;
  std::uint64_t result_end = 0;  ///< first HBM byte after operands and result, the same on all tiles
  bool ring_in_sbuf = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> chunks;  ///< elements of C per ring chunk
  [[nodiscard]] std::uint32_t tile_of(kernels::Coord at) const { return at.y * width + at.x; }
  [[nodiscard]] unsigned c_bytes() const { return isa::elem_bytes(static_cast<std::uint32_t>(variant.out)); }
};

/// Plans and emits the product of A [m, k] and B [k, n] (row-major BF16 codes) on a width x height mesh.
/// mn: tile (x, y) computes block row y, block column x. k: every tile multiplies its range of k, a ring all-reduce
/// adds.
[[nodiscard]] MatmulJob build_matmul(const Config& cfg, std::uint32_t width, std::uint32_t height,
                                     const MatmulVariant& variant, std::uint32_t m, std::uint32_t n, std::uint32_t k,
                                     std::span<const std::uint16_t> a, std::span<const std::uint16_t> b);
/// True when every tile's operands and result fit in its SBUF.
[[nodiscard]] bool fits_resident(const Config& cfg, std::uint32_t width, std::uint32_t height, std::uint32_t m,
                                 std::uint32_t n, std::uint32_t k);

/// One element of C lies in tile `tile` at HBM byte `address`.
struct WordPlace {
  std::uint32_t tile;
  std::uint64_t address;
};
[[nodiscard]] WordPlace locate(const MatmulJob& job, std::uint32_t row, std::uint32_t col);

/// `reduction_order` of the report as JSON text (docs/commands.md).
[[nodiscard]] std::string reduction_order_json(const Config& cfg, const MatmulJob& job);

}  // namespace tessera::workloads
