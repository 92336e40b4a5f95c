// SPDX-License-Identifier: Apache-2.0
/// Test top: tensor engine with SBUF and PSUM. The test reaches the memories word by word through their DMA ports.
module tsr_tensor_bench import tsr_cfg_pkg::*; import tsr_isa_pkg::*; import tsr_types_pkg::*; (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 issue_valid_i,
  output logic                 issue_ready_o,
  input  logic [InstrBits-1:0] issue_instr_i,
  output logic                 done_valid_o,
  output logic [31:0]          done_checksum_o,
  output logic [3:0]           done_err_o,
  output logic                 quiet_o,
  output logic                 moving_o,           // a moving row is read
  output logic                 writing_o,          // a lane writes PSUM
  output logic [1:0]           mem_quiet_o,        // {psum, sbuf}
  // memories by word; psum_i picks the memory
  input  logic                 psum_i,
  input  logic [7:0]           part_i,
  input  logic [31:0]          word_i,
  input  logic                 rd_en_i,
  output logic [31:0]          rd_data_o,
  input  logic                 wr_en_i,
  input  logic [31:0]          wr_data_i
);
  logic              mv_en, st_en;
  logic [SbufAw-1:0] mv_addr, st_addr;
  logic [31:0]       mv_data [P];
  logic [31:0]       st_lo [P];
  logic [31:0]       st_hi [P];
  logic [P-1:0]      pe_en, pe_acc;
  logic [31:0]       pe_addr [P];
  logic [31:0]       pe_data [P];
  logic [31:0]       pe_sum [P];

  tsr_tensor_engine u_pe (
    .clk_i, .rst_ni, .quiet_o, .issue_valid_i, .issue_ready_o, .issue_instr_i, .done_valid_o, .done_checksum_o, .done_err_o,
    .pe_mv_en_o(mv_en), .pe_mv_addr_o(mv_addr), .pe_mv_data_i(mv_data),
    .pe_st_en_o(st_en), .pe_st_addr_o(st_addr), .pe_st_lo_i(st_lo), .pe_st_hi_i(st_hi),
    .pe_en_o(pe_en), .pe_addr_o(pe_addr), .pe_data_o(pe_data), .pe_acc_o(pe_acc), .pe_sum_i(pe_sum)
  );
  assign moving_o = mv_en;
  assign writing_o = |pe_en;

  // --- Word access ----------------------------------------------------------------------------
  localparam logic [31:0] LaneMask = 32'(DmaWords - 1);
  logic [31:0]         beat, lane;
  logic [DmaBytes-1:0] strb;
  logic [DmaBits-1:0]  sbuf_beat, psum_beat, unused_sbuf_rmw, unused_psum_rmw;
  assign beat = word_i & ~LaneMask;
  assign lane = word_i & LaneMask;
  assign strb = DmaBytes'(4'hf) << (4 * lane);
  assign rd_data_o = 32'((psum_i ? psum_beat : sbuf_beat) >> (32 * lane));

  logic [31:0] none [P];                           // write data of engines that are not here
  logic [31:0] unused_act_sbuf [P];
  logic [31:0] unused_dve_sbuf [P];
  logic [31:0] unused_act_psum [P];
  logic [31:0] unused_dve_psum [P];
  for (genvar p = 0; p < P; p++) begin : gen_none
    assign none[p] = 32'd0;
  end

  tsr_sbuf u_sbuf (
    .clk_i, .rst_ni, .quiet_o(mem_quiet_o[0]),
    .pe_mv_en_i(mv_en), .pe_mv_addr_i(mv_addr), .pe_mv_data_o(mv_data),
    .pe_st_en_i(st_en), .pe_st_addr_i(st_addr), .pe_st_lo_o(st_lo), .pe_st_hi_o(st_hi),
    .act_rd_en_i(1'b0), .act_rd_addr_i('0), .act_rd_data_o(unused_act_sbuf),
    .act_wr_en_i(1'b0), .act_wr_addr_i('0), .act_wr_data_i(none), .act_wr_strb_i(4'd0), .act_wr_part_i(8'd0), .act_wr_count_i(8'd0),
    .dve_rd_en_i(1'b0), .dve_rd_addr_i('0), .dve_rd_data_o(unused_dve_sbuf),
    .dve_wr_en_i(1'b0), .dve_wr_addr_i('0), .dve_wr_data_i(none), .dve_wr_strb_i(4'd0), .dve_wr_part_i(8'd0), .dve_wr_count_i(8'd0),
    .dma_rd_en_i(rd_en_i && !psum_i), .dma_rd_part_i(part_i[PartW-1:0]), .dma_rd_addr_i(beat[SbufAw-1:0]), .dma_rd_data_o(sbuf_beat),
    .rmw_rd_en_i(1'b0), .rmw_rd_part_i('0), .rmw_rd_addr_i('0), .rmw_rd_data_o(unused_sbuf_rmw),
    .dma_wr_en_i(wr_en_i && !psum_i), .dma_wr_part_i(part_i[PartW-1:0]), .dma_wr_addr_i(beat[SbufAw-1:0]),
    .dma_wr_data_i({DmaWords{wr_data_i}}), .dma_wr_strb_i(strb)
  );
  tsr_psum u_psum (
    .clk_i, .rst_ni, .quiet_o(mem_quiet_o[1]),
    .pe_en_i(pe_en), .pe_addr_i(pe_addr), .pe_data_i(pe_data), .pe_acc_i(pe_acc), .pe_sum_o(pe_sum),
    .act_rd_en_i(1'b0), .act_rd_addr_i('0), .act_rd_data_o(unused_act_psum),
    .act_wr_en_i(1'b0), .act_wr_addr_i('0), .act_wr_data_i(none), .act_wr_strb_i(4'd0), .act_wr_part_i(8'd0), .act_wr_count_i(8'd0),
    .dve_rd_en_i(1'b0), .dve_rd_addr_i('0), .dve_rd_data_o(unused_dve_psum),
    .dve_wr_en_i(1'b0), .dve_wr_addr_i('0), .dve_wr_data_i(none), .dve_wr_strb_i(4'd0), .dve_wr_part_i(8'd0), .dve_wr_count_i(8'd0),
    .dma_rd_en_i(rd_en_i && psum_i), .dma_rd_part_i(part_i[PartW-1:0]), .dma_rd_addr_i(beat[PsumAw-1:0]), .dma_rd_data_o(psum_beat),
    .rmw_rd_en_i(1'b0), .rmw_rd_part_i('0), .rmw_rd_addr_i('0), .rmw_rd_data_o(unused_psum_rmw),
    .dma_wr_en_i(wr_en_i && psum_i), .dma_wr_part_i(part_i[PartW-1:0]), .dma_wr_addr_i(beat[PsumAw-1:0]),
    .dma_wr_data_i({DmaWords{wr_data_i}}), .dma_wr_strb_i(strb)
  );
endmodule
