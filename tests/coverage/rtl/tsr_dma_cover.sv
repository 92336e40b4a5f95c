// SPDX-License-Identifier: Apache-2.0
/// Cover points of the DMA initiator, bound into it in models built with coverage. Meaning of each: tests/coverage/plan.csv.
module tsr_dma_cover
  import tsr_cfg_pkg::*;
  import tsr_if_pkg::*;
(
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic [NumQueues-1:0] req_valid_i,
  input logic                 read_req_valid_i,
  input logic                 read_req_ready_i,
  input logic                 read_rsp_valid_i,
  input logic                 read_rsp_last_i,
  input logic                 read_rsp_slot_i,     // the response is data, not a descriptor
  input logic [3:0]           read_rsp_queue_i,
  input logic                 write_req_valid_i,
  input logic                 write_req_ready_i,
  input logic                 write_req_last_i,
  input logic [NumQueues-1:0] upd_valid_i,
  input logic [NumQueues-1:0] upd_ready_i,
  input doorbell_t            doorbell_i,
  input status_t              queue_status_i [NumQueues],
  input fault_t               queue_fault_i [NumQueues]
);
  logic [NumQueues-1:0] busy, waiting, fault;
  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    assign {busy[q], waiting[q]} = {queue_status_i[q].busy, queue_status_i[q].waiting};
    assign fault[q] = queue_fault_i[q].en;
  end
  logic       write, inside_q, rsp_seen_q;         // inside_q: between the beats of a write packet
  logic [3:0] rsp_queue_q;                         // of the last data response
  logic       busy_doorbell;
  // A queue is busy for a moment after it is set up, too; here counts what a doorbell started.
  logic [NumQueues-1:0] busy_q, rung_q, at_work;

  assign at_work = rung_q & busy;
  assign write = write_req_valid_i && write_req_ready_i;
  always_comb begin
    busy_doorbell = 1'b0;
    for (int unsigned q = 0; q < NumQueues; q++) if (doorbell_i.en && doorbell_i.number == 4'(q) && at_work[q]) busy_doorbell = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      inside_q <= 1'b0;
      rsp_seen_q <= 1'b0;
      busy_q <= '0;
      rung_q <= '0;
    end else begin
      busy_q <= busy;
      for (int unsigned q = 0; q < NumQueues; q++) begin
        if (doorbell_i.en && doorbell_i.number == 4'(q)) rung_q[q] <= 1'b1;
        else if (busy_q[q] && !busy[q]) rung_q[q] <= 1'b0;
      end
      if (write) inside_q <= !write_req_last_i;
      if (read_rsp_slot_i && read_rsp_last_i) rsp_seen_q <= 1'b1;
    end
    if (read_rsp_slot_i && read_rsp_last_i) rsp_queue_q <= read_rsp_queue_i;
  end

  ReadStall_C:       cover property (@(posedge clk_i) disable iff (!rst_ni) read_req_valid_i && !read_req_ready_i);
  WriteStall_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) write_req_valid_i && !write_req_ready_i);
  TwoQueuesWant_C:   cover property (@(posedge clk_i) disable iff (!rst_ni) (req_valid_i & (req_valid_i - NumQueues'(1))) != '0);
  AllBusy_C:         cover property (@(posedge clk_i) disable iff (!rst_ni) &at_work);
  Waiting_C:         cover property (@(posedge clk_i) disable iff (!rst_ni) |waiting);
  UpdateStall_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) |(upd_valid_i & ~upd_ready_i));
  UpdateTaken_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) |(upd_valid_i & upd_ready_i));
  QueueError_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) |fault);
  QueuesAlternate_C: cover property (@(posedge clk_i) disable iff (!rst_ni)
                                     read_rsp_slot_i && read_rsp_last_i && rsp_seen_q && rsp_queue_q != read_rsp_queue_i);
  OneBeatWrite_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) write && write_req_last_i && !inside_q);
  LongWrite_C:       cover property (@(posedge clk_i) disable iff (!rst_ni) write && !write_req_last_i);
  ReadWithWrite_C:   cover property (@(posedge clk_i) disable iff (!rst_ni) read_rsp_valid_i && write);
  DoorbellBusy_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) busy_doorbell);
endmodule

bind tsr_dma tsr_dma_cover u_cover (
  .clk_i, .rst_ni, .req_valid_i(req_valid), .read_req_valid_i(read_req_valid_o), .read_req_ready_i,
  .read_rsp_valid_i, .read_rsp_last_i(read_rsp_i.last), .read_rsp_slot_i(rsp_slot), .read_rsp_queue_i(rsp_requester),
  .write_req_valid_i(write_req_valid_o), .write_req_ready_i, .write_req_last_i(write_req_o.last),
  .upd_valid_i(queue_sem_upd_valid_o), .upd_ready_i(queue_sem_upd_ready_i), .doorbell_i, .queue_status_i(queue_status_o),
  .queue_fault_i(queue_fault_o)
);
