// SPDX-License-Identifier: Apache-2.0
/// `tessera demo`: the attention output projection of Llama-3-8B under tensor parallelism; with --bug, a smaller
/// problem on hardware with one seeded fault.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/casts.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/matmul.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "workloads/arrays.hpp"
#include "workloads/collective.hpp"

#ifndef TSR_BUG_NAME
#define TSR_BUG_NAME ""
#endif

namespace tessera::cli {
namespace {

using workloads::Run;
using workloads::RunOptions;

struct Size {
  std::uint32_t tokens, hidden;  // x [tokens, hidden], W [hidden, hidden]
};
constexpr Size kLlama{32, 4096};  // Llama-3-8B: hidden size 4096; 32 tokens of a decode batch
constexpr Size kSmall{4, 256};    // with --bug

struct Operands {
  std::vector<std::uint16_t> x, w;
};

// Seeded normal data, written as .npy and read back like any user's.
Operands make_operands(const std::string& folder, Size size, std::uint64_t seed) {
  const auto file = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  save_array(file("x.npy"), {size.tokens, size.hidden},
             workloads::normal_values(seed, std::uint64_t{size.tokens} * size.hidden));
  save_array(file("w.npy"), {size.hidden, size.hidden},
             workloads::normal_values(seed + 1, std::uint64_t{size.hidden} * size.hidden));
  return {workloads::to_bf16(load_array(file("x.npy"), 2, "x")), workloads::to_bf16(load_array(file("w.npy"), 2, "w"))};
}

// Independent view: the product in float64. The largest error as a fraction of K x 2^-24 x sum |x w|, which no FP32 sum
// of K products in any order may exceed (each of its K roundings errs by at most 2^-24 of the sum of magnitudes).
double float64_error(const Operands& in, Size size, const std::vector<std::uint32_t>& c) {
  const std::size_t n = size.hidden;
  std::vector<double> w(in.w.size());
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = to_float(std::uint32_t{in.w[i]} << 16);
  double worst = 0;
  for (std::uint32_t r = 0; r < size.tokens; ++r) {
    std::vector<double> sum(n), magnitude(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = to_float(std::uint32_t{in.x[r * n + i]} << 16);
      const double* row = w.data() + i * n;
      for (std::size_t col = 0; col < n; ++col) sum[col] += x * row[col], magnitude[col] += std::abs(x * row[col]);
    }
    for (std::size_t col = 0; col < n; ++col) {
      const double error = std::abs(to_float(c[r * n + col]) - sum[col]),
                   bound = static_cast<double>(n) * 0x1.0p-24 * magnitude[col];
      worst = std::max(worst, error <= bound * 1e9 ? error / std::max(bound, 1e-300) : 1e9);  // NaN counts as far off
    }
  }
  return worst;
}

/// One part of the run with what limits it. A bound of 0: this resource takes no part.
struct Phase {
  const char* name;
  std::uint64_t cycles;
  double pe, hbm, link;
  [[nodiscard]] const char* binds() const { return pe >= hbm && pe >= link ? "PE" : hbm >= link ? "HBM" : "link"; }
  [[nodiscard]] double bound() const { return std::max({pe, hbm, link}); }
};

std::vector<Phase> phases(const Run& run, Size size) {
  const Config& cfg = run.cfg;
  const double tiles = run.options.width * run.options.height, k_tile = size.hidden / tiles;
  const double sum_bytes = 4.0 * size.tokens * size.hidden;
  std::uint64_t product_end = run.result.first_start;
  for (const auto& r : run.result.records) {
    const bool evacuates = r.opcode == static_cast<std::uint8_t>(isa::Opcode::kTensorCopy) ||
                           r.opcode == static_cast<std::uint8_t>(isa::Opcode::kActivate);
    if (evacuates) product_end = std::max(product_end, r.end);
  }
  const auto blocks = [&](double n) { return std::ceil(n / cfg.partitions); };
  Phase product{"load + matmul", product_end - run.result.first_start,
                blocks(k_tile) * blocks(size.tokens) * size.hidden,
                k_tile * (size.hidden + size.tokens) * 2.0 / cfg.hbm_bytes_per_cycle, 0};
  Phase reduce{
      "all-reduce + store", run.result.last_record - product_end, 0, sum_bytes / cfg.hbm_bytes_per_cycle,
      workloads::ring_bound_cycles(cfg, static_cast<std::uint32_t>(tiles), static_cast<std::uint64_t>(sum_bytes))};
  return {product, reduce};
}

void print_phases(const Run& run, const std::vector<Phase>& list, nlohmann::json& report) {
  const auto cell = [](double bound) { return bound == 0 ? std::string("-") : fmt::format("{:.0f}", bound); };
  fmt::print("\n{:<20}{:>10}{:>12}{:>12}{:>12}   {:<6}{:>9}\n", "phase", "cycles", "PE bound", "HBM bound",
             "link bound", "binds", "of bound");
  report["phases"] = nlohmann::json::array();
  for (const auto& p : list) {
    const double fraction = p.cycles == 0 ? 0 : p.bound() / static_cast<double>(p.cycles);
    fmt::print("{:<20}{:>10}{:>12}{:>12}{:>12}   {:<6}{:>7.1f} %\n", p.name, p.cycles, cell(p.pe), cell(p.hbm),
               cell(p.link), p.binds(), 100 * fraction);
    report["phases"].push_back({{"name", p.name},
                                {"cycles", p.cycles},
                                {"pe_bound", p.pe},
                                {"hbm_bound", p.hbm},
                                {"link_bound", p.link},
                                {"binds", p.binds()},
                                {"bound_fraction", fraction}});
  }
  fmt::print("{:<20}{:>10}   from the first doorbell to the last completion\n\n", "whole job", run.cycles);
}

void print_machine(const Config& cfg, const RunOptions& o) {
  fmt::print("{} x {} tiles of {}, link latency {}; {}, {} threads, skip {}, seed {}\n", o.width, o.height, cfg.name,
             o.link_latency, o.backend, o.threads, o.skip, o.seed);
}

workloads::MatmulJob make_job(const Config& cfg, RunOptions& options, const workloads::MatmulVariant& variant,
                              Size size, const Operands& in) {
  auto job = workloads::build_matmul(cfg, options.width, options.height, variant, size.tokens, size.hidden, size.hidden,
                                     in.x, in.w);
  check_capacity(cfg, job.result_end);
  options.expected_records = job.program.items();
  return job;
}

int finish(int code, const char* words) {
  fmt::print("{}\n", words);
  return code;
}

}  // namespace

int run_demo(const Config& cfg, const RunOptions& given, const DemoArgs& args) {
  auto options = given;
  std::error_code fault;
  std::filesystem::create_directories(args.folder, fault);
  if (fault) throw InputError(fmt::format("--out-dir {} cannot be made: {}", args.folder, fault.message()));
  const auto file = [&](const char* name) { return (std::filesystem::path(args.folder) / name).string(); };
  if (options.waves.empty() && options.backend == "stitched") options.waves = file("demo.fst");
  if (options.timeline.empty()) options.timeline = file("demo.timeline.json");
  if (options.json.empty()) options.json = file("demo.json");
  for (const char* name : {"x.npy", "w.npy", "c.npy"}) check_writable(file(name), "--out-dir");
  print_machine(cfg, options);
  fmt::print(
      "Llama-3-8B attention output projection: x [{}, {}] . W [{}, {}] in bf16, K sharded over {} tiles, ring "
      "all-reduce in FP32\n",
      kLlama.tokens, kLlama.hidden, kLlama.hidden, kLlama.hidden, options.width * options.height);
  const auto in = make_operands(args.folder, kLlama, options.seed);
  workloads::MatmulVariant variant;
  variant.shard = workloads::Shard::kK;
  auto job = make_job(cfg, options, variant, kLlama, in);
  Run run(cfg, options, workloads::image_of(cfg, std::move(job.program), job.result_end));
  auto out = simulate_matmul(run, job, "demo");
  if (!out.verdict.compared) return out.verdict.code;
  auto& report = out.verdict.report;
  save_array(file("c.npy"), {kLlama.tokens, kLlama.hidden}, as_floats(out.c));
  write_timeline(run);

  const double worst = float64_error(in, kLlama, out.c);
  const auto list = phases(run, kLlama);
  print_phases(run, list, report);
  const double ring = list[1].link, cycles = static_cast<double>(list[1].cycles);
  const auto tiles = options.width * options.height;
  std::uint64_t flits = 0, busiest = 0;
  for (const auto f : run.result.link_flits) flits += f, busiest = std::max<std::uint64_t>(busiest, f);
  const double links = 2.0 * ((options.width - 1) * options.height + options.width * (options.height - 1));
  const double link_use =
      links == 0 ? 0 : static_cast<double>(flits) / links / static_cast<double>(std::max<std::uint64_t>(run.cycles, 1));
  fmt::print("PE utilisation     {:.1f} % of {} MACs per cycle\n", 100 * report["pe_utilization"].get<double>(),
             cfg.partitions * cfg.partitions * tiles);
  if (tiles > 1) {
    const double bus = cycles > 0 ? ring / cycles * cfg.link_bytes : 0;
    fmt::print("link utilisation   {:.1f} % of all {:.0f} links; busiest link {:.1f} % during the all-reduce\n",
               100 * link_use, links, cycles > 0 ? 100 * static_cast<double>(busiest) / cycles : 0);
    fmt::print("all-reduce bus bandwidth {:.2f} of {} B/cycle: {:.1f} % of the bound\n", bus, cfg.link_bytes,
               100 * bus / cfg.link_bytes);
    report["link_utilization"] = link_use;
    report["algo"] = "ring";
    report["algbw_bytes_per_cycle"] = 4.0 * kLlama.tokens * kLlama.hidden / std::max(cycles, 1.0);
    report["busbw_bytes_per_cycle"] = bus;
    report["bound_cycles"] = ring;
    report["bound_fraction"] = cycles > 0 ? ring / cycles : 0;
  }
  fmt::print("host               {:.1f} s, {:.2f} M tile-cycles/s\n", run.host_seconds,
             run.host_seconds > 0 ? static_cast<double>(run.result.tile_cycles) / run.host_seconds / 1e6 : 0.0);
  fmt::print("float64 check      worst error {:.2e} of the bound K x 2^-24 x sum|x w|\n", worst);
  report["float64_error_over_bound"] = worst;
  write_report(run, report);
  if (!options.waves.empty()) {
    fmt::print("waveform           {} (tile (0, 0), cycles {} to {}{}); open it with: ./tessera wave {}\n",
               options.waves, run.wave_from, run.wave_to,
               run.first_matmul ? fmt::format(", first matmul retired in {}", *run.first_matmul) : "", options.waves);
  }
  fmt::print("timeline           {} (open it in Perfetto)\nreport             {}\n\n", options.timeline, options.json);
  if (!(worst <= 1.0)) {
    fmt::print("the result is further from the float64 product than the bound allows\n");
    finish(out.verdict.code, out.verdict.word());
    return kDisagree;
  }
  return finish(out.verdict.code, out.verdict.word());
}

std::string built_in_bug() { return TSR_BUG_NAME; }

int run_bug_demo(const Config& cfg, const RunOptions& given, const DemoArgs& args) {
  if (args.bug != built_in_bug()) {
    throw InputError(
        fmt::format("--bug {}: this program was built {}; use the launcher ./tessera, which builds what is asked for",
                    args.bug, built_in_bug().empty() ? "without a seeded fault" : "with " + built_in_bug()));
  }
  auto options = given;
  std::error_code fault;
  std::filesystem::create_directories(args.folder, fault);
  if (fault) throw InputError(fmt::format("--out-dir {} cannot be made: {}", args.folder, fault.message()));
  print_machine(cfg, options);
  fmt::print(
      "seeded fault {}; smaller problems than without --bug, each compared with the golden model until one differs\n",
      args.bug);
  const auto in = make_operands(args.folder, kSmall, options.seed);

  const auto product = [&](const char* what, const workloads::MatmulVariant& variant, const Operands& data) {
    fmt::print("\n{}\n", what);
    auto o = options;
    auto job = make_job(cfg, o, variant, kSmall, data);
    Run run(cfg, o, workloads::image_of(cfg, std::move(job.program), job.result_end));
    return simulate_matmul(run, job, "demo").verdict.code;
  };
  if (product(
          fmt::format("x [{0}, {1}] . W [{1}, {1}], K sharded, ring all-reduce", kSmall.tokens, kSmall.hidden).c_str(),
          {workloads::Shard::kK, workloads::Residence::kHbm, isa::Dtype::kFp32}, in) != kAgree) {
    return finish(kDisagree, "NOT bit-exact");
  }
  // Small integers: sums that lie half way between two BF16 numbers are frequent.
  Operands whole = in;
  for (auto* list : {&whole.x, &whole.w}) {
    for (auto& code : *list) {
      const float value = std::round(to_float(std::uint32_t{code} << 16) * 3.0F);
      code = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
    }
  }
  if (product("the same with small integers, blocks of C per tile, result in bf16",
              {workloads::Shard::kMn, workloads::Residence::kHbm, isa::Dtype::kBf16}, whole) != kAgree) {
    return finish(kDisagree, "NOT bit-exact");
  }
  for (const auto& program : args.also) {
    fmt::print("\n{}\n", program);
    auto o = options;
    const auto image = load_program(program, o, false);
    Run run(cfg, o, image);
    if (judge(run, "demo", image.expected_errors).code != kAgree) return finish(kDisagree, "NOT bit-exact");
  }
  return finish(kAgree, "the fault was not seen: bit-exact");
}

}  // namespace tessera::cli
