// SPDX-License-Identifier: Apache-2.0
/// What a host loads before a run: HBM contents, start addresses of engines, rings of DMA queues.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shared_bytes.hpp"
#include "tsr_isa.hpp"

namespace tessera::isa {

/// 128-byte image of an instruction or descriptor, little-endian words.
using ItemImage = std::array<std::uint32_t, kItemBytes / 4>;

/// Bytes placed at an address of one tile's HBM.
struct HbmBlock {
  std::uint64_t address = 0;
  SharedBytes bytes;
};

/// Set-up of one DMA queue; a `ring_size` of 0 leaves the queue untouched.
struct QueueSetup {
  std::uint64_t ring_base = 0;  ///< byte address in HBM
  std::uint32_t ring_size = 0;  ///< descriptors
  std::uint32_t doorbell = 0;   ///< descriptors released by the host at the start
};

struct TileImage {
  std::vector<HbmBlock> hbm;
  std::array<std::optional<std::uint64_t>, kNumEngines> start_pc;  ///< empty: the engine stays idle
  std::vector<QueueSetup> queues;  ///< index = queue; may be shorter than the hardware's
};

/// An error that the author of a program announces: `.expect_error`.
struct ExpectedError {
  std::uint32_t x = 0, y = 0;
  bool is_queue = false;
  std::uint32_t unit = 0;  ///< engine or queue number
  Err code = Err::kOk;
};

/// A whole program for a mesh; tile index = y * width + x.
struct ProgramImage {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  std::vector<TileImage> tiles = std::vector<TileImage>(1);
  std::vector<ExpectedError> expected_errors;

  /// Of the HBM of all tiles.
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const TileImage& t : tiles) {
      for (const HbmBlock& block : t.hbm) sum += block.bytes.size();
    }
    return sum;
  }
  [[nodiscard]] TileImage& tile(std::uint32_t x, std::uint32_t y) { return tiles.at(y * width + x); }
  [[nodiscard]] const TileImage& tile(std::uint32_t x, std::uint32_t y) const { return tiles.at(y * width + x); }
};

}  // namespace tessera::isa
