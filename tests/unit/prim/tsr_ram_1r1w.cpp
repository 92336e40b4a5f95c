// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <vector>

#include "random_word.hpp"

using namespace tessera;

TSR_TEST(random_accesses, {.doc = "The old word on a read of the address that is written; held until the next read."}) {
  using Word = decltype(dut.wr_data_i)::Value;
  const std::uint64_t depth = dut.Depth.value().to_unsigned();
  std::vector<std::optional<Word>> model(depth);
  std::optional<Word> wanted;
  SplitMix64 draw = rng();
  Clock(dut.clk_i, 10, ns).start();
  int collisions = 0;
  for (int n = 0; n < 8000; ++n) {
    const std::uint64_t window = draw.chance(50) ? depth : 1 + depth / 8;  // collisions in a large memory, too
    const std::uint64_t at = draw.below(window), from = draw.below(window);
    const bool write = draw.chance(60), read = draw.chance(60);
    const Word data = prim::random_word<Word>(draw);
    dut.wr_en_i = write;
    dut.wr_addr_i = at;
    dut.wr_data_i = data;
    dut.rd_en_i = read;
    dut.rd_addr_i = from;
    co_await RisingEdge(dut.clk_i);
    if (wanted) CO_ASSERT_EQ(dut.rd_data_o.value(), *wanted);
    if (read) wanted = model[from];
    collisions += read && write && at == from;
    if (write) model[at] = data;
  }
  CO_ASSERT_GT(collisions, 20);
}
