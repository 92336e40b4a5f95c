// SPDX-License-Identifier: Apache-2.0
/// tsr_skid: nothing lost, doubled or overtaken; ready falls only when both places are taken; a word that is offered
/// stays until it is taken. The word number `watch_i` modulo 8 is followed.
module tsr_skid_proof #(
  parameter int unsigned Width = 2
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             in_valid_i,
  input logic [Width-1:0] in_data_i,
  input logic             out_ready_i,
  input logic [2:0]       watch_i
);
  logic             in_ready, out_valid, quiet, push, pop, stalled_q;
  logic [Width-1:0] out_data, word_q, offered_q;
  logic [2:0]       watch_q, pushed_q, popped_q, held;
  logic             started_q = 1'b0;

  tsr_skid #(.Width(Width)) u_dut (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o(in_ready), .in_data_i, .out_valid_o(out_valid), .out_ready_i,
    .out_data_o(out_data), .quiet_o(quiet)
  );

  assign push = in_valid_i && in_ready;
  assign pop = out_valid && out_ready_i;
  assign held = pushed_q - popped_q;

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    watch_q <= watch_i;
    stalled_q <= rst_ni && out_valid && !out_ready_i;
    offered_q <= out_data;
    if (!rst_ni) begin
      pushed_q <= '0;
      popped_q <= '0;
    end else begin
      if (push) pushed_q <= pushed_q + 3'd1;
      if (push && pushed_q == watch_i) word_q <= in_data_i;
      if (pop) popped_q <= popped_q + 3'd1;
    end
  end

  always_comb begin
    assume (rst_ni == started_q);
    if (started_q) begin
      assume (watch_i == watch_q);
      Places_A: assert (held == 3'(out_valid) + 3'(!in_ready) && (in_ready || out_valid));
      if (held != '0 && popped_q == watch_i) First_A: assert (out_data == word_q);
      if (held == 3'd2 && popped_q + 3'd1 == watch_i) Second_A: assert (u_dut.skid_q == word_q);
      if (stalled_q) Stays_A: assert (out_valid && out_data == offered_q);
      Quiet_A: assert (quiet == (!push && !pop));
    end
  end
endmodule
