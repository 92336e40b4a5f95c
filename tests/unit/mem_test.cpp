// SPDX-License-Identifier: Apache-2.0
/// Fabric, read and write server and HBM port together: random requests of every kind against a byte model, hazards,
/// protocol deadlock, throughput and latency.
#include <gtest/gtest.h>

#include "mem_bench.hpp"
#include "mem_traffic.hpp"
#include "tests/seed.hpp"

namespace mem_test {
namespace {

TEST(Mem, RandomTrafficMatchesModel) {
  const std::uint64_t seed = tessera::test::seed();
  std::uint64_t quiet = 0, codes[2][16] = {};
  for (std::uint64_t run = 0; run < 16; ++run) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " run " + std::to_string(run));
    Bench b(seed * 1000 + run);
    Traffic t(b);
    t.randomise();
    t.run(1500);
    b.drain();
    EXPECT_GT(b.answered[0], 200U);
    EXPECT_GT(b.answered[1], 200U);
    quiet += b.quiet_steps;
    for (unsigned k = 0; k < 32; ++k) codes[k / 16][k % 16] += b.codes[k / 16][k % 16];
    if (HasFailure()) return;
  }
  EXPECT_GT(quiet, 100U);
  for (const unsigned code : {kOk, kErrAddress, kErrTile, kErrAxi, kErrRegister}) {
    EXPECT_GT(codes[0][code], 0U) << "read code " << code;
    EXPECT_GT(codes[1][code], 0U) << "write code " << code;
  }
  for (const unsigned code : {kErrDtype, kErrSpace, kErrField}) EXPECT_GT(codes[1][code], 0U) << "write code " << code;
}

/// Reset in the middle of anything: the blocks start again as new.
TEST(Mem, ResetWhileBusy) {
  const std::uint64_t seed = tessera::test::seed();
  Bench b(seed);
  for (std::uint64_t run = 0; run < 30; ++run) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " run " + std::to_string(run));
    Traffic t(b);
    b.axi.bad_read.clear(), b.axi.bad_write.clear();
    t.randomise();
    t.run(20 + b.rnd(100));
    b.reset();
    t.run(100);
    b.drain();
    if (HasFailure()) return;
  }
}

/// Few windows and short packets: adds and writes meet in the pipelines all the time.
TEST(Mem, HazardsOnOneWindow) {
  const std::uint64_t seed = tessera::test::seed();
  for (std::uint64_t run = 0; run < 12; ++run) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " run " + std::to_string(run));
    Bench b(seed * 2000 + run);
    Traffic t(b);
    t.randomise();
    t.windows_per_space = 1;
    t.short_percent = run % 3 == 0 ? 100 : 70;
    t.read_percent = 10;
    t.bad_percent = 2;
    t.away_percent = 5;
    if (run % 2 == 0) t.only_space = static_cast<int>(run / 2 % 3);
    if (run % 4 < 2) b.valid_percent = b.ready_percent = 100;
    t.run(1500);
    b.drain();
    if (HasFailure()) break;
  }
}

Packet request(unsigned kind, unsigned space, std::uint64_t addr, unsigned len, unsigned id) {
  Packet p;
  p.h.kind = kind, p.h.space = space, p.h.addr = addr, p.h.len = len, p.h.id = id;
  p.h.src_x = p.h.dst_x = Bench::kX, p.h.src_y = p.h.dst_y = Bench::kY;
  if (kind == kWrReq) p.data.assign(len, 1);
  return p;
}

/// Requests to the network stand still for ever; requests from the network are served to the last one.
TEST(Mem, ServingNeverWaitsForInjecting) {
  Bench b(tessera::test::seed());
  b.block_tx_req = true;
  for (unsigned n = 0; n < 64; ++n) {  // every initiator stands before the network
    for (const bool write : {false, true}) {
      Packet p = request(write ? kWrReq : kRdReq, kHbm, n * kSeg, kSeg, n);
      p.h.dst_x = 0;
      b.issue_away(write ? b.dma_write : b.dma_read, p, kOk);
    }
  }
  for (unsigned n = 0; n < 5; ++n) {
    Packet p = request(kRdReq, kHbm, n * kSeg, 128, 0x90 + n);
    p.h.dst_x = 0;
    b.issue_away(b.fetch_read, p, kOk);
    p = request(kWrReq, kReg, 4 * n, 4, 0xa0);
    p.h.dst_x = 0;
    b.issue_away(b.sem_write, p, kOk);
  }
  Traffic t(b);
  t.local = false;
  t.away_percent = 0;
  t.run(2000);
  for (std::uint64_t end = b.cycle + 20000; !b.rx_req.queue.empty() && b.cycle < end;) b.step();
  for (int i = 0; i < 2000; ++i) b.step();
  EXPECT_EQ(b.want.size(), 64U * 2 + 5);
  EXPECT_TRUE(b.rx_req.queue.empty());
  b.block_tx_req = false;
  b.drain();
}

/// Responses to the network stand still for a long time; local reads go on, then everything drains.
TEST(Mem, RemoteResponsesDoNotHoldLocalReads) {
  Bench b(tessera::test::seed());
  b.block_tx_rsp = true;
  unsigned id = 0;
  for (unsigned n = 0; n < 200; ++n) {
    Packet p = request(kRdReq, n % 4 == 3 ? kSbuf : kHbm, n % 4 == 3 ? 0 : n * kSeg, kSeg, id);
    p.h.src_x = id / 256, p.h.src_y = 0, p.h.id = id % 256;
    ++id;
    b.issue(b.rx_req, p, kOk);
  }
  for (int i = 0; i < 3000; ++i) b.step();
  EXPECT_EQ(b.answered[0], 0U);
  for (unsigned n = 0; n < 64; ++n)
    b.issue(b.dma_read, request(kRdReq, n % 2 ? kSbuf : kHbm, n % 2 ? 0 : n * kSeg, kSeg, n), kOk);
  for (int i = 0; i < 64 * static_cast<int>(kSeg / kBeat) + 2000; ++i) b.step();
  EXPECT_EQ(b.answered[0], 64U);
  b.block_tx_rsp = false;
  b.drain();
  EXPECT_EQ(b.answered[0], 264U);
}

struct Case {
  const char* what;
  unsigned kind, space;
  std::uint64_t addr;
  unsigned len, op, dtype, code;
};
constexpr std::uint64_t kPart = 1 << 18, kPsumEnd = kCfg.psum_bytes_per_partition();
const Case kCases[] = {
    {"empty read", kRdReq, kHbm, 0, 0, 0, 0, kErrAddress},
    {"empty write", kWrReq, kSbuf, 0, 0, 0, 0, kErrAddress},
    {"end of HBM", kRdReq, kHbm, kCfg.hbm_bytes, 1, 0, 0, kErrAddress},
    {"last byte of HBM", kRdReq, kHbm, kCfg.hbm_bytes - 1, 1, 0, 0, kOk},
    {"far outside HBM", kWrReq, kHbm, 0xffffffffffULL, 1, 0, 0, kErrAddress},
    {"last partition", kWrReq, kSbuf, (kParts - 1) * kPart, 4, 0, 0, kOk},
    {"partition P", kWrReq, kSbuf, kParts* kPart, 4, 0, 0, kErrAddress},
    {"partition P", kRdReq, kPsum, kParts* kPart, 4, 0, 0, kErrAddress},
    {"highest partition", kRdReq, kSbuf, 0xfffffc0000ULL, 4, 0, 0, kErrAddress},
    {"end of SBUF", kRdReq, kSbuf, kPart + kCfg.sbuf_bytes_per_partition, 1, 0, 0, kErrAddress},
    {"end of PSUM", kWrReq, kPsum, kPart + kPsumEnd, 4, 0, 0, kErrAddress},
    {"last bytes of PSUM", kWrReq, kPsum, kPart + kPsumEnd - 4, 4, kAdd, kFp32, kOk},
    {"two segments", kRdReq, kHbm, kSeg - 1, 2, 0, 0, kErrAddress},
    {"two segments", kWrReq, kPsum, kSeg - 4, 8, kMax, kFp32, kErrAddress},
    {"longest length", kRdReq, kSbuf, 0, 2047, 0, 0, kErrAddress},
    {"longest length", kWrReq, kHbm, 0, 2047, 0, 0, kErrAddress},
    {"misaligned fp32 add", kWrReq, kSbuf, 2, 4, kAdd, kFp32, kErrAddress},
    {"misaligned bf16 max", kWrReq, kHbm, 1, 2, kMax, kBf16, kErrAddress},
    {"half a number", kWrReq, kPsum, 0, 6, kAdd, kFp32, kErrAddress},
    {"unknown operation", kWrReq, kHbm, 0, 4, 3, 0, kErrField},
    {"add of bytes", kWrReq, kHbm, 0, 4, kAdd, 2, kErrDtype},
    {"write of unknown type", kWrReq, kHbm, 0, 4, kWrite, 15, kOk},
    {"add to a register", kWrReq, kReg, 0, 4, kAdd, 0, kErrSpace},
    {"wide register", kWrReq, kReg, 0, 8, 0, 0, kErrRegister},
    {"misaligned register", kRdReq, kReg, 2, 4, 0, 0, kErrRegister},
    {"register beyond 64 KiB", kRdReq, kReg, 0x10000, 4, 0, 0, kErrRegister},
    {"register that is not there", kRdReq, kReg, 0x8000, 4, 0, 0, kErrRegister},
    {"register that is not there", kWrReq, kReg, 0xfffc, 4, 0, 0, kErrRegister},
    {"AXI read error", kRdReq, kHbm, 0x5000, kSeg, 0, 0, kErrAxi},
    {"AXI write error", kWrReq, kHbm, 0x6000, kSeg, 0, 0, kErrAxi},
    {"AXI read error under an add", kWrReq, kHbm, 0x5000, kSeg, kAdd, kFp32, kErrAxi},
    {"AXI write error under an add", kWrReq, kHbm, 0x6000, kSeg, kMax, kBf16, kErrAxi},
};

/// One request at a time, of this and of another tile: the code, one pulse of err_o, nothing written.
TEST(Mem, ErrorsAreCodes) {
  Bench b(tessera::test::seed());
  b.axi.bad_read = {0x5000 + kSeg / 2 + 3};
  b.axi.bad_write = {0x6000 + 7};
  std::uint32_t serial = 1;
  for (const bool far : {false, true}) {
    for (const Case& c : kCases) {
      SCOPED_TRACE(std::string(c.what) + (far ? ", remote" : ", local"));
      Packet p = request(c.kind, c.space, c.addr, c.len, 5);
      p.h.op = c.op, p.h.dtype = c.dtype;
      if (far) p.h.src_x = 3, p.h.src_y = 0;
      if (c.space == kReg && p.data.size() == 4) std::memcpy(p.data.data(), &serial, 4), ++serial;
      const std::uint64_t answers = b.codes[c.kind == kWrReq][c.code];
      b.issue(far ? b.rx_req : c.kind == kRdReq ? b.dma_read : b.dma_write, p, c.code);
      b.drain(5000);
      EXPECT_EQ(b.codes[c.kind == kWrReq][c.code], answers + 1);
      if (HasFailure()) return;
    }
  }
}

struct Load {
  unsigned kind;
  bool remote;
  unsigned space, op, offset, len;
  bool shared;
};
struct Rate {
  double beats;
  std::uint64_t latency;
};

/// 400 requests back to back from one source: beats per cycle between the first and the last, and the latency of one
/// alone.
Rate measure(const Load& load) {
  Bench b(7);
  b.axi.latency_min = b.axi.latency_max = kCfg.hbm_latency_cycles;
  b.axi.ready_percent = b.axi.valid_percent = 100;
  b.axi.interleave = false;
  b.axi.shared = load.shared;
  b.check_quiet = 50;
  const bool write = load.kind == kWrReq;
  Source& source = load.remote ? b.rx_req : write ? b.dma_write : b.dma_read;
  const auto make = [&](unsigned n) {
    const std::uint64_t rows = (load.space == kSbuf ? kCfg.sbuf_bytes_per_partition : kPsumEnd) / kSeg;
    const std::uint64_t at = load.space == kHbm ? std::uint64_t{n} * kSeg : n / rows % kParts * kPart + n % rows * kSeg;
    Packet p = request(load.kind, load.space, at + load.offset, load.len, n % 64);
    p.h.op = load.op;
    if (load.remote) p.h.src_x = 0, p.h.src_y = 1;
    for (auto& v : p.data) v = static_cast<std::uint8_t>(b.rng());
    return p;
  };
  b.issue(source, make(0), kOk);
  b.drain();
  Rate r{0, b.ack_latency.back()};
  const std::uint64_t before =
      write ? (load.space == kHbm ? b.axi.w_beats : b.mem_write_beats) : b.read_rsp_beats + b.tx_rsp_beats;
  b.axi.first_w = b.first_mem_write = b.first_answer = 0;
  for (unsigned n = 1; n <= 400; b.step()) {
    while (n <= 400 && source.queue.size() < 9 &&
           b.id_free(write, load.remote ? 0 : Bench::kX, load.remote ? 1 : Bench::kY, n % 64))
      b.issue(source, make(n++), kOk);
  }
  b.drain();
  const std::uint64_t beats =
      (write ? (load.space == kHbm ? b.axi.w_beats : b.mem_write_beats) : b.read_rsp_beats + b.tx_rsp_beats) - before;
  const std::uint64_t first = write ? (load.space == kHbm ? b.axi.first_w : b.first_mem_write) : b.first_answer;
  const std::uint64_t last = write ? (load.space == kHbm ? b.axi.last_w : b.last_mem_write) : b.last_answer;
  r.beats = static_cast<double>(beats) / static_cast<double>(last - first + 1);
  return r;
}

/// Rates are those that docs/interfaces.md and the module headers promise; latencies are exact.
TEST(Mem, ThroughputAndLatency) {
  static const char* const spaces[] = {"HBM", "SBUF", "PSUM"};
  static const char* const ops[] = {"write", "add"};
  constexpr unsigned kBeats = kSeg / kBeat;
  const auto show = [](bool remote, const char* what, unsigned space, const Rate& r, const char* note) {
    std::printf("  %s %-5s %-4s %-14s: %.3f beats/cycle, alone %llu cycles\n", remote ? "remote" : "local ", what,
                spaces[space], note, r.beats, static_cast<unsigned long long>(r.latency));
  };
  for (const bool remote : {false, true}) {
    for (unsigned space = 0; space < 3; ++space) {
      Rate r = measure({kRdReq, remote, space, 0, 0, kSeg, false});
      show(remote, "read", space, r, "segments");
      EXPECT_GE(r.beats, 0.99);
      if (space != kHbm) {
        EXPECT_EQ(r.latency, remote ? 2 * kBeats + 5 : kBeats + 6);
      }
      r = measure({kRdReq, remote, space, 0, 4, kSeg - 4, false});
      show(remote, "read", space, r, "offset 4");
      EXPECT_GE(r.beats, kBeats / (kBeats + 1.0) - 0.01);  // the first beat of memory alone makes no output
      for (unsigned op = 0; op < 2; ++op) {
        r = measure({kWrReq, remote, space, op, 0, kSeg, false});
        show(remote, ops[op], space, r, "segments");
        // An add in HBM is a read and a write of a memory that moves one beat per cycle for both.
        EXPECT_GE(r.beats, space == kHbm && op == kAdd ? 0.5 : 0.99);
        if (space != kHbm) {
          EXPECT_EQ(r.latency, kBeats + (remote ? 8 : 7));
        }
        r = measure({kWrReq, remote, space, op, 4, kSeg - 4, false});
        show(remote, ops[op], space, r, "offset 4");
        EXPECT_GE(r.beats, space == kHbm && op == kAdd ? 0.5 : 0.99);
        r = measure({kWrReq, remote, space, op, 0, kBeat, false});
        show(remote, ops[op], space, r, "single beats");
        if (space != kHbm) {
          EXPECT_GE(r.beats, 0.99);
        }
      }
    }
    const Rate r = measure({kWrReq, remote, kHbm, kAdd, 0, kSeg, true});
    show(remote, "add", kHbm, r, "shared HBM");
    EXPECT_GE(r.beats, 0.45);
  }
}

/// A step of a ring all-reduce: this tile reads its SBUF, sends to the next tile, and is added to by the one before,
/// all at once and each at a beat per cycle.
TEST(Mem, RingStepRunsAtFullRate) {
  constexpr unsigned kCount = 256, kBeats = kSeg / kBeat;
  Bench b(tessera::test::seed());
  b.csr_percent = 100;
  b.reply_max = 60;
  const std::uint64_t rows = kCfg.sbuf_bytes_per_partition / kSeg;
  unsigned reads = 0, sends = 0, adds = 0;
  const std::uint64_t start = b.cycle;
  while (reads < kCount || sends < kCount || adds < kCount) {
    const auto at = [&](unsigned n) { return n / rows % (kParts / 2) * kPart + n % rows * kSeg; };
    while (reads < kCount && b.dma_read.queue.size() < 4 && b.id_free(false, Bench::kX, Bench::kY, reads % 64)) {
      b.issue(b.dma_read, request(kRdReq, kSbuf, kParts / 2 * kPart + at(reads), kSeg, reads % 64), kOk);
      ++reads;
    }
    while (sends < kCount && b.dma_write.queue.size() < 4 && b.id_free(true, Bench::kX, Bench::kY, sends % 64)) {
      Packet p = request(kWrReq, kSbuf, at(sends), kSeg, sends % 64);
      p.h.dst_x = 2, p.h.op = kAdd;
      b.issue_away(b.dma_write, p, kOk);
      ++sends;
    }
    while (adds < kCount && b.rx_req.queue.size() < 4 && b.id_free(true, 0, 2, adds % 64)) {
      Packet p = request(kWrReq, kSbuf, at(adds), kSeg, adds % 64);
      p.h.src_x = 0, p.h.op = kAdd;
      for (auto& v : p.data) v = static_cast<std::uint8_t>(b.rng());
      b.issue(b.rx_req, p, kOk);
      ++adds;
    }
    b.step();
  }
  b.drain();
  const double rate = static_cast<double>(kCount * kBeats) / static_cast<double>(b.last_answer - start);
  std::printf("  three streams, each %.3f beats/cycle\n", rate);
  EXPECT_GE(rate, 0.97);
}

}  // namespace
}  // namespace mem_test
