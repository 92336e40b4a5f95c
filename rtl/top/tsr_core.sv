// SPDX-License-Identifier: Apache-2.0
/// The compute part of a tile: instruction fetch, five sequencers, engines, SBUF, PSUM, semaphores and the
/// control registers. Wires only; latencies stand in the blocks.
module tsr_core
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
  input  err_code_t            q_err_code_i [NumQueues],
  input  logic [15:0]          q_err_tag_i [NumQueues],
  input  logic [39:0]          q_err_addr_i [NumQueues],
  // DMA side of SBUF and PSUM
  input  logic                 sbuf_dma_rd_en_i,
  input  logic [PartW-1:0]     sbuf_dma_rd_part_i,
  input  logic [SbufAw-1:0]    sbuf_dma_rd_addr_i,
  output logic [DmaBits-1:0]   sbuf_dma_rd_data_o,
  input  logic                 sbuf_rmw_rd_en_i,
  input  logic [PartW-1:0]     sbuf_rmw_rd_part_i,
  input  logic [SbufAw-1:0]    sbuf_rmw_rd_addr_i,
  output logic [DmaBits-1:0]   sbuf_rmw_rd_data_o,
  input  logic                 sbuf_dma_wr_en_i,
  input  logic [PartW-1:0]     sbuf_dma_wr_part_i,
  input  logic [SbufAw-1:0]    sbuf_dma_wr_addr_i,
  input  logic [DmaBits-1:0]   sbuf_dma_wr_data_i,
  input  logic [DmaBytes-1:0]  sbuf_dma_wr_strb_i,
  input  logic                 psum_dma_rd_en_i,
  input  logic [PartW-1:0]     psum_dma_rd_part_i,
  input  logic [PsumAw-1:0]    psum_dma_rd_addr_i,
  output logic [DmaBits-1:0]   psum_dma_rd_data_o,
  input  logic                 psum_rmw_rd_en_i,
  input  logic [PartW-1:0]     psum_rmw_rd_part_i,
  input  logic [PsumAw-1:0]    psum_rmw_rd_addr_i,
  output logic [DmaBits-1:0]   psum_rmw_rd_data_o,
  input  logic                 psum_dma_wr_en_i,
  input  logic [PartW-1:0]     psum_dma_wr_part_i,
  input  logic [PsumAw-1:0]    psum_dma_wr_addr_i,
  input  logic [DmaBits-1:0]   psum_dma_wr_data_i,
  input  logic [DmaBytes-1:0]  psum_dma_wr_strb_i,
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
  // Row ports: *_sbuf_* and *_psum_* of each engine.
  logic                pe_mv_en, pe_st_en;
  logic [SbufAw-1:0]   pe_mv_addr, pe_st_addr;
  logic [31:0]         pe_mv_data [P], pe_st_lo [P], pe_st_hi [P];
  logic [P-1:0]        pe_en, pe_acc;
  logic [31:0]         pe_addr [P], pe_data [P], pe_sum [P];
  logic                act_sbuf_rd_en, act_psum_rd_en, act_sbuf_wr_en, act_psum_wr_en;
  logic [SbufAw-1:0]   act_sbuf_rd_addr, act_sbuf_wr_addr;
  logic [PsumAw-1:0]   act_psum_rd_addr, act_psum_wr_addr;
  logic [31:0]         act_sbuf_rd_data [P], act_psum_rd_data [P], act_wr_data [P];
  logic [3:0]          act_wr_strb;
  logic [7:0]          act_wr_part, act_wr_count;
  logic                dve_sbuf_rd_en, dve_psum_rd_en, dve_sbuf_wr_en, dve_psum_wr_en;
  logic [SbufAw-1:0]   dve_sbuf_rd_addr, dve_sbuf_wr_addr;
  logic [PsumAw-1:0]   dve_psum_rd_addr, dve_psum_wr_addr;
  logic [31:0]         dve_sbuf_rd_data [P], dve_psum_rd_data [P], dve_wr_data [P];
  logic [3:0]          dve_wr_strb;
  logic [7:0]          dve_wr_part, dve_wr_count;

  tsr_tensor_engine u_pe (
    .clk_i, .rst_ni, .quiet_o(pe_quiet),
    .issue_valid_i(issue_valid[EnginePe]), .issue_ready_o(issue_ready[EnginePe]), .issue_instr_i(issue_instr[EnginePe]),
    .done_valid_o(done_valid[EnginePe]), .done_checksum_o(done_checksum[EnginePe]), .done_err_o(done_err[EnginePe]),
    .pe_mv_en_o(pe_mv_en), .pe_mv_addr_o(pe_mv_addr), .pe_mv_data_i(pe_mv_data),
    .pe_st_en_o(pe_st_en), .pe_st_addr_o(pe_st_addr), .pe_st_lo_i(pe_st_lo), .pe_st_hi_i(pe_st_hi),
    .pe_en_o(pe_en), .pe_addr_o(pe_addr), .pe_data_o(pe_data), .pe_acc_o(pe_acc), .pe_sum_i(pe_sum));
  tsr_scalar_engine u_act (
    .clk_i, .rst_ni, .quiet_o(act_quiet),
    .issue_valid_i(issue_valid[EngineAct]), .issue_ready_o(issue_ready[EngineAct]), .issue_instr_i(issue_instr[EngineAct]),
    .done_valid_o(done_valid[EngineAct]), .done_checksum_o(done_checksum[EngineAct]), .done_err_o(done_err[EngineAct]),
    .sbuf_rd_en_o(act_sbuf_rd_en), .sbuf_rd_addr_o(act_sbuf_rd_addr), .sbuf_rd_data_i(act_sbuf_rd_data),
    .psum_rd_en_o(act_psum_rd_en), .psum_rd_addr_o(act_psum_rd_addr), .psum_rd_data_i(act_psum_rd_data),
    .sbuf_wr_en_o(act_sbuf_wr_en), .sbuf_wr_addr_o(act_sbuf_wr_addr), .psum_wr_en_o(act_psum_wr_en), .psum_wr_addr_o(act_psum_wr_addr),
    .wr_data_o(act_wr_data), .wr_strb_o(act_wr_strb), .wr_part_o(act_wr_part), .wr_count_o(act_wr_count));
  tsr_vector_engine u_dve (
    .clk_i, .rst_ni, .quiet_o(dve_quiet),
    .issue_valid_i(issue_valid[EngineDve]), .issue_ready_o(issue_ready[EngineDve]), .issue_instr_i(issue_instr[EngineDve]),
    .done_valid_o(done_valid[EngineDve]), .done_checksum_o(done_checksum[EngineDve]), .done_err_o(done_err[EngineDve]),
    .sbuf_rd_en_o(dve_sbuf_rd_en), .sbuf_rd_addr_o(dve_sbuf_rd_addr), .sbuf_rd_data_i(dve_sbuf_rd_data),
    .psum_rd_en_o(dve_psum_rd_en), .psum_rd_addr_o(dve_psum_rd_addr), .psum_rd_data_i(dve_psum_rd_data),
    .sbuf_wr_en_o(dve_sbuf_wr_en), .sbuf_wr_addr_o(dve_sbuf_wr_addr), .psum_wr_en_o(dve_psum_wr_en), .psum_wr_addr_o(dve_psum_wr_addr),
    .wr_data_o(dve_wr_data), .wr_strb_o(dve_wr_strb), .wr_part_o(dve_wr_part), .wr_count_o(dve_wr_count));
  tsr_sbuf u_sbuf (
    .clk_i, .rst_ni, .quiet_o(sbuf_quiet),
    .pe_mv_en_i(pe_mv_en), .pe_mv_addr_i(pe_mv_addr), .pe_mv_data_o(pe_mv_data),
    .pe_st_en_i(pe_st_en), .pe_st_addr_i(pe_st_addr), .pe_st_lo_o(pe_st_lo), .pe_st_hi_o(pe_st_hi),
    .act_rd_en_i(act_sbuf_rd_en), .act_rd_addr_i(act_sbuf_rd_addr), .act_rd_data_o(act_sbuf_rd_data),
    .act_wr_en_i(act_sbuf_wr_en), .act_wr_addr_i(act_sbuf_wr_addr), .act_wr_data_i(act_wr_data), .act_wr_strb_i(act_wr_strb),
    .act_wr_part_i(act_wr_part), .act_wr_count_i(act_wr_count),
    .dve_rd_en_i(dve_sbuf_rd_en), .dve_rd_addr_i(dve_sbuf_rd_addr), .dve_rd_data_o(dve_sbuf_rd_data),
    .dve_wr_en_i(dve_sbuf_wr_en), .dve_wr_addr_i(dve_sbuf_wr_addr), .dve_wr_data_i(dve_wr_data), .dve_wr_strb_i(dve_wr_strb),
    .dve_wr_part_i(dve_wr_part), .dve_wr_count_i(dve_wr_count),
    .dma_rd_en_i(sbuf_dma_rd_en_i), .dma_rd_part_i(sbuf_dma_rd_part_i), .dma_rd_addr_i(sbuf_dma_rd_addr_i), .dma_rd_data_o(sbuf_dma_rd_data_o),
    .rmw_rd_en_i(sbuf_rmw_rd_en_i), .rmw_rd_part_i(sbuf_rmw_rd_part_i), .rmw_rd_addr_i(sbuf_rmw_rd_addr_i), .rmw_rd_data_o(sbuf_rmw_rd_data_o),
    .dma_wr_en_i(sbuf_dma_wr_en_i), .dma_wr_part_i(sbuf_dma_wr_part_i), .dma_wr_addr_i(sbuf_dma_wr_addr_i), .dma_wr_data_i(sbuf_dma_wr_data_i),
    .dma_wr_strb_i(sbuf_dma_wr_strb_i));
  tsr_psum u_psum (
    .clk_i, .rst_ni, .quiet_o(psum_quiet),
    .pe_en_i(pe_en), .pe_addr_i(pe_addr), .pe_data_i(pe_data), .pe_acc_i(pe_acc), .pe_sum_o(pe_sum),
    .act_rd_en_i(act_psum_rd_en), .act_rd_addr_i(act_psum_rd_addr), .act_rd_data_o(act_psum_rd_data),
    .act_wr_en_i(act_psum_wr_en), .act_wr_addr_i(act_psum_wr_addr), .act_wr_data_i(act_wr_data), .act_wr_strb_i(act_wr_strb),
    .act_wr_part_i(act_wr_part), .act_wr_count_i(act_wr_count),
    .dve_rd_en_i(dve_psum_rd_en), .dve_rd_addr_i(dve_psum_rd_addr), .dve_rd_data_o(dve_psum_rd_data),
    .dve_wr_en_i(dve_psum_wr_en), .dve_wr_addr_i(dve_psum_wr_addr), .dve_wr_data_i(dve_wr_data), .dve_wr_strb_i(dve_wr_strb),
    .dve_wr_part_i(dve_wr_part), .dve_wr_count_i(dve_wr_count),
    .dma_rd_en_i(psum_dma_rd_en_i), .dma_rd_part_i(psum_dma_rd_part_i), .dma_rd_addr_i(psum_dma_rd_addr_i), .dma_rd_data_o(psum_dma_rd_data_o),
    .rmw_rd_en_i(psum_rmw_rd_en_i), .rmw_rd_part_i(psum_rmw_rd_part_i), .rmw_rd_addr_i(psum_rmw_rd_addr_i), .rmw_rd_data_o(psum_rmw_rd_data_o),
    .dma_wr_en_i(psum_dma_wr_en_i), .dma_wr_part_i(psum_dma_wr_part_i), .dma_wr_addr_i(psum_dma_wr_addr_i), .dma_wr_data_i(psum_dma_wr_data_i),
    .dma_wr_strb_i(psum_dma_wr_strb_i));

  assign quiet_o = fetch_quiet & (&seq_quiet) & sems_quiet & csr_quiet & pe_quiet & act_quiet & dve_quiet & sbuf_quiet & psum_quiet;
endmodule
