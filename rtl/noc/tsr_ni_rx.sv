// SPDX-License-Identifier: Apache-2.0
/// Receiving half of one message class: puts the flits of one packet after the other together to
/// beats.
///
/// Latency from the taken flit that completes a beat (or a packet without payload) to
/// `out_valid_o`: 1 cycle. One flit per cycle. `flit_ready_o` is decoded from registers and
/// `out_ready_i`: it refuses only a flit that completes a beat while the output is full. Bytes of
/// the last beat beyond `len` are those of its flit, or of no meaning.
`include "tsr_assert.svh"
module tsr_ni_rx
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic  clk_i,
  input  logic  rst_ni,
  // Flits
  output logic  flit_ready_o,
  input  logic  flit_take_i,                       // implies flit_ready_o
  input  link_t flit_i,                            // `len` says where a packet ends
  // Packets
  output logic  out_valid_o,
  input  logic  out_ready_i,
  output pkt_t  out_o,
  output logic  quiet_o
);
  localparam int unsigned FlitW = LinkBits;
  localparam int unsigned BeatW = DmaBits;
  localparam int unsigned WordW = (FlitW > BeatW) ? FlitW : BeatW;  // the output register
  localparam int unsigned Split = WordW / BeatW;                         // beats per word
  localparam int unsigned Ratio = WordW / FlitW;                         // flits per word
  localparam int unsigned SubW = (Ratio > 1) ? $clog2(Ratio) : 1;
  localparam int unsigned HdrFlits = (HdrBits + FlitW - 1) / FlitW;
  localparam int unsigned PosW = (HdrFlits > 1) ? $clog2(HdrFlits) : 1;

  logic                      payload_q;            // the header is complete
  logic [PosW-1:0]           pos_q;                // header flit
  logic [SubW-1:0]           sub_q;                // payload flit in its word
  logic [11:0]               left_q;               // payload flits, this one included
  logic [HdrFlits*FlitW-1:0] hdr_q, hdr_bits;
  logic [WordW-1:0]          acc_q, word;
  logic                      valid_q, last_q;
  hdr_t                      out_hdr_q;
  logic [WordW-1:0]          out_data_q;

  hdr_t        hdr;                                // with the present flit
  logic [11:0] flits;
  logic        hdr_end, word_end, tail, emit, out_end, out_pop;
  always_comb begin
    hdr_bits = hdr_q;
    if (!payload_q) hdr_bits[pos_q*FlitW +: FlitW] = flit_i.data;
    word = acc_q;
    word[sub_q*FlitW +: FlitW] = flit_i.data;
  end
  assign hdr = hdr_bits[HdrBits-1:0];
  assign flits = (hdr.kind == KindWrReq || hdr.kind == KindRdRsp) ?
                 (12'(hdr.len) + 12'(FlitW / 8 - 1)) >> $clog2(FlitW / 8) : '0;
  assign hdr_end = !payload_q && pos_q == PosW'(HdrFlits - 1);
  assign word_end = payload_q && (sub_q == SubW'(Ratio - 1) || left_q == 12'd1);
  assign tail = payload_q ? left_q == 12'd1 : (hdr_end && flits == '0);
  assign out_pop = valid_q && out_ready_i && out_end;
  assign flit_ready_o = !(hdr_end || word_end) || !valid_q || (out_ready_i && out_end);
  assign emit = flit_take_i && (word_end || (hdr_end && flits == '0));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      payload_q <= 1'b0;
      pos_q <= '0;
      sub_q <= '0;
      left_q <= '0;
    end else if (flit_take_i) begin
      if (payload_q) begin
        payload_q <= !tail;
        sub_q <= word_end ? '0 : sub_q + SubW'(1);
        left_q <= left_q - 12'd1;
      end else begin
        payload_q <= hdr_end && flits != '0;
        pos_q <= hdr_end ? '0 : pos_q + PosW'(1);
        left_q <= flits;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (emit || out_pop) valid_q <= emit;
  end

  always_ff @(posedge clk_i) begin
    if (flit_take_i) begin
      hdr_q <= hdr_bits;
      if (payload_q) acc_q <= word;
      if (emit) begin
        out_hdr_q <= hdr;
        out_data_q <= word;
        last_q <= tail;
      end
    end
  end

  assign out_valid_o = valid_q;
  logic [BeatW-1:0] beat;
  if (Split > 1) begin : gen_split
    localparam int unsigned AtW = $clog2(Split);
    localparam int unsigned BeatShift = $clog2(BeatW / 8);
    logic [AtW-1:0] at_q, end_at;                  // beat of the word; last beat of the last word
    logic [10:0]    last_byte;
    assign last_byte = out_hdr_q.len - 11'd1;
    assign end_at = (out_hdr_q.kind == KindWrReq || out_hdr_q.kind == KindRdRsp) &&
                    out_hdr_q.len != '0 ? last_byte[BeatShift +: AtW] : '0;
    assign out_end = (at_q == AtW'(Split - 1)) || (last_q && at_q == end_at);
    assign beat = out_data_q[at_q*BeatW +: BeatW];
    assign quiet_o = !flit_take_i && !(valid_q && out_ready_i);
    always_ff @(posedge clk_i) begin
      if (!rst_ni) at_q <= '0;
      else if (valid_q && out_ready_i) at_q <= out_end ? '0 : at_q + AtW'(1);
    end
  end else begin : gen_whole
    assign out_end = 1'b1;
    assign beat = out_data_q;
    assign quiet_o = !flit_take_i && !out_pop;
  end
  assign out_o = '{last: last_q && out_end, data: beat, hdr: out_hdr_q};

  logic unused;
  assign unused = ^flit_i.vc;

  // ---- Assertions -------------------------------------------------------------------------------
  `TSR_ASSERT(TakeOnlyReady_A, flit_take_i -> flit_ready_o)
  `TSR_ASSERT(HeadFirst_A, flit_take_i -> flit_i.head == (!payload_q && pos_q == '0),
              "head at a wrong place")
  `TSR_ASSERT(TailAtLength_A, flit_take_i -> flit_i.tail == tail, "tail and len differ")
endmodule
