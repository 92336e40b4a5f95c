// SPDX-License-Identifier: Apache-2.0
/// A monitor of AXI4 and AXI4-Lite ports.
#pragma once
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tessera/bfm/axi_pins.hpp"
#include "tessera/bfm/base.hpp"

namespace tessera {

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
