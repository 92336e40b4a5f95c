// SPDX-License-Identifier: Apache-2.0
/// SBUF, PSUM and register reads of the read server: two header streams in, local and remote
/// packets out.
///
/// Latency from a taken header to the first payload beat at `rsp_valid_o`: 3 cycles (request,
/// memory, output); segments follow each other at one memory beat per cycle. A remote read starts
/// when its whole response fits into the buffer. A register read waits for the register bus. A
/// refused request answers with zeros, in its place in the order.
`include "tsr_assert.svh"
module tsr_rd_mem
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  // Responses to be filled: err is the outcome of the checks
  input  logic [NumSides-1:0] req_valid_i,
  output logic [NumSides-1:0] req_ready_o,
  input  hdr_t                req_i [NumSides],
  // Memories
  output beat_rd_t            sbuf_beat_rd_o,
  input  logic [DmaBits-1:0]  sbuf_beat_rd_data_i,
  output beat_rd_t            psum_beat_rd_o,
  input  logic [DmaBits-1:0]  psum_beat_rd_data_i,
  // Registers
  output logic                csr_req_valid_o,
  input  logic                csr_req_ready_i,
  output csr_req_t            csr_req_o,
  input  logic                csr_rsp_valid_i,
  input  csr_rsp_t            csr_rsp_i,
  // Packets; remote ones are complete
  output logic                local_busy_o,        // a local packet is under way
  output logic [NumSides-1:0] rsp_valid_o,
  input  logic [NumSides-1:0] rsp_ready_i,
  output pkt_t                rsp_o [NumSides],
  output logic                quiet_o
);
  localparam int unsigned RemoteBeats = (4 * SegBeats > LenBeats) ? 4 * SegBeats :
                                        2 ** $clog2(LenBeats);

  // ---- Present request --------------------------------------------------------------------------
  logic       room, pick_valid, pick_remote, take, arb_quiet;
  logic [1:0] pick_grant;
  hdr_t       cur_q;
  logic       cur_valid_q, cur_remote_q, zero, is_reg, issue, cur_last;
  logic [11:0] index_q, count;                     // beat of the request, beats to issue

  tsr_rr_arb #(.N(2)) u_pick (
    .clk_i, .rst_ni, .req_i({req_valid_i[SideRemote] && room, req_valid_i[SideLocal]}),
    .ready_i(take), .last_i(1'b1),
    .valid_o(pick_valid), .grant_o(pick_grant), .index_o(pick_remote), .quiet_o(arb_quiet)
  );
  assign take = pick_valid && (!cur_valid_q || (issue && cur_last));
  assign req_ready_o = pick_grant & {NumSides{take}};

  assign zero = (cur_q.err != ErrOk);
  assign is_reg = (cur_q.space == SpaceReg);
  assign count = (zero || is_reg) ? dense_beats(cur_q.len) :
                 memory_beats(cur_q.addr[BeatShift-1:0], cur_q.len);
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
      cur_q <= req_i[pick_remote];
      cur_remote_q <= pick_remote;
    end
  end

  // ---- Register bus -----------------------------------------------------------------------------
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
  assign csr_move = csr_start || (csr_q == CsrAsk && csr_req_ready_i) ||
                    (csr_q == CsrWait && csr_rsp_valid_i) ||
                    (csr_q == CsrDone && issue);
  assign csr_req_valid_o = (csr_q == CsrAsk);
  assign csr_req_o = '{we: 1'b0, addr: cur_q.addr[15:0], wdata: 32'd0};
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
    if (csr_q == CsrWait && csr_rsp_valid_i) begin
      csr_data_q <= csr_rsp_i.err ? 32'd0 : csr_rsp_i.rdata;
      csr_err_q <= csr_rsp_i.err;
    end
  end

  // ---- Memory reads -----------------------------------------------------------------------------
  logic        s1_valid_q, s1_last_q, s1_remote_q, s1_zero_q, al_ready, al_quiet, al_valid,
               al_first, al_last;
  hdr_t        s1_q;
  logic [39:0] beat_addr;

  assign s1_free = !s1_valid_q || al_ready;
  assign issue = cur_valid_q && s1_free && (zero || !is_reg || csr_q == CsrDone);
  assign beat_addr = {cur_q.addr[39:BeatShift] + (40 - BeatShift)'(index_q), BeatShift'(0)};
  assign sbuf_beat_rd_o = '{en: issue && !zero && cur_q.space == SpaceSbuf,
                            part: cur_q.addr[PartShift+:PartW],
                            addr: RowAw'(beat_addr[2+:SbufAw])};
  assign psum_beat_rd_o = '{en: issue && !zero && cur_q.space == SpacePsum,
                            part: cur_q.addr[PartShift+:PartW],
                            addr: RowAw'(beat_addr[2+:PsumAw])};

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

  // ---- Dense payload ----------------------------------------------------------------------------
  logic [BeatShift-1:0] offset;
  logic [DmaBits-1:0]   mem_data, al_data;
  logic                 dest_ready, out_ready, rbuf_ready;

  assign offset = (s1_zero_q || s1_q.space == SpaceReg) ? '0 : s1_q.addr[BeatShift-1:0];
  always_comb begin
    unique case (s1_q.space)
      SpaceSbuf: mem_data = sbuf_beat_rd_data_i;
      SpacePsum: mem_data = psum_beat_rd_data_i;
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

  // ---- Output -----------------------------------------------------------------------------------
  logic out_quiet, rbuf_quiet;
  pkt_t out;
  assign out = '{last: al_last, data: al_data, hdr: s1_q};
  tsr_skid #(.Width($bits(pkt_t))) u_local (
    .clk_i, .rst_ni, .in_valid_i(al_valid && !s1_remote_q), .in_ready_o(out_ready), .in_data_i(out),
    .out_valid_o(rsp_valid_o[SideLocal]), .out_ready_i(rsp_ready_i[SideLocal]),
    .out_data_o(rsp_o[SideLocal]),
    .quiet_o(out_quiet)
  );
  tsr_pkt_buf #(.Beats(RemoteBeats), .Pkts(16), .DataW(DmaBits), .Reserve(1'b1)) u_remote (
    .clk_i, .rst_ni, .whole_i(1'b1), .reserve_i(req_ready_o[SideRemote]),
    .reserve_beats_i(dense_beats(req_i[SideRemote].len)), .room_o(room),
    .in_valid_i(al_valid && s1_remote_q), .in_ready_o(rbuf_ready), .in_hdr_i(s1_q),
    .in_data_i(al_data),
    .in_last_i(al_last),
    .out_valid_o(rsp_valid_o[SideRemote]), .out_ready_i(rsp_ready_i[SideRemote]),
    .out_hdr_o(rsp_o[SideRemote].hdr),
    .out_data_o(rsp_o[SideRemote].data), .out_last_o(rsp_o[SideRemote].last), .quiet_o(rbuf_quiet)
  );
  assign local_busy_o = rsp_valid_o[SideLocal] || (s1_valid_q && !s1_remote_q) ||
                        (cur_valid_q && !cur_remote_q);

  assign quiet_o = arb_quiet && al_quiet && out_quiet && rbuf_quiet && !take && !issue && !csr_move;

  logic unused;
  assign unused = al_first ^ (^beat_addr);

  `TSR_ASSERT(RegisterResponseExpected_A, csr_rsp_valid_i -> csr_q == CsrWait)
  `TSR_ASSERT(PartitionExists_A, sbuf_beat_rd_o.en ->
              cur_q.addr[39:PartShift] < (40 - PartShift)'(P))
endmodule
