// SPDX-License-Identifier: Apache-2.0
// A burst that AXI4 forbids fails the test, with a sentence; its nearest neighbour that is allowed does not.
#include <functional>
#include <memory>
#include <string>

#include "tessera/bfm.hpp"

using namespace tessera;

namespace {

/// What `begin` throws while a burst is made of it.
std::string complaint(std::uint64_t address, unsigned length, unsigned bytes, unsigned kind) {
  try {
    detail::AxiBeats("ar", address, length, bytes, kind, 8);
  } catch (const AssertionError& e) {
    return e.what();
  }
  return "";
}
bool says(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TSR_TEST(forbidden_bursts) {
  CO_EXPECT_TRUE(says(complaint(0xff8, 2, 8, kAxiIncr), "crosses a border of 4 KiB"));
  CO_EXPECT_EQ(complaint(0xff8, 1, 8, kAxiIncr), "");
  CO_EXPECT_EQ(complaint(0xfff, 1, 8, kAxiIncr), "");
  CO_EXPECT_TRUE(says(complaint(0xffc, 2, 4, kAxiIncr), "crosses"));
  CO_EXPECT_EQ(complaint(0xff8, 2, 8, kAxiFixed), "");
  CO_EXPECT_EQ(complaint(0xff8, 2, 8, kAxiWrap), "");
  CO_EXPECT_TRUE(says(complaint(0, 1, 16, kAxiIncr), "wider than the data bus"));
  CO_EXPECT_TRUE(says(complaint(0, 1, 8, 3), "reserved"));
  CO_EXPECT_TRUE(says(complaint(0, 17, 1, kAxiFixed), "longer than 16"));
  CO_EXPECT_TRUE(says(complaint(0, 32, 1, kAxiWrap), "longer than 16"));
  CO_EXPECT_EQ(complaint(0, 256, 8, kAxiIncr), "");
  CO_EXPECT_TRUE(says(complaint(0, 3, 8, kAxiWrap), "2, 4, 8 or 16 beats"));
  CO_EXPECT_TRUE(says(complaint(0, 1, 8, kAxiWrap), "2, 4, 8 or 16 beats"));
  CO_EXPECT_TRUE(says(complaint(4, 2, 8, kAxiWrap), "not aligned"));
  co_return;
}

TSR_TEST(forbidden_burst_ends_the_test, {.timeout = Duration(1, us), .expect_fail = true}) {
  Clock(dut.clk, 10, ns).start();
  auto ram = std::make_shared<AxiMemory<decltype(TSR_AXI_PINS(dut, m))>>(dut.clk, TSR_AXI_PINS(dut, m));
  ram->idle();
  dut.rst_n = 0;
  co_await ClockCycles(dut.clk, 2);
  dut.rst_n = 1;
  ram->start();
  dut.address = 0xffc;
  dut.length = 1;
  dut.size = 2;
  dut.kind = 1;
  dut.read = 1;
  co_await ClockCycles(dut.clk, 20);
}
