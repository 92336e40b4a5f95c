// SPDX-License-Identifier: Apache-2.0
// Silent on legal AXI traffic, and every one of its assertions fires on a bad manager or subordinate.
#include "tessera/test.hpp"

using namespace tessera;

namespace {

/// One AXI port of 64-bit beats, both sides moved by hand.
template <class D>
class Port {
 public:
  explicit Port(D& dut) : dut_(dut) {}

  Coro<void> reset() {
    Clock(dut_.clk_i, 10, ns).start();
    dut_.rst_ni = 0;
    dut_.req_awsize = 3;
    dut_.req_arsize = 3;
    dut_.req_awburst = 1;
    dut_.req_arburst = 1;
    co_await step();
    dut_.rst_ni = 1;
    co_await step();
  }
  /// To the falling edge: what is written next is sampled by the next rising edge.
  Coro<void> step() { co_await FallingEdge(dut_.clk_i); }
  Coro<void> aw(unsigned id, std::uint64_t addr, unsigned len) {
    dut_.req_awid = id, dut_.req_awaddr = addr, dut_.req_awlen = len, dut_.req_awvalid = 1, dut_.rsp_awready = 1;
    co_await step();
    dut_.req_awvalid = 0;
  }
  Coro<void> ar(unsigned id, std::uint64_t addr, unsigned len) {
    dut_.req_arid = id, dut_.req_araddr = addr, dut_.req_arlen = len, dut_.req_arvalid = 1, dut_.rsp_arready = 1;
    co_await step();
    dut_.req_arvalid = 0;
  }
  Coro<void> w(bool last, std::uint64_t data = 5) {
    dut_.req_wdata = data, dut_.req_wstrb = 255, dut_.req_wlast = last, dut_.req_wvalid = 1, dut_.rsp_wready = 1;
    co_await step();
    dut_.req_wvalid = 0;
  }
  Coro<void> b(unsigned id) {
    dut_.rsp_bid = id, dut_.rsp_bvalid = 1, dut_.req_bready = 1;
    co_await step();
    dut_.rsp_bvalid = 0;
  }
  Coro<void> r(unsigned id, bool last) {
    dut_.rsp_rid = id, dut_.rsp_rlast = last, dut_.rsp_rvalid = 1, dut_.req_rready = 1;
    co_await step();
    dut_.rsp_rvalid = 0;
  }

 private:
  D& dut_;
};

}  // namespace

TSR_TEST(legal_traffic_is_silent, {.no_checks = true}) {  // the assertions are the checks
  Port p(dut);
  co_await p.reset();
  // address, then data
  co_await p.aw(0, 0x1000, 3);
  for (int n = 0; n < 4; ++n) co_await p.w(n == 3);
  // data of two bursts before their addresses
  co_await p.w(false);
  co_await p.w(true);
  co_await p.w(true);
  // up to the end of a page
  co_await p.aw(1, 0xff0, 1);
  co_await p.aw(0, 0x8, 0);
  co_await p.b(0);
  co_await p.b(1);
  co_await p.b(0);
  // both in one cycle
  dut.req_awid = 0;
  dut.req_awaddr = 0x40;
  dut.req_awlen = 0;
  dut.req_awvalid = 1;
  dut.rsp_awready = 1;
  co_await p.w(true);
  dut.req_awvalid = 0;
  dut.rsp_awready = 0;
  dut.rsp_wready = 0;
  dut.rsp_arready = 0;
  co_await p.b(0);
  // held until ready
  dut.req_awvalid = 1;
  dut.req_awaddr = 0x80;
  co_await p.step();
  co_await p.step();
  co_await p.aw(0, 0x80, 0);
  co_await p.w(true, 7);
  dut.rsp_bvalid = 1;
  dut.rsp_bid = 0;
  dut.rsp_bresp = 2;
  dut.req_bready = 0;
  co_await p.step();
  co_await p.step();
  co_await p.b(0);
  co_await p.ar(0, 0x2000, 1);
  co_await p.ar(1, 0x3000, 2);
  co_await p.ar(0, 0x2100, 0);
  // beats of two ids in turn
  co_await p.r(0, false);
  co_await p.r(1, false);
  co_await p.r(1, false);
  co_await p.r(0, true);
  co_await p.r(0, true);
  dut.rsp_rvalid = 1;
  dut.rsp_rid = 1;
  dut.rsp_rlast = 1;
  dut.req_rready = 0;
  co_await p.step();
  co_await p.step();
  co_await p.r(1, true);
  for (int n = 0; n < 600; ++n) {
    co_await p.aw(n % 2, 0x1000, 0);
    co_await p.w(true);
    co_await p.b(n % 2);
    co_await p.ar(n % 2, 0, 0);
    co_await p.r(n % 2, true);
  }
}

/// A test that passes when the assertion fires in what the body does after reset, or one clock later.
#define FIRES(assertion, what)                                                                                   \
  static Coro<void> assertion##_##what(Port<Dut>& p, Dut& dut);                                                  \
  TSR_TEST(assertion##_##what##_fires,                                                                           \
           {.expect_error = errors<SimFailure>(), .expect_message = #assertion, .name = #assertion "_" #what}) { \
    Port p(dut);                                                                                                 \
    co_await p.reset();                                                                                          \
    co_await assertion##_##what(p, dut);                                                                         \
    co_await p.step();                                                                                           \
  }                                                                                                              \
  static Coro<void> assertion##_##what([[maybe_unused]] Port<Dut>& p, [[maybe_unused]] Dut& dut)

FIRES(AwStable_A, address_changes) {
  dut.req_awvalid = 1;
  co_await p.step();
  dut.req_awaddr = 8;
  co_await p.step();
}

FIRES(AwStable_A, request_withdrawn) {
  dut.req_awvalid = 1;
  co_await p.step();
  dut.req_awvalid = 0;
  co_await p.step();
}

FIRES(ArStable_A, length_changes) {
  dut.req_arvalid = 1;
  co_await p.step();
  dut.req_arlen = 1;
  co_await p.step();
}

FIRES(WStable_A, data_change) {
  dut.req_wvalid = 1;
  co_await p.step();
  dut.req_wdata = 1;
  co_await p.step();
}

FIRES(WStable_A, strobes_change) {
  dut.req_wvalid = 1;
  co_await p.step();
  dut.req_wstrb = 1;
  co_await p.step();
}

FIRES(WStable_A, data_withdrawn) {
  dut.req_wvalid = 1;
  co_await p.step();
  dut.req_wvalid = 0;
  co_await p.step();
}

FIRES(RStable_A, data_change) {
  co_await p.ar(0, 0, 3);
  dut.rsp_rid = 0;
  dut.rsp_rlast = 0;
  dut.rsp_rvalid = 1;
  co_await p.step();
  dut.rsp_rdata = 1;
  co_await p.step();
}

FIRES(BStable_A, response_changes) {
  co_await p.aw(0, 0, 0);
  co_await p.w(true);
  dut.rsp_bvalid = 1;
  co_await p.step();
  dut.rsp_bresp = 2;
  co_await p.step();
}

FIRES(AwBurst_A, over_a_page) { co_await p.aw(0, 0xff8, 1); }

FIRES(AwBurst_A, misaligned) { co_await p.aw(0, 0x4, 0); }

FIRES(AwBurst_A, size) {
  dut.req_awsize = 2;
  co_await p.aw(0, 0, 0);
}

FIRES(AwBurst_A, fixed_burst) {
  dut.req_awburst = 0;
  co_await p.aw(0, 0, 0);
}

FIRES(AwBurst_A, id) { co_await p.aw(2, 0, 0); }

FIRES(ArBurst_A, over_a_page) { co_await p.ar(1, 0xf00, 32); }

FIRES(ArBurst_A, wrapping_burst) {
  dut.req_arburst = 2;
  co_await p.ar(0, 0, 0);
}

FIRES(ArBurst_A, id) { co_await p.ar(5, 0, 0); }

FIRES(WLastPlace_A, one_beat_for_two) {
  dut.req_awvalid = 1;
  dut.rsp_awready = 1;
  dut.req_awlen = 1;
  co_await p.w(true);
}

FIRES(WLastPlaceEarly_A, data_then_the_wrong_length) {
  co_await p.w(true);
  co_await p.aw(0, 0, 1);
}

FIRES(WLastPlaceLate_A, length_then_too_few_beats) {
  co_await p.aw(0, 0, 3);
  co_await p.w(false);
  co_await p.w(true);
}

FIRES(WLastPlaceLate_A, length_then_too_many_beats) {
  co_await p.aw(0, 0, 0);
  co_await p.w(false);
  co_await p.w(true);
}

FIRES(BKnown_A, nothing_was_written) {
  co_await p.w(true);
  co_await p.b(0);
}

FIRES(BKnown_A, other_id) {
  co_await p.aw(0, 0, 0);
  co_await p.w(true);
  co_await p.b(1);
}

FIRES(BAfterData_A, data_still_on_the_way) {
  co_await p.aw(0, 0, 1);
  co_await p.w(false);
  co_await p.b(0);
}

FIRES(RKnown_A, nothing_was_asked) { co_await p.r(0, true); }

FIRES(RKnown_A, other_id) {
  co_await p.ar(0, 0, 0);
  co_await p.r(1, true);
}

FIRES(RLastPlace_A, too_early) {
  co_await p.ar(1, 0, 2);
  co_await p.r(1, false);
  co_await p.r(1, true);
}

FIRES(RLastPlace_A, too_late) {
  co_await p.ar(0, 0, 0);
  co_await p.r(0, false);
}

#undef FIRES
