// SPDX-License-Identifier: Apache-2.0
/// Runs a job on the golden model, with random data that hold every class of number.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "golden/cluster.hpp"
#include "tests/seed.hpp"
#include "workloads/program.hpp"

namespace tessera::test {

/// BF16 codes: mostly ordinary, every `rare`th (0: none) a NaN, infinity, subnormal, huge number or signed zero.
inline std::vector<std::uint16_t> random_bf16(std::mt19937_64& rng, std::uint64_t count, unsigned rare) {
  static constexpr std::uint16_t kRare[] = {0x7fc0, 0xffc1, 0x7f80, 0xff80, 0x0001, 0x807f,
                                            0x0000, 0x8000, 0x7f7f, 0xff7f, 0x0080};
  std::vector<std::uint16_t> codes(count);
  for (auto& c : codes) {
    const auto r = rng();
    c = static_cast<std::uint16_t>((r & 0x807fU) | (120 + (r >> 16) % 14) << 7);
    if (rare != 0 && (r >> 32) % rare == 0) c = kRare[(r >> 48) % std::size(kRare)];
  }
  return codes;
}

/// The golden cluster after the job, or a failed assertion and nullptr.
inline std::unique_ptr<golden::Cluster> run_golden(const Config& cfg, isa::ProgramBuilder&& program,
                                                   std::uint64_t data_end, std::uint64_t shuffle = 0) {
  const auto image = workloads::image_of(cfg, std::move(program), data_end);
  auto cluster = std::make_unique<golden::Cluster>(cfg, image.width, image.height);
  const auto why = cluster->load(image);
  EXPECT_EQ(why, "");
  if (!why.empty()) return nullptr;
  const auto result = cluster->run(UINT64_MAX, shuffle);
  EXPECT_EQ(result.outcome, golden::Outcome::kDone) << (result.sentences.empty() ? "" : result.sentences.front());
  return result.outcome == golden::Outcome::kDone ? std::move(cluster) : nullptr;
}

inline std::uint32_t hbm_word(const golden::Cluster& cluster, std::uint32_t tile, std::uint64_t address,
                              unsigned bytes = 4) {
  std::uint32_t word = 0;
  cluster.tile(tile % cluster.width(), tile / cluster.width())
      .hbm.read(address, {reinterpret_cast<std::uint8_t*>(&word), bytes});
  return word;
}

}  // namespace tessera::test
