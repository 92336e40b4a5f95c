// SPDX-License-Identifier: Apache-2.0
#include "fake_tile.hpp"

#include "p4/tsr_cfg.hpp"

namespace tessera::test {

Config fake_config() { return configs::p4::kConfig; }

bool FakeTile::neighbour(unsigned d) const {
  switch (d) {
    case sim::kNorth:
      return place_.y > 0;
    case sim::kEast:
      return place_.x + 1 < place_.width;
    case sim::kSouth:
      return place_.y + 1 < place_.height;
    default:
      return place_.x > 0;
  }
}

void FakeTile::reset(sim::TileOutputs& out) {
  state_ = State{};
  state_.h = mix(place_.x + 1000ULL * place_.y + place_.x_seed);
  out = sim::TileOutputs{};
  out.quiescent = 1;
  out.axi.bready = out.axi.rready = 1;
  out.host.awready = out.host.wready = out.host.arready = 1;
}

/// A packet that visits `ttl` more tiles.
void FakeTile::launch(std::uint64_t ttl) {
  if (place_.width * place_.height == 1) return;
  unsigned d = state_.h >> 20 & 3;
  while (!neighbour(d)) d = (d + 1) & 3;
  state_.sends[d].push_back((state_.h & ~0xffffULL) | ttl);
}

void FakeTile::receive(const sim::TileInputs& in) {
  for (unsigned d = 0; d < 4; ++d) {
    const sim::LinkInputs& link = in.link[d];
    if (link.credit_valid) ++state_.credits[d], state_.h = mix(state_.h ^ link.credit_vc);
    if (!link.valid) continue;
    const sim::Flit& flit = *link.flit;
    const std::uint64_t word = flit.data[0] | std::uint64_t{flit.data[1]} << 32;
    state_.h = mix(state_.h ^ word ^ flit.vc ^ (d << 8));
    state_.credits_due[d].push_back(flit.vc);
    state_.work += state_.h >> 40 & options_.work_mask;
    if (options_.jobs_per_flit != 0 && (state_.h >> 50) % options_.jobs_per_flit == 0) {
      state_.jobs.push_back({(state_.h >> 30 & 1) != 0, (state_.h >> 8 & 0xff) * 64, 1 + unsigned(state_.h >> 33 & 7)});
    }
    if ((word & 0xffff) != 0) launch((word & 0xffff) - 1);
  }
}

void FakeTile::work(std::uint64_t cycle, sim::TileOutputs& out) {
  out.record_valid = 0;
  if (state_.work == 0) return;
  state_.h = mix(state_.h + 1);
  if (--state_.work != 0) return;
  const unsigned source = state_.h % 7;
  out.record_valid = 1U << source;
  sim::Rec& record = out.record[source];
  record.opcode = static_cast<std::uint8_t>(state_.h);
  record.tag = static_cast<std::uint16_t>(state_.h >> 8);
  record.start = record.end = cycle;
  record.checksum = static_cast<std::uint32_t>(state_.h >> 24);
}

void FakeTile::show_write_beat(sim::AxiOutputs& out) {
  out.wvalid = state_.w_left != 0;
  if (!out.wvalid) return;
  out.wlast = state_.w_left == 1;
  state_.h = mix(state_.h);
  for (unsigned i = 0; i < 2; ++i) out.wdata[i] = static_cast<std::uint32_t>(state_.h >> (32 * i));
  out.wstrb[0] = (state_.h >> 3 & 1) ? 0xff : state_.h & 0xff;
}

void FakeTile::use_hbm(const sim::AxiInputs& axi, sim::AxiOutputs& out) {
  if (out.arvalid && axi.arready) out.arvalid = 0;
  if (out.awvalid && axi.awready) out.awvalid = 0;
  if (out.wvalid && axi.wready) --state_.w_left, show_write_beat(out);
  if (axi.rvalid) {
    for (unsigned i = 0; i < 2; ++i) state_.h = mix(state_.h ^ axi.rdata[i] ^ axi.rresp);
    if (--state_.answers == 0) state_.jobs.pop_front(), state_.work += 2;
    if (axi.rlast != (state_.answers == 0)) state_.h = 0;  // would show in every comparison
  }
  if (axi.bvalid) {
    state_.h = mix(state_.h ^ axi.bid ^ axi.bresp);
    state_.answers = 0;
    state_.jobs.pop_front();
  }
  if (state_.jobs.empty() || state_.answers != 0) return;
  const Job& job = state_.jobs.front();
  if (job.write) {
    state_.answers = 1;
    state_.w_left = job.beats;
    out.awvalid = 1, out.awaddr = job.address, out.awlen = static_cast<std::uint8_t>(job.beats - 1), out.awid = 1;
    show_write_beat(out);
  } else {
    state_.answers = job.beats;
    out.arvalid = 1, out.araddr = job.address, out.arlen = static_cast<std::uint8_t>(job.beats - 1), out.arid = 2;
  }
}

void FakeTile::answer_host(const sim::AxilInputs& host, sim::AxilOutputs& out) {
  if (out.bvalid && host.bready) out.bvalid = 0;
  if (out.rvalid && host.rready) out.rvalid = 0;
  if (host.awvalid && host.wvalid) {
    out.bvalid = 1;
    out.bresp = host.awaddr == 0xfffc ? 2 : 0;
    if (host.awaddr == 0x108) {
      state_.h = mix(state_.h ^ host.wdata);
      state_.busy_until = options_.run_for;
      for (unsigned i = 0; i < (host.wdata >> 16); ++i) launch(host.wdata & 0xffff), state_.h = mix(state_.h);
      state_.jobs.push_back({true, 0, 4});
    }
  }
  if (host.arvalid) {
    out.rvalid = 1;
    out.rdata = host.araddr == 0x12c ? options_.status : host.araddr == 0x138 ? 3 : host.araddr == 0x1010 ? 2 : 0;
  }
}

void FakeTile::send(sim::TileOutputs& out) {
  for (unsigned d = 0; d < 4; ++d) {
    sim::LinkOutputs& link = out.link[d];
    auto& due = state_.credits_due[d];
    link.credit_valid = !due.empty();
    if (!due.empty()) link.credit_vc = static_cast<std::uint8_t>(due.front()), due.pop_front();
    auto& queue = state_.sends[d];
    link.valid = !queue.empty() && state_.credits[d] != 0;
    if (!link.valid) continue;
    --state_.credits[d];
    link.flit.vc = queue.front() >> 60 & 3;
    link.flit.head = link.flit.tail = 1;
    link.flit.data[0] = static_cast<std::uint32_t>(queue.front());
    link.flit.data[1] = static_cast<std::uint32_t>(queue.front() >> 32);
    queue.pop_front();
  }
}

void FakeTile::clock(const sim::TileInputs& in, sim::TileOutputs& out) {
  ++edges;
  dumped += dumping_;
  receive(in);
  use_hbm(in.axi, out.axi);
  answer_host(in.host, out.host);
  work(in.cycle, out);
  if (state_.busy_until != 0) {
    --state_.busy_until;
    for (unsigned d = 0; options_.always_busy && d < 4; ++d) {
      if (neighbour(d) && state_.sends[d].empty()) state_.sends[d].push_back(state_.h & ~0xffffULL);
    }
  }
  for (unsigned i = 0; i < options_.burn; ++i) burnt_ = mix(burnt_);
  send(out);

  bool still = state_.work == 0 && state_.busy_until == 0 && out.record_valid == 0;
  if (options_.lies) still = state_.work <= 1 && state_.busy_until == 0 && out.record_valid == 0;
  for (unsigned d = 0; d < 4; ++d) {
    still &= !out.link[d].valid && !out.link[d].credit_valid && state_.credits_due[d].empty();
    still &= state_.sends[d].empty() || state_.credits[d] == 0;
  }
  still &= !out.axi.arvalid && !out.axi.awvalid && !out.axi.wvalid && (state_.jobs.empty() || state_.answers != 0);
  still &= !out.host.bvalid && !out.host.rvalid;
  out.quiescent = still;
}

std::uint64_t FakeTile::state_hash() const {
  std::uint64_t hash = mix(state_.h) ^ mix(state_.work + 1ULL) ^ mix(state_.busy_until << 20);
  for (unsigned d = 0; d < 4; ++d)
    hash = mix(hash ^ state_.sends[d].size() ^ state_.credits_due[d].size() << 16 ^ state_.credits[d] << 24);
  return mix(hash ^ state_.jobs.size() ^ state_.answers << 8 ^ state_.w_left << 16) | 1;
}

void FakeTile::close_trace() {
  if (trace_open_ && options_.traces_closed != nullptr) *options_.traces_closed += dumped;
  trace_open_ = false;
}

sim::TileEntry fake_entry(const FakeOptions& options) {
  static const Config config = fake_config();
  const auto make = [options](const sim::TilePlace& place) -> std::unique_ptr<sim::TileModel> {
    return std::make_unique<FakeTile>(place, options);
  };
  return {&config, make, make, make};
}

}  // namespace tessera::test

// A program with fake tiles only was built with no real ones.
namespace tessera::sim {
const TileEntry* find_tile(std::string_view) { return nullptr; }
const MeshEntry* find_mesh(const Config&, std::uint32_t, std::uint32_t) { return nullptr; }
std::string not_built(const std::string& model) { return "the model " + model + " is not built"; }
}  // namespace tessera::sim
