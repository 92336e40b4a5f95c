// SPDX-License-Identifier: Apache-2.0
/// Tasks on tiles of a running cluster (docs/harness-api.md, "In a running cluster"). For benches of tsr_tile.
///
///   TSR_CLUSTER_TEST(watches, {.timeout = Duration(50, us)}) {
///     sim::ClusterOptions options;
///     options.config = "p4", options.width = options.height = 4;
///     ClusterBench cluster(options, {5, 10});
///     cluster.host(0).write(0x108, 1);
///     start_soon(count_records(cluster.tile(5)));
///     const sim::RunResult result = co_await cluster.run();
///     CO_ASSERT_TRUE(result.ok);
///   }
#pragma once
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/cluster.hpp"
#include "tessera/test.hpp"

namespace tessera {

namespace detail {

/// What does not depend on the handles.
class ClusterCore;
[[nodiscard]] std::shared_ptr<ClusterCore> make_cluster(sim::ClusterOptions options, std::vector<std::uint32_t> tiles,
                                                        const char* config);
sim::Cluster& cluster_of(ClusterCore& core);
/// The tile, with a sentence when the test did not name it.
Model& attached_model(ClusterCore& core, std::uint32_t tile);
sim::Host& attached_host(ClusterCore& core, std::uint32_t tile);
SparseMemory& cluster_hbm(ClusterCore& core, std::uint32_t tile);
Coro<sim::RunResult> run_cluster(std::shared_ptr<ClusterCore> core);
void keep_handles(ClusterCore& core, std::shared_ptr<void> handles);
void hold_cluster(ClusterCore& core, int change);
std::uint64_t cluster_cycle(const ClusterCore& core);
void give_host(ClusterCore& core, std::uint32_t tile, bool to_task);
bool add_cluster_test(const char* file, int line, const char* name, Coro<void> (*body)(), const TestOptions& o);

}  // namespace detail

/// While it lives, the run of the cluster does not end.
class Hold {
 public:
  explicit Hold(std::shared_ptr<detail::ClusterCore> core) : core_(std::move(core)) { detail::hold_cluster(*core_, 1); }
  Hold(Hold&& other) noexcept : core_(std::move(other.core_)) {}
  Hold& operator=(Hold&&) = delete;
  ~Hold() {
    if (core_) detail::hold_cluster(*core_, -1);
  }

 private:
  std::shared_ptr<detail::ClusterCore> core_;
};

/// While it lives, the host port of a tile belongs to the task, and the run of the cluster does not end.
class HostPort {
 public:
  HostPort(std::shared_ptr<detail::ClusterCore> core, std::uint32_t tile, Hold hold, Lock::Guard guard)
      : core_(std::move(core)), tile_(tile), hold_(std::move(hold)), guard_(std::move(guard)) {
    detail::give_host(*core_, tile_, true);
  }
  HostPort(HostPort&&) noexcept = default;
  HostPort& operator=(HostPort&&) = delete;
  ~HostPort() {
    if (core_) detail::give_host(*core_, tile_, false);
  }

 private:
  std::shared_ptr<detail::ClusterCore> core_;
  std::uint32_t tile_;
  Hold hold_;
  Lock::Guard guard_;
};

namespace detail {
Coro<HostPort> drive_host(std::shared_ptr<ClusterCore> core, std::uint32_t tile);
}

/// A stitched cluster some of whose tiles have handles. `D` is the type of `dut` in a bench of tsr_tile.
template <class D>
class ClusterBenchOf {
 public:
  /// `tiles`: indices y * width + x of the tiles that tasks attach to. std::invalid_argument with a sentence for bad
  /// options.
  ClusterBenchOf(sim::ClusterOptions options, const std::vector<std::uint32_t>& tiles,
                 const char* bench_config = nullptr)
      : width_(options.width), core_(detail::make_cluster(std::move(options), tiles, bench_config)) {}

  /// The handles of a tile: its ports and the public names inside.
  D& tile(std::uint32_t index) {
    Model& model = detail::attached_model(*core_, index);
    for (auto& [known, dut] : duts_)
      if (known == &model) return *dut;
    auto dut = std::make_shared<D>(model);
    duts_.emplace_back(&model, dut.get());
    detail::keep_handles(*core_, dut);
    return *dut;
  }
  D& tile(std::uint32_t x, std::uint32_t y) { return tile(y * width_ + x); }

  /// Runs to the end of the cluster's work. Cancelled, it stops the cluster, which cannot run again then.
  Coro<sim::RunResult> run() { return detail::run_cluster(core_); }

  /// Waits until the actions of `host(tile)` are played and no other task has the port, then gives it to the caller:
  /// `dut.host_axil_*` may be written as long as the result lives.
  Coro<HostPort> drive_host(std::uint32_t tile) { return detail::drive_host(core_, tile); }
  /// The run does not end as long as the result lives.
  [[nodiscard]] Hold hold() { return Hold(core_); }

  /// Register accesses that the cluster plays. While it runs, of attached tiles only.
  sim::Host& host(std::uint32_t tile) { return detail::attached_host(*core_, tile); }
  /// Contents of an HBM channel, not while the cluster runs.
  SparseMemory& hbm(std::uint32_t tile) { return detail::cluster_hbm(*core_, tile); }
  [[nodiscard]] const Config& config() const { return detail::cluster_of(*core_).config(); }
  [[nodiscard]] std::uint32_t tiles() const { return detail::cluster_of(*core_).tiles(); }
  /// The cycle whose edge was last; ~0 before the first.
  [[nodiscard]] std::uint64_t cycle() const { return detail::cluster_cycle(*core_); }

 private:
  std::uint32_t width_;
  std::shared_ptr<detail::ClusterCore> core_;
  std::vector<std::pair<Model*, D*>> duts_;
};

#ifdef TSR_DUT_HEADER
#ifdef TSR_BENCH_CONFIG
/// The cluster of the bench's own configuration.
class ClusterBench : public ClusterBenchOf<Dut> {
 public:
  ClusterBench(sim::ClusterOptions options, const std::vector<std::uint32_t>& tiles)
      : ClusterBenchOf(std::move(options), tiles, TSR_BENCH_CONFIG) {}
};
#else
using ClusterBench = ClusterBenchOf<Dut>;
#endif
#endif

}  // namespace tessera

/// TSR_CLUSTER_TEST(name) { ... } or TSR_CLUSTER_TEST(name, {options}) { ... }: a TSR_TEST without a `dut` of its own.
#define TSR_CLUSTER_TEST(test, ...)                                                               \
  static ::tessera::Coro<void> tsr_test_##test();                                                 \
  [[maybe_unused]] static const bool tsr_registered_##test = ::tessera::detail::add_cluster_test( \
      __FILE__, __LINE__, #test, &tsr_test_##test, ::tessera::detail::options(__VA_ARGS__));      \
  static ::tessera::Coro<void> tsr_test_##test()
