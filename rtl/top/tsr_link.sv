// SPDX-License-Identifier: Apache-2.0
/// One direction of a link, with the credits that travel the same way for the opposite direction.
///
/// Latency from the sender's registers to the edge at which the receiver samples: `latency_i`
/// cycles, 1 ... 8, constant from reset on; 1 is a wire. Order: as sent. `idle_o`: nothing is on
/// its way in the registers of the link.
`include "tsr_assert.svh"
module tsr_link
  import tsr_if_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [3:0] latency_i,
  output logic       idle_o,
  input  logic       link_valid_i,
  input  link_t      link_i,
  input  logic       credit_valid_i,
  input  credit_t    credit_i,
  output logic       link_valid_o,
  output link_t      link_o,
  output logic       credit_valid_o,
  output credit_t    credit_o
);
  // Register k holds what was sent k + 1 cycles ago.
  localparam int unsigned Stages = 7;
  logic [Stages-1:0] link_valid_q, credit_valid_q;
  link_t             link_q [Stages];
  credit_t           credit_q [Stages];
  logic              wire_only, moves;
  logic [2:0]        last;                         // the register that the receiver sees
  logic [Stages-1:0] used;

  assign wire_only = (latency_i <= 4'd1);
  assign moves = !wire_only && (link_valid_i || credit_valid_i || !idle_o);
  assign last = wire_only ? 3'd0 : 3'(latency_i - 4'd2);
  always_comb begin
    for (int unsigned k = 0; k < Stages; k++) used[k] = !wire_only && 3'(k) <= last;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      link_valid_q <= '0;
      credit_valid_q <= '0;
    end else if (moves) begin
      link_valid_q <= {link_valid_q[Stages-2:0], link_valid_i} & used;
      credit_valid_q <= {credit_valid_q[Stages-2:0], credit_valid_i} & used;
    end
  end

  always_ff @(posedge clk_i) begin
    if (moves) begin
      for (int unsigned k = Stages - 1; k > 0; k--) begin
        link_q[k] <= link_q[k-1];
        credit_q[k] <= credit_q[k-1];
      end
      link_q[0] <= link_i;
      credit_q[0] <= credit_i;
    end
  end

  assign idle_o = (link_valid_q | credit_valid_q) == '0;
  assign link_valid_o = wire_only ? link_valid_i : link_valid_q[last];
  assign link_o = wire_only ? link_i : link_q[last];
  assign credit_valid_o = wire_only ? credit_valid_i : credit_valid_q[last];
  assign credit_o = wire_only ? credit_i : credit_q[last];

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(LatencyInRange_A, latency_i >= 4'd1 && latency_i <= 4'd8)
endmodule
