// SPDX-License-Identifier: Apache-2.0
/// Sparse memory: contents at random places, and bytes that several memories hold at once.
#include "base/sparse_memory.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <optional>
#include <random>

#include "tests/seed.hpp"

namespace tessera {
namespace {

using tessera::test::seed;

std::vector<std::uint8_t> random_bytes(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
  return bytes;
}

TEST(SparseMemory, BehavesLikeAMapOfBytes) {
  std::mt19937_64 random(seed());
  SparseMemory memory(5'000'000'000);
  std::optional<SparseMemory> copy;
  std::map<std::uint64_t, std::uint8_t> expected, at_copy;
  const auto equal = [&](const SparseMemory& got, const auto& want, std::uint64_t at, std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    got.read(at, bytes);
    for (std::size_t i = 0; i < count; ++i) {
      const auto found = want.find(at + i);
      ASSERT_EQ(bytes[i], found == want.end() ? 0 : found->second) << "address " << at + i;
    }
  };
  const std::uint64_t places[] = {0, 4090, 65530, (1 << 21) - 3, 4'999'999'990};
  for (int round = 0; round < 3000; ++round) {
    const std::uint64_t at = places[random() % 5] + random() % 16;
    const auto kind = random() % 8;
    const auto bytes = random_bytes(random, kind == 0 ? random() % 12'000 : random() % 40);
    if (kind == 0) memory.place(at, SharedBytes(bytes));
    if (kind == 1) memory.write(at, bytes);
    if (kind <= 1) {
      for (std::size_t i = 0; i < bytes.size() && at + i < memory.size(); ++i) expected[at + i] = bytes[i];
    } else {
      equal(memory, expected, at, bytes.size());
      if (copy) equal(*copy, at_copy, at, bytes.size());
    }
    if (round == 1500) copy = memory.copy(), at_copy = expected;
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_EQ(memory.page(1'000'000'000), nullptr);
}

TEST(SparseMemory, PlacedPagesAreSharedUntilSomebodyWrites) {
  constexpr std::uint64_t kPage = SparseMemory::kPageBytes, kPages = 500;
  std::mt19937_64 random(seed());
  const auto contents = random_bytes(random, kPages * kPage);
  SharedBytes bytes(contents);
  std::vector<SparseMemory> memories;
  for (int i = 0; i < 10; ++i) memories.emplace_back(1ULL << 30).place(3 * kPage, bytes);
  for (const auto& memory : memories) {
    EXPECT_LT(memory.own_bytes(), 20'000U);  // tables only: the bytes stand once for all
    EXPECT_EQ(memory.page(3 * kPage), bytes.data());
  }
  const std::uint8_t other[] = {static_cast<std::uint8_t>(~contents[2 * kPage + 7])};
  memories[4].write(5 * kPage + 7, other);
  EXPECT_LT(memories[4].own_bytes(), 20'000U + kPage);
  const SparseMemory copy = memories[4].copy();
  bytes = {};  // the memories keep them alive
  for (std::size_t i = 0; i < memories.size(); ++i) {
    std::vector<std::uint8_t> got(contents.size()), want = contents;
    if (i == 4) want[2 * kPage + 7] = other[0];
    memories[i].read(3 * kPage, got);
    EXPECT_TRUE(got == want) << "memory " << i << ", seed " << seed();
    if (i != 4) continue;
    copy.read(3 * kPage, got);
    EXPECT_TRUE(got == want);
  }
}

TEST(SparseMemory, PartsOfPagesAndTheEndAreCopied) {
  SparseMemory memory(3 * SparseMemory::kPageBytes);
  std::vector<std::uint8_t> bytes(5 * SparseMemory::kPageBytes);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  memory.place(100, SharedBytes(bytes));  // its end is beyond the memory's
  EXPECT_EQ(memory.pages(), (std::vector<std::uint64_t>{0, 4096, 8192}));
  std::vector<std::uint8_t> got(3 * SparseMemory::kPageBytes);
  memory.read(0, got);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], i < 100 ? 0 : bytes[i - 100]) << i;
}

TEST(SharedBytes, TakesListsOverAsTheyAre) {
  std::vector<std::uint32_t> words{0x04030201, 0x08070605};
  const auto* where = reinterpret_cast<const std::uint8_t*>(words.data());
  const SharedBytes bytes(std::move(words));
  ASSERT_EQ(bytes.size(), 8U);
  EXPECT_EQ(bytes.data(), where);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(bytes[i], i + 1);
  EXPECT_TRUE(SharedBytes().empty());
}

}  // namespace
}  // namespace tessera
