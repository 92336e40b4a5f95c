// SPDX-License-Identifier: Apache-2.0
/// DMA initiator: NumQueues descriptor rings that read segments, cast them and write them anywhere in the mesh.
///
/// Streams (docs/interfaces.md section 5): read requests `rdq` (id {queue, slot} or {ReqDesc, queue}), responses
/// `rdr` (always ready; matched by id, any order between slots), write requests `wrq`, acknowledgements `wrr` (always
/// ready). All outputs are registers or decoded from registers, except `quiet_o` and `*_ready` users inside.
/// Latency: doorbell to descriptor read 2 cycles; descriptor data to first segment read 5; last read beat to first
/// write beat 4; last acknowledgement to update offer 3, update taken to record 1. One beat per cycle is sustained.
/// Order: slots of a queue are written and retired in order; a descriptor updates its semaphore after all its data
/// and all earlier descriptors of the queue are acknowledged. Errors stop one queue (see tsr_dma_queue).
module tsr_dma
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_dma_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [63:0]          cycle_i,
  input  logic [7:0]           tile_x_i,
  input  logic [7:0]           tile_y_i,
  input  logic [7:0]           mesh_x_i,           // size of the mesh less one
  input  logic [7:0]           mesh_y_i,
  // Rings and doorbells (always taken)
  input  logic [39:0]          q_base_i [NumQueues],
  input  logic [15:0]          q_size_i [NumQueues],
  input  logic [NumQueues-1:0] q_size_we_i,
  input  logic                 db_valid_i,
  input  logic [3:0]           db_queue_i,
  input  logic [31:0]          db_count_i,
  // Read requests and responses
  output logic                 rdq_valid_o,
  input  logic                 rdq_ready_i,
  output hdr_t                 rdq_hdr_o,
  input  logic                 rdr_valid_i,
  output logic                 rdr_ready_o,
  input  hdr_t                 rdr_hdr_i,
  input  logic [DmaBits-1:0]   rdr_data_i,
  input  logic                 rdr_last_i,
  // Write requests and acknowledgements
  output logic                 wrq_valid_o,
  input  logic                 wrq_ready_i,
  output hdr_t                 wrq_hdr_o,
  output logic [DmaBits-1:0]   wrq_data_o,
  output logic                 wrq_last_o,
  input  logic                 wrr_valid_i,
  output logic                 wrr_ready_o,
  input  hdr_t                 wrr_hdr_i,
  // Semaphores, one source per queue
  output logic [7:0]           sem_wait_id_o [NumQueues],
  input  logic [31:0]          sem_wait_value_i [NumQueues],
  output logic [NumQueues-1:0] upd_valid_o,
  input  logic [NumQueues-1:0] upd_ready_i,
  output sem_upd_t             upd_o [NumQueues],
  // Status
  output logic [NumQueues-1:0] q_busy_o,
  output logic [NumQueues-1:0] q_waiting_o,
  output logic [7:0]           q_wait_sem_o [NumQueues],
  output logic [31:0]          q_wait_value_o [NumQueues],
  output logic [15:0]          q_tag_o [NumQueues],
  output logic [31:0]          q_done_o [NumQueues],
  output logic [NumQueues-1:0] q_err_valid_o,
  output err_code_t            q_err_code_o [NumQueues],
  output logic [15:0]          q_err_tag_o [NumQueues],
  output logic [39:0]          q_err_addr_o [NumQueues],
  output logic [NumQueues-1:0] rec_valid_o,
  output rec_t                 rec_data_o [NumQueues],
  output logic                 quiet_o
);
  assign rdr_ready_o = 1'b1;
  assign wrr_ready_o = 1'b1;

  // ---- Responses ----------------------------------------------------------------------------------
  localparam int unsigned BeatW = (SegBeatW > 4) ? SegBeatW : 4;
  logic [BeatW-1:0]                     beat_q;    // index of the present beat of the packet on rdr
  logic [3:0]                           rdr_req;
  logic                                 rdr_slot;
  logic                                 ram_rd_en;
  logic [QueueW+SlotW+SegBeatW-1:0]     ram_rd_addr;
  logic [DmaBits-1:0]                   ram_rd_data;

  assign rdr_req = rdr_hdr_i.id[7:4];
  assign rdr_slot = rdr_valid_i && (rdr_req < 4'(NumQueues));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) beat_q <= '0;
    else if (rdr_valid_i) beat_q <= rdr_last_i ? '0 : beat_q + BeatW'(1);
  end

  tsr_ram_1r1w #(.Depth(2 ** (QueueW + SlotW + SegBeatW)), .Width(DmaBits)) u_slots (
    .clk_i,
    .wr_en_i   (rdr_slot),
    .wr_addr_i ({rdr_req[QueueW-1:0], rdr_hdr_i.id[SlotW-1:0], beat_q[SegBeatW-1:0]}),
    .wr_data_i (rdr_data_i),
    .rd_en_i   (ram_rd_en),
    .rd_addr_i (ram_rd_addr),
    .rd_data_o (ram_rd_data)
  );

  // ---- Queues -------------------------------------------------------------------------------------
  logic [NumQueues-1:0] req_valid, req_ready, send_valid, send_ready, slot_free, sum_valid, queue_quiet;
  hdr_t                 req_hdr [NumQueues];
  send_t                send [NumQueues];
  logic [CtxW-1:0]      sum_ctx;
  logic [31:0]          sum;

  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    tsr_dma_queue #(.Queue(q)) u_queue (
      .clk_i, .rst_ni, .cycle_i(cycle_i[47:0]), .tile_x_i, .tile_y_i, .mesh_x_i, .mesh_y_i,
      .base_i(q_base_i[q]), .size_i(q_size_i[q]), .size_we_i(q_size_we_i[q]),
      .db_valid_i(db_valid_i && db_queue_i == 4'(q)), .db_count_i,
      .req_valid_o(req_valid[q]), .req_hdr_o(req_hdr[q]), .req_ready_i(req_ready[q]),
      .rsp_desc_i(rdr_valid_i && rdr_req == ReqDesc && rdr_hdr_i.id[3:0] == 4'(q)),
      .rsp_slot_i(rdr_valid_i && rdr_req == 4'(q)), .rsp_last_i(rdr_last_i),
      .rsp_slot_id_i(rdr_hdr_i.id[SlotW-1:0]), .rsp_err_i(rdr_hdr_i.err), .rsp_addr_i(rdr_hdr_i.addr),
      .rsp_beat_i(beat_q[3:0]), .rsp_data_i(rdr_data_i),
      .send_valid_o(send_valid[q]), .send_o(send[q]), .send_ready_i(send_ready[q]), .free_i(slot_free[q]),
      .sum_valid_i(sum_valid[q]), .sum_ctx_i(sum_ctx), .sum_i(sum),
      .ack_valid_i(wrr_valid_i && wrr_hdr_i.id[7:4] == 4'(q)), .ack_slot_i(wrr_hdr_i.id[SlotW-1:0]),
      .ack_err_i(wrr_hdr_i.err),
      .wait_id_o(sem_wait_id_o[q]), .wait_value_i(sem_wait_value_i[q]),
      .upd_valid_o(upd_valid_o[q]), .upd_ready_i(upd_ready_i[q]), .upd_o(upd_o[q]),
      .busy_o(q_busy_o[q]), .waiting_o(q_waiting_o[q]), .wait_value_o(q_wait_value_o[q]), .tag_o(q_tag_o[q]),
      .done_o(q_done_o[q]), .err_valid_o(q_err_valid_o[q]), .err_code_o(q_err_code_o[q]),
      .err_tag_o(q_err_tag_o[q]), .err_addr_o(q_err_addr_o[q]), .rec_valid_o(rec_valid_o[q]),
      .rec_o(rec_data_o[q]), .quiet_o(queue_quiet[q])
    );
    assign q_wait_sem_o[q] = q_waiting_o[q] ? sem_wait_id_o[q] : 8'd0;
  end

  // ---- Read requests: round robin over the queues ---------------------------------------------------
  logic              rdq_valid_q, rdq_advance;
  hdr_t              rdq_hdr_q;
  logic [QueueW-1:0]    pick;
  logic [NumQueues-1:0] grant;
  logic                 any, unused_quiet;

  assign rdq_advance = !rdq_valid_q || rdq_ready_i;
  tsr_rr_arb #(.N(NumQueues)) u_arb (
    .clk_i, .rst_ni, .req_i(req_valid), .ready_i(rdq_advance), .last_i(1'b1), .valid_o(any), .grant_o(grant),
    .index_o(pick), .quiet_o(unused_quiet));
  assign req_ready = rdq_advance ? grant : '0;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rdq_valid_q <= 1'b0;
    end else if (rdq_advance) begin
      rdq_valid_q <= any;
      if (any) rdq_hdr_q <= req_hdr[pick];
    end
  end
  assign rdq_valid_o = rdq_valid_q;
  assign rdq_hdr_o = rdq_hdr_q;

  // ---- Write requests -------------------------------------------------------------------------------
  logic write_quiet;
  tsr_dma_write u_write (
    .clk_i, .rst_ni,
    .send_valid_i(send_valid), .send_i(send), .send_ready_o(send_ready), .free_o(slot_free),
    .ram_en_o(ram_rd_en), .ram_addr_o(ram_rd_addr), .ram_data_i(ram_rd_data),
    .wrq_valid_o, .wrq_ready_i, .wrq_hdr_o, .wrq_data_o, .wrq_last_o,
    .sum_valid_o(sum_valid), .sum_ctx_o(sum_ctx), .sum_o(sum), .quiet_o(write_quiet)
  );

  assign quiet_o = (&queue_quiet) && write_quiet && !rdr_valid_i && !wrr_valid_i && !db_valid_i &&
                   !(rdq_advance && (rdq_valid_q || (|req_valid)));

  logic unused_bits;
  assign unused_bits = ^{rdr_hdr_i, wrr_hdr_i, cycle_i[63:48], beat_q};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (rdr_valid_i) ReadRequester_A: assert (rdr_req < 4'(NumQueues) || rdr_req == ReqDesc);
      if (wrr_valid_i) WriteRequester_A: assert (wrr_hdr_i.id[7:4] < 4'(NumQueues));
    end
  end
`endif
endmodule
