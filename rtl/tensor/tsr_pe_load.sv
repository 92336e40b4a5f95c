// SPDX-License-Identifier: Apache-2.0
/// Loads weights: walks the access pattern of one LDWEIGHTS, reads two consecutive words of every
/// partition per cycle and hands up to four elements to the shadow columns of the array.
///
/// Elements that are adjacent in memory (step0 = 1) go four at a time, as far as they stand in one
/// aligned pair of words and in one pass of dimension 0; any other pattern goes one element per
/// cycle.
/// Latency: `start_i` takes the pattern; from the next cycle on, `busy_o` is 1 and reads go out in
/// every cycle with `go_i`; the columns stand on `ld_*` one cycle after their read. `done_o` stands
/// with the last read.
`include "tsr_assert.svh"
module tsr_pe_load
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  // one LDWEIGHTS, checked
  input  logic              start_i,
  input  operand_t          ap_i,
  input  logic [7:0]        rows_i,
  input  logic [PartW-1:0]  col_i,                 // first column
  input  logic              go_i,                  // the shadow copy may be written
  output logic              busy_o,
  output logic              done_o,
  // SBUF
  output row_rd_t           pe_weight_rd_o,
  // shadow columns of the array
  output logic              ld_en_o,
  output logic [PartW-1:0]  ld_col_o,
  output logic [2:0]        ld_count_o,
  output logic [1:0]        ld_first_o,
  output logic [7:0]        ld_part_o,
  output logic [7:0]        ld_rows_o
);
  // ---- Access pattern: the walker goes over dimensions 1 to 3, dimension 0 is counted here ------
  operand_t    outer;
  logic        row_active, row_last, row_end, read, run;
  logic [31:0] row_addr, addr;
  logic [31:0] step_q, inner_q;                    // bytes
  // elements of dimension 0, less one: all, and still to come
  logic [15:0] num_q, left_q;
  logic [2:0]  room, count;
  logic [PartW-1:0] col_q;
  logic [7:0]  part_q, rows_q;

  always_comb begin
    outer = ap_i;
    outer.num0 = 16'd1;
  end
  tsr_ap_walk u_walk (.clk_i, .rst_ni, .start_i, .ap_i(outer), .advance_i(read && row_end),
                      .active_o(row_active), .addr_o(row_addr), .last_o(row_last));

  assign addr = row_addr + inner_q;
  assign read = row_active && go_i;
  assign run = step_q == 32'd2;
  assign room = 3'd4 - {1'b0, addr[2:1]};
  assign count = !run ? 3'd1 : (left_q < 16'(room)) ? 3'(left_q) + 3'd1 : room;
  assign row_end = left_q < 16'(count);
  assign busy_o = row_active;
  assign done_o = read && row_end && row_last;
  assign pe_weight_rd_o = '{en: read, addr: {addr[3 +: RowAw - 1], 1'b0}};

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      step_q <= {{16{ap_i.step0[15]}}, ap_i.step0} << dtype_shift(ap_i.dtype);
      num_q <= dim(ap_i.num0) - 16'd1;
      left_q <= dim(ap_i.num0) - 16'd1;
      inner_q <= 32'd0;
      col_q <= col_i;
      part_q <= ap_i.start_part;
      rows_q <= rows_i;
    end else if (read) begin
      left_q <= row_end ? num_q : left_q - 16'(count);
      inner_q <= row_end ? 32'd0 : run ? inner_q + {28'd0, count, 1'b0} : inner_q + step_q;
      col_q <= col_q + PartW'(count);
    end
  end

  // ---- Columns of the data on the read port -----------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) ld_en_o <= 1'b0;
    else ld_en_o <= read;
  end
  always_ff @(posedge clk_i) begin
    if (read) begin
      ld_col_o <= col_q;
      ld_count_o <= count;
      ld_first_o <= addr[2:1];
      ld_part_o <= part_q;
      ld_rows_o <= rows_q;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(StartOnlyIdle_A, start_i -> !row_active, "LDWEIGHTS started while one is loading")
  `TSR_ASSERT(InSbuf_A, read -> addr < SbufBytes && !addr[0], "address was not checked")
endmodule
