// SPDX-License-Identifier: Apache-2.0
// tsr_router: random traffic on five ports with random credits against a model that knows only dimension order,
// wormhole and first-in first-out; latency, throughput, fairness, credits and quiet_o.
#include "Vtsr_router.h"
#include "Vtsr_router___024root.h"
#include "noc_bench.hpp"
#include "sim/verilated_context.hpp"

namespace {

using namespace noc_test;
enum : unsigned { kN, kE, kS, kW, kL, kPorts };
constexpr unsigned kDepth = kCfg.router_vc_depth;
constexpr unsigned kBytes = kCfg.link_bytes;
constexpr unsigned kX = 2, kY = 3, kMeshX = 5, kMeshY = 6;  // own place; mesh size less one

struct Worm {
  unsigned from = 0, to = 0, vc = 0;
  std::uint64_t order = 0;  // among the packets of its input VC
  std::vector<Flit> flits;
};

struct Bench {
  explicit Bench(std::uint64_t seed) : rng(seed) {
    ctx.randReset(2);
    ctx.randSeed(static_cast<int>(seed & 0x7fffffff) + 1);
    dut = std::make_unique<Vtsr_router>(&ctx);
    auto& d = *dut;
    const Pins ins[] = {NOC_PINS(d, _n, i, o), NOC_PINS(d, _e, i, o), NOC_PINS(d, _s, i, o), NOC_PINS(d, _w, i, o),
                        NOC_PINS(d, _l, i, o)};
    const Pins outs[] = {NOC_PINS(d, _n, o, i), NOC_PINS(d, _e, o, i), NOC_PINS(d, _s, o, i), NOC_PINS(d, _w, o, i),
                         NOC_PINS(d, _l, o, i)};
    for (unsigned p = 0; p < kPorts; ++p) in[p].pins = ins[p], out[p].pins = outs[p];
    d.place_x_i = kX, d.place_y_i = kY, d.place_mesh_x_i = kMeshX, d.place_mesh_y_i = kMeshY;
    reset();
  }
  ~Bench() { dut->final(); }

  Rng rng;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_router> dut;
  std::array<Sender, kPorts> in;
  std::array<Receiver, kPorts> out;
  std::uint64_t cycle = 0, quiet_steps = 0;
  std::uint32_t next_id = 1;
  bool check_quiet = true;
  std::array<std::array<std::deque<Worm>, 4>, kPorts> want[kPorts];  // [to][from][vc]
  std::array<std::array<std::uint64_t, 4>, kPorts> made{}, done{};   // packets of an input VC
  std::array<std::array<Worm, 4>, kPorts> now;                       // packet on an output VC
  std::array<std::array<std::size_t, 4>, kPorts> at{};               // its next flit; 0: none
  std::array<std::array<std::uint64_t, kPorts>, kPorts> count{};     // flits [to][from]
  std::array<std::uint64_t, kPorts> last_out{}, first_out{};

  void reset() {
    for (unsigned p = 0; p < kPorts; ++p) {
      in[p].reset();
      out[p].reset();
      for (unsigned q = 0; q < kPorts; ++q)
        for (auto& w : want[p][q]) w.clear();
      for (unsigned v = 0; v < 4; ++v) made[p][v] = done[p][v] = at[p][v] = 0;
    }
    dut->rst_ni = 0;
    for (unsigned i = 0; i < 2; ++i) edge();
    dut->rst_ni = 1;
    edge();  // scratch values of the model settle
  }

  void edge() { dut->clk_i = 0, dut->eval(), dut->clk_i = 1, dut->eval(); }

  /// A destination that a packet on input `from` may have under dimension order, and the output it takes there.
  unsigned destination(unsigned from, unsigned& x, unsigned& y) {
    for (;;) {
      x = rng.below(kMeshX + 1), y = rng.below(kMeshY + 1);
      if (rng.chance(30)) x = kX;
      if (rng.chance(30)) y = kY;
      if (from == kN && (x != kX || y < kY)) continue;
      if (from == kS && (x != kX || y > kY)) continue;
      if (from == kE && x > kX) continue;
      if (from == kW && x < kX) continue;
      if (from == kL && x == kX && y == kY) continue;
      return x > kX ? kE : x < kX ? kW : y > kY ? kS : y < kY ? kN : kL;
    }
  }
  void send(unsigned from, unsigned vc, unsigned length, unsigned only_to = kPorts) {
    Worm w{from, 0, vc, made[from][vc]++, {}};
    unsigned x = 0, y = 0;
    do w.to = destination(from, x, y);
    while (only_to != kPorts && w.to != only_to);
    for (unsigned i = 0; i < length; ++i) {
      Flit f{vc, i == 0, i + 1 == length, Bytes(kBytes)};
      for (auto& b : f.data) b = static_cast<std::uint8_t>(rng());
      if (i == 0) {
        f.data[0] = static_cast<std::uint8_t>(x), f.data[1] = static_cast<std::uint8_t>(y);
        f.data[2] = static_cast<std::uint8_t>(rng.below(kMeshX + 1)),
        f.data[3] = static_cast<std::uint8_t>(rng.below(kMeshY + 1));
        std::memcpy(&f.data[4], &next_id, 4);
        ++next_id;
      }
      in[from].queue[vc].push_back(f);
      w.flits.push_back(f);
    }
    want[w.to][from][vc].push_back(w);
  }

  void arrived(unsigned to, const Flit& f) {
    std::size_t& pos = at[to][f.vc];
    Worm& w = now[to][f.vc];
    if (pos == 0) {  // whose head is it?
      ASSERT_TRUE(f.head) << "body flit of no packet, port " << to << " cycle " << cycle;
      bool found = false;
      for (unsigned from = 0; from < kPorts && !found; ++from) {
        auto& q = want[to][from][f.vc];
        if (q.empty() || q.front().flits[0] != f) continue;
        w = q.front();
        q.pop_front();
        found = true;
      }
      ASSERT_TRUE(found) << "a packet nobody waits for, port " << to << " cycle " << cycle;
      ASSERT_EQ(w.order, done[w.from][w.vc]) << "overtaken on its VC, cycle " << cycle;
    }
    ASSERT_EQ(f, w.flits[pos]) << "port " << to << " cycle " << cycle;
    ++count[to][w.from];
    if (first_out[to] == 0) first_out[to] = cycle;
    last_out[to] = cycle;
    if (++pos == w.flits.size()) pos = 0, ++done[w.from][w.vc];
  }

  void step() {
    dut->clk_i = 0;
    for (auto& s : in) s.drive(rng);
    for (auto& r : out) r.drive(rng, cycle);
    dut->eval();
    bool idle_links = true;  // quiet_o takes the links of the mesh as idle
    for (unsigned p = 0; p < kPorts; ++p) {
      in[p].look();
      Flit f;
      if (out[p].look(cycle, f)) arrived(p, f);
      if (p != kL) idle_links &= *in[p].pins.valid == 0 && *out[p].pins.credit_valid == 0;
    }
    const bool quiet = check_quiet && dut->quiet_o && idle_links;
    const std::uint64_t before = quiet ? state_of(*dut->rootp) : 0;
    dut->clk_i = 1;
    dut->eval();
    if (quiet) {
      ++quiet_steps;
      dut->clk_i = 0;
      dut->eval();
      ASSERT_EQ(state_of(*dut->rootp), before) << "quiet but changed, cycle " << cycle;
    }
    ++cycle;
  }
  [[nodiscard]] bool busy() const {
    bool b = false;
    for (unsigned p = 0; p < kPorts; ++p) {
      b |= !in[p].idle() || !out[p].idle();
      for (unsigned v = 0; v < 4; ++v) b |= at[p][v] != 0 || made[p][v] != done[p][v];
    }
    return b;
  }
  void drain(unsigned limit) {
    for (unsigned i = 0; i < limit && busy() && !testing::Test::HasFailure(); ++i) step();
    for (unsigned i = 0; i < 4; ++i) step();
    ASSERT_FALSE(busy()) << "lost or stuck, cycle " << cycle;
    ASSERT_TRUE(dut->quiet_o) << "not quiet when idle";
  }
};

unsigned length(Rng& rng) { return rng.below(3) == 0 ? 1 : rng.below(8) == 0 ? 40 : 1 + rng.below(12); }

TEST(Router, RandomTraffic) {
  const std::uint64_t seed = tessera::test::seed(1);
  for (unsigned round = 0; round < 30 && !HasFailure(); ++round) {
    Bench b(seed * 1000 + round);
    for (auto& s : b.in) s.percent = 20 + b.rng.below(81);
    for (auto& r : b.out) r.percent = round % 3 == 0 ? 100 : 10 + b.rng.below(91), r.delay = 1 + b.rng.below(10);
    const unsigned vcs = round % 5 == 4 ? 1 : 4;  // all on one VC: locks are held for long
    for (unsigned i = 0; i < 600; ++i) b.send(b.rng.below(kPorts), vcs == 1 ? 2 : b.rng.below(4), length(b.rng));
    b.drain(100000);
    EXPECT_GT(b.quiet_steps, 0u);
    // Every credit is there again: with credits held, exactly Depth flits leave on each VC of each output.
    for (auto& r : b.out) r.held = 15, r.seen = 0, r.percent = 100;
    for (unsigned v = 0; v < 4; ++v) {
      for (unsigned from = 0; from < 4; ++from) b.send(from, v, kDepth + 1, from ^ 2U);  // straight on
    }
    for (unsigned i = 0; i < 400; ++i) b.step();
    for (unsigned p = 0; p < 4; ++p) EXPECT_EQ(b.out[p].seen, 4 * kDepth) << "port " << p;
    EXPECT_TRUE(b.dut->quiet_o) << "waiting for credits is quiet";
    for (auto& r : b.out) r.held = 0;
    b.drain(10000);
  }
}

TEST(Router, ResetInTraffic) {
  Bench b(tessera::test::seed(2));
  for (unsigned round = 0; round < 60 && !HasFailure(); ++round) {
    for (auto& r : b.out) r.percent = 10 + b.rng.below(91);
    for (unsigned i = 0; i < 60; ++i) b.send(b.rng.below(kPorts), b.rng.below(4), length(b.rng));
    for (unsigned i = b.rng.below(150); i > 0; --i) b.step();
    if (round % 3 == 2) b.drain(10000);
    b.reset();
  }
}

// Flit sampled at edge t, on the output register after edge t + 1; its credit too.
TEST(Router, TwoCyclesPerHop) {
  Bench b(tessera::test::seed(3));
  for (unsigned from = 0; from < kPorts; ++from) {
    for (unsigned to = 0; to < kPorts; ++to) {
      const bool turn_back = from == to, y_to_x = (from == kN || from == kS) && (to == kE || to == kW);
      if (turn_back || y_to_x) continue;
      b.first_out[to] = 0;
      b.send(from, b.rng.below(4), 1, to);
      const std::uint64_t begin = b.cycle;  // on the input link in this cycle
      while (b.first_out[to] == 0) b.step();
      EXPECT_EQ(b.first_out[to] - begin, 2u);
      EXPECT_TRUE(b.in[from].idle()) << "the credit leaves with the flit";
      b.drain(100);
    }
  }
}

// One flow gets min(1, Depth / (2L + 2)) of a link of latency L: a flit in cycle t is with the neighbour in t + L - 1,
// its credit leaves there in t + L + 1 and is back here in t + 2L.
TEST(Router, CreditLoop) {
  for (unsigned latency = 1; latency <= 8; ++latency) {
    Bench b(tessera::test::seed(4));
    b.check_quiet = false;
    b.out[kE].delay = 2 * latency;
    for (unsigned i = 0; i < 250; ++i) b.send(kW, 1, 8, kE);
    b.drain(20000);
    const double rate = 2000.0 / static_cast<double>(b.last_out[kE] - b.first_out[kE] + 1);
    const double bound = std::min(1.0, kDepth / (2.0 * latency + 2));
    std::printf("link latency %u: %.3f flits per cycle\n", latency, rate);
    EXPECT_NEAR(rate, bound, 0.01);
    EXPECT_LE(rate, bound + 0.006);
  }
}

// Four straight flows at once, each at full rate, on one VC and over all VCs.
TEST(Router, FullThroughput) {
  for (unsigned vcs = 1; vcs <= 4; vcs += 3) {
    Bench b(tessera::test::seed(5));
    for (unsigned i = 0; i < 400; ++i)
      for (unsigned from = 0; from < 4; ++from) b.send(from, i % vcs, 5, from ^ 2U);
    b.drain(20000);
    for (unsigned p = 0; p < 4; ++p)
      EXPECT_LE(b.last_out[p] - b.first_out[p] + 1, 2000u + (vcs == 1 ? 0 : 100)) << "port " << p;
  }
}

// Four inputs want the same output for ever: all of its cycles are used, and each input gets a quarter.
TEST(Router, Fairness) {
  for (unsigned vcs = 1; vcs <= 4; vcs += 3) {
    for (const unsigned flits : {1u, 6u}) {
      Bench b(tessera::test::seed(6));
      b.check_quiet = false;
      for (unsigned i = 0; i < 6000 / flits; ++i)
        for (const unsigned from : {kN, kE, kW, kL}) b.send(from, b.rng.below(vcs), flits, kS);
      for (unsigned i = 0; i < 8000; ++i) b.step();
      const auto& c = b.count[kS];
      EXPECT_GE(c[kN] + c[kE] + c[kW] + c[kL], 7990u);
      for (const unsigned from : {kN, kE, kW, kL})
        EXPECT_NEAR(static_cast<double>(c[from]), 2000.0, vcs == 1 ? 10 : 120) << "port " << from;
    }
  }
}

}  // namespace
