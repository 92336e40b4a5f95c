// SPDX-License-Identifier: Apache-2.0
/// PSUM: accumulators of the PE array, P partitions of 8 banks. The PE port writes or accumulates one word per lane and
/// cycle, every lane at its own address, because column c of the array delivers c cycles after column 0. One row port
/// per engine and direction, two beat read ports and one beat write port for the DMA side; every port is taken in every cycle.
///
/// Latency: read enable to data, 1 cycle, data held until the next read of that port. A write is readable by a read
/// issued in the next cycle; a read in the same cycle returns the old word. Errors: none, requesters check addresses.
module tsr_psum import tsr_cfg_pkg::*; import tsr_types_pkg::*; (
  input  logic                clk_i,
  input  logic                rst_ni,              // only the assertions look at it
  output logic                quiet_o,
  // PE: word address per lane; the words written stand on pe_sum_o one cycle later, 0 in lanes that did not write
  input  logic [P-1:0]        pe_en_i,
  input  logic [31:0]         pe_addr_i [P],
  input  logic [31:0]         pe_data_i [P],
  input  logic [P-1:0]        pe_acc_i,
  output logic [31:0]         pe_sum_o [P],
  // ACT and DVE rows
  input  logic                act_rd_en_i,
  input  logic [PsumAw-1:0]   act_rd_addr_i,
  output logic [31:0]         act_rd_data_o [P],
  input  logic                act_wr_en_i,
  input  logic [PsumAw-1:0]   act_wr_addr_i,
  input  logic [31:0]         act_wr_data_i [P],
  input  logic [3:0]          act_wr_strb_i,
  input  logic [7:0]          act_wr_part_i,
  input  logic [7:0]          act_wr_count_i,
  input  logic                dve_rd_en_i,
  input  logic [PsumAw-1:0]   dve_rd_addr_i,
  output logic [31:0]         dve_rd_data_o [P],
  input  logic                dve_wr_en_i,
  input  logic [PsumAw-1:0]   dve_wr_addr_i,
  input  logic [31:0]         dve_wr_data_i [P],
  input  logic [3:0]          dve_wr_strb_i,
  input  logic [7:0]          dve_wr_part_i,
  input  logic [7:0]          dve_wr_count_i,
  // DMA beats (address multiple of DmaWords)
  input  logic                dma_rd_en_i,
  input  logic [PartW-1:0]    dma_rd_part_i,
  input  logic [PsumAw-1:0]   dma_rd_addr_i,
  output logic [DmaBits-1:0]  dma_rd_data_o,
  input  logic                rmw_rd_en_i,
  input  logic [PartW-1:0]    rmw_rd_part_i,
  input  logic [PsumAw-1:0]   rmw_rd_addr_i,
  output logic [DmaBits-1:0]  rmw_rd_data_o,
  input  logic                dma_wr_en_i,
  input  logic [PartW-1:0]    dma_wr_part_i,
  input  logic [PsumAw-1:0]   dma_wr_addr_i,
  input  logic [DmaBits-1:0]  dma_wr_data_i,
  input  logic [DmaBytes-1:0] dma_wr_strb_i
);
  assign quiet_o = ~((|pe_en_i) | act_rd_en_i | act_wr_en_i | dve_rd_en_i | dve_wr_en_i |
                     dma_rd_en_i | rmw_rd_en_i | dma_wr_en_i);

  tsr_ram_psum u_ram (.*);

`ifndef SYNTHESIS
  // --- Assertions -----------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    DmaReadAligned_A: assert (!rst_ni || !dma_rd_en_i || (dma_rd_addr_i & PsumAw'(DmaWords - 1)) == '0) else $error("misaligned");
    RmwReadAligned_A: assert (!rst_ni || !rmw_rd_en_i || (rmw_rd_addr_i & PsumAw'(DmaWords - 1)) == '0) else $error("misaligned");
    DmaWriteAligned_A: assert (!rst_ni || !dma_wr_en_i || (dma_wr_addr_i & PsumAw'(DmaWords - 1)) == '0) else $error("misaligned");
    ActRows_A: assert (!rst_ni || !act_wr_en_i || 32'(act_wr_part_i) + 32'(act_wr_count_i) <= P) else $error("ACT rows");
    DveRows_A: assert (!rst_ni || !dve_wr_en_i || 32'(dve_wr_part_i) + 32'(dve_wr_count_i) <= P) else $error("DVE rows");
  end
`endif
endmodule
