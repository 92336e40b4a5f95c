// SPDX-License-Identifier: Apache-2.0
/// One direction of a link, with the credits that travel the same way for the opposite direction.
///
/// Latency from the sender's registers to the edge at which the receiver samples: `latency_i` cycles, 1 ... 8, constant
/// from reset on; 1 is a wire. Order: as sent. `idle_o`: nothing is on its way in the registers of the link.
module tsr_link
  import tsr_types_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [3:0]  latency_i,
  output logic        idle_o,
  input  link_wires_t link_i,
  output link_wires_t link_o
);
  // Register k holds what was sent k + 1 cycles ago.
  localparam int unsigned Stages = 7;
  logic [Stages-1:0] valid_q, credit_valid_q;
  link_wires_t       stage_q [Stages];             // without what is registered above
  logic              wire_only;
  logic [2:0]        last;                         // the register that the receiver sees
  logic [Stages-1:0] used;

  assign wire_only = (latency_i <= 4'd1);
  assign last = wire_only ? 3'd0 : 3'(latency_i - 4'd2);
  always_comb begin
    for (int unsigned k = 0; k < Stages; k++) used[k] = !wire_only && 3'(k) <= last;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      credit_valid_q <= '0;
    end else if (!wire_only && (link_i.valid || link_i.credit_valid || !idle_o)) begin
      valid_q <= {valid_q[Stages-2:0], link_i.valid} & used;
      credit_valid_q <= {credit_valid_q[Stages-2:0], link_i.credit_valid} & used;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!wire_only && (link_i.valid || link_i.credit_valid || !idle_o)) begin
      for (int unsigned k = Stages - 1; k > 0; k--) stage_q[k] <= stage_q[k-1];
      stage_q[0] <= link_i;
    end
  end

  assign idle_o = (valid_q | credit_valid_q) == '0;
  always_comb begin
    link_o = wire_only ? link_i : stage_q[last];
    if (!wire_only) begin
      link_o.valid = valid_q[last];
      link_o.credit_valid = credit_valid_q[last];
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) LatencyInRange_A: assert (latency_i >= 4'd1 && latency_i <= 4'd8);
  end
`endif
endmodule
