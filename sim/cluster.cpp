// SPDX-License-Identifier: Apache-2.0
#include "sim/cluster.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>

#include "golden/configs.hpp"
#include "sim/diagnose.hpp"
#include "sim/node.hpp"
#include "sim/team.hpp"

namespace tessera::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kNever = ~0ULL;
constexpr std::uint64_t kDiagnosisCycles = 20'000;  ///< at most, to read status registers after the end
constexpr unsigned kMaxWorkers = 256;

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

std::string trace_path(const WaveOptions& waves, const TilePlace& place, unsigned run) {
  std::string mark;
  if (waves.tiles.size() > 1) mark += "_" + std::to_string(place.x) + "_" + std::to_string(place.y);
  if (run > 1) mark += "_run" + std::to_string(run);
  const std::size_t slash = waves.path.rfind('/'), dot = waves.path.rfind('.');
  const bool suffix = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  return suffix ? waves.path.substr(0, dot) + mark + waves.path.substr(dot) : waves.path + mark;
}

}  // namespace

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
  Clock::time_point started, next_progress;
  unsigned until_clock = 0;  ///< synchronisations until the host's clock is looked at again
};

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
  const std::string size = std::to_string(options.width) + "x" + std::to_string(options.height);
  entry = options.tile != nullptr ? options.tile : find_tile(options.config);
  if (entry == nullptr) {
    refuse("configuration '" + options.config + "' is unknown; there are: " + config_names());
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
    if (!options.waves.tiles.empty() && !entry->traced) refuse(not_built("tile_" + options.config + "_traced"));
    if (checked && !entry->checked) refuse(not_built("tile_" + options.config + "_checked"));
    if (!checked && !entry->fast) refuse(not_built("tile_" + options.config));
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
    mesh_entry = find_mesh(options.config, options.width, options.height);
    if (mesh_entry == nullptr) {
      refuse(not_built(mesh_model_name(options.config, options.width, options.height)));
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
// Stepping: each worker for its own nodes
// ---------------------------------------------------------------------------------------------------------------------

/// Hands over what was sent in the window before, and wakes who gets it.
void Cluster::Impl::deliver(unsigned worker) {
  const std::uint64_t before = window() - 1;
  const auto take = [&](std::uint32_t id) {
    links[id]->deliver(before);
    Node& node = *nodes[receiver[id]];
    if (node.awake) return;
    node.awake = true;
    team[worker].awake.push_back(node.index);
  };
  for (const std::uint32_t id : team[worker].sent[before & 1].home) take(id);
  for (const Worker& sender : team) {
    for (const std::uint32_t id : sender.sent[before & 1].abroad) {
      if (owner[receiver[id]] == worker) take(id);
    }
  }
  Outbox& next = team[worker].sent[window() & 1];
  next.home.clear(), next.abroad.clear();
}

/// True when a hook did something to the tile.
bool Cluster::Impl::run_hooks(Node& node, std::uint64_t t) {
  bool done = false;
  while (!node.hooks.empty() && node.hooks.back().cycle <= t) {
    if (node.hooks.back().cycle == t) {
      node.hooks.back().action(*node.model);
      done = true;
    }
    node.hooks.pop_back();
  }
  return done;
}

inline void Cluster::Impl::step(Node& node, std::uint64_t t, Worker& worker) {
  bool wanted = node.prepare(t) || options.skip == Skip::kOff;
  if (!node.hooks.empty()) wanted |= run_hooks(node, t);
  if (node.traced) {
    const bool dump = node.counting && t >= options.waves.from && t <= options.waves.to;
    node.model->set_dumping(dump);
    wanted |= dump;
  }
  if (wanted) {
    node.in.cycle = t;
    node.model->clock(node.in, node.out);
    node.observe(t, window(), worker.sent[window() & 1]);
  } else if (options.skip == Skip::kCheck) {
    node.check_skip(t);
  }
}

/// Cycles now ... now + batch_cycles - 1 of one tile: all that arrives in them was sent before.
inline void Cluster::Impl::step_node(Node& node, Worker& worker) {
  const std::uint64_t end = now + batch_cycles;
  for (std::uint64_t t = now; t < end; ++t) {
    step(node, t, worker);
    if (t + 1 < end && may_sleep(node) && node.dormant()) {
      const std::uint64_t next = node.next_arrival();
      if (next >= end) break;
      t = next - 1;
    }
  }
}

void Cluster::Impl::step_mesh(Worker& worker) {
  for (std::uint64_t t = now; t < now + batch_cycles; ++t) {
    bool active = options.skip == Skip::kOff;
    for (auto& node : nodes) active |= node->prepare(t);
    // A flit inside the mesh's own links is active there although every tile is quiescent.
    for (auto& node : nodes) active |= node->last_sent + options.link_latency > static_cast<std::int64_t>(t);
    if (!active) continue;
    for (auto& node : nodes) node->in.cycle = t;
    mesh->clock(inputs.data(), outputs.data());
    for (auto& node : nodes) node->observe(t, window(), worker.sent[window() & 1]);
  }
}

/// Cycles now ... now + batch_cycles - 1 of the attached tiles, side by side. After the end of a run, when only hosts
/// ask questions, they are stepped like any other.
void Cluster::Impl::step_attached(Worker& worker) {
  if (draining) {
    for (const auto& tile : attached) step_node(*nodes[tile.index], worker);
    return;
  }
  for (std::uint64_t t = now; t < now + batch_cycles; ++t) {
    for (std::size_t i = 0; i < attached.size(); ++i) {
      Node& node = *nodes[attached[i].index];
      const bool busy = options.attachment->busy(node.index);
      if (node.prepare(t) || busy) node.last_busy = static_cast<std::int64_t>(t);
      if (!node.hooks.empty()) run_hooks(node, t);
      node.in.cycle = t;
      host_ready[i] = node.out.host.wready;
    }
    if (!options.attachment->clock(t, attached)) {
      detached = true;
      return;
    }
    for (std::size_t i = 0; i < attached.size(); ++i) {
      Node& node = *nodes[attached[i].index];
      const AxilInputs& host = node.in.host;
      if (node.host.idle() && (host.awvalid | host.wvalid | host.arvalid) != 0) {  // driven by the attachment
        diagnosis.include(node.index);
        node.last_busy = node.last_event = static_cast<std::int64_t>(t);
        const bool taken = host.wvalid && host_ready[i] && starts_work(host.awaddr);
        if (taken && node.host.first_write == kNever) node.host.first_write = t;
      }
      node.observe(t, window(), worker.sent[window() & 1]);
    }
  }
}

/// What a batch adds to the totals of the worker; `evaluated` and `retired` are the node's before it.
inline void Cluster::Impl::account(const Node& node, Worker& worker, std::uint64_t evaluated, std::uint64_t retired) {
  worker.evaluated += node.evaluated - evaluated;
  worker.retired += node.records.size() - retired;
  worker.last_busy = std::max(worker.last_busy, node.last_busy);
  worker.last_sent = std::max(worker.last_sent, node.last_sent);
  worker.last_event = std::max(worker.last_event, node.last_event);
  worker.hosts_busy += !node.host.idle();
  if (!node.violation.empty() && worker.failure.empty()) worker.failure = node.violation;
}

void Cluster::Impl::batch(Worker& worker, unsigned index) {
  if ((now - epoch) % options.link_latency == 0) deliver(index);
  worker.active = worker.hosts_busy = 0;
  if (options.monolithic) step_mesh(worker);
  if (index == 0 && !attached.empty()) {
    for (const auto& tile : attached) {
      const Node& node = *nodes[tile.index];
      worker.evaluated -= node.evaluated, worker.retired -= node.records.size();
    }
    step_attached(worker);
    for (const auto& tile : attached) {
      const Node& node = *nodes[tile.index];
      account(node, worker, 0, 0);
      worker.active += active(node);
    }
  }
  std::size_t kept = 0;
  for (const std::uint32_t i : worker.awake) {
    Node& node = *nodes[i];
    const std::uint64_t evaluated = node.evaluated, retired = node.records.size();
    if (!options.monolithic) step_node(node, worker);
    account(node, worker, evaluated, retired);
    const bool dormant = node.dormant(), arriving = node.next_arrival() != Link::kNever;
    worker.active += !dormant || arriving;
    node.awake = !dormant || arriving || !may_sleep(node);
    if (node.awake) worker.awake[kept++] = i;
  }
  worker.awake.resize(kept);
}

void Cluster::Impl::loop(unsigned index) {
  Worker& worker = team[index];
  barrier->arrive([&] { synchronised(); });
  while (stop == Stop::kNo) {
    try {
      batch(worker, index);
    } catch (const std::exception& problem) {  // the others wait at the barrier
      worker.failure = problem.what();
    }
    barrier->arrive([&] {
      now += batch_cycles;
      synchronised();
    });
  }
}

void Cluster::Impl::finish_counting(unsigned worker) {
  for (auto& node : nodes) {
    if (owner[node->index] != worker) continue;
    node->hbm.memory().hash(node->signature, node->index);
    node->counting = false;
    node->evaluated_in_run = node->evaluated;
  }
}

void Cluster::Impl::work(unsigned worker) {
  try {
    build(worker);
  } catch (const std::exception& problem) {
    team[worker].failure = problem.what();
  }
  barrier->arrive([&] { wake_up(); });
  loop(worker);

  // The end: contents are final. Then the hosts may ask what went wrong; nothing counts any more.
  finish_counting(worker);
  if (stop == Stop::kEnd || stop == Stop::kMaxCycles || stop == Stop::kWatchdog) {
    for (auto& node : nodes) {
      if (owner[node->index] == worker) diagnosis.ask(node->index, node->host, node->out.irq != 0);
    }
    barrier->arrive([&] {
      draining = true;
      drain_until = now + kDiagnosisCycles;
      stop = Stop::kNo;
      wake_up();
    });
    loop(worker);
  }
  for (auto& node : nodes) {
    if (owner[node->index] == worker && node->traced && node->model) node->model->close_trace();
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Synchronisation: one thread, the others wait
// ---------------------------------------------------------------------------------------------------------------------

/// Lists the nodes that must be visited.
void Cluster::Impl::wake_up() {
  for (Worker& worker : team) worker.awake.clear(), worker.active = worker.hosts_busy = 0;
  for (auto& node : nodes) {
    Worker& worker = team[owner[node->index]];
    const bool to_do = active(*node);
    worker.active += to_do;
    worker.hosts_busy += !node->host.idle();
    node->awake = to_do || node->attached || !may_sleep(*node);
    if (node->awake && !node->attached) worker.awake.push_back(node->index);
  }
}

/// Time has come to `now`: decides whether and how far to go on.
void Cluster::Impl::synchronised() {
  std::int64_t last_busy = -1, last_sent = -1, last_event = -1;
  std::uint64_t evaluated = 0, retired = 0;
  std::uint32_t active = 0, hosts_busy = 0;
  for (const Worker& worker : team) {
    last_busy = std::max(last_busy, worker.last_busy);
    last_sent = std::max(last_sent, worker.last_sent);
    last_event = std::max(last_event, worker.last_event);
    evaluated += worker.evaluated;
    retired += worker.retired;
    active += worker.active;
    hosts_busy += worker.hosts_busy;
    if (failure.empty()) failure = worker.failure;
  }
  choose_batch();
  if (!failure.empty()) {
    stop = Stop::kFailure;
    if (!draining) verdict = stop, end_cycle = now;
    return;
  }
  if (draining) {
    if (hosts_busy == 0 || now >= drain_until) stop = Stop::kEnd;
    return;
  }
  const auto time = static_cast<std::int64_t>(now);
  end_cycle = now;
  if (detached) {
    stop = Stop::kInterrupted;
  } else if (active == 0 && last_sent + options.link_latency <= time) {
    stop = Stop::kEnd;
    end_cycle = std::max(begin, static_cast<std::uint64_t>(last_busy + 1));
  } else if (options.max_cycles != 0 && now - begin >= options.max_cycles) {
    stop = Stop::kMaxCycles;
  } else if (options.watchdog != 0 && time - last_event > static_cast<std::int64_t>(options.watchdog)) {
    stop = Stop::kWatchdog;
  } else if (options.interrupted && options.interrupted()) {
    stop = Stop::kInterrupted;
  } else if (options.reset_at != 0 && now == options.reset_at) {
    restart();
  }
  verdict = stop;
  if (stop != Stop::kNo) return;
  if (team.size() > 1 && now >= next_balance) balance();
  if (options.progress && until_clock-- == 0) report_progress(evaluated, active, retired);
}

/// To the end of the window of `link_latency` cycles, or to where the run may have to stop.
void Cluster::Impl::choose_batch() {
  std::uint64_t until = epoch + (window() + 1) * options.link_latency;
  if (!draining) {
    if (options.max_cycles != 0 && begin + options.max_cycles > now)
      until = std::min(until, begin + options.max_cycles);
    if (options.reset_at > now) until = std::min(until, options.reset_at);
  }
  batch_cycles = until - now;
}

void Cluster::Impl::restart() {
  for (auto& link : links) link->clear();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Node& node = *nodes[i];
    node.hbm.reset();
    node.hbm.memory() = std::move(first_contents[i]);
    node.host = first_actions[i];
    node.in = TileInputs{};
    node.open_accounts(now);
    node.state_noted = false;
    if (node.model) node.model->reset(node.out);
  }
  if (mesh) mesh->reset(outputs.data(), options.link_latency);
  epoch = now;
  for (Worker& worker : team) {
    for (Outbox& box : worker.sent) box.home.clear(), box.abroad.clear();
    worker.last_busy = worker.last_sent = worker.last_event = static_cast<std::int64_t>(now) - 1;
    worker.retired = 0;
  }
  wake_up();
  choose_batch();
}

/// An owner for each node: contiguous ranges of about the same weight. Traced and attached tiles stay with worker 0.
std::vector<std::uint16_t> Cluster::Impl::split(const std::vector<std::uint64_t>& weights) const {
  std::uint64_t total = 0, before = 0;
  for (const std::uint64_t weight : weights) total += weight;
  std::vector<std::uint16_t> owners(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::uint64_t middle = 2 * before + weights[i];
    owners[i] =
        nodes[i]->traced || nodes[i]->attached ? 0 : static_cast<std::uint16_t>(middle * team.size() / (2 * total));
    before += weights[i];
  }
  return owners;
}

void Cluster::Impl::assign(std::vector<std::uint16_t> owners) {
  owner = std::move(owners);
  for (auto& node : nodes) {
    for (unsigned d = 0; d < 4; ++d) {
      node->tx_abroad[d] = node->tx[d] != nullptr && owner[receiver[node->tx_id[d]]] != owner[node->index];
    }
  }
  for (Worker& worker : team) {
    worker.awake.clear();
    for (Outbox& box : worker.sent) {  // who was at home may be abroad now
      box.abroad.insert(box.abroad.end(), box.home.begin(), box.home.end());
      box.home.clear();
    }
  }
  for (const auto& node : nodes) {
    if (node->awake && !node->attached) team[owner[node->index]].awake.push_back(node->index);
  }
}

/// Moves nodes between workers when one of them has had clearly more edges to evaluate than the others.
void Cluster::Impl::balance() {
  std::vector<std::uint64_t> weights(nodes.size()), load(team.size());
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Node& node = *nodes[i];
    weights[i] = 1 + 16 * (node.evaluated - node.evaluated_at_balance);
    node.evaluated_at_balance = node.evaluated;
    load[owner[i]] += weights[i];
    total += weights[i];
  }
  next_balance = now + std::max<std::uint64_t>(4096, 64 * options.link_latency);
  const auto heaviest = [&] { return *std::max_element(load.begin(), load.end()); };
  const std::uint64_t present = heaviest();
  if (present * team.size() * 8 <= total * 9) return;  // within an eighth of ideal
  std::vector<std::uint16_t> owners = split(weights);
  std::fill(load.begin(), load.end(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) load[owners[i]] += weights[i];
  if (heaviest() * 10 < present * 9) assign(std::move(owners));
}

void Cluster::Impl::report_progress(std::uint64_t evaluated, std::uint32_t active, std::uint64_t retired) {
  const auto time = Clock::now();
  until_clock = options.progress_seconds > 0 ? 63 : 0;
  if (time < next_progress) return;
  next_progress =
      time + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.progress_seconds));
  options.progress({now, evaluated, active, retired, std::chrono::duration<double>(time - started).count()});
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
