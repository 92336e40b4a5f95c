// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "cli/options.hpp"
#include "cli/report.hpp"
#include "golden/npy.hpp"
#include "golden/numerics.hpp"
#include "workloads/arrays.hpp"
#include "workloads/collective.hpp"

namespace tessera::cli {
namespace {

using workloads::Run;
using workloads::RunOptions;

constexpr int kAgree = 0, kDisagree = 1, kBad = 2;

golden::NpyArray load(const std::string& path, int rank, const char* option) {
  auto result = golden::read_npy(path, rank);
  if (!result.ok()) throw InputError(fmt::format("{}: {}", option, result.error));
  if (result.array.elements() == 0) throw InputError(fmt::format("{} {}: the array is empty", option, path));
  return std::move(result.array);
}

void check_output(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code none;
  if (!folder.empty() && !std::filesystem::is_directory(folder, none)) {
    throw InputError(fmt::format("--out {}: the folder {} does not exist", path, folder.string()));
  }
  const bool existed = std::filesystem::exists(path, none);
  std::FILE* probe = std::fopen(path.c_str(), "ab");
  if (probe == nullptr) throw InputError(fmt::format("--out {} cannot be written", path));
  std::fclose(probe);
  if (!existed) std::filesystem::remove(path, none);
}

void save(const std::string& path, std::vector<std::uint64_t> shape, const std::vector<float>& values) {
  const auto error = golden::write_npy(path, golden::NpyArray::from_floats(std::move(shape), values));
  if (!error.empty()) throw InputError(error);
}

std::uint32_t word_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof word);
  return word;
}

// C as FP32 patterns, gathered from the tiles' HBM by `hbm(tile, address, bytes)`.
template <class Hbm>
std::vector<std::uint32_t> gather(const workloads::MatmulJob& job, Hbm hbm) {
  std::vector<std::uint32_t> c(std::size_t{job.m} * job.n);
  for (std::uint32_t t = 0; t < job.shares.size(); ++t) {
    const auto& s = job.shares[t];
    if (s.empty() || (!job.ranks.empty() && workloads::locate(job, 0, 0).tile != t)) continue;
    for (std::uint32_t r = s.m0; r < s.m1; ++r) {
      const auto row = hbm(t, s.gemm.c + (r - s.m0) * s.gemm.ldc, (s.n1 - s.n0) * std::size_t{4});
      for (std::uint32_t col = s.n0; col < s.n1; ++col) c[std::size_t{r} * job.n + col] = word_at(row, (col - s.n0) * std::size_t{4});
    }
  }
  return c;
}

// Compares C of RTL and golden model and prints the first element that differs.
bool compare_c(const workloads::MatmulJob& job, const std::vector<std::uint32_t>& rtl, const std::vector<std::uint32_t>& golden) {
  std::size_t wrong = 0, first = 0;
  for (std::size_t i = rtl.size(); i-- > 0;) {
    if (rtl[i] != golden[i]) ++wrong, first = i;
  }
  if (wrong == 0) return true;
  const auto row = static_cast<std::uint32_t>(first / job.n), col = static_cast<std::uint32_t>(first % job.n);
  const auto place = workloads::locate(job, row, col);
  fmt::print("MISMATCH: {} elements of C differ; first C[{}, {}] on tile ({}, {}): RTL 0x{:08x}, golden 0x{:08x}\n", wrong, row, col,
             place.tile % job.program.width, place.tile / job.program.width, rtl[first], golden[first]);
  return false;
}

// Every tile that holds the reduced C must hold the same bits.
bool replicas_agree(const workloads::MatmulJob& job, const Run& run, const std::vector<std::uint32_t>& c) {
  for (const auto& at : job.ranks) {
    const std::uint32_t t = at.y * job.program.width + at.x;
    const auto& g = job.shares[t].gemm;
    for (std::uint32_t r = 0; r < job.m; ++r) {
      const auto row = run.rtl_hbm(t, g.c + r * g.ldc, std::size_t{job.n} * 4);
      if (std::memcmp(row.data(), c.data() + std::size_t{r} * job.n, row.size()) == 0) continue;
      fmt::print("MISMATCH: row {} of C on tile ({}, {}) differs from tile (0, 0)\n", r, at.x, at.y);
      return false;
    }
  }
  return true;
}

// Ends a run that did not finish: prints the sentence and writes the report.
int give_up(const Run& run, nlohmann::json report) {
  fmt::print(stderr, "tessera: {}\n", run.error);
  report["error"] = run.error;
  write_report(run, report);
  return kBad;
}

struct MatmulOutcome {
  int code = kAgree;
  std::vector<std::uint32_t> c;
  nlohmann::json report;
};

MatmulOutcome simulate(Run& run, const workloads::MatmulJob& job, const std::string& command, const std::string& dtype) {
  MatmulOutcome out;
  const bool finished = run.run_rtl();
  out.report = common_report(run, command);
  auto& report = out.report;
  const double macs = static_cast<double>(job.m) * job.n * job.k;
  const double p = run.cfg.partitions, tiles = run.options.width * run.options.height;
  report["dtype"] = dtype;
  report["shape"] = {{"m", job.m}, {"n", job.n}, {"k", job.k}};
  report["shard"] = job.shard == workloads::Shard::kK ? "k" : "mn";
  report["macs"] = static_cast<std::uint64_t>(job.m) * job.n * job.k;
  report["layout"] = "A is stored K-major (A[m, k] at row k), B as given; rows padded to 64 bytes";
  if (!finished) {
    out.code = give_up(run, report);
    return out;
  }
  report["pe_utilization"] = run.cycles == 0 ? 0.0 : macs / (p * p * static_cast<double>(run.cycles) * tiles);
  report["reduction_order"] = nlohmann::json::parse(workloads::reduction_order_json(run.cfg, job));
  const bool records_agree = run.run_golden();
  if (!run.error.empty()) {
    out.code = give_up(run, report);
    return out;
  }
  out.c = gather(job, [&](auto t, auto a, auto n) { return run.rtl_hbm(t, a, n); });
  const auto expected = gather(job, [&](auto t, auto a, auto n) { return run.golden_hbm(t, a, n); });
  const bool exact = compare_c(job, out.c, expected) & records_agree & replicas_agree(job, run, out.c);
  report["bit_exact"] = exact;
  out.code = exact ? kAgree : kDisagree;
  return out;
}

std::vector<float> as_floats(const std::vector<std::uint32_t>& bits) {
  std::vector<float> values(bits.size());
  std::transform(bits.begin(), bits.end(), values.begin(), [](std::uint32_t b) { return std::bit_cast<float>(b); });
  return values;
}

std::uint64_t code_base(std::uint64_t data_end) { return std::max<std::uint64_t>(kernels::round_up(data_end, 4096), 1 << 20); }

void check_capacity(const Config& cfg, std::uint64_t bytes) {
  if (bytes > cfg.hbm_bytes) {
    throw InputError(fmt::format("the operands of one tile need {} bytes but its HBM holds {}; use a larger mesh", bytes, cfg.hbm_bytes));
  }
}

}  // namespace

int run_matmul(const Config& cfg, RunOptions options, const MatmulArgs& args) {
  if (args.dtype != "bf16") throw InputError(fmt::format("--dtype {} is not supported by matmul; use bf16", args.dtype));
  if (args.out_dtype != "fp32") throw InputError(fmt::format("--out-dtype {} is not supported; use fp32", args.out_dtype));
  if (args.shard != "mn" && args.shard != "k") throw InputError(fmt::format("--shard {} is unknown; use mn or k", args.shard));
  const auto a = load(args.a, 2, "--a"), b = load(args.b, 2, "--b");
  if (a.shape[1] != b.shape[0]) {
    throw InputError(fmt::format("A has K = {} columns but B has {} rows; they must be equal", a.shape[1], b.shape[0]));
  }
  check_output(args.out);
  const auto m = static_cast<std::uint32_t>(a.shape[0]), k = static_cast<std::uint32_t>(a.shape[1]), n = static_cast<std::uint32_t>(b.shape[1]);
  const auto job = workloads::build_matmul(cfg, options.width, options.height,
                                           args.shard == "k" ? workloads::Shard::kK : workloads::Shard::kMn, m, n, k,
                                           workloads::to_bf16(a), workloads::to_bf16(b));
  check_capacity(cfg, job.result_end);
  Run run(cfg, options, workloads::make_image(job.program, job.images, code_base(job.result_end)));
  auto out = simulate(run, job, "matmul", args.dtype);
  if (out.code == kBad) return out.code;
  print_summary(run);
  save(args.out, {m, n}, as_floats(out.c));
  write_timeline(run);
  write_report(run, out.report);
  fmt::print("{} x {} x {} on {} tiles of {}: PE utilisation {:.1f} %, {}\n", m, n, k, options.width * options.height, cfg.name,
             100.0 * out.report["pe_utilization"].get<double>(), out.code == kAgree ? "bit-exact" : "NOT bit-exact");
  return out.code;
}

int run_collective(const Config& cfg, RunOptions options, const CollectiveArgs& args) {
  if (args.kind != "all-reduce") throw InputError(fmt::format("collective {} is unknown; use all-reduce", args.kind));
  if (args.op != "sum" && args.op != "max") throw InputError(fmt::format("--op {} is unknown; use sum or max", args.op));
  if (args.algo != "auto" && args.algo != "ring") throw InputError(fmt::format("--algo {} is unknown; use auto or ring", args.algo));
  if (args.residence != "hbm" && args.residence != "sbuf") {
    throw InputError(fmt::format("--residence {} is unknown; use hbm or sbuf", args.residence));
  }
  isa::Dtype dtype{};
  if (!workloads::parse_dtype(args.dtype, dtype)) throw InputError(fmt::format("--dtype {} is unknown; use fp32 or bf16", args.dtype));
  const auto x = load(args.in, 2, "--in");
  const std::uint32_t ranks = options.width * options.height;
  if (x.shape[0] != ranks) {
    throw InputError(fmt::format("--in {} has {} rows but the mesh has {} tiles; give one row per tile", args.in, x.shape[0], ranks));
  }
  check_output(args.out);
  const std::uint64_t elems = x.shape[1], size = dtype == isa::Dtype::kFp32 ? 4 : 2;
  const auto codes = workloads::to_codes(x, dtype);
  std::vector<std::uint8_t> bytes(codes.size() * size);
  for (std::size_t i = 0; i < codes.size(); ++i) std::memcpy(bytes.data() + i * size, &codes[i], size);
  const bool sbuf = args.residence == "sbuf";
  if (sbuf && !workloads::fits_sbuf(cfg, dtype, elems)) {
    throw InputError(fmt::format("{} elements do not fit in the SBUF of {} ({} bytes); use --residence hbm", elems, cfg.name, cfg.sbuf_bytes()));
  }
  const auto job = workloads::build_all_reduce(cfg, options.width, options.height, dtype,
                                               args.op == "sum" ? isa::DmaOp::kAdd : isa::DmaOp::kMax,
                                               sbuf ? workloads::Residence::kSbuf : workloads::Residence::kHbm, elems, bytes);
  check_capacity(cfg, job.end);
  Run run(cfg, options, workloads::make_image(job.program, job.images, code_base(job.end)));
  const bool finished = run.run_rtl();
  auto report = common_report(run, "collective all-reduce");
  const double cycles = static_cast<double>(run.cycles), total = static_cast<double>(elems * size);
  const double bound = workloads::ring_bound_cycles(cfg, ranks, elems * size);
  report["dtype"] = args.dtype;
  report["algo"] = "ring";
  report["elements"] = elems;
  if (!finished) return give_up(run, report);
  if (ranks > 1 && cycles > 0) {
    report["algbw_bytes_per_cycle"] = total / cycles;
    report["busbw_bytes_per_cycle"] = total / cycles * 2.0 * (ranks - 1) / ranks;
    report["bound_cycles"] = bound;
    report["bound_fraction"] = bound / cycles;
  }
  bool exact = run.run_golden();
  if (!run.error.empty()) return give_up(run, report);
  std::vector<float> y(std::size_t{ranks} * elems);
  for (std::uint32_t t = 0; t < ranks; ++t) {
    const auto rtl = run.rtl_hbm(t, job.result, elems * size), golden = run.golden_hbm(t, job.result, elems * size);
    for (std::uint64_t i = 0; i < elems; ++i) {
      std::uint32_t code = 0, expected = 0;
      std::memcpy(&code, rtl.data() + i * size, size);
      std::memcpy(&expected, golden.data() + i * size, size);
      y[t * elems + i] = golden::to_float(dtype == isa::Dtype::kBf16 ? code << 16 : code);
      if (code == expected || !exact) continue;
      exact = false;
      fmt::print("MISMATCH: element {} on tile ({}, {}): RTL 0x{:x}, golden 0x{:x}\n", i, t % options.width, t / options.width, code, expected);
    }
  }
  report["bit_exact"] = exact;
  print_summary(run);
  save(args.out, {ranks, elems}, y);
  write_timeline(run);
  write_report(run, report);
  fmt::print("all-reduce of {} x {} {} by ring: {:.3f} of the bound, {}\n", ranks, elems, args.dtype, cycles > 0 ? bound / cycles : 0.0,
             exact ? "bit-exact" : "NOT bit-exact");
  return exact ? kAgree : kDisagree;
}

int run_info(const Config& cfg) {
  fmt::print("configuration       {}\npartitions          {} (PE array {} x {})\nSBUF                {} KiB x {}\nPSUM                {} banks x {} B x {}\n",
             cfg.name, cfg.partitions, cfg.partitions, cfg.partitions, cfg.sbuf_bytes_per_partition / 1024, cfg.partitions,
             cfg.psum_banks, cfg.psum_bank_bytes, cfg.partitions);
  fmt::print("HBM                 {} B/cycle, latency {} cycles, {} MiB\nDMA                 {} queues, segments of {} B\nlinks               {} B/cycle, {} flits per VC\n",
             cfg.hbm_bytes_per_cycle, cfg.hbm_latency_cycles, cfg.hbm_bytes >> 20, cfg.dma_queues, cfg.dma_segment_bytes,
             cfg.link_bytes, cfg.router_vc_depth);
  return 0;
}

int run_demo(const Config& cfg, RunOptions options, const std::string& folder) {
  constexpr std::uint32_t kTokens = 32, kHidden = 4096;  // Llama-3-8B: hidden size 4096 (reference: noc-and-collectives.md)
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  if (fault) throw InputError(fmt::format("--out-dir {} cannot be made: {}", folder, fault.message()));
  const auto file = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  if (options.waves.empty()) options.waves = file("demo.fst");
  if (options.timeline.empty()) options.timeline = file("demo.timeline.json");
  if (options.json.empty()) options.json = file("demo.json");
  if (options.threads == 1) options.threads = 2;
  fmt::print("x [{}, {}] . W [{}, {}], bf16, K sharded over {} tiles of {}; seed {}\n", kTokens, kHidden, kHidden, kHidden,
             options.width * options.height, cfg.name, options.seed);
  save(file("x.npy"), {kTokens, kHidden}, workloads::normal_values(options.seed, std::uint64_t{kTokens} * kHidden));
  save(file("w.npy"), {kHidden, kHidden}, workloads::normal_values(options.seed + 1, std::uint64_t{kHidden} * kHidden));
  const auto a = load(file("x.npy"), 2, "x"), b = load(file("w.npy"), 2, "w");
  const auto x = workloads::to_bf16(a), w = workloads::to_bf16(b);
  const auto job = workloads::build_matmul(cfg, options.width, options.height, workloads::Shard::kK, kTokens, kHidden, kHidden, x, w);
  check_capacity(cfg, job.result_end);
  Run run(cfg, options, workloads::make_image(job.program, job.images, code_base(job.result_end)));
  auto out = simulate(run, job, "demo", "bf16");
  if (out.code == kBad) return out.code;

  // Independent view: float64 product; each FP32 addition errs by at most 2^-24 of the sum of magnitudes.
  std::vector<double> w64(w.size());
  for (std::size_t i = 0; i < w.size(); ++i) w64[i] = golden::to_float(std::uint32_t{w[i]} << 16);
  double worst = 0;
  for (std::uint32_t r = 0; r < kTokens; ++r) {
    std::vector<double> sum(kHidden), magnitude(kHidden);
    for (std::uint32_t i = 0; i < kHidden; ++i) {
      const double xv = golden::to_float(std::uint32_t{x[std::size_t{r} * kHidden + i]} << 16);
      const double* row = w64.data() + std::size_t{i} * kHidden;
      for (std::uint32_t c = 0; c < kHidden; ++c) sum[c] += xv * row[c], magnitude[c] += std::abs(xv * row[c]);
    }
    for (std::uint32_t c = 0; c < kHidden; ++c) {
      const double error = std::abs(golden::to_float(out.c[std::size_t{r} * kHidden + c]) - sum[c]);
      worst = std::max(worst, error / (kHidden * 0x1.0p-24 * magnitude[c]));
    }
  }
  const bool close = worst <= 1.0;
  out.report["float64_error_over_bound"] = worst;
  save(file("c.npy"), {kTokens, kHidden}, as_floats(out.c));
  write_timeline(run);

  const double tiles = options.width * options.height, p = cfg.partitions, k_tile = kHidden / tiles;
  const double pe = kTokens <= p ? kHidden * std::ceil(k_tile / p) : 0, hbm = k_tile * (kHidden + kTokens) * 2.0 / cfg.hbm_bytes_per_cycle;
  const double bytes = 4.0 * kTokens * kHidden, ring = workloads::ring_bound_cycles(cfg, static_cast<std::uint32_t>(tiles), static_cast<std::uint64_t>(bytes));
  std::uint64_t ring_start = ~0ULL, ring_end = 0, matmul_end = 0, first_matmul = 0;
  for (const auto& record : run.result.records) {
    if (record.opcode == static_cast<std::uint8_t>(isa::Opcode::kMatmul)) {
      matmul_end = std::max<std::uint64_t>(matmul_end, record.end);
      if (first_matmul == 0) first_matmul = record.end;
    }
    if (record.opcode == 0x80 + static_cast<std::uint8_t>(isa::DmaOp::kAdd)) ring_start = std::min<std::uint64_t>(ring_start, record.start);
    if (record.opcode >= 0x80) ring_end = std::max<std::uint64_t>(ring_end, record.end);
  }
  const double ring_cycles = ring_end > ring_start ? static_cast<double>(ring_end - ring_start) : 0;
  print_summary(run);
  fmt::print("\n{:<22}{:>12}{:>12}{:>12}{:>12}   binds\n", "phase", "cycles", "PE bound", "HBM bound", "link bound");
  fmt::print("{:<22}{:>12}{:>12.0f}{:>12.0f}{:>12}   {}\n", "matmul", matmul_end, pe, hbm, "-", hbm > pe ? "HBM" : "PE");
  fmt::print("{:<22}{:>12.0f}{:>12}{:>12.0f}{:>12.0f}   {}\n", "ring all-reduce", ring_cycles, "-", bytes / cfg.hbm_bytes_per_cycle, ring, "link");
  fmt::print("\nPE utilisation {:.1f} %; all-reduce bus bandwidth {:.2f} of {} B/cycle ({:.0f} % of the bound)\n",
             100.0 * out.report["pe_utilization"].get<double>(), ring_cycles > 0 ? ring / ring_cycles * cfg.link_bytes : 0, cfg.link_bytes,
             ring_cycles > 0 ? 100.0 * ring / ring_cycles : 0);
  fmt::print("float64 check: worst error {:.4f} of the bound K x 2^-24 x sum|x w|\n", worst);
  out.report["phases"] = {{"matmul", {{"cycles", matmul_end}, {"pe_bound", pe}, {"hbm_bound", hbm}}},
                          {"all_reduce", {{"cycles", ring_cycles}, {"link_bound", ring}}}};
  out.report["bound_cycles"] = ring;
  if (ring_cycles > 0) out.report["bound_fraction"] = ring / ring_cycles;
  write_report(run, out.report);
  fmt::print("waveform {}\ntimeline {} (open in Perfetto)\nreport   {}\n", options.waves, options.timeline, options.json);
  if (!close) fmt::print("the result is further from the float64 product than the bound allows\n");
  fmt::print("{}\n", out.code == kAgree ? "bit-exact" : "NOT bit-exact");
  return out.code == kAgree && close ? kAgree : kDisagree;
}

}  // namespace tessera::cli
