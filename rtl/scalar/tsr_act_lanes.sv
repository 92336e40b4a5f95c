// SPDX-License-Identifier: Apache-2.0
/// Lanes of the scalar engine: y = f(x * scale + bias), one rounding in the fused multiply-add.
///
/// Latency: fma_en_i to the stage register, 1 cycle; func_en_i to y_o, 1 cycle (func_en_i one cycle
/// after fma_en_i). Held until the next enable. Data are not reset.
module tsr_act_lanes import tsr_cfg_pkg::*; import tsr_isa_pkg::*; import tsr_fp_pkg::*; (
  input  logic        clk_i,
  input  logic        fma_en_i,
  input  logic        func_en_i,
  input  act_code_t   func_i,                      // act_e
  input  logic [31:0] scale_i,
  input  logic [31:0] x_i [P],
  input  logic [31:0] bias_i [P],
  output logic [31:0] y_o [P]
);
  logic [31:0] z_q [P];

  always_ff @(posedge clk_i) begin
    logic [31:0] z [P];
    if (fma_en_i) begin
      for (int unsigned p = 0; p < P; p++) z[p] = fp32_fma(x_i[p], scale_i, bias_i[p]);
      z_q <= z;
    end
  end

  always_ff @(posedge clk_i) begin
    logic [31:0] y [P];
    if (func_en_i && func_i == ActRelu) begin
      for (int unsigned p = 0; p < P; p++) y[p] = fp32_relu(z_q[p]);
      y_o <= y;
    end else if (func_en_i) begin
      y_o <= z_q;
    end
  end
endmodule
