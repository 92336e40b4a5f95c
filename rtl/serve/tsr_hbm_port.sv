// SPDX-License-Identifier: Apache-2.0
/// Owner of the tile's AXI4 manager port: merges the reads of the read server (id 0) and of adds in
/// HBM (id 1), and one stream of writes (id 0 plain, id 1 results of adds).
///
/// Latency: AR, AW, W one cycle (register slices), R and B one cycle (FIFO of two); one beat per
/// cycle each. All AXI outputs are registers or decoded from registers. W of a packet may be
/// offered before its AW is taken.
/// Order: AW and W as received; R and B per id as AXI says. `quiet_o` treats AXI inputs as idle,
/// readys as arbitrary.
`include "tsr_assert.svh"
module tsr_hbm_port
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // Reads: of the read server, and old data of adds
  input  logic [NumServers-1:0] hbm_read_valid_i,
  output logic [NumServers-1:0] hbm_read_ready_o,
  input  hbm_read_t             hbm_read_i [NumServers],
  output logic [NumServers-1:0] hbm_beat_valid_o,
  input  logic [NumServers-1:0] hbm_beat_ready_i,
  output hbm_beat_t             hbm_beat_o,        // for either
  // Writes
  input  logic                  hbm_write_valid_i,
  output logic                  hbm_write_ready_o,
  input  hbm_write_t            hbm_write_i,
  output logic                  hbm_done_valid_o,
  input  logic                  hbm_done_ready_i,
  output hbm_done_t             hbm_done_o,
  // AXI4 manager
  output axi_req_t              hbm_axi_o,
  input  axi_rsp_t              hbm_axi_i,
  output logic                  quiet_o
);
  localparam logic [2:0] BeatSize = 3'($clog2(DmaBytes));
  localparam logic [1:0] BurstIncr = 2'd1;

  // ---- AR ---------------------------------------------------------------------------------------
  logic       ar_any, ar_rmw, ar_free, ar_valid, ar_id, ar_arb_quiet, ar_out_quiet;
  logic [1:0] ar_grant;
  hbm_read_t  ar;
  tsr_rr_arb #(.N(NumServers)) u_ar_arb (
    .clk_i, .rst_ni, .req_i(hbm_read_valid_i), .ready_i(ar_free), .last_i(1'b1),
    .valid_o(ar_any), .grant_o(ar_grant), .index_o(ar_rmw), .quiet_o(ar_arb_quiet)
  );
  assign hbm_read_ready_o = ar_grant & {NumServers{ar_free}};
  tsr_skid #(.Width($bits(hbm_read_t) + 1)) u_ar (
    .clk_i, .rst_ni, .in_valid_i(ar_any), .in_ready_o(ar_free),
    .in_data_i({ar_rmw, hbm_read_i[ar_rmw]}),
    .out_valid_o(ar_valid), .out_ready_i(hbm_axi_i.arready), .out_data_o({ar_id, ar}),
    .quiet_o(ar_out_quiet)
  );

  // ---- R ----------------------------------------------------------------------------------------
  logic       r_valid, r_ready, r_rmw, r_pop, r_quiet;
  logic [1:0] r_count;
  tsr_fifo #(.Width($bits(hbm_beat_t) + 1), .Depth(2)) u_r (
    .clk_i, .rst_ni, .in_valid_i(hbm_axi_i.rvalid), .in_ready_o(r_ready),
    .in_data_i({hbm_axi_i.rid[0], hbm_axi_i.rresp[1], hbm_axi_i.rlast, hbm_axi_i.rdata}),
    .out_valid_o(r_valid), .out_ready_i(r_pop), .out_data_o({r_rmw, hbm_beat_o}), .count_o(r_count),
    .quiet_o(r_quiet)
  );
  assign hbm_beat_valid_o[ServerRead] = r_valid && !r_rmw;
  assign hbm_beat_valid_o[ServerWrite] = r_valid && r_rmw;
  assign r_pop = hbm_beat_ready_i[r_rmw];

  // ---- AW and W ---------------------------------------------------------------------------------
  logic                aw_valid, aw_free, w_valid, w_free, aw_id, w_last, aw_quiet, w_quiet;
  hbm_read_t           aw;
  logic [DmaBytes-1:0] w_strb;
  logic [DmaBits-1:0]  w_data;
  assign hbm_write_ready_o = w_free && (!hbm_write_i.first || aw_free);
  tsr_skid #(.Width($bits(hbm_read_t) + 1)) u_aw (
    .clk_i, .rst_ni, .in_valid_i(hbm_write_valid_i && hbm_write_i.first && w_free),
    .in_ready_o(aw_free),
    .in_data_i({hbm_write_i.rmw, hbm_write_i.len, hbm_write_i.addr}),
    .out_valid_o(aw_valid), .out_ready_i(hbm_axi_i.awready), .out_data_o({aw_id, aw}),
    .quiet_o(aw_quiet)
  );
  tsr_skid #(.Width(DmaBits + DmaBytes + 1)) u_w (
    .clk_i, .rst_ni, .in_valid_i(hbm_write_valid_i && hbm_write_ready_o), .in_ready_o(w_free),
    .in_data_i({hbm_write_i.last, hbm_write_i.strb, hbm_write_i.data}),
    .out_valid_o(w_valid), .out_ready_i(hbm_axi_i.wready), .out_data_o({w_last, w_strb, w_data}),
    .quiet_o(w_quiet)
  );

  // ---- B ----------------------------------------------------------------------------------------
  logic       b_ready, b_quiet;
  logic [1:0] b_count;
  tsr_fifo #(.Width($bits(hbm_done_t)), .Depth(2)) u_b (
    .clk_i, .rst_ni, .in_valid_i(hbm_axi_i.bvalid), .in_ready_o(b_ready),
    .in_data_i({hbm_axi_i.bid[0], hbm_axi_i.bresp[1]}),
    .out_valid_o(hbm_done_valid_o), .out_ready_i(hbm_done_ready_i), .out_data_o(hbm_done_o),
    .count_o(b_count),
    .quiet_o(b_quiet)
  );

  assign hbm_axi_o = '{
    awid: {3'd0, aw_id}, awaddr: aw.addr, awlen: aw.len, awsize: BeatSize, awburst: BurstIncr,
    awvalid: aw_valid,
    wdata: w_data, wstrb: w_strb, wlast: w_last, wvalid: w_valid, bready: b_ready,
    arid: {3'd0, ar_id}, araddr: ar.addr, arlen: ar.len, arsize: BeatSize, arburst: BurstIncr,
    arvalid: ar_valid,
    rready: r_ready
  };

  // ---- Idleness: what was taken from AXI counts, what is only offered there does not ------------
  assign quiet_o = ar_arb_quiet && !(hbm_write_valid_i && hbm_write_ready_o) && !ar_valid &&
                   !aw_valid && !w_valid &&
                   !(r_valid && r_pop) && !(hbm_done_valid_o && hbm_done_ready_i);

  logic unused;
  assign unused = ar_out_quiet ^ r_quiet ^ aw_quiet ^ w_quiet ^ b_quiet ^ (^r_count) ^ (^b_count) ^
                  (^hbm_axi_i);

`ifdef TSR_CHECKS
  tsr_axi_checker u_checker (.clk_i, .rst_ni, .req_i(hbm_axi_o), .rsp_i(hbm_axi_i));
`endif
endmodule
