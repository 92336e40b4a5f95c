// SPDX-License-Identifier: Apache-2.0
/// One place (row r, column c) of tsr_pe_array, for `./tessera lint` to count and time: the array is one module whose
/// loops hold P x P of these. Registers, enables and the multiply-adder are those of the array's loops, its edge
/// (recoding, skew, control) is left out. Not part of the tile.
///
/// Latency: from `x_i`, `p_i` to `x_o`, `p_o` 1 cycle; the multiply-adder stands between the registers and `sum_o`.
module tsr_pe_cell import tsr_pe_pkg::*; (
  input  logic           clk_i,
  input  logic           run_i,                    // the array is not empty
  input  logic           load_i,                   // write the shadow weight
  input  logic           copy_i,                   // the wavefront is at this diagonal: shadow to active
  input  logic [PeW-1:0] weight_i,
  input  logic [PeW-1:0] x_i,                      // from the column to the left
  input  logic [31:0]    p_i,                      // sum of the rows above
  output logic [PeW-1:0] x_o,
  output logic [31:0]    sum_o                     // into the row below, which keeps it in its p register
);
  logic [PeW-1:0] shadow_q, w_q, x_q;
  logic [31:0]    p_q;

  always_ff @(posedge clk_i) begin
    if (run_i) begin
      x_q <= x_i;
      p_q <= p_i;
    end
    if (copy_i) w_q <= shadow_q;
    if (load_i) shadow_q <= weight_i;
  end
  assign x_o = x_q;
  assign sum_o = pe_mac(32'(x_q), 32'(w_q), p_q);
endmodule
