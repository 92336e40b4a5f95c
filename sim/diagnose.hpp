// SPDX-License-Identifier: Apache-2.0
/// After a run: asks the tiles, through their host ports, which engine or queue is in error or waits for ever.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/cluster.hpp"

namespace tessera::sim {

class Diagnosis {
 public:
  /// Once, before anything else.
  void prepare(std::uint32_t tiles, std::uint32_t queues) {
    queues_ = queues;
    found_.resize(tiles);
    asked_.assign(tiles, 0);
  }
  /// Forgets what was found; while no question is open.
  void clear() {
    for (auto& tile : found_) tile.clear();
  }
  /// The tile takes part in this run or did in one before: its status will be asked for by `ask`.
  void include(std::uint32_t tile) { asked_[tile] = 1; }
  /// Queues the reads of one tile; answers arrive while the cluster steps on. By the thread that steps the tile.
  void ask(std::uint32_t tile, Host& host, bool irq);
  /// All units that are in error (`errors`) or running and waiting.
  void collect(std::vector<UnitState>& errors, std::vector<UnitState>& stuck) const;

 private:
  void ask_unit(std::uint32_t tile, Host& host, bool is_queue, std::uint32_t unit);
  std::uint32_t queues_ = 0;
  std::vector<std::deque<UnitState>> found_;  ///< per tile, in places that do not move: callbacks fill them in
  std::vector<std::uint8_t> asked_;
};

}  // namespace tessera::sim
