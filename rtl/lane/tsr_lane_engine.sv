// SPDX-License-Identifier: Apache-2.0
/// Shell of a lane engine: everything but what the lanes compute. An engine (DVE, ACT) decodes
/// `instr_o` into `op_i` and puts its function between the operand rows and `result_i`:
///
///   row reads -> operand0_o, operand1_o -> stage 0 and 1 of the engine -> result_i -> row writes
///
/// Operands stand while `stage0_o` is 1; the engine registers its stage 0 then, its stage 1 with
/// `stage1_o`; the result is taken in the cycle after. A source that is not read is `value0_i` or
/// `value1_i` in every lane.
/// Latency, order and errors: see `tsr_lane_ctrl`. `done_o` comes once per instruction, when all
/// writes are committed.
module tsr_lane_engine
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
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
  output logic [31:0] wr_row_o [P],
  // Engine
  output instr_t      instr_o,
  input  lane_op_t    op_i,                        // of instr_o, as both values
  input  logic [31:0] value0_i,
  input  logic [31:0] value1_i,
  output logic        start_o,                     // first cycle of an accepted instruction
  output logic        stage0_o,
  output logic        first_o,                     // with stage0_o: first element of a reduction
  output logic        stage1_o,
  output logic [31:0] operand0_o [P],
  output logic [31:0] operand1_o [P],
  input  logic [31:0] result_i [P]
);
  localparam int unsigned QuadShift = $clog2(P / 4);

  logic        read0, half0, read1, half1, write, write_last, committed, done_valid;
  logic [31:0] write_addr, checksum;
  logic [1:0]  move0, move1;                       // source less destination in quadrants, modulo 4
  err_code_t   done_err;

  tsr_lane_ctrl u_ctrl (
    .clk_i, .rst_ni, .quiet_o, .issue_valid_i, .issue_ready_o, .issue_i,
    .done_valid_o(done_valid), .done_err_o(done_err), .instr_o, .op_i, .sbuf_row_rd_o,
    .psum_row_rd_o,
    .start_o, .read0_o(read0), .half0_o(half0), .read1_o(read1), .half1_o(half1), .stage0_o,
    .first_o, .stage1_o,
    .write_o(write), .write_last_o(write_last), .write_addr_o(write_addr), .committed_i(committed)
  );

  assign move0 = 2'((instr_o.src0.start_part - instr_o.dst.start_part) >> QuadShift);
  assign move1 = 2'((instr_o.src1.start_part - instr_o.dst.start_part) >> QuadShift);
  tsr_lane_read u_read0 (
    .clk_i, .fill_i(start_o && !op_i.src0), .value_i(value0_i), .en_i(read0),
    .psum_i(instr_o.src0.space == SpacePsum), .quad_i(move0),
    .dtype_i(instr_o.src0.dtype),
    .keep_i(op_i.keep), .half_i(half0), .sbuf_row_i, .psum_row_i, .data_o(operand0_o)
  );
  tsr_lane_read u_read1 (
    .clk_i, .fill_i(start_o && !op_i.src1 && !op_i.column), .value_i(value1_i), .en_i(read1),
    .psum_i(instr_o.src1.space == SpacePsum), .quad_i(move1),
    .dtype_i(instr_o.src1.dtype),
    .keep_i(1'b0), .half_i(half1), .sbuf_row_i, .psum_row_i, .data_o(operand1_o)
  );
  tsr_lane_write u_write (
    .clk_i, .rst_ni, .clear_i(start_o), .en_i(write), .last_i(write_last), .data_i(result_i),
    .keep_i(op_i.keep),
    .dtype_i(instr_o.dst.dtype), .psum_i(instr_o.dst.space == SpacePsum),
    .addr_i(write_addr),
    .part_i(instr_o.dst.start_part), .count_i(instr_o.nparts), .sbuf_row_wr_o, .psum_row_wr_o,
    .wr_row_o,
    .committed_o(committed), .checksum_o(checksum)
  );
  assign done_o = '{en: done_valid, err: done_err,
                    checksum: (done_err == ErrOk) ? checksum : 32'd0};
endmodule
