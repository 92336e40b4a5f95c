// SPDX-License-Identifier: Apache-2.0
/// The memories of a tile as plain bytes.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace tessera::golden {

/// A large address space of which only touched pages exist; untouched bytes read as zero.
class SparseMemory {
 public:
  void read(std::uint64_t address, std::span<std::uint8_t> out) const;
  void write(std::uint64_t address, std::span<const std::uint8_t> in);
  /// First addresses of the pages that exist, in rising order.
  [[nodiscard]] std::vector<std::uint64_t> pages() const;

  static constexpr std::uint64_t kPageBytes = 4096;

 private:
  using Page = std::array<std::uint8_t, kPageBytes>;
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

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

/// Little-endian element access; the host is little-endian (checked in memory.cpp).
inline std::uint32_t load_element(const std::uint8_t* at, unsigned bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, bytes);
  return value;
}
inline void store_element(std::uint8_t* at, unsigned bytes, std::uint32_t value) { std::memcpy(at, &value, bytes); }

}  // namespace tessera::golden
