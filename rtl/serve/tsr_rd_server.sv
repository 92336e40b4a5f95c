// SPDX-License-Identifier: Apache-2.0
/// Read server: answers the read requests of this tile (SideLocal) and of other tiles (SideRemote).
///
/// Two independent paths, HBM (tsr_rd_hbm) and SBUF, PSUM, registers (tsr_rd_mem), share the
/// response streams packet by packet. Latency from a local request to the first response beat: SBUF
/// 5 cycles; HBM 3 cycles to the AR of the port, 4 from R.
/// Order: requests of one stream on one path are answered in order; nothing is said across paths.
/// Errors: ErrAddress, ErrRegister (nothing is read, zeros are sent), ErrAxi. On the local side an
/// AXI error may show only from the failing beat on; it is always there with `last`. The remote
/// side carries the final header on every beat.
`include "tsr_assert.svh"
module tsr_rd_server
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  // Requests and responses
  input  logic [NumSides-1:0] read_req_valid_i,
  output logic [NumSides-1:0] read_req_ready_o,
  input  hdr_t                read_req_i [NumSides],
  output logic [NumSides-1:0] read_rsp_valid_o,
  input  logic [NumSides-1:0] read_rsp_ready_i,
  output pkt_t                read_rsp_o [NumSides],
  // HBM port
  output logic                hbm_read_valid_o,
  input  logic                hbm_read_ready_i,
  output hbm_read_t           hbm_read_o,
  input  logic                hbm_beat_valid_i,
  output logic                hbm_beat_ready_o,
  input  hbm_beat_t           hbm_beat_i,
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
  output logic                quiet_o
);
  // ---- Requests: checked and split by path ------------------------------------------------------
  logic [NumSides-1:0] is_hbm, hbm_in_ready, mem_in_ready, hbm_req_valid, hbm_req_ready,
                       mem_req_valid, mem_req_ready;
  logic [NumSides-1:0] hbm_fifo_quiet, mem_fifo_quiet;
  hdr_t                rsp_hdr [NumSides], hbm_req [NumSides], mem_req [NumSides];
  logic [2:0]          unused_count [NumSides][2];

  for (genvar s = 0; s < NumSides; s++) begin : gen_in
    assign is_hbm[s] = (read_req_i[s].space == SpaceHbm);
    assign rsp_hdr[s] = response(read_req_i[s], KindRdRsp,
                                 read_err(read_req_i[s].space, read_req_i[s].addr,
                                          read_req_i[s].len));
    tsr_fifo #(.Width(HdrBits), .Depth(4)) u_hbm (
      .clk_i, .rst_ni, .in_valid_i(read_req_valid_i[s] && is_hbm[s]), .in_ready_o(hbm_in_ready[s]),
      .in_data_i(rsp_hdr[s]),
      .out_valid_o(hbm_req_valid[s]), .out_ready_i(hbm_req_ready[s]), .out_data_o(hbm_req[s]),
      .count_o(unused_count[s][0]), .quiet_o(hbm_fifo_quiet[s])
    );
    tsr_fifo #(.Width(HdrBits), .Depth(4)) u_mem (
      .clk_i, .rst_ni, .in_valid_i(read_req_valid_i[s] && !is_hbm[s]), .in_ready_o(mem_in_ready[s]),
      .in_data_i(rsp_hdr[s]),
      .out_valid_o(mem_req_valid[s]), .out_ready_i(mem_req_ready[s]), .out_data_o(mem_req[s]),
      .count_o(unused_count[s][1]), .quiet_o(mem_fifo_quiet[s])
    );
    assign read_req_ready_o[s] = is_hbm[s] ? hbm_in_ready[s] : mem_in_ready[s];
  end

  // ---- Paths ------------------------------------------------------------------------------------
  logic [NumSides-1:0] hbm_rsp_valid, hbm_rsp_ready, mem_rsp_valid, mem_rsp_ready;
  pkt_t                hbm_rsp [NumSides], mem_rsp [NumSides];
  logic                local_busy, hbm_quiet, mem_quiet;

  tsr_rd_hbm u_hbm (
    .clk_i, .rst_ni, .req_valid_i(hbm_req_valid), .req_ready_o(hbm_req_ready), .req_i(hbm_req),
    .hbm_read_valid_o, .hbm_read_ready_i, .hbm_read_o, .hbm_beat_valid_i, .hbm_beat_ready_o,
    .hbm_beat_i,
    .local_busy_i(local_busy), .rsp_valid_o(hbm_rsp_valid), .rsp_ready_i(hbm_rsp_ready),
    .rsp_o(hbm_rsp),
    .quiet_o(hbm_quiet)
  );
  tsr_rd_mem u_mem (
    .clk_i, .rst_ni, .req_valid_i(mem_req_valid), .req_ready_o(mem_req_ready), .req_i(mem_req),
    .sbuf_beat_rd_o, .sbuf_beat_rd_data_i, .psum_beat_rd_o, .psum_beat_rd_data_i,
    .csr_req_valid_o, .csr_req_ready_i, .csr_req_o, .csr_rsp_valid_i, .csr_rsp_i,
    .local_busy_o(local_busy), .rsp_valid_o(mem_rsp_valid), .rsp_ready_i(mem_rsp_ready),
    .rsp_o(mem_rsp),
    .quiet_o(mem_quiet)
  );

  // ---- Responses: packets of the two paths in turn ----------------------------------------------
  logic [NumSides-1:0] arb_quiet, out_quiet;
  for (genvar s = 0; s < NumSides; s++) begin : gen_out
    logic       any, pick_mem, free;
    logic [1:0] grant;
    pkt_t       rsp;
    assign rsp = pick_mem ? mem_rsp[s] : hbm_rsp[s];
    tsr_rr_arb #(.N(2)) u_arb (
      .clk_i, .rst_ni, .req_i({mem_rsp_valid[s], hbm_rsp_valid[s]}), .ready_i(free),
      .last_i(rsp.last),
      .valid_o(any), .grant_o(grant), .index_o(pick_mem), .quiet_o(arb_quiet[s])
    );
    tsr_skid #(.Width($bits(pkt_t))) u_out (
      .clk_i, .rst_ni, .in_valid_i(any), .in_ready_o(free), .in_data_i(rsp),
      .out_valid_o(read_rsp_valid_o[s]), .out_ready_i(read_rsp_ready_i[s]),
      .out_data_o(read_rsp_o[s]),
      .quiet_o(out_quiet[s])
    );
    assign hbm_rsp_ready[s] = grant[0] && free;
    assign mem_rsp_ready[s] = grant[1] && free;
  end

  assign quiet_o = (&hbm_fifo_quiet) && (&mem_fifo_quiet) && hbm_quiet && mem_quiet &&
                   (&arb_quiet) && (&out_quiet);

  for (genvar s = 0; s < NumSides; s++) begin : gen_check
    `TSR_ASSERT(RequestIsRead_A, read_req_valid_i[s] -> read_req_i[s].kind == KindRdReq)
  end
endmodule
