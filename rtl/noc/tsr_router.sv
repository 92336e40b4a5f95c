// SPDX-License-Identifier: Apache-2.0
/// Mesh router: five ports N, E, S, W, L, four virtual channels each, credit-based wormhole switching.
///
/// Latency: a flit sampled at an edge is on an output register after the next edge (2 cycles per hop with latency-1
/// links); the credit of a flit leaves in the cycle after it left its buffer, so the credit loop is 2L + 2 cycles.
/// Order: flits of one input VC leave in order; a packet keeps its VC number on every hop and holds its output VC from
/// head to tail. Errors: none; coordinates outside the mesh must not be sent.
/// `quiet_o` takes the four mesh links as idle, so it is decoded from registers (and from those of the interface).
module tsr_router
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
#(
  parameter int unsigned Depth = VcDepth           // flits per VC, here and in the neighbours
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  /// Own coordinates and mesh size less one; constant while running.
  input  logic [7:0]          tile_x_i,
  input  logic [7:0]          tile_y_i,
  input  logic [7:0]          mesh_x_i,            // mesh size: for assertions
  input  logic [7:0]          mesh_y_i,
  output logic                quiet_o,
  // Link to north: flits and credits that arrive, flits and credits that leave
  input  logic                link_n_valid_i,
  input  logic [1:0]          link_n_vc_i,
  input  logic                link_n_head_i,
  input  logic                link_n_tail_i,
  input  logic [LinkBits-1:0] link_n_data_i,
  output logic                link_n_credit_valid_o,
  output logic [1:0]          link_n_credit_vc_o,
  output logic                link_n_valid_o,
  output logic [1:0]          link_n_vc_o,
  output logic                link_n_head_o,
  output logic                link_n_tail_o,
  output logic [LinkBits-1:0] link_n_data_o,
  input  logic                link_n_credit_valid_i,
  input  logic [1:0]          link_n_credit_vc_i,
  // Link to east: flits and credits that arrive, flits and credits that leave
  input  logic                link_e_valid_i,
  input  logic [1:0]          link_e_vc_i,
  input  logic                link_e_head_i,
  input  logic                link_e_tail_i,
  input  logic [LinkBits-1:0] link_e_data_i,
  output logic                link_e_credit_valid_o,
  output logic [1:0]          link_e_credit_vc_o,
  output logic                link_e_valid_o,
  output logic [1:0]          link_e_vc_o,
  output logic                link_e_head_o,
  output logic                link_e_tail_o,
  output logic [LinkBits-1:0] link_e_data_o,
  input  logic                link_e_credit_valid_i,
  input  logic [1:0]          link_e_credit_vc_i,
  // Link to south: flits and credits that arrive, flits and credits that leave
  input  logic                link_s_valid_i,
  input  logic [1:0]          link_s_vc_i,
  input  logic                link_s_head_i,
  input  logic                link_s_tail_i,
  input  logic [LinkBits-1:0] link_s_data_i,
  output logic                link_s_credit_valid_o,
  output logic [1:0]          link_s_credit_vc_o,
  output logic                link_s_valid_o,
  output logic [1:0]          link_s_vc_o,
  output logic                link_s_head_o,
  output logic                link_s_tail_o,
  output logic [LinkBits-1:0] link_s_data_o,
  input  logic                link_s_credit_valid_i,
  input  logic [1:0]          link_s_credit_vc_i,
  // Link to west: flits and credits that arrive, flits and credits that leave
  input  logic                link_w_valid_i,
  input  logic [1:0]          link_w_vc_i,
  input  logic                link_w_head_i,
  input  logic                link_w_tail_i,
  input  logic [LinkBits-1:0] link_w_data_i,
  output logic                link_w_credit_valid_o,
  output logic [1:0]          link_w_credit_vc_o,
  output logic                link_w_valid_o,
  output logic [1:0]          link_w_vc_o,
  output logic                link_w_head_o,
  output logic                link_w_tail_o,
  output logic [LinkBits-1:0] link_w_data_o,
  input  logic                link_w_credit_valid_i,
  input  logic [1:0]          link_w_credit_vc_i,
  // Link to the network interface: flits and credits that arrive, flits and credits that leave
  input  logic                link_l_valid_i,
  input  logic [1:0]          link_l_vc_i,
  input  logic                link_l_head_i,
  input  logic                link_l_tail_i,
  input  logic [LinkBits-1:0] link_l_data_i,
  output logic                link_l_credit_valid_o,
  output logic [1:0]          link_l_credit_vc_o,
  output logic                link_l_valid_o,
  output logic [1:0]          link_l_vc_o,
  output logic                link_l_head_o,
  output logic                link_l_tail_o,
  output logic [LinkBits-1:0] link_l_data_o,
  input  logic                link_l_credit_valid_i,
  input  logic [1:0]          link_l_credit_vc_i
);
  ////////////
  // Inputs //
  ////////////
  logic [4:0]          in_valid, in_head, in_tail, in_credit_valid;
  logic [1:0]          in_vc [5], in_credit_vc [5];
  logic [LinkBits-1:0] in_data [5];
  assign in_valid = {link_l_valid_i, link_w_valid_i, link_s_valid_i, link_e_valid_i, link_n_valid_i};
  assign in_head = {link_l_head_i, link_w_head_i, link_s_head_i, link_e_head_i, link_n_head_i};
  assign in_tail = {link_l_tail_i, link_w_tail_i, link_s_tail_i, link_e_tail_i, link_n_tail_i};
  assign in_credit_valid = {link_l_credit_valid_i, link_w_credit_valid_i, link_s_credit_valid_i, link_e_credit_valid_i, link_n_credit_valid_i};
  assign in_vc = '{link_n_vc_i, link_e_vc_i, link_s_vc_i, link_w_vc_i, link_l_vc_i};
  assign in_data = '{link_n_data_i, link_e_data_i, link_s_data_i, link_w_data_i, link_l_data_i};
  assign in_credit_vc = '{link_n_credit_vc_i, link_e_credit_vc_i, link_s_credit_vc_i, link_w_credit_vc_i, link_l_credit_vc_i};

  logic [19:0]         req [5];
  logic [4:0]          pop, flit_head, flit_tail;
  logic [1:0]          pop_vc [5];
  logic [LinkBits-1:0] flit_data [5];
  for (genvar i = 0; i < 5; i++) begin : gen_input
    logic [2:0] route;
    tsr_route_xy u_route (.tile_x_i, .tile_y_i, .dst_x_i(in_data[i][7:0]), .dst_y_i(in_data[i][15:8]), .route_o(route));
    tsr_vc_buffer #(.Depth(Depth)) u_buffer (
      .clk_i, .rst_ni,
      .in_valid_i(in_valid[i]), .in_vc_i(in_vc[i]), .in_head_i(in_head[i]), .in_tail_i(in_tail[i]),
      .in_route_i(route), .in_data_i(in_data[i]),
      .req_o(req[i]), .pop_i(pop[i]), .pop_vc_i(pop_vc[i]),
      .flit_head_o(flit_head[i]), .flit_tail_o(flit_tail[i]), .flit_data_o(flit_data[i]));
  end

  ////////////////
  // Allocation //
  ////////////////
  logic [4:0] send;
  logic [1:0] send_vc [5];
  logic [2:0] send_from [5];
  tsr_switch_alloc #(.Depth(Depth)) u_alloc (
    .clk_i, .rst_ni,
    .req_i(req), .tail_i(flit_tail),
    .send_o(send), .send_vc_o(send_vc), .send_from_o(send_from), .pop_o(pop), .pop_vc_o(pop_vc),
    .credit_valid_i(in_credit_valid), .credit_vc_i(in_credit_vc));

  /////////////
  // Outputs //
  /////////////
  logic [4:0]          valid_q, head_q, tail_q, credit_valid_q;
  logic [1:0]          vc_q [5], credit_vc_q [5];
  logic [LinkBits-1:0] data_q [5];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      credit_valid_q <= '0;
    end else begin
      valid_q <= send;
      credit_valid_q <= pop;
    end
  end

  always_ff @(posedge clk_i) begin : crossbar
    logic [4:0]          head, tail;
    logic [1:0]          vc [5], credit_vc [5];
    logic [LinkBits-1:0] data [5];
    if (send != '0) begin
      head = head_q;
      tail = tail_q;
      vc = vc_q;
      credit_vc = credit_vc_q;
      data = data_q;
      for (int unsigned o = 0; o < 5; o++) begin
        if (pop[o]) credit_vc[o] = pop_vc[o];
        if (send[o]) begin
          head[o] = flit_head[send_from[o]];
          tail[o] = flit_tail[send_from[o]];
          vc[o] = send_vc[o];
          data[o] = flit_data[send_from[o]];
        end
      end
      head_q <= head;
      tail_q <= tail;
      vc_q <= vc;
      credit_vc_q <= credit_vc;
      data_q <= data;
    end
  end

  assign {link_n_valid_o, link_n_vc_o, link_n_head_o, link_n_tail_o} = {valid_q[0], vc_q[0], head_q[0], tail_q[0]};
  assign link_n_data_o = data_q[0];
  assign {link_n_credit_valid_o, link_n_credit_vc_o} = {credit_valid_q[0], credit_vc_q[0]};
  assign {link_e_valid_o, link_e_vc_o, link_e_head_o, link_e_tail_o} = {valid_q[1], vc_q[1], head_q[1], tail_q[1]};
  assign link_e_data_o = data_q[1];
  assign {link_e_credit_valid_o, link_e_credit_vc_o} = {credit_valid_q[1], credit_vc_q[1]};
  assign {link_s_valid_o, link_s_vc_o, link_s_head_o, link_s_tail_o} = {valid_q[2], vc_q[2], head_q[2], tail_q[2]};
  assign link_s_data_o = data_q[2];
  assign {link_s_credit_valid_o, link_s_credit_vc_o} = {credit_valid_q[2], credit_vc_q[2]};
  assign {link_w_valid_o, link_w_vc_o, link_w_head_o, link_w_tail_o} = {valid_q[3], vc_q[3], head_q[3], tail_q[3]};
  assign link_w_data_o = data_q[3];
  assign {link_w_credit_valid_o, link_w_credit_vc_o} = {credit_valid_q[3], credit_vc_q[3]};
  assign {link_l_valid_o, link_l_vc_o, link_l_head_o, link_l_tail_o} = {valid_q[4], vc_q[4], head_q[4], tail_q[4]};
  assign link_l_data_o = data_q[4];
  assign {link_l_credit_valid_o, link_l_credit_vc_o} = {credit_valid_q[4], credit_vc_q[4]};
  assign quiet_o = (send | valid_q | credit_valid_q) == '0 && !link_l_valid_i && !link_l_credit_valid_i;

`ifndef SYNTHESIS
  // --- Assertions -----------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      NoFlitOverTheEdge_A: assert (!(valid_q[0] && tile_y_i == 8'd0) && !(valid_q[1] && tile_x_i == mesh_x_i) &&
                                   !(valid_q[2] && tile_y_i == mesh_y_i) && !(valid_q[3] && tile_x_i == 8'd0));
      for (int unsigned i = 0; i < 5; i++) begin
        if (in_valid[i] && in_head[i])
          HeaderInsideMesh_A: assert (in_data[i][7:0] <= mesh_x_i && in_data[i][15:8] <= mesh_y_i &&
                                      in_data[i][23:16] <= mesh_x_i && in_data[i][31:24] <= mesh_y_i)
            else $error("coordinates outside the mesh");
      end
    end
  end
`endif
endmodule
