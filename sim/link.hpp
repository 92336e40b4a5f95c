// SPDX-License-Identifier: Apache-2.0
/// One direction of a link: flits forward, and the credits that travel the same way for the opposite direction.
///
/// What leaves the sender's registers in cycle t is sampled by the receiver's edge of cycle t + latency - 1; latency 1 is
/// a wire. Time is cut into windows of at most `latency` edges. What the edges of window w send is handed over at the
/// start of window w + 1, which is early enough; so sender and receiver may be anywhere within one window at the same
/// time, on two threads, with one synchronisation between windows and no other. An idle link costs nothing.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/tile_port.hpp"

namespace tessera::sim {

class Link {
 public:
  Link(std::uint32_t receiver, unsigned latency) : receiver_(receiver), delay_(latency - 1) {}

  /// Tile that receives.
  [[nodiscard]] std::uint32_t receiver() const { return receiver_; }

  // The sender's side. Each returns true for the first thing sent in `window`: the receiver must be told to `deliver`.
  bool send_flit(std::uint64_t window, std::uint64_t cycle, const Flit& flit, unsigned data_words) {
    Half& half = half_[window & 1];
    const bool first = half.open(window);
    FlitAt& at = half.flits.emplace_back();
    at.arrives = cycle + delay_;
    at.flit.vc = flit.vc, at.flit.head = flit.head, at.flit.tail = flit.tail;
    for (unsigned i = 0; i < data_words; ++i) at.flit.data[i] = flit.data[i];
    return first;
  }
  bool send_credit(std::uint64_t window, std::uint64_t cycle, std::uint8_t vc) {
    Half& half = half_[window & 1];
    const bool first = half.open(window);
    half.credits.push_back({cycle + delay_, vc});
    return first;
  }

  // The receiver's side.
  /// Takes over what was sent in `window`, which has passed. Once per window in which something was sent.
  void deliver(std::uint64_t window) {
    Half& half = half_[window & 1];
    take(half.flits, flits_, next_flit_);
    take(half.credits, credits_, next_credit_);
  }
  /// What arrives in `cycle`, nullptr when nothing does; to be asked in rising order of cycles. Valid until `deliver`.
  const Flit* flit(std::uint64_t cycle) {
    if (next_flit_ == flits_.size() || flits_[next_flit_].arrives != cycle) return nullptr;
    return &flits_[next_flit_++].flit;
  }
  const std::uint8_t* credit(std::uint64_t cycle) {
    if (next_credit_ == credits_.size() || credits_[next_credit_].arrives != cycle) return nullptr;
    return &credits_[next_credit_++].vc;
  }
  /// Cycle of the next arrival that has been delivered, `kNever` without one.
  [[nodiscard]] std::uint64_t next_arrival() const {
    const std::uint64_t flit = next_flit_ == flits_.size() ? kNever : flits_[next_flit_].arrives;
    const std::uint64_t credit = next_credit_ == credits_.size() ? kNever : credits_[next_credit_].arrives;
    return flit < credit ? flit : credit;
  }

  /// Forgets everything on its way. While nobody sends or receives.
  void clear() {
    for (Half& half : half_) half = Half{};
    flits_.clear(), credits_.clear();
    next_flit_ = next_credit_ = 0;
  }

  static constexpr std::uint64_t kNever = ~0ULL;

 private:
  struct FlitAt {
    std::uint64_t arrives;
    Flit flit;
  };
  struct CreditAt {
    std::uint64_t arrives;
    std::uint8_t vc;
  };
  /// What one window sends; the two take turns. A cache line of its own, as sender and receiver use different ones.
  struct alignas(64) Half {
    std::uint64_t window = kNever;
    std::vector<FlitAt> flits;
    std::vector<CreditAt> credits;
    bool open(std::uint64_t now) {
      if (window == now) return false;
      window = now;
      return true;
    }
  };
  template <class Item>
  static void take(std::vector<Item>& from, std::vector<Item>& to, std::size_t& next) {
    if (next == to.size()) {  // the usual case: everything of the window before has arrived
      to.clear();
      next = 0;
      std::swap(from, to);
    } else {
      to.erase(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(next));
      next = 0;
      to.insert(to.end(), from.begin(), from.end());
      from.clear();
    }
  }

  Half half_[2];
  alignas(64) std::uint32_t receiver_;
  std::uint64_t delay_;
  std::vector<FlitAt> flits_;  ///< delivered; arrived up to `next_flit_`
  std::vector<CreditAt> credits_;
  std::size_t next_flit_ = 0, next_credit_ = 0;
};

}  // namespace tessera::sim
