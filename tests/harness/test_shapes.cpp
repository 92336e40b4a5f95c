// SPDX-License-Identifier: Apache-2.0
// Real numbers and arrays of several dimensions, in C++. The twin is test_shapes.py.
#include <iostream>
#include <string>

#include "tessera/test.hpp"

using namespace tessera;

namespace {
void note(const std::string& event, std::uint64_t value) { std::cout << "LOG " << event << "," << value << std::endl; }

Coro<void> count_changes(RealSignal signal, int& changes) {
  while (true) {
    co_await ValueChange(signal);
    ++changes;
  }
}
}  // namespace

TSR_TEST(reals) {
  Clock(dut.clk, 10, ns).start();
  int n = 0, changes = 0;
  start_soon(count_changes(dut.last, changes));
  for (const double x : {1.5, -0.125, 3.0, 1e300, 0.0}) {
    dut.x = x;
    co_await Timer(1, ns);
    CO_ASSERT_EQ(dut.twice.value(), 2 * x);
    co_await ClockCycles(dut.clk, 1);
    note("changes", n++);
    co_await Timer(1, ns);
    CO_ASSERT_EQ(dut.last.value(), x);
  }
  // From here on without the Python leg: Verilator's VPI sees a real number change for ever, and has no arrays of them
  // or of parameters.
  CO_ASSERT_EQ(changes, 5);
  CO_ASSERT_EQ(dut.Pi.value(), 3.25);
  dut.x = Immediate(7);
  CO_ASSERT_EQ(dut.x.value(), 7);
  int i = 0;
  for (const double x : {0.5, 2.0, 4.0}) dut.list[i++] = Immediate(x);
  CO_ASSERT_EQ(dut.list[1].value(), 2.0);
  co_await FallingEdge(dut.clk);
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.sum.value(), 4.0 + 20.0 + 50.0);
}

TSR_TEST(two_dimensions) {
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) dut.square[i][j] = 16 * i + j + 1;
  co_await Timer(1, ns);
  note("corner", dut.corner.value().to_unsigned());
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      note("turned " + std::to_string(j) + " " + std::to_string(i), dut.turned[j][i].value().to_unsigned());
      CO_ASSERT_EQ(dut.turned[j][i].value(), 16 * i + j + 1);
      CO_ASSERT_EQ(dut.Table[i][j].value(), 3 * i + j + 1);
    }
  }
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) dut.bits[i][j] = i == 1 && j == 0;
  co_await Timer(1, ns);
  note("flat", dut.flat.value().to_unsigned());
  CO_ASSERT_EQ(dut.flat.value(), 4);
}

TSR_TEST(three_dimensions) {
  Bits<80> top;
  top.set(79, true);
  for (int i = 1; i <= 2; ++i)
    for (int j = 4; j <= 5; ++j)
      for (int k = 0; k < 3; ++k) {
        Bits<80> value = top;
        value.set(Range(15, 0), static_cast<unsigned>(100 * i + 10 * j + k));
        dut.deep[i][j][k] = value;
      }
  co_await Timer(1, ns);
  top.set(Range(15, 0), 241);
  CO_ASSERT_EQ(dut.picked.value(), top);
  note("path", dut.deep[2][5][1].path() == "dut.deep[2][5][1]");
  int outside = 0;
  try {
    (void)dut.deep[2][3];
  } catch (const IndexError&) {
    ++outside;
  }
  CO_ASSERT_EQ(outside, 1);
}
