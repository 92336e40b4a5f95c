// SPDX-License-Identifier: Apache-2.0
#include "naive_cluster.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "sim/signature.hpp"

namespace tessera::test {

using namespace sim;

namespace {

struct Wire {
  std::map<std::uint64_t, Flit> flits;
  std::map<std::uint64_t, std::uint8_t> credits;
};

struct Tile {
  std::unique_ptr<TileModel> model;
  std::unique_ptr<HbmModel> hbm;
  Host host;
  TileInputs in;
  TileOutputs out;
  std::array<Wire, 4> arriving;  ///< by the side it comes from
  std::array<std::uint64_t, 4> flits{};
  std::vector<RetireRecord> records;
};

}  // namespace

NaiveResult run_naive(const ClusterOptions& options, const std::function<void(std::uint32_t, Host&)>& load) {
  const Config& config = *options.tile->config;
  const unsigned words = config.link_bytes / 4;
  const auto n = options.width * options.height;
  std::vector<Tile> tiles(n);
  Signature signature;
  for (std::uint32_t i = 0; i < n; ++i) {
    tiles[i].model = options.tile->fast({i % options.width, i / options.width, options.width, options.height});
    HbmOptions hbm = options.hbm;
    hbm.seed = mix(hbm.seed + i);
    tiles[i].hbm = std::make_unique<HbmModel>(config, hbm);
    tiles[i].model->reset(tiles[i].out);
    load(i, tiles[i].host);
  }
  const auto towards = [&](std::uint32_t i, unsigned d) -> std::int64_t {
    const std::uint32_t x = i % options.width, y = i / options.width;
    if (d == kNorth) return y > 0 ? i - options.width : -1;
    if (d == kSouth) return y + 1 < options.height ? i + options.width : -1;
    if (d == kEast) return x + 1 < options.width ? i + 1 : -1;
    return x > 0 ? i - 1 : -1;
  };

  NaiveResult result;
  for (std::uint64_t t = 0;; ++t) {
    // Registers of cycle t onto the links.
    for (std::uint32_t i = 0; i < n; ++i) {
      for (unsigned d = 0; d < 4; ++d) {
        const LinkOutputs& o = tiles[i].out.link[d];
        if (towards(i, d) < 0) continue;
        Wire& wire = tiles[towards(i, d)].arriving[opposite(d)];
        unsigned latency = options.link_latency;
        for (const LinkLatency& l : options.link_latencies) {
          if (l.tile == i && l.direction == d) latency = l.latency;
        }
        if (o.valid) {
          wire.flits[t + latency - 1] = o.flit;
          ++tiles[i].flits[d];
          signature.add(t, i, kPortFlit + d, o.flit.vc | o.flit.head << 2 | o.flit.tail << 3, o.flit.data.data(),
                        words);
        }
        if (o.credit_valid) {
          wire.credits[t + latency - 1] = o.credit_vc;
          signature.add(t, i, kPortCredit + d, o.credit_vc);
        }
      }
    }
    bool busy = false;
    for (const Tile& tile : tiles) {
      busy |=
          !tile.out.quiescent || !tile.hbm->idle() || !tile.host.idle() || tile.out.axi.arvalid || tile.out.axi.awvalid;
      for (const Wire& wire : tile.arriving) busy |= !wire.flits.empty() || !wire.credits.empty();
    }
    if (!busy) {
      result.cycles = t;
      break;
    }
    for (std::uint32_t i = 0; i < n; ++i) {
      Tile& tile = tiles[i];
      tile.in.cycle = t;
      Flit flits[4];
      for (unsigned d = 0; d < 4; ++d) {
        LinkInputs& link = tile.in.link[d];
        link = LinkInputs{};
        Wire& wire = tile.arriving[d];
        if (wire.flits.count(t)) flits[d] = wire.flits[t], link.valid = 1, link.flit = &flits[d], wire.flits.erase(t);
        if (wire.credits.count(t)) link.credit_valid = 1, link.credit_vc = wire.credits[t], wire.credits.erase(t);
      }
      tile.in.axi = tile.hbm->outputs();
      tile.in.host = tile.host.outputs();
      // With random stalls the readys of an idle channel stand still; otherwise an idle step must change nothing.
      const auto& axi = tile.out.axi;
      if (!options.hbm.random_stalls || !tile.hbm->idle() || axi.arvalid || axi.awvalid || axi.wvalid) {
        tile.hbm->step(t, axi, &signature, i);
      }
      tile.host.step(t, tile.out.host);
      tile.model->clock(tile.in, tile.out);
      for (unsigned s = 0; s < kNumSources; ++s) {
        if (!((tile.out.record_valid >> s) & 1)) continue;
        const Rec& r = tile.out.record[s];
        tile.records.push_back({r, static_cast<std::uint8_t>(s), i});
        signature.add(t + 1, i, kPortRecord + s,
                      mix(mix(mix(r.start) ^ r.end) ^ r.checksum) ^ r.opcode ^ (std::uint64_t{r.tag} << 8));
      }
    }
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    add_contents(signature, tiles[i].hbm->memory(), i);
    result.hbm_bytes_read += tiles[i].hbm->bytes_read;
    result.hbm_bytes_written += tiles[i].hbm->bytes_written;
    std::stable_sort(tiles[i].records.begin(), tiles[i].records.end(),
                     [](const auto& a, const auto& b) { return a.source < b.source; });
    result.records.insert(result.records.end(), tiles[i].records.begin(), tiles[i].records.end());
    result.link_flits.insert(result.link_flits.end(), tiles[i].flits.begin(), tiles[i].flits.end());
  }
  result.signature = signature.value();
  return result;
}

}  // namespace tessera::test
