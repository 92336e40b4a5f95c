// SPDX-License-Identifier: Apache-2.0
#include "workloads/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <span>
#include <stdexcept>

#include "base/text.hpp"

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
  namespace reg = isa::reg;
  for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
    const auto& setup = tile.queues[q];
    if (setup.ring_size == 0) continue;
    host.write(reg::at(reg::kQBase, q), low(setup.ring_base));
    host.write(reg::at(reg::kQBaseHi, q), high(setup.ring_base));
    host.write(reg::at(reg::kQSize, q), setup.ring_size);
  }
  for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
    if (!tile.start_pc[e]) continue;
    host.write(reg::at(reg::kEngPc, e), low(*tile.start_pc[e]));
    host.write(reg::at(reg::kEngPcHi, e), high(*tile.start_pc[e]));
  }
  for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
    if (tile.queues[q].doorbell > 0) host.write(reg::at(reg::kQDoorbell, q), tile.queues[q].doorbell);
  }
  for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
    if (tile.start_pc[e]) host.write(reg::at(reg::kEngStart, e), 1);
  }
}

}  // namespace

struct Run::Impl {
  Impl(const Config& config, isa::ProgramImage program) : image(std::move(program)), tile(sim::tile_entry(config)) {}
  isa::ProgramImage image;
  sim::TileEntry tile;
  std::unique_ptr<sim::Cluster> rtl;
  std::unique_ptr<golden::Cluster> golden;
};

Run::Run(const Config& config, const RunOptions& run_options, isa::ProgramImage image)
    : cfg(config), options(run_options), impl_(std::make_unique<Impl>(config, std::move(image))) {}
Run::~Run() = default;

void Run::simulate(std::uint64_t max_cycles, bool waves, bool progress) {
  sim::ClusterOptions o;
  o.tile = &impl_->tile;
  o.width = options.width, o.height = options.height;
  o.monolithic = options.backend == "monolithic";
  o.threads = options.threads;
  o.skip = parse_skip(options.skip);
  o.checked = options.checked;
  o.x_seed = options.x_seed;
  o.hbm.random_stalls = options.hbm_stalls != 0;
  o.hbm.seed = options.hbm_stalls;
  o.link_latency = options.link_latency;
  o.max_cycles = max_cycles;
  if (waves) {
    const std::uint32_t traced = options.wave_tiles == "all" ? options.width * options.height : 1;
    for (std::uint32_t t = 0; t < traced; ++t) o.waves.tiles.push_back(t);
    o.waves.path = options.waves;
    o.waves.from = wave_from, o.waves.to = wave_to;
  }
  if (progress) {
    o.progress = [tiles = options.width * options.height, total = options.expected_records](const sim::Progress& p) {
      std::string left;
      if (total > 0 && p.retired > 0 && p.retired <= total) {
        left = fmt::format(", about {:.0f} s left",
                           p.seconds * static_cast<double>(total - p.retired) / static_cast<double>(p.retired));
      }
      fmt::print(stderr, "\rcycle {:>9}  {:6.1f} k cycles/s  {:>4} of {} tiles active{:<20}", p.cycle,
                 static_cast<double>(p.cycle) / std::max(p.seconds, 1e-3) / 1e3, p.active_tiles, tiles, left);
    };
  }
  o.interrupted = [] { return g_interrupted.load(std::memory_order_relaxed); };
  impl_->rtl = std::make_unique<sim::Cluster>(o);
  for (std::uint32_t t = 0; t < impl_->image.tiles.size(); ++t) {
    const auto& tile = impl_->image.tiles[t];
    for (const auto& block : tile.hbm) impl_->rtl->hbm(t).place(block.address, block.bytes);
    drive_host(impl_->rtl->host(t), tile);
  }
  result = impl_->rtl->run();
}

// Runs that end early, each four times as long as the one before, until tile (0, 0) has retired a matmul.
void Run::find_window() {
  constexpr std::uint64_t kFirst = 4096, kLast = 1ULL << 24;
  for (std::uint64_t limit = kFirst; limit <= kLast && !first_matmul && !g_interrupted; limit *= 4) {
    if (options.max_cycles != 0) limit = std::min(limit, options.max_cycles);
    simulate(limit, false, false);
    for (const auto& r : result.records) {
      if (r.tile != 0 || r.opcode != static_cast<std::uint8_t>(isa::Opcode::kMatmul)) continue;
      first_matmul = std::min(first_matmul.value_or(~0ULL), r.end);
    }
    if (result.complete || !result.errors.empty() || limit == options.max_cycles) break;
  }
  const std::uint64_t before = options.wave_window * 2 / 5;
  wave_from = first_matmul && *first_matmul > before ? *first_matmul - before : 0;
  wave_to = wave_from + options.wave_window - 1;
  if (options.wave_window == 0) wave_from = 0, wave_to = ~0ULL;
}

Ending Run::run_rtl() {
  const bool terminal = options.progress && isatty(fileno(stderr)) != 0;
  g_interrupted = false;
  auto* const previous = std::signal(SIGINT, on_interrupt);
  Ending ending = Ending::kDone;
  try {
    if (!options.waves.empty()) find_window();
    simulate(options.max_cycles, !options.waves.empty(), terminal);
  } catch (const sim::NotBuilt&) {
    std::signal(SIGINT, previous);
    throw;
  } catch (const std::invalid_argument& e) {
    error = e.what();
    ending = Ending::kRefused;
  }
  std::signal(SIGINT, previous);
  if (terminal) fmt::print(stderr, "\r{:90}\r", "");
  if (ending == Ending::kRefused) return ending;
  host_seconds = result.host_seconds;
  cycles = result.last_record > result.first_start ? result.last_record - result.first_start : 0;
  error = result.error;
  if (result.ok) return Ending::kDone;
  interrupted = g_interrupted;
  const bool limited = options.max_cycles != 0 && result.cycles >= options.max_cycles;
  return interrupted || limited ? Ending::kStopped : Ending::kFailed;
}

std::vector<std::pair<std::string, std::uint32_t>> Run::wave_files() const {
  if (options.wave_tiles != "all" || options.width * options.height == 1) return {{options.waves, 0}};
  std::vector<std::pair<std::string, std::uint32_t>> files;
  for (std::uint32_t t = 0; t < options.width * options.height; ++t) {
    files.emplace_back(marked_path(options.waves, fmt::format("_{}_{}", t % options.width, t / options.width)), t);
  }
  return files;
}

Ending Run::run_golden() {
  impl_->golden = std::make_unique<golden::Cluster>(cfg, options.width, options.height);
  golden_error = impl_->golden->load(impl_->image);
  if (!golden_error.empty()) return Ending::kRefused;
  // RTL has come to its end, so a golden model that retires much more than it differs, and may never end.
  const auto outcome = impl_->golden->run(2 * result.records.size() + 100'000);
  for (const auto& sentence : outcome.sentences)
    golden_error += (golden_error.empty() ? "golden model: " : "; ") + sentence;
  compare_records();
  compare_errors();
  compare_memory();
  return outcome.outcome == golden::Outcome::kDone ? Ending::kDone : Ending::kFailed;
}

// Records of one source retire in program order in both worlds, so they pair up one by one.
void Run::compare_records() {
  const unsigned sources = isa::kNumEngines + cfg.dma_queues;
  mismatches.clear();
  auto next = result.records.begin();  // they stand by tile, source and order of retirement
  for (std::uint32_t t = 0; t < options.width * options.height; ++t) {
    const auto& tile = impl_->golden->tile(t % options.width, t / options.width);
    for (unsigned s = 0; s < sources; ++s) {
      const auto& expected = s < isa::kNumEngines ? tile.engines[s].retired : tile.queues[s - isa::kNumEngines].retired;
      const auto first = next;
      while (next != result.records.end() && next->tile == t && next->source == s) ++next;
      const std::span<const sim::RetireRecord> got(first, next);
      for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
        if (i >= got.size()) {
          mismatches.push_back(
              {t, s, i, ~0ULL,
               fmt::format("{} (tag {}) never retired in RTL, {} of {} did", opcode_name(expected[i].opcode),
                           expected[i].tag, got.size(), expected.size())});
        } else if (i >= expected.size()) {
          mismatches.push_back(
              {t, s, i, got[i].end,
               fmt::format("{} (tag {}) retired in RTL only", opcode_name(got[i].opcode), got[i].tag)});
        } else if (const auto& g = got[i]; g.opcode != expected[i].opcode || g.tag != expected[i].tag) {
          mismatches.push_back({t, s, i, g.end,
                                fmt::format("RTL retired {} (tag {}), golden {} (tag {})", opcode_name(g.opcode), g.tag,
                                            opcode_name(expected[i].opcode), expected[i].tag)});
        } else if (g.checksum != expected[i].checksum) {
          mismatches.push_back(
              {t, s, i, g.end,
               fmt::format("{} (tag {}): checksum of what it wrote 0x{:08x} in RTL, 0x{:08x} in the golden model",
                           opcode_name(g.opcode), g.tag, g.checksum, expected[i].checksum)});
        } else {
          continue;
        }
        break;  // later ones of this source follow from the first
      }
    }
  }
  // The earliest one is nearest to the cause.
  std::stable_sort(mismatches.begin(), mismatches.end(),
                   [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
}

// Sticky errors of engines and queues. What a server refuses is an error of whoever asked.
void Run::compare_errors() {
  const unsigned sources = isa::kNumEngines + cfg.dma_queues;
  errors.clear();
  std::vector<golden::Fault> rtl(std::size_t{options.width} * options.height * sources);
  for (const auto& e : result.errors) {
    rtl[e.tile * sources + (e.is_queue ? isa::kNumEngines + e.unit : e.unit)] = {
        static_cast<isa::Err>(e.error), static_cast<std::uint16_t>(e.tag), e.address};
  }
  const auto words = [](const golden::Fault& f) {
    if (f.code == isa::Err::kOk) return std::string("none");
    return fmt::format("{}, tag {}, at 0x{:x}", error_name(static_cast<std::uint32_t>(f.code)), f.tag, f.address);
  };
  for (std::uint32_t t = 0; t < options.width * options.height; ++t) {
    const auto& tile = impl_->golden->tile(t % options.width, t / options.width);
    for (unsigned s = 0; s < sources; ++s) {
      const auto& expected = s < isa::kNumEngines ? tile.engines[s].fault : tile.queues[s - isa::kNumEngines].fault;
      const auto& got = rtl[t * sources + s];
      if (got == expected) continue;
      errors.push_back({t, s, fmt::format("error in RTL: {}; in the golden model: {}", words(got), words(expected))});
    }
  }
}

void Run::compare_memory() {
  memory = {};
  constexpr std::uint64_t kPage = SparseMemory::kPageBytes;
  std::vector<std::uint8_t> a(kPage), b(kPage);
  for (std::uint32_t t = 0; t < options.width * options.height; ++t) {
    const auto& expected = impl_->golden->tile(t % options.width, t / options.width).hbm;
    const auto& got = impl_->rtl->hbm(t);
    auto pages = expected.pages();
    const auto more = got.pages();
    pages.insert(pages.end(), more.begin(), more.end());
    std::sort(pages.begin(), pages.end());
    pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
    for (const std::uint64_t at : pages) {
      if (got.page(at) == expected.page(at)) continue;  // shared, as neither wrote to it
      got.read(at, a);
      expected.read(at, b);
      if (a == b) continue;
      for (std::uint64_t i = 0; i < kPage; i += 4) {
        if (std::memcmp(&a[i], &b[i], 4) == 0) continue;
        if (memory.words++ != 0) continue;
        memory.tile = t, memory.address = at + i;
        std::memcpy(&memory.rtl, &a[i], 4);
        std::memcpy(&memory.golden, &b[i], 4);
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

const golden::Cluster* Run::golden() const { return impl_->golden.get(); }
const isa::ProgramImage& Run::image() const { return impl_->image; }

std::string error_name(std::uint32_t code) {
  for (const auto& name : isa::kErrNames) {
    if (name.value == code) return std::string(name.name);
  }
  return fmt::format("code {}", code);
}

std::string source_name(std::uint32_t source) {
  if (source >= isa::kNumEngines) return fmt::format("DMA queue {}", source - isa::kNumEngines);
  return std::string(isa::kEngineNames[source].label);
}

std::string opcode_name(std::uint8_t opcode) {
  const auto upper = [](std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
  };
  if (opcode >= 0x80) return "DMA " + upper(isa::kDmaOpNames[opcode & 3U].name);
  for (const auto& name : isa::kOpcodeNames) {
    if (name.value == opcode) return upper(name.name);
  }
  return fmt::format("opcode {}", opcode);
}

}  // namespace tessera::workloads
