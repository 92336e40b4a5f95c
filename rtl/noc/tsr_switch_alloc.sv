// SPDX-License-Identifier: Apache-2.0
/// Switch allocator of the router: decides in every cycle which buffered flit goes to which output.
///
/// One flit per output and per input and cycle. A flit is *eligible* when its output VC (the one
/// that the topology says for its input, VC and output) has a credit and is free or held for its
/// packet; a head takes the VC, the tail frees it.
/// Latency: `send_*`, `pop_*` are combinational from `req_i` and registers; a credit counts one
/// cycle after its input.
///
/// Bound on waiting, in three steps; Reqs = NumPorts * NumVcs is 20:
/// 1. A turn passes over the Reqs (input, VC); in every cycle the first eligible one from the turn
///    on goes before all others, and the turn moves behind it. Held VCs stay held and credits of a
///    VC are taken by its packet alone, so an eligible flit stays eligible: it leaves within Reqs
///    cycles.
/// 2. When a tail leaves, its output VC is held at once for the next (input, VC), in cyclic order,
///    whose head waits for it. So at most N packets go before a waiting head, N being the number of
///    other (input, VC) that lead to this output VC: in the mesh one of each input, none turns
///    back, N = 3.
/// 3. With packets of at most F flits, and flits and credits that are missing for at most C cycles,
///    a head leaves at most (N F + 1) (Reqs + C) cycles after it arrived at the front of its VC.
/// What the turn leaves is shared per output: in a round every eligible (input, VC) is served once
/// before one is served again, and one that lost because its input was taken stays owed.
`include "tsr_assert.svh"
module tsr_switch_alloc
  import tsr_cfg_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter int unsigned NumPorts = NumDirs,
  parameter int unsigned NumVcs = LinkVcs,                  // a power of two
  parameter int unsigned Depth = VcDepth,                   // flits that a neighbour's VC holds
  localparam int unsigned PortW = $clog2(NumPorts),
  localparam int unsigned VcW = $clog2(NumVcs),
  localparam int unsigned Reqs = NumPorts * NumVcs          // (input, VC), and (output, VC)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [Reqs-1:0]     req_i [NumPorts],    // of each input: bit output * NumVcs + vc
  input  logic [NumPorts-1:0] tail_i,              // the flit that leaves this input is a tail
  input  logic [VcW-1:0]      next_vc_i [NumPorts][NumPorts][NumVcs],  // by input, output and VC
  // Grants seen from the outputs and from the inputs
  output logic [NumPorts-1:0] send_o,
  output logic [VcW-1:0]      send_vc_o [NumPorts],         // on the output
  output logic [PortW-1:0]    send_from_o [NumPorts],
  output logic [NumPorts-1:0] pop_o,
  output logic [VcW-1:0]      pop_vc_o [NumPorts],          // of the input
  // Credits that come back to the outputs
  input  logic [NumPorts-1:0] credit_valid_i,
  input  credit_t             credit_i [NumPorts]
);
  localparam int unsigned CreditW = $clog2(Depth + 1);
  localparam int unsigned ReqW = $clog2(Reqs);     // an (input, VC) is number input * NumVcs + vc
  localparam int unsigned Last = NumPorts - 1;
  localparam logic [Reqs-1:0] Row = Reqs'({NumVcs{1'b1}});  // all VCs of input 0

  // Of each output: `avail` = (input, VC) whose flits credits and packet locks admit; `owed` =
  // those that were not served in this round. Of output VC output * NumVcs + vc: `locked`, `owner`
  // (the (input, VC) that holds or held it) and `credits`.
  logic [Reqs-1:0]    avail_q [NumPorts], owed_q [NumPorts];
  logic [Reqs-1:0]    locked_q;
  logic [ReqW-1:0]    owner_q [Reqs];
  logic [CreditW-1:0] credits_q [Reqs];
  logic [Reqs-1:0]    turn_q;                      // those behind the one that had the turn

  // Of each output VC: the (input, VC) that lead to it. Constant while running.
  logic [Reqs-1:0] feed [Reqs];
  for (genvar o = 0; o < NumPorts; o++) begin : gen_output
    for (genvar w = 0; w < NumVcs; w++) begin : gen_output_vc
      for (genvar i = 0; i < NumPorts; i++) begin : gen_input
        for (genvar v = 0; v < NumVcs; v++) begin : gen_vc
          assign feed[NumVcs*o + w][NumVcs*i + v] = next_vc_i[i][o][v] == VcW'(w);
        end
      end
    end
  end

  /// The lowest bit of `bits`, or of `above` if there is one.
  function automatic logic [Reqs-1:0] first_of(input logic [Reqs-1:0] above,
                                               input logic [Reqs-1:0] bits);
    logic [Reqs-1:0] from;
    from = (above != '0) ? above : bits;
    first_of = from & (~from + Reqs'(1));
  endfunction

  /// Those (input, VC) whose number has bit b.
  function automatic logic [Reqs-1:0] numbers_with(input int unsigned b);
    for (int unsigned r = 0; r < Reqs; r++) numbers_with[r] = 1'(r >> b);
  endfunction
  // One mask a bit, and no loop over them: this is done for every flit.
  localparam logic [Reqs-1:0] Bit0 = numbers_with(0), Bit1 = numbers_with(1),
                              Bit2 = numbers_with(2), Bit3 = numbers_with(3),
                              Bit4 = numbers_with(4), Bit5 = numbers_with(5);
  if (ReqW > 6) begin : gen_too_many
    $error("index_of knows numbers of 6 bits");
  end

  /// The number of the only bit.
  function automatic logic [ReqW-1:0] index_of(input logic [Reqs-1:0] one);
    index_of = ReqW'({(one & Bit5) != '0, (one & Bit4) != '0, (one & Bit3) != '0,
                      (one & Bit2) != '0, (one & Bit1) != '0, (one & Bit0) != '0});
  endfunction

  // ---- Who may send -----------------------------------------------------------------------------
  logic [NumPorts-1:0] busy;                       // inputs with a flit
  for (genvar i = 0; i < NumPorts; i++) begin : gen_busy
    assign busy[i] = req_i[i] != '0;
  end

  logic [Reqs-1:0] ask [NumPorts];                 // of each output: the (input, VC) that want it
  logic [Reqs-1:0] owed [NumPorts], head;          // owed: after this cycle; head: has the turn
  always_comb begin
    // can: eligible; used: those of inputs that were served
    logic [Reqs-1:0]  can [NumPorts], all, used, cand, one;
    logic [ReqW-1:0]  at;
    logic [PortW-1:0] o, from;
    logic [VcW-1:0]   vc;
    send_o = '0;
    send_vc_o = '{default: '0};
    send_from_o = '{default: '0};
    pop_o = '0;
    pop_vc_o = '{default: '0};
    owed = '{default: '0};
    ask = '{default: '0};
    can = '{default: '0};
    all = '0;
    used = '0;
    cand = '0;
    one = '0;
    head = '0;
    at = '0;
    from = '0;
    vc = '0;
    o = '0;
    if (busy != '0) begin
      for (int unsigned i = 0; i < NumPorts; i++) begin
        if (busy[i]) begin
          for (int unsigned k = 0; k < NumPorts; k++)
            ask[k] = ask[k] | (((req_i[i] >> (NumVcs * k)) & Row) << (NumVcs * i));
        end
      end
      for (int unsigned k = 0; k < NumPorts; k++) begin
        can[k] = ask[k] & avail_q[k];
        all = all | can[k];
      end
      head = first_of(all & turn_q, all);
      for (int unsigned k = 0; k < NumPorts; k++) begin
        if ((can[k] & head) != '0) o = PortW'(k);
      end
      for (int unsigned k = 0; k < NumPorts; k++) begin
        cand = can[o] & ~used;
        if (cand != '0) begin
          one = (k == 0) ? head : first_of(cand & owed_q[o], cand);
          at = index_of(one);
          {from, vc} = at;
          used = used | (Row << {from, VcW'(0)});
          owed[o] = (((can[o] & owed_q[o]) != '0) ? owed_q[o] : '1) & ~one;
          send_o[o] = 1'b1;
          send_vc_o[o] = next_vc_i[from][o][vc];
          send_from_o[o] = from;
          pop_o[from] = 1'b1;
          pop_vc_o[from] = vc;
        end
        o = (o == PortW'(Last)) ? '0 : o + PortW'(1);
      end
    end
  end

  // ---- Credits, locks and round robin -----------------------------------------------------------
  /// Those of `leads` that an output VC admits.
  function automatic logic [Reqs-1:0] admit(input logic credit, input logic locked,
                                            input logic [ReqW-1:0] owner,
                                            input logic [Reqs-1:0] leads);
    admit = !credit ? '0 : locked ? (Reqs'(1) << owner) : leads;
  endfunction

  always_ff @(posedge clk_i) begin
    logic [Reqs-1:0]    avail [NumPorts], locked, waits;   // waits: whose head waits for the VC
    logic [ReqW-1:0]    owner [Reqs], holder, n;           // n: output VC
    logic [CreditW-1:0] credits [Reqs];
    logic               keep;
    if (!rst_ni) begin
      for (int unsigned o = 0; o < NumPorts; o++) begin
        avail_q[o] <= '1;
        owed_q[o] <= '1;
      end
      for (int unsigned c = 0; c < Reqs; c++) begin
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
      for (int unsigned o = 0; o < NumPorts; o++) begin
        if (credit_valid_i[o]) begin
          n = {PortW'(o), VcW'(credit_i[o].vc)};
          credits[n] = credits[n] + CreditW'(1);
          avail[o] = (avail[o] & ~feed[n]) | admit(1'b1, locked[n], owner[n], feed[n]);
        end
        if (send_o[o]) begin
          n = {PortW'(o), send_vc_o[o]};
          holder = {send_from_o[o], pop_vc_o[send_from_o[o]]};
          keep = !tail_i[send_from_o[o]];
          if (!keep) begin                         // held for the next one in cyclic order
            waits = ask[o] & feed[n] & ~(Reqs'(1) << holder);
            keep = waits != '0;
            if (keep) holder = index_of(first_of(waits & ('1 << holder), waits));
          end
          credits[n] = credits[n] - CreditW'(1);
          locked[n] = keep;
          owner[n] = holder;
          owed_q[o] <= owed[o];
          avail[o] = (avail[o] & ~feed[n]) | admit(credits[n] != '0, keep, holder, feed[n]);
        end
      end
      avail_q <= avail;
      locked_q <= locked;
      owner_q <= owner;
      credits_q <= credits;
      if (send_o != '0) turn_q <= ~(head | (head - Reqs'(1)));
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  for (genvar o = 0; o < NumPorts; o++) begin : gen_check
    `TSR_ASSERT(SendHasCredit_A, send_o[o] -> credits_q[{PortW'(o), send_vc_o[o]}] != '0)
    `TSR_ASSERT(NoTurnBack_A, send_o[o] -> send_from_o[o] != PortW'(o),
                "a flit leaves by the port it came from")
    `TSR_ASSERT(NoCreditOverflow_A, credit_valid_i[o] ->
                credits_q[{PortW'(o), VcW'(credit_i[o].vc)}] != CreditW'(Depth), "credit too many")
  end
  `TSR_ASSERT(FlitsMatch_A, $countones(send_o) == $countones(pop_o))
endmodule
