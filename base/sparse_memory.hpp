// SPDX-License-Identifier: Apache-2.0
/// A large memory that takes room only where something was written: the contents of one tile's HBM.
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/shared_bytes.hpp"

namespace tessera {

/// Zero-filled memory that holds 4 KiB pages where something was written. Whole pages of placed bytes are shared with
/// whoever else holds these bytes, until somebody writes to them.
class SparseMemory {
 public:
  explicit SparseMemory(std::uint64_t bytes) : size_(bytes) {}
  ~SparseMemory();
  SparseMemory(SparseMemory&& other) noexcept { swap(other); }
  SparseMemory& operator=(SparseMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  SparseMemory(const SparseMemory&) = delete;
  SparseMemory& operator=(const SparseMemory&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  void read(std::uint64_t address, std::span<std::uint8_t> to) const;     ///< beyond the end: zeros
  void write(std::uint64_t address, std::span<const std::uint8_t> from);  ///< beyond the end: dropped
  /// Like `write`, but takes no room for whole pages as long as nobody writes to them.
  void place(std::uint64_t address, const SharedBytes& from);
  /// Page of `address`, nullptr when never written.
  [[nodiscard]] const std::uint8_t* page(std::uint64_t address) const {
    const std::uint64_t g = address >> kGroupShift;
    if (g >= groups_.size() || !groups_[g]) return nullptr;
    return groups_[g]->page[(address >> kPageShift) % kGroupPages];
  }
  /// Page of `address` < size(), of its own; created on demand.
  std::uint8_t* make_page(std::uint64_t address);
  /// First addresses of the pages that exist, in rising order.
  [[nodiscard]] std::vector<std::uint64_t> pages() const;
  [[nodiscard]] SparseMemory copy() const;
  /// Bytes of this process that belong to this memory alone.
  [[nodiscard]] std::uint64_t own_bytes() const;

  static constexpr unsigned kPageShift = 12, kGroupShift = 21;
  static constexpr std::uint64_t kPageBytes = 1ULL << kPageShift;

 private:
  static constexpr std::uint64_t kGroupPages = 1ULL << (kGroupShift - kPageShift);
  struct Group {
    std::array<const std::uint8_t*, kGroupPages> page{};
    std::bitset<kGroupPages> own;  ///< allocated by this memory; the others lie in bytes of `shared_`
  };
  Group& group(std::uint64_t address);
  void swap(SparseMemory& other) noexcept;
  std::uint64_t size_ = 0;
  std::vector<std::unique_ptr<Group>> groups_;       ///< as many as were ever needed
  std::vector<std::shared_ptr<const void>> shared_;  ///< owners of the shared pages
};

}  // namespace tessera
