// SPDX-License-Identifier: Apache-2.0
/// Memory with one write and one read port.
///
/// Latency from `rd_en_i` to `rd_data_o`: 1 cycle; the data are held until the next read. A read of
/// the address written in the same cycle returns the old word.
module tsr_ram_1r1w #(
  parameter int unsigned Depth = 256,
  parameter int unsigned Width = 64,
  localparam int unsigned Aw = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  logic             clk_i,
  input  logic             wr_en_i,
  input  logic [Aw-1:0]    wr_addr_i,
  input  logic [Width-1:0] wr_data_i,
  input  logic             rd_en_i,
  input  logic [Aw-1:0]    rd_addr_i,
  output logic [Width-1:0] rd_data_o
);
  logic [Width-1:0] mem_q [Depth];

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= mem_q[rd_addr_i];
    if (wr_en_i) mem_q[wr_addr_i] <= wr_data_i;
  end
endmodule
