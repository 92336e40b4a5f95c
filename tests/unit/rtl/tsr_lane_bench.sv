// SPDX-License-Identifier: Apache-2.0
/// Test top: vector and scalar engine with SBUF and PSUM.
/// The test reaches the memories word by word through their beat ports.
module tsr_lane_bench
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
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
  row_rd_t     sbuf_row_rd [NumLaneEngines], psum_row_rd [NumLaneEngines];
  row_wr_t     sbuf_row_wr [NumLaneEngines], psum_row_wr [NumLaneEngines];
  logic [31:0] act_sbuf_row [P], act_psum_row [P], act_wr_row [P];
  logic [31:0] dve_sbuf_row [P], dve_psum_row [P], dve_wr_row [P];

  done_t       dve_done, act_done;
  assign done_valid_o = {act_done.en, dve_done.en};
  assign {dve_err_o, dve_checksum_o} = {dve_done.err, dve_done.checksum};
  assign {act_err_o, act_checksum_o} = {act_done.err, act_done.checksum};

  tsr_vector_engine u_dve (
    .clk_i, .rst_ni, .quiet_o(quiet_o[0]), .issue_valid_i(issue_valid_i[0]), .issue_ready_o(issue_ready_o[0]),
    .issue_i(dve_instr_i), .done_o(dve_done),
    .sbuf_row_rd_o(sbuf_row_rd[LaneDve]), .sbuf_row_i(dve_sbuf_row), .psum_row_rd_o(psum_row_rd[LaneDve]), .psum_row_i(dve_psum_row),
    .sbuf_row_wr_o(sbuf_row_wr[LaneDve]), .psum_row_wr_o(psum_row_wr[LaneDve]), .wr_row_o(dve_wr_row)
  );
  tsr_scalar_engine u_act (
    .clk_i, .rst_ni, .quiet_o(quiet_o[1]), .issue_valid_i(issue_valid_i[1]), .issue_ready_o(issue_ready_o[1]),
    .issue_i(act_instr_i), .done_o(act_done),
    .sbuf_row_rd_o(sbuf_row_rd[LaneAct]), .sbuf_row_i(act_sbuf_row), .psum_row_rd_o(psum_row_rd[LaneAct]), .psum_row_i(act_psum_row),
    .sbuf_row_wr_o(sbuf_row_wr[LaneAct]), .psum_row_wr_o(psum_row_wr[LaneAct]), .wr_row_o(act_wr_row)
  );
  assign writes_o = {psum_row_wr[LaneAct].en, sbuf_row_wr[LaneAct].en, psum_row_wr[LaneDve].en, sbuf_row_wr[LaneDve].en};

  // --- Word access ----------------------------------------------------------------------------
  localparam logic [31:0] LaneMask = 32'(DmaWords - 1);
  logic [31:0]         beat, lane;
  logic [DmaBytes-1:0] strb;
  beat_rd_t            sbuf_beat_rd [NumServers], psum_beat_rd [NumServers];
  logic [DmaBits-1:0]  sbuf_beat_rd_data [NumServers], psum_beat_rd_data [NumServers], picked;
  beat_wr_t            sbuf_beat_wr, psum_beat_wr;
  assign beat = word_i & ~LaneMask;
  assign lane = word_i & LaneMask;
  assign strb = DmaBytes'(wr_strb_i) << (4 * lane);
  assign picked = psum_i ? psum_beat_rd_data[ServerRead] : sbuf_beat_rd_data[rmw_i ? ServerWrite : ServerRead];
  assign rd_data_o = 32'(picked >> (32 * lane));
  assign sbuf_beat_rd[ServerRead] = '{en: rd_en_i && !psum_i && !rmw_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0]};
  assign sbuf_beat_rd[ServerWrite] = '{en: rd_en_i && !psum_i && rmw_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0]};
  assign psum_beat_rd[ServerRead] = '{en: rd_en_i && psum_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0]};
  assign psum_beat_rd[ServerWrite] = '0;
  assign sbuf_beat_wr = '{en: wr_en_i && !psum_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0], strb: strb,
                          data: {DmaWords{wr_data_i}}};
  assign psum_beat_wr = '{en: wr_en_i && psum_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0], strb: strb,
                          data: {DmaWords{wr_data_i}}};

  logic        unused_quiet;
  logic [31:0] none [P];                           // the PE is not here
  logic [31:0] unused_row [P], unused_lo [P], unused_hi [P], unused_sum [P];
  for (genvar p = 0; p < P; p++) begin : gen_none
    assign none[p] = 32'd0;
  end

  tsr_sbuf u_sbuf (
    .clk_i, .rst_ni, .quiet_o(sbuf_quiet_o),
    .pe_moving_rd_i('0), .pe_moving_row_o(unused_row), .pe_weight_rd_i('0), .pe_weight_lo_o(unused_lo), .pe_weight_hi_o(unused_hi),
    .sbuf_row_rd_i(sbuf_row_rd), .act_sbuf_row_o(act_sbuf_row), .dve_sbuf_row_o(dve_sbuf_row),
    .sbuf_row_wr_i(sbuf_row_wr), .act_wr_row_i(act_wr_row), .dve_wr_row_i(dve_wr_row),
    .sbuf_beat_rd_i(sbuf_beat_rd), .sbuf_beat_rd_data_o(sbuf_beat_rd_data), .sbuf_beat_wr_i(sbuf_beat_wr)
  );
  tsr_psum u_psum (
    .clk_i, .rst_ni, .quiet_o(unused_quiet),
    .pe_en_i('0), .pe_addr_i(none), .pe_data_i(none), .pe_acc_i('0), .pe_sum_o(unused_sum),
    .psum_row_rd_i(psum_row_rd), .act_psum_row_o(act_psum_row), .dve_psum_row_o(dve_psum_row),
    .psum_row_wr_i(psum_row_wr), .act_wr_row_i(act_wr_row), .dve_wr_row_i(dve_wr_row),
    .psum_beat_rd_i(psum_beat_rd), .psum_beat_rd_data_o(psum_beat_rd_data), .psum_beat_wr_i(psum_beat_wr)
  );
endmodule
