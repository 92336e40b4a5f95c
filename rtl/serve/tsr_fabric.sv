// SPDX-License-Identifier: Apache-2.0
/// Tile fabric: carries requests of the tile's initiators to its own servers or to the network, requests from the network
/// to the servers, and all responses back.
///
/// Latency of every path: 1 cycle (register slice at each output); responses from the network 2 more (packet buffer, so
/// that a slow one does not hold the responses of the tile; it cuts through while there are none).
/// Every output takes whole packets from its sources in turn. Order: per source and destination stream as received.
/// Errors: a request for coordinates outside the mesh is answered here with ErrTile, a read with zeros, a write
/// after its payload. The `ready` outputs see the headers and valids of all sources of their output; sources hold valid
/// without looking at ready. Requests, responses and the network's two classes never wait for each other.
module tsr_fabric
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [7:0]         tile_x_i,
  input  logic [7:0]         tile_y_i,
  input  logic [7:0]         mesh_x_i,             // columns less one
  input  logic [7:0]         mesh_y_i,             // rows less one
  // Read requests of the DMA and of the instruction fetch
  input  logic               dma_rdq_valid_i,
  output logic               dma_rdq_ready_o,
  input  hdr_t               dma_rdq_hdr_i,
  input  logic               fetch_rdq_valid_i,
  output logic               fetch_rdq_ready_o,
  input  hdr_t               fetch_rdq_hdr_i,
  // Write requests of the DMA and of the semaphores
  input  logic               wrq_valid_i,
  output logic               wrq_ready_o,
  input  hdr_t               wrq_hdr_i,
  input  logic [DmaBits-1:0] wrq_data_i,
  input  logic               wrq_last_i,
  input  logic               rsem_valid_i,
  output logic               rsem_ready_o,
  input  hdr_t               rsem_hdr_i,
  input  logic [DmaBits-1:0] rsem_data_i,
  input  logic               rsem_last_i,
  // Responses to the DMA and to the instruction fetch: one stream, two valids
  output logic               dma_rdr_valid_o,
  input  logic               dma_rdr_ready_i,
  output logic               fetch_rdr_valid_o,
  input  logic               fetch_rdr_ready_i,
  output hdr_t               rdr_hdr_o,
  output logic [DmaBits-1:0] rdr_data_o,
  output logic               rdr_last_o,
  output logic               wrr_valid_o,
  input  logic               wrr_ready_i,
  output hdr_t               wrr_hdr_o,
  // Servers, local side
  output logic               lrd_valid_o,
  input  logic               lrd_ready_i,
  output hdr_t               lrd_hdr_o,
  input  logic               lrr_valid_i,
  output logic               lrr_ready_o,
  input  hdr_t               lrr_hdr_i,
  input  logic [DmaBits-1:0] lrr_data_i,
  input  logic               lrr_last_i,
  output logic               lwr_valid_o,
  input  logic               lwr_ready_i,
  output hdr_t               lwr_hdr_o,
  output logic [DmaBits-1:0] lwr_data_o,
  output logic               lwr_last_o,
  input  logic               lwa_valid_i,
  output logic               lwa_ready_o,
  input  hdr_t               lwa_hdr_i,
  // Servers, remote side
  output logic               rrd_valid_o,
  input  logic               rrd_ready_i,
  output hdr_t               rrd_hdr_o,
  input  logic               rrr_valid_i,
  output logic               rrr_ready_o,
  input  hdr_t               rrr_hdr_i,
  input  logic [DmaBits-1:0] rrr_data_i,
  input  logic               rrr_last_i,
  output logic               rwr_valid_o,
  input  logic               rwr_ready_i,
  output hdr_t               rwr_hdr_o,
  output logic [DmaBits-1:0] rwr_data_o,
  output logic               rwr_last_o,
  input  logic               rwa_valid_i,
  output logic               rwa_ready_o,
  input  hdr_t               rwa_hdr_i,
  // Network interface
  output logic               tx_req_valid_o,
  input  logic               tx_req_ready_i,
  output hdr_t               tx_req_hdr_o,
  output logic [DmaBits-1:0] tx_req_data_o,
  output logic               tx_req_last_o,
  output logic               tx_rsp_valid_o,
  input  logic               tx_rsp_ready_i,
  output hdr_t               tx_rsp_hdr_o,
  output logic [DmaBits-1:0] tx_rsp_data_o,
  output logic               tx_rsp_last_o,
  input  logic               rx_req_valid_i,
  output logic               rx_req_ready_o,
  input  hdr_t               rx_req_hdr_i,
  input  logic [DmaBits-1:0] rx_req_data_i,
  input  logic               rx_req_last_i,
  input  logic               rx_rsp_valid_i,
  output logic               rx_rsp_ready_o,
  input  hdr_t               rx_rsp_hdr_i,
  input  logic [DmaBits-1:0] rx_rsp_data_i,
  input  logic               rx_rsp_last_i,
  output logic               quiet_o
);
  localparam int unsigned PktW = HdrBits + DmaBits + 1;
  localparam int unsigned RspBeats = (2 * SegBeats > 16) ? 2 * SegBeats : 16;
  typedef struct packed {
    hdr_t               hdr;
    logic [DmaBits-1:0] data;
    logic               last;
  } pkt_t;

  // ---- Requests of the tile: where to --------------------------------------------------------------------
  localparam int unsigned NumReq = 4;
  localparam int unsigned QDma = 0, QFetch = 1, QWrite = 2, QSem = 3;
  logic [NumReq-1:0] q_valid, q_local, q_bad, q_ready, q_to_local, q_to_net, q_to_bad;
  pkt_t              q [NumReq];

  assign q_valid = {rsem_valid_i, wrq_valid_i, fetch_rdq_valid_i, dma_rdq_valid_i};
  assign q[QDma] = '{hdr: dma_rdq_hdr_i, data: '0, last: 1'b1};
  assign q[QFetch] = '{hdr: fetch_rdq_hdr_i, data: '0, last: 1'b1};
  assign q[QWrite] = '{hdr: wrq_hdr_i, data: wrq_data_i, last: wrq_last_i};
  assign q[QSem] = '{hdr: rsem_hdr_i, data: rsem_data_i, last: rsem_last_i};
  always_comb begin
    for (int unsigned k = 0; k < NumReq; k++) begin
      q_local[k] = (q[k].hdr.dst_x == tile_x_i) && (q[k].hdr.dst_y == tile_y_i);
      q_bad[k] = !q_local[k] && (q[k].hdr.dst_x > mesh_x_i || q[k].hdr.dst_y > mesh_y_i);
    end
    q_to_local = q_valid & q_local;
    q_to_bad = q_valid & q_bad;
    q_to_net = q_valid & ~q_local & ~q_bad;
  end

  // ---- To the servers, local side -------------------------------------------------------------------------
  logic       lrd_any, lrd_free, lrd_index, lrd_aq, lrd_oq, lwr_any, lwr_free, lwr_index, lwr_aq, lwr_oq;
  logic [1:0] lrd_grant, lwr_grant;
  tsr_rr_arb #(.N(2)) u_lrd_arb (
    .clk_i, .rst_ni, .req_i(q_to_local[QFetch:QDma]), .ready_i(lrd_free), .last_i(1'b1),
    .valid_o(lrd_any), .grant_o(lrd_grant), .index_o(lrd_index), .quiet_o(lrd_aq)
  );
  tsr_skid #(.Width(HdrBits)) u_lrd (
    .clk_i, .rst_ni, .in_valid_i(lrd_any), .in_ready_o(lrd_free), .in_data_i(lrd_index ? q[QFetch].hdr : q[QDma].hdr),
    .out_valid_o(lrd_valid_o), .out_ready_i(lrd_ready_i), .out_data_o(lrd_hdr_o), .quiet_o(lrd_oq)
  );
  tsr_rr_arb #(.N(2)) u_lwr_arb (
    .clk_i, .rst_ni, .req_i(q_to_local[QSem:QWrite]), .ready_i(lwr_free),
    .last_i(lwr_index ? q[QSem].last : q[QWrite].last),
    .valid_o(lwr_any), .grant_o(lwr_grant), .index_o(lwr_index), .quiet_o(lwr_aq)
  );
  tsr_skid #(.Width(PktW)) u_lwr (
    .clk_i, .rst_ni, .in_valid_i(lwr_any), .in_ready_o(lwr_free), .in_data_i(lwr_index ? q[QSem] : q[QWrite]),
    .out_valid_o(lwr_valid_o), .out_ready_i(lwr_ready_i), .out_data_o({lwr_hdr_o, lwr_data_o, lwr_last_o}),
    .quiet_o(lwr_oq)
  );

  // ---- To the network -------------------------------------------------------------------------------------
  logic              tx_any, tx_free, tx_aq, tx_oq;
  logic [1:0]        tx_index;
  logic [NumReq-1:0] tx_grant;
  tsr_rr_arb #(.N(NumReq)) u_tx_arb (
    .clk_i, .rst_ni, .req_i(q_to_net), .ready_i(tx_free), .last_i(q[tx_index].last),
    .valid_o(tx_any), .grant_o(tx_grant), .index_o(tx_index), .quiet_o(tx_aq)
  );
  tsr_skid #(.Width(PktW)) u_tx (
    .clk_i, .rst_ni, .in_valid_i(tx_any), .in_ready_o(tx_free), .in_data_i(q[tx_index]),
    .out_valid_o(tx_req_valid_o), .out_ready_i(tx_req_ready_i), .out_data_o({tx_req_hdr_o, tx_req_data_o, tx_req_last_o}),
    .quiet_o(tx_oq)
  );

  // ---- Outside the mesh -----------------------------------------------------------------------------------
  // Reads: header register, then zero beats. Writes: swallowed up to the last beat, then one header.
  logic       br_any, br_free, br_index, br_aq, br_oq, br_valid, br_take, bw_any, bw_free, bw_index, bw_aq, bw_oq, bw_valid;
  logic       bw_last, bw_take;
  logic [1:0] br_grant, bw_grant;
  hdr_t       br_in, br_hdr, bw_in, bw_hdr;
  logic [11:0] br_beat_q;
  logic       br_last;
  assign br_in = br_index ? q[QFetch].hdr : q[QDma].hdr;
  assign bw_in = bw_index ? q[QSem].hdr : q[QWrite].hdr;
  assign bw_last = bw_index ? q[QSem].last : q[QWrite].last;
  tsr_rr_arb #(.N(2)) u_br_arb (
    .clk_i, .rst_ni, .req_i(q_to_bad[QFetch:QDma]), .ready_i(br_free), .last_i(1'b1),
    .valid_o(br_any), .grant_o(br_grant), .index_o(br_index), .quiet_o(br_aq)
  );
  tsr_skid #(.Width(HdrBits)) u_bad_read (
    .clk_i, .rst_ni, .in_valid_i(br_any), .in_ready_o(br_free), .in_data_i(response(br_in, KindRdRsp, ErrTile)),
    .out_valid_o(br_valid), .out_ready_i(br_take && br_last), .out_data_o(br_hdr), .quiet_o(br_oq)
  );
  assign br_last = (br_beat_q == dense_beats(br_hdr.len) - 12'd1);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) br_beat_q <= '0;
    else if (br_valid && br_take) br_beat_q <= br_last ? '0 : br_beat_q + 12'd1;
  end
  tsr_rr_arb #(.N(2)) u_bw_arb (
    .clk_i, .rst_ni, .req_i(q_to_bad[QSem:QWrite]), .ready_i(bw_free), .last_i(bw_last),
    .valid_o(bw_any), .grant_o(bw_grant), .index_o(bw_index), .quiet_o(bw_aq)
  );
  tsr_skid #(.Width(HdrBits)) u_bad_write (
    .clk_i, .rst_ni, .in_valid_i(bw_any && bw_last), .in_ready_o(bw_free), .in_data_i(response(bw_in, KindWrRsp, ErrTile)),
    .out_valid_o(bw_valid), .out_ready_i(bw_take), .out_data_o(bw_hdr), .quiet_o(bw_oq)
  );

  assign q_ready[QFetch:QDma] = (lrd_grant & {2{lrd_free}}) | (tx_grant[1:0] & {2{tx_free}}) | (br_grant & {2{br_free}});
  assign q_ready[QSem:QWrite] = (lwr_grant & {2{lwr_free}}) | (tx_grant[3:2] & {2{tx_free}}) | (bw_grant & {2{bw_free}});
  assign dma_rdq_ready_o = q_ready[QDma];
  assign fetch_rdq_ready_o = q_ready[QFetch];
  assign wrq_ready_o = q_ready[QWrite];
  assign rsem_ready_o = q_ready[QSem];

  // ---- Requests from the network --------------------------------------------------------------------------
  logic rrd_free, rwr_free, rrd_quiet, rwr_quiet, rx_is_read;
  assign rx_is_read = (rx_req_hdr_i.kind == KindRdReq);
  assign rx_req_ready_o = rx_is_read ? rrd_free : rwr_free;
  tsr_skid #(.Width(HdrBits)) u_rrd (
    .clk_i, .rst_ni, .in_valid_i(rx_req_valid_i && rx_is_read), .in_ready_o(rrd_free), .in_data_i(rx_req_hdr_i),
    .out_valid_o(rrd_valid_o), .out_ready_i(rrd_ready_i), .out_data_o(rrd_hdr_o), .quiet_o(rrd_quiet)
  );
  tsr_skid #(.Width(PktW)) u_rwr (
    .clk_i, .rst_ni, .in_valid_i(rx_req_valid_i && !rx_is_read), .in_ready_o(rwr_free),
    .in_data_i({rx_req_hdr_i, rx_req_data_i, rx_req_last_i}),
    .out_valid_o(rwr_valid_o), .out_ready_i(rwr_ready_i), .out_data_o({rwr_hdr_o, rwr_data_o, rwr_last_o}),
    .quiet_o(rwr_quiet)
  );

  // ---- Responses to the network ---------------------------------------------------------------------------
  logic       tr_any, tr_free, tr_index, tr_aq, tr_oq;
  logic [1:0] tr_grant;
  tsr_rr_arb #(.N(2)) u_tr_arb (
    .clk_i, .rst_ni, .req_i({rwa_valid_i, rrr_valid_i}), .ready_i(tr_free), .last_i(tr_index || rrr_last_i),
    .valid_o(tr_any), .grant_o(tr_grant), .index_o(tr_index), .quiet_o(tr_aq)
  );
  tsr_skid #(.Width(PktW)) u_tr (
    .clk_i, .rst_ni, .in_valid_i(tr_any), .in_ready_o(tr_free),
    .in_data_i(tr_index ? {rwa_hdr_i, {DmaBits{1'b0}}, 1'b1} : {rrr_hdr_i, rrr_data_i, rrr_last_i}),
    .out_valid_o(tx_rsp_valid_o), .out_ready_i(tx_rsp_ready_i), .out_data_o({tx_rsp_hdr_o, tx_rsp_data_o, tx_rsp_last_o}),
    .quiet_o(tr_oq)
  );
  assign rrr_ready_o = tr_grant[0] && tr_free;
  assign rwa_ready_o = tr_grant[1] && tr_free;

  // ---- Responses to the initiators ------------------------------------------------------------------------
  logic rx_valid, rx_ready, rx_quiet, rx_read, unused_room;
  pkt_t rx;
  tsr_pkt_buf #(.Beats(RspBeats), .Pkts(16), .DataW(DmaBits), .CutThrough(1'b1)) u_rx_rsp (
    .clk_i, .rst_ni, .whole_i(lrr_valid_i), .reserve_i(1'b0), .reserve_beats_i(12'd0), .room_o(unused_room),
    .in_valid_i(rx_rsp_valid_i), .in_ready_o(rx_rsp_ready_o), .in_hdr_i(rx_rsp_hdr_i), .in_data_i(rx_rsp_data_i),
    .in_last_i(rx_rsp_last_i), .out_valid_o(rx_valid), .out_ready_i(rx_ready), .out_hdr_o(rx.hdr), .out_data_o(rx.data),
    .out_last_o(rx.last), .quiet_o(rx_quiet)
  );
  assign rx_read = (rx.hdr.kind == KindRdRsp);

  logic       rr_any, rr_free, rr_aq, rr_oq, rr_valid, rr_pop, to_fetch;
  logic [1:0] rr_index;
  logic [2:0] rr_grant;
  pkt_t       rr_in;
  always_comb begin
    unique case (rr_index)
      2'd0:    rr_in = '{hdr: lrr_hdr_i, data: lrr_data_i, last: lrr_last_i};
      2'd1:    rr_in = rx;
      default: rr_in = '{hdr: br_hdr, data: '0, last: br_last};
    endcase
  end
  tsr_rr_arb #(.N(3)) u_rr_arb (
    .clk_i, .rst_ni, .req_i({br_valid, rx_valid && rx_read, lrr_valid_i}), .ready_i(rr_free), .last_i(rr_in.last),
    .valid_o(rr_any), .grant_o(rr_grant), .index_o(rr_index), .quiet_o(rr_aq)
  );
  tsr_skid #(.Width(PktW)) u_rdr (
    .clk_i, .rst_ni, .in_valid_i(rr_any), .in_ready_o(rr_free), .in_data_i(rr_in),
    .out_valid_o(rr_valid), .out_ready_i(rr_pop), .out_data_o({rdr_hdr_o, rdr_data_o, rdr_last_o}), .quiet_o(rr_oq)
  );
  assign lrr_ready_o = rr_grant[0] && rr_free;
  assign br_take = rr_grant[2] && rr_free;
  assign to_fetch = (rdr_hdr_o.id[7:4] == ReqFetch);
  assign dma_rdr_valid_o = rr_valid && !to_fetch;
  assign fetch_rdr_valid_o = rr_valid && to_fetch;
  assign rr_pop = to_fetch ? fetch_rdr_ready_i : dma_rdr_ready_i;

  logic       wr_any, wr_free, wr_aq, wr_oq, wr_valid, wr_drop;
  logic [1:0] wr_index;
  logic [2:0] wr_grant;
  hdr_t       wr_in;
  assign wr_in = (wr_index == 2'd0) ? lwa_hdr_i : (wr_index == 2'd1) ? rx.hdr : bw_hdr;
  tsr_rr_arb #(.N(3)) u_wr_arb (
    .clk_i, .rst_ni, .req_i({bw_valid, rx_valid && !rx_read, lwa_valid_i}), .ready_i(wr_free), .last_i(1'b1),
    .valid_o(wr_any), .grant_o(wr_grant), .index_o(wr_index), .quiet_o(wr_aq)
  );
  tsr_skid #(.Width(HdrBits)) u_wrr (
    .clk_i, .rst_ni, .in_valid_i(wr_any), .in_ready_o(wr_free), .in_data_i(wr_in),
    .out_valid_o(wr_valid), .out_ready_i(wr_drop || wrr_ready_i), .out_data_o(wrr_hdr_o), .quiet_o(wr_oq)
  );
  assign lwa_ready_o = wr_grant[0] && wr_free;
  assign bw_take = wr_grant[2] && wr_free;
  assign rx_ready = (rr_grant[1] && rr_free) || (wr_grant[1] && wr_free);
  assign wr_drop = (wrr_hdr_o.id[7:4] == ReqSem);
  assign wrr_valid_o = wr_valid && !wr_drop;

  assign quiet_o = lrd_aq && lrd_oq && lwr_aq && lwr_oq && tx_aq && tx_oq && br_aq && br_oq && bw_aq && bw_oq && rrd_quiet &&
                   rwr_quiet && tr_aq && tr_oq && rx_quiet && rr_aq && rr_oq && wr_aq && wr_oq;

  logic unused;
  assign unused = unused_room;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (rx_req_valid_i) RequestClass_A: assert (rx_req_hdr_i.kind == KindRdReq || rx_req_hdr_i.kind == KindWrReq);
      if (rx_rsp_valid_i) ResponseClass_A: assert (rx_rsp_hdr_i.kind == KindRdRsp || rx_rsp_hdr_i.kind == KindWrRsp);
      if (rx_req_valid_i) AtDestination_A: assert (rx_req_hdr_i.dst_x == tile_x_i && rx_req_hdr_i.dst_y == tile_y_i);
      if (rr_valid) Requester_A: assert (rdr_hdr_o.id[7:4] < 4'(NumQueues) || rdr_hdr_o.id[7:4] == ReqDesc || to_fetch);
    end
  end
`endif
endmodule
