// SPDX-License-Identifier: Apache-2.0
/// The memories of a tile inside the core as plain bytes.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

namespace tessera::golden {

/// SBUF or PSUM: `partitions` rows of `bytes` bytes.
class PartitionedMemory {
 public:
  PartitionedMemory(std::uint32_t partitions, std::uint32_t bytes)
      : partitions_(partitions), bytes_(bytes), data_(std::size_t{partitions} * bytes) {}
  [[nodiscard]] std::uint32_t partitions() const { return partitions_; }
  [[nodiscard]] std::uint32_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint8_t* row(std::uint32_t partition) { return data_.data() + std::size_t{partition} * bytes_; }
  [[nodiscard]] const std::uint8_t* row(std::uint32_t partition) const {
    return data_.data() + std::size_t{partition} * bytes_;
  }

 private:
  std::uint32_t partitions_, bytes_;
  std::vector<std::uint8_t> data_;
};

static_assert(std::endian::native == std::endian::little, "element access copies little-endian bytes");

/// Little-endian element access.
inline std::uint32_t load_element(const std::uint8_t* at, unsigned bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, bytes);
  return value;
}
inline void store_element(std::uint8_t* at, unsigned bytes, std::uint32_t value) { std::memcpy(at, &value, bytes); }

}  // namespace tessera::golden
