// SPDX-License-Identifier: Apache-2.0
/// Owner of the tile's AXI4 manager port: merges the reads of the read server (id 0) and of adds in HBM (id 1), and one
/// stream of writes (id 0 plain, id 1 results of adds).
///
/// Latency: AR, AW, W one cycle (register slices), R and B one cycle (FIFO of two); one beat per cycle each. All AXI
/// outputs are registers or decoded from registers. W of a packet may be offered before its AW is taken.
/// Order: AW and W as received; R and B per id as AXI says. `quiet_o` treats AXI inputs as idle, readys as arbitrary.
module tsr_hbm_port
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  // Read server
  input  logic                rd_ar_valid_i,
  output logic                rd_ar_ready_o,
  input  logic [39:0]         rd_ar_addr_i,
  input  logic [7:0]          rd_ar_len_i,
  output logic                rd_rb_valid_o,
  input  logic                rd_rb_ready_i,
  // Old data of adds
  input  logic                rmw_ar_valid_i,
  output logic                rmw_ar_ready_o,
  input  logic [39:0]         rmw_ar_addr_i,
  input  logic [7:0]          rmw_ar_len_i,
  output logic                rmw_rb_valid_o,
  input  logic                rmw_rb_ready_i,
  // Read beat for either
  output logic [DmaBits-1:0]  rb_data_o,
  output logic                rb_err_o,
  output logic                rb_last_o,
  // Writes; address fields count on the first beat of a packet
  input  logic                w_valid_i,
  output logic                w_ready_o,
  input  logic                w_first_i,
  input  logic                w_rmw_i,
  input  logic [39:0]         w_addr_i,
  input  logic [7:0]          w_len_i,
  input  logic [DmaBits-1:0]  w_data_i,
  input  logic [DmaBytes-1:0] w_strb_i,
  input  logic                w_last_i,
  output logic                b_valid_o,
  input  logic                b_ready_i,
  output logic                b_rmw_o,
  output logic                b_err_o,
  // AXI4 manager
  output logic [3:0]          hbm_axi_awid,
  output logic [39:0]         hbm_axi_awaddr,
  output logic [7:0]          hbm_axi_awlen,
  output logic [2:0]          hbm_axi_awsize,
  output logic [1:0]          hbm_axi_awburst,
  output logic                hbm_axi_awvalid,
  input  logic                hbm_axi_awready,
  output logic [DmaBits-1:0]  hbm_axi_wdata,
  output logic [DmaBytes-1:0] hbm_axi_wstrb,
  output logic                hbm_axi_wlast,
  output logic                hbm_axi_wvalid,
  input  logic                hbm_axi_wready,
  input  logic [3:0]          hbm_axi_bid,
  input  logic [1:0]          hbm_axi_bresp,
  input  logic                hbm_axi_bvalid,
  output logic                hbm_axi_bready,
  output logic [3:0]          hbm_axi_arid,
  output logic [39:0]         hbm_axi_araddr,
  output logic [7:0]          hbm_axi_arlen,
  output logic [2:0]          hbm_axi_arsize,
  output logic [1:0]          hbm_axi_arburst,
  output logic                hbm_axi_arvalid,
  input  logic                hbm_axi_arready,
  input  logic [3:0]          hbm_axi_rid,
  input  logic [DmaBits-1:0]  hbm_axi_rdata,
  input  logic [1:0]          hbm_axi_rresp,
  input  logic                hbm_axi_rlast,
  input  logic                hbm_axi_rvalid,
  output logic                hbm_axi_rready,
  output logic                quiet_o
);
  localparam logic [2:0] BeatSize = 3'($clog2(DmaBytes));
  localparam logic [1:0] BurstIncr = 2'd1;

  // ---- AR -------------------------------------------------------------------------------------------------
  logic       ar_any, ar_rmw, ar_free, ar_arb_quiet, ar_out_quiet;
  logic [1:0] ar_grant;
  tsr_rr_arb #(.N(2)) u_ar_arb (
    .clk_i, .rst_ni, .req_i({rmw_ar_valid_i, rd_ar_valid_i}), .ready_i(ar_free), .last_i(1'b1),
    .valid_o(ar_any), .grant_o(ar_grant), .index_o(ar_rmw), .quiet_o(ar_arb_quiet)
  );
  assign rd_ar_ready_o = ar_grant[0] && ar_free;
  assign rmw_ar_ready_o = ar_grant[1] && ar_free;
  logic ar_id;
  tsr_skid #(.Width(49)) u_ar (
    .clk_i, .rst_ni, .in_valid_i(ar_any), .in_ready_o(ar_free),
    .in_data_i({ar_rmw, ar_rmw ? {rmw_ar_addr_i, rmw_ar_len_i} : {rd_ar_addr_i, rd_ar_len_i}}),
    .out_valid_o(hbm_axi_arvalid), .out_ready_i(hbm_axi_arready), .out_data_o({ar_id, hbm_axi_araddr, hbm_axi_arlen}),
    .quiet_o(ar_out_quiet)
  );
  assign hbm_axi_arid = {3'd0, ar_id};
  assign hbm_axi_arsize = BeatSize;
  assign hbm_axi_arburst = BurstIncr;

  // ---- R --------------------------------------------------------------------------------------------------
  logic       r_valid, r_rmw, r_pop, r_quiet;
  logic [1:0] r_count;
  tsr_fifo #(.Width(DmaBits + 3), .Depth(2)) u_r (
    .clk_i, .rst_ni, .in_valid_i(hbm_axi_rvalid), .in_ready_o(hbm_axi_rready),
    .in_data_i({hbm_axi_rid[0], hbm_axi_rresp[1], hbm_axi_rlast, hbm_axi_rdata}),
    .out_valid_o(r_valid), .out_ready_i(r_pop), .out_data_o({r_rmw, rb_err_o, rb_last_o, rb_data_o}), .count_o(r_count),
    .quiet_o(r_quiet)
  );
  assign rd_rb_valid_o = r_valid && !r_rmw;
  assign rmw_rb_valid_o = r_valid && r_rmw;
  assign r_pop = r_rmw ? rmw_rb_ready_i : rd_rb_ready_i;

  // ---- AW and W -------------------------------------------------------------------------------------------
  logic aw_free, w_free, aw_id, aw_quiet, w_quiet;
  assign w_ready_o = w_free && (!w_first_i || aw_free);
  tsr_skid #(.Width(49)) u_aw (
    .clk_i, .rst_ni, .in_valid_i(w_valid_i && w_first_i && w_free), .in_ready_o(aw_free),
    .in_data_i({w_rmw_i, w_addr_i, w_len_i}),
    .out_valid_o(hbm_axi_awvalid), .out_ready_i(hbm_axi_awready), .out_data_o({aw_id, hbm_axi_awaddr, hbm_axi_awlen}),
    .quiet_o(aw_quiet)
  );
  tsr_skid #(.Width(DmaBits + DmaBytes + 1)) u_w (
    .clk_i, .rst_ni, .in_valid_i(w_valid_i && w_ready_o), .in_ready_o(w_free),
    .in_data_i({w_data_i, w_strb_i, w_last_i}),
    .out_valid_o(hbm_axi_wvalid), .out_ready_i(hbm_axi_wready),
    .out_data_o({hbm_axi_wdata, hbm_axi_wstrb, hbm_axi_wlast}), .quiet_o(w_quiet)
  );
  assign hbm_axi_awid = {3'd0, aw_id};
  assign hbm_axi_awsize = BeatSize;
  assign hbm_axi_awburst = BurstIncr;

  // ---- B --------------------------------------------------------------------------------------------------
  logic       b_quiet;
  logic [1:0] b_count;
  tsr_fifo #(.Width(2), .Depth(2)) u_b (
    .clk_i, .rst_ni, .in_valid_i(hbm_axi_bvalid), .in_ready_o(hbm_axi_bready),
    .in_data_i({hbm_axi_bid[0], hbm_axi_bresp[1]}),
    .out_valid_o(b_valid_o), .out_ready_i(b_ready_i), .out_data_o({b_rmw_o, b_err_o}), .count_o(b_count),
    .quiet_o(b_quiet)
  );

  // ---- Idleness: what was taken from AXI counts, what is only offered there does not ------------------------
  assign quiet_o = ar_arb_quiet && !(w_valid_i && w_ready_o) && !hbm_axi_arvalid && !hbm_axi_awvalid && !hbm_axi_wvalid &&
                   !(r_valid && r_pop) && !(b_valid_o && b_ready_i);

  logic unused;
  assign unused = ar_out_quiet ^ r_quiet ^ aw_quiet ^ w_quiet ^ b_quiet ^ (^r_count) ^ (^b_count) ^ (^hbm_axi_rid) ^
                  (^hbm_axi_bid) ^ (^hbm_axi_rresp) ^ (^hbm_axi_bresp);

`ifndef SYNTHESIS
  tsr_axi_checker u_checker (
    .clk_i, .rst_ni,
    .awid(hbm_axi_awid), .awaddr(hbm_axi_awaddr), .awlen(hbm_axi_awlen), .awsize(hbm_axi_awsize),
    .awburst(hbm_axi_awburst), .awvalid(hbm_axi_awvalid), .awready(hbm_axi_awready),
    .wdata(hbm_axi_wdata), .wstrb(hbm_axi_wstrb), .wlast(hbm_axi_wlast), .wvalid(hbm_axi_wvalid), .wready(hbm_axi_wready),
    .bid(hbm_axi_bid), .bresp(hbm_axi_bresp), .bvalid(hbm_axi_bvalid), .bready(hbm_axi_bready),
    .arid(hbm_axi_arid), .araddr(hbm_axi_araddr), .arlen(hbm_axi_arlen), .arsize(hbm_axi_arsize),
    .arburst(hbm_axi_arburst), .arvalid(hbm_axi_arvalid), .arready(hbm_axi_arready),
    .rid(hbm_axi_rid), .rdata(hbm_axi_rdata), .rresp(hbm_axi_rresp),
    .rlast(hbm_axi_rlast), .rvalid(hbm_axi_rvalid), .rready(hbm_axi_rready)
  );
`endif
endmodule
