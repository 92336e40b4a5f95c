// SPDX-License-Identifier: Apache-2.0
/// Tensor engine (PE): LDWEIGHTS and MATMUL on a P x P weight-stationary array.
///
///   issue -> check +-> tsr_pe_load: SBUF -> shadow weights -> tsr_pe_array -> tsr_pe_drain
///                  |                                           ^              -> PSUM, checksum
///                  +-> waiting MATMUL -> tsr_pe_feed: SBUF -> moving columns
///
/// Two instructions overlap: the weights of the next MATMUL load while one runs, as soon as the
/// wavefront of the last switch has left the array (2P - 1 cycles). A MATMUL whose weights stand in
/// the shadow copy follows the one before it without a gap: N columns cost N cycles.
/// Latency: issue to first read of a free engine, 3 cycles (LDWEIGHTS) or 4 (MATMUL); first read to
/// done, N + 2P + 3 cycles (MATMUL of N columns) or ceil(M / 4) (LDWEIGHTS of M adjacent, aligned
/// elements). done comes once per instruction, in issue order.
///
/// Errors: checked before the first read; the first error in this order: opcode, source space,
/// type, partitions and address, destination the same, shape. A refused instruction and every one
/// behind it write nothing and report that code, until the engine has reported all it accepted; the
/// sequencer issues none between the error and its restart.
`include "tsr_assert.svh"
module tsr_tensor_engine
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_pe_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  output logic              quiet_o,
  // sequencer
  input  logic              issue_valid_i,
  output logic              issue_ready_o,
  /* verilator lint_off UNUSEDSIGNAL */            // fields of the sequencer and of other engines
  input  instr_t            issue_i,
  /* verilator lint_on UNUSEDSIGNAL */
  output done_t             done_o,
  // SBUF: a moving row; a row pair of weights
  output row_rd_t           pe_moving_rd_o,
  input  logic [31:0]       pe_moving_row_i [P],
  output row_rd_t           pe_weight_rd_o,
  input  logic [31:0]       pe_weight_lo_i [P],
  input  logic [31:0]       pe_weight_hi_i [P],
  // PSUM
  output logic [P-1:0]      pe_en_o,
  output logic [31:0]       pe_addr_o [P],
  output logic [31:0]       pe_data_o [P],
  output logic [P-1:0]      pe_acc_o,
  input  logic [31:0]       pe_sum_i [P]
);
  localparam int unsigned InFlight = 8;            // instructions between dispatch and done
  localparam int unsigned PtrW = $clog2(InFlight);

  // ---- Acceptance and check ---------------------------------------------------------------------
  typedef struct packed {
    logic       load;                              // LDWEIGHTS, else MATMUL
    logic       known;
    logic [7:0] rows;
    // LDWEIGHTS: first column, MATMUL: number of columns
    logic [7:0] cols;
  } head_t;
  typedef struct packed {                          // shape of the last LDWEIGHTS
    logic [7:0] part;
    logic [7:0] rows;                              // 0: none yet
    logic [7:0] col;
    logic [7:0] cols;
  } shape_t;

  logic        head_valid_q, checked_q;
  head_t       head_q;
  logic        acc_q;
  operand_t    src_q, dst_q;
  shape_t      shape_q;
  err_code_t   err_q;                              // of the instruction in front
  // an instruction was refused: none behind it is executed
  logic        poison_q;
  err_code_t   poison_err_q;
  logic        accept, dispatch, dispatch_load, dispatch_mm, finish;
  logic [PtrW:0] count_q;

  assign issue_ready_o = !head_valid_q;
  assign accept = issue_valid_i && issue_ready_o;

  /// Space, type, then what every operand is checked for.
  function automatic err_code_t side_err(input operand_t o, input logic space_good,
                                         input logic type_good,
                                         input logic [7:0] count);
    side_err = !space_good ? ErrSpace : !type_good ? ErrDtype : operand_err(o, count);
  endfunction

  function automatic err_code_t check(input head_t h, input operand_t src, input operand_t dst,
                                      input shape_t w);
    err_code_t   es, ed;
    logic [20:0] n;
    es = side_err(src, moving_space(src.space), moving_type(src.dtype), h.rows);
    ed = h.load ? ErrOk : side_err(dst, sum_space(dst.space), sum_type(dst.dtype), h.cols);
    n = ap_count(src);
    if (!h.known) check = ErrOpcode;
    else if (es != ErrOk) check = es;
    else if (ed != ErrOk) check = ed;
    else if (h.load) check = (21'(h.cols) + n > 21'(P)) ? ErrShape : ErrOk;
    else if (n != ap_count(dst) || n > 21'(MatmulColumns)) check = ErrShape;
    else if (src.start_part != w.part || h.rows != w.rows || dst.start_part != w.col ||
             h.cols != w.cols) check = ErrShape;
    else check = ErrOk;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      head_valid_q <= 1'b0;
      checked_q <= 1'b0;
      poison_q <= 1'b0;
      shape_q <= '0;
    end else begin
      if (accept) head_valid_q <= 1'b1;
      else if (dispatch) head_valid_q <= 1'b0;
      if (head_valid_q) checked_q <= !dispatch;
      if (dispatch && err_q != ErrOk) begin
        poison_q <= 1'b1;
        poison_err_q <= err_q;
      end else if (finish && count_q == (PtrW + 1)'(1) && !head_valid_q && !accept) begin
        poison_q <= 1'b0;
      end
      if (dispatch_load) begin
        shape_q <= '{part: src_q.start_part, rows: head_q.rows, col: head_q.cols,
                     cols: 8'(ap_count(src_q))};
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (accept) begin
      head_q <= '{load: issue_i.opcode == OpcodeLdweights,
                  known: src0_role(issue_i.opcode) == RoleMoving, rows: issue_i.nparts,
                  cols: issue_i.imm0[7:0]};
      acc_q <= issue_i.flags[0];
      src_q <= issue_i.src0;
      dst_q <= issue_i.dst;
    end else if (head_valid_q && !checked_q) begin
      err_q <= poison_q ? poison_err_q : check(head_q, src_q, dst_q, shape_q);
    end
  end

  // ---- Dispatch: one LDWEIGHTS in the loader, one MATMUL waiting --------------------------------
  logic        load_busy, load_done, load_go;
  logic        wait_valid_q;                       // a MATMUL waits for the array
  // the loader's instruction stands before the waiting one
  logic        load_older_q;
  // the shadow copy holds weights that no MATMUL has used
  logic        fresh_q;
  logic        wait_acc_q;
  logic [7:0]  wait_rows_q, wait_cols_q;
  operand_t    wait_src_q, wait_dst_q;
  logic        feed_free, feed_switching, array_switching, start, start_switch, room;

  assign room = count_q != (PtrW + 1)'(InFlight);
  assign dispatch_load = head_valid_q && checked_q && room && err_q == ErrOk && head_q.load &&
                         !load_busy;
  assign dispatch_mm = head_valid_q && checked_q && room && err_q == ErrOk && !head_q.load &&
                       !wait_valid_q;
  assign dispatch = dispatch_load || dispatch_mm ||
                    (head_valid_q && checked_q && room && err_q != ErrOk);
  assign start = wait_valid_q && feed_free && !(load_busy && load_older_q);
  assign start_switch = start && fresh_q;
  // The shadow copy is free when the MATMUL that uses it has started and its wavefront is through.
  assign load_go = !(wait_valid_q && !load_older_q) && !feed_switching && !array_switching;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wait_valid_q <= 1'b0;
      load_older_q <= 1'b0;
      fresh_q <= 1'b0;
    end else begin
      if (dispatch_mm) wait_valid_q <= 1'b1;
      else if (start) wait_valid_q <= 1'b0;
      if (dispatch_mm) load_older_q <= 1'b1;
      else if (dispatch_load) load_older_q <= !wait_valid_q;
      if (load_done) fresh_q <= 1'b1;
      else if (start) fresh_q <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (dispatch_mm) begin
      wait_acc_q <= acc_q;
      wait_rows_q <= head_q.rows;
      wait_cols_q <= head_q.cols;
      wait_src_q <= src_q;
      wait_dst_q <= dst_q;
    end
  end

  // ---- Order of completion ----------------------------------------------------------------------
  typedef enum logic [1:0] {OrderErr, OrderLoad, OrderMatmul} order_e;
  order_e          kind_q [InFlight];
  err_code_t       kind_err_q [InFlight];
  logic [31:0]     sums_q [InFlight];              // checksums of MATMULs that are complete
  logic [PtrW-1:0] put_q, get_q, sum_put_q, sum_get_q;
  logic [PtrW:0]   loads_q, sums_count_q;          // complete and not yet reported
  order_e          kind;
  logic            finish_load, finish_mm, sum_valid;
  logic [31:0]     sum;

  assign kind = kind_q[get_q];
  assign finish_load = count_q != '0 && kind == OrderLoad && loads_q != '0;
  assign finish_mm = count_q != '0 && kind == OrderMatmul && sums_count_q != '0;
  assign finish = finish_load || finish_mm || (count_q != '0 && kind == OrderErr);
  assign done_o = '{en: finish, err: (kind == OrderErr) ? kind_err_q[get_q] : ErrOk,
                    checksum: (kind == OrderMatmul) ? sums_q[sum_get_q] : 32'd0};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {put_q, get_q, sum_put_q, sum_get_q} <= '0;
      {count_q, loads_q, sums_count_q} <= '0;
    end else begin
      if (dispatch) put_q <= put_q + PtrW'(1);
      if (finish) get_q <= get_q + PtrW'(1);
      if (sum_valid) sum_put_q <= sum_put_q + PtrW'(1);
      if (finish_mm) sum_get_q <= sum_get_q + PtrW'(1);
      count_q <= count_q + (PtrW + 1)'(dispatch) - (PtrW + 1)'(finish);
      loads_q <= loads_q + (PtrW + 1)'(load_done) - (PtrW + 1)'(finish_load);
      sums_count_q <= sums_count_q + (PtrW + 1)'(sum_valid) - (PtrW + 1)'(finish_mm);
    end
  end
  always_ff @(posedge clk_i) begin
    if (dispatch) begin
      kind_q[put_q] <= dispatch_load ? OrderLoad : dispatch_mm ? OrderMatmul : OrderErr;
      kind_err_q[put_q] <= err_q;
    end
    if (sum_valid) sums_q[sum_put_q] <= sum;
  end

  // ---- Weights ----------------------------------------------------------------------------------
  logic             ld_en;
  logic [PartW-1:0] ld_col;
  logic [2:0]       ld_count;
  logic [1:0]       ld_first;
  logic [7:0]       ld_part, ld_rows;
  tsr_pe_load u_load (
    .clk_i, .rst_ni, .start_i(dispatch_load), .ap_i(src_q), .rows_i(head_q.rows),
    .col_i(head_q.cols[PartW-1:0]), .go_i(load_go),
    .busy_o(load_busy), .done_o(load_done), .pe_weight_rd_o,
    .ld_en_o(ld_en), .ld_col_o(ld_col), .ld_count_o(ld_count), .ld_first_o(ld_first),
    .ld_part_o(ld_part), .ld_rows_o(ld_rows)
  );

  // ---- Moving columns ---------------------------------------------------------------------------
  logic       x_valid, x_switch, x_half;
  logic [7:0] x_part, x_rows;
  token_t     x_token;
  tsr_pe_feed u_feed (
    .clk_i, .rst_ni, .start_i(start), .src_i(wait_src_q), .dst_i(wait_dst_q), .rows_i(wait_rows_q),
    .acc_i(wait_acc_q),
    .switch_i(fresh_q), .free_o(feed_free), .switching_o(feed_switching), .pe_moving_rd_o,
    .x_valid_o(x_valid), .x_switch_o(x_switch), .x_half_o(x_half), .x_part_o(x_part),
    .x_rows_o(x_rows), .x_token_o(x_token)
  );

  // ---- Array and results ------------------------------------------------------------------------
  logic array_quiet, array_next;
  tsr_pe_array u_array (
    .clk_i, .rst_ni, .quiet_o(array_quiet), .x_valid_i(x_valid), .switch_i(x_valid && x_switch),
    .x_data_i(pe_moving_row_i),
    .x_half_i(x_half), .x_part_i(x_part), .x_count_i(x_rows),
    .ld_en_i(ld_en), .ld_col_i(ld_col), .ld_count_i(ld_count), .ld_first_i(ld_first),
    .ld_lo_i(pe_weight_lo_i), .ld_hi_i(pe_weight_hi_i),
    .ld_part_i(ld_part), .ld_rows_i(ld_rows), .switching_o(array_switching), .next_o(array_next),
    .p_o(pe_data_o)
  );
  tsr_pe_drain u_drain (
    .clk_i, .rst_ni, .x_valid_i(x_valid), .x_token_i(x_token),
    .cols_en_i(start_switch), .cols_part_i(wait_dst_q.start_part), .cols_count_i(wait_cols_q),
    .next_i(array_next), .pe_en_o, .pe_addr_o, .pe_acc_o, .pe_sum_i, .sum_valid_o(sum_valid),
    .sum_o(sum)
  );

  assign quiet_o = !issue_valid_i && !head_valid_q && count_q == '0 && array_quiet;

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(QuietMeansIdle_A, count_q != '0 ||
              !(load_busy || wait_valid_q || pe_moving_rd_o.en || pe_weight_rd_o.en || ld_en ||
                x_valid || pe_en_o != '0 || !array_quiet), "work without an instruction")
  `TSR_ASSERT(CompleteInOrder_A, loads_q <= count_q && sums_count_q <= count_q,
              "more completions than instructions")
  `TSR_ASSERT(WeightsBeforeSwitch_A, start_switch -> !pe_weight_rd_o.en, "switch while loading")
endmodule
