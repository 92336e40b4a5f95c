// SPDX-License-Identifier: Apache-2.0
// Every example, random traffic with computing, products and all-reduces on tiles of p4 whose assertions are on, whose
// registers and memories start at random and whose HBM stalls at random: also with a reset in the middle of each job,
// and with all jobs one after another on one cluster. Records and HBM equal those of the golden model every time.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>
#include <vector>

#include "base/config_file.hpp"
#include "jobs.hpp"
#include "workloads/collective.hpp"
#include "workloads/matmul.hpp"

namespace tessera {
namespace {

using test::seed;
constexpr std::uint32_t kSide = 2, kTiles = kSide * kSide;

struct Job {
  std::string name;
  isa::ProgramImage image;
  golden::Cluster want;
};

std::vector<std::uint16_t> codes(std::mt19937_64& rng, std::size_t count) {
  static constexpr std::uint16_t kRare[] = {0x7fc0, 0xffc1, 0x7f80, 0xff80, 0x0001,
                                            0x807f, 0x0000, 0x8000, 0x7f7f, 0x0080};
  std::vector<std::uint16_t> all(count);
  for (auto& c : all) {
    c = static_cast<std::uint16_t>((rng() & 0x807fU) | (120 + rng() % 14) << 7);
    if (rng() % 400 == 0) c = kRare[rng() % std::size(kRare)];
  }
  return all;
}

std::vector<Job> make_jobs() {
  const Config& cfg = *find_config("p4");
  std::vector<Job> jobs;
  const auto add = [&](std::string name, const isa::ProgramImage& image) {
    golden::Cluster want(cfg, kSide, kSide);
    const auto larger = test::enlarged(image, kSide, kSide);
    if (const auto fault = want.load(larger); !fault.empty()) throw std::runtime_error(name + ": " + fault);
    if (want.run().outcome != golden::Outcome::kDone)
      throw std::runtime_error(name + ": the golden model does not end");
    jobs.push_back({std::move(name), larger, std::move(want)});
  };
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(TSR_SOURCE_DIR) / "examples")) {
    if (entry.path().extension() == ".tsa") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) add(file.stem(), test::assembled(isa::assemble_file(file.string())));
  add("random traffic", test::traffic(kSide, kSide, 8, 16));
  std::mt19937_64 rng(seed());
  constexpr std::uint32_t m = 13, n = 37, k = 29;
  for (const auto shard : {workloads::Shard::kMn, workloads::Shard::kK}) {
    auto job = workloads::build_matmul(cfg, kSide, kSide, {shard}, m, n, k, codes(rng, m * k), codes(rng, k * n));
    add("matmul", workloads::image_of(cfg, std::move(job.program), job.result_end));
  }
  for (const auto op : {isa::DmaOp::kAdd, isa::DmaOp::kMax}) {
    const bool sum = op == isa::DmaOp::kAdd;
    constexpr std::uint64_t elems = 150;
    const auto x = codes(rng, kTiles * elems * (sum ? 2 : 1));
    std::vector<std::uint8_t> bytes(x.size() * 2);
    std::memcpy(bytes.data(), x.data(), bytes.size());
    auto job =
        workloads::build_all_reduce(cfg, kSide, kSide, sum ? isa::Dtype::kFp32 : isa::Dtype::kBf16, op,
                                    sum ? workloads::Residence::kHbm : workloads::Residence::kSbuf, elems, bytes);
    add("all-reduce", workloads::image_of(cfg, std::move(job.program), job.end));
  }
  return jobs;
}

const std::vector<Job>& jobs() {
  static const std::vector<Job> made = make_jobs();
  return made;
}

sim::ClusterOptions options(std::uint32_t x_seed) {
  sim::ClusterOptions o;
  o.config = "p4";
  o.width = o.height = kSide;
  o.x_seed = x_seed;
  o.hbm.random_stalls = true, o.hbm.seed = seed() + x_seed;
  o.skip = sim::Skip::kCheck;
  o.watchdog = 20'000;
  return o;
}

void expect_golden(const sim::Cluster& cluster, const sim::RunResult& got, const golden::Cluster& want) {
  ASSERT_TRUE(got.ok) << got.error;
  const unsigned sources = isa::kNumEngines + cluster.config().dma_queues;
  std::vector<std::vector<const sim::RetireRecord*>> records(std::size_t{kTiles} * sources);
  for (const auto& r : got.records) records[r.tile * sources + r.source].push_back(&r);
  std::vector<std::uint8_t> a(SparseMemory::kPageBytes), b(a.size());
  for (std::uint32_t t = 0; t < kTiles; ++t) {
    const auto& tile = want.tile(t % kSide, t / kSide);
    for (unsigned s = 0; s < sources; ++s) {
      const auto& expected = s < isa::kNumEngines ? tile.engines[s].retired : tile.queues[s - isa::kNumEngines].retired;
      const auto& seen = records[t * sources + s];
      ASSERT_EQ(seen.size(), expected.size()) << "tile " << t << " source " << s;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_TRUE(seen[i]->opcode == expected[i].opcode && seen[i]->tag == expected[i].tag &&
                    seen[i]->checksum == expected[i].checksum)
            << "tile " << t << " source " << s << " record " << i;
      }
    }
    const auto& memory = cluster.hbm(t);
    auto pages = tile.hbm.pages();
    for (std::uint64_t at = 0; at < memory.size(); at += a.size()) {
      if (memory.page(at) != nullptr) pages.push_back(at);
    }
    for (const std::uint64_t at : pages) {
      memory.read(at, a);
      tile.hbm.read(at, b);
      ASSERT_TRUE(a == b) << "HBM of tile " << t << " in the page at " << at;
    }
  }
}

class Smoke : public testing::Test {
 protected:
  void SetUp() override {
    if (!sim::find_tile("p4")->checked) GTEST_SKIP() << sim::not_built("tile_p4_checked");
  }
};

TEST_F(Smoke, RandomInitialValuesAndAResetInTheMiddle) {
  std::mt19937_64 rng(seed());
  for (const Job& job : jobs()) {
    SCOPED_TRACE(job.name + ", seed " + std::to_string(seed()));
    std::uint64_t cycles = 0;
    for (const std::uint32_t x_seed : {3U, 1234U}) {
      sim::ClusterOptions o = options(x_seed);
      sim::Cluster cluster(o);
      test::load(cluster, job.image);
      const auto result = cluster.run();
      expect_golden(cluster, result, job.want);
      cycles = result.cycles;
    }
    sim::ClusterOptions o = options(7);
    o.reset_at = 1 + rng() % (cycles - 1);
    SCOPED_TRACE("reset in cycle " + std::to_string(o.reset_at));
    sim::Cluster cluster(o);
    test::load(cluster, job.image);
    expect_golden(cluster, cluster.run(), job.want);
  }
}

// The assertions of a tile in a cluster can fire: a queue that believes to have sixteen more segments to send ends the
// program. (Those on AXI fire one by one in tests/unit/serve/tsr_axi_checker.cpp.)
TEST_F(Smoke, AssertionsCanFire) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto image = test::traffic(kSide, kSide, 4);
  sim::ClusterOptions o = options(9);
  o.skip = sim::Skip::kOn;
  const auto run_broken = [&] {
    o.hooks = {{1, 500, [](sim::TileModel& tile) {
                  if (!tile.flip(".u_queue.unsent_q", 4)) throw std::runtime_error("no such register");
                }}};
    test::run(o, image);
    std::exit(0);
  };
  EXPECT_TRUE(test::run(o, image).ok);
  EXPECT_EXIT(
      run_broken(), [](int status) { return status != 0; }, "");
}

TEST_F(Smoke, JobsBackToBack) {
  std::vector<const Job*> order;
  for (int round = 0; round < 2; ++round) {
    for (const Job& job : jobs()) order.push_back(&job);
  }
  std::shuffle(order.begin(), order.end(), std::mt19937_64(seed()));
  sim::Cluster cluster(options(5));
  for (const Job* job : order) {
    SCOPED_TRACE(job->name + ", seed " + std::to_string(seed()));
    // A job finds semaphores of 0 and its own data; registers, SBUF, PSUM, weights and rings are as the last one left
    // them.
    for (std::uint32_t t = 0; t < kTiles; ++t) {
      cluster.hbm(t) = SparseMemory(cluster.config().hbm_bytes);
      for (std::uint32_t s = 0; s < cluster.config().semaphores; ++s)
        cluster.host(t).write(static_cast<std::uint16_t>(isa::reg::kSemSet + 4 * s), 0);
    }
    ASSERT_TRUE(cluster.run().ok);
    test::load(cluster, job->image);
    expect_golden(cluster, cluster.run(), job->want);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tessera
