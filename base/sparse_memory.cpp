// SPDX-License-Identifier: Apache-2.0
#include "base/sparse_memory.hpp"

#include <algorithm>
#include <cstring>

namespace tessera {

SparseMemory::~SparseMemory() {
  for (const auto& group : groups_) {
    if (!group) continue;
    for (std::uint64_t p = 0; p < kGroupPages; ++p) {
      if (group->own[p]) delete[] group->page[p];
    }
  }
}

void SparseMemory::swap(SparseMemory& other) noexcept {
  std::swap(size_, other.size_);
  groups_.swap(other.groups_);
  shared_.swap(other.shared_);
}

SparseMemory::Group& SparseMemory::group(std::uint64_t address) {
  const std::uint64_t g = address >> kGroupShift;
  if (g >= groups_.size()) groups_.resize(g + 1);
  if (!groups_[g]) groups_[g] = std::make_unique<Group>();
  return *groups_[g];
}

std::uint8_t* SparseMemory::make_page(std::uint64_t address) {
  Group& in = group(address);
  const std::uint64_t p = (address >> kPageShift) % kGroupPages;
  if (!in.own[p]) {
    auto page = std::make_unique<std::uint8_t[]>(kPageBytes);  // zeros
    if (in.page[p] != nullptr) std::memcpy(page.get(), in.page[p], kPageBytes);
    in.page[p] = page.release();
    in.own[p] = true;
  }
  return const_cast<std::uint8_t*>(in.page[p]);  // its own, so not const
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

void SparseMemory::place(std::uint64_t address, const SharedBytes& from) {
  const std::span<const std::uint8_t> bytes = from;
  bool shared = false;
  for (std::size_t i = 0; i < bytes.size() && address + i < size_;) {
    const std::uint64_t at = (address + i) % kPageBytes;
    const std::size_t n = std::min<std::size_t>({bytes.size() - i, kPageBytes - at, size_ - (address + i)});
    Group& in = group(address + i);
    const std::uint64_t p = ((address + i) >> kPageShift) % kGroupPages;
    if (n == kPageBytes && !in.own[p]) {
      in.page[p] = &bytes[i];
      shared = true;
    } else {
      std::memcpy(make_page(address + i) + at, &bytes[i], n);
    }
    i += n;
  }
  if (shared) shared_.push_back(from.owner());
}

std::vector<std::uint64_t> SparseMemory::pages() const {
  std::vector<std::uint64_t> at;
  for (std::uint64_t g = 0; g < groups_.size(); ++g) {
    if (!groups_[g]) continue;
    for (std::uint64_t p = 0; p < kGroupPages; ++p) {
      if (groups_[g]->page[p] != nullptr) at.push_back((g << kGroupShift) + (p << kPageShift));
    }
  }
  return at;
}

SparseMemory SparseMemory::copy() const {
  SparseMemory other(size_);
  other.shared_ = shared_;
  for (const std::uint64_t at : pages()) {
    const std::uint64_t p = (at >> kPageShift) % kGroupPages;
    if (groups_[at >> kGroupShift]->own[p]) {
      std::memcpy(other.make_page(at), page(at), kPageBytes);
    } else {
      other.group(at).page[p] = page(at);
    }
  }
  return other;
}

std::uint64_t SparseMemory::own_bytes() const {
  std::uint64_t bytes = groups_.capacity() * sizeof(groups_[0]) + shared_.capacity() * sizeof(shared_[0]);
  for (const auto& group : groups_) {
    if (group) bytes += sizeof(Group) + group->own.count() * kPageBytes;
  }
  return bytes;
}

}  // namespace tessera
