// SPDX-License-Identifier: Apache-2.0
/// One direction of a link, with the credits that travel the same way for the opposite direction.
///
/// Latency from the sender's registers to the edge at which the receiver samples: `latency_i` cycles, 1 ... 8, constant
/// from reset on; 1 is a wire. Order: as sent. `idle_o`: nothing is on its way in the registers of the link.
module tsr_link
  import tsr_types_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [3:0]          latency_i,
  output logic                idle_o,
  input  logic                valid_i,
  input  logic [1:0]          vc_i,
  input  logic                head_i,
  input  logic                tail_i,
  input  logic [LinkBits-1:0] data_i,
  input  logic                credit_valid_i,
  input  logic [1:0]          credit_vc_i,
  output logic                valid_o,
  output logic [1:0]          vc_o,
  output logic                head_o,
  output logic                tail_o,
  output logic [LinkBits-1:0] data_o,
  output logic                credit_valid_o,
  output logic [1:0]          credit_vc_o
);
  // Register k holds what was sent k + 1 cycles ago.
  localparam int unsigned Stages = 7;
  logic [Stages-1:0]   valid_q, credit_valid_q;
  logic [3:0]          ctl_q [Stages];             // vc, head, tail
  logic [1:0]          credit_vc_q [Stages];
  logic [LinkBits-1:0] data_q [Stages];
  logic                wire_only;
  logic [2:0]          last;                       // the register that the receiver sees
  logic [Stages-1:0]   used;

  assign wire_only = (latency_i <= 4'd1);
  assign last = wire_only ? 3'd0 : 3'(latency_i - 4'd2);
  always_comb begin
    for (int unsigned k = 0; k < Stages; k++) used[k] = !wire_only && 3'(k) <= last;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      credit_valid_q <= '0;
    end else if (!wire_only && (valid_i || credit_valid_i || !idle_o)) begin
      valid_q <= {valid_q[Stages-2:0], valid_i} & used;
      credit_valid_q <= {credit_valid_q[Stages-2:0], credit_valid_i} & used;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!wire_only && (valid_i || credit_valid_i || !idle_o)) begin
      for (int unsigned k = Stages - 1; k > 0; k--) begin
        ctl_q[k] <= ctl_q[k-1];
        credit_vc_q[k] <= credit_vc_q[k-1];
        data_q[k] <= data_q[k-1];
      end
      ctl_q[0] <= {vc_i, head_i, tail_i};
      credit_vc_q[0] <= credit_vc_i;
      data_q[0] <= data_i;
    end
  end

  assign idle_o = (valid_q | credit_valid_q) == '0;
  assign valid_o = wire_only ? valid_i : valid_q[last];
  assign {vc_o, head_o, tail_o} = wire_only ? {vc_i, head_i, tail_i} : ctl_q[last];
  assign data_o = wire_only ? data_i : data_q[last];
  assign credit_valid_o = wire_only ? credit_valid_i : credit_valid_q[last];
  assign credit_vc_o = wire_only ? credit_vc_i : credit_vc_q[last];

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) LatencyInRange_A: assert (latency_i >= 4'd1 && latency_i <= 4'd8);
  end
`endif
endmodule
