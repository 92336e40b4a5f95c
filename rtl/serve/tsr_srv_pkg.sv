// SPDX-License-Identifier: Apache-2.0
/// Checks and small computations that the memory servers share.
package tsr_srv_pkg;
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_fp_pkg::*;

  localparam int unsigned BeatShift = $clog2(DmaBytes);
  localparam int unsigned SegShift = $clog2(SegBytes);
  localparam int unsigned LenMax = 2047;           // largest value of hdr_t.len
  localparam int unsigned LenBeats = (LenMax + DmaBytes) / DmaBytes;

  // ---- Between the servers and the HBM port -----------------------------------------------------
  typedef struct packed {
    logic [7:0]  len;                              // beats less one
    logic [39:0] addr;                             // aligned to the beat
  } hbm_read_t;

  typedef struct packed {
    logic               err;
    logic               last;
    logic [DmaBits-1:0] data;
  } hbm_beat_t;

  typedef struct packed {
    logic                first;                    // of a packet: addr and len count
    logic                last;
    logic                rmw;                      // result of an add or max: AXI id 1, else 0
    logic [7:0]          len;                      // beats less one
    logic [39:0]         addr;                     // aligned to the beat
    logic [DmaBytes-1:0] strb;
    logic [DmaBits-1:0]  data;
  } hbm_write_t;

  typedef struct packed {
    logic rmw;
    logic err;
  } hbm_done_t;                                    // a write is committed

  /// Beats of the dense payload; 1 when there is none.
  function automatic logic [11:0] dense_beats(input logic [10:0] len);
    logic [11:0] n;
    n = (12'(len) + 12'(DmaBytes - 1)) >> BeatShift;
    dense_beats = (n == 12'd0) ? 12'd1 : n;
  endfunction

  /// Aligned beats of memory that hold `len` bytes from byte `offset` of the first one.
  function automatic logic [11:0] memory_beats(input logic [BeatShift-1:0] offset,
                                               input logic [10:0] len);
    memory_beats = (12'(offset) + 12'(len) + 12'(DmaBytes - 1)) >> BeatShift;
  endfunction

  /// `len` bytes from `addr` leave their memory or cross a segment boundary.
  function automatic logic range_bad(input logic [1:0] space, input logic [39:0] addr,
                                     input logic [10:0] len);
    logic [40:0] last, limit;
    logic        part;
    part = (space == SpaceSbuf) || (space == SpacePsum);
    limit = (space == SpaceSbuf) ? 41'(SbufBytes) : (space == SpacePsum) ? 41'(PsumBytes) :
            41'(HbmBytes);
    last = (part ? 41'(addr[PartShift-1:0]) : 41'(addr)) + 41'(len);
    range_bad = (last > limit) || (part && (addr >> PartShift) >= 40'(P)) || (len == 11'd0) ||
                (13'(addr[SegShift-1:0]) + 13'(len) > 13'(SegBytes));
  endfunction

  /// Registers are accessed by 4 bytes.
  function automatic logic reg_bad(input logic [39:0] addr, input logic [10:0] len);
    reg_bad = (len != 11'd4) || ((addr & 40'hff_ffff_0003) != 40'd0);
  endfunction

  function automatic err_code_t read_err(input logic [1:0] space, input logic [39:0] addr,
                                         input logic [10:0] len);
    if (space == SpaceReg) read_err = reg_bad(addr, len) ? ErrRegister : ErrOk;
    else read_err = range_bad(space, addr, len) ? ErrAddress : ErrOk;
  endfunction

  function automatic err_code_t write_err(input logic [1:0] space, input logic [39:0] addr,
                                          input logic [10:0] len,
                                          input dma_op_code_t op, input dtype_code_t dtype);
    logic [1:0] low;                               // address and length bits that must be 0
    low = (op == DmaOpWrite) ? 2'd0 : 2'((3'd1 << dtype_shift(dtype)) - 3'd1);
    if (!dma_op_known(op)) write_err = ErrField;
    else if (space == SpaceReg)
      write_err = (op != DmaOpWrite) ? ErrSpace : reg_bad(addr, len) ? ErrRegister : ErrOk;
    else if (op != DmaOpWrite && !accumulate_type(dtype)) write_err = ErrDtype;
    else if (range_bad(space, addr, len) || ((addr[1:0] | len[1:0]) & low) != 2'd0)
      write_err = ErrAddress;
    else write_err = ErrOk;
  endfunction

  /// Response to request `h`: goes back to its sender.
  function automatic hdr_t response(input hdr_t h, input logic [1:0] kind, input err_code_t err);
    response = h;
    response.kind = kind;
    response.err = err;
    response.dst_x = h.src_x;
    response.dst_y = h.src_y;
    response.src_x = h.dst_x;
    response.src_y = h.dst_y;
  endfunction

  /// Strobes of one aligned beat; `offset` counts on the first beat, `final_byte` on the last one.
  function automatic logic [DmaBytes-1:0] edge_strobes(input logic first, input logic last,
      input logic [BeatShift-1:0] offset, input logic [BeatShift-1:0] final_byte);
    logic [DmaBytes-1:0] low, high;
    low = first ? ({DmaBytes{1'b1}} << offset) : {DmaBytes{1'b1}};
    high = last ? ~({{DmaBytes-1{1'b1}}, 1'b0} << final_byte) : {DmaBytes{1'b1}};
    edge_strobes = low & high;
  endfunction

  /// One element of an add or max: d in memory, s sent, in the low bits. In a model one function,
  /// not a copy at each call.
  function automatic logic [31:0] accumulate_element(input dma_op_code_t op,
                                                     input dtype_code_t dtype,
                                                     input logic [31:0] d, input logic [31:0] s);
    // verilator no_inline_task
    logic [31:0] dv, sv;
    dv = fp_unpack(dtype, d);
    sv = fp_unpack(dtype, s);
    accumulate_element = fp_pack(dtype, (op == DmaOpMax) ? fp32_max(dv, sv) : fp32_add(dv, sv));
  endfunction

  /// One 32-bit word of it: one element, or two of 16 bits.
  function automatic logic [31:0] accumulate(input dma_op_code_t op, input dtype_code_t dtype,
                                             input logic [31:0] d,
                                             input logic [31:0] s);
    accumulate = accumulate_element(op, dtype, d, s);
    if (dtype_shift(dtype) == 2'd1) begin
      accumulate = (accumulate_element(op, dtype, d >> 16, s >> 16) << 16) |
                   (accumulate & 32'h0000ffff);
    end
  endfunction

  /// One beat of an add or max.
  function automatic logic [DmaBits-1:0] accumulate_beat(input dma_op_code_t op,
                                                         input dtype_code_t dtype,
      input logic [DmaBits-1:0] d, input logic [DmaBits-1:0] s);
    for (int unsigned w = 0; w < DmaWords; w++) begin
      accumulate_beat[32*w+:32] = accumulate(op, dtype, d[32*w+:32], s[32*w+:32]);
    end
  endfunction
endpackage
