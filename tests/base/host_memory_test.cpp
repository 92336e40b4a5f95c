// SPDX-License-Identifier: Apache-2.0
/// The memory that is left, from made-up files of /proc and /sys.
#include "base/host_memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace tessera {
namespace {

class HostMemory : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / ("host_memory_" + std::to_string(getpid()));
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void put(const std::string& name, const std::string& text) {
    const auto file = root_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void group(const std::string& folder, const std::string& limit, const std::string& usage, const std::string& cache) {
    put(folder + "/memory.max", limit + "\n");
    put(folder + "/memory.current", usage + "\n");
    put(folder + "/memory.stat", "anon 5\ninactive_file " + cache + "\nactive_file 7\n");
  }
  std::filesystem::path root_;
};

constexpr const char* kMeminfo = "MemTotal:       2000 kB\nMemFree:         100 kB\nMemAvailable:   1000 kB\n";

TEST_F(HostMemory, NothingIsKnown) { EXPECT_EQ(available_memory(root_), ~0ULL); }

TEST_F(HostMemory, WhatTheKernelSays) {
  put("proc/meminfo", kMeminfo);
  EXPECT_EQ(available_memory(root_), 1000U * 1024);
}

TEST_F(HostMemory, TheTightestGroupOfVersion2) {
  put("proc/meminfo", kMeminfo);
  put("proc/self/cgroup", "0::/outer/inner\n");
  group("sys/fs/cgroup/outer/inner", "max", "1000", "0");
  EXPECT_EQ(available_memory(root_), 1000U * 1024);
  group("sys/fs/cgroup/outer", "500000", "300000", "100000");
  EXPECT_EQ(available_memory(root_), 300'000U);
  group("sys/fs/cgroup/outer/inner", "90000", "50000", "1000");
  EXPECT_EQ(available_memory(root_), 41'000U);
  group("sys/fs/cgroup", "200", "500", "100");  // above its limit
  EXPECT_EQ(available_memory(root_), 0U);
}

TEST_F(HostMemory, AGroupThatIsNotMountedHere) {  // a container's own root is what counts
  put("proc/meminfo", kMeminfo);
  put("proc/self/cgroup", "0::/somewhere/else\n");
  group("sys/fs/cgroup", "70000", "20000", "0");
  EXPECT_EQ(available_memory(root_), 50'000U);
}

TEST_F(HostMemory, Version1) {
  put("proc/meminfo", kMeminfo);
  put("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a\n");
  put("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "60000\n");
  put("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "50000\n");
  put("sys/fs/cgroup/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 20000\n");
  EXPECT_EQ(available_memory(root_), 30'000U);
}

TEST_F(HostMemory, ThisMachine) {
  EXPECT_GT(available_memory(), 0U);
  EXPECT_GT(peak_memory(), 1'000'000U);
}

}  // namespace
}  // namespace tessera
