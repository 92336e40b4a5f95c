// SPDX-License-Identifier: Apache-2.0
/// What each worker does to its own nodes between two synchronisations.
#include <exception>

#include "sim/cluster_impl.hpp"

namespace tessera::sim {
namespace {

constexpr std::uint64_t kDiagnosisCycles = 20'000;  ///< at most, to read status registers after the end

}  // namespace

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
    add_contents(node->signature, node->hbm.memory(), node->index);
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

}  // namespace tessera::sim
