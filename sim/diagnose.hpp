// SPDX-License-Identifier: Apache-2.0
/// After a run: asks the tiles, through their host ports, which engine or queue is in error or waits for ever.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/cluster.hpp"

namespace tessera::sim {

class Diagnosis {
 public:
  void prepare(std::uint32_t tiles, std::uint32_t queues) {
    queues_ = queues;
    found_.resize(tiles);
    asked_.assign(tiles, 0);
  }
  /// The tile took part in the run: its status will be asked for by `ask`.
  void include(std::uint32_t tile) { asked_[tile] = 1; }
  /// Queues the reads of one tile; answers arrive while the cluster steps on. Owner thread of the tile.
  void ask(std::uint32_t tile, Host& host, bool irq);
  /// All units that are in error (`errors`) or running and waiting.
  void collect(std::vector<UnitState>& errors, std::vector<UnitState>& stuck) const;

 private:
  void ask_unit(std::uint32_t tile, Host& host, bool is_queue, std::uint32_t unit);
  std::uint32_t queues_ = 0;
  std::vector<std::vector<std::unique_ptr<UnitState>>> found_;  ///< per tile: one thread writes, none reads meanwhile
  std::vector<std::uint8_t> asked_;
};

}  // namespace tessera::sim
