// SPDX-License-Identifier: Apache-2.0
// Tiles that somebody outside steps along: the cluster around them must not notice.
#include "sim/attachment.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "fake_tile.hpp"
#include "sim/cluster.hpp"

namespace tessera::test {
namespace {

using namespace sim;

void load(Cluster& cluster) {
  for (std::uint32_t t = 0; t < cluster.tiles(); t += 5) {
    cluster.host(t).write(0x100, 0);
    cluster.host(t).write(0x108, 3U << 16 | (60 + t % 7));
  }
}

/// Steps its tiles as the cluster would and writes down what it sees.
class Watcher : public Attachment {
 public:
  explicit Watcher(const TileEntry& entry) : entry_(entry) {}
  std::unique_ptr<TileModel> make(std::uint32_t tile, const TilePlace& place) override {
    made.push_back(tile);
    return entry_.fast(place);
  }
  bool clock(std::uint64_t cycle, std::span<Tile> tiles) override {
    EXPECT_EQ(std::this_thread::get_id(), thread_);
    EXPECT_TRUE(next == ~0ULL || cycle == next);
    next = cycle + 1;
    if (cycle == stop_at) return false;
    for (const Tile& tile : tiles) {
      if (tile.out->record_valid != 0)
        log << cycle << ' ' << tile.index << " record " << tile.out->record_valid << '\n';
      if (tile.in->link[kNorth].valid) log << cycle << ' ' << tile.index << " flit from the north\n";
      if (tile.index == driven) drive(cycle, *tile.in, *tile.out);
      tile.model->clock(*tile.in, *tile.out);
    }
    return true;
  }
  [[nodiscard]] bool busy(std::uint32_t tile) const override { return tile == driven && left > 0; }

  std::vector<std::uint32_t> made;
  std::ostringstream log;
  std::uint64_t next = ~0ULL, stop_at = ~0ULL;
  std::uint32_t driven = ~0U;
  unsigned left = 0;  ///< writes of ENG_START to do

 private:
  /// One write after the other, with pauses.
  void drive(std::uint64_t cycle, TileInputs& in, const TileOutputs& out) {
    in.host = host_;
    if (out.host.bvalid) log << cycle << ' ' << driven << " written\n", --left;
    if (host_.awvalid && out.host.awready) host_.awvalid = 0;
    if (host_.wvalid && out.host.wready) host_.wvalid = 0;
    if (left > 0 && cycle % 100 == 50)
      host_.awvalid = host_.wvalid = 1, host_.awaddr = 0x108, host_.wdata = 2U << 16 | 20;
  }
  const TileEntry& entry_;
  std::thread::id thread_ = std::this_thread::get_id();
  AxilInputs host_;
};

ClusterOptions options_for(const TileEntry& entry, std::uint32_t latency) {
  ClusterOptions o;
  o.tile = &entry;
  o.width = o.height = 4;
  o.link_latency = latency;
  return o;
}

TEST(Attachment, SeesTheSameAndIsNotSeen) {
  const TileEntry entry = fake_entry();
  for (const std::uint32_t latency : {1U, 7U}) {
    ClusterOptions o = options_for(entry, latency);
    Cluster plain(o);
    load(plain);
    const RunResult want = plain.run();
    ASSERT_TRUE(want.ok) << want.error;
    std::string log;
    for (const unsigned threads : {1U, 2U, 3U}) {
      for (const Skip skip : {Skip::kOff, Skip::kOn, Skip::kCheck}) {
        o.threads = threads, o.skip = skip;
        Watcher watcher(entry);
        o.attached = {10, 5, 15};
        o.attachment = &watcher;
        Cluster cluster(o);
        load(cluster);
        const RunResult got = cluster.run();
        ASSERT_TRUE(got.ok) << got.error;
        EXPECT_EQ(got.signature, want.signature);
        EXPECT_EQ(got.cycles, want.cycles);
        EXPECT_EQ(got.records.size(), want.records.size());
        EXPECT_EQ(watcher.made, (std::vector<std::uint32_t>{5, 10, 15}));
        EXPECT_GT(watcher.log.str().size(), 100U);
        if (log.empty()) log = watcher.log.str();
        EXPECT_EQ(watcher.log.str(), log) << "latency " << latency << " threads " << threads;
      }
    }
  }
}

TEST(Attachment, DrivesAHostPortAndKeepsTheRunGoing) {
  const TileEntry entry = fake_entry();
  for (const std::uint32_t latency : {1U, 7U}) {
    RunResult want;
    std::string log;
    for (const unsigned threads : {1U, 2U, 3U}) {
      for (const Skip skip : {Skip::kOff, Skip::kOn}) {
        ClusterOptions o = options_for(entry, latency);
        o.threads = threads, o.skip = skip;
        Watcher watcher(entry);
        watcher.driven = 6, watcher.left = 20;
        o.attached = {6, 9};
        o.attachment = &watcher;
        Cluster cluster(o);  // without any host action: all work comes from the port
        const RunResult got = cluster.run();
        ASSERT_TRUE(got.ok) << got.error;
        EXPECT_EQ(watcher.left, 0U);
        EXPECT_GT(got.cycles, 1900U);
        EXPECT_GE(got.first_start, 50U);
        EXPECT_LT(got.first_start, 60U);
        if (log.empty()) log = watcher.log.str(), want = got;
        EXPECT_EQ(watcher.log.str(), log);
        EXPECT_EQ(got.signature, want.signature);
        EXPECT_EQ(got.cycles, want.cycles);
      }
    }
  }
}

TEST(Attachment, RunsFollowOneAnother) {
  const TileEntry entry = fake_entry();
  ClusterOptions o = options_for(entry, 3);
  Watcher watcher(entry);
  o.attached = {5};
  o.attachment = &watcher;
  Cluster cluster(o);
  load(cluster);
  ASSERT_TRUE(cluster.run().ok);
  watcher.next = ~0ULL;  // the questions after the end are asked without it
  load(cluster);
  const RunResult second = cluster.run();
  ASSERT_TRUE(second.ok) << second.error;
  EXPECT_GT(second.cycles, second.begin);
  EXPECT_EQ(watcher.made.size(), 1U);
}

TEST(Attachment, StopsTheCluster) {
  const TileEntry entry = fake_entry();
  for (const unsigned threads : {1U, 3U}) {
    ClusterOptions o = options_for(entry, 7);
    o.threads = threads;
    Watcher watcher(entry);
    watcher.stop_at = 37;
    o.attached = {0, 15};
    o.attachment = &watcher;
    Cluster cluster(o);
    load(cluster);
    const RunResult got = cluster.run();
    EXPECT_FALSE(got.ok || got.complete);
    EXPECT_EQ(got.error, "interrupted in cycle 42");
    EXPECT_EQ(watcher.next, 38U);
    EXPECT_THROW(cluster.run(), std::logic_error);
  }
}

TEST(Attachment, RefusesWhatCannotBe) {
  const TileEntry entry = fake_entry();
  Watcher watcher(entry);
  ClusterOptions o = options_for(entry, 1);
  o.attachment = &watcher;
  o.attached = {16};
  EXPECT_THROW(Cluster{o}, std::invalid_argument);
  o.attached = {3};
  o.attachment = nullptr;
  EXPECT_THROW(Cluster{o}, std::invalid_argument);
  o.attachment = &watcher;
  o.monolithic = true;
  EXPECT_THROW(Cluster{o}, std::invalid_argument);
}

}  // namespace
}  // namespace tessera::test
