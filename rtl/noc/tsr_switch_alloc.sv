// SPDX-License-Identifier: Apache-2.0
/// Switch allocator of the router: decides in every cycle which buffered flit goes to which output.
///
/// One flit per output and per input and cycle. A flit is *eligible* when its output VC (the same
/// number as its input VC) has a credit and is free or held for its packet; a head takes the VC, the
/// tail frees it.
/// Latency: `send_*`, `pop_*` are combinational from `req_i` and registers; a credit counts one cycle
/// after its input.
///
/// Bound on waiting, in three steps:
/// 1. A turn passes over the 20 (input, VC); in every cycle the first eligible one from the turn on
///    goes before all others, and the turn moves behind it. Held VCs stay held and credits of a VC
///    are taken by its packet alone, so an eligible flit stays eligible: it leaves within 20 cycles.
/// 2. When a tail leaves, its output VC is held at once for the next input, in cyclic order, whose
///    head waits for it. So at most 3 packets go before a waiting head (4 inputs; none turns back).
/// 3. With packets of at most F flits, and flits and credits that are missing for at most C cycles,
///    a head leaves at most (3 F + 1) (20 + C) cycles after it arrived at the front of its VC.
/// What the turn leaves is shared per output: in a round every eligible (input, VC) is served once
/// before one is served again, and one that lost because its input was taken stays owed.
module tsr_switch_alloc
  import tsr_cfg_pkg::*;
#(
  parameter int unsigned Depth = VcDepth           // flits that the buffer of a neighbour's VC holds
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [19:0] req_i [5],                   // of each input: bit output * 4 + vc
  input  logic [4:0]  tail_i,                      // the flit that leaves input i is a tail
  // Grants seen from the outputs and from the inputs
  output logic [4:0]  send_o,
  output logic [1:0]  send_vc_o [5],
  output logic [2:0]  send_from_o [5],
  output logic [4:0]  pop_o,
  output logic [1:0]  pop_vc_o [5],
  // Credits that come back to the outputs
  input  logic [4:0]  credit_valid_i,
  input  logic [1:0]  credit_vc_i [5]
);
  localparam int unsigned CreditW = $clog2(Depth + 1);
  localparam logic [19:0] Column = 20'h11111;      // the requests of VC 0, bit input * 4 + vc

  // Of each output: `avail` = requests (bit input * 4 + vc) that credits and packet locks admit;
  // `owed` = those that were not served in this round. `locked`, `owner`, `credits`: of output VC
  // output * 4 + vc.
  logic [19:0]        avail_q [5], owed_q [5];
  logic [19:0]        locked_q;
  logic [2:0]         owner_q [20];
  logic [CreditW-1:0] credits_q [20];
  logic [19:0]        turn_q;                      // the (input, VC) behind the one that had the turn

  /// The lowest bit of `bits`, or of `above` if there is one.
  function automatic logic [19:0] first_of(input logic [19:0] above, input logic [19:0] bits);
    logic [19:0] from;
    from = (above != '0) ? above : bits;
    first_of = from & (~from + 20'd1);
  endfunction

  //////////////////
  // Who may send //
  //////////////////
  logic [19:0] owed [5], head;                     // owed: after this cycle; head: the one with the turn
  always_comb begin
    logic [19:0] can [5], all, used, cand, one;    // can: eligible; used: of inputs already served
    logic [2:0]  o, from;
    logic [1:0]  vc;
    send_o = '0;
    pop_o = '0;
    for (int unsigned k = 0; k < 5; k++) begin
      send_vc_o[k] = '0;
      send_from_o[k] = '0;
      pop_vc_o[k] = '0;
      owed[k] = '0;
      can[k] = '0;
    end
    all = '0;
    used = '0;
    cand = '0;
    one = '0;
    head = '0;
    from = '0;
    vc = '0;
    o = '0;
    if ((req_i[0] | req_i[1] | req_i[2] | req_i[3] | req_i[4]) != '0) begin
      for (int unsigned k = 0; k < 5; k++) begin
        can[k] = {req_i[4][4*k +: 4], req_i[3][4*k +: 4], req_i[2][4*k +: 4], req_i[1][4*k +: 4],
                  req_i[0][4*k +: 4]} & avail_q[k];
        all = all | can[k];
      end
      head = first_of(all & turn_q, all);
      for (int unsigned k = 0; k < 5; k++) begin
        if ((can[k] & head) != '0) o = 3'(k);
      end
      for (int unsigned k = 0; k < 5; k++) begin
        cand = can[o] & ~used;
        if (cand != '0) begin
          one = (k == 0) ? head : first_of(cand & owed_q[o], cand);
          from = {(one & 20'hf0000) != '0, (one & 20'h0ff00) != '0, (one & 20'h0f0f0) != '0};
          vc = {(one & 20'hccccc) != '0, (one & 20'haaaaa) != '0};
          used = used | (20'hf << {from, 2'b00});
          owed[o] = (((can[o] & owed_q[o]) != '0) ? owed_q[o] : '1) & ~one;
          send_o[o] = 1'b1;
          send_vc_o[o] = vc;
          send_from_o[o] = from;
          pop_o[from] = 1'b1;
          pop_vc_o[from] = vc;
        end
        o = (o == 3'd4) ? 3'd0 : o + 3'd1;
      end
    end
  end

  ////////////////////////////////////
  // Credits, locks and round robin //
  ////////////////////////////////////
  function automatic logic [19:0] admit(input logic credit, input logic locked, input logic [2:0] owner,
                                        input logic [1:0] vc);
    admit = !credit ? 20'd0 : locked ? (20'd1 << {owner, vc}) : (Column << vc);
  endfunction

  always_ff @(posedge clk_i) begin
    logic [19:0]        avail [5], locked;
    logic [2:0]         owner [20], holder;
    logic [CreditW-1:0] credits [20];
    logic [4:0]         n;                         // output VC
    logic [4:0]         waits, after;              // inputs whose head waits for it; behind its holder
    logic               keep;
    if (!rst_ni) begin
      for (int unsigned o = 0; o < 5; o++) begin
        avail_q[o] <= '1;
        owed_q[o] <= '1;
      end
      for (int unsigned c = 0; c < 20; c++) begin
        owner_q[c] <= '0;
        credits_q[c] <= CreditW'(Depth);
      end
      locked_q <= '0;
      turn_q <= '1;
    end else if (send_o != '0 || credit_valid_i != '0) begin
      avail = avail_q;
      locked = locked_q;
      owner = owner_q;
      credits = credits_q;
      for (int unsigned o = 0; o < 5; o++) begin
        if (credit_valid_i[o]) begin
          n = {3'(o), credit_vc_i[o]};
          credits[n] = credits[n] + CreditW'(1);
          avail[o] = (avail[o] & ~(Column << credit_vc_i[o])) |
                     admit(1'b1, locked[n], owner[n], credit_vc_i[o]);
        end
        if (send_o[o]) begin
          n = {3'(o), send_vc_o[o]};
          keep = !tail_i[send_from_o[o]];
          holder = send_from_o[o];
          if (!keep) begin                         // the next input whose head waits for this VC
            waits = '0;
            for (int unsigned i = 0; i < 5; i++) waits[i] = req_i[i][n];
            waits[holder] = 1'b0;
            if (waits != '0) begin
              keep = 1'b1;
              after = waits & (5'h1e << holder);
              if (after != '0) waits = after;
              for (int unsigned i = 5; i > 0; i--) if (waits[i-1]) holder = 3'(i - 1);
            end
          end
          credits[n] = credits[n] - CreditW'(1);
          locked[n] = keep;
          owner[n] = holder;
          owed_q[o] <= owed[o];
          avail[o] = (avail[o] & ~(Column << send_vc_o[o])) |
                     admit(credits[n] != '0, keep, holder, send_vc_o[o]);
        end
      end
      avail_q <= avail;
      locked_q <= locked;
      owner_q <= owner;
      credits_q <= credits;
      if (send_o != '0) turn_q <= ~(head | (head - 20'd1));
    end
  end

`ifndef SYNTHESIS
  // --- Assertions -----------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      for (int unsigned o = 0; o < 5; o++) begin
        if (send_o[o]) SendHasCredit_A: assert (credits_q[{3'(o), send_vc_o[o]}] != '0);
        if (send_o[o]) NoTurnBack_A: assert (send_from_o[o] != 3'(o)) else $error("a flit leaves by the port it came from");
        if (credit_valid_i[o])
          NoCreditOverflow_A: assert (credits_q[{3'(o), credit_vc_i[o]}] != CreditW'(Depth)) else $error("credit too many");
      end
      FlitsMatch_A: assert ($countones(send_o) == $countones(pop_o));
    end
  end
`endif
endmodule
