// SPDX-License-Identifier: Apache-2.0
// tsr_switch_alloc: no (input, VC) waits longer than the bound of its header, whatever the others ask for.
//
// The VC of a packet on its output is what a table of the topology says: the same number in a mesh, another one where a
// dateline is crossed. Every (input, VC) holds packets for one output after another; flits that are missing and credits
// that are owed come after a bounded time. A model of credits and packets alone says who is eligible, so the bound does
// not depend on how the allocator keeps it.
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
constexpr unsigned kPorts = 5, kVcs = TSR_NUM_VCS, kAll = kPorts * kVcs, kNone = kAll;
constexpr unsigned kVcBits = kVcs == 4 ? 2 : 1;
constexpr unsigned kDepth = noc_test::kCfg.router_vc_depth;

/// What the allocator must know of a network: outputs that packets of an input may want (N, E, S, W, L), and the VC on
/// the output of a packet by input, output and VC.
struct Topology {
  std::array<std::vector<unsigned>, kPorts> legal;
  unsigned (*next)(unsigned input, unsigned output, unsigned vc);
};
/// Dimension order, a packet keeps its VC.
const Topology kMesh = {{{{2, 4}, {0, 2, 3, 4}, {0, 4}, {0, 1, 2, 4}, {0, 1, 2, 3}}},
                        [](unsigned, unsigned, unsigned vc) { return vc; }};
/// A ring along X with its dateline behind the east output: who crosses it goes on in lane 1 of its class, who goes
/// straight on keeps the lane, all others begin in lane 0. Several (input, VC) lead to one output VC, some to none.
const Topology kDateline = {{{{1, 2, 3, 4}, {0, 2, 3, 4}, {0, 1, 3, 4}, {0, 1, 2, 4}, {0, 1, 2, 3}}},
                            [](unsigned input, unsigned output, unsigned vc) {
                              const bool straight = output < 4 && input == (output ^ 2U);
                              return (vc & ~1U) | (output == 1 ? 1U : straight ? vc & 1U : 0U);
                            }};
const Topology* const kTopologies[] = {&kMesh, &kDateline};

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

/// Words of a port of any width.
template <unsigned N>
struct Bits {
  std::array<std::uint32_t, (N * 2 + 31) / 32> words{};
  void set(unsigned bit) { words[bit / 32] |= 1U << (bit % 32); }
  template <class Port>
  void put(Port& port) const {
    noc_test::put(port, reinterpret_cast<const std::uint8_t*>(words.data()), sizeof words);
  }
};

struct Bench {
  Bench(std::uint64_t seed, unsigned loop, const Topology& t) : rng(seed), topology(t), credit_loop(loop) {
    dut = std::make_unique<Vtsr_switch_alloc_bench>(&ctx);
    Bits<kPorts * kAll> table;
    for (unsigned k = 0; k < kAll; ++k)
      for (unsigned o = 0; o < kPorts; ++o) {
        ++leading[output_vc(k, o)];
        const unsigned at = ((k / kVcs) * kPorts + o) * kVcs + k % kVcs;
        for (unsigned b = 0; b < kVcBits; ++b)
          if ((output_vc(k, o) % kVcs >> b & 1) != 0) table.set(at * kVcBits + b);
      }
    table.put(dut->next_vc_i);
    Bits<kPorts * kAll>{}.put(dut->req_i);
    dut->tail_i = dut->credit_valid_i = 0, dut->credit_vc_i = 0;
    dut->rst_ni = 0;
    for (unsigned i = 0; i < 2; ++i) dut->clk_i = 0, dut->eval(), dut->clk_i = 1, dut->eval();
    dut->rst_ni = 1;
    credits.fill(kDepth);
    owner.fill(kNone);
  }
  ~Bench() { dut->final(); }

  Rng rng;
  const Topology& topology;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_switch_alloc_bench> dut;
  unsigned credit_loop;                                // a credit comes back after at most this many cycles
  std::array<Source, kAll> source{};                   // input * 4 + vc
  std::array<unsigned, kAll> leading{};                // (input, VC) that lead to output * kVcs + vc
  std::array<unsigned, kAll> credits{}, owner{};       // of output * 4 + vc; owner: the source whose packet holds it
  std::array<std::deque<std::uint64_t>, kAll> owed{};  // cycles in which credits are due
  std::uint64_t cycle = 0, worst_head = 0;
  unsigned worst_flit = 0, worst_ahead = 0;

  /// The output VC, output * kVcs + vc, over which source k reaches an output.
  [[nodiscard]] unsigned output_vc(unsigned k, unsigned output) const {
    return output * kVcs + topology.next(k / kVcs, output, k % kVcs);
  }
  /// Packets that may go before a waiting head: one of each other (input, VC) that leads to its output VC. Dimension
  /// order leaves out the input on the side of the output.
  [[nodiscard]] unsigned overtakers() const {
    return &topology == &kMesh ? kPorts - 2 : *std::max_element(leading.begin(), leading.end()) - 1;
  }
  /// Longest wait of a head: those packets before it and its own flit, each flit within one turn of what it lacks.
  [[nodiscard]] std::uint64_t bound() const {
    unsigned flits = 0, pause = 0;
    for (const Source& s : source)
      if (s.on) flits = std::max(flits, s.longest), pause = std::max(pause, s.pause);
    return (std::uint64_t{overtakers()} * flits + 1) *
           (kAll + credit_loop + pause + kPorts);  // + kPorts: one credit a cycle and output
  }
  unsigned any_output(unsigned k) {
    const auto& legal = topology.legal[k / kVcs];
    return legal[rng.below(static_cast<unsigned>(legal.size()))];
  }
  void next_packet(unsigned k) {
    Source& s = source[k];
    if (!s.fixed) s.output = any_output(k);
    s.left = s.shortest + rng.below(s.longest - s.shortest + 1);
    s.begun = false, s.waited = 0, s.ahead = 0;
  }

  /// The source whose flit leaves this input.
  [[nodiscard]] unsigned popped(unsigned input) const {
    return kVcs * input + (dut->pop_vc_o >> (kVcBits * input) & (kVcs - 1));
  }

  void step() {
    dut->clk_i = 0;
    Bits<kPorts * kAll> requests;
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = source[k];
      if (!s.on) continue;
      if (s.left == 0) next_packet(k);
      if (s.missing != 0 && --s.missing != 0) continue;
      requests.set(kAll * (k / kVcs) + kVcs * s.output + k % kVcs);
    }
    requests.put(dut->req_i);
    unsigned valid = 0, vcs = 0;
    for (unsigned o = 0; o < kPorts; ++o) {
      const unsigned first = rng.below(kVcs);
      for (unsigned j = 0; j < kVcs; ++j) {
        auto& due = owed[o * kVcs + (first + j) % kVcs];
        if (due.empty() || due.front() > cycle) continue;
        due.pop_front();
        valid |= 1U << o, vcs |= ((first + j) % kVcs) << (kVcBits * o);
        break;
      }
    }
    dut->credit_valid_i = static_cast<CData>(valid),
    dut->credit_vc_i = static_cast<std::remove_reference_t<decltype(dut->credit_vc_i)>>(vcs);
    dut->tail_i = 0;
    dut->eval();
    unsigned tails = 0;
    std::array<bool, kAll> went{};
    for (unsigned i = 0; i < kPorts; ++i) {
      if ((dut->pop_o >> i & 1) == 0) continue;
      const unsigned k = popped(i);
      went[k] = true;
      tails |= static_cast<unsigned>(source[k].left == 1) << i;
    }
    dut->tail_i = static_cast<CData>(tails);
    dut->eval();
    for (unsigned o = 0; o < kPorts; ++o) {
      if ((dut->send_o >> o & 1) == 0) continue;
      const unsigned k = popped(dut->send_from_o >> (3 * o) & 7), n = output_vc(k, o);
      ASSERT_EQ(dut->send_vc_o >> (kVcBits * o) & (kVcs - 1), n % kVcs)
          << "not the VC of the topology, cycle " << cycle;
      ASSERT_TRUE(went[k] && source[k].on && source[k].missing == 0 && source[k].output == o) << "cycle " << cycle;
      ASSERT_TRUE(owner[n] == kNone || owner[n] == k) << "two packets on one output VC, cycle " << cycle;
      ASSERT_NE(credits[n], 0U) << "cycle " << cycle;
    }
    // Who waits, before this cycle's credits count.
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = source[k];
      if (!s.on) continue;
      const unsigned n = output_vc(k, s.output);
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
      const unsigned k = popped(dut->send_from_o >> (3 * o) & 7), n = output_vc(k, o);
      Source& s = source[k];
      if (!s.begun) {
        for (unsigned j = 0; j < kAll; ++j) {
          Source& other = source[j];
          if (j == k || !other.on || other.begun || other.missing != 0 || output_vc(j, other.output) != n) continue;
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
      if ((valid >> o & 1) != 0) ++credits[o * kVcs + (vcs >> (kVcBits * o) & (kVcs - 1))];
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
    EXPECT_LE(worst_ahead, overtakers()) << "too many packets overtook a head:" << pattern();
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
    Bench b(seed * 100000 + round, 1 + round % 3 * 5, *kTopologies[round / 2 % 2]);
    const unsigned percent = 20 + b.rng.below(81);
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = b.source[k];
      const Lengths& l = kLengths[(round + (k % kVcs > 1 ? round / 8 : 0)) % std::size(kLengths)];
      s.on = b.rng.chance(percent), s.fixed = true, s.shortest = l.shortest, s.longest = l.longest;
      s.output = b.any_output(k);
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
    Bench b(seed * 100000 + round, 1 + round % 30, *kTopologies[round % 2]);
    const unsigned percent = 30 + b.rng.below(71);
    for (unsigned k = 0; k < kAll; ++k) {
      Source& s = b.source[k];
      const Lengths& l = kLengths[b.rng.below(static_cast<unsigned>(std::size(kLengths)))];
      s.on = b.rng.chance(percent), s.fixed = b.rng.chance(50), s.shortest = l.shortest, s.longest = l.longest;
      s.pause = b.rng.chance(50) ? 0 : 1 + b.rng.below(20);
      s.output = b.any_output(k);
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
    Bench b(1, 4, kMesh);
    std::vector<std::array<unsigned, 3>> flows = {{1, 0, 4}, {1, 1, 4}, {2, 1, 4}};
    if (kVcs > 2) flows.push_back({1, 2, 2});
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
