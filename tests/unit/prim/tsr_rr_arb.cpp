// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "tessera/test.hpp"

using namespace tessera;

namespace {

struct Arbiter {
  explicit Arbiter(unsigned count) : n(count) {}
  unsigned n, last = 0;
  bool locked = false;
  /// The granted one, or n for none.
  [[nodiscard]] unsigned grant(std::uint64_t requests) const {
    if (locked) return requests >> last & 1 ? last : n;
    for (unsigned k = 1; k <= n; ++k)
      if (requests >> (last + k) % n & 1) return (last + k) % n;
    return n;
  }
};

}  // namespace

TSR_TEST(random_requests, {.doc = "Against a model, with packets, pauses inside of them and resets."}) {
  const auto n = static_cast<unsigned>(dut.N.value().to_unsigned());
  Arbiter model(n);
  SplitMix64 draw = rng();
  Clock(dut.clk_i, 10, ns).start();
  dut.rst_ni = 0;
  dut.req_i = 0;
  dut.ready_i = 0;
  dut.last_i = 0;
  co_await ClockCycles(dut.clk_i, 2);
  unsigned busy = 50;
  for (int clock = 0; clock < 5000; ++clock) {
    if (draw.below(50) == 0) busy = static_cast<unsigned>(draw.below(5)) * 25;
    std::uint64_t requests = 0;
    for (unsigned i = 0; i < n; ++i) requests |= std::uint64_t{draw.chance(busy)} << i;
    const bool ready = draw.chance(70), last = draw.chance(60), reset = draw.below(300) == 0;
    dut.rst_ni = !reset;
    dut.req_i = requests;
    dut.ready_i = ready;
    dut.last_i = last;
    co_await RisingEdge(dut.clk_i);
    const unsigned granted = model.grant(requests);
    CO_ASSERT_EQ(dut.valid_o.value(), granted != n);
    CO_ASSERT_EQ(dut.grant_o.value(), granted == n ? 0 : std::uint64_t{1} << granted);
    if (granted != n) CO_ASSERT_EQ(dut.index_o.value(), granted);
    CO_ASSERT_EQ(dut.quiet_o.value(), granted == n || !ready);
    if (granted != n && ready) {
      model.last = granted;
      model.locked = !last;
    }
    if (reset) model = Arbiter(n);
  }
}

TSR_TEST(everybody_gets_a_share, {.doc = "All ask all the time: N packets serve everybody once."}) {
  const auto n = static_cast<unsigned>(dut.N.value().to_unsigned());
  Clock(dut.clk_i, 10, ns).start();
  dut.rst_ni = 0;
  dut.ready_i = 1;
  dut.last_i = 1;
  dut.req_i = (std::uint64_t{1} << n) - 1;
  co_await ClockCycles(dut.clk_i, 2);
  dut.rst_ni = 1;
  co_await ClockCycles(dut.clk_i, 1);
  std::vector<unsigned> served(n);
  for (unsigned k = 0; k < 7 * n; ++k) {
    co_await RisingEdge(dut.clk_i);
    ++served[static_cast<std::size_t>(dut.index_o.value().to_unsigned())];
  }
  for (unsigned i = 0; i < n; ++i) CO_ASSERT_EQ(served[i], 7U);
}
