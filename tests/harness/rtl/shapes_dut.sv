// SPDX-License-Identifier: Apache-2.0
/// Ports that are no packed vectors: real numbers, and arrays of one to three dimensions, rising and falling.
module shapes_dut #(
  parameter real        Pi = 3.25,
  parameter logic [7:0] Table [2][3] = '{'{1, 2, 3}, '{4, 5, 6}}
) (
  input  logic        clk,
  input  real         x,
  output real         twice,
  output real         last,              // `x` at the last edge
  input  real         list [2:0],
  output real         sum,
  input  logic [7:0]  square [2][3],
  output logic [7:0]  corner,            // square[1][0]
  output logic [7:0]  turned [3][2],
  input  logic [79:0] deep [2:1][4:5][3],
  output logic [79:0] picked,            // deep[2][4][1]
  input  logic        bits [2][2],
  output logic [3:0]  flat
);
  assign twice  = x * 2.0;
  assign sum    = list[2] + 10.0 * list[1] + 100.0 * list[0];
  assign corner = square[1][0];
  assign picked = deep[2][4][1];
  assign flat   = {bits[1][1], bits[1][0], bits[0][1], bits[0][0]};
  for (genvar i = 0; i < 2; ++i) begin : gen_row
    for (genvar j = 0; j < 3; ++j) begin : gen_column
      assign turned[j][i] = square[i][j];
    end
  end
  always_ff @(posedge clk) last <= x;
endmodule
