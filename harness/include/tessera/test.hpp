// SPDX-License-Identifier: Apache-2.0
/// The one header of a C++ test bench: cocotb's words over a Verilated model. The interface is docs/harness-api.md.
///
///   #include "tessera/test.hpp"
///   using namespace tessera;
///
///   TSR_TEST(counts, {.timeout = Duration(1, us)}) {
///     Clock(dut.clk, 10, ns).start();
///     dut.rst_n = 0;
///     co_await ClockCycles(dut.clk, 2);
///     dut.rst_n = 1;
///     co_await RisingEdge(dut.clk);
///     co_await ReadOnly();
///     CO_ASSERT_EQ(dut.count.value(), 0);
///   }
#pragma once
#include "tessera/bits.hpp"
#include "tessera/check.hpp"
#include "tessera/clock.hpp"
#include "tessera/coverage.hpp"
#include "tessera/regression.hpp"
#include "tessera/signal.hpp"
#include "tessera/simtime.hpp"
#include "tessera/sync.hpp"
#include "tessera/task.hpp"
#include "tessera/triggers.hpp"

#ifdef TSR_DUT_HEADER
#include TSR_DUT_HEADER
#endif
