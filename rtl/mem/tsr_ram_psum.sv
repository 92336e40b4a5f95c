// SPDX-License-Identifier: Apache-2.0
/// PSUM storage: `Words` rows of P 32-bit lanes, the row address outermost so that a row access is one contiguous copy
/// in simulation. The place to put memory macros: P partitions, each of DmaWords interleaved word banks.
///
/// The PE port reads, modifies and writes one word per lane and cycle, each lane at its own address: `pe_data_i` replaces
/// the word, or is added to it (FP32, round to nearest even) where `pe_acc_i` is 1.
/// Latency: data one cycle after the enable, held until the next read of that port; `pe_sum_o` one cycle after the
/// enables, 0 in lanes that did not write. A read in the cycle of a write of the same word returns the old word.
/// Writes of one cycle to the same byte: DMA wins over DVE, DVE over ACT, ACT over PE. Contents and read data are not reset.
module tsr_ram_psum import tsr_cfg_pkg::*; import tsr_types_pkg::*; import tsr_fp_pkg::*; #(
  parameter int unsigned Words = PsumWords,
  parameter int unsigned Aw = PsumAw
) (
  input  logic                clk_i,
  // PE: one word per lane
  input  logic [P-1:0]        pe_en_i,
  input  logic [31:0]         pe_addr_i [P],
  input  logic [31:0]         pe_data_i [P],
  input  logic [P-1:0]        pe_acc_i,
  output logic [31:0]         pe_sum_o [P],
  // row reads
  input  logic                act_rd_en_i,
  input  logic [Aw-1:0]       act_rd_addr_i,
  output logic [31:0]         act_rd_data_o [P],
  input  logic                dve_rd_en_i,
  input  logic [Aw-1:0]       dve_rd_addr_i,
  output logic [31:0]         dve_rd_data_o [P],
  // row writes
  input  logic                act_wr_en_i,
  input  logic [Aw-1:0]       act_wr_addr_i,
  input  logic [31:0]         act_wr_data_i [P],
  input  logic [3:0]          act_wr_strb_i,
  input  logic [7:0]          act_wr_part_i,
  input  logic [7:0]          act_wr_count_i,
  input  logic                dve_wr_en_i,
  input  logic [Aw-1:0]       dve_wr_addr_i,
  input  logic [31:0]         dve_wr_data_i [P],
  input  logic [3:0]          dve_wr_strb_i,
  input  logic [7:0]          dve_wr_part_i,
  input  logic [7:0]          dve_wr_count_i,
  // aligned beats of one partition
  input  logic                dma_rd_en_i,
  input  logic [PartW-1:0]    dma_rd_part_i,
  input  logic [Aw-1:0]       dma_rd_addr_i,
  output logic [DmaBits-1:0]  dma_rd_data_o,
  input  logic                rmw_rd_en_i,
  input  logic [PartW-1:0]    rmw_rd_part_i,
  input  logic [Aw-1:0]       rmw_rd_addr_i,
  output logic [DmaBits-1:0]  rmw_rd_data_o,
  input  logic                dma_wr_en_i,
  input  logic [PartW-1:0]    dma_wr_part_i,
  input  logic [Aw-1:0]       dma_wr_addr_i,
  input  logic [DmaBits-1:0]  dma_wr_data_i,
  input  logic [DmaBytes-1:0] dma_wr_strb_i
);
  logic [31:0] mem [Words][P];

  // Reads stand before writes: they return the contents before this edge. The memory is private to this block, so
  // the blocking writes (fast in simulation: no copy of the array) cannot race.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    logic [31:0] row [P];
    if (act_rd_en_i) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[act_rd_addr_i][p];
      act_rd_data_o <= row;
    end
    if (dve_rd_en_i) begin
      for (int unsigned p = 0; p < P; p++) row[p] = mem[dve_rd_addr_i][p];
      dve_rd_data_o <= row;
    end
    if (dma_rd_en_i) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        dma_rd_data_o[32*w +: 32] <= mem[dma_rd_addr_i | Aw'(w)][dma_rd_part_i];
      end
    end
    if (rmw_rd_en_i) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        rmw_rd_data_o[32*w +: 32] <= mem[rmw_rd_addr_i | Aw'(w)][rmw_rd_part_i];
      end
    end

    // Gather, add and scatter stand apart: the addition is a vector loop in simulation.
    if (pe_en_i != '0) begin
      logic [31:0] old [P];
      logic [31:0] t;
      if ((pe_en_i & pe_acc_i) != '0) begin
        for (int unsigned p = 0; p < P; p++) old[p] = mem[pe_addr_i[p][Aw-1:0]][p];
        for (int unsigned p = 0; p < P; p++) begin
          row[p] = fp32_add(old[p], pe_data_i[p]);
`ifdef TSR_BUG_PSUM_ACC
          // Seeded fault: opposite signs and a certain pattern in the low bits lose the last place.
          t = old[p] ^ pe_data_i[p];
          row[p] = ((t & 32'h8000003f) == 32'h80000015) ? (row[p] & 32'hfffffffe) : row[p];
`endif
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
    if (act_wr_en_i) begin
      logic [31:0] strb, mask;
      strb = {{8{act_wr_strb_i[3]}}, {8{act_wr_strb_i[2]}}, {8{act_wr_strb_i[1]}}, {8{act_wr_strb_i[0]}}};
      for (int unsigned p = 0; p < P; p++) begin
        mask = ((p - 32'(act_wr_part_i)) < 32'(act_wr_count_i)) ? strb : 32'd0;
        mem[act_wr_addr_i][p] = (mem[act_wr_addr_i][p] & ~mask) | (act_wr_data_i[p] & mask);
      end
    end
    if (dve_wr_en_i) begin
      logic [31:0] strb, mask;
      strb = {{8{dve_wr_strb_i[3]}}, {8{dve_wr_strb_i[2]}}, {8{dve_wr_strb_i[1]}}, {8{dve_wr_strb_i[0]}}};
      for (int unsigned p = 0; p < P; p++) begin
        mask = ((p - 32'(dve_wr_part_i)) < 32'(dve_wr_count_i)) ? strb : 32'd0;
        mem[dve_wr_addr_i][p] = (mem[dve_wr_addr_i][p] & ~mask) | (dve_wr_data_i[p] & mask);
      end
    end
    if (dma_wr_en_i) begin
      logic [31:0] mask;
      for (int unsigned w = 0; w < DmaWords; w++) begin
        mask = {{8{dma_wr_strb_i[4*w+3]}}, {8{dma_wr_strb_i[4*w+2]}}, {8{dma_wr_strb_i[4*w+1]}}, {8{dma_wr_strb_i[4*w]}}};
        mem[dma_wr_addr_i | Aw'(w)][dma_wr_part_i] =
            (mem[dma_wr_addr_i | Aw'(w)][dma_wr_part_i] & ~mask) | (dma_wr_data_i[32*w +: 32] & mask);
      end
    end
  end
  /* verilator lint_on BLKSEQ */
endmodule
