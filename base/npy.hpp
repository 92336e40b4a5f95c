// SPDX-License-Identifier: Apache-2.0
/// NumPy .npy files: docs/arrays.md says which element types are accepted. C or Fortran order; header versions 1 to 3.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace tessera {

enum class NpyType { kFloat32, kFloat16, kInt32, kInt8, kUint8 };

/// An array in C order.
struct NpyArray {
  NpyType type = NpyType::kFloat32;
  std::vector<std::uint64_t> shape;
  std::vector<std::uint8_t> bytes;  ///< elements, little-endian

  [[nodiscard]] std::uint64_t elements() const;
  /// Element `n` as FP32 (int32 rounds to nearest even).
  [[nodiscard]] float as_float(std::uint64_t n) const;
  static NpyArray from_floats(std::vector<std::uint64_t> shape, const std::vector<float>& values);
};

/// Either an array, or one sentence that names the file and says what is wrong.
struct NpyResult {
  NpyArray array;
  std::string error;
  [[nodiscard]] bool ok() const { return error.empty(); }
};

std::uint32_t npy_item_bytes(NpyType type);
/// `rank` < 0 accepts any number of dimensions.
NpyResult read_npy(const std::string& path, int rank = -1);
/// Writes in one step (base/output.hpp); an empty string, or the sentence that says what failed.
std::string write_npy(const std::string& path, const NpyArray& array);

}  // namespace tessera
