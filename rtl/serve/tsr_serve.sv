// SPDX-License-Identifier: Apache-2.0
/// Memory system of a tile: fabric, read server, write server and HBM port. Wires only; latencies stand in the blocks.
///
/// Takes the requests of the tile's initiators (DMA, instruction fetch, semaphores) and of the network, reaches SBUF, PSUM,
/// control registers and HBM, and sends all responses back (docs/interfaces.md sections 5 and 6). `rd_err_o`, `wr_err_o`:
/// one cycle, an answer with an error has left that server.
module tsr_serve
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
(
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [7:0]                tile_x_i,
  input  logic [7:0]                tile_y_i,
  input  logic [7:0]                mesh_x_i,
  input  logic [7:0]                mesh_y_i,
  input  logic                      dma_rdq_valid_i,
  output logic                      dma_rdq_ready_o,
  input  hdr_t                      dma_rdq_hdr_i,
  input  logic                      fetch_rdq_valid_i,
  output logic                      fetch_rdq_ready_o,
  input  hdr_t                      fetch_rdq_hdr_i,
  input  logic                      wrq_valid_i,
  output logic                      wrq_ready_o,
  input  hdr_t                      wrq_hdr_i,
  input  logic [DmaBits-1:0]        wrq_data_i,
  input  logic                      wrq_last_i,
  input  logic                      rsem_valid_i,
  output logic                      rsem_ready_o,
  input  hdr_t                      rsem_hdr_i,
  input  logic [DmaBits-1:0]        rsem_data_i,
  input  logic                      rsem_last_i,
  output logic                      dma_rdr_valid_o,
  input  logic                      dma_rdr_ready_i,
  output logic                      fetch_rdr_valid_o,
  input  logic                      fetch_rdr_ready_i,
  output hdr_t                      rdr_hdr_o,
  output logic [DmaBits-1:0]        rdr_data_o,
  output logic                      rdr_last_o,
  output logic                      wrr_valid_o,
  input  logic                      wrr_ready_i,
  output hdr_t                      wrr_hdr_o,
  output logic                      tx_req_valid_o,
  input  logic                      tx_req_ready_i,
  output hdr_t                      tx_req_hdr_o,
  output logic [DmaBits-1:0]        tx_req_data_o,
  output logic                      tx_req_last_o,
  output logic                      tx_rsp_valid_o,
  input  logic                      tx_rsp_ready_i,
  output hdr_t                      tx_rsp_hdr_o,
  output logic [DmaBits-1:0]        tx_rsp_data_o,
  output logic                      tx_rsp_last_o,
  input  logic                      rx_req_valid_i,
  output logic                      rx_req_ready_o,
  input  hdr_t                      rx_req_hdr_i,
  input  logic [DmaBits-1:0]        rx_req_data_i,
  input  logic                      rx_req_last_i,
  input  logic                      rx_rsp_valid_i,
  output logic                      rx_rsp_ready_o,
  input  hdr_t                      rx_rsp_hdr_i,
  input  logic [DmaBits-1:0]        rx_rsp_data_i,
  input  logic                      rx_rsp_last_i,
  output logic                      sbuf_rd_en_o,
  output logic [PartW-1:0]          sbuf_rd_part_o,
  output logic [SbufAw-1:0]         sbuf_rd_addr_o,
  input  logic [DmaBits-1:0]        sbuf_rd_data_i,
  output logic                      psum_rd_en_o,
  output logic [PartW-1:0]          psum_rd_part_o,
  output logic [PsumAw-1:0]         psum_rd_addr_o,
  input  logic [DmaBits-1:0]        psum_rd_data_i,
  output logic                      rd_csr_valid_o,
  input  logic                      rd_csr_ready_i,
  output logic                      rd_csr_we_o,
  output logic [15:0]               rd_csr_addr_o,
  output logic [31:0]               rd_csr_wdata_o,
  input  logic                      rd_csr_rvalid_i,
  input  logic [31:0]               rd_csr_rdata_i,
  input  logic                      rd_csr_err_i,
  output logic                      rd_err_o,
  output logic                      sbuf_rmw_rd_en_o,
  output logic [PartW-1:0]          sbuf_rmw_rd_part_o,
  output logic [SbufAw-1:0]         sbuf_rmw_rd_addr_o,
  input  logic [DmaBits-1:0]        sbuf_rmw_rd_data_i,
  output logic                      sbuf_wr_en_o,
  output logic [PartW-1:0]          sbuf_wr_part_o,
  output logic [SbufAw-1:0]         sbuf_wr_addr_o,
  output logic [DmaBits-1:0]        sbuf_wr_data_o,
  output logic [DmaBytes-1:0]       sbuf_wr_strb_o,
  output logic                      psum_rmw_rd_en_o,
  output logic [PartW-1:0]          psum_rmw_rd_part_o,
  output logic [PsumAw-1:0]         psum_rmw_rd_addr_o,
  input  logic [DmaBits-1:0]        psum_rmw_rd_data_i,
  output logic                      psum_wr_en_o,
  output logic [PartW-1:0]          psum_wr_part_o,
  output logic [PsumAw-1:0]         psum_wr_addr_o,
  output logic [DmaBits-1:0]        psum_wr_data_o,
  output logic [DmaBytes-1:0]       psum_wr_strb_o,
  output logic                      wr_csr_valid_o,
  input  logic                      wr_csr_ready_i,
  output logic                      wr_csr_we_o,
  output logic [15:0]               wr_csr_addr_o,
  output logic [31:0]               wr_csr_wdata_o,
  input  logic                      wr_csr_rvalid_i,
  input  logic [31:0]               wr_csr_rdata_i,
  input  logic                      wr_csr_err_i,
  output logic                      wr_err_o,
  output logic [3:0]                hbm_axi_awid,
  output logic [39:0]               hbm_axi_awaddr,
  output logic [7:0]                hbm_axi_awlen,
  output logic [2:0]                hbm_axi_awsize,
  output logic [1:0]                hbm_axi_awburst,
  output logic                      hbm_axi_awvalid,
  input  logic                      hbm_axi_awready,
  output logic [DmaBits-1:0]        hbm_axi_wdata,
  output logic [DmaBytes-1:0]       hbm_axi_wstrb,
  output logic                      hbm_axi_wlast,
  output logic                      hbm_axi_wvalid,
  input  logic                      hbm_axi_wready,
  input  logic [3:0]                hbm_axi_bid,
  input  logic [1:0]                hbm_axi_bresp,
  input  logic                      hbm_axi_bvalid,
  output logic                      hbm_axi_bready,
  output logic [3:0]                hbm_axi_arid,
  output logic [39:0]               hbm_axi_araddr,
  output logic [7:0]                hbm_axi_arlen,
  output logic [2:0]                hbm_axi_arsize,
  output logic [1:0]                hbm_axi_arburst,
  output logic                      hbm_axi_arvalid,
  input  logic                      hbm_axi_arready,
  input  logic [3:0]                hbm_axi_rid,
  input  logic [DmaBits-1:0]        hbm_axi_rdata,
  input  logic [1:0]                hbm_axi_rresp,
  input  logic                      hbm_axi_rlast,
  input  logic                      hbm_axi_rvalid,
  output logic                      hbm_axi_rready,
  output logic                      quiet_o
);
  logic lrd_valid;
  logic lrd_ready;
  hdr_t lrd_hdr;
  logic lrr_valid;
  logic lrr_ready;
  hdr_t lrr_hdr;
  logic [DmaBits-1:0] lrr_data;
  logic lrr_last;
  logic lwr_valid;
  logic lwr_ready;
  hdr_t lwr_hdr;
  logic [DmaBits-1:0] lwr_data;
  logic lwr_last;
  logic lwa_valid;
  logic lwa_ready;
  hdr_t lwa_hdr;
  logic rrd_valid;
  logic rrd_ready;
  hdr_t rrd_hdr;
  logic rrr_valid;
  logic rrr_ready;
  hdr_t rrr_hdr;
  logic [DmaBits-1:0] rrr_data;
  logic rrr_last;
  logic rwr_valid;
  logic rwr_ready;
  hdr_t rwr_hdr;
  logic [DmaBits-1:0] rwr_data;
  logic rwr_last;
  logic rwa_valid;
  logic rwa_ready;
  hdr_t rwa_hdr;
  logic rd_ar_valid;
  logic rd_ar_ready;
  logic [39:0] rd_ar_addr;
  logic [7:0] rd_ar_len;
  logic rd_rb_valid;
  logic rd_rb_ready;
  logic rmw_ar_valid;
  logic rmw_ar_ready;
  logic [39:0] rmw_ar_addr;
  logic [7:0] rmw_ar_len;
  logic rmw_rb_valid;
  logic rmw_rb_ready;
  logic w_valid;
  logic w_ready;
  logic w_first;
  logic w_rmw;
  logic [39:0] w_addr;
  logic [7:0] w_len;
  logic [DmaBits-1:0] w_data;
  logic [DmaBytes-1:0] w_strb;
  logic w_last;
  logic b_valid;
  logic b_ready;
  logic b_rmw;
  logic b_err;
  logic [DmaBits-1:0] rb_data;
  logic rb_err;
  logic rb_last;
  logic fabric_quiet, rd_quiet, wr_quiet, port_quiet;

  tsr_fabric u_fabric (
    .clk_i, .rst_ni, .tile_x_i, .tile_y_i, .mesh_x_i, .mesh_y_i, .dma_rdq_valid_i, .dma_rdq_ready_o, .dma_rdq_hdr_i,
    .fetch_rdq_valid_i, .fetch_rdq_ready_o, .fetch_rdq_hdr_i, .wrq_valid_i, .wrq_ready_o, .wrq_hdr_i, .wrq_data_i,
    .wrq_last_i, .rsem_valid_i, .rsem_ready_o, .rsem_hdr_i, .rsem_data_i, .rsem_last_i, .dma_rdr_valid_o,
    .dma_rdr_ready_i, .fetch_rdr_valid_o, .fetch_rdr_ready_i, .rdr_hdr_o, .rdr_data_o, .rdr_last_o, .wrr_valid_o,
    .wrr_ready_i, .wrr_hdr_o, .lrd_valid_o(lrd_valid), .lrd_ready_i(lrd_ready), .lrd_hdr_o(lrd_hdr),
    .lrr_valid_i(lrr_valid), .lrr_ready_o(lrr_ready), .lrr_hdr_i(lrr_hdr), .lrr_data_i(lrr_data),
    .lrr_last_i(lrr_last), .lwr_valid_o(lwr_valid), .lwr_ready_i(lwr_ready), .lwr_hdr_o(lwr_hdr),
    .lwr_data_o(lwr_data), .lwr_last_o(lwr_last), .lwa_valid_i(lwa_valid), .lwa_ready_o(lwa_ready),
    .lwa_hdr_i(lwa_hdr), .rrd_valid_o(rrd_valid), .rrd_ready_i(rrd_ready), .rrd_hdr_o(rrd_hdr),
    .rrr_valid_i(rrr_valid), .rrr_ready_o(rrr_ready), .rrr_hdr_i(rrr_hdr), .rrr_data_i(rrr_data),
    .rrr_last_i(rrr_last), .rwr_valid_o(rwr_valid), .rwr_ready_i(rwr_ready), .rwr_hdr_o(rwr_hdr),
    .rwr_data_o(rwr_data), .rwr_last_o(rwr_last), .rwa_valid_i(rwa_valid), .rwa_ready_o(rwa_ready),
    .rwa_hdr_i(rwa_hdr), .tx_req_valid_o, .tx_req_ready_i, .tx_req_hdr_o, .tx_req_data_o, .tx_req_last_o,
    .tx_rsp_valid_o, .tx_rsp_ready_i, .tx_rsp_hdr_o, .tx_rsp_data_o, .tx_rsp_last_o, .rx_req_valid_i,
    .rx_req_ready_o, .rx_req_hdr_i, .rx_req_data_i, .rx_req_last_i, .rx_rsp_valid_i, .rx_rsp_ready_o, .rx_rsp_hdr_i,
    .rx_rsp_data_i, .rx_rsp_last_i, .quiet_o(fabric_quiet)
  );
  tsr_rd_server u_rd (
    .clk_i, .rst_ni, .lrd_valid_i(lrd_valid), .lrd_ready_o(lrd_ready), .lrd_hdr_i(lrd_hdr), .rrd_valid_i(rrd_valid),
    .rrd_ready_o(rrd_ready), .rrd_hdr_i(rrd_hdr), .lrr_valid_o(lrr_valid), .lrr_ready_i(lrr_ready),
    .lrr_hdr_o(lrr_hdr), .lrr_data_o(lrr_data), .lrr_last_o(lrr_last), .rrr_valid_o(rrr_valid),
    .rrr_ready_i(rrr_ready), .rrr_hdr_o(rrr_hdr), .rrr_data_o(rrr_data), .rrr_last_o(rrr_last),
    .ar_valid_o(rd_ar_valid), .ar_ready_i(rd_ar_ready), .ar_addr_o(rd_ar_addr), .ar_len_o(rd_ar_len),
    .rb_valid_i(rd_rb_valid), .rb_ready_o(rd_rb_ready), .rb_data_i(rb_data), .rb_err_i(rb_err), .rb_last_i(rb_last),
    .sbuf_rd_en_o, .sbuf_rd_part_o, .sbuf_rd_addr_o, .sbuf_rd_data_i, .psum_rd_en_o, .psum_rd_part_o,
    .psum_rd_addr_o, .psum_rd_data_i, .csr_valid_o(rd_csr_valid_o), .csr_ready_i(rd_csr_ready_i),
    .csr_we_o(rd_csr_we_o), .csr_addr_o(rd_csr_addr_o), .csr_wdata_o(rd_csr_wdata_o), .csr_rvalid_i(rd_csr_rvalid_i),
    .csr_rdata_i(rd_csr_rdata_i), .csr_err_i(rd_csr_err_i), .err_o(rd_err_o), .quiet_o(rd_quiet)
  );
  tsr_wr_server u_wr (
    .clk_i, .rst_ni, .lwr_valid_i(lwr_valid), .lwr_ready_o(lwr_ready), .lwr_hdr_i(lwr_hdr), .lwr_data_i(lwr_data),
    .lwr_last_i(lwr_last), .rwr_valid_i(rwr_valid), .rwr_ready_o(rwr_ready), .rwr_hdr_i(rwr_hdr),
    .rwr_data_i(rwr_data), .rwr_last_i(rwr_last), .lwa_valid_o(lwa_valid), .lwa_ready_i(lwa_ready),
    .lwa_hdr_o(lwa_hdr), .rwa_valid_o(rwa_valid), .rwa_ready_i(rwa_ready), .rwa_hdr_o(rwa_hdr),
    .ar_valid_o(rmw_ar_valid), .ar_ready_i(rmw_ar_ready), .ar_addr_o(rmw_ar_addr), .ar_len_o(rmw_ar_len),
    .rb_valid_i(rmw_rb_valid), .rb_ready_o(rmw_rb_ready), .rb_data_i(rb_data), .rb_err_i(rb_err),
    .rb_last_i(rb_last), .w_valid_o(w_valid), .w_ready_i(w_ready), .w_first_o(w_first), .w_rmw_o(w_rmw),
    .w_addr_o(w_addr), .w_len_o(w_len), .w_data_o(w_data), .w_strb_o(w_strb), .w_last_o(w_last), .b_valid_i(b_valid),
    .b_ready_o(b_ready), .b_rmw_i(b_rmw), .b_err_i(b_err), .sbuf_rmw_rd_en_o, .sbuf_rmw_rd_part_o,
    .sbuf_rmw_rd_addr_o, .sbuf_rmw_rd_data_i, .sbuf_wr_en_o, .sbuf_wr_part_o, .sbuf_wr_addr_o, .sbuf_wr_data_o,
    .sbuf_wr_strb_o, .psum_rmw_rd_en_o, .psum_rmw_rd_part_o, .psum_rmw_rd_addr_o, .psum_rmw_rd_data_i, .psum_wr_en_o,
    .psum_wr_part_o, .psum_wr_addr_o, .psum_wr_data_o, .psum_wr_strb_o, .csr_valid_o(wr_csr_valid_o),
    .csr_ready_i(wr_csr_ready_i), .csr_we_o(wr_csr_we_o), .csr_addr_o(wr_csr_addr_o),
    .csr_wdata_o(wr_csr_wdata_o), .csr_rvalid_i(wr_csr_rvalid_i), .csr_rdata_i(wr_csr_rdata_i),
    .csr_err_i(wr_csr_err_i), .err_o(wr_err_o), .quiet_o(wr_quiet)
  );
  tsr_hbm_port u_port (
    .clk_i, .rst_ni, .rd_ar_valid_i(rd_ar_valid), .rd_ar_ready_o(rd_ar_ready), .rd_ar_addr_i(rd_ar_addr),
    .rd_ar_len_i(rd_ar_len), .rd_rb_valid_o(rd_rb_valid), .rd_rb_ready_i(rd_rb_ready), .rmw_ar_valid_i(rmw_ar_valid),
    .rmw_ar_ready_o(rmw_ar_ready), .rmw_ar_addr_i(rmw_ar_addr), .rmw_ar_len_i(rmw_ar_len),
    .rmw_rb_valid_o(rmw_rb_valid), .rmw_rb_ready_i(rmw_rb_ready), .rb_data_o(rb_data), .rb_err_o(rb_err),
    .rb_last_o(rb_last), .w_valid_i(w_valid), .w_ready_o(w_ready), .w_first_i(w_first), .w_rmw_i(w_rmw),
    .w_addr_i(w_addr), .w_len_i(w_len), .w_data_i(w_data), .w_strb_i(w_strb), .w_last_i(w_last), .b_valid_o(b_valid),
    .b_ready_i(b_ready), .b_rmw_o(b_rmw), .b_err_o(b_err), .hbm_axi_awid, .hbm_axi_awaddr, .hbm_axi_awlen,
    .hbm_axi_awsize, .hbm_axi_awburst, .hbm_axi_awvalid, .hbm_axi_awready, .hbm_axi_wdata, .hbm_axi_wstrb,
    .hbm_axi_wlast, .hbm_axi_wvalid, .hbm_axi_wready, .hbm_axi_bid, .hbm_axi_bresp, .hbm_axi_bvalid, .hbm_axi_bready,
    .hbm_axi_arid, .hbm_axi_araddr, .hbm_axi_arlen, .hbm_axi_arsize, .hbm_axi_arburst, .hbm_axi_arvalid,
    .hbm_axi_arready, .hbm_axi_rid, .hbm_axi_rdata, .hbm_axi_rresp, .hbm_axi_rlast, .hbm_axi_rvalid, .hbm_axi_rready,
    .quiet_o(port_quiet)
  );
  assign quiet_o = fabric_quiet && rd_quiet && wr_quiet && port_quiet;
endmodule
