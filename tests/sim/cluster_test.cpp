// SPDX-License-Identifier: Apache-2.0
#include "sim/cluster.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

#include "fake_tile.hpp"
#include "naive_cluster.hpp"
#include "tests/seed.hpp"

namespace tessera::test {
namespace {

using namespace sim;

/// Some tiles launch packets that wander; the rest sleeps until one comes by.
void load(std::uint32_t tile, Host& host, unsigned packets = 3, unsigned hops = 60) {
  if (mix(seed() + tile) % 3 != 0 && tile != 0) return;
  host.write(isa::reg::kEngPc, 0);
  host.write(isa::reg::kEngStart, packets << 16 | (hops + tile % 7));
}

ClusterOptions options_for(const TileEntry& entry, std::uint32_t width, std::uint32_t height, std::uint32_t latency) {
  ClusterOptions o;
  o.tile = &entry;
  o.width = width, o.height = height;
  o.link_latency = latency;
  return o;
}

RunResult run(const ClusterOptions& o, unsigned packets = 3, unsigned hops = 60) {
  Cluster cluster(o);
  for (std::uint32_t t = 0; t < cluster.tiles(); ++t) load(t, cluster.host(t), packets, hops);
  return cluster.run();
}

template <class A, class B>
void expect_same(const A& got, const B& want, const std::string& what) {
  EXPECT_EQ(got.cycles, want.cycles) << what;
  EXPECT_EQ(got.signature, want.signature) << what;
  EXPECT_EQ(got.link_flits, want.link_flits) << what;
  EXPECT_EQ(got.hbm_bytes_read, want.hbm_bytes_read) << what;
  EXPECT_EQ(got.hbm_bytes_written, want.hbm_bytes_written) << what;
  ASSERT_EQ(got.records.size(), want.records.size()) << what;
  for (std::size_t i = 0; i < got.records.size(); ++i) {
    const auto &a = got.records[i], &b = want.records[i];
    ASSERT_TRUE(a.tile == b.tile && a.source == b.source && a.opcode == b.opcode && a.tag == b.tag &&
                a.start == b.start && a.end == b.end && a.checksum == b.checksum)
        << what << ", record " << i;
  }
}

TEST(Cluster, EqualsThePlainLoopForAnyThreadsSkippingAndLatency) {
  const TileEntry entry = fake_entry();
  const std::pair<std::uint32_t, std::uint32_t> meshes[] = {{1, 1}, {4, 4}, {5, 1}, {3, 5}};
  for (const auto& [width, height] : meshes) {
    for (const std::uint32_t latency : {1U, 2U, 7U, 100U}) {
      for (const bool stalls : {false, true}) {
        ClusterOptions o = options_for(entry, width, height, latency);
        o.hbm.random_stalls = stalls;
        o.hbm.seed = seed();
        const NaiveResult want = run_naive(o, [](std::uint32_t t, Host& host) { load(t, host); });
        EXPECT_TRUE(width * height == 1 || want.records.size() > 20);
        for (const unsigned threads : {1U, 2U, 3U}) {
          for (const Skip skip : {Skip::kOff, Skip::kOn, Skip::kCheck}) {
            o.threads = threads;
            o.skip = skip;
            const RunResult got = run(o);
            const std::string what = std::to_string(width) + "x" + std::to_string(height) + " latency " +
                                     std::to_string(latency) + " threads " + std::to_string(threads) + " skip " +
                                     std::to_string(static_cast<int>(skip)) + " seed " + std::to_string(seed());
            ASSERT_TRUE(got.ok) << got.error << ", " << what;
            EXPECT_TRUE(got.complete);
            expect_same(got, want, what);
            EXPECT_EQ(got.tile_cycles, got.cycles * width * height);
            EXPECT_TRUE(skip != Skip::kOff || got.skipped_tile_cycles == 0) << what;
            EXPECT_TRUE(skip != Skip::kOn || width * height == 1 || got.skipped_tile_cycles > 0) << what;
            if (HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST(Cluster, ALinkMayBeSlowerThanTheOthers) {
  const TileEntry entry = fake_entry();
  for (const std::uint32_t latency : {1U, 3U}) {
    ClusterOptions o = options_for(entry, 4, 4, latency);
    const std::uint64_t plain = run(o).signature;
    o.link_latencies = {{5, kEast, latency + 1}, {6, kNorth, 50}};
    const NaiveResult want = run_naive(o, [](std::uint32_t t, Host& host) { load(t, host); });
    EXPECT_NE(want.signature, plain) << "one cycle more on one link must show";
    for (const unsigned threads : {1U, 2U}) {
      for (const Skip skip : {Skip::kOff, Skip::kOn}) {
        o.threads = threads, o.skip = skip;
        expect_same(run(o), want, "latency " + std::to_string(latency));
      }
    }
  }
  ClusterOptions o = options_for(entry, 2, 1, 4);
  o.link_latencies = {{0, kEast, 3}};
  EXPECT_THROW(Cluster{o}, std::invalid_argument);
}

TEST(Cluster, SignatureSeesOneFlippedBit) {
  const TileEntry entry = fake_entry();
  ClusterOptions o = options_for(entry, 4, 4, 2);
  const RunResult plain = run(o);
  for (const unsigned threads : {1U, 3U}) {
    o.threads = threads;
    o.hooks = {{9, plain.cycles / 8, [](TileModel& tile) { tile.flip("", 0); }}};
    EXPECT_NE(run(o).signature, plain.signature);
    o.hooks = {{9, plain.cycles / 8, [](TileModel&) {}}};
    EXPECT_EQ(run(o).signature, plain.signature);
  }
}

TEST(Cluster, NothingToDoEndsInCycleZero) {
  const TileEntry entry = fake_entry();
  for (const Skip skip : {Skip::kOff, Skip::kOn, Skip::kCheck}) {
    ClusterOptions o = options_for(entry, 3, 3, 7);
    o.skip = skip;
    Cluster cluster(o);
    const RunResult result = cluster.run();
    EXPECT_TRUE(result.ok && result.complete);
    EXPECT_EQ(result.cycles, 0U);
    EXPECT_EQ(result.signature, 0U);
  }
}

TEST(Cluster, SkipCheckFindsATileThatLies) {
  FakeOptions fake;
  fake.lies = true;
  const TileEntry entry = fake_entry(fake);
  ClusterOptions o = options_for(entry, 4, 4, 1);
  o.skip = Skip::kCheck;
  for (const unsigned threads : {1U, 3U}) {
    o.threads = threads;
    const RunResult result = run(o);
    EXPECT_FALSE(result.ok || result.complete);
    EXPECT_NE(result.error.find("skip check: tile ("), std::string::npos) << result.error;
  }
}

TEST(Cluster, StopsAtMaxCyclesExactly) {
  const TileEntry entry = fake_entry();
  for (const std::uint32_t latency : {1U, 7U}) {
    ClusterOptions o = options_for(entry, 4, 4, latency);
    o.max_cycles = 101;
    std::uint64_t signature = 0;
    for (const unsigned threads : {1U, 3U}) {
      o.threads = threads;
      const RunResult result = run(o);
      EXPECT_FALSE(result.ok || result.complete);
      EXPECT_EQ(result.cycles, 101U);
      EXPECT_EQ(result.error.substr(0, 37), "stopped at --max-cycles in cycle 101");
      EXPECT_TRUE(signature == 0 || result.signature == signature);
      signature = result.signature;
    }
    o.max_cycles = run([&] {
                     auto q = o;
                     q.max_cycles = 0;
                     return q;
                   }())
                       .cycles;
    EXPECT_TRUE(run(o).ok) << "a limit equal to the run's length is no limit";
  }
}

TEST(Cluster, WatchdogAndEndNameWhoWaits) {
  FakeOptions fake;
  fake.status = 1 | 8 | 4 << 8 | 17U << 16;  // ACT runs and waits for semaphore 4, tag 17
  const TileEntry entry = fake_entry(fake);
  ClusterOptions o = options_for(entry, 2, 1, 1);
  RunResult result = run(o);
  EXPECT_FALSE(result.ok);
  EXPECT_TRUE(result.complete);
  ASSERT_FALSE(result.stuck.empty());
  EXPECT_NE(result.error.find("everything stands still in cycle " + std::to_string(result.cycles)), std::string::npos)
      << result.error;
  EXPECT_NE(result.error.find("tile (0,0) ACT waits for semaphore 4 to reach 3 (now 2), tag 17"), std::string::npos)
      << result.error;

  fake.always_busy = false, fake.run_for = 1'000'000;  // busy without a sign of life
  const TileEntry silent = fake_entry(fake);
  o.tile = &silent;
  o.watchdog = 500;
  result = run(o, 0);
  EXPECT_FALSE(result.ok || result.complete);
  EXPECT_NE(result.error.find("no progress for 500 cycles"), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("ACT waits"), std::string::npos) << result.error;
  EXPECT_LT(result.cycles, 1000U);
}

TEST(Cluster, InterruptionClosesTraces) {
  std::atomic<std::uint64_t> dumped{0};
  FakeOptions fake;
  fake.run_for = 1'000'000;
  fake.traces_closed = &dumped;
  const TileEntry entry = fake_entry(fake);
  ClusterOptions o = options_for(entry, 4, 2, 2);
  o.threads = 3;
  o.waves.tiles = {0, 5};
  o.waves.path = "x.fst";
  o.waves.from = 10, o.waves.to = 19;
  std::atomic<unsigned> asked{0};
  o.interrupted = [&] { return ++asked > 100; };
  const RunResult result = run(o);
  EXPECT_FALSE(result.ok || result.complete);
  EXPECT_EQ(result.error, "interrupted in cycle " + std::to_string(result.cycles));
  EXPECT_EQ(dumped.load(), 20U) << "two tiles, ten cycles";
}

TEST(Cluster, TracingChangesNothing) {
  const TileEntry entry = fake_entry();
  ClusterOptions o = options_for(entry, 4, 4, 1);
  const RunResult plain = run(o);
  o.waves.tiles = {0, 3, 15};
  o.threads = 2;
  expect_same(run(o), plain, "traced");
}

TEST(Cluster, RunsJobsBackToBack) {
  const TileEntry entry = fake_entry();
  std::vector<std::uint64_t> signatures;
  for (const unsigned threads : {1U, 2U, 3U}) {
    for (const Skip skip : {Skip::kOff, Skip::kOn, Skip::kCheck}) {
      ClusterOptions o = options_for(entry, 4, 3, 2);
      o.threads = threads, o.skip = skip;
      Cluster cluster(o);
      std::uint64_t last = 0, sum = 0;
      for (int job = 0; job < 3; ++job) {
        for (std::uint32_t t = 0; t < cluster.tiles(); ++t) load(t, cluster.host(t), 2 + job, 20);
        const RunResult result = cluster.run();
        ASSERT_TRUE(result.ok) << result.error;
        EXPECT_GE(result.begin, last);
        EXPECT_GT(result.cycles, result.begin);
        EXPECT_GE(result.first_start, result.begin);
        for (const RetireRecord& r : result.records) EXPECT_GE(r.start, result.begin);
        EXPECT_EQ(result.tile_cycles, (result.cycles - result.begin) * 12);
        last = result.cycles;
        sum = mix(sum ^ result.signature);
      }
      signatures.push_back(sum);
      EXPECT_EQ(sum, signatures.front());
    }
  }
}

TEST(Cluster, StartsOverAfterAReset) {
  const TileEntry entry = fake_entry();
  for (const std::uint32_t latency : {1U, 7U}) {
    ClusterOptions o = options_for(entry, 4, 4, latency);
    const RunResult plain = run(o);
    std::uint64_t signature = 0;
    for (const unsigned threads : {1U, 3U}) {
      for (const Skip skip : {Skip::kOff, Skip::kOn}) {
        o.threads = threads, o.skip = skip;
        o.reset_at = plain.cycles / 2 | 1;
        const RunResult again = run(o);
        ASSERT_TRUE(again.ok) << again.error;
        EXPECT_EQ(again.cycles, plain.cycles + o.reset_at);
        EXPECT_EQ(again.link_flits, plain.link_flits);
        EXPECT_EQ(again.hbm_bytes_written, plain.hbm_bytes_written);
        ASSERT_EQ(again.records.size(), plain.records.size());
        for (std::size_t i = 0; i < plain.records.size(); ++i) {
          EXPECT_EQ(again.records[i].checksum, plain.records[i].checksum);
          EXPECT_EQ(again.records[i].end, plain.records[i].end + o.reset_at);
        }
        EXPECT_TRUE(signature == 0 || again.signature == signature);
        signature = again.signature;
      }
    }
  }
}

TEST(Cluster, BusyTilesInOneCornerMoveToAllThreads) {
  FakeOptions fake;
  fake.run_for = 3000;
  fake.always_busy = true;
  const TileEntry entry = fake_entry(fake);
  std::uint64_t signature = 0;
  for (const unsigned threads : {1U, 2U, 3U}) {
    ClusterOptions o = options_for(entry, 8, 8, 5);
    o.threads = threads;
    Cluster cluster(o);
    for (const std::uint32_t t : {0U, 1U, 8U}) cluster.host(t).write(0x108, 0);
    const RunResult result = cluster.run();
    ASSERT_TRUE(result.ok) << result.error;
    EXPECT_TRUE(signature == 0 || result.signature == signature);
    signature = result.signature;
  }
}

TEST(Cluster, ShowsProgress) {
  const TileEntry entry = fake_entry();
  ClusterOptions o = options_for(entry, 4, 4, 1);
  o.threads = 2;
  o.progress_seconds = 0;
  std::uint64_t calls = 0, cycle = 0, retired = 0, evaluated = 0;
  bool falling = false;
  o.progress = [&](const Progress& p) {
    falling |= p.cycle < cycle || p.retired < retired || p.evaluated_tile_cycles < evaluated || p.active_tiles > 16;
    cycle = p.cycle, retired = p.retired, evaluated = p.evaluated_tile_cycles;
    ++calls;
  };
  const RunResult result = run(o);
  EXPECT_FALSE(falling);
  EXPECT_GT(calls, result.cycles / 2);
  EXPECT_LE(retired, result.records.size());
  EXPECT_GT(retired, result.records.size() / 2);
}

TEST(Cluster, AFailingModelEndsTheRunWithItsSentence) {
  TileEntry entry = fake_entry();
  entry.fast = [make = entry.fast](const TilePlace& place) {
    if (place.x == 2) throw std::runtime_error("no such tile");
    return make(place);
  };
  for (const unsigned threads : {1U, 3U}) {
    ClusterOptions o = options_for(entry, 4, 1, 1);
    o.threads = threads;
    EXPECT_EQ(run(o).error, "no such tile");
    o.tile = nullptr;
    EXPECT_THROW(run(o), std::invalid_argument);
  }
  const TileEntry good = fake_entry();
  ClusterOptions o = options_for(good, 4, 1, 1);
  o.threads = 3;
  o.hooks = {{3, 20, [](TileModel&) { throw std::runtime_error("hook failed"); }}};
  EXPECT_EQ(run(o).error, "hook failed");
}

TEST(Cluster, RefusesWhatCannotBe) {
  const TileEntry entry = fake_entry();
  const auto refused = [&](auto change) {
    ClusterOptions o = options_for(entry, 2, 2, 1);
    change(o);
    EXPECT_THROW(Cluster{o}, std::invalid_argument);
  };
  refused([](auto& o) { o.width = 0; });
  refused([](auto& o) { o.height = 99999; });
  refused([](auto& o) { o.threads = 0; });
  refused([](auto& o) { o.link_latency = 0; });
  refused([](auto& o) { o.monolithic = true; });
  refused([](auto& o) { o.waves.tiles = {4}; });
  refused([](auto& o) { o.hooks = {{4, 0, {}}}; });
  ClusterOptions o = options_for(entry, 2, 2, 1);
  o.max_cycles = 5;
  Cluster cluster(o);
  load(0, cluster.host(0));
  EXPECT_FALSE(cluster.run().complete);
  EXPECT_THROW(cluster.run(), std::logic_error);
}

std::size_t resident_bytes() {
  std::size_t pages = 0, resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu %zu", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * 4096;
}

TEST(Cluster, TenThousandTilesFitAndSleepForNothing) {
  const TileEntry entry = fake_entry();
  const std::size_t before = resident_bytes();
  ClusterOptions o = options_for(entry, 128, 128, 1);
  o.threads = 2;
  Cluster cluster(o);
  cluster.host(77).write(isa::reg::kEngStart, 1 << 16 | 2000);
  const RunResult result = cluster.run();
  ASSERT_TRUE(result.ok) << result.error;
  const std::size_t per_tile = (resident_bytes() - before) / cluster.tiles();
  EXPECT_LT(per_tile, 16'000U);  // half of it are the fake tile's queues
  EXPECT_GT(result.cycles, 2000U);
  EXPECT_LT(result.tile_cycles - result.skipped_tile_cycles, 40 * 2000U);
  EXPECT_LT(result.host_seconds, 5);
  RecordProperty("bytes_per_tile", std::to_string(per_tile));
}

}  // namespace
}  // namespace tessera::test
