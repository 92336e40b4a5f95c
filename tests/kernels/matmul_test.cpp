// SPDX-License-Identifier: Apache-2.0
/// Matrix products of all shapes and shardings on the golden model: C equals what reduction_order alone says, bit for
/// bit.
#include "workloads/matmul.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/config_file.hpp"
#include "golden/numerics.hpp"
#include "job.hpp"

namespace tessera {
namespace {

using workloads::Shard;

float widen(std::uint16_t code) { return std::bit_cast<float>(std::uint32_t{code} << 16); }

/// Every bit of C from reduction_order, A and B; nothing else is known here about tiles, blocks or rings.
std::vector<std::uint32_t> recompute(const std::string& order, std::uint32_t m, std::uint32_t n, std::uint32_t k,
                                     const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b) {
  std::vector<std::uint32_t> c(std::size_t{m} * n, 0xdeadbeef);
  std::vector<float> bt(b.size());  // columns of B side by side
  for (std::uint32_t i = 0; i < k; ++i) {
    for (std::uint32_t col = 0; col < n; ++col) bt[std::size_t{col} * k + i] = widen(b[std::size_t{i} * n + col]);
  }
  std::vector<float> af(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) af[i] = widen(a[i]);
  for (const auto& range : nlohmann::json::parse(order)) {
    std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> terms;
    for (const auto& term : range["terms"]) {
      terms.emplace_back();
      for (const auto& block : term)
        terms.back().emplace_back(block[0].get<std::uint32_t>(), block[1].get<std::uint32_t>());
    }
    for (std::size_t e = range["elements"][0]; e < range["elements"][1].get<std::size_t>(); ++e) {
      const float* row = &af[e / n * k];
      const float* col = &bt[e % n * k];
      float sum = 0;
      for (std::size_t t = 0; t < terms.size(); ++t) {
        float term = 0;
        for (std::size_t j = 0; j < terms[t].size(); ++j) {
          float chain = 0.0F;
          for (std::uint32_t i = terms[t][j].first; i < terms[t][j].second; ++i)
            chain = std::fmaf(row[i], col[i], chain);
          term = j == 0 ? chain : term + chain;
        }
        sum = t == 0 ? term : sum + term;
      }
      c[e] = std::isnan(sum) ? 0x7fc00000U : std::bit_cast<std::uint32_t>(sum);
    }
  }
  return c;
}

struct Case {
  const char* config;
  std::uint32_t width, height;
  Shard shard;
  std::uint32_t m, n, k;
  workloads::Residence residence = workloads::Residence::kHbm;
  isa::Dtype out = isa::Dtype::kFp32;
};

void check(const Case& t, std::uint64_t seed, unsigned rare) {
  SCOPED_TRACE(std::string(t.config) + " " + std::to_string(t.width) + "x" + std::to_string(t.height) +
               (t.shard == Shard::kK ? " k " : " mn ") + std::to_string(t.m) + "x" + std::to_string(t.n) + "x" +
               std::to_string(t.k) + " seed " + std::to_string(seed));
  const Config& cfg = *find_config(t.config);
  std::mt19937_64 rng(seed);
  const auto a = test::random_bf16(rng, std::uint64_t{t.m} * t.k, rare),
             b = test::random_bf16(rng, std::uint64_t{t.k} * t.n, rare);
  auto job = workloads::build_matmul(cfg, t.width, t.height, {t.shard, t.residence, t.out}, t.m, t.n, t.k, a, b);
  const auto cluster = test::run_golden(cfg, std::move(job.program), job.result_end, seed);
  ASSERT_TRUE(cluster);
  auto want = recompute(workloads::reduction_order_json(cfg, job), t.m, t.n, t.k, a, b);
  if (t.out == isa::Dtype::kBf16) {
    for (auto& w : want) w = narrow(w, isa::Dtype::kBf16);
  }
  std::size_t wrong = 0;
  const auto compare = [&](std::uint32_t tile, std::uint64_t address, std::size_t e) {
    const auto got = test::hbm_word(*cluster, tile, address, job.c_bytes());
    if (got == want[e] || ++wrong > 3) return;
    ADD_FAILURE() << "C[" << e / t.n << ", " << e % t.n << "] on tile " << tile << " is " << std::hex << got
                  << ", expected " << want[e];
  };
  if (job.ranks.empty()) {
    for (std::size_t e = 0; e < want.size(); ++e) {
      const auto place =
          workloads::locate(job, static_cast<std::uint32_t>(e / t.n), static_cast<std::uint32_t>(e % t.n));
      compare(place.tile, place.address, e);
    }
  }
  for (const auto& at : job.ranks) {  // every rank holds all of C
    const std::uint32_t tile = at.y * t.width + at.x;
    const auto& s = job.shares[tile];
    for (std::size_t e = 0; e < want.size(); ++e) compare(tile, s.c + e / t.n * s.ldc + e % t.n * job.c_bytes(), e);
  }
  EXPECT_EQ(wrong, 0U);
}

constexpr std::uint32_t kShapes[][3] = {{1, 1, 1},    {37, 101, 53}, {37, 53, 101}, {128, 128, 128},
                                        {200, 3, 77}, {200, 77, 3},  {9, 517, 260}, {9, 260, 517}};
constexpr std::uint32_t kMeshes[][2] = {{1, 1}, {2, 2}, {3, 1}, {1, 3}, {3, 3}};

class Matmul : public testing::TestWithParam<const char*> {};

TEST_P(Matmul, ListedShapesOnListedMeshes) {
  std::uint64_t seed = test::seed();
  for (const auto& mesh : kMeshes) {
    for (const auto shard : {Shard::kMn, Shard::kK}) {
      for (const auto& s : kShapes) {
        ++seed;
        check({GetParam(), mesh[0], mesh[1], shard, s[0], s[1], s[2]}, seed, seed % 2 != 0 ? 400 : 0);
      }
    }
  }
}

TEST_P(Matmul, RandomShapes) {
  std::mt19937_64 rng(test::seed());
  for (int i = 0; i < 25; ++i) {
    const auto up_to = [&](std::uint32_t n) { return static_cast<std::uint32_t>(1 + rng() % n); };
    check({GetParam(), up_to(4), up_to(3), rng() % 2 != 0 ? Shard::kMn : Shard::kK, up_to(150), up_to(600), up_to(200)},
          rng(), 300);
  }
}

INSTANTIATE_TEST_SUITE_P(Configs, Matmul, testing::Values("p4", "p8", "p32"),
                         [](const auto& info) { return info.param; });

TEST(MatmulLarge, OperandsDoNotFitInSbuf) {  // SBUF: 64 KiB, 128 KiB, 2 MiB
  const std::uint64_t seed = test::seed();
  check({"p4", 1, 1, Shard::kMn, 90, 700, 300}, seed, 0);
  check({"p4", 2, 2, Shard::kK, 90, 700, 1000}, seed, 2000);
  check({"p8", 1, 1, Shard::kMn, 150, 1100, 400}, seed, 0);
  check({"p8", 2, 2, Shard::kMn, 300, 1100, 200}, seed, 2000);
  check({"p8", 3, 1, Shard::kK, 100, 600, 700}, seed, 0);
  check({"p32", 1, 1, Shard::kMn, 300, 1100, 1400}, seed, 20000);
  check({"p32", 3, 1, Shard::kK, 200, 600, 3000}, seed, 0);
}

TEST(MatmulOut, Bf16) {
  using workloads::Residence;
  std::uint64_t seed = test::seed();
  for (const auto shard : {Shard::kMn, Shard::kK}) {
    check({"p4", 2, 2, shard, 37, 101, 53, Residence::kHbm, isa::Dtype::kBf16}, seed++,
          300);  // the term goes through HBM
    check({"p8", 3, 1, shard, 7, 101, 153, Residence::kHbm, isa::Dtype::kBf16}, seed++, 300);
    check({"p32", 1, 1, shard, 40, 600, 70, Residence::kHbm, isa::Dtype::kBf16}, seed++, 300);
  }
}

TEST(MatmulLarge, FullSizePartitions) {
  check({"trn2", 1, 1, Shard::kMn, 128, 128, 128}, test::seed(), 500);
  check({"trn2", 2, 1, Shard::kK, 128, 128, 300}, test::seed(), 500);
  check({"p16", 2, 2, Shard::kK, 33, 70, 129}, test::seed(), 500);
}

TEST(MatmulResident, OperandsAndResultInSbuf) {
  using workloads::Residence;
  std::uint64_t seed = test::seed();
  for (const Case& c : {Case{"p32", 1, 1, Shard::kMn, 256, 512, 512, Residence::kSbuf},
                        Case{"p8", 1, 1, Shard::kMn, 37, 101, 53, Residence::kSbuf},
                        Case{"p4", 2, 2, Shard::kMn, 5, 9, 30, Residence::kSbuf},
                        Case{"p32", 1, 1, Shard::kMn, 300, 1030, 65, Residence::kSbuf},
                        Case{"p8", 1, 1, Shard::kMn, 1, 1, 1, Residence::kSbuf}}) {
    EXPECT_TRUE(workloads::fits_resident(*find_config(c.config), c.width, c.height, c.m, c.n, c.k));
    check(c, seed++, 400);
  }
  EXPECT_FALSE(workloads::fits_resident(*find_config("p4"), 1, 1, 512, 512, 512));
}

TEST(MatmulLarge, DemoShape) { check({"p32", 4, 4, Shard::kK, 32, 1024, 4096}, test::seed(), 0); }

}  // namespace
}  // namespace tessera
