// SPDX-License-Identifier: Apache-2.0
/// Types that the parts of the DMA initiator share.
package tsr_dma_pkg;
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;

  // descriptors of one queue between first read and commit
  localparam int unsigned NumCtx = 4;
  localparam int unsigned CtxW = $clog2(NumCtx);
  localparam int unsigned DescBufs = 2;            // descriptors fetched ahead per queue
  localparam int unsigned DescBeats = (DescBytes + DmaBytes - 1) / DmaBytes;
  localparam int unsigned SlotW = $clog2(NumSlots);
  localparam int unsigned QueueW = (NumQueues > 1) ? $clog2(NumQueues) : 1;
  localparam int unsigned SegBeatW = (SegBeats > 1) ? $clog2(SegBeats) : 1;
  localparam int unsigned BeatShift = $clog2(DmaBytes);

  /// Conversion between the dense source data in a slot and the dense destination data of its write
  /// packet.
  typedef enum logic [1:0] {
    CastNone   = 2'd0,
    CastNarrow = 2'd1,                             // 32 to 16 bits: two source beats make one
    CastWiden  = 2'd2,                             // 16 to 32 bits: one source beat makes two
    CastEven   = 2'd3                              // to another type of as many bits
  } cast_e;

  /// One segment as the walker cuts it.
  typedef struct packed {
    logic [39:0] src_addr;
    logic [39:0] dst_addr;
    logic [10:0] src_len;                          // bytes
    logic [10:0] dst_len;                          // bytes
    logic        first;                            // of its descriptor
    logic        last;                             // of its descriptor
  } seg_t;

  /// One write packet offered to the writer.
  typedef struct packed {
    hdr_t             hdr;
    cast_e            cast;
    dtype_code_t      src_dtype;                   // the destination's is hdr.dtype
    logic [SlotW-1:0] slot;                        // of its data
    logic            first;
    logic            last;
    logic [CtxW-1:0] ctx;
  } send_t;

  function automatic cast_e cast_of(input dtype_code_t src, input dtype_code_t dst);
    if (src == dst) cast_of = CastNone;
    else if (dtype_shift(src) == dtype_shift(dst)) cast_of = CastEven;
    else cast_of = (dtype_shift(src) > dtype_shift(dst)) ? CastNarrow : CastWiden;
  endfunction
endpackage
