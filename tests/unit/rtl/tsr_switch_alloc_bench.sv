// SPDX-License-Identifier: Apache-2.0
/// Test top: the switch allocator with its arrays as one word each (element 0 in the low bits).
/// `next_vc_i`: VC on the output, element (input * NumPorts + output) * NumVcs + vc.
module tsr_switch_alloc_bench
  import tsr_cfg_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter int unsigned NumPorts = NumDirs,
  parameter int unsigned NumVcs = LinkVcs,
  parameter int unsigned Depth = VcDepth,
  localparam int unsigned PortW = $clog2(NumPorts),
  localparam int unsigned VcW = $clog2(NumVcs),
  localparam int unsigned Reqs = NumPorts * NumVcs
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic [NumPorts*Reqs-1:0]     req_i,
  input  logic [NumPorts-1:0]          tail_i,
  input  logic [NumPorts*Reqs*VcW-1:0] next_vc_i,
  output logic [NumPorts-1:0]          send_o,
  output logic [NumPorts*VcW-1:0]      send_vc_o,
  output logic [NumPorts*PortW-1:0]    send_from_o,
  output logic [NumPorts-1:0]          pop_o,
  output logic [NumPorts*VcW-1:0]      pop_vc_o,
  input  logic [NumPorts-1:0]          credit_valid_i,
  input  logic [NumPorts*VcW-1:0]      credit_vc_i
);
  logic [Reqs-1:0]  req [NumPorts];
  logic [VcW-1:0]   next_vc [NumPorts][NumPorts][NumVcs], send_vc [NumPorts], pop_vc [NumPorts];
  credit_t          credit [NumPorts];
  logic [PortW-1:0] send_from [NumPorts];
  for (genvar p = 0; p < NumPorts; p++) begin : gen_port
    assign req[p] = req_i[Reqs*p +: Reqs];
    assign credit[p] = '{vc: LinkVcW'(credit_vc_i[VcW*p +: VcW])};
    assign send_vc_o[VcW*p +: VcW] = send_vc[p];
    assign send_from_o[PortW*p +: PortW] = send_from[p];
    assign pop_vc_o[VcW*p +: VcW] = pop_vc[p];
    for (genvar o = 0; o < NumPorts; o++) begin : gen_output
      for (genvar v = 0; v < NumVcs; v++) begin : gen_vc
        assign next_vc[p][o][v] = next_vc_i[VcW*((p*NumPorts + o)*NumVcs + v) +: VcW];
      end
    end
  end
  tsr_switch_alloc #(.NumPorts(NumPorts), .NumVcs(NumVcs), .Depth(Depth)) u_alloc (
    .clk_i, .rst_ni,
    .req_i(req), .tail_i, .next_vc_i(next_vc),
    .send_o, .send_vc_o(send_vc), .send_from_o(send_from), .pop_o, .pop_vc_o(pop_vc),
    .credit_valid_i, .credit_i(credit));
endmodule
