// SPDX-License-Identifier: Apache-2.0
/// Result side of a lane engine: casts one row of FP32 results, drives the row write ports of SBUF and PSUM, and
/// accumulates the checksum of the instruction.
///
/// A bfloat16 element is written through half-word strobes; its code stands in both halves of the word.
/// FP32 results are written as they are; `keep_i` moves the upper half of a lane without rounding (copy between equal types).
///
/// Latency: en_i to the write enable, 1 cycle; last_i with en_i to committed_o, 1 cycle: after the edge that ends that
/// cycle the last row is in the memory and checksum_o is final. clear_i starts a new instruction.
module tsr_lane_write
  import tsr_cfg_pkg::*;
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
  input  logic              bf16_i,
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

  assign sbuf_row_wr_o = '{en: sbuf_en_q, strb: strb_q, part: part_i, count: count_i, addr: word_addr_q};
  assign psum_row_wr_o = '{en: psum_en_q, strb: strb_q, part: part_i, count: count_i, addr: word_addr_q};
  assign write = sbuf_en_q | psum_en_q;

  // --- Control --------------------------------------------------------------------------------
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

  // --- Cast -----------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    logic [31:0] t;
    if (en_i) begin
      word_addr_q <= addr_i[2 +: RowAw];
      strb_q <= !bf16_i ? 4'b1111 : addr_i[1] ? 4'b1100 : 4'b0011;
      if (!bf16_i) begin
        wr_row_o <= data_i;
      end else if (keep_i) begin
        for (int unsigned p = 0; p < P; p++) row[p] = data_i[p] | (data_i[p] >> 16);
        wr_row_o <= row;
      end else begin
        for (int unsigned p = 0; p < P; p++) begin
          t = fp32_to_bf16(data_i[p]);
          row[p] = t | (t << 16);
        end
        wr_row_o <= row;
      end
    end
  end

  // --- Checksum of the row on the write port ---------------------------------------------------
  always_ff @(posedge clk_i) begin
    logic [31:0] sum, mask, w, s;
    if (clear_i) begin
      checksum_o <= 32'd0;
      turn_q <= 5'd0;
    end else if (write) begin
      sum = 32'd0;
      for (int unsigned p = 0; p < P; p++) begin
        mask = bf16_i ? 32'h0000ffff : 32'hffffffff;
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
