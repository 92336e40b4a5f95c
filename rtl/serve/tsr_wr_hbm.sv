// SPDX-License-Identifier: Apache-2.0
/// Writes, adds and maxima into HBM.
///
/// A plain write streams through: aligner, beat register, AXI write with id 0, acknowledged by its
/// B; up to MaxWrites outstanding. An add or max is stored in the source buffer; when it is
/// complete and the result buffer has room for all of it, its old data are read (id 1), combined as
/// they arrive, and the complete result is written with id 1; up to MaxRmw outstanding. Reads never
/// wait for writes: source and room are there before the AR.
/// Order within one SegBytes window: an add or max waits for every write of its window (writes: of
/// its hash bucket) to be acknowledged, a write for every add or max of its window; two plain
/// writes keep the order of their id. Otherwise acknowledgements may overtake. Errors: ErrAxi;
/// after a failed read the result has no strobes.
`include "tsr_assert.svh"
module tsr_wr_hbm
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  // Packets; err of the header is the outcome of the checks
  input  logic       in_valid_i,
  output logic       in_ready_o,
  // the present beat is half done: its packet must stay
  output logic       in_hold_o,
  input  pkt_t       in_i,
  input  logic       in_remote_i,
  // Reads of the old data
  output logic       hbm_read_valid_o,
  input  logic       hbm_read_ready_i,
  output hbm_read_t  hbm_read_o,
  input  logic       hbm_beat_valid_i,
  output logic       hbm_beat_ready_o,
  input  hbm_beat_t  hbm_beat_i,
  // Writes
  output logic       hbm_write_valid_o,
  input  logic       hbm_write_ready_i,
  output hbm_write_t hbm_write_o,
  input  logic       hbm_done_valid_i,
  output logic       hbm_done_ready_o,
  input  hbm_done_t  hbm_done_i,
  // Acknowledgements
  output logic       ack_valid_o,
  input  logic       ack_ready_i,
  output hdr_t       ack_o,
  output logic       ack_remote_o,
  output logic       quiet_o
);
  localparam int unsigned MaxWrites = 64;
  localparam int unsigned MaxRmw = 16;
  localparam int unsigned RmwW = $clog2(MaxRmw);
  localparam int unsigned RmwBeats = (8 * SegBeats > 128) ? 8 * SegBeats : 128;
  localparam int unsigned Buckets = 32;            // of windows with plain writes in flight
  localparam int unsigned BucketW = $clog2(Buckets);
  localparam int unsigned WindowW = 40 - SegShift;
  localparam int unsigned LineW = DmaBits + DmaBytes;

  function automatic logic [BucketW-1:0] bucket(input logic [39:0] addr);
    bucket = BucketW'(addr >> SegShift) ^ BucketW'(addr >> (SegShift + BucketW)) ^
             BucketW'(addr >> (SegShift + 2 * BucketW));
  endfunction

  // ---- Admission: hazards and room, decided on the first beat -----------------------------------
  logic [MaxRmw-1:0]    rmw_used_q;                // in flight, from admission to B
  logic [WindowW-1:0]   rmw_window_q [MaxRmw];
  hdr_t                 rmw_hdr_q [MaxRmw];
  logic [MaxRmw-1:0]    rmw_remote_q, rmw_err_q;   // err: its read failed
  logic [RmwW-1:0]      rmw_put_q, rmw_send_q, rmw_get_q;
  logic [6:0]           bucket_q [Buckets];
  logic                 in_rmw, in_refused, in_first_q, rmw_hit, admit, admit_now, al_in_ready,
                        al_ready;
  logic                 pend_free;

  assign in_refused = (in_i.hdr.err != ErrOk);
  assign in_rmw = (in_i.hdr.op != DmaOpWrite) && !in_refused;
  always_comb begin
    rmw_hit = 1'b0;
    if (in_valid_i && in_first_q) begin
      for (int unsigned k = 0; k < MaxRmw; k++) begin
        rmw_hit = rmw_hit | (rmw_used_q[k] && rmw_window_q[k] == in_i.hdr.addr[39:SegShift]);
      end
    end
    if (in_refused) admit = 1'b1;
    else if (in_rmw)
      admit = !rmw_hit && !rmw_used_q[rmw_put_q] && bucket_q[bucket(in_i.hdr.addr)] == '0;
    else admit = !rmw_hit && pend_free;
  end
  assign in_ready_o = al_in_ready && (!in_first_q || admit);
  assign admit_now = in_valid_i && in_first_q && admit && al_ready;   // the first beat goes to S1

  // ---- Alignment and beat register --------------------------------------------------------------
  logic [BeatShift-1:0] offset, final_byte;
  logic                 al_valid, al_first, al_last, al_quiet;
  logic [DmaBits-1:0]   al_data, s1_data_q;
  logic [DmaBytes-1:0]  s1_strb_q;
  logic                 s1_valid_q, s1_first_q, s1_last_q, s1_rmw_q, s1_refused_q, s1_remote_q,
                        s1_move;
  hdr_t                 s1_hdr_q;

  assign offset = in_i.hdr.addr[BeatShift-1:0];
  assign final_byte = offset + BeatShift'(in_i.hdr.len - 11'd1);
  tsr_align u_align (
    .clk_i, .rst_ni,
    .shift_i     ((BeatShift + 1)'(DmaBytes) - {1'b0, offset}),
    .skip_i      (1'b0),
    .extra_i     (!in_refused && memory_beats(offset, in_i.hdr.len) > dense_beats(in_i.hdr.len)),
    .in_valid_i  (in_valid_i && (!in_first_q || admit)),
    .in_ready_o  (al_in_ready),
    .in_data_i   (in_i.data),
    .in_last_i   (in_i.last),
    .out_valid_o (al_valid),
    .out_ready_i (al_ready),
    .out_data_o  (al_data),
    .out_first_o (al_first),
    .out_last_o  (al_last),
    .quiet_o     (al_quiet)
  );
  assign al_ready = !s1_valid_q || s1_move;
  assign in_hold_o = al_valid && al_ready && !al_in_ready;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      in_first_q <= 1'b1;
      s1_valid_q <= 1'b0;
    end else begin
      if (al_valid && al_ready) in_first_q <= al_last;
      if (al_ready) s1_valid_q <= al_valid;
    end
  end
  always_ff @(posedge clk_i) begin
    if (al_valid && al_ready) begin
      s1_first_q <= al_first;
      s1_last_q <= al_last;
      s1_rmw_q <= in_rmw;
      s1_refused_q <= in_refused;
      s1_remote_q <= in_remote_i;
      s1_hdr_q <= in_i.hdr;
      s1_data_q <= al_data;
      s1_strb_q <= edge_strobes(al_first, al_last, offset, final_byte);
    end
  end

  // ---- Add and max: source buffer, read, result buffer ------------------------------------------
  logic              src_in_ready, src_valid, src_last, src_quiet, arq_in_ready, arq_valid,
                     arq_quiet, ar_fire, room;
  logic              res_valid, res_ready, res_last, res_in_ready, res_quiet, unused_room;
  logic              rb_take, sum_valid_q, sum_last_q, rmw_err_now_q;
  logic [RmwW:0]     unused_arq;
  hdr_t              src_hdr, sum_hdr_q, res_hdr, arq_hdr;
  logic [LineW-1:0]  src_line, sum_line_q, res_line;
  logic [11:0]       arq_beats;

  tsr_pkt_buf #(.Beats(RmwBeats), .Pkts(MaxRmw), .DataW(LineW)) u_source (
    .clk_i, .rst_ni, .whole_i(1'b1), .reserve_i(1'b0), .reserve_beats_i(12'd0),
    .room_o(unused_room),
    .in_valid_i(s1_valid_q && s1_rmw_q && (!s1_last_q || arq_in_ready)), .in_ready_o(src_in_ready),
    .in_hdr_i(s1_hdr_q), .in_data_i({s1_strb_q, s1_data_q}), .in_last_i(s1_last_q),
    .out_valid_o(src_valid), .out_ready_i(rb_take), .out_hdr_o(src_hdr), .out_data_o(src_line),
    .out_last_o(src_last),
    .quiet_o(src_quiet)
  );
  tsr_fifo #(.Width(HdrBits), .Depth(MaxRmw)) u_arq (
    .clk_i, .rst_ni, .in_valid_i(s1_valid_q && s1_rmw_q && s1_last_q && src_in_ready),
    .in_ready_o(arq_in_ready),
    .in_data_i(s1_hdr_q), .out_valid_o(arq_valid), .out_ready_i(ar_fire), .out_data_o(arq_hdr),
    .count_o(unused_arq),
    .quiet_o(arq_quiet)
  );
  assign arq_beats = memory_beats(arq_hdr.addr[BeatShift-1:0], arq_hdr.len);
  assign hbm_read_valid_o = arq_valid && room;
  assign ar_fire = hbm_read_valid_o && hbm_read_ready_i;
  assign hbm_read_o =
      '{len: 8'(arq_beats - 12'd1), addr: {arq_hdr.addr[39:BeatShift], BeatShift'(0)}};

  // The source of a read is complete, so old data wait at most for the output register of the
  // source buffer.
  assign hbm_beat_ready_o = src_valid;
  assign rb_take = hbm_beat_valid_i && src_valid;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sum_valid_q <= 1'b0;
      rmw_err_now_q <= 1'b0;
    end else begin
      sum_valid_q <= rb_take;
      if (rb_take) rmw_err_now_q <= (rmw_err_now_q || hbm_beat_i.err) && !src_last;
    end
  end
  always_ff @(posedge clk_i) begin
    if (rb_take) begin
      sum_hdr_q <= src_hdr;
      if (rmw_err_now_q || hbm_beat_i.err) sum_hdr_q.err <= ErrAxi;
      sum_last_q <= src_last;
      sum_line_q <= {src_line[DmaBits+:DmaBytes],
                     accumulate_beat(src_hdr.op, src_hdr.dtype, hbm_beat_i.data,
                                     src_line[DmaBits-1:0])};
    end
  end
  tsr_pkt_buf #(.Beats(RmwBeats), .Pkts(MaxRmw), .DataW(LineW), .Reserve(1'b1)) u_result (
    .clk_i, .rst_ni, .whole_i(1'b1), .reserve_i(ar_fire), .reserve_beats_i(arq_beats),
    .room_o(room),
    .in_valid_i(sum_valid_q), .in_ready_o(res_in_ready), .in_hdr_i(sum_hdr_q),
    .in_data_i(sum_line_q),
    .in_last_i(sum_last_q),
    .out_valid_o(res_valid), .out_ready_i(res_ready), .out_hdr_o(res_hdr), .out_data_o(res_line),
    .out_last_o(res_last),
    .quiet_o(res_quiet)
  );

  // ---- AXI writes: plain beats and results, packet by packet ------------------------------------
  logic       w_valid, w_pick, w_quiet, res_first_q;
  logic [1:0] w_grant;

  tsr_rr_arb #(.N(2)) u_w_arb (
    .clk_i, .rst_ni, .req_i({res_valid, s1_valid_q && !s1_rmw_q && !s1_refused_q}),
    .ready_i(hbm_write_ready_i),
    .last_i(hbm_write_o.last), .valid_o(w_valid), .grant_o(w_grant), .index_o(w_pick),
    .quiet_o(w_quiet)
  );
  hdr_t w_hdr;
  assign w_hdr = w_pick ? res_hdr : s1_hdr_q;
  assign hbm_write_valid_o = w_valid;
  assign hbm_write_o = '{
    first: w_pick ? res_first_q : s1_first_q,
    last:  w_pick ? res_last : s1_last_q,
    rmw:   w_pick,
    len:   8'(memory_beats(w_hdr.addr[BeatShift-1:0], w_hdr.len) - 12'd1),
    addr:  {w_hdr.addr[39:BeatShift], BeatShift'(0)},
    strb:  !w_pick ? s1_strb_q : (res_hdr.err != ErrOk) ? '0 : res_line[DmaBits+:DmaBytes],
    data:  w_pick ? res_line[DmaBits-1:0] : s1_data_q
  };
  assign res_ready = w_grant[1] && hbm_write_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) res_first_q <= 1'b1;
    else if (res_valid && res_ready) res_first_q <= res_last;
  end

  // ---- Plain writes in flight -------------------------------------------------------------------
  logic pend_valid, pend_pop, pend_quiet, pend_remote, pend_put;
  hdr_t pend_hdr;
  logic [$clog2(MaxWrites+1)-1:0] unused_pend;
  assign pend_put = admit_now && !in_rmw && !in_refused;
  tsr_fifo #(.Width(HdrBits + 1), .Depth(MaxWrites)) u_pend (
    .clk_i, .rst_ni, .in_valid_i(pend_put), .in_ready_o(pend_free),
    .in_data_i({in_remote_i, in_i.hdr}),
    .out_valid_o(pend_valid), .out_ready_i(pend_pop), .out_data_o({pend_remote, pend_hdr}),
    .count_o(unused_pend),
    .quiet_o(pend_quiet)
  );

  // ---- Acknowledgements -------------------------------------------------------------------------
  logic ack_push, ack_free, ack_quiet, ack_remote, refuse, b_take, rmw_pop;
  hdr_t ack_hdr;
  logic [2:0] unused_ack;

  assign hbm_done_ready_o = ack_free;
  assign b_take = hbm_done_valid_i && ack_free;
  assign pend_pop = b_take && !hbm_done_i.rmw;
  assign rmw_pop = b_take && hbm_done_i.rmw;
  assign refuse = s1_valid_q && s1_refused_q && s1_last_q && !hbm_done_valid_i;
  assign ack_push = hbm_done_valid_i || refuse;
  always_comb begin
    if (!hbm_done_valid_i) begin
      ack_hdr = response(s1_hdr_q, KindWrRsp, s1_hdr_q.err);
      ack_remote = s1_remote_q;
    end else if (hbm_done_i.rmw) begin
      ack_hdr = response(rmw_hdr_q[rmw_get_q], KindWrRsp,
                         (hbm_done_i.err || rmw_err_q[rmw_get_q]) ? ErrAxi : ErrOk);
      ack_remote = rmw_remote_q[rmw_get_q];
    end else begin
      ack_hdr = response(pend_hdr, KindWrRsp, hbm_done_i.err ? ErrAxi : ErrOk);
      ack_remote = pend_remote;
    end
  end
  tsr_fifo #(.Width(HdrBits + 1), .Depth(4)) u_ack (
    .clk_i, .rst_ni, .in_valid_i(ack_push), .in_ready_o(ack_free),
    .in_data_i({ack_remote, ack_hdr}),
    .out_valid_o(ack_valid_o), .out_ready_i(ack_ready_i), .out_data_o({ack_remote_o, ack_o}),
    .count_o(unused_ack),
    .quiet_o(ack_quiet)
  );

  assign s1_move = s1_valid_q && (s1_refused_q ? (!s1_last_q || (refuse && ack_free)) :
                                  s1_rmw_q ? (src_in_ready && (!s1_last_q || arq_in_ready)) :
                                             (w_grant[0] && hbm_write_ready_i));

  // ---- In-flight tables -------------------------------------------------------------------------
  logic rmw_admit;
  assign rmw_admit = admit_now && in_rmw;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rmw_used_q <= '0;
      rmw_put_q <= '0;
      rmw_send_q <= '0;
      rmw_get_q <= '0;
    end else begin
      if (rmw_admit) begin
        rmw_used_q[rmw_put_q] <= 1'b1;
        rmw_put_q <= rmw_put_q + RmwW'(1);
      end
      if (res_valid && res_ready && res_last) rmw_send_q <= rmw_send_q + RmwW'(1);
      if (rmw_pop) begin
        rmw_used_q[rmw_get_q] <= 1'b0;
        rmw_get_q <= rmw_get_q + RmwW'(1);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (rmw_admit) begin
      rmw_window_q[rmw_put_q] <= in_i.hdr.addr[39:SegShift];
      rmw_hdr_q[rmw_put_q] <= in_i.hdr;
      rmw_remote_q[rmw_put_q] <= in_remote_i;
    end
    if (res_valid && res_ready && res_first_q) rmw_err_q[rmw_send_q] <= (res_hdr.err != ErrOk);
  end
  // Both may hit one bucket in one cycle.
  logic [BucketW-1:0] bucket_in, bucket_out;
  assign bucket_in = bucket(in_i.hdr.addr);
  assign bucket_out = bucket(pend_hdr.addr);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned k = 0; k < Buckets; k++) bucket_q[k] <= '0;
    end else if (!(pend_put && pend_pop && bucket_in == bucket_out)) begin
      if (pend_put) bucket_q[bucket_in] <= bucket_q[bucket_in] + 7'd1;
      if (pend_pop) bucket_q[bucket_out] <= bucket_q[bucket_out] - 7'd1;
    end
  end

  assign quiet_o = al_quiet && src_quiet && arq_quiet && res_quiet && w_quiet && pend_quiet &&
                   ack_quiet && !s1_move &&
                   !rb_take && !sum_valid_q;

  logic unused;
  assign unused = unused_room ^ res_in_ready ^ hbm_beat_i.last ^ (^arq_hdr) ^ (^w_hdr);

  `TSR_ASSERT(WriteExpected_A, hbm_done_valid_i -> hbm_done_i.rmw ? rmw_used_q[rmw_get_q] :
              pend_valid)
  `TSR_ASSERT(SourceInStep_A, rb_take -> hbm_beat_i.last == src_last)
  `TSR_ASSERT(BucketBound_A, pend_put -> bucket_q[bucket_in] <= 7'd64)
endmodule
