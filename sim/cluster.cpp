// SPDX-License-Identifier: Apache-2.0
#include "sim/cluster.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "base/text.hpp"
#include "sim/cluster_impl.hpp"

namespace tessera::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kMaxWorkers = 256;

std::string trace_path(const WaveOptions& waves, const TilePlace& place, unsigned run) {
  std::string mark;
  if (waves.tiles.size() > 1) mark += "_" + std::to_string(place.x) + "_" + std::to_string(place.y);
  if (run > 1) mark += "_run" + std::to_string(run);
  return marked_path(waves.path, mark);
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------------------
// Construction
// ---------------------------------------------------------------------------------------------------------------------

Cluster::Impl::Impl(const ClusterOptions& given) : options(given) {
  check_options();
  const std::uint32_t n = options.width * options.height;
  inputs.resize(n);
  outputs.resize(n);
  nodes.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const TilePlace place{i % options.width, i / options.width, options.width, options.height,
                          options.x_seed == 0 ? 0 : options.x_seed + i};
    nodes.push_back(std::make_unique<Node>(i, place, *config, options, inputs[i], outputs[i]));
    const auto& traced = options.waves.tiles;
    nodes[i]->traced = std::find(traced.begin(), traced.end(), i) != traced.end();
    const auto& named = options.attached;
    nodes[i]->attached = std::find(named.begin(), named.end(), i) != named.end();
    if (nodes[i]->attached) attached.push_back({i, nullptr, &inputs[i], &outputs[i]});
  }
  connect();
  for (const Hook& hook : options.hooks) nodes[hook.tile]->hooks.push_back(hook);
  for (auto& node : nodes) {
    std::stable_sort(node->hooks.begin(), node->hooks.end(),
                     [](const Hook& a, const Hook& b) { return a.cycle > b.cycle; });
  }
  const unsigned workers = options.monolithic ? 1 : std::clamp(options.threads, 1U, std::min(n, kMaxWorkers));
  barrier = std::make_unique<Barrier>(workers);
  team = std::vector<Worker>(workers);
  owner.resize(n);
  host_ready.resize(attached.size());
  diagnosis.prepare(n, config->dma_queues);
}

void Cluster::Impl::check_options() {
  const auto refuse = [](const std::string& sentence) { throw std::invalid_argument(sentence); };
  const auto missing = [](const std::string& model) { throw NotBuilt(not_built(model)); };
  const std::string size = std::to_string(options.width) + "x" + std::to_string(options.height);
  entry = options.tile != nullptr ? options.tile : find_tile(options.config);
  if (entry == nullptr) {
    refuse("configuration '" + options.config + "' is not one of configs/, or its file is faulty");
  }
  config = entry->config;
  if (options.width < 1 || options.height < 1 || options.width > 256 || options.height > 256) {
    refuse("mesh " + size + " is outside 1x1 ... 256x256");
  }
  if (options.threads < 1) refuse("threads must be at least 1");
  if (options.link_latency < 1) refuse("link latency must be at least 1 cycle");
  const bool checked = options.checked || options.x_seed != 0;
  if (options.monolithic) {
    if (!options.waves.tiles.empty() || checked)
      refuse("waves, assertions and random initial values need the stitched back end");
  } else {
    if (!options.waves.tiles.empty() && !entry->traced) missing(tile_model_name(*config, "_traced"));
    if (checked && !entry->checked) missing(tile_model_name(*config, "_checked"));
    if (!checked && !entry->fast) missing(tile_model_name(*config));
  }
  const std::uint32_t n = options.width * options.height;
  for (const std::uint32_t tile : options.waves.tiles) {
    if (tile >= n) refuse("tile " + std::to_string(tile) + " to trace is not in the mesh " + size);
  }
  for (const std::uint32_t tile : options.attached) {
    if (options.monolithic) refuse("tasks attach to tiles of the stitched back end");
    if (tile >= n) refuse("tile " + std::to_string(tile) + " to attach to is not in the mesh " + size);
    if (options.attachment == nullptr) refuse("tiles to attach to need an attachment");
    const auto& traced = options.waves.tiles;
    if (std::find(traced.begin(), traced.end(), tile) != traced.end()) {
      refuse("tile " + std::to_string(tile) + " has tasks; its waves are those of the test");
    }
  }
  for (const Hook& hook : options.hooks) {
    if (hook.tile >= n || options.monolithic) refuse("a hook needs a tile of a stitched mesh");
  }
  for (const LinkLatency& link : options.link_latencies) {
    if (link.tile >= n || options.monolithic || link.latency < options.link_latency) {
      refuse("a link of its own latency must leave a tile of a stitched mesh and not be faster than the other links");
    }
  }
  if (options.monolithic) {
    mesh_entry = find_mesh(*config, options.width, options.height);
    if (mesh_entry == nullptr) {
      missing(mesh_model_name(*config, options.width, options.height));
    }
    if (options.link_latency > 8) refuse("the monolithic mesh has link latencies 1 to 8");
  }
}

void Cluster::Impl::connect() {
  const auto join = [&](std::uint32_t from, std::uint32_t to, Direction towards) {
    unsigned latency = options.link_latency;
    for (const LinkLatency& link : options.link_latencies) {
      if (link.tile == from && link.direction == towards) latency = link.latency;
    }
    nodes[from]->tx_id[towards] = static_cast<std::uint32_t>(links.size());
    links.push_back(std::make_unique<Link>(latency, config->link_bytes / 4));
    receiver.push_back(to);
    nodes[from]->tx[towards] = nodes[to]->rx[opposite(towards)] = links.back().get();
  };
  const auto n = static_cast<std::uint32_t>(nodes.size());
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i % options.width + 1 < options.width) join(i, i + 1, kEast), join(i + 1, i, kWest);
    if (i + options.width < n) join(i, i + options.width, kSouth), join(i + options.width, i, kNorth);
  }
}

void Cluster::Impl::build(unsigned worker) {
  if (options.monolithic) {
    if (!mesh) {
      mesh = mesh_entry->make();
      mesh->reset(outputs.data(), options.link_latency);
    }
    return;
  }
  for (auto& node : nodes) {
    if (owner[node->index] != worker) continue;
    if (!node->model) {
      if (node->attached) {
        node->model = options.attachment->make(node->index, node->place);
        node->model->reset(node->out);
        for (auto& tile : attached) {
          if (tile.index == node->index) tile.model = node->model.get();
        }
        continue;
      }
      const TileFactory& make = node->traced                             ? entry->traced
                                : options.checked || options.x_seed != 0 ? entry->checked
                                                                         : entry->fast;
      node->model = make(node->place);
      node->model->reset(node->out);
    }
    if (node->traced) {
      const std::string path = trace_path(options.waves, node->place, runs);
      if (!node->model->open_trace(path)) throw std::runtime_error("cannot write the waves " + path);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// A run
// ---------------------------------------------------------------------------------------------------------------------

RunResult Cluster::Impl::run() {
  if (!may_run) throw std::logic_error("a cluster whose run did not come to its own end cannot run again");
  may_run = false;
  started = next_progress = Clock::now();
  ++runs;
  begin = now;
  stop = verdict = Stop::kNo;
  draining = detached = false;
  failure.clear();
  diagnosis.clear();
  next_balance = now + 256;
  for (Worker& worker : team) {
    worker.last_busy = worker.last_sent = worker.last_event = static_cast<std::int64_t>(now) - 1;
    worker.evaluated = worker.retired = 0;
    worker.failure.clear();
  }
  std::vector<std::uint64_t> weights;
  for (auto& node : nodes) {
    node->open_accounts(now);
    node->evaluated = node->evaluated_at_balance = 0;
    if (!node->host.idle()) diagnosis.include(node->index);
    weights.push_back(node->host.idle() ? 1 : 64);
    if (options.reset_at > now) {
      first_contents.push_back(node->hbm.memory().copy());
      first_actions.push_back(node->host);
    }
  }
  assign(split(weights));
  run_team(static_cast<unsigned>(team.size()), [this](unsigned worker) { work(worker); });
  first_contents.clear();
  first_actions.clear();
  RunResult result;
  report(result);
  for (const auto& node : nodes) result.complete &= node->host.idle();  // a dead host port leaves questions open
  may_run = result.complete;
  result.host_seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return result;
}

void Cluster::Impl::report(RunResult& result) {
  result.complete = verdict == Stop::kEnd;
  result.begin = begin;
  result.cycles = end_cycle;
  result.tile_cycles = (end_cycle - begin) * nodes.size();
  std::uint64_t evaluated = 0, first_start = kNever;
  Signature signature;
  std::size_t records = 0;
  for (const auto& node : nodes) records += node->records.size();
  result.records.reserve(records);
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
    node->records = {};  // millions of them on a large mesh
  }
  result.signature = signature.value();
  result.skipped_tile_cycles = result.tile_cycles - std::min(result.tile_cycles, evaluated);
  result.first_start = first_start == kNever ? begin : first_start;
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
