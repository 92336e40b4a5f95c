// SPDX-License-Identifier: Apache-2.0
/// The compute part of a tile: control, engines, SBUF and PSUM. Wires only; latencies stand in the
/// blocks.
module tsr_core
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [63:0]           cycle_i,
  input  place_t                place_i,
  output logic                  irq_o,
  output logic                  quiet_o,
  // Host
  input  axil_req_t             host_axil_i,
  output axil_rsp_t             host_axil_o,
  // Registers as seen by the servers
  input  logic [NumServers-1:0] csr_req_valid_i,
  output logic [NumServers-1:0] csr_req_ready_o,
  input  csr_req_t              csr_req_i [NumServers],
  output logic [NumServers-1:0] csr_rsp_valid_o,
  output csr_rsp_t              csr_rsp_o [NumServers],
  // Instruction fetch: requests and their responses
  output logic                  read_req_valid_o,
  input  logic                  read_req_ready_i,
  output hdr_t                  read_req_o,
  input  logic                  read_rsp_valid_i,
  output logic                  read_rsp_ready_o,
  input  pkt_t                  read_rsp_i,
  // Semaphore updates for other tiles
  output logic                  write_req_valid_o,
  input  logic                  write_req_ready_i,
  output pkt_t                  write_req_o,
  // DMA queues: set-up, doorbells, semaphores, status
  output queue_setup_t          queue_setup_o [NumQueues],
  output doorbell_t             doorbell_o,
  input  logic [7:0]            queue_sem_wait_i [NumQueues],
  output logic [31:0]           queue_sem_value_o [NumQueues],
  input  logic [NumQueues-1:0]  queue_sem_upd_valid_i,
  output logic [NumQueues-1:0]  queue_sem_upd_ready_o,
  input  sem_upd_t              queue_sem_upd_i [NumQueues],
  input  status_t               queue_status_i [NumQueues],
  input  logic [31:0]           queue_done_i [NumQueues],
  input  fault_t                queue_fault_i [NumQueues],
  // Beats of the servers
  input  beat_rd_t              sbuf_beat_rd_i [NumServers],
  output logic [DmaBits-1:0]    sbuf_beat_rd_data_o [NumServers],
  input  beat_wr_t              sbuf_beat_wr_i,
  input  beat_rd_t              psum_beat_rd_i [NumServers],
  output logic [DmaBits-1:0]    psum_beat_rd_data_o [NumServers],
  input  beat_wr_t              psum_beat_wr_i,
  // Retirement records
  output logic [NumEngines-1:0] engine_rec_valid_o,
  output rec_t                  engine_rec_o [NumEngines]
);
  logic control_quiet, pe_quiet, act_quiet, dve_quiet, sbuf_quiet, psum_quiet;

  logic [NumEngines-1:0] issue_valid, issue_ready;
  instr_t                issue [NumEngines];
  done_t                 done [NumEngines];

  tsr_control u_control (
    .clk_i, .rst_ni, .cycle_i, .place_i, .irq_o, .quiet_o(control_quiet), .host_axil_i,
    .host_axil_o,
    .csr_req_valid_i, .csr_req_ready_o, .csr_req_i, .csr_rsp_valid_o, .csr_rsp_o,
    .read_req_valid_o, .read_req_ready_i, .read_req_o, .read_rsp_valid_i, .read_rsp_ready_o,
    .read_rsp_i,
    .write_req_valid_o, .write_req_ready_i, .write_req_o,
    .issue_valid_o(issue_valid), .issue_ready_i(issue_ready), .issue_o(issue), .done_i(done),
    .engine_rec_valid_o, .engine_rec_o,
    .queue_setup_o, .doorbell_o, .queue_sem_wait_i, .queue_sem_value_o,
    .queue_sem_upd_valid_i, .queue_sem_upd_ready_o, .queue_sem_upd_i,
    .queue_status_i, .queue_done_i, .queue_fault_i
  );
  // POOL and SP have no data path in this version: their sequencers refuse data instructions.
  for (genvar e = 0; e < NumEngines; e++) begin : gen_no_engine
    if (e == EnginePool || e == EngineSp) begin : gen_none
      logic unused_issue;
      assign unused_issue = issue_valid[e];
      assign issue_ready[e] = 1'b0;
      assign done[e] = '0;
    end
  end

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
    .issue_valid_i(issue_valid[EnginePe]), .issue_ready_o(issue_ready[EnginePe]),
    .issue_i(issue[EnginePe]),
    .done_o(done[EnginePe]),
    .pe_moving_rd_o(pe_moving_rd), .pe_moving_row_i(pe_moving_row),
    .pe_weight_rd_o(pe_weight_rd), .pe_weight_lo_i(pe_weight_lo), .pe_weight_hi_i(pe_weight_hi),
    .pe_en_o(pe_en), .pe_addr_o(pe_addr), .pe_data_o(pe_data), .pe_acc_o(pe_acc), .pe_sum_i(pe_sum)
  );
  tsr_scalar_engine u_act (
    .clk_i, .rst_ni, .quiet_o(act_quiet),
    .issue_valid_i(issue_valid[EngineAct]), .issue_ready_o(issue_ready[EngineAct]),
    .issue_i(issue[EngineAct]),
    .done_o(done[EngineAct]),
    .sbuf_row_rd_o(sbuf_row_rd[LaneAct]), .sbuf_row_i(act_sbuf_row),
    .psum_row_rd_o(psum_row_rd[LaneAct]), .psum_row_i(act_psum_row),
    .sbuf_row_wr_o(sbuf_row_wr[LaneAct]), .psum_row_wr_o(psum_row_wr[LaneAct]),
    .wr_row_o(act_wr_row)
  );
  tsr_vector_engine u_dve (
    .clk_i, .rst_ni, .quiet_o(dve_quiet),
    .issue_valid_i(issue_valid[EngineDve]), .issue_ready_o(issue_ready[EngineDve]),
    .issue_i(issue[EngineDve]),
    .done_o(done[EngineDve]),
    .sbuf_row_rd_o(sbuf_row_rd[LaneDve]), .sbuf_row_i(dve_sbuf_row),
    .psum_row_rd_o(psum_row_rd[LaneDve]), .psum_row_i(dve_psum_row),
    .sbuf_row_wr_o(sbuf_row_wr[LaneDve]), .psum_row_wr_o(psum_row_wr[LaneDve]),
    .wr_row_o(dve_wr_row)
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

  assign quiet_o = control_quiet && pe_quiet && act_quiet && dve_quiet && sbuf_quiet && psum_quiet;
endmodule
