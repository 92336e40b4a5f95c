// SPDX-License-Identifier: Apache-2.0
/// Bound to tsr_control by its test: what its blocks tell each other, and what waveforms show of engine 0, as signals
/// that C++ reads.
module tsr_control_watch
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input logic [NumEngines-1:0] engine_start,
  input fault_t                engine_fault [NumEngines],
  input logic [NumEngines-1:0] engine_sem_upd_valid,
  input logic [NumEngines-1:0] engine_sem_upd_ready,
  input sem_upd_t              engine_sem_upd [NumEngines],
  input logic                  reg_sem_upd_valid,
  input sem_upd_t              reg_sem_upd,
  input logic [NumEngines-1:0] sequencer_quiet,
  input logic                  csr_quiet,
  input logic                  semaphores_quiet,
  input logic                  fetch_quiet,
  input logic                  view_valid,
  input logic                  view_waits,
  input logic [7:0]            view_opcode,
  input logic [15:0]           view_tag,
  input logic [7:0]            view_waits_for
);
  logic [NumEngines-1:0] start /* verilator public_flat_rd */;
  logic [NumEngines-1:0] updated /* verilator public_flat_rd */;
  logic [59:0]           upd [NumEngines] /* verilator public_flat_rd */;
  logic [NumEngines-1:0] fault_en /* verilator public_flat_rd */;
  logic [3:0]            fault_code [NumEngines] /* verilator public_flat_rd */;
  logic [15:0]           fault_tag [NumEngines] /* verilator public_flat_rd */;
  logic [39:0]           fault_addr [NumEngines] /* verilator public_flat_rd */;
  logic                  reg_updates /* verilator public_flat_rd */;
  logic [59:0]           reg_upd /* verilator public_flat_rd */;
  logic [NumEngines+2:0] quiet /* verilator public_flat_rd */;   // of each block
  logic [33:0]           view /* verilator public_flat_rd */;

  assign start = engine_start;
  assign updated = engine_sem_upd_valid & engine_sem_upd_ready;
  for (genvar e = 0; e < NumEngines; e++) begin : gen_engine
    assign upd[e] = engine_sem_upd[e];
    assign fault_en[e] = engine_fault[e].en;
    assign fault_code[e] = engine_fault[e].code;
    assign fault_tag[e] = engine_fault[e].tag;
    assign fault_addr[e] = engine_fault[e].addr;
  end
  assign reg_updates = reg_sem_upd_valid;
  assign reg_upd = reg_sem_upd;
  assign quiet = {sequencer_quiet, csr_quiet, semaphores_quiet, fetch_quiet};
  assign view = {view_waits_for, view_opcode, view_waits, view_valid, view_tag};
endmodule

bind tsr_control tsr_control_watch u_watch (
  .view_valid(gen_engine[0].u_sequencer.view.valid), .view_waits(gen_engine[0].u_sequencer.view.waits),
  .view_opcode(gen_engine[0].u_sequencer.view.opcode), .view_tag(gen_engine[0].u_sequencer.view.tag),
  .view_waits_for(gen_engine[0].u_sequencer.view.waits_for), .*
);
