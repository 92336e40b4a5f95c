// SPDX-License-Identifier: Apache-2.0
/// Everything that the phase tests look at: a register, combinational logic, copies of the clock, a divided clock, an
/// instance, a wide register, forceable names, and inputs that end the simulation.
module phase_sub (
  input  logic       clk,
  input  logic [7:0] d,
  output logic [7:0] q
);
  logic [7:0] r_q;
  always_ff @(posedge clk) r_q <= d;
  assign q = r_q;
endmodule

module phase_dut #(
  parameter int Depth = 5
) (
  input  logic        clk,
  input  logic        rst_n,
  input  logic [7:0]  a,
  input  logic        en,
  input  logic [99:0] wide,
  input  logic [2:0]  kill,      // 1: $error, 2: $fatal, 3: assertion, 4: $finish, 5: $stop
  input  logic        ping,      // a combinational path for loops through the bench
  output logic        pong,
  output logic [7:0]  comb,
  output logic [7:0]  count,
  output logic        div,
  output logic        clk_copy,
  output logic [7:0]  a_q,
  output logic [7:0]  sub_q,
  output logic [7:0]  forced,
  output logic [7:0]  held,
  output logic [99:0] wide_q
);
  logic [7:0] hold;   // a register that tests force
  logic [7:0] wired;  // a net that tests force
  logic [7:0] mem [4];

  assign comb = a + 8'd1;
  assign clk_copy = clk;
  assign pong = ~ping;
  assign wired = a ^ 8'h55;
  assign forced = wired;
  assign held = hold;
  phase_sub u_sub (.clk(clk), .d(a), .q(sub_q));

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      count <= 8'd0;
      div   <= 1'b0;
      hold  <= 8'd0;
    end else begin
      count <= count + 8'd1;
      div   <= ~div;
      hold  <= count;
    end
    a_q    <= a;
    wide_q <= wide;
    if (en) mem[a[1:0]] <= a;
    if (kill == 3'd1) $error("asked for an error");
    if (kill == 3'd2) $fatal(1, "asked for the end");
    if (kill == 3'd4) $finish;
    if (kill == 3'd5) $stop;
  end
`ifndef SYNTHESIS
  Kill_A : assert property (@(posedge clk) kill != 3'd3) else $error("asked to violate");
`endif
endmodule
