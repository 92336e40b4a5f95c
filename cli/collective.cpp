// SPDX-License-Identifier: Apache-2.0
/// `tessera collective`: one collective over all tiles.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/casts.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/judge.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "workloads/arrays.hpp"
#include "workloads/collectives.hpp"

namespace tessera::cli {
namespace {

// From the moment the first rank could begin its ring to the moment the last rank holds its result.
std::uint64_t ring_cycles(const workloads::Run& run, const workloads::CollectiveJob& job) {
  const std::uint32_t source = isa::kNumEngines + kernels::queue::kRing;
  std::uint64_t first = ~0ULL, last = 0;
  std::vector<std::uint32_t> index(job.ring_end.size());
  for (const auto& r : run.result.records) {
    if (r.source != source) continue;
    const std::uint32_t i = index[r.tile]++;
    if (job.ring_first > 0 && i + 1 == job.ring_first) first = std::min(first, r.end);
    if (i >= job.ring_first && i < job.ring_end[r.tile]) last = std::max(last, r.end);
  }
  if (job.ring_first == 0) first = run.result.first_start;
  return last > first ? last - first : 0;
}

}  // namespace

int run_collective(const Config& cfg, const workloads::RunOptions& given, const CollectiveArgs& args) {
  auto options = given;
  if (workloads::find_collective(args.kind, "auto") == nullptr) {
    throw InputError(fmt::format("collective {} is unknown; there are: {}", args.kind, workloads::collective_names()));
  }
  if (args.op != "sum" && args.op != "max")
    throw InputError(fmt::format("--op {} is unknown; use sum or max", args.op));
  const auto* collective = workloads::find_collective(args.kind, args.algo);
  if (collective == nullptr) {
    throw InputError(
        fmt::format("--algo {} is unknown to {}; there are: {}", args.algo, args.kind, workloads::collective_algos()));
  }
  if (args.residence != "hbm" && args.residence != "sbuf") {
    throw InputError(fmt::format("--residence {} is unknown; use hbm or sbuf", args.residence));
  }
  if (args.pieces == 0 || args.pieces > 64)
    throw InputError(fmt::format("--pieces {} must lie between 1 and 64", args.pieces));
  const auto type = float_type(args.dtype);
  if (!type) throw InputError(fmt::format("--dtype {} is unknown; use {}", args.dtype, float_type_names()));
  const isa::Dtype dtype = *type;
  const auto x = load_array(args.in, 2, "--in");
  const std::uint32_t ranks = options.width * options.height;
  if (x.shape[0] != ranks) {
    throw InputError(fmt::format("--in {} has {} rows but the mesh has {} tiles; give one row per tile", args.in,
                                 x.shape[0], ranks));
  }
  if (args.out.empty()) throw InputError("--out needs the name of a file");
  check_writable(args.out, "--out");
  check_distinct(options, args.out, {{"--in", args.in}});
  const std::uint64_t elems = x.shape[1], size = isa::elem_bytes(dtype);
  const auto codes = workloads::to_codes(x, dtype);
  std::vector<std::uint8_t> bytes(codes.size() * size);
  for (std::size_t i = 0; i < codes.size(); ++i) std::memcpy(bytes.data() + i * size, &codes[i], size);
  const bool sbuf = args.residence == "sbuf";
  if (sbuf && !workloads::fits_sbuf(cfg, dtype, elems)) {
    throw InputError(fmt::format("{} elements do not fit in the SBUF of {} ({} bytes); use --residence hbm", elems,
                                 cfg.name, cfg.sbuf_bytes()));
  }
  // Descriptors may grow with the square of the ranks: refused before they are made.
  options.expected_records = ranks * collective->items(ranks, args.pieces);
  check_host_memory(cfg, options, options.expected_records * isa::kItemBytes + bytes.size());
  const workloads::CollectiveTask task{options.width,
                                       options.height,
                                       dtype,
                                       args.op == "sum" ? isa::DmaOp::kAdd : isa::DmaOp::kMax,
                                       sbuf ? workloads::Residence::kSbuf : workloads::Residence::kHbm,
                                       elems,
                                       args.pieces};
  auto job = collective->build(cfg, task, bytes);
  check_capacity(cfg, job.end);
  options.expected_records = job.program.items();
  workloads::Run run(cfg, options, workloads::image_of(cfg, std::move(job.program), job.end));
  auto verdict = judge(run, "collective " + args.kind);
  if (!verdict.compared) return verdict.code;
  auto& report = verdict.report;
  const double total = static_cast<double>(elems * size), bound = collective->bound_cycles(cfg, ranks, elems * size);
  const double ring = static_cast<double>(ring_cycles(run, job));
  report["dtype"] = args.dtype;
  report["algo"] = collective->algo;
  report["op"] = args.op;
  report["elements"] = elems;
  report["residence"] = args.residence;
  report["ring_cycles"] = ring;
  report["reduction_order"] = nlohmann::json::array();
  for (const auto& part : collective->order(job))
    report["reduction_order"].push_back({{"elements", {part.first, part.second}}, {"ranks", part.ranks}});
  if (ranks > 1 &&
      ring > 0) {  // what is measured is the collective: with operands in SBUF, without their way there and back
    report["algbw_bytes_per_cycle"] = total / ring;
    report["busbw_bytes_per_cycle"] = total / ring * 2.0 * (ranks - 1) / ranks;
    report["bound_cycles"] = bound;
    report["bound_fraction"] = bound / ring;
  }
  std::vector<float> y(std::size_t{ranks} * elems);
  bool named = false;
  for (std::uint32_t t = 0; t < ranks; ++t) {
    const auto rtl = run.rtl_hbm(t, job.result, elems * size);
    const auto golden = run.golden() == nullptr ? rtl : run.golden_hbm(t, job.result, elems * size);
    for (std::uint64_t i = 0; i < elems; ++i) {
      std::uint32_t code = 0, expected = 0;
      std::memcpy(&code, rtl.data() + i * size, size);
      std::memcpy(&expected, golden.data() + i * size, size);
      y[t * elems + i] = to_float(widen(code, dtype));
      if (code == expected || named) continue;
      named = true;
      fmt::print("MISMATCH: element {} on tile ({}, {}): RTL 0x{:x}, golden 0x{:x}\n", i, t % options.width,
                 t / options.width, code, expected);
    }
  }
  save_array(args.out, {ranks, elems}, y);
  write_timeline(run);
  write_report(run, report);
  fmt::print("{} of {} x {} {} by {}: {} cycles{}, {}\n", collective->name, ranks, elems, args.dtype, collective->algo,
             ring, ranks > 1 && ring > 0 ? fmt::format(", {:.3f} of the bound of {:.0f}", bound / ring, bound) : "",
             verdict.word());
  return verdict.code;
}

}  // namespace tessera::cli
