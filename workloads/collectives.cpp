// SPDX-License-Identifier: Apache-2.0
#include "workloads/collectives.hpp"

#include <array>

namespace tessera::workloads {
namespace {

CollectiveJob ring_all_reduce(const Config& cfg, const CollectiveTask& t, std::span<const std::uint8_t> x) {
  return build_all_reduce(cfg, t.width, t.height, t.dtype, t.op, t.residence, t.elems, x, t.pieces);
}

// The first entry of a name is what --algo auto takes.
constexpr std::array kCollectives{
    Collective{"all-reduce", "ring", "every tile ends with the reduction of all vectors", ring_all_reduce,
               ring_bound_cycles, reduction_order, kernels::ring_items},
};

void add_once(std::string& list, std::string_view word) {
  if ((", " + list + ", ").find(", " + std::string(word) + ", ") != std::string::npos) return;
  list.append(list.empty() ? "" : ", ").append(word);
}

}  // namespace

std::span<const Collective> collectives() { return kCollectives; }

const Collective* find_collective(std::string_view name, std::string_view algo) {
  for (const Collective& c : kCollectives) {
    if (c.name == name && (algo == "auto" || c.algo == algo)) return &c;
  }
  return nullptr;
}

std::string collectives_help() {
  std::string text;
  for (const Collective& c : kCollectives) {
    text.append(text.empty() ? "" : "; ").append(c.name).append(" (").append(c.algo).append("): ").append(c.doc);
  }
  return text;
}

std::string collective_names() {
  std::string list;
  for (const Collective& c : kCollectives) add_once(list, c.name);
  return list;
}

std::string collective_algos() {
  std::string list = "auto";
  for (const Collective& c : kCollectives) add_once(list, c.algo);
  return list;
}

}  // namespace tessera::workloads
