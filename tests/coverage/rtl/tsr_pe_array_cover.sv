// SPDX-License-Identifier: Apache-2.0
/// Cover points of the PE array, bound into it in models built with coverage. Meaning of each: tests/coverage/plan.csv.
module tsr_pe_array_cover
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
(
  input logic             clk_i,
  input logic             rst_ni,
  input logic             run_i,
  input logic             quiet_i,
  input logic             x_valid_i,
  input logic             switch_i,
  input logic             switching_i,
  input logic             x_half_i,
  input logic [7:0]       x_count_i,
  input logic             ld_en_i,
  input logic [PartW-1:0] ld_col_i,
  input logic [2:0]       ld_count_i
);
  logic last_valid_q, last_quiet_q, gap_q;         // gap_q: the array is in flight and the last cycle had no column

  always_ff @(posedge clk_i) begin
    last_valid_q <= rst_ni && x_valid_i;
    last_quiet_q <= !rst_ni || quiet_i;
    gap_q <= rst_ni && run_i && !x_valid_i;
  end

  BackToBack_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) x_valid_i && last_valid_q);
  GapInFlight_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) x_valid_i && run_i && gap_q);
  Switch_C:          cover property (@(posedge clk_i) disable iff (!rst_ni) x_valid_i && switch_i);
  ColumnInSwitch_C:  cover property (@(posedge clk_i) disable iff (!rst_ni) x_valid_i && switching_i);
  LoadWithColumn_C:  cover property (@(posedge clk_i) disable iff (!rst_ni) ld_en_i && x_valid_i);
  LoadInDrain_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) ld_en_i && run_i && !x_valid_i);
  LastColumnLoad_C:  cover property (@(posedge clk_i) disable iff (!rst_ni) ld_en_i && 32'(ld_col_i) + 32'(ld_count_i) == P);
  PartialRows_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) x_valid_i && 32'(x_count_i) < P);
  UpperHalf_C:       cover property (@(posedge clk_i) disable iff (!rst_ni) x_valid_i && x_half_i);
  LowerHalf_C:       cover property (@(posedge clk_i) disable iff (!rst_ni) x_valid_i && !x_half_i);
  Drained_C:         cover property (@(posedge clk_i) disable iff (!rst_ni) quiet_i && !last_quiet_q);
endmodule

bind tsr_pe_array tsr_pe_array_cover u_cover (
  .clk_i, .rst_ni, .run_i(run), .quiet_i(quiet_o), .x_valid_i, .switch_i, .switching_i(switching_o), .x_half_i, .x_count_i,
  .ld_en_i, .ld_col_i, .ld_count_i
);
