// SPDX-License-Identifier: Apache-2.0
/// AXI4 memory and AXI4-Lite manager.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tessera/bfm/axi_pins.hpp"
#include "tessera/bfm/base.hpp"

namespace tessera {

enum : unsigned { kAxiFixed = 0, kAxiIncr = 1, kAxiWrap = 2 };

/// One burst as the memory saw it.
struct AxiBurst {
  bool write = false;
  unsigned id = 0, length = 0;  ///< length in beats
  std::uint64_t address = 0;
  unsigned response = kAxiOkay;
  unsigned bytes = 0;  ///< of a beat
  unsigned kind = kAxiIncr;
  friend bool operator==(const AxiBurst&, const AxiBurst&) = default;
};

namespace detail {

/// Addresses of the beats of a burst (AXI4, A3.4.1); AssertionError for a burst that the standard forbids.
class AxiBeats {
 public:
  /// `width`: bytes of the data bus.
  AxiBeats(const char* channel, std::uint64_t address, unsigned length, unsigned bytes, unsigned kind, unsigned width)
      : address_(address), length_(length), bytes_(bytes), kind_(kind) {
    const auto demand = [&](bool good, const char* what) {
      if (good) return;
      throw AssertionError("AXI: the burst of " + std::to_string(length) + " beats of " + std::to_string(bytes) +
                           " bytes at " + std::to_string(address) + " on " + channel + " " + what);
    };
    demand(bytes <= width, "has beats wider than the data bus");
    demand(kind <= kAxiWrap, "has the reserved burst type 3");
    if (kind == kAxiIncr) {
      demand(address / bytes * bytes % 4096 + std::uint64_t{length} * bytes <= 4096, "crosses a border of 4 KiB");
    } else {
      demand(length <= 16, "is FIXED or WRAP and longer than 16 beats");
    }
    if (kind == kAxiWrap) {
      demand(length == 2 || length == 4 || length == 8 || length == 16, "wraps, but not at 2, 4, 8 or 16 beats");
      demand(address % bytes == 0, "wraps from an address that is not aligned to its beats");
    }
  }
  /// The first byte of a beat; the first beat of a burst may begin inside of its container.
  [[nodiscard]] std::uint64_t at(unsigned beat) const {
    if (kind_ == kAxiFixed || beat == 0) return address_;
    const std::uint64_t next = address_ / bytes_ * bytes_ + std::uint64_t{beat} * bytes_;
    if (kind_ == kAxiIncr) return next;
    const std::uint64_t whole = std::uint64_t{length_} * bytes_, low = address_ / whole * whole;
    return low + (next - low) % whole;
  }
  /// One past the last byte of a beat.
  [[nodiscard]] std::uint64_t end(unsigned beat) const { return at(beat) / bytes_ * bytes_ + bytes_; }
  [[nodiscard]] unsigned length() const { return length_; }

 private:
  std::uint64_t address_;
  unsigned length_, bytes_, kind_;
};

}  // namespace detail

struct AxiMemoryOptions {
  unsigned ready_percent = 100;  ///< of clocks in which a ready is up
  unsigned latency = 0;          ///< added to every response, 0 … latency-1 clocks at random; 0: none
  std::uint64_t stream = 20;     ///< of the test's generator
};

/// AXI4 subordinate with sparse memory on any design whose ports are `<prefix>_awvalid` and so on: AxiMemory(clk,
/// TSR_AXI_PINS(dut, hbm_axi)). INCR, WRAP and FIXED bursts of beats of any size from any address, as AXI4 A3.4.1 has
/// them; responses in order; unwritten bytes read as 0. As in cocotbext-axi a read beat fills all lanes of the bus, and
/// of a write beat the strobes alone choose the bytes. A burst that the standard forbids (over a border of 4 KiB, a
/// WRAP of three beats, beats wider than the bus) and a wlast in the wrong place fail the test.
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
  struct Address {
    unsigned id;
    detail::AxiBeats beats;
    AxiBurst seen;  ///< without its response
  };
  struct ReadBurst {
    std::uint64_t when;
    unsigned id;
    detail::AxiBeats beats;
    unsigned next = 0;
  };
  struct WriteResponse {
    std::uint64_t when;
    unsigned id, response;
  };
  struct Refused {
    std::uint64_t address, count;
    unsigned response;
  };
  /// The address that stands on a channel.
  template <unsigned Id, unsigned Addr>
  static Address address_on(const char* channel, bool write, const Signal<Id>& id, const Signal<Addr>& address,
                            const Signal<8>& length, const std::optional<Signal<3>>& size,
                            const std::optional<Signal<2>>& burst) {
    AxiBurst seen;
    seen.write = write;
    seen.id = static_cast<unsigned>(id.value().to_unsigned());
    seen.address = address.value().to_unsigned();
    seen.length = static_cast<unsigned>(length.value().to_unsigned()) + 1;
    seen.bytes = size ? 1U << size->value().to_unsigned() : kBytes;
    seen.kind = burst ? static_cast<unsigned>(burst->value().to_unsigned()) : unsigned{kAxiIncr};
    return {seen.id, detail::AxiBeats(channel, seen.address, seen.length, seen.bytes, seen.kind, kBytes), seen};
  }
  static std::uint64_t word(std::uint64_t address) { return address / kBytes * kBytes; }
  [[nodiscard]] unsigned response_at(const detail::AxiBeats& beats, unsigned beat) const {
    for (const Refused& r : refused_)
      if (beats.at(beat) < r.address + r.count && r.address < beats.end(beat)) return r.response;
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
      if (awready && pins_.awvalid.value() == 1)
        aw_.push_back(address_on("aw", true, pins_.awid, pins_.awaddr, pins_.awlen, pins_.awsize, pins_.awburst));
      if (wready && pins_.wvalid.value() == 1) {
        const bool last = pins_.wlast.value() == 1;
        w_.push_back({pins_.wdata.value(), pins_.wstrb.value(), last});
        if (last) ++complete_;
      }
      if (complete_ > 0 && !aw_.empty()) commit();
      if (bvalid && pins_.bready.value() == 1) bvalid = false;
      if (rvalid && pins_.rready.value() == 1) rvalid = false;
      if (arready && pins_.arvalid.value() == 1) {
        const Address ar = address_on("ar", false, pins_.arid, pins_.araddr, pins_.arlen, pins_.arsize, pins_.arburst);
        AxiBurst& seen = bursts_.emplace_back(ar.seen);
        for (unsigned beat = 0; beat < seen.length && seen.response == kAxiOkay; ++beat)
          seen.response = response_at(ar.beats, beat);
        r_.push_back({when(), ar.id, ar.beats});
      }
      if (!bvalid && !b_.empty() && b_.front().when <= clock_) {
        pins_.bid = b_.front().id;
        pins_.bresp = b_.front().response;
        b_.pop_front();
        bvalid = true;
      }
      if (!rvalid && !r_.empty() && r_.front().when <= clock_) {
        ReadBurst& burst = r_.front();
        const unsigned response = response_at(burst.beats, burst.next);
        const std::uint64_t address = word(burst.beats.at(burst.next));
        Bits<kBytes * 8> data;
        for (unsigned i = 0; i < kBytes && response == kAxiOkay; ++i)
          data.set(Range(static_cast<int>(8 * i + 7), static_cast<int>(8 * i)), load(address + i));
        const bool last = ++burst.next == burst.beats.length();
        pins_.rdata = data;
        pins_.rid = burst.id;
        pins_.rresp = response;
        pins_.rlast = last;
        if (last) r_.pop_front();
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
    const Address aw = aw_.front();
    aw_.pop_front();
    --complete_;
    AxiBurst& seen = bursts_.emplace_back(aw.seen);
    for (unsigned beat = 0; beat < seen.length; ++beat) {
      if (w_.empty()) throw AssertionError("AXI: a write burst has fewer beats than its address says");
      const auto [data, strobe, last] = w_.front();
      w_.pop_front();
      if (last != (beat + 1 == seen.length)) throw AssertionError("AXI: wlast is not on the last beat of its burst");
      if (const unsigned refused = response_at(aw.beats, beat)) {
        seen.response = refused;
        continue;
      }
      const auto bytes = data.to_bytes(ByteOrder::little);
      const std::uint64_t address = word(aw.beats.at(beat));
      for (unsigned i = 0; i < kBytes; ++i)
        if (strobe[static_cast<int>(i)]) memory_[address + i] = bytes[i];
    }
    b_.push_back({when(), aw.id, seen.response});
  }

  Signal<1> clk_;
  Pins pins_;
  AxiMemoryOptions options_;
  SplitMix64 rng_;
  std::uint64_t clock_ = 0;
  unsigned complete_ = 0;
  std::deque<Address> aw_;
  std::deque<WriteResponse> b_;
  std::deque<ReadBurst> r_;
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

/// AXI4-Lite manager: one access at a time, in the order of the calls. RuntimeError for an error response. An access
/// whose caller is cancelled (with_timeout, select) still ends on the bus, and nobody gets its response.
template <class Pins>
class AxiLiteManager {
 public:
  AxiLiteManager(const Signal<1>& clk, const Pins& pins) : port_(std::make_shared<Port>(clk, pins)) {}
  /// Call while in reset.
  void idle() const {
    const Pins& p = port_->pins;
    p.awvalid = 0;
    p.awaddr = 0;
    if (p.awprot) *p.awprot = 0;
    p.wvalid = 0;
    p.wdata = 0;
    p.wstrb = 0;
    p.bready = 0;
    p.arvalid = 0;
    p.araddr = 0;
    if (p.arprot) *p.arprot = 0;
    p.rready = 0;
  }
  Coro<void> write(std::uint64_t address, std::uint32_t data, unsigned strobe = 15) {
    return write_access(port_, address, data, strobe);
  }
  Coro<std::uint32_t> read(std::uint64_t address) { return read_access(port_, address); }

 private:
  /// Outlives the manager while an access is under way.
  struct Port {
    Port(const Signal<1>& c, const Pins& p) : clk(c), pins(p) {}
    Signal<1> clk;
    Pins pins;
    Lock lock;
  };
  struct Answer {
    unsigned response;
    std::uint32_t data;
  };
  // Each access is a task of its own, which no cancellation of the caller reaches.
  static Coro<void> write_access(std::shared_ptr<Port> port, std::uint64_t address, std::uint32_t data,
                                 unsigned strobe) {
    const Answer answer = co_await start_soon(write_bus(std::move(port), address, data, strobe));
    if (answer.response != kAxiOkay) throw RuntimeError("AXI4-Lite write to " + std::to_string(address) + " failed");
  }
  static Coro<std::uint32_t> read_access(std::shared_ptr<Port> port, std::uint64_t address) {
    const Answer answer = co_await start_soon(read_bus(std::move(port), address));
    if (answer.response != kAxiOkay) throw RuntimeError("AXI4-Lite read of " + std::to_string(address) + " failed");
    co_return answer.data;
  }
  static Coro<Answer> write_bus(std::shared_ptr<Port> port, std::uint64_t address, std::uint32_t data,
                                unsigned strobe) {
    const auto held = co_await port->lock.scoped();
    const Pins& p = port->pins;
    bool aw = true, w = true;
    p.awvalid = 1;
    p.awaddr = address;
    p.wvalid = 1;
    p.wdata = data;
    p.wstrb = strobe;
    p.bready = 1;
    while (true) {
      co_await RisingEdge(port->clk);
      if (aw && p.awready.value() == 1) {
        p.awvalid = 0;
        aw = false;
      }
      if (w && p.wready.value() == 1) {
        p.wvalid = 0;
        w = false;
      }
      if (p.bvalid.value() == 1) break;
    }
    p.bready = 0;
    co_return Answer{static_cast<unsigned>(p.bresp.value().to_unsigned()), 0};
  }
  static Coro<Answer> read_bus(std::shared_ptr<Port> port, std::uint64_t address) {
    const auto held = co_await port->lock.scoped();
    const Pins& p = port->pins;
    bool ar = true;
    p.arvalid = 1;
    p.araddr = address;
    p.rready = 1;
    while (true) {
      co_await RisingEdge(port->clk);
      if (ar && p.arready.value() == 1) {
        p.arvalid = 0;
        ar = false;
      }
      if (p.rvalid.value() == 1) break;
    }
    p.rready = 0;
    co_return Answer{static_cast<unsigned>(p.rresp.value().to_unsigned()),
                     static_cast<std::uint32_t>(p.rdata.value().to_unsigned())};
  }

  std::shared_ptr<Port> port_;
};

}  // namespace tessera
