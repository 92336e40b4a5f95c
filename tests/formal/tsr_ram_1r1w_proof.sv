// SPDX-License-Identifier: Apache-2.0
/// tsr_ram_1r1w: a read gives the last word written before its cycle, and keeps it until the next read. The words of
/// address `watch_i` are followed.
module tsr_ram_1r1w_proof #(
  parameter int unsigned Depth = 4,
  parameter int unsigned Width = 3,
  localparam int unsigned Aw = (Depth > 1) ? $clog2(Depth) : 1
) (
  input logic             clk_i,
  input logic             wr_en_i,
  input logic [Aw-1:0]    wr_addr_i,
  input logic [Width-1:0] wr_data_i,
  input logic             rd_en_i,
  input logic [Aw-1:0]    rd_addr_i,
  input logic [Aw-1:0]    watch_i
);
  logic [Width-1:0] rd_data, word_q, wanted_q;
  logic [Aw-1:0]    watch_q;
  logic             started_q = 1'b0, written_q = 1'b0, known_q = 1'b0;

  tsr_ram_1r1w #(.Depth(Depth), .Width(Width)) u_dut (
    .clk_i, .wr_en_i, .wr_addr_i, .wr_data_i, .rd_en_i, .rd_addr_i, .rd_data_o(rd_data)
  );

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    watch_q <= watch_i;
    if (wr_en_i && wr_addr_i == watch_i) begin
      word_q <= wr_data_i;
      written_q <= 1'b1;
    end
    if (rd_en_i) begin
      known_q <= written_q && rd_addr_i == watch_i;
      wanted_q <= word_q;
    end
  end

  always_comb begin
    assume (32'(watch_i) < Depth && 32'(wr_addr_i) < Depth && 32'(rd_addr_i) < Depth);
    if (started_q) begin
      assume (watch_i == watch_q);
      if (written_q) Kept_A: assert (u_dut.mem_q[watch_i] == word_q);
      if (known_q) LastWriteWins_A: assert (rd_data == wanted_q);
    end
  end
endmodule
