// SPDX-License-Identifier: Apache-2.0
/// The sizes of one hardware configuration, as read from `configs/NAME.json`.
#pragma once
#include <cstdint>
#include <string_view>

namespace tessera {

/// One configuration. Field names equal the keys of the JSON file; units stand there beside each key.
struct Config {
  std::string_view name;
  std::uint32_t partitions;
  std::uint32_t sbuf_bytes_per_partition;
  std::uint32_t psum_banks;
  std::uint32_t psum_bank_bytes;
  std::uint32_t hbm_bytes_per_cycle;
  std::uint32_t hbm_latency_cycles;
  std::uint32_t hbm_banks;
  std::uint64_t hbm_bytes;
  std::uint32_t dma_queues;
  std::uint32_t dma_segment_bytes;
  std::uint32_t dma_slots_per_queue;
  std::uint32_t link_bytes;
  std::uint32_t router_vc_depth;
  std::uint32_t semaphores;
  std::uint32_t sequencer_registers;
  std::uint32_t fetch_slots;

  [[nodiscard]] constexpr std::uint64_t sbuf_bytes() const {
    return std::uint64_t{partitions} * sbuf_bytes_per_partition;
  }
  [[nodiscard]] constexpr std::uint32_t psum_bytes_per_partition() const { return psum_banks * psum_bank_bytes; }
};

}  // namespace tessera
