// SPDX-License-Identifier: Apache-2.0
#include "cli/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"

namespace tessera::cli {
namespace {

using workloads::Ending;
using workloads::Run;

constexpr std::size_t kShown = 3;

nlohmann::json error_list(const Run& run) {
  auto list = nlohmann::json::array();
  for (const auto& e : run.result.errors) {
    list.push_back({{"tile", e.tile},
                    {"unit", workloads::source_name(e.is_queue ? isa::kNumEngines + e.unit : e.unit)},
                    {"code", workloads::error_name(e.error)},
                    {"tag", e.tag},
                    {"address", e.address}});
  }
  return list;
}

// Every announced error and no other.
bool errors_as_announced(const Run& run, const std::vector<isa::ExpectedError>& announced) {
  std::size_t found = 0;
  for (const auto& got : run.result.errors) {
    found += std::any_of(announced.begin(), announced.end(), [&](const auto& want) {
      return got.tile == want.y * run.options.width + want.x && got.is_queue == want.is_queue &&
             got.unit == want.unit && got.error == static_cast<std::uint32_t>(want.code);
    });
  }
  return run.result.errors.size() == announced.size() && found == announced.size();
}

}  // namespace

void print_differences(const Run& run) {
  const std::uint32_t width = run.options.width;
  for (std::size_t i = 0; i < run.mismatches.size() && i < kShown; ++i) {
    const auto& m = run.mismatches[i];
    fmt::print("MISMATCH: tile ({}, {}) {}, {} {}: {}", m.tile % width, m.tile / width,
               workloads::source_name(m.source), m.source < isa::kNumEngines ? "instruction" : "descriptor", m.index,
               m.text);
    fmt::print("{}\n", m.cycle == ~0ULL ? std::string() : fmt::format(", cycle {}", m.cycle));
  }
  if (run.mismatches.size() > kShown)
    fmt::print("          and {} more engines and queues differ\n", run.mismatches.size() - kShown);
  for (const auto& e : run.errors) {
    fmt::print("MISMATCH: tile ({}, {}) {}: {}\n", e.tile % width, e.tile / width, workloads::source_name(e.source),
               e.text);
  }
  if (run.memory.words != 0) {
    fmt::print(
        "MISMATCH: {} words of HBM differ; first element: tile ({}, {}) address 0x{:x}: RTL 0x{:08x}, golden "
        "0x{:08x}\n",
        run.memory.words, run.memory.tile % width, run.memory.tile / width, run.memory.address, run.memory.rtl,
        run.memory.golden);
  }
}

Verdict judge(Run& run, const std::string& command, const std::vector<isa::ExpectedError>& announced) {
  const auto fault = workloads::image_fault(run.cfg, run.image());
  if (!fault.empty()) throw InputError(fault);
  check_host_memory(run.cfg, run.options, run.image().bytes());
  Verdict v;
  const Ending rtl = run.run_rtl();
  if (rtl == Ending::kRefused) throw InputError(run.error);
  v.report = common_report(run, command);
  v.report["errors"] = error_list(run);
  if (!run.error.empty()) v.report["error"] = run.error;
  write_waves_view(run);
  if (rtl == Ending::kStopped) {
    fmt::print(stderr, "tessera: {}\n", run.error);
    write_timeline(run);
    write_report(run, v.report);
    v.code = run.interrupted ? kInterrupted : kBad;
    return v;
  }
  v.golden = run.options.golden;
  const Ending golden = v.golden ? run.run_golden() : rtl;
  if (golden == Ending::kRefused) throw InputError(run.golden_error);
  v.compared = rtl == Ending::kDone && golden == Ending::kDone;
  bool same = rtl == golden && run.agrees();
  if (!announced.empty()) {
    same = same && errors_as_announced(run, announced);
    v.compared = false;
  }
  if (v.golden) v.report["bit_exact"] = same;
  v.code = same ? kAgree : kDisagree;
  print_summary(run);
  if (!announced.empty() || run.result.errors.size() > 1) {  // a single one is in the sentence of the run
    for (const auto& e : run.result.errors) fmt::print("{}\n", sim::describe(e, run.options.width));
  }
  if (!announced.empty()) {
    fmt::print("{}\n", same ? "failed as the program says it must" : "did NOT fail as the program says it must");
    if (!same) print_differences(run);
  } else if (same && rtl == Ending::kFailed) {  // both stand still or stopped with an error: the program is wrong
    fmt::print(stderr, "tessera: {}\n", run.error);
    v.code = kBad;
  } else if (!same) {
    if (rtl == Ending::kFailed)
      fmt::print("MISMATCH: the golden model {}, but in RTL {}\n", golden == Ending::kDone ? "ends" : "fails too",
                 run.error);
    if (rtl != Ending::kFailed && golden == Ending::kFailed)
      fmt::print("MISMATCH: the RTL ends, but {}\n", run.golden_error);
    print_differences(run);
  }
  if (!v.compared) {
    write_timeline(run);
    write_report(run, v.report);
  }
  return v;
}

}  // namespace tessera::cli
