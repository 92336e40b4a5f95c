// SPDX-License-Identifier: Apache-2.0
#include "workloads/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <stdexcept>


namespace tessera::workloads {
namespace {

std::atomic<bool> g_interrupted{false};  // set by SIGINT; a signal handler can reach nothing else
extern "C" void on_interrupt(int) { g_interrupted = true; }

sim::Skip parse_skip(const std::string& text) {
  return text == "off" ? sim::Skip::kOff : text == "check" ? sim::Skip::kCheck : sim::Skip::kOn;
}

// The host's part: rings and start addresses first, then doorbells and starts.
void drive_host(sim::Host& host, const isa::TileImage& tile) {
  const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
  const auto at = [](std::uint32_t base, std::uint32_t index, std::uint32_t stride) {
    return static_cast<std::uint16_t>(base + index * stride);
  };
  for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
    const auto& setup = tile.queues[q];
    if (setup.ring_size == 0) continue;
    host.write(at(isa::reg::kQBase, q, 0x40), low(setup.ring_base));
    host.write(at(isa::reg::kQBaseHi, q, 0x40), high(setup.ring_base));
    host.write(at(isa::reg::kQSize, q, 0x40), setup.ring_size);
  }
  for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
    if (!tile.start_pc[e]) continue;
    host.write(at(isa::reg::kEngPc, e, 0x20), low(*tile.start_pc[e]));
    host.write(at(isa::reg::kEngPcHi, e, 0x20), high(*tile.start_pc[e]));
  }
  for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
    if (tile.queues[q].doorbell > 0) host.write(at(isa::reg::kQDoorbell, q, 0x40), tile.queues[q].doorbell);
  }
  for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
    if (tile.start_pc[e]) host.write(at(isa::reg::kEngStart, e, 0x20), 1);
  }
}

}  // namespace

struct Run::Impl {
  explicit Impl(const isa::ProgramImage& program) : image(program) {}
  isa::ProgramImage image;
  std::unique_ptr<sim::Cluster> rtl;
  std::unique_ptr<golden::Cluster> golden;
};

Run::Run(const Config& config, const RunOptions& run_options, const isa::ProgramImage& image)
    : cfg(config), options(run_options), impl_(std::make_unique<Impl>(image)) {}
Run::~Run() = default;

bool Run::run_rtl() {
  sim::ClusterOptions o;
  o.config = options.config;
  o.width = options.width, o.height = options.height;
  o.monolithic = options.backend == "monolithic";
  o.threads = options.threads;
  o.skip = parse_skip(options.skip);
  o.link_latency = options.link_latency;
  o.max_cycles = options.max_cycles;
  if (!options.waves.empty()) {
    o.waves.tiles = {0};
    o.waves.path = options.waves;
    o.waves.from = options.wave_from, o.waves.to = options.wave_to;
  }
  const bool terminal = options.progress && isatty(fileno(stderr)) != 0;
  if (terminal) {
    o.progress = [tiles = options.width * options.height](const sim::Progress& p) {
      fmt::print(stderr, "\rcycle {:>10}   {:>4} of {} tiles active ", p.cycle, p.active_tiles, tiles);
    };
  }
  g_interrupted = false;
  auto* const previous = std::signal(SIGINT, on_interrupt);
  o.interrupted = [] { return g_interrupted.load(std::memory_order_relaxed); };
  try {
    impl_->rtl = std::make_unique<sim::Cluster>(o);
    for (std::uint32_t t = 0; t < impl_->image.tiles.size(); ++t) {
      const auto& tile = impl_->image.tiles[t];
      for (const auto& block : tile.hbm) impl_->rtl->hbm(t).write(block.address, block.bytes);
      drive_host(impl_->rtl->host(t), tile);
    }
    result = impl_->rtl->run();
  } catch (const std::invalid_argument& e) {
    error = e.what();
  }
  std::signal(SIGINT, previous);
  if (terminal) fmt::print(stderr, "\r{:60}\r", "");
  host_seconds = result.host_seconds;
  if (error.empty() && !result.ok) error = result.error;
  hardware_error = !result.errors.empty();
  if (error.empty() && hardware_error) error = sim::describe(result.errors.front(), options.width);
  if (error.empty() && !result.stuck.empty()) error = sim::describe(result.stuck.front(), options.width);
  cycles = result.last_record > result.first_start ? result.last_record - result.first_start : 0;
  return error.empty();
}

bool Run::run_golden() {
  impl_->golden = std::make_unique<golden::Cluster>(cfg, options.width, options.height);
  error = impl_->golden->load(impl_->image);
  if (!error.empty()) return false;
  const auto outcome = impl_->golden->run();
  if (outcome.outcome != golden::Outcome::kDone) {
    error = "golden model: " + (outcome.sentences.empty() ? std::string("did not finish") : outcome.sentences.front());
    return false;
  }
  compare_records();
  return mismatches.empty();
}

// Records of one source retire in program order in both worlds, so they pair up one by one.
void Run::compare_records() {
  const unsigned sources = isa::kNumEngines + cfg.dma_queues;
  std::vector<std::vector<const sim::RetireRecord*>> rtl(std::size_t{options.width} * options.height * sources);
  for (const auto& r : result.records) rtl[r.tile * sources + r.source].push_back(&r);
  for (std::uint32_t t = 0; t < options.width * options.height; ++t) {
    const auto& tile = impl_->golden->tile(t % options.width, t / options.width);
    for (unsigned s = 0; s < sources; ++s) {
      const auto& expected = s < isa::kNumEngines ? tile.engines[s].retired : tile.queues[s - isa::kNumEngines].retired;
      const auto& got = rtl[t * sources + s];
      const std::string name = s < isa::kNumEngines ? std::string(isa::kEngineNames[s].name) : fmt::format("queue {}", s - isa::kNumEngines);
      for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
        std::string text;
        if (i >= got.size()) {
          text = fmt::format("RTL retired {} items, golden {}", got.size(), expected.size());
        } else if (i >= expected.size()) {
          text = fmt::format("RTL retired {} items, golden {}", got.size(), expected.size());
        } else if (const auto& g = *got[i]; g.opcode != expected[i].opcode || g.tag != expected[i].tag || g.checksum != expected[i].checksum) {
          text = fmt::format("instruction {} (tag {}): RTL opcode 0x{:02x} checksum 0x{:08x}, golden opcode 0x{:02x} checksum 0x{:08x}, cycle {}",
                             i, g.tag, g.opcode, g.checksum, expected[i].opcode, expected[i].checksum, g.end);
        }
        if (text.empty()) continue;
        mismatches.push_back({t, name, i, text});
        break;  // later ones of this source follow from the first
      }
    }
  }
}

std::vector<std::uint8_t> Run::rtl_hbm(std::uint32_t tile, std::uint64_t address, std::size_t bytes) const {
  std::vector<std::uint8_t> data(bytes);
  impl_->rtl->hbm(tile).read(address, data);
  return data;
}

std::vector<std::uint8_t> Run::golden_hbm(std::uint32_t tile, std::uint64_t address, std::size_t bytes) const {
  std::vector<std::uint8_t> data(bytes);
  impl_->golden->tile(tile % options.width, tile / options.width).hbm.read(address, data);
  return data;
}

}  // namespace tessera::workloads
