// SPDX-License-Identifier: Apache-2.0
/// Writes, adds and maxima into one on-chip memory (SBUF or PSUM).
///
/// One aligned beat per cycle, back to back over packets: aligner and beat register (S1, read for
/// add and max), memory data (S2), result (S3, write). Latency from the last payload beat to the
/// write 3 cycles, to the acknowledgement 4. A beat of an add or max waits in S1 while the same
/// beat of memory is in S2 or S3.
/// Order: as received. A refused packet (err in the header) is swallowed and acknowledged in its
/// turn.
`include "tsr_assert.svh"
module tsr_wr_mem
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
#(
  parameter int unsigned Aw = 12                   // word address bits of the memory
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Packets; err of the header is the outcome of the checks
  input  logic               in_valid_i,
  output logic               in_ready_o,
  // the present beat is half done: its packet must stay
  output logic               in_hold_o,
  input  pkt_t               in_i,
  input  logic               in_remote_i,
  // Memory
  output beat_rd_t           beat_rd_o,
  input  logic [DmaBits-1:0] beat_rd_data_i,
  output beat_wr_t           beat_wr_o,
  // Acknowledgements
  output logic               ack_valid_o,
  input  logic               ack_ready_i,
  output hdr_t               ack_o,
  output logic               ack_remote_o,
  output logic               quiet_o
);
  localparam int unsigned BeatAw = Aw + 2 - BeatShift;   // beat address bits

  // ---- Alignment --------------------------------------------------------------------------------
  logic [BeatShift-1:0] offset, final_byte;
  logic                 al_valid, al_ready, al_first, al_last, al_quiet;
  logic [DmaBits-1:0]   al_data;
  logic [BeatAw-1:0]    index_q;                   // beat of the packet

  assign offset = in_i.hdr.addr[BeatShift-1:0];
  assign final_byte = offset + BeatShift'(in_i.hdr.len - 11'd1);
  tsr_align u_align (
    .clk_i, .rst_ni,
    .shift_i     ((BeatShift + 1)'(DmaBytes) - {1'b0, offset}),
    .skip_i      (1'b0),
    .extra_i     (memory_beats(offset, in_i.hdr.len) > dense_beats(in_i.hdr.len)),
    .in_valid_i, .in_ready_o,
    .in_data_i   (in_i.data),
    .in_last_i   (in_i.last),
    .out_valid_o (al_valid),
    .out_ready_i (al_ready),
    .out_data_o  (al_data),
    .out_first_o (al_first),
    .out_last_o  (al_last),
    .quiet_o     (al_quiet)
  );

  // ---- Pipeline ---------------------------------------------------------------------------------
  typedef struct packed {
    logic              last;
    logic              remote;
    logic              refused;
    logic              rmw;
    logic [PartW-1:0]  part;
    logic [BeatAw-1:0] beat;
  } meta_t;

  logic                s1_valid_q, s2_valid_q, s3_valid_q, go, hazard, s1_free, s1_move;
  meta_t               s1_q, s2_q, s3_q;
  hdr_t                s1_hdr_q, s2_hdr_q, s3_hdr_q;
  logic [DmaBits-1:0]  s1_data_q, s2_data_q, s3_data_q;
  logic [DmaBytes-1:0] s1_strb_q, s2_strb_q, s3_strb_q;
  logic                ack_free, ack_push, ack_quiet;
  logic [2:0]          unused_count;

  assign go = !s3_valid_q || !s3_q.last || ack_free;
  assign hazard = s1_q.rmw && ((s2_valid_q && s2_q.part == s1_q.part && s2_q.beat == s1_q.beat) ||
                               (s3_valid_q && s3_q.part == s1_q.part && s3_q.beat == s1_q.beat));
  assign s1_move = s1_valid_q && go && !hazard;
  assign s1_free = !s1_valid_q || s1_move;
  assign al_ready = s1_free;
  assign in_hold_o = al_valid && al_ready && !in_ready_o;

  assign beat_rd_o = '{en: s1_move && s1_q.rmw, part: s1_q.part,
                       addr: RowAw'({s1_q.beat, {(BeatShift - 2){1'b0}}})};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      s2_valid_q <= 1'b0;
      s3_valid_q <= 1'b0;
      index_q <= '0;
    end else begin
      if (s1_free) s1_valid_q <= al_valid;
      if (al_valid && s1_free) index_q <= al_last ? '0 : index_q + BeatAw'(1);
      if (go) begin
        s2_valid_q <= s1_move;
        s3_valid_q <= s2_valid_q;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (al_valid && s1_free) begin
      s1_q.last <= al_last;
      s1_q.remote <= in_remote_i;
      s1_q.refused <= (in_i.hdr.err != ErrOk);
      s1_q.rmw <= (in_i.hdr.op != DmaOpWrite) && (in_i.hdr.err == ErrOk);
      s1_q.part <= in_i.hdr.addr[PartShift+:PartW];
      s1_q.beat <= in_i.hdr.addr[BeatShift+:BeatAw] + index_q;
      s1_hdr_q <= in_i.hdr;
      s1_data_q <= al_data;
      s1_strb_q <= edge_strobes(al_first, al_last, offset, final_byte);
    end
    if (s1_move) begin
      s2_q <= s1_q;
      s2_hdr_q <= s1_hdr_q;
      s2_data_q <= s1_data_q;
      s2_strb_q <= s1_strb_q;
    end
    if (go && s2_valid_q) begin
      s3_q <= s2_q;
      s3_hdr_q <= s2_hdr_q;
      s3_strb_q <= s2_strb_q;
      if (s2_q.rmw)
        s3_data_q <= accumulate_beat(s2_hdr_q.op, s2_hdr_q.dtype, beat_rd_data_i, s2_data_q);
      else s3_data_q <= s2_data_q;
    end
  end

  assign beat_wr_o = '{en: s3_valid_q && go && !s3_q.refused, part: s3_q.part,
                       addr: RowAw'({s3_q.beat, {(BeatShift - 2){1'b0}}}),
                       strb: s3_strb_q, data: s3_data_q};

  // ---- Acknowledgement --------------------------------------------------------------------------
  assign ack_push = s3_valid_q && s3_q.last;
  tsr_fifo #(.Width(HdrBits + 1), .Depth(4)) u_ack (
    .clk_i, .rst_ni, .in_valid_i(ack_push), .in_ready_o(ack_free),
    .in_data_i({s3_q.remote, response(s3_hdr_q, KindWrRsp, s3_hdr_q.err)}),
    .out_valid_o(ack_valid_o), .out_ready_i(ack_ready_i), .out_data_o({ack_remote_o, ack_o}),
    .count_o(unused_count),
    .quiet_o(ack_quiet)
  );

  assign quiet_o = al_quiet && ack_quiet && !s1_move && !(go && (s2_valid_q || s3_valid_q));

  logic unused;
  assign unused = s3_q.rmw;

  `TSR_ASSERT(PartitionExists_A, al_valid && in_i.hdr.err == ErrOk ->
              in_i.hdr.addr[39:PartShift] < (40 - PartShift)'(P))
  `TSR_ASSERT(StrobeSet_A, beat_wr_o.en -> s3_strb_q != '0)
endmodule
