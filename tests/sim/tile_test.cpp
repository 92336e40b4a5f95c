// SPDX-License-Identifier: Apache-2.0
// The cluster with real tiles: random traffic between HBM and SBUF of a mesh of p4 tiles, whose engines compute.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "jobs.hpp"

namespace tessera {
namespace {

using test::expect_same_work, test::run, test::seed, test::traffic;

/// Where time is not compared with another model, the assertions of the RTL are on.
bool checked() { return static_cast<bool>(sim::find_tile("p4")->checked); }

sim::ClusterOptions options(unsigned width, unsigned height) {
  sim::ClusterOptions o;
  o.config = "p4";
  o.width = width, o.height = height;
  o.watchdog = 20'000;
  return o;
}

TEST(RealTile, OneSignatureForThreadsAndSkipping) {
  const auto image = traffic(3, 2, 12, 20);
  for (const std::uint32_t latency : {1U, 7U}) {
    sim::ClusterOptions o = options(3, 2);
    o.link_latency = latency;
    const sim::RunResult want = run(o, image);
    ASSERT_TRUE(want.ok) << want.error << ", seed " << seed();
    EXPECT_GT(want.records.size(), 6 * 4 * 12U);
    for (const unsigned threads : {1U, 2U, 3U}) {
      for (const sim::Skip skip : {sim::Skip::kOff, sim::Skip::kOn, sim::Skip::kCheck}) {
        o.threads = threads, o.skip = skip;
        const sim::RunResult got = run(o, image);
        ASSERT_TRUE(got.ok) << got.error << ", seed " << seed();
        EXPECT_EQ(got.signature, want.signature)
            << "latency " << latency << " threads " << threads << " skip " << static_cast<int>(skip);
        EXPECT_EQ(got.cycles, want.cycles);
        expect_same_work(got, want);
      }
    }
  }
}

std::ptrdiff_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task"), end;
  return std::distance(tasks, end);
}

TEST(RealTile, AnyNumberOfTilesAddsNoThread) {
  const std::ptrdiff_t before = threads_of_this_process();
  for (const bool as_one : {false, true}) {
    sim::ClusterOptions o = options(2, 2);
    o.monolithic = as_one;
    if (as_one && sim::find_mesh(*sim::find_tile("p4")->config, 2, 2) == nullptr) continue;
    sim::Cluster cluster(o);
    const sim::RunResult result = cluster.run();
    ASSERT_TRUE(result.ok) << result.error;
    EXPECT_EQ(threads_of_this_process(), before) << (as_one ? "one design" : "stitched tiles");
  }
}

TEST(RealTile, StallsChangeTimeAndNotWork) {
  const auto image = traffic(2, 2, 12, 20);
  sim::ClusterOptions o = options(2, 2);
  o.checked = checked();
  const sim::RunResult want = run(o, image);
  ASSERT_TRUE(want.ok) << want.error;
  o.hbm.random_stalls = true;
  o.skip = sim::Skip::kCheck;
  for (o.hbm.seed = seed(); o.hbm.seed < seed() + 3; ++o.hbm.seed) {
    const sim::RunResult got = run(o, image);
    ASSERT_TRUE(got.ok) << got.error << ", seed " << o.hbm.seed;
    EXPECT_NE(got.signature, want.signature);
    expect_same_work(got, want);
  }
}

TEST(RealTile, AResetInTheMiddleChangesNothingButTime) {
  const auto image = traffic(2, 2, 8, 12);
  sim::ClusterOptions o = options(2, 2);
  o.checked = checked();
  const sim::RunResult want = run(o, image);
  ASSERT_TRUE(want.ok) << want.error;
  o.reset_at = want.cycles / 2;
  o.skip = sim::Skip::kCheck;
  const sim::RunResult again = run(o, image);
  ASSERT_TRUE(again.ok) << again.error;
  EXPECT_EQ(again.cycles, want.cycles + o.reset_at);
  expect_same_work(again, want);
}

TEST(RealTile, TheMeshAsOneDesignHasTheSameSignature) {
  const Config& p4 = *sim::find_tile("p4")->config;
  if (sim::find_mesh(p4, 2, 2) == nullptr) GTEST_SKIP() << sim::not_built(sim::mesh_model_name(p4, 2, 2));
  const auto image = traffic(2, 2, 12, 20);
  for (const std::uint32_t latency : {1U, 2U, 7U}) {
    for (const bool stalls : {false, true}) {
      sim::ClusterOptions o = options(2, 2);
      o.link_latency = latency;
      o.hbm.random_stalls = stalls;
      const sim::RunResult want = run(o, image);
      ASSERT_TRUE(want.ok) << want.error;
      o.monolithic = true;
      for (const sim::Skip skip : {sim::Skip::kOn, sim::Skip::kOff}) {
        o.skip = skip;
        const sim::RunResult got = run(o, image);
        ASSERT_TRUE(got.ok) << got.error;
        EXPECT_EQ(got.signature, want.signature) << "latency " << latency << ", seed " << seed();
        EXPECT_EQ(got.cycles, want.cycles);
      }
      // With a reset in the middle.
      std::uint64_t both[2];
      for (const bool monolithic : {false, true}) {
        o.monolithic = monolithic;
        o.reset_at = want.cycles / 3;
        both[monolithic] = run(o, image).signature;
      }
      EXPECT_EQ(both[0], both[1]);
    }
  }
}

TEST(RealTile, SignatureSeesOneSlowerLink) {
  const auto image = traffic(2, 2, 8, 12);
  sim::ClusterOptions o = options(2, 2);
  const sim::RunResult want = run(o, image);
  o.link_latencies = {{0, sim::kEast, 2}};
  const sim::RunResult got = run(o, image);
  ASSERT_TRUE(want.ok && got.ok) << want.error << got.error;
  EXPECT_NE(got.signature, want.signature);
  expect_same_work(got, want);
}

TEST(RealTile, SignatureSeesOneFlippedBitOfSbuf) {
  const auto image = traffic(2, 2, 12, 20);
  sim::ClusterOptions o = options(2, 2);
  const sim::RunResult want = run(o, image);
  unsigned seen = 0;
  for (unsigned word = 0; word < 16; ++word) {  // first word of each queue's stage (0x800 + 0x80 q) in each partition
    const std::size_t bit = ((0x200 + 0x20 * (word / 4)) * 4 + word % 4) * 32 + 30;
    bool flipped = false;
    o.hooks = {{1, want.cycles / 4, [&](sim::TileModel& tile) { flipped = tile.flip("u_sbuf.u_ram.mem", bit); }}};
    const sim::RunResult got = run(o, image);
    EXPECT_TRUE(flipped && got.ok);
    seen += got.signature != want.signature;
  }
  EXPECT_GT(seen, 0U) << "words that are read after the flip must show, seed " << seed();
}

TEST(RealTile, RandomInitialValuesDoNotMatter) {
  const sim::TileEntry* entry = sim::find_tile("p4");
  if (!entry->checked) GTEST_SKIP() << sim::not_built("tile_p4_checked");
  const auto image = traffic(2, 2, 12, 20);
  sim::ClusterOptions o = options(2, 2);
  const sim::RunResult want = run(o, image);
  for (const std::uint32_t x_seed : {1U, 77U}) {
    o.x_seed = x_seed;
    o.skip = sim::Skip::kCheck;
    const sim::RunResult got = run(o, image);
    ASSERT_TRUE(got.ok) << got.error;
    EXPECT_EQ(got.signature, want.signature) << "x seed " << x_seed;
  }
}

TEST(RealTile, SeveralTracedTilesWriteTheirOwnFiles) {
  const sim::TileEntry* entry = sim::find_tile("p4");
  if (!entry->traced) GTEST_SKIP() << sim::not_built("tile_p4_traced");
  const auto image = traffic(2, 2, 4);
  sim::ClusterOptions o = options(2, 2);
  const sim::RunResult want = run(o, image);
  const auto folder = std::filesystem::temp_directory_path() /
                      ("tessera_waves_" + std::to_string(seed()) + "_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  o.waves.tiles = {0, 3};
  o.waves.path = folder / "x.fst";
  o.waves.from = 200, o.waves.to = 700;
  o.threads = 2;
  const sim::RunResult got = run(o, image);
  EXPECT_EQ(got.signature, want.signature);
  for (const char* name : {"x_0_0.fst", "x_1_1.fst"}) EXPECT_GT(std::filesystem::file_size(folder / name), 1000U);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tessera
