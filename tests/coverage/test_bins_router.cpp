// SPDX-License-Identifier: Apache-2.0
// Every bin of the router, hit and left at zero.
#include "../cocotb/router_bench.hpp"
#include "bins.hpp"

using namespace router_bench;

namespace {
struct Packet {
  unsigned source = W, vc = 0, length = 3, to = E;
};
/// Sends these packets at once and waits until they have arrived.
Coro<void> send(Dut& dut, std::vector<Packet> packets, unsigned eager = 100) {
  auto bench = std::make_shared<RouterBench>(dut, 0, eager);
  co_await bench->start();
  for (const Packet& p : packets) bench->send(p.source, p.vc, p.length, p.to);
  co_await bench->drain(3000);
}
}  // namespace

TSR_BIN(tsr_router_cover, StraightX_C) {
  const std::vector<Packet> one(1, Packet{W, 0, 3, hit ? E : S});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, StraightY_C) {
  const std::vector<Packet> one(1, Packet{N, 0, 3, hit ? S : L});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, TurnXToY_C) {
  const std::vector<Packet> one(1, Packet{E, 0, 3, hit ? N : W});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, Eject_C) {
  const std::vector<Packet> one(1, Packet{N, 0, 3, hit ? L : S});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, Inject_C) {
  const std::vector<Packet> one(1, Packet{hit ? L : W, 0, 3, E});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, Contention_C) {
  const std::vector<Packet> two = {Packet{W, 0, 4, E}, Packet{L, 0, 4, hit ? E : N}};
  co_await send(dut, two);
}
TSR_BIN(tsr_router_cover, NoCredit_C) {
  const std::vector<Packet> one(1, Packet{W, 1, 20, E});
  co_await send(dut, one, hit ? 5 : 100);
}
TSR_BIN(tsr_router_cover, FiveAtOnce_C) {
  std::vector<Packet> flows = {Packet{N, 0, 20, S}, Packet{S, 0, 20, N}, Packet{E, 0, 20, W}, Packet{W, 0, 20, L}};
  if (hit) flows.push_back(Packet{L, 0, 20, E});
  co_await send(dut, flows);
}
TSR_BIN(tsr_router_cover, SingleFlit_C) {
  const std::vector<Packet> one(1, Packet{W, 0, hit ? 1U : 2U, E});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, BodyFlit_C) {
  const std::vector<Packet> one(1, Packet{W, 0, hit ? 3U : 2U, E});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, CreditAndSend_C) {
  const std::vector<Packet> one(1, Packet{W, 0, hit ? 30U : 2U, E});
  co_await send(dut, one);
}
TSR_BIN(tsr_router_cover, Interleave_C) {
  const std::vector<Packet> two = {Packet{W, 0, 10, E}, Packet{L, hit ? 1U : 0U, 10, E}};
  co_await send(dut, two);
}

TSR_BIN(router_length, one) {
  const std::vector<Packet> packet(1, Packet{W, 0, hit ? 1U : 2U, E});
  co_await send(dut, packet);
}
TSR_BIN(router_length, short) {
  const std::vector<Packet> packet(1, Packet{W, 0, hit ? 4U : 5U, E});
  co_await send(dut, packet);
}
TSR_BIN(router_length, long) {
  const std::vector<Packet> packet(1, Packet{W, 0, hit ? 5U : 4U, E});
  co_await send(dut, packet);
}
TSR_BIN(router_vc, v0) {
  const std::vector<Packet> packet(1, Packet{W, hit ? 0U : 1U, 3, E});
  co_await send(dut, packet);
}
TSR_BIN(router_vc, v1) {
  const std::vector<Packet> packet(1, Packet{W, hit ? 1U : 2U, 3, E});
  co_await send(dut, packet);
}
TSR_BIN(router_vc, v2) {
  const std::vector<Packet> packet(1, Packet{W, hit ? 2U : 3U, 3, E});
  co_await send(dut, packet);
}
TSR_BIN(router_vc, v3) {
  const std::vector<Packet> packet(1, Packet{W, hit ? 3U : 0U, 3, E});
  co_await send(dut, packet);
}
