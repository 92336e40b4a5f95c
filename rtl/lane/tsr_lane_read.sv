// SPDX-License-Identifier: Apache-2.0
/// Operand register of a lane engine: takes one row of SBUF or PSUM read data, moves it from source
/// to destination partitions and widens it to FP32.
///
/// Source and destination partitions are multiples of a quadrant (P/4) apart, so the move is a
/// rotation by `quad_i` quadrants: lane p takes partition p + quad_i x P/4, modulo P. A 16-bit
/// element stands in the half that byte address bit 1 names (`half_i`). With `keep_i` a lane holds
/// the bits of the element, in the low half of the word if it has 16. Lanes outside the
/// instruction's partitions hold rubbish that nobody writes.
///
/// Latency: en_i (in the cycle in which the read data stand) to data_o, 1 cycle; held until the
/// next en_i or fill_i. fill_i sets every lane to value_i. Data are not reset.
module tsr_lane_read
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_fp_pkg::*;
(
  input  logic        clk_i,
  input  logic        fill_i,
  input  logic [31:0] value_i,
  input  logic        en_i,
  input  logic        psum_i,                      // row stands on the PSUM port
  input  logic [1:0]  quad_i,
  input  dtype_code_t dtype_i,
  input  logic        keep_i,                      // bits move as they are
  input  logic        half_i,
  input  logic [31:0] sbuf_row_i [P],
  input  logic [31:0] psum_row_i [P],
  output logic [31:0] data_o [P]
);
  localparam int unsigned Quad = P / 4;

  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    if (fill_i) begin
      for (int unsigned p = 0; p < P; p++) row[p] = value_i;
      data_o <= row;
    end else if (en_i) begin
      // quad_i = 0 is the common case and a contiguous copy
      if (psum_i && quad_i == 2'd0) row = psum_row_i;
      else if (quad_i == 2'd0) row = sbuf_row_i;
      else if (psum_i) begin
        for (int unsigned p = 0; p < P; p++)
          row[p] = psum_row_i[(p + 32'(quad_i) * Quad) & (P - 1)];
      end else begin
        for (int unsigned p = 0; p < P; p++)
          row[p] = sbuf_row_i[(p + 32'(quad_i) * Quad) & (P - 1)];
      end
      if (dtype_shift(dtype_i) == 2'd1) begin
        for (int unsigned p = 0; p < P; p++)
          row[p] = (half_i ? (row[p] >> 16) : row[p]) & 32'h0000ffff;
      end
      if (!keep_i) for (int unsigned p = 0; p < P; p++) row[p] = fp_unpack(dtype_i, row[p]);
      data_o <= row;
    end
  end
endmodule
