// SPDX-License-Identifier: Apache-2.0
/// One ALU stage of the vector engine: y = a op b in every lane, FP32.
///
/// pass_i: y = a, with clean_i a NaN as the canonical one. fold_i: y = y op a, the running value of
/// a reduction. pass_i wins over fold_i.
/// Latency: en_i to y_o, 1 cycle; held until the next en_i. Data are not reset.
module tsr_vec_alu import tsr_cfg_pkg::*; import tsr_isa_pkg::*; import tsr_fp_pkg::*; (
  input  logic        clk_i,
  input  logic        en_i,
  input  alu_code_t   op_i,                        // alu_e: add, sub, mul, max, min
  input  logic        pass_i,
  input  logic        clean_i,
  input  logic        fold_i,
  input  logic [31:0] a_i [P],
  input  logic [31:0] b_i [P],
  output logic [31:0] y_o [P]
);
  always_ff @(posedge clk_i) begin
    logic [31:0] l [P];
    logic [31:0] r [P];
    logic [31:0] y [P];
    logic [31:0] flip;
    if (en_i && pass_i) begin
      y = a_i;
      if (clean_i) for (int unsigned p = 0; p < P; p++) y[p] = fp32_canonical(y[p]);
      y_o <= y;
    end else if (en_i) begin
      if (fold_i) begin
        l = y_o;
        r = a_i;
      end else begin
        l = a_i;
        r = b_i;
      end
      flip = (op_i == AluSub) ? 32'h80000000 : 32'd0;
      case (op_i)
        AluMul:  for (int unsigned p = 0; p < P; p++) y[p] = fp32_mul(l[p], r[p]);
        AluMax:  for (int unsigned p = 0; p < P; p++) y[p] = fp32_max(l[p], r[p]);
        AluMin:  for (int unsigned p = 0; p < P; p++) y[p] = fp32_min(l[p], r[p]);
        default: for (int unsigned p = 0; p < P; p++) y[p] = fp32_add(l[p], r[p] ^ flip);
      endcase
      y_o <= y;
    end
  end
endmodule
