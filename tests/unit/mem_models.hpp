// SPDX-License-Identifier: Apache-2.0
/// Models around tsr_serve: byte memories, add and max on the host's floats, an AXI subordinate, packet ends.
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

#include "Vtsr_serve.h"
#include "tsr_cfg.hpp"
#include "tsr_isa.hpp"

namespace mem_test {

using tessera::isa::Hdr;
using Bytes = std::vector<std::uint8_t>;
using Rng = std::mt19937_64;
constexpr tessera::Config kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kSeg = kCfg.dma_segment_bytes, kBeat = kCfg.hbm_bytes_per_cycle, kParts = kCfg.partitions;
constexpr unsigned kQueues = kCfg.dma_queues;
constexpr unsigned kHbm = 0, kSbuf = 1, kPsum = 2, kReg = 3;
constexpr unsigned kWrite = 0, kAdd = 1, kMax = 2, kFp32 = 0, kBf16 = 1;
constexpr unsigned kRdReq = 0, kWrReq = 1, kRdRsp = 2, kWrRsp = 3;
constexpr unsigned kReqDesc = 8, kReqFetch = 9, kReqSem = 10;
constexpr unsigned kOk = 0, kErrAddress = 3, kErrDtype = 4, kErrSpace = 5, kErrTile = 7, kErrAxi = 8, kErrField = 9,
                   kErrRegister = 10;

struct Packet {
  Hdr h;
  Bytes data;  // empty: no payload
};

inline std::uint64_t mix(std::uint64_t h) {
  h *= 0x9e3779b97f4a7c15ULL;
  h ^= h >> 29;
  h *= 0xbf58476d1ce4e5b9ULL;
  return h ^ (h >> 32);
}

/// All memories of the tile, in windows of one segment; contents never written follow from the address.
struct Image {
  std::unordered_map<std::uint64_t, std::array<std::uint8_t, kSeg>> windows;
  static std::uint64_t base(unsigned space, std::uint64_t addr) {
    return (std::uint64_t{space} << 40) | (addr / kSeg * kSeg);
  }
  std::array<std::uint8_t, kSeg>& window(std::uint64_t at) {
    const auto [it, fresh] = windows.try_emplace(at);
    if (fresh) {
      for (unsigned n = 0; n < kSeg; n += 4) {  // finite numbers of like size: sums round, maxima differ
        const auto v = static_cast<std::uint32_t>(mix(at + n) & 0x81ffffffU) | 0x3e000000U;
        std::memcpy(&it->second[n], &v, 4);
      }
    }
    return it->second;
  }
  std::uint8_t& byte(unsigned space, std::uint64_t addr) { return window(base(space, addr))[addr % kSeg]; }
};

inline float as_float(std::uint32_t v) {
  float f;
  std::memcpy(&f, &v, 4);
  return f;
}
inline std::uint32_t as_bits(float f) {
  std::uint32_t v;
  std::memcpy(&v, &f, 4);
  return v;
}

/// Add or max of two binary32 codes: NaN wins and is 7FC00000, -0 < +0.
inline std::uint32_t combine32(unsigned op, std::uint32_t d, std::uint32_t s) {
  const float a = as_float(d), b = as_float(s);
  if (std::isnan(a) || std::isnan(b)) return 0x7fc00000U;
  if (op == kAdd) {
    const float sum = a + b;
    return std::isnan(sum) ? 0x7fc00000U : as_bits(sum);
  }
  if (a == b) return std::signbit(a) ? s : d;
  return a > b ? d : s;
}
/// bfloat16: one rounding from the binary32 result to nearest even.
inline std::uint16_t combine16(unsigned op, std::uint16_t d, std::uint16_t s) {
  const std::uint32_t r = combine32(op, std::uint32_t{d} << 16, std::uint32_t{s} << 16);
  if (std::isnan(as_float(r))) return 0x7fc0;
  const std::uint32_t low = r & 0xffffU, up = r >> 16;
  return static_cast<std::uint16_t>(up + ((low > 0x8000U || (low == 0x8000U && (up & 1U))) ? 1U : 0U));
}

/// Value of a register read; the bus refuses addresses with bit 15.
inline std::uint32_t register_value(unsigned addr) { return static_cast<std::uint32_t>(mix(addr + 77)); }

/// Offers packets beat by beat: valid does not wait for ready, the payload stands until it is taken.
struct Source {
  std::deque<Packet> queue;
  std::size_t beat = 0;
  bool offered = false;
  bool offer(Rng& rng, unsigned percent) {
    if (!queue.empty() && (offered || rng() % 100 < percent)) offered = true;
    return offered;
  }
  std::size_t beats() const { return queue.front().data.empty() ? 1 : (queue.front().data.size() + kBeat - 1) / kBeat; }
  bool last() const { return beat + 1 == beats(); }
  /// Bytes past the payload are noise.
  void fill(void* to, Rng& rng) const {
    auto* p = static_cast<std::uint8_t*>(to);
    for (unsigned b = 0; b < kBeat; ++b) {
      const std::size_t n = beat * kBeat + b;
      p[b] = n < queue.front().data.size() ? queue.front().data[n] : static_cast<std::uint8_t>(rng());
    }
  }
  void taken() {
    offered = false;
    if (last())
      queue.pop_front(), beat = 0;
    else
      ++beat;
  }
};

/// Puts the beats of one stream together.
struct Collector {
  std::vector<Hdr> heads;
  Bytes data;
  /// True when the packet is complete: `heads` of every beat and `data` of all beats.
  bool add(const Hdr& h, const void* beat, bool last) {
    if (done) heads.clear(), data.clear();
    heads.push_back(h);
    const auto* p = static_cast<const std::uint8_t*>(beat);
    data.insert(data.end(), p, p + kBeat);
    return done = last;
  }
  bool done = true;
};

/// AXI4 subordinate in front of the HBM image. Reads sample memory when accepted or when sent, writes commit when
/// complete or with their response; responses of the two ids are in any order, their read beats may interleave.
class Axi {
 public:
  Axi(Image& image, Rng& rng) : image_(image), rng_(rng) {}
  unsigned latency_min = 1, latency_max = 60, ready_percent = 70, valid_percent = 80;
  bool early_read = false, late_write = true, interleave = true,
       shared = false;  // shared: a read or a write beat per cycle
  enum class Aw { kAny, kAfterW, kBeforeW } aw_mode = Aw::kAny;
  std::set<std::uint64_t> bad_read, bad_write;  // byte addresses that answer with an error
  std::uint64_t r_beats = 0, w_beats = 0, first_w = 0, last_w = 0;
  /// Forgets what is in flight, with a reset of the manager.
  void reset() {
    for (unsigned id = 0; id < 2; ++id) reads_[id].clear(), acks_[id].clear();
    pending_.clear(), ids_.clear();
    aw_next_ = w_next_ = aws_ = ws_ = 0;
    r_held_ = b_held_ = r_locked_ = false;
  }
  bool idle() const {
    return reads_[0].empty() && reads_[1].empty() && pending_.empty() && acks_[0].empty() && acks_[1].empty();
  }

  void drive(Vtsr_serve& d, std::uint64_t cycle) {
    d.hbm_axi_arready = chance(ready_percent);
    const std::size_t aw_done = aws_, w_done = ws_;
    d.hbm_axi_awready = chance(ready_percent) && (aw_mode != Aw::kAfterW || aw_done < w_done);
    d.hbm_axi_wready =
        chance(ready_percent) && (!shared || cycle % 2 == 0) && (aw_mode != Aw::kBeforeW || aw_done > w_done);
    if (!r_held_) {
      d.hbm_axi_rvalid = 0;
      std::vector<unsigned> due;
      for (unsigned id = 0; id < 2; ++id)
        if (!reads_[id].empty() && reads_[id].front().due <= cycle) due.push_back(id);
      if (r_locked_) due = {r_id_};
      if (!due.empty() && chance(valid_percent) && (!shared || cycle % 2 == 1)) {
        r_id_ = due[rng_() % due.size()];
        Burst& b = reads_[r_id_].front();
        const std::uint64_t at = b.addr + std::uint64_t{b.beat} * kBeat;
        Bytes line(kBeat);
        for (unsigned n = 0; n < kBeat; ++n)
          line[n] = early_read ? b.data[b.beat * kBeat + n] : image_.byte(kHbm, at + n);
        std::memcpy(&d.hbm_axi_rdata, line.data(), kBeat);
        d.hbm_axi_rvalid = 1;
        d.hbm_axi_rid = static_cast<std::uint8_t>(r_id_);
        d.hbm_axi_rlast = b.beat == b.len;
        d.hbm_axi_rresp = hit(bad_read, at, kBeat) ? 2 + rng_() % 2 : 0;
        r_locked_ = !interleave && !d.hbm_axi_rlast;
      }
    }
    if (!b_held_) {
      d.hbm_axi_bvalid = 0;
      std::vector<unsigned> due;
      for (unsigned id = 0; id < 2; ++id)
        if (!acks_[id].empty() && acks_[id].front().due <= cycle) due.push_back(id);
      if (!due.empty() && chance(valid_percent)) {
        const unsigned id = due[rng_() % due.size()];
        Burst& b = acks_[id].front();
        if (late_write) commit(b);
        d.hbm_axi_bvalid = 1;
        d.hbm_axi_bid = static_cast<std::uint8_t>(id);
        d.hbm_axi_bresp = b.bad ? 2 + rng_() % 2 : 0;
      }
    }
  }
  /// Before the clock edge.
  void sample(Vtsr_serve& d, std::uint64_t cycle) {
    if (d.hbm_axi_arvalid && d.hbm_axi_arready) {
      Burst b{d.hbm_axi_araddr, d.hbm_axi_arlen, cycle + delay(), 0, false, {}, {}};
      if (early_read)
        for (unsigned n = 0; n < (b.len + 1U) * kBeat; ++n) b.data.push_back(image_.byte(kHbm, b.addr + n));
      reads_[d.hbm_axi_arid & 1].push_back(std::move(b));
    }
    if (d.hbm_axi_awvalid && d.hbm_axi_awready) {
      ++aws_;
      while (pending_.size() <= aw_next_) pending_.emplace_back();
      pending_[aw_next_].addr = d.hbm_axi_awaddr;
      pending_[aw_next_].len = d.hbm_axi_awlen;
      ids_.push_back(d.hbm_axi_awid & 1);
      ++aw_next_;
    }
    if (d.hbm_axi_wvalid && d.hbm_axi_wready) {
      ++w_beats;
      if (first_w == 0) first_w = cycle;
      last_w = cycle;
      while (pending_.size() <= w_next_) pending_.emplace_back();
      Burst& b = pending_[w_next_];
      const auto* p = reinterpret_cast<const std::uint8_t*>(&d.hbm_axi_wdata);
      const auto* strb = reinterpret_cast<const std::uint8_t*>(&d.hbm_axi_wstrb);
      b.data.insert(b.data.end(), p, p + kBeat);
      for (unsigned n = 0; n < kBeat; ++n) b.strb.push_back((strb[n / 8] >> (n % 8)) & 1);
      if (d.hbm_axi_wlast) ++w_next_, ++ws_;
    }
    while (aw_next_ != 0 && w_next_ != 0) {  // the oldest burst has its address and all its data
      Burst b = std::move(pending_.front());
      pending_.pop_front();
      const unsigned id = ids_.front();
      ids_.pop_front();
      --aw_next_, --w_next_;
      b.due = cycle + delay();
      b.bad = hit(bad_write, b.addr, (b.len + 1U) * kBeat);
      if (!late_write) commit(b);
      acks_[id].push_back(std::move(b));
    }
    r_held_ = d.hbm_axi_rvalid && !d.hbm_axi_rready;
    if (d.hbm_axi_rvalid && d.hbm_axi_rready) {
      ++r_beats;
      Burst& b = reads_[r_id_].front();
      if (b.beat++ == b.len) reads_[r_id_].pop_front();
    }
    b_held_ = d.hbm_axi_bvalid && !d.hbm_axi_bready;
    if (d.hbm_axi_bvalid && d.hbm_axi_bready) acks_[d.hbm_axi_bid].pop_front();
  }

 private:
  struct Burst {
    std::uint64_t addr = 0;
    unsigned len = 0;
    std::uint64_t due = 0;
    unsigned beat = 0;
    bool bad = false;
    Bytes data, strb;
  };
  Image& image_;
  Rng& rng_;
  std::deque<Burst> reads_[2], acks_[2], pending_;
  std::deque<unsigned> ids_;
  std::size_t aw_next_ = 0, w_next_ = 0, aws_ = 0, ws_ = 0;
  unsigned r_id_ = 0;
  bool r_held_ = false, b_held_ = false, r_locked_ = false;

  bool chance(unsigned percent) { return rng_() % 100 < percent; }
  std::uint64_t delay() { return latency_min + (latency_max > latency_min ? rng_() % (latency_max - latency_min) : 0); }
  static bool hit(const std::set<std::uint64_t>& bad, std::uint64_t at, std::uint64_t n) {
    const auto it = bad.lower_bound(at);
    return it != bad.end() && *it < at + n;
  }
  void commit(const Burst& b) {
    if (b.bad) return;
    for (std::size_t n = 0; n < b.data.size(); ++n)
      if (b.strb[n]) image_.byte(kHbm, b.addr + n) = b.data[n];
  }
};

}  // namespace mem_test
