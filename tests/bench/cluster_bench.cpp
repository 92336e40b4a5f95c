// SPDX-License-Identifier: Apache-2.0
// Runs one scenario of scripts/bench.py on RTL and prints its figures as one JSON object.
//
// usage: cluster_bench SCENARIO [key=value ...]
//   matmul     HBM to HBM, every tile its block (mn)   m n k; active=1: only tile (0, 0) has work
//   resident   the same product in SBUF, one tile      m n k
//   busy       PE never waits, one tile                blocks: output blocks of P x 512, K = 512 each
//   allreduce  ring, FP32 sum                          elems residence=hbm|sbuf
//   hop        4-byte copies to a neighbour and to the tile `distance` hops to the east
// common: config mesh=WxH backend=stitched|monolithic threads skip=on|off|check
//
// A scenario is a list of jobs on one cluster, back to back; one of them is measured, those before it bring operands
// into place, those after it bring results back to be checked. Models are built before the first of them.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/gemm.hpp"
#include "sim/cluster.hpp"
#include "workloads/arrays.hpp"
#include "workloads/collective.hpp"
#include "workloads/matmul.hpp"
#include "workloads/program.hpp"

namespace {

using namespace tessera;
using nlohmann::json;

class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 2; i < argc; ++i) {
      const std::string text = argv[i];
      const auto equal = text.find('=');
      if (equal == std::string::npos) throw std::invalid_argument("'" + text + "' is not key=value");
      values_[text.substr(0, equal)] = text.substr(equal + 1);
    }
  }
  std::string text(const std::string& key, const std::string& otherwise) const {
    const auto found = values_.find(key);
    return found == values_.end() ? otherwise : found->second;
  }
  std::uint32_t number(const std::string& key, std::uint32_t otherwise) const {
    return static_cast<std::uint32_t>(std::stoul(text(key, std::to_string(otherwise))));
  }

 private:
  std::map<std::string, std::string> values_;
};

void check(bool good, const std::string& sentence) {
  if (!good) throw std::runtime_error(sentence);
}

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// A cluster and the jobs that run on it one after the other.
class Bench {
 public:
  explicit Bench(const Arguments& arguments) : cluster_(options(arguments)) {
    cluster_.host(0).read(isa::reg::kEngStatus, [](std::uint32_t, unsigned) {});
    finish(cluster_.run());  // builds the models
  }

  [[nodiscard]] const Config& config() const { return cluster_.config(); }
  [[nodiscard]] std::uint32_t tiles() const { return cluster_.tiles(); }

  sim::RunResult run(isa::ProgramBuilder&& program, std::uint64_t data_end) {
    const auto image = workloads::image_of(cluster_.config(), std::move(program), data_end);
    for (std::uint32_t t = 0; t < image.tiles.size(); ++t) {
      for (const auto& block : image.tiles[t].hbm) cluster_.hbm(t).place(block.address, block.bytes);
      drive(cluster_.host(t), image.tiles[t]);
    }
    return finish(cluster_.run());
  }
  /// The job whose figures are printed.
  json measure(isa::ProgramBuilder&& program, std::uint64_t data_end) {
    const double before = cpu_seconds();
    result = run(std::move(program), data_end);
    const double cpu = cpu_seconds() - before;
    const std::uint64_t edges = result.tile_cycles - result.skipped_tile_cycles;
    return {{"cycles", result.last_record - result.first_start},
            {"host_seconds", result.host_seconds},
            {"cpu_seconds", cpu},
            {"tile_cycles", result.tile_cycles},
            {"evaluated_tile_cycles", edges},
            {"signature", fmt::format("{:016x}", result.signature)}};
  }
  template <class Word>
  std::vector<Word> read(std::uint32_t tile, std::uint64_t address, std::size_t count) {
    std::vector<std::uint8_t> bytes(count * sizeof(Word));
    cluster_.hbm(tile).read(address, bytes);
    std::vector<Word> words(count);
    std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
  }

  sim::RunResult result;

 private:
  static sim::ClusterOptions options(const Arguments& arguments) {
    sim::ClusterOptions o;
    o.config = arguments.text("config", "p32");
    const std::string mesh = arguments.text("mesh", "1x1"), skip = arguments.text("skip", "on");
    check(std::sscanf(mesh.c_str(), "%ux%u", &o.width, &o.height) == 2, "mesh must be WxH");
    o.monolithic = arguments.text("backend", "stitched") == "monolithic";
    o.threads = arguments.number("threads", 1);
    o.skip = skip == "off" ? sim::Skip::kOff : skip == "check" ? sim::Skip::kCheck : sim::Skip::kOn;
    return o;
  }
  static sim::RunResult finish(sim::RunResult done) {
    check(done.ok, done.error);
    return done;
  }
  static void drive(sim::Host& host, const isa::TileImage& tile) {
    const auto put = [&](std::uint16_t address, std::uint64_t value) {
      host.write(address, static_cast<std::uint32_t>(value));
    };
    for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
      const auto& queue = tile.queues[q];
      if (queue.ring_size == 0) continue;
      put(isa::reg::at(isa::reg::kQBase, q), queue.ring_base);
      put(isa::reg::at(isa::reg::kQBaseHi, q), queue.ring_base >> 32);
      put(isa::reg::at(isa::reg::kQSize, q), queue.ring_size);
    }
    for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
      if (!tile.start_pc[e]) continue;
      put(isa::reg::at(isa::reg::kEngPc, e), *tile.start_pc[e]);
      put(isa::reg::at(isa::reg::kEngPcHi, e), *tile.start_pc[e] >> 32);
    }
    for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
      if (tile.queues[q].doorbell > 0) put(isa::reg::at(isa::reg::kQDoorbell, q), tile.queues[q].doorbell);
    }
    for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
      if (tile.start_pc[e]) put(isa::reg::at(isa::reg::kEngStart, e), 1);
    }
  }

  sim::Cluster cluster_;
};

/// Items [first, last) of a list.
struct Range {
  std::size_t first = 0, last = ~std::size_t{0};
};
/// What of each tile's work runs in a job of its own.
struct Part {
  std::function<bool(std::uint32_t tile)> engines = [](std::uint32_t) { return false; };
  std::function<Range(std::uint32_t tile, std::uint32_t queue)> descriptors;
};
isa::ProgramBuilder pick(isa::ProgramBuilder& whole, const Part& part) {
  isa::ProgramBuilder some(whole.width(), whole.height());
  for (std::uint32_t t = 0; t < whole.tiles(); ++t) {
    isa::TileCode &from = whole.tile(t), &to = some.tile(t);
    for (unsigned e = 0; e < isa::kNumEngines && part.engines(t); ++e) {
      const auto engine = static_cast<isa::Engine>(e);
      for (const auto& item : from.engine(engine).items()) to.engine(engine).emit_raw(item);
    }
    for (std::uint32_t q = 0; q < from.queues(); ++q) {
      const auto range = part.descriptors ? part.descriptors(t, q) : Range{0, 0};
      const auto items = from.queue(q).items();
      for (std::size_t i = range.first; i < std::min(range.last, items.size()); ++i) to.queue(q).emit_raw(items[i]);
      if (to.queue_size(q) != 0) to.queue(q).doorbell_all();
    }
  }
  return some;
}
/// All descriptors of some queues.
Part queues(std::vector<std::uint32_t> list) {
  Part part;
  part.descriptors = [list = std::move(list)](std::uint32_t, std::uint32_t q) {
    return std::find(list.begin(), list.end(), q) == list.end() ? Range{0, 0} : Range{};
  };
  return part;
}

// Small integers: every order of addition gives the same sum, so results can be checked by any loop.
std::vector<std::uint16_t> small_integers(std::uint64_t count, std::uint64_t seed) {
  std::vector<std::uint16_t> codes(count);
  const auto values = workloads::normal_values(seed, count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const float v = static_cast<float>(static_cast<int>(values[i] * 4));
    std::uint32_t bits = 0;
    std::memcpy(&bits, &v, 4);
    codes[i] = static_cast<std::uint16_t>(bits >> 16);
  }
  return codes;
}

float value(std::uint16_t code) {
  const std::uint32_t bits = std::uint32_t{code} << 16;
  float v = 0;
  std::memcpy(&v, &bits, 4);
  return v;
}

struct Product {
  std::uint32_t m, n, k;
  std::vector<std::uint16_t> a, b;
  explicit Product(const Arguments& arguments)
      : m(arguments.number("m", 64)),
        n(arguments.number("n", 64)),
        k(arguments.number("k", 64)),
        a(small_integers(std::uint64_t{m} * k, 1)),
        b(small_integers(std::uint64_t{k} * n, 2)) {}
  // Some elements of C of every tile with work.
  void check_result(Bench& bench, const workloads::MatmulJob& job, std::uint32_t active) const {
    for (std::uint32_t t = 0; t < active; ++t) {
      const auto& s = job.shares[t];
      for (std::uint32_t row = s.m0; row < s.m1; row += 7) {
        const auto got = bench.read<float>(t, s.c + (row - s.m0) * s.ldc, s.n1 - s.n0);
        for (std::uint32_t col = s.n0; col < s.n1; col += 11) {
          float sum = 0;
          for (std::uint32_t i = 0; i < k; ++i)
            sum += value(a[std::uint64_t{row} * k + i]) * value(b[std::uint64_t{i} * n + col]);
          check(sum == got[col - s.n0],
                fmt::format("C[{}, {}] is {} and should be {}", row, col, got[col - s.n0], sum));
        }
      }
    }
  }
};

json matmul(const Arguments& arguments) {
  Bench bench(arguments);
  const Product p(arguments);
  std::uint32_t width = 1, height = 1;
  std::sscanf(arguments.text("mesh", "1x1").c_str(), "%ux%u", &width, &height);
  auto job = workloads::build_matmul(bench.config(), width, height, {}, p.m, p.n, p.k, p.a, p.b);
  const std::uint32_t active = std::min(arguments.number("active", bench.tiles()), bench.tiles());
  for (std::uint32_t t = active; t < bench.tiles(); ++t) job.program.tile(t) = isa::TileCode(job.program.tile(t).at());
  json out = bench.measure(std::move(job.program), job.result_end);
  p.check_result(bench, job, active);
  out["macs"] = std::uint64_t{p.m} * p.n * p.k * active / bench.tiles();
  return out;
}

json resident(const Arguments& arguments) {
  Bench bench(arguments);
  const Product p(arguments);
  workloads::MatmulVariant variant;
  variant.residence = workloads::Residence::kSbuf;
  auto job = workloads::build_matmul(bench.config(), 1, 1, variant, p.m, p.n, p.k, p.a, p.b);
  namespace queue = kernels::queue;
  Part engines;
  engines.engines = [](std::uint32_t) { return true; };
  auto work = pick(job.program, engines), store = pick(job.program, queues({queue::kStore}));
  auto stage = pick(job.program, queues({queue::kLoadA, queue::kLoadB[0]}));
  stage.tile(0).data_of(job.program.tile(0));
  bench.run(std::move(stage), job.result_end);
  json out = bench.measure(std::move(work), job.result_end);
  bench.run(std::move(store), job.result_end);
  p.check_result(bench, job, 1);
  out["macs"] = std::uint64_t{p.m} * p.n * p.k;
  return out;
}

// One tile whose PE never waits: resident A [K, P] and B [K, 512], the same output block again and again, new weights
// for every K block, DVE and ACT taking turns to empty PSUM. PE, DVE and ACT are the units that work; DMA and network
// rest.
json busy(const Arguments& arguments) {
  constexpr std::uint32_t kColumns = kernels::kColumns, kBanks = kernels::kPsumBanks, kDepth = 512;
  Bench bench(arguments);
  const Config& cfg = bench.config();
  const std::uint32_t p = cfg.partitions, blocks = arguments.number("blocks", 4), k_blocks = kDepth / p;
  const std::uint32_t a_row = p * 2, b_row = kColumns * 2, b_base = k_blocks * a_row,
                      c_base = b_base + k_blocks * b_row;
  check(c_base + kColumns * 4 <= cfg.sbuf_bytes_per_partition, "operands do not fit in SBUF");
  const auto a = small_integers(std::uint64_t{kDepth} * p, 1), b = small_integers(std::uint64_t{kDepth} * kColumns, 2);
  const std::uint64_t b_at = round_up(a.size() * 2, 4096), c_at = round_up(b_at + b.size() * 2, 4096);
  isa::ProgramBuilder stage(1, 1), work(1, 1), store(1, 1);
  namespace queue = kernels::queue;
  const auto rows = [&](bool to_sbuf, std::uint64_t hbm, std::uint32_t sbuf, std::uint32_t elems, isa::Dtype dtype) {
    isa::Desc d;
    d.src_dtype = d.dst_dtype = static_cast<std::uint32_t>(dtype);
    d.row_elems = elems, d.num1 = p;
    const std::uint32_t hbm_step = elems * isa::elem_bytes(static_cast<std::uint32_t>(dtype)),
                        sbuf_step = 1U << kernels::kPartitionShift;
    d.src_space = static_cast<std::uint32_t>(to_sbuf ? isa::Space::kHbm : isa::Space::kSbuf);
    d.dst_space = static_cast<std::uint32_t>(to_sbuf ? isa::Space::kSbuf : isa::Space::kHbm);
    d.src_addr = to_sbuf ? hbm : sbuf, d.dst_addr = to_sbuf ? sbuf : hbm;
    d.src_step1 = to_sbuf ? hbm_step : sbuf_step, d.dst_step1 = to_sbuf ? sbuf_step : hbm_step;
    return d;
  };
  for (std::uint32_t kb = 0; kb < k_blocks; ++kb) {
    stage.tile(0)
        .queue(queue::kLoadA)
        .push(rows(true, std::uint64_t{kb} * p * p * 2, kb * a_row, p, isa::Dtype::kBf16));
    stage.tile(0)
        .queue(queue::kLoadB[0])
        .push(
            rows(true, b_at + std::uint64_t{kb} * p * kColumns * 2, b_base + kb * b_row, kColumns, isa::Dtype::kBf16));
  }
  store.tile(0).queue(queue::kStore).push(rows(false, c_at, c_base, kColumns, isa::Dtype::kFp32));

  namespace sem = kernels::sem;
  using kernels::operand;
  auto& tile = work.tile(0);
  for (std::uint32_t i = 0; i < blocks; ++i) {
    const std::uint32_t bank = i % kBanks * kColumns * 4;
    if (i >= kBanks) {
      auto freed = kernels::instr(isa::Opcode::kNop);
      tile.engine(isa::Engine::kPe).push(kernels::wait_ge(freed, sem::kEvacuated + i % 2, (i - kBanks) / 2 + 1));
    }
    for (std::uint32_t kb = 0; kb < k_blocks; ++kb) {
      auto w = kernels::instr(isa::Opcode::kLdweights), mm = kernels::instr(isa::Opcode::kMatmul);
      w.nparts = mm.nparts = mm.imm0 = p, mm.flags = kb == 0 ? 0 : 1;
      w.src0 = operand(isa::Space::kSbuf, isa::Dtype::kBf16, 0, kb * a_row, {{1, p}});
      mm.src0 = operand(isa::Space::kSbuf, isa::Dtype::kBf16, 0, b_base + kb * b_row, {{1, kColumns}});
      mm.dst = operand(isa::Space::kPsum, isa::Dtype::kFp32, 0, bank, {{1, kColumns}});
      if (kb + 1 == k_blocks) kernels::then_inc(mm, sem::kSummed + i % 2);
      tile.engine(isa::Engine::kPe).push(w);
      tile.engine(isa::Engine::kPe).push(mm);
    }
    auto copy = kernels::instr(i % 2 != 0 ? isa::Opcode::kActivate : isa::Opcode::kTensorCopy);
    copy.nparts = p;
    if (i % 2 != 0) copy.imm0 = 0x3f800000, copy.imm1 = 0x80000000, copy.scalar_en = 1;  // x * 1 + -0
    copy.src0 = operand(isa::Space::kPsum, isa::Dtype::kFp32, 0, bank, {{1, kColumns}});
    copy.dst = operand(isa::Space::kSbuf, isa::Dtype::kFp32, 0, c_base, {{1, kColumns}});
    kernels::wait_ge(copy, sem::kSummed + i % 2, i / 2 + 1);
    tile.engine(i % 2 != 0 ? isa::Engine::kAct : isa::Engine::kDve)
        .push(kernels::then_inc(copy, sem::kEvacuated + i % 2));
  }
  for (auto* part : {&stage, &work, &store}) part->seal();
  const std::uint64_t end = c_at + std::uint64_t{p} * kColumns * 4;
  stage.tile(0).hbm(0, a);
  stage.tile(0).hbm(b_at, b);
  bench.run(std::move(stage), end);
  json out = bench.measure(std::move(work), end);
  bench.run(std::move(store), end);
  for (std::uint32_t row = 0; row < p; row += 5) {
    const auto got = bench.read<float>(0, c_at + std::uint64_t{row} * kColumns * 4, kColumns);
    for (std::uint32_t col = 0; col < kColumns; col += 13) {
      float sum = 0;
      for (std::uint32_t i = 0; i < kDepth; ++i)
        sum += value(a[std::uint64_t{i} * p + row]) * value(b[std::uint64_t{i} * kColumns + col]);
      check(sum == got[col], fmt::format("C[{}, {}] is {} and should be {}", row, col, got[col], sum));
    }
  }
  out["macs"] = std::uint64_t{blocks} * p * kColumns * kDepth;
  return out;
}

json allreduce(const Arguments& arguments) {
  Bench bench(arguments);
  const std::uint32_t ranks = bench.tiles(), elems = arguments.number("elems", 16384);
  std::uint32_t width = 1, height = 1;
  std::sscanf(arguments.text("mesh", "1x1").c_str(), "%ux%u", &width, &height);
  std::vector<float> x(std::uint64_t{ranks} * elems);
  for (std::uint64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 2654435761U >> 7) % 1000);
  std::vector<std::uint8_t> bytes(x.size() * 4);
  std::memcpy(bytes.data(), x.data(), bytes.size());
  const bool sbuf = arguments.text("residence", "hbm") == "sbuf";
  auto job = workloads::build_all_reduce(bench.config(), width, height, isa::Dtype::kFp32, isa::DmaOp::kAdd,
                                         sbuf ? workloads::Residence::kSbuf : workloads::Residence::kHbm, elems, bytes);
  // Three jobs: to SBUF, the ring, back to HBM. From HBM to HBM only the second has anything to do.
  const auto descriptors = [&](auto first, auto last) {
    Part part;
    part.descriptors = [=](std::uint32_t t, std::uint32_t) { return Range{first(t), last(t)}; };
    return pick(job.program, part);
  };
  const auto all = [](std::size_t at) { return [at](std::uint32_t) { return at; }; };
  const auto ring_end = [&](std::uint32_t t) -> std::size_t { return job.ring_end[t]; };
  auto before = descriptors(all(0), all(job.ring_first)), ring = descriptors(all(job.ring_first), ring_end);
  auto back = descriptors(ring_end, all(~std::size_t{0}));
  for (std::uint32_t t = 0; t < ranks; ++t) (sbuf ? before : ring).tile(t).data_of(job.program.tile(t));
  if (sbuf) bench.run(std::move(before), job.end);
  json out = bench.measure(std::move(ring), job.end);
  if (sbuf) bench.run(std::move(back), job.end);
  for (std::uint32_t t = 0; t < ranks; ++t) {
    const auto got = bench.read<float>(t, job.result, elems);
    for (std::uint32_t i = 0; i < elems; ++i) {
      float sum = 0;
      for (std::uint32_t r = 0; r < ranks; ++r) sum += x[std::uint64_t{r} * elems + i];
      check(got[i] == sum, fmt::format("element {} on tile {} is {} and should be {}", i, t, got[i], sum));
    }
  }
  out["bound_cycles"] = workloads::ring_bound_cycles(bench.config(), ranks, std::uint64_t{elems} * 4);
  return out;
}

// Round trips of one 4-byte write from tile (0, 0): request there, response back.
json hop(const Arguments& arguments) {
  const std::uint32_t distance = arguments.number("distance", 7);
  Bench bench(arguments);
  check(distance >= 2 && distance < bench.tiles(), "distance must be 2 ... tiles - 1");
  isa::ProgramBuilder program(bench.tiles(), 1);
  for (const std::uint32_t to : {1U, distance}) {
    isa::Desc d;
    d.row_elems = 1, d.fence = 1;
    d.dst_x = to;
    d.src_space = static_cast<std::uint32_t>(isa::Space::kHbm);
    d.dst_space = static_cast<std::uint32_t>(isa::Space::kSbuf);
    d.tag = to;
    for (unsigned i = 0; i < 2; ++i) program.tile(0).queue(0).emit(d);
  }
  program.tile(0).hbm(0, std::vector<std::uint8_t>(64));
  program.seal();
  json out = bench.measure(std::move(program), 4096);
  std::map<std::uint32_t, std::uint64_t> cycles;  // the second of each pair: everything before it has settled
  for (const auto& r : bench.result.records) {
    if (r.source == isa::kNumEngines) cycles[r.tag] = r.end - r.start;
  }
  out["near_cycles"] = cycles[1], out["far_cycles"] = cycles[distance];
  out["cycles_per_hop"] = static_cast<double>(cycles[distance] - cycles[1]) / (2.0 * (distance - 1));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, json (*)(const Arguments&)> scenarios{
      {"matmul", matmul}, {"resident", resident}, {"busy", busy}, {"allreduce", allreduce}, {"hop", hop}};
  const auto found = scenarios.find(argc > 1 ? argv[1] : "");
  if (found == scenarios.end()) {
    fmt::print(stderr, "usage: cluster_bench matmul|resident|busy|allreduce|hop [key=value ...]\n");
    return 2;
  }
  try {
    fmt::print("{}\n", found->second(Arguments(argc, argv)).dump());
    return 0;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "cluster_bench {}: {}\n", argv[1], problem.what());
    return 1;
  }
}
