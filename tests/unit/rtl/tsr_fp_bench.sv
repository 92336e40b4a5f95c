// SPDX-License-Identifier: Apache-2.0
/// Test top: every function of `tsr_fp_pkg` over `Lanes` independent operand sets. Combinational.
module tsr_fp_bench import tsr_isa_pkg::*; import tsr_fp_pkg::*; #(parameter int unsigned Lanes = 64) (
  input  logic [31:0] a_i [Lanes],
  input  logic [31:0] b_i [Lanes],
  input  logic [31:0] c_i [Lanes],
  output logic [31:0] add_o [Lanes],
  output logic [31:0] sub_o [Lanes],
  output logic [31:0] mul_o [Lanes],
  output logic [31:0] fma_o [Lanes],
  output logic [31:0] max_o [Lanes],
  output logic [31:0] min_o [Lanes],
  output logic [31:0] relu_o [Lanes],
  output logic [31:0] bf16_o [Lanes],
  output logic [31:0] wide_o [Lanes],
  output logic [31:0] half_o [Lanes],              // binary16: a format with fewer bits of exponent than FP32
  output logic [31:0] half_wide_o [Lanes],
  output logic [31:0] canonical_o [Lanes]
);
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      add_o[l] = fp32_add(a_i[l], b_i[l]);
      sub_o[l] = fp32_sub(a_i[l], b_i[l]);
      mul_o[l] = fp32_mul(a_i[l], b_i[l]);
      max_o[l] = fp32_max(a_i[l], b_i[l]);
      min_o[l] = fp32_min(a_i[l], b_i[l]);
      relu_o[l] = fp32_relu(a_i[l]);
      bf16_o[l] = fp_pack(DtypeBf16, a_i[l]);
      wide_o[l] = fp_unpack(DtypeBf16, a_i[l]);
      half_o[l] = fp_narrow(a_i[l], 32'd5, 32'd10);
      half_wide_o[l] = fp_widen(a_i[l], 32'd5, 32'd10);
      canonical_o[l] = fp32_canonical(a_i[l]);
    end
    for (int unsigned l = 0; l < Lanes; l++) fma_o[l] = fp32_fma(a_i[l], b_i[l], c_i[l]);
  end
endmodule
