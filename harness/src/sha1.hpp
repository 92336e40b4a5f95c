// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace tessera::detail {

/// FIPS 180-4 SHA-1; seeds of tests are derived with it, as in cocotb.
[[nodiscard]] inline std::array<std::uint32_t, 5> sha1(std::string_view text) {
  std::array<std::uint32_t, 5> h{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const auto rotl = [](std::uint32_t v, int n) { return v << n | v >> (32 - n); };
  const std::size_t blocks = (text.size() + 8) / 64 + 1;
  for (std::size_t block = 0; block < blocks; ++block) {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t at = block * 64 + i;
      std::uint32_t byte = at < text.size() ? static_cast<unsigned char>(text[at]) : at == text.size() ? 0x80 : 0;
      if (block + 1 == blocks && i >= 56)
        byte = static_cast<std::uint8_t>(std::uint64_t{text.size()} * 8 >> (63 - i) * 8);
      w[i / 4] |= byte << (24 - 8 * (i % 4));
    }
    for (std::size_t i = 16; i < 80; ++i) w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = h;
    for (std::size_t i = 0; i < 80; ++i) {
      std::uint32_t f, k;
      if (i < 20) {
        f = (b & c) | (~b & d), k = 0x5a827999;
      } else if (i < 40) {
        f = b ^ c ^ d, k = 0x6ed9eba1;
      } else if (i < 60) {
        f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
      } else {
        f = b ^ c ^ d, k = 0xca62c1d6;
      }
      const std::uint32_t t = rotl(a, 5) + f + e + k + w[i];
      e = d, d = c, c = rotl(b, 30), b = a, a = t;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  return h;
}

}  // namespace tessera::detail
