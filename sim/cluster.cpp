// SPDX-License-Identifier: Apache-2.0
#include "sim/cluster.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "sim/diagnose.hpp"
#include "sim/node.hpp"
#include "sim/team.hpp"

namespace tessera::sim {
namespace {

/// What the threads tell each other at a synchronisation; written by its owner only.
struct alignas(64) Summary {
  std::int64_t last_busy = -1, last_sent = -1, last_event = -1;
  std::uint64_t evaluated = 0;
  std::uint32_t active = 0;
  bool hosts_idle = true;
  std::string failure;
};

enum class Stop { kNo, kEnd, kMaxCycles, kWatchdog, kInterrupted, kFailure };

std::string trace_path(const WaveOptions& waves, const TilePlace& place) {
  if (waves.tiles.size() == 1) return waves.path;
  const std::size_t dot = waves.path.rfind('.');
  const std::string at = "_" + std::to_string(place.x) + "_" + std::to_string(place.y);
  return dot == std::string::npos ? waves.path + at : waves.path.substr(0, dot) + at + waves.path.substr(dot);
}

}  // namespace

struct Cluster::Impl {
  explicit Impl(const ClusterOptions& given);

  RunResult run();
  void work(unsigned worker);
  void build(unsigned worker);
  void loop(unsigned worker);
  void batch(unsigned first, unsigned last, std::uint64_t count);
  void batch_mesh(std::uint64_t count);
  void step(Node& node, std::uint64_t t);
  void summarise(unsigned worker);
  void synchronised();
  void report(RunResult& result);

  ClusterOptions options;
  const TileEntry* entry = nullptr;
  const MeshEntry* mesh_entry = nullptr;
  const Config* config = nullptr;
  std::vector<TileInputs> inputs;
  std::vector<TileOutputs> outputs;
  std::vector<std::unique_ptr<Link>> links;
  std::vector<std::unique_ptr<Node>> nodes;
  std::unique_ptr<MeshModel> mesh;
  Diagnosis diagnosis;

  unsigned workers = 1;
  std::unique_ptr<Barrier> barrier;
  std::vector<Summary> summaries;
  // Written by the last thread at a barrier, read by all after it.
  std::uint64_t now = 0, batch_cycles = 1, next_progress = 0, end_cycle = 0, drain_until = 0;
  Stop stop = Stop::kNo, verdict = Stop::kFailure;
  bool draining = false;
  std::string failure;
};

Cluster::Impl::Impl(const ClusterOptions& given) : options(given) {
  const std::string size = std::to_string(options.width) + "x" + std::to_string(options.height);
  entry = options.tile != nullptr ? options.tile : find_tile(options.config);
  if (entry == nullptr) {
    throw std::invalid_argument("configuration '" + options.config + "' is not in this program; it has: " + tile_names());
  }
  config = entry->config;
  if (options.width < 1 || options.height < 1 || options.width > 256 || options.height > 256) {
    throw std::invalid_argument("mesh " + size + " is outside 1x1 ... 256x256");
  }
  if (options.link_latency < 1) throw std::invalid_argument("link latency must be at least 1 cycle");
  if (!options.waves.tiles.empty() && (entry->traced == nullptr || options.monolithic)) {
    throw std::invalid_argument("waves need the stitched back end and the traced library of '" + options.config + "'");
  }
  if (options.monolithic) {
    mesh_entry = find_mesh(options.config, options.width, options.height);
    if (mesh_entry == nullptr) {
      throw std::invalid_argument("no monolithic " + size + " mesh of '" + options.config + "' was built; there are: " +
                                  mesh_names());
    }
    if (options.link_latency > 8) throw std::invalid_argument("the monolithic mesh has link latencies 1 to 8");
  }

  const std::uint32_t n = options.width * options.height;
  inputs.resize(n);
  outputs.resize(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const TilePlace place{i % options.width, i / options.width, options.width, options.height};
    nodes.push_back(std::make_unique<Node>(i, place, *config, options, inputs[i], outputs[i]));
  }
  const auto join = [&](std::uint32_t a, std::uint32_t b, Direction towards_b) {
    const unsigned back = opposite(towards_b);
    links.push_back(std::make_unique<Link>(options.link_latency));
    nodes[a]->tx[towards_b] = nodes[b]->rx[back] = links.back().get();
    links.push_back(std::make_unique<Link>(options.link_latency));
    nodes[b]->tx[back] = nodes[a]->rx[towards_b] = links.back().get();
  };
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i % options.width + 1 < options.width) join(i, i + 1, kEast);
    if (i + options.width < n) join(i, i + options.width, kSouth);
  }
  workers = options.monolithic ? 1 : std::clamp(options.threads, 1U, n);
  barrier = std::make_unique<Barrier>(workers);
  summaries.resize(workers);
}

void Cluster::Impl::step(Node& node, std::uint64_t t) {
  if (node.prepare(t) || options.skip == Skip::kOff || node.traced) {
    node.in.cycle = t;
    if (node.traced) node.model->set_dumping(t >= options.waves.from && t <= options.waves.to && node.counting);
    node.model->clock(node.in, node.out);
    node.observe(t);
  } else if (options.skip == Skip::kCheck) {
    node.check_skip(t);
  }
}

/// Cycles now ... now + count - 1 of the tiles [first, last), tile after tile: what arrives was sent before `now` + 1.
void Cluster::Impl::batch(unsigned first, unsigned last, std::uint64_t count) {
  for (unsigned i = first; i < last; ++i) {
    for (std::uint64_t k = 0; k < count; ++k) step(*nodes[i], now + k);
  }
}

void Cluster::Impl::batch_mesh(std::uint64_t count) {
  for (std::uint64_t t = now; t < now + count; ++t) {
    bool active = options.skip == Skip::kOff;
    for (auto& node : nodes) active |= node->prepare(t);
    // A flit inside the mesh's own links is active there although every tile is quiescent.
    for (auto& node : nodes) active |= node->last_sent + options.link_latency > static_cast<std::int64_t>(t);
    if (!active) continue;
    for (auto& node : nodes) node->in.cycle = t;
    mesh->clock(inputs.data(), outputs.data());
    for (auto& node : nodes) node->observe(t);
  }
}

void Cluster::Impl::build(unsigned worker) {
  if (options.monolithic) {
    mesh = mesh_entry->make();
    mesh->reset(outputs.data(), options.link_latency);
    return;
  }
  for (std::uint64_t i = nodes.size() * worker / workers; i < nodes.size() * (worker + 1) / workers; ++i) {
    Node& node = *nodes[i];
    const auto& traced = options.waves.tiles;
    node.traced = std::find(traced.begin(), traced.end(), node.index) != traced.end();
    node.model = (node.traced ? entry->traced : entry->fast)(node.place);
    if (node.traced) node.model->open_trace(trace_path(options.waves, node.place));
    node.model->reset(node.out);
  }
}

void Cluster::Impl::summarise(unsigned worker) {
  Summary& sum = summaries[worker];
  sum.evaluated = 0;
  sum.active = 0;
  sum.hosts_idle = true;
  for (std::uint64_t i = nodes.size() * worker / workers; i < nodes.size() * (worker + 1) / workers; ++i) {
    const Node& node = *nodes[i];
    sum.last_busy = std::max(sum.last_busy, node.last_busy);
    sum.last_sent = std::max(sum.last_sent, node.last_sent);
    sum.last_event = std::max(sum.last_event, node.last_event);
    sum.evaluated += node.evaluated;
    sum.hosts_idle &= node.host.idle();
    // Busy when something waits now, although the last cycle may not have seen it yet.
    sum.active += !node.out.quiescent || !node.hbm.idle() || !node.host.idle();
    if (!node.violation.empty() && sum.failure.empty()) sum.failure = node.violation;
  }
}

/// Runs on the last thread to arrive: time has come to `now`; decide whether and how far to go on.
void Cluster::Impl::synchronised() {
  Summary all;
  for (const Summary& sum : summaries) {
    all.last_busy = std::max(all.last_busy, sum.last_busy);
    all.last_sent = std::max(all.last_sent, sum.last_sent);
    all.last_event = std::max(all.last_event, sum.last_event);
    all.evaluated += sum.evaluated;
    all.active += sum.active;
    all.hosts_idle &= sum.hosts_idle;
    if (failure.empty()) failure = sum.failure;
  }
  const auto time = static_cast<std::int64_t>(now);
  batch_cycles = options.link_latency;
  if (draining) {
    stop = all.hosts_idle || now >= drain_until ? Stop::kEnd : Stop::kNo;
    return;
  }
  end_cycle = now;
  if (!failure.empty()) {
    stop = Stop::kFailure;
  } else if (all.active == 0 && all.last_sent + options.link_latency <= time) {
    stop = Stop::kEnd;
    end_cycle = static_cast<std::uint64_t>(all.last_busy + 1);
  } else if (options.max_cycles != 0 && now >= options.max_cycles) {
    stop = Stop::kMaxCycles;
  } else if (options.watchdog != 0 && time - all.last_event > static_cast<std::int64_t>(options.watchdog)) {
    stop = Stop::kWatchdog;
  } else if (options.interrupted && options.interrupted()) {
    stop = Stop::kInterrupted;
  }
  if (options.max_cycles != 0) batch_cycles = std::min(batch_cycles, std::max<std::uint64_t>(options.max_cycles - std::min(options.max_cycles, now), 1));
  if (options.progress && now >= next_progress) {
    options.progress({now, all.evaluated, all.active});
    next_progress = now + options.progress_cycles;
  }
}

void Cluster::Impl::loop(unsigned worker) {
  const auto first = static_cast<unsigned>(nodes.size() * worker / workers);
  const auto last = static_cast<unsigned>(nodes.size() * (worker + 1) / workers);
  summarise(worker);
  barrier->arrive([&] { synchronised(); });
  while (stop == Stop::kNo) {
    if (options.monolithic) {
      batch_mesh(batch_cycles);
    } else {
      batch(first, last, batch_cycles);
    }
    summarise(worker);
    barrier->arrive([&] {
      now += batch_cycles;
      synchronised();
    });
  }
}

void Cluster::Impl::work(unsigned worker) {
  try {
    build(worker);
  } catch (const std::exception& problem) {
    summaries[worker].failure = problem.what();
  }
  loop(worker);

  // The end: contents are final. Then the hosts may ask what went wrong; nothing counts any more.
  const auto first = nodes.size() * worker / workers, last = nodes.size() * (worker + 1) / workers;
  for (auto i = first; i < last; ++i) {
    Node& node = *nodes[i];
    node.hbm.memory().hash(node.signature, node.index);
    node.counting = false;
    node.evaluated_in_run = node.evaluated;
  }
  if (stop != Stop::kFailure) {
    for (auto i = first; i < last; ++i) diagnosis.ask(nodes[i]->index, nodes[i]->host, nodes[i]->out.irq != 0);
    barrier->arrive([&] {
      draining = true;
      drain_until = now + 20'000;
      verdict = stop;
    });
    loop(worker);
  }
  for (auto i = first; i < last; ++i) {
    if (nodes[i]->traced && nodes[i]->model) nodes[i]->model->close_trace();
    nodes[i]->model.reset();
  }
  if (worker == 0) mesh.reset();
}

RunResult Cluster::Impl::run() {
  const auto begin = std::chrono::steady_clock::now();
  diagnosis.prepare(static_cast<std::uint32_t>(nodes.size()), config->dma_queues);
  for (const auto& node : nodes) {
    if (!node->host.idle()) diagnosis.include(node->index);
  }
  run_team(workers, [this](unsigned worker) { work(worker); });
  RunResult result;
  report(result);
  result.host_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

void Cluster::Impl::report(RunResult& result) {
  result.cycles = end_cycle;
  result.tile_cycles = end_cycle * nodes.size();
  std::uint64_t evaluated = 0, first_start = ~0ULL;
  Signature signature;
  for (const auto& node : nodes) {
    evaluated += node->evaluated_in_run;
    signature.merge(node->signature);
    first_start = std::min(first_start, node->host.first_write);
    result.hbm_bytes_read += node->hbm.bytes_read;
    result.hbm_bytes_written += node->hbm.bytes_written;
    result.link_flits.insert(result.link_flits.end(), node->flits.begin(), node->flits.end());
    if (node->out.irq) result.irq_tiles.push_back(node->index);
    std::stable_sort(node->records.begin(), node->records.end(),
                     [](const RetireRecord& a, const RetireRecord& b) { return a.source < b.source; });
    for (const RetireRecord& record : node->records) result.last_record = std::max(result.last_record, record.end);
    result.records.insert(result.records.end(), node->records.begin(), node->records.end());
  }
  result.signature = signature.value();
  result.skipped_tile_cycles = result.tile_cycles - std::min(result.tile_cycles, evaluated);
  result.first_start = first_start == ~0ULL ? 0 : first_start;
  diagnosis.collect(result.errors, result.stuck);

  const std::string when = " in cycle " + std::to_string(end_cycle);
  if (verdict == Stop::kFailure) {
    result.error = failure;
  } else if (verdict == Stop::kMaxCycles) {
    result.error = "stopped at --max-cycles" + when;
  } else if (verdict == Stop::kInterrupted) {
    result.error = "interrupted" + when;
  } else if (verdict == Stop::kWatchdog) {
    result.error = "no progress for " + std::to_string(options.watchdog) + " cycles" + when;
  } else if (!result.errors.empty()) {
    result.error = describe(result.errors.front(), options.width);
  } else if (!result.irq_tiles.empty()) {
    result.error = "tile " + std::to_string(result.irq_tiles.front()) + " raised its interrupt" + when;
  } else if (!result.stuck.empty()) {
    result.error = "everything stands still" + when + " but work is left";
  }
  if (result.errors.empty() && !result.stuck.empty() && verdict != Stop::kInterrupted) {
    for (std::size_t i = 0; i < std::min<std::size_t>(result.stuck.size(), 8); ++i) {
      result.error += "; " + describe(result.stuck[i], options.width);
    }
  }
  result.ok = result.error.empty();
}

Cluster::Cluster(const ClusterOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Cluster::~Cluster() = default;
const Config& Cluster::config() const { return *impl_->config; }
std::uint32_t Cluster::tiles() const { return static_cast<std::uint32_t>(impl_->nodes.size()); }
SparseMemory& Cluster::hbm(std::uint32_t tile) { return impl_->nodes.at(tile)->hbm.memory(); }
const SparseMemory& Cluster::hbm(std::uint32_t tile) const { return impl_->nodes.at(tile)->hbm.memory(); }
Host& Cluster::host(std::uint32_t tile) { return impl_->nodes.at(tile)->host; }
RunResult Cluster::run() { return impl_->run(); }

}  // namespace tessera::sim
