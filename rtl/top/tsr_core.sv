// SPDX-License-Identifier: Apache-2.0
/// The compute part of a tile: instruction fetch, five sequencers, engines, SBUF, PSUM, semaphores and the
/// control registers. Wires only; latencies stand in the blocks.
module tsr_core
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
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
  input  err_code_t            q_err_code_i [NumQueues],
  input  logic [15:0]          q_err_tag_i [NumQueues],
  input  logic [39:0]          q_err_addr_i [NumQueues],
  // Beats of the servers
  input  beat_rd_t             sbuf_beat_rd_i [NumServers],
  output logic [DmaBits-1:0]   sbuf_beat_rd_data_o [NumServers],
  input  beat_wr_t             sbuf_beat_wr_i,
  input  beat_rd_t             psum_beat_rd_i [NumServers],
  output logic [DmaBits-1:0]   psum_beat_rd_data_o [NumServers],
  input  beat_wr_t             psum_beat_wr_i,
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
  logic                  fetch_quiet, sems_quiet, csr_quiet, pe_quiet, act_quiet, dve_quiet, sbuf_quiet, psum_quiet;
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
  err_code_t             done_err [NumEngines];
  logic [7:0]            wait_id [NumSrc];
  logic [31:0]           wait_value [NumSrc];
  logic [NumSrc-1:0]     upd_valid, upd_ready;
  sem_upd_t              upd [NumSrc];
  logic [NumEngines-1:0] db_valid, db_ready, err_valid, running, halted, waiting;
  logic [3:0]            db_queue [NumEngines];
  err_code_t             err_code [NumEngines];
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
  // POOL and SP have no data path in this version: their sequencers refuse data instructions.
  for (genvar e = 3; e < NumEngines; e++) begin : gen_no_engine
    assign issue_ready[e] = 1'b0;
    assign done_valid[e] = 1'b0;
    assign done_checksum[e] = 32'd0;
    assign done_err[e] = 4'd0;
  end

  // One scope of plain signals per engine for waveforms (scripts/wave.py); nothing reads them.
  for (genvar e = 0; e < NumEngines; e++) begin : view
    /* verilator lint_off UNUSEDSIGNAL */          // for people and wave files
    opcode_e     opcode, retired_opcode;           // at the head of the sequencer; of the last record
    logic [15:0] tag, retired_tag;
    logic        issue, retire, waits, runs;
    logic [7:0]  waits_for;                        // semaphore
    /* verilator lint_on UNUSEDSIGNAL */
    assign opcode = opcode_e'(issue_instr[e].opcode);
    assign tag = head_tag[e];
    assign issue = issue_valid[e] && issue_ready[e];
    assign retire = rec_valid_o[e];
    assign retired_opcode = opcode_e'(rec_data_o[e].opcode);
    assign retired_tag = rec_data_o[e].tag;
    assign waits = waiting[e];
    assign waits_for = wait_sem[e];
    assign runs = running[e];
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

  /////////////////////////
  // Engines and memories //
  /////////////////////////
  row_rd_t      pe_moving_rd, pe_weight_rd;
  logic [31:0]  pe_moving_row [P], pe_weight_lo [P], pe_weight_hi [P];
  logic [P-1:0] pe_en, pe_acc;
  logic [31:0]  pe_addr [P], pe_data [P], pe_sum [P];
  row_rd_t      sbuf_row_rd [NumLaneEngines], psum_row_rd [NumLaneEngines];
  row_wr_t      sbuf_row_wr [NumLaneEngines], psum_row_wr [NumLaneEngines];
  logic [31:0]  act_sbuf_row [P], act_psum_row [P], act_wr_row [P];
  logic [31:0]  dve_sbuf_row [P], dve_psum_row [P], dve_wr_row [P];

  tsr_tensor_engine u_pe (
    .clk_i, .rst_ni, .quiet_o(pe_quiet),
    .issue_valid_i(issue_valid[EnginePe]), .issue_ready_o(issue_ready[EnginePe]), .issue_instr_i(issue_instr[EnginePe]),
    .done_valid_o(done_valid[EnginePe]), .done_checksum_o(done_checksum[EnginePe]), .done_err_o(done_err[EnginePe]),
    .pe_moving_rd_o(pe_moving_rd), .pe_moving_row_i(pe_moving_row),
    .pe_weight_rd_o(pe_weight_rd), .pe_weight_lo_i(pe_weight_lo), .pe_weight_hi_i(pe_weight_hi),
    .pe_en_o(pe_en), .pe_addr_o(pe_addr), .pe_data_o(pe_data), .pe_acc_o(pe_acc), .pe_sum_i(pe_sum)
  );
  tsr_scalar_engine u_act (
    .clk_i, .rst_ni, .quiet_o(act_quiet),
    .issue_valid_i(issue_valid[EngineAct]), .issue_ready_o(issue_ready[EngineAct]), .issue_instr_i(issue_instr[EngineAct]),
    .done_valid_o(done_valid[EngineAct]), .done_checksum_o(done_checksum[EngineAct]), .done_err_o(done_err[EngineAct]),
    .sbuf_row_rd_o(sbuf_row_rd[LaneAct]), .sbuf_row_i(act_sbuf_row), .psum_row_rd_o(psum_row_rd[LaneAct]), .psum_row_i(act_psum_row),
    .sbuf_row_wr_o(sbuf_row_wr[LaneAct]), .psum_row_wr_o(psum_row_wr[LaneAct]), .wr_row_o(act_wr_row)
  );
  tsr_vector_engine u_dve (
    .clk_i, .rst_ni, .quiet_o(dve_quiet),
    .issue_valid_i(issue_valid[EngineDve]), .issue_ready_o(issue_ready[EngineDve]), .issue_instr_i(issue_instr[EngineDve]),
    .done_valid_o(done_valid[EngineDve]), .done_checksum_o(done_checksum[EngineDve]), .done_err_o(done_err[EngineDve]),
    .sbuf_row_rd_o(sbuf_row_rd[LaneDve]), .sbuf_row_i(dve_sbuf_row), .psum_row_rd_o(psum_row_rd[LaneDve]), .psum_row_i(dve_psum_row),
    .sbuf_row_wr_o(sbuf_row_wr[LaneDve]), .psum_row_wr_o(psum_row_wr[LaneDve]), .wr_row_o(dve_wr_row)
  );
  tsr_sbuf u_sbuf (
    .clk_i, .rst_ni, .quiet_o(sbuf_quiet),
    .pe_moving_rd_i(pe_moving_rd), .pe_moving_row_o(pe_moving_row),
    .pe_weight_rd_i(pe_weight_rd), .pe_weight_lo_o(pe_weight_lo), .pe_weight_hi_o(pe_weight_hi),
    .sbuf_row_rd_i(sbuf_row_rd), .act_sbuf_row_o(act_sbuf_row), .dve_sbuf_row_o(dve_sbuf_row),
    .sbuf_row_wr_i(sbuf_row_wr), .act_wr_row_i(act_wr_row), .dve_wr_row_i(dve_wr_row),
    .sbuf_beat_rd_i, .sbuf_beat_rd_data_o, .sbuf_beat_wr_i
  );
  tsr_psum u_psum (
    .clk_i, .rst_ni, .quiet_o(psum_quiet),
    .pe_en_i(pe_en), .pe_addr_i(pe_addr), .pe_data_i(pe_data), .pe_acc_i(pe_acc), .pe_sum_o(pe_sum),
    .psum_row_rd_i(psum_row_rd), .act_psum_row_o(act_psum_row), .dve_psum_row_o(dve_psum_row),
    .psum_row_wr_i(psum_row_wr), .act_wr_row_i(act_wr_row), .dve_wr_row_i(dve_wr_row),
    .psum_beat_rd_i, .psum_beat_rd_data_o, .psum_beat_wr_i
  );

  assign quiet_o = fetch_quiet & (&seq_quiet) & sems_quiet & csr_quiet & pe_quiet & act_quiet & dve_quiet & sbuf_quiet & psum_quiet;
endmodule
