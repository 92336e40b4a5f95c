// SPDX-License-Identifier: Apache-2.0
/// Test top: a mesh of routers with their network interfaces and links; every packet stream is a port.
/// Node i = y * MeshX + x.
module tsr_noc_bench
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
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
  // By node and port: what leaves, what arrives.
  logic [NumDirs-1:0] link_out_valid [N], credit_out_valid [N], link_in_valid [N], credit_in_valid [N];
  link_t              link_out [N][NumDirs], link_in [N][NumDirs];
  credit_t            credit_out [N][NumDirs], credit_in [N][NumDirs];
  logic [N-1:0]       link_idle [NumLinks];
  assign links_idle_o = &(link_idle[0] & link_idle[1] & link_idle[2] & link_idle[3]);

  for (genvar t = 0; t < N; t++) begin : gen_node
    localparam int unsigned X = t % MeshX;
    localparam int unsigned Y = t / MeshX;
    for (genvar p = 0; p < NumLinks; p++) begin : gen_port
      localparam bit Inside = (p == 0) ? Y > 0 : (p == 1) ? X + 1 < MeshX : (p == 2) ? Y + 1 < MeshY : X > 0;
      localparam int unsigned From = (p == 0) ? t - MeshX : (p == 1) ? t + 1 : (p == 2) ? t + MeshX : t - 1;
      if (Inside) begin : gen_link
        tsr_link u_link (
          .clk_i, .rst_ni, .latency_i(link_latency_i), .idle_o(link_idle[p][t]),
          .link_valid_i(link_out_valid[From][p ^ 2]), .link_i(link_out[From][p ^ 2]),
          .credit_valid_i(credit_out_valid[From][p ^ 2]), .credit_i(credit_out[From][p ^ 2]),
          .link_valid_o(link_in_valid[t][p]), .link_o(link_in[t][p]),
          .credit_valid_o(credit_in_valid[t][p]), .credit_o(credit_in[t][p])
        );
      end else begin : gen_border
        assign link_in_valid[t][p] = 1'b0;
        assign link_in[t][p] = '0;
        assign credit_in_valid[t][p] = 1'b0;
        assign credit_in[t][p] = '0;
        assign link_idle[p][t] = 1'b1;
      end
    end

    logic                  ni_quiet, router_quiet;
    logic [NumClasses-1:0] tx_valid, tx_ready, rx_valid, rx_ready;
    pkt_t                  tx [NumClasses], rx [NumClasses];
    assign tx_valid = {tx_rsp_valid_i[t], tx_req_valid_i[t]};
    assign {tx_rsp_ready_o[t], tx_req_ready_o[t]} = tx_ready;
    assign tx[ClassReq] = '{last: tx_req_last_i[t], data: tx_req_data_i[t], hdr: tx_req_hdr_i[t]};
    assign tx[ClassRsp] = '{last: tx_rsp_last_i[t], data: tx_rsp_data_i[t], hdr: tx_rsp_hdr_i[t]};
    assign {rx_rsp_valid_o[t], rx_req_valid_o[t]} = rx_valid;
    assign rx_ready = {rx_rsp_ready_i[t], rx_req_ready_i[t]};
    assign rx_req_hdr_o[t] = rx[ClassReq].hdr;
    assign rx_req_data_o[t] = rx[ClassReq].data;
    assign rx_req_last_o[t] = rx[ClassReq].last;
    assign rx_rsp_hdr_o[t] = rx[ClassRsp].hdr;
    assign rx_rsp_data_o[t] = rx[ClassRsp].data;
    assign rx_rsp_last_o[t] = rx[ClassRsp].last;

    tsr_router #(.Depth(Depth)) u_router (
      .clk_i, .rst_ni,
      .place_i('{x: 8'(X), y: 8'(Y), mesh_x: 8'(MeshX - 1), mesh_y: 8'(MeshY - 1)}),
      .quiet_o(router_quiet),
      .link_valid_i(link_in_valid[t]), .link_i(link_in[t]),
      .credit_valid_i(credit_in_valid[t]), .credit_i(credit_in[t]),
      .link_valid_o(link_out_valid[t]), .link_o(link_out[t]),
      .credit_valid_o(credit_out_valid[t]), .credit_o(credit_out[t])
    );
    tsr_ni #(.Depth(Depth)) u_ni (
      .clk_i, .rst_ni,
      .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_i(tx),
      .rx_valid_o(rx_valid), .rx_ready_i(rx_ready), .rx_o(rx),
      .link_valid_o(link_in_valid[t][DirL]), .link_o(link_in[t][DirL]),
      .credit_valid_i(credit_out_valid[t][DirL]), .credit_i(credit_out[t][DirL]),
      .link_valid_i(link_out_valid[t][DirL]), .link_i(link_out[t][DirL]),
      .credit_valid_o(credit_in_valid[t][DirL]), .credit_o(credit_in[t][DirL]), .quiet_o(ni_quiet)
    );
    assign quiet_o[t] = ni_quiet && router_quiet;
  end
endmodule
