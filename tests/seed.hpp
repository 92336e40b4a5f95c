// SPDX-License-Identifier: Apache-2.0
/// The seed of everything random in the tests.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace tessera::test {

/// TESSERA_SEED (decimal or 0x) or `fallback`. The first call of a process prints it, so that a failure can be
/// repeated.
inline std::uint64_t seed(std::uint64_t fallback = 1) {
  const char* text = std::getenv("TESSERA_SEED");
  const std::uint64_t value = text != nullptr ? std::strtoull(text, nullptr, 0) : fallback;
  static const int printed = std::printf("seed: TESSERA_SEED=%llu\n", static_cast<unsigned long long>(value));
  static_cast<void>(printed);
  return value;
}

}  // namespace tessera::test
