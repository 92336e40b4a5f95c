// SPDX-License-Identifier: Apache-2.0
/// Pins of AXI4 and AXI4-Lite ports.
#pragma once
#include <optional>

#include "tessera/signal.hpp"

namespace tessera {

/// Pins of an AXI port by their types; TSR_AXI_PINS fills one from `dut.<prefix>_awid` and so on. What a port may lack
/// is optional: without awsize and arsize every beat has the full width, without awburst and arburst bursts are INCR.
template <unsigned Id, unsigned Addr, unsigned Data>
struct AxiPins {
  Signal<Id> awid;
  Signal<Addr> awaddr;
  Signal<8> awlen;
  std::optional<Signal<3>> awsize;
  std::optional<Signal<2>> awburst;
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
  std::optional<Signal<3>> arsize;
  std::optional<Signal<2>> arburst;
  Signal<1> arvalid, arready;
  Signal<Id> rid;
  Signal<Data> rdata;
  Signal<2> rresp;
  Signal<1> rlast, rvalid, rready;
};
template <unsigned Addr, unsigned Data>
struct AxiLitePins {
  Signal<Addr> awaddr;
  std::optional<Signal<3>> awprot;
  Signal<1> awvalid, awready;
  Signal<Data> wdata;
  Signal<Data / 8> wstrb;
  Signal<1> wvalid, wready;
  Signal<2> bresp;
  Signal<1> bvalid, bready;
  Signal<Addr> araddr;
  std::optional<Signal<3>> arprot;
  Signal<1> arvalid, arready;
  Signal<Data> rdata;
  Signal<2> rresp;
  Signal<1> rvalid, rready;
};

enum : unsigned { kAxiOkay = 0, kAxiSlaveError = 2, kAxiDecodeError = 3 };

}  // namespace tessera

/// `dut.<name>`, or nothing when the design has no such port.
#define TSR_OPTIONAL_PIN(d, name, width)                           \
  [](auto& tsr_dut) -> ::std::optional<::tessera::Signal<width>> { \
    if constexpr (requires { tsr_dut.name; }) {                    \
      return tsr_dut.name;                                         \
    } else {                                                       \
      return ::std::nullopt;                                       \
    }                                                              \
  }(d)
#define TSR_AXI_PINS(d, p)                                                                                          \
  ::tessera::AxiPins<decltype(d.p##_awid)::kWidth, decltype(d.p##_awaddr)::kWidth, decltype(d.p##_wdata)::kWidth> { \
    d.p##_awid, d.p##_awaddr, d.p##_awlen, TSR_OPTIONAL_PIN(d, p##_awsize, 3), TSR_OPTIONAL_PIN(d, p##_awburst, 2), \
        d.p##_awvalid, d.p##_awready, d.p##_wdata, d.p##_wstrb, d.p##_wlast, d.p##_wvalid, d.p##_wready, d.p##_bid, \
        d.p##_bresp, d.p##_bvalid, d.p##_bready, d.p##_arid, d.p##_araddr, d.p##_arlen,                             \
        TSR_OPTIONAL_PIN(d, p##_arsize, 3), TSR_OPTIONAL_PIN(d, p##_arburst, 2), d.p##_arvalid, d.p##_arready,      \
        d.p##_rid, d.p##_rdata, d.p##_rresp, d.p##_rlast, d.p##_rvalid, d.p##_rready                                \
  }
#define TSR_AXIL_PINS(d, p)                                                                                       \
  ::tessera::AxiLitePins<decltype(d.p##_awaddr)::kWidth, decltype(d.p##_wdata)::kWidth> {                         \
    d.p##_awaddr, TSR_OPTIONAL_PIN(d, p##_awprot, 3), d.p##_awvalid, d.p##_awready, d.p##_wdata, d.p##_wstrb,     \
        d.p##_wvalid, d.p##_wready, d.p##_bresp, d.p##_bvalid, d.p##_bready, d.p##_araddr,                        \
        TSR_OPTIONAL_PIN(d, p##_arprot, 3), d.p##_arvalid, d.p##_arready, d.p##_rdata, d.p##_rresp, d.p##_rvalid, \
        d.p##_rready                                                                                              \
  }
