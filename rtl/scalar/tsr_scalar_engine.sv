// SPDX-License-Identifier: Apache-2.0
/// Scalar engine (ACT): one lane per partition, one element per partition and cycle.
///
/// ACTIVATE: dst = f(src0 x scale + bias) on FP32 and BF16 in SBUF and PSUM; scale is imm0, bias
/// imm1 or an FP32 tile of one element per partition at src1; one fused multiply-add, the function,
/// one cast on write. A NaN is always canonical.
///
/// Everything but `tsr_act_lanes` is `tsr_lane_engine`; latency, order and errors stand there.
module tsr_scalar_engine
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_if_pkg::*;
  import tsr_lane_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  output logic        quiet_o,
  // Sequencer
  input  logic        issue_valid_i,
  output logic        issue_ready_o,
  input  instr_t      issue_i,
  output done_t       done_o,
  // Row reads and writes; the row written is shared by both memories
  output row_rd_t     sbuf_row_rd_o,
  input  logic [31:0] sbuf_row_i [P],
  output row_rd_t     psum_row_rd_o,
  input  logic [31:0] psum_row_i [P],
  output row_wr_t     sbuf_row_wr_o,
  output row_wr_t     psum_row_wr_o,
  output logic [31:0] wr_row_o [P]
);
  /* verilator lint_off UNUSEDSIGNAL */           // fields of the sequencer and of other engines
  instr_t      instr;
  /* verilator lint_on UNUSEDSIGNAL */
  lane_op_t    op;
  logic        stage0, stage1, unused_start, unused_first;
  logic [31:0] x [P], bias [P], y [P];

  assign op = '{known: instr.opcode == OpcodeActivate, src0: 1'b1, src1: 1'b0,
                column: src1_role(instr.opcode, instr.scalar_en) == RoleColumn, reduce: 1'b0,
                keep: 1'b0};

  tsr_lane_engine u_shell (
    .clk_i, .rst_ni, .quiet_o, .issue_valid_i, .issue_ready_o, .issue_i, .done_o,
    .sbuf_row_rd_o, .sbuf_row_i, .psum_row_rd_o, .psum_row_i, .sbuf_row_wr_o, .psum_row_wr_o,
    .wr_row_o,
    .instr_o(instr), .op_i(op), .value0_i(32'd0), .value1_i(instr.imm1),
    .start_o(unused_start), .stage0_o(stage0), .first_o(unused_first), .stage1_o(stage1),
    .operand0_o(x), .operand1_o(bias), .result_i(y)
  );
  tsr_act_lanes u_lanes (
    .clk_i, .fma_en_i(stage0), .func_en_i(stage1), .func_i(instr.flags[3:0]), .scale_i(instr.imm0),
    .x_i(x), .bias_i(bias), .y_o(y)
  );
endmodule
