// SPDX-License-Identifier: Apache-2.0
/// FIFO of registers, first word falls through.
///
/// Latency from a taken `in` to `out_valid_o`: 1 cycle; one word per cycle. All outputs but
/// `quiet_o` are decoded from registers: `in_ready_o` does not see `out_ready_i`, so a FIFO that
/// sustains a word per cycle needs Depth >= 2.
`include "tsr_assert.svh"
module tsr_fifo #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 2,                // any number from 1
  localparam int unsigned CountW = $clog2(Depth + 1)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              in_valid_i,
  output logic              in_ready_o,
  input  logic [Width-1:0]  in_data_i,
  output logic              out_valid_o,
  input  logic              out_ready_i,
  output logic [Width-1:0]  out_data_o,
  output logic [CountW-1:0] count_o,               // words held
  output logic              quiet_o
);
  localparam int unsigned PtrW = (Depth > 1) ? $clog2(Depth) : 1;

  logic [Width-1:0]  mem_q [Depth];
  logic [PtrW-1:0]   put_q, get_q;
  logic [CountW-1:0] count_q;
  logic              push, pop;

  assign in_ready_o = (count_q != CountW'(Depth));
  assign out_valid_o = (count_q != '0);
  assign out_data_o = mem_q[get_q];
  assign count_o = count_q;
  assign push = in_valid_i && in_ready_o;
  assign pop = out_valid_o && out_ready_i;
  assign quiet_o = !push && !pop;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      put_q <= '0;
      get_q <= '0;
      count_q <= '0;
    end else if (push || pop) begin
      if (push) put_q <= (put_q == PtrW'(Depth - 1)) ? '0 : put_q + PtrW'(1);
      if (pop) get_q <= (get_q == PtrW'(Depth - 1)) ? '0 : get_q + PtrW'(1);
      count_q <= count_q + CountW'(push) - CountW'(pop);
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) mem_q[put_q] <= in_data_i;
  end

  `TSR_ASSERT(CountInRange_A, count_q <= CountW'(Depth))
endmodule
