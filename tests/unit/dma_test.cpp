// SPDX-License-Identifier: Apache-2.0
/// tsr_dma against memory servers with random latency, order and back-pressure, and a simple byte model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

#include "Vtsr_dma.h"
#include "tsr_cfg.hpp"
#include "tsr_isa.hpp"
#include "verilated.h"

namespace {

using tessera::isa::Desc;
using tessera::isa::Hdr;
constexpr tessera::Config kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kQueues = kCfg.dma_queues, kSeg = kCfg.dma_segment_bytes, kBeat = kCfg.hbm_bytes_per_cycle;
constexpr unsigned kHbm = 0, kSbuf = 1, kPsum = 2, kReg = 3;
constexpr unsigned kFp32 = 0, kBf16 = 1, kRaw8 = 2;
constexpr unsigned kTileX = 3, kTileY = 2, kMeshX = 250, kMeshY = 249;

unsigned bytes_of(unsigned dtype) { return dtype == kFp32 ? 4 : dtype == kBf16 ? 2 : 1; }
std::uint64_t key(unsigned x, unsigned y, unsigned space, std::uint64_t addr) {
  return (std::uint64_t{x} << 50) | (std::uint64_t{y} << 42) | (std::uint64_t{space} << 40) | addr;
}
std::uint32_t rotl(std::uint32_t v, unsigned n) { n %= 32; return n == 0 ? v : (v << n) | (v >> (32 - n)); }

/// BF16 nearest even by the host's double arithmetic: the two neighbours are compared by distance.
std::uint16_t to_bf16(std::uint32_t bits) {
  float f;
  std::memcpy(&f, &bits, 4);
  if (std::isnan(f)) return 0x7fc0;
  if (std::isinf(f)) return static_cast<std::uint16_t>(bits >> 16);
  const std::uint32_t lo = bits & 0xffff0000U;
  const auto value = [](std::uint32_t b) {        // a code one above the largest finite stands for 2^128
    if ((b & 0x7fffffffU) == 0x7f800000U) return std::ldexp(b >> 31 ? -1.0 : 1.0, 128);
    float g;
    std::memcpy(&g, &b, 4);
    return static_cast<double>(g);
  };
  const double below = std::fabs(value(lo) - f), above = std::fabs(value(lo + 0x10000U) - f);
  const bool up = above < below || (above == below && ((lo >> 16) & 1U) != 0);
  return static_cast<std::uint16_t>((lo >> 16) + (up ? 1U : 0U));
}

struct Expected {
  Desc d;
  std::map<std::uint64_t, std::uint8_t> bytes;    // destination key -> value
  std::uint32_t sum = 0;
};

struct Update { std::uint64_t raw; };

class Bench {
 public:
  explicit Bench(unsigned seed) : rng(seed) {
    ctx.randReset(2);                             // random initial values, derived from the seed
    ctx.randSeed(static_cast<int>(seed));
    dut = std::make_unique<Vtsr_dma>(&ctx);
    dut->rst_ni = 0;
    dut->db_valid_i = dut->q_size_we_i = 0;
    for (unsigned q = 0; q < kQueues; ++q) dut->q_base_i[q] = base(q);
    dut->tile_x_i = kTileX;
    dut->tile_y_i = kTileY;
    dut->mesh_x_i = kMeshX;
    dut->mesh_y_i = kMeshY;
    for (int i = 0; i < 4; ++i) step();
    dut->rst_ni = 1;
    for (unsigned q = 0; q < kQueues; ++q) set_ring(q, 64);
  }

  std::mt19937 rng;
  VerilatedContext ctx;
  std::unique_ptr<Vtsr_dma> dut;
  std::uint64_t cycle = 0, rd_beats = 0, wr_beats = 0, first_wr = 0, last_wr = 0;
  unsigned latency_min = 1, latency_max = 60, ready_percent = 70, upd_percent = 50;
  bool in_order = false;                          // throughput: responses at full rate
  std::unordered_map<std::uint64_t, std::uint8_t> mem;
  std::vector<std::int32_t> sems = std::vector<std::int32_t>(256, 0);
  std::vector<Expected> work[16];
  unsigned committed[16] = {}, updated[16] = {}, ring[16] = {}, size[16] = {}, errors[16] = {};
  unsigned err_code[16] = {}, err_tag[16] = {};
  std::uint64_t err_addr[16] = {};
  std::uint64_t bad_read = ~0ULL, bad_write = ~0ULL;   // keys whose access answers with an error
  std::uint64_t quiet_steps = 0;
  bool expect_errors = false;

  unsigned rnd(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(rng); }
  bool chance(unsigned percent) { return rnd(100) < percent; }

  std::uint8_t load(std::uint64_t k) {
    const auto it = mem.find(k);
    if (it != mem.end()) return it->second;
    std::uint64_t h = k * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9ULL;
    return static_cast<std::uint8_t>(h >> 56);
  }

  std::uint64_t base(unsigned q) const { return 0x30000000ULL + q * 0x100000ULL; }
  void set_ring(unsigned q, unsigned n) {
    dut->q_base_i[q] = base(q);
    dut->q_size_i[q] = static_cast<std::uint16_t>(n);
    dut->q_size_we_i = static_cast<std::uint8_t>(1U << q);
    step();
    dut->q_size_we_i = 0;
    size[q] = n;
    ring[q] = 0;
    work[q].clear();
    committed[q] = updated[q] = errors[q] = 0;
  }

  /// Puts a descriptor in the ring and computes what it must do.
  void push(unsigned q, const Desc& d) {
    Expected e;
    e.d = d;
    const unsigned sb = bytes_of(d.src_dtype), db = bytes_of(d.dst_dtype);
    std::uint64_t word = 0;
    const auto dim = [](unsigned n) { return n == 0 ? 1U : n; };
    if (d.row_elems != 0) {
      for (unsigned k = 0; k < dim(d.num3); ++k)
        for (unsigned j = 0; j < dim(d.num2); ++j)
          for (unsigned i = 0; i < dim(d.num1); ++i) {
            const auto at = [&](std::uint64_t a, std::uint32_t s1, std::uint32_t s2, std::uint32_t s3) {
              return a + static_cast<std::int64_t>(static_cast<std::int32_t>(s1)) * i +
                     static_cast<std::int64_t>(static_cast<std::int32_t>(s2)) * j +
                     static_cast<std::int64_t>(static_cast<std::int32_t>(s3)) * k;
            };
            const std::uint64_t s = at(d.src_addr, d.src_step1, d.src_step2, d.src_step3);
            const std::uint64_t t = at(d.dst_addr, d.dst_step1, d.dst_step2, d.dst_step3);
            std::vector<std::uint8_t> seg;
            for (unsigned n = 0; n < d.row_elems; ++n) {
              const std::uint64_t sa = s + std::uint64_t{n} * sb, ta = t + std::uint64_t{n} * db;
              std::uint32_t v = 0;
              for (unsigned b = 0; b < sb; ++b)
                v |= std::uint32_t{load(key(d.src_x, d.src_y, d.src_space, sa + b))} << (8 * b);
              if (d.src_dtype == kFp32 && d.dst_dtype == kBf16) v = to_bf16(v);
              if (d.src_dtype == kBf16 && d.dst_dtype == kFp32) v = (v & 0x7fff) > 0x7f80 ? 0x7fc00000 : v << 16;
              for (unsigned b = 0; b < db; ++b) {
                const auto byte = static_cast<std::uint8_t>(v >> (8 * b));
                e.bytes[key(d.dst_x, d.dst_y, d.dst_space, ta + b)] = byte;
                seg.push_back(byte);
              }
              // A segment ends with the row or where the next element starts a new SegBytes block on either side.
              if (n + 1 == d.row_elems || (sa + sb) % kSeg == 0 || (ta + db) % kSeg == 0) {
                while (seg.size() % 4 != 0) seg.push_back(0);
                for (std::size_t w = 0; w < seg.size(); w += 4) {
                  std::uint32_t x;
                  std::memcpy(&x, &seg[w], 4);
                  e.sum ^= rotl(x, static_cast<unsigned>((7 * word++) % 32));
                }
                seg.clear();
              }
            }
          }
    }
    const auto image = d.pack();
    for (unsigned b = 0; b < 128; ++b)
      mem[key(kTileX, kTileY, kHbm, base(q) + std::uint64_t{ring[q]} * 128 + b)] =
          static_cast<std::uint8_t>(image[b / 4] >> (8 * (b % 4)));
    ring[q] = (ring[q] + 1) % size[q];
    work[q].push_back(std::move(e));
  }

  void doorbell(unsigned q, unsigned n) {
    dut->db_valid_i = 1;
    dut->db_queue_i = static_cast<std::uint8_t>(q);
    dut->db_count_i = n;
    step();
    dut->db_valid_i = 0;
  }

  bool busy() const { return dut->q_busy_o != 0 || !reads.empty() || !acks.empty() || out_beat >= 0; }

  void run(std::uint64_t limit) {
    const std::uint64_t end = cycle + limit;
    do step(); while (busy() && cycle < end);
    for (int i = 0; i < 5; ++i) step();
    EXPECT_FALSE(busy()) << "hang at cycle " << cycle;
    EXPECT_TRUE(dut->quiet_o);
  }

  void step() {
    // Inputs of this cycle
    dut->cycle_i = cycle;
    dut->rdq_ready_i = chance(ready_percent);
    dut->wrq_ready_i = chance(ready_percent);
    dut->upd_ready_i = static_cast<std::uint8_t>(chance(upd_percent) ? rnd(1U << kQueues) : 0);
    if (in_order) dut->upd_ready_i = static_cast<std::uint8_t>((1U << kQueues) - 1);
    drive_response();
    drive_ack();
    for (unsigned q = 0; q < kQueues; ++q) dut->sem_wait_value_i[q] = static_cast<std::uint32_t>(sems[dut->sem_wait_id_o[q]]);
    dut->clk_i = 0;
    dut->eval();
    const bool quiet = dut->quiet_o, reset = !dut->rst_ni;
    const std::vector<std::uint8_t> before = quiet && !reset ? observe() : std::vector<std::uint8_t>{};
    if (!reset) sample();
    dut->clk_i = 1;
    dut->eval();
    if (quiet && !reset) {
      ++quiet_steps;
      EXPECT_EQ(before, observe()) << "quiet but changed at cycle " << cycle;
    }
    ++cycle;
  }

 private:
  struct Read { Hdr h; std::uint64_t due; };
  struct Ack { Hdr h; std::uint64_t due; std::vector<std::uint8_t> data; };
  std::vector<Read> reads;
  std::vector<Ack> acks;
  int out_beat = -1;
  Hdr out;
  std::vector<std::uint8_t> wr;
  bool stalled = false;
  Hdr::Image stalled_hdr{};
  std::vector<std::uint8_t> stalled_data;

  template <typename T> static void add(std::vector<std::uint8_t>& v, const T& x) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(&x);
    v.insert(v.end(), p, p + sizeof(T));
  }
  std::vector<std::uint8_t> observe() {
    std::vector<std::uint8_t> v;
    Vtsr_dma& d = *dut;
    add(v, d.rdq_valid_o); add(v, d.rdq_hdr_o); add(v, d.wrq_valid_o); add(v, d.wrq_hdr_o); add(v, d.wrq_data_o);
    add(v, d.wrq_last_o); add(v, d.upd_valid_o); add(v, d.q_busy_o); add(v, d.q_waiting_o); add(v, d.q_err_valid_o);
    add(v, d.rec_valid_o); add(v, d.sem_wait_id_o); add(v, d.upd_o); add(v, d.q_wait_value_o); add(v, d.q_tag_o);
    add(v, d.q_done_o); add(v, d.q_err_code_o); add(v, d.q_err_addr_o); add(v, d.rec_data_o); add(v, d.quiet_o);
    return v;
  }

  template <typename W> static Hdr unpack(const W& w) { return Hdr::unpack({w[0], w[1], w[2], w[3]}); }

  static Hdr reply(const Hdr& h, unsigned kind, unsigned err) {
    Hdr r = h;
    std::swap(r.dst_x, r.src_x);
    std::swap(r.dst_y, r.src_y);
    r.kind = kind;
    r.err = err;
    return r;
  }

  void drive_response() {
    dut->rdr_valid_i = 0;
    if (out_beat < 0) {
      std::vector<std::size_t> due;
      for (std::size_t i = 0; i < reads.size(); ++i)
        if (reads[i].due <= cycle) due.push_back(i);
      if (!due.empty()) {
        const std::size_t i = in_order ? due[0] : due[rnd(static_cast<unsigned>(due.size()))];
        const Hdr& h = reads[i].h;
        const bool bad = key(h.dst_x, h.dst_y, h.space, h.addr) <= bad_read &&
                         bad_read < key(h.dst_x, h.dst_y, h.space, h.addr) + h.len;
        out = reply(h, 2, bad ? 8 : 0);
        reads.erase(reads.begin() + static_cast<std::ptrdiff_t>(i));
        out_beat = 0;
      }
    }
    if (out_beat < 0 || (!in_order && !chance(80))) return;
    dut->rdr_valid_i = 1;
    const auto image = out.pack();
    for (unsigned w = 0; w < 4; ++w) dut->rdr_hdr_i[w] = image[w];
    const unsigned beats = (out.len + kBeat - 1) / kBeat;
    auto* p = reinterpret_cast<std::uint8_t*>(&dut->rdr_data_i);
    for (unsigned b = 0; b < kBeat; ++b) {
      const unsigned n = static_cast<unsigned>(out_beat) * kBeat + b;
      p[b] = n < out.len ? load(key(out.src_x, out.src_y, out.space, out.addr + n))
                         : static_cast<std::uint8_t>(rnd(256));
    }
    dut->rdr_last_i = static_cast<unsigned>(out_beat) + 1 == beats;
    ++rd_beats;
    out_beat = dut->rdr_last_i ? -1 : out_beat + 1;
  }

  void drive_ack() {
    dut->wrr_valid_i = 0;
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < acks.size(); ++i)
      if (acks[i].due <= cycle) due.push_back(i);
    if (due.empty()) return;
    const std::size_t i = due[rnd(static_cast<unsigned>(due.size()))];
    const Ack& a = acks[i];
    const std::uint64_t k = key(a.h.dst_x, a.h.dst_y, a.h.space, a.h.addr);
    const bool bad = k <= bad_write && bad_write < k + a.h.len;
    if (!bad)
      for (unsigned n = 0; n < a.h.len; ++n) mem[k + n] = a.data[n];
    const auto image = reply(a.h, 3, bad ? 7 : 0).pack();
    for (unsigned w = 0; w < 4; ++w) dut->wrr_hdr_i[w] = image[w];
    dut->wrr_valid_i = 1;
    acks.erase(acks.begin() + static_cast<std::ptrdiff_t>(i));
  }

  unsigned delay() { return latency_min + (latency_max > latency_min ? rnd(latency_max - latency_min) : 0); }

  void sample() {
    EXPECT_TRUE(dut->rdr_ready_o && dut->wrr_ready_o);
    if (dut->rdq_valid_o && dut->rdq_ready_i) {
      const Hdr h = unpack(dut->rdq_hdr_o);
      EXPECT_EQ(h.kind, 0U);
      EXPECT_TRUE(h.src_x == kTileX && h.src_y == kTileY);
      EXPECT_GT(h.len, 0U);
      EXPECT_LE(h.addr % kSeg + h.len, kSeg);
      if (h.id >> 4 == 8) {
        EXPECT_EQ(h.len, 128U);
        EXPECT_TRUE(h.dst_x == kTileX && h.dst_y == kTileY && h.space == kHbm);
      } else {
        check_start(h);
      }
      reads.push_back({h, cycle + delay()});
    }
    if (dut->wrq_valid_o) {
      const auto* p = reinterpret_cast<const std::uint8_t*>(&dut->wrq_data_o);
      const Hdr h = unpack(dut->wrq_hdr_o);
      if (stalled) {
        EXPECT_EQ(stalled_hdr, h.pack());
        EXPECT_EQ(stalled_data, std::vector<std::uint8_t>(p, p + kBeat));
      }
      stalled = !dut->wrq_ready_i;
      stalled_hdr = h.pack();
      stalled_data.assign(p, p + kBeat);
      if (dut->wrq_ready_i) {
        ++wr_beats;
        if (first_wr == 0) first_wr = cycle;
        last_wr = cycle;
        wr.insert(wr.end(), p, p + kBeat);
        if (dut->wrq_last_o) {
          EXPECT_EQ(wr.size(), (h.len + kBeat - 1) / kBeat * kBeat);
          for (std::size_t n = h.len; n < wr.size(); ++n) EXPECT_EQ(wr[n], 0);
          EXPECT_EQ(h.kind, 1U);
          EXPECT_LE(h.addr % kSeg + h.len, kSeg);
          check_write(h);
          acks.push_back({h, cycle + delay(), wr});
          wr.clear();
        }
      }
    } else {
      EXPECT_FALSE(stalled);
    }
    for (unsigned q = 0; q < kQueues; ++q) {
      const unsigned bit = 1U << q;
      if (dut->upd_valid_o & dut->upd_ready_i & bit) update(q, dut->upd_o[q]);
      if (dut->rec_valid_o & bit) record(q);
      if (dut->q_err_valid_o & bit) {
        ++errors[q];
        err_code[q] = dut->q_err_code_o[q];
        err_tag[q] = dut->q_err_tag_o[q];
        err_addr[q] = dut->q_err_addr_o[q];
        EXPECT_TRUE(expect_errors) << "queue " << q << " error " << err_code[q] << " tag " << err_tag[q];
      }
    }
  }

  // The source tile names the descriptor: random tests give each its own.
  const Expected* find(unsigned q, unsigned x, bool source) {
    for (std::size_t i = committed[q]; i < work[q].size(); ++i)
      if ((source ? work[q][i].d.src_x : work[q][i].d.dst_x) == x) return &work[q][i];
    return nullptr;
  }
  void check_start(const Hdr& h) {
    const unsigned q = h.id >> 4;
    ASSERT_LT(q, kQueues);
    const Expected* e = find(q, h.dst_x, true);
    ASSERT_NE(e, nullptr);
    if (e->d.wait_cond == 1) EXPECT_GE(sems[e->d.wait_sem], static_cast<std::int32_t>(e->d.wait_value));
    if (e->d.fence) EXPECT_EQ(e, &work[q][committed[q]]);
  }
  void check_write(const Hdr& h) {
    const Expected* e = find(h.id >> 4, h.dst_x, false);
    ASSERT_NE(e, nullptr);
    EXPECT_EQ(h.op, e->d.op);
    EXPECT_EQ(h.dtype, e->d.dst_dtype);
    EXPECT_EQ(h.space, e->d.dst_space);
  }
  void update(unsigned q, std::uint64_t raw) {
    while (updated[q] < work[q].size() && work[q][updated[q]].d.upd_op == 0) ++updated[q];
    ASSERT_LT(updated[q], work[q].size());
    // All data of this and of all earlier descriptors must be there.
    for (unsigned i = committed[q]; i <= updated[q]; ++i)
      for (const auto& [k, v] : work[q][i].bytes) ASSERT_EQ(load(k), v) << "data after update, queue " << q << " desc " << i;
    const Desc& d = work[q][updated[q]++].d;
    const std::uint64_t want = d.upd_sem | (std::uint64_t{d.upd_op} << 8) | (std::uint64_t{d.upd_value} << 11) |
                               (std::uint64_t{d.upd_remote} << 43) | (std::uint64_t{d.upd_y} << 44) |
                               (std::uint64_t{d.upd_x} << 52);
    EXPECT_EQ(raw, want);
    if (!d.upd_remote && d.upd_op == 2) sems[d.upd_sem] += static_cast<std::int32_t>(d.upd_value);
  }
  void record(unsigned q) {
    ASSERT_LT(committed[q], work[q].size());
    const Expected& e = work[q][committed[q]];
    const auto& r = dut->rec_data_o[q];
    const std::uint32_t opcode = r[0] & 0xff, tag = (r[0] >> 8) & 0xffff;
    const std::uint64_t start = (std::uint64_t{r[0]} >> 24) | (std::uint64_t{r[1]} << 8) | (std::uint64_t{r[2] & 0xff} << 40);
    const std::uint64_t end = (std::uint64_t{r[2]} >> 8) | (std::uint64_t{r[3] & 0xffffff} << 24);
    const std::uint32_t sum = (r[3] >> 24) | (r[4] << 8);
    EXPECT_EQ(opcode, 0x80U | e.d.op);
    EXPECT_EQ(tag, e.d.tag);
    EXPECT_LT(start, end);
    EXPECT_LE(end, cycle);
    EXPECT_EQ(sum, e.sum) << "tag " << tag;
    for (const auto& [k, v] : e.bytes) ASSERT_EQ(load(k), v) << "tag " << tag;
    ++committed[q];
    EXPECT_EQ(dut->q_done_o[q], committed[q]);
  }
};

/// A legal random descriptor; `index` < 100 gives source and destination tiles that nothing else uses.
Desc random_desc(Bench& b, unsigned q, unsigned index) {
  Desc d;
  static const unsigned pairs[][2] = {{kFp32, kFp32}, {kBf16, kBf16}, {kRaw8, kRaw8}, {kFp32, kBf16}, {kBf16, kFp32}};
  const auto* pair = pairs[b.rnd(5)];
  d.src_dtype = pair[0];
  d.dst_dtype = pair[1];
  d.op = d.dst_dtype == kRaw8 ? 0 : b.rnd(3);
  d.tag = b.rnd(65536);
  d.fence = b.chance(20);
  d.src_x = 10 + index;
  d.src_y = 128 + q;
  d.dst_x = 10 + index;
  d.dst_y = 64 + q;
  d.row_elems = b.chance(10) ? 0 : b.chance(50) ? 1 + b.rnd(20) : 1 + b.rnd(400);
  const unsigned n[3] = {b.rnd(4), b.rnd(4), b.rnd(3)};
  d.num1 = n[0];
  d.num2 = n[1];
  d.num3 = n[2];
  const auto side = [&](unsigned bytes, unsigned& space, std::uint64_t& addr, std::uint32_t* steps) {
    const std::uint64_t row = std::uint64_t{std::max(1U, d.row_elems)} * bytes;
    const unsigned dims[3] = {std::max(1U, n[0]), std::max(1U, n[1]), std::max(1U, n[2])};
    const std::uint64_t rows = std::uint64_t{dims[0]} * dims[1] * dims[2];
    const std::uint64_t gap = b.rnd(40) * 4;
    const std::uint64_t pitch = (row + 3) / 4 * 4 + gap;
    space = b.rnd(3);
    const std::uint64_t part = space == kSbuf ? kCfg.sbuf_bytes_per_partition : kCfg.psum_bytes_per_partition();
    std::uint64_t scale = 1, top = 0;
    bool across = false;
    if (space != kHbm) {
      if (rows <= kCfg.partitions && b.chance(50)) across = true;
      else if (pitch * rows + 64 > part) space = kHbm;
    }
    const std::uint64_t unit = across ? std::uint64_t{1} << 18 : pitch;
    std::int64_t origin = 0;
    for (unsigned i = 0; i < 3; ++i) {
      const bool down = b.chance(40);
      const std::int64_t s = static_cast<std::int64_t>(unit * scale) * (down ? -1 : 1);
      steps[i] = static_cast<std::uint32_t>(s);
      if (down) origin -= s * (dims[i] - 1);
      scale *= dims[i];
    }
    top = across ? part - row : space == kHbm ? 0x1000000 : part - pitch * rows;
    if (space == kHbm && b.chance(10)) top = kCfg.hbm_bytes - pitch * rows;
    std::uint64_t at = b.chance(20) ? top : b.rnd(static_cast<unsigned>(std::min<std::uint64_t>(top, 4000)) + 1);
    at = at / bytes * bytes;
    addr = static_cast<std::uint64_t>(origin) + at;
    if (across && b.chance(50) && rows < kCfg.partitions) addr += (kCfg.partitions - rows) * (1ULL << 18);
  };
  std::uint32_t steps[3];
  side(bytes_of(d.src_dtype), d.src_space, d.src_addr, steps);
  d.src_step1 = steps[0];
  d.src_step2 = steps[1];
  d.src_step3 = steps[2];
  side(bytes_of(d.dst_dtype), d.dst_space, d.dst_addr, steps);
  d.dst_step1 = steps[0];
  d.dst_step2 = steps[1];
  d.dst_step3 = steps[2];
  if (b.chance(60)) {
    d.upd_op = 1 + b.rnd(3);
    d.upd_sem = 100 + b.rnd(100);
    d.upd_value = b.rnd(1000);
    d.upd_remote = b.rnd(2);
    d.upd_x = b.rnd(d.upd_remote ? kMeshX + 1 : 256);
    d.upd_y = b.rnd(d.upd_remote ? kMeshY + 1 : 256);
  }
  return d;
}

TEST(Dma, RandomDescriptorsMatchModel) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Bench b(seed);
    b.latency_max = 2 + b.rnd(150);
    b.ready_percent = 30 + b.rnd(71);
    unsigned count[16], waits[16] = {};
    for (unsigned q = 0; q < kQueues; ++q) {
      b.set_ring(q, 30);
      count[q] = 10 + b.rnd(20);
      for (unsigned i = 0; i < count[q]; ++i) {
        Desc d = random_desc(b, q, i);
        if (b.chance(30)) {                       // a semaphore that the bench raises later
          d.wait_cond = 1;
          d.wait_sem = 10 + q;
          d.wait_value = ++waits[q];
        }
        b.push(q, d);
      }
    }
    for (unsigned q = 0; q < kQueues; ++q) {
      b.doorbell(q, count[q] / 2);
      b.doorbell(q, count[q] - count[q] / 2);
    }
    for (unsigned n = 0; n < 40; ++n) {
      for (unsigned i = 0; i < 400; ++i) b.step();
      for (unsigned q = 0; q < kQueues; ++q) ++b.sems[10 + q];
    }
    b.run(400000);
    for (unsigned q = 0; q < kQueues; ++q) {
      EXPECT_EQ(b.committed[q], count[q]);
      EXPECT_EQ(b.dut->q_done_o[q], count[q]);
    }
    EXPECT_GT(b.quiet_steps, 0U);
    if (HasFailure()) break;
  }
}

Desc simple(unsigned index, unsigned elems) {
  Desc d;
  d.src_x = 10 + index;
  d.src_y = 128;
  d.dst_x = 10 + index;
  d.dst_y = 64;
  d.row_elems = elems;
  d.tag = 0x100 + index;
  d.upd_op = 2;
  d.upd_sem = 50;
  d.upd_value = 1;
  return d;
}

TEST(Dma, SemaphoreEqualAndQuietWhileWaiting) {
  Bench b(5);
  Desc d = simple(0, 100);
  d.wait_cond = 2;
  d.wait_sem = 9;
  d.wait_value = static_cast<std::uint32_t>(-4);
  b.push(1, d);
  b.doorbell(1, 1);
  for (int i = 0; i < 500; ++i) b.step();
  EXPECT_TRUE(b.dut->quiet_o);
  EXPECT_EQ(b.dut->q_waiting_o, 2);
  EXPECT_EQ(b.dut->q_wait_sem_o[1], 9);
  EXPECT_EQ(b.dut->q_wait_value_o[1], d.wait_value);
  EXPECT_EQ(b.dut->q_tag_o[1], d.tag);
  b.sems[9] = -4;
  b.run(5000);
  EXPECT_EQ(b.committed[1], 1U);
  EXPECT_EQ(b.sems[50], 1);
}

struct Bad { const char* what; unsigned code; void (*spoil)(Desc&); };
const Bad kBad[] = {
    {"reserved", 9, [](Desc& d) { d.rsv0 = 1; }},
    {"reserved high", 9, [](Desc& d) { d.rsv6 = 8; }},
    {"op", 9, [](Desc& d) { d.op = 3; }},
    {"wait", 9, [](Desc& d) { d.wait_cond = 3; }},
    {"update", 9, [](Desc& d) { d.upd_op = 4; }},
    {"update east of the mesh", 7, [](Desc& d) { d.upd_remote = 1; d.upd_x = kMeshX + 1; }},
    {"update south of the mesh", 7, [](Desc& d) { d.upd_remote = 1; d.upd_y = kMeshY + 1; d.row_elems = 0; }},
    {"dtype", 4, [](Desc& d) { d.src_dtype = d.dst_dtype = 3; }},
    {"raw cast", 4, [](Desc& d) { d.dst_dtype = kRaw8; }},
    {"raw add", 4, [](Desc& d) { d.src_dtype = d.dst_dtype = kRaw8; d.op = 1; }},
    {"source register", 5, [](Desc& d) { d.src_space = kReg; }},
    {"wide register write", 5, [](Desc& d) { d.dst_space = kReg; }},
    {"misaligned source", 3, [](Desc& d) { d.src_addr = 2; }},
    {"misaligned destination", 3, [](Desc& d) { d.dst_dtype = kBf16; d.dst_addr = 1; }},
    {"misaligned step", 3, [](Desc& d) { d.num1 = 3; d.src_step1 = 0x402; d.dst_step1 = 0x400; }},
    {"partition", 3, [](Desc& d) { d.src_space = kSbuf; d.src_addr = std::uint64_t{kCfg.partitions} << 18; }},
    {"partition by step", 3, [](Desc& d) { d.dst_space = kPsum; d.num1 = kCfg.partitions + 1; d.dst_step1 = 1 << 18; d.src_step1 = 400; }},
    {"SBUF end", 3, [](Desc& d) { d.dst_space = kSbuf; d.dst_addr = kCfg.sbuf_bytes_per_partition - 396; }},
    {"PSUM end", 3, [](Desc& d) { d.src_space = kPsum; d.src_addr = kCfg.psum_bytes_per_partition() - 396; }},
    {"HBM end", 3, [](Desc& d) { d.src_addr = kCfg.hbm_bytes - 396; }},
    {"below zero", 3, [](Desc& d) { d.num1 = 2; d.dst_step1 = static_cast<std::uint32_t>(-400); d.src_step1 = 400; }},
};

TEST(Dma, ErrorsStopOneQueueOnly) {
  Bench b(9);
  b.expect_errors = true;
  for (const Bad& bad : kBad) {
    SCOPED_TRACE(bad.what);
    b.set_ring(0, 8);
    b.set_ring(1, 8);
    b.sems[50] = 0;
    b.push(0, simple(0, 100));
    Desc d = simple(1, 100);
    bad.spoil(d);
    // The model must not follow a bad descriptor far: only its header counts here.
    b.push(0, d);
    b.push(0, simple(2, 100));
    b.doorbell(0, 3);
    b.push(1, simple(3, 50));
    b.doorbell(1, 1);
    b.run(20000);
    EXPECT_EQ(b.errors[0], 1U);
    EXPECT_EQ(b.err_code[0], bad.code);
    EXPECT_EQ(b.err_tag[0], d.tag);
    EXPECT_EQ(b.committed[0], 1U);
    EXPECT_EQ(b.errors[1], 0U);
    EXPECT_EQ(b.committed[1], 1U);
    EXPECT_EQ(b.sems[50], 2);
  }
}

TEST(Dma, WorkWithoutRingIsAnError) {
  Bench b(11);
  b.expect_errors = true;
  for (const unsigned before : {0U, 40U}) {       // at once and after the restart has ended
    b.set_ring(0, 0);
    for (unsigned i = 0; i < before; ++i) b.step();
    b.doorbell(0, 2);
    b.run(2000);
    EXPECT_EQ(b.errors[0], 1U);
    EXPECT_EQ(b.err_code[0], 11U);
    EXPECT_EQ(b.err_tag[0], 0U);
    EXPECT_EQ(b.err_addr[0], b.base(0));
    EXPECT_EQ(b.rd_beats, 0U);
    EXPECT_TRUE(b.dut->quiet_o);
  }
  b.set_ring(0, 2);                               // the queue works again after a restart
  b.push(0, simple(0, 300));
  b.doorbell(0, 1);
  b.run(5000);
  EXPECT_EQ(b.committed[0], 1U);
}

// An error that arises in the cycle of the restart is cleared by it; one cycle earlier it is reported.
TEST(Dma, RestartInTheCycleOfAnError) {
  for (unsigned delay = 0; delay < 80; ++delay) {
    SCOPED_TRACE("restart " + std::to_string(delay) + " cycles after the doorbell");
    Bench b(12);
    b.expect_errors = true;
    b.in_order = true;
    b.latency_min = b.latency_max = 20;
    b.ready_percent = 100;
    b.set_ring(0, 8);
    Desc d = simple(0, 100);
    d.op = 3;
    b.push(0, d);
    b.doorbell(0, 1);
    for (unsigned i = 0; i < delay; ++i) b.step();
    const unsigned before = b.errors[0];
    b.dut->q_size_we_i = 1;
    b.step();
    b.dut->q_size_we_i = 0;
    const unsigned with = b.errors[0];            // reported while the restart is written: cleared with it by the CSRs
    b.run(3000);
    EXPECT_LE(before, with);
    EXPECT_EQ(b.errors[0], with) << "the error is reported after the restart";
  }
}

TEST(Dma, ErrorResponses) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Bench b(seed);
    b.expect_errors = true;
    for (const bool write : {false, true}) {
      b.set_ring(0, 8);
      b.sems[50] = 0;
      for (unsigned i = 0; i < 4; ++i) {
        Desc d = simple(i, 1500);
        d.upd_value = 1;
        b.push(0, d);
      }
      const std::uint64_t at = 2000;
      b.bad_read = write ? ~0ULL : key(12, 128, kHbm, at);
      b.bad_write = write ? key(12, 64, kHbm, at) : ~0ULL;
      b.doorbell(0, 4);
      b.run(40000);
      EXPECT_EQ(b.errors[0], 1U);
      EXPECT_EQ(b.err_code[0], write ? 7U : 8U);
      EXPECT_EQ(b.err_tag[0], 0x102U);
      EXPECT_EQ(b.err_addr[0], at / kSeg * kSeg);
      EXPECT_EQ(b.committed[0], 2U);
      EXPECT_EQ(b.sems[50], 2);
      // The queue works again after a restart.
      b.bad_read = b.bad_write = ~0ULL;
      b.set_ring(0, 8);
      b.push(0, simple(20, 300));
      b.doorbell(0, 1);
      b.run(20000);
      EXPECT_EQ(b.committed[0], 1U);
    }
  }
}

TEST(Dma, RestartWhileRunning) {
  Bench b(3);
  for (unsigned n = 0; n < 20; ++n) {
    b.set_ring(2, 8);
    const unsigned count = 1 + b.rnd(6);
    for (unsigned i = 0; i < count; ++i) b.push(2, simple(i, 200 + b.rnd(800)));
    b.doorbell(2, count);
    const unsigned steps = b.rnd(400);
    const auto old = b.work[2];
    for (unsigned i = 0; i < steps; ++i) b.step();
    // Keep the model's list until the old work has drained.
    b.dut->q_size_we_i = 4;
    b.step();
    b.dut->q_size_we_i = 0;
    b.run(20000);
  }
  b.set_ring(2, 8);
  b.push(2, simple(30, 500));
  b.doorbell(2, 1);
  b.run(20000);
  EXPECT_EQ(b.committed[2], 1U);
}

TEST(Dma, ThroughputIsPrinted) {
  const auto measure = [](unsigned queues, unsigned row, unsigned rows, unsigned src, unsigned dst) {
    Bench b(1);
    b.in_order = true;
    b.latency_min = b.latency_max = 100;
    b.ready_percent = 100;
    for (unsigned q = 0; q < queues; ++q) {
      Desc d = simple(q, row / bytes_of(src));
      d.src_y += q;
      d.src_dtype = src;
      d.dst_dtype = dst;
      d.num1 = rows;
      d.src_step1 = row;
      d.dst_step1 = row / bytes_of(src) * bytes_of(dst);
      d.upd_op = 0;
      b.push(q, d);
      b.doorbell(q, 1);
    }
    b.run(100000);
    std::printf("  queues %u row %4u B src %u dst %u: %.3f destination beats/cycle\n", queues, row, src, dst,
                static_cast<double>(b.wr_beats) / static_cast<double>(b.last_wr - b.first_wr + 1));
  };
  measure(1, 4096, 16, kFp32, kFp32);
  measure(1, kSeg, 256, kFp32, kFp32);
  measure(1, 64, 512, kFp32, kFp32);
  measure(4, 64, 256, kFp32, kFp32);
  measure(4, kSeg, 64, kFp32, kFp32);
  measure(1, 4096, 16, kBf16, kFp32);
  measure(1, 4096, 16, kFp32, kBf16);
}

}  // namespace
