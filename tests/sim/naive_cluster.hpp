// SPDX-License-Identifier: Apache-2.0
/// The same mesh in the plainest way: every tile evaluated in every cycle, links as maps from arrival time to flit, one
/// thread, one loop. What the cluster must equal.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/cluster.hpp"

namespace tessera::test {

struct NaiveResult {
  std::uint64_t cycles = 0, signature = 0, hbm_bytes_read = 0, hbm_bytes_written = 0;
  std::vector<sim::RetireRecord> records;
  std::vector<std::uint64_t> link_flits;
};

NaiveResult run_naive(const sim::ClusterOptions& options, const std::function<void(std::uint32_t, sim::Host&)>& load);

}  // namespace tessera::test
