// SPDX-License-Identifier: Apache-2.0
// The cluster under the thread sanitizer: every configuration must give one signature; a race ends the program.
#include <cstdio>

#include "fake_tile.hpp"
#include "sim/cluster.hpp"

namespace {

/// Steps some tiles along from outside.
class Outside final : public tessera::sim::Attachment {
 public:
  explicit Outside(const tessera::sim::TileEntry& entry) : entry_(entry) {}
  std::unique_ptr<tessera::sim::TileModel> make(std::uint32_t, const tessera::sim::TilePlace& place) override {
    return entry_.fast(place);
  }
  bool clock(std::uint64_t, std::span<Tile> tiles) override {
    for (const Tile& tile : tiles) tile.model->clock(*tile.in, *tile.out);
    ++clocks_;
    return true;
  }
  [[nodiscard]] bool busy(std::uint32_t) const override { return clocks_ < 30; }

 private:
  const tessera::sim::TileEntry& entry_;
  std::uint64_t clocks_ = 0;
};

}  // namespace

int main() {
  using namespace tessera;
  int failures = 0, runs = 0;
  const auto run = [&](const sim::TileEntry& entry, unsigned threads, unsigned latency, sim::Skip skip, bool all,
                       bool attach = false) {
    sim::ClusterOptions o;
    o.tile = &entry;
    o.width = 6, o.height = 4;
    o.threads = threads, o.link_latency = latency, o.skip = skip;
    o.hbm.random_stalls = true;
    o.progress_seconds = 0;
    o.progress = [](const sim::Progress&) {};
    o.link_latencies = {{7, sim::kEast, latency + 3}};
    o.waves.tiles = {3, 20};
    o.reset_at = 40;
    Outside outside(entry);
    if (attach) o.attachment = &outside, o.attached = {2, 9, 23};
    sim::Cluster cluster(o);
    std::uint64_t signature = 0;
    for (int job = 0; job < 2; ++job) {
      for (std::uint32_t t = 0; t < cluster.tiles(); ++t) {
        if (all || t < 5) cluster.host(t).write(0x108, 3U << 16 | 20);
      }
      const sim::RunResult result = cluster.run();
      if (!result.ok) std::printf("%s\n", result.error.c_str()), ++failures;
      signature = mix(signature ^ result.signature);
    }
    ++runs;
    return signature;
  };
  for (const bool all : {false, true}) {
    test::FakeOptions fake;
    fake.run_for = all ? 100 : 1200;  // long enough for tiles to move to other threads
    fake.always_busy = true;
    const sim::TileEntry entry = test::fake_entry(fake);
    for (const unsigned latency : {1U, 6U}) {
      const std::uint64_t want = run(entry, 1, latency, sim::Skip::kOn, all);
      for (const unsigned threads : {2U, 3U}) {
        if (run(entry, threads, latency, sim::Skip::kOn, all) != want) ++failures;
        if (latency != 1 && run(entry, threads, latency, sim::Skip::kOn, all, true) != want) ++failures;
        if (latency != 1 && run(entry, threads, latency, sim::Skip::kCheck, all) != want) ++failures;
      }
    }
  }
  std::printf("%d runs, %d failures\n", runs, failures);
  return failures == 0 ? 0 : 1;
}
