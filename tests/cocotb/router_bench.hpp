// SPDX-License-Identifier: Apache-2.0
/// Both ends of the five links of a router. The twin is router_bench.py: same draws, same clock, same pins.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "tessera/test.hpp"

namespace router_bench {

using namespace tessera;

enum : unsigned { N, E, S, W, L, kPorts };
inline constexpr unsigned X = 2, Y = 3, kMeshX = 5, kMeshY = 6;  // own place; mesh size less one
inline constexpr unsigned kLinkBits = decltype(Dut::link_n_data_i)::kWidth;

struct Flit {
  unsigned vc = 0, head = 0, tail = 0;
  std::uint64_t data = 0;
};

/// The pins of one link end; `skew` delays what is driven by one clock (a fault that a twin must notice).
struct Pins {
  Signal<1> clk, valid;
  Signal<2> vc;
  Signal<1> head, tail;
  Signal<kLinkBits> data;
  Signal<1> credit_valid;
  Signal<2> credit_vc;
};

/// Sends queued flits, one per clock at most, as credits allow; idles in `idle` of 100 clocks.
class Source {
 public:
  Source(const Pins& pins, unsigned depth, SplitMix64 rng, unsigned idle) : pins_(pins), rng_(rng), idle_(idle) { credits_.fill(depth); }
  std::array<std::deque<Flit>, 4> queue;
  [[nodiscard]] std::size_t pending() const {
    std::size_t n = 0;
    for (const auto& q : queue) n += q.size();
    return n;
  }
  Coro<void> run() {
    if (plusarg("skew")) co_await RisingEdge(pins_.clk);
    while (true) {
      co_await RisingEdge(pins_.clk);
      if (pins_.credit_valid.value() == 1) ++credits_[pins_.credit_vc.value().to_unsigned()];
      const bool idle = rng_.chance(idle_);
      bool sent = false;
      for (unsigned k = 0; k < 4 && !sent; ++k) {
        const unsigned v = (next_ + k) % 4;
        if (idle || queue[v].empty() || credits_[v] == 0) continue;
        const Flit flit = queue[v].front();
        queue[v].pop_front();
        --credits_[v];
        next_ = (v + 1) % 4;
        pins_.valid = 1;
        pins_.vc = flit.vc;
        pins_.head = flit.head;
        pins_.tail = flit.tail;
        pins_.data = flit.data;
        sent = true;
      }
      if (!sent) pins_.valid = 0;
    }
  }

 private:
  Pins pins_;
  SplitMix64 rng_;
  unsigned idle_, next_ = 0;
  std::array<unsigned, 4> credits_{};
};

/// Takes every flit into a buffer per VC and gives credits back in `eager` of 100 clocks.
class Sink {
 public:
  Sink(const Pins& pins, unsigned depth, SplitMix64 rng, unsigned eager, std::function<void(const Flit&)> arrived)
      : pins_(pins), rng_(rng), depth_(depth), eager_(eager), arrived_(std::move(arrived)) {}
  Coro<void> run() {
    while (true) {
      co_await RisingEdge(pins_.clk);
      if (pins_.valid.value() == 1) {
        const auto v = static_cast<unsigned>(pins_.vc.value().to_unsigned());
        ++held_[v];
        CO_ASSERT_LE(held_[v], depth_);
        arrived_(Flit{v, static_cast<unsigned>(pins_.head.value().to_unsigned()),
                      static_cast<unsigned>(pins_.tail.value().to_unsigned()), pins_.data.value().to_unsigned()});
      }
      const bool give = rng_.chance(eager_);
      const auto first = static_cast<unsigned>(rng_.below(4));
      bool given = false;
      for (unsigned k = 0; k < 4 && !given; ++k) {
        const unsigned v = (first + k) % 4;
        if (!give || held_[v] == 0) continue;
        --held_[v];
        pins_.credit_valid = 1;
        pins_.credit_vc = v;
        given = true;
      }
      if (!given) pins_.credit_valid = 0;
    }
  }

 private:
  Pins pins_;
  SplitMix64 rng_;
  unsigned depth_, eager_;
  std::array<unsigned, 4> held_{};
  std::function<void(const Flit&)> arrived_;
};

#define ROUTER_PINS(d, port, from, to)                                                                             \
  Pins { d.clk_i, d.link_##port##_valid_##from, d.link_##port##_vc_##from, d.link_##port##_head_##from,            \
         d.link_##port##_tail_##from, d.link_##port##_data_##from, d.link_##port##_credit_valid_##to,              \
         d.link_##port##_credit_vc_##to }

/// Tasks keep the bench alive: it is always owned by a shared pointer.
class RouterBench : public std::enable_shared_from_this<RouterBench> {
 public:
  RouterBench(Dut& dut, unsigned idle, unsigned eager) : dut_(dut), rng(tessera::rng()) {
    const auto depth = static_cast<unsigned>(dut.Depth.value().to_unsigned());
    const Pins ins[] = {ROUTER_PINS(dut, n, i, o), ROUTER_PINS(dut, e, i, o), ROUTER_PINS(dut, s, i, o), ROUTER_PINS(dut, w, i, o),
                        ROUTER_PINS(dut, l, i, o)};
    const Pins outs[] = {ROUTER_PINS(dut, n, o, i), ROUTER_PINS(dut, e, o, i), ROUTER_PINS(dut, s, o, i), ROUTER_PINS(dut, w, o, i),
                         ROUTER_PINS(dut, l, o, i)};
    for (unsigned p = 0; p < kPorts; ++p) {
      sources.emplace_back(ins[p], depth, tessera::rng(1 + p), idle);
      sinks.emplace_back(outs[p], depth, tessera::rng(6 + p), eager, [this, p](const Flit& f) { arrived(p, f); });
    }
  }

  Coro<void> start() {
    Clock(dut_.clk_i, 10, ns).start();
    dut_.rst_ni = 0;
    dut_.tile_x_i = X;
    dut_.tile_y_i = Y;
    dut_.mesh_x_i = kMeshX;
    dut_.mesh_y_i = kMeshY;
    const Pins ins[] = {ROUTER_PINS(dut_, n, i, i), ROUTER_PINS(dut_, e, i, i), ROUTER_PINS(dut_, s, i, i), ROUTER_PINS(dut_, w, i, i),
                        ROUTER_PINS(dut_, l, i, i)};
    for (const Pins& p : ins) {
      p.valid = 0;
      p.vc = 0;
      p.head = 0;
      p.tail = 0;
      p.data = 0;
      p.credit_valid = 0;
      p.credit_vc = 0;
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

  Coro<void> drain(int limit) {
    for (int i = 0; i < limit && flits != 0; ++i) co_await RisingEdge(dut_.clk_i);
    CO_ASSERT_EQ(flits, 0);
  }

 private:
  static Coro<void> run_source(std::shared_ptr<RouterBench> bench, unsigned p) { co_await bench->sources[p].run(); }
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
