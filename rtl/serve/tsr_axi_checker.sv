// SPDX-License-Identifier: Apache-2.0
/// Assertions on an AXI4 port whose manager uses ids 0 and 1: payload stable until taken, INCR
/// bursts of whole beats that stay in their 4 KiB page, WLAST where AWLEN says, responses only to
/// what is outstanding (a write: to complete data), RLAST where ARLEN says.
/// tests/unit/serve/tsr_axi_checker.cpp shows that each can fire.
/// Drives nothing; empty for synthesis.
`include "tsr_assert.svh"
module tsr_axi_checker
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic     clk_i,
  input  logic     rst_ni,
  /* verilator lint_off UNUSEDSIGNAL */            // it watches, and not every field obeys a rule
  input  axi_req_t req_i,
  input  axi_rsp_t rsp_i
  /* verilator lint_on UNUSEDSIGNAL */
);
`ifdef TSR_CHECKS
  // bursts remembered, more than can be outstanding
  localparam int unsigned Depth = 256;
  localparam int unsigned BeatShift = $clog2(DmaBytes);

  function automatic logic burst_ok(input logic [39:0] addr, input logic [7:0] len,
                                    input logic [2:0] size,
                                    input logic [1:0] burst);
    burst_ok = (burst == 2'd1) && (size == 3'(BeatShift)) &&
               ((addr & (40'(DmaBytes) - 40'd1)) == '0) &&
               ((32'(addr & 40'hfff) + ((32'(len) + 32'd1) << BeatShift)) <= 32'd4096);
  endfunction

  // ---- Stability --------------------------------------------------------------------------------
  logic                aw_held_q, w_held_q, ar_held_q, r_held_q, b_held_q;
  logic [51:0]         aw_q, ar_q;
  logic [DmaBits-1:0]  wdata_q;
  logic [DmaBytes-1:0] wstrb_q;
  logic                wlast_q;
  logic [DmaBits-1:0]  rdata_q;
  logic [6:0]          r_q;
  logic [5:0]          b_q;
  always_ff @(posedge clk_i) begin
    aw_held_q <= rst_ni && req_i.awvalid && !rsp_i.awready;
    w_held_q <= rst_ni && req_i.wvalid && !rsp_i.wready;
    ar_held_q <= rst_ni && req_i.arvalid && !rsp_i.arready;
    r_held_q <= rst_ni && rsp_i.rvalid && !req_i.rready;
    b_held_q <= rst_ni && rsp_i.bvalid && !req_i.bready;
    if (req_i.awvalid) aw_q <= {req_i.awid, req_i.awaddr, req_i.awlen};
    if (req_i.arvalid) ar_q <= {req_i.arid, req_i.araddr, req_i.arlen};
    if (req_i.wvalid) {wdata_q, wstrb_q, wlast_q} <= {req_i.wdata, req_i.wstrb, req_i.wlast};
    if (rsp_i.rvalid) {rdata_q, r_q} <= {rsp_i.rdata, rsp_i.rid, rsp_i.rresp, rsp_i.rlast};
    if (rsp_i.bvalid) b_q <= {rsp_i.bid, rsp_i.bresp};
  end

  `TSR_ASSERT(AwStable_A, aw_held_q ->
              req_i.awvalid && aw_q == {req_i.awid, req_i.awaddr, req_i.awlen})
  `TSR_ASSERT(ArStable_A, ar_held_q ->
              req_i.arvalid && ar_q == {req_i.arid, req_i.araddr, req_i.arlen})
  `TSR_ASSERT(WStable_A, w_held_q -> req_i.wvalid &&
              {wdata_q, wstrb_q, wlast_q} == {req_i.wdata, req_i.wstrb, req_i.wlast})
  `TSR_ASSERT(RStable_A, r_held_q -> rsp_i.rvalid &&
              {rdata_q, r_q} == {rsp_i.rdata, rsp_i.rid, rsp_i.rresp, rsp_i.rlast})
  `TSR_ASSERT(BStable_A, b_held_q -> rsp_i.bvalid && b_q == {rsp_i.bid, rsp_i.bresp})
  `TSR_ASSERT(AwBurst_A, req_i.awvalid ->
              req_i.awid < 4'd2 && burst_ok(req_i.awaddr, req_i.awlen, req_i.awsize, req_i.awburst))
  `TSR_ASSERT(ArBurst_A, req_i.arvalid ->
              req_i.arid < 4'd2 && burst_ok(req_i.araddr, req_i.arlen, req_i.arsize, req_i.arburst))

  // ---- Lengths and outstanding bursts -----------------------------------------------------------
  logic [7:0] aw_len_q [Depth], w_len_q [Depth], ar0_len_q [Depth], ar1_len_q [Depth];
  logic [7:0] aw_put_q, w_put_q, w_beat_q, b_get_q, r0_put_q, r0_get_q, r0_beat_q, r1_put_q,
              r1_get_q, r1_beat_q;
  logic [8:0] b0_q, b1_q;                          // writes outstanding
  logic       r_one, aw_take, w_done;
  // bursts whose data came before the address; high bit: fewer
  logic [7:0] w_ahead;
  assign r_one = rsp_i.rid[0];
  assign aw_take = req_i.awvalid && rsp_i.awready;
  assign w_done = req_i.wvalid && rsp_i.wready && req_i.wlast;
  assign w_ahead = w_put_q - aw_put_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {aw_put_q, w_put_q, w_beat_q, b_get_q, r0_put_q, r0_get_q, r0_beat_q, r1_put_q, r1_get_q,
       r1_beat_q} <= '0;
      {b0_q, b1_q} <= '0;
    end else begin
      if (aw_take) begin
        aw_len_q[aw_put_q] <= req_i.awlen;
        aw_put_q <= aw_put_q + 8'd1;
      end
      if (req_i.wvalid && rsp_i.wready) w_beat_q <= req_i.wlast ? 8'd0 : w_beat_q + 8'd1;
      if (w_done) begin
        w_len_q[w_put_q] <= w_beat_q;
        w_put_q <= w_put_q + 8'd1;
      end
      b0_q <= b0_q + 9'(aw_take && req_i.awid == 4'd0) -
              9'(rsp_i.bvalid && req_i.bready && rsp_i.bid == 4'd0);
      b1_q <= b1_q + 9'(aw_take && req_i.awid == 4'd1) -
              9'(rsp_i.bvalid && req_i.bready && rsp_i.bid == 4'd1);
      if (rsp_i.bvalid && req_i.bready) b_get_q <= b_get_q + 8'd1;
      if (req_i.arvalid && rsp_i.arready && req_i.arid == 4'd0) begin
        ar0_len_q[r0_put_q] <= req_i.arlen;
        r0_put_q <= r0_put_q + 8'd1;
      end
      if (req_i.arvalid && rsp_i.arready && req_i.arid == 4'd1) begin
        ar1_len_q[r1_put_q] <= req_i.arlen;
        r1_put_q <= r1_put_q + 8'd1;
      end
      if (rsp_i.rvalid && req_i.rready && !r_one) begin
        r0_beat_q <= rsp_i.rlast ? 8'd0 : r0_beat_q + 8'd1;
        if (rsp_i.rlast) r0_get_q <= r0_get_q + 8'd1;
      end
      if (rsp_i.rvalid && req_i.rready && r_one) begin
        r1_beat_q <= rsp_i.rlast ? 8'd0 : r1_beat_q + 8'd1;
        if (rsp_i.rlast) r1_get_q <= r1_get_q + 8'd1;
      end
    end
  end

  // Both halves of a burst are compared when the later one is taken.
  `TSR_ASSERT(WLastPlace_A, aw_take && w_ahead == 8'd0 && w_done -> req_i.awlen == w_beat_q)
  `TSR_ASSERT(WLastPlaceEarly_A, aw_take && w_ahead != 8'd0 && !w_ahead[7] ->
              req_i.awlen == w_len_q[aw_put_q])
  `TSR_ASSERT(WLastPlaceLate_A, w_done && w_ahead[7] -> aw_len_q[w_put_q] == w_beat_q)
  `TSR_ASSERT(BKnown_A, rsp_i.bvalid ->
              (rsp_i.bid == 4'd0 && b0_q != '0) || (rsp_i.bid == 4'd1 && b1_q != '0))
  `TSR_ASSERT(BAfterData_A, rsp_i.bvalid -> b_get_q != w_put_q)
  `TSR_ASSERT(RKnown_A, rsp_i.rvalid ->
              rsp_i.rid < 4'd2 && (r_one ? r1_put_q != r1_get_q : r0_put_q != r0_get_q))
  `TSR_ASSERT(RLastPlace_A, rsp_i.rvalid ->
              rsp_i.rlast == (r_one ? r1_beat_q == ar1_len_q[r1_get_q] :
                              r0_beat_q == ar0_len_q[r0_get_q]))
`endif
endmodule
