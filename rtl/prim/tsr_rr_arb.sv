// SPDX-License-Identifier: Apache-2.0
/// Round-robin arbiter that keeps its grant for a whole packet.
///
/// The grant is combinational: the first requester after the last one served. From the first taken
/// beat of a packet to its beat with `last_i` the grant stays, also while the requester pauses. A
/// grant that is not taken may move to another requester; who needs a stable output puts a register
/// behind it.
`include "tsr_assert.svh"
module tsr_rr_arb #(
  parameter int unsigned N = 2,
  localparam int unsigned IndexW = (N > 1) ? $clog2(N) : 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [N-1:0]      req_i,
  input  logic              ready_i,               // the granted request is taken in this cycle
  input  logic              last_i,                // it is the last beat of its packet
  output logic              valid_o,               // something is granted
  output logic [N-1:0]      grant_o,               // one hot, 0 when nothing is granted
  output logic [IndexW-1:0] index_o,
  output logic              quiet_o
);
  logic [IndexW-1:0] last_q, above, any;
  logic              locked_q, found, take;

  always_comb begin
    above = '0;
    any = '0;
    found = 1'b0;
    if (req_i != '0) begin
      for (int unsigned k = N; k > 0; k--) begin
        if (req_i[k-1]) any = IndexW'(k - 1);
        if (req_i[k-1] && IndexW'(k - 1) > last_q) begin
          above = IndexW'(k - 1);
          found = 1'b1;
        end
      end
    end
    index_o = locked_q ? last_q : found ? above : any;
    valid_o = req_i[index_o];
    grant_o = '0;
    grant_o[index_o] = valid_o;
  end
  assign take = valid_o && ready_i;
  assign quiet_o = !take;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      last_q <= '0;
      locked_q <= 1'b0;
    end else if (take) begin
      last_q <= index_o;
      locked_q <= !last_i;
    end
  end

  `TSR_ASSERT(GrantOneHot_A, (grant_o & (grant_o - N'(1))) == '0 && (grant_o & ~req_i) == '0)
endmodule
