// SPDX-License-Identifier: Apache-2.0
#include "cli/report.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "base/output.hpp"
#include "cli/options.hpp"

namespace tessera::cli {
namespace {

// Runs a program without a shell; true when it ended with 0.
bool run_quietly(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const auto& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int fault = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  return fault == 0 && waitpid(child, &status, 0) == child && status == 0;
}

// Part of a link that one flow can use: its flits wait for credits when the loop (docs/interfaces.md) is longer than a
// buffer.
double flow_cap(const workloads::Run& run) {
  const double loop = 2.0 * run.options.link_latency + 2.0;
  return std::min(1.0, run.cfg.router_vc_depth / loop);
}

// Viewers drop an activity that begins before the one on the same track has ended. The parallel track ("lane") of its
// source on which each record is drawn; `lanes`: how many tracks each source of each tile needs.
std::vector<unsigned> lanes_of(const std::vector<sim::RetireRecord>& records, unsigned sources,
                               std::vector<unsigned>& lanes) {
  std::vector<std::size_t> order(records.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return records[a].start < records[b].start; });
  std::vector<std::vector<std::uint64_t>> ends(lanes.size());
  std::vector<unsigned> lane(records.size());
  for (const std::size_t i : order) {
    const auto& r = records[i];
    auto& busy = ends[r.tile * sources + r.source];
    std::size_t l = 0;
    while (l < busy.size() && busy[l] > r.start) ++l;
    if (l == busy.size()) busy.push_back(0);
    busy[l] = r.end;
    lane[i] = static_cast<unsigned>(l);
  }
  for (std::size_t s = 0; s < lanes.size(); ++s) lanes[s] = std::max(lanes[s], static_cast<unsigned>(ends[s].size()));
  return lane;
}

}  // namespace

nlohmann::json sizes_report(const Config& cfg) {
  nlohmann::json sizes;
  for (const auto& key : kConfigKeys) sizes[key.name] = key.get(cfg);
  return sizes;
}

std::string sizes_line(const Config& cfg) {
  return fmt::format(
      "{}: PE {} x {} bf16, SBUF {} x {} KiB, HBM {} B/cycle (latency {}), DMA {} queues x {} segments of {} B, links "
      "{} B/cycle ({} flits per VC)",
      cfg.name, cfg.partitions, cfg.partitions, cfg.partitions, cfg.sbuf_bytes_per_partition / 1024.0,
      cfg.hbm_bytes_per_cycle, cfg.hbm_latency_cycles, cfg.dma_queues, cfg.dma_slots_per_queue, cfg.dma_segment_bytes,
      cfg.link_bytes, cfg.router_vc_depth);
}

nlohmann::json common_report(const workloads::Run& run, const std::string& command) {
  const auto& o = run.options;
  const auto& r = run.result;
  nlohmann::json report;
  report["command"] = command;
  report["config"] = run.cfg.name;
  report["sizes"] = sizes_report(run.cfg);
  report["mesh"] = fmt::format("{}x{}", o.width, o.height);
  report["backend"] = o.backend;
  report["threads"] = o.threads;
  report["skip"] = o.skip;
  report["golden"] = o.golden ? "on" : "off";
  report["link_latency"] = o.link_latency;
  report["link_flow_cap"] = flow_cap(run);
  report["seed"] = o.seed;
  report["hbm_stalls"] = o.hbm_stalls;
  report["cycles"] = run.cycles;
  report["tile_cycles"] = r.tile_cycles;
  report["skipped_tile_cycles"] = r.skipped_tile_cycles;
  report["host_seconds"] = run.host_seconds;
  report["tile_cycles_per_second"] = run.host_seconds > 0 ? static_cast<double>(r.tile_cycles) / run.host_seconds : 0.0;
  report["signature"] = fmt::format("{:016x}", r.signature);
  report["hbm_bytes_read"] = r.hbm_bytes_read;
  report["hbm_bytes_written"] = r.hbm_bytes_written;
  report["link_flits"] = r.link_flits;  // index = tile * 4 + direction (n, e, s, w)
  report["waves"] = nullptr;
  if (!o.waves.empty()) {
    report["waves"] = {
        {"files", nlohmann::json::array()}, {"from", run.wave_from}, {"to", std::min(run.wave_to, r.cycles)}};
    for (const auto& file : run.wave_files()) report["waves"]["files"].push_back(file.first);
    if (run.first_matmul) report["waves"]["first_matmul"] = *run.first_matmul;
  }
  for (const char* key : {"dtype", "macs", "pe_utilization", "bit_exact", "reduction_order", "algbw_bytes_per_cycle",
                          "busbw_bytes_per_cycle", "bound_cycles", "bound_fraction", "algo", "error"}) {
    report[key] = nullptr;
  }
  return report;
}

void write_text(const std::string& path, const std::string& text) {
  const auto fault = replace_file(path, {text});
  if (!fault.empty()) throw InputError(fault);
}

void write_report(const workloads::Run& run, const nlohmann::json& report) {
  if (!run.options.json.empty()) write_text(run.options.json, report.dump(1) + "\n");
}

void print_summary(const workloads::Run& run) {
  const auto& r = run.result;
  fmt::print("{}\n", sizes_line(run.cfg));
  fmt::print(
      "{} on {}x{}: {} cycles, {} tile-cycles ({} skipped) in {:.2f} s = {:.2f} M tile-cycles/s, signature {:016x}\n",
      run.cfg.name, run.options.width, run.options.height, run.cycles, r.tile_cycles, r.skipped_tile_cycles,
      run.host_seconds, run.host_seconds > 0 ? static_cast<double>(r.tile_cycles) / run.host_seconds / 1e6 : 0.0,
      r.signature);
  if (flow_cap(run) < 1.0 && run.options.width * run.options.height > 1) {
    fmt::print(
        "links: latency {} makes the credit loop {} cycles; with {} flits per virtual channel one flow gets at most "
        "{:.0f} % of a link\n",
        run.options.link_latency, 2 * run.options.link_latency + 2, run.cfg.router_vc_depth, 100 * flow_cap(run));
  }
}

void write_waves_view(const workloads::Run& run) {
  const auto& o = run.options;
  if (o.waves.empty()) return;
  const std::uint64_t marker = run.first_matmul.value_or(run.wave_from);
  for (const auto& [file, tile] : run.wave_files()) {
    const bool made = run_quietly({TSR_PYTHON, std::string(TSR_SOURCE_DIR) + "/scripts/wave.py", file, "--view-only",
                                   "--marker", std::to_string(marker)});
    if (!made)
      fmt::print(stderr, "the view of {} was not made; `./tessera wave {} --view-only` says why\n", file, file);
  }
}

void write_timeline(const workloads::Run& run) {
  if (run.options.timeline.empty()) return;
  auto events = nlohmann::json::array();
  const std::uint32_t tiles = run.options.width * run.options.height;
  const unsigned sources = isa::kNumEngines + run.cfg.dma_queues;
  const auto& records = run.result.records;
  std::vector<unsigned> lanes(std::size_t{tiles} * sources, 1);
  const std::vector<unsigned> lane = lanes_of(records, sources, lanes);
  const unsigned most = *std::max_element(lanes.begin(), lanes.end());
  for (std::uint32_t t = 0; t < tiles; ++t) {
    events.push_back(
        {{"ph", "M"},
         {"name", "process_name"},
         {"pid", t},
         {"args", {{"name", fmt::format("tile ({}, {})", t % run.options.width, t / run.options.width)}}}});
    for (unsigned s = 0; s < sources; ++s) {
      for (unsigned l = 0; l < lanes[t * sources + s]; ++l) {
        const std::string number = l == 0 ? "" : fmt::format(" ({})", l + 1);
        events.push_back({{"ph", "M"},
                          {"name", "thread_name"},
                          {"pid", t},
                          {"tid", s * most + l},
                          {"args", {{"name", workloads::source_name(s) + number}}}});
      }
    }
  }
  // The golden model, where it has run, retires the same items in the same order and knows what each of them did.
  std::vector<std::size_t> index(lanes.size());
  for (std::size_t n = 0; n < records.size(); ++n) {
    const auto& r = records[n];
    const std::size_t i = index[r.tile * sources + r.source]++;
    nlohmann::json args{{"tag", r.tag}, {"checksum", fmt::format("{:08x}", r.checksum)}};
    if (run.golden() != nullptr) {
      const auto& twin = run.golden()->tile(r.tile % run.options.width, r.tile / run.options.width);
      const auto& retired = r.source < isa::kNumEngines ? twin.engines[r.source].retired
                                                        : twin.queues[r.source - isa::kNumEngines].retired;
      if (i < retired.size() && retired[i].work != 0) args[r.opcode >= 0x80 ? "bytes" : "macs"] = retired[i].work;
    }
    events.push_back({{"ph", "X"},
                      {"name", workloads::opcode_name(r.opcode)},
                      {"pid", r.tile},
                      {"tid", r.source * most + lane[n]},
                      {"ts", r.start},
                      {"dur", r.end - r.start},
                      {"args", args}});
  }
  write_text(run.options.timeline, nlohmann::json{{"traceEvents", events}, {"displayTimeUnit", "ns"}}.dump());
}

}  // namespace tessera::cli
