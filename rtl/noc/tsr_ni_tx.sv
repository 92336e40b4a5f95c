// SPDX-License-Identifier: Apache-2.0
/// Sending half of one message class: buffers whole packets and cuts them into flits.
///
/// Latency from the taken last beat to `flit_valid_o` of the first flit: 1 cycle (2 for a packet of
/// one beat). One flit per cycle, also across packets; a beat per cycle is taken while the buffer
/// has room for two of the longest packets.
/// A packet of up to SegBytes is the header in ceil(128 / LinkBits) flits, low part first, then
/// ceil(len * 8 / LinkBits) flits of payload (WR_REQ and RD_RSP only). `flit_*` are decoded from
/// registers and hold until taken.
`include "tsr_assert.svh"
module tsr_ni_tx
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_topology_pkg::*;
(
  input  logic  clk_i,
  input  logic  rst_ni,
  // Packets
  input  logic  in_valid_i,
  output logic  in_ready_o,
  input  pkt_t  in_i,
  // Flits
  output logic  flit_valid_o,
  input  logic  flit_take_i,
  output link_t flit_o,
  output logic  quiet_o
);
  localparam int unsigned FlitW = LinkBits;        // a power of two, smaller or larger than BeatW
  localparam int unsigned BeatW = DmaBits;
  localparam int unsigned WordW = (FlitW > BeatW) ? FlitW : BeatW;  // what the buffer holds
  localparam int unsigned Gather = WordW / BeatW;                        // beats per word
  localparam int unsigned Ratio = WordW / FlitW;                         // flits per word
  localparam int unsigned SubW = (Ratio > 1) ? $clog2(Ratio) : 1;
  localparam int unsigned HdrFlits = (HdrBits + FlitW - 1) / FlitW;
  localparam int unsigned PosW = (HdrFlits > 1) ? $clog2(HdrFlits) : 1;
  localparam int unsigned SegWords = SegBytes * 8 / WordW;
  localparam int unsigned Words = (SegWords < 8) ? 16 : 2 * SegWords;

  // ---- Beats to packets -------------------------------------------------------------------------
  logic             put_valid, put_ready, put_last, gather_quiet;
  logic [WordW-1:0] put_word;
  if (Gather > 1) begin : gen_gather
    localparam int unsigned AtW = $clog2(Gather);
    logic [AtW-1:0]   at_q;
    logic [WordW-1:0] acc_q;
    logic             take;
    assign take = in_valid_i && put_ready;
    assign put_valid = in_valid_i && (in_i.last || at_q == AtW'(Gather - 1));
    always_comb begin
      put_word = (at_q == '0) ? '0 : acc_q;
      put_word[at_q*BeatW +: BeatW] = in_i.data;
    end
    always_ff @(posedge clk_i) begin
      if (!rst_ni) at_q <= '0;
      else if (take) at_q <= in_i.last ? '0 : at_q + AtW'(1);
    end
    always_ff @(posedge clk_i) begin
      if (take) acc_q <= put_word;
    end
    assign gather_quiet = !take;
  end else begin : gen_direct
    assign put_valid = in_valid_i;
    assign put_word = in_i.data;
    assign gather_quiet = 1'b1;
  end
  assign put_last = in_i.last;
  assign in_ready_o = put_ready;

  logic             word_pop, word_last, unused_room, buf_quiet;
  logic [WordW-1:0] word;
  hdr_t             hdr;
  tsr_pkt_buf #(.Beats(Words), .Pkts(8), .DataW(WordW)) u_buf (
    .clk_i, .rst_ni,
    .whole_i(1'b1), .reserve_i(1'b0), .reserve_beats_i(12'd0), .room_o(unused_room),
    .in_valid_i(put_valid), .in_ready_o(put_ready), .in_hdr_i(in_i.hdr), .in_data_i(put_word),
    .in_last_i(put_last),
    .out_valid_o(flit_valid_o), .out_ready_i(word_pop), .out_hdr_o(hdr), .out_data_o(word),
    .out_last_o(word_last), .quiet_o(buf_quiet)
  );

  // ---- Packets to flits -------------------------------------------------------------------------
  logic                      payload_q;            // the header has been sent
  logic [PosW-1:0]           pos_q;                // header flit
  logic [SubW-1:0]           sub_q;                // payload flit in its word
  logic [11:0]               left_q;               // payload flits, this one included
  logic [11:0]               flits;
  logic                      hdr_end, word_end, head, tail;
  logic [HdrFlits*FlitW-1:0] hdr_bits;

  assign hdr_bits = (HdrFlits*FlitW)'(hdr);
  assign flits = (hdr.kind == KindWrReq || hdr.kind == KindRdRsp) ?
                 (12'(hdr.len) + 12'(FlitW / 8 - 1)) >> $clog2(FlitW / 8) : '0;
  assign hdr_end = !payload_q && pos_q == PosW'(HdrFlits - 1);
  assign word_end = payload_q && sub_q == SubW'(Ratio - 1);
  assign head = !payload_q && pos_q == '0;
  assign tail = payload_q ? left_q == 12'd1 : (hdr_end && flits == '0);
  assign flit_o = '{
    vc: entry_vc(hdr), head: head, tail: tail,
    data: payload_q ? word[sub_q*FlitW +: FlitW] : hdr_bits[pos_q*FlitW +: FlitW]};
  assign word_pop = flit_take_i && (tail || word_end);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      payload_q <= 1'b0;
      pos_q <= '0;
      sub_q <= '0;
      left_q <= '0;
    end else if (flit_take_i) begin
      if (payload_q) begin
        payload_q <= !tail;
        sub_q <= word_pop ? '0 : sub_q + SubW'(1);
        left_q <= left_q - 12'd1;
      end else begin
        payload_q <= hdr_end && flits != '0;
        pos_q <= hdr_end ? '0 : pos_q + PosW'(1);
        left_q <= flits;
      end
    end
  end

  assign quiet_o = buf_quiet && gather_quiet && !flit_take_i;

  logic unused;
  assign unused = unused_room;

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(PayloadFitsSegment_A, in_valid_i && in_ready_o -> in_i.hdr.len <= 11'(SegBytes),
              "packet too long")
  `TSR_ASSERT(LastBeatMatchesLength_A, word_pop -> word_last == tail, "beats and len differ")
  `TSR_ASSERT(TakeOnlyValid_A, flit_take_i -> flit_valid_o)
endmodule
