// SPDX-License-Identifier: Apache-2.0
/// PSUM: accumulators of the PE array, P partitions of 8 banks. The PE port writes or accumulates
/// one word per lane and cycle, every lane at its own address, because column c of the array
/// delivers c cycles after column 0. One row port per engine and direction, two beat read ports and
/// one beat write port for the DMA side; every port is taken in every cycle.
///
/// Latency: read enable to data, 1 cycle, data held until the next read of that port. A write is
/// readable by a read issued in the next cycle; a read in the same cycle returns the old word.
/// Errors: none, requesters check addresses.
`include "tsr_assert.svh"
module tsr_psum
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,               // only the assertions look at it
  output logic               quiet_o,
  // PE: word address per lane; the words written stand on pe_sum_o one cycle later, 0 in lanes that
  // did not write
  input  logic [P-1:0]       pe_en_i,
  input  logic [31:0]        pe_addr_i [P],
  input  logic [31:0]        pe_data_i [P],
  input  logic [P-1:0]       pe_acc_i,
  output logic [31:0]        pe_sum_o [P],
  // ACT and DVE rows
  input  row_rd_t            psum_row_rd_i [NumLaneEngines],
  output logic [31:0]        act_psum_row_o [P],
  output logic [31:0]        dve_psum_row_o [P],
  input  row_wr_t            psum_row_wr_i [NumLaneEngines],
  input  logic [31:0]        act_wr_row_i [P],
  input  logic [31:0]        dve_wr_row_i [P],
  // Beats of the servers: address multiple of DmaWords
  input  beat_rd_t           psum_beat_rd_i [NumServers],
  output logic [DmaBits-1:0] psum_beat_rd_data_o [NumServers],
  input  beat_wr_t           psum_beat_wr_i
);
  assign quiet_o = ~((|pe_en_i) | psum_row_rd_i[LaneAct].en | psum_row_wr_i[LaneAct].en |
                     psum_row_rd_i[LaneDve].en | psum_row_wr_i[LaneDve].en |
                     psum_beat_rd_i[ServerRead].en | psum_beat_rd_i[ServerWrite].en |
                     psum_beat_wr_i.en);

  tsr_ram_psum u_ram (.*);

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(ReadServerAligned_A, psum_beat_rd_i[ServerRead].en ->
              (32'(psum_beat_rd_i[ServerRead].addr) & (DmaWords - 1)) == 0, "misaligned")
  `TSR_ASSERT(WriteServerAligned_A, psum_beat_rd_i[ServerWrite].en ->
              (32'(psum_beat_rd_i[ServerWrite].addr) & (DmaWords - 1)) == 0, "misaligned")
  `TSR_ASSERT(BeatWriteAligned_A, psum_beat_wr_i.en ->
              (32'(psum_beat_wr_i.addr) & (DmaWords - 1)) == 0, "misaligned")
  `TSR_ASSERT(ActRows_A, psum_row_wr_i[LaneAct].en ->
              32'(psum_row_wr_i[LaneAct].part) + 32'(psum_row_wr_i[LaneAct].count) <= P, "ACT rows")
  `TSR_ASSERT(DveRows_A, psum_row_wr_i[LaneDve].en ->
              32'(psum_row_wr_i[LaneDve].part) + 32'(psum_row_wr_i[LaneDve].count) <= P, "DVE rows")
endmodule
