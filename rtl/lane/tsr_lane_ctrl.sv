// SPDX-License-Identifier: Apache-2.0
/// Control of a lane engine (DVE, ACT): accepts one instruction at a time, checks it, walks its
/// access patterns, issues row reads and the enables of the lane pipeline, and reports completion.
///
///   read -> (memory) -> operand registers -> stage 0 -> stage 1 -> cast -> write
///    t        t+1              t+1             t+2       t+3        t+4     t+5
///
/// Numbers are the cycle in which that step works on the element whose last read is issued in cycle
/// t. One element per partition and cycle; two cycles when both source tensors stand in SBUF, which
/// has one read port per engine.
/// Latency: issue to done, N + 8 cycles for N reads per partition (+1 with a scalar tile); issue to
/// done 3 cycles for a refused one. An instruction is checked before its first read; a refused one
/// writes nothing. Reads run up to 5 elements ahead of writes, so a destination may equal its
/// source but not lie elsewhere inside it.
`include "tsr_assert.svh"
module tsr_lane_ctrl
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_lane_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  output logic              quiet_o,
  // sequencer
  input  logic              issue_valid_i,
  output logic              issue_ready_o,
  input  instr_t            issue_i,
  output logic              done_valid_o,
  output err_code_t         done_err_o,
  // engine
  output instr_t            instr_o,
  input  lane_op_t          op_i,                  // of instr_o
  // row reads
  output row_rd_t           sbuf_row_rd_o,
  output row_rd_t           psum_row_rd_o,
  // lane pipeline
  output logic              start_o,               // first cycle of an accepted instruction
  output logic              read0_o,
  output logic              half0_o,
  output logic              read1_o,
  output logic              half1_o,
  output logic              stage0_o,
  output logic              first_o,               // stage 0: first element of a reduction
  output logic              stage1_o,
  output logic              write_o,
  output logic              write_last_o,
  output logic [31:0]       write_addr_o,
  input  logic              committed_i
);
  typedef enum logic [2:0] {StIdle, StCheck, StStart, StTile, StRun, StDone} state_e;

  state_e      state_q;
  instr_t      instr_q;
  err_code_t   err_q;
  logic        two_q;                              // both sources in SBUF: reads alternate
  logic        phase_q;                            // 1: second read of the element
  // elements of the reduction still to read after this one
  logic [15:0] left_q;
  logic        first_q;
  logic        v0_q, v1_q, v2_q, v3_q;             // element in memory, stage 0, stage 1, cast
  logic        f0_q, f1_q;                         // first of a reduction
  logic        e0_q, e1_q;                         // this element gives a result
  logic        r0_q, r1_q, h0_q, h1_q;

  // ---- Access patterns --------------------------------------------------------------------------
  logic        walk0_active, walk1_active, dst_active, walk0_last, walk1_last;
  // addresses are checked: high bits and bit 0 are 0
  /* verilator lint_off UNUSEDSIGNAL */
  logic [31:0] walk0_addr, walk1_addr;
  /* verilator lint_on UNUSEDSIGNAL */
  logic        start, read0, read1, final_read, src1_sbuf;

  assign start = (state_q == StStart) && (err_q == ErrOk);
  assign final_read = (state_q == StRun) && (two_q ? phase_q : walk0_active);
  assign read0 = (state_q == StRun) && walk0_active && !(two_q && phase_q);
  assign read1 = (op_i.src1 && final_read) || (state_q == StTile);

  tsr_ap_walk u_walk0 (.clk_i, .rst_ni, .start_i(start), .ap_i(instr_q.src0), .advance_i(read0),
                       .active_o(walk0_active), .addr_o(walk0_addr), .last_o(walk0_last));
  tsr_ap_walk u_walk1 (.clk_i, .rst_ni, .start_i(start && (op_i.src1 || op_i.column)),
    .ap_i(instr_q.src1),
                       .advance_i(read1), .active_o(walk1_active), .addr_o(walk1_addr),
                       .last_o(walk1_last));
  tsr_ap_walk u_walk_dst (.clk_i, .rst_ni, .start_i(start), .ap_i(instr_q.dst), .advance_i(v3_q),
                          .active_o(dst_active), .addr_o(write_addr_o), .last_o(write_last_o));

  // ---- Row reads --------------------------------------------------------------------------------
  logic        src0_sbuf, use_walk1;
  assign src0_sbuf = instr_q.src0.space == SpaceSbuf;
  assign src1_sbuf = instr_q.src1.space == SpaceSbuf;
  assign use_walk1 = read1 && src1_sbuf;           // never together with a read of src0 in SBUF
  assign sbuf_row_rd_o = '{en: (read0 && op_i.src0 && src0_sbuf) || use_walk1,
                           addr: use_walk1 ? walk1_addr[2 +: RowAw] : walk0_addr[2 +: RowAw]};
  assign psum_row_rd_o = '{en: (read0 && op_i.src0 && !src0_sbuf) || (read1 && !src1_sbuf),
                           addr: (read1 && !src1_sbuf) ? walk1_addr[2 +: RowAw] :
                           walk0_addr[2 +: RowAw]};

  // ---- Check ------------------------------------------------------------------------------------
  // First error in this order: opcode and fields, destination, source 0, source 1, spaces, shapes.
  /* verilator lint_off UNUSEDSIGNAL */           // fields of the sequencer
  function automatic err_code_t check(input instr_t i, input lane_op_t op);
    err_code_t   ed, e0, e1;
    logic [20:0] nd, n0, n1, n_src;
    operand_t    outer;
    outer = i.src0;
    if (op.reduce) outer.num0 = 16'd1;
    ed = operand_err(i.dst, i.nparts);
    e0 = op.src0 ? operand_err(i.src0, i.nparts) : ErrOk;
    e1 = (op.src1 || op.column) ? operand_err(i.src1, i.nparts) : ErrOk;
    nd = ap_count(i.dst);
    n_src = ap_count(i.src0);
    n0 = op.src0 ? ap_count(outer) : nd;
    n1 = (op.src1 || op.column) ? ap_count(i.src1) : nd;
    if (!op.known) check = ErrOpcode;
    else if (instr_code_bad(i)) check = ErrField;
    else if (ed != ErrOk) check = ed;
    else if (e0 != ErrOk) check = e0;
    else if (e1 != ErrOk) check = e1;
    else if (op.column && !column_type(i.src1.dtype)) check = ErrDtype;
    else if (op.src1 && i.src0.space == SpacePsum && i.src1.space == SpacePsum) check = ErrSpace;
    else if (nd != n0 || (op.column ? (n1 != 21'd1) : (n1 != nd)) || nd == 21'(CountLimit) ||
             (op.src0 && n_src == 21'(CountLimit))) check = ErrShape;
    else check = ErrOk;
  endfunction
  /* verilator lint_on UNUSEDSIGNAL */

  // ---- State ------------------------------------------------------------------------------------
  assign quiet_o = (state_q == StIdle) && !issue_valid_i;
  assign issue_ready_o = state_q == StIdle;
  assign done_valid_o = state_q == StDone;
  assign done_err_o = err_q;
  assign instr_o = instr_q;
  assign start_o = start;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
    end else begin
      case (state_q)
        StIdle: if (issue_valid_i) state_q <= StCheck;
        StCheck: state_q <= StStart;
        StStart: state_q <= (err_q != ErrOk) ? StDone : op_i.column ? StTile : StRun;
        StTile: state_q <= StRun;
        StRun: if (committed_i) state_q <= StDone;
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle && issue_valid_i) begin
      instr_q <= issue_i;
    end else if (state_q == StCheck) begin
      err_q <= check(instr_q, op_i);
      two_q <= op_i.src1 && instr_q.src0.space == SpaceSbuf && instr_q.src1.space == SpaceSbuf;
      if (!op_i.src0) instr_q.src0 <= instr_q.dst;  // a constant has the destination's shape
    end
  end

  // ---- Pipeline ---------------------------------------------------------------------------------
  assign read0_o = r0_q;
  assign read1_o = r1_q;
  assign half0_o = h0_q;
  assign half1_o = h1_q;
  assign stage0_o = v1_q;
  assign first_o = f1_q;
  assign stage1_o = v2_q;
  assign write_o = v3_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      phase_q <= 1'b0;
      {v0_q, v1_q, v2_q, v3_q} <= 4'd0;
      {r0_q, r1_q} <= 2'd0;
    end else if (state_q != StIdle) begin
      if (start) phase_q <= 1'b0;
      else if (two_q && (read0 || phase_q)) phase_q <= ~phase_q;
      v0_q <= final_read;
      v1_q <= v0_q;
      v2_q <= v1_q & e1_q;
      v3_q <= v2_q;
      r0_q <= read0 & op_i.src0;
      r1_q <= read1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q != StIdle) begin
      h0_q <= walk0_addr[1];
      h1_q <= walk1_addr[1];
      if (start) begin
        left_q <= dim(instr_q.src0.num0) - 16'd1;
        first_q <= 1'b1;
      end else if (final_read && op_i.reduce) begin
        left_q <= (left_q == 16'd0) ? dim(instr_q.src0.num0) - 16'd1 : left_q - 16'd1;
        first_q <= left_q == 16'd0;
      end
      f0_q <= first_q;
      f1_q <= f0_q;
      e0_q <= !op_i.reduce || left_q == 16'd0;
      e1_q <= e0_q;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(WriteInsidePattern_A, v3_q -> dst_active, "result without a destination element")
  `TSR_ASSERT(SecondSourceLives_A, read1 -> walk1_active, "src1 pattern too short")
  `TSR_ASSERT(SourcesEndTogether_A, !(op_i.src1 && read1 && walk1_last && !two_q) || walk0_last,
              "source patterns end apart")
  `TSR_ASSERT(CommitOnlyWhileRunning_A, committed_i -> state_q == StRun,
              "commit without instruction")
  `TSR_ASSERT(IdleIsEmpty_A, state_q != StIdle ||
              !(v0_q || v1_q || v2_q || v3_q || walk0_active || dst_active),
              "pipeline not empty when idle")
endmodule
