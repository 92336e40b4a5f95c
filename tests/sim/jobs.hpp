// SPDX-License-Identifier: Apache-2.0
/// Programs for clusters of real tiles: how they come to be, how a host loads them, and what must be the same
/// afterwards.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "golden/cluster.hpp"
#include "isa/assembler.hpp"
#include "sim/cluster.hpp"
#include "tests/seed.hpp"

namespace tessera::test {

inline isa::ProgramImage assembled(const isa::Assembled& program) {
  if (!program.ok()) throw std::runtime_error(program.errors.front().sentence());
  return program.image;
}

/// A program of examples/random_traffic.py.
inline isa::ProgramImage traffic(unsigned width, unsigned height, unsigned count, unsigned compute = 0) {
  const std::string command = std::string(TSR_PYTHON) + " " TSR_SOURCE_DIR "/examples/random_traffic.py --mesh " +
                              std::to_string(width) + "x" + std::to_string(height) + " --seed " +
                              std::to_string(seed()) + " --count " + std::to_string(count) + " --compute " +
                              std::to_string(compute);
  std::string text;
  std::FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) != 0;) text.append(buffer, n);
  if (pclose(pipe) != 0) throw std::runtime_error(command + " failed");
  return assembled(isa::assemble(text, "traffic"));
}

/// The same program on a larger mesh, whose further tiles do nothing.
inline isa::ProgramImage enlarged(const isa::ProgramImage& image, std::uint32_t width, std::uint32_t height) {
  isa::ProgramImage larger;
  larger.width = width, larger.height = height;
  larger.tiles.resize(std::size_t{width} * height);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) larger.tile(x, y) = image.tile(x, y);
  }
  return larger;
}

inline void load(sim::Cluster& cluster, const isa::ProgramImage& image) {
  namespace reg = isa::reg;
  for (std::uint32_t t = 0; t < image.tiles.size(); ++t) {
    const isa::TileImage& tile = image.tiles[t];
    sim::Host& host = cluster.host(t);
    for (const auto& block : tile.hbm) cluster.hbm(t).place(block.address, block.bytes);
    for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
      if (tile.queues[q].ring_size == 0) continue;
      host.write(reg::at(reg::kQBase, q), static_cast<std::uint32_t>(tile.queues[q].ring_base));
      host.write(reg::at(reg::kQBaseHi, q), 0);
      host.write(reg::at(reg::kQSize, q), tile.queues[q].ring_size);
    }
    for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
      if (tile.queues[q].doorbell != 0) host.write(reg::at(reg::kQDoorbell, q), tile.queues[q].doorbell);
    }
    for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
      if (!tile.start_pc[e]) continue;
      host.write(reg::at(reg::kEngPc, e), static_cast<std::uint32_t>(*tile.start_pc[e]));
      host.write(reg::at(reg::kEngPcHi, e), 0);
      host.write(reg::at(reg::kEngStart, e), 1);
    }
  }
}

inline sim::RunResult run(const sim::ClusterOptions& o, const isa::ProgramImage& image) {
  sim::Cluster cluster(o);
  load(cluster, image);
  return cluster.run();
}

inline void expect_same_work(const sim::RunResult& got, const sim::RunResult& want) {
  ASSERT_EQ(got.records.size(), want.records.size());
  for (std::size_t i = 0; i < want.records.size(); ++i) {
    ASSERT_TRUE(got.records[i].tag == want.records[i].tag && got.records[i].checksum == want.records[i].checksum)
        << "record " << i;
  }
}

}  // namespace tessera::test
