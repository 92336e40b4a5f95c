// SPDX-License-Identifier: Apache-2.0
/// From NumPy arrays to element codes of the machine and back, and the seeded data of demonstrations.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/npy.hpp"
#include "tsr_isa.hpp"

namespace tessera::workloads {

/// Element codes of an array, cast by rounding to nearest even or taken as FP32.
[[nodiscard]] std::vector<std::uint32_t> to_codes(const NpyArray& array, isa::Dtype dtype);
[[nodiscard]] std::vector<std::uint16_t> to_bf16(const NpyArray& array);

/// `count` values of a normal distribution (mean 0, deviation 1), from SplitMix64 and the Box-Muller transform.
[[nodiscard]] std::vector<float> normal_values(std::uint64_t seed, std::uint64_t count);

}  // namespace tessera::workloads
