// SPDX-License-Identifier: Apache-2.0
/// Packet buffer. A packet is offered when it is complete, or at once when cutting through is
/// allowed.
///
/// Latency from a taken beat to `out_valid_o`: 2 cycles (memory, output register). One beat per
/// cycle.
/// With CutThrough a packet may also start as soon as its first beat is there while `whole_i` is 0
/// or when the buffer is full; then `err` of the header is that of the beat (good until an error
/// occurs; final with `last`). Without CutThrough every beat carries the final header.
/// With Reserve the writer takes room (`reserve_i`) before it writes, and `in` is always ready.
`include "tsr_assert.svh"
module tsr_pkt_buf
  import tsr_isa_pkg::*;
#(
  parameter int unsigned Beats = 64,               // power of two
  parameter int unsigned Pkts = 8,                 // power of two
  parameter int unsigned DataW = 64,
  parameter bit          CutThrough = 1'b0,
  parameter bit          Reserve = 1'b0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             whole_i,                // CutThrough: start only complete packets
  input  logic             reserve_i,
  input  logic [11:0]      reserve_beats_i,
  output logic             room_o,                 // reserve_beats_i beats and a header fit
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  hdr_t             in_hdr_i,
  input  logic [DataW-1:0] in_data_i,
  input  logic             in_last_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output hdr_t             out_hdr_o,
  output logic [DataW-1:0] out_data_o,
  output logic             out_last_o,
  output logic             quiet_o
);
  localparam int unsigned Aw = $clog2(Beats);
  localparam int unsigned Pw = $clog2(Pkts);
  localparam int unsigned RamW = DataW + 5;

  logic [Aw-1:0] put_q, get_q;
  logic [Aw:0]   beats_q, free_q;                  // beats in the memory; beats not reserved
  logic [Pw-1:0] pkt_put_q, pkt_get_q;
  // headers held; complete packets; headers not reserved
  logic [Pw:0]   pkts_q, whole_q, pkt_free_q;
  hdr_t          hdr_q [Pkts];
  logic          in_first_q, valid_q, go_q, go;
  logic          push, fetch, pop, open, close;

  assign in_ready_o = Reserve ||
                      ((beats_q != (Aw+1)'(Beats)) && (!in_first_q || pkts_q != (Pw+1)'(Pkts)));
  assign push = in_valid_i && in_ready_o;
  assign go = go_q || (whole_q != '0) || (CutThrough && (!whole_i || beats_q == (Aw+1)'(Beats)));
  assign out_valid_o = valid_q && go;
  assign pop = out_valid_o && out_ready_i;
  assign fetch = (beats_q != '0) && (!valid_q || pop);
  assign open = push && in_first_q;
  assign close = pop && out_last_o;
  assign room_o = (12'(free_q) >= reserve_beats_i) && (pkt_free_q != '0);

  logic [3:0] beat_err;
  tsr_ram_1r1w #(.Depth(Beats), .Width(RamW)) u_ram (
    .clk_i,
    .wr_en_i   (push),
    .wr_addr_i (put_q),
    .wr_data_i ({in_hdr_i.err, in_last_i, in_data_i}),
    .rd_en_i   (fetch),
    .rd_addr_i (get_q),
    .rd_data_o ({beat_err, out_last_o, out_data_o})
  );

  always_comb begin
    out_hdr_o = hdr_q[pkt_get_q];
    if (CutThrough) out_hdr_o.err = beat_err;
  end

  always_ff @(posedge clk_i) begin
    if (push) hdr_q[pkt_put_q] <= in_hdr_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      put_q <= '0;
      get_q <= '0;
      beats_q <= '0;
      free_q <= (Aw+1)'(Beats);
      pkt_put_q <= '0;
      pkt_get_q <= '0;
      pkts_q <= '0;
      whole_q <= '0;
      pkt_free_q <= (Pw+1)'(Pkts);
      in_first_q <= 1'b1;
      valid_q <= 1'b0;
      go_q <= 1'b0;
    end else if (!quiet_o) begin
      if (push) begin
        put_q <= put_q + Aw'(1);
        in_first_q <= in_last_i;
        if (in_last_i) pkt_put_q <= pkt_put_q + Pw'(1);
      end
      if (fetch) get_q <= get_q + Aw'(1);
      if (close) pkt_get_q <= pkt_get_q + Pw'(1);
      beats_q <= beats_q + (Aw+1)'(push) - (Aw+1)'(fetch);
      pkts_q <= pkts_q + (Pw+1)'(open) - (Pw+1)'(close);
      whole_q <= whole_q + (Pw+1)'(push && in_last_i) - (Pw+1)'(close);
      if (Reserve) begin
        free_q <= free_q + (Aw+1)'(fetch) - (reserve_i ? (Aw+1)'(reserve_beats_i) : '0);
        pkt_free_q <= pkt_free_q + (Pw+1)'(close) - (Pw+1)'(reserve_i);
      end
      if (fetch) valid_q <= 1'b1;
      else if (pop) valid_q <= 1'b0;
      if (out_valid_o) go_q <= !close;
    end
  end

  assign quiet_o = !push && !fetch && !pop && !(Reserve && reserve_i) && !(out_valid_o && !go_q);

  `TSR_ASSERT(NoOverflow_A, push -> beats_q != (Aw+1)'(Beats) &&
              (!in_first_q || pkts_q != (Pw+1)'(Pkts)))
  `TSR_ASSERT(RoomReserved_A, Reserve && reserve_i -> room_o)
endmodule
