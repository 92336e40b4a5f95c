// SPDX-License-Identifier: Apache-2.0
// tsr_switch_alloc: no (input, VC) waits longer than the bound of its header, whatever the others ask for.
//
// Every (input, VC) holds packets for one output after another; flits that are missing and credits that are owed come
// after a bounded time. A model of credits and packets alone says who is eligible, so the bound does not depend on how
// the allocator keeps it.
#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <vector>

#include "Vtsr_switch_alloc_bench.h"
#include "noc_bench.hpp"
#include "sim/verilated_context.hpp"

namespace {

using noc_test::Rng;
constexpr unsigned kPorts = 5, kVcs = 4, kAll = kPorts * kVcs, kNone = kAll;
constexpr unsigned kDepth = noc_test::kCfg.router_vc_depth;
// Outputs that packets of an input may want in dimension order (N, E, S, W, L).
const std::array<std::vector<unsigned>, kPorts> kLegal = {{{2, 4}, {0, 2, 3, 4}, {0, 4}, {0, 1, 2, 4}, {0, 1, 2, 3}}};

struct Source {
  bool on = false;
  unsigned output = 0;
  bool fixed = false;  // all packets go to one output
  unsigned shortest = 1, longest = 1;
  unsigned pause = 0;  // cycles for which a flit may be missing, at most
  // State
  unsigned left = 0;         // flits of the packet at the front
  bool begun = false;        // its head has left
  unsigned missing = 0;      // cycles until its next flit is there
  std::uint64_t waited = 0;  // cycles since its head is at the front
  unsigned eligible = 0;     // cycles in a row in which its flit could go, its VC being its own
  unsigned ahead = 0;        // packets of others that began on its output VC since its head waits
  std::uint64_t flits = 0;
};

struct Bench {
  Bench(std::uint64_t seed, unsigned loop) : rng(seed), credit_loop(loop) {
    dut = std::make_unique<Vtsr_switch_alloc_bench>(&ctx);
    for (auto& word : dut->req_i.m_storage) word = 0;
    dut->tail_i = dut->credit_valid_i = 0, dut->credit_vc_i = 0;
    dut->rst_ni = 0;
    for (unsigned i = 0; i < 2; ++i) dut->clk_i = 0, dut->eval(), dut->clk_i = 1, dut->eval();
    dut->rst_ni = 1;
    credits.fill(kDepth);
    owner.fill(kNone);
  }
  ~Bench() { dut->final(); }

  Rng rng;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_switch_alloc_bench> dut;
  unsigned credit_loop;                                // a credit comes back after at most this many cycles
  std::array<Source, kAll> source{};                   // input * 4 + vc
  std::array<unsigned, kAll> credits{}, owner{};       // of output * 4 + vc; owner: the source whose packet holds it
  std::array<std::deque<std::uint64_t>, kAll> owed{};  // cycles in which credits are due
  std::uint64_t cycle = 0, worst_head = 0;
  unsigned worst_flit = 0, worst_ahead = 0;

  /// Longest wait of a head: 3 packets before it and its own flit, each flit within 20 cycles of what it lacks.
  [[nodiscard]] std::uint64_t bound() const {
    unsigned flits = 0, pause = 0;
    for (const Source& s : source)
      if (s.on) flits = std::max(flits, s.longest), pause = std::max(pause, s.pause);
    return (3ULL * flits + 1) * (kAll + credit_loop + pause + kPorts);  // + kPorts: one credit a cycle and output
  }
  void next_packet(unsigned k) {
    Source& s = source[k];
    if (!s.fixed) s.output = kLegal[k / kVcs][rng.below(static_cast<unsigned>(kLegal[k / kVcs].size()))];
    s.left = s.shortest + rng.below(s.longest - s.shortest + 1);
    s.begun = false, s.waited = 0, s.ahead = 0;
  }

  void step() {
    dut->clk_i = 0;
    for (auto& word : dut->req_i.m_storage) word = 0;
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = source[k];
      if (!s.on) continue;
      if (s.left == 0) next_packet(k);
      if (s.missing != 0 && --s.missing != 0) continue;
      const unsigned bit = 20 * (k / kVcs) + 4 * s.output + k % kVcs;
      dut->req_i.m_storage[bit / 32] |= 1U << (bit % 32);
    }
    unsigned valid = 0, vcs = 0;
    for (unsigned o = 0; o < kPorts; ++o) {
      const unsigned first = rng.below(kVcs);
      for (unsigned j = 0; j < kVcs; ++j) {
        auto& due = owed[o * kVcs + (first + j) % kVcs];
        if (due.empty() || due.front() > cycle) continue;
        due.pop_front();
        valid |= 1U << o, vcs |= ((first + j) % kVcs) << (2 * o);
        break;
      }
    }
    dut->credit_valid_i = static_cast<CData>(valid), dut->credit_vc_i = static_cast<SData>(vcs);
    dut->tail_i = 0;
    dut->eval();
    unsigned tails = 0;
    std::array<bool, kAll> went{};
    for (unsigned i = 0; i < kPorts; ++i) {
      if ((dut->pop_o >> i & 1) == 0) continue;
      const unsigned k = kVcs * i + (dut->pop_vc_o >> (2 * i) & 3);
      went[k] = true;
      tails |= static_cast<unsigned>(source[k].left == 1) << i;
    }
    dut->tail_i = static_cast<CData>(tails);
    dut->eval();
    for (unsigned o = 0; o < kPorts; ++o) {
      if ((dut->send_o >> o & 1) == 0) continue;
      const unsigned from = dut->send_from_o >> (3 * o) & 7, vc = dut->send_vc_o >> (2 * o) & 3;
      const unsigned k = kVcs * from + vc, n = o * kVcs + vc;
      ASSERT_TRUE(went[k] && source[k].on && source[k].missing == 0 && source[k].output == o) << "cycle " << cycle;
      ASSERT_TRUE(owner[n] == kNone || owner[n] == k) << "two packets on one output VC, cycle " << cycle;
      ASSERT_NE(credits[n], 0U) << "cycle " << cycle;
    }
    // Who waits, before this cycle's credits count.
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = source[k];
      if (!s.on) continue;
      const unsigned n = s.output * kVcs + k % kVcs;
      if (s.begun) {
        const bool could = s.missing == 0 && credits[n] != 0;
        s.eligible = could && !went[k] ? s.eligible + 1 : 0;
        worst_flit = std::max(worst_flit, s.eligible + (could ? 1U : 0U));
      } else if (s.missing == 0) {
        ++s.waited;
        worst_head = std::max(worst_head, s.waited);
      }
    }
    for (unsigned o = 0; o < kPorts; ++o) {
      if ((dut->send_o >> o & 1) == 0) continue;
      const unsigned k = kVcs * (dut->send_from_o >> (3 * o) & 7) + (dut->send_vc_o >> (2 * o) & 3);
      const unsigned n = o * kVcs + k % kVcs;
      Source& s = source[k];
      if (!s.begun) {
        for (unsigned j = k % kVcs; j < kAll; j += kVcs) {
          Source& other = source[j];
          if (j == k || !other.on || other.begun || other.missing != 0 || other.output != o) continue;
          worst_ahead = std::max(worst_ahead, ++other.ahead);
        }
      }
      s.begun = true;
      owner[n] = --s.left == 0 ? kNone : k;
      if (s.pause != 0) s.missing = 1 + rng.below(s.pause);
      ++s.flits;
      --credits[n];
      owed[n].push_back(cycle + 1 + rng.below(credit_loop));
      if (owed[n].size() > 1) owed[n].back() = std::max(owed[n].back(), owed[n][owed[n].size() - 2]);
    }
    for (unsigned o = 0; o < kPorts; ++o)
      if ((valid >> o & 1) != 0) ++credits[o * kVcs + (vcs >> (2 * o) & 3)];
    dut->clk_i = 1;
    dut->eval();
    ++cycle;
  }

  [[nodiscard]] std::string pattern() const {
    std::string text;
    for (unsigned k = 0; k < kAll; ++k) {
      if (!source[k].on) continue;
      text += std::string(" ") + "NESWL"[k / kVcs] + std::to_string(k % kVcs) + "->" +
              (source[k].fixed ? std::string(1, "NESWL"[source[k].output]) : "any") + " " +
              std::to_string(source[k].flits);
    }
    return text;
  }
  void expect_bounds() const {
    EXPECT_LE(worst_flit, kAll) << "a flit that could go waited too long:" << pattern();
    EXPECT_LE(worst_ahead, 3U) << "too many packets overtook a head:" << pattern();
    EXPECT_LE(worst_head, bound()) << "a head waited too long:" << pattern();
  }
};

struct Lengths {
  unsigned shortest, longest;
};
constexpr Lengths kLengths[] = {{1, 1}, {2, 2}, {1, 2}, {3, 3}, {5, 5}, {1, 17}, {17, 17}, {1, 66}};

// Saturated (input, VC) that all want one fixed output: the patterns in which a careless pointer starves somebody.
TEST(SwitchAlloc, EverySaturatedPatternIsServed) {
  const std::uint64_t seed = tessera::test::seed(1);
  for (unsigned round = 0; round < 3000 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Bench b(seed * 100000 + round, 1 + round % 3 * 5);
    const unsigned percent = 20 + b.rng.below(81);
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = b.source[k];
      const Lengths& l = kLengths[(round + (k % kVcs > 1 ? round / 8 : 0)) % std::size(kLengths)];
      s.on = b.rng.chance(percent), s.fixed = true, s.shortest = l.shortest, s.longest = l.longest;
      const auto& legal = kLegal[k / kVcs];
      s.output = legal[b.rng.below(static_cast<unsigned>(legal.size()))];
    }
    const std::uint64_t cycles = std::min<std::uint64_t>(4 * b.bound(), 4000);
    for (std::uint64_t i = 0; i < cycles && !HasFatalFailure(); ++i) b.step();
    b.expect_bounds();
    if (cycles > b.bound()) {
      for (const Source& s : b.source) EXPECT_TRUE(!s.on || s.flits != 0) << b.pattern();
    }
  }
}

// Packets to changing outputs, flits and credits that come late.
TEST(SwitchAlloc, RandomTrafficIsServed) {
  const std::uint64_t seed = tessera::test::seed(2);
  for (unsigned round = 0; round < 500 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Bench b(seed * 100000 + round, 1 + round % 30);
    const unsigned percent = 30 + b.rng.below(71);
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = b.source[k];
      const Lengths& l = kLengths[b.rng.below(static_cast<unsigned>(std::size(kLengths)))];
      s.on = b.rng.chance(percent), s.fixed = b.rng.chance(50), s.shortest = l.shortest, s.longest = l.longest;
      s.pause = b.rng.chance(50) ? 0 : 1 + b.rng.below(20);
      s.output = kLegal[k / kVcs][b.rng.below(static_cast<unsigned>(kLegal[k / kVcs].size()))];
    }
    for (unsigned i = 0; i < 6000 && !HasFatalFailure(); ++i) b.step();
    b.expect_bounds();
  }
}

// Four flows that cross: two of them meet at both ends with a third. All get a fair share, not only a flit now and
// then.
TEST(SwitchAlloc, CrossingFlowsShare) {
  tessera::test::seed(3);
  for (const unsigned flits : {1U, 4U, 17U}) {
    Bench b(1, 4);
    const std::array<std::array<unsigned, 3>, 4> flows = {{{1, 2, 4}, {1, 3, 4}, {2, 3, 4}, {1, 0, 2}}};
    for (const auto& [input, vc, output] : flows) {
      Source& s = b.source[input * kVcs + vc];
      s.on = s.fixed = true, s.output = output, s.shortest = s.longest = flits;
    }
    for (unsigned i = 0; i < 20000; ++i) b.step();
    b.expect_bounds();
    for (const auto& [input, vc, output] : flows)
      EXPECT_GE(b.source[input * kVcs + vc].flits, 20000U / 5) << flits << " flits:" << b.pattern();
  }
}

}  // namespace
