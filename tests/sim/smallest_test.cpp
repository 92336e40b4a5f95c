// SPDX-License-Identifier: Apache-2.0
// Whole tiles with the smallest buffers that can be built (p4min.json: two flits per virtual channel, two slots per DMA
// queue, segments of 128 bytes, which a descriptor needs): every tile copies HBM to HBM to and from every other tile,
// all at once, on all queues. Nobody may deadlock, and every byte must arrive. The assertions of the RTL are on and
// everything starts at random.
#include <algorithm>
#include <random>
#include <vector>

#include "jobs.hpp"
#include "p4min/tsr_cfg.hpp"

namespace tessera {
namespace {

constexpr std::uint32_t kRing = 0x10000, kRingBytes = 0x4000, kSource = 0x100000, kTarget = 0x400000, kRoom = 0x500;
constexpr std::uint32_t kSourceBytes = 0x2000;

struct Mesh {
  std::uint32_t width, height;
  [[nodiscard]] std::uint32_t tiles() const { return width * height; }
};

/// What HBM holds at kTarget of each tile in the end; loads the cluster with the job that makes it so.
/// Queues 0 and 1 of tile t send to every other tile, queue 2 fetches from every other tile, queue 3 moves from a third
/// one to a fourth.
std::vector<std::vector<std::uint8_t>> all_pairs(sim::Cluster& cluster, Mesh mesh, std::mt19937_64& rng) {
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(rng() % n); };
  const std::uint32_t n = mesh.tiles(), queues = cluster.config().dma_queues;
  std::vector<std::vector<std::uint8_t>> source(n, std::vector<std::uint8_t>(kSourceBytes));
  std::vector<std::vector<std::uint8_t>> target(n, std::vector<std::uint8_t>(std::size_t{n} * n * queues * kRoom));
  for (std::uint32_t t = 0; t < n; ++t) {
    for (auto& b : source[t]) b = static_cast<std::uint8_t>(rng());
    cluster.hbm(t).write(kSource, source[t]);
  }
  for (std::uint32_t t = 0; t < n; ++t) {
    for (std::uint32_t q = 0; q < queues; ++q) {
      for (std::uint32_t i = 1; i < n; ++i) {
        const std::uint32_t other = (t + i) % n;
        const std::uint32_t from = q < 2 ? t : other, to = q < 2 ? other : q == 2 ? t : (t + 2 * i) % n;
        const std::uint32_t bytes = 600 + below(400), at = below(kSourceBytes - bytes),
                            into = ((t * queues + q) * n + i) * kRoom + below(kRoom - bytes);
        isa::Desc d;
        d.tag = i, d.row_elems = bytes;
        d.src_dtype = d.dst_dtype = 2;  // bytes
        d.src_x = from % mesh.width, d.src_y = from / mesh.width, d.dst_x = to % mesh.width, d.dst_y = to / mesh.width;
        d.src_addr = kSource + at, d.dst_addr = kTarget + into;
        const auto image = d.pack();
        cluster.hbm(t).write(kRing + q * kRingBytes + (i - 1) * isa::kItemBytes,
                             {reinterpret_cast<const std::uint8_t*>(image.data()), isa::kItemBytes});
        std::copy_n(source[from].begin() + at, bytes, target[to].begin() + into);
      }
      const auto reg = [&](std::uint32_t base) { return isa::reg::at(base, q); };
      cluster.host(t).write(reg(isa::reg::kQBase), kRing + q * kRingBytes);
      cluster.host(t).write(reg(isa::reg::kQBaseHi), 0);
      cluster.host(t).write(reg(isa::reg::kQSize), n - 1);
      cluster.host(t).write(reg(isa::reg::kQDoorbell), n - 1);
    }
  }
  return target;
}

void check(Mesh mesh, std::uint32_t latency, bool stalls, sim::Skip skip) {
  SCOPED_TRACE(std::to_string(mesh.width) + "x" + std::to_string(mesh.height) + " latency " + std::to_string(latency) +
               (stalls ? " stalls" : "") + " seed " + std::to_string(test::seed()));
  const sim::TileEntry entry = sim::tile_entry(configs::p4min::kConfig);
  std::mt19937_64 rng(test::seed() + latency);
  sim::ClusterOptions o;
  o.tile = &entry;
  o.width = mesh.width, o.height = mesh.height;
  o.link_latency = latency;
  o.skip = skip;
  o.x_seed = static_cast<std::uint32_t>(1 + rng() % 1000);
  o.hbm.random_stalls = stalls, o.hbm.seed = rng();
  o.watchdog = 20'000;
  sim::Cluster cluster(o);
  const auto want = all_pairs(cluster, mesh, rng);
  const sim::RunResult result = cluster.run();
  ASSERT_TRUE(result.ok) << result.error;
  EXPECT_EQ(result.records.size(), std::size_t{mesh.tiles()} * (mesh.tiles() - 1) * cluster.config().dma_queues);
  for (std::uint32_t t = 0; t < mesh.tiles(); ++t) {
    std::vector<std::uint8_t> got(want[t].size());
    cluster.hbm(t).read(kTarget, got);
    const auto wrong = std::mismatch(got.begin(), got.end(), want[t].begin());
    EXPECT_TRUE(wrong.first == got.end()) << "tile " << t << " byte " << wrong.first - got.begin();
  }
  std::printf("%ux%u, link latency %u%s: %llu cycles\n", mesh.width, mesh.height, latency, stalls ? ", stalls" : "",
              static_cast<unsigned long long>(result.cycles));
}

TEST(SmallestBuffers, AllPairsOnFourByFour) {
  check({4, 4}, 1, false, sim::Skip::kOn);
  check({4, 4}, 3, true, sim::Skip::kOn);
}

TEST(SmallestBuffers, AllPairsOnOddAndFlatMeshes) {
  check({3, 3}, 2, true, sim::Skip::kCheck);
  check({5, 1}, 1, true, sim::Skip::kCheck);
  check({1, 4}, 7, false, sim::Skip::kOn);
}

}  // namespace
}  // namespace tessera
