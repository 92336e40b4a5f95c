// SPDX-License-Identifier: Apache-2.0
// The example of docs/harness-api.md, "In a running cluster".
#include "tessera/bfm.hpp"
#include "tessera/cluster.hpp"
using namespace tessera;

namespace reg = isa::reg;

/// Watches: counts the clocks of a tile in which nothing can move.
Coro<void> count_quiet(Dut& dut, unsigned& quiet) {
  while (true) {
    co_await RisingEdge(dut.clk_i);
    co_await ReadOnly();
    quiet += dut.quiescent_o.value() == 1;
  }
}

/// Drives: has the host port of tile (1,1) to itself, and with it the run goes on.
Coro<void> add_up(ClusterBench& cluster) {
  Dut& dut = cluster.tile(1, 1);
  const HostPort port = co_await cluster.drive_host(5);
  AxiLiteManager manager(dut.clk_i, TSR_AXIL_PINS(dut, host_axil));
  for (unsigned n = 1; n <= 3; ++n) {
    co_await manager.write(reg::at(reg::kSemInc, 9), n);
    co_await ClockCycles(dut.clk_i, 10);
  }
  const std::uint32_t sum = co_await manager.read(reg::at(reg::kSemRead, 9));
  CO_ASSERT_EQ(sum, 6U);
}

TSR_CLUSTER_TEST(adds_up, {.timeout = Duration(10, us)}) {
  sim::ClusterOptions options;
  options.config = "p4";
  options.width = options.height = 4;
  options.threads = 2;
  ClusterBench cluster(options, {5, 10});  // tiles (1,1) and (2,2) have handles
  cluster.host(0).write(reg::kSemInc, 1);  // any other tile: what the cluster's host does
  unsigned quiet = 0;
  start_soon(count_quiet(cluster.tile(2, 2), quiet));
  const Task<void> task = start_soon(add_up(cluster));
  const sim::RunResult result = co_await cluster.run();
  CO_ASSERT_EQ(result.error, "");
  CO_ASSERT_TRUE(task.done());
  CO_ASSERT_EQ(quiet, result.cycles);  // with a link latency of 1 the clocks end with the run
}
