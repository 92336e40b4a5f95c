// SPDX-License-Identifier: Apache-2.0
/// Vector engine (DVE): one lane per partition, one element per partition and cycle.
///
/// TENSOR_COPY, MEMSET, TENSOR_TENSOR, TENSOR_SCALAR, TENSOR_REDUCE on FP32 and BF16 in SBUF and
/// PSUM; arithmetic in FP32, one cast on write. Copies between equal types and MEMSET to FP32 keep
/// every bit. Two ALU stages (`tsr_vec_alu`); the second is used by TENSOR_SCALAR with two
/// operators and passes otherwise.
///
/// Everything but the ALUs is `tsr_lane_engine`; latency, order and errors stand there.
module tsr_vector_engine
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
  /* verilator lint_off UNUSEDSIGNAL */           // fields of the sequencer, bits of other engines
  instr_t                instr;
  logic [NumEngines-1:0] engines;
  /* verilator lint_on UNUSEDSIGNAL */
  lane_op_t    op;
  role_e       role1;
  logic        start, stage0, first, stage1;
  logic        is_copy, is_set, is_reduce, two_ops;
  logic [31:0] a [P], b [P], c_q [P], y0 [P], y1 [P];   // c_q: imm1 in every lane

  // ---- Decoding ---------------------------------------------------------------------------------
  assign is_copy = instr.opcode == OpcodeTensorCopy;
  assign is_set = instr.opcode == OpcodeMemset;
  assign is_reduce = instr.opcode == OpcodeTensorReduce;
  assign two_ops = instr.opcode == OpcodeTensorScalar && instr.scalar_en[1];
  assign engines = opcode_engines(instr.opcode);
  assign role1 = src1_role(instr.opcode, instr.scalar_en);
  assign op = '{known: engines[EngineDve] && !opcode_control(instr.opcode),
                src0: src0_role(instr.opcode) == RoleTile,
                src1: role1 == RoleTile, column: role1 == RoleColumn, reduce: is_reduce,
                keep: is_copy && instr.src0.dtype == instr.dst.dtype};

  tsr_lane_engine u_shell (
    .clk_i, .rst_ni, .quiet_o, .issue_valid_i, .issue_ready_o, .issue_i, .done_o,
    .sbuf_row_rd_o, .sbuf_row_i, .psum_row_rd_o, .psum_row_i, .sbuf_row_wr_o, .psum_row_wr_o,
    .wr_row_o,
    .instr_o(instr), .op_i(op), .value0_i(instr.imm0), .value1_i(instr.imm0),
    .start_o(start), .stage0_o(stage0), .first_o(first), .stage1_o(stage1),
    .operand0_o(a), .operand1_o(b), .result_i(y1)
  );

  // ---- Lanes ------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    if (start && two_ops) begin
      for (int unsigned p = 0; p < P; p++) row[p] = instr.imm1;
      c_q <= row;
    end
  end
  tsr_vec_alu u_alu0 (
    .clk_i, .en_i(stage0), .op_i(instr.alu0), .pass_i(is_copy || is_set || (is_reduce && first)),
    .clean_i(is_reduce), .fold_i(is_reduce), .a_i(a), .b_i(b), .y_o(y0)
  );
  tsr_vec_alu u_alu1 (
    .clk_i, .en_i(stage1), .op_i(instr.alu1), .pass_i(!two_ops), .clean_i(1'b0), .fold_i(1'b0),
    .a_i(y0), .b_i(c_q), .y_o(y1)
  );
endmodule
