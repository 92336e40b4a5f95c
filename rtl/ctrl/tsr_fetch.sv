// SPDX-License-Identifier: Apache-2.0
/// Instruction fetch of the five engines. Requests run ahead sequentially while buffer space is
/// free and stop when it is full; a redirect drops buffered instructions and marks those in flight
/// stale (responses of one engine return in order, so a count suffices). Redirect to request
/// header: two cycles; last response beat to instr_valid: one cycle. A response with an error makes
/// its instruction valid with instr_err set.
module tsr_fetch
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  place_t                place_i,
  // Sequencers
  input  logic [NumEngines-1:0] fetch_redirect_i,
  input  logic [AddrW-1:0]      fetch_pc_i [NumEngines],
  input  logic [NumEngines-1:0] fetch_stop_i,
  output logic [NumEngines-1:0] instr_valid_o,
  input  logic [NumEngines-1:0] instr_ready_i,
  output instr_t                instr_o [NumEngines],
  output logic [AddrW-1:0]      instr_pc_o [NumEngines],
  output logic [NumEngines-1:0] instr_err_o,
  // Fabric
  output logic                  read_req_valid_o,
  input  logic                  read_req_ready_i,
  output hdr_t                  read_req_o,
  input  logic                  read_rsp_valid_i,
  output logic                  read_rsp_ready_o,
  input  pkt_t                  read_rsp_i,
  output logic                  quiet_o
);
  localparam int unsigned SlotW = (FetchSlots > 1) ? $clog2(FetchSlots) : 1;
  localparam int unsigned Beats = InstrBytes / DmaBytes;
  localparam int unsigned BeatW = (Beats > 1) ? $clog2(Beats) : 1;
  localparam logic [4:0] MaxOut = 5'd30;         // bound of requests in flight, stale ones included

  logic [SlotW-1:0] rd_q [NumEngines], wr_q [NumEngines];   // oldest slot, slot being filled
  logic [SlotW:0]   cnt_q [NumEngines], res_q [NumEngines]; // buffered; buffered or asked for
  logic [4:0]       out_q [NumEngines], stale_q [NumEngines];
  logic [BeatW-1:0] beat_q [NumEngines];
  logic [AddrW-1:0] req_pc_q [NumEngines], head_pc_q [NumEngines];
  logic [NumEngines-1:0] run_q, can, unused_grant;
  logic [2:0] sel, rsp_e;
  logic any, take, rsp, hv_q, unused_quiet;
  logic [2:0] he_q;
  logic [AddrW-1:0] ha_q;

  function automatic logic [SlotW-1:0] next_slot(input logic [SlotW-1:0] s);
    next_slot = (s == SlotW'(FetchSlots - 1)) ? '0 : s + 1'b1;
  endfunction

  // ---- Requests: round robin --------------------------------------------------------------------
  tsr_rr_arb #(.N(NumEngines)) u_arb (
    .clk_i, .rst_ni, .req_i(can), .ready_i(!hv_q || read_req_ready_i), .last_i(1'b1), .valid_o(any),
    .grant_o(unused_grant),
    .index_o(sel), .quiet_o(unused_quiet));
  assign take = any && (!hv_q || read_req_ready_i);
  always_comb begin
    can = '0;
    if (run_q != '0) begin
      for (int unsigned e = 0; e < NumEngines; e++)
        can[e] = run_q[e] && !fetch_redirect_i[e] && !fetch_stop_i[e] && out_q[e] < MaxOut &&
                 res_q[e] != (SlotW + 1)'(FetchSlots);
    end
    rsp = read_rsp_valid_i && read_rsp_i.hdr.id[7:4] == ReqFetch;
    rsp_e = (read_rsp_i.hdr.id[3:0] < 4'(NumEngines)) ? read_rsp_i.hdr.id[2:0] : 3'd0;
  end

  // ---- Header register --------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      hv_q <= 1'b0;
    end else if (take || hv_q) begin
      if (read_req_ready_i) hv_q <= 1'b0;
      if (take) begin
        hv_q <= 1'b1;
        he_q <= sel;
        ha_q <= req_pc_q[sel];
      end
    end
  end

  // ---- Buffers of each engine -------------------------------------------------------------------
  for (genvar g = 0; g < NumEngines; g++) begin : g_eng
    logic ask, beat, done, live, pop, active;
    logic [InstrBits-1:0] buf_q [FetchSlots];
    logic [FetchSlots-1:0] err_q;
    assign ask = take && sel == 3'(g);
    assign beat = rsp && rsp_e == 3'(g);
    assign done = beat && read_rsp_i.last;
    assign live = stale_q[g] == 5'd0;
    assign pop = instr_valid_o[g] && instr_ready_i[g];
    assign active = ask || beat || pop || fetch_redirect_i[g] || fetch_stop_i[g];
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        run_q[g] <= 1'b0;
        rd_q[g] <= '0;
        wr_q[g] <= '0;
        cnt_q[g] <= '0;
        res_q[g] <= '0;
        out_q[g] <= 5'd0;
        stale_q[g] <= 5'd0;
        beat_q[g] <= '0;
        req_pc_q[g] <= '0;
        head_pc_q[g] <= '0;
      end else if (active) begin
        out_q[g] <= out_q[g] + 5'(ask) - 5'(done);
        if (beat) begin
          beat_q[g] <= read_rsp_i.last ? '0 : beat_q[g] + 1'b1;
          if (live) begin
            buf_q[wr_q[g]][32'(beat_q[g])*DmaBits+:DmaBits] <= read_rsp_i.data;
            err_q[wr_q[g]] <= read_rsp_i.hdr.err != ErrOk;
          end
        end
        if (fetch_redirect_i[g] || fetch_stop_i[g]) begin
          run_q[g] <= fetch_redirect_i[g];
          rd_q[g] <= '0;
          wr_q[g] <= '0;
          cnt_q[g] <= '0;
          res_q[g] <= '0;
          stale_q[g] <= out_q[g] - 5'(done);
          req_pc_q[g] <= fetch_pc_i[g];
          head_pc_q[g] <= fetch_pc_i[g];
        end else begin
          if (ask) req_pc_q[g] <= req_pc_q[g] + AddrW'(InstrBytes);
          if (done && !live) stale_q[g] <= stale_q[g] - 5'd1;
          if (done && live) wr_q[g] <= next_slot(wr_q[g]);
          if (pop) begin
            rd_q[g] <= next_slot(rd_q[g]);
            head_pc_q[g] <= head_pc_q[g] + AddrW'(InstrBytes);
          end
          cnt_q[g] <= cnt_q[g] + (SlotW + 1)'(done && live) - (SlotW + 1)'(pop);
          res_q[g] <= res_q[g] + (SlotW + 1)'(ask) - (SlotW + 1)'(pop);
        end
      end
    end
    assign instr_valid_o[g] = cnt_q[g] != '0;
    assign instr_o[g] = buf_q[rd_q[g]];
    assign instr_err_o[g] = err_q[rd_q[g]];
    assign instr_pc_o[g] = head_pc_q[g];
  end

  // ---- Outputs ----------------------------------------------------------------------------------
  assign read_rsp_ready_o = 1'b1;
  assign read_req_valid_o = hv_q;
  always_comb begin
    read_req_o = '0;
    if (hv_q) begin
      read_req_o.dst_x = place_i.x;
      read_req_o.dst_y = place_i.y;
      read_req_o.src_x = place_i.x;
      read_req_o.src_y = place_i.y;
      read_req_o.kind = KindRdReq;
      read_req_o.space = SpaceHbm;
      read_req_o.len = 11'(InstrBytes);
      read_req_o.id = {ReqFetch, 1'b0, he_q};
      read_req_o.addr = ha_q;
    end
  end
  assign quiet_o = rst_ni && !take && !(hv_q && read_req_ready_i) && !rsp &&
      fetch_redirect_i == '0 && fetch_stop_i == '0 &&
      (instr_valid_o & instr_ready_i) == '0;

  logic unused_bits;                               // of a header only id and err matter
  assign unused_bits = ^{place_i, read_rsp_i.hdr};
endmodule
