// SPDX-License-Identifier: Apache-2.0
/// Write server: performs writes, adds and maxima of this tile (`lwr`, acknowledged on `lwa`) and of other tiles (`rwr`
/// on `rwa`).
///
/// Four engines, SBUF, PSUM, HBM, registers, work side by side; each takes whole packets from the two streams in turn.
/// A remote packet cuts through while the local stream is idle, else it first becomes complete. Latency from a
/// packet's last beat to its acknowledgement (remote 1 more): SBUF and PSUM 6 cycles; HBM 3 cycles to the last W, 3 from B.
/// Order: requests of one stream to one space take effect in order; acknowledgements of different spaces, and of HBM
/// writes and adds, may overtake. Acknowledged means committed. Errors (nothing is written): ErrAddress, ErrRegister,
/// ErrDtype, ErrSpace, ErrField; ErrAxi.
module tsr_wr_server
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  // Requests
  input  logic                lwr_valid_i,
  output logic                lwr_ready_o,
  input  hdr_t                lwr_hdr_i,
  input  logic [DmaBits-1:0]  lwr_data_i,
  input  logic                lwr_last_i,
  input  logic                rwr_valid_i,
  output logic                rwr_ready_o,
  input  hdr_t                rwr_hdr_i,
  input  logic [DmaBits-1:0]  rwr_data_i,
  input  logic                rwr_last_i,
  // Acknowledgements
  output logic                lwa_valid_o,
  input  logic                lwa_ready_i,
  output hdr_t                lwa_hdr_o,
  output logic                rwa_valid_o,
  input  logic                rwa_ready_i,
  output hdr_t                rwa_hdr_o,
  // HBM port
  output logic                ar_valid_o,
  input  logic                ar_ready_i,
  output logic [39:0]         ar_addr_o,
  output logic [7:0]          ar_len_o,
  input  logic                rb_valid_i,
  output logic                rb_ready_o,
  input  logic [DmaBits-1:0]  rb_data_i,
  input  logic                rb_err_i,
  input  logic                rb_last_i,
  output logic                w_valid_o,
  input  logic                w_ready_i,
  output logic                w_first_o,
  output logic                w_rmw_o,
  output logic [39:0]         w_addr_o,
  output logic [7:0]          w_len_o,
  output logic [DmaBits-1:0]  w_data_o,
  output logic [DmaBytes-1:0] w_strb_o,
  output logic                w_last_o,
  input  logic                b_valid_i,
  output logic                b_ready_o,
  input  logic                b_rmw_i,
  input  logic                b_err_i,
  // Memories
  output logic                sbuf_rmw_rd_en_o,
  output logic [PartW-1:0]    sbuf_rmw_rd_part_o,
  output logic [SbufAw-1:0]   sbuf_rmw_rd_addr_o,
  input  logic [DmaBits-1:0]  sbuf_rmw_rd_data_i,
  output logic                sbuf_wr_en_o,
  output logic [PartW-1:0]    sbuf_wr_part_o,
  output logic [SbufAw-1:0]   sbuf_wr_addr_o,
  output logic [DmaBits-1:0]  sbuf_wr_data_o,
  output logic [DmaBytes-1:0] sbuf_wr_strb_o,
  output logic                psum_rmw_rd_en_o,
  output logic [PartW-1:0]    psum_rmw_rd_part_o,
  output logic [PsumAw-1:0]   psum_rmw_rd_addr_o,
  input  logic [DmaBits-1:0]  psum_rmw_rd_data_i,
  output logic                psum_wr_en_o,
  output logic [PartW-1:0]    psum_wr_part_o,
  output logic [PsumAw-1:0]   psum_wr_addr_o,
  output logic [DmaBits-1:0]  psum_wr_data_o,
  output logic [DmaBytes-1:0] psum_wr_strb_o,
  // Registers
  output logic                csr_valid_o,
  input  logic                csr_ready_i,
  output logic                csr_we_o,
  output logic [15:0]         csr_addr_o,
  output logic [31:0]         csr_wdata_o,
  input  logic                csr_rvalid_i,
  input  logic [31:0]         csr_rdata_i,
  input  logic                csr_err_i,
  output logic                err_o,               // one cycle: an acknowledgement with an error has left
  output logic                quiet_o
);
  localparam int unsigned PktW = HdrBits + DmaBits + 1;
  localparam int unsigned RemoteBeats = (2 * SegBeats > 16) ? 2 * SegBeats : 16;
  localparam int unsigned NumEng = 4;              // index = space_e

  // ---- Input stage: index 0 local, 1 remote ---------------------------------------------------------------
  logic [1:0]         s_valid, s_ready, s_last, in_quiet;
  hdr_t               s_raw [2], s_hdr [2];
  logic [DmaBits-1:0] s_data [2];
  logic               unused_room;

  tsr_skid #(.Width(PktW)) u_local (
    .clk_i, .rst_ni, .in_valid_i(lwr_valid_i), .in_ready_o(lwr_ready_o), .in_data_i({lwr_hdr_i, lwr_data_i, lwr_last_i}),
    .out_valid_o(s_valid[0]), .out_ready_i(s_ready[0]), .out_data_o({s_raw[0], s_data[0], s_last[0]}), .quiet_o(in_quiet[0])
  );
  tsr_pkt_buf #(.Beats(RemoteBeats), .Pkts(16), .DataW(DmaBits), .CutThrough(1'b1)) u_remote (
    .clk_i, .rst_ni, .whole_i(s_valid[0]), .reserve_i(1'b0), .reserve_beats_i(12'd0), .room_o(unused_room),
    .in_valid_i(rwr_valid_i), .in_ready_o(rwr_ready_o), .in_hdr_i(rwr_hdr_i), .in_data_i(rwr_data_i),
    .in_last_i(rwr_last_i), .out_valid_o(s_valid[1]), .out_ready_i(s_ready[1]), .out_hdr_o(s_raw[1]),
    .out_data_o(s_data[1]), .out_last_o(s_last[1]), .quiet_o(in_quiet[1])
  );
  always_comb begin
    for (int unsigned s = 0; s < 2; s++) begin
      s_hdr[s] = s_raw[s];
      s_hdr[s].err = write_err(s_raw[s].space, s_raw[s].addr, s_raw[s].len, s_raw[s].op, s_raw[s].dtype);
    end
  end

  // ---- Engines take packets in turn -----------------------------------------------------------------------
  logic [NumEng-1:0]  e_valid, e_ready, e_hold, e_pick, e_last, arb_quiet, eng_quiet;
  logic [1:0]         e_grant [NumEng];
  hdr_t               e_hdr [NumEng];
  logic [DmaBits-1:0] e_data [NumEng];
  logic [NumEng-1:0]  a_valid, a_ready, a_remote;
  hdr_t               a_hdr [NumEng];

  for (genvar e = 0; e < NumEng; e++) begin : gen_arb
    tsr_rr_arb #(.N(2)) u_arb (
      .clk_i, .rst_ni,
      .req_i({s_valid[1] && s_hdr[1].space == 2'(e), s_valid[0] && s_hdr[0].space == 2'(e)}),
      .ready_i(e_ready[e] || e_hold[e]), .last_i(e_ready[e] && e_last[e]),
      .valid_o(e_valid[e]), .grant_o(e_grant[e]), .index_o(e_pick[e]),
      .quiet_o(arb_quiet[e])
    );
    assign e_hdr[e] = s_hdr[e_pick[e]];
    assign e_data[e] = s_data[e_pick[e]];
    assign e_last[e] = s_last[e_pick[e]];
  end
  for (genvar s = 0; s < 2; s++) begin : gen_ready
    assign s_ready[s] = e_grant[s_hdr[s].space][s] && e_ready[s_hdr[s].space];
  end

  tsr_wr_hbm u_hbm (
    .clk_i, .rst_ni,
    .in_valid_i(e_valid[SpaceHbm]), .in_ready_o(e_ready[SpaceHbm]), .in_hold_o(e_hold[SpaceHbm]),
    .in_hdr_i(e_hdr[SpaceHbm]),
    .in_data_i(e_data[SpaceHbm]), .in_last_i(e_last[SpaceHbm]), .in_remote_i(e_pick[SpaceHbm]),
    .ar_valid_o, .ar_ready_i, .ar_addr_o, .ar_len_o, .rb_valid_i, .rb_ready_o, .rb_data_i, .rb_err_i, .rb_last_i,
    .w_valid_o, .w_ready_i, .w_first_o, .w_rmw_o, .w_addr_o, .w_len_o, .w_data_o, .w_strb_o, .w_last_o,
    .b_valid_i, .b_ready_o, .b_rmw_i, .b_err_i,
    .ack_valid_o(a_valid[SpaceHbm]), .ack_ready_i(a_ready[SpaceHbm]), .ack_hdr_o(a_hdr[SpaceHbm]),
    .ack_remote_o(a_remote[SpaceHbm]), .quiet_o(eng_quiet[SpaceHbm])
  );
  tsr_wr_mem #(.Aw(SbufAw)) u_sbuf (
    .clk_i, .rst_ni,
    .in_valid_i(e_valid[SpaceSbuf]), .in_ready_o(e_ready[SpaceSbuf]), .in_hold_o(e_hold[SpaceSbuf]),
    .in_hdr_i(e_hdr[SpaceSbuf]),
    .in_data_i(e_data[SpaceSbuf]), .in_last_i(e_last[SpaceSbuf]), .in_remote_i(e_pick[SpaceSbuf]),
    .rd_en_o(sbuf_rmw_rd_en_o), .rd_part_o(sbuf_rmw_rd_part_o), .rd_addr_o(sbuf_rmw_rd_addr_o),
    .rd_data_i(sbuf_rmw_rd_data_i),
    .wr_en_o(sbuf_wr_en_o), .wr_part_o(sbuf_wr_part_o), .wr_addr_o(sbuf_wr_addr_o), .wr_data_o(sbuf_wr_data_o),
    .wr_strb_o(sbuf_wr_strb_o),
    .ack_valid_o(a_valid[SpaceSbuf]), .ack_ready_i(a_ready[SpaceSbuf]), .ack_hdr_o(a_hdr[SpaceSbuf]),
    .ack_remote_o(a_remote[SpaceSbuf]), .quiet_o(eng_quiet[SpaceSbuf])
  );
  tsr_wr_mem #(.Aw(PsumAw)) u_psum (
    .clk_i, .rst_ni,
    .in_valid_i(e_valid[SpacePsum]), .in_ready_o(e_ready[SpacePsum]), .in_hold_o(e_hold[SpacePsum]),
    .in_hdr_i(e_hdr[SpacePsum]),
    .in_data_i(e_data[SpacePsum]), .in_last_i(e_last[SpacePsum]), .in_remote_i(e_pick[SpacePsum]),
    .rd_en_o(psum_rmw_rd_en_o), .rd_part_o(psum_rmw_rd_part_o), .rd_addr_o(psum_rmw_rd_addr_o),
    .rd_data_i(psum_rmw_rd_data_i),
    .wr_en_o(psum_wr_en_o), .wr_part_o(psum_wr_part_o), .wr_addr_o(psum_wr_addr_o), .wr_data_o(psum_wr_data_o),
    .wr_strb_o(psum_wr_strb_o),
    .ack_valid_o(a_valid[SpacePsum]), .ack_ready_i(a_ready[SpacePsum]), .ack_hdr_o(a_hdr[SpacePsum]),
    .ack_remote_o(a_remote[SpacePsum]), .quiet_o(eng_quiet[SpacePsum])
  );
  tsr_wr_reg u_reg (
    .clk_i, .rst_ni,
    .in_valid_i(e_valid[SpaceReg]), .in_ready_o(e_ready[SpaceReg]), .in_hdr_i(e_hdr[SpaceReg]),
    .in_data_i(e_data[SpaceReg]), .in_last_i(e_last[SpaceReg]), .in_remote_i(e_pick[SpaceReg]),
    .csr_valid_o, .csr_ready_i, .csr_addr_o, .csr_wdata_o, .csr_rvalid_i, .csr_err_i,
    .ack_valid_o(a_valid[SpaceReg]), .ack_ready_i(a_ready[SpaceReg]), .ack_hdr_o(a_hdr[SpaceReg]),
    .ack_remote_o(a_remote[SpaceReg]), .quiet_o(eng_quiet[SpaceReg])
  );
  assign e_hold[SpaceReg] = 1'b0;
  assign csr_we_o = 1'b1;

  // ---- Acknowledgements -----------------------------------------------------------------------------------
  logic              l_any, l_free, l_arb_quiet, l_out_quiet, r_any, r_free, r_arb_quiet, r_out_quiet;
  logic [NumEng-1:0] l_grant, r_grant;
  logic [1:0]        l_index, r_index;

  tsr_rr_arb #(.N(NumEng)) u_l_arb (
    .clk_i, .rst_ni, .req_i(a_valid & ~a_remote), .ready_i(l_free), .last_i(1'b1),
    .valid_o(l_any), .grant_o(l_grant), .index_o(l_index), .quiet_o(l_arb_quiet)
  );
  tsr_skid #(.Width(HdrBits)) u_l_out (
    .clk_i, .rst_ni, .in_valid_i(l_any), .in_ready_o(l_free), .in_data_i(a_hdr[l_index]),
    .out_valid_o(lwa_valid_o), .out_ready_i(lwa_ready_i), .out_data_o(lwa_hdr_o), .quiet_o(l_out_quiet)
  );
  tsr_rr_arb #(.N(NumEng)) u_r_arb (
    .clk_i, .rst_ni, .req_i(a_valid & a_remote), .ready_i(r_free), .last_i(1'b1),
    .valid_o(r_any), .grant_o(r_grant), .index_o(r_index), .quiet_o(r_arb_quiet)
  );
  tsr_skid #(.Width(HdrBits)) u_r_out (
    .clk_i, .rst_ni, .in_valid_i(r_any), .in_ready_o(r_free), .in_data_i(a_hdr[r_index]),
    .out_valid_o(rwa_valid_o), .out_ready_i(rwa_ready_i), .out_data_o(rwa_hdr_o), .quiet_o(r_out_quiet)
  );
  assign a_ready = (l_grant & {NumEng{l_free}}) | (r_grant & {NumEng{r_free}});

  logic err_q, err_d;
  assign err_d = (lwa_valid_o && lwa_ready_i && lwa_hdr_o.err != ErrOk) ||
                 (rwa_valid_o && rwa_ready_i && rwa_hdr_o.err != ErrOk);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) err_q <= 1'b0;
    else err_q <= err_d;
  end
  assign err_o = err_q;

  assign quiet_o = (&in_quiet) && (&arb_quiet) && (&eng_quiet) && l_arb_quiet && l_out_quiet && r_arb_quiet && r_out_quiet &&
                   err_q == err_d;

  logic unused;
  assign unused = unused_room ^ (^csr_rdata_i);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (lwr_valid_i) LocalIsWrite_A: assert (lwr_hdr_i.kind == KindWrReq);
      if (rwr_valid_i) RemoteIsWrite_A: assert (rwr_hdr_i.kind == KindWrReq);
    end
  end
`endif
endmodule
