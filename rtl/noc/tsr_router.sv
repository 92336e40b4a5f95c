// SPDX-License-Identifier: Apache-2.0
/// Router: NumPorts ports with NumVcs virtual channels each, credit-based wormhole switching. Port
/// DirL leads to the network interface; where the others lead, and on which VC a packet goes on, is
/// said by the topology alone.
///
/// Latency: a flit sampled at an edge is on an output register after the next edge (2 cycles per
/// hop with latency-1 links); the credit of a flit leaves in the cycle after it left its buffer, so
/// the credit loop is 2L + 2 cycles.
/// Order: flits of one input VC leave in order; a packet holds its output VC from head to tail.
/// Errors: none; coordinates outside the mesh must not be sent.
/// `quiet_o` takes the links to other tiles as idle, so it is decoded from registers (and from
/// those of the interface).
module tsr_router
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter int unsigned NumPorts = NumDirs,
  parameter int unsigned NumVcs = LinkVcs,
  parameter int unsigned Depth = VcDepth           // flits per VC, here and in the neighbours
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  place_t              place_i,
  output logic                quiet_o,
  // What arrives by each port: flits, and credits for flits that left by it
  input  logic [NumPorts-1:0] link_valid_i,
  input  link_t               link_i [NumPorts],
  input  logic [NumPorts-1:0] credit_valid_i,
  input  credit_t             credit_i [NumPorts],
  // What leaves by each port
  output logic [NumPorts-1:0] link_valid_o,
  output link_t               link_o [NumPorts],
  output logic [NumPorts-1:0] credit_valid_o,
  output credit_t             credit_o [NumPorts]
);
  localparam int unsigned PortW = $clog2(NumPorts);
  localparam int unsigned VcW = $clog2(NumVcs);

  // ---- Inputs -----------------------------------------------------------------------------------
  logic [NumPorts*NumVcs-1:0] req [NumPorts];      // of each input: bit output * NumVcs + vc
  logic [VcW-1:0]             next_vc [NumPorts][NumPorts][NumVcs];
  logic [NumPorts-1:0]        pop, tail;
  logic [VcW-1:0]             pop_vc [NumPorts];
  link_t                      flit [NumPorts];     // the one that leaves each input, its VC there
  for (genvar i = 0; i < NumPorts; i++) begin : gen_input
    dir_e port;
    tsr_topology_mesh #(.From(dir_e'(i)), .NumVcs(NumVcs)) u_topology (
      .clk_i, .rst_ni, .place_i,
      .head_valid_i(link_valid_i[i] && link_i[i].head), .hdr_i(hdr_t'(HdrBits'(link_i[i].data))),
      .port_o(port), .next_vc_o(next_vc[i]));
    tsr_vc_buffer #(.NumPorts(NumPorts), .NumVcs(NumVcs), .Depth(Depth)) u_buffer (
      .clk_i, .rst_ni,
      .link_valid_i(link_valid_i[i]), .link_i(link_i[i]), .port_i(port),
      .req_o(req[i]), .pop_i(pop[i]), .pop_vc_i(pop_vc[i]), .flit_o(flit[i]));
    assign tail[i] = flit[i].tail;
  end

  // ---- Allocation -------------------------------------------------------------------------------
  logic [NumPorts-1:0] send;
  logic [VcW-1:0]      send_vc [NumPorts];
  logic [PortW-1:0]    send_from [NumPorts];
  tsr_switch_alloc #(.NumPorts(NumPorts), .NumVcs(NumVcs), .Depth(Depth)) u_alloc (
    .clk_i, .rst_ni,
    .req_i(req), .tail_i(tail), .next_vc_i(next_vc),
    .send_o(send), .send_vc_o(send_vc), .send_from_o(send_from), .pop_o(pop), .pop_vc_o(pop_vc),
    .credit_valid_i, .credit_i);

  // ---- Outputs ----------------------------------------------------------------------------------
  logic [NumPorts-1:0] link_valid_q, credit_valid_q;
  link_t               link_q [NumPorts];
  credit_t             credit_q [NumPorts];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      link_valid_q <= '0;
      credit_valid_q <= '0;
    end else begin
      link_valid_q <= send;
      credit_valid_q <= pop;
    end
  end

  always_ff @(posedge clk_i) begin : crossbar
    link_t   link [NumPorts];
    credit_t credit [NumPorts];
    if (send != '0) begin
      link = link_q;
      credit = credit_q;
      for (int unsigned p = 0; p < NumPorts; p++) begin
        if (pop[p]) credit[p].vc = LinkVcW'(pop_vc[p]);
        if (send[p]) begin
          link[p] = flit[send_from[p]];
          link[p].vc = LinkVcW'(send_vc[p]);
        end
      end
      link_q <= link;
      credit_q <= credit;
    end
  end

  assign link_valid_o = link_valid_q;
  assign link_o = link_q;
  assign credit_valid_o = credit_valid_q;
  assign credit_o = credit_q;
  assign quiet_o = (send | link_valid_q | credit_valid_q) == '0 && !link_valid_i[DirL] &&
                   !credit_valid_i[DirL];
endmodule
