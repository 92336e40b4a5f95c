// SPDX-License-Identifier: Apache-2.0
/// tsr_fifo: what comes out is what went in, in order, nothing lost or doubled; the count is true; no overflow.
/// One word of the stream, number `watch_i` modulo 16, is followed: whatever its number, it is the one that comes out in
/// its turn.
module tsr_fifo_proof #(
  parameter int unsigned Width = 2,
  parameter int unsigned Depth = 3                 // below 8
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             in_valid_i,
  input logic [Width-1:0] in_data_i,
  input logic             out_ready_i,
  input logic [3:0]       watch_i
);
  localparam int unsigned CountW = $clog2(Depth + 1);

  logic              in_ready, out_valid, quiet, push, pop;
  logic [Width-1:0]  out_data, word_q;
  logic [CountW-1:0] count;
  logic [3:0]        watch_q, pushed_q, popped_q, ahead, place;
  logic              started_q = 1'b0;

  tsr_fifo #(.Width(Width), .Depth(Depth)) u_dut (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o(in_ready), .in_data_i, .out_valid_o(out_valid), .out_ready_i,
    .out_data_o(out_data), .count_o(count), .quiet_o(quiet)
  );

  assign push = in_valid_i && in_ready;
  assign pop = out_valid && out_ready_i;
  assign ahead = watch_i - popped_q;               // words before the one that is followed, when it is held
  assign place = 4'(u_dut.get_q) + ahead;

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    watch_q <= watch_i;
    if (!rst_ni) begin
      pushed_q <= '0;
      popped_q <= '0;
    end else begin
      if (push) pushed_q <= pushed_q + 4'd1;
      if (push && pushed_q == watch_i) word_q <= in_data_i;
      if (pop) popped_q <= popped_q + 4'd1;
    end
  end

  always_comb begin
    assume (rst_ni == started_q);
    if (started_q) begin
      assume (watch_i == watch_q);
      CountIsTrue_A: assert (4'(count) == pushed_q - popped_q);
      NoOverflow_A: assert (32'(count) <= Depth);
      FullIsFull_A: assert (in_ready == (32'(count) != Depth) && out_valid == (count != '0));
      Pointers_A: assert (32'(u_dut.get_q) < Depth
                          && 4'(u_dut.put_q) == (4'(u_dut.get_q) + 4'(count)) % 4'(Depth));
      if (ahead < 4'(count)) Held_A: assert (u_dut.mem_q[place % 4'(Depth)] == word_q);
      if (pop && popped_q == watch_i) InOrder_A: assert (out_data == word_q);
      Quiet_A: assert (quiet == (!push && !pop));
    end
  end
endmodule
