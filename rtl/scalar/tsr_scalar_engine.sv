// SPDX-License-Identifier: Apache-2.0
/// Scalar engine (ACT): one lane per partition, one element per partition and cycle.
///
/// ACTIVATE: dst = f(src0 x scale + bias) on FP32 and BF16 in SBUF and PSUM; scale is imm0, bias imm1 or an FP32 tile of
/// one element per partition at src1; one fused multiply-add, the function, one cast on write. A NaN is always canonical.
/// Datapath: operand registers (`tsr_lane_read`), `tsr_act_lanes`, cast and write (`tsr_lane_write`).
///
/// Latency, order and errors: see `tsr_lane_ctrl`. done comes once per instruction, when all writes are committed.
module tsr_scalar_engine
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
  logic is_tile;
  assign is_tile = src1_role(instr.opcode, instr.scalar_en) == RoleColumn;

  // --- Control --------------------------------------------------------------------------------
  tsr_lane_ctrl u_ctrl (
    .clk_i, .rst_ni, .quiet_o, .issue_valid_i, .issue_ready_o, .issue_i, .done_valid_o(done_valid), .done_err_o(done_err),
    .instr_o(instr), .dec_known_i(instr.opcode == OpcodeActivate), .dec_src0_i(1'b1), .dec_src1_i(1'b0), .dec_tile_i(is_tile), .dec_reduce_i(1'b0),
    .sbuf_row_rd_o, .psum_row_rd_o,
    .start_o(start), .read0_o(read0), .half0_o(half0), .read1_o(read1), .half1_o(half1), .stage0_o(stage0),
    .first_o(first), .stage1_o(stage1), .write_o(write), .write_last_o(write_last), .write_addr_o(write_addr),
    .committed_i(committed)
  );
  logic unused_first;                              // reductions are the vector engine's
  assign unused_first = first;

  // --- Datapath -------------------------------------------------------------------------------
  localparam int unsigned QuadShift = $clog2(P / 4);
  logic [1:0]  move0, move1;                       // distance source - destination in quadrants, modulo 4
  logic [31:0] x [P];
  logic [31:0] bias [P];
  logic [31:0] y [P];
  assign move0 = 2'((instr.src0.start_part - instr.dst.start_part) >> QuadShift);
  assign move1 = 2'((instr.src1.start_part - instr.dst.start_part) >> QuadShift);

  tsr_lane_read u_read0 (
    .clk_i, .fill_i(1'b0), .value_i(32'd0), .en_i(read0), .psum_i(instr.src0.space == SpacePsum),
    .quad_i(move0), .bf16_i(instr.src0.dtype == DtypeBf16), .keep_i(1'b0), .half_i(half0),
    .sbuf_row_i, .psum_row_i, .data_o(x)
  );
  tsr_lane_read u_read1 (
    .clk_i, .fill_i(start && !is_tile), .value_i(instr.imm1), .en_i(read1), .psum_i(instr.src1.space == SpacePsum),
    .quad_i(move1), .bf16_i(1'b0), .keep_i(1'b0), .half_i(half1),
    .sbuf_row_i, .psum_row_i, .data_o(bias)
  );

  tsr_act_lanes u_lanes (.clk_i, .fma_en_i(stage0), .func_en_i(stage1), .func_i(instr.flags[3:0]),
                         .scale_i(instr.imm0), .x_i(x), .bias_i(bias), .y_o(y));

  tsr_lane_write u_write (
    .clk_i, .rst_ni, .clear_i(start), .en_i(write), .last_i(write_last), .data_i(y), .keep_i(1'b0),
    .bf16_i(instr.dst.dtype == DtypeBf16), .psum_i(instr.dst.space == SpacePsum), .addr_i(write_addr),
    .part_i(instr.dst.start_part), .count_i(instr.nparts), .sbuf_row_wr_o, .psum_row_wr_o, .wr_row_o, .committed_o(committed), .checksum_o(checksum)
  );
  assign done_o = '{en: done_valid, err: done_err, checksum: (done_err == ErrOk) ? checksum : 32'd0};
endmodule
