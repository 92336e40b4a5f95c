// SPDX-License-Identifier: Apache-2.0
/// Semaphores of a tile. Waits read combinationally. One local update per cycle takes effect (round
/// robin; readable in the next cycle); one remote update per cycle moves to the `write_req` output
/// register (one cycle later). Registers are always taken and go first. Coordinates equal to the
/// own tile are local.
module tsr_semaphores
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  place_t                place_i,
  // Engines: number of the semaphore and its count; updates
  input  logic [7:0]            engine_sem_wait_i [NumEngines],
  output logic [31:0]           engine_sem_value_o [NumEngines],
  input  logic [NumEngines-1:0] engine_sem_upd_valid_i,
  output logic [NumEngines-1:0] engine_sem_upd_ready_o,
  input  sem_upd_t              engine_sem_upd_i [NumEngines],
  // DMA queues
  input  logic [7:0]            queue_sem_wait_i [NumQueues],
  output logic [31:0]           queue_sem_value_o [NumQueues],
  input  logic [NumQueues-1:0]  queue_sem_upd_valid_i,
  output logic [NumQueues-1:0]  queue_sem_upd_ready_o,
  input  sem_upd_t              queue_sem_upd_i [NumQueues],
  // Registers: the semaphore is the one of the update, valid or not
  input  logic                  reg_sem_upd_valid_i,
  input  sem_upd_t              reg_sem_upd_i,
  output logic [31:0]           reg_sem_value_o,
  // Updates for other tiles
  output logic                  write_req_valid_o,
  input  logic                  write_req_ready_i,
  output pkt_t                  write_req_o,
  output logic                  quiet_o
);
  localparam int unsigned NumSrc = NumEngines + NumQueues;   // engines, then queues
  localparam int unsigned SrcW = $clog2(NumSrc);
  localparam int unsigned SemW = $clog2(NumSems);    // users refuse larger numbers

  logic [31:0] sem_q [NumSems];   // counts where known_q is set, else 0: a memory needs no reset
  logic [NumSems-1:0] known_q;
  logic [SrcW-1:0] loc_sel, rem_sel;
  logic [NumSrc-1:0] upd_valid, upd_ready, is_loc, loc_grant, rem_grant;
  sem_upd_t upd [NumSrc];
  logic loc_any, rem_any, rem_take, rem_room, unused_loc_quiet, unused_rem_quiet;
  logic [SemW-1:0] loc_id;
  logic [31:0] old;
  logic out_valid_q;
  sem_upd_t out_q, loc_upd;

  function automatic logic [31:0] sem(input logic known, input logic [31:0] value);
    sem = known ? value : 32'd0;
  endfunction

  // ---- Users ------------------------------------------------------------------------------------
  assign upd_valid = {queue_sem_upd_valid_i, engine_sem_upd_valid_i};
  assign {queue_sem_upd_ready_o, engine_sem_upd_ready_o} = upd_ready;
  for (genvar e = 0; e < NumEngines; e++) begin : gen_engine
    assign upd[e] = engine_sem_upd_i[e];
    assign engine_sem_value_o[e] =
        sem(known_q[SemW'(engine_sem_wait_i[e])], sem_q[SemW'(engine_sem_wait_i[e])]);
  end
  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    assign upd[NumEngines+q] = queue_sem_upd_i[q];
    assign queue_sem_value_o[q] =
        sem(known_q[SemW'(queue_sem_wait_i[q])], sem_q[SemW'(queue_sem_wait_i[q])]);
  end

  // ---- Choice: one local and one remote update, each in turn ------------------------------------
  tsr_rr_arb #(.N(NumSrc)) u_local (
    .clk_i, .rst_ni, .req_i(upd_valid & is_loc), .ready_i(!reg_sem_upd_valid_i), .last_i(1'b1),
    .valid_o(loc_any),
    .grant_o(loc_grant), .index_o(loc_sel), .quiet_o(unused_loc_quiet));
  tsr_rr_arb #(.N(NumSrc)) u_remote (
    .clk_i, .rst_ni, .req_i(upd_valid & ~is_loc), .ready_i(rem_room), .last_i(1'b1),
    .valid_o(rem_any),
    .grant_o(rem_grant), .index_o(rem_sel), .quiet_o(unused_rem_quiet));
  assign rem_room = !out_valid_q || write_req_ready_i;
  assign rem_take = rem_any && rem_room;
  assign upd_ready = (reg_sem_upd_valid_i ? '0 : loc_grant) | (rem_room ? rem_grant : '0);
  always_comb begin
    is_loc = '0;
    if (upd_valid != '0) begin
      for (int unsigned s = 0; s < NumSrc; s++)
        is_loc[s] = !upd[s].remote || upd[s].op == UpdateNone ||
                    (upd[s].x == place_i.x && upd[s].y == place_i.y);
    end
  end
  assign loc_upd = reg_sem_upd_valid_i ? reg_sem_upd_i : upd[loc_sel];

  // ---- State ------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      known_q <= '0;
      out_valid_q <= 1'b0;
    end else if (reg_sem_upd_valid_i || upd_valid != '0 || out_valid_q) begin
      if (reg_sem_upd_valid_i || loc_any) begin
        case (loc_upd.op)
          UpdateSet, UpdateInc, UpdateDec: known_q[loc_id] <= 1'b1;
          default: ;
        endcase
      end
      if (write_req_ready_i) out_valid_q <= 1'b0;
      if (rem_take) begin
        out_valid_q <= 1'b1;
        out_q <= upd[rem_sel];
      end
    end
  end

  assign loc_id = SemW'(loc_upd.sem);
  assign old = sem(known_q[loc_id], sem_q[loc_id]);
  always_ff @(posedge clk_i) begin
    if (reg_sem_upd_valid_i || loc_any) begin
      case (loc_upd.op)
        UpdateSet: sem_q[loc_id] <= loc_upd.value;
        UpdateInc: sem_q[loc_id] <= old + loc_upd.value;
        UpdateDec: sem_q[loc_id] <= old - loc_upd.value;
        default: ;
      endcase
    end
  end

  // ---- Outputs ----------------------------------------------------------------------------------
  assign reg_sem_value_o = sem(known_q[SemW'(reg_sem_upd_i.sem)], sem_q[SemW'(reg_sem_upd_i.sem)]);
  assign write_req_valid_o = out_valid_q;
  hdr_t hdr;
  always_comb begin
    hdr = '0;
    if (out_valid_q) begin
      hdr.dst_x = out_q.x;
      hdr.dst_y = out_q.y;
      hdr.src_x = place_i.x;
      hdr.src_y = place_i.y;
      hdr.kind = KindWrReq;
      hdr.space = SpaceReg;
      hdr.len = 11'd4;
      hdr.id = {ReqSem, 4'd0};
      hdr.addr = 40'(RegSemSet) + ({37'd0, out_q.op - 3'(UpdateSet)} << 10) + (40'(out_q.sem) << 2);
    end
  end
  assign write_req_o = '{last: 1'b1, data: DmaBits'(out_q.value), hdr: hdr};
  assign quiet_o = rst_ni && !reg_sem_upd_valid_i && !loc_any && !rem_take &&
                   !(out_valid_q && write_req_ready_i);

  logic unused_bits;                               // coordinates of a local update do not matter
  assign unused_bits = ^{place_i, loc_upd, out_q};
endmodule
