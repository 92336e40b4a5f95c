// SPDX-License-Identifier: Apache-2.0
// Host time of the stepper with fake tiles of a given cost: what idle tiles, skipping and threads cost or gain.
//   stepper_bench [BURN [CYCLES]]      BURN: dependent hash rounds per edge, about 1 ns each
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "fake_tile.hpp"
#include "sim/cluster.hpp"

using namespace tessera;

namespace {

/// Per simulated cycle: processor time of one thread, or time on the wall of several.
double seconds(unsigned width, unsigned height, unsigned busy, unsigned threads, unsigned latency, sim::Skip skip,
               const sim::TileEntry& entry) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    sim::ClusterOptions o;
    o.tile = &entry;
    o.width = width, o.height = height;
    o.threads = threads, o.link_latency = latency, o.skip = skip;
    sim::Cluster cluster(o);
    for (unsigned t = 0; t < busy; ++t) cluster.host(t).write(0x108, 0);
    const std::clock_t begin = std::clock();
    const sim::RunResult result = cluster.run();
    const double used = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (!result.ok) std::printf("%s\n", result.error.c_str());
    best = std::min(best, (threads == 1 ? used : result.host_seconds) / static_cast<double>(result.cycles));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  test::FakeOptions fake;
  fake.burn = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 1000;
  fake.run_for = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 20'000;
  fake.work_mask = fake.jobs_per_flit = 0;
  fake.always_busy = true;
  const sim::TileEntry chatty = test::fake_entry(fake);
  fake.always_busy = false;
  const sim::TileEntry local = test::fake_entry(fake);
  const auto line = [&](const char* name, double value, const char* unit) {
    std::printf("%-58s %10.3f %s\n", name, value, unit);
  };
  const double one = seconds(4, 4, 1, 1, 1, sim::Skip::kOn, local),
               all = seconds(4, 4, 16, 1, 1, sim::Skip::kOn, local);
  line("16 busy tiles, per tile-cycle", all / 16 * 1e9, "ns");
  line("1 busy of 16, per cycle", one * 1e9, "ns");
  line("idle cost: 1 of 16 against 16 of 16", one / all, "(<= 0.125)");
  line("16 busy, skipping on against off", all / seconds(4, 4, 16, 1, 1, sim::Skip::kOff, local), "(<= 1.02)");
  const double chat = seconds(4, 4, 16, 1, 1, sim::Skip::kOn, chatty);
  line("16 busy that send everywhere, per tile-cycle", chat / 16 * 1e9, "ns");
  line("   the same, link latency 8", seconds(4, 4, 16, 1, 8, sim::Skip::kOn, chatty) / 16 * 1e9, "ns");
  line("   the same, 2 threads: speedup", chat / seconds(4, 4, 16, 2, 1, sim::Skip::kOn, chatty), "(>= 1.6)");
  line("   the same, 3 threads: speedup", chat / seconds(4, 4, 16, 3, 1, sim::Skip::kOn, chatty), "(>= 0.5)");
  line("   4 busy of 16 in one corner, 2 threads: speedup",
       seconds(4, 4, 4, 1, 1, sim::Skip::kOn, local) / seconds(4, 4, 4, 2, 1, sim::Skip::kOn, local), "");
  line("1 busy of 16384, per cycle", seconds(128, 128, 1, 1, 1, sim::Skip::kOn, local) * 1e9, "ns");
  return 0;
}
