// SPDX-License-Identifier: Apache-2.0
/// SBUF, PSUM and register reads of the read server: two header streams in, local and remote packets out.
///
/// Latency from a taken header to the first payload beat at `lp_valid_o`: 3 cycles (request, memory, output); segments
/// follow each other at one memory beat per cycle. A remote read starts when its whole response fits into the buffer.
/// A register read waits for the register bus. A refused request answers with zeros, in its place in the order.
module tsr_rd_mem
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  // Responses to be filled: err is the outcome of the checks
  input  logic               l_valid_i,
  output logic               l_ready_o,
  input  hdr_t               l_hdr_i,
  input  logic               r_valid_i,
  output logic               r_ready_o,
  input  hdr_t               r_hdr_i,
  // Memories
  output logic               sbuf_rd_en_o,
  output logic [PartW-1:0]   sbuf_rd_part_o,
  output logic [SbufAw-1:0]  sbuf_rd_addr_o,
  input  logic [DmaBits-1:0] sbuf_rd_data_i,
  output logic               psum_rd_en_o,
  output logic [PartW-1:0]   psum_rd_part_o,
  output logic [PsumAw-1:0]  psum_rd_addr_o,
  input  logic [DmaBits-1:0] psum_rd_data_i,
  // Registers
  output logic               csr_valid_o,
  input  logic               csr_ready_i,
  output logic [15:0]        csr_addr_o,
  input  logic               csr_rvalid_i,
  input  logic [31:0]        csr_rdata_i,
  input  logic               csr_err_i,
  // Local packets
  output logic               l_busy_o,             // a local packet is under way
  output logic               lp_valid_o,
  input  logic               lp_ready_i,
  output hdr_t               lp_hdr_o,
  output logic [DmaBits-1:0] lp_data_o,
  output logic               lp_last_o,
  // Remote packets, complete
  output logic               rp_valid_o,
  input  logic               rp_ready_i,
  output hdr_t               rp_hdr_o,
  output logic [DmaBits-1:0] rp_data_o,
  output logic               rp_last_o,
  output logic               quiet_o
);
  localparam int unsigned RemoteBeats = (4 * SegBeats > LenBeats) ? 4 * SegBeats : 2 ** $clog2(LenBeats);

  // ---- Present request --------------------------------------------------------------------------------
  logic       room, pick_valid, pick_remote, take, arb_quiet;
  logic [1:0] pick_grant;
  hdr_t       cur_q;
  logic       cur_valid_q, cur_remote_q, zero, is_reg, issue, cur_last;
  logic [11:0] index_q, count;                     // beat of the request, beats to issue

  tsr_rr_arb #(.N(2)) u_pick (
    .clk_i, .rst_ni, .req_i({r_valid_i && room, l_valid_i}), .ready_i(take), .last_i(1'b1),
    .valid_o(pick_valid), .grant_o(pick_grant), .index_o(pick_remote), .quiet_o(arb_quiet)
  );
  assign take = pick_valid && (!cur_valid_q || (issue && cur_last));
  assign l_ready_o = take && pick_grant[0];
  assign r_ready_o = take && pick_grant[1];

  assign zero = (cur_q.err != ErrOk);
  assign is_reg = (cur_q.space == SpaceReg);
  assign count = (zero || is_reg) ? dense_beats(cur_q.len) : memory_beats(cur_q.addr[BeatShift-1:0], cur_q.len);
  assign cur_last = (index_q == count - 12'd1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cur_valid_q <= 1'b0;
      index_q <= '0;
    end else begin
      if (take) cur_valid_q <= 1'b1;
      else if (issue && cur_last) cur_valid_q <= 1'b0;
      if (issue) index_q <= cur_last ? '0 : index_q + 12'd1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      cur_q <= pick_remote ? r_hdr_i : l_hdr_i;
      cur_remote_q <= pick_remote;
    end
  end

  // ---- Register bus -----------------------------------------------------------------------------------
  typedef enum logic [1:0] {
    CsrIdle = 2'd0,
    CsrAsk  = 2'd1,
    CsrWait = 2'd2,
    CsrDone = 2'd3
  } csr_e;
  csr_e        csr_q;
  logic        csr_err_q, csr_start, csr_move, s1_free;
  logic [31:0] csr_data_q;

  // S1 may still show the register read before this one.
  assign csr_start = (csr_q == CsrIdle) && cur_valid_q && is_reg && !zero && s1_free;
  assign csr_move = csr_start || (csr_q == CsrAsk && csr_ready_i) || (csr_q == CsrWait && csr_rvalid_i) ||
                    (csr_q == CsrDone && issue);
  assign csr_valid_o = (csr_q == CsrAsk);
  assign csr_addr_o = cur_q.addr[15:0];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      csr_q <= CsrIdle;
    end else if (csr_move) begin
      unique case (csr_q)
        CsrIdle: csr_q <= CsrAsk;
        CsrAsk:  csr_q <= CsrWait;
        CsrWait: csr_q <= CsrDone;
        default: csr_q <= CsrIdle;
      endcase
    end
  end
  always_ff @(posedge clk_i) begin
    if (csr_q == CsrWait && csr_rvalid_i) begin
      csr_data_q <= csr_err_i ? 32'd0 : csr_rdata_i;
      csr_err_q <= csr_err_i;
    end
  end

  // ---- Memory reads -----------------------------------------------------------------------------------
  logic        s1_valid_q, s1_last_q, s1_remote_q, s1_zero_q, al_ready, al_quiet, al_valid, al_first, al_last;
  hdr_t        s1_q;
  logic [39:0] beat_addr;

  assign s1_free = !s1_valid_q || al_ready;
  assign issue = cur_valid_q && s1_free && (zero || !is_reg || csr_q == CsrDone);
  assign beat_addr = {cur_q.addr[39:BeatShift] + (40 - BeatShift)'(index_q), BeatShift'(0)};
  assign sbuf_rd_en_o = issue && !zero && cur_q.space == SpaceSbuf;
  assign psum_rd_en_o = issue && !zero && cur_q.space == SpacePsum;
  assign sbuf_rd_part_o = cur_q.addr[PartShift+:PartW];
  assign psum_rd_part_o = cur_q.addr[PartShift+:PartW];
  assign sbuf_rd_addr_o = beat_addr[2+:SbufAw];
  assign psum_rd_addr_o = beat_addr[2+:PsumAw];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) s1_valid_q <= 1'b0;
    else if (s1_free) s1_valid_q <= issue;
  end
  always_ff @(posedge clk_i) begin
    if (issue) begin
      s1_q <= cur_q;
      if (is_reg && !zero && csr_err_q) s1_q.err <= ErrRegister;
      s1_zero_q <= zero;
      s1_remote_q <= cur_remote_q;
      s1_last_q <= cur_last;
    end
  end

  // ---- Dense payload ----------------------------------------------------------------------------------
  logic [BeatShift-1:0] offset;
  logic [DmaBits-1:0]   mem_data, al_data;
  logic                 dest_ready, out_ready, rbuf_ready;

  assign offset = (s1_zero_q || s1_q.space == SpaceReg) ? '0 : s1_q.addr[BeatShift-1:0];
  always_comb begin
    unique case (s1_q.space)
      SpaceSbuf: mem_data = sbuf_rd_data_i;
      SpacePsum: mem_data = psum_rd_data_i;
      default:   mem_data = DmaBits'(csr_data_q);
    endcase
    if (s1_zero_q) mem_data = '0;
  end
  assign dest_ready = s1_remote_q ? rbuf_ready : out_ready;

  tsr_align u_align (
    .clk_i, .rst_ni,
    .shift_i     ((offset == '0) ? (BeatShift + 1)'(DmaBytes) : {1'b0, offset}),
    .skip_i      (offset != '0),
    .extra_i     (offset != '0 && memory_beats(offset, s1_q.len) == dense_beats(s1_q.len)),
    .in_valid_i  (s1_valid_q),
    .in_ready_o  (al_ready),
    .in_data_i   (mem_data),
    .in_last_i   (s1_last_q),
    .out_valid_o (al_valid),
    .out_ready_i (dest_ready),
    .out_data_o  (al_data),
    .out_first_o (al_first),
    .out_last_o  (al_last),
    .quiet_o     (al_quiet)
  );

  // ---- Output -----------------------------------------------------------------------------------------
  logic out_quiet, rbuf_quiet;
  tsr_skid #(.Width(HdrBits + DmaBits + 1)) u_local (
    .clk_i, .rst_ni, .in_valid_i(al_valid && !s1_remote_q), .in_ready_o(out_ready), .in_data_i({s1_q, al_data, al_last}),
    .out_valid_o(lp_valid_o), .out_ready_i(lp_ready_i), .out_data_o({lp_hdr_o, lp_data_o, lp_last_o}), .quiet_o(out_quiet)
  );
  tsr_pkt_buf #(.Beats(RemoteBeats), .Pkts(16), .DataW(DmaBits), .Reserve(1'b1)) u_remote (
    .clk_i, .rst_ni, .whole_i(1'b1), .reserve_i(r_ready_o), .reserve_beats_i(dense_beats(r_hdr_i.len)), .room_o(room),
    .in_valid_i(al_valid && s1_remote_q), .in_ready_o(rbuf_ready), .in_hdr_i(s1_q), .in_data_i(al_data),
    .in_last_i(al_last),
    .out_valid_o(rp_valid_o), .out_ready_i(rp_ready_i), .out_hdr_o(rp_hdr_o), .out_data_o(rp_data_o),
    .out_last_o(rp_last_o), .quiet_o(rbuf_quiet)
  );
  assign l_busy_o = lp_valid_o || (s1_valid_q && !s1_remote_q) || (cur_valid_q && !cur_remote_q);

  assign quiet_o = arb_quiet && al_quiet && out_quiet && rbuf_quiet && !take && !issue && !csr_move;

  logic unused;
  assign unused = al_first ^ (^beat_addr);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (csr_rvalid_i) RegisterResponseExpected_A: assert (csr_q == CsrWait);
      if (sbuf_rd_en_o) PartitionExists_A: assert (cur_q.addr[39:PartShift] < (40 - PartShift)'(P));
    end
  end
`endif
endmodule
