// SPDX-License-Identifier: Apache-2.0
/// `tessera info`: a hardware configuration in words.
#include <fmt/format.h>

#include "cli/commands.hpp"

namespace tessera::cli {

int run_info(const Config& cfg) {
  fmt::print("configuration       {}\n", cfg.name);
  fmt::print("partitions          {} (PE array {} x {}, bf16)\n", cfg.partitions, cfg.partitions, cfg.partitions);
  fmt::print("SBUF                {} KiB x {}\n", cfg.sbuf_bytes_per_partition / 1024, cfg.partitions);
  fmt::print("PSUM                {} banks x {} B x {}\n", cfg.psum_banks, cfg.psum_bank_bytes, cfg.partitions);
  fmt::print("HBM                 {} B/cycle, latency {} cycles, {} MiB\n", cfg.hbm_bytes_per_cycle,
             cfg.hbm_latency_cycles, cfg.hbm_bytes >> 20);
  fmt::print("DMA                 {} queues, segments of {} B\n", cfg.dma_queues, cfg.dma_segment_bytes);
  fmt::print("links               {} B/cycle, {} flits per VC\n", cfg.link_bytes, cfg.router_vc_depth);
  return 0;
}

}  // namespace tessera::cli
