// SPDX-License-Identifier: Apache-2.0
/// One direction of a link: flits forward, and the credits that travel the same way for the opposite direction.
///
/// What leaves the sender's registers in cycle t is sampled by the receiver's edge in cycle t + latency - 1; latency 1 is
/// a wire. Slots carry the cycle they were sent in, so an idle link costs nothing. One thread sends, one receives; sends of
/// cycles t+1 … t+L may run at the same time as receives of cycles t-L+1 … t, never more (synchronise every L cycles).
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/tile_port.hpp"

namespace tessera::sim {

class Link {
 public:
  explicit Link(unsigned latency)
      : delay_(latency - 1), mask_(std::bit_ceil(2 * latency) - 1), flits_(mask_ + 1), credits_(mask_ + 1) {}

  void send_flit(std::uint64_t cycle, const Flit& flit, unsigned data_words) {
    FlitSlot& slot = flits_[cycle & mask_];
    slot.sent = cycle;
    slot.flit.vc = flit.vc, slot.flit.head = flit.head, slot.flit.tail = flit.tail;
    for (unsigned i = 0; i < data_words; ++i) slot.flit.data[i] = flit.data[i];
  }
  void send_credit(std::uint64_t cycle, std::uint8_t vc) { credits_[cycle & mask_] = {cycle, vc}; }

  /// What arrives in `cycle`, nullptr when nothing does; valid until the receiver's next cycle.
  [[nodiscard]] const Flit* flit(std::uint64_t cycle) const {
    const FlitSlot& slot = flits_[(cycle - delay_) & mask_];
    return slot.sent == cycle - delay_ ? &slot.flit : nullptr;
  }
  [[nodiscard]] const std::uint8_t* credit(std::uint64_t cycle) const {
    const CreditSlot& slot = credits_[(cycle - delay_) & mask_];
    return slot.sent == cycle - delay_ ? &slot.vc : nullptr;
  }

 private:
  static constexpr std::uint64_t kNever = ~0ULL >> 1;
  struct FlitSlot {
    std::uint64_t sent = kNever;
    Flit flit;
  };
  struct CreditSlot {
    std::uint64_t sent = kNever;
    std::uint8_t vc = 0;
  };
  std::uint64_t delay_, mask_;
  std::vector<FlitSlot> flits_;
  std::vector<CreditSlot> credits_;
};

}  // namespace tessera::sim
