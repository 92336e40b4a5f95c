// SPDX-License-Identifier: Apache-2.0
/// A model of a chosen cost for measuring the harness: eight input and eight output ports, `Cells` words of state. Each cell
/// waits for the one before it, four multiplications long, so that the host executes 2.2 instructions per cycle: what it
/// executes in a tile of this project.
module bench_dut #(
  parameter int Cells = 512
) (
  input  logic        clk,
  input  logic [31:0] in_0, in_1, in_2, in_3, in_4, in_5, in_6, in_7,
  output logic [31:0] out_0, out_1, out_2, out_3, out_4, out_5, out_6, out_7
);
  function automatic logic [31:0] mix(logic [31:0] x);
    return (x ^ (x >> 13)) * 32'h9e37_79b1;
  endfunction

  logic [31:0] cell_q [Cells];
  logic [31:0] sum_q;
  always_ff @(posedge clk) begin
    logic [31:0] carry;
    carry = in_0 ^ {in_1[15:0], in_2[31:16]};
    for (int i = 0; i < Cells; i++) begin
      carry = mix(mix(mix(mix(carry)))) + (cell_q[i] ^ 32'(i));
      cell_q[i] <= carry;
    end
    sum_q <= carry;
    out_0 <= in_0 + sum_q;
    out_1 <= in_1 + sum_q;
    out_2 <= in_2 + sum_q;
    out_3 <= in_3 + sum_q;
    out_4 <= in_4 + sum_q;
    out_5 <= in_5 + sum_q;
    out_6 <= in_6 + sum_q;
    out_7 <= in_7 + sum_q;
  end
endmodule
