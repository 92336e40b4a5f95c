// SPDX-License-Identifier: Apache-2.0
/// What one thread decides while the others wait: who is awake, how far to go, when a run ends, who steps what.
#include <algorithm>

#include "sim/cluster_impl.hpp"

namespace tessera::sim {

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
  using Clock = std::chrono::steady_clock;
  const auto time = Clock::now();
  until_clock = options.progress_seconds > 0 ? 63 : 0;
  if (time < next_progress) return;
  next_progress =
      time + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.progress_seconds));
  options.progress({now, evaluated, active, retired, std::chrono::duration<double>(time - started).count()});
}

}  // namespace tessera::sim
