// SPDX-License-Identifier: Apache-2.0
/// A rectangle of tiles elaborated as one design; index of a tile = y * MeshX + x.
///
/// Ports are those of `tsr_tile` (docs/interfaces.md section 7), concatenated over the tiles: tile
/// i in bits [i*W +: W]. Latency from a link output of a tile to the edge at which the neighbour
/// samples it: `link_latency_i` cycles, 1 ... 8, constant from reset on. The links are inside;
/// every tile's link outputs (flits, and the credits of the opposite direction) are exported to be
/// watched. Links over the border are idle. `links_idle_o`: nothing is on its way.
module tsr_mesh
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter int unsigned MeshX = 2,
  parameter int unsigned MeshY = 2,
  localparam int unsigned N = MeshX * MeshY
) (
  // begin generated: ports (isa/boundary.json, scripts/gen_boundary.py --write)
  // Clock, time and place
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic [63:0]                    cycle_i,
  output logic [N-1:0]                   quiescent_o,
  output logic [N-1:0]                   irq_o,
  // Link to the north: what the tiles send
  output logic [N-1:0]                   link_n_valid_o,
  output logic [N*2-1:0]                 link_n_vc_o,
  output logic [N-1:0]                   link_n_head_o,
  output logic [N-1:0]                   link_n_tail_o,
  output logic [N-1:0]                   link_n_credit_valid_o,
  output logic [N*2-1:0]                 link_n_credit_vc_o,
  output logic [N*8*LinkBytes-1:0]       link_n_data_o,
  // Link to the east: what the tiles send
  output logic [N-1:0]                   link_e_valid_o,
  output logic [N*2-1:0]                 link_e_vc_o,
  output logic [N-1:0]                   link_e_head_o,
  output logic [N-1:0]                   link_e_tail_o,
  output logic [N-1:0]                   link_e_credit_valid_o,
  output logic [N*2-1:0]                 link_e_credit_vc_o,
  output logic [N*8*LinkBytes-1:0]       link_e_data_o,
  // Link to the south: what the tiles send
  output logic [N-1:0]                   link_s_valid_o,
  output logic [N*2-1:0]                 link_s_vc_o,
  output logic [N-1:0]                   link_s_head_o,
  output logic [N-1:0]                   link_s_tail_o,
  output logic [N-1:0]                   link_s_credit_valid_o,
  output logic [N*2-1:0]                 link_s_credit_vc_o,
  output logic [N*8*LinkBytes-1:0]       link_s_data_o,
  // Link to the west: what the tiles send
  output logic [N-1:0]                   link_w_valid_o,
  output logic [N*2-1:0]                 link_w_vc_o,
  output logic [N-1:0]                   link_w_head_o,
  output logic [N-1:0]                   link_w_tail_o,
  output logic [N-1:0]                   link_w_credit_valid_o,
  output logic [N*2-1:0]                 link_w_credit_vc_o,
  output logic [N*8*LinkBytes-1:0]       link_w_data_o,
  // AXI4 manager to this tile's HBM channel
  output logic [N*4-1:0]                 hbm_axi_awid,
  output logic [N*40-1:0]                hbm_axi_awaddr,
  output logic [N*8-1:0]                 hbm_axi_awlen,
  output logic [N*3-1:0]                 hbm_axi_awsize,
  output logic [N*2-1:0]                 hbm_axi_awburst,
  output logic [N-1:0]                   hbm_axi_awvalid,
  input  logic [N-1:0]                   hbm_axi_awready,
  output logic [N*8*DmaBytes-1:0]        hbm_axi_wdata,
  output logic [N*DmaBytes-1:0]          hbm_axi_wstrb,
  output logic [N-1:0]                   hbm_axi_wlast,
  output logic [N-1:0]                   hbm_axi_wvalid,
  input  logic [N-1:0]                   hbm_axi_wready,
  input  logic [N*4-1:0]                 hbm_axi_bid,
  input  logic [N*2-1:0]                 hbm_axi_bresp,
  input  logic [N-1:0]                   hbm_axi_bvalid,
  output logic [N-1:0]                   hbm_axi_bready,
  output logic [N*4-1:0]                 hbm_axi_arid,
  output logic [N*40-1:0]                hbm_axi_araddr,
  output logic [N*8-1:0]                 hbm_axi_arlen,
  output logic [N*3-1:0]                 hbm_axi_arsize,
  output logic [N*2-1:0]                 hbm_axi_arburst,
  output logic [N-1:0]                   hbm_axi_arvalid,
  input  logic [N-1:0]                   hbm_axi_arready,
  input  logic [N*4-1:0]                 hbm_axi_rid,
  input  logic [N*8*DmaBytes-1:0]        hbm_axi_rdata,
  input  logic [N*2-1:0]                 hbm_axi_rresp,
  input  logic [N-1:0]                   hbm_axi_rlast,
  input  logic [N-1:0]                   hbm_axi_rvalid,
  output logic [N-1:0]                   hbm_axi_rready,
  // AXI4-Lite subordinate: the host
  input  logic [N*16-1:0]                host_axil_awaddr,
  input  logic [N*3-1:0]                 host_axil_awprot,
  input  logic [N-1:0]                   host_axil_awvalid,
  output logic [N-1:0]                   host_axil_awready,
  input  logic [N*32-1:0]                host_axil_wdata,
  input  logic [N*4-1:0]                 host_axil_wstrb,
  input  logic [N-1:0]                   host_axil_wvalid,
  output logic [N-1:0]                   host_axil_wready,
  output logic [N*2-1:0]                 host_axil_bresp,
  output logic [N-1:0]                   host_axil_bvalid,
  input  logic [N-1:0]                   host_axil_bready,
  input  logic [N*16-1:0]                host_axil_araddr,
  input  logic [N*3-1:0]                 host_axil_arprot,
  input  logic [N-1:0]                   host_axil_arvalid,
  output logic [N-1:0]                   host_axil_arready,
  output logic [N*32-1:0]                host_axil_rdata,
  output logic [N*2-1:0]                 host_axil_rresp,
  output logic [N-1:0]                   host_axil_rvalid,
  input  logic [N-1:0]                   host_axil_rready,
  // Retirement records of engine PE, without back-pressure
  output logic [N-1:0]                   rec_pe_valid_o,
  output logic [N*RecBits-1:0]           rec_pe_data_o,
  // Retirement records of engine ACT, without back-pressure
  output logic [N-1:0]                   rec_act_valid_o,
  output logic [N*RecBits-1:0]           rec_act_data_o,
  // Retirement records of engine DVE, without back-pressure
  output logic [N-1:0]                   rec_dve_valid_o,
  output logic [N*RecBits-1:0]           rec_dve_data_o,
  // Retirement records of engine POOL, without back-pressure
  output logic [N-1:0]                   rec_pool_valid_o,
  output logic [N*RecBits-1:0]           rec_pool_data_o,
  // Retirement records of engine SP, without back-pressure
  output logic [N-1:0]                   rec_sp_valid_o,
  output logic [N*RecBits-1:0]           rec_sp_data_o,
  // Retirement records of the DMA queues, queue 0 first
  output logic [N*NumQueues-1:0]         rec_q_valid_o,
  output logic [N*NumQueues*RecBits-1:0] rec_q_data_o,
  // Of a mesh only
  input  logic [3:0]                     link_latency_i,
  output logic                           links_idle_o
  // end generated
);
  // By tile and port: what it sends, what arrives there.
  logic [NumLinks-1:0] link_out_valid [N], credit_out_valid [N], link_in_valid [N],
                       credit_in_valid [N];
  link_t               link_out [N][NumLinks], link_in [N][NumLinks];
  credit_t             credit_out [N][NumLinks], credit_in [N][NumLinks];
  logic [NumLinks-1:0] idle [N];                   // nothing is on its way to a tile by this port

  for (genvar y = 0; y < MeshY; y++) begin : gen_row
    for (genvar x = 0; x < MeshX; x++) begin : gen_column
      localparam int unsigned Tile = y * MeshX + x;
      for (genvar d = 0; d < NumLinks; d++) begin : gen_side
        localparam int FromX = x + step_x(d), FromY = y + step_y(d);
        localparam bit Inside = FromX >= 0 && FromX < int'(MeshX) &&
                                FromY >= 0 && FromY < int'(MeshY);
        if (!Inside) begin : gen_border
          assign link_in_valid[Tile][d] = 1'b0;
          assign link_in[Tile][d] = '0;
          assign credit_in_valid[Tile][d] = 1'b0;
          assign credit_in[Tile][d] = '0;
          assign idle[Tile][d] = 1'b1;
        end else begin : gen_link
          localparam int unsigned From = FromY * MeshX + FromX;
          localparam int unsigned By = opposite(d);
          tsr_link u_link (
            .clk_i, .rst_ni, .latency_i(link_latency_i), .idle_o(idle[Tile][d]),
            .link_valid_i(link_out_valid[From][By]), .link_i(link_out[From][By]),
            .credit_valid_i(credit_out_valid[From][By]), .credit_i(credit_out[From][By]),
            .link_valid_o(link_in_valid[Tile][d]), .link_o(link_in[Tile][d]),
            .credit_valid_o(credit_in_valid[Tile][d]), .credit_o(credit_in[Tile][d]));
        end
      end

      tsr_tile u_tile (
        .tile_x_i(8'(x)), .tile_y_i(8'(y)),
        .mesh_x_i(8'(MeshX - 1)), .mesh_y_i(8'(MeshY - 1)),
        // begin generated: connections (isa/boundary.json, scripts/gen_boundary.py --write)
        .clk_i, .rst_ni, .cycle_i, .quiescent_o(quiescent_o[Tile]), .irq_o(irq_o[Tile]),
        .link_n_valid_i(link_in_valid[Tile][int'(DirN)]),
        .link_n_vc_i(link_in[Tile][int'(DirN)].vc), .link_n_head_i(link_in[Tile][int'(DirN)].head),
        .link_n_tail_i(link_in[Tile][int'(DirN)].tail),
        .link_n_credit_valid_i(credit_in_valid[Tile][int'(DirN)]),
        .link_n_credit_vc_i(credit_in[Tile][int'(DirN)].vc),
        .link_n_data_i(link_in[Tile][int'(DirN)].data), .link_n_valid_o(link_n_valid_o[Tile]),
        .link_n_vc_o(link_n_vc_o[Tile*2 +: 2]), .link_n_head_o(link_n_head_o[Tile]),
        .link_n_tail_o(link_n_tail_o[Tile]), .link_n_credit_valid_o(link_n_credit_valid_o[Tile]),
        .link_n_credit_vc_o(link_n_credit_vc_o[Tile*2 +: 2]),
        .link_n_data_o(link_n_data_o[Tile*8*LinkBytes +: 8*LinkBytes]),
        .link_e_valid_i(link_in_valid[Tile][int'(DirE)]),
        .link_e_vc_i(link_in[Tile][int'(DirE)].vc), .link_e_head_i(link_in[Tile][int'(DirE)].head),
        .link_e_tail_i(link_in[Tile][int'(DirE)].tail),
        .link_e_credit_valid_i(credit_in_valid[Tile][int'(DirE)]),
        .link_e_credit_vc_i(credit_in[Tile][int'(DirE)].vc),
        .link_e_data_i(link_in[Tile][int'(DirE)].data), .link_e_valid_o(link_e_valid_o[Tile]),
        .link_e_vc_o(link_e_vc_o[Tile*2 +: 2]), .link_e_head_o(link_e_head_o[Tile]),
        .link_e_tail_o(link_e_tail_o[Tile]), .link_e_credit_valid_o(link_e_credit_valid_o[Tile]),
        .link_e_credit_vc_o(link_e_credit_vc_o[Tile*2 +: 2]),
        .link_e_data_o(link_e_data_o[Tile*8*LinkBytes +: 8*LinkBytes]),
        .link_s_valid_i(link_in_valid[Tile][int'(DirS)]),
        .link_s_vc_i(link_in[Tile][int'(DirS)].vc), .link_s_head_i(link_in[Tile][int'(DirS)].head),
        .link_s_tail_i(link_in[Tile][int'(DirS)].tail),
        .link_s_credit_valid_i(credit_in_valid[Tile][int'(DirS)]),
        .link_s_credit_vc_i(credit_in[Tile][int'(DirS)].vc),
        .link_s_data_i(link_in[Tile][int'(DirS)].data), .link_s_valid_o(link_s_valid_o[Tile]),
        .link_s_vc_o(link_s_vc_o[Tile*2 +: 2]), .link_s_head_o(link_s_head_o[Tile]),
        .link_s_tail_o(link_s_tail_o[Tile]), .link_s_credit_valid_o(link_s_credit_valid_o[Tile]),
        .link_s_credit_vc_o(link_s_credit_vc_o[Tile*2 +: 2]),
        .link_s_data_o(link_s_data_o[Tile*8*LinkBytes +: 8*LinkBytes]),
        .link_w_valid_i(link_in_valid[Tile][int'(DirW)]),
        .link_w_vc_i(link_in[Tile][int'(DirW)].vc), .link_w_head_i(link_in[Tile][int'(DirW)].head),
        .link_w_tail_i(link_in[Tile][int'(DirW)].tail),
        .link_w_credit_valid_i(credit_in_valid[Tile][int'(DirW)]),
        .link_w_credit_vc_i(credit_in[Tile][int'(DirW)].vc),
        .link_w_data_i(link_in[Tile][int'(DirW)].data), .link_w_valid_o(link_w_valid_o[Tile]),
        .link_w_vc_o(link_w_vc_o[Tile*2 +: 2]), .link_w_head_o(link_w_head_o[Tile]),
        .link_w_tail_o(link_w_tail_o[Tile]), .link_w_credit_valid_o(link_w_credit_valid_o[Tile]),
        .link_w_credit_vc_o(link_w_credit_vc_o[Tile*2 +: 2]),
        .link_w_data_o(link_w_data_o[Tile*8*LinkBytes +: 8*LinkBytes]),
        .hbm_axi_awid(hbm_axi_awid[Tile*4 +: 4]), .hbm_axi_awaddr(hbm_axi_awaddr[Tile*40 +: 40]),
        .hbm_axi_awlen(hbm_axi_awlen[Tile*8 +: 8]), .hbm_axi_awsize(hbm_axi_awsize[Tile*3 +: 3]),
        .hbm_axi_awburst(hbm_axi_awburst[Tile*2 +: 2]), .hbm_axi_awvalid(hbm_axi_awvalid[Tile]),
        .hbm_axi_awready(hbm_axi_awready[Tile]),
        .hbm_axi_wdata(hbm_axi_wdata[Tile*8*DmaBytes +: 8*DmaBytes]),
        .hbm_axi_wstrb(hbm_axi_wstrb[Tile*DmaBytes +: DmaBytes]),
        .hbm_axi_wlast(hbm_axi_wlast[Tile]), .hbm_axi_wvalid(hbm_axi_wvalid[Tile]),
        .hbm_axi_wready(hbm_axi_wready[Tile]), .hbm_axi_bid(hbm_axi_bid[Tile*4 +: 4]),
        .hbm_axi_bresp(hbm_axi_bresp[Tile*2 +: 2]), .hbm_axi_bvalid(hbm_axi_bvalid[Tile]),
        .hbm_axi_bready(hbm_axi_bready[Tile]), .hbm_axi_arid(hbm_axi_arid[Tile*4 +: 4]),
        .hbm_axi_araddr(hbm_axi_araddr[Tile*40 +: 40]), .hbm_axi_arlen(hbm_axi_arlen[Tile*8 +: 8]),
        .hbm_axi_arsize(hbm_axi_arsize[Tile*3 +: 3]),
        .hbm_axi_arburst(hbm_axi_arburst[Tile*2 +: 2]), .hbm_axi_arvalid(hbm_axi_arvalid[Tile]),
        .hbm_axi_arready(hbm_axi_arready[Tile]), .hbm_axi_rid(hbm_axi_rid[Tile*4 +: 4]),
        .hbm_axi_rdata(hbm_axi_rdata[Tile*8*DmaBytes +: 8*DmaBytes]),
        .hbm_axi_rresp(hbm_axi_rresp[Tile*2 +: 2]), .hbm_axi_rlast(hbm_axi_rlast[Tile]),
        .hbm_axi_rvalid(hbm_axi_rvalid[Tile]), .hbm_axi_rready(hbm_axi_rready[Tile]),
        .host_axil_awaddr(host_axil_awaddr[Tile*16 +: 16]),
        .host_axil_awprot(host_axil_awprot[Tile*3 +: 3]),
        .host_axil_awvalid(host_axil_awvalid[Tile]), .host_axil_awready(host_axil_awready[Tile]),
        .host_axil_wdata(host_axil_wdata[Tile*32 +: 32]),
        .host_axil_wstrb(host_axil_wstrb[Tile*4 +: 4]), .host_axil_wvalid(host_axil_wvalid[Tile]),
        .host_axil_wready(host_axil_wready[Tile]), .host_axil_bresp(host_axil_bresp[Tile*2 +: 2]),
        .host_axil_bvalid(host_axil_bvalid[Tile]), .host_axil_bready(host_axil_bready[Tile]),
        .host_axil_araddr(host_axil_araddr[Tile*16 +: 16]),
        .host_axil_arprot(host_axil_arprot[Tile*3 +: 3]),
        .host_axil_arvalid(host_axil_arvalid[Tile]), .host_axil_arready(host_axil_arready[Tile]),
        .host_axil_rdata(host_axil_rdata[Tile*32 +: 32]),
        .host_axil_rresp(host_axil_rresp[Tile*2 +: 2]), .host_axil_rvalid(host_axil_rvalid[Tile]),
        .host_axil_rready(host_axil_rready[Tile]), .rec_pe_valid_o(rec_pe_valid_o[Tile]),
        .rec_pe_data_o(rec_pe_data_o[Tile*RecBits +: RecBits]),
        .rec_act_valid_o(rec_act_valid_o[Tile]),
        .rec_act_data_o(rec_act_data_o[Tile*RecBits +: RecBits]),
        .rec_dve_valid_o(rec_dve_valid_o[Tile]),
        .rec_dve_data_o(rec_dve_data_o[Tile*RecBits +: RecBits]),
        .rec_pool_valid_o(rec_pool_valid_o[Tile]),
        .rec_pool_data_o(rec_pool_data_o[Tile*RecBits +: RecBits]),
        .rec_sp_valid_o(rec_sp_valid_o[Tile]),
        .rec_sp_data_o(rec_sp_data_o[Tile*RecBits +: RecBits]),
        .rec_q_valid_o(rec_q_valid_o[Tile*NumQueues +: NumQueues]),
        .rec_q_data_o(rec_q_data_o[Tile*NumQueues*RecBits +: NumQueues*RecBits])
        // end generated
      );
      // begin generated: links (isa/boundary.json, scripts/gen_boundary.py --write)
      assign link_out_valid[Tile][int'(DirN)] = link_n_valid_o[Tile];
      assign credit_out_valid[Tile][int'(DirN)] = link_n_credit_valid_o[Tile];
      assign link_out[Tile][int'(DirN)] = '{
        vc: link_n_vc_o[Tile*2 +: 2], head: link_n_head_o[Tile], tail: link_n_tail_o[Tile],
        data: link_n_data_o[Tile*8*LinkBytes +: 8*LinkBytes]};
      assign credit_out[Tile][int'(DirN)] = '{vc: link_n_credit_vc_o[Tile*2 +: 2]};
      assign link_out_valid[Tile][int'(DirE)] = link_e_valid_o[Tile];
      assign credit_out_valid[Tile][int'(DirE)] = link_e_credit_valid_o[Tile];
      assign link_out[Tile][int'(DirE)] = '{
        vc: link_e_vc_o[Tile*2 +: 2], head: link_e_head_o[Tile], tail: link_e_tail_o[Tile],
        data: link_e_data_o[Tile*8*LinkBytes +: 8*LinkBytes]};
      assign credit_out[Tile][int'(DirE)] = '{vc: link_e_credit_vc_o[Tile*2 +: 2]};
      assign link_out_valid[Tile][int'(DirS)] = link_s_valid_o[Tile];
      assign credit_out_valid[Tile][int'(DirS)] = link_s_credit_valid_o[Tile];
      assign link_out[Tile][int'(DirS)] = '{
        vc: link_s_vc_o[Tile*2 +: 2], head: link_s_head_o[Tile], tail: link_s_tail_o[Tile],
        data: link_s_data_o[Tile*8*LinkBytes +: 8*LinkBytes]};
      assign credit_out[Tile][int'(DirS)] = '{vc: link_s_credit_vc_o[Tile*2 +: 2]};
      assign link_out_valid[Tile][int'(DirW)] = link_w_valid_o[Tile];
      assign credit_out_valid[Tile][int'(DirW)] = link_w_credit_valid_o[Tile];
      assign link_out[Tile][int'(DirW)] = '{
        vc: link_w_vc_o[Tile*2 +: 2], head: link_w_head_o[Tile], tail: link_w_tail_o[Tile],
        data: link_w_data_o[Tile*8*LinkBytes +: 8*LinkBytes]};
      assign credit_out[Tile][int'(DirW)] = '{vc: link_w_credit_vc_o[Tile*2 +: 2]};
      // end generated
    end
  end

  always_comb begin
    links_idle_o = 1'b1;
    for (int unsigned i = 0; i < N; i++) links_idle_o = links_idle_o && (&idle[i]);
  end
endmodule
