// SPDX-License-Identifier: Apache-2.0
/// Fetches the descriptors of one ring ahead of their use: up to DescBufs at a time, one read of
/// 128 bytes each.
///
/// Latency from doorbell to `req_valid_o`: 1 cycle; from the last beat of the response to
/// `desc_valid_o`: 1 cycle. Descriptors are handed on in ring order; responses may return in any
/// order (matched by their address, the oldest of equal ones first). A failed read is handed on
/// with its error code; work for a ring of size 0 with ErrQueue, for a ring whose base is no
/// multiple of 128 with ErrAddress at the base: nothing of such a ring is read.
/// A restart takes over the base, goes back to the head of the ring and forgets the pending count;
/// the owner then holds `stop_i` until `outstanding_o` is 0 and gives `clear_i`. The count of
/// doorbells saturates at 2^32 - 1.
`include "tsr_assert.svh"
module tsr_dma_fetch
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_dma_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  // Ring
  // the base, a multiple of 128, counts with the restart
  input  queue_setup_t       queue_setup_i,
  input  logic               doorbell_valid_i,     // for this queue
  input  logic [31:0]        doorbell_count_i,
  input  logic               stop_i,
  input  logic               clear_i,
  // Read request of one descriptor
  output logic               req_valid_o,
  output logic [39:0]        req_addr_o,
  input  logic               req_ready_i,
  // Response beats of this ring
  input  logic               rsp_valid_i,
  input  pkt_t               read_rsp_i,
  input  logic [3:0]         rsp_beat_i,           // index of the present beat
  // Oldest fetched descriptor
  output logic               desc_valid_o,
  output desc_t              desc_o,
  output err_code_t          desc_err_o,
  output logic [39:0]        desc_addr_o,
  input  logic               desc_take_i,
  output logic               outstanding_o,
  // descriptors announced or fetched, not yet taken
  output logic               pending_o
);
  localparam int unsigned BufW = $clog2(DescBufs);
  localparam int unsigned BeatW = (DescBeats > 1) ? $clog2(DescBeats) : 1;

  logic [39:0]         base_q;
  logic [31:0]         avail_q;                    // announced, not yet requested
  logic [32:0]         avail_d;                    // its next value, before saturation
  logic [15:0]         head_q;
  logic [BufW-1:0]     put_q, get_q, hit;
  logic [DescBufs-1:0] used_q, ready_q;
  logic [39:0]         addr_q [DescBufs];
  err_code_t           err_q [DescBufs];
  logic [DmaBits-1:0]  data_q [DescBufs][DescBeats];
  logic [1023:0]       flat;

  // work without a ring: an error in place of a descriptor
  logic                bad_ring, no_ring;

  assign bad_ring = (queue_setup_i.size == 16'd0) || (base_q[6:0] != 7'd0);
  assign no_ring = (avail_q != 32'd0) && bad_ring && !stop_i;
  assign req_valid_o = (avail_q != 32'd0) && !bad_ring && !used_q[put_q] && !stop_i;
  assign req_addr_o = base_q + {17'd0, head_q, 7'd0};
  assign avail_d = 33'(avail_q) + (doorbell_valid_i ? 33'(doorbell_count_i) : 33'd0) -
                   33'(req_valid_o && req_ready_i);

  // The oldest entry that waits for this address.
  always_comb begin
    hit = get_q;
    for (int unsigned k = DescBufs; k > 0; k--) begin
      if (used_q[get_q + BufW'(k - 1)] && !ready_q[get_q + BufW'(k - 1)] &&
          addr_q[get_q + BufW'(k - 1)] == read_rsp_i.hdr.addr) hit = get_q + BufW'(k - 1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      base_q <= '0;
      avail_q <= '0;
      head_q <= '0;
      put_q <= '0;
      get_q <= '0;
      used_q <= '0;
      ready_q <= '0;
    end else begin
      if (queue_setup_i.restart) begin
        base_q <= queue_setup_i.base;
        avail_q <= '0;
        head_q <= '0;
      end else begin
        avail_q <= avail_d[32] ? '1 : avail_d[31:0];
        if (req_valid_o && req_ready_i)
          head_q <= (head_q + 16'd1 == queue_setup_i.size) ? 16'd0 : head_q + 16'd1;
      end
      if (req_valid_o && req_ready_i) begin
        used_q[put_q] <= 1'b1;
        ready_q[put_q] <= 1'b0;
        put_q <= put_q + BufW'(1);
      end
      if (rsp_valid_i && read_rsp_i.last) ready_q[hit] <= 1'b1;
      if (desc_take_i && !no_ring) begin
        used_q[get_q] <= 1'b0;
        get_q <= get_q + BufW'(1);
      end
      if (clear_i) begin
        used_q <= '0;
        put_q <= '0;
        get_q <= '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (req_valid_o && req_ready_i) addr_q[put_q] <= req_addr_o;
    if (rsp_valid_i) begin
      data_q[hit][rsp_beat_i[BeatW-1:0]] <= read_rsp_i.data;
      err_q[hit] <= read_rsp_i.hdr.err;
    end
  end

  always_comb begin
    for (int unsigned b = 0; b < DescBeats; b++) flat[DmaBits*b+:DmaBits] = data_q[get_q][b];
  end
  assign desc_o = desc_t'(flat);
  assign desc_valid_o = no_ring || (used_q[get_q] && ready_q[get_q]);
  assign desc_err_o = no_ring ? (queue_setup_i.size == 16'd0 ? ErrQueue : ErrAddress) :
                      err_q[get_q];
  assign desc_addr_o = no_ring ? req_addr_o : addr_q[get_q];
  assign outstanding_o = |(used_q & ~ready_q);
  assign pending_o = (avail_q != 32'd0) || (used_q != '0);

  logic unused_beat;
  assign unused_beat = ^rsp_beat_i;

  `TSR_ASSERT(ResponseExpected_A, rsp_valid_i -> used_q[hit] && !ready_q[hit])
endmodule
