// SPDX-License-Identifier: Apache-2.0
/// Walks the access pattern of an operand: one byte offset after the other, step0 fastest.
///
/// `start_i` loads the pattern: from the next cycle on `active_o` is 1 and `addr_o` is the offset
/// of element 0. Each `advance_i` moves to the next element, visible in the next cycle. `last_o`
/// stands with the final element; its advance ends the walk, or begins the next one where `start_i`
/// is set in the same cycle. A count of 0 is 1; steps are signed and in elements. `start_i` has
/// priority. The pattern is not checked here; offsets wrap at 2^32.
///
/// Each dimension keeps the offset at which its present pass began, so that a carry is one addition
/// and no multiplication. `addr_o` and `active_o` are registers, `last_o` is decoded from
/// registers.
`include "tsr_assert.svh"
module tsr_ap_walk import tsr_cfg_pkg::*; import tsr_isa_pkg::*; import tsr_types_pkg::*; (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  // space, partitions and reserved fields are the engine's business
  /* verilator lint_off UNUSEDSIGNAL */
  input  operand_t    ap_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic        advance_i,
  output logic        active_o,
  output logic [31:0] addr_o,
  output logic        last_o
);
  logic [15:0] left0_q, left1_q, left2_q, left3_q; // elements, rows, ... after the present one
  logic [15:0] num0_q, num1_q, num2_q;             // reload values: count - 1
  logic [31:0] step0_q, step1_q, step2_q, step3_q; // bytes
  // offset at the start of the present pass of dimensions 0, 1, 2
  logic [31:0] base1_q, base2_q, base3_q;
  logic        end0, end1, end2;

  assign end0 = left0_q == 16'd0;
  assign end1 = left1_q == 16'd0;
  assign end2 = left2_q == 16'd0;
  assign last_o = end0 && end1 && end2 && left3_q == 16'd0;

  function automatic logic [31:0] step_bytes(input logic [15:0] step, input dtype_code_t dtype);
    step_bytes = {{16{step[15]}}, step} << dtype_shift(dtype);
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) active_o <= 1'b0;
    else if (start_i) active_o <= 1'b1;
    else if (advance_i && last_o) active_o <= 1'b0;
  end

  logic [31:0] next1, next2, next3;
  assign next1 = base1_q + step1_q;
  assign next2 = base2_q + step2_q;
  assign next3 = base3_q + step3_q;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      step0_q <= step_bytes(ap_i.step0, ap_i.dtype);
      step1_q <= step_bytes(ap_i.step1, ap_i.dtype);
      step2_q <= step_bytes(ap_i.step2, ap_i.dtype);
      step3_q <= step_bytes(ap_i.step3, ap_i.dtype);
      num0_q <= dim(ap_i.num0) - 16'd1;
      num1_q <= dim(ap_i.num1) - 16'd1;
      num2_q <= dim(ap_i.num2) - 16'd1;
      left0_q <= dim(ap_i.num0) - 16'd1;
      left1_q <= dim(ap_i.num1) - 16'd1;
      left2_q <= dim(ap_i.num2) - 16'd1;
      left3_q <= dim(ap_i.num3) - 16'd1;
      addr_o <= ap_i.offset;
      base1_q <= ap_i.offset;
      base2_q <= ap_i.offset;
      base3_q <= ap_i.offset;
    end else if (advance_i) begin
      left0_q <= end0 ? num0_q : left0_q - 16'd1;
      if (!end0) begin
        addr_o <= addr_o + step0_q;
      end else if (!end1) begin
        left1_q <= left1_q - 16'd1;
        addr_o <= next1;
        base1_q <= next1;
      end else if (!end2) begin
        left1_q <= num1_q;
        left2_q <= left2_q - 16'd1;
        addr_o <= next2;
        base1_q <= next2;
        base2_q <= next2;
      end else begin
        left1_q <= num1_q;
        left2_q <= num2_q;
        left3_q <= left3_q - 16'd1;
        addr_o <= next3;
        base1_q <= next3;
        base2_q <= next3;
        base3_q <= next3;
      end
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(AdvanceOnlyActive_A, advance_i -> active_o, "advance without an element")
endmodule
