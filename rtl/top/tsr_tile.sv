// SPDX-License-Identifier: Apache-2.0
/// One tile: a NeuronCore-class core, its DMA queues, network interface and router. Wires only.
///
/// Boundary: isa/boundary.json, docs/interfaces.md section 7. The place (`tile_*_i`, `mesh_*_i`) is
/// taken while in reset. Every output is a register or decoded from registers; no input reaches an
/// output combinationally. Time enters on `cycle_i` and is only sampled into records. `quiescent_o`
/// is 1 when, with idle inputs, no further edge can change this tile.
module tsr_tile
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  // begin generated: ports (isa/boundary.json, scripts/gen_boundary.py --write)
  // Clock, time and place
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic [63:0]                  cycle_i,
  input  logic [7:0]                   tile_x_i,
  input  logic [7:0]                   tile_y_i,
  input  logic [7:0]                   mesh_x_i,
  input  logic [7:0]                   mesh_y_i,
  output logic                         quiescent_o,
  output logic                         irq_o,
  // Link to the north
  input  logic                         link_n_valid_i,
  input  logic [1:0]                   link_n_vc_i,
  input  logic                         link_n_head_i,
  input  logic                         link_n_tail_i,
  input  logic                         link_n_credit_valid_i,
  input  logic [1:0]                   link_n_credit_vc_i,
  input  logic [8*LinkBytes-1:0]       link_n_data_i,
  output logic                         link_n_valid_o,
  output logic [1:0]                   link_n_vc_o,
  output logic                         link_n_head_o,
  output logic                         link_n_tail_o,
  output logic                         link_n_credit_valid_o,
  output logic [1:0]                   link_n_credit_vc_o,
  output logic [8*LinkBytes-1:0]       link_n_data_o,
  // Link to the east
  input  logic                         link_e_valid_i,
  input  logic [1:0]                   link_e_vc_i,
  input  logic                         link_e_head_i,
  input  logic                         link_e_tail_i,
  input  logic                         link_e_credit_valid_i,
  input  logic [1:0]                   link_e_credit_vc_i,
  input  logic [8*LinkBytes-1:0]       link_e_data_i,
  output logic                         link_e_valid_o,
  output logic [1:0]                   link_e_vc_o,
  output logic                         link_e_head_o,
  output logic                         link_e_tail_o,
  output logic                         link_e_credit_valid_o,
  output logic [1:0]                   link_e_credit_vc_o,
  output logic [8*LinkBytes-1:0]       link_e_data_o,
  // Link to the south
  input  logic                         link_s_valid_i,
  input  logic [1:0]                   link_s_vc_i,
  input  logic                         link_s_head_i,
  input  logic                         link_s_tail_i,
  input  logic                         link_s_credit_valid_i,
  input  logic [1:0]                   link_s_credit_vc_i,
  input  logic [8*LinkBytes-1:0]       link_s_data_i,
  output logic                         link_s_valid_o,
  output logic [1:0]                   link_s_vc_o,
  output logic                         link_s_head_o,
  output logic                         link_s_tail_o,
  output logic                         link_s_credit_valid_o,
  output logic [1:0]                   link_s_credit_vc_o,
  output logic [8*LinkBytes-1:0]       link_s_data_o,
  // Link to the west
  input  logic                         link_w_valid_i,
  input  logic [1:0]                   link_w_vc_i,
  input  logic                         link_w_head_i,
  input  logic                         link_w_tail_i,
  input  logic                         link_w_credit_valid_i,
  input  logic [1:0]                   link_w_credit_vc_i,
  input  logic [8*LinkBytes-1:0]       link_w_data_i,
  output logic                         link_w_valid_o,
  output logic [1:0]                   link_w_vc_o,
  output logic                         link_w_head_o,
  output logic                         link_w_tail_o,
  output logic                         link_w_credit_valid_o,
  output logic [1:0]                   link_w_credit_vc_o,
  output logic [8*LinkBytes-1:0]       link_w_data_o,
  // AXI4 manager to this tile's HBM channel
  output logic [3:0]                   hbm_axi_awid,
  output logic [39:0]                  hbm_axi_awaddr,
  output logic [7:0]                   hbm_axi_awlen,
  output logic [2:0]                   hbm_axi_awsize,
  output logic [1:0]                   hbm_axi_awburst,
  output logic                         hbm_axi_awvalid,
  input  logic                         hbm_axi_awready,
  output logic [8*DmaBytes-1:0]        hbm_axi_wdata,
  output logic [DmaBytes-1:0]          hbm_axi_wstrb,
  output logic                         hbm_axi_wlast,
  output logic                         hbm_axi_wvalid,
  input  logic                         hbm_axi_wready,
  input  logic [3:0]                   hbm_axi_bid,
  input  logic [1:0]                   hbm_axi_bresp,
  input  logic                         hbm_axi_bvalid,
  output logic                         hbm_axi_bready,
  output logic [3:0]                   hbm_axi_arid,
  output logic [39:0]                  hbm_axi_araddr,
  output logic [7:0]                   hbm_axi_arlen,
  output logic [2:0]                   hbm_axi_arsize,
  output logic [1:0]                   hbm_axi_arburst,
  output logic                         hbm_axi_arvalid,
  input  logic                         hbm_axi_arready,
  input  logic [3:0]                   hbm_axi_rid,
  input  logic [8*DmaBytes-1:0]        hbm_axi_rdata,
  input  logic [1:0]                   hbm_axi_rresp,
  input  logic                         hbm_axi_rlast,
  input  logic                         hbm_axi_rvalid,
  output logic                         hbm_axi_rready,
  // AXI4-Lite subordinate: the host
  input  logic [15:0]                  host_axil_awaddr,
  input  logic [2:0]                   host_axil_awprot,
  input  logic                         host_axil_awvalid,
  output logic                         host_axil_awready,
  input  logic [31:0]                  host_axil_wdata,
  input  logic [3:0]                   host_axil_wstrb,
  input  logic                         host_axil_wvalid,
  output logic                         host_axil_wready,
  output logic [1:0]                   host_axil_bresp,
  output logic                         host_axil_bvalid,
  input  logic                         host_axil_bready,
  input  logic [15:0]                  host_axil_araddr,
  input  logic [2:0]                   host_axil_arprot,
  input  logic                         host_axil_arvalid,
  output logic                         host_axil_arready,
  output logic [31:0]                  host_axil_rdata,
  output logic [1:0]                   host_axil_rresp,
  output logic                         host_axil_rvalid,
  input  logic                         host_axil_rready,
  // Retirement records of engine PE, without back-pressure
  output logic                         rec_pe_valid_o,
  output logic [RecBits-1:0]           rec_pe_data_o,
  // Retirement records of engine ACT, without back-pressure
  output logic                         rec_act_valid_o,
  output logic [RecBits-1:0]           rec_act_data_o,
  // Retirement records of engine DVE, without back-pressure
  output logic                         rec_dve_valid_o,
  output logic [RecBits-1:0]           rec_dve_data_o,
  // Retirement records of engine POOL, without back-pressure
  output logic                         rec_pool_valid_o,
  output logic [RecBits-1:0]           rec_pool_data_o,
  // Retirement records of engine SP, without back-pressure
  output logic                         rec_sp_valid_o,
  output logic [RecBits-1:0]           rec_sp_data_o,
  // Retirement records of the DMA queues, queue 0 first
  output logic [NumQueues-1:0]         rec_q_valid_o,
  output logic [NumQueues*RecBits-1:0] rec_q_data_o
  // end generated
);
  // Constant while running, so it is taken in reset only: nothing inside depends on these inputs
  // combinationally, and a simulator need not evaluate that logic once more for the inputs of every
  // cycle.
  place_t place_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) place_q <= '{x: tile_x_i, y: tile_y_i, mesh_x: mesh_x_i, mesh_y: mesh_y_i};
  end

  logic core_quiet, dma_quiet, serve_quiet, ni_quiet, router_quiet;

  // Requests of the initiators and their responses (docs/interfaces.md section 5)
  logic [NumReaders-1:0] read_req_valid, read_req_ready, read_rsp_valid, read_rsp_ready;
  logic [NumWriters-1:0] write_req_valid, write_req_ready;
  logic                  write_ack_valid, write_ack_ready;
  hdr_t                  read_req [NumReaders], write_ack;
  pkt_t                  read_rsp, write_req [NumWriters];

  // Servers to the core: registers, SBUF, PSUM
  logic [NumServers-1:0] csr_req_valid, csr_req_ready, csr_rsp_valid;
  csr_req_t              csr_req [NumServers];
  csr_rsp_t              csr_rsp [NumServers];
  beat_rd_t              sbuf_beat_rd [NumServers], psum_beat_rd [NumServers];
  logic [DmaBits-1:0]    sbuf_beat_rd_data [NumServers], psum_beat_rd_data [NumServers];
  beat_wr_t              sbuf_beat_wr, psum_beat_wr;

  // DMA queues: set-up, doorbells, semaphores, status
  queue_setup_t          queue_setup [NumQueues];
  doorbell_t             doorbell;
  logic [7:0]            queue_sem_wait [NumQueues];
  logic [31:0]           queue_sem_value [NumQueues], queue_done [NumQueues];
  logic [NumQueues-1:0]  queue_sem_upd_valid, queue_sem_upd_ready, queue_rec_valid;
  sem_upd_t              queue_sem_upd [NumQueues];
  status_t               queue_status [NumQueues];
  fault_t                queue_fault [NumQueues];

  // Packets between servers and network interface
  logic [NumClasses-1:0] tx_valid, tx_ready, rx_valid, rx_ready;
  pkt_t                  tx [NumClasses], rx [NumClasses];

  // Links by port of the router; DirL is that of the network interface
  logic [NumDirs-1:0] link_in_valid, link_out_valid, credit_in_valid, credit_out_valid;
  link_t               link_in [NumDirs], link_out [NumDirs];
  credit_t             credit_in [NumDirs], credit_out [NumDirs];
  // begin generated: links (isa/boundary.json, scripts/gen_boundary.py --write)
  assign link_in_valid[DirN] = link_n_valid_i;
  assign credit_in_valid[DirN] = link_n_credit_valid_i;
  assign link_in[DirN] = '{
    vc: link_n_vc_i, head: link_n_head_i, tail: link_n_tail_i, data: link_n_data_i};
  assign credit_in[DirN] = '{vc: link_n_credit_vc_i};
  assign link_n_valid_o = link_out_valid[DirN];
  assign link_n_vc_o = link_out[DirN].vc;
  assign link_n_head_o = link_out[DirN].head;
  assign link_n_tail_o = link_out[DirN].tail;
  assign link_n_credit_valid_o = credit_out_valid[DirN];
  assign link_n_credit_vc_o = credit_out[DirN].vc;
  assign link_n_data_o = link_out[DirN].data;
  assign link_in_valid[DirE] = link_e_valid_i;
  assign credit_in_valid[DirE] = link_e_credit_valid_i;
  assign link_in[DirE] = '{
    vc: link_e_vc_i, head: link_e_head_i, tail: link_e_tail_i, data: link_e_data_i};
  assign credit_in[DirE] = '{vc: link_e_credit_vc_i};
  assign link_e_valid_o = link_out_valid[DirE];
  assign link_e_vc_o = link_out[DirE].vc;
  assign link_e_head_o = link_out[DirE].head;
  assign link_e_tail_o = link_out[DirE].tail;
  assign link_e_credit_valid_o = credit_out_valid[DirE];
  assign link_e_credit_vc_o = credit_out[DirE].vc;
  assign link_e_data_o = link_out[DirE].data;
  assign link_in_valid[DirS] = link_s_valid_i;
  assign credit_in_valid[DirS] = link_s_credit_valid_i;
  assign link_in[DirS] = '{
    vc: link_s_vc_i, head: link_s_head_i, tail: link_s_tail_i, data: link_s_data_i};
  assign credit_in[DirS] = '{vc: link_s_credit_vc_i};
  assign link_s_valid_o = link_out_valid[DirS];
  assign link_s_vc_o = link_out[DirS].vc;
  assign link_s_head_o = link_out[DirS].head;
  assign link_s_tail_o = link_out[DirS].tail;
  assign link_s_credit_valid_o = credit_out_valid[DirS];
  assign link_s_credit_vc_o = credit_out[DirS].vc;
  assign link_s_data_o = link_out[DirS].data;
  assign link_in_valid[DirW] = link_w_valid_i;
  assign credit_in_valid[DirW] = link_w_credit_valid_i;
  assign link_in[DirW] = '{
    vc: link_w_vc_i, head: link_w_head_i, tail: link_w_tail_i, data: link_w_data_i};
  assign credit_in[DirW] = '{vc: link_w_credit_vc_i};
  assign link_w_valid_o = link_out_valid[DirW];
  assign link_w_vc_o = link_out[DirW].vc;
  assign link_w_head_o = link_out[DirW].head;
  assign link_w_tail_o = link_out[DirW].tail;
  assign link_w_credit_valid_o = credit_out_valid[DirW];
  assign link_w_credit_vc_o = credit_out[DirW].vc;
  assign link_w_data_o = link_out[DirW].data;
  // end generated

  logic [NumEngines-1:0] engine_rec_valid;
  rec_t                  engine_rec [NumEngines], queue_rec [NumQueues];

  // begin generated: axi (isa/boundary.json, scripts/gen_boundary.py --write)
  axi_req_t hbm_axi_req;
  assign hbm_axi_awid = hbm_axi_req.awid;
  assign hbm_axi_awaddr = hbm_axi_req.awaddr;
  assign hbm_axi_awlen = hbm_axi_req.awlen;
  assign hbm_axi_awsize = hbm_axi_req.awsize;
  assign hbm_axi_awburst = hbm_axi_req.awburst;
  assign hbm_axi_awvalid = hbm_axi_req.awvalid;
  assign hbm_axi_wdata = hbm_axi_req.wdata;
  assign hbm_axi_wstrb = hbm_axi_req.wstrb;
  assign hbm_axi_wlast = hbm_axi_req.wlast;
  assign hbm_axi_wvalid = hbm_axi_req.wvalid;
  assign hbm_axi_bready = hbm_axi_req.bready;
  assign hbm_axi_arid = hbm_axi_req.arid;
  assign hbm_axi_araddr = hbm_axi_req.araddr;
  assign hbm_axi_arlen = hbm_axi_req.arlen;
  assign hbm_axi_arsize = hbm_axi_req.arsize;
  assign hbm_axi_arburst = hbm_axi_req.arburst;
  assign hbm_axi_arvalid = hbm_axi_req.arvalid;
  assign hbm_axi_rready = hbm_axi_req.rready;
  axi_rsp_t hbm_axi_rsp;
  assign hbm_axi_rsp = '{
    awready: hbm_axi_awready, wready: hbm_axi_wready, bid: hbm_axi_bid, bresp: hbm_axi_bresp,
    bvalid: hbm_axi_bvalid, arready: hbm_axi_arready, rid: hbm_axi_rid, rdata: hbm_axi_rdata,
    rresp: hbm_axi_rresp, rlast: hbm_axi_rlast, rvalid: hbm_axi_rvalid};
  axil_req_t host_axil_req;
  assign host_axil_req = '{
    awaddr: host_axil_awaddr, awprot: host_axil_awprot, awvalid: host_axil_awvalid,
    wdata: host_axil_wdata, wstrb: host_axil_wstrb, wvalid: host_axil_wvalid,
    bready: host_axil_bready, araddr: host_axil_araddr, arprot: host_axil_arprot,
    arvalid: host_axil_arvalid, rready: host_axil_rready};
  axil_rsp_t host_axil_rsp;
  assign host_axil_awready = host_axil_rsp.awready;
  assign host_axil_wready = host_axil_rsp.wready;
  assign host_axil_bresp = host_axil_rsp.bresp;
  assign host_axil_bvalid = host_axil_rsp.bvalid;
  assign host_axil_arready = host_axil_rsp.arready;
  assign host_axil_rdata = host_axil_rsp.rdata;
  assign host_axil_rresp = host_axil_rsp.rresp;
  assign host_axil_rvalid = host_axil_rsp.rvalid;
  // end generated

  tsr_core u_core (
    .clk_i, .rst_ni, .cycle_i, .place_i(place_q), .irq_o, .quiet_o(core_quiet),
    .host_axil_i(host_axil_req), .host_axil_o(host_axil_rsp),
    .csr_req_valid_i(csr_req_valid), .csr_req_ready_o(csr_req_ready), .csr_req_i(csr_req),
    .csr_rsp_valid_o(csr_rsp_valid), .csr_rsp_o(csr_rsp),
    .read_req_valid_o(read_req_valid[ReaderFetch]), .read_req_ready_i(read_req_ready[ReaderFetch]),
    .read_req_o(read_req[ReaderFetch]),
    .read_rsp_valid_i(read_rsp_valid[ReaderFetch]), .read_rsp_ready_o(read_rsp_ready[ReaderFetch]),
    .read_rsp_i(read_rsp),
    .write_req_valid_o(write_req_valid[WriterSem]), .write_req_ready_i(write_req_ready[WriterSem]),
    .write_req_o(write_req[WriterSem]),
    .queue_setup_o(queue_setup), .doorbell_o(doorbell),
    .queue_sem_wait_i(queue_sem_wait), .queue_sem_value_o(queue_sem_value),
    .queue_sem_upd_valid_i(queue_sem_upd_valid), .queue_sem_upd_ready_o(queue_sem_upd_ready),
    .queue_sem_upd_i(queue_sem_upd),
    .queue_status_i(queue_status), .queue_done_i(queue_done), .queue_fault_i(queue_fault),
    .sbuf_beat_rd_i(sbuf_beat_rd), .sbuf_beat_rd_data_o(sbuf_beat_rd_data),
    .sbuf_beat_wr_i(sbuf_beat_wr),
    .psum_beat_rd_i(psum_beat_rd), .psum_beat_rd_data_o(psum_beat_rd_data),
    .psum_beat_wr_i(psum_beat_wr),
    .engine_rec_valid_o(engine_rec_valid), .engine_rec_o(engine_rec)
  );

  tsr_dma u_dma (
    .clk_i, .rst_ni, .cycle_i, .place_i(place_q),
    .queue_setup_i(queue_setup), .doorbell_i(doorbell),
    .read_req_valid_o(read_req_valid[ReaderDma]), .read_req_ready_i(read_req_ready[ReaderDma]),
    .read_req_o(read_req[ReaderDma]),
    .read_rsp_valid_i(read_rsp_valid[ReaderDma]), .read_rsp_ready_o(read_rsp_ready[ReaderDma]),
    .read_rsp_i(read_rsp),
    .write_req_valid_o(write_req_valid[WriterDma]), .write_req_ready_i(write_req_ready[WriterDma]),
    .write_req_o(write_req[WriterDma]),
    .write_ack_valid_i(write_ack_valid), .write_ack_ready_o(write_ack_ready),
    .write_ack_i(write_ack),
    .queue_sem_wait_o(queue_sem_wait), .queue_sem_value_i(queue_sem_value),
    .queue_sem_upd_valid_o(queue_sem_upd_valid), .queue_sem_upd_ready_i(queue_sem_upd_ready),
    .queue_sem_upd_o(queue_sem_upd),
    .queue_status_o(queue_status), .queue_done_o(queue_done), .queue_fault_o(queue_fault),
    .rec_valid_o(queue_rec_valid), .rec_data_o(queue_rec), .quiet_o(dma_quiet)
  );

  tsr_serve u_serve (
    .clk_i, .rst_ni, .place_i(place_q),
    .read_req_valid_i(read_req_valid), .read_req_ready_o(read_req_ready), .read_req_i(read_req),
    .write_req_valid_i(write_req_valid), .write_req_ready_o(write_req_ready),
    .write_req_i(write_req),
    .read_rsp_valid_o(read_rsp_valid), .read_rsp_ready_i(read_rsp_ready), .read_rsp_o(read_rsp),
    .write_ack_valid_o(write_ack_valid), .write_ack_ready_i(write_ack_ready),
    .write_ack_o(write_ack),
    .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_o(tx), .rx_valid_i(rx_valid),
    .rx_ready_o(rx_ready), .rx_i(rx),
    .sbuf_beat_rd_o(sbuf_beat_rd), .sbuf_beat_rd_data_i(sbuf_beat_rd_data),
    .sbuf_beat_wr_o(sbuf_beat_wr),
    .psum_beat_rd_o(psum_beat_rd), .psum_beat_rd_data_i(psum_beat_rd_data),
    .psum_beat_wr_o(psum_beat_wr),
    .csr_req_valid_o(csr_req_valid), .csr_req_ready_i(csr_req_ready), .csr_req_o(csr_req),
    .csr_rsp_valid_i(csr_rsp_valid), .csr_rsp_i(csr_rsp),
    .hbm_axi_o(hbm_axi_req), .hbm_axi_i(hbm_axi_rsp), .quiet_o(serve_quiet)
  );

  tsr_ni u_ni (
    .clk_i, .rst_ni,
    .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_i(tx),
    .rx_valid_o(rx_valid), .rx_ready_i(rx_ready), .rx_o(rx),
    .link_valid_o(link_in_valid[DirL]), .link_o(link_in[DirL]),
    .credit_valid_i(credit_out_valid[DirL]), .credit_i(credit_out[DirL]),
    .link_valid_i(link_out_valid[DirL]), .link_i(link_out[DirL]),
    .credit_valid_o(credit_in_valid[DirL]), .credit_o(credit_in[DirL]), .quiet_o(ni_quiet)
  );

  tsr_router u_router (
    .clk_i, .rst_ni, .place_i(place_q), .quiet_o(router_quiet),
    .link_valid_i(link_in_valid), .link_i(link_in),
    .credit_valid_i(credit_in_valid), .credit_i(credit_in),
    .link_valid_o(link_out_valid), .link_o(link_out),
    .credit_valid_o(credit_out_valid), .credit_o(credit_out)
  );

  // ---- Records and idleness ---------------------------------------------------------------------
  assign {rec_pe_valid_o, rec_act_valid_o, rec_dve_valid_o, rec_pool_valid_o, rec_sp_valid_o} =
      {engine_rec_valid[EnginePe], engine_rec_valid[EngineAct], engine_rec_valid[EngineDve],
       engine_rec_valid[EnginePool], engine_rec_valid[EngineSp]};
  assign rec_pe_data_o = engine_rec[EnginePe];
  assign rec_act_data_o = engine_rec[EngineAct];
  assign rec_dve_data_o = engine_rec[EngineDve];
  assign rec_pool_data_o = engine_rec[EnginePool];
  assign rec_sp_data_o = engine_rec[EngineSp];
  assign rec_q_valid_o = queue_rec_valid;
  for (genvar q = 0; q < NumQueues; q++) begin : gen_rec
    assign rec_q_data_o[q*RecBits+:RecBits] = queue_rec[q];
  end
  assign quiescent_o = core_quiet && dma_quiet && serve_quiet && ni_quiet && router_quiet;
endmodule
