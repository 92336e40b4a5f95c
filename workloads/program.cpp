// SPDX-License-Identifier: Apache-2.0
#include "workloads/program.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/round.hpp"
#include "base/text.hpp"

namespace tessera::workloads {

isa::ProgramImage image_of(const Config& cfg, isa::ProgramBuilder&& program, std::uint64_t data_end) {
  program.code_base(std::max(round_up(data_end, 4096), std::min<std::uint64_t>(1 << 20, cfg.hbm_bytes / 2)));
  auto built = std::move(program).build();
  if (!built.ok()) throw std::runtime_error(built.error);
  return std::move(built.image);
}

std::string image_fault(const Config& cfg, const isa::ProgramImage& image) {
  for (std::uint32_t t = 0; t < image.tiles.size(); ++t) {
    const auto& tile = image.tiles[t];
    const std::string where = tile_text(t % image.width, t / image.width);
    if (tile.queues.size() > cfg.dma_queues) {
      return where + " uses queue " + std::to_string(tile.queues.size() - 1) + ", but a tile of " +
             std::string(cfg.name) + " has only " + std::to_string(cfg.dma_queues);
    }
    for (const auto& block : tile.hbm) {
      if (block.address + block.bytes.size() > cfg.hbm_bytes) {
        return where + ": " + std::to_string(block.bytes.size()) + " bytes at HBM address " +
               std::to_string(block.address) + " lie outside its " + std::to_string(cfg.hbm_bytes) + " bytes of HBM";
      }
    }
  }
  return {};
}

}  // namespace tessera::workloads
