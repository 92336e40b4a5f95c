// SPDX-License-Identifier: Apache-2.0
/// Network interface: packets of the fabric to flits of the router's local port and back, one pair
/// of streams for each message class (NumClasses: requests, responses).
///
/// Latency: taken last beat of a packet on `tx_*` to its head on the link 2 cycles (3 for a packet
/// of one beat); sampled flit that completes a beat to `rx_valid_o` 2 cycles, to its credit 2
/// cycles.
/// One flit per cycle each way.
/// A packet starts when its payload is complete in the buffer of its class. Its VC is that of the
/// topology (`entry_vc`): the class, and the lane within it.
/// Order: packets of a class leave in order; those of one VC arrive in order, and packets of the
/// VCs of a class never mix on `rx_*`. The classes share only link cycles, in turn: neither waits
/// for credits or readys of the other.
/// A flit's credit returns when the flit has left its VC buffer for a beat register that is free.
/// Errors: none here.
`include "tsr_assert.svh"
module tsr_ni
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_topology_pkg::*;
#(
  parameter int unsigned Depth = VcDepth           // flits per VC, here and in the router
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // Packets to the network
  input  logic [NumClasses-1:0] tx_valid_i,
  output logic [NumClasses-1:0] tx_ready_o,
  input  pkt_t                  tx_i [NumClasses],
  // Packets from the network
  output logic [NumClasses-1:0] rx_valid_o,
  input  logic [NumClasses-1:0] rx_ready_i,
  output pkt_t                  rx_o [NumClasses],
  // Flits to the router, credits for them
  output logic                  link_valid_o,
  output link_t                 link_o,
  input  logic                  credit_valid_i,
  input  credit_t               credit_i,
  // Flits from the router, credits for them
  input  logic                  link_valid_i,
  input  link_t                 link_i,
  output logic                  credit_valid_o,
  output credit_t               credit_o,
  output logic                  quiet_o
);
  localparam int unsigned CreditW = $clog2(Depth + 1);
  localparam int unsigned ClassW = $clog2(NumClasses);
  localparam int unsigned LaneW = $clog2(NumLanes);
  if (LinkBits < 64 || LinkBits % 8 != 0) begin : gen_width
    $error("the first flit must hold coordinates, kind and length");
  end

  // ---- Sending ----------------------------------------------------------------------------------
  logic [NumClasses-1:0] tx_flit_valid, tx_flit_take, tx_quiet, can;
  link_t                 tx_flit [NumClasses];
  logic [CreditW-1:0]    credits_q [LinkVcs];
  for (genvar c = 0; c < NumClasses; c++) begin : gen_tx
    tsr_ni_tx u_tx (
      .clk_i, .rst_ni, .in_valid_i(tx_valid_i[c]), .in_ready_o(tx_ready_o[c]), .in_i(tx_i[c]),
      .flit_valid_o(tx_flit_valid[c]), .flit_take_i(tx_flit_take[c]), .flit_o(tx_flit[c]),
      .quiet_o(tx_quiet[c])
    );
    assign can[c] = tx_flit_valid[c] && credits_q[tx_flit[c].vc] != '0;
  end

  logic              send, send_arb_quiet;
  logic [ClassW-1:0] send_class;
  tsr_rr_arb #(.N(NumClasses)) u_send_arb (
    .clk_i, .rst_ni, .req_i(can), .ready_i(1'b1), .last_i(1'b1),
    .valid_o(send), .grant_o(tx_flit_take), .index_o(send_class), .quiet_o(send_arb_quiet)
  );

  logic  link_valid_q;
  link_t link_q;
  always_ff @(posedge clk_i) begin
    logic [CreditW-1:0] credits [LinkVcs];
    logic [LinkVcW-1:0]     vc;
    if (!rst_ni) begin
      link_valid_q <= 1'b0;
      for (int unsigned v = 0; v < LinkVcs; v++) credits_q[v] <= CreditW'(Depth);
    end else begin
      link_valid_q <= send;
      if (send || credit_valid_i) begin
        credits = credits_q;
        vc = tx_flit[send_class].vc;
        if (credit_valid_i) credits[credit_i.vc] = credits[credit_i.vc] + CreditW'(1);
        if (send) credits[vc] = credits[vc] - CreditW'(1);
        credits_q <= credits;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (send) link_q <= tx_flit[send_class];
  end
  assign link_valid_o = link_valid_q;
  assign link_o = link_q;

  // ---- Receiving --------------------------------------------------------------------------------
  logic [LinkVcs-1:0]     req, may;                 // VCs with a flit; those that may be taken
  logic                  pop, pop_arb_quiet;
  logic [LinkVcW-1:0]        pop_vc;
  logic [LinkVcs-1:0]     pop_grant;
  link_t                 flit;
  logic [NumClasses-1:0] rx_flit_ready, rx_flit_take, rx_quiet;
  tsr_vc_buffer #(.NumPorts(1), .NumVcs(LinkVcs), .Depth(Depth)) u_buffer (
    .clk_i, .rst_ni, .link_valid_i, .link_i, .port_i(1'b0),
    .req_o(req), .pop_i(pop), .pop_vc_i(pop_vc), .flit_o(flit)
  );

  // A class takes the packet of one VC to its end before it looks at the others.
  logic [NumClasses-1:0] inside_q;
  logic [LaneW-1:0]      lane_q [NumClasses];
  always_comb begin
    for (int unsigned c = 0; c < NumClasses; c++) begin
      for (int unsigned l = 0; l < NumLanes; l++) begin
        may[NumLanes*c + l] = req[NumLanes*c + l] && rx_flit_ready[c] &&
                              (!inside_q[c] || lane_q[c] == LaneW'(l));
      end
    end
  end
  tsr_rr_arb #(.N(LinkVcs)) u_pop_arb (
    .clk_i, .rst_ni, .req_i(may), .ready_i(1'b1), .last_i(1'b1),
    .valid_o(pop), .grant_o(pop_grant), .index_o(pop_vc), .quiet_o(pop_arb_quiet)
  );

  logic              credit_valid_q;
  credit_t           credit_q;
  logic [ClassW-1:0] pop_class;
  logic [LaneW-1:0]  pop_lane;
  assign {pop_class, pop_lane} = pop_vc;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      credit_valid_q <= 1'b0;
      inside_q <= '0;
      for (int unsigned c = 0; c < NumClasses; c++) lane_q[c] <= '0;
    end else begin
      credit_valid_q <= pop;
      if (pop) begin
        inside_q[pop_class] <= !flit.tail;
        lane_q[pop_class] <= pop_lane;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (pop) credit_q.vc <= pop_vc;
  end
  assign credit_valid_o = credit_valid_q;
  assign credit_o = credit_q;

  for (genvar c = 0; c < NumClasses; c++) begin : gen_rx
    assign rx_flit_take[c] = |pop_grant[NumLanes*c +: NumLanes];
    tsr_ni_rx u_rx (
      .clk_i, .rst_ni,
      .flit_ready_o(rx_flit_ready[c]), .flit_take_i(rx_flit_take[c]), .flit_i(flit),
      .out_valid_o(rx_valid_o[c]), .out_ready_i(rx_ready_i[c]), .out_o(rx_o[c]),
      .quiet_o(rx_quiet[c])
    );
  end

  assign quiet_o = (&tx_quiet) && (&rx_quiet) && send_arb_quiet && pop_arb_quiet && !link_valid_q &&
                   !credit_valid_q && !link_valid_i && !credit_valid_i;

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(SendHasCredit_A, send -> credits_q[tx_flit[send_class].vc] != '0)
  `TSR_ASSERT(NoCreditOverflow_A, credit_valid_i -> credits_q[credit_i.vc] != CreditW'(Depth),
              "credit too many")
  `TSR_ASSERT(RequestClass_A, tx_valid_i[ClassReq] ->
              tx_i[ClassReq].hdr.kind == KindRdReq || tx_i[ClassReq].hdr.kind == KindWrReq)
  `TSR_ASSERT(ResponseClass_A, tx_valid_i[ClassRsp] ->
              tx_i[ClassRsp].hdr.kind == KindRdRsp || tx_i[ClassRsp].hdr.kind == KindWrRsp)
endmodule
