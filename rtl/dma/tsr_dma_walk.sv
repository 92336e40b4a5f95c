// SPDX-License-Identifier: Apache-2.0
/// Takes one descriptor at a time: checks it, waits for its semaphore and fence, then cuts it into
/// segments.
///
/// Latency from `desc_valid_i` to the first `seg_valid_o`: 3 cycles when nothing is waited for;
/// then one segment per cycle. No segment crosses a SegBytes-aligned boundary of its source or
/// destination address. Each row is checked before its first segment; a row that is the size of the
/// queue's own ring is refused with ErrRegister, because what the queue has begun when such a write
/// arrives would depend on time. An error moves to state Err and stays (`err_o`) until `clear_i`;
/// segments already offered and taken are not recalled. With `row_elems` 0 only the codes, the
/// reserved fields, the semaphores and the tile of the update are checked.
`include "tsr_assert.svh"
module tsr_dma_walk
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_dma_pkg::*;
#(
  parameter int unsigned Queue = 0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  place_t             place_i,
  input  logic               stop_i,               // no new descriptor, no new segment
  input  logic               clear_i,
  // Next descriptor
  input  logic               desc_valid_i,
  input  desc_t              desc_i,
  input  err_code_t          desc_err_i,
  input  logic [39:0]        desc_addr_i,
  output logic               desc_take_o,
  // Start: `start_o` is one cycle, the fields of `cur_o` hold until the next descriptor is taken
  output desc_t              cur_o,
  input  logic signed [31:0] sem_value_i,
  input  logic               may_start_i,          // a context is free
  input  logic               idle_before_i,        // all earlier descriptors are committed
  output logic               start_o,
  // Segments
  output logic               seg_valid_o,
  output seg_t               seg_o,
  input  logic               seg_ready_i,
  // State
  output logic               err_o,
  output err_code_t          err_code_o,
  output logic [39:0]        err_addr_o,
  output logic [15:0]        err_tag_o,
  output logic               idle_o,
  output logic               waiting_o,            // for its semaphore
  output logic               active_o              // this edge changes a register
);
  localparam int unsigned SegShift = $clog2(SegBytes);
  localparam logic [39:0] OwnSize = 40'(RegQSize) + 40'(QueueRegStride * Queue);

  typedef enum logic [2:0] {
    StIdle  = 3'd0,
    StCheck = 3'd1,
    StWait  = 3'd2,
    StRun   = 3'd3,
    StErr   = 3'd4
  } state_e;

  state_e      state_q;
  desc_t       cur_q;
  err_code_t   code_q;
  logic [39:0] addr_q;

  // ---- Checks of the descriptor -----------------------------------------------------------------
  err_code_t  field_err;
  logic       rsv_set, no_sem, no_tile, dtype_bad, space_bad;

  // 0 outside its state, so that a simulator skips the body; the same below.
  always_comb begin
    {rsv_set, no_sem, no_tile, dtype_bad, space_bad} = '0;
    field_err = ErrOk;
    if (state_q == StCheck) begin
      rsv_set = desc_reserved(cur_q);
      no_sem = (cur_q.wait_cond != WaitNone && 32'(cur_q.wait_sem) >= NumSems) ||
               (cur_q.upd_op != UpdateNone && 32'(cur_q.upd_sem) >= NumSems);
      no_tile = (cur_q.upd_op != UpdateNone) && cur_q.upd_remote &&
                (cur_q.upd_x > place_i.mesh_x || cur_q.upd_y > place_i.mesh_y);
      dtype_bad = !copy_type(cur_q.src_dtype) || !copy_type(cur_q.dst_dtype) ||
                  (cur_q.src_dtype != cur_q.dst_dtype &&
                   !(dtype_float(cur_q.src_dtype) && dtype_float(cur_q.dst_dtype))) ||
                  (cur_q.op != DmaOpWrite && !accumulate_type(cur_q.dst_dtype));
      space_bad = (cur_q.src_space == SpaceReg) ||
                  (cur_q.dst_space == SpaceReg &&
                   (cur_q.op != DmaOpWrite || cur_q.dst_dtype != DtypeFp32 ||
                    cur_q.row_elems != 32'd1));
      if (rsv_set || no_sem || !dma_op_known(cur_q.op) || !wait_known(cur_q.wait_cond) ||
          !update_known(cur_q.upd_op)) begin
        field_err = ErrField;
      end else if (no_tile) field_err = ErrTile;
      else if (cur_q.row_elems == 32'd0) field_err = ErrOk;
      else if (dtype_bad) field_err = ErrDtype;
      else if (space_bad) field_err = ErrSpace;
    end
  end

  /// A row of `bytes` bytes from `addr` leaves its memory or is not aligned to its element size.
  function automatic logic row_bad(input logic [1:0] space, input logic [39:0] addr,
                                   input logic [33:0] bytes,
                                   input logic [1:0] shift);
    logic [41:0] limit, last;
    logic        part;
    limit = (space == SpaceSbuf) ? 42'(SbufBytes) : (space == SpacePsum) ? 42'(PsumBytes) :
            (space == SpaceReg) ? 42'h1_0000 : 42'(HbmBytes);
    part = (space == SpaceSbuf) || (space == SpacePsum);
    last = (part ? 42'(addr[PartShift-1:0]) : 42'(addr)) + 42'(bytes);
    row_bad = (last > limit) || (part && 32'(addr >> PartShift) >= P) ||
              ((addr[1:0] & 2'((3'd1 << shift) - 3'd1)) != 2'd0);
  endfunction

  // ---- Semaphore and fence ----------------------------------------------------------------------
  logic sem_ok, may_start;
  always_comb begin
    unique case (cur_q.wait_cond)
      WaitGe:  sem_ok = (sem_value_i >= $signed(cur_q.wait_value));
      WaitEq:  sem_ok = (sem_value_i == $signed(cur_q.wait_value));
      default: sem_ok = 1'b1;
    endcase
  end
  assign may_start = sem_ok && may_start_i && (!cur_q.fence || idle_before_i) && !stop_i;

  // ---- Walk -------------------------------------------------------------------------------------
  // Start addresses: position in the row, the row, the group of rows, the group of groups.
  logic [39:0] src_q, src1_q, src2_q, src3_q, dst_q, dst1_q, dst2_q, dst3_q;
  logic [31:0] rem_q;                              // elements left in the row
  logic [15:0] num1_q, num2_q, num3_q;             // rows, groups left, this one included
  logic        row_first_q, first_q;
  logic [1:0]  src_sh, dst_sh;
  logic [10:0] src_room, dst_room, room, count;
  logic        row_last, end1, end2, end3, src_bad, dst_bad, own_bad;
  logic [39:0] src1_d, src2_d, src3_d, dst1_d, dst2_d, dst3_d;

  always_comb begin
    {src_sh, dst_sh} = '0;
    {src_room, dst_room, room, count} = '0;
    {row_last, end1, end2, end3, src_bad, dst_bad, own_bad} = '0;
    {src1_d, src2_d, src3_d, dst1_d, dst2_d, dst3_d} = '0;
    seg_valid_o = 1'b0;
    seg_o = '0;
    if (state_q == StRun && !stop_i) begin
      src_sh = dtype_shift(cur_q.src_dtype);
      dst_sh = dtype_shift(cur_q.dst_dtype);
      src_room = 11'((SegBytes - 32'(src_q[SegShift-1:0])) >> src_sh);
      dst_room = 11'((SegBytes - 32'(dst_q[SegShift-1:0])) >> dst_sh);
      room = (src_room < dst_room) ? src_room : dst_room;
      row_last = (rem_q <= 32'(room));
      count = row_last ? 11'(rem_q) : room;
      end1 = (num1_q == 16'd1);
      end2 = (num2_q == 16'd1);
      end3 = (num3_q == 16'd1);
      if (row_first_q) begin
        src_bad = row_bad(cur_q.src_space, src_q, 34'(cur_q.row_elems) << src_sh, src_sh);
        dst_bad = row_bad(cur_q.dst_space, dst_q, 34'(cur_q.row_elems) << dst_sh, dst_sh);
        own_bad = cur_q.dst_space == SpaceReg && dst_q == OwnSize && cur_q.dst_x == place_i.x &&
                  cur_q.dst_y == place_i.y;
      end
      if (row_last) begin                          // addresses of the next row
        src3_d = src3_q;
        dst3_d = dst3_q;
        if (end2 && end1) begin
          src3_d = src3_q + 40'($signed(cur_q.src_step3));
          dst3_d = dst3_q + 40'($signed(cur_q.dst_step3));
        end
        src2_d = end2 ? src3_d : src2_q + 40'($signed(cur_q.src_step2));
        dst2_d = end2 ? dst3_d : dst2_q + 40'($signed(cur_q.dst_step2));
        src1_d = end1 ? src2_d : src1_q + 40'($signed(cur_q.src_step1));
        dst1_d = end1 ? dst2_d : dst1_q + 40'($signed(cur_q.dst_step1));
      end
      seg_valid_o = !src_bad && !dst_bad && !own_bad;
      seg_o.src_addr = src_q;
      seg_o.dst_addr = dst_q;
      seg_o.src_len = count << src_sh;
      seg_o.dst_len = count << dst_sh;
      seg_o.first = first_q;
      seg_o.last = row_last && end1 && end2 && end3;
    end
  end

  logic take;
  assign take = (state_q == StIdle) && desc_valid_i && !stop_i;
  assign start_o = (state_q == StWait) && may_start;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: if (take) state_q <= (desc_err_i != ErrOk) ? StErr : StCheck;
        StCheck: state_q <= (field_err != ErrOk) ? StErr : StWait;
        StWait: if (may_start) state_q <= (cur_q.row_elems == 32'd0) ? StIdle : StRun;
        StRun: begin
          if (src_bad || dst_bad || own_bad) state_q <= StErr;
          else if (seg_valid_o && seg_ready_i && seg_o.last) state_q <= StIdle;
        end
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      cur_q <= desc_i;
      code_q <= desc_err_i;
      addr_q <= desc_addr_i;
      if (desc_err_i != ErrOk) cur_q <= '0;
    end
    if (state_q == StCheck) begin
      {src_q, src1_q, src2_q, src3_q} <= {4{cur_q.src_addr}};
      {dst_q, dst1_q, dst2_q, dst3_q} <= {4{cur_q.dst_addr}};
      rem_q <= cur_q.row_elems;
      num1_q <= dim(cur_q.num1);
      num2_q <= dim(cur_q.num2);
      num3_q <= dim(cur_q.num3);
      row_first_q <= 1'b1;
      first_q <= 1'b1;
      code_q <= field_err;
    end
    if (src_bad || dst_bad || own_bad) begin
      code_q <= (src_bad || dst_bad) ? ErrAddress : ErrRegister;
      addr_q <= src_bad ? src_q : dst_q;
    end
    if (seg_valid_o && seg_ready_i) begin
      first_q <= 1'b0;
      row_first_q <= row_last;
      if (!row_last) begin
        src_q <= src_q + 40'(seg_o.src_len);
        dst_q <= dst_q + 40'(seg_o.dst_len);
        rem_q <= rem_q - 32'(count);
      end else begin
        src_q <= src1_d;
        src1_q <= src1_d;
        dst_q <= dst1_d;
        dst1_q <= dst1_d;
        rem_q <= cur_q.row_elems;
        num1_q <= end1 ? dim(cur_q.num1) : num1_q - 16'd1;
        if (end1) begin
          src2_q <= src2_d;
          dst2_q <= dst2_d;
          num2_q <= end2 ? dim(cur_q.num2) : num2_q - 16'd1;
          if (end2) begin
            src3_q <= src3_d;
            dst3_q <= dst3_d;
            num3_q <= num3_q - 16'd1;
          end
        end
      end
    end
  end

  assign desc_take_o = take;
  assign cur_o = cur_q;
  assign err_o = (state_q == StErr);
  assign err_code_o = code_q;
  assign err_addr_o = addr_q;
  assign err_tag_o = cur_q.tag;
  assign idle_o = (state_q == StIdle);
  assign waiting_o = (state_q == StWait) && !sem_ok;
  assign active_o = take || (state_q == StCheck) || start_o || (seg_valid_o && seg_ready_i) ||
                    src_bad || dst_bad || own_bad;

  `TSR_ASSERT(SegInside_A, seg_valid_o ->
              count != 11'd0 && 32'(src_q[SegShift-1:0]) + 32'(seg_o.src_len) <= SegBytes &&
              32'(dst_q[SegShift-1:0]) + 32'(seg_o.dst_len) <= SegBytes)
endmodule
