// SPDX-License-Identifier: Apache-2.0
/// Tiles of a stitched cluster that somebody outside steps along, all of them together and one clock at a time, while
/// the other tiles keep their batches. docs/simulation.md says when in a cycle.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/tile_model.hpp"

namespace tessera::sim {

/// All calls come from the thread that called `Cluster::run`, but `busy`, which comes while no other call is under way.
class Attachment {
 public:
  struct Tile {
    std::uint32_t index = 0;
    TileModel* model = nullptr;
    TileInputs* in = nullptr;  ///< what the coming edge samples; `clock` writes `host` where it drives that port itself
    TileOutputs* out = nullptr;  ///< the registers before the edge; `clock` writes those after it
  };

  virtual ~Attachment() = default;
  /// The model of a tile, once. Its `clock` is used only after the end of a run, when nobody watches.
  virtual std::unique_ptr<TileModel> make(std::uint32_t tile, const TilePlace& place) = 0;
  /// The edge of `cycle`, of all attached tiles in rising order. False: the cluster stops, these tiles at once.
  virtual bool clock(std::uint64_t cycle, std::span<Tile> tiles) = 0;
  /// Something is still to be done to this tile: the run does not end.
  [[nodiscard]] virtual bool busy(std::uint32_t tile) const = 0;
};

}  // namespace tessera::sim
