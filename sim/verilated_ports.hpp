// SPDX-License-Identifier: Apache-2.0
/// Ports of Verilated classes: the same calls for CData … QData and for wide arrays.
#pragma once
#include <verilated.h>

#include <cstdint>

namespace tessera::sim::port {

template <std::size_t N>
inline void put(VlWide<N>& to, const std::uint32_t* from) {
  for (std::size_t i = 0; i < N; ++i) to[i] = from[i];
}
inline void put(QData& to, const std::uint32_t* from) { to = from[0] | std::uint64_t{from[1]} << 32; }
inline void put(IData& to, const std::uint32_t* from) { to = from[0]; }

template <std::size_t N>
inline void get(const VlWide<N>& from, std::uint32_t* to) {
  for (std::size_t i = 0; i < N; ++i) to[i] = from[i];
}
inline void get(const QData& from, std::uint32_t* to) {
  to[0] = static_cast<std::uint32_t>(from);
  to[1] = static_cast<std::uint32_t>(from >> 32);
}
inline void get(const IData& from, std::uint32_t* to) { to[0] = from; }
inline void get(const SData& from, std::uint32_t* to) { to[0] = from; }
inline void get(const CData& from, std::uint32_t* to) { to[0] = from; }

/// `width` <= 64 bits of a wide value from bit `lsb` on.
inline std::uint64_t bits(const std::uint32_t* words, unsigned lsb, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width;) {
    const unsigned at = lsb + i, take = width - i < 32 - at % 32 ? width - i : 32 - at % 32;
    value |= std::uint64_t{(words[at / 32] >> (at % 32)) & (~0U >> (32 - take))} << i;
    i += take;
  }
  return value;
}
inline void set_bits(std::uint32_t* words, unsigned lsb, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width;) {
    const unsigned at = lsb + i, take = width - i < 32 - at % 32 ? width - i : 32 - at % 32;
    const std::uint32_t mask = (~0U >> (32 - take)) << (at % 32);
    words[at / 32] = (words[at / 32] & ~mask) | ((static_cast<std::uint32_t>(value >> i) << (at % 32)) & mask);
    i += take;
  }
}

}  // namespace tessera::sim::port
