// SPDX-License-Identifier: Apache-2.0
/// Moving side of a MATMUL: walks source and destination patterns together, reads one moving column
/// per cycle and hands it to the array with a token that says where its sums go.
///
/// Latency: `start_i` takes the patterns; the first read is in the next cycle, then one per cycle
/// without exception; column and token stand on `x_*` one cycle after their read. A start in the
/// cycle of the last read leaves no gap.
`include "tsr_assert.svh"
module tsr_pe_feed
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_pe_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  // one MATMUL, checked
  input  logic              start_i,
  input  operand_t          src_i,
  input  operand_t          dst_i,
  input  logic [7:0]        rows_i,
  input  logic              acc_i,
  input  logic              switch_i,              // first MATMUL with the shadow weights
  output logic              free_o,                // may be started in this cycle
  output logic              switching_o,           // a switch is on its way to the array
  // SBUF
  output row_rd_t           pe_moving_rd_o,
  // moving column, with the data on the read port
  output logic              x_valid_o,
  output logic              x_switch_o,
  output logic              x_half_o,
  output logic [7:0]        x_part_o,
  output logic [7:0]        x_rows_o,
  output token_t            x_token_o
);
  logic        active, last, dst_active, dst_last;
  logic [31:0] src_addr, dst_addr;
  // of the MATMUL that is read; switch_q only until its first read
  logic        acc_q, switch_q;
  logic [7:0]  part_q, rows_q;

  tsr_ap_walk u_src (.clk_i, .rst_ni, .start_i, .ap_i(src_i), .advance_i(active),
                     .active_o(active), .addr_o(src_addr), .last_o(last));
  tsr_ap_walk u_dst (.clk_i, .rst_ni, .start_i, .ap_i(dst_i), .advance_i(active),
                     .active_o(dst_active), .addr_o(dst_addr), .last_o(dst_last));

  assign free_o = !active || last;
  assign switching_o = (active && switch_q) || (x_valid_o && x_switch_o);
  assign pe_moving_rd_o = '{en: active, addr: src_addr[2 +: RowAw]};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) x_valid_o <= 1'b0;
    else x_valid_o <= active;
  end
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      acc_q <= acc_i;
      part_q <= src_i.start_part;
      rows_q <= rows_i;
      switch_q <= switch_i;
    end else if (active) begin
      switch_q <= 1'b0;
    end
    if (active) begin
      x_switch_o <= switch_q;
      x_half_o <= src_addr[1];
      x_part_o <= part_q;
      x_rows_o <= rows_q;
      x_token_o <= '{first: switch_q, last: last, acc: acc_q, addr: dst_addr[2 +: PsumAw]};
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(StartOnlyFree_A, start_i -> free_o, "MATMUL started inside another")
  `TSR_ASSERT(PatternsEndTogether_A, active == dst_active && (!active || last == dst_last),
              "patterns end apart")
  `TSR_ASSERT(InSbuf_A, active -> src_addr < SbufBytes && !src_addr[0],
              "source address was not checked")
  `TSR_ASSERT(InPsum_A, active -> dst_addr < PsumBytes && dst_addr[1:0] == 2'd0,
              "destination was not checked")
endmodule
