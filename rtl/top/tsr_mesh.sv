// SPDX-License-Identifier: Apache-2.0
/// A rectangle of tiles elaborated as one design; index of a tile = y * MeshX + x.
///
/// Ports are those of `tsr_tile` (docs/interfaces.md section 7), concatenated over the tiles: tile i in bits [i*W +: W].
/// Latency from a link output of a tile to the edge at which the neighbour samples it: `link_latency_i` cycles, 1 ... 8,
/// constant from reset on. The links are inside; every tile's link outputs (flits, and the credits of the opposite
/// direction) are exported to be watched. Links over the border are idle. `links_idle_o`: nothing is on its way.
module tsr_mesh
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
#(
  parameter int unsigned MeshX = 2,
  parameter int unsigned MeshY = 2,
  localparam int unsigned N = MeshX * MeshY
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic [63:0]                      cycle_i,
  input  logic [3:0]                       link_latency_i,
  output logic [N-1:0]                     quiescent_o,
  output logic [N-1:0]                     irq_o,
  // What the tiles send to the north
  output logic [N-1:0]                     link_n_credit_valid_o,
  output logic [N*2-1:0]                   link_n_credit_vc_o,
  output logic [N-1:0]                     link_n_valid_o,
  output logic [N*2-1:0]                   link_n_vc_o,
  output logic [N-1:0]                     link_n_head_o,
  output logic [N-1:0]                     link_n_tail_o,
  output logic [N*LinkBits-1:0]            link_n_data_o,
  // What the tiles send to the east
  output logic [N-1:0]                     link_e_credit_valid_o,
  output logic [N*2-1:0]                   link_e_credit_vc_o,
  output logic [N-1:0]                     link_e_valid_o,
  output logic [N*2-1:0]                   link_e_vc_o,
  output logic [N-1:0]                     link_e_head_o,
  output logic [N-1:0]                     link_e_tail_o,
  output logic [N*LinkBits-1:0]            link_e_data_o,
  // What the tiles send to the south
  output logic [N-1:0]                     link_s_credit_valid_o,
  output logic [N*2-1:0]                   link_s_credit_vc_o,
  output logic [N-1:0]                     link_s_valid_o,
  output logic [N*2-1:0]                   link_s_vc_o,
  output logic [N-1:0]                     link_s_head_o,
  output logic [N-1:0]                     link_s_tail_o,
  output logic [N*LinkBits-1:0]            link_s_data_o,
  // What the tiles send to the west
  output logic [N-1:0]                     link_w_credit_valid_o,
  output logic [N*2-1:0]                   link_w_credit_vc_o,
  output logic [N-1:0]                     link_w_valid_o,
  output logic [N*2-1:0]                   link_w_vc_o,
  output logic [N-1:0]                     link_w_head_o,
  output logic [N-1:0]                     link_w_tail_o,
  output logic [N*LinkBits-1:0]            link_w_data_o,
  // AXI4 manager to this tile's HBM channel
  output logic [N*4-1:0]                   hbm_axi_awid,
  output logic [N*40-1:0]                  hbm_axi_awaddr,
  output logic [N*8-1:0]                   hbm_axi_awlen,
  output logic [N*3-1:0]                   hbm_axi_awsize,
  output logic [N*2-1:0]                   hbm_axi_awburst,
  output logic [N-1:0]                     hbm_axi_awvalid,
  input  logic [N-1:0]                     hbm_axi_awready,
  output logic [N*DmaBits-1:0]             hbm_axi_wdata,
  output logic [N*DmaBytes-1:0]            hbm_axi_wstrb,
  output logic [N-1:0]                     hbm_axi_wlast,
  output logic [N-1:0]                     hbm_axi_wvalid,
  input  logic [N-1:0]                     hbm_axi_wready,
  input  logic [N*4-1:0]                   hbm_axi_bid,
  input  logic [N*2-1:0]                   hbm_axi_bresp,
  input  logic [N-1:0]                     hbm_axi_bvalid,
  output logic [N-1:0]                     hbm_axi_bready,
  output logic [N*4-1:0]                   hbm_axi_arid,
  output logic [N*40-1:0]                  hbm_axi_araddr,
  output logic [N*8-1:0]                   hbm_axi_arlen,
  output logic [N*3-1:0]                   hbm_axi_arsize,
  output logic [N*2-1:0]                   hbm_axi_arburst,
  output logic [N-1:0]                     hbm_axi_arvalid,
  input  logic [N-1:0]                     hbm_axi_arready,
  input  logic [N*4-1:0]                   hbm_axi_rid,
  input  logic [N*DmaBits-1:0]             hbm_axi_rdata,
  input  logic [N*2-1:0]                   hbm_axi_rresp,
  input  logic [N-1:0]                     hbm_axi_rlast,
  input  logic [N-1:0]                     hbm_axi_rvalid,
  output logic [N-1:0]                     hbm_axi_rready,
  // AXI4-Lite subordinate: the host
  input  logic [N*16-1:0]                  host_axil_awaddr,
  input  logic [N*3-1:0]                   host_axil_awprot,
  input  logic [N-1:0]                     host_axil_awvalid,
  output logic [N-1:0]                     host_axil_awready,
  input  logic [N*32-1:0]                  host_axil_wdata,
  input  logic [N*4-1:0]                   host_axil_wstrb,
  input  logic [N-1:0]                     host_axil_wvalid,
  output logic [N-1:0]                     host_axil_wready,
  output logic [N*2-1:0]                   host_axil_bresp,
  output logic [N-1:0]                     host_axil_bvalid,
  input  logic [N-1:0]                     host_axil_bready,
  input  logic [N*16-1:0]                  host_axil_araddr,
  input  logic [N*3-1:0]                   host_axil_arprot,
  input  logic [N-1:0]                     host_axil_arvalid,
  output logic [N-1:0]                     host_axil_arready,
  output logic [N*32-1:0]                  host_axil_rdata,
  output logic [N*2-1:0]                   host_axil_rresp,
  output logic [N-1:0]                     host_axil_rvalid,
  input  logic [N-1:0]                     host_axil_rready,
  // Retirement records (rec_t), no back-pressure
  output logic [N-1:0]                     rec_pe_valid_o,
  output logic [N*RecBits-1:0]             rec_pe_data_o,
  output logic [N-1:0]                     rec_act_valid_o,
  output logic [N*RecBits-1:0]             rec_act_data_o,
  output logic [N-1:0]                     rec_dve_valid_o,
  output logic [N*RecBits-1:0]             rec_dve_data_o,
  output logic [N-1:0]                     rec_pool_valid_o,
  output logic [N*RecBits-1:0]             rec_pool_data_o,
  output logic [N-1:0]                     rec_sp_valid_o,
  output logic [N*RecBits-1:0]             rec_sp_data_o,
  output logic [N*NumQueues-1:0]           rec_q_valid_o,
  output logic [N*NumQueues*RecBits-1:0]   rec_q_data_o,
  output logic                             links_idle_o
);
  logic [N-1:0] idle [4];                          // nothing is on its way to tile t from the north, east, south, west

  for (genvar y = 0; y < MeshY; y++) begin : gen_row
    for (genvar x = 0; x < MeshX; x++) begin : gen_column
      localparam int unsigned t = y * MeshX + x;
      // What arrives from the four sides
      logic                n_valid, n_head, n_tail, n_credit_valid;
      logic [1:0]          n_vc, n_credit_vc;
      logic [LinkBits-1:0] n_data;
      logic                e_valid, e_head, e_tail, e_credit_valid;
      logic [1:0]          e_vc, e_credit_vc;
      logic [LinkBits-1:0] e_data;
      logic                s_valid, s_head, s_tail, s_credit_valid;
      logic [1:0]          s_vc, s_credit_vc;
      logic [LinkBits-1:0] s_data;
      logic                w_valid, w_head, w_tail, w_credit_valid;
      logic [1:0]          w_vc, w_credit_vc;
      logic [LinkBits-1:0] w_data;
      if (y > 0) begin : gen_n
        localparam int unsigned j = t - MeshX;
        tsr_link u_link (
          .clk_i, .rst_ni, .latency_i(link_latency_i), .idle_o(idle[0][t]),
          .valid_i(link_s_valid_o[j]), .vc_i(link_s_vc_o[j*2 +: 2]), .head_i(link_s_head_o[j]),
          .tail_i(link_s_tail_o[j]), .data_i(link_s_data_o[j*LinkBits +: LinkBits]),
          .credit_valid_i(link_s_credit_valid_o[j]), .credit_vc_i(link_s_credit_vc_o[j*2 +: 2]),
          .valid_o(n_valid), .vc_o(n_vc), .head_o(n_head), .tail_o(n_tail), .data_o(n_data),
          .credit_valid_o(n_credit_valid), .credit_vc_o(n_credit_vc));
      end else begin : gen_n_border
        assign idle[0][t] = 1'b1;
        assign {n_valid, n_vc, n_head, n_tail, n_credit_valid, n_credit_vc} = '0;
        assign n_data = '0;
      end
      if (x + 1 < MeshX) begin : gen_e
        localparam int unsigned j = t + 1;
        tsr_link u_link (
          .clk_i, .rst_ni, .latency_i(link_latency_i), .idle_o(idle[1][t]),
          .valid_i(link_w_valid_o[j]), .vc_i(link_w_vc_o[j*2 +: 2]), .head_i(link_w_head_o[j]),
          .tail_i(link_w_tail_o[j]), .data_i(link_w_data_o[j*LinkBits +: LinkBits]),
          .credit_valid_i(link_w_credit_valid_o[j]), .credit_vc_i(link_w_credit_vc_o[j*2 +: 2]),
          .valid_o(e_valid), .vc_o(e_vc), .head_o(e_head), .tail_o(e_tail), .data_o(e_data),
          .credit_valid_o(e_credit_valid), .credit_vc_o(e_credit_vc));
      end else begin : gen_e_border
        assign idle[1][t] = 1'b1;
        assign {e_valid, e_vc, e_head, e_tail, e_credit_valid, e_credit_vc} = '0;
        assign e_data = '0;
      end
      if (y + 1 < MeshY) begin : gen_s
        localparam int unsigned j = t + MeshX;
        tsr_link u_link (
          .clk_i, .rst_ni, .latency_i(link_latency_i), .idle_o(idle[2][t]),
          .valid_i(link_n_valid_o[j]), .vc_i(link_n_vc_o[j*2 +: 2]), .head_i(link_n_head_o[j]),
          .tail_i(link_n_tail_o[j]), .data_i(link_n_data_o[j*LinkBits +: LinkBits]),
          .credit_valid_i(link_n_credit_valid_o[j]), .credit_vc_i(link_n_credit_vc_o[j*2 +: 2]),
          .valid_o(s_valid), .vc_o(s_vc), .head_o(s_head), .tail_o(s_tail), .data_o(s_data),
          .credit_valid_o(s_credit_valid), .credit_vc_o(s_credit_vc));
      end else begin : gen_s_border
        assign idle[2][t] = 1'b1;
        assign {s_valid, s_vc, s_head, s_tail, s_credit_valid, s_credit_vc} = '0;
        assign s_data = '0;
      end
      if (x > 0) begin : gen_w
        localparam int unsigned j = t - 1;
        tsr_link u_link (
          .clk_i, .rst_ni, .latency_i(link_latency_i), .idle_o(idle[3][t]),
          .valid_i(link_e_valid_o[j]), .vc_i(link_e_vc_o[j*2 +: 2]), .head_i(link_e_head_o[j]),
          .tail_i(link_e_tail_o[j]), .data_i(link_e_data_o[j*LinkBits +: LinkBits]),
          .credit_valid_i(link_e_credit_valid_o[j]), .credit_vc_i(link_e_credit_vc_o[j*2 +: 2]),
          .valid_o(w_valid), .vc_o(w_vc), .head_o(w_head), .tail_o(w_tail), .data_o(w_data),
          .credit_valid_o(w_credit_valid), .credit_vc_o(w_credit_vc));
      end else begin : gen_w_border
        assign idle[3][t] = 1'b1;
        assign {w_valid, w_vc, w_head, w_tail, w_credit_valid, w_credit_vc} = '0;
        assign w_data = '0;
      end
      tsr_tile u_tile (
        .clk_i, .rst_ni, .cycle_i, .tile_x_i(8'(x)), .tile_y_i(8'(y)), .mesh_x_i(8'(MeshX - 1)), .mesh_y_i(8'(MeshY - 1)),
        .link_n_valid_i(n_valid), .link_n_vc_i(n_vc), .link_n_head_i(n_head), .link_n_tail_i(n_tail), .link_n_data_i(n_data),
        .link_n_credit_valid_i(n_credit_valid), .link_n_credit_vc_i(n_credit_vc),
        .link_e_valid_i(e_valid), .link_e_vc_i(e_vc), .link_e_head_i(e_head), .link_e_tail_i(e_tail), .link_e_data_i(e_data),
        .link_e_credit_valid_i(e_credit_valid), .link_e_credit_vc_i(e_credit_vc),
        .link_s_valid_i(s_valid), .link_s_vc_i(s_vc), .link_s_head_i(s_head), .link_s_tail_i(s_tail), .link_s_data_i(s_data),
        .link_s_credit_valid_i(s_credit_valid), .link_s_credit_vc_i(s_credit_vc),
        .link_w_valid_i(w_valid), .link_w_vc_i(w_vc), .link_w_head_i(w_head), .link_w_tail_i(w_tail), .link_w_data_i(w_data),
        .link_w_credit_valid_i(w_credit_valid), .link_w_credit_vc_i(w_credit_vc),
        .quiescent_o(quiescent_o[t]), .irq_o(irq_o[t]), .link_n_credit_valid_o(link_n_credit_valid_o[t]),
        .link_n_credit_vc_o(link_n_credit_vc_o[t*2 +: 2]), .link_n_valid_o(link_n_valid_o[t]),
        .link_n_vc_o(link_n_vc_o[t*2 +: 2]), .link_n_head_o(link_n_head_o[t]), .link_n_tail_o(link_n_tail_o[t]),
        .link_n_data_o(link_n_data_o[t*LinkBits +: LinkBits]), .link_e_credit_valid_o(link_e_credit_valid_o[t]),
        .link_e_credit_vc_o(link_e_credit_vc_o[t*2 +: 2]), .link_e_valid_o(link_e_valid_o[t]),
        .link_e_vc_o(link_e_vc_o[t*2 +: 2]), .link_e_head_o(link_e_head_o[t]), .link_e_tail_o(link_e_tail_o[t]),
        .link_e_data_o(link_e_data_o[t*LinkBits +: LinkBits]), .link_s_credit_valid_o(link_s_credit_valid_o[t]),
        .link_s_credit_vc_o(link_s_credit_vc_o[t*2 +: 2]), .link_s_valid_o(link_s_valid_o[t]),
        .link_s_vc_o(link_s_vc_o[t*2 +: 2]), .link_s_head_o(link_s_head_o[t]), .link_s_tail_o(link_s_tail_o[t]),
        .link_s_data_o(link_s_data_o[t*LinkBits +: LinkBits]), .link_w_credit_valid_o(link_w_credit_valid_o[t]),
        .link_w_credit_vc_o(link_w_credit_vc_o[t*2 +: 2]), .link_w_valid_o(link_w_valid_o[t]),
        .link_w_vc_o(link_w_vc_o[t*2 +: 2]), .link_w_head_o(link_w_head_o[t]), .link_w_tail_o(link_w_tail_o[t]),
        .link_w_data_o(link_w_data_o[t*LinkBits +: LinkBits]), .hbm_axi_awid(hbm_axi_awid[t*4 +: 4]),
        .hbm_axi_awaddr(hbm_axi_awaddr[t*40 +: 40]), .hbm_axi_awlen(hbm_axi_awlen[t*8 +: 8]),
        .hbm_axi_awsize(hbm_axi_awsize[t*3 +: 3]), .hbm_axi_awburst(hbm_axi_awburst[t*2 +: 2]),
        .hbm_axi_awvalid(hbm_axi_awvalid[t]), .hbm_axi_awready(hbm_axi_awready[t]),
        .hbm_axi_wdata(hbm_axi_wdata[t*DmaBits +: DmaBits]), .hbm_axi_wstrb(hbm_axi_wstrb[t*DmaBytes +: DmaBytes]),
        .hbm_axi_wlast(hbm_axi_wlast[t]), .hbm_axi_wvalid(hbm_axi_wvalid[t]), .hbm_axi_wready(hbm_axi_wready[t]),
        .hbm_axi_bid(hbm_axi_bid[t*4 +: 4]), .hbm_axi_bresp(hbm_axi_bresp[t*2 +: 2]),
        .hbm_axi_bvalid(hbm_axi_bvalid[t]), .hbm_axi_bready(hbm_axi_bready[t]), .hbm_axi_arid(hbm_axi_arid[t*4 +: 4]),
        .hbm_axi_araddr(hbm_axi_araddr[t*40 +: 40]), .hbm_axi_arlen(hbm_axi_arlen[t*8 +: 8]),
        .hbm_axi_arsize(hbm_axi_arsize[t*3 +: 3]), .hbm_axi_arburst(hbm_axi_arburst[t*2 +: 2]),
        .hbm_axi_arvalid(hbm_axi_arvalid[t]), .hbm_axi_arready(hbm_axi_arready[t]),
        .hbm_axi_rid(hbm_axi_rid[t*4 +: 4]), .hbm_axi_rdata(hbm_axi_rdata[t*DmaBits +: DmaBits]),
        .hbm_axi_rresp(hbm_axi_rresp[t*2 +: 2]), .hbm_axi_rlast(hbm_axi_rlast[t]), .hbm_axi_rvalid(hbm_axi_rvalid[t]),
        .hbm_axi_rready(hbm_axi_rready[t]), .host_axil_awaddr(host_axil_awaddr[t*16 +: 16]),
        .host_axil_awprot(host_axil_awprot[t*3 +: 3]), .host_axil_awvalid(host_axil_awvalid[t]),
        .host_axil_awready(host_axil_awready[t]), .host_axil_wdata(host_axil_wdata[t*32 +: 32]),
        .host_axil_wstrb(host_axil_wstrb[t*4 +: 4]), .host_axil_wvalid(host_axil_wvalid[t]),
        .host_axil_wready(host_axil_wready[t]), .host_axil_bresp(host_axil_bresp[t*2 +: 2]),
        .host_axil_bvalid(host_axil_bvalid[t]), .host_axil_bready(host_axil_bready[t]),
        .host_axil_araddr(host_axil_araddr[t*16 +: 16]), .host_axil_arprot(host_axil_arprot[t*3 +: 3]),
        .host_axil_arvalid(host_axil_arvalid[t]), .host_axil_arready(host_axil_arready[t]),
        .host_axil_rdata(host_axil_rdata[t*32 +: 32]), .host_axil_rresp(host_axil_rresp[t*2 +: 2]),
        .host_axil_rvalid(host_axil_rvalid[t]), .host_axil_rready(host_axil_rready[t]),
        .rec_pe_valid_o(rec_pe_valid_o[t]), .rec_pe_data_o(rec_pe_data_o[t*RecBits +: RecBits]),
        .rec_act_valid_o(rec_act_valid_o[t]), .rec_act_data_o(rec_act_data_o[t*RecBits +: RecBits]),
        .rec_dve_valid_o(rec_dve_valid_o[t]), .rec_dve_data_o(rec_dve_data_o[t*RecBits +: RecBits]),
        .rec_pool_valid_o(rec_pool_valid_o[t]), .rec_pool_data_o(rec_pool_data_o[t*RecBits +: RecBits]),
        .rec_sp_valid_o(rec_sp_valid_o[t]), .rec_sp_data_o(rec_sp_data_o[t*RecBits +: RecBits]),
        .rec_q_valid_o(rec_q_valid_o[t*NumQueues +: NumQueues]),
        .rec_q_data_o(rec_q_data_o[t*NumQueues*RecBits +: NumQueues*RecBits]));
    end
  end

  assign links_idle_o = &(idle[0] & idle[1] & idle[2] & idle[3]);
endmodule
