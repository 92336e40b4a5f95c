// SPDX-License-Identifier: Apache-2.0
#include "workloads/image.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "isa/builder.hpp"

namespace tessera::workloads {
isa::ProgramImage make_image(const kernels::ClusterProgram& program,
                             const std::vector<std::vector<isa::HbmBlock>>& data, std::uint64_t code_base) {
  isa::ProgramBuilder builder(program.width, program.height, code_base);
  for (std::uint32_t t = 0; t < program.tiles.size(); ++t) {
    const auto at = program.coord(t);
    for (unsigned e = 0; e < kernels::kNumEngines; ++e) {
      const auto& list = program.tiles[t].engine[e];
      if (!list.empty()) builder.engine(at.x, at.y, static_cast<isa::Engine>(e)).append(list);
    }
    for (std::uint32_t q = 0; q < program.tiles[t].queue.size(); ++q) {
      const auto& list = program.tiles[t].queue[q];
      if (!list.empty()) builder.queue(at.x, at.y, q).append(list).doorbell_all();
    }
    if (t < data.size()) {
      for (const auto& block : data[t]) builder.hbm(at.x, at.y, block.address, block.bytes);
    }
  }
  auto built = std::move(builder).build();
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

std::uint64_t item_count(const kernels::ClusterProgram& program) {
  std::uint64_t count = 0;
  for (const auto& tile : program.tiles) {
    for (const auto& list : tile.engine) count += list.size();
    for (const auto& list : tile.queue) count += list.size();
  }
  return count;
}

}  // namespace tessera::workloads
