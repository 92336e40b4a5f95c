// SPDX-License-Identifier: Apache-2.0
/// Widths and small pure functions that every block shares. Sizes come from `tsr_cfg_pkg`.
package tsr_types_pkg;
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;

  localparam int unsigned PartW = $clog2(P);
  localparam int unsigned PartShift = PartitionShift;
  localparam int unsigned SbufWords = SbufBytes / 4;
  localparam int unsigned SbufAw = $clog2(SbufWords);   // 32-bit word address in a partition
  localparam int unsigned PsumBytes = PsumBanks * PsumBankBytes;
  localparam int unsigned PsumWords = PsumBytes / 4;
  localparam int unsigned PsumAw = $clog2(PsumWords);
  // one beat: AXI data, SBUF and PSUM access of the DMA side
  localparam int unsigned DmaBits = DmaBytes * 8;
  localparam int unsigned DmaWords = DmaBytes / 4;
  localparam int unsigned LinkBits = LinkBytes * 8;
  localparam int unsigned SegBeats = SegBytes / DmaBytes;
  localparam int unsigned AddrW = AddressBits;
  localparam int unsigned InstrBytes = InstrBits / 8;
  localparam int unsigned DescBytes = DescBits / 8;

  /// Requesters in hdr_t.id[7:4]; 0 .. NumQueues-1 are DMA data slots of that queue.
  localparam logic [3:0] ReqDesc = 4'd8;           // descriptor fetch, id[3:0] = queue
  localparam logic [3:0] ReqFetch = 4'd9;          // instruction fetch, id[3:0] = engine
  localparam logic [3:0] ReqSem = 4'd10;           // remote semaphore update of an engine or queue

  // begin generated: structs (isa/boundary.json, scripts/gen_boundary.py --write)
  /// One retired instruction or descriptor.
  typedef struct packed {
    logic [31:0] checksum;  // of what it wrote
    logic [47:0] end_cycle;  // cycle in which the last of it was committed
    logic [47:0] start_cycle;  // cycle in which it was issued
    logic [15:0] tag;  // that of the instruction or descriptor
    logic [7:0]  opcode;  // of the instruction; of a descriptor 80h + op
  } rec_t;
  localparam int unsigned RecBits = $bits(rec_t);

  /// An update of a semaphore.
  typedef struct packed {
    logic [7:0]  x;  // tile column
    logic [7:0]  y;  // tile row
    logic        remote;  // 1: of tile (x, y)
    logic [31:0] value;  // operand
    logic [2:0]  op;  // code of `update`
    logic [7:0]  sem;  // number of the semaphore
  } sem_upd_t;
  // end generated

  /// Start-partition rule of the NeuronCore, scaled: more than P/2 partitions start at 0, more than
  /// P/4 at 0 or P/2, fewer at a multiple of P/4 (rule M1 of docs/machine.md).
  function automatic logic part_legal(input logic [7:0] start, input logic [7:0] count);
    logic [8:0] last;
    last = {1'b0, start} + {1'b0, count};
    part_legal = (count != 8'd0) && (last <= 9'(P)) &&
        ((count > 8'(P / 2)) ? (start == 8'd0) :
         (count > 8'(P / 4)) ? ((start & 8'(P / 2 - 1)) == 8'd0) :
                               ((start & 8'(P / 4 - 1)) == 8'd0));
  endfunction

  /// Bits of a word whose bytes are written.
  function automatic logic [31:0] strb_mask(input logic [3:0] strb);
    strb_mask = {{8{strb[3]}}, {8{strb[2]}}, {8{strb[1]}}, {8{strb[0]}}};
  endfunction

  /// A dimension whose count field is 0 has one element.
  function automatic logic [15:0] dim(input logic [15:0] num);
    dim = (num == 16'd0) ? 16'd1 : num;
  endfunction

  /// Elements per partition of an operand, saturated to CountLimit (every limit is far below).
  /* verilator lint_off UNUSEDSIGNAL */            // only the counts matter here
  function automatic logic [20:0] ap_count(input operand_t o);
  /* verilator lint_on UNUSEDSIGNAL */
    logic [63:0] n;
    n = 64'(dim(o.num0)) * 64'(dim(o.num1));
    n = n * 64'(dim(o.num2));
    n = (n > 64'(CountLimit)) ? 64'(CountLimit) : n;
    n = n * 64'(dim(o.num3));
    ap_count = (n > 64'(CountLimit)) ? 21'(CountLimit) : n[20:0];
  endfunction

  /// Elements between the first element and the furthest one, towards higher (up = 1) or lower
  /// addresses.
  /* verilator lint_off UNUSEDSIGNAL */            // only steps and counts matter here
  function automatic logic signed [35:0] ap_reach(input operand_t o, input logic up);
  /* verilator lint_on UNUSEDSIGNAL */
    logic signed [35:0] d0, d1, d2, d3, s;
    d0 = 36'($signed(o.step0)) * 36'($signed({1'b0, dim(o.num0) - 16'd1}));
    d1 = 36'($signed(o.step1)) * 36'($signed({1'b0, dim(o.num1) - 16'd1}));
    d2 = 36'($signed(o.step2)) * 36'($signed({1'b0, dim(o.num2) - 16'd1}));
    d3 = 36'($signed(o.step3)) * 36'($signed({1'b0, dim(o.num3) - 16'd1}));
    s = 36'sd0;
    if ((d0 > 0) == up) s = s + d0;
    if ((d1 > 0) == up) s = s + d1;
    if ((d2 > 0) == up) s = s + d2;
    if ((d3 > 0) == up) s = s + d3;
    ap_reach = s;
  endfunction

  /// Error code of one SBUF or PSUM operand with `count` partitions, ErrOk when it may be accessed.
  function automatic err_code_t operand_err(input operand_t o, input logic [7:0] count);
    logic signed [40:0] lo, hi, limit, first;
    logic [1:0] shift;
    shift = dtype_shift(o.dtype);
    first = 41'($signed({1'b0, o.offset}));
    lo = first + (41'(ap_reach(o, 1'b0)) <<< shift);
    hi = first + (41'(ap_reach(o, 1'b1)) <<< shift) + (41'sd1 <<< shift);
    limit = (o.space == SpaceSbuf) ? 41'(SbufBytes) : 41'(PsumBytes);
    if (!tile_space(o.space)) operand_err = ErrSpace;
    else if (!tile_type(o.dtype)) operand_err = ErrDtype;
    else if (!part_legal(o.start_part, count)) operand_err = ErrPartition;
    else if (lo < 0 || hi > limit) operand_err = ErrAddress;
    else if ((o.offset[1:0] & 2'((3'd1 << shift) - 3'd1)) != 2'd0) operand_err = ErrAddress;
    else operand_err = ErrOk;
  endfunction
endpackage
