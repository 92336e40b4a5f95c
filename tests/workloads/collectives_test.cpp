// SPDX-License-Identifier: Apache-2.0
/// The table of collectives: names, texts, and that every entry builds a job which ends on the golden model.
#include "workloads/collectives.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/config_file.hpp"
#include "golden/cluster.hpp"

namespace tessera::workloads {
namespace {

TEST(Collectives, AreFoundByNameAndAlgorithm) {
  ASSERT_FALSE(collectives().empty());
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Collective& c : collectives()) {
    EXPECT_TRUE(seen.insert({c.name, c.algo}).second) << c.name << " by " << c.algo << " stands twice";
    EXPECT_EQ(find_collective(c.name, c.algo), &c);
    ASSERT_NE(find_collective(c.name, "auto"), nullptr);
    EXPECT_EQ(find_collective(c.name, "auto")->name, c.name);
    EXPECT_NE(c.algo, "auto");
    for (const auto& text : {collectives_help(), collective_names() + collective_algos()}) {
      EXPECT_NE(text.find(c.name), std::string::npos) << text;
      EXPECT_NE(text.find(c.algo), std::string::npos) << text;
    }
    EXPECT_NE(collectives_help().find(c.doc), std::string::npos);
  }
  EXPECT_EQ(find_collective("all-reduce", "no such"), nullptr);
  EXPECT_EQ(find_collective("no such", "auto"), nullptr);
}

TEST(Collectives, EveryEntryBuildsAJobThatEnds) {
  const Config& cfg = *find_config("p4");
  for (const Collective& c : collectives()) {
    for (const auto residence : {Residence::kHbm, Residence::kSbuf}) {
      CollectiveTask task;
      task.width = 3, task.height = 2, task.elems = 100, task.residence = residence;
      const std::vector<std::uint8_t> x(std::size_t{6} * 100 * 4);
      auto job = c.build(cfg, task, x);
      EXPECT_GE(job.program.items(), 6 * c.items(6, task.pieces)) << c.name;
      golden::Cluster cluster(cfg, task.width, task.height);
      ASSERT_EQ(cluster.load(image_of(cfg, std::move(job.program), job.end)), "") << c.name;
      EXPECT_EQ(cluster.run().outcome, golden::Outcome::kDone) << c.name;
      EXPECT_GT(c.bound_cycles(cfg, 6, 400), 0);
      EXPECT_EQ(c.bound_cycles(cfg, 1, 400), 0);
    }
  }
}

}  // namespace
}  // namespace tessera::workloads
