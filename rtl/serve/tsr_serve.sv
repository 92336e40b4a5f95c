// SPDX-License-Identifier: Apache-2.0
/// What answers requests in a tile: fabric, read server, write server and HBM port. Wires only;
/// latencies stand in the blocks.
///
/// Takes the requests of the tile's initiators (DMA, instruction fetch, semaphores) and of the
/// network, reaches SBUF, PSUM, control registers and HBM, and sends all responses back
/// (docs/interfaces.md sections 5 and 6).
module tsr_serve
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  place_t                place_i,
  // Requests of the initiators and their responses: read data are one stream with a valid for each
  // reader
  input  logic [NumReaders-1:0] read_req_valid_i,
  output logic [NumReaders-1:0] read_req_ready_o,
  input  hdr_t                  read_req_i [NumReaders],
  input  logic [NumWriters-1:0] write_req_valid_i,
  output logic [NumWriters-1:0] write_req_ready_o,
  input  pkt_t                  write_req_i [NumWriters],
  output logic [NumReaders-1:0] read_rsp_valid_o,
  input  logic [NumReaders-1:0] read_rsp_ready_i,
  output pkt_t                  read_rsp_o,
  output logic                  write_ack_valid_o,
  input  logic                  write_ack_ready_i,
  output hdr_t                  write_ack_o,
  // Network interface
  output logic [NumClasses-1:0] tx_valid_o,
  input  logic [NumClasses-1:0] tx_ready_i,
  output pkt_t                  tx_o [NumClasses],
  input  logic [NumClasses-1:0] rx_valid_i,
  output logic [NumClasses-1:0] rx_ready_o,
  input  pkt_t                  rx_i [NumClasses],
  // Memories
  output beat_rd_t              sbuf_beat_rd_o [NumServers],
  input  logic [DmaBits-1:0]    sbuf_beat_rd_data_i [NumServers],
  output beat_wr_t              sbuf_beat_wr_o,
  output beat_rd_t              psum_beat_rd_o [NumServers],
  input  logic [DmaBits-1:0]    psum_beat_rd_data_i [NumServers],
  output beat_wr_t              psum_beat_wr_o,
  // Control registers
  output logic [NumServers-1:0] csr_req_valid_o,
  input  logic [NumServers-1:0] csr_req_ready_i,
  output csr_req_t              csr_req_o [NumServers],
  input  logic [NumServers-1:0] csr_rsp_valid_i,
  input  csr_rsp_t              csr_rsp_i [NumServers],
  // HBM
  output axi_req_t              hbm_axi_o,
  input  axi_rsp_t              hbm_axi_i,
  output logic                  quiet_o
);
  logic [NumSides-1:0] srv_read_req_valid, srv_read_req_ready, srv_read_rsp_valid,
                       srv_read_rsp_ready;
  logic [NumSides-1:0] srv_write_req_valid, srv_write_req_ready, srv_write_ack_valid,
                       srv_write_ack_ready;
  hdr_t                srv_read_req [NumSides], srv_write_ack [NumSides];
  pkt_t                srv_read_rsp [NumSides], srv_write_req [NumSides];

  logic [NumServers-1:0] hbm_read_valid, hbm_read_ready, hbm_beat_valid, hbm_beat_ready;
  hbm_read_t             hbm_read [NumServers];
  hbm_beat_t             hbm_beat;
  logic                  hbm_write_valid, hbm_write_ready, hbm_done_valid, hbm_done_ready;
  hbm_write_t            hbm_write;
  hbm_done_t             hbm_done;
  logic                  fabric_quiet, rd_quiet, wr_quiet, port_quiet;

  tsr_fabric u_fabric (
    .clk_i, .rst_ni, .place_i,
    .read_req_valid_i, .read_req_ready_o, .read_req_i, .write_req_valid_i, .write_req_ready_o,
    .write_req_i,
    .read_rsp_valid_o, .read_rsp_ready_i, .read_rsp_o, .write_ack_valid_o, .write_ack_ready_i,
    .write_ack_o,
    .srv_read_req_valid_o(srv_read_req_valid), .srv_read_req_ready_i(srv_read_req_ready),
    .srv_read_req_o(srv_read_req),
    .srv_read_rsp_valid_i(srv_read_rsp_valid), .srv_read_rsp_ready_o(srv_read_rsp_ready),
    .srv_read_rsp_i(srv_read_rsp),
    .srv_write_req_valid_o(srv_write_req_valid), .srv_write_req_ready_i(srv_write_req_ready),
    .srv_write_req_o(srv_write_req),
    .srv_write_ack_valid_i(srv_write_ack_valid), .srv_write_ack_ready_o(srv_write_ack_ready),
    .srv_write_ack_i(srv_write_ack),
    .tx_valid_o, .tx_ready_i, .tx_o, .rx_valid_i, .rx_ready_o, .rx_i, .quiet_o(fabric_quiet)
  );
  tsr_rd_server u_rd (
    .clk_i, .rst_ni,
    .read_req_valid_i(srv_read_req_valid), .read_req_ready_o(srv_read_req_ready),
    .read_req_i(srv_read_req),
    .read_rsp_valid_o(srv_read_rsp_valid), .read_rsp_ready_i(srv_read_rsp_ready),
    .read_rsp_o(srv_read_rsp),
    .hbm_read_valid_o(hbm_read_valid[ServerRead]), .hbm_read_ready_i(hbm_read_ready[ServerRead]),
    .hbm_read_o(hbm_read[ServerRead]),
    .hbm_beat_valid_i(hbm_beat_valid[ServerRead]), .hbm_beat_ready_o(hbm_beat_ready[ServerRead]),
    .hbm_beat_i(hbm_beat),
    .sbuf_beat_rd_o(sbuf_beat_rd_o[ServerRead]),
    .sbuf_beat_rd_data_i(sbuf_beat_rd_data_i[ServerRead]),
    .psum_beat_rd_o(psum_beat_rd_o[ServerRead]),
    .psum_beat_rd_data_i(psum_beat_rd_data_i[ServerRead]),
    .csr_req_valid_o(csr_req_valid_o[ServerRead]), .csr_req_ready_i(csr_req_ready_i[ServerRead]),
    .csr_req_o(csr_req_o[ServerRead]), .csr_rsp_valid_i(csr_rsp_valid_i[ServerRead]),
    .csr_rsp_i(csr_rsp_i[ServerRead]),
    .quiet_o(rd_quiet)
  );
  tsr_wr_server u_wr (
    .clk_i, .rst_ni,
    .write_req_valid_i(srv_write_req_valid), .write_req_ready_o(srv_write_req_ready),
    .write_req_i(srv_write_req),
    .write_ack_valid_o(srv_write_ack_valid), .write_ack_ready_i(srv_write_ack_ready),
    .write_ack_o(srv_write_ack),
    .hbm_read_valid_o(hbm_read_valid[ServerWrite]), .hbm_read_ready_i(hbm_read_ready[ServerWrite]),
    .hbm_read_o(hbm_read[ServerWrite]),
    .hbm_beat_valid_i(hbm_beat_valid[ServerWrite]), .hbm_beat_ready_o(hbm_beat_ready[ServerWrite]),
    .hbm_beat_i(hbm_beat),
    .hbm_write_valid_o(hbm_write_valid), .hbm_write_ready_i(hbm_write_ready),
    .hbm_write_o(hbm_write),
    .hbm_done_valid_i(hbm_done_valid), .hbm_done_ready_o(hbm_done_ready), .hbm_done_i(hbm_done),
    .sbuf_beat_rd_o(sbuf_beat_rd_o[ServerWrite]),
    .sbuf_beat_rd_data_i(sbuf_beat_rd_data_i[ServerWrite]), .sbuf_beat_wr_o,
    .psum_beat_rd_o(psum_beat_rd_o[ServerWrite]),
    .psum_beat_rd_data_i(psum_beat_rd_data_i[ServerWrite]), .psum_beat_wr_o,
    .csr_req_valid_o(csr_req_valid_o[ServerWrite]), .csr_req_ready_i(csr_req_ready_i[ServerWrite]),
    .csr_req_o(csr_req_o[ServerWrite]), .csr_rsp_valid_i(csr_rsp_valid_i[ServerWrite]),
    .csr_rsp_i(csr_rsp_i[ServerWrite]),
    .quiet_o(wr_quiet)
  );
  tsr_hbm_port u_port (
    .clk_i, .rst_ni,
    .hbm_read_valid_i(hbm_read_valid), .hbm_read_ready_o(hbm_read_ready), .hbm_read_i(hbm_read),
    .hbm_beat_valid_o(hbm_beat_valid), .hbm_beat_ready_i(hbm_beat_ready), .hbm_beat_o(hbm_beat),
    .hbm_write_valid_i(hbm_write_valid), .hbm_write_ready_o(hbm_write_ready),
    .hbm_write_i(hbm_write),
    .hbm_done_valid_o(hbm_done_valid), .hbm_done_ready_i(hbm_done_ready), .hbm_done_o(hbm_done),
    .hbm_axi_o, .hbm_axi_i, .quiet_o(port_quiet)
  );
  assign quiet_o = fabric_quiet && rd_quiet && wr_quiet && port_quiet;
endmodule
