// SPDX-License-Identifier: Apache-2.0
/// Result side of a lane engine: casts one row of FP32 results, drives the row write ports of SBUF
/// and PSUM, and accumulates the checksum of the instruction.
///
/// A 16-bit element is written through half-word strobes and stands in both halves of the word.
/// FP32 results are written as they are; `keep_i` moves the bits of every lane (copy between equal
/// types).
///
/// Latency: en_i to the write enable, 1 cycle; last_i with en_i to committed_o, 1 cycle: after the
/// edge that ends that cycle the last row is in the memory and checksum_o is final. clear_i starts
/// a new instruction.
module tsr_lane_write
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_fp_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  input  logic              en_i,
  input  logic              last_i,
  input  logic [31:0]       data_i [P],
  input  logic              keep_i,
  input  dtype_code_t       dtype_i,
  input  logic              psum_i,
  /* verilator lint_off UNUSEDSIGNAL */            // bit 0 is 0, high bits beyond the memory are 0
  input  logic [31:0]       addr_i,                // byte offset in the partition
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [7:0]        part_i,
  input  logic [7:0]        count_i,
  output row_wr_t           sbuf_row_wr_o,
  output row_wr_t           psum_row_wr_o,
  output logic [31:0]       wr_row_o [P],
  output logic              committed_o,
  output logic [31:0]       checksum_o
);
  logic [4:0]       turn_q;                        // 7 x element index, modulo 32
  logic [RowAw-1:0] word_addr_q;
  logic [3:0]       strb_q;
  logic             sbuf_en_q, psum_en_q;
  logic             write;                         // a row stands on a write port
  logic             narrow;                        // elements have 16 bits

  assign sbuf_row_wr_o =
      '{en: sbuf_en_q, strb: strb_q, part: part_i, count: count_i, addr: word_addr_q};
  assign psum_row_wr_o =
      '{en: psum_en_q, strb: strb_q, part: part_i, count: count_i, addr: word_addr_q};
  assign write = sbuf_en_q | psum_en_q;
  assign narrow = dtype_shift(dtype_i) == 2'd1;

  // ---- Control ----------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sbuf_en_q <= 1'b0;
      psum_en_q <= 1'b0;
      committed_o <= 1'b0;
    end else begin
      sbuf_en_q <= en_i & ~psum_i;
      psum_en_q <= en_i & psum_i;
      committed_o <= en_i & last_i;
    end
  end

  // ---- Cast -------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    if (en_i) begin
      word_addr_q <= addr_i[2 +: RowAw];
      strb_q <= !narrow ? 4'b1111 : addr_i[1] ? 4'b1100 : 4'b0011;
      row = data_i;
      if (narrow && !keep_i)
        for (int unsigned p = 0; p < P; p++) row[p] = fp_pack(dtype_i, data_i[p]);
      if (narrow) for (int unsigned p = 0; p < P; p++) row[p] = row[p] | (row[p] << 16);
      wr_row_o <= row;
    end
  end

  // ---- Checksum of the row on the write port ----------------------------------------------------
  always_ff @(posedge clk_i) begin
    logic [31:0] sum, mask, w, s;
    if (clear_i) begin
      checksum_o <= 32'd0;
      turn_q <= 5'd0;
    end else if (write) begin
      sum = 32'd0;
      for (int unsigned p = 0; p < P; p++) begin
        mask = narrow ? 32'h0000ffff : 32'hffffffff;
        mask = ((p - 32'(part_i)) < 32'(count_i)) ? mask : 32'd0;
        w = wr_row_o[p] & mask;
        s = p + 32'(turn_q);
        s = s & 32'd31;
        sum = sum ^ ((w << s[4:0]) | ((w >> 1) >> (s[4:0] ^ 5'd31)));
      end
      checksum_o <= checksum_o ^ sum;
      turn_q <= turn_q + 5'd7;
    end
  end
endmodule
