// SPDX-License-Identifier: Apache-2.0
/// Reproducible random numbers and mixing of 64 bits.
#pragma once
#include <cstdint>

namespace tessera {

/// The finaliser of SplitMix64 after its increment (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014): every bit of the result depends on every bit of `x`.
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// SplitMix64, the same in Python (tessera_bench.SplitMix64): twin tests draw equal numbers from equal seeds.
class SplitMix64 {
 public:
  using result_type = std::uint64_t;
  explicit SplitMix64(std::uint64_t s) : state_(s) {}
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() { return next(); }
  std::uint64_t next() {
    const std::uint64_t z = mix(state_);
    state_ += kIncrement;
    return z;
  }
  /// 0 … n-1; n >= 1. The modulo bias is part of the definition.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  /// True in about `per_cent` of 100 cases.
  bool chance(unsigned per_cent) { return below(100) < per_cent; }
  /// Uniform in (0, 1).
  double unit() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1.0p-53; }
  /// `n` random bits, 1 … 64.
  std::uint64_t bits(unsigned n) { return next() >> (64 - n); }

 private:
  static constexpr std::uint64_t kIncrement = 0x9e3779b97f4a7c15ULL;
  std::uint64_t state_;
};

}  // namespace tessera
