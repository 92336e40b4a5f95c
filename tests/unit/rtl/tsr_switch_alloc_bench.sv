// SPDX-License-Identifier: Apache-2.0
/// Test top: the switch allocator with its arrays as one word each (element 0 in the low bits).
module tsr_switch_alloc_bench
  import tsr_cfg_pkg::*;
#(
  parameter int unsigned Depth = VcDepth
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [99:0] req_i,
  input  logic [4:0]  tail_i,
  output logic [4:0]  send_o,
  output logic [9:0]  send_vc_o,
  output logic [14:0] send_from_o,
  output logic [4:0]  pop_o,
  output logic [9:0]  pop_vc_o,
  input  logic [4:0]  credit_valid_i,
  input  logic [9:0]  credit_vc_i
);
  logic [19:0] req [5];
  logic [1:0]  send_vc [5], pop_vc [5], credit_vc [5];
  logic [2:0]  send_from [5];
  for (genvar p = 0; p < 5; p++) begin : gen_port
    assign req[p] = req_i[20*p +: 20];
    assign credit_vc[p] = credit_vc_i[2*p +: 2];
    assign send_vc_o[2*p +: 2] = send_vc[p];
    assign send_from_o[3*p +: 3] = send_from[p];
    assign pop_vc_o[2*p +: 2] = pop_vc[p];
  end
  tsr_switch_alloc #(.Depth(Depth)) u_alloc (
    .clk_i, .rst_ni,
    .req_i(req), .tail_i,
    .send_o, .send_vc_o(send_vc), .send_from_o(send_from), .pop_o, .pop_vc_o(pop_vc),
    .credit_valid_i, .credit_vc_i(credit_vc));
endmodule
