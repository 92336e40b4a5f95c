// SPDX-License-Identifier: Apache-2.0
/// DMA initiator: NumQueues descriptor rings that read segments, cast them and write them anywhere
/// in the mesh.
///
/// Streams (docs/interfaces.md section 5): read requests `read_req` (id {queue, slot} or {ReqDesc,
/// queue}), responses `read_rsp` (always ready; matched by id, any order between slots), write
/// requests `write_req`, acknowledgements `write_ack` (always ready). All outputs are registers or
/// decoded from registers, except `quiet_o` and `*_ready` users inside.
/// Latency: doorbell to descriptor read 2 cycles; descriptor data to first segment read 5; last
/// read beat to first write beat 4; last acknowledgement to update offer 3, update taken to record
/// 1. One beat per cycle is sustained.
/// Order: slots of a queue are written and retired in order; a descriptor updates its semaphore
/// after all its data and all earlier descriptors of the queue are acknowledged. Errors stop one
/// queue (see tsr_dma_queue).
`include "tsr_assert.svh"
module tsr_dma
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_dma_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [63:0]          cycle_i,
  input  place_t               place_i,
  // Rings and doorbells (always taken)
  input  queue_setup_t         queue_setup_i [NumQueues],
  input  doorbell_t            doorbell_i,
  // Read requests and responses
  output logic                 read_req_valid_o,
  input  logic                 read_req_ready_i,
  output hdr_t                 read_req_o,
  input  logic                 read_rsp_valid_i,
  output logic                 read_rsp_ready_o,
  input  pkt_t                 read_rsp_i,
  // Write requests and acknowledgements
  output logic                 write_req_valid_o,
  input  logic                 write_req_ready_i,
  output pkt_t                 write_req_o,
  input  logic                 write_ack_valid_i,
  output logic                 write_ack_ready_o,
  input  hdr_t                 write_ack_i,
  // Semaphores: number and count, updates
  output logic [7:0]           queue_sem_wait_o [NumQueues],
  input  logic [31:0]          queue_sem_value_i [NumQueues],
  output logic [NumQueues-1:0] queue_sem_upd_valid_o,
  input  logic [NumQueues-1:0] queue_sem_upd_ready_i,
  output sem_upd_t             queue_sem_upd_o [NumQueues],
  // Status and records
  output status_t              queue_status_o [NumQueues],
  output logic [31:0]          queue_done_o [NumQueues],
  output fault_t               queue_fault_o [NumQueues],
  output logic [NumQueues-1:0] rec_valid_o,
  output rec_t                 rec_data_o [NumQueues],
  output logic                 quiet_o
);
  assign read_rsp_ready_o = 1'b1;
  assign write_ack_ready_o = 1'b1;

  // ---- Responses --------------------------------------------------------------------------------
  localparam int unsigned BeatW = (SegBeatW > 4) ? SegBeatW : 4;
  // index of the present beat of the packet on read_rsp
  logic [BeatW-1:0]                     beat_q;
  logic [3:0]                           rsp_requester;
  logic                                 rsp_slot;
  logic                                 ram_rd_en;
  logic [QueueW+SlotW+SegBeatW-1:0]     ram_rd_addr;
  logic [DmaBits-1:0]                   ram_rd_data;

  assign rsp_requester = read_rsp_i.hdr.id[7:4];
  assign rsp_slot = read_rsp_valid_i && (rsp_requester < 4'(NumQueues));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) beat_q <= '0;
    else if (read_rsp_valid_i) beat_q <= read_rsp_i.last ? '0 : beat_q + BeatW'(1);
  end

  tsr_ram_1r1w #(.Depth(2 ** (QueueW + SlotW + SegBeatW)), .Width(DmaBits)) u_slots (
    .clk_i,
    .wr_en_i   (rsp_slot),
    .wr_addr_i ({rsp_requester[QueueW-1:0], read_rsp_i.hdr.id[SlotW-1:0], beat_q[SegBeatW-1:0]}),
    .wr_data_i (read_rsp_i.data),
    .rd_en_i   (ram_rd_en),
    .rd_addr_i (ram_rd_addr),
    .rd_data_o (ram_rd_data)
  );

  // ---- Queues -----------------------------------------------------------------------------------
  logic [NumQueues-1:0] req_valid, req_ready, send_valid, send_ready, slot_free, sum_valid,
                        queue_quiet;
  hdr_t                 req [NumQueues];
  send_t                send [NumQueues];
  logic [CtxW-1:0]      sum_ctx;
  logic [31:0]          sum;

  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    tsr_dma_queue #(.Queue(q)) u_queue (
      .clk_i, .rst_ni, .cycle_i(cycle_i[47:0]), .place_i,
      .queue_setup_i(queue_setup_i[q]), .doorbell_i,
      .req_valid_o(req_valid[q]), .req_o(req[q]), .req_ready_i(req_ready[q]),
      .rsp_desc_i(read_rsp_valid_i && rsp_requester == ReqDesc && read_rsp_i.hdr.id[3:0] == 4'(q)),
      .rsp_slot_i(read_rsp_valid_i && rsp_requester == 4'(q)), .read_rsp_i,
      .rsp_beat_i(beat_q[3:0]),
      .send_valid_o(send_valid[q]), .send_o(send[q]), .send_ready_i(send_ready[q]),
      .free_i(slot_free[q]),
      .sum_valid_i(sum_valid[q]), .sum_ctx_i(sum_ctx), .sum_i(sum),
      .write_ack_valid_i(write_ack_valid_i && write_ack_i.id[7:4] == 4'(q)), .write_ack_i,
      .queue_sem_wait_o(queue_sem_wait_o[q]), .queue_sem_value_i(queue_sem_value_i[q]),
      .queue_sem_upd_valid_o(queue_sem_upd_valid_o[q]),
      .queue_sem_upd_ready_i(queue_sem_upd_ready_i[q]),
      .queue_sem_upd_o(queue_sem_upd_o[q]),
      .queue_status_o(queue_status_o[q]), .queue_done_o(queue_done_o[q]),
      .queue_fault_o(queue_fault_o[q]),
      .rec_valid_o(rec_valid_o[q]), .rec_data_o(rec_data_o[q]), .quiet_o(queue_quiet[q])
    );
  end

  // One scope of plain signals per queue for waveforms (scripts/wave.py); nothing reads them.
  for (genvar q = 0; q < NumQueues; q++) begin : view
    logic        busy, waits, unused;
    logic [7:0]  waits_for;                        // semaphore
    logic [15:0] tag;                              // of the descriptor at work
    assign unused = ^{busy, waits, waits_for, tag};
    assign busy = queue_status_o[q].busy;
    assign waits = queue_status_o[q].waiting;
    assign waits_for = queue_status_o[q].wait_sem;
    assign tag = queue_status_o[q].tag;
  end

  // ---- Read requests: round robin over the queues -----------------------------------------------
  logic              req_valid_q, req_advance;
  hdr_t              req_q;
  logic [QueueW-1:0]    pick;
  logic [NumQueues-1:0] grant;
  logic                 any, unused_quiet;

  assign req_advance = !req_valid_q || read_req_ready_i;
  tsr_rr_arb #(.N(NumQueues)) u_arb (
    .clk_i, .rst_ni, .req_i(req_valid), .ready_i(req_advance), .last_i(1'b1), .valid_o(any),
    .grant_o(grant),
    .index_o(pick), .quiet_o(unused_quiet));
  assign req_ready = req_advance ? grant : '0;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_q <= 1'b0;
    end else if (req_advance) begin
      req_valid_q <= any;
      if (any) req_q <= req[pick];
    end
  end
  assign read_req_valid_o = req_valid_q;
  assign read_req_o = req_q;

  // ---- Write requests ---------------------------------------------------------------------------
  logic write_quiet;
  tsr_dma_write u_write (
    .clk_i, .rst_ni,
    .send_valid_i(send_valid), .send_i(send), .send_ready_o(send_ready), .free_o(slot_free),
    .ram_en_o(ram_rd_en), .ram_addr_o(ram_rd_addr), .ram_data_i(ram_rd_data),
    .write_req_valid_o, .write_req_ready_i, .write_req_o,
    .sum_valid_o(sum_valid), .sum_ctx_o(sum_ctx), .sum_o(sum), .quiet_o(write_quiet)
  );

  assign quiet_o = (&queue_quiet) && write_quiet && !read_rsp_valid_i && !write_ack_valid_i &&
                   !doorbell_i.en &&
                   !(req_advance && (req_valid_q || (|req_valid)));

  logic unused_bits;
  assign unused_bits = ^{read_rsp_i.hdr, write_ack_i, cycle_i[63:48], beat_q};

  `TSR_ASSERT(ReadRequester_A, read_rsp_valid_i ->
              rsp_requester < 4'(NumQueues) || rsp_requester == ReqDesc)
  `TSR_ASSERT(WriteRequester_A, write_ack_valid_i -> write_ack_i.id[7:4] < 4'(NumQueues))
endmodule
