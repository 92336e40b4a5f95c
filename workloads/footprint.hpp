// SPDX-License-Identifier: Apache-2.0
/// How much memory of the host a run needs, before it takes any.
#pragma once
#include <cstdint>
#include <string>

#include "base/config.hpp"

namespace tessera::workloads {

/// What a run holds at its peak.
struct Footprint {
  std::uint64_t tiles = 1;
  bool golden = true;               ///< the golden model runs as well
  std::uint64_t program_bytes = 0;  ///< images of all tiles: code, rings, operands; both sides share them
  std::uint64_t records = 0;        ///< retirement records of all tiles

  /// Bytes; an estimate from the sizes of the memories, with room for the rest of a Verilated tile.
  [[nodiscard]] std::uint64_t bytes(const Config& cfg) const;
  /// A sentence when that is more than `available` bytes, else empty.
  [[nodiscard]] std::string fault(const Config& cfg, std::uint64_t available) const;
};

}  // namespace tessera::workloads
