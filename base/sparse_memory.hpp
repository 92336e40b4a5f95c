// SPDX-License-Identifier: Apache-2.0
/// A large memory that takes room only where something was written: the contents of one tile's HBM.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tessera {

/// Zero-filled memory that holds 4 KiB pages where something was written.
class SparseMemory {
 public:
  explicit SparseMemory(std::uint64_t bytes) : size_(bytes) {}
  [[nodiscard]] std::uint64_t size() const { return size_; }
  void read(std::uint64_t address, std::span<std::uint8_t> to) const;     ///< beyond the end: zeros
  void write(std::uint64_t address, std::span<const std::uint8_t> from);  ///< beyond the end: dropped
  /// Page of `address`, nullptr when never written.
  [[nodiscard]] const std::uint8_t* page(std::uint64_t address) const {
    const std::uint64_t g = address >> kGroupShift;
    if (g >= groups_.size() || !groups_[g]) return nullptr;
    return groups_[g]->page[(address >> kPageShift) % kGroupPages].get();
  }
  /// Page of `address` < size(), created on demand.
  std::uint8_t* make_page(std::uint64_t address);
  /// First addresses of the pages that exist, in rising order.
  [[nodiscard]] std::vector<std::uint64_t> pages() const;
  [[nodiscard]] SparseMemory copy() const;

  static constexpr unsigned kPageShift = 12, kGroupShift = 21;
  static constexpr std::uint64_t kPageBytes = 1ULL << kPageShift;

 private:
  static constexpr std::uint64_t kGroupPages = 1ULL << (kGroupShift - kPageShift);
  struct Group {
    std::array<std::unique_ptr<std::uint8_t[]>, kGroupPages> page;
  };
  std::uint64_t size_;
  std::vector<std::unique_ptr<Group>> groups_;  ///< as many as were ever needed
};

}  // namespace tessera
