// SPDX-License-Identifier: Apache-2.0
/// Network interface: packets of the fabric to flits of the router's local port and back, two message classes.
///
/// Latency: taken last beat of a packet on `tx_*` to its head on the link 2 cycles (3 for a packet of one beat); sampled
/// flit that completes a beat to `rx_*_valid_o` 2 cycles, to its credit 2 cycles. One flit per cycle each way.
/// A packet starts when its payload is complete in the buffer of its class. VC = {class, parity of the coordinates}.
/// Order: packets of a class leave in order; those of one VC arrive in order, and packets of the two VCs of a class
/// never mix on `rx_*`. The classes share only link cycles, in turn: neither waits for credits or readys of the other.
/// A flit's credit returns when the flit has left its VC buffer for a beat register that is free. Errors: none here.
module tsr_ni
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
#(
  parameter int unsigned FlitW = LinkBits,         // a power of two from 64, smaller or larger than BeatW
  parameter int unsigned BeatW = DmaBits,
  parameter int unsigned Depth = VcDepth           // flits per VC, here and in the router
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // Packets to the network
  input  logic             tx_req_valid_i,
  output logic             tx_req_ready_o,
  input  hdr_t             tx_req_hdr_i,
  input  logic [BeatW-1:0] tx_req_data_i,
  input  logic             tx_req_last_i,
  input  logic             tx_rsp_valid_i,
  output logic             tx_rsp_ready_o,
  input  hdr_t             tx_rsp_hdr_i,
  input  logic [BeatW-1:0] tx_rsp_data_i,
  input  logic             tx_rsp_last_i,
  // Packets from the network
  output logic             rx_req_valid_o,
  input  logic             rx_req_ready_i,
  output hdr_t             rx_req_hdr_o,
  output logic [BeatW-1:0] rx_req_data_o,
  output logic             rx_req_last_o,
  output logic             rx_rsp_valid_o,
  input  logic             rx_rsp_ready_i,
  output hdr_t             rx_rsp_hdr_o,
  output logic [BeatW-1:0] rx_rsp_data_o,
  output logic             rx_rsp_last_o,
  // Flits to the router, credits back
  output logic             link_valid_o,
  output logic [1:0]       link_vc_o,
  output logic             link_head_o,
  output logic             link_tail_o,
  output logic [FlitW-1:0] link_data_o,
  input  logic             link_credit_valid_i,
  input  logic [1:0]       link_credit_vc_i,
  // Flits from the router, credits back
  input  logic             link_valid_i,
  input  logic [1:0]       link_vc_i,
  input  logic             link_head_i,
  input  logic             link_tail_i,
  input  logic [FlitW-1:0] link_data_i,
  output logic             link_credit_valid_o,
  output logic [1:0]       link_credit_vc_o,
  output logic             quiet_o
);
  localparam int unsigned CreditW = $clog2(Depth + 1);
  if (FlitW < 64 || FlitW % 8 != 0) begin : gen_width
    $error("the first flit must hold coordinates, kind and length");
  end

  /////////////
  // Sending //
  /////////////
  // Index = message class: 0 request, 1 response
  logic [1:0]       tx_valid, tx_take, tx_spread, tx_head, tx_tail, tx_quiet, tx_can;
  logic [FlitW-1:0] tx_data [2];
  tsr_ni_tx #(.FlitW(FlitW), .BeatW(BeatW)) u_tx_req (
    .clk_i, .rst_ni,
    .in_valid_i(tx_req_valid_i), .in_ready_o(tx_req_ready_o), .in_hdr_i(tx_req_hdr_i), .in_data_i(tx_req_data_i),
    .in_last_i(tx_req_last_i),
    .flit_valid_o(tx_valid[0]), .flit_take_i(tx_take[0]), .flit_spread_o(tx_spread[0]), .flit_head_o(tx_head[0]),
    .flit_tail_o(tx_tail[0]), .flit_data_o(tx_data[0]), .quiet_o(tx_quiet[0])
  );
  tsr_ni_tx #(.FlitW(FlitW), .BeatW(BeatW)) u_tx_rsp (
    .clk_i, .rst_ni,
    .in_valid_i(tx_rsp_valid_i), .in_ready_o(tx_rsp_ready_o), .in_hdr_i(tx_rsp_hdr_i), .in_data_i(tx_rsp_data_i),
    .in_last_i(tx_rsp_last_i),
    .flit_valid_o(tx_valid[1]), .flit_take_i(tx_take[1]), .flit_spread_o(tx_spread[1]), .flit_head_o(tx_head[1]),
    .flit_tail_o(tx_tail[1]), .flit_data_o(tx_data[1]), .quiet_o(tx_quiet[1])
  );

  logic [CreditW-1:0] credits_q [4];
  logic               send, cls, send_arb_quiet;
  assign tx_can[0] = tx_valid[0] && credits_q[{1'b0, tx_spread[0]}] != '0;
  assign tx_can[1] = tx_valid[1] && credits_q[{1'b1, tx_spread[1]}] != '0;
  tsr_rr_arb #(.N(2)) u_send_arb (
    .clk_i, .rst_ni, .req_i(tx_can), .ready_i(1'b1), .last_i(1'b1),
    .valid_o(send), .grant_o(tx_take), .index_o(cls), .quiet_o(send_arb_quiet)
  );

  logic             valid_q, head_q, tail_q;
  logic [1:0]       vc_q;
  logic [FlitW-1:0] data_q;
  always_ff @(posedge clk_i) begin
    logic [CreditW-1:0] credits [4];
    if (!rst_ni) begin
      valid_q <= 1'b0;
      for (int unsigned v = 0; v < 4; v++) credits_q[v] <= CreditW'(Depth);
    end else begin
      valid_q <= send;
      if (send || link_credit_valid_i) begin
        credits = credits_q;
        if (link_credit_valid_i) credits[link_credit_vc_i] = credits[link_credit_vc_i] + CreditW'(1);
        if (send) credits[{cls, tx_spread[cls]}] = credits[{cls, tx_spread[cls]}] - CreditW'(1);
        credits_q <= credits;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (send) begin
      vc_q <= {cls, tx_spread[cls]};
      head_q <= tx_head[cls];
      tail_q <= tx_tail[cls];
      data_q <= tx_data[cls];
    end
  end
  assign link_valid_o = valid_q;
  assign link_vc_o = vc_q;
  assign link_head_o = head_q;
  assign link_tail_o = tail_q;
  assign link_data_o = data_q;

  ///////////////
  // Receiving //
  ///////////////
  logic [3:0]       req, may;                      // VCs with a flit; those whose flit may be taken now
  logic             pop, flit_head, flit_tail, pop_arb_quiet;
  logic [1:0]       pop_vc, rx_ready, rx_take, rx_quiet;
  logic [3:0]       pop_grant;
  logic [FlitW-1:0] flit_data;
  tsr_vc_buffer #(.Width(FlitW), .Depth(Depth), .NumVcs(4), .NumRoutes(1)) u_buffer (
    .clk_i, .rst_ni,
    .in_valid_i(link_valid_i), .in_vc_i(link_vc_i), .in_head_i(link_head_i), .in_tail_i(link_tail_i),
    .in_route_i(3'd0), .in_data_i(link_data_i),
    .req_o(req), .pop_i(pop), .pop_vc_i(pop_vc),
    .flit_head_o(flit_head), .flit_tail_o(flit_tail), .flit_data_o(flit_data));

  // A class takes the packet of one VC to its end before it looks at the other VC.
  logic [1:0] inside_q, spread_q;
  always_comb begin
    for (int unsigned c = 0; c < 2; c++) begin
      for (int unsigned s = 0; s < 2; s++) begin
        may[2*c+s] = req[2*c+s] && rx_ready[c] && (!inside_q[c] || spread_q[c] == 1'(s));
      end
    end
  end
  tsr_rr_arb #(.N(4)) u_pop_arb (
    .clk_i, .rst_ni, .req_i(may), .ready_i(1'b1), .last_i(1'b1),
    .valid_o(pop), .grant_o(pop_grant), .index_o(pop_vc), .quiet_o(pop_arb_quiet)
  );
  assign rx_take = {|pop_grant[3:2], |pop_grant[1:0]};

  logic       credit_valid_q;
  logic [1:0] credit_vc_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      credit_valid_q <= 1'b0;
      inside_q <= '0;
      spread_q <= '0;
    end else begin
      credit_valid_q <= pop;
      if (pop) begin
        inside_q[pop_vc[1]] <= !flit_tail;
        spread_q[pop_vc[1]] <= pop_vc[0];
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (pop) credit_vc_q <= pop_vc;
  end
  assign link_credit_valid_o = credit_valid_q;
  assign link_credit_vc_o = credit_vc_q;

  tsr_ni_rx #(.FlitW(FlitW), .BeatW(BeatW)) u_rx_req (
    .clk_i, .rst_ni,
    .flit_ready_o(rx_ready[0]), .flit_take_i(rx_take[0]), .flit_head_i(flit_head), .flit_tail_i(flit_tail), .flit_data_i(flit_data),
    .out_valid_o(rx_req_valid_o), .out_ready_i(rx_req_ready_i), .out_hdr_o(rx_req_hdr_o), .out_data_o(rx_req_data_o),
    .out_last_o(rx_req_last_o), .quiet_o(rx_quiet[0])
  );
  tsr_ni_rx #(.FlitW(FlitW), .BeatW(BeatW)) u_rx_rsp (
    .clk_i, .rst_ni,
    .flit_ready_o(rx_ready[1]), .flit_take_i(rx_take[1]), .flit_head_i(flit_head), .flit_tail_i(flit_tail), .flit_data_i(flit_data),
    .out_valid_o(rx_rsp_valid_o), .out_ready_i(rx_rsp_ready_i), .out_hdr_o(rx_rsp_hdr_o), .out_data_o(rx_rsp_data_o),
    .out_last_o(rx_rsp_last_o), .quiet_o(rx_quiet[1])
  );

  assign quiet_o = (tx_quiet & rx_quiet) == 2'b11 && send_arb_quiet && pop_arb_quiet && !valid_q && !credit_valid_q &&
                   !link_valid_i && !link_credit_valid_i;

`ifndef SYNTHESIS
  // --- Assertions -----------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (send) SendHasCredit_A: assert (credits_q[{cls, tx_spread[cls]}] != '0);
      if (link_credit_valid_i) NoCreditOverflow_A: assert (credits_q[link_credit_vc_i] != CreditW'(Depth)) else $error("credit too many");
      if (tx_req_valid_i) RequestClass_A: assert (tx_req_hdr_i.kind == KindRdReq || tx_req_hdr_i.kind == KindWrReq);
      if (tx_rsp_valid_i) ResponseClass_A: assert (tx_rsp_hdr_i.kind == KindRdRsp || tx_rsp_hdr_i.kind == KindWrRsp);
    end
  end
`endif
endmodule
