// SPDX-License-Identifier: Apache-2.0
/// SBUF storage: `Words` rows of P 32-bit lanes, the row address outermost so that a row access is
/// one contiguous copy in simulation. The place to put memory macros: P partitions, each of
/// DmaWords interleaved word banks.
///
/// Latency: data one cycle after the enable, held until the next read of that port. A read in the
/// cycle of a write of the same word returns the old word. Writes of one cycle to the same byte: a
/// beat wins over DVE, DVE over ACT. Rows outside the memory must not be addressed. Contents and
/// read data are not reset.
module tsr_ram_sbuf
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter int unsigned Words = SbufWords,
  parameter int unsigned Aw = SbufAw
) (
  input  logic               clk_i,
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
  logic unused_addr;                               // an address may be wider than this memory
  assign unused_addr = ^{pe_moving_rd_i, pe_weight_rd_i, sbuf_row_rd_i[LaneAct],
                         sbuf_row_rd_i[LaneDve], sbuf_row_wr_i[LaneAct], sbuf_row_wr_i[LaneDve],
                         sbuf_beat_rd_i[ServerRead], sbuf_beat_rd_i[ServerWrite], sbuf_beat_wr_i};

  logic [31:0] mem [Words][P];

  // Reads stand before writes: they return the contents before this edge. The memory is private to
  // this block, so the blocking writes (fast in simulation: no copy of the array) cannot race.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    logic [31:0]        row [P];
    logic [DmaBits-1:0] beat;
    logic [31:0]        mask;
    if (pe_moving_rd_i.en) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[pe_moving_rd_i.addr[Aw-1:0]][p];
      pe_moving_row_o <= row;
    end
    if (pe_weight_rd_i.en) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[pe_weight_rd_i.addr[Aw-1:0]][p];
      pe_weight_lo_o <= row;
      for (int unsigned p = 0; p < P; p++) row[p] = mem[pe_weight_rd_i.addr[Aw-1:0] | Aw'(1)][p];
      pe_weight_hi_o <= row;
    end
    if (sbuf_row_rd_i[LaneAct].en) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[sbuf_row_rd_i[LaneAct].addr[Aw-1:0]][p];
      act_sbuf_row_o <= row;
    end
    if (sbuf_row_rd_i[LaneDve].en) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[sbuf_row_rd_i[LaneDve].addr[Aw-1:0]][p];
      dve_sbuf_row_o <= row;
    end
    if (sbuf_beat_rd_i[ServerRead].en) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        beat[32*w +: 32] =
          mem[sbuf_beat_rd_i[ServerRead].addr[Aw-1:0] | Aw'(w)][sbuf_beat_rd_i[ServerRead].part];
      end
      sbuf_beat_rd_data_o[ServerRead] <= beat;
    end
    if (sbuf_beat_rd_i[ServerWrite].en) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        beat[32*w +: 32] =
          mem[sbuf_beat_rd_i[ServerWrite].addr[Aw-1:0] | Aw'(w)][sbuf_beat_rd_i[ServerWrite].part];
      end
      sbuf_beat_rd_data_o[ServerWrite] <= beat;
    end

    if (sbuf_row_wr_i[LaneAct].en) begin
      for (int unsigned p = 0; p < P; p++) begin
        mask = ((p - 32'(sbuf_row_wr_i[LaneAct].part)) < 32'(sbuf_row_wr_i[LaneAct].count)) ?
               strb_mask(sbuf_row_wr_i[LaneAct].strb) : 32'd0;
        mem[sbuf_row_wr_i[LaneAct].addr[Aw-1:0]][p] =
            (mem[sbuf_row_wr_i[LaneAct].addr[Aw-1:0]][p] & ~mask) | (act_wr_row_i[p] & mask);
      end
    end
    if (sbuf_row_wr_i[LaneDve].en) begin
      for (int unsigned p = 0; p < P; p++) begin
        mask = ((p - 32'(sbuf_row_wr_i[LaneDve].part)) < 32'(sbuf_row_wr_i[LaneDve].count)) ?
               strb_mask(sbuf_row_wr_i[LaneDve].strb) : 32'd0;
        mem[sbuf_row_wr_i[LaneDve].addr[Aw-1:0]][p] =
            (mem[sbuf_row_wr_i[LaneDve].addr[Aw-1:0]][p] & ~mask) | (dve_wr_row_i[p] & mask);
      end
    end
    if (sbuf_beat_wr_i.en) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        mask = strb_mask(sbuf_beat_wr_i.strb[4*w +: 4]);
        mem[sbuf_beat_wr_i.addr[Aw-1:0] | Aw'(w)][sbuf_beat_wr_i.part] =
            (mem[sbuf_beat_wr_i.addr[Aw-1:0] | Aw'(w)][sbuf_beat_wr_i.part] & ~mask) |
            (sbuf_beat_wr_i.data[32*w +: 32] & mask);
      end
    end
  end
  /* verilator lint_on BLKSEQ */
endmodule
