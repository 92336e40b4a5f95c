// SPDX-License-Identifier: Apache-2.0
// Every bin of the PE array, hit and left at zero.
#include "../cocotb/pe_bench.hpp"
#include "bins.hpp"

using namespace pe_bench;

namespace {

constexpr std::uint32_t kOne = 0x3F80, kMinusOne = 0xBF80;

Column all_of(std::uint32_t code) {
  Column column{};
  column.fill(code);
  return column;
}
/// Weights are in the shadow copy; no column has been sent.
Coro<void> loaded(PeBench& bench) {
  co_await bench.start();
  co_await bench.load();
}
/// The first column has made the weights active, and the wavefront of that is over.
Coro<void> switched(Dut& dut, PeBench& bench) {
  co_await loaded(bench);
  bench.column(true);
  co_await bench.step();
  co_await bench.step();
  while (dut.switching_o.value() == 1) co_await bench.step();
}
Coro<void> rest(PeBench& bench) {
  for (unsigned i = 0; i < 2 * P + 4; ++i) co_await bench.step();
}
/// One weight column of four, at `col`.
void weights(PeBench& bench, unsigned col) {
  Rows rows{};
  for (auto& row : rows) row.fill(kOne);
  bench.put_weights(col, rows);
}
/// Columns whose codes stand in half `half` of their words.
Coro<void> columns_in_half(Dut& dut, PeBench& bench, unsigned half) {
  co_await loaded(bench);
  for (int i = 0; i < 3; ++i) {
    bench.put_column(all_of(kOne), 0, P, i == 0);
    dut.x_half_i = half;
    for (unsigned r = 0; r < P; ++r) dut.x_data_i[static_cast<int>(r)] = half ? kOne << 16 : kOne;
    co_await bench.step();
  }
  co_await bench.finish(3 * P);
}
Coro<void> columns_of_rows(PeBench& bench, unsigned count) {
  co_await loaded(bench);
  bench.column(true, 0, count);
  co_await bench.step();
  co_await bench.finish(P);
}
Coro<void> columns_of_code(PeBench& bench, std::uint32_t code) {
  co_await loaded(bench);
  bench.put_column(all_of(code), 0, P, true);
  co_await bench.step();
  co_await bench.finish(P);
}

}  // namespace

TSR_BIN(tsr_pe_array_cover, BackToBack_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await loaded(*bench);
  bench->column(true);
  co_await bench->step();
  if (!hit) co_await bench->step();
  bench->column();
  co_await bench->step();
  co_await bench->finish(2 * P);
}
TSR_BIN(tsr_pe_array_cover, GapInFlight_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await loaded(*bench);
  bench->column(true);
  co_await bench->step();
  if (hit) co_await bench->step();
  bench->column();
  co_await bench->step();
  co_await bench->finish(2 * P);
}
TSR_BIN(tsr_pe_array_cover, Switch_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await loaded(*bench);
  if (hit) bench->column(true);
  co_await bench->step();
  co_await bench->finish(hit ? P : 0);
}
TSR_BIN(tsr_pe_array_cover, ColumnInSwitch_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await loaded(*bench);
  bench->column(true);
  co_await bench->step();
  if (!hit) co_await rest(*bench);
  bench->column();
  co_await bench->step();
  co_await bench->finish(2 * P);
}
TSR_BIN(tsr_pe_array_cover, LoadWithColumn_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await switched(dut, *bench);
  bench->column();
  if (!hit) co_await bench->step();
  weights(*bench, 0);
  co_await bench->step();
  co_await bench->finish(2 * P);
}
TSR_BIN(tsr_pe_array_cover, LoadInDrain_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await switched(dut, *bench);
  bench->column();
  co_await bench->step();
  if (!hit) co_await rest(*bench);
  weights(*bench, 0);
  co_await bench->step();
  co_await bench->finish(2 * P);
}
TSR_BIN(tsr_pe_array_cover, LastColumnLoad_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await bench->start();
  weights(*bench, hit ? P - 4 : P - 8);
  co_await bench->step();
  co_await bench->finish(0);
}
TSR_BIN(tsr_pe_array_cover, PartialRows_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_rows(*bench, hit ? P - 1 : P);
}
TSR_BIN(tsr_pe_array_cover, UpperHalf_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_in_half(dut, *bench, hit ? 1 : 0);
}
TSR_BIN(tsr_pe_array_cover, LowerHalf_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_in_half(dut, *bench, hit ? 0 : 1);
}
TSR_BIN(tsr_pe_array_cover, Drained_C) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await loaded(*bench);
  for (unsigned i = 0; i < 3 * P; ++i) {
    bench->column(i == 0);
    co_await bench->step();
  }
  if (hit) co_await rest(*bench);
}

TSR_BIN(pe_rows, all) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_rows(*bench, hit ? P : P - 1);
}
TSR_BIN(pe_rows, some) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_rows(*bench, hit ? 2 : 1);
}
TSR_BIN(pe_rows, single) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_rows(*bench, hit ? 1 : 2);
}
TSR_BIN(pe_operand, plus_zero) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_code(*bench, hit ? 0x0000 : 0x8000);
}
TSR_BIN(pe_operand, minus_zero) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_code(*bench, hit ? 0x8000 : 0x0000);
}
TSR_BIN(pe_operand, positive) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_code(*bench, hit ? kOne : kMinusOne);
}
TSR_BIN(pe_operand, negative) {
  auto bench = std::make_shared<PeBench>(dut);
  co_await columns_of_code(*bench, hit ? kMinusOne : kOne);
}
