// SPDX-License-Identifier: Apache-2.0
/// What the DMA tests share: memory servers with random latency, order and back-pressure around tsr_dma, and a simple
/// byte model.
#pragma once
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
#include "sim/verilated_context.hpp"
#include "tests/seed.hpp"
#include "tsr_boundary.hpp"
#include "tsr_cfg.hpp"
#include "tsr_isa.hpp"
#include "verilated.h"

namespace dma_test {

using tessera::isa::Desc;
using tessera::isa::Hdr;
constexpr tessera::Config kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kQueues = kCfg.dma_queues, kSeg = kCfg.dma_segment_bytes, kBeat = kCfg.hbm_bytes_per_cycle;
constexpr unsigned kHbm = 0, kSbuf = 1, kPsum = 2, kReg = 3;
constexpr unsigned kFp32 = 0, kBf16 = 1, kRaw8 = 2;
constexpr unsigned kTileX = 3, kTileY = 2, kMeshX = 250, kMeshY = 249;

inline unsigned bytes_of(unsigned dtype) { return dtype == kFp32 ? 4 : dtype == kBf16 ? 2 : 1; }
inline std::uint64_t key(unsigned x, unsigned y, unsigned space, std::uint64_t addr) {
  return (std::uint64_t{x} << 50) | (std::uint64_t{y} << 42) | (std::uint64_t{space} << 40) | addr;
}
inline std::uint32_t rotl(std::uint32_t v, unsigned n) {
  n %= 32;
  return n == 0 ? v : (v << n) | (v >> (32 - n));
}

/// BF16 nearest even by the host's double arithmetic: the two neighbours are compared by distance.
inline std::uint16_t to_bf16(std::uint32_t bits) {
  float f;
  std::memcpy(&f, &bits, 4);
  if (std::isnan(f)) return 0x7fc0;
  if (std::isinf(f)) return static_cast<std::uint16_t>(bits >> 16);
  const std::uint32_t lo = bits & 0xffff0000U;
  const auto value = [](std::uint32_t b) {  // a code one above the largest finite stands for 2^128
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
  std::map<std::uint64_t, std::uint8_t> bytes;  // destination key -> value
  std::uint32_t sum = 0;
};

struct Update {
  std::uint64_t raw;
};

class Bench {
 public:
  explicit Bench(unsigned seed) : rng(seed) {
    ctx.randReset(2);  // random initial values, derived from the seed
    ctx.randSeed(static_cast<int>(seed));
    dut = std::make_unique<Vtsr_dma>(&ctx);
    dut->rst_ni = 0;
    dut->doorbell_en_i = dut->queue_setup_restart_i = 0;
    for (unsigned q = 0; q < kQueues; ++q) dut->queue_setup_base_i[q] = base(q);
    dut->place_x_i = kTileX;
    dut->place_y_i = kTileY;
    dut->place_mesh_x_i = kMeshX;
    dut->place_mesh_y_i = kMeshY;
    for (int i = 0; i < 4; ++i) step();
    dut->rst_ni = 1;
    for (unsigned q = 0; q < kQueues; ++q) set_ring(q, 64);
  }

  std::mt19937 rng;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_dma> dut;
  std::uint64_t cycle = 0, rd_beats = 0, wr_beats = 0, first_wr = 0, last_wr = 0;
  unsigned latency_min = 1, latency_max = 60, ready_percent = 70, upd_percent = 50;
  bool in_order = false;  // throughput: responses at full rate
  std::unordered_map<std::uint64_t, std::uint8_t> mem;
  std::vector<std::int32_t> sems = std::vector<std::int32_t>(256, 0);
  std::vector<Expected> work[16];
  unsigned committed[16] = {}, updated[16] = {}, ring[16] = {}, size[16] = {}, errors[16] = {};
  unsigned err_code[16] = {}, err_tag[16] = {};
  std::uint64_t err_addr[16] = {};
  std::uint64_t bad_read = ~0ULL, bad_write = ~0ULL;  // keys whose access answers with an error
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
    dut->queue_setup_base_i[q] = base(q);
    dut->queue_setup_size_i[q] = static_cast<std::uint16_t>(n);
    dut->queue_setup_restart_i = static_cast<std::uint8_t>(1U << q);
    step();
    dut->queue_setup_restart_i = 0;
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
    dut->doorbell_en_i = 1;
    dut->doorbell_number_i = static_cast<std::uint8_t>(q);
    dut->doorbell_count_i = n;
    step();
    dut->doorbell_en_i = 0;
  }

  bool busy() const { return dut->queue_status_busy_o != 0 || !reads.empty() || !acks.empty() || out_beat >= 0; }

  void run(std::uint64_t limit) {
    const std::uint64_t end = cycle + limit;
    do step();
    while (busy() && cycle < end);
    for (int i = 0; i < 5; ++i) step();
    EXPECT_FALSE(busy()) << "hang at cycle " << cycle;
    EXPECT_TRUE(dut->quiet_o);
  }

  void step() {
    // Inputs of this cycle
    dut->cycle_i = cycle;
    dut->read_req_ready_i = chance(ready_percent);
    dut->write_req_ready_i = chance(ready_percent);
    dut->queue_sem_upd_ready_i = static_cast<std::uint8_t>(chance(upd_percent) ? rnd(1U << kQueues) : 0);
    if (in_order) dut->queue_sem_upd_ready_i = static_cast<std::uint8_t>((1U << kQueues) - 1);
    drive_response();
    drive_ack();
    for (unsigned q = 0; q < kQueues; ++q)
      dut->queue_sem_value_i[q] = static_cast<std::uint32_t>(sems[dut->queue_sem_wait_o[q]]);
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
  struct Read {
    Hdr h;
    std::uint64_t due;
  };
  struct Ack {
    Hdr h;
    std::uint64_t due;
    std::vector<std::uint8_t> data;
  };
  std::vector<Read> reads;
  std::vector<Ack> acks;
  int out_beat = -1;
  Hdr out;
  std::vector<std::uint8_t> wr;
  bool stalled = false;
  Hdr::Image stalled_hdr{};
  std::vector<std::uint8_t> stalled_data;

  template <typename T>
  static void add(std::vector<std::uint8_t>& v, const T& x) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(&x);
    v.insert(v.end(), p, p + sizeof(T));
  }
  std::vector<std::uint8_t> observe() {
    std::vector<std::uint8_t> v;
    Vtsr_dma& d = *dut;
    add(v, d.read_req_valid_o);
    add(v, d.read_req_o);
    add(v, d.write_req_valid_o);
    add(v, d.write_req_hdr_o);
    add(v, d.write_req_data_o);
    add(v, d.write_req_last_o);
    add(v, d.queue_sem_upd_valid_o);
    add(v, d.queue_status_busy_o);
    add(v, d.queue_status_waiting_o);
    add(v, d.queue_fault_en_o);
    add(v, d.rec_valid_o);
    add(v, d.queue_sem_wait_o);
    add(v, d.queue_sem_upd_o);
    add(v, d.queue_status_wait_value_o);
    add(v, d.queue_status_tag_o);
    add(v, d.queue_done_o);
    add(v, d.queue_fault_code_o);
    add(v, d.queue_fault_addr_o);
    add(v, d.rec_data_o);
    add(v, d.quiet_o);
    return v;
  }

  template <typename W>
  static Hdr unpack(const W& w) {
    return Hdr::unpack({w[0], w[1], w[2], w[3]});
  }

  static Hdr reply(const Hdr& h, unsigned kind, unsigned err) {
    Hdr r = h;
    std::swap(r.dst_x, r.src_x);
    std::swap(r.dst_y, r.src_y);
    r.kind = kind;
    r.err = err;
    return r;
  }

  void drive_response() {
    dut->read_rsp_valid_i = 0;
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
    dut->read_rsp_valid_i = 1;
    const auto image = out.pack();
    for (unsigned w = 0; w < 4; ++w) dut->read_rsp_hdr_i[w] = image[w];
    const unsigned beats = (out.len + kBeat - 1) / kBeat;
    auto* p = reinterpret_cast<std::uint8_t*>(&dut->read_rsp_data_i);
    for (unsigned b = 0; b < kBeat; ++b) {
      const unsigned n = static_cast<unsigned>(out_beat) * kBeat + b;
      p[b] =
          n < out.len ? load(key(out.src_x, out.src_y, out.space, out.addr + n)) : static_cast<std::uint8_t>(rnd(256));
    }
    dut->read_rsp_last_i = static_cast<unsigned>(out_beat) + 1 == beats;
    ++rd_beats;
    out_beat = dut->read_rsp_last_i ? -1 : out_beat + 1;
  }

  void drive_ack() {
    dut->write_ack_valid_i = 0;
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
    for (unsigned w = 0; w < 4; ++w) dut->write_ack_i[w] = image[w];
    dut->write_ack_valid_i = 1;
    acks.erase(acks.begin() + static_cast<std::ptrdiff_t>(i));
  }

  unsigned delay() { return latency_min + (latency_max > latency_min ? rnd(latency_max - latency_min) : 0); }

  void sample() {
    EXPECT_TRUE(dut->read_rsp_ready_o && dut->write_ack_ready_o);
    if (dut->read_req_valid_o && dut->read_req_ready_i) {
      const Hdr h = unpack(dut->read_req_o);
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
    if (dut->write_req_valid_o) {
      const auto* p = reinterpret_cast<const std::uint8_t*>(&dut->write_req_data_o);
      const Hdr h = unpack(dut->write_req_hdr_o);
      if (stalled) {
        EXPECT_EQ(stalled_hdr, h.pack());
        EXPECT_EQ(stalled_data, std::vector<std::uint8_t>(p, p + kBeat));
      }
      stalled = !dut->write_req_ready_i;
      stalled_hdr = h.pack();
      stalled_data.assign(p, p + kBeat);
      if (dut->write_req_ready_i) {
        ++wr_beats;
        if (first_wr == 0) first_wr = cycle;
        last_wr = cycle;
        wr.insert(wr.end(), p, p + kBeat);
        if (dut->write_req_last_o) {
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
      if (dut->queue_sem_upd_valid_o & dut->queue_sem_upd_ready_i & bit) update(q, dut->queue_sem_upd_o[q]);
      if (dut->rec_valid_o & bit) record(q);
      if (dut->queue_fault_en_o & bit) {
        ++errors[q];
        err_code[q] = dut->queue_fault_code_o[q];
        err_tag[q] = dut->queue_fault_tag_o[q];
        err_addr[q] = dut->queue_fault_addr_o[q];
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
    if (e->d.wait_cond == 1) {
      EXPECT_GE(sems[e->d.wait_sem], static_cast<std::int32_t>(e->d.wait_value));
    }
    if (e->d.fence) {
      EXPECT_EQ(e, &work[q][committed[q]]);
    }
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
      for (const auto& [k, v] : work[q][i].bytes)
        ASSERT_EQ(load(k), v) << "data after update, queue " << q << " desc " << i;
    const Desc& d = work[q][updated[q]++].d;
    const std::uint32_t words[2] = {static_cast<std::uint32_t>(raw), static_cast<std::uint32_t>(raw >> 32)};
    const auto got = tessera::sim::SemUpd::unpack(words);
    EXPECT_EQ(got.sem, d.upd_sem);
    EXPECT_EQ(got.op, d.upd_op);
    EXPECT_EQ(got.value, d.upd_value);
    EXPECT_EQ(got.remote, d.upd_remote);
    EXPECT_EQ(got.x, d.upd_x);
    EXPECT_EQ(got.y, d.upd_y);
    if (!d.upd_remote && d.upd_op == 2) sems[d.upd_sem] += static_cast<std::int32_t>(d.upd_value);
  }
  void record(unsigned q) {
    ASSERT_LT(committed[q], work[q].size());
    const Expected& e = work[q][committed[q]];
    const auto r = tessera::sim::Rec::unpack(&dut->rec_data_o[q][0]);
    EXPECT_EQ(r.opcode, 0x80U | e.d.op);
    EXPECT_EQ(r.tag, e.d.tag);
    EXPECT_LT(r.start, r.end);
    EXPECT_LE(r.end, cycle);
    EXPECT_EQ(r.checksum, e.sum) << "tag " << r.tag;
    for (const auto& [k, v] : e.bytes) ASSERT_EQ(load(k), v) << "tag " << r.tag;
    ++committed[q];
    EXPECT_EQ(dut->queue_done_o[q], committed[q]);
  }
};

inline Desc simple(unsigned index, unsigned elems) {
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

}  // namespace dma_test
