// SPDX-License-Identifier: Apache-2.0
#include "memory_bench.hpp"

using namespace tessera;

TSR_TEST(all_ports_at_random, {.doc = "Every port in every cycle against a plain array."}) {
  SplitMix64 draw = rng();
  auto ports = MEMORY_PORTS(dut, sbuf);
  memory::RowRead moving{dut.pe_moving_rd_en_i, dut.pe_moving_rd_addr_i, dut.pe_moving_row_o};
  memory::RowRead weight_lo{dut.pe_weight_rd_en_i, dut.pe_weight_rd_addr_i, dut.pe_weight_lo_o};
  memory::RowRead weight_hi{dut.pe_weight_rd_en_i, dut.pe_weight_rd_addr_i, dut.pe_weight_hi_o};
  memory::Model model(ports.partitions);
  moving.drive(draw, false);
  weight_lo.drive(draw, false);
  co_await memory::fill(dut, ports, model, draw);
  for (int n = 0; n < 100000; ++n) {
    const bool still = draw.chance(12);
    const auto on = [&] { return !still && draw.chance(66); };
    ports.drive(draw, on);
    moving.drive(draw, on());
    weight_lo.drive(draw, on(), 2);
    weight_hi.follow(weight_lo, 1);
    co_await RisingEdge(dut.clk_i);  // what stands before the edge: the rows of the reads so far
    CO_ASSERT_EQ(dut.quiet_o.value(), !ports.any() && !moving.enabled && !weight_lo.enabled);
    ports.check();
    for (const auto* port : {&moving, &weight_lo, &weight_hi}) port->check();
    ports.take_reads(model);
    for (auto* port : {&moving, &weight_lo, &weight_hi}) port->take(model);
    ports.take_writes(model);
  }
}
