// SPDX-License-Identifier: Apache-2.0
/// `tessera matmul`: C = A . B on the mesh.
#include "cli/matmul.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "workloads/arrays.hpp"

namespace tessera::cli {
namespace {

using workloads::MatmulJob;
using workloads::Run;

std::uint32_t element(const std::vector<std::uint8_t>& row, std::size_t index, unsigned bytes) {
  std::uint32_t code = 0;
  std::memcpy(&code, row.data() + index * bytes, bytes);
  return bytes == 2 ? code << 16 : code;
}

// C as FP32 patterns, gathered from the tiles' HBM by `hbm(tile, address, bytes)`.
template <class Hbm>
std::vector<std::uint32_t> gather(const MatmulJob& job, Hbm hbm) {
  std::vector<std::uint32_t> c(std::size_t{job.m} * job.n);
  const unsigned bytes = job.c_bytes();
  for (std::uint32_t t = 0; t < job.shares.size(); ++t) {
    const auto& s = job.shares[t];
    if (s.empty() || (!job.ranks.empty() && workloads::locate(job, 0, 0).tile != t)) continue;
    for (std::uint32_t r = s.m0; r < s.m1; ++r) {
      const auto row = hbm(t, s.c + (r - s.m0) * s.ldc, (s.n1 - s.n0) * std::size_t{bytes});
      for (std::uint32_t col = s.n0; col < s.n1; ++col)
        c[std::size_t{r} * job.n + col] = element(row, col - s.n0, bytes);
    }
  }
  return c;
}

// Prints the first element of C that differs, on whichever tile holds it.
void name_element(const MatmulJob& job, const Run& run) {
  const unsigned bytes = job.c_bytes();
  for (std::uint32_t t = 0; t < job.shares.size(); ++t) {
    const auto& s = job.shares[t];
    if (s.empty()) continue;
    for (std::uint32_t r = s.m0; r < s.m1; ++r) {
      const std::uint64_t at = s.c + (r - s.m0) * s.ldc;
      const auto rtl = run.rtl_hbm(t, at, (s.n1 - s.n0) * std::size_t{bytes}),
                 golden = run.golden_hbm(t, at, (s.n1 - s.n0) * std::size_t{bytes});
      for (std::uint32_t col = 0; col < s.n1 - s.n0; ++col) {
        const auto got = element(rtl, col, bytes), want = element(golden, col, bytes);
        if (got == want) continue;
        fmt::print(
            "MISMATCH: first wrong element C[{}, {}] on tile ({}, {}): RTL 0x{:08x} ({:g}), golden 0x{:08x} ({:g})\n",
            r, s.n0 + col, t % job.width, t / job.width, got, std::bit_cast<float>(got), want,
            std::bit_cast<float>(want));
        return;
      }
    }
  }
}

// Cycles between "operands are in SBUF" (the first instruction of PE retires) and the last block of C in SBUF.
std::uint64_t resident_cycles(const Run& run) {
  std::uint64_t first = ~0ULL, last = 0;
  for (const auto& r : run.result.records) {
    if (r.source == static_cast<unsigned>(isa::Engine::kPe)) first = std::min(first, r.end);
    if (r.opcode == static_cast<std::uint8_t>(isa::Opcode::kTensorCopy) ||
        r.opcode == static_cast<std::uint8_t>(isa::Opcode::kActivate)) {
      last = std::max(last, r.end);
    }
  }
  return last > first ? last - first : 0;
}

}  // namespace

MatmulOutcome simulate_matmul(Run& run, const MatmulJob& job, const std::string& command) {
  MatmulOutcome out;
  out.verdict = judge(run, command);
  auto& report = out.verdict.report;
  if (out.verdict.code == kDisagree) name_element(job, run);
  if (!out.verdict.compared) return out;
  const double macs = static_cast<double>(job.m) * job.n * job.k;
  const double p = run.cfg.partitions, tiles = run.options.width * run.options.height;
  report["dtype"] = "bf16";
  report["shape"] = {{"m", job.m}, {"n", job.n}, {"k", job.k}};
  report["shard"] = job.variant.shard == workloads::Shard::kK ? "k" : "mn";
  report["macs"] = static_cast<std::uint64_t>(job.m) * job.n * job.k;
  report["layout"] =
      "A is stored K-major (A[m, k] at row k), B as given; rows padded so that short ones cross no 256-byte boundary";
  report["pe_utilization"] = run.cycles == 0 ? 0.0 : macs / (p * p * static_cast<double>(run.cycles) * tiles);
  if (job.variant.residence == workloads::Residence::kSbuf) {
    const auto cycles = resident_cycles(run);
    report["resident_cycles"] = cycles;
    report["pe_utilization_resident"] = cycles == 0 ? 0.0 : macs / (p * p * static_cast<double>(cycles) * tiles);
  }
  if (job.variant.shard == workloads::Shard::kK && tiles > 1) report["algo"] = "ring";
  report["reduction_order"] = nlohmann::json::parse(workloads::reduction_order_json(run.cfg, job));
  out.c = gather(job, [&](auto t, auto a, auto n) { return run.rtl_hbm(t, a, n); });
  return out;
}

int run_matmul(const Config& cfg, const workloads::RunOptions& given, const MatmulArgs& args) {
  auto options = given;
  if (args.dtype != "bf16")
    throw InputError(fmt::format("--dtype {} is not supported by matmul; use bf16", args.dtype));
  if (args.out_dtype != "fp32" && args.out_dtype != "bf16") {
    throw InputError(fmt::format("--out-dtype {} is not supported; use fp32 or bf16", args.out_dtype));
  }
  if (args.shard != "mn" && args.shard != "k")
    throw InputError(fmt::format("--shard {} is unknown; use mn or k", args.shard));
  if (args.residence != "hbm" && args.residence != "sbuf") {
    throw InputError(fmt::format("--residence {} is unknown; use hbm or sbuf", args.residence));
  }
  const auto a = load_array(args.a, 2, "--a"), b = load_array(args.b, 2, "--b");
  if (a.shape[1] != b.shape[0]) {
    throw InputError(fmt::format("A has K = {} columns but B has {} rows; they must be equal", a.shape[1], b.shape[0]));
  }
  if (args.out.empty()) throw InputError("--out needs the name of a file");
  check_writable(args.out, "--out");
  check_distinct(options, args.out, {{"--a", args.a}, {"--b", args.b}});
  const auto m = static_cast<std::uint32_t>(a.shape[0]), k = static_cast<std::uint32_t>(a.shape[1]),
             n = static_cast<std::uint32_t>(b.shape[1]);
  workloads::MatmulVariant variant;
  variant.shard = args.shard == "k" ? workloads::Shard::kK : workloads::Shard::kMn;
  variant.residence = args.residence == "sbuf" ? workloads::Residence::kSbuf : workloads::Residence::kHbm;
  variant.out = args.out_dtype == "bf16" ? isa::Dtype::kBf16 : isa::Dtype::kFp32;
  if (variant.residence == workloads::Residence::kSbuf) {
    if (variant.shard == workloads::Shard::kK || variant.out != isa::Dtype::kFp32) {
      throw InputError("--residence sbuf works with --shard mn and --out-dtype fp32 only");
    }
    if (!workloads::fits_resident(cfg, options.width, options.height, m, n, k)) {
      throw InputError(fmt::format("A, B and C do not fit in the SBUF of {} together; use --residence hbm", cfg.name));
    }
  }
  if (variant.shard == workloads::Shard::kK) {
    const std::uint64_t ranks = std::uint64_t{options.width} * options.height;
    options.expected_records = ranks * kernels::ring_items(ranks, kernels::RingOptions{}.pieces);
    check_host_memory(cfg, options, options.expected_records * isa::kItemBytes);
  }
  auto job = workloads::build_matmul(cfg, options.width, options.height, variant, m, n, k, workloads::to_bf16(a),
                                     workloads::to_bf16(b));
  check_capacity(cfg, job.result_end);
  options.expected_records = job.program.items();
  Run run(cfg, options, workloads::image_of(cfg, std::move(job.program), job.result_end));
  auto out = simulate_matmul(run, job, "matmul");
  if (!out.verdict.compared) return out.verdict.code;
  save_array(args.out, {m, n}, as_floats(out.c));
  write_timeline(run);
  write_report(run, out.verdict.report);
  const auto tiles = options.width * options.height;
  fmt::print("[{} x {}] . [{} x {}] on {} tile{} of {}: PE utilisation {:.1f} %, {}\n", m, k, k, n, tiles,
             tiles == 1 ? "" : "s", cfg.name, 100.0 * out.verdict.report["pe_utilization"].get<double>(),
             out.verdict.word());
  return out.verdict.code;
}

}  // namespace tessera::cli
