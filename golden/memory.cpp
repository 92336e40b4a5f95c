// SPDX-License-Identifier: Apache-2.0
#include "golden/memory.hpp"

#include <algorithm>
#include <bit>

namespace tessera::golden {

static_assert(std::endian::native == std::endian::little, "element access copies little-endian bytes");

void SparseMemory::read(std::uint64_t address, std::span<std::uint8_t> out) const {
  while (!out.empty()) {
    const std::uint64_t at = address % kPageBytes;
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), kPageBytes - at));
    const auto page = pages_.find(address / kPageBytes);
    if (page == pages_.end()) {
      std::memset(out.data(), 0, n);
    } else {
      std::memcpy(out.data(), page->second->data() + at, n);
    }
    out = out.subspan(n);
    address += n;
  }
}

void SparseMemory::write(std::uint64_t address, std::span<const std::uint8_t> in) {
  while (!in.empty()) {
    const std::uint64_t at = address % kPageBytes;
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), kPageBytes - at));
    auto& page = pages_[address / kPageBytes];
    if (!page) page = std::make_unique<Page>();  // zeroed
    std::memcpy(page->data() + at, in.data(), n);
    in = in.subspan(n);
    address += n;
  }
}

std::vector<std::uint64_t> SparseMemory::pages() const {
  std::vector<std::uint64_t> at;
  at.reserve(pages_.size());
  for (const auto& page : pages_) at.push_back(page.first * kPageBytes);
  std::sort(at.begin(), at.end());
  return at;
}

}  // namespace tessera::golden
