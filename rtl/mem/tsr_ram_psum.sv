// SPDX-License-Identifier: Apache-2.0
/// PSUM storage: `Words` rows of P 32-bit lanes, the row address outermost so that a row access is
/// one contiguous copy in simulation. The place to put memory macros: P partitions, each of
/// DmaWords interleaved word banks.
///
/// The PE port reads, modifies and writes one word per lane and cycle, each lane at its own
/// address: `pe_data_i` replaces the word, or is added to it (FP32, round to nearest even) where
/// `pe_acc_i` is 1.
/// Latency: data one cycle after the enable, held until the next read of that port; `pe_sum_o` one
/// cycle after the enables, 0 in lanes that did not write. A read in the cycle of a write of the
/// same word returns the old word. Writes of one cycle to the same byte: a beat wins over DVE, DVE
/// over ACT, ACT over PE. Contents and read data are not reset.
module tsr_ram_psum
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_fp_pkg::*;
#(
  parameter int unsigned Words = PsumWords,
  parameter int unsigned Aw = PsumAw
) (
  input  logic               clk_i,
  // PE: one word per lane
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
  logic unused_addr;                               // an address may be wider than this memory
  assign unused_addr = ^{psum_row_rd_i[LaneAct], psum_row_rd_i[LaneDve], psum_row_wr_i[LaneAct],
                         psum_row_wr_i[LaneDve],
                         psum_beat_rd_i[ServerRead], psum_beat_rd_i[ServerWrite], psum_beat_wr_i};

  logic [31:0] mem [Words][P];

  // Reads stand before writes: they return the contents before this edge. The memory is private to
  // this block, so the blocking writes (fast in simulation: no copy of the array) cannot race.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    logic [31:0]        row [P];
    logic [DmaBits-1:0] beat;
    logic [31:0]        mask;
    if (psum_row_rd_i[LaneAct].en) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[psum_row_rd_i[LaneAct].addr[Aw-1:0]][p];
      act_psum_row_o <= row;
    end
    if (psum_row_rd_i[LaneDve].en) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[psum_row_rd_i[LaneDve].addr[Aw-1:0]][p];
      dve_psum_row_o <= row;
    end
    if (psum_beat_rd_i[ServerRead].en) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        beat[32*w +: 32] =
          mem[psum_beat_rd_i[ServerRead].addr[Aw-1:0] | Aw'(w)][psum_beat_rd_i[ServerRead].part];
      end
      psum_beat_rd_data_o[ServerRead] <= beat;
    end
    if (psum_beat_rd_i[ServerWrite].en) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        beat[32*w +: 32] =
          mem[psum_beat_rd_i[ServerWrite].addr[Aw-1:0] | Aw'(w)][psum_beat_rd_i[ServerWrite].part];
      end
      psum_beat_rd_data_o[ServerWrite] <= beat;
    end

    // Gather, add and scatter stand apart: the addition is a vector loop in simulation.
    if (pe_en_i != '0) begin
      logic [31:0] old [P];
      logic [31:0] t;
      if ((pe_en_i & pe_acc_i) != '0) begin
        for (int unsigned p = 0; p < P; p++) old[p] = mem[pe_addr_i[p][Aw-1:0]][p];
        for (int unsigned p = 0; p < P; p++) begin
          row[p] = fp32_add(old[p], pe_data_i[p]);
        end
        for (int unsigned p = 0; p < P; p++) begin
          t = pe_acc_i[p] ? row[p] : pe_data_i[p];
          row[p] = pe_en_i[p] ? t : 32'd0;
        end
      end else begin
        for (int unsigned p = 0; p < P; p++) row[p] = pe_en_i[p] ? pe_data_i[p] : 32'd0;
      end
      for (int unsigned p = 0; p < P; p++) begin
        if (pe_en_i[p]) mem[pe_addr_i[p][Aw-1:0]][p] = row[p];
      end
      pe_sum_o <= row;
    end
    if (psum_row_wr_i[LaneAct].en) begin
      for (int unsigned p = 0; p < P; p++) begin
        mask = ((p - 32'(psum_row_wr_i[LaneAct].part)) < 32'(psum_row_wr_i[LaneAct].count)) ?
               strb_mask(psum_row_wr_i[LaneAct].strb) : 32'd0;
        mem[psum_row_wr_i[LaneAct].addr[Aw-1:0]][p] =
            (mem[psum_row_wr_i[LaneAct].addr[Aw-1:0]][p] & ~mask) | (act_wr_row_i[p] & mask);
      end
    end
    if (psum_row_wr_i[LaneDve].en) begin
      for (int unsigned p = 0; p < P; p++) begin
        mask = ((p - 32'(psum_row_wr_i[LaneDve].part)) < 32'(psum_row_wr_i[LaneDve].count)) ?
               strb_mask(psum_row_wr_i[LaneDve].strb) : 32'd0;
        mem[psum_row_wr_i[LaneDve].addr[Aw-1:0]][p] =
            (mem[psum_row_wr_i[LaneDve].addr[Aw-1:0]][p] & ~mask) | (dve_wr_row_i[p] & mask);
      end
    end
    if (psum_beat_wr_i.en) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        mask = strb_mask(psum_beat_wr_i.strb[4*w +: 4]);
        mem[psum_beat_wr_i.addr[Aw-1:0] | Aw'(w)][psum_beat_wr_i.part] =
            (mem[psum_beat_wr_i.addr[Aw-1:0] | Aw'(w)][psum_beat_wr_i.part] & ~mask) |
            (psum_beat_wr_i.data[32*w +: 32] & mask);
      end
    end
  end
  /* verilator lint_on BLKSEQ */
endmodule
