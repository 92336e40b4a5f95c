// SPDX-License-Identifier: Apache-2.0
// A cluster of Verilated p4 tiles under the thread sanitizer: tiles that compute, talk and sleep, stepped by one, two
// and three threads, must give one signature; a race ends the program.
#include "jobs.hpp"
#include "p4/tsr_cfg.hpp"

namespace tessera {
namespace {

TEST(TileUnderSanitizer, ThreadsDoNotRace) {
  Config config = configs::p4::kConfig;
  config.name = "p4_tsan";  // the model tile_p4_tsan
  const sim::TileEntry entry = sim::tile_entry(config);
  const auto image = test::traffic(2, 2, 1, 3);
  for (const std::uint32_t latency : {1U, 6U}) {
    sim::ClusterOptions o;
    o.tile = &entry;
    o.width = o.height = 2;
    o.link_latency = latency;
    o.progress_seconds = 0;
    o.progress = [](const sim::Progress&) {};
    const sim::RunResult want = test::run(o, image);
    ASSERT_TRUE(want.ok) << want.error;
    std::printf("link latency %u: %llu cycles\n", latency, static_cast<unsigned long long>(want.cycles));
    // Two threads with a reset on the way, three with every sleeping tile evaluated.
    o.threads = 2, o.reset_at = want.cycles / 3;
    EXPECT_TRUE(test::run(o, image).ok);
    o.threads = 3, o.reset_at = 0, o.skip = sim::Skip::kCheck;
    const sim::RunResult got = test::run(o, image);
    ASSERT_TRUE(got.ok) << got.error;
    EXPECT_EQ(got.signature, want.signature);
  }
}

}  // namespace
}  // namespace tessera
