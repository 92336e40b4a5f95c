// SPDX-License-Identifier: Apache-2.0
#include "workloads/arrays.hpp"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/casts.hpp"
#include "base/random.hpp"

namespace tessera::workloads {
std::vector<std::uint32_t> to_codes(const NpyArray& array, isa::Dtype dtype) {
  std::vector<std::uint32_t> codes(array.elements());
  for (std::uint64_t i = 0; i < codes.size(); ++i) {
    codes[i] = narrow(std::bit_cast<std::uint32_t>(array.as_float(i)), dtype);
  }
  return codes;
}

std::vector<std::uint16_t> to_bf16(const NpyArray& array) {
  std::vector<std::uint16_t> codes(array.elements());
  for (std::uint64_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::uint16_t>(narrow(std::bit_cast<std::uint32_t>(array.as_float(i)), isa::Dtype::kBf16));
  }
  return codes;
}

std::vector<float> normal_values(std::uint64_t seed, std::uint64_t count) {
  SplitMix64 random{seed};
  std::vector<float> values(count);
  for (std::uint64_t i = 0; i < count; i += 2) {
    const double radius = std::sqrt(-2.0 * std::log(random.unit())), angle = 2.0 * std::numbers::pi * random.unit();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < count) values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return values;
}

}  // namespace tessera::workloads
