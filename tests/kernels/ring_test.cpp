// SPDX-License-Identifier: Apache-2.0
/// Ring tours of all meshes, and ring all-reduces of any length on the golden model.
#include <bit>
#include <cmath>
#include <set>

#include "base/config_file.hpp"
#include "golden/numerics.hpp"
#include "job.hpp"
#include "workloads/collective.hpp"

namespace tessera {
namespace {

using kernels::Coord;
using workloads::Residence;

/// Directed links of the X-then-Y route between two tiles.
std::vector<std::array<std::uint32_t, 4>> route(Coord from, Coord to) {
  std::vector<std::array<std::uint32_t, 4>> links;
  while (!(from == to)) {
    Coord next = from;
    if (from.x != to.x) {
      next.x = to.x > from.x ? from.x + 1 : from.x - 1;
    } else {
      next.y = to.y > from.y ? from.y + 1 : from.y - 1;
    }
    links.push_back({from.x, from.y, next.x, next.y});
    from = next;
  }
  return links;
}

void check_tour(std::uint32_t w, std::uint32_t h) {
  SCOPED_TRACE(std::to_string(w) + "x" + std::to_string(h));
  const auto tour = kernels::ring_tour(w, h);
  ASSERT_EQ(tour.size(), std::size_t{w} * h);
  EXPECT_EQ(tour[0], (Coord{0, 0}));
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  for (const auto& c : tour) {
    EXPECT_LT(c.x, w);
    EXPECT_LT(c.y, h);
    seen.insert({c.x, c.y});
  }
  EXPECT_EQ(seen.size(), tour.size());
  std::set<std::array<std::uint32_t, 4>> links;
  std::size_t hops = 0;
  for (std::size_t i = 0; i < tour.size(); ++i) {
    for (const auto& link : route(tour[i], tour[(i + 1) % tour.size()])) {
      EXPECT_TRUE(links.insert(link).second)
          << "link (" << link[0] << "," << link[1] << ")-(" << link[2] << "," << link[3] << ") twice";
      ++hops;
    }
  }
  // A bipartite mesh of n tiles has a closed tour of n hops when n is even and both sides exceed 1; of n + 1 when n is
  // odd; a row of n needs 2 (n - 1).
  const std::size_t n = tour.size();
  const std::size_t shortest = n == 1 ? 0 : w == 1 || h == 1 ? 2 * (n - 1) : n + n % 2;
  EXPECT_EQ(hops, shortest);
}

TEST(Tour, ShortestAndWithoutASharedLink) {
  for (std::uint32_t w = 1; w <= 9; ++w) {
    for (std::uint32_t h = 1; h <= 9; ++h) check_tour(w, h);
  }
  check_tour(16, 16);
  check_tour(1, 64);
  check_tour(33, 31);
}

struct Case {
  const char* config;
  std::uint32_t width, height;
  isa::Dtype dtype;
  isa::DmaOp op;
  Residence residence;
  std::uint64_t elems;
};

void check(const Case& t, std::uint64_t seed) {
  SCOPED_TRACE(std::string(t.config) + " " + std::to_string(t.width) + "x" + std::to_string(t.height) + " elements " +
               std::to_string(t.elems) + (t.dtype == isa::Dtype::kBf16 ? " bf16" : " fp32") +
               (t.op == isa::DmaOp::kMax ? " max" : " sum") + (t.residence == Residence::kSbuf ? " sbuf" : " hbm") +
               " seed " + std::to_string(seed));
  const Config& cfg = *find_config(t.config);
  const std::uint32_t ranks = t.width * t.height;
  const bool narrow = t.dtype == isa::Dtype::kBf16;
  const unsigned size = narrow ? 2 : 4;
  std::mt19937_64 rng(seed);
  const auto high = test::random_bf16(rng, ranks * t.elems, 50);
  std::vector<std::uint32_t> x(high.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = narrow ? high[i] : std::uint32_t{high[i]} << 16 | (rng() & 0xffffU);
  std::vector<std::uint8_t> bytes(x.size() * size);
  for (std::size_t i = 0; i < x.size(); ++i) std::memcpy(&bytes[i * size], &x[i], size);
  auto job = workloads::build_all_reduce(cfg, t.width, t.height, t.dtype, t.op, t.residence, t.elems, bytes);
  const auto cluster = test::run_golden(cfg, std::move(job.program), job.end, seed);
  ASSERT_TRUE(cluster);
  const auto tour = kernels::ring_tour(t.width, t.height);
  const auto rank_value = [&](std::uint32_t r, std::uint64_t e) {
    return x[(tour[r].y * t.width + tour[r].x) * t.elems + e];
  };
  std::size_t wrong = 0;
  for (std::uint64_t e = 0; e < t.elems; ++e) {
    // Chunk of this element: chunk c is reduced in the order x[c], x[c + 1], ..., the newcomer being the destination.
    std::uint32_t c = 0;
    while (
        !(e >= kernels::ring_chunk(job.buffer, ranks, c).first && e < kernels::ring_chunk(job.buffer, ranks, c).second))
      ++c;
    std::uint32_t sum = rank_value(c, e);
    for (std::uint32_t i = 1; i < ranks; ++i) {
      const std::uint32_t mine = tessera::widen(rank_value((c + i) % ranks, e), t.dtype),
                          theirs = tessera::widen(sum, t.dtype);
      sum = tessera::narrow(t.op == isa::DmaOp::kAdd ? golden::add32(mine, theirs) : golden::max32(mine, theirs),
                            t.dtype);
    }
    for (std::uint32_t tile = 0; tile < ranks; ++tile) {
      const auto got = test::hbm_word(*cluster, tile, job.result + e * size, size);
      if (got == sum || ++wrong > 3) continue;
      ADD_FAILURE() << "element " << e << " on tile " << tile << " is " << std::hex << got << ", expected " << sum;
    }
  }
  EXPECT_EQ(wrong, 0U);
}

TEST(AllReduce, EveryMeshUpToFiveByFive) {
  std::uint64_t seed = test::seed();
  for (std::uint32_t w = 1; w <= 5; ++w) {
    for (std::uint32_t h = 1; h <= 5; ++h) {
      for (const auto residence : {Residence::kHbm, Residence::kSbuf}) {
        const std::uint64_t elems = 1 + (seed * 379) % 900;
        check({"p4", w, h, isa::Dtype::kFp32, isa::DmaOp::kAdd, residence, elems}, seed++);
        check({"p8", w, h, isa::Dtype::kBf16, isa::DmaOp::kMax, residence, elems + 700}, seed++);
      }
    }
  }
}

TEST(AllReduce, RowsAndColumns) {
  std::uint64_t seed = test::seed();
  for (const std::uint32_t n : {2U, 3U, 7U, 12U}) {
    check({"p8", n, 1, isa::Dtype::kFp32, isa::DmaOp::kMax, Residence::kHbm, 501}, seed++);
    check({"p8", 1, n, isa::Dtype::kBf16, isa::DmaOp::kAdd, Residence::kSbuf, 501}, seed++);
  }
}

TEST(AllReduce, FewerElementsThanRanks) {
  std::uint64_t seed = test::seed();
  for (std::uint64_t elems = 1; elems <= 17; ++elems) {
    check({"p4", 4, 4, isa::Dtype::kFp32, isa::DmaOp::kAdd, elems % 2 != 0 ? Residence::kHbm : Residence::kSbuf, elems},
          seed++);
    check({"p4", 3, 3, isa::Dtype::kBf16, isa::DmaOp::kAdd, elems % 2 != 0 ? Residence::kSbuf : Residence::kHbm, elems},
          seed++);
  }
}

TEST(AllReduce, LongVectors) {
  const std::uint64_t seed = test::seed();
  check({"p8", 4, 4, isa::Dtype::kFp32, isa::DmaOp::kAdd, Residence::kSbuf, 16384}, seed);
  check({"p32", 4, 4, isa::Dtype::kFp32, isa::DmaOp::kAdd, Residence::kSbuf, 16384}, seed);
  check({"p32", 2, 2, isa::Dtype::kBf16, isa::DmaOp::kAdd, Residence::kHbm, 100003}, seed);
  check({"p4", 2, 1, isa::Dtype::kFp32, isa::DmaOp::kMax, Residence::kHbm, 1 << 21}, seed);
}

}  // namespace
}  // namespace tessera
