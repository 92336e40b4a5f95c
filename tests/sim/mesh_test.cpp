// SPDX-License-Identifier: Apache-2.0
// The mesh elaborated as one design against the stitched tiles: the same job of random DMA copies between all tiles
// must give the same cycles, records, HBM contents and signature for every link latency.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "p4/tsr_cfg.hpp"
#include "sim/cluster.hpp"
#include "tests/seed.hpp"
#include "tsr_isa.hpp"

namespace {

using namespace tessera;
using namespace tessera::sim;
constexpr std::uint32_t kWidth = 2, kHeight = 2, kTiles = kWidth * kHeight;
constexpr std::uint32_t kRing = 0x10000, kData = 0x100000, kOut = 0x400000, kWindow = 1u << 16;

struct Outcome {
  RunResult result;
  std::vector<std::vector<std::uint8_t>> out;
};

/// Every queue of every tile copies and adds rows from any tile to any other one; each writes a region of its own.
Outcome run(std::uint64_t seed, std::uint32_t latency, bool monolithic, unsigned descriptors) {
  std::mt19937_64 rng{seed};
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(rng() % n); };
  ClusterOptions options;
  options.config = "p4", options.width = kWidth, options.height = kHeight;
  options.monolithic = monolithic, options.link_latency = latency;
  Cluster cluster(options);
  const std::uint32_t queues = cluster.config().dma_queues;
  for (std::uint32_t t = 0; t < kTiles; ++t) {
    std::vector<std::uint8_t> data(kWindow);
    for (auto& b : data) b = static_cast<std::uint8_t>(rng());
    cluster.hbm(t).write(kData, data);
    for (std::uint32_t q = 0; q < queues; ++q) {
      const std::uint32_t ring = kRing + q * 0x8000;
      for (std::uint32_t i = 0; i < descriptors; ++i) {
        isa::Desc d;
        const std::uint32_t from = below(kTiles), to = below(kTiles);
        d.tag = i, d.row_elems = 4 * (1 + below(80)), d.num1 = 1 + below(6);
        d.src_dtype = d.dst_dtype = 2;  // bytes
        d.src_x = from % kWidth, d.src_y = from / kWidth, d.dst_x = to % kWidth, d.dst_y = to / kWidth;
        d.src_addr = kData + below(kWindow - 4096), d.src_step1 = below(512);
        d.dst_addr = kOut + (t * queues + q) * 0x8000 + below(0x8000 - 4096), d.dst_step1 = below(512);
        d.upd_sem = q, d.upd_op = 2, d.upd_value = 1, d.upd_remote = below(2), d.upd_x = below(kWidth),
        d.upd_y = below(kHeight);
        const auto image = d.pack();
        cluster.hbm(t).write(ring + i * isa::kItemBytes,
                             {reinterpret_cast<const std::uint8_t*>(image.data()), isa::kItemBytes});
      }
      const auto at = [&](std::uint32_t reg) { return isa::reg::at(reg, q); };
      cluster.host(t).write(at(isa::reg::kQBase), ring);
      cluster.host(t).write(at(isa::reg::kQBaseHi), 0);
      cluster.host(t).write(at(isa::reg::kQSize), descriptors);
      cluster.host(t).write(at(isa::reg::kQDoorbell), descriptors);
    }
  }
  Outcome r;
  r.result = cluster.run();
  for (std::uint32_t t = 0; t < kTiles; ++t) {
    r.out.emplace_back(kTiles * queues * 0x8000);
    cluster.hbm(t).read(kOut, r.out.back());
  }
  return r;
}

TEST(Mesh, EqualsStitchedTiles) {
  const std::uint64_t seed = tessera::test::seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (const std::uint32_t latency : {1u, 2u, 7u}) {
    const Outcome stitched = run(seed + latency, latency, false, 24), mesh = run(seed + latency, latency, true, 24);
    EXPECT_TRUE(stitched.result.ok) << stitched.result.error;
    EXPECT_TRUE(mesh.result.ok) << mesh.result.error;
    EXPECT_TRUE(stitched.result.errors.empty());
    EXPECT_EQ(stitched.result.cycles, mesh.result.cycles);
    EXPECT_EQ(stitched.result.signature, mesh.result.signature);
    EXPECT_EQ(stitched.result.link_flits, mesh.result.link_flits);
    EXPECT_EQ(stitched.result.records.size(), std::size_t{kTiles} * 4 * 24);
    ASSERT_EQ(stitched.result.records.size(), mesh.result.records.size());
    for (std::size_t i = 0; i < mesh.result.records.size(); ++i) {
      EXPECT_EQ(stitched.result.records[i].end, mesh.result.records[i].end) << "record " << i;
      EXPECT_EQ(stitched.result.records[i].checksum, mesh.result.records[i].checksum) << "record " << i;
    }
    EXPECT_TRUE(stitched.out == mesh.out);
    std::uint64_t flits = 0;
    for (const std::uint64_t n : mesh.result.link_flits) flits += n;
    EXPECT_GT(flits, 10000u);
    std::printf("link latency %u: %llu cycles, %llu flits\n", latency,
                static_cast<unsigned long long>(mesh.result.cycles), static_cast<unsigned long long>(flits));
  }
}

}  // namespace
