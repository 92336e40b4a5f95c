// SPDX-License-Identifier: Apache-2.0
/// Cover points of the DMA initiator, bound into it in models built with coverage. Meaning of each: tests/coverage/plan.csv.
module tsr_dma_cover
  import tsr_cfg_pkg::*;
(
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic [NumQueues-1:0] req_valid_i,
  input logic                 rdq_valid_i,
  input logic                 rdq_ready_i,
  input logic                 rdr_valid_i,
  input logic                 rdr_last_i,
  input logic                 rdr_slot_i,          // the response is data, not a descriptor
  input logic [3:0]           rdr_queue_i,
  input logic                 wrq_valid_i,
  input logic                 wrq_ready_i,
  input logic                 wrq_last_i,
  input logic [NumQueues-1:0] upd_valid_i,
  input logic [NumQueues-1:0] upd_ready_i,
  input logic                 db_valid_i,
  input logic [3:0]           db_queue_i,
  input logic [NumQueues-1:0] busy_i,
  input logic [NumQueues-1:0] waiting_i,
  input logic [NumQueues-1:0] err_valid_i
);
  logic       write, inside_q, rsp_seen_q;         // inside_q: between the beats of a write packet
  logic [3:0] rsp_queue_q;                         // of the last data response
  logic       busy_doorbell;
  // A queue is busy for a moment after it is set up, too; here counts what a doorbell started.
  logic [NumQueues-1:0] busy_q, rung_q, at_work;

  assign at_work = rung_q & busy_i;
  assign write = wrq_valid_i && wrq_ready_i;
  always_comb begin
    busy_doorbell = 1'b0;
    for (int unsigned q = 0; q < NumQueues; q++) if (db_valid_i && db_queue_i == 4'(q) && at_work[q]) busy_doorbell = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      inside_q <= 1'b0;
      rsp_seen_q <= 1'b0;
      busy_q <= '0;
      rung_q <= '0;
    end else begin
      busy_q <= busy_i;
      for (int unsigned q = 0; q < NumQueues; q++) begin
        if (db_valid_i && db_queue_i == 4'(q)) rung_q[q] <= 1'b1;
        else if (busy_q[q] && !busy_i[q]) rung_q[q] <= 1'b0;
      end
      if (write) inside_q <= !wrq_last_i;
      if (rdr_slot_i && rdr_last_i) rsp_seen_q <= 1'b1;
    end
    if (rdr_slot_i && rdr_last_i) rsp_queue_q <= rdr_queue_i;
  end

  ReadStall_C:       cover property (@(posedge clk_i) disable iff (!rst_ni) rdq_valid_i && !rdq_ready_i);
  WriteStall_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) wrq_valid_i && !wrq_ready_i);
  TwoQueuesWant_C:   cover property (@(posedge clk_i) disable iff (!rst_ni) (req_valid_i & (req_valid_i - NumQueues'(1))) != '0);
  AllBusy_C:         cover property (@(posedge clk_i) disable iff (!rst_ni) &at_work);
  Waiting_C:         cover property (@(posedge clk_i) disable iff (!rst_ni) |waiting_i);
  UpdateStall_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) |(upd_valid_i & ~upd_ready_i));
  UpdateTaken_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) |(upd_valid_i & upd_ready_i));
  QueueError_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) |err_valid_i);
  QueuesAlternate_C: cover property (@(posedge clk_i) disable iff (!rst_ni)
                                     rdr_slot_i && rdr_last_i && rsp_seen_q && rsp_queue_q != rdr_queue_i);
  OneBeatWrite_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) write && wrq_last_i && !inside_q);
  LongWrite_C:       cover property (@(posedge clk_i) disable iff (!rst_ni) write && !wrq_last_i);
  ReadWithWrite_C:   cover property (@(posedge clk_i) disable iff (!rst_ni) rdr_valid_i && write);
  DoorbellBusy_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) busy_doorbell);
endmodule

bind tsr_dma tsr_dma_cover u_cover (
  .clk_i, .rst_ni, .req_valid_i(req_valid), .rdq_valid_i(rdq_valid_o), .rdq_ready_i, .rdr_valid_i, .rdr_last_i,
  .rdr_slot_i(rdr_slot), .rdr_queue_i(rdr_req), .wrq_valid_i(wrq_valid_o), .wrq_ready_i, .wrq_last_i(wrq_last_o),
  .upd_valid_i(upd_valid_o), .upd_ready_i, .db_valid_i, .db_queue_i, .busy_i(q_busy_o), .waiting_i(q_waiting_o),
  .err_valid_i(q_err_valid_o)
);
