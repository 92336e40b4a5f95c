// SPDX-License-Identifier: Apache-2.0
/// Test top: a mesh of routers with their network interfaces and links; every packet stream is a port.
/// Node i = y * MeshX + x.
module tsr_noc_bench
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
#(
  parameter int unsigned MeshX = 3,
  parameter int unsigned MeshY = 3,
  parameter int unsigned Depth = VcDepth,
  localparam int unsigned N = MeshX * MeshY
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [3:0]         link_latency_i,
  output logic [N-1:0]       quiet_o,
  output logic               links_idle_o,
  input  logic [N-1:0]       tx_req_valid_i,
  output logic [N-1:0]       tx_req_ready_o,
  input  hdr_t               tx_req_hdr_i [N],
  input  logic [DmaBits-1:0] tx_req_data_i [N],
  input  logic [N-1:0]       tx_req_last_i,
  input  logic [N-1:0]       tx_rsp_valid_i,
  output logic [N-1:0]       tx_rsp_ready_o,
  input  hdr_t               tx_rsp_hdr_i [N],
  input  logic [DmaBits-1:0] tx_rsp_data_i [N],
  input  logic [N-1:0]       tx_rsp_last_i,
  output logic [N-1:0]       rx_req_valid_o,
  input  logic [N-1:0]       rx_req_ready_i,
  output hdr_t               rx_req_hdr_o [N],
  output logic [DmaBits-1:0] rx_req_data_o [N],
  output logic [N-1:0]       rx_req_last_o,
  output logic [N-1:0]       rx_rsp_valid_o,
  input  logic [N-1:0]       rx_rsp_ready_i,
  output hdr_t               rx_rsp_hdr_o [N],
  output logic [DmaBits-1:0] rx_rsp_data_o [N],
  output logic [N-1:0]       rx_rsp_last_o
);
  // Flits and credits that leave node t by port p (N, E, S, W), and what arrives there.
  link_wires_t         leave [N][4];
  link_wires_t         arrive [N][4];
  logic [N-1:0]        link_idle [4];
  assign links_idle_o = &(link_idle[0] & link_idle[1] & link_idle[2] & link_idle[3]);

  for (genvar t = 0; t < N; t++) begin : gen_node
    localparam int unsigned X = t % MeshX;
    localparam int unsigned Y = t / MeshX;
    for (genvar p = 0; p < 4; p++) begin : gen_port
      localparam bit Inside = (p == 0) ? Y > 0 : (p == 1) ? X + 1 < MeshX : (p == 2) ? Y + 1 < MeshY : X > 0;
      localparam int unsigned From = (p == 0) ? t - MeshX : (p == 1) ? t + 1 : (p == 2) ? t + MeshX : t - 1;
      if (Inside) begin : gen_link
        tsr_link u_link (
          .clk_i, .rst_ni, .latency_i(link_latency_i), .idle_o(link_idle[p][t]),
          .link_i(leave[From][p ^ 2]), .link_o(arrive[t][p])
        );
      end else begin : gen_border
        assign arrive[t][p] = '0;
        assign link_idle[p][t] = 1'b1;
      end
    end

    logic [3:0]          iv, ih, it, icv, ov, oh, ot, ocv;
    logic [1:0]          ivc [4], icvc [4], ovc [4], ocvc [4];
    logic [LinkBits-1:0] id [4], od [4];
    for (genvar p = 0; p < 4; p++) begin : gen_pack
      assign iv[p] = arrive[t][p].valid;
      assign ivc[p] = arrive[t][p].vc;
      assign ih[p] = arrive[t][p].head;
      assign it[p] = arrive[t][p].tail;
      assign icv[p] = arrive[t][p].credit_valid;
      assign icvc[p] = arrive[t][p].credit_vc;
      assign id[p] = arrive[t][p].data;
      assign leave[t][p] = '{
        valid: ov[p], vc: ovc[p], head: oh[p], tail: ot[p], credit_valid: ocv[p], credit_vc: ocvc[p],
        data: od[p]};
    end

    logic                nv, nh, nt, ncv, rv, rh, rt, rcv, ni_quiet, router_quiet;   // n: from the interface, r: from the router
    logic [1:0]          nvc, ncvc, rvc, rcvc;
    logic [LinkBits-1:0] nd, rd;
    tsr_router #(.Depth(Depth)) u_router (
      .clk_i, .rst_ni, .tile_x_i(8'(X)), .tile_y_i(8'(Y)), .mesh_x_i(8'(MeshX - 1)), .mesh_y_i(8'(MeshY - 1)), .quiet_o(router_quiet),
      .link_n_valid_i(iv[0]), .link_n_vc_i(ivc[0]), .link_n_head_i(ih[0]), .link_n_tail_i(it[0]), .link_n_data_i(id[0]),
      .link_n_credit_valid_o(ocv[0]), .link_n_credit_vc_o(ocvc[0]), .link_n_valid_o(ov[0]), .link_n_vc_o(ovc[0]),
      .link_n_head_o(oh[0]), .link_n_tail_o(ot[0]), .link_n_data_o(od[0]), .link_n_credit_valid_i(icv[0]), .link_n_credit_vc_i(icvc[0]),
      .link_e_valid_i(iv[1]), .link_e_vc_i(ivc[1]), .link_e_head_i(ih[1]), .link_e_tail_i(it[1]), .link_e_data_i(id[1]),
      .link_e_credit_valid_o(ocv[1]), .link_e_credit_vc_o(ocvc[1]), .link_e_valid_o(ov[1]), .link_e_vc_o(ovc[1]),
      .link_e_head_o(oh[1]), .link_e_tail_o(ot[1]), .link_e_data_o(od[1]), .link_e_credit_valid_i(icv[1]), .link_e_credit_vc_i(icvc[1]),
      .link_s_valid_i(iv[2]), .link_s_vc_i(ivc[2]), .link_s_head_i(ih[2]), .link_s_tail_i(it[2]), .link_s_data_i(id[2]),
      .link_s_credit_valid_o(ocv[2]), .link_s_credit_vc_o(ocvc[2]), .link_s_valid_o(ov[2]), .link_s_vc_o(ovc[2]),
      .link_s_head_o(oh[2]), .link_s_tail_o(ot[2]), .link_s_data_o(od[2]), .link_s_credit_valid_i(icv[2]), .link_s_credit_vc_i(icvc[2]),
      .link_w_valid_i(iv[3]), .link_w_vc_i(ivc[3]), .link_w_head_i(ih[3]), .link_w_tail_i(it[3]), .link_w_data_i(id[3]),
      .link_w_credit_valid_o(ocv[3]), .link_w_credit_vc_o(ocvc[3]), .link_w_valid_o(ov[3]), .link_w_vc_o(ovc[3]),
      .link_w_head_o(oh[3]), .link_w_tail_o(ot[3]), .link_w_data_o(od[3]), .link_w_credit_valid_i(icv[3]), .link_w_credit_vc_i(icvc[3]),
      .link_l_valid_i(nv), .link_l_vc_i(nvc), .link_l_head_i(nh), .link_l_tail_i(nt), .link_l_data_i(nd),
      .link_l_credit_valid_o(rcv), .link_l_credit_vc_o(rcvc), .link_l_valid_o(rv), .link_l_vc_o(rvc),
      .link_l_head_o(rh), .link_l_tail_o(rt), .link_l_data_o(rd), .link_l_credit_valid_i(ncv), .link_l_credit_vc_i(ncvc)
    );
    tsr_ni #(.Depth(Depth)) u_ni (
      .clk_i, .rst_ni,
      .tx_req_valid_i(tx_req_valid_i[t]), .tx_req_ready_o(tx_req_ready_o[t]), .tx_req_hdr_i(tx_req_hdr_i[t]),
      .tx_req_data_i(tx_req_data_i[t]), .tx_req_last_i(tx_req_last_i[t]),
      .tx_rsp_valid_i(tx_rsp_valid_i[t]), .tx_rsp_ready_o(tx_rsp_ready_o[t]), .tx_rsp_hdr_i(tx_rsp_hdr_i[t]),
      .tx_rsp_data_i(tx_rsp_data_i[t]), .tx_rsp_last_i(tx_rsp_last_i[t]),
      .rx_req_valid_o(rx_req_valid_o[t]), .rx_req_ready_i(rx_req_ready_i[t]), .rx_req_hdr_o(rx_req_hdr_o[t]),
      .rx_req_data_o(rx_req_data_o[t]), .rx_req_last_o(rx_req_last_o[t]),
      .rx_rsp_valid_o(rx_rsp_valid_o[t]), .rx_rsp_ready_i(rx_rsp_ready_i[t]), .rx_rsp_hdr_o(rx_rsp_hdr_o[t]),
      .rx_rsp_data_o(rx_rsp_data_o[t]), .rx_rsp_last_o(rx_rsp_last_o[t]),
      .link_valid_o(nv), .link_vc_o(nvc), .link_head_o(nh), .link_tail_o(nt), .link_data_o(nd),
      .link_credit_valid_i(rcv), .link_credit_vc_i(rcvc), .link_valid_i(rv), .link_vc_i(rvc), .link_head_i(rh),
      .link_tail_i(rt), .link_data_i(rd), .link_credit_valid_o(ncv), .link_credit_vc_o(ncvc), .quiet_o(ni_quiet)
    );
    assign quiet_o[t] = ni_quiet && router_quiet;
  end
endmodule
