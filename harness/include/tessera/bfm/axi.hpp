// SPDX-License-Identifier: Apache-2.0
/// AXI4 memory, AXI4-Lite manager and a monitor for both.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tessera/bfm/base.hpp"

namespace tessera {

/// Pins of an AXI port by their types; TSR_AXI_PINS fills one from `dut.<prefix>_awid` and so on.
template <unsigned Id, unsigned Addr, unsigned Data>
struct AxiPins {
  Signal<Id> awid;
  Signal<Addr> awaddr;
  Signal<8> awlen;
  Signal<1> awvalid, awready;
  Signal<Data> wdata;
  Signal<Data / 8> wstrb;
  Signal<1> wlast, wvalid, wready;
  Signal<Id> bid;
  Signal<2> bresp;
  Signal<1> bvalid, bready;
  Signal<Id> arid;
  Signal<Addr> araddr;
  Signal<8> arlen;
  Signal<1> arvalid, arready;
  Signal<Id> rid;
  Signal<Data> rdata;
  Signal<2> rresp;
  Signal<1> rlast, rvalid, rready;
};
template <unsigned Addr, unsigned Data>
struct AxiLitePins {
  Signal<Addr> awaddr;
  Signal<3> awprot;
  Signal<1> awvalid, awready;
  Signal<Data> wdata;
  Signal<Data / 8> wstrb;
  Signal<1> wvalid, wready;
  Signal<2> bresp;
  Signal<1> bvalid, bready;
  Signal<Addr> araddr;
  Signal<3> arprot;
  Signal<1> arvalid, arready;
  Signal<Data> rdata;
  Signal<2> rresp;
  Signal<1> rvalid, rready;
};

enum : unsigned { kAxiOkay = 0, kAxiSlaveError = 2, kAxiDecodeError = 3 };

/// One burst as the memory saw it.
struct AxiBurst {
  bool write = false;
  unsigned id = 0, length = 0;  ///< length in beats
  std::uint64_t address = 0;
  unsigned response = kAxiOkay;
  friend bool operator==(const AxiBurst&, const AxiBurst&) = default;
};

struct AxiMemoryOptions {
  unsigned ready_percent = 100;  ///< of clocks in which a ready is up
  unsigned latency = 0;          ///< added to every response, 0 … latency-1 clocks at random; 0: none
  std::uint64_t stream = 20;     ///< of the test's generator
};

/// AXI4 subordinate with sparse memory on any design whose ports are `<prefix>_awvalid` and so on: AxiMemory(clk,
/// TSR_AXI_PINS(dut, hbm_axi)). INCR bursts of the full data width; responses in order; unwritten bytes read as 0. A
/// burst over a border of 4 KiB and a wlast in the wrong place fail the test.
template <class Pins>
class AxiMemory : public std::enable_shared_from_this<AxiMemory<Pins>> {
 public:
  static constexpr unsigned kBytes = decltype(Pins::wdata)::kWidth / 8;
  AxiMemory(const Signal<1>& clk, const Pins& pins, AxiMemoryOptions options = AxiMemoryOptions())
      : clk_(clk), pins_(pins), options_(options), rng_(rng(options.stream)) {}

  void write(std::uint64_t address, const std::vector<std::uint8_t>& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) memory_[address + i] = bytes[i];
  }
  [[nodiscard]] std::vector<std::uint8_t> read(std::uint64_t address, std::size_t count) const {
    std::vector<std::uint8_t> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = load(address + i);
    return out;
  }
  [[nodiscard]] const std::vector<AxiBurst>& bursts() const { return bursts_; }
  /// Beats that touch these bytes are answered with `response`: read beats one by one, a write burst as a whole;
  /// nothing is read or written there.
  void refuse(std::uint64_t address, std::uint64_t count, unsigned response = kAxiSlaveError) {
    refused_.push_back({address, count, response});
  }

  /// Call while in reset, before start().
  void idle() const {
    pins_.awready = 0;
    pins_.wready = 0;
    pins_.bvalid = 0;
    pins_.bid = 0;
    pins_.bresp = 0;
    pins_.arready = 0;
    pins_.rvalid = 0;
    pins_.rid = 0;
    pins_.rdata = 0;
    pins_.rresp = 0;
    pins_.rlast = 0;
  }
  void start() { start_soon(serve(this->shared_from_this())); }

 private:
  struct Waiting {
    std::uint64_t when;
    unsigned id;
    std::uint64_t address;
    unsigned beats;
    unsigned response = kAxiOkay;
  };
  struct Refused {
    std::uint64_t address, count;
    unsigned response;
  };
  static void check_page(std::uint64_t address, unsigned beats) {
    if (address % 4096 + std::uint64_t{beats} * kBytes > 4096)
      throw AssertionError("AXI: a burst crosses a border of 4 KiB");
  }
  [[nodiscard]] unsigned response_at(std::uint64_t beat) const {
    for (const Refused& r : refused_)
      if (beat < r.address + r.count && r.address < beat + kBytes) return r.response;
    return kAxiOkay;
  }
  static Coro<void> serve(std::shared_ptr<AxiMemory> m) { co_await m->serve_clocks(); }
  [[nodiscard]] std::uint8_t load(std::uint64_t a) const {
    const auto it = memory_.find(a);
    return it == memory_.end() ? 0 : it->second;
  }
  std::uint64_t when() { return clock_ + (options_.latency ? rng_.below(options_.latency) : 0); }

  Coro<void> serve_clocks() {
    bool awready = false, wready = false, arready = false, bvalid = false, rvalid = false;
    while (true) {
      co_await RisingEdge(clk_);
      ++clock_;
      if (awready && pins_.awvalid.value() == 1) {
        aw_.push_back({0, static_cast<unsigned>(pins_.awid.value().to_unsigned()), pins_.awaddr.value().to_unsigned(),
                       static_cast<unsigned>(pins_.awlen.value().to_unsigned()) + 1, kAxiOkay});
      }
      if (wready && pins_.wvalid.value() == 1) {
        const bool last = pins_.wlast.value() == 1;
        w_.push_back({pins_.wdata.value(), pins_.wstrb.value(), last});
        if (last) ++complete_;
      }
      if (complete_ > 0 && !aw_.empty()) commit();
      if (bvalid && pins_.bready.value() == 1) bvalid = false;
      if (rvalid && pins_.rready.value() == 1) rvalid = false;
      if (arready && pins_.arvalid.value() == 1) {
        const auto id = static_cast<unsigned>(pins_.arid.value().to_unsigned());
        const auto beats = static_cast<unsigned>(pins_.arlen.value().to_unsigned()) + 1;
        const std::uint64_t address = pins_.araddr.value().to_unsigned();
        check_page(address, beats);
        unsigned response = kAxiOkay;
        for (unsigned beat = 0; beat < beats && response == kAxiOkay; ++beat)
          response = response_at(address + std::uint64_t{beat} * kBytes);
        bursts_.push_back({false, id, beats, address, response});
        r_.push_back({when(), id, address, beats, kAxiOkay});
      }
      if (!bvalid && !b_.empty() && b_.front().when <= clock_) {
        pins_.bid = b_.front().id;
        pins_.bresp = b_.front().response;
        b_.pop_front();
        bvalid = true;
      }
      if (!rvalid && !r_.empty() && r_.front().when <= clock_) {
        Waiting& burst = r_.front();
        const unsigned response = response_at(burst.address);
        Bits<kBytes * 8> data;
        for (unsigned i = 0; i < kBytes && response == kAxiOkay; ++i)
          data.set(Range(static_cast<int>(8 * i + 7), static_cast<int>(8 * i)), load(burst.address + i));
        pins_.rdata = data;
        pins_.rid = burst.id;
        pins_.rresp = response;
        pins_.rlast = burst.beats == 1;
        burst.address += kBytes;
        if (--burst.beats == 0) r_.pop_front();
        rvalid = true;
      }
      pins_.bvalid = bvalid;
      pins_.rvalid = rvalid;
      awready = rng_.chance(options_.ready_percent);
      wready = rng_.chance(options_.ready_percent);
      arready = rng_.chance(options_.ready_percent);
      pins_.awready = awready;
      pins_.wready = wready;
      pins_.arready = arready;
    }
  }

  /// The oldest address with its beats.
  void commit() {
    const Waiting burst = aw_.front();
    aw_.pop_front();
    --complete_;
    check_page(burst.address, burst.beats);
    unsigned response = kAxiOkay;
    for (unsigned beat = 0; beat < burst.beats; ++beat) {
      if (w_.empty()) throw AssertionError("AXI: a write burst has fewer beats than its address says");
      const auto [data, strobe, last] = w_.front();
      w_.pop_front();
      if (last != (beat + 1 == burst.beats)) throw AssertionError("AXI: wlast is not on the last beat of its burst");
      const unsigned refused = response_at(burst.address + std::uint64_t{beat} * kBytes);
      if (refused != kAxiOkay) response = refused;
      if (refused != kAxiOkay) continue;
      const auto bytes = data.to_bytes(ByteOrder::little);
      for (unsigned i = 0; i < kBytes; ++i)
        if (strobe[static_cast<int>(i)]) memory_[burst.address + std::uint64_t{beat} * kBytes + i] = bytes[i];
    }
    bursts_.push_back({true, burst.id, burst.beats, burst.address, response});
    b_.push_back({when(), burst.id, 0, 0, response});
  }

  Signal<1> clk_;
  Pins pins_;
  AxiMemoryOptions options_;
  SplitMix64 rng_;
  std::uint64_t clock_ = 0;
  unsigned complete_ = 0;
  std::deque<Waiting> aw_, b_, r_;
  struct WriteBeat {
    Bits<kBytes * 8> data;
    Bits<kBytes> strobe;
    bool last;
  };
  std::deque<WriteBeat> w_;
  std::unordered_map<std::uint64_t, std::uint8_t> memory_;
  std::vector<AxiBurst> bursts_;
  std::vector<Refused> refused_;
};

/// AXI4-Lite manager: one access at a time, in the order of the calls. RuntimeError for an error response.
template <class Pins>
class AxiLiteManager {
 public:
  AxiLiteManager(const Signal<1>& clk, const Pins& pins) : clk_(clk), pins_(pins) {}
  /// Call while in reset.
  void idle() const {
    pins_.awvalid = 0;
    pins_.awaddr = 0;
    pins_.awprot = 0;
    pins_.wvalid = 0;
    pins_.wdata = 0;
    pins_.wstrb = 0;
    pins_.bready = 0;
    pins_.arvalid = 0;
    pins_.araddr = 0;
    pins_.arprot = 0;
    pins_.rready = 0;
  }
  Coro<void> write(std::uint64_t address, std::uint32_t data, unsigned strobe = 15) {
    const auto held = co_await lock_.scoped();
    bool aw = true, w = true;
    pins_.awvalid = 1;
    pins_.awaddr = address;
    pins_.wvalid = 1;
    pins_.wdata = data;
    pins_.wstrb = strobe;
    pins_.bready = 1;
    while (true) {
      co_await RisingEdge(clk_);
      if (aw && pins_.awready.value() == 1) {
        pins_.awvalid = 0;
        aw = false;
      }
      if (w && pins_.wready.value() == 1) {
        pins_.wvalid = 0;
        w = false;
      }
      if (pins_.bvalid.value() == 1) break;
    }
    pins_.bready = 0;
    if (pins_.bresp.value() != 0) throw RuntimeError("AXI4-Lite write to " + std::to_string(address) + " failed");
  }
  Coro<std::uint32_t> read(std::uint64_t address) {
    const auto held = co_await lock_.scoped();
    bool ar = true;
    pins_.arvalid = 1;
    pins_.araddr = address;
    pins_.rready = 1;
    while (true) {
      co_await RisingEdge(clk_);
      if (ar && pins_.arready.value() == 1) {
        pins_.arvalid = 0;
        ar = false;
      }
      if (pins_.rvalid.value() == 1) break;
    }
    const auto data = static_cast<std::uint32_t>(pins_.rdata.value().to_unsigned());
    pins_.rready = 0;
    if (pins_.rresp.value() != 0) throw RuntimeError("AXI4-Lite read of " + std::to_string(address) + " failed");
    co_return data;
  }

 private:
  Signal<1> clk_;
  Pins pins_;
  Lock lock_;
};

/// One transfer of an AXI or AXI4-Lite channel; what a channel has no field for is 0.
struct AxiTransfer {
  unsigned id = 0, length = 0;  ///< length in beats
  std::uint64_t address = 0;
  std::string data;  ///< hexadecimal
  std::uint64_t strobe = 0;
  unsigned last = 0, response = 0;
  friend bool operator==(const AxiTransfer&, const AxiTransfer&) = default;
  friend std::ostream& operator<<(std::ostream& os, const AxiTransfer& t) {
    return os << "id=" << t.id << " length=" << t.length << " address=" << t.address << " data=" << t.data
              << " strobe=" << t.strobe << " last=" << t.last << " response=" << t.response;
  }
};

/// Watches the five channels of an AXI or AXI4-Lite port without driving them: every transfer in the order of its
/// channel.
template <class Pins>
class AxiMonitor : public std::enable_shared_from_this<AxiMonitor<Pins>> {
 public:
  AxiMonitor(const Signal<1>& clk, const Pins& pins) : clk_(clk), pins_(pins) {}
  std::vector<AxiTransfer> aw, w, b, ar, r;
  void start() { start_soon(serve(this->shared_from_this())); }

 private:
  static constexpr bool kLite = !requires(const Pins& p) { p.awid; };
  static Coro<void> serve(std::shared_ptr<AxiMonitor> m) { co_await m->run(); }
  static bool both(const Signal<1>& valid, const Signal<1>& ready) { return valid.value() == 1 && ready.value() == 1; }
  template <unsigned W>
  static unsigned number(const Signal<W>& s) {
    return static_cast<unsigned>(s.value().to_unsigned());
  }
  Coro<void> run() {
    while (true) {
      co_await RisingEdge(clk_);
      sample();
    }
  }
  void sample() {
    if (both(pins_.awvalid, pins_.awready)) {
      AxiTransfer& t = aw.emplace_back();
      t.address = pins_.awaddr.value().to_unsigned();
      if constexpr (!kLite) {
        t.id = number(pins_.awid);
        t.length = number(pins_.awlen) + 1;
      }
    }
    if (both(pins_.wvalid, pins_.wready)) {
      AxiTransfer& t = w.emplace_back();
      t.data = pins_.wdata.value().hex();
      t.strobe = pins_.wstrb.value().to_unsigned();
      if constexpr (!kLite) t.last = number(pins_.wlast);
    }
    if (both(pins_.bvalid, pins_.bready)) {
      AxiTransfer& t = b.emplace_back();
      t.response = number(pins_.bresp);
      if constexpr (!kLite) t.id = number(pins_.bid);
    }
    if (both(pins_.arvalid, pins_.arready)) {
      AxiTransfer& t = ar.emplace_back();
      t.address = pins_.araddr.value().to_unsigned();
      if constexpr (!kLite) {
        t.id = number(pins_.arid);
        t.length = number(pins_.arlen) + 1;
      }
    }
    if (both(pins_.rvalid, pins_.rready)) {
      AxiTransfer& t = r.emplace_back();
      t.data = pins_.rdata.value().hex();
      t.response = number(pins_.rresp);
      if constexpr (!kLite) {
        t.id = number(pins_.rid);
        t.last = number(pins_.rlast);
      }
    }
  }
  Signal<1> clk_;
  Pins pins_;
};

}  // namespace tessera

#define TSR_AXI_PINS(d, p)                                                                                          \
  ::tessera::AxiPins<decltype(d.p##_awid)::kWidth, decltype(d.p##_awaddr)::kWidth, decltype(d.p##_wdata)::kWidth> { \
    d.p##_awid, d.p##_awaddr, d.p##_awlen, d.p##_awvalid, d.p##_awready, d.p##_wdata, d.p##_wstrb, d.p##_wlast,     \
        d.p##_wvalid, d.p##_wready, d.p##_bid, d.p##_bresp, d.p##_bvalid, d.p##_bready, d.p##_arid, d.p##_araddr,   \
        d.p##_arlen, d.p##_arvalid, d.p##_arready, d.p##_rid, d.p##_rdata, d.p##_rresp, d.p##_rlast, d.p##_rvalid,  \
        d.p##_rready                                                                                                \
  }
#define TSR_AXIL_PINS(d, p)                                                                                         \
  ::tessera::AxiLitePins<decltype(d.p##_awaddr)::kWidth, decltype(d.p##_wdata)::kWidth> {                           \
    d.p##_awaddr, d.p##_awprot, d.p##_awvalid, d.p##_awready, d.p##_wdata, d.p##_wstrb, d.p##_wvalid, d.p##_wready, \
        d.p##_bresp, d.p##_bvalid, d.p##_bready, d.p##_araddr, d.p##_arprot, d.p##_arvalid, d.p##_arready,          \
        d.p##_rdata, d.p##_rresp, d.p##_rvalid, d.p##_rready                                                        \
  }
