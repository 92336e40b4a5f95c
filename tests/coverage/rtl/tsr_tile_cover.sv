// SPDX-License-Identifier: Apache-2.0
/// Cover points of the tile, bound into it in models built with coverage. Meaning of each: tests/coverage/plan.csv.
module tsr_tile_cover
  import tsr_cfg_pkg::*;
  import tsr_if_pkg::*;
(
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 quiescent_i,
  input logic                 irq_i,
  input logic                 awvalid_i,
  input logic                 awready_i,
  input logic                 wvalid_i,
  input logic                 wready_i,
  input logic                 arvalid_i,
  input logic                 arready_i,
  input logic [7:0]           awlen_i,
  input logic                 rvalid_i,
  input logic                 rready_i,
  input logic                 host_read_i,         // taken
  input logic                 host_write_i,
  input status_t              queue_status_i [NumQueues],
  input logic                 sbuf_write_i,
  input logic                 sbuf_read_i,
  input logic                 rec_pe_i,
  input logic                 rec_dve_i,
  input logic [NumQueues-1:0] rec_q_i
);
  logic quiet_q, irq_q;
  logic [NumQueues-1:0] busy, waiting;
  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    assign {busy[q], waiting[q]} = {queue_status_i[q].busy, queue_status_i[q].waiting};
  end

  always_ff @(posedge clk_i) begin
    quiet_q <= !rst_ni || quiescent_i;
    irq_q <= rst_ni && irq_i;
  end

  ReadStall_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) arvalid_i && !arready_i);
  AddressStall_C:  cover property (@(posedge clk_i) disable iff (!rst_ni) awvalid_i && !awready_i);
  WriteStall_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) wvalid_i && !wready_i);
  Burst_C:         cover property (@(posedge clk_i) disable iff (!rst_ni) awvalid_i && awready_i && awlen_i != '0);
  ReadWithWrite_C: cover property (@(posedge clk_i) disable iff (!rst_ni) rvalid_i && rready_i && wvalid_i && wready_i);
  HostReadBusy_C:  cover property (@(posedge clk_i) disable iff (!rst_ni) host_read_i && |busy);
  HostWriteBusy_C: cover property (@(posedge clk_i) disable iff (!rst_ni) host_write_i && |busy);
  QueueWaits_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) |waiting);
  QueueRetires_C:  cover property (@(posedge clk_i) disable iff (!rst_ni) |rec_q_i);
  SbufWrite_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) sbuf_write_i);
  SbufRead_C:      cover property (@(posedge clk_i) disable iff (!rst_ni) sbuf_read_i);
  Interrupt_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) irq_i && !irq_q);
  PeRetires_C:     cover property (@(posedge clk_i) disable iff (!rst_ni) rec_pe_i);
  DveRetires_C:    cover property (@(posedge clk_i) disable iff (!rst_ni) rec_dve_i);
  ComesToRest_C:   cover property (@(posedge clk_i) disable iff (!rst_ni) quiescent_i && !quiet_q);
endmodule

bind tsr_tile tsr_tile_cover u_cover (
  .clk_i, .rst_ni, .quiescent_i(quiescent_o), .irq_i(irq_o), .awvalid_i(hbm_axi_awvalid), .awready_i(hbm_axi_awready),
  .wvalid_i(hbm_axi_wvalid), .wready_i(hbm_axi_wready), .arvalid_i(hbm_axi_arvalid), .arready_i(hbm_axi_arready),
  .awlen_i(hbm_axi_awlen), .rvalid_i(hbm_axi_rvalid), .rready_i(hbm_axi_rready),
  .host_read_i(host_axil_arvalid && host_axil_arready), .host_write_i(host_axil_awvalid && host_axil_awready),
  .queue_status_i(queue_status), .sbuf_write_i(sbuf_beat_wr.en),
  .sbuf_read_i(sbuf_beat_rd[ServerRead].en), .rec_pe_i(rec_pe_valid_o), .rec_dve_i(rec_dve_valid_o), .rec_q_i(rec_q_valid_o)
);
