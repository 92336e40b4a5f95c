// SPDX-License-Identifier: Apache-2.0
/// Weight-stationary systolic array, P rows (K) by P columns (M), one moving column per cycle.
///
///            w shadow -> w                     PE (r, c):  p' = fmaf(x, w, p)
///                                              per cycle x moves one column right, p one row down;
///   x row 0 ------------> [ PE 0,0 ] -> [ ]    row r gets its element r cycles after row 0 (skew),
///   x row 1 -> d -------> [ PE 1,0 ] -> [ ]    so the p of an output starts as +0 above row 0 and
///   x row 2 -> d -> d --> [ PE 2,0 ] -> [ ]    meets rows 0 ... P-1 in this order: rule R1.
///                             | p 0      | p 1
///
/// Latency: moving column taken in cycle t -> sum of column c on `p_o[c]` in cycle t + P + 1 + c;
/// one result per column and cycle. `next_o` stands one cycle before `p_o[0]`.
/// Rows outside part ... part + count - 1 get x = -0 and weight +0 and leave p as it is.
///
/// Weights: `ld_en_i` writes up to four columns of the shadow copy per cycle. `switch_i`, with the
/// first moving column of a matrix, starts a wavefront that copies shadow to active in PE (r, c) r
/// + c cycles later, just ahead of that column; `switching_o` is 1 while it runs and the shadow may
/// not be written then. The last write may be in the cycle before `switch_i`.
///
/// All registers are arrays of this one module, and the whole body stands under one enable that is
/// 0 when nothing is in flight.
`include "tsr_assert.svh"
module tsr_pe_array import tsr_cfg_pkg::*; import tsr_types_pkg::*; import tsr_pe_pkg::*; (
  input  logic             clk_i,
  input  logic             rst_ni,
  output logic             quiet_o,
  // moving column: BF16 codes in half `x_half_i` of each word
  input  logic             x_valid_i,
  input  logic             switch_i,
  input  logic [31:0]      x_data_i [P],
  input  logic             x_half_i,
  input  logic [7:0]       x_part_i,
  input  logic [7:0]       x_count_i,
  // shadow weights: element e of the row is half e[0] of word e[1]; columns col ... col + count - 1
  // get elements first ... first + count - 1
  input  logic             ld_en_i,
  input  logic [PartW-1:0] ld_col_i,
  input  logic [2:0]       ld_count_i,
  input  logic [1:0]       ld_first_i,
  input  logic [31:0]      ld_lo_i [P],
  input  logic [31:0]      ld_hi_i [P],
  input  logic [7:0]       ld_part_i,
  input  logic [7:0]       ld_rows_i,
  output logic             switching_o,
  // column sums
  output logic             next_o,
  output logic [31:0]      p_o [P]
);
  // cycles from the last moving column to the last sum
  localparam int unsigned Flight = 2 * P;
  localparam int unsigned FlightW = $clog2(Flight + 1);
  localparam int unsigned Diagonals = 2 * P - 1;
  localparam int unsigned DiagW = $clog2(Diagonals + 1);

  // ---- Control ----------------------------------------------------------------------------------
  logic [FlightW-1:0] flight_q;                    // cycles until the array is empty
  logic [DiagW-1:0]   diag_q;                      // diagonal r + c that is copied next, 0: none
  logic [P-1:0]       valid_q;                     // moving column taken k + 1 cycles ago
  logic               run, copy;
  logic [31:0]        diag;

  assign run = x_valid_i || flight_q != '0;
  assign copy = (x_valid_i && switch_i) || diag_q != '0;
  assign diag = 32'(diag_q);                       // 0 with switch_i itself
  assign switching_o = diag_q != '0;
  assign next_o = valid_q[P-1];
  assign quiet_o = !run && !ld_en_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      flight_q <= '0;
      diag_q <= '0;
      valid_q <= '0;
    end else if (run) begin
      flight_q <= x_valid_i ? FlightW'(Flight) : flight_q - FlightW'(1);
      valid_q <= {valid_q[P-2:0], x_valid_i};
      if (copy) diag_q <= (diag_q == DiagW'(Diagonals - 1)) ? '0 : diag_q + DiagW'(1);
    end
  end

  // ---- Array ------------------------------------------------------------------------------------
  // Column by column: the rows of a column are the lanes of the inner loops, contiguous in every
  // array.
  logic [PeW-1:0] shadow [P][P];                   // [column][row]
  logic [PeW-1:0] w [P][P];
  logic [PeW-1:0] x [P][P];
  // skew[d][r]: element of row r, d + 1 cycles after entry; used by rows r > d
  logic [PeW-1:0] skew [P][P];
  // p[c][r]: sum of rows above r, into row r; p[c][0] is +0
  logic [31:0]    p [P][P];

  // Arrays private to this block, so blocking assignments cannot race. Each step reads what the
  // steps below it have not yet changed: columns right to left, so that every read sees the last
  // cycle's value.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    logic [31:0] sum [P];
    logic [31:0] last [P];
    logic [31:0] code;
    if (run) begin
      // In a loop of its own: stored just before it is read, it would keep clang from making a
      // vector loop of the next one.
      for (int unsigned c = 0; c < P; c++) p[c][0] = 32'd0;
      for (int unsigned i = 1; i <= P; i++) begin
        for (int unsigned r = 0; r < P; r++)
          sum[r] = pe_mac(32'(x[P-i][r]), 32'(w[P-i][r]), p[P-i][r]);
        for (int unsigned r = 1; r < P; r++) p[P-i][r] = sum[r-1];
        last[P-i] = sum[P-1];
      end
      p_o <= last;

      for (int unsigned i = 1; i < P; i++) x[P-i] = x[P-1-i];
      for (int unsigned r = 1; r < P; r++) x[0][r] = skew[r-1][r];
      for (int unsigned i = 1; i < P; i++) skew[P-i] = skew[P-1-i];
      for (int unsigned r = 0; r < P; r++) begin
        code = (x_data_i[r] >> {x_half_i, 4'd0}) & 32'h0000ffff;
        code = pe_recode_bf16(code);
        skew[0][r] = PeW'(((r - 32'(x_part_i)) < 32'(x_count_i)) ? code : PeMinusZero);
      end
      x[0][0] = skew[0][0];
    end

    if (copy) begin
      for (int unsigned c = 0; c < P; c++) begin
        for (int unsigned r = 0; r < P; r++) w[c][r] = (r + c == diag) ? shadow[c][r] : w[c][r];
      end
    end
    if (ld_en_i) begin
      for (int unsigned j = 0; j < 4; j++) begin
        if (j < 32'(ld_count_i)) begin
          logic [1:0] e;
          e = 2'(j) + ld_first_i;
          for (int unsigned r = 0; r < P; r++) begin
            code = ((e[1] ? ld_hi_i[r] : ld_lo_i[r]) >> {e[0], 4'd0}) & 32'h0000ffff;
            code = pe_recode_bf16(code);
            shadow[ld_col_i + PartW'(j)][r] =
                PeW'(((r - 32'(ld_part_i)) < 32'(ld_rows_i)) ? code : 32'(PePlusZero));
          end
        end
      end
    end
  end
  /* verilator lint_on BLKSEQ */

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(OneWavefront_A, !(x_valid_i && switch_i && diag_q != '0), "switch while switching")
  `TSR_ASSERT(ShadowWriteApart_A, !(ld_en_i && copy), "shadow written while it is copied")
  `TSR_ASSERT(SwitchWithColumn_A, switch_i -> x_valid_i, "switch without a moving column")
  `TSR_ASSERT(LoadInRange_A, ld_en_i ->
              ld_count_i != 3'd0 && 32'(ld_col_i) + 32'(ld_count_i) <= P &&
              32'(ld_first_i) + 32'(ld_count_i) <= 4, "weight columns")
endmodule
