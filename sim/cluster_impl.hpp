// SPDX-License-Identifier: Apache-2.0
/// What a cluster holds: its tiles, their links and hosts, and who steps them. cluster.cpp builds, runs and reports;
/// cluster_step.cpp is what each worker does to its own nodes; cluster_sync.cpp what one thread decides between
/// windows.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/cluster.hpp"
#include "sim/diagnose.hpp"
#include "sim/node.hpp"
#include "sim/team.hpp"

namespace tessera::sim {

inline constexpr std::uint64_t kNever = ~0ULL;

/// What one thread steps and what it tells the others at a synchronisation; written by its owner only.
struct alignas(128) Worker {
  std::vector<std::uint32_t> awake;  ///< its nodes that are visited in every batch
  std::array<Outbox, 2> sent;        ///< since window w, by w & 1: others read one, it writes the other
  std::int64_t last_busy = -1, last_sent = -1, last_event = -1;
  std::uint64_t evaluated = 0, retired = 0;  ///< totals of its nodes in this run
  std::uint32_t active = 0, hosts_busy = 0;  ///< after the last batch
  std::string failure;
};

enum class Stop { kNo, kEnd, kMaxCycles, kWatchdog, kInterrupted, kFailure };

struct Cluster::Impl {
  explicit Impl(const ClusterOptions& given);
  void check_options();
  void connect();

  RunResult run();
  void work(unsigned worker);
  void build(unsigned worker);
  void loop(unsigned worker);
  void batch(Worker& worker, unsigned index);
  [[gnu::always_inline]] void step_node(Node& node, Worker& worker);
  [[gnu::always_inline]] void step(Node& node, std::uint64_t t, Worker& worker);
  [[gnu::noinline]] bool run_hooks(Node& node, std::uint64_t t);
  void step_mesh(Worker& worker);
  [[gnu::noinline]] void step_attached(Worker& worker);
  [[gnu::always_inline]] static void account(const Node& node, Worker& worker, std::uint64_t evaluated,
                                             std::uint64_t retired);
  void deliver(unsigned worker);
  void finish_counting(unsigned worker);

  // By one thread while the others wait.
  void synchronised();
  void choose_batch();
  void restart();
  void balance();
  [[nodiscard]] std::vector<std::uint16_t> split(const std::vector<std::uint64_t>& weights) const;
  void assign(std::vector<std::uint16_t> owners);
  void wake_up();
  void report_progress(std::uint64_t evaluated, std::uint32_t active, std::uint64_t retired);
  void report(RunResult& result);

  [[nodiscard]] bool may_sleep(const Node& node) const {
    return options.skip == Skip::kOn && !options.monolithic && !node.traced && node.hooks.empty();
  }
  /// Something is left to do for the node itself or by the one who steps it along.
  [[nodiscard]] bool active(const Node& node) const {
    return !node.dormant() || node.next_arrival() != Link::kNever ||
           (node.attached && !draining && options.attachment->busy(node.index));
  }
  [[nodiscard]] std::uint64_t window() const { return (now - epoch) / options.link_latency; }

  ClusterOptions options;
  const TileEntry* entry = nullptr;
  const MeshEntry* mesh_entry = nullptr;
  const Config* config = nullptr;
  std::vector<TileInputs> inputs;
  std::vector<TileOutputs> outputs;
  std::vector<std::unique_ptr<Link>> links;
  std::vector<std::uint32_t> receiver;  ///< tile that each link leads to
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<Attachment::Tile> attached;  ///< in rising order; the first worker's, in no list of a worker
  std::vector<std::uint8_t> host_ready;    ///< of their write data, before the edge
  bool detached = false;                   ///< the attachment wants no more
  std::unique_ptr<MeshModel> mesh;
  Diagnosis diagnosis;
  std::vector<SparseMemory> first_contents;  ///< of this run, for `reset_at`
  std::vector<Host> first_actions;

  // Written by the last thread at a barrier, read by all after it.
  std::unique_ptr<Barrier> barrier;
  std::vector<Worker> team;
  std::vector<std::uint16_t> owner;  ///< worker of each node
  unsigned runs = 0;
  std::uint64_t now = 0;    ///< cycle of the next edge
  std::uint64_t epoch = 0;  ///< windows of `link_latency` cycles are counted from here
  std::uint64_t batch_cycles = 1;
  std::uint64_t begin = 0, end_cycle = 0, drain_until = 0, next_balance = 0;
  Stop stop = Stop::kNo, verdict = Stop::kEnd;
  bool draining = false, may_run = true;
  std::string failure;
  std::chrono::steady_clock::time_point started, next_progress;
  unsigned until_clock = 0;  ///< synchronisations until the host's clock is looked at again
};

}  // namespace tessera::sim
