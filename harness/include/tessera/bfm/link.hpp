// SPDX-License-Identifier: Apache-2.0
/// The ends of a link with credits, and a monitor.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tessera/bfm/base.hpp"

namespace tessera {

/// One direction of a link: what its sender drives, and the credits that come back, one per flit and virtual channel.
template <unsigned Data, unsigned Vc = 2>
struct LinkPins {
  static constexpr unsigned kVcs = 1U << Vc;
  using Payload = std::conditional_t<(Data <= 64), std::uint64_t, Bits<Data>>;
  Signal<1> clk, valid;
  Signal<Vc> vc;
  Signal<1> head, tail;
  Signal<Data> data;
  Signal<1> credit_valid;
  Signal<Vc> credit_vc;

  [[nodiscard]] unsigned vc_now() const { return static_cast<unsigned>(vc.value().to_unsigned()); }
  [[nodiscard]] unsigned credit_vc_now() const { return static_cast<unsigned>(credit_vc.value().to_unsigned()); }
};

/// What g++ deduces for an aggregate; clang 14 does not.
template <unsigned Data, unsigned Vc>
LinkPins(Signal<1>, Signal<1>, Signal<Vc>, Signal<1>, Signal<1>, Signal<Data>, Signal<1>, Signal<Vc>)
    -> LinkPins<Data, Vc>;

template <class Pins>
struct LinkFlit {
  unsigned vc = 0, head = 0, tail = 0;
  typename Pins::Payload data{};
  friend bool operator==(const LinkFlit&, const LinkFlit&) = default;
  friend std::ostream& operator<<(std::ostream& os, const LinkFlit& f) {
    return os << "vc " << f.vc << (f.head ? " head" : "") << (f.tail ? " tail" : "") << " data " << f.data;
  }
  /// What stands on the pins now.
  static LinkFlit on(const Pins& pins) {
    LinkFlit f;
    f.vc = pins.vc_now();
    f.head = static_cast<unsigned>(pins.head.value().to_unsigned());
    f.tail = static_cast<unsigned>(pins.tail.value().to_unsigned());
    if constexpr (std::is_same_v<typename Pins::Payload, std::uint64_t>) {
      f.data = pins.data.value().to_unsigned();
    } else {
      f.data = pins.data.value();
    }
    return f;
  }
};

/// Sends queued flits, one per clock at most, as credits allow; virtual channels take turns. Idles when `idle` says so.
template <class Pins>
class LinkSource : public std::enable_shared_from_this<LinkSource<Pins>> {
 public:
  using Flit = LinkFlit<Pins>;
  /// `depth`: flits that the buffer of a virtual channel at the other end holds.
  LinkSource(const Pins& pins, unsigned depth, StallGenerator idle)
      : pins_(pins), depth_(depth), idle_(std::move(idle)) {
    credits_.fill(depth);
  }
  std::array<std::deque<Flit>, Pins::kVcs> queue;
  void send(const Flit& flit) { queue.at(flit.vc).push_back(flit); }
  [[nodiscard]] std::size_t pending() const {
    std::size_t n = 0;
    for (const auto& q : queue) n += q.size();
    return n;
  }
  [[nodiscard]] unsigned credits(unsigned vc) const { return credits_.at(vc); }
  /// Call while in reset.
  void reset() const {
    pins_.valid = 0;
    pins_.vc = 0;
    pins_.head = 0;
    pins_.tail = 0;
    pins_.data = 0;
  }
  void start() { start_soon(serve(this->shared_from_this())); }
  /// The task itself, for an owner that keeps this object alive in another way.
  Coro<void> run() {
    while (true) {
      co_await RisingEdge(pins_.clk);
      if (pins_.credit_valid.value() == 1) {
        const unsigned v = pins_.credit_vc_now();
        if (++credits_[v] > depth_) throw AssertionError("link: a credit too many on VC " + std::to_string(v));
      }
      const bool idle = idle_.stall();
      bool sent = false;
      for (unsigned k = 0; k < Pins::kVcs && !sent; ++k) {
        const unsigned v = (next_ + k) % Pins::kVcs;
        if (idle || queue[v].empty() || credits_[v] == 0) continue;
        const Flit flit = queue[v].front();
        queue[v].pop_front();
        --credits_[v];
        next_ = (v + 1) % Pins::kVcs;
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
  static Coro<void> serve(std::shared_ptr<LinkSource> source) { co_await source->run(); }
  Pins pins_;
  unsigned depth_;
  StallGenerator idle_;
  unsigned next_ = 0;
  std::array<unsigned, Pins::kVcs> credits_{};
};

/// Takes every flit into a buffer of `depth` per virtual channel and gives one credit back per clock, unless `stall`
/// says no; `pick` chooses the virtual channel that is looked at first.
template <class Pins>
class LinkSink : public std::enable_shared_from_this<LinkSink<Pins>> {
 public:
  using Flit = LinkFlit<Pins>;
  LinkSink(const Pins& pins, unsigned depth, StallGenerator stall, SplitMix64 pick,
           std::function<void(const Flit&)> arrived)
      : pins_(pins), depth_(depth), stall_(std::move(stall)), pick_(pick), arrived_(std::move(arrived)) {}
  [[nodiscard]] unsigned held(unsigned vc) const { return held_.at(vc); }
  void set_stall(StallGenerator stall) { stall_ = std::move(stall); }
  /// Call while in reset.
  void reset() const {
    pins_.credit_valid = 0;
    pins_.credit_vc = 0;
  }
  void start() { start_soon(serve(this->shared_from_this())); }
  Coro<void> run() {
    while (true) {
      co_await RisingEdge(pins_.clk);
      if (pins_.valid.value() == 1) {
        const Flit flit = Flit::on(pins_);
        if (++held_[flit.vc] > depth_)
          throw AssertionError("link: a flit without a credit on VC " + std::to_string(flit.vc));
        arrived_(flit);
      }
      const bool give = !stall_.stall();
      const auto first = static_cast<unsigned>(pick_.below(Pins::kVcs));
      bool given = false;
      for (unsigned k = 0; k < Pins::kVcs && !given; ++k) {
        const unsigned v = (first + k) % Pins::kVcs;
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
  static Coro<void> serve(std::shared_ptr<LinkSink> sink) { co_await sink->run(); }
  Pins pins_;
  unsigned depth_;
  StallGenerator stall_;
  SplitMix64 pick_;
  std::array<unsigned, Pins::kVcs> held_{};
  std::function<void(const Flit&)> arrived_;
};

/// Watches a link without driving it: calls `packet` with the flits of each packet when its tail has passed. A flit
/// without a credit, a credit without a flit, a body without a head and a head inside of a packet fail the test.
template <class Pins>
class LinkMonitor : public std::enable_shared_from_this<LinkMonitor<Pins>> {
 public:
  using Flit = LinkFlit<Pins>;
  using Packet = std::vector<Flit>;
  LinkMonitor(const Pins& pins, unsigned depth, std::function<void(const Packet&)> packet)
      : pins_(pins), depth_(depth), packet_(std::move(packet)) {}
  void start() { start_soon(serve(this->shared_from_this())); }
  [[nodiscard]] std::uint64_t flits() const { return flits_; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  /// Clocks in which a flit passed, of those since start().
  [[nodiscard]] double utilisation() const {
    return clocks_ ? static_cast<double>(flits_) / static_cast<double>(clocks_) : 0;
  }

 private:
  static Coro<void> serve(std::shared_ptr<LinkMonitor> m) { co_await m->run(); }
  Coro<void> run() {
    while (true) {
      co_await RisingEdge(pins_.clk);
      ++clocks_;
      if (pins_.valid.value() == 1) take(Flit::on(pins_));
      if (pins_.credit_valid.value() == 1) {
        const unsigned v = pins_.credit_vc_now();
        if (out_[v] == 0) throw AssertionError("link: a credit without a flit on VC " + std::to_string(v));
        --out_[v];
      }
    }
  }
  void take(const Flit& flit) {
    count_check();
    ++flits_;
    Packet& open = open_[flit.vc];
    const std::string where = " on VC " + std::to_string(flit.vc);
    if (++out_[flit.vc] > depth_) throw AssertionError("link: a flit without a credit" + where);
    if (flit.head != open.empty())
      throw AssertionError(flit.head ? "link: a head inside of a packet" + where
                                     : "link: a flit outside of a packet" + where);
    open.push_back(flit);
    if (!flit.tail) return;
    ++packets_;
    const Packet whole = std::move(open);
    open.clear();
    packet_(whole);
  }

  Pins pins_;
  unsigned depth_;
  std::function<void(const Packet&)> packet_;
  std::uint64_t flits_ = 0, packets_ = 0, clocks_ = 0;
  std::array<unsigned, Pins::kVcs> out_{};
  std::array<Packet, Pins::kVcs> open_;
};

}  // namespace tessera
