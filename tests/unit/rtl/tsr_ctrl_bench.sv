// SPDX-License-Identifier: Apache-2.0
/// Control part of a core for its unit tests: fetch, five sequencers, semaphores and registers, wired as in tsr_core;
/// engines, DMA queues, servers and host are played by the test.
module tsr_ctrl_bench
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [63:0]          cycle_i,
  input  logic [7:0]           tile_x_i,
  input  logic [7:0]           tile_y_i,
  input  logic [7:0]           mesh_x_i,
  input  logic [7:0]           mesh_y_i,
  output logic                 irq_o,
  output logic                 quiet_o,
  // Host
  input  logic [15:0]          host_axil_awaddr,
  input  logic [2:0]           host_axil_awprot,
  input  logic                 host_axil_awvalid,
  output logic                 host_axil_awready,
  input  logic [31:0]          host_axil_wdata,
  input  logic [3:0]           host_axil_wstrb,
  input  logic                 host_axil_wvalid,
  output logic                 host_axil_wready,
  output logic [1:0]           host_axil_bresp,
  output logic                 host_axil_bvalid,
  input  logic                 host_axil_bready,
  input  logic [15:0]          host_axil_araddr,
  input  logic [2:0]           host_axil_arprot,
  input  logic                 host_axil_arvalid,
  output logic                 host_axil_arready,
  output logic [31:0]          host_axil_rdata,
  output logic [1:0]           host_axil_rresp,
  output logic                 host_axil_rvalid,
  input  logic                 host_axil_rready,
  // Control registers as seen by the read and the write server
  input  logic                 rd_csr_valid_i,
  output logic                 rd_csr_ready_o,
  input  logic                 rd_csr_we_i,
  input  logic [15:0]          rd_csr_addr_i,
  input  logic [31:0]          rd_csr_wdata_i,
  output logic                 rd_csr_rvalid_o,
  output logic [31:0]          rd_csr_rdata_o,
  output logic                 rd_csr_err_o,
  input  logic                 wr_csr_valid_i,
  output logic                 wr_csr_ready_o,
  input  logic                 wr_csr_we_i,
  input  logic [15:0]          wr_csr_addr_i,
  input  logic [31:0]          wr_csr_wdata_i,
  output logic                 wr_csr_rvalid_o,
  output logic [31:0]          wr_csr_rdata_o,
  output logic                 wr_csr_err_o,
  // Instruction fetch: requests and their responses
  output logic                 rdq_valid_o,
  input  logic                 rdq_ready_i,
  output hdr_t                 rdq_hdr_o,
  input  logic                 rdr_valid_i,
  output logic                 rdr_ready_o,
  input  hdr_t                 rdr_hdr_i,
  input  logic [DmaBits-1:0]   rdr_data_i,
  input  logic                 rdr_last_i,
  // Semaphore updates for other tiles
  output logic                 rsem_valid_o,
  input  logic                 rsem_ready_i,
  output hdr_t                 rsem_hdr_o,
  output logic [DmaBits-1:0]   rsem_data_o,
  output logic                 rsem_last_o,
  // DMA queues: set-up, doorbells, semaphores, status
  output logic [39:0]          q_base_o [NumQueues],
  output logic [15:0]          q_size_o [NumQueues],
  output logic [NumQueues-1:0] q_size_we_o,
  output logic                 db_valid_o,
  output logic [3:0]           db_queue_o,
  output logic [31:0]          db_count_o,
  input  logic [7:0]           q_sem_wait_id_i [NumQueues],
  output logic [31:0]          q_sem_wait_value_o [NumQueues],
  input  logic [NumQueues-1:0] q_upd_valid_i,
  output logic [NumQueues-1:0] q_upd_ready_o,
  input  sem_upd_t             q_upd_i [NumQueues],
  input  logic [NumQueues-1:0] q_busy_i,
  input  logic [NumQueues-1:0] q_waiting_i,
  input  logic [7:0]           q_wait_sem_i [NumQueues],
  input  logic [31:0]          q_wait_value_i [NumQueues],
  input  logic [15:0]          q_tag_i [NumQueues],
  input  logic [31:0]          q_done_i [NumQueues],
  input  logic [NumQueues-1:0] q_err_valid_i,
  input  logic [3:0]           q_err_code_i [NumQueues],
  input  logic [15:0]          q_err_tag_i [NumQueues],
  input  logic [39:0]          q_err_addr_i [NumQueues],
  // Engines, played by the test
  output logic [NumEngines-1:0] issue_valid_o,
  input  logic [NumEngines-1:0] issue_ready_i,
  output instr_t               issue_instr_o [NumEngines],
  input  logic [NumEngines-1:0] done_valid_i,
  input  logic [31:0]          done_checksum_i [NumEngines],
  input  logic [3:0]           done_err_i [NumEngines],
  // Seen by the test: semaphore updates of every user, errors, semaphore writes of the registers, quiet of each block
  output logic [NumEngines+NumQueues-1:0] upd_valid_o,
  output logic [NumEngines+NumQueues-1:0] upd_ready_o,
  output sem_upd_t             upd_o [NumEngines+NumQueues],
  output logic [NumEngines-1:0] err_valid_o,
  output logic [3:0]           err_code_o [NumEngines],
  output logic [15:0]          err_tag_o [NumEngines],
  output logic [39:0]          err_pc_o [NumEngines],
  output logic [NumEngines-1:0] start_o,
  output logic                 sem_we_o,
  output logic [2:0]           sem_op_o,
  output logic [7:0]           sem_id_o,
  output logic [31:0]          sem_wdata_o,
  output logic [NumEngines+2:0] quiet_each_o,
  // Retirement records
  output logic [NumEngines-1:0] rec_valid_o,
  output rec_t                 rec_data_o [NumEngines]
);
  localparam int unsigned NumSrc = NumEngines + NumQueues;  // semaphore users: engines, then DMA queues

  //////////////////////////////////////
  // Instruction fetch and sequencers //
  //////////////////////////////////////
  logic [NumEngines-1:0] redirect, stop, instr_valid, instr_ready, instr_err, start;
  logic [AddrW-1:0]      redirect_pc [NumEngines], instr_pc [NumEngines], start_pc [NumEngines];
  instr_t                instr [NumEngines];
  logic                  fetch_quiet, sems_quiet, csr_quiet;
  logic [NumEngines-1:0] seq_quiet;

  tsr_fetch u_fetch (
    .clk_i, .rst_ni, .tile_x_i, .tile_y_i,
    .fetch_redirect(redirect), .fetch_pc(redirect_pc), .fetch_stop(stop),
    .instr_valid, .instr_ready, .instr, .instr_pc, .instr_err,
    .rdq_valid(rdq_valid_o), .rdq_ready(rdq_ready_i), .rdq_hdr(rdq_hdr_o),
    .rdr_valid(rdr_valid_i), .rdr_ready(rdr_ready_o), .rdr_hdr(rdr_hdr_i), .rdr_data(rdr_data_i), .rdr_last(rdr_last_i),
    .quiet_o(fetch_quiet));

  logic [NumEngines-1:0] issue_valid, issue_ready, done_valid;
  instr_t                issue_instr [NumEngines];
  logic [31:0]           done_checksum [NumEngines];
  logic [3:0]            done_err [NumEngines];
  logic [7:0]            wait_id [NumSrc];
  logic [31:0]           wait_value [NumSrc];
  logic [NumSrc-1:0]     upd_valid, upd_ready;
  sem_upd_t              upd [NumSrc];
  logic [NumEngines-1:0] db_valid, db_ready, err_valid, running, halted, waiting;
  logic [3:0]            db_queue [NumEngines], err_code [NumEngines];
  logic [31:0]           db_count [NumEngines], wait_target [NumEngines];
  logic [15:0]           err_tag [NumEngines], head_tag [NumEngines];
  logic [39:0]           err_pc [NumEngines];
  logic [7:0]            wait_sem [NumEngines];

  for (genvar e = 0; e < NumEngines; e++) begin : gen_seq
    tsr_sequencer #(.Engine(3'(e))) u_seq (
      .clk_i, .rst_ni, .cycle_i,
      .mesh_x_i, .mesh_y_i, .start_i(start[e]), .start_pc_i(start_pc[e]),
      .fetch_redirect(redirect[e]), .fetch_pc(redirect_pc[e]), .fetch_stop(stop[e]),
      .instr_valid(instr_valid[e]), .instr_ready(instr_ready[e]), .instr(instr[e]), .instr_pc(instr_pc[e]), .instr_err(instr_err[e]),
      .issue_valid(issue_valid[e]), .issue_ready(issue_ready[e]), .issue_instr(issue_instr[e]),
      .done_valid(done_valid[e]), .done_checksum(done_checksum[e]), .done_err(done_err[e]),
      .wait_id(wait_id[e]), .wait_value(wait_value[e]),
      .upd_valid(upd_valid[e]), .upd_ready(upd_ready[e]), .upd(upd[e]),
      .db_valid(db_valid[e]), .db_ready(db_ready[e]), .db_queue(db_queue[e]), .db_count(db_count[e]),
      .rec_valid_o(rec_valid_o[e]), .rec_data_o(rec_data_o[e]),
      .err_valid(err_valid[e]), .err_code(err_code[e]), .err_tag(err_tag[e]), .err_pc(err_pc[e]),
      .running_o(running[e]), .halted_o(halted[e]), .waiting_o(waiting[e]),
      .wait_sem_o(wait_sem[e]), .wait_value_o(wait_target[e]), .head_tag_o(head_tag[e]),
      .quiet_o(seq_quiet[e]));
  end
  ////////////////
  // Semaphores //
  ////////////////
  for (genvar q = 0; q < NumQueues; q++) begin : gen_q_sem
    assign wait_id[NumEngines + q] = q_sem_wait_id_i[q];
    assign q_sem_wait_value_o[q] = wait_value[NumEngines + q];
    assign upd_valid[NumEngines + q] = q_upd_valid_i[q];
    assign q_upd_ready_o[q] = upd_ready[NumEngines + q];
    assign upd[NumEngines + q] = q_upd_i[q];
  end
  logic        sem_we;
  logic [2:0]  sem_op;
  logic [7:0]  sem_id;
  logic [31:0] sem_wdata, sem_rdata;
  tsr_semaphores u_semaphores (
    .clk_i, .rst_ni, .tile_x_i, .tile_y_i,
    .wait_id, .wait_value, .upd_valid, .upd_ready, .upd,
    .csr_we(sem_we), .csr_op(sem_op), .csr_id(sem_id), .csr_wdata(sem_wdata), .csr_rdata(sem_rdata),
    .rsem_valid(rsem_valid_o), .rsem_ready(rsem_ready_i), .rsem_hdr(rsem_hdr_o), .rsem_data(rsem_data_o), .rsem_last(rsem_last_o),
    .quiet_o(sems_quiet));

  //////////////////////////////////
  // Control and status registers //
  //////////////////////////////////
  tsr_csr u_csr (
    .clk_i, .rst_ni, .tile_x_i, .tile_y_i, .mesh_x_i, .mesh_y_i, .irq_o, .quiet_o(csr_quiet),
    .host_axil_awaddr, .host_axil_awprot, .host_axil_awvalid, .host_axil_awready,
    .host_axil_wdata, .host_axil_wstrb, .host_axil_wvalid, .host_axil_wready,
    .host_axil_bresp, .host_axil_bvalid, .host_axil_bready,
    .host_axil_araddr, .host_axil_arprot, .host_axil_arvalid, .host_axil_arready,
    .host_axil_rdata, .host_axil_rresp, .host_axil_rvalid, .host_axil_rready,
    .rd_csr_valid_i, .rd_csr_ready_o, .rd_csr_we_i, .rd_csr_addr_i, .rd_csr_wdata_i,
    .rd_csr_rvalid_o, .rd_csr_rdata_o, .rd_csr_err_o,
    .wr_csr_valid_i, .wr_csr_ready_o, .wr_csr_we_i, .wr_csr_addr_i, .wr_csr_wdata_i,
    .wr_csr_rvalid_o, .wr_csr_rdata_o, .wr_csr_err_o,
    .sem_we_o(sem_we), .sem_op_o(sem_op), .sem_id_o(sem_id), .sem_wdata_o(sem_wdata), .sem_rdata_i(sem_rdata),
    .start_o(start), .start_pc_o(start_pc),
    .eng_running_i(running), .eng_halted_i(halted), .eng_waiting_i(waiting),
    .eng_wait_sem_i(wait_sem), .eng_wait_value_i(wait_target), .eng_tag_i(head_tag),
    .eng_err_valid_i(err_valid), .eng_err_code_i(err_code), .eng_err_tag_i(err_tag), .eng_err_pc_i(err_pc),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_queue_i(db_queue), .db_count_i(db_count),
    .q_base_o, .q_size_o, .q_size_we_o, .db_valid_o, .db_queue_o, .db_count_o,
    .q_busy_i, .q_waiting_i, .q_wait_sem_i, .q_wait_value_i, .q_tag_i, .q_done_i,
    .q_err_valid_i, .q_err_code_i, .q_err_tag_i, .q_err_addr_i);

  assign issue_valid_o = issue_valid;
  assign issue_ready = issue_ready_i;
  assign issue_instr_o = issue_instr;
  assign done_valid = done_valid_i;
  assign done_checksum = done_checksum_i;
  assign done_err = done_err_i;
  assign upd_valid_o = upd_valid;
  assign upd_ready_o = upd_ready;
  assign upd_o = upd;
  assign err_valid_o = err_valid;
  assign err_code_o = err_code;
  assign err_tag_o = err_tag;
  assign err_pc_o = err_pc;
  assign start_o = start;
  assign sem_we_o = sem_we;
  assign sem_op_o = sem_op;
  assign sem_id_o = sem_id;
  assign sem_wdata_o = sem_wdata;
  assign quiet_each_o = {seq_quiet, csr_quiet, sems_quiet, fetch_quiet};
  assign quiet_o = &quiet_each_o;
endmodule
