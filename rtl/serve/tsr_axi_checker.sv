// SPDX-License-Identifier: Apache-2.0
/// Assertions on an AXI4 port whose manager uses ids 0 and 1: payload stable until taken, INCR bursts of whole beats that
/// stay in their 4 KiB page, WLAST where AWLEN says, responses only to what is outstanding (a write: to complete data),
/// RLAST where ARLEN says. tests/unit/axi_checker_test.cpp shows that each can fire.
/// Drives nothing; empty for synthesis.
module tsr_axi_checker
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
(
  /* verilator lint_off UNUSEDSIGNAL */ // it watches, and not every field obeys a rule
  input logic                clk_i,
  input logic                rst_ni,
  input logic [3:0]          awid,
  input logic [39:0]         awaddr,
  input logic [7:0]          awlen,
  input logic [2:0]          awsize,
  input logic [1:0]          awburst,
  input logic                awvalid,
  input logic                awready,
  input logic [DmaBits-1:0]  wdata,
  input logic [DmaBytes-1:0] wstrb,
  input logic                wlast,
  input logic                wvalid,
  input logic                wready,
  input logic [3:0]          bid,
  input logic [1:0]          bresp,
  input logic                bvalid,
  input logic                bready,
  input logic [3:0]          arid,
  input logic [39:0]         araddr,
  input logic [7:0]          arlen,
  input logic [2:0]          arsize,
  input logic [1:0]          arburst,
  input logic                arvalid,
  input logic                arready,
  input logic [3:0]          rid,
  input logic [DmaBits-1:0]  rdata,
  input logic [1:0]          rresp,
  input logic                rlast,
  input logic                rvalid,
  input logic                rready
  /* verilator lint_on UNUSEDSIGNAL */
);
`ifndef SYNTHESIS
  localparam int unsigned Depth = 256;             // bursts remembered, more than can be outstanding
  localparam int unsigned BeatShift = $clog2(DmaBytes);

  function automatic logic burst_ok(input logic [39:0] addr, input logic [7:0] len, input logic [2:0] size,
                                    input logic [1:0] burst);
    burst_ok = (burst == 2'd1) && (size == 3'(BeatShift)) && ((addr & (40'(DmaBytes) - 40'd1)) == '0) &&
               ((32'(addr & 40'hfff) + ((32'(len) + 32'd1) << BeatShift)) <= 32'd4096);
  endfunction

  // ---- Stability ------------------------------------------------------------------------------------------
  logic                aw_held_q, w_held_q, ar_held_q, r_held_q, b_held_q;
  logic [51:0]         aw_q, ar_q;
  logic [DmaBits-1:0]  wdata_q;
  logic [DmaBytes-1:0] wstrb_q;
  logic                wlast_q;
  logic [DmaBits-1:0]  rdata_q;
  logic [6:0]          r_q;
  logic [5:0]          b_q;
  always_ff @(posedge clk_i) begin
    aw_held_q <= rst_ni && awvalid && !awready;
    w_held_q <= rst_ni && wvalid && !wready;
    ar_held_q <= rst_ni && arvalid && !arready;
    r_held_q <= rst_ni && rvalid && !rready;
    b_held_q <= rst_ni && bvalid && !bready;
    if (awvalid) aw_q <= {awid, awaddr, awlen};
    if (arvalid) ar_q <= {arid, araddr, arlen};
    if (wvalid) {wdata_q, wstrb_q, wlast_q} <= {wdata, wstrb, wlast};
    if (rvalid) {rdata_q, r_q} <= {rdata, rid, rresp, rlast};
    if (bvalid) b_q <= {bid, bresp};
    if (rst_ni) begin
      if (aw_held_q) AwStable_A: assert (awvalid && aw_q == {awid, awaddr, awlen});
      if (ar_held_q) ArStable_A: assert (arvalid && ar_q == {arid, araddr, arlen});
      if (w_held_q) WStable_A: assert (wvalid && {wdata_q, wstrb_q, wlast_q} == {wdata, wstrb, wlast});
      if (r_held_q) RStable_A: assert (rvalid && {rdata_q, r_q} == {rdata, rid, rresp, rlast});
      if (b_held_q) BStable_A: assert (bvalid && b_q == {bid, bresp});
      if (awvalid) AwBurst_A: assert (burst_ok(awaddr, awlen, awsize, awburst) && awid < 4'd2);
      if (arvalid) ArBurst_A: assert (burst_ok(araddr, arlen, arsize, arburst) && arid < 4'd2);
    end
  end

  // ---- Lengths and outstanding bursts -----------------------------------------------------------------------
  logic [7:0] aw_len_q [Depth], w_len_q [Depth], ar0_len_q [Depth], ar1_len_q [Depth];
  logic [7:0] aw_put_q, w_put_q, w_beat_q, b_get_q, r0_put_q, r0_get_q, r0_beat_q, r1_put_q, r1_get_q, r1_beat_q;
  logic [8:0] b0_q, b1_q;                          // writes outstanding
  logic       r_one, aw_take, w_done;
  logic [7:0] w_ahead;                             // bursts whose data came before the address; high bit: fewer
  assign r_one = rid[0];
  assign aw_take = awvalid && awready;
  assign w_done = wvalid && wready && wlast;
  assign w_ahead = w_put_q - aw_put_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {aw_put_q, w_put_q, w_beat_q, b_get_q, r0_put_q, r0_get_q, r0_beat_q, r1_put_q, r1_get_q, r1_beat_q} <= '0;
      {b0_q, b1_q} <= '0;
    end else begin
      if (aw_take) begin
        aw_len_q[aw_put_q] <= awlen;
        aw_put_q <= aw_put_q + 8'd1;
      end
      if (wvalid && wready) w_beat_q <= wlast ? 8'd0 : w_beat_q + 8'd1;
      if (w_done) begin
        w_len_q[w_put_q] <= w_beat_q;
        w_put_q <= w_put_q + 8'd1;
      end
      // Both halves of a burst are compared when the later one is taken.
      if (aw_take && w_ahead == 8'd0 && w_done) WLastPlace_A: assert (awlen == w_beat_q);
      if (aw_take && w_ahead != 8'd0 && !w_ahead[7]) WLastPlaceEarly_A: assert (awlen == w_len_q[aw_put_q]);
      if (w_done && w_ahead[7]) WLastPlaceLate_A: assert (aw_len_q[w_put_q] == w_beat_q);
      b0_q <= b0_q + 9'(aw_take && awid == 4'd0) - 9'(bvalid && bready && bid == 4'd0);
      b1_q <= b1_q + 9'(aw_take && awid == 4'd1) - 9'(bvalid && bready && bid == 4'd1);
      if (bvalid) BKnown_A: assert ((bid == 4'd0 && b0_q != '0) || (bid == 4'd1 && b1_q != '0));
      if (bvalid) BAfterData_A: assert (b_get_q != w_put_q);
      if (bvalid && bready) b_get_q <= b_get_q + 8'd1;
      if (arvalid && arready && arid == 4'd0) begin
        ar0_len_q[r0_put_q] <= arlen;
        r0_put_q <= r0_put_q + 8'd1;
      end
      if (arvalid && arready && arid == 4'd1) begin
        ar1_len_q[r1_put_q] <= arlen;
        r1_put_q <= r1_put_q + 8'd1;
      end
      if (rvalid) begin
        RKnown_A: assert (rid < 4'd2 && (r_one ? r1_put_q != r1_get_q : r0_put_q != r0_get_q));
        RLastPlace_A: assert (rlast == (r_one ? r1_beat_q == ar1_len_q[r1_get_q] : r0_beat_q == ar0_len_q[r0_get_q]));
      end
      if (rvalid && rready && !r_one) begin
        r0_beat_q <= rlast ? 8'd0 : r0_beat_q + 8'd1;
        if (rlast) r0_get_q <= r0_get_q + 8'd1;
      end
      if (rvalid && rready && r_one) begin
        r1_beat_q <= rlast ? 8'd0 : r1_beat_q + 8'd1;
        if (rlast) r1_get_q <= r1_get_q + 8'd1;
      end
    end
  end
`endif
endmodule
