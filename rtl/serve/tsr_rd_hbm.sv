// SPDX-License-Identifier: Apache-2.0
/// HBM reads of the read server: two header streams in, local and remote packets out, both in
/// request order.
///
/// Latency: taken header to AR 1 cycle; R beat to its payload at `rsp` 2 cycles (packet buffer; one
/// beat more when the address is unaligned). Up to MaxOut reads are outstanding. A remote read
/// reserves room for its response before its AR, so remote back-pressure never holds R; a local one
/// is forwarded, its requester has reserved the space. A local packet cuts through unless
/// `local_busy_i` says that somebody else wants the output. A refused request (err in the header)
/// takes its place in the order and answers with zeros. An AXI error is ErrAxi, on the local stream
/// final with the last beat.
`include "tsr_assert.svh"
module tsr_rd_hbm
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  // Responses to be filled: err is the outcome of the checks
  input  logic [NumSides-1:0] req_valid_i,
  output logic [NumSides-1:0] req_ready_o,
  input  hdr_t                req_i [NumSides],
  // Reads through the HBM port
  output logic                hbm_read_valid_o,
  input  logic                hbm_read_ready_i,
  output hbm_read_t           hbm_read_o,
  input  logic                hbm_beat_valid_i,
  output logic                hbm_beat_ready_o,
  input  hbm_beat_t           hbm_beat_i,
  // Packets; remote ones are complete
  input  logic                local_busy_i,
  output logic [NumSides-1:0] rsp_valid_o,
  input  logic [NumSides-1:0] rsp_ready_i,
  output pkt_t                rsp_o [NumSides],
  output logic                quiet_o
);
  localparam int unsigned MaxOut = 64;
  localparam int unsigned LocalBeats = (2 * SegBeats > 16) ? 2 * SegBeats : 16;
  localparam int unsigned RemoteBeats = (16 * SegBeats > 2 * LenBeats) ? 16 * SegBeats :
                                        2 * LenBeats;

  // ---- Requests ---------------------------------------------------------------------------------
  logic        room, pick_valid, pick_remote, take, arb_quiet, pend_in_ready, ar_valid_q;
  logic [1:0]  pick_grant;
  hdr_t        pick_hdr;
  hbm_read_t   ar_q;

  tsr_rr_arb #(.N(2)) u_pick (
    .clk_i, .rst_ni, .req_i({req_valid_i[SideRemote] && room, req_valid_i[SideLocal]}),
    .ready_i(take), .last_i(1'b1),
    .valid_o(pick_valid), .grant_o(pick_grant), .index_o(pick_remote), .quiet_o(arb_quiet)
  );
  assign pick_hdr = req_i[pick_remote];
  assign take = pick_valid && pend_in_ready && (!ar_valid_q || hbm_read_ready_i);
  assign req_ready_o = pick_grant & {NumSides{take}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) ar_valid_q <= 1'b0;
    else if (take) ar_valid_q <= (pick_hdr.err == ErrOk);
    else if (hbm_read_ready_i) ar_valid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      ar_q.addr <= {pick_hdr.addr[39:BeatShift], BeatShift'(0)};
      ar_q.len <= 8'(memory_beats(pick_hdr.addr[BeatShift-1:0], pick_hdr.len) - 12'd1);
    end
  end
  assign hbm_read_valid_o = ar_valid_q;
  assign hbm_read_o = ar_q;

  // ---- Reads in flight --------------------------------------------------------------------------
  logic pend_valid, pend_done, pend_remote, pend_quiet;
  hdr_t pend_hdr;
  logic [$clog2(MaxOut+1)-1:0] unused_count;
  tsr_fifo #(.Width(HdrBits + 1), .Depth(MaxOut)) u_pend (
    .clk_i, .rst_ni, .in_valid_i(take), .in_ready_o(pend_in_ready),
    .in_data_i({pick_remote, pick_hdr}),
    .out_valid_o(pend_valid), .out_ready_i(pend_done), .out_data_o({pend_remote, pend_hdr}),
    .count_o(unused_count),
    .quiet_o(pend_quiet)
  );

  // ---- Dense payload ----------------------------------------------------------------------------
  logic [BeatShift-1:0] offset;
  logic                 zero, al_valid, al_ready, al_first, al_last, al_quiet, dest_ready,
                        lbuf_ready, rbuf_ready;
  logic [11:0]          zeros_q;                   // zero beats already sent of a refused request
  logic                 out_valid, out_take, out_last, axi_err_q, axi_err;
  logic [DmaBits-1:0]   al_data, out_data;
  hdr_t                 out_hdr;

  assign offset = pend_hdr.addr[BeatShift-1:0];
  assign zero = (pend_hdr.err != ErrOk);
  assign dest_ready = pend_remote ? rbuf_ready : lbuf_ready;

  tsr_align u_align (
    .clk_i, .rst_ni,
    .shift_i     ((offset == '0) ? (BeatShift + 1)'(DmaBytes) : {1'b0, offset}),
    .skip_i      (offset != '0),
    .extra_i     (offset != '0 && memory_beats(offset, pend_hdr.len) == dense_beats(pend_hdr.len)),
    .in_valid_i  (hbm_beat_valid_i && pend_valid && !zero),
    .in_ready_o  (al_ready),
    .in_data_i   (hbm_beat_i.data),
    .in_last_i   (hbm_beat_i.last),
    .out_valid_o (al_valid),
    .out_ready_i (dest_ready),
    .out_data_o  (al_data),
    .out_first_o (al_first),
    .out_last_o  (al_last),
    .quiet_o     (al_quiet)
  );
  assign hbm_beat_ready_o = pend_valid && !zero && al_ready;

  assign out_valid = pend_valid && (zero || al_valid);
  assign out_last = zero ? (zeros_q == dense_beats(pend_hdr.len) - 12'd1) : al_last;
  assign out_data = zero ? '0 : al_data;
  assign out_take = out_valid && dest_ready;
  assign pend_done = out_take && out_last;
  assign axi_err = axi_err_q || (hbm_beat_valid_i && hbm_beat_ready_o && hbm_beat_i.err);
  always_comb begin
    out_hdr = pend_hdr;
    if (axi_err && !zero) out_hdr.err = ErrAxi;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      zeros_q <= '0;
      axi_err_q <= 1'b0;
    end else begin
      if (out_take && zero) zeros_q <= out_last ? '0 : zeros_q + 12'd1;
      axi_err_q <= axi_err && !pend_done;
    end
  end

  // ---- Buffers ----------------------------------------------------------------------------------
  logic lbuf_quiet, rbuf_quiet, unused_room;
  tsr_pkt_buf #(.Beats(LocalBeats), .Pkts(16), .DataW(DmaBits), .CutThrough(1'b1)) u_local (
    .clk_i, .rst_ni, .whole_i(local_busy_i), .reserve_i(1'b0), .reserve_beats_i(12'd0),
    .room_o(unused_room),
    .in_valid_i(out_valid && !pend_remote), .in_ready_o(lbuf_ready), .in_hdr_i(out_hdr),
    .in_data_i(out_data),
    .in_last_i(out_last),
    .out_valid_o(rsp_valid_o[SideLocal]), .out_ready_i(rsp_ready_i[SideLocal]),
    .out_hdr_o(rsp_o[SideLocal].hdr),
    .out_data_o(rsp_o[SideLocal].data), .out_last_o(rsp_o[SideLocal].last), .quiet_o(lbuf_quiet)
  );
  tsr_pkt_buf #(.Beats(RemoteBeats), .Pkts(32), .DataW(DmaBits), .Reserve(1'b1)) u_remote (
    .clk_i, .rst_ni, .whole_i(1'b1), .reserve_i(req_ready_o[SideRemote]),
    .reserve_beats_i(dense_beats(req_i[SideRemote].len)), .room_o(room),
    .in_valid_i(out_valid && pend_remote), .in_ready_o(rbuf_ready), .in_hdr_i(out_hdr),
    .in_data_i(out_data),
    .in_last_i(out_last),
    .out_valid_o(rsp_valid_o[SideRemote]), .out_ready_i(rsp_ready_i[SideRemote]),
    .out_hdr_o(rsp_o[SideRemote].hdr),
    .out_data_o(rsp_o[SideRemote].data), .out_last_o(rsp_o[SideRemote].last), .quiet_o(rbuf_quiet)
  );

  assign quiet_o = arb_quiet && pend_quiet && al_quiet && lbuf_quiet && rbuf_quiet && !take &&
                   !(ar_valid_q && hbm_read_ready_i) && !out_take;

  logic unused_first;
  assign unused_first = al_first ^ unused_room;

  `TSR_ASSERT(ReadExpected_A, hbm_beat_valid_i -> pend_valid)
  `TSR_ASSERT(BeatsCounted_A, out_take && al_valid && !zero && out_last ->
              hbm_beat_i.last || !hbm_beat_ready_o)
endmodule
