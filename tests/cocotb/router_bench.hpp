// SPDX-License-Identifier: Apache-2.0
/// Both ends of the five links of a router. The twin is router_bench.py: same draws, same clock, same pins.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "tessera/bfm.hpp"

namespace router_bench {

using namespace tessera;

enum : unsigned { N, E, S, W, L, kPorts };
inline constexpr unsigned X = 2, Y = 3, kMeshX = 5, kMeshY = 6;  // own place; mesh size less one
inline constexpr unsigned kLinkBits = decltype(Dut::link_n_data_i)::kWidth;

inline CoverGroup length_cover("router_length", {"one", "short", "long"});  // 1, 2 ... 4, more flits
inline CoverGroup vc_cover("router_vc", {"v0", "v1", "v2", "v3"});

using Pins = LinkPins<kLinkBits>;
using Flit = LinkFlit<Pins>;
using Source = LinkSource<Pins>;
using Sink = LinkSink<Pins>;

#define ROUTER_PINS(d, port, from, to)                                                             \
  Pins {                                                                                           \
    d.clk_i, d.link_##port##_valid_##from, d.link_##port##_vc_##from, d.link_##port##_head_##from, \
        d.link_##port##_tail_##from, d.link_##port##_data_##from, d.credit_##port##_valid_##to,    \
        d.credit_##port##_vc_##to                                                                  \
  }

/// Tasks keep the bench alive: it is always owned by a shared pointer.
class RouterBench : public std::enable_shared_from_this<RouterBench> {
 public:
  RouterBench(Dut& dut, unsigned idle, unsigned eager) : dut_(dut), rng(tessera::rng()) {
    const auto depth = static_cast<unsigned>(dut.Depth.value().to_unsigned());
    const Pins ins[] = {ROUTER_PINS(dut, n, i, o), ROUTER_PINS(dut, e, i, o), ROUTER_PINS(dut, s, i, o),
                        ROUTER_PINS(dut, w, i, o), ROUTER_PINS(dut, l, i, o)};
    const Pins outs[] = {ROUTER_PINS(dut, n, o, i), ROUTER_PINS(dut, e, o, i), ROUTER_PINS(dut, s, o, i),
                         ROUTER_PINS(dut, w, o, i), ROUTER_PINS(dut, l, o, i)};
    for (unsigned p = 0; p < kPorts; ++p) {
      sources.emplace_back(ins[p], depth, StallGenerator(1 + p, idle));
      sinks.emplace_back(outs[p], depth, StallGenerator(6 + p, 100 - eager), tessera::rng(11 + p),
                         [this, p](const Flit& f) { arrived(p, f); });
    }
  }

  Coro<void> start() {
    Clock(dut_.clk_i, 10, ns).start();
    dut_.rst_ni = 0;
    dut_.place_x_i = X;
    dut_.place_y_i = Y;
    dut_.place_mesh_x_i = kMeshX;
    dut_.place_mesh_y_i = kMeshY;
    for (unsigned p = 0; p < kPorts; ++p) {
      sources[p].reset();
      sinks[p].reset();
    }
    co_await ClockCycles(dut_.clk_i, 3);
    dut_.rst_ni = 1;
    co_await RisingEdge(dut_.clk_i);
    for (unsigned p = 0; p < kPorts; ++p) {
      start_soon(run_source(shared_from_this(), p));
      start_soon(run_sink(shared_from_this(), p));
    }
  }

  /// A destination that a packet on input `source` may have under dimension order, and its output.
  unsigned destination(unsigned source, unsigned& x, unsigned& y) {
    while (true) {
      x = static_cast<unsigned>(rng.below(kMeshX + 1));
      y = static_cast<unsigned>(rng.below(kMeshY + 1));
      if (rng.chance(30)) x = X;
      if (rng.chance(30)) y = Y;
      if (source == N && (x != X || y < Y)) continue;
      if (source == S && (x != X || y > Y)) continue;
      if (source == E && x > X) continue;
      if (source == W && x < X) continue;
      if (source == L && x == X && y == Y) continue;
      return x > X ? E : x < X ? W : y > Y ? S : y < Y ? N : L;
    }
  }

  void send(unsigned source, unsigned vc, unsigned length, unsigned only_to = kPorts) {
    unsigned x = 0, y = 0, to = 0;
    do {
      to = destination(source, x, y);
    } while (only_to != kPorts && to != only_to);
    length_cover.sample(length == 1 ? "one" : length <= 4 ? "short" : "long");
    vc_cover.sample(vc);
    std::vector<Flit> packet;
    for (unsigned i = 0; i < length; ++i) {
      const std::uint64_t low = i == 0 ? (x | y << 8 | 0x0201ULL << 16) : i;
      packet.push_back(Flit{vc, i == 0, i + 1 == length, next_id_ << 32 | low});
    }
    ++next_id_;
    for (const Flit& f : packet) sources[source].queue[vc].push_back(f);
    wanted_[to][source][vc].push_back(std::move(packet));
    flits += length;
  }

  /// From now on no sink gives a credit back.
  void hold_credits() {
    for (auto& sink : sinks) sink.set_stall(StallGenerator::always());
  }

  Coro<void> drain(int limit) {
    for (int i = 0; i < limit && flits != 0; ++i) co_await RisingEdge(dut_.clk_i);
    CO_ASSERT_EQ(flits, 0);
  }

 private:
  static Coro<void> run_source(std::shared_ptr<RouterBench> bench, unsigned p) {
    if (plusarg("skew")) co_await RisingEdge(bench->dut_.clk_i);  // a fault that a twin must notice
    co_await bench->sources[p].run();
  }
  static Coro<void> run_sink(std::shared_ptr<RouterBench> bench, unsigned p) { co_await bench->sinks[p].run(); }

  void arrived(unsigned to, const Flit& flit) {
    auto& now = now_[to][flit.vc];
    if (now.at == 0) {
      CO_ASSERT_EQ(flit.head, 1U);
      bool found = false;
      for (unsigned source = 0; source < kPorts && !found; ++source) {
        auto& queue = wanted_[to][source][flit.vc];
        if (queue.empty() || queue.front()[0].data != flit.data) continue;
        now.flits = std::move(queue.front());
        queue.pop_front();
        found = true;
      }
      CO_ASSERT_TRUE(found);
    }
    const Flit& want = now.flits[now.at];
    CO_ASSERT_EQ(flit.head, want.head);
    CO_ASSERT_EQ(flit.tail, want.tail);
    CO_ASSERT_EQ(flit.data, want.data);
    --flits;
    ++count[to];
    now.at = flit.tail ? 0 : now.at + 1;
  }

  struct Place {
    std::vector<Flit> flits;
    std::size_t at = 0;  ///< 0: between packets
  };
  Dut& dut_;
  std::uint64_t next_id_ = 1;
  std::array<std::array<std::array<std::deque<std::vector<Flit>>, 4>, kPorts>, kPorts> wanted_;  // [to][from][vc]
  std::array<std::array<Place, 4>, kPorts> now_;

 public:
  SplitMix64 rng;
  std::deque<Source> sources;
  std::deque<Sink> sinks;
  std::uint64_t flits = 0;
  std::array<std::uint64_t, kPorts> count{};
};

}  // namespace router_bench
