// SPDX-License-Identifier: Apache-2.0
/// Write server: performs writes, adds and maxima of this tile (SideLocal) and of other tiles
/// (SideRemote).
///
/// Four engines, SBUF, PSUM, HBM, registers, work side by side; each takes whole packets from the
/// two streams in turn. A remote packet cuts through while the local stream is idle, else it first
/// becomes complete. Latency from a packet's last beat to its acknowledgement (remote 1 more): SBUF
/// and PSUM 6 cycles; HBM 3 cycles to the last W, 3 from B.
/// Order: requests of one stream to one space take effect in order; acknowledgements of different
/// spaces, and of HBM writes and adds, may overtake. Acknowledged means committed. Errors (nothing
/// is written): ErrAddress, ErrRegister, ErrDtype, ErrSpace, ErrField; ErrAxi.
`include "tsr_assert.svh"
module tsr_wr_server
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  // Requests and acknowledgements
  input  logic [NumSides-1:0] write_req_valid_i,
  output logic [NumSides-1:0] write_req_ready_o,
  input  pkt_t                write_req_i [NumSides],
  output logic [NumSides-1:0] write_ack_valid_o,
  input  logic [NumSides-1:0] write_ack_ready_i,
  output hdr_t                write_ack_o [NumSides],
  // HBM port
  output logic                hbm_read_valid_o,
  input  logic                hbm_read_ready_i,
  output hbm_read_t           hbm_read_o,
  input  logic                hbm_beat_valid_i,
  output logic                hbm_beat_ready_o,
  input  hbm_beat_t           hbm_beat_i,
  output logic                hbm_write_valid_o,
  input  logic                hbm_write_ready_i,
  output hbm_write_t          hbm_write_o,
  input  logic                hbm_done_valid_i,
  output logic                hbm_done_ready_o,
  input  hbm_done_t           hbm_done_i,
  // Memories
  output beat_rd_t            sbuf_beat_rd_o,
  input  logic [DmaBits-1:0]  sbuf_beat_rd_data_i,
  output beat_wr_t            sbuf_beat_wr_o,
  output beat_rd_t            psum_beat_rd_o,
  input  logic [DmaBits-1:0]  psum_beat_rd_data_i,
  output beat_wr_t            psum_beat_wr_o,
  // Registers
  output logic                csr_req_valid_o,
  input  logic                csr_req_ready_i,
  output csr_req_t            csr_req_o,
  input  logic                csr_rsp_valid_i,
  input  csr_rsp_t            csr_rsp_i,
  output logic                quiet_o
);
  localparam int unsigned RemoteBeats = (2 * SegBeats > 16) ? 2 * SegBeats : 16;
  localparam int unsigned NumSpaces = 4;           // engines; index = space_e

  // ---- Input stage ------------------------------------------------------------------------------
  logic [NumSides-1:0] in_valid, in_ready, in_quiet;
  pkt_t                raw [NumSides], in [NumSides];
  logic                unused_room;

  tsr_skid #(.Width($bits(pkt_t))) u_local (
    .clk_i, .rst_ni, .in_valid_i(write_req_valid_i[SideLocal]),
    .in_ready_o(write_req_ready_o[SideLocal]),
    .in_data_i(write_req_i[SideLocal]), .out_valid_o(in_valid[SideLocal]),
    .out_ready_i(in_ready[SideLocal]),
    .out_data_o(raw[SideLocal]), .quiet_o(in_quiet[SideLocal])
  );
  tsr_pkt_buf #(.Beats(RemoteBeats), .Pkts(16), .DataW(DmaBits), .CutThrough(1'b1)) u_remote (
    .clk_i, .rst_ni, .whole_i(in_valid[SideLocal]), .reserve_i(1'b0), .reserve_beats_i(12'd0),
    .room_o(unused_room),
    .in_valid_i(write_req_valid_i[SideRemote]), .in_ready_o(write_req_ready_o[SideRemote]),
    .in_hdr_i(write_req_i[SideRemote].hdr), .in_data_i(write_req_i[SideRemote].data),
    .in_last_i(write_req_i[SideRemote].last), .out_valid_o(in_valid[SideRemote]),
    .out_ready_i(in_ready[SideRemote]),
    .out_hdr_o(raw[SideRemote].hdr), .out_data_o(raw[SideRemote].data),
    .out_last_o(raw[SideRemote].last),
    .quiet_o(in_quiet[SideRemote])
  );
  always_comb begin
    for (int unsigned s = 0; s < NumSides; s++) begin
      in[s] = raw[s];
      in[s].hdr.err = write_err(raw[s].hdr.space, raw[s].hdr.addr, raw[s].hdr.len, raw[s].hdr.op,
                                raw[s].hdr.dtype);
    end
  end

  // ---- Engines take packets in turn -------------------------------------------------------------
  logic [NumSpaces-1:0] to_valid, to_ready, to_hold, to_remote, arb_quiet, eng_quiet;
  logic [NumSides-1:0]  to_grant [NumSpaces];
  pkt_t                 to [NumSpaces];
  logic [NumSpaces-1:0] ack_valid, ack_ready, ack_remote;
  hdr_t                 ack [NumSpaces];

  for (genvar e = 0; e < NumSpaces; e++) begin : gen_arb
    tsr_rr_arb #(.N(NumSides)) u_arb (
      .clk_i, .rst_ni,
      .req_i({in_valid[SideRemote] && in[SideRemote].hdr.space == 2'(e),
              in_valid[SideLocal] && in[SideLocal].hdr.space == 2'(e)}),
      .ready_i(to_ready[e] || to_hold[e]), .last_i(to_ready[e] && to[e].last),
      .valid_o(to_valid[e]), .grant_o(to_grant[e]), .index_o(to_remote[e]),
      .quiet_o(arb_quiet[e])
    );
    assign to[e] = in[to_remote[e]];
  end
  for (genvar s = 0; s < NumSides; s++) begin : gen_ready
    assign in_ready[s] = to_grant[in[s].hdr.space][s] && to_ready[in[s].hdr.space];
  end

  tsr_wr_hbm u_hbm (
    .clk_i, .rst_ni,
    .in_valid_i(to_valid[SpaceHbm]), .in_ready_o(to_ready[SpaceHbm]), .in_hold_o(to_hold[SpaceHbm]),
    .in_i(to[SpaceHbm]), .in_remote_i(to_remote[SpaceHbm]),
    .hbm_read_valid_o, .hbm_read_ready_i, .hbm_read_o, .hbm_beat_valid_i, .hbm_beat_ready_o,
    .hbm_beat_i,
    .hbm_write_valid_o, .hbm_write_ready_i, .hbm_write_o, .hbm_done_valid_i, .hbm_done_ready_o,
    .hbm_done_i,
    .ack_valid_o(ack_valid[SpaceHbm]), .ack_ready_i(ack_ready[SpaceHbm]), .ack_o(ack[SpaceHbm]),
    .ack_remote_o(ack_remote[SpaceHbm]), .quiet_o(eng_quiet[SpaceHbm])
  );
  tsr_wr_mem #(.Aw(SbufAw)) u_sbuf (
    .clk_i, .rst_ni,
    .in_valid_i(to_valid[SpaceSbuf]), .in_ready_o(to_ready[SpaceSbuf]),
    .in_hold_o(to_hold[SpaceSbuf]),
    .in_i(to[SpaceSbuf]), .in_remote_i(to_remote[SpaceSbuf]),
    .beat_rd_o(sbuf_beat_rd_o), .beat_rd_data_i(sbuf_beat_rd_data_i), .beat_wr_o(sbuf_beat_wr_o),
    .ack_valid_o(ack_valid[SpaceSbuf]), .ack_ready_i(ack_ready[SpaceSbuf]), .ack_o(ack[SpaceSbuf]),
    .ack_remote_o(ack_remote[SpaceSbuf]), .quiet_o(eng_quiet[SpaceSbuf])
  );
  tsr_wr_mem #(.Aw(PsumAw)) u_psum (
    .clk_i, .rst_ni,
    .in_valid_i(to_valid[SpacePsum]), .in_ready_o(to_ready[SpacePsum]),
    .in_hold_o(to_hold[SpacePsum]),
    .in_i(to[SpacePsum]), .in_remote_i(to_remote[SpacePsum]),
    .beat_rd_o(psum_beat_rd_o), .beat_rd_data_i(psum_beat_rd_data_i), .beat_wr_o(psum_beat_wr_o),
    .ack_valid_o(ack_valid[SpacePsum]), .ack_ready_i(ack_ready[SpacePsum]), .ack_o(ack[SpacePsum]),
    .ack_remote_o(ack_remote[SpacePsum]), .quiet_o(eng_quiet[SpacePsum])
  );
  tsr_wr_reg u_reg (
    .clk_i, .rst_ni,
    .in_valid_i(to_valid[SpaceReg]), .in_ready_o(to_ready[SpaceReg]), .in_i(to[SpaceReg]),
    .in_remote_i(to_remote[SpaceReg]),
    .csr_req_valid_o, .csr_req_ready_i, .csr_req_o, .csr_rsp_valid_i, .csr_rsp_i,
    .ack_valid_o(ack_valid[SpaceReg]), .ack_ready_i(ack_ready[SpaceReg]), .ack_o(ack[SpaceReg]),
    .ack_remote_o(ack_remote[SpaceReg]), .quiet_o(eng_quiet[SpaceReg])
  );
  assign to_hold[SpaceReg] = 1'b0;

  // ---- Acknowledgements -------------------------------------------------------------------------
  logic [NumSides-1:0]  ack_any, ack_free, ack_arb_quiet, ack_out_quiet;
  logic [NumSpaces-1:0] ack_grant [NumSides];
  logic [1:0]           ack_from [NumSides];
  for (genvar s = 0; s < NumSides; s++) begin : gen_ack
    tsr_rr_arb #(.N(NumSpaces)) u_arb (
      .clk_i, .rst_ni, .req_i(ack_valid & (s == SideRemote ? ack_remote : ~ack_remote)),
      .ready_i(ack_free[s]),
      .last_i(1'b1), .valid_o(ack_any[s]), .grant_o(ack_grant[s]), .index_o(ack_from[s]),
      .quiet_o(ack_arb_quiet[s])
    );
    tsr_skid #(.Width(HdrBits)) u_out (
      .clk_i, .rst_ni, .in_valid_i(ack_any[s]), .in_ready_o(ack_free[s]),
      .in_data_i(ack[ack_from[s]]),
      .out_valid_o(write_ack_valid_o[s]), .out_ready_i(write_ack_ready_i[s]),
      .out_data_o(write_ack_o[s]),
      .quiet_o(ack_out_quiet[s])
    );
  end
  assign ack_ready = (ack_grant[SideLocal] & {NumSpaces{ack_free[SideLocal]}}) |
                     (ack_grant[SideRemote] & {NumSpaces{ack_free[SideRemote]}});

  assign quiet_o = (&in_quiet) && (&arb_quiet) && (&eng_quiet) && (&ack_arb_quiet) &&
                   (&ack_out_quiet);

  logic unused;
  assign unused = unused_room;

  for (genvar s = 0; s < NumSides; s++) begin : gen_check
    `TSR_ASSERT(RequestIsWrite_A, write_req_valid_i[s] -> write_req_i[s].hdr.kind == KindWrReq)
  end
endmodule
