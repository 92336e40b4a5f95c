// SPDX-License-Identifier: Apache-2.0
/// One DMA queue: descriptor fetch, walker, NumSlots segments in flight, completion in order.
///
/// A slot is allocated with its read request, sent as a write packet when all its read data have
/// arrived and it is the oldest unsent one, and free again when the writer has read it; then one of
/// NumSlots entries of the write list waits for the acknowledgement. Entries retire in order. Up to
/// NumCtx descriptors may be between their first read and their commit. A descriptor is committed
/// when its last slot retires; then its semaphore update is offered and, when that is taken, the
/// record leaves (1 cycle later) and the done count grows.
/// Errors: the first one in program order is reported once; no further request is made, slots in
/// flight drain (from a failed read or write on nothing more is written), later descriptors and the
/// failing one never update. `queue_setup_i.restart` restarts the queue: when everything in flight
/// has drained it begins at the head of the ring.
`include "tsr_assert.svh"
module tsr_dma_queue
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
  input  logic [47:0]        cycle_i,
  input  place_t             place_i,
  // Ring
  input  queue_setup_t       queue_setup_i,
  input  doorbell_t          doorbell_i,           // of any queue
  // Read requests (descriptor or segment)
  output logic               req_valid_o,
  output hdr_t               req_o,
  input  logic               req_ready_i,
  // Read response beats: of descriptors, of slots
  input  logic               rsp_desc_i,
  input  logic               rsp_slot_i,
  input  pkt_t               read_rsp_i,
  input  logic [3:0]         rsp_beat_i,           // index of the present beat
  // Complete slots
  output logic               send_valid_o,
  output send_t              send_o,
  input  logic               send_ready_i,
  input  logic               free_i,               // the oldest slot being sent has been read
  // Checksum of a descriptor whose last packet leaves
  input  logic               sum_valid_i,
  input  logic [CtxW-1:0]    sum_ctx_i,
  input  logic [31:0]        sum_i,
  // Write acknowledgements of this queue
  input  logic               write_ack_valid_i,
  input  hdr_t               write_ack_i,
  // Semaphores
  output logic [7:0]         queue_sem_wait_o,
  input  logic [31:0]        queue_sem_value_i,
  output logic               queue_sem_upd_valid_o,
  input  logic               queue_sem_upd_ready_i,
  output sem_upd_t           queue_sem_upd_o,
  // Status and records
  output status_t            queue_status_o,
  output logic [31:0]        queue_done_o,         // descriptors committed since the restart
  output fault_t             queue_fault_o,
  output logic               rec_valid_o,
  output rec_t               rec_data_o,
  output logic               quiet_o
);
  /// | state     | entered by                         | requests | unsent  | writes that retire   |
  /// |-----------|------------------------------------|----------|---------|----------------------|
  /// | StRun     | reset, or the end of StRestart     | go on    | sent    | complete descriptors |
  /// | StFailing | the oldest unsent read failed      | stop     | dropped | complete descriptors |
  /// | StStopped | the error: the walker's or retired | stop     | dropped | have no effect       |
  /// | StRestart | a write of the size; until drained | stop     | dropped | have no effect       |
  typedef enum logic [1:0] {StRun, StFailing, StStopped, StRestart} state_e;
  state_e state_q, state_d;
  logic   stop, clear, restart, doorbell;

  // ---- Descriptor fetch and walker --------------------------------------------------------------
  logic        fetch_req, fetch_fire, desc_valid, desc_take, fetch_out, fetch_pending;
  logic [39:0] fetch_addr, desc_addr;
  err_code_t   desc_err;
  desc_t       desc, cur;
  logic        start, seg_valid, seg_fire, ctx_room, ctx_idle;
  seg_t        seg;
  logic        walk_err, walk_idle, walk_active, waiting;
  err_code_t   walk_code;
  logic [39:0] walk_addr;
  logic [15:0] walk_tag;

  assign doorbell = doorbell_i.en && doorbell_i.number == 4'(Queue);
  assign stop = state_q != StRun;
  assign restart = state_q == StRestart;

  tsr_dma_fetch u_fetch (
    .clk_i, .rst_ni, .queue_setup_i, .doorbell_valid_i(doorbell),
    .doorbell_count_i(doorbell_i.count),
    .stop_i(stop), .clear_i(clear),
    .req_valid_o(fetch_req), .req_addr_o(fetch_addr), .req_ready_i(fetch_fire),
    .rsp_valid_i(rsp_desc_i), .read_rsp_i, .rsp_beat_i,
    .desc_valid_o(desc_valid), .desc_o(desc), .desc_err_o(desc_err), .desc_addr_o(desc_addr),
    .desc_take_i(desc_take), .outstanding_o(fetch_out), .pending_o(fetch_pending)
  );

  tsr_dma_walk #(.Queue(Queue)) u_walk (
    .clk_i, .rst_ni, .place_i, .stop_i(stop), .clear_i(clear),
    .desc_valid_i(desc_valid), .desc_i(desc), .desc_err_i(desc_err), .desc_addr_i(desc_addr),
    .desc_take_o(desc_take), .cur_o(cur), .sem_value_i(queue_sem_value_i),
    .may_start_i(ctx_room), .idle_before_i(ctx_idle), .start_o(start),
    .seg_valid_o(seg_valid), .seg_o(seg), .seg_ready_i(seg_fire),
    .err_o(walk_err), .err_code_o(walk_code), .err_addr_o(walk_addr), .err_tag_o(walk_tag),
    .idle_o(walk_idle), .waiting_o(waiting), .active_o(walk_active)
  );
  assign queue_sem_wait_o = cur.wait_sem;

  // ---- Read requests ----------------------------------------------------------------------------
  logic [SlotW-1:0] alloc_q, send_q;               // next slot to allocate, to send
  logic [SlotW:0]   used_q, unsent_q;              // slots allocated, slots not yet sent
  logic [SlotW-1:0] put_q, ret_q;                  // write list: next entry, oldest entry
  logic [SlotW:0]   writes_q;                      // entries of the write list
  logic             seg_req;

  assign seg_req = seg_valid && (used_q != (SlotW + 1)'(NumSlots));
  assign req_valid_o = fetch_req || seg_req;
  assign fetch_fire = req_ready_i && fetch_req;
  assign seg_fire = req_ready_i && !fetch_req && seg_req;
  always_comb begin
    req_o = '0;
    if (req_valid_o) begin
      req_o.kind = KindRdReq;
      req_o.src_x = place_i.x;
      req_o.src_y = place_i.y;
      req_o.dst_x = fetch_req ? place_i.x : cur.src_x;
      req_o.dst_y = fetch_req ? place_i.y : cur.src_y;
      req_o.space = fetch_req ? SpaceHbm : cur.src_space;
      req_o.dtype = fetch_req ? DtypeRaw8 : cur.src_dtype;
      req_o.len = fetch_req ? 11'(DescBytes) : seg.src_len;
      req_o.addr = fetch_req ? fetch_addr : seg.src_addr;
      req_o.id = fetch_req ? {ReqDesc, 4'(Queue)} : {4'(Queue), 4'(alloc_q)};
    end
  end

  // ---- Descriptor contexts ----------------------------------------------------------------------
  logic [CtxW-1:0]   ctx_put_q, ctx_get_q, ctx_cur;
  logic [CtxW:0]     ctx_count_q;
  logic [NumCtx-1:0] ctx_done_q, ctx_upd_q;        // last slot retired; update may be offered
  logic [7:0]        ctx_x_q [NumCtx];
  logic [7:0]        ctx_y_q [NumCtx];
  logic [1:0]        ctx_space_q [NumCtx];
  logic [1:0]        ctx_op_q [NumCtx];
  dtype_code_t       ctx_dtype_q [NumCtx];
  cast_e             ctx_cast_q [NumCtx];
  dtype_code_t       ctx_src_dtype_q [NumCtx];
  sem_upd_t          ctx_sem_q [NumCtx];
  logic [15:0]       ctx_tag_q [NumCtx];
  logic [47:0]       ctx_start_q [NumCtx];
  logic [31:0]       ctx_sum_q [NumCtx];

  assign ctx_room = (ctx_count_q != (CtxW + 1)'(NumCtx));
  assign ctx_idle = (ctx_count_q == '0);
  // context of the walker's descriptor while it runs
  assign ctx_cur = ctx_put_q - CtxW'(1);

  always_ff @(posedge clk_i) begin
    if (start) begin
      ctx_x_q[ctx_put_q] <= cur.dst_x;
      ctx_y_q[ctx_put_q] <= cur.dst_y;
      ctx_space_q[ctx_put_q] <= cur.dst_space;
      ctx_op_q[ctx_put_q] <= cur.op;
      ctx_dtype_q[ctx_put_q] <= cur.dst_dtype;
      ctx_cast_q[ctx_put_q] <= cast_of(cur.src_dtype, cur.dst_dtype);
      ctx_src_dtype_q[ctx_put_q] <= cur.src_dtype;
      ctx_sem_q[ctx_put_q] <= '{x: cur.upd_x, y: cur.upd_y, remote: cur.upd_remote,
                                value: cur.upd_value,
                                op: cur.upd_op, sem: cur.upd_sem};
      ctx_tag_q[ctx_put_q] <= cur.tag;
      ctx_start_q[ctx_put_q] <= cycle_i;
      ctx_sum_q[ctx_put_q] <= 32'd0;
    end
    if (sum_valid_i) ctx_sum_q[sum_ctx_i] <= sum_i;
  end

  // ---- Slots ------------------------------------------------------------------------------------
  logic [SlotW-1:0]    slot_id, ack_slot;          // of the response, of the acknowledgement
  logic [NumSlots-1:0] arrived_q, slot_first_q, slot_last_q;
  err_code_t           slot_err_q [NumSlots];
  logic [39:0]         slot_addr_q [NumSlots];     // destination; of a failed read: its source
  logic [10:0]         slot_len_q [NumSlots];
  logic [CtxW-1:0]     slot_ctx_q [NumSlots];
  logic [NumSlots-1:0] acked_q, wr_last_q;
  err_code_t           wr_err_q [NumSlots];
  logic [39:0]         wr_addr_q [NumSlots];
  logic [CtxW-1:0]     wr_ctx_q [NumSlots];
  logic [CtxW-1:0]     send_ctx, ret_ctx;
  logic                send_now, send_drop, send_fire, fail, list, retire, ret_bad, ret_done;

  assign slot_id = read_rsp_i.hdr.id[SlotW-1:0];
  assign ack_slot = write_ack_i.id[SlotW-1:0];
  assign send_ctx = slot_ctx_q[send_q];
  assign send_now = (unsent_q != '0) && arrived_q[send_q] && (writes_q != (SlotW + 1)'(NumSlots));
  assign send_drop = send_now && (stop || slot_err_q[send_q] != ErrOk);
  assign send_valid_o = send_now && !send_drop;
  assign send_fire = send_valid_o && send_ready_i;
  // The first failed read takes an entry too, so that its error is reported after the writes before
  // it.
  assign fail = send_drop && !stop;
  assign list = send_fire || fail;
  always_comb begin
    send_o = '0;
    if (send_valid_o) begin
      send_o.hdr.kind = KindWrReq;
      send_o.hdr.src_x = place_i.x;
      send_o.hdr.src_y = place_i.y;
      send_o.hdr.dst_x = ctx_x_q[send_ctx];
      send_o.hdr.dst_y = ctx_y_q[send_ctx];
      send_o.hdr.space = ctx_space_q[send_ctx];
      send_o.hdr.op = ctx_op_q[send_ctx];
      send_o.hdr.dtype = ctx_dtype_q[send_ctx];
      send_o.hdr.len = slot_len_q[send_q];
      send_o.hdr.addr = slot_addr_q[send_q];
      send_o.hdr.id = {4'(Queue), 4'(put_q)};
      send_o.slot = send_q;
      send_o.cast = ctx_cast_q[send_ctx];
      send_o.src_dtype = ctx_src_dtype_q[send_ctx];
      send_o.first = slot_first_q[send_q];
      send_o.last = slot_last_q[send_q];
      send_o.ctx = send_ctx;
    end
  end

  assign ret_ctx = wr_ctx_q[ret_q];
  assign retire = (writes_q != '0) && acked_q[ret_q];
  assign ret_bad = retire && (wr_err_q[ret_q] != ErrOk);
  assign ret_done = retire && !ret_bad && wr_last_q[ret_q] && state_q != StStopped;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      alloc_q <= '0;
      send_q <= '0;
      put_q <= '0;
      ret_q <= '0;
      writes_q <= '0;
      used_q <= '0;
      unsent_q <= '0;
    end else if (seg_fire || send_fire || send_drop || retire || free_i) begin
      alloc_q <= alloc_q + SlotW'(seg_fire);
      send_q <= send_q + SlotW'(send_fire || send_drop);
      ret_q <= ret_q + SlotW'(retire);
      put_q <= put_q + SlotW'(list);
      writes_q <= writes_q + (SlotW + 1)'(list) - (SlotW + 1)'(retire);
      used_q <= used_q + (SlotW + 1)'(seg_fire) - (SlotW + 1)'(free_i) - (SlotW + 1)'(send_drop);
      unsent_q <= unsent_q + (SlotW + 1)'(seg_fire) - (SlotW + 1)'(send_fire || send_drop);
    end
  end

  always_ff @(posedge clk_i) begin
    if (seg_fire) begin
      arrived_q[alloc_q] <= 1'b0;
      slot_first_q[alloc_q] <= seg.first;
      slot_last_q[alloc_q] <= seg.last;
      slot_err_q[alloc_q] <= ErrOk;
      slot_addr_q[alloc_q] <= seg.dst_addr;
      slot_len_q[alloc_q] <= seg.dst_len;
      slot_ctx_q[alloc_q] <= ctx_cur;
    end
    if (rsp_slot_i && read_rsp_i.last) begin
      arrived_q[slot_id] <= 1'b1;
      if (read_rsp_i.hdr.err != ErrOk) begin
        slot_err_q[slot_id] <= read_rsp_i.hdr.err;
        slot_addr_q[slot_id] <= read_rsp_i.hdr.addr;
      end
    end
    if (list) begin
      acked_q[put_q] <= fail;
      wr_last_q[put_q] <= slot_last_q[send_q];
      wr_err_q[put_q] <= slot_err_q[send_q];
      wr_addr_q[put_q] <= slot_addr_q[send_q];
      wr_ctx_q[put_q] <= send_ctx;
    end
    if (write_ack_valid_i) begin
      acked_q[ack_slot] <= 1'b1;
      if (write_ack_i.err != ErrOk) wr_err_q[ack_slot] <= write_ack_i.err;
    end
  end

  // ---- Completion in order ----------------------------------------------------------------------
  logic              upd_valid_q, upd_given_q, upd_fire, upd_offer, commit, head_done;
  logic [31:0]       done_q;
  rec_t              rec_q;
  logic              rec_valid_q;
  logic              head_updates;

  assign head_done = (ctx_count_q != '0) && ctx_done_q[ctx_get_q] && !restart;
  assign head_updates = (ctx_sem_q[ctx_get_q].op != UpdateNone);
  assign upd_offer = (ctx_count_q != '0) && ctx_upd_q[ctx_get_q] && !restart && head_updates &&
                     !upd_valid_q &&
                     !upd_given_q;
  assign upd_fire = upd_valid_q && queue_sem_upd_ready_i;
  assign commit = head_done && (!head_updates || upd_given_q || upd_fire);
  assign queue_sem_upd_valid_o = upd_valid_q;
  assign queue_sem_upd_o = ctx_sem_q[ctx_get_q];
  assign clear = restart && used_q == '0 && writes_q == '0 && !fetch_out && !upd_valid_q &&
                 !queue_setup_i.restart;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ctx_put_q <= '0;
      ctx_get_q <= '0;
      ctx_count_q <= '0;
      ctx_done_q <= '0;
      ctx_upd_q <= '0;
      upd_valid_q <= 1'b0;
      upd_given_q <= 1'b0;
      rec_valid_q <= 1'b0;
      done_q <= '0;
    end else begin
      if (start) ctx_put_q <= ctx_put_q + CtxW'(1);
      if (commit) ctx_get_q <= ctx_get_q + CtxW'(1);
      ctx_count_q <= clear ? '0 : ctx_count_q + (CtxW + 1)'(start) - (CtxW + 1)'(commit);
      if (clear) ctx_put_q <= ctx_get_q;
      if (ret_done) ctx_done_q[ret_ctx] <= 1'b1;
      if (start) ctx_done_q[ctx_put_q] <= (cur.row_elems == 32'd0);
      if (ret_done) ctx_upd_q[ret_ctx] <= 1'b1;
      if (start) ctx_upd_q[ctx_put_q] <= (cur.row_elems == 32'd0);
      if (upd_fire) upd_valid_q <= 1'b0;
      else if (upd_offer) upd_valid_q <= 1'b1;
      if (commit || clear) upd_given_q <= 1'b0;
      else if (upd_fire) upd_given_q <= 1'b1;
      rec_valid_q <= commit;
      if (queue_setup_i.restart) done_q <= '0;
      else if (commit) done_q <= done_q + 32'd1;
    end
    if (commit) begin
      rec_q <= '{checksum: ctx_sum_q[ctx_get_q], end_cycle: cycle_i,
                 start_cycle: ctx_start_q[ctx_get_q],
                 tag: ctx_tag_q[ctx_get_q], opcode: {6'b100000, ctx_op_q[ctx_get_q]}};
    end
  end
  assign rec_valid_o = rec_valid_q;
  assign rec_data_o = rec_q;
  assign queue_done_o = done_q;

  // ---- Errors and restart -----------------------------------------------------------------------
  // The walker's error waits until all its predecessors have retired, so the first in program order
  // is reported.
  logic   raise, raise_walk;
  fault_t fault_q;

  assign raise_walk = walk_err && used_q == '0 && writes_q == '0 && !stop;
  assign raise = raise_walk || (ret_bad && (state_q == StRun || state_q == StFailing));
  always_comb begin                                // a write of the size goes before all else
    state_d = state_q;
    if (fail) state_d = StFailing;
    if (raise) state_d = StStopped;
    if (clear) state_d = StRun;
    if (queue_setup_i.restart) state_d = StRestart;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StRun;
      fault_q.en <= 1'b0;
    end else begin
      state_q <= state_d;
      // a restart clears the error of its own cycle too
      fault_q.en <= raise && !queue_setup_i.restart;
    end
    if (raise) begin
      fault_q.code <= raise_walk ? walk_code : wr_err_q[ret_q];
      fault_q.tag <= raise_walk ? walk_tag : ctx_tag_q[ret_ctx];
      fault_q.addr <= raise_walk ? walk_addr : wr_addr_q[ret_q];
    end
  end
  assign queue_fault_o = fault_q;

  // ---- Status -----------------------------------------------------------------------------------
  // Behind an error too, what was retired before it is committed and updates semaphores.
  logic        busy;
  logic [15:0] tag;
  assign busy = restart || (used_q != '0) || (writes_q != '0) || upd_valid_q || head_done ||
                (state_q != StStopped && (fetch_pending || !walk_idle || !ctx_idle));
  // The descriptor that waits for its semaphore, else the oldest uncommitted one.
  assign tag = (walk_idle && ctx_idle) ? 16'd0 : (waiting || ctx_idle) ? cur.tag :
               ctx_tag_q[ctx_get_q];
  assign queue_status_o = '{busy: busy, halted: 1'b0, waiting: waiting,
                            wait_sem: waiting ? cur.wait_sem : 8'd0, tag: tag,
                            wait_value: waiting ? cur.wait_value : 32'd0};

  // A request or an offer that its taker does not take changes nothing.
  assign quiet_o = !(queue_setup_i.restart || doorbell || rsp_desc_i || rsp_slot_i ||
                     write_ack_valid_i || sum_valid_i || free_i ||
                     fetch_fire || walk_active || send_fire || send_drop || retire || upd_offer ||
                     upd_fire ||
                     commit || rec_valid_q || raise || fault_q.en || clear);

  logic unused_bits;
  // the walker, tsr_dma and the fabric use the other fields
  assign unused_bits = ^{cur, read_rsp_i, write_ack_i};

  `TSR_ASSERT(SlotsBounded_A, used_q <= (SlotW + 1)'(NumSlots) && unsent_q <= used_q)
  `TSR_ASSERT(AckExpected_A, write_ack_valid_i -> writes_q != '0 && !acked_q[ack_slot])
  `TSR_ASSERT(CommitBeforeUpdate_A, commit -> !head_updates || upd_given_q || upd_fire)
endmodule
