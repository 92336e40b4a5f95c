// SPDX-License-Identifier: Apache-2.0
/// Order-independent hash of events: the sum of a mixed value per event, so tiles and threads may add in any order.
#pragma once
#include <cstdint>

#include "base/random.hpp"

namespace tessera::sim {

/// The contents of HBM; the other kinds of events are those of the boundary (EventPort).
inline constexpr std::uint64_t kPortHbm = 63;

class Signature {
 public:
  void add(std::uint64_t cycle, std::uint64_t tile, std::uint64_t port, std::uint64_t value) {
    sum_ += mix(mix(cycle ^ (tile << 40) ^ (port << 56)) ^ value);
  }
  void add(std::uint64_t cycle, std::uint64_t tile, std::uint64_t port, std::uint64_t value, const std::uint32_t* words,
           unsigned count) {
    for (unsigned i = 0; i < count; ++i) value = mix(value ^ words[i]);
    add(cycle, tile, port, value);
  }
  void merge(const Signature& other) { sum_ += other.sum_; }
  [[nodiscard]] std::uint64_t value() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
};

}  // namespace tessera::sim
