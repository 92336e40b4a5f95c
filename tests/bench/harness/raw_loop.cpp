// SPDX-License-Identifier: Apache-2.0
// The same port accesses and evaluations as test_tasks.cpp without a harness: raw_loop TASKS CLOCKS.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "Vbench_dut.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s TASKS CLOCKS\n", argv[0]);
    return 2;
  }
  const long tasks = std::atol(argv[1]), clocks = std::atol(argv[2]);
  auto context = std::make_unique<VerilatedContext>();
  context->threads(1);
  auto top = std::make_unique<Vbench_dut>(context.get(), "");
  std::uint32_t* const in[8] = {&top->in_0, &top->in_1, &top->in_2, &top->in_3,
                                &top->in_4, &top->in_5, &top->in_6, &top->in_7};
  const std::uint32_t* const out[8] = {&top->out_0, &top->out_1, &top->out_2, &top->out_3,
                                       &top->out_4, &top->out_5, &top->out_6, &top->out_7};
  std::uint32_t sum = 0, next[8] = {};
  top->eval();
  for (long c = 0; c < clocks; ++c) {
    top->clk = 1;
    for (long t = 0; t < tasks; ++t) {
      const std::uint32_t v = *out[t % 8];
      sum += v;
      next[t % 8] = v + 1;
    }
    top->eval();  // the edge, with the old inputs
    for (long t = 0; t < (tasks < 8 ? tasks : 8); ++t) *in[t] = next[t];
    top->eval();  // what follows the inputs
    top->clk = 0;
    top->eval();
  }
  std::printf("SUM %u\n", sum);
  return 0;
}
