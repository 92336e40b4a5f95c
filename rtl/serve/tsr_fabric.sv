// SPDX-License-Identifier: Apache-2.0
/// Tile fabric: carries requests of the tile's initiators to its own servers or to the network,
/// requests from the network to the servers, and all responses back.
///
/// Latency of every path: 1 cycle (register slice at each output); responses from the network 2
/// more (packet buffer, so that a slow one does not hold the responses of the tile; it cuts through
/// while there are none).
/// Every output takes whole packets from its sources in turn. Order: per source and destination
/// stream as received.
/// Errors: a request for coordinates outside the mesh is answered here with ErrTile, a read with
/// zeros, a write after its payload. A `ready` of a source depends on the valids and headers of all
/// sources of its output, so a source offers without looking at its ready. Requests, responses and
/// the network's two classes never wait for each other.
`include "tsr_assert.svh"
module tsr_fabric
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  place_t                place_i,
  // Requests of the tile's initiators
  input  logic [NumReaders-1:0] read_req_valid_i,
  output logic [NumReaders-1:0] read_req_ready_o,
  input  hdr_t                  read_req_i [NumReaders],
  input  logic [NumWriters-1:0] write_req_valid_i,
  output logic [NumWriters-1:0] write_req_ready_o,
  input  pkt_t                  write_req_i [NumWriters],
  // Responses to them: read data to either reader, acknowledgements to the DMA only
  output logic [NumReaders-1:0] read_rsp_valid_o,
  input  logic [NumReaders-1:0] read_rsp_ready_i,
  output pkt_t                  read_rsp_o,
  output logic                  write_ack_valid_o,
  input  logic                  write_ack_ready_i,
  output hdr_t                  write_ack_o,
  // Servers: requests of this tile and of others
  output logic [NumSides-1:0]   srv_read_req_valid_o,
  input  logic [NumSides-1:0]   srv_read_req_ready_i,
  output hdr_t                  srv_read_req_o [NumSides],
  input  logic [NumSides-1:0]   srv_read_rsp_valid_i,
  output logic [NumSides-1:0]   srv_read_rsp_ready_o,
  input  pkt_t                  srv_read_rsp_i [NumSides],
  output logic [NumSides-1:0]   srv_write_req_valid_o,
  input  logic [NumSides-1:0]   srv_write_req_ready_i,
  output pkt_t                  srv_write_req_o [NumSides],
  input  logic [NumSides-1:0]   srv_write_ack_valid_i,
  output logic [NumSides-1:0]   srv_write_ack_ready_o,
  input  hdr_t                  srv_write_ack_i [NumSides],
  // Network interface
  output logic [NumClasses-1:0] tx_valid_o,
  input  logic [NumClasses-1:0] tx_ready_i,
  output pkt_t                  tx_o [NumClasses],
  input  logic [NumClasses-1:0] rx_valid_i,
  output logic [NumClasses-1:0] rx_ready_o,
  input  pkt_t                  rx_i [NumClasses],
  output logic                  quiet_o
);
  localparam int unsigned PktW = $bits(pkt_t);
  localparam int unsigned RspBeats = (2 * SegBeats > 16) ? 2 * SegBeats : 16;

  // ---- Requests of the tile: where to -----------------------------------------------------------
  logic [NumReaders-1:0] read_here, read_away, read_bad;
  logic [NumWriters-1:0] write_here, write_away, write_bad;

  always_comb begin
    for (int unsigned k = 0; k < NumReaders; k++) begin
      read_here[k] = read_req_valid_i[k] && read_req_i[k].dst_x == place_i.x &&
                     read_req_i[k].dst_y == place_i.y;
      read_bad[k] = read_req_valid_i[k] && !read_here[k] &&
                   (read_req_i[k].dst_x > place_i.mesh_x || read_req_i[k].dst_y > place_i.mesh_y);
    end
    for (int unsigned k = 0; k < NumWriters; k++) begin
      write_here[k] = write_req_valid_i[k] && write_req_i[k].hdr.dst_x == place_i.x &&
                      write_req_i[k].hdr.dst_y == place_i.y;
      write_bad[k] = write_req_valid_i[k] && !write_here[k] &&
                   (write_req_i[k].hdr.dst_x > place_i.mesh_x ||
                    write_req_i[k].hdr.dst_y > place_i.mesh_y);
    end
    read_away = read_req_valid_i & ~read_here & ~read_bad;
    write_away = write_req_valid_i & ~write_here & ~write_bad;
  end

  // ---- To the servers, local side ---------------------------------------------------------------
  logic                  local_read, local_read_free, local_read_from, local_read_arb_quiet,
                         local_read_quiet;
  logic                  local_write, local_write_free, local_write_from, local_write_arb_quiet,
                         local_write_quiet;
  logic [NumReaders-1:0] local_read_grant;
  logic [NumWriters-1:0] local_write_grant;
  tsr_rr_arb #(.N(NumReaders)) u_local_read_arb (
    .clk_i, .rst_ni, .req_i(read_here), .ready_i(local_read_free), .last_i(1'b1),
    .valid_o(local_read), .grant_o(local_read_grant), .index_o(local_read_from),
    .quiet_o(local_read_arb_quiet)
  );
  tsr_skid #(.Width(HdrBits)) u_local_read (
    .clk_i, .rst_ni, .in_valid_i(local_read), .in_ready_o(local_read_free),
    .in_data_i(read_req_i[local_read_from]),
    .out_valid_o(srv_read_req_valid_o[SideLocal]), .out_ready_i(srv_read_req_ready_i[SideLocal]),
    .out_data_o(srv_read_req_o[SideLocal]), .quiet_o(local_read_quiet)
  );
  tsr_rr_arb #(.N(NumWriters)) u_local_write_arb (
    .clk_i, .rst_ni, .req_i(write_here), .ready_i(local_write_free),
    .last_i(write_req_i[local_write_from].last),
    .valid_o(local_write), .grant_o(local_write_grant), .index_o(local_write_from),
    .quiet_o(local_write_arb_quiet)
  );
  tsr_skid #(.Width(PktW)) u_local_write (
    .clk_i, .rst_ni, .in_valid_i(local_write), .in_ready_o(local_write_free),
    .in_data_i(write_req_i[local_write_from]),
    .out_valid_o(srv_write_req_valid_o[SideLocal]), .out_ready_i(srv_write_req_ready_i[SideLocal]),
    .out_data_o(srv_write_req_o[SideLocal]), .quiet_o(local_write_quiet)
  );

  // ---- To the network: readers, then writers ----------------------------------------------------
  logic                             away, away_free, away_arb_quiet, away_quiet;
  logic [1:0]                       away_from;
  logic [NumReaders+NumWriters-1:0] away_grant;
  pkt_t                             away_pkt;
  always_comb begin
    away_pkt = write_req_i[away_from[0]];
    if (!away_from[1]) away_pkt = '{last: 1'b1, data: '0, hdr: read_req_i[away_from[0]]};
  end
  tsr_rr_arb #(.N(NumReaders + NumWriters)) u_away_arb (
    .clk_i, .rst_ni, .req_i({write_away, read_away}), .ready_i(away_free), .last_i(away_pkt.last),
    .valid_o(away), .grant_o(away_grant), .index_o(away_from), .quiet_o(away_arb_quiet)
  );
  tsr_skid #(.Width(PktW)) u_away (
    .clk_i, .rst_ni, .in_valid_i(away), .in_ready_o(away_free), .in_data_i(away_pkt),
    .out_valid_o(tx_valid_o[ClassReq]), .out_ready_i(tx_ready_i[ClassReq]),
    .out_data_o(tx_o[ClassReq]),
    .quiet_o(away_quiet)
  );

  // ---- Outside the mesh -------------------------------------------------------------------------
  // Reads: header register, then zero beats. Writes: swallowed up to the last beat, then one
  // header.
  logic                  refused_read, refused_read_free, refused_read_from, refused_read_arb_quiet,
                         refused_read_quiet;
  logic                  refused_write, refused_write_free, refused_write_from,
                         refused_write_arb_quiet;
  logic                  refused_write_quiet, refused_write_last;
  logic                  zeros_valid, zeros_take, zeros_last, refusal_valid, refusal_take;
  logic [NumReaders-1:0] refused_read_grant;
  logic [NumWriters-1:0] refused_write_grant;
  hdr_t                  zeros_hdr, refusal;
  logic [11:0]           zeros_beat_q;
  tsr_rr_arb #(.N(NumReaders)) u_refused_read_arb (
    .clk_i, .rst_ni, .req_i(read_bad), .ready_i(refused_read_free), .last_i(1'b1),
    .valid_o(refused_read), .grant_o(refused_read_grant), .index_o(refused_read_from),
    .quiet_o(refused_read_arb_quiet)
  );
  tsr_skid #(.Width(HdrBits)) u_refused_read (
    .clk_i, .rst_ni, .in_valid_i(refused_read), .in_ready_o(refused_read_free),
    .in_data_i(response(read_req_i[refused_read_from], KindRdRsp, ErrTile)),
    .out_valid_o(zeros_valid), .out_ready_i(zeros_take && zeros_last), .out_data_o(zeros_hdr),
    .quiet_o(refused_read_quiet)
  );
  assign zeros_last = (zeros_beat_q == dense_beats(zeros_hdr.len) - 12'd1);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) zeros_beat_q <= '0;
    else if (zeros_valid && zeros_take) zeros_beat_q <= zeros_last ? '0 : zeros_beat_q + 12'd1;
  end
  assign refused_write_last = write_req_i[refused_write_from].last;
  tsr_rr_arb #(.N(NumWriters)) u_refused_write_arb (
    .clk_i, .rst_ni, .req_i(write_bad), .ready_i(refused_write_free), .last_i(refused_write_last),
    .valid_o(refused_write), .grant_o(refused_write_grant), .index_o(refused_write_from),
    .quiet_o(refused_write_arb_quiet)
  );
  tsr_skid #(.Width(HdrBits)) u_refused_write (
    .clk_i, .rst_ni, .in_valid_i(refused_write && refused_write_last),
    .in_ready_o(refused_write_free),
    .in_data_i(response(write_req_i[refused_write_from].hdr, KindWrRsp, ErrTile)),
    .out_valid_o(refusal_valid), .out_ready_i(refusal_take), .out_data_o(refusal),
    .quiet_o(refused_write_quiet)
  );

  assign read_req_ready_o = (local_read_grant & {NumReaders{local_read_free}}) |
                            (away_grant[NumReaders-1:0] & {NumReaders{away_free}}) |
                            (refused_read_grant & {NumReaders{refused_read_free}});
  assign write_req_ready_o = (local_write_grant & {NumWriters{local_write_free}}) |
                             (away_grant[NumReaders+:NumWriters] & {NumWriters{away_free}}) |
                             (refused_write_grant & {NumWriters{refused_write_free}});

  // ---- Requests from the network ----------------------------------------------------------------
  logic remote_read_free, remote_write_free, remote_read_quiet, remote_write_quiet, rx_is_read;
  assign rx_is_read = (rx_i[ClassReq].hdr.kind == KindRdReq);
  assign rx_ready_o[ClassReq] = rx_is_read ? remote_read_free : remote_write_free;
  tsr_skid #(.Width(HdrBits)) u_remote_read (
    .clk_i, .rst_ni, .in_valid_i(rx_valid_i[ClassReq] && rx_is_read), .in_ready_o(remote_read_free),
    .in_data_i(rx_i[ClassReq].hdr),
    .out_valid_o(srv_read_req_valid_o[SideRemote]), .out_ready_i(srv_read_req_ready_i[SideRemote]),
    .out_data_o(srv_read_req_o[SideRemote]), .quiet_o(remote_read_quiet)
  );
  tsr_skid #(.Width(PktW)) u_remote_write (
    .clk_i, .rst_ni, .in_valid_i(rx_valid_i[ClassReq] && !rx_is_read),
    .in_ready_o(remote_write_free),
    .in_data_i(rx_i[ClassReq]),
    .out_valid_o(srv_write_req_valid_o[SideRemote]),
    .out_ready_i(srv_write_req_ready_i[SideRemote]),
    .out_data_o(srv_write_req_o[SideRemote]), .quiet_o(remote_write_quiet)
  );

  // ---- Responses to the network -----------------------------------------------------------------
  logic       back, back_free, back_is_ack, back_arb_quiet, back_quiet;
  logic [1:0] back_grant;
  pkt_t       back_pkt;
  always_comb begin
    back_pkt = srv_read_rsp_i[SideRemote];
    if (back_is_ack) back_pkt = '{last: 1'b1, data: '0, hdr: srv_write_ack_i[SideRemote]};
  end
  tsr_rr_arb #(.N(2)) u_back_arb (
    .clk_i, .rst_ni, .req_i({srv_write_ack_valid_i[SideRemote], srv_read_rsp_valid_i[SideRemote]}),
    .ready_i(back_free), .last_i(back_pkt.last),
    .valid_o(back), .grant_o(back_grant), .index_o(back_is_ack), .quiet_o(back_arb_quiet)
  );
  tsr_skid #(.Width(PktW)) u_back (
    .clk_i, .rst_ni, .in_valid_i(back), .in_ready_o(back_free), .in_data_i(back_pkt),
    .out_valid_o(tx_valid_o[ClassRsp]), .out_ready_i(tx_ready_i[ClassRsp]),
    .out_data_o(tx_o[ClassRsp]),
    .quiet_o(back_quiet)
  );
  assign srv_read_rsp_ready_o[SideRemote] = back_grant[0] && back_free;
  assign srv_write_ack_ready_o[SideRemote] = back_grant[1] && back_free;

  // ---- Responses to the initiators --------------------------------------------------------------
  logic rx_rsp_valid, rx_rsp_ready, rx_rsp_quiet, rx_rsp_is_read, unused_room;
  pkt_t rx_rsp;
  tsr_pkt_buf #(.Beats(RspBeats), .Pkts(16), .DataW(DmaBits), .CutThrough(1'b1)) u_rx_rsp (
    .clk_i, .rst_ni, .whole_i(srv_read_rsp_valid_i[SideLocal]), .reserve_i(1'b0),
    .reserve_beats_i(12'd0),
    .room_o(unused_room), .in_valid_i(rx_valid_i[ClassRsp]), .in_ready_o(rx_ready_o[ClassRsp]),
    .in_hdr_i(rx_i[ClassRsp].hdr), .in_data_i(rx_i[ClassRsp].data), .in_last_i(rx_i[ClassRsp].last),
    .out_valid_o(rx_rsp_valid), .out_ready_i(rx_rsp_ready), .out_hdr_o(rx_rsp.hdr),
    .out_data_o(rx_rsp.data),
    .out_last_o(rx_rsp.last), .quiet_o(rx_rsp_quiet)
  );
  assign rx_rsp_is_read = (rx_rsp.hdr.kind == KindRdRsp);

  logic       rsp, rsp_free, rsp_arb_quiet, rsp_quiet, rsp_valid, rsp_pop, rsp_to_fetch;
  logic [1:0] rsp_from;                            // own server, network, outside the mesh
  logic [2:0] rsp_grant;
  pkt_t       rsp_pkt;
  always_comb begin
    unique case (rsp_from)
      2'd0:    rsp_pkt = srv_read_rsp_i[SideLocal];
      2'd1:    rsp_pkt = rx_rsp;
      default: rsp_pkt = '{last: zeros_last, data: '0, hdr: zeros_hdr};
    endcase
  end
  tsr_rr_arb #(.N(3)) u_rsp_arb (
    .clk_i, .rst_ni,
    .req_i({zeros_valid, rx_rsp_valid && rx_rsp_is_read, srv_read_rsp_valid_i[SideLocal]}),
    .ready_i(rsp_free), .last_i(rsp_pkt.last),
    .valid_o(rsp), .grant_o(rsp_grant), .index_o(rsp_from), .quiet_o(rsp_arb_quiet)
  );
  tsr_skid #(.Width(PktW)) u_rsp (
    .clk_i, .rst_ni, .in_valid_i(rsp), .in_ready_o(rsp_free), .in_data_i(rsp_pkt),
    .out_valid_o(rsp_valid), .out_ready_i(rsp_pop), .out_data_o(read_rsp_o), .quiet_o(rsp_quiet)
  );
  assign srv_read_rsp_ready_o[SideLocal] = rsp_grant[0] && rsp_free;
  assign zeros_take = rsp_grant[2] && rsp_free;
  assign rsp_to_fetch = (read_rsp_o.hdr.id[7:4] == ReqFetch);
  assign read_rsp_valid_o[ReaderDma] = rsp_valid && !rsp_to_fetch;
  assign read_rsp_valid_o[ReaderFetch] = rsp_valid && rsp_to_fetch;
  assign rsp_pop = rsp_to_fetch ? read_rsp_ready_i[ReaderFetch] : read_rsp_ready_i[ReaderDma];

  // Acknowledgements of semaphore updates have no receiver: they are taken and dropped.
  logic       ack, ack_free, ack_arb_quiet, ack_quiet, ack_valid, ack_drop;
  logic [1:0] ack_from;                            // own server, network, outside the mesh
  logic [2:0] ack_grant;
  hdr_t       ack_hdr;
  assign ack_hdr = (ack_from == 2'd0) ? srv_write_ack_i[SideLocal] :
                   (ack_from == 2'd1) ? rx_rsp.hdr : refusal;
  tsr_rr_arb #(.N(3)) u_ack_arb (
    .clk_i, .rst_ni,
    .req_i({refusal_valid, rx_rsp_valid && !rx_rsp_is_read, srv_write_ack_valid_i[SideLocal]}),
    .ready_i(ack_free), .last_i(1'b1),
    .valid_o(ack), .grant_o(ack_grant), .index_o(ack_from), .quiet_o(ack_arb_quiet)
  );
  tsr_skid #(.Width(HdrBits)) u_ack (
    .clk_i, .rst_ni, .in_valid_i(ack), .in_ready_o(ack_free), .in_data_i(ack_hdr),
    .out_valid_o(ack_valid), .out_ready_i(ack_drop || write_ack_ready_i), .out_data_o(write_ack_o),
    .quiet_o(ack_quiet)
  );
  assign srv_write_ack_ready_o[SideLocal] = ack_grant[0] && ack_free;
  assign refusal_take = ack_grant[2] && ack_free;
  assign rx_rsp_ready = (rsp_grant[1] && rsp_free) || (ack_grant[1] && ack_free);
  assign ack_drop = (write_ack_o.id[7:4] == ReqSem);
  assign write_ack_valid_o = ack_valid && !ack_drop;

  assign quiet_o = local_read_arb_quiet && local_read_quiet && local_write_arb_quiet &&
                   local_write_quiet &&
                   away_arb_quiet && away_quiet && refused_read_arb_quiet && refused_read_quiet &&
                   refused_write_arb_quiet && refused_write_quiet && remote_read_quiet &&
                   remote_write_quiet &&
                   back_arb_quiet && back_quiet && rx_rsp_quiet && rsp_arb_quiet && rsp_quiet &&
                   ack_arb_quiet && ack_quiet;

  logic unused;
  assign unused = unused_room;

  `TSR_ASSERT(RequestClass_A, rx_valid_i[ClassReq] ->
              rx_i[ClassReq].hdr.kind == KindRdReq || rx_i[ClassReq].hdr.kind == KindWrReq)
  `TSR_ASSERT(AtDestination_A, rx_valid_i[ClassReq] ->
              rx_i[ClassReq].hdr.dst_x == place_i.x && rx_i[ClassReq].hdr.dst_y == place_i.y)
  `TSR_ASSERT(ResponseClass_A, rx_valid_i[ClassRsp] ->
              rx_i[ClassRsp].hdr.kind == KindRdRsp || rx_i[ClassRsp].hdr.kind == KindWrRsp)
  `TSR_ASSERT(Requester_A, rsp_valid ->
              read_rsp_o.hdr.id[7:4] < 4'(NumQueues) || read_rsp_o.hdr.id[7:4] == ReqDesc ||
              rsp_to_fetch)
endmodule
