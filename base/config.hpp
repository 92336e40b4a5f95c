// SPDX-License-Identifier: Apache-2.0
/// One hardware configuration: its sizes and what it is called.
#pragma once
#include <cstdint>
#include <string_view>

#include "tsr_config.hpp"

namespace tessera {

/// The texts live as long as the program.
struct Config : ConfigKeys {
  std::string_view name;      ///< for people: "p8", "p8 (router_vc_depth=16)"
  std::string_view model;     ///< in names of Verilated models: tile_MODEL, mesh_MODEL_2x2
  std::string_view hardware;  ///< digest of the keys that the RTL knows; models are built for one

  [[nodiscard]] constexpr std::uint64_t sbuf_bytes() const {
    return std::uint64_t{partitions} * sbuf_bytes_per_partition;
  }
  [[nodiscard]] constexpr std::uint32_t psum_bytes_per_partition() const { return psum_banks * psum_bank_bytes; }
};

}  // namespace tessera
