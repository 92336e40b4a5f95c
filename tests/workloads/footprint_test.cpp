// SPDX-License-Identifier: Apache-2.0
/// The estimate of a run's memory: what it grows with, and the sentence that refuses a run.
#include "workloads/footprint.hpp"

#include <gtest/gtest.h>

#include "base/config_file.hpp"
#include "golden/cluster.hpp"

namespace tessera::workloads {
namespace {

const Config& p4() { return *find_config("p4"); }

TEST(Footprint, GrowsWithEverythingThatIsHeld) {
  const Footprint one{1, false, 0, 0};
  EXPECT_GT(one.bytes(p4()), p4().sbuf_bytes() + std::uint64_t{p4().partitions} * p4().psum_bytes_per_partition());
  EXPECT_EQ((Footprint{100, false, 0, 0}.bytes(p4())), 100 * one.bytes(p4()));
  EXPECT_EQ((Footprint{1, false, 5000, 0}.bytes(p4())), one.bytes(p4()) + 5000);
  EXPECT_GE((Footprint{1, false, 0, 10}.bytes(p4())), one.bytes(p4()) + 10 * 32);
  EXPECT_GT((Footprint{1, true, 0, 0}.bytes(p4())), one.bytes(p4()) + sizeof(golden::Tile) + p4().sbuf_bytes());
  EXPECT_GT(one.bytes(*find_config("p8")), one.bytes(p4()));
}

TEST(Footprint, RefusesInOneSentenceWhatDoesNotFit) {
  const Footprint need{4096, true, 8ULL << 30, 1000};
  const std::uint64_t bytes = need.bytes(p4());
  EXPECT_EQ(need.fault(p4(), bytes), "");
  const auto text = need.fault(p4(), bytes - 1);
  EXPECT_NE(text.find("4096 tiles of p4 with 8.0 GiB of programs and data need about"), std::string::npos) << text;
  EXPECT_NE(text.find("--golden off"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(need.fault(p4(), 1 << 20).find("--golden off"), std::string::npos);  // would not help
  Footprint alone = need;
  alone.golden = false;
  EXPECT_EQ(alone.fault(p4(), bytes - 1), "");
  EXPECT_EQ(alone.fault(p4(), 1 << 20).find("--golden off"), std::string::npos);
  EXPECT_NE((Footprint{1, false, 0, 0}.fault(p4(), 0)).find("1 tile of p4 need"), std::string::npos);
}

}  // namespace
}  // namespace tessera::workloads
