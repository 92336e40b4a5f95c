// SPDX-License-Identifier: Apache-2.0
/// HBM reads of the read server: two header streams in, local and remote packets out, both in request order.
///
/// Latency: taken header to AR 1 cycle; R beat to its payload at `lp` 2 cycles (packet buffer; one beat more when
/// the address is unaligned). Up to MaxOut reads are outstanding. A remote read reserves room for its response before
/// its AR, so remote back-pressure never holds R; a local one is forwarded, its requester has reserved the space. A local
/// packet cuts through unless `l_busy_i` says that somebody else wants the output. A refused request (err in the
/// header) takes its place in the order and answers with zeros. An AXI error is ErrAxi, on the local stream final
/// with the last beat.
module tsr_rd_hbm
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  // Responses to be filled: err is the outcome of the checks
  input  logic               l_valid_i,
  output logic               l_ready_o,
  input  hdr_t               l_hdr_i,
  input  logic               r_valid_i,
  output logic               r_ready_o,
  input  hdr_t               r_hdr_i,
  // AXI reads through the port
  output logic               ar_valid_o,
  input  logic               ar_ready_i,
  output logic [39:0]        ar_addr_o,            // aligned to the beat
  output logic [7:0]         ar_len_o,             // beats less one
  input  logic               rb_valid_i,
  output logic               rb_ready_o,
  input  logic [DmaBits-1:0] rb_data_i,
  input  logic               rb_err_i,
  input  logic               rb_last_i,
  // Local packets
  input  logic               l_busy_i,
  output logic               lp_valid_o,
  input  logic               lp_ready_i,
  output hdr_t               lp_hdr_o,
  output logic [DmaBits-1:0] lp_data_o,
  output logic               lp_last_o,
  // Remote packets, complete
  output logic               rp_valid_o,
  input  logic               rp_ready_i,
  output hdr_t               rp_hdr_o,
  output logic [DmaBits-1:0] rp_data_o,
  output logic               rp_last_o,
  output logic               quiet_o
);
  localparam int unsigned MaxOut = 64;
  localparam int unsigned LocalBeats = (2 * SegBeats > 16) ? 2 * SegBeats : 16;
  localparam int unsigned RemoteBeats = (16 * SegBeats > 2 * LenBeats) ? 16 * SegBeats : 2 * LenBeats;

  // ---- Requests -----------------------------------------------------------------------------------
  logic        room, pick_valid, pick_remote, take, arb_quiet, pend_in_ready, ar_valid_q;
  logic [1:0]  pick_grant;
  hdr_t        pick_hdr;
  logic [39:0] ar_addr_q;
  logic [7:0]  ar_len_q;

  tsr_rr_arb #(.N(2)) u_pick (
    .clk_i, .rst_ni, .req_i({r_valid_i && room, l_valid_i}), .ready_i(take), .last_i(1'b1),
    .valid_o(pick_valid), .grant_o(pick_grant), .index_o(pick_remote), .quiet_o(arb_quiet)
  );
  assign pick_hdr = pick_remote ? r_hdr_i : l_hdr_i;
  assign take = pick_valid && pend_in_ready && (!ar_valid_q || ar_ready_i);
  assign l_ready_o = take && pick_grant[0];
  assign r_ready_o = take && pick_grant[1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) ar_valid_q <= 1'b0;
    else if (take) ar_valid_q <= (pick_hdr.err == ErrOk);
    else if (ar_ready_i) ar_valid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      ar_addr_q <= {pick_hdr.addr[39:BeatShift], BeatShift'(0)};
      ar_len_q <= 8'(memory_beats(pick_hdr.addr[BeatShift-1:0], pick_hdr.len) - 12'd1);
    end
  end
  assign ar_valid_o = ar_valid_q;
  assign ar_addr_o = ar_addr_q;
  assign ar_len_o = ar_len_q;

  // ---- Reads in flight ------------------------------------------------------------------------------
  logic pend_valid, pend_done, pend_remote, pend_quiet;
  hdr_t pend_hdr;
  logic [$clog2(MaxOut+1)-1:0] unused_count;
  tsr_fifo #(.Width(HdrBits + 1), .Depth(MaxOut)) u_pend (
    .clk_i, .rst_ni, .in_valid_i(take), .in_ready_o(pend_in_ready), .in_data_i({pick_remote, pick_hdr}),
    .out_valid_o(pend_valid), .out_ready_i(pend_done), .out_data_o({pend_remote, pend_hdr}), .count_o(unused_count),
    .quiet_o(pend_quiet)
  );

  // ---- Dense payload --------------------------------------------------------------------------------
  logic [BeatShift-1:0] offset;
  logic                 zero, al_valid, al_ready, al_first, al_last, al_quiet, dest_ready, lbuf_ready, rbuf_ready;
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
    .in_valid_i  (rb_valid_i && pend_valid && !zero),
    .in_ready_o  (al_ready),
    .in_data_i   (rb_data_i),
    .in_last_i   (rb_last_i),
    .out_valid_o (al_valid),
    .out_ready_i (dest_ready),
    .out_data_o  (al_data),
    .out_first_o (al_first),
    .out_last_o  (al_last),
    .quiet_o     (al_quiet)
  );
  assign rb_ready_o = pend_valid && !zero && al_ready;

  assign out_valid = pend_valid && (zero || al_valid);
  assign out_last = zero ? (zeros_q == dense_beats(pend_hdr.len) - 12'd1) : al_last;
  assign out_data = zero ? '0 : al_data;
  assign out_take = out_valid && dest_ready;
  assign pend_done = out_take && out_last;
  assign axi_err = axi_err_q || (rb_valid_i && rb_ready_o && rb_err_i);
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

  // ---- Buffers --------------------------------------------------------------------------------------
  logic lbuf_quiet, rbuf_quiet, unused_room;
  tsr_pkt_buf #(.Beats(LocalBeats), .Pkts(16), .DataW(DmaBits), .CutThrough(1'b1)) u_local (
    .clk_i, .rst_ni, .whole_i(l_busy_i), .reserve_i(1'b0), .reserve_beats_i(12'd0), .room_o(unused_room),
    .in_valid_i(out_valid && !pend_remote), .in_ready_o(lbuf_ready), .in_hdr_i(out_hdr), .in_data_i(out_data),
    .in_last_i(out_last),
    .out_valid_o(lp_valid_o), .out_ready_i(lp_ready_i), .out_hdr_o(lp_hdr_o), .out_data_o(lp_data_o),
    .out_last_o(lp_last_o), .quiet_o(lbuf_quiet)
  );
  tsr_pkt_buf #(.Beats(RemoteBeats), .Pkts(32), .DataW(DmaBits), .Reserve(1'b1)) u_remote (
    .clk_i, .rst_ni, .whole_i(1'b1), .reserve_i(r_ready_o), .reserve_beats_i(dense_beats(r_hdr_i.len)), .room_o(room),
    .in_valid_i(out_valid && pend_remote), .in_ready_o(rbuf_ready), .in_hdr_i(out_hdr), .in_data_i(out_data),
    .in_last_i(out_last),
    .out_valid_o(rp_valid_o), .out_ready_i(rp_ready_i), .out_hdr_o(rp_hdr_o), .out_data_o(rp_data_o),
    .out_last_o(rp_last_o), .quiet_o(rbuf_quiet)
  );

  assign quiet_o = arb_quiet && pend_quiet && al_quiet && lbuf_quiet && rbuf_quiet && !take &&
                   !(ar_valid_q && ar_ready_i) && !out_take;

  logic unused_first;
  assign unused_first = al_first ^ unused_room;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (rb_valid_i) ReadExpected_A: assert (pend_valid);
      if (out_take && al_valid && !zero && out_last) BeatsCounted_A: assert (rb_last_i || !rb_ready_o);
    end
  end
`endif
endmodule
