// SPDX-License-Identifier: Apache-2.0
#include "sim/node.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tessera::sim {

void Node::open_accounts(std::uint64_t cycle) {
  signature = Signature{};
  records.clear();
  flits.fill(0);
  last_busy = last_sent = last_event = static_cast<std::int64_t>(cycle) - 1;
  hbm.bytes_read = hbm.bytes_written = 0;
  host.first_write = ~0ULL;
  counting = true;
}

std::uint64_t Node::next_arrival() const {
  std::uint64_t next = Link::kNever;
  for (const Link* link : rx) {
    if (link != nullptr) next = std::min(next, link->next_arrival());
  }
  return next;
}

bool Node::prepare(std::uint64_t cycle) {
  // 1. What the links deliver.
  bool input = false;
  for (unsigned d = 0; d < 4; ++d) {
    if (rx[d] == nullptr) continue;
    LinkInputs& link = in.link[d];
    link.flit = rx[d]->flit(cycle);
    link.valid = link.flit != nullptr;
    const std::uint8_t* credit = rx[d]->credit(cycle);
    link.credit_valid = credit != nullptr;
    if (credit != nullptr) link.credit_vc = *credit;
    input |= link.valid | link.credit_valid;
  }

  // 2. HBM and host: the tile samples their registers, they sample the tile's.
  bool attached = false, event = false;
  if (!hbm.idle() || (out.axi.arvalid | out.axi.awvalid | out.axi.wvalid)) {
    attached = true;
    in.axi = hbm.outputs();
    input |= in.axi.rvalid | in.axi.bvalid | out.axi.arvalid | out.axi.awvalid | out.axi.wvalid;
    event |= hbm.step(cycle, out.axi, counting ? &signature : nullptr, index);
  } else {
    in.axi.rvalid = in.axi.bvalid = 0;
  }
  if (!host.idle()) {
    attached = true;
    in.host = host.outputs();
    event |= host.step(cycle, out.host);
  } else {
    in.host = host.outputs();
  }
  input |= in.host.awvalid | in.host.wvalid | in.host.arvalid | out.host.bvalid | out.host.rvalid;

  const bool active = input || !out.quiescent;
  const auto now = static_cast<std::int64_t>(cycle);
  if (active || attached) last_busy = now;
  if (event) last_event = now;
  in.cycle = active ? cycle : in.cycle;
  return active;
}

void Node::observe(std::uint64_t cycle, std::uint64_t window, Outbox& sent) {
  ++evaluated;
  state_noted = false;
  const std::uint64_t shown = cycle + 1;
  for (unsigned d = 0; d < 4; ++d) {
    const LinkOutputs& link = out.link[d];
    if (!(link.valid | link.credit_valid)) continue;
    if (tx[d] == nullptr) continue;  // the border of the mesh
    last_sent = last_event = static_cast<std::int64_t>(shown);
    bool first = false;
    if (link.valid) {
      first |= tx[d]->send_flit(window, shown, link.flit);
      if (counting) {
        ++flits[d];
        signature.add(shown, index, kPortFlit + d, link.flit.vc | link.flit.head << 2 | link.flit.tail << 3,
                      link.flit.data.data(), link_words);
      }
    }
    if (link.credit_valid) {
      first |= tx[d]->send_credit(window, shown, link.credit_vc);
      if (counting) signature.add(shown, index, kPortCredit + d, link.credit_vc);
    }
    if (first) (tx_abroad[d] ? sent.abroad : sent.home).push_back(tx_id[d]);
  }
  if (out.record_valid != 0) {
    last_event = static_cast<std::int64_t>(shown);
    if (!counting) return;
    for (unsigned s = 0; s < kNumSources; ++s) {
      if (!((out.record_valid >> s) & 1)) continue;
      const Rec& r = out.record[s];
      records.push_back({r, static_cast<std::uint8_t>(s), index});
      signature.add(shown, index, kPortRecord + s,
                    mix(mix(mix(r.start) ^ r.end) ^ r.checksum) ^ r.opcode ^ (std::uint64_t{r.tag} << 8));
    }
  }
}

void Node::check_skip(std::uint64_t cycle) {
  const std::uint8_t irq = out.irq;
  model->clock(in, out);
  if (!violation.empty()) return;
  // Payload beside a valid that is 0 may follow its source in the first skipped edge; from then on nothing moves.
  std::string what;
  if (state_noted) {
    what = model->changed_state();
  } else {
    model->note_state();
    state_noted = true;
  }
  bool changed = !out.quiescent || out.irq != irq || out.record_valid != 0 || (out.host.bvalid | out.host.rvalid) != 0;
  changed |= (out.axi.arvalid | out.axi.awvalid | out.axi.wvalid) != 0;
  for (const LinkOutputs& link : out.link) changed |= (link.valid | link.credit_valid) != 0;
  if (what.empty() && changed) what = "its outputs";
  if (what.empty()) return;
  violation = "skip check: " + tile_text(place.x, place.y) + " was quiescent with idle inputs and changed " + what +
              " in cycle " + std::to_string(cycle);
}

}  // namespace tessera::sim
