// SPDX-License-Identifier: Apache-2.0
#include "cli/report.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/options.hpp"

namespace tessera::cli {
namespace {

constexpr std::size_t kShownMismatches = 10;

const char* source_name(unsigned source) {
  static constexpr const char* kNames[] = {"PE", "ACT", "DVE", "POOL", "SP"};
  return source < 5 ? kNames[source] : "DMA queue";
}

std::string opcode_name(std::uint8_t opcode) {
  if (opcode >= 0x80) return fmt::format("DMA {}", isa::kDmaOpNames[opcode & 3U].name);
  for (const auto& name : isa::kOpcodeNames) {
    if (name.value == opcode) return std::string(name.name);
  }
  return fmt::format("opcode {}", opcode);
}

}  // namespace

nlohmann::json common_report(const workloads::Run& run, const std::string& command) {
  const auto& o = run.options;
  const auto& r = run.result;
  nlohmann::json report;
  report["command"] = command;
  report["config"] = o.config;
  report["mesh"] = fmt::format("{}x{}", o.width, o.height);
  report["backend"] = o.backend;
  report["threads"] = o.threads;
  report["skip"] = o.skip;
  report["link_latency"] = o.link_latency;
  report["seed"] = o.seed;
  report["cycles"] = run.cycles;
  report["tile_cycles"] = r.tile_cycles;
  report["skipped_tile_cycles"] = r.skipped_tile_cycles;
  report["host_seconds"] = run.host_seconds;
  report["tile_cycles_per_second"] = run.host_seconds > 0 ? static_cast<double>(r.tile_cycles) / run.host_seconds : 0.0;
  report["signature"] = fmt::format("{:016x}", r.signature);
  report["hbm_bytes_read"] = r.hbm_bytes_read;
  report["hbm_bytes_written"] = r.hbm_bytes_written;
  report["link_flits"] = r.link_flits;
  for (const char* key : {"dtype", "macs", "pe_utilization", "bit_exact", "reduction_order", "algbw_bytes_per_cycle",
                          "busbw_bytes_per_cycle", "bound_cycles", "bound_fraction", "algo", "error"}) {
    report[key] = nullptr;
  }
  return report;
}

void write_text(const std::string& path, const std::string& text) {
  const std::string part = path + ".part";
  {
    std::ofstream out(part, std::ios::binary);
    out << text;
    if (!out.flush()) throw InputError(fmt::format("{} cannot be written", path));
  }
  std::error_code fault;
  std::filesystem::rename(part, path, fault);
  if (fault) throw InputError(fmt::format("{} cannot be written: {}", path, fault.message()));
}

void write_report(const workloads::Run& run, const nlohmann::json& report) {
  if (!run.options.json.empty()) write_text(run.options.json, report.dump(1) + "\n");
}

void print_summary(const workloads::Run& run) {
  const auto& r = run.result;
  fmt::print("{} on {}x{}: {} cycles, {} tile-cycles ({} skipped) in {:.2f} s = {:.2f} M tile-cycles/s, signature {:016x}\n",
             run.options.config, run.options.width, run.options.height, run.cycles, r.tile_cycles, r.skipped_tile_cycles,
             run.host_seconds, run.host_seconds > 0 ? static_cast<double>(r.tile_cycles) / run.host_seconds / 1e6 : 0.0, r.signature);
  for (std::size_t i = 0; i < run.mismatches.size() && i < kShownMismatches; ++i) {
    const auto& m = run.mismatches[i];
    fmt::print("MISMATCH: tile ({}, {}) {}: {}\n", m.tile % run.options.width, m.tile / run.options.width, m.source, m.text);
  }
  if (run.mismatches.size() > kShownMismatches) fmt::print("... and {} more records differ\n", run.mismatches.size() - kShownMismatches);
}

void write_timeline(const workloads::Run& run) {
  if (run.options.timeline.empty()) return;
  auto events = nlohmann::json::array();
  std::uint32_t tiles = run.options.width * run.options.height;
  for (std::uint32_t t = 0; t < tiles; ++t) {
    events.push_back({{"ph", "M"}, {"name", "process_name"}, {"pid", t},
                      {"args", {{"name", fmt::format("tile ({}, {})", t % run.options.width, t / run.options.width)}}}});
    for (unsigned s = 0; s < 5 + run.cfg.dma_queues; ++s) {
      const auto name = s < 5 ? std::string(source_name(s)) : fmt::format("DMA queue {}", s - 5);
      events.push_back({{"ph", "M"}, {"name", "thread_name"}, {"pid", t}, {"tid", s}, {"args", {{"name", name}}}});
    }
  }
  for (const auto& r : run.result.records) {
    events.push_back({{"ph", "X"}, {"name", opcode_name(r.opcode)}, {"pid", r.tile}, {"tid", r.source}, {"ts", r.start},
                      {"dur", r.end - r.start}, {"args", {{"tag", r.tag}, {"checksum", fmt::format("{:08x}", r.checksum)}}}});
  }
  write_text(run.options.timeline, nlohmann::json{{"traceEvents", events}, {"displayTimeUnit", "ns"}}.dump());
}

}  // namespace tessera::cli
