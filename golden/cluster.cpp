// SPDX-License-Identifier: Apache-2.0
#include "golden/cluster.hpp"

#include <algorithm>
#include <cstdio>
#include <random>

#include "base/text.hpp"
#include "golden/registers.hpp"
#include "golden/sequencer.hpp"

namespace tessera::golden {
namespace {

std::string tile_name(const Tile& tile) { return tile_text(tile.x, tile.y); }

std::string sentence(const Stuck& s) {
  const char* relation = s.wait.cond == isa::Wait::kEq ? "==" : ">=";
  return tile_text(s.x, s.y) + " " + s.unit + " waits for semaphore " + std::to_string(s.wait.sem) + " " + relation +
         " " + std::to_string(s.wait.value) + ", which is " + std::to_string(s.now) + "; tag " + std::to_string(s.tag);
}

}  // namespace

std::string describe(const Tile& tile, const std::string& unit, const Fault& fault) {
  const auto& name = isa::kErrNames.at(static_cast<unsigned>(fault.code));
  char at[24];
  std::snprintf(at, sizeof at, "0x%llx", static_cast<unsigned long long>(fault.address));
  return tile_name(tile) + " " + unit + ": error " + std::string(name.name) + " (" + std::string(name.doc) + "), tag " +
         std::to_string(fault.tag) + ", at " + at;
}

Cluster::Cluster(const Config& config, std::uint32_t width, std::uint32_t height)
    : config_(config), width_(width), height_(height) {
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      tiles_.push_back(std::make_unique<Tile>(config, x, y));
      tiles_.back()->mesh_x = width - 1, tiles_.back()->mesh_y = height - 1;
    }
  }
}

std::string Cluster::load(const isa::ProgramImage& image) {
  if (image.width > width_ || image.height > height_) {
    return "the program needs a mesh of " + std::to_string(image.width) + "x" + std::to_string(image.height) +
           " tiles, but this one has " + std::to_string(width_) + "x" + std::to_string(height_);
  }
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      Tile& t = tile(x, y);
      const isa::TileImage& from = image.tile(x, y);
      for (const isa::HbmBlock& block : from.hbm) {
        if (block.address + block.bytes.size() > config_.hbm_bytes) return tile_name(t) + ": data outside HBM";
      }
      if (from.queues.size() > t.queues.size()) {
        return tile_name(t) + ": the program uses queue " + std::to_string(from.queues.size() - 1) +
               ", but a tile has " + std::to_string(t.queues.size());
      }
    }
  }
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      Tile& t = tile(x, y);
      const isa::TileImage& from = image.tile(x, y);
      for (const isa::HbmBlock& block : from.hbm) t.hbm.place(block.address, block.bytes);
      for (std::size_t q = 0; q < from.queues.size(); ++q) {
        if (from.queues[q].ring_size == 0) continue;
        QueueState& queue = t.queues[q];
        queue = {};
        queue.base = queue.ring = from.queues[q].ring_base, queue.size = from.queues[q].ring_size,
        queue.work = from.queues[q].doorbell;
      }
      for (unsigned e = 0; e < isa::kNumEngines; ++e) {
        if (!from.start_pc[e]) continue;
        t.engines[e].start_pc = *from.start_pc[e];
        start_engine(t.engines[e], *from.start_pc[e]);
      }
    }
  }
  return {};
}

RunResult Cluster::run(std::uint64_t max_steps, std::uint64_t shuffle) {
  // An engine runs at most this far ahead of the others before the next one gets its turn.
  constexpr unsigned kBurst = 64;
  const TileLookup lookup = [this](std::uint32_t x, std::uint32_t y) { return find(x, y); };
  RunResult result;
  struct Unit {
    Tile* tile;
    unsigned number;  // engine, or kNumEngines + queue
  };
  std::vector<Unit> units;
  for (auto& t : tiles_) {
    for (unsigned u = 0; u < isa::kNumEngines + t->queues.size(); ++u) units.push_back({t.get(), u});
  }
  std::mt19937_64 rng(shuffle);
  const auto step = [&](const Unit& u) {
    return u.number < isa::kNumEngines ? step_engine(*u.tile, static_cast<isa::Engine>(u.number), lookup)
                                       : step_queue(*u.tile, u.number - isa::kNumEngines, lookup);
  };
  for (bool progress = true; progress && result.steps < max_steps;) {
    progress = false;
    if (shuffle != 0) std::shuffle(units.begin(), units.end(), rng);
    for (const Unit& u : units) {
      const unsigned burst = shuffle != 0 ? 1 + static_cast<unsigned>(rng() % kBurst) : kBurst;
      for (unsigned n = 0; n < burst && result.steps < max_steps && step(u); ++n) ++result.steps, progress = true;
    }
    if (progress && result.steps >= max_steps) {
      result.outcome = Outcome::kStepLimit;
      result.sentences.push_back("stopped after " + std::to_string(max_steps) + " instructions and descriptors");
      return result;
    }
  }
  bool error = false;
  for (auto& t : tiles_) {
    const auto look = [&](const std::string& unit, const Fault& fault, bool active, const auto& state) {
      if (fault.code != isa::Err::kOk) {
        error = true;
        result.sentences.push_back(describe(*t, unit, fault));
      } else if (active && state.waiting) {
        const SemWait& w = *state.waiting;
        result.stuck.push_back({t->x, t->y, unit, state.tag, w, static_cast<std::int32_t>(t->sem[w.sem])});
        result.sentences.push_back(sentence(result.stuck.back()));
      }
    };
    for (unsigned e = 0; e < isa::kNumEngines; ++e) {
      const EngineState& s = t->engines[e];
      look(std::string(isa::kEngineNames[e].name), s.fault, s.running, s);
    }
    for (std::size_t q = 0; q < t->queues.size(); ++q) {
      const QueueState& s = t->queues[q];
      look("q" + std::to_string(q), s.fault, s.work != 0, s);
    }
  }
  result.outcome = error ? Outcome::kError : result.stuck.empty() ? Outcome::kDone : Outcome::kStuck;
  return result;
}

}  // namespace tessera::golden
