// SPDX-License-Identifier: Apache-2.0
// +tasks=N tasks that each read one port and write one port in each of +clocks=M clocks.
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "tessera/test.hpp"

using namespace tessera;

namespace {

Coro<void> work(Signal<1> clk, Signal<32> in, Signal<32> out, long clocks, std::uint32_t& sum) {
  for (long i = 0; i < clocks; ++i) {
    co_await RisingEdge(clk);
    const auto v = static_cast<std::uint32_t>(out.value().to_unsigned());
    sum += v;
    in = v + 1;
  }
}

}  // namespace

TSR_TEST(tasks, {.no_checks = true}) {
  const long count = plusarg("tasks") ? std::stol(*plusarg("tasks")) : 8;
  const long clocks = plusarg("clocks") ? std::stol(*plusarg("clocks")) : 1000;
  const std::array<Signal<32>, 8> in{dut.in_0, dut.in_1, dut.in_2, dut.in_3, dut.in_4, dut.in_5, dut.in_6, dut.in_7};
  const std::array<Signal<32>, 8> out{dut.out_0, dut.out_1, dut.out_2, dut.out_3,
                                      dut.out_4, dut.out_5, dut.out_6, dut.out_7};
  std::uint32_t sum = 0;
  Clock(dut.clk, 10, ns).start();
  std::vector<Task<void>> all;
  for (long t = 0; t < count; ++t) {
    const auto port = static_cast<std::size_t>(t % 8);
    all.push_back(start_soon(work(dut.clk, in[port], out[port], clocks, sum)));
  }
  for (auto& task : all) co_await task;
  std::printf("SUM %u\n", sum);
}
