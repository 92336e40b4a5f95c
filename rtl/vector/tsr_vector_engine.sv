// SPDX-License-Identifier: Apache-2.0
/// Vector engine (DVE): one lane per partition, one element per partition and cycle.
///
/// TENSOR_COPY, MEMSET, TENSOR_TENSOR, TENSOR_SCALAR, TENSOR_REDUCE on FP32 and BF16 in SBUF and PSUM; arithmetic in
/// FP32, one cast on write. Copies between equal types and MEMSET to FP32 keep every bit. Datapath: two operand
/// registers (`tsr_lane_read`), two ALU stages (`tsr_vec_alu`), cast and write (`tsr_lane_write`); the second stage is
/// used by TENSOR_SCALAR with two operators and passes otherwise.
///
/// Latency, order and errors: see `tsr_lane_ctrl`. done comes once per instruction, when all writes are committed.
module tsr_vector_engine
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  output logic              quiet_o,
  // sequencer
  input  logic              issue_valid_i,
  output logic              issue_ready_o,
  input  instr_t            issue_i,
  output done_t             done_o,
  // row reads and writes; the row written is shared by both memories
  output row_rd_t           sbuf_row_rd_o,
  input  logic [31:0]       sbuf_row_i [P],
  output row_rd_t           psum_row_rd_o,
  input  logic [31:0]       psum_row_i [P],
  output row_wr_t           sbuf_row_wr_o,
  output row_wr_t           psum_row_wr_o,
  output logic [31:0]       wr_row_o [P]
);
  /* verilator lint_off UNUSEDSIGNAL */           // fields of the sequencer and of other engines
  instr_t      instr;
  /* verilator lint_on UNUSEDSIGNAL */
  logic        start, read0, half0, read1, half1, stage0, first, stage1, write, write_last, committed;
  logic [31:0] write_addr, checksum;
  logic        done_valid;
  err_code_t   done_err;

  // --- Decoding -------------------------------------------------------------------------------
  logic  is_copy, is_set, is_ts, is_reduce, two_ops, same_copy;
  role_e role1;
  /* verilator lint_off UNUSEDSIGNAL */           // the bits of the other engines
  logic [NumEngines-1:0] engines;
  /* verilator lint_on UNUSEDSIGNAL */
  assign is_copy = instr.opcode == OpcodeTensorCopy;
  assign is_set = instr.opcode == OpcodeMemset;
  assign is_ts = instr.opcode == OpcodeTensorScalar;
  assign is_reduce = instr.opcode == OpcodeTensorReduce;
  assign two_ops = is_ts && instr.scalar_en[1];
  assign same_copy = is_copy && instr.src0.dtype == instr.dst.dtype;   // moves bits
  assign engines = opcode_engines(instr.opcode);
  assign role1 = src1_role(instr.opcode, instr.scalar_en);

  // --- Control --------------------------------------------------------------------------------
  tsr_lane_ctrl u_ctrl (
    .clk_i, .rst_ni, .quiet_o, .issue_valid_i, .issue_ready_o, .issue_i, .done_valid_o(done_valid), .done_err_o(done_err),
    .instr_o(instr), .dec_known_i(engines[EngineDve] && !opcode_control(instr.opcode)), .dec_src0_i(src0_role(instr.opcode) == RoleTile),
    .dec_src1_i(role1 == RoleTile), .dec_tile_i(role1 == RoleColumn), .dec_reduce_i(is_reduce),
    .sbuf_row_rd_o, .psum_row_rd_o,
    .start_o(start), .read0_o(read0), .half0_o(half0), .read1_o(read1), .half1_o(half1), .stage0_o(stage0),
    .first_o(first), .stage1_o(stage1), .write_o(write), .write_last_o(write_last), .write_addr_o(write_addr),
    .committed_i(committed)
  );

  // --- Datapath -------------------------------------------------------------------------------
  localparam int unsigned QuadShift = $clog2(P / 4);
  logic [1:0]  move0, move1;                       // distance source - destination in quadrants, modulo 4
  logic [31:0] a [P];
  logic [31:0] b [P];
  logic [31:0] c [P];                              // imm1 in every lane
  logic [31:0] y0 [P];
  logic [31:0] y1 [P];
  assign move0 = 2'((instr.src0.start_part - instr.dst.start_part) >> QuadShift);
  assign move1 = 2'((instr.src1.start_part - instr.dst.start_part) >> QuadShift);

  tsr_lane_read u_read0 (
    .clk_i, .fill_i(start && is_set), .value_i(instr.imm0), .en_i(read0), .psum_i(instr.src0.space == SpacePsum),
    .quad_i(move0), .bf16_i(instr.src0.dtype == DtypeBf16), .keep_i(same_copy), .half_i(half0),
    .sbuf_row_i, .psum_row_i, .data_o(a)
  );
  tsr_lane_read u_read1 (
    .clk_i, .fill_i(start && is_ts), .value_i(instr.imm0), .en_i(read1), .psum_i(instr.src1.space == SpacePsum),
    .quad_i(move1), .bf16_i(instr.src1.dtype == DtypeBf16), .keep_i(1'b0), .half_i(half1),
    .sbuf_row_i, .psum_row_i, .data_o(b)
  );
  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    if (start && two_ops) begin
      for (int unsigned p = 0; p < P; p++) row[p] = instr.imm1;
      c <= row;
    end
  end

  tsr_vec_alu u_alu0 (.clk_i, .en_i(stage0), .op_i(instr.alu0), .pass_i(is_copy || is_set || (is_reduce && first)),
                      .clean_i(is_reduce), .fold_i(is_reduce), .a_i(a), .b_i(b), .y_o(y0));
  tsr_vec_alu u_alu1 (.clk_i, .en_i(stage1), .op_i(instr.alu1), .pass_i(!two_ops), .clean_i(1'b0), .fold_i(1'b0), .a_i(y0), .b_i(c),
                      .y_o(y1));

  tsr_lane_write u_write (
    .clk_i, .rst_ni, .clear_i(start), .en_i(write), .last_i(write_last), .data_i(y1),
    .keep_i(same_copy),
    .bf16_i(instr.dst.dtype == DtypeBf16), .psum_i(instr.dst.space == SpacePsum), .addr_i(write_addr),
    .part_i(instr.dst.start_part), .count_i(instr.nparts), .sbuf_row_wr_o, .psum_row_wr_o, .wr_row_o, .committed_o(committed), .checksum_o(checksum)
  );
  assign done_o = '{en: done_valid, err: done_err, checksum: (done_err == ErrOk) ? checksum : 32'd0};
endmodule
