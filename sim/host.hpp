// SPDX-License-Identifier: Apache-2.0
/// The host of one tile: a list of register accesses, played in order over AXI4-Lite, one at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "sim/tile_port.hpp"

namespace tessera::sim {

/// Called on the thread that steps the tile. `resp` 0 is good, else the AXI response.
using ReadCallback = std::function<void(std::uint32_t data, unsigned resp)>;

class Host {
 public:
  void write(std::uint16_t address, std::uint32_t data) { actions_.push_back({address, data, true, {}}); }
  void read(std::uint16_t address, ReadCallback done) { actions_.push_back({address, 0, false, std::move(done)}); }

  /// No access is waiting or on its way.
  [[nodiscard]] bool idle() const { return actions_.empty(); }
  [[nodiscard]] const AxilInputs& outputs() const { return out_; }
  /// The edge of `cycle` with the tile's registers before it. True when something was handed over.
  bool step(std::uint64_t cycle, const AxilOutputs& tile);

  std::uint64_t errors = 0;  ///< responses other than OKAY
  std::uint16_t first_error_address = 0;
  std::uint64_t first_write = ~0ULL;  ///< cycle in which the first doorbell or engine start was taken

 private:
  struct Action {
    std::uint16_t address;
    std::uint32_t data;
    bool is_write;
    ReadCallback done;
  };
  void note(unsigned resp);
  std::deque<Action> actions_;
  bool busy_ = false;
  AxilInputs out_;
};

/// True for ENG_START and Q_DOORBELL: the writes that set a tile to work.
[[nodiscard]] bool starts_work(std::uint16_t address);

}  // namespace tessera::sim
