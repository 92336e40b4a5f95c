// SPDX-License-Identifier: Apache-2.0
/// Register slice: cuts valid, data and ready of a stream, one word per cycle.
///
/// Latency from a taken `in` to `out_valid_o`: 1 cycle. `out_valid_o`, `out_data_o` and
/// `in_ready_o` are registers or the inverse of one. Two words fit: one at the output, one that
/// arrived while the output was stalled.
`include "tsr_assert.svh"
module tsr_skid #(
  parameter int unsigned Width = 32
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o,
  output logic             quiet_o
);
  logic             out_valid_q, skid_valid_q;
  logic [Width-1:0] out_q, skid_q;
  logic             push, pop;

  assign in_ready_o = !skid_valid_q;
  assign out_valid_o = out_valid_q;
  assign out_data_o = out_q;
  assign push = in_valid_i && !skid_valid_q;
  assign pop = out_valid_q && out_ready_i;
  assign quiet_o = !push && !pop;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q <= 1'b0;
      skid_valid_q <= 1'b0;
    end else if (push || pop) begin
      if (pop || !out_valid_q) out_valid_q <= skid_valid_q || push;
      skid_valid_q <= out_valid_q && !pop && (skid_valid_q || push);
    end
  end

  always_ff @(posedge clk_i) begin
    if (push && out_valid_q && !pop) skid_q <= in_data_i;
    if (pop && skid_valid_q) out_q <= skid_q;
    else if (push && (pop || !out_valid_q)) out_q <= in_data_i;
  end

  `TSR_ASSERT(SkidBehindOutput_A, skid_valid_q -> out_valid_q)
endmodule
