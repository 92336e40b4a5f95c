// SPDX-License-Identifier: Apache-2.0
/// One direction of a link: flits forward, and the credits that travel the same way for the opposite direction.
///
/// What leaves the sender's registers in cycle t is sampled by the receiver's edge of cycle t + latency - 1; latency 1
/// is a wire. Time is cut into windows of at most `latency` edges. What the edges of window w send is handed over at
/// the start of window w + 1, which is early enough; so sender and receiver may be anywhere within one window at the
/// same time, on two threads, with one synchronisation between windows and no other. An idle link costs nothing.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/tile_port.hpp"

namespace tessera::sim {

class Link {
 public:
  Link(unsigned latency, unsigned data_words) : delay_(latency - 1), data_words_(data_words) {}

  // The sender's side. Each returns true for the first thing sent in `window`: the receiver must be told to `deliver`.
  bool send_flit(std::uint64_t window, std::uint64_t cycle, const Flit& flit) {
    Half& half = half_[window & 1];
    const bool first = half.open(window, cycle);
    half.put(static_cast<std::uint32_t>(cycle - half.base) << 8 | flit.vc << 4U | flit.head << 2U | flit.tail << 1U |
             1U);
    for (unsigned i = 0; i < data_words_; ++i) half.put(flit.data[i]);
    return first;
  }
  bool send_credit(std::uint64_t window, std::uint64_t cycle, std::uint8_t vc) {
    Half& half = half_[window & 1];
    const bool first = half.open(window, cycle);
    half.put(static_cast<std::uint32_t>(cycle - half.base) << 8 | vc << 4U);
    return first;
  }

  // The receiver's side.
  /// Takes over what was sent in `window`, which has passed. Once per window in which something was sent.
  void deliver(std::uint64_t window) {
    const Half& half = half_[window & 1];
    forget_arrived(flits_, next_flit_);
    forget_arrived(credits_, next_credit_);
    for (std::uint32_t i = 0; i < half.size;) {
      const std::uint32_t head = half.get(i++);
      const std::uint64_t arrives = half.base + (head >> 8) + delay_;
      const auto vc = static_cast<std::uint8_t>(head >> 4 & 3U);
      if ((head & 1U) == 0) {
        credits_.push_back({arrives, vc});
        continue;
      }
      FlitAt& at = flits_.emplace_back();
      at.arrives = arrives;
      at.flit.vc = vc, at.flit.head = head >> 2 & 1U, at.flit.tail = head >> 1 & 1U;
      for (unsigned w = 0; w < data_words_; ++w) at.flit.data[w] = half.get(i++);
    }
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
    for (Half& half : half_) half.window = kNever, half.size = 0;
    flits_.clear(), credits_.clear();
    next_flit_ = next_credit_ = 0;
  }

  static constexpr std::uint64_t kNever = ~0ULL;

 private:
  /// What one window sends, packed; the two take turns. Only the sender writes, so that with two threads one cache line
  /// travels per window when there is no more than a flit of usual size and a credit.
  struct alignas(64) Half {
    static constexpr std::uint32_t kNear = 11;
    std::uint64_t window = kNever, base = 0;
    std::uint32_t size = 0;
    std::uint32_t near[kNear] = {};
    std::vector<std::uint32_t> far;
    bool open(std::uint64_t now, std::uint64_t cycle) {
      if (window == now) return false;
      window = now, base = cycle, size = 0;
      return true;
    }
    void put(std::uint32_t word) {
      if (size < kNear) {
        near[size] = word;
      } else {
        if (size - kNear >= far.size()) far.resize(far.size() * 2 + 32);
        far[size - kNear] = word;
      }
      ++size;
    }
    [[nodiscard]] std::uint32_t get(std::uint32_t i) const { return i < kNear ? near[i] : far[i - kNear]; }
  };
  struct FlitAt {
    std::uint64_t arrives;
    Flit flit;
  };
  struct CreditAt {
    std::uint64_t arrives;
    std::uint8_t vc;
  };
  template <class Item>
  static void forget_arrived(std::vector<Item>& list, std::size_t& next) {
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(next));
    next = 0;
  }

  Half half_[2];
  alignas(64) std::vector<FlitAt> flits_;  ///< delivered; arrived up to `next_flit_`
  std::vector<CreditAt> credits_;
  std::size_t next_flit_ = 0, next_credit_ = 0;
  std::uint64_t delay_;
  unsigned data_words_;
};

}  // namespace tessera::sim
