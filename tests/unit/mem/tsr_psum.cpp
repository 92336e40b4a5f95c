// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "memory_bench.hpp"

using namespace tessera;

namespace {

/// The host's binary32 addition; every NaN is the canonical one (rule R1 of docs/numerics.md).
std::uint32_t add(std::uint32_t a, std::uint32_t b) {
  const auto sum = std::bit_cast<std::uint32_t>(std::bit_cast<float>(a) + std::bit_cast<float>(b));
  return (sum & 0x7fffffffU) > 0x7f800000U ? 0x7fc00000U : sum;
}

}  // namespace

TSR_TEST(all_ports_at_random, {.doc = "Every port in every cycle against a plain array and the host's addition."}) {
  SplitMix64 draw = rng();
  auto ports = MEMORY_PORTS(dut, psum);
  const unsigned partitions = ports.partitions;
  memory::Model model(partitions);
  std::optional<std::vector<std::uint32_t>> sums;
  dut.pe_en_i = 0;
  co_await memory::fill(dut, ports, model, draw);
  for (int n = 0; n < 100000; ++n) {
    const bool still = draw.chance(12);
    const auto on = [&] { return !still && draw.chance(66); };
    ports.drive(draw, on);
    const auto lanes = [&] {
      return draw.chance(25) ? (1U << partitions) - 1 : static_cast<unsigned>(draw.below(1U << partitions));
    };
    const unsigned writes = on() ? lanes() : 0, adds = draw.chance(25) ? 0 : lanes();
    const auto common = static_cast<unsigned>(draw.below(memory::kWords));
    std::vector<unsigned> at(partitions);
    std::vector<std::uint32_t> data(partitions);
    for (unsigned p = 0; p < partitions; ++p) {
      at[p] =
          draw.chance(50) ? common : static_cast<unsigned>(draw.below(memory::kWords));  // other ports meet it often
      data[p] = static_cast<std::uint32_t>(draw.bits(32));
      if (data[p] % 4 != 0) data[p] = (data[p] & 0x83ffffffU) | 0x3c000000U;  // of like size
      if (data[p] % 64 == 0) data[p] = model[at[p]][p] ^ 0x80000000U;         // cancels
      dut.pe_addr_i[static_cast<int>(p)] = at[p];
      dut.pe_data_i[static_cast<int>(p)] = data[p];
    }
    dut.pe_en_i = writes;
    dut.pe_acc_i = adds;
    co_await RisingEdge(dut.clk_i);  // what stands before the edge: the rows of the reads so far
    CO_ASSERT_EQ(dut.quiet_o.value(), !ports.any() && writes == 0);
    ports.check();
    for (unsigned p = 0; sums && p < partitions; ++p)
      CO_ASSERT_EQ(dut.pe_sum_o[static_cast<int>(p)].value().to_unsigned(), (*sums)[p]);
    ports.take_reads(model);
    if (writes != 0) {
      sums.emplace(partitions);
      for (unsigned p = 0; p < partitions; ++p) {
        if ((writes >> p & 1U) == 0) continue;
        std::uint32_t& word = model[at[p]][p];
        word = (*sums)[p] = (adds >> p & 1U) != 0 ? add(word, data[p]) : data[p];
      }
    }
    ports.take_writes(model);
  }
}
