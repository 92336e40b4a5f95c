// SPDX-License-Identifier: Apache-2.0
/// Test top: vector and scalar engine with SBUF and a PSUM stand-in (the same memory with PSUM's size).
/// The test reaches the memories word by word through their DMA ports.
module tsr_lane_bench import tsr_cfg_pkg::*; import tsr_isa_pkg::*; import tsr_types_pkg::*; (
  input  logic             clk_i,
  input  logic             rst_ni,
  // engine 0 = DVE, 1 = ACT
  input  logic [1:0]           issue_valid_i,
  output logic [1:0]           issue_ready_o,
  input  logic [InstrBits-1:0] dve_instr_i,
  input  logic [InstrBits-1:0] act_instr_i,
  output logic [1:0]           done_valid_o,
  output logic [31:0]          dve_checksum_o,
  output logic [31:0]          act_checksum_o,
  output logic [3:0]           dve_err_o,
  output logic [3:0]           act_err_o,
  output logic [1:0]           quiet_o,
  output logic                 sbuf_quiet_o,
  output logic [3:0]           writes_o,           // write enables {act psum, act sbuf, dve psum, dve sbuf}
  // memories by word; psum_i picks the memory
  input  logic                 psum_i,
  input  logic [7:0]           part_i,
  input  logic [31:0]          word_i,
  input  logic                 rd_en_i,
  input  logic                 rmw_i,              // SBUF reads through the second beat port
  output logic [31:0]          rd_data_o,
  input  logic                 wr_en_i,
  input  logic [3:0]           wr_strb_i,
  input  logic [31:0]          wr_data_i
);
  logic [31:0] dve_sbuf_row [P];
  logic [31:0] dve_psum_row [P];
  logic [31:0] act_sbuf_row [P];
  logic [31:0] act_psum_row [P];
  logic [31:0] dve_row [P];
  logic [31:0] act_row [P];
  logic              dve_srd, dve_prd, dve_swr, dve_pwr, act_srd, act_prd, act_swr, act_pwr;
  logic [SbufAw-1:0] dve_srd_a, dve_swr_a, act_srd_a, act_swr_a;
  logic [PsumAw-1:0] dve_prd_a, dve_pwr_a, act_prd_a, act_pwr_a;
  logic [3:0]        dve_strb, act_strb;
  logic [7:0]        dve_part, dve_count, act_part, act_count;

  tsr_vector_engine u_dve (
    .clk_i, .rst_ni, .quiet_o(quiet_o[0]), .issue_valid_i(issue_valid_i[0]), .issue_ready_o(issue_ready_o[0]),
    .issue_instr_i(dve_instr_i), .done_valid_o(done_valid_o[0]), .done_checksum_o(dve_checksum_o), .done_err_o(dve_err_o),
    .sbuf_rd_en_o(dve_srd), .sbuf_rd_addr_o(dve_srd_a), .sbuf_rd_data_i(dve_sbuf_row),
    .psum_rd_en_o(dve_prd), .psum_rd_addr_o(dve_prd_a), .psum_rd_data_i(dve_psum_row),
    .sbuf_wr_en_o(dve_swr), .sbuf_wr_addr_o(dve_swr_a), .psum_wr_en_o(dve_pwr), .psum_wr_addr_o(dve_pwr_a),
    .wr_data_o(dve_row), .wr_strb_o(dve_strb), .wr_part_o(dve_part), .wr_count_o(dve_count)
  );
  tsr_scalar_engine u_act (
    .clk_i, .rst_ni, .quiet_o(quiet_o[1]), .issue_valid_i(issue_valid_i[1]), .issue_ready_o(issue_ready_o[1]),
    .issue_instr_i(act_instr_i), .done_valid_o(done_valid_o[1]), .done_checksum_o(act_checksum_o), .done_err_o(act_err_o),
    .sbuf_rd_en_o(act_srd), .sbuf_rd_addr_o(act_srd_a), .sbuf_rd_data_i(act_sbuf_row),
    .psum_rd_en_o(act_prd), .psum_rd_addr_o(act_prd_a), .psum_rd_data_i(act_psum_row),
    .sbuf_wr_en_o(act_swr), .sbuf_wr_addr_o(act_swr_a), .psum_wr_en_o(act_pwr), .psum_wr_addr_o(act_pwr_a),
    .wr_data_o(act_row), .wr_strb_o(act_strb), .wr_part_o(act_part), .wr_count_o(act_count)
  );
  assign writes_o = {act_pwr, act_swr, dve_pwr, dve_swr};

  // --- Word access ----------------------------------------------------------------------------
  localparam logic [31:0] LaneMask = 32'(DmaWords - 1);
  logic [31:0]         beat, lane;
  logic [DmaBytes-1:0] strb;
  logic [DmaBits-1:0]  sbuf_beat, rmw_beat, psum_beat, psum_rmw_beat, picked;
  assign beat = word_i & ~LaneMask;
  assign lane = word_i & LaneMask;
  assign strb = DmaBytes'(wr_strb_i) << (4 * lane);
  assign picked = psum_i ? psum_beat : rmw_i ? rmw_beat : sbuf_beat;
  assign rd_data_o = 32'(picked >> (32 * lane));

  logic [31:0] unused_mv [P];
  logic [31:0] unused_lo [P];
  logic [31:0] unused_hi [P];
  logic [31:0] unused_psum_mv [P];
  logic [31:0] unused_psum_lo [P];
  logic [31:0] unused_psum_hi [P];

  tsr_sbuf u_sbuf (
    .clk_i, .rst_ni, .quiet_o(sbuf_quiet_o),
    .pe_mv_en_i(1'b0), .pe_mv_addr_i('0), .pe_mv_data_o(unused_mv),
    .pe_st_en_i(1'b0), .pe_st_addr_i('0), .pe_st_lo_o(unused_lo), .pe_st_hi_o(unused_hi),
    .act_rd_en_i(act_srd), .act_rd_addr_i(act_srd_a), .act_rd_data_o(act_sbuf_row),
    .act_wr_en_i(act_swr), .act_wr_addr_i(act_swr_a), .act_wr_data_i(act_row), .act_wr_strb_i(act_strb),
    .act_wr_part_i(act_part), .act_wr_count_i(act_count),
    .dve_rd_en_i(dve_srd), .dve_rd_addr_i(dve_srd_a), .dve_rd_data_o(dve_sbuf_row),
    .dve_wr_en_i(dve_swr), .dve_wr_addr_i(dve_swr_a), .dve_wr_data_i(dve_row), .dve_wr_strb_i(dve_strb),
    .dve_wr_part_i(dve_part), .dve_wr_count_i(dve_count),
    .dma_rd_en_i(rd_en_i && !psum_i && !rmw_i), .dma_rd_part_i(part_i[PartW-1:0]), .dma_rd_addr_i(beat[SbufAw-1:0]),
    .dma_rd_data_o(sbuf_beat),
    .rmw_rd_en_i(rd_en_i && !psum_i && rmw_i), .rmw_rd_part_i(part_i[PartW-1:0]), .rmw_rd_addr_i(beat[SbufAw-1:0]),
    .rmw_rd_data_o(rmw_beat),
    .dma_wr_en_i(wr_en_i && !psum_i), .dma_wr_part_i(part_i[PartW-1:0]), .dma_wr_addr_i(beat[SbufAw-1:0]),
    .dma_wr_data_i({DmaWords{wr_data_i}}), .dma_wr_strb_i(strb)
  );
  tsr_ram_sbuf #(.Words(PsumWords), .Aw(PsumAw)) u_psum (
    .clk_i,
    .pe_mv_en_i(1'b0), .pe_mv_addr_i('0), .pe_mv_data_o(unused_psum_mv),
    .pe_st_en_i(1'b0), .pe_st_addr_i('0), .pe_st_lo_o(unused_psum_lo), .pe_st_hi_o(unused_psum_hi),
    .act_rd_en_i(act_prd), .act_rd_addr_i(act_prd_a), .act_rd_data_o(act_psum_row),
    .act_wr_en_i(act_pwr), .act_wr_addr_i(act_pwr_a), .act_wr_data_i(act_row), .act_wr_strb_i(act_strb),
    .act_wr_part_i(act_part), .act_wr_count_i(act_count),
    .dve_rd_en_i(dve_prd), .dve_rd_addr_i(dve_prd_a), .dve_rd_data_o(dve_psum_row),
    .dve_wr_en_i(dve_pwr), .dve_wr_addr_i(dve_pwr_a), .dve_wr_data_i(dve_row), .dve_wr_strb_i(dve_strb),
    .dve_wr_part_i(dve_part), .dve_wr_count_i(dve_count),
    .dma_rd_en_i(rd_en_i && psum_i), .dma_rd_part_i(part_i[PartW-1:0]), .dma_rd_addr_i(beat[PsumAw-1:0]),
    .dma_rd_data_o(psum_beat),
    .rmw_rd_en_i(1'b0), .rmw_rd_part_i('0), .rmw_rd_addr_i('0), .rmw_rd_data_o(psum_rmw_beat),
    .dma_wr_en_i(wr_en_i && psum_i), .dma_wr_part_i(part_i[PartW-1:0]), .dma_wr_addr_i(beat[PsumAw-1:0]),
    .dma_wr_data_i({DmaWords{wr_data_i}}), .dma_wr_strb_i(strb)
  );
endmodule
