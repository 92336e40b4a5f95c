// SPDX-License-Identifier: Apache-2.0
/// Result side of the PE: takes the column sums of the array to PSUM and adds up the checksum of
/// each MATMUL.
///
/// A token waits from the moving column until its sum of column 0 appears, then goes over the
/// lanes, one per cycle, as the sums do. Which lanes write changes with the weights: the new set
/// goes over the lanes with the first token. The checksum goes the same way one cycle behind: lane
/// c adds the word that PSUM wrote, rotated by c.
///
/// Latency: `next_i` to the write enable of lane c, 1 + c cycles; write of lane P-1 of the last
/// column to `sum_valid_o`, 2 cycles: all words are then in PSUM.
`include "tsr_assert.svh"
module tsr_pe_drain import tsr_cfg_pkg::*; import tsr_types_pkg::*; import tsr_pe_pkg::*; (
  input  logic         clk_i,
  input  logic         rst_ni,
  // a moving column enters the array
  input  logic         x_valid_i,
  input  token_t       x_token_i,
  // lanes that hold a column of the weights which the first token brings
  input  logic         cols_en_i,
  input  logic [7:0]   cols_part_i,
  input  logic [7:0]   cols_count_i,
  // array: column 0 delivers in the next cycle
  input  logic         next_i,
  // PSUM
  output logic [P-1:0] pe_en_o,
  output logic [31:0]  pe_addr_o [P],
  output logic [P-1:0] pe_acc_o,
  input  logic [31:0]  pe_sum_i [P],               // words written, 0 in lanes that did not write
  // one MATMUL is in PSUM
  output logic         sum_valid_o,
  output logic [31:0]  sum_o
);
  localparam int unsigned Depth = 2 * P;           // tokens in the array at most P + 1
  localparam int unsigned PtrW = $clog2(Depth);

  // ---- Tokens of the columns in the array -------------------------------------------------------
  token_t          wait_q [Depth];
  logic [PtrW-1:0] put_q, get_q;
  token_t          head;
  assign head = wait_q[get_q];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      put_q <= '0;
      get_q <= '0;
    end else begin
      if (x_valid_i) put_q <= put_q + PtrW'(1);
      if (next_i) get_q <= get_q + PtrW'(1);
    end
  end
  always_ff @(posedge clk_i) begin
    if (x_valid_i) wait_q[put_q] <= x_token_i;
  end

  // ---- Tokens over the lanes --------------------------------------------------------------------
  // Bit c: lane c writes in this cycle; bits P and P+1 follow the last lane to the end of the
  // checksum.
  logic [P+1:0] valid_q, last_q;
  logic [P-2:0] first_q;
  // lanes_q: columns that take part, as seen by the token in each lane
  logic [P-1:0] lanes_q, cols_q, first, lanes;
  logic         run;
  assign run = next_i || valid_q != '0;
  assign first = {first_q, next_i && head.first};
  assign lanes = (lanes_q & ~first) | (cols_q & first);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      first_q <= '0;
      pe_en_o <= '0;
    end else if (run) begin
      valid_q <= {valid_q[P:0], next_i};
      first_q <= first[P-2:0];
      pe_en_o <= {valid_q[P-2:0], next_i} & lanes;
    end
  end
  always_ff @(posedge clk_i) begin
    if (cols_en_i) begin
      for (int unsigned p = 0; p < P; p++) cols_q[p] <= (p - 32'(cols_part_i)) < 32'(cols_count_i);
    end
  end
  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    if (run) begin
      last_q <= {last_q[P:0], head.last};
      lanes_q <= lanes;
      pe_acc_o <= {pe_acc_o[P-2:0], head.acc};
      row[0] = 32'(head.addr);
      for (int unsigned p = 1; p < P; p++) row[p] = pe_addr_o[p-1];
      pe_addr_o <= row;
    end
  end

  // ---- Checksum ---------------------------------------------------------------------------------
  // words of one column of results up to this lane, rotated by the lane
  logic [31:0] fold_q [P];
  logic [31:0] sum_q, sum;
  logic [4:0]  turn_q;                             // 7 x index of the column, modulo 32
  logic        wrote_q;
  assign sum = sum_q ^ ((fold_q[P-1] << turn_q) | ((fold_q[P-1] >> 1) >> ~turn_q));
  assign sum_o = sum;
  assign sum_valid_o = valid_q[P+1] && last_q[P+1];

  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    logic [31:0] w, s, mask;
    if (run) begin
      wrote_q <= pe_en_o != '0;
      mask = wrote_q ? 32'hffffffff : 32'd0;       // without a write PSUM holds older words
      for (int unsigned p = 0; p < P; p++) begin
        w = pe_sum_i[p] & mask;
        s = p;
        s = s & 32'd31;
        row[p] = (w << s[4:0]) | ((w >> 1) >> (s[4:0] ^ 5'd31));
      end
      for (int unsigned p = 1; p < P; p++) row[p] = row[p] ^ fold_q[p-1];
      fold_q <= row;
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sum_q <= 32'd0;
      turn_q <= 5'd0;
    end else if (valid_q[P+1]) begin
      sum_q <= last_q[P+1] ? 32'd0 : sum;
      turn_q <= last_q[P+1] ? 5'd0 : turn_q + 5'd7;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(ColumnsOneByOne_A, cols_en_i -> first_q == '0, "two sets of columns under way")
  `TSR_ASSERT(TokenForEverySum_A, next_i -> put_q != get_q, "sum without a token")
endmodule
