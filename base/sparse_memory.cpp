// SPDX-License-Identifier: Apache-2.0
#include "base/sparse_memory.hpp"

#include <algorithm>
#include <cstring>

namespace tessera {

std::uint8_t* SparseMemory::make_page(std::uint64_t address) {
  const std::uint64_t g = address >> kGroupShift;
  if (g >= groups_.size()) groups_.resize(g + 1);
  if (!groups_[g]) groups_[g] = std::make_unique<Group>();
  auto& page = groups_[g]->page[(address >> kPageShift) % kGroupPages];
  if (!page) page = std::make_unique<std::uint8_t[]>(kPageBytes);
  return page.get();
}

void SparseMemory::read(std::uint64_t address, std::span<std::uint8_t> to) const {
  for (std::size_t i = 0; i < to.size();) {
    const std::uint64_t at = (address + i) % kPageBytes;
    const std::size_t n = std::min<std::size_t>(to.size() - i, kPageBytes - at);
    if (const std::uint8_t* from = page(address + i)) {
      std::memcpy(&to[i], from + at, n);
    } else {
      std::memset(&to[i], 0, n);
    }
    i += n;
  }
}

void SparseMemory::write(std::uint64_t address, std::span<const std::uint8_t> from) {
  for (std::size_t i = 0; i < from.size() && address + i < size_;) {
    const std::uint64_t at = (address + i) % kPageBytes;
    const std::size_t n = std::min<std::size_t>({from.size() - i, kPageBytes - at, size_ - (address + i)});
    std::memcpy(make_page(address + i) + at, &from[i], n);
    i += n;
  }
}

std::vector<std::uint64_t> SparseMemory::pages() const {
  std::vector<std::uint64_t> at;
  for (std::uint64_t g = 0; g < groups_.size(); ++g) {
    if (!groups_[g]) continue;
    for (std::uint64_t p = 0; p < kGroupPages; ++p) {
      if (groups_[g]->page[p]) at.push_back((g << kGroupShift) + (p << kPageShift));
    }
  }
  return at;
}

SparseMemory SparseMemory::copy() const {
  SparseMemory other(size_);
  for (const std::uint64_t at : pages()) std::memcpy(other.make_page(at), page(at), kPageBytes);
  return other;
}

}  // namespace tessera
