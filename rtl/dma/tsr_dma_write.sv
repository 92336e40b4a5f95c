// SPDX-License-Identifier: Apache-2.0
/// Sends the data of complete slots as write packets: round robin over the queues per packet, slot
/// memory, cast, output register, checksum.
///
/// Latency from grant to the first beat on `write_req`: 3 cycles (packet register, memory, output);
/// packets follow each other without a gap, one destination beat per cycle (32 to 16 bits: one
/// source beat per cycle). The whole pipeline stands still while `write_req` is stalled. Bytes of
/// the last beat beyond the payload are zero.
/// The checksum of a descriptor is handed back (`sum_valid_o`) when the last beat of its last
/// packet leaves.
`include "tsr_assert.svh"
module tsr_dma_write
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_dma_pkg::*;
(
  input  logic                              clk_i,
  input  logic                              rst_ni,
  // Complete slots, one offer per queue
  input  logic [NumQueues-1:0]              send_valid_i,
  input  send_t                             send_i [NumQueues],
  output logic [NumQueues-1:0]              send_ready_o,
  // the last beat of a slot is being read
  output logic [NumQueues-1:0]              free_o,
  // Slot memory
  output logic                              ram_en_o,
  output logic [QueueW+SlotW+SegBeatW-1:0]  ram_addr_o,
  input  logic [DmaBits-1:0]                ram_data_i,
  // Write requests
  output logic                              write_req_valid_o,
  input  logic                              write_req_ready_i,
  output pkt_t                              write_req_o,
  // Checksum of a descriptor whose last packet leaves
  output logic [NumQueues-1:0]              sum_valid_o,
  output logic [CtxW-1:0]                   sum_ctx_o,
  output logic [31:0]                       sum_o,
  output logic                              quiet_o
);
  // ---- Grant ------------------------------------------------------------------------------------
  logic [QueueW-1:0]    pick;
  logic [NumQueues-1:0] grant;
  logic                 take, unused_any, unused_quiet;

  tsr_rr_arb #(.N(NumQueues)) u_arb (
    .clk_i, .rst_ni, .req_i(send_valid_i), .ready_i(take), .last_i(1'b1), .valid_o(unused_any),
    .grant_o(grant),
    .index_o(pick), .quiet_o(unused_quiet));
  assign send_ready_o = take ? grant : '0;

  // ---- Packet register and slot memory read -----------------------------------------------------
  logic                pkt_valid_q;
  send_t               pkt_q;
  logic [SegBeatW-1:0] beat_q;
  logic [10:0]         src_end;                    // offset of the last source byte
  logic                beat_last, mem_advance;

  always_comb begin
    unique case (pkt_q.cast)
      CastNarrow: src_end = (pkt_q.hdr.len << 1) - 11'd1;
      CastWiden:  src_end = (pkt_q.hdr.len >> 1) - 11'd1;
      default:    src_end = pkt_q.hdr.len - 11'd1;
    endcase
  end
  assign beat_last = (11'(beat_q) == (src_end >> BeatShift));
  assign take = mem_advance && (!pkt_valid_q || beat_last);
  assign ram_en_o = pkt_valid_q && mem_advance;
  assign ram_addr_o = {pkt_q.hdr.id[4+:QueueW], pkt_q.slot, beat_q};

  always_comb begin
    free_o = '0;
    free_o[pkt_q.hdr.id[4+:QueueW]] = ram_en_o && beat_last;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pkt_valid_q <= 1'b0;
    end else if (mem_advance) begin
      beat_q <= beat_q + SegBeatW'(1);
      if (take) begin
        pkt_valid_q <= |send_valid_i;
        pkt_q <= send_i[pick];
        beat_q <= '0;
      end
    end
  end

  // ---- Memory output and cast -------------------------------------------------------------------
  logic                 mem_valid_q, mem_first_q, mem_last_q, mem_odd_q, high_q, high_wanted, hold,
                        emit, active, advance;
  send_t                mem_q;
  logic [DmaBits/2-1:0] low_q, narrow;
  logic [DmaBits-1:0]   cast_data, out_data_d;
  logic [10:0]          dst_end;                   // offset of the last destination byte

  assign dst_end = mem_q.hdr.len - 11'd1;
  assign high_wanted = !mem_last_q || dst_end[BeatShift];
  assign hold = mem_valid_q && mem_q.cast == CastWiden && !high_q && high_wanted;
  assign emit = mem_valid_q && (mem_q.cast != CastNarrow || mem_last_q || mem_odd_q);
  assign mem_advance = advance && !hold;

  tsr_dma_cast u_cast (
    .cast_i   (mem_q.cast),
    .src_i    (mem_q.src_dtype),
    .dst_i    (mem_q.hdr.dtype),
    .second_i (mem_q.cast == CastNarrow ? mem_odd_q : high_q),
    .beat_i   (ram_data_i),
    .low_i    (low_q),
    .narrow_o (narrow),
    .beat_o   (cast_data)
  );

  logic out_last_d;
  assign out_last_d = mem_last_q && !hold;
  always_comb begin
    out_data_d = cast_data;
    if (emit && out_last_d) begin
      for (int unsigned b = 0; b < DmaBytes; b++) begin
        if (BeatShift'(b) > dst_end[BeatShift-1:0]) out_data_d[8*b+:8] = 8'd0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      mem_valid_q <= 1'b0;
      high_q <= 1'b0;
    end else if (advance) begin
      high_q <= hold;
      if (emit) mem_first_q <= 1'b0;
      if (!hold) begin
        low_q <= narrow;
        mem_valid_q <= pkt_valid_q;
        mem_q <= pkt_q;
        mem_last_q <= beat_last;
        mem_odd_q <= beat_q[0];
        if (beat_q == '0) mem_first_q <= 1'b1;
      end
    end
  end

  // ---- Output register --------------------------------------------------------------------------
  logic                out_valid_q, out_first_q, out_last_q;
  send_t               out_q;
  logic [DmaBits-1:0]  out_data_q;

  // Nothing at all moves while the pipeline is empty.
  assign active = out_valid_q || mem_valid_q || pkt_valid_q || (|send_valid_i);
  assign advance = active && (!out_valid_q || write_req_ready_i);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q <= 1'b0;
    end else if (advance) begin
      out_valid_q <= emit;
      if (emit) begin
        out_q <= mem_q;
        out_data_q <= out_data_d;
        out_last_q <= out_last_d;
        out_first_q <= mem_first_q;
      end
    end
  end
  assign write_req_valid_o = out_valid_q;
  assign write_req_o = '{last: out_last_q, data: out_data_q, hdr: out_q.hdr};

  // ---- Checksum ---------------------------------------------------------------------------------
  // Word n of a descriptor is rotated left by 7 n mod 32: the words of a beat by constants, their
  // XOR by 7 x (index of the beat's first word).
  logic [31:0]       sum_q [NumQueues];
  logic [4:0]        word_q [NumQueues];           // index of the next word, modulo 32
  logic [QueueW-1:0] out_queue;
  logic              sum_start, sent;
  logic [4:0]        word, words, turn;
  logic [31:0]       fold, sum;

  assign sent = out_valid_q && write_req_ready_i;
  assign out_queue = out_q.hdr.id[4+:QueueW];
  assign sum_start = out_first_q && out_q.first;
  assign word = sum_start ? 5'd0 : word_q[out_queue];
  assign words = out_last_q ? 5'((11'(BeatShift'(out_q.hdr.len - 11'd1)) >> 2) + 11'd1) :
                 5'(DmaWords);
  assign turn = 5'(word * 5'd7);

  always_comb begin
    fold = 32'd0;
    sum = 32'd0;
    if (sent) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        fold = fold ^
               ((out_data_q[32*w+:32] << ((7 * w) % 32)) |
                (out_data_q[32*w+:32] >> ((32 - (7 * w) % 32))));
      end
      sum = (sum_start ? 32'd0 : sum_q[out_queue]) ^
            ((fold << turn) | (fold >> (6'd32 - 6'(turn))));
    end
  end

  always_ff @(posedge clk_i) begin
    if (sent) begin
      sum_q[out_queue] <= sum;
      word_q[out_queue] <= word + words;
    end
  end

  always_comb begin
    sum_valid_o = '0;
    sum_valid_o[out_queue] = sent && out_last_q && out_q.last;
  end
  assign sum_ctx_o = out_q.ctx;
  assign sum_o = sum;

  assign quiet_o = !advance;

  logic unused_cast;
  assign unused_cast = ^{out_q.cast, out_q.src_dtype, out_q.slot};

  `TSR_ASSERT(LenInRange_A, pkt_valid_q -> pkt_q.hdr.len != 11'd0 && 32'(pkt_q.hdr.len) <= SegBytes)
endmodule
