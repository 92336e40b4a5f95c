// SPDX-License-Identifier: Apache-2.0
/// Control of a core: instruction fetch, a sequencer per engine, semaphores and registers. Wires
/// only; latencies stand in the blocks.
module tsr_control
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
  // Engines
  output logic [NumEngines-1:0] issue_valid_o,
  input  logic [NumEngines-1:0] issue_ready_i,
  output instr_t                issue_o [NumEngines],
  input  done_t                 done_i [NumEngines],
  output logic [NumEngines-1:0] engine_rec_valid_o,
  output rec_t                  engine_rec_o [NumEngines],
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
  input  fault_t                queue_fault_i [NumQueues]
);
  logic                  fetch_quiet, semaphores_quiet, csr_quiet;
  logic [NumEngines-1:0] sequencer_quiet;

  logic [NumEngines-1:0] fetch_redirect, fetch_stop, instr_valid, instr_ready, instr_err;
  logic [AddrW-1:0]      fetch_pc [NumEngines], instr_pc [NumEngines];
  instr_t                instr [NumEngines];

  logic [7:0]            engine_sem_wait [NumEngines];
  logic [31:0]           engine_sem_value [NumEngines];
  logic [NumEngines-1:0] engine_sem_upd_valid, engine_sem_upd_ready;
  sem_upd_t              engine_sem_upd [NumEngines];
  logic                  reg_sem_upd_valid;
  sem_upd_t              reg_sem_upd;
  logic [31:0]           reg_sem_value;

  logic [NumEngines-1:0] engine_start, doorbell_req_valid, doorbell_req_ready;
  logic [AddrW-1:0]      engine_start_pc [NumEngines];
  status_t               engine_status [NumEngines];
  fault_t                engine_fault [NumEngines];
  doorbell_t             doorbell_req [NumEngines];

  tsr_fetch u_fetch (
    .clk_i, .rst_ni, .place_i,
    .fetch_redirect_i(fetch_redirect), .fetch_pc_i(fetch_pc), .fetch_stop_i(fetch_stop),
    .instr_valid_o(instr_valid), .instr_ready_i(instr_ready), .instr_o(instr),
    .instr_pc_o(instr_pc),
    .instr_err_o(instr_err),
    .read_req_valid_o, .read_req_ready_i, .read_req_o, .read_rsp_valid_i, .read_rsp_ready_o,
    .read_rsp_i,
    .quiet_o(fetch_quiet)
  );

  for (genvar e = 0; e < NumEngines; e++) begin : gen_engine
    tsr_sequencer #(.Engine(3'(e))) u_sequencer (
      .clk_i, .rst_ni, .cycle_i, .place_i,
      .start_i(engine_start[e]), .start_pc_i(engine_start_pc[e]),
      .status_o(engine_status[e]), .fault_o(engine_fault[e]),
      .fetch_redirect_o(fetch_redirect[e]), .fetch_pc_o(fetch_pc[e]), .fetch_stop_o(fetch_stop[e]),
      .instr_valid_i(instr_valid[e]), .instr_ready_o(instr_ready[e]), .instr_i(instr[e]),
      .instr_pc_i(instr_pc[e]), .instr_err_i(instr_err[e]),
      .issue_valid_o(issue_valid_o[e]), .issue_ready_i(issue_ready_i[e]), .issue_o(issue_o[e]),
      .done_i(done_i[e]),
      .sem_wait_o(engine_sem_wait[e]), .sem_value_i(engine_sem_value[e]),
      .sem_upd_valid_o(engine_sem_upd_valid[e]), .sem_upd_ready_i(engine_sem_upd_ready[e]),
      .sem_upd_o(engine_sem_upd[e]),
      .doorbell_req_valid_o(doorbell_req_valid[e]), .doorbell_req_ready_i(doorbell_req_ready[e]),
      .doorbell_req_o(doorbell_req[e]),
      .rec_valid_o(engine_rec_valid_o[e]), .rec_o(engine_rec_o[e]), .quiet_o(sequencer_quiet[e])
    );
  end

  tsr_semaphores u_semaphores (
    .clk_i, .rst_ni, .place_i,
    .engine_sem_wait_i(engine_sem_wait), .engine_sem_value_o(engine_sem_value),
    .engine_sem_upd_valid_i(engine_sem_upd_valid), .engine_sem_upd_ready_o(engine_sem_upd_ready),
    .engine_sem_upd_i(engine_sem_upd),
    .queue_sem_wait_i, .queue_sem_value_o, .queue_sem_upd_valid_i, .queue_sem_upd_ready_o,
    .queue_sem_upd_i,
    .reg_sem_upd_valid_i(reg_sem_upd_valid), .reg_sem_upd_i(reg_sem_upd),
    .reg_sem_value_o(reg_sem_value),
    .write_req_valid_o, .write_req_ready_i, .write_req_o, .quiet_o(semaphores_quiet)
  );

  tsr_csr u_csr (
    .clk_i, .rst_ni, .place_i, .irq_o, .quiet_o(csr_quiet), .host_axil_i, .host_axil_o,
    .csr_req_valid_i, .csr_req_ready_o, .csr_req_i, .csr_rsp_valid_o, .csr_rsp_o,
    .reg_sem_upd_valid_o(reg_sem_upd_valid), .reg_sem_upd_o(reg_sem_upd),
    .reg_sem_value_i(reg_sem_value),
    .engine_start_o(engine_start), .engine_start_pc_o(engine_start_pc),
    .engine_status_i(engine_status), .engine_fault_i(engine_fault),
    .doorbell_req_valid_i(doorbell_req_valid), .doorbell_req_ready_o(doorbell_req_ready),
    .doorbell_req_i(doorbell_req),
    .queue_setup_o, .doorbell_o, .queue_status_i, .queue_done_i, .queue_fault_i
  );

  assign quiet_o = fetch_quiet && (&sequencer_quiet) && semaphores_quiet && csr_quiet;
endmodule
