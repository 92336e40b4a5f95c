// SPDX-License-Identifier: Apache-2.0
/// tsr_axi_checker: silent on legal AXI traffic, and every one of its assertions fires on a bad manager or subordinate.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "Vtsr_axi_checker.h"
#include "sim/verilated_context.hpp"
#include "tsr_cfg.hpp"

namespace {

constexpr auto kCfg = tessera::configs::TSR_CONFIG::kConfig;
constexpr unsigned kBeat = kCfg.hbm_bytes_per_cycle;
static_assert(kBeat == 8, "this test drives 64-bit beats");

/// The pins of one AXI port, moved by hand.
class Port {
 public:
  Port() {
    ctx.fatalOnError(false);
    d = std::make_unique<Vtsr_axi_checker>(&ctx);
    d->req_awsize = d->req_arsize = 3;
    d->req_awburst = d->req_arburst = 1;
    step();
    d->rst_ni = 1;
    step();
  }
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_axi_checker> d;

  void step() {
    d->clk_i = 0;
    d->eval();
    d->clk_i = 1;
    d->eval();
  }
  void aw(unsigned id, std::uint64_t addr, unsigned len) {
    d->req_awid = id, d->req_awaddr = addr, d->req_awlen = len, d->req_awvalid = d->rsp_awready = 1;
    step();
    d->req_awvalid = 0;
  }
  void ar(unsigned id, std::uint64_t addr, unsigned len) {
    d->req_arid = id, d->req_araddr = addr, d->req_arlen = len, d->req_arvalid = d->rsp_arready = 1;
    step();
    d->req_arvalid = 0;
  }
  void w(bool last, std::uint64_t data = 5) {
    d->req_wdata = data, d->req_wstrb = 255, d->req_wlast = last, d->req_wvalid = d->rsp_wready = 1;
    step();
    d->req_wvalid = 0;
  }
  void b(unsigned id) {
    d->rsp_bid = id, d->rsp_bvalid = d->req_bready = 1;
    step();
    d->rsp_bvalid = 0;
  }
  void r(unsigned id, bool last) {
    d->rsp_rid = id, d->rsp_rlast = last, d->rsp_rvalid = d->req_rready = 1;
    step();
    d->rsp_rvalid = 0;
  }
};

/// Steps of `act` on a fresh port: what the simulator printed, empty when no assertion failed.
std::string outcome(const std::function<void(Port&)>& act) {
  testing::internal::CaptureStdout();
  bool error = false;
  {
    Port port;
    act(port);
    port.step();
    error = port.ctx.gotError();
  }
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(error, !text.empty()) << text;
  return text;
}

TEST(AxiChecker, LegalTrafficIsSilent) {
  const std::string text = outcome([](Port& p) {
    p.aw(0, 0x1000, 3);  // address, then data
    for (int n = 0; n < 4; ++n) p.w(n == 3);
    p.w(false), p.w(true);  // data of two bursts before their addresses
    p.w(true);
    p.aw(1, 0xff0, 1);  // up to the end of a page
    p.aw(0, 0x8, 0);
    p.b(0), p.b(1), p.b(0);
    p.d->req_awid = 0, p.d->req_awaddr = 0x40, p.d->req_awlen = 0,
    p.d->req_awvalid = p.d->rsp_awready = 1;  // both in one cycle
    p.w(true);
    p.d->req_awvalid = 0;
    p.d->rsp_awready = p.d->rsp_wready = p.d->rsp_arready = 0;
    p.b(0);
    p.d->req_awvalid = 1, p.d->req_awaddr = 0x80;  // held until ready
    p.step(), p.step();
    p.aw(0, 0x80, 0);
    p.w(true, 7);
    p.d->rsp_bvalid = 1, p.d->rsp_bid = 0, p.d->rsp_bresp = 2, p.d->req_bready = 0;
    p.step(), p.step();
    p.b(0);
    p.ar(0, 0x2000, 1), p.ar(1, 0x3000, 2), p.ar(0, 0x2100, 0);
    p.r(0, false), p.r(1, false), p.r(1, false), p.r(0, true), p.r(0, true);  // beats of two ids in turn
    p.d->rsp_rvalid = 1, p.d->rsp_rid = 1, p.d->rsp_rlast = 1, p.d->req_rready = 0;
    p.step(), p.step();
    p.r(1, true);
    for (int n = 0; n < 600; ++n) p.aw(n % 2, 0x1000, 0), p.w(true), p.b(n % 2), p.ar(n % 2, 0, 0), p.r(n % 2, true);
  });
  EXPECT_EQ(text, "");
}

struct Fault {
  const char* assertion;
  const char* what;
  std::function<void(Port&)> act;
};

TEST(AxiChecker, EveryAssertionFires) {
  const Fault faults[] = {
      {"AwStable_A", "address changes", [](Port& p) { p.d->req_awvalid = 1, p.step(), p.d->req_awaddr = 8, p.step(); }},
      {"AwStable_A", "request withdrawn",
       [](Port& p) { p.d->req_awvalid = 1, p.step(), p.d->req_awvalid = 0, p.step(); }},
      {"ArStable_A", "length changes", [](Port& p) { p.d->req_arvalid = 1, p.step(), p.d->req_arlen = 1, p.step(); }},
      {"WStable_A", "data change", [](Port& p) { p.d->req_wvalid = 1, p.step(), p.d->req_wdata = 1, p.step(); }},
      {"WStable_A", "strobes change", [](Port& p) { p.d->req_wvalid = 1, p.step(), p.d->req_wstrb = 1, p.step(); }},
      {"WStable_A", "data withdrawn", [](Port& p) { p.d->req_wvalid = 1, p.step(), p.d->req_wvalid = 0, p.step(); }},
      {"RStable_A", "data change",
       [](Port& p) {
         p.ar(0, 0, 3), p.d->rsp_rid = 0, p.d->rsp_rlast = 0, p.d->rsp_rvalid = 1, p.step(), p.d->rsp_rdata = 1,
                        p.step();
       }},
      {"BStable_A", "response changes",
       [](Port& p) { p.aw(0, 0, 0), p.w(true), p.d->rsp_bvalid = 1, p.step(), p.d->rsp_bresp = 2, p.step(); }},
      {"AwBurst_A", "over a page", [](Port& p) { p.aw(0, 0xff8, 1); }},
      {"AwBurst_A", "misaligned", [](Port& p) { p.aw(0, 0x4, 0); }},
      {"AwBurst_A", "size", [](Port& p) { p.d->req_awsize = 2, p.aw(0, 0, 0); }},
      {"AwBurst_A", "fixed burst", [](Port& p) { p.d->req_awburst = 0, p.aw(0, 0, 0); }},
      {"AwBurst_A", "id", [](Port& p) { p.aw(2, 0, 0); }},
      {"ArBurst_A", "over a page", [](Port& p) { p.ar(1, 0xf00, 32); }},
      {"ArBurst_A", "wrapping burst", [](Port& p) { p.d->req_arburst = 2, p.ar(0, 0, 0); }},
      {"ArBurst_A", "id", [](Port& p) { p.ar(5, 0, 0); }},
      {"WLastPlace_A", "one beat for two",
       [](Port& p) { p.d->req_awvalid = p.d->rsp_awready = 1, p.d->req_awlen = 1, p.w(true); }},
      {"WLastPlaceEarly_A", "data, then the wrong length", [](Port& p) { p.w(true), p.aw(0, 0, 1); }},
      {"WLastPlaceLate_A", "length, then too few beats", [](Port& p) { p.aw(0, 0, 3), p.w(false), p.w(true); }},
      {"WLastPlaceLate_A", "length, then too many beats", [](Port& p) { p.aw(0, 0, 0), p.w(false), p.w(true); }},
      {"BKnown_A", "nothing was written", [](Port& p) { p.w(true), p.b(0); }},
      {"BKnown_A", "other id", [](Port& p) { p.aw(0, 0, 0), p.w(true), p.b(1); }},
      {"BAfterData_A", "data still on the way", [](Port& p) { p.aw(0, 0, 1), p.w(false), p.b(0); }},
      {"RKnown_A", "nothing was asked", [](Port& p) { p.r(0, true); }},
      {"RKnown_A", "other id", [](Port& p) { p.ar(0, 0, 0), p.r(1, true); }},
      {"RLastPlace_A", "too early", [](Port& p) { p.ar(1, 0, 2), p.r(1, false), p.r(1, true); }},
      {"RLastPlace_A", "too late", [](Port& p) { p.ar(0, 0, 0), p.r(0, false); }},
  };
  for (const Fault& fault : faults) {
    const std::string text = outcome(fault.act);
    EXPECT_NE(text.find(std::string(fault.assertion).append(":")), std::string::npos)
        << fault.assertion << ", " << fault.what << ", printed: " << text;
  }
}

}  // namespace
