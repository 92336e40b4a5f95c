// SPDX-License-Identifier: Apache-2.0
/// SBUF: the tile's main scratchpad, P partitions of SbufBytes. One row port per engine and
/// direction, two beat read ports and one beat write port for the DMA side; every port is taken in
/// every cycle.
///
/// Latency: read enable to data, 1 cycle, data held until the next read of that port. A write is
/// readable by a read issued in the next cycle; a read in the same cycle returns the old word.
/// Errors: none, requesters check addresses.
`include "tsr_assert.svh"
module tsr_sbuf
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic               clk_i,
  /* verilator lint_off UNUSEDSIGNAL */            // only the assertions look at it
  input  logic               rst_ni,
  /* verilator lint_on UNUSEDSIGNAL */
  output logic               quiet_o,
  // PE: a moving row; a row pair of weights, even address
  input  row_rd_t            pe_moving_rd_i,
  output logic [31:0]        pe_moving_row_o [P],
  input  row_rd_t            pe_weight_rd_i,
  output logic [31:0]        pe_weight_lo_o [P],
  output logic [31:0]        pe_weight_hi_o [P],
  // ACT and DVE rows
  input  row_rd_t            sbuf_row_rd_i [NumLaneEngines],
  output logic [31:0]        act_sbuf_row_o [P],
  output logic [31:0]        dve_sbuf_row_o [P],
  input  row_wr_t            sbuf_row_wr_i [NumLaneEngines],
  input  logic [31:0]        act_wr_row_i [P],
  input  logic [31:0]        dve_wr_row_i [P],
  // Beats of the servers: address multiple of DmaWords
  input  beat_rd_t           sbuf_beat_rd_i [NumServers],
  output logic [DmaBits-1:0] sbuf_beat_rd_data_o [NumServers],
  input  beat_wr_t           sbuf_beat_wr_i
);
  assign quiet_o = ~(pe_moving_rd_i.en | pe_weight_rd_i.en | sbuf_row_rd_i[LaneAct].en |
                     sbuf_row_wr_i[LaneAct].en |
                     sbuf_row_rd_i[LaneDve].en | sbuf_row_wr_i[LaneDve].en |
                     sbuf_beat_rd_i[ServerRead].en | sbuf_beat_rd_i[ServerWrite].en |
                     sbuf_beat_wr_i.en);

  tsr_ram_sbuf u_ram (.*);

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(WeightAddressEven_A, pe_weight_rd_i.en -> !pe_weight_rd_i.addr[0],
              "odd address of weights")
  `TSR_ASSERT(ReadServerAligned_A, sbuf_beat_rd_i[ServerRead].en ->
              (32'(sbuf_beat_rd_i[ServerRead].addr) & (DmaWords - 1)) == 0, "misaligned")
  `TSR_ASSERT(WriteServerAligned_A, sbuf_beat_rd_i[ServerWrite].en ->
              (32'(sbuf_beat_rd_i[ServerWrite].addr) & (DmaWords - 1)) == 0, "misaligned")
  `TSR_ASSERT(BeatWriteAligned_A, sbuf_beat_wr_i.en ->
              (32'(sbuf_beat_wr_i.addr) & (DmaWords - 1)) == 0, "misaligned")
  `TSR_ASSERT(ActRows_A, sbuf_row_wr_i[LaneAct].en ->
              32'(sbuf_row_wr_i[LaneAct].part) + 32'(sbuf_row_wr_i[LaneAct].count) <= P, "ACT rows")
  `TSR_ASSERT(DveRows_A, sbuf_row_wr_i[LaneDve].en ->
              32'(sbuf_row_wr_i[LaneDve].part) + 32'(sbuf_row_wr_i[LaneDve].count) <= P, "DVE rows")
endmodule
