// SPDX-License-Identifier: Apache-2.0
/// tsr_rr_arb: at most one grant, to one that asks, whenever nobody's packet is under way and somebody asks; a packet
/// keeps its grant; whoever goes on asking sees at most N - 1 packets of others begin before its own.
module tsr_rr_arb_proof #(
  parameter int unsigned N = 3,                    // below 8
  localparam int unsigned IndexW = (N > 1) ? $clog2(N) : 1
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic [N-1:0]      req_i,
  input logic              ready_i,
  input logic              last_i,
  input logic [IndexW-1:0] watch_i                 // who waits
);
  logic              valid, quiet, take, open_q;
  logic [N-1:0]      grant;
  logic [IndexW-1:0] index, owner_q, watch_q;
  logic [3:0]        waited_q, rivals;             // packets of others that began; that may still begin
  logic              started_q = 1'b0;

  tsr_rr_arb #(.N(N)) u_dut (
    .clk_i, .rst_ni, .req_i, .ready_i, .last_i, .valid_o(valid), .grant_o(grant), .index_o(index), .quiet_o(quiet)
  );

  assign take = valid && ready_i;
  assign rivals = 4'(watch_i) - 4'(u_dut.last_q) - 4'd1 + ((watch_i > u_dut.last_q) ? 4'd0 : 4'(N));

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    watch_q <= watch_i;
    if (!rst_ni) begin
      open_q <= 1'b0;
      owner_q <= '0;
      waited_q <= '0;
    end else begin
      if (take) begin
        open_q <= !last_i;
        owner_q <= index;
      end
      if (!req_i[watch_i] || (take && index == watch_i)) waited_q <= '0;
      else if (take && !open_q) waited_q <= waited_q + 4'd1;
    end
  end

  always_comb begin
    assume (rst_ni == started_q);
    assume (32'(watch_i) < N);
    if (started_q) begin
      assume (watch_i == watch_q);
      OneGrant_A: assert ((grant & (grant - N'(1))) == '0 && (grant & ~req_i) == '0);
      IndexIsGrant_A: assert (32'(index) < N && grant == (valid ? N'(1) << index : '0));
      SomebodyIsServed_A: assert (open_q || valid == (req_i != '0));
      PacketKeepsGrant_A: assert (!open_q || (index == owner_q && valid == req_i[owner_q]));
      State_A: assert (u_dut.locked_q == open_q && u_dut.last_q == owner_q && 32'(owner_q) < N);
      BoundedWait_A: assert (waited_q < 4'(N) && rivals < 4'(N) && waited_q + rivals < 4'(N));
      Quiet_A: assert (quiet == !take);
    end
  end
endmodule
