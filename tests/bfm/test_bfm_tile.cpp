// SPDX-License-Identifier: Apache-2.0
// The monitor of retirement records, the AXI4 memory and the AXI4-Lite manager, on a tile.
#include "../cocotb/tile_twin_bench.hpp"

using namespace tile_bench;

namespace {

Coro<void> count_cycles(Dut& dut, int step) {
  std::uint64_t cycle = 1000;
  while (true) {
    dut.cycle_i = cycle;
    co_await RisingEdge(dut.clk_i);
    cycle += static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
  }
}

std::shared_ptr<RetirementMonitor> monitor(Dut& dut) {
  auto m = std::make_shared<RetirementMonitor>(dut.clk_i);
  m->watch("pe", dut.rec_pe_valid_o, dut.rec_pe_data_o);
  for (unsigned q = 0; q < 4; ++q) m->watch("q" + std::to_string(q), dut.rec_q_valid_o, dut.rec_q_data_o, q);
  m->start();
  return m;
}

/// Copies with tags 1, 2, ... on a queue.
Bytes copies(unsigned n) {
  Bytes ring;
  for (unsigned i = 0; i < n; ++i) {
    Copy c;
    c.elements = 40 + 8 * i;
    c.source = 0x10000 + 64 * i;
    c.target = 0x20000 + 0x400 * i;
    append(ring, c);
    ring[128 * i + 2] = static_cast<std::uint8_t>(i + 1);
  }
  return ring;
}

}  // namespace

TSR_TEST(records_of_queues_and_engines) {
  auto bench = std::make_shared<Bench>(dut, 70, 10);
  auto m = monitor(dut);
  auto order = std::make_shared<Scoreboard<unsigned>>("tags of queue 1");
  m->retired = [order](const std::string& port, const Retirement& r) {
    if (port == "q1") order->got(r.tag);
  };
  co_await bench->start();
  start_soon(count_cycles(dut, 1));
  for (const unsigned tag : {1U, 2U, 3U}) order->expect(tag);
  const Bytes data = bench->random(1024);
  bench->memory->write(0x10000, data);
  co_await bench->queue(1, 0x1000, copies(3));
  Bytes program(384);
  program[2] = 7;        // NOP, tag 7
  program[128] = 5;      // DRAIN
  program[128 + 2] = 8;  // tag 8
  program[256] = 6;      // HALT
  bench->memory->write(0x4000, program);
  co_await bench->host.write(reg::kEngPc, 0x4000);
  co_await bench->host.write(reg::kEngPcHi, 0);
  co_await bench->host.write(reg::kEngStart, 1);
  co_await bench->done(1, 3);
  co_await ClockCycles(dut.clk_i, 300);
  order->finish();
  const std::vector<Retirement>& queue = m->records("q1");
  const std::vector<Retirement>& pe = m->records("pe");
  CO_ASSERT_EQ(queue.size(), 3U);
  CO_ASSERT_TRUE(m->records("q0").empty());
  for (const Retirement& r : queue) {
    CO_ASSERT_EQ(r.opcode, 0x80U);
    CO_ASSERT_GE(r.start, 1000U);
    CO_ASSERT_GT(r.end, r.start);
    CO_ASSERT_NE(r.checksum, 0U);
  }
  CO_ASSERT_GE(pe.size(), 2U);
  CO_ASSERT_EQ(pe[0].tag, 7U);
  CO_ASSERT_EQ(pe[1].tag, 8U);
  CO_ASSERT_EQ(pe[1].opcode, 5U);
  CO_ASSERT_THROW((void)m->records("q9"), RuntimeError);
  CO_ASSERT_THROW(m->watch("q4", dut.rec_q_valid_o, dut.rec_q_data_o, 4), IndexError);
}

TSR_TEST(monitor_sees_time_run_backwards, {.expect_error = errors<AssertionError>()}) {
  auto bench = std::make_shared<Bench>(dut, 100, 5);
  auto m = monitor(dut);
  co_await bench->start();
  start_soon(count_cycles(dut, -1));
  bench->memory->write(0x10000, bench->random(64));
  co_await bench->queue(0, 0x1000, copies(1));
  co_await ClockCycles(dut.clk_i, 500);
  count_check();
}

TSR_TEST(memory_refuses_some_bytes) {
  auto bench = std::make_shared<Bench>(dut, 80, 5);
  co_await bench->start();
  bench->memory->refuse(0x20400, 8, kAxiDecodeError);  // the second copy
  bench->memory->write(0x10000, bench->random(1024));
  co_await bench->queue(0, 0x1000, copies(3));
  co_await ClockCycles(dut.clk_i, 1000);
  const std::uint32_t done = co_await bench->host.read(reg::kQDone);
  CO_ASSERT_EQ(done, 1U);
  unsigned refused = 0;
  for (const AxiBurst& b : bench->memory->bursts()) {
    if (b.response == kAxiOkay) continue;
    ++refused;
    CO_ASSERT_TRUE(b.write);
    CO_ASSERT_EQ(b.response, static_cast<unsigned>(kAxiDecodeError));
  }
  CO_ASSERT_EQ(refused, 1U);
  CO_ASSERT_TRUE(bench->memory->read(0x20400, 8) == Bytes(8));
}

TSR_TEST(an_error_response_throws) {
  auto bench = std::make_shared<Bench>(dut, 100, 0);
  co_await bench->start();
  unsigned thrown = 0;
  try {
    co_await bench->host.write(reg::kSemSet, 5, 3);  // half a register
  } catch (const RuntimeError&) {
    ++thrown;
  }
  try {
    co_await bench->host.read(0x7000);
  } catch (const RuntimeError&) {
    ++thrown;
  }
  CO_ASSERT_EQ(thrown, 2U);
  const std::uint32_t id = co_await bench->host.read(0);
  CO_ASSERT_EQ(id, 0x54535230U);
}
