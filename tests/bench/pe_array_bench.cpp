// SPDX-License-Identifier: Apache-2.0
// Cost of the PE array in simulation: back-to-back 512-column matmuls, new weights loaded and switched in each.
//
// usage: pe_array_bench MATMULS
// Prints cycles, MACs, time per MAC and a hash of every sum. Host instructions per MAC: run under callgrind with two
// run lengths and divide the difference of instructions by the difference of MACs.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "Vtsr_pe_array.h"
#include "sim/verilated_context.hpp"
#include "tsr_cfg.hpp"

namespace {

constexpr unsigned kP = tessera::configs::TSR_CONFIG::kConfig.partitions;
constexpr unsigned kColumns = 512;

struct Random {
  std::uint64_t state = 12345;
  std::uint32_t next() {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return static_cast<std::uint32_t>((state * 0x2545f4914f6cdd1dULL) >> 32);
  }
  // Two BF16 codes of about unit size.
  std::uint32_t pair() { return (next() & 0x83ff83ffU) | 0x3c003c00U; }
};

}  // namespace

int main(int argc, char** argv) {
  const unsigned matmuls = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 0)) : 40;
  tessera::sim::OneThreadContext context;
  Vtsr_pe_array dut{&context};
  Random random;
  std::uint64_t cycles = 0, hash = 0;
  const auto step = [&] {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    ++cycles;
  };
  dut.rst_ni = 0;
  step();
  dut.rst_ni = 1;
  dut.x_part_i = dut.ld_part_i = 0;
  dut.x_count_i = dut.ld_rows_i = kP;
  dut.ld_count_i = 4;
  dut.ld_first_i = 0;
  const auto load = [&](unsigned column) {
    dut.ld_en_i = column < kP;
    if (!dut.ld_en_i) return;
    dut.ld_col_i = column;
    for (unsigned r = 0; r < kP; ++r) dut.ld_lo_i[r] = random.pair(), dut.ld_hi_i[r] = random.pair();
  };
  for (unsigned column = 0; column <= kP; column += 4) load(column), step();
  cycles = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (unsigned m = 0; m < matmuls; ++m) {
    for (unsigned n = 0; n < kColumns; ++n) {
      dut.x_valid_i = 1;
      dut.switch_i = n == 0;
      dut.x_half_i = n & 1U;
      if ((n & 1U) == 0) {
        for (unsigned r = 0; r < kP; ++r) dut.x_data_i[r] = random.pair();
      }
      if (n >= 2 * kP) load((n - 2 * kP) * 4);  // as soon as the wavefront has left
      step();
      hash = hash * 31 + dut.p_o[n % kP];
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double macs = static_cast<double>(cycles) * kP * kP;
  std::printf("cycles=%llu macs=%.0f ns_per_mac=%.3f cycles_per_second=%.0f hash=%016llx\n",
              static_cast<unsigned long long>(cycles), macs, seconds * 1e9 / macs,
              static_cast<double>(cycles) / seconds, static_cast<unsigned long long>(hash));
  dut.final();
  return 0;
}
