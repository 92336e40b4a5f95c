// SPDX-License-Identifier: Apache-2.0
/// One tile: a NeuronCore-class core, its DMA queues, network interface and router. Wires only.
///
/// Boundary: isa/boundary.json, docs/interfaces.md section 7. The place (`tile_*_i`, `mesh_*_i`) is taken while in reset. Every output is a register or decoded from registers; no input reaches
/// an output combinationally. Time enters on `cycle_i` and is only sampled into records. `quiescent_o` is 1 when, with
/// idle inputs, no further edge can change this tile.
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
  // Constant while running, so it is taken in reset only: nothing inside depends on these inputs combinationally,
  // and a simulator need not evaluate that logic once more for the inputs of every cycle.
  place_t place;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) place <= '{x: tile_x_i, y: tile_y_i, mesh_x: mesh_x_i, mesh_y: mesh_y_i};
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
  logic [NumQueues-1:0] queue_sem_upd_valid, queue_sem_upd_ready, q_rec_valid;
  queue_setup_t         queue_setup [NumQueues];
  doorbell_t            doorbell;
  logic [7:0]           queue_sem_wait [NumQueues];
  logic [31:0]          queue_sem_value [NumQueues], queue_done [NumQueues];
  sem_upd_t             queue_sem_upd [NumQueues];
  status_t              queue_status [NumQueues];
  fault_t               queue_fault [NumQueues];

  logic [39:0]          q_base [NumQueues], q_err_addr [NumQueues];
  logic [15:0]          q_size [NumQueues], q_tag [NumQueues], q_err_tag [NumQueues];
  logic [NumQueues-1:0] q_size_we, q_busy, q_waiting, q_err_valid;
  err_code_t            q_err_code [NumQueues];
  logic [7:0]           q_wait_sem [NumQueues];
  logic [31:0]          q_wait_value [NumQueues];
  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    assign queue_setup[q] = '{restart: q_size_we[q], size: q_size[q], base: q_base[q]};
    assign {q_busy[q], q_waiting[q]} = {queue_status[q].busy, queue_status[q].waiting};
    assign q_wait_sem[q] = queue_status[q].wait_sem;
    assign q_wait_value[q] = queue_status[q].wait_value;
    assign q_tag[q] = queue_status[q].tag;
    assign q_err_valid[q] = queue_fault[q].en;
    assign q_err_code[q] = queue_fault[q].code;
    assign q_err_tag[q] = queue_fault[q].tag;
    assign q_err_addr[q] = queue_fault[q].addr;
  end

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

  logic [NumEngines-1:0] rec_valid;
  rec_t                  rec_data [NumEngines], q_rec_data [NumQueues];

  tsr_core u_core (
    .clk_i, .rst_ni, .cycle_i, .tile_x_i(place.x), .tile_y_i(place.y), .mesh_x_i(place.mesh_x), .mesh_y_i(place.mesh_y), .irq_o,
    .quiet_o(core_quiet),
    .host_axil_awaddr, .host_axil_awprot, .host_axil_awvalid, .host_axil_awready, .host_axil_wdata, .host_axil_wstrb,
    .host_axil_wvalid, .host_axil_wready, .host_axil_bresp, .host_axil_bvalid, .host_axil_bready, .host_axil_araddr,
    .host_axil_arprot, .host_axil_arvalid, .host_axil_arready, .host_axil_rdata, .host_axil_rresp, .host_axil_rvalid,
    .host_axil_rready, .rd_csr_valid_i(csr_req_valid[ServerRead]), .rd_csr_ready_o(csr_req_ready[ServerRead]), .rd_csr_we_i(csr_req[ServerRead].we),
    .rd_csr_addr_i(csr_req[ServerRead].addr), .rd_csr_wdata_i(csr_req[ServerRead].wdata), .rd_csr_rvalid_o(csr_rsp_valid[ServerRead]),
    .rd_csr_rdata_o(csr_rsp[ServerRead].rdata), .rd_csr_err_o(csr_rsp[ServerRead].err), .wr_csr_valid_i(csr_req_valid[ServerWrite]),
    .wr_csr_ready_o(csr_req_ready[ServerWrite]), .wr_csr_we_i(csr_req[ServerWrite].we), .wr_csr_addr_i(csr_req[ServerWrite].addr), .wr_csr_wdata_i(csr_req[ServerWrite].wdata),
    .wr_csr_rvalid_o(csr_rsp_valid[ServerWrite]), .wr_csr_rdata_o(csr_rsp[ServerWrite].rdata), .wr_csr_err_o(csr_rsp[ServerWrite].err),
    .rdq_valid_o(read_req_valid[ReaderFetch]), .rdq_ready_i(read_req_ready[ReaderFetch]), .rdq_hdr_o(read_req[ReaderFetch]),
    .rdr_valid_i(read_rsp_valid[ReaderFetch]), .rdr_ready_o(read_rsp_ready[ReaderFetch]), .rdr_hdr_i(read_rsp.hdr), .rdr_data_i(read_rsp.data),
    .rdr_last_i(read_rsp.last), .rsem_valid_o(write_req_valid[WriterSem]), .rsem_ready_i(write_req_ready[WriterSem]), .rsem_hdr_o(write_req[WriterSem].hdr),
    .rsem_data_o(write_req[WriterSem].data), .rsem_last_o(write_req[WriterSem].last), .q_base_o(q_base), .q_size_o(q_size), .q_size_we_o(q_size_we),
    .db_valid_o(doorbell.en), .db_queue_o(doorbell.number), .db_count_o(doorbell.count), .q_sem_wait_id_i(queue_sem_wait),
    .q_sem_wait_value_o(queue_sem_value), .q_upd_valid_i(queue_sem_upd_valid), .q_upd_ready_o(queue_sem_upd_ready), .q_upd_i(queue_sem_upd),
    .q_busy_i(q_busy), .q_waiting_i(q_waiting), .q_wait_sem_i(q_wait_sem), .q_wait_value_i(q_wait_value),
    .q_tag_i(q_tag),
    .q_done_i(queue_done), .q_err_valid_i(q_err_valid), .q_err_code_i(q_err_code), .q_err_tag_i(q_err_tag),
    .q_err_addr_i(q_err_addr),
    .sbuf_beat_rd_i(sbuf_beat_rd), .sbuf_beat_rd_data_o(sbuf_beat_rd_data), .sbuf_beat_wr_i(sbuf_beat_wr),
    .psum_beat_rd_i(psum_beat_rd), .psum_beat_rd_data_o(psum_beat_rd_data), .psum_beat_wr_i(psum_beat_wr),
    .rec_valid_o(rec_valid), .rec_data_o(rec_data));

  tsr_dma u_dma (
    .clk_i, .rst_ni, .cycle_i, .place_i(place),
    .queue_setup_i(queue_setup), .doorbell_i(doorbell),
    .read_req_valid_o(read_req_valid[ReaderDma]), .read_req_ready_i(read_req_ready[ReaderDma]),
    .read_req_o(read_req[ReaderDma]),
    .read_rsp_valid_i(read_rsp_valid[ReaderDma]), .read_rsp_ready_o(read_rsp_ready[ReaderDma]), .read_rsp_i(read_rsp),
    .write_req_valid_o(write_req_valid[WriterDma]), .write_req_ready_i(write_req_ready[WriterDma]),
    .write_req_o(write_req[WriterDma]),
    .write_ack_valid_i(write_ack_valid), .write_ack_ready_o(write_ack_ready), .write_ack_i(write_ack),
    .queue_sem_wait_o(queue_sem_wait), .queue_sem_value_i(queue_sem_value),
    .queue_sem_upd_valid_o(queue_sem_upd_valid), .queue_sem_upd_ready_i(queue_sem_upd_ready),
    .queue_sem_upd_o(queue_sem_upd),
    .queue_status_o(queue_status), .queue_done_o(queue_done), .queue_fault_o(queue_fault),
    .rec_valid_o(q_rec_valid), .rec_data_o(q_rec_data), .quiet_o(dma_quiet)
  );

  axi_req_t hbm_axi_req;
  axi_rsp_t hbm_axi_rsp;
  assign hbm_axi_rsp = '{
    awready: hbm_axi_awready, wready: hbm_axi_wready, bid: hbm_axi_bid, bresp: hbm_axi_bresp, bvalid: hbm_axi_bvalid,
    arready: hbm_axi_arready, rid: hbm_axi_rid, rresp: hbm_axi_rresp, rlast: hbm_axi_rlast, rvalid: hbm_axi_rvalid,
    rdata: hbm_axi_rdata
  };
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

  tsr_serve u_serve (
    .clk_i, .rst_ni, .place_i(place),
    .read_req_valid_i(read_req_valid), .read_req_ready_o(read_req_ready), .read_req_i(read_req),
    .write_req_valid_i(write_req_valid), .write_req_ready_o(write_req_ready), .write_req_i(write_req),
    .read_rsp_valid_o(read_rsp_valid), .read_rsp_ready_i(read_rsp_ready), .read_rsp_o(read_rsp),
    .write_ack_valid_o(write_ack_valid), .write_ack_ready_i(write_ack_ready), .write_ack_o(write_ack),
    .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_o(tx), .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_i(rx),
    .sbuf_beat_rd_o(sbuf_beat_rd), .sbuf_beat_rd_data_i(sbuf_beat_rd_data), .sbuf_beat_wr_o(sbuf_beat_wr),
    .psum_beat_rd_o(psum_beat_rd), .psum_beat_rd_data_i(psum_beat_rd_data), .psum_beat_wr_o(psum_beat_wr),
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
    .clk_i, .rst_ni, .place_i(place), .quiet_o(router_quiet),
    .link_valid_i(link_in_valid), .link_i(link_in),
    .credit_valid_i(credit_in_valid), .credit_i(credit_in),
    .link_valid_o(link_out_valid), .link_o(link_out),
    .credit_valid_o(credit_out_valid), .credit_o(credit_out)
  );

  ///////////////////////////
  // Records and idleness  //
  ///////////////////////////
  assign {rec_pe_valid_o, rec_act_valid_o, rec_dve_valid_o, rec_pool_valid_o, rec_sp_valid_o} =
      {rec_valid[EnginePe], rec_valid[EngineAct], rec_valid[EngineDve], rec_valid[EnginePool], rec_valid[EngineSp]};
  assign rec_pe_data_o = rec_data[EnginePe];
  assign rec_act_data_o = rec_data[EngineAct];
  assign rec_dve_data_o = rec_data[EngineDve];
  assign rec_pool_data_o = rec_data[EnginePool];
  assign rec_sp_data_o = rec_data[EngineSp];
  assign rec_q_valid_o = q_rec_valid;
  for (genvar q = 0; q < NumQueues; q++) begin : gen_rec
    assign rec_q_data_o[q*RecBits+:RecBits] = q_rec_data[q];
  end
  assign quiescent_o = core_quiet && dma_quiet && serve_quiet && ni_quiet && router_quiet;
endmodule
