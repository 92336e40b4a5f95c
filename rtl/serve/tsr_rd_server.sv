// SPDX-License-Identifier: Apache-2.0
/// Read server: answers read requests of this tile (`lrd` to `lrr`) and of other tiles (`rrd` to `rrr`).
///
/// Two independent paths, HBM (tsr_rd_hbm) and SBUF, PSUM, registers (tsr_rd_mem), share the response streams packet
/// by packet. Latency from `lrd` to the first `lrr` beat: SBUF 5 cycles; HBM 3 cycles to the AR of the port, 4 from R.
/// Order: requests of one stream on one path are answered in order; nothing is said across paths.
/// Errors: ErrAddress, ErrRegister (nothing is read, zeros are sent), ErrAxi. On `lrr` an AXI error may show only from
/// the failing beat on; it is always there with `last`. `rrr` carries the final header on every beat.
module tsr_rd_server
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  // Requests
  input  logic               lrd_valid_i,
  output logic               lrd_ready_o,
  input  hdr_t               lrd_hdr_i,
  input  logic               rrd_valid_i,
  output logic               rrd_ready_o,
  input  hdr_t               rrd_hdr_i,
  // Responses
  output logic               lrr_valid_o,
  input  logic               lrr_ready_i,
  output hdr_t               lrr_hdr_o,
  output logic [DmaBits-1:0] lrr_data_o,
  output logic               lrr_last_o,
  output logic               rrr_valid_o,
  input  logic               rrr_ready_i,
  output hdr_t               rrr_hdr_o,
  output logic [DmaBits-1:0] rrr_data_o,
  output logic               rrr_last_o,
  // HBM port
  output logic               ar_valid_o,
  input  logic               ar_ready_i,
  output logic [39:0]        ar_addr_o,
  output logic [7:0]         ar_len_o,
  input  logic               rb_valid_i,
  output logic               rb_ready_o,
  input  logic [DmaBits-1:0] rb_data_i,
  input  logic               rb_err_i,
  input  logic               rb_last_i,
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
  output logic               csr_we_o,
  output logic [15:0]        csr_addr_o,
  output logic [31:0]        csr_wdata_o,
  input  logic               csr_rvalid_i,
  input  logic [31:0]        csr_rdata_i,
  input  logic               csr_err_i,
  output logic               err_o,                // one cycle: an answer with an error has left
  output logic               quiet_o
);
  localparam int unsigned PktW = HdrBits + DmaBits + 1;

  // ---- Requests: checked and split by path ------------------------------------------------------------
  // Index 0 local, 1 remote.
  logic [1:0] rd_valid, rd_hbm, in_ready_h, in_ready_m, h_valid, h_ready, m_valid, m_ready, h_quiet, m_quiet;
  hdr_t       rd_hdr [2], rsp [2], h_hdr [2], m_hdr [2];
  logic [2:0] unused_count [2][2];

  assign rd_valid = {rrd_valid_i, lrd_valid_i};
  assign rd_hdr[0] = lrd_hdr_i;
  assign rd_hdr[1] = rrd_hdr_i;
  for (genvar s = 0; s < 2; s++) begin : gen_in
    assign rd_hbm[s] = (rd_hdr[s].space == SpaceHbm);
    assign rsp[s] = response(rd_hdr[s], KindRdRsp, read_err(rd_hdr[s].space, rd_hdr[s].addr, rd_hdr[s].len));
    tsr_fifo #(.Width(HdrBits), .Depth(4)) u_hbm (
      .clk_i, .rst_ni, .in_valid_i(rd_valid[s] && rd_hbm[s]), .in_ready_o(in_ready_h[s]), .in_data_i(rsp[s]),
      .out_valid_o(h_valid[s]), .out_ready_i(h_ready[s]), .out_data_o(h_hdr[s]),
      .count_o(unused_count[s][0]), .quiet_o(h_quiet[s])
    );
    tsr_fifo #(.Width(HdrBits), .Depth(4)) u_mem (
      .clk_i, .rst_ni, .in_valid_i(rd_valid[s] && !rd_hbm[s]), .in_ready_o(in_ready_m[s]), .in_data_i(rsp[s]),
      .out_valid_o(m_valid[s]), .out_ready_i(m_ready[s]), .out_data_o(m_hdr[s]),
      .count_o(unused_count[s][1]), .quiet_o(m_quiet[s])
    );
  end
  assign lrd_ready_o = rd_hbm[0] ? in_ready_h[0] : in_ready_m[0];
  assign rrd_ready_o = rd_hbm[1] ? in_ready_h[1] : in_ready_m[1];

  // ---- Paths ------------------------------------------------------------------------------------------
  // Packets {hdr, data, last}: [0] HBM, [1] memories.
  logic [1:0]      lp_valid, lp_ready, rp_valid, rp_ready;
  logic [PktW-1:0] lp [2], rp [2];
  logic            mem_busy, hbm_quiet, mem_quiet;

  tsr_rd_hbm u_hbm (
    .clk_i, .rst_ni,
    .l_valid_i(h_valid[0]), .l_ready_o(h_ready[0]), .l_hdr_i(h_hdr[0]),
    .r_valid_i(h_valid[1]), .r_ready_o(h_ready[1]), .r_hdr_i(h_hdr[1]),
    .ar_valid_o, .ar_ready_i, .ar_addr_o, .ar_len_o, .rb_valid_i, .rb_ready_o, .rb_data_i, .rb_err_i, .rb_last_i,
    .l_busy_i(mem_busy), .lp_valid_o(lp_valid[0]), .lp_ready_i(lp_ready[0]),
    .lp_hdr_o(lp[0][DmaBits+1+:HdrBits]), .lp_data_o(lp[0][1+:DmaBits]), .lp_last_o(lp[0][0]),
    .rp_valid_o(rp_valid[0]), .rp_ready_i(rp_ready[0]),
    .rp_hdr_o(rp[0][DmaBits+1+:HdrBits]), .rp_data_o(rp[0][1+:DmaBits]), .rp_last_o(rp[0][0]),
    .quiet_o(hbm_quiet)
  );
  tsr_rd_mem u_mem (
    .clk_i, .rst_ni,
    .l_valid_i(m_valid[0]), .l_ready_o(m_ready[0]), .l_hdr_i(m_hdr[0]),
    .r_valid_i(m_valid[1]), .r_ready_o(m_ready[1]), .r_hdr_i(m_hdr[1]),
    .sbuf_rd_en_o, .sbuf_rd_part_o, .sbuf_rd_addr_o, .sbuf_rd_data_i,
    .psum_rd_en_o, .psum_rd_part_o, .psum_rd_addr_o, .psum_rd_data_i,
    .csr_valid_o, .csr_ready_i, .csr_addr_o, .csr_rvalid_i, .csr_rdata_i, .csr_err_i,
    .l_busy_o(mem_busy), .lp_valid_o(lp_valid[1]), .lp_ready_i(lp_ready[1]),
    .lp_hdr_o(lp[1][DmaBits+1+:HdrBits]), .lp_data_o(lp[1][1+:DmaBits]), .lp_last_o(lp[1][0]),
    .rp_valid_o(rp_valid[1]), .rp_ready_i(rp_ready[1]),
    .rp_hdr_o(rp[1][DmaBits+1+:HdrBits]), .rp_data_o(rp[1][1+:DmaBits]), .rp_last_o(rp[1][0]),
    .quiet_o(mem_quiet)
  );
  assign csr_we_o = 1'b0;
  assign csr_wdata_o = 32'd0;

  // ---- Responses --------------------------------------------------------------------------------------
  logic       l_any, l_index, l_free, l_arb_quiet, l_out_quiet, r_any, r_index, r_free, r_arb_quiet, r_out_quiet;
  logic [1:0] l_grant, r_grant;

  tsr_rr_arb #(.N(2)) u_l_arb (
    .clk_i, .rst_ni, .req_i(lp_valid), .ready_i(l_free), .last_i(lp[l_index][0]),
    .valid_o(l_any), .grant_o(l_grant), .index_o(l_index), .quiet_o(l_arb_quiet)
  );
  tsr_skid #(.Width(PktW)) u_l_out (
    .clk_i, .rst_ni, .in_valid_i(l_any), .in_ready_o(l_free), .in_data_i(lp[l_index]),
    .out_valid_o(lrr_valid_o), .out_ready_i(lrr_ready_i), .out_data_o({lrr_hdr_o, lrr_data_o, lrr_last_o}),
    .quiet_o(l_out_quiet)
  );
  tsr_rr_arb #(.N(2)) u_r_arb (
    .clk_i, .rst_ni, .req_i(rp_valid), .ready_i(r_free), .last_i(rp[r_index][0]),
    .valid_o(r_any), .grant_o(r_grant), .index_o(r_index), .quiet_o(r_arb_quiet)
  );
  tsr_skid #(.Width(PktW)) u_r_out (
    .clk_i, .rst_ni, .in_valid_i(r_any), .in_ready_o(r_free), .in_data_i(rp[r_index]),
    .out_valid_o(rrr_valid_o), .out_ready_i(rrr_ready_i), .out_data_o({rrr_hdr_o, rrr_data_o, rrr_last_o}),
    .quiet_o(r_out_quiet)
  );
  assign lp_ready = l_grant & {2{l_free}};
  assign rp_ready = r_grant & {2{r_free}};

  logic err_q, err_d;
  assign err_d = (lrr_valid_o && lrr_ready_i && lrr_last_o && lrr_hdr_o.err != ErrOk) ||
                 (rrr_valid_o && rrr_ready_i && rrr_last_o && rrr_hdr_o.err != ErrOk);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) err_q <= 1'b0;
    else err_q <= err_d;
  end
  assign err_o = err_q;

  assign quiet_o = (&h_quiet) && (&m_quiet) && hbm_quiet && mem_quiet && l_arb_quiet && l_out_quiet && r_arb_quiet &&
                   r_out_quiet && err_q == err_d;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (lrd_valid_i) LocalIsRead_A: assert (lrd_hdr_i.kind == KindRdReq);
      if (rrd_valid_i) RemoteIsRead_A: assert (rrd_hdr_i.kind == KindRdReq);
    end
  end
`endif
endmodule
