// SPDX-License-Identifier: Apache-2.0
/// Cover points of the router, bound into it in models built with coverage. Meaning of each: tests/coverage/plan.csv.
module tsr_router_cover
  import tsr_if_pkg::*;
#(
  parameter int unsigned CreditW = 4
) (
  input logic               clk_i,
  input logic               rst_ni,
  input logic [4:0]         send_i,
  input logic [1:0]         send_vc_i [5],
  input logic [2:0]         send_from_i [5],
  input link_t              flit_i [5],            // the one that leaves each input
  input logic [19:0]        req_i [5],
  input logic [CreditW-1:0] credits_i [20],
  input logic [4:0]         credit_valid_i,
  input credit_t            credit_i [5]
);
  localparam int unsigned N = 0, E = 1, S = 2, W = 3, L = 4;

  logic straight_x, straight_y, turn, eject, inject, contention, no_credit, single, body, credit_and_send, interleave;
  logic [4:0] open_q;                              // the flit sent last over each output was no tail
  logic [1:0] last_vc_q [5];

  always_comb begin
    logic [4:0] wants;
    straight_x = (send_i[E] && send_from_i[E] == 3'(W)) || (send_i[W] && send_from_i[W] == 3'(E));
    straight_y = (send_i[N] && send_from_i[N] == 3'(S)) || (send_i[S] && send_from_i[S] == 3'(N));
    turn = (send_i[N] && (send_from_i[N] == 3'(E) || send_from_i[N] == 3'(W))) ||
           (send_i[S] && (send_from_i[S] == 3'(E) || send_from_i[S] == 3'(W)));
    eject = send_i[L];
    inject = 1'b0;
    contention = 1'b0;
    no_credit = 1'b0;
    single = 1'b0;
    body = 1'b0;
    credit_and_send = 1'b0;
    interleave = 1'b0;
    for (int unsigned o = 0; o < 5; o++) begin
      if (send_i[o]) begin
        if (send_from_i[o] == 3'(L)) inject = 1'b1;
        if (flit_i[send_from_i[o]].head && flit_i[send_from_i[o]].tail) single = 1'b1;
        if (!flit_i[send_from_i[o]].head && !flit_i[send_from_i[o]].tail) body = 1'b1;
        if (credit_valid_i[o] && credit_i[o].vc == send_vc_i[o]) credit_and_send = 1'b1;
        if (open_q[o] && send_vc_i[o] != last_vc_q[o]) interleave = 1'b1;
      end
      for (int unsigned i = 0; i < 5; i++) begin
        wants[i] = req_i[i][4*o+:4] != '0;
        for (int unsigned v = 0; v < 4; v++) if (req_i[i][4*o+v] && credits_i[4*o+v] == '0) no_credit = 1'b1;
      end
      if ((wants & (wants - 5'd1)) != '0) contention = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) open_q <= '0;
    for (int unsigned o = 0; o < 5; o++) begin
      if (rst_ni && send_i[o]) begin
        open_q[o] <= !flit_i[send_from_i[o]].tail;
        last_vc_q[o] <= send_vc_i[o];
      end
    end
  end

  StraightX_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) straight_x);
  StraightY_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) straight_y);
  TurnXToY_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) turn);
  Eject_C:         cover property (@(posedge clk_i) disable iff (!rst_ni) eject);
  Inject_C:        cover property (@(posedge clk_i) disable iff (!rst_ni) inject);
  Contention_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) contention);
  NoCredit_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) no_credit);
  FiveAtOnce_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) send_i == 5'h1f);
  SingleFlit_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) single);
  BodyFlit_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) body);
  CreditAndSend_C: cover property (@(posedge clk_i) disable iff (!rst_ni) credit_and_send);
  Interleave_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) interleave);
endmodule

bind tsr_router tsr_router_cover #(.CreditW($clog2(Depth + 1))) u_cover (
  .clk_i, .rst_ni, .send_i(send), .send_vc_i(send_vc), .send_from_i(send_from), .flit_i(flit), .req_i(req),
  .credits_i(u_alloc.credits_q), .credit_valid_i, .credit_i
);
