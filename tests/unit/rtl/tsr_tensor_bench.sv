// SPDX-License-Identifier: Apache-2.0
/// Test top: tensor engine with SBUF and PSUM. The test reaches the memories word by word through their beat ports.
module tsr_tensor_bench
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
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
  row_rd_t      pe_moving_rd, pe_weight_rd;
  logic [31:0]  pe_moving_row [P], pe_weight_lo [P], pe_weight_hi [P];
  logic [P-1:0] pe_en, pe_acc;
  logic [31:0]  pe_addr [P], pe_data [P], pe_sum [P];

  done_t        done;
  assign {done_valid_o, done_err_o, done_checksum_o} = {done.en, done.err, done.checksum};

  tsr_tensor_engine u_pe (
    .clk_i, .rst_ni, .quiet_o, .issue_valid_i, .issue_ready_o, .issue_i(issue_instr_i), .done_o(done),
    .pe_moving_rd_o(pe_moving_rd), .pe_moving_row_i(pe_moving_row),
    .pe_weight_rd_o(pe_weight_rd), .pe_weight_lo_i(pe_weight_lo), .pe_weight_hi_i(pe_weight_hi),
    .pe_en_o(pe_en), .pe_addr_o(pe_addr), .pe_data_o(pe_data), .pe_acc_o(pe_acc), .pe_sum_i(pe_sum)
  );
  assign moving_o = pe_moving_rd.en;
  assign writing_o = |pe_en;

  // --- Word access ----------------------------------------------------------------------------
  localparam logic [31:0] LaneMask = 32'(DmaWords - 1);
  logic [31:0]         beat, lane;
  logic [DmaBytes-1:0] strb;
  beat_rd_t            sbuf_beat_rd [NumServers], psum_beat_rd [NumServers];
  logic [DmaBits-1:0]  sbuf_beat_rd_data [NumServers], psum_beat_rd_data [NumServers];
  beat_wr_t            sbuf_beat_wr, psum_beat_wr;
  assign beat = word_i & ~LaneMask;
  assign lane = word_i & LaneMask;
  assign strb = DmaBytes'(4'hf) << (4 * lane);
  assign rd_data_o = 32'((psum_i ? psum_beat_rd_data[ServerRead] : sbuf_beat_rd_data[ServerRead]) >> (32 * lane));
  assign sbuf_beat_rd[ServerRead] = '{en: rd_en_i && !psum_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0]};
  assign psum_beat_rd[ServerRead] = '{en: rd_en_i && psum_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0]};
  assign sbuf_beat_rd[ServerWrite] = '0;
  assign psum_beat_rd[ServerWrite] = '0;
  assign sbuf_beat_wr = '{en: wr_en_i && !psum_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0], strb: strb,
                          data: {DmaWords{wr_data_i}}};
  assign psum_beat_wr = '{en: wr_en_i && psum_i, part: part_i[PartW-1:0], addr: beat[RowAw-1:0], strb: strb,
                          data: {DmaWords{wr_data_i}}};

  // The lane engines are not here.
  row_rd_t     no_rd [NumLaneEngines];
  row_wr_t     no_wr [NumLaneEngines];
  logic [31:0] none [P];
  logic [31:0] unused_act_sbuf [P], unused_dve_sbuf [P], unused_act_psum [P], unused_dve_psum [P];
  assign no_rd = '{default: '0};
  assign no_wr = '{default: '0};
  for (genvar p = 0; p < P; p++) begin : gen_none
    assign none[p] = 32'd0;
  end

  tsr_sbuf u_sbuf (
    .clk_i, .rst_ni, .quiet_o(mem_quiet_o[0]),
    .pe_moving_rd_i(pe_moving_rd), .pe_moving_row_o(pe_moving_row),
    .pe_weight_rd_i(pe_weight_rd), .pe_weight_lo_o(pe_weight_lo), .pe_weight_hi_o(pe_weight_hi),
    .sbuf_row_rd_i(no_rd), .act_sbuf_row_o(unused_act_sbuf), .dve_sbuf_row_o(unused_dve_sbuf),
    .sbuf_row_wr_i(no_wr), .act_wr_row_i(none), .dve_wr_row_i(none),
    .sbuf_beat_rd_i(sbuf_beat_rd), .sbuf_beat_rd_data_o(sbuf_beat_rd_data), .sbuf_beat_wr_i(sbuf_beat_wr)
  );
  tsr_psum u_psum (
    .clk_i, .rst_ni, .quiet_o(mem_quiet_o[1]),
    .pe_en_i(pe_en), .pe_addr_i(pe_addr), .pe_data_i(pe_data), .pe_acc_i(pe_acc), .pe_sum_o(pe_sum),
    .psum_row_rd_i(no_rd), .act_psum_row_o(unused_act_psum), .dve_psum_row_o(unused_dve_psum),
    .psum_row_wr_i(no_wr), .act_wr_row_i(none), .dve_wr_row_i(none),
    .psum_beat_rd_i(psum_beat_rd), .psum_beat_rd_data_o(psum_beat_rd_data), .psum_beat_wr_i(psum_beat_wr)
  );
endmodule
