// SPDX-License-Identifier: Apache-2.0
/// Seeded faults of the memory servers (dma-accumulate, write-strobe): random requests find them, and so does the
/// traffic of a collective, whole aligned segments of binary32 numbers.
#include <gtest/gtest.h>

#include "mem_traffic.hpp"

namespace mem_test {
namespace {

TEST(MemBug, FoundByRandomTraffic) {
  Bench b(1);
  b.mismatch_limit = 0;  // counted, not reported
  Traffic t(b);
  t.randomise();
  t.bad_percent = 0;
  t.run(300);
  b.drain();
  EXPECT_GT(b.mismatches, 0U);
}

/// An all-reduce in small: a chunk is written to, then added to, by another tile.
TEST(MemBug, FoundByOneCollective) {
  for (const unsigned space : {kSbuf, kHbm}) {
    Bench b(2);
    b.mismatch_limit = 0;
    for (const unsigned op : {kWrite, kAdd}) {
      for (unsigned n = 0; n < 16; ++n) {
        Packet p;
        p.h.kind = kWrReq, p.h.space = space, p.h.op = op, p.h.dtype = kFp32;
        p.h.addr = n * kSeg, p.h.len = kSeg, p.h.id = n;
        p.h.dst_x = Bench::kX, p.h.dst_y = Bench::kY;
        for (unsigned k = 0; k < kSeg / 4; ++k) {
          const std::uint32_t v = as_bits(std::normal_distribution<float>{}(b.rng));
          for (unsigned i = 0; i < 4; ++i) p.data.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
        }
        b.issue(b.rx_req, p, kOk);
      }
      b.drain();
    }
    EXPECT_GT(b.mismatches, 0U) << "space " << space;
  }
}

}  // namespace
}  // namespace mem_test
