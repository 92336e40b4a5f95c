// SPDX-License-Identifier: Apache-2.0
/// Matrix product of one tile: C[m, n] = A[m, k] . B[k, n], BF16 in, FP32 out, blocks streamed through SBUF.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/program.hpp"

namespace tessera::kernels {

/// Where one tile's operands and result stand. Addresses are bytes in that tile's HBM.
struct GemmShape {
  std::uint32_t m = 0, n = 0, k = 0;   ///< elements; any of them 0: nothing is emitted
  std::uint64_t a = 0;                 ///< A stored K-major: row k holds A[0..m, k]
  std::uint64_t lda = 0;               ///< bytes between rows of the K-major A
  std::uint64_t b = 0;                 ///< B stored as B[k, n]
  std::uint64_t ldb = 0;               ///< bytes between rows of B
  std::uint64_t c = 0;                 ///< C [m, n]; unused when the result stays in SBUF
  std::uint64_t ldc = 0;               ///< bytes between rows of C
  isa::Dtype out = isa::Dtype::kFp32;  ///< type of C in HBM; BF16 is one cast of the FP32 sum on its way out of PSUM
  bool keep_c_in_sbuf = false;         ///< leave C (FP32) at byte 0 of partitions 0..m-1 (needs gemm_fits_sbuf)
};

/// What the program of one tile will do, for reports and for reduction_order.
struct GemmCounts {
  std::uint64_t matmuls = 0;
  std::uint64_t hbm_read_bytes = 0;  ///< operands only
  std::uint64_t hbm_write_bytes = 0;
  std::uint32_t output_blocks = 0;  ///< final value of sem::kStored, or of sem::kEvacuated +0 and +1 together
  std::array<std::uint32_t, 2> evacuated{};
};

/// True when an m x n FP32 result can stay in SBUF beside the streaming buffers (m <= partitions).
[[nodiscard]] bool gemm_fits_sbuf(const Config& cfg, std::uint32_t m, std::uint32_t n);

/// Appends the product to `tile`: PE multiplies, DVE and ACT take turns moving finished blocks out of PSUM, queues
/// load A and B and store C (kernels/program.hpp). Each K block is at most P long and blocks are added in rising k.
GemmCounts emit_gemm(const Config& cfg, const GemmShape& shape, isa::TileCode& tile);

/// True when A, B and C fit into SBUF together.
[[nodiscard]] bool gemm_fits_resident(const Config& cfg, const GemmShape& shape);

/// The product with operands and result in SBUF: two queues first bring all of A and B, then PE starts (its first
/// instruction waits for them), and C is stored when all of it is complete. Output block after output block, K
/// inside.
GemmCounts emit_gemm_resident(const Config& cfg, const GemmShape& shape, isa::TileCode& tile);

}  // namespace tessera::kernels
