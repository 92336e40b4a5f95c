// SPDX-License-Identifier: Apache-2.0
/// Both ends that bus models are tested on: an AXI4 manager that plays one burst of at most 16 beats as its inputs say,
/// and an AXI4-Lite subordinate that answers `wait_i` clocks after it has a whole request.
module bus_dut (
  input  logic        clk,
  input  logic        rst_n,

  // A burst begins in a clock with `read` or `write`; `done` is up from its last response to the next begin.
  input  logic        read,
  input  logic        write,
  input  logic [15:0] address,
  input  logic [7:0]  length,         // beats - 1
  input  logic [2:0]  size,
  input  logic [1:0]  kind,
  input  logic [63:0] data   [16],
  input  logic [7:0]  strobe [16],
  output logic [63:0] got    [16],
  output logic        done,
  output logic [1:0]  response,       // the worst of the burst

  output logic [3:0]  m_awid,
  output logic [15:0] m_awaddr,
  output logic [7:0]  m_awlen,
  output logic [2:0]  m_awsize,
  output logic [1:0]  m_awburst,
  output logic        m_awvalid,
  input  logic        m_awready,
  output logic [63:0] m_wdata,
  output logic [7:0]  m_wstrb,
  output logic        m_wlast,
  output logic        m_wvalid,
  input  logic        m_wready,
  input  logic [3:0]  m_bid,
  input  logic [1:0]  m_bresp,
  input  logic        m_bvalid,
  output logic        m_bready,
  output logic [3:0]  m_arid,
  output logic [15:0] m_araddr,
  output logic [7:0]  m_arlen,
  output logic [2:0]  m_arsize,
  output logic [1:0]  m_arburst,
  output logic        m_arvalid,
  input  logic        m_arready,
  input  logic [3:0]  m_rid,
  input  logic [63:0] m_rdata,
  input  logic [1:0]  m_rresp,
  input  logic        m_rlast,
  input  logic        m_rvalid,
  output logic        m_rready,

  // No awprot and no arprot: a port may lack them.
  input  logic [7:0]  wait_i,
  input  logic        refuse_i,       // answers are SLVERR
  output logic [31:0] last_write,     // {address, data} of the last one
  output logic [7:0]  writes,
  input  logic [15:0] s_awaddr,
  input  logic        s_awvalid,
  output logic        s_awready,
  input  logic [31:0] s_wdata,
  input  logic [3:0]  s_wstrb,
  input  logic        s_wvalid,
  output logic        s_wready,
  output logic [1:0]  s_bresp,
  output logic        s_bvalid,
  input  logic        s_bready,
  input  logic [15:0] s_araddr,
  input  logic        s_arvalid,
  output logic        s_arready,
  output logic [31:0] s_rdata,        // {address inverted, address}
  output logic [1:0]  s_rresp,
  output logic        s_rvalid,
  input  logic        s_rready
);
  logic [3:0] out, in;

  assign m_awid = 4'd5;
  assign m_arid = 4'd6;
  assign {m_awaddr, m_awlen, m_awsize, m_awburst} = {address, length, size, kind};
  assign {m_araddr, m_arlen, m_arsize, m_arburst} = {address, length, size, kind};
  assign m_wdata = data[out];
  assign m_wstrb = strobe[out];
  assign m_wlast = 8'(out) == length;
  assign m_bready = 1'b1;
  assign m_rready = 1'b1;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      {m_awvalid, m_wvalid, m_arvalid, done} <= '0;
      {out, in, response} <= '0;
    end else if (read || write) begin
      {m_awvalid, m_wvalid, m_arvalid, done} <= {write, write, read, 1'b0};
      {out, in, response} <= '0;
    end else begin
      if (m_awready) m_awvalid <= 1'b0;
      if (m_arready) m_arvalid <= 1'b0;
      if (m_wvalid && m_wready) begin
        out <= out + 4'd1;
        if (m_wlast) m_wvalid <= 1'b0;
      end
      if (m_rvalid) begin
        got[in] <= m_rdata;
        in <= in + 4'd1;
        done <= m_rlast;
        if (m_rresp > response) response <= m_rresp;
      end
      if (m_bvalid) begin
        done <= 1'b1;
        response <= m_bresp;
      end
    end
  end

  logic        have_aw, have_w, have_ar;
  logic [15:0] aw, ar;
  logic [31:0] w;
  logic [7:0]  b_left, r_left;

  assign s_awready = !have_aw;
  assign s_wready = !have_w;
  assign s_arready = !have_ar;
  assign s_bvalid = have_aw && have_w && b_left == 8'd0;
  assign s_rvalid = have_ar && r_left == 8'd0;
  assign s_rdata = {~ar, ar};
  assign s_bresp = {refuse_i, 1'b0};
  assign s_rresp = {refuse_i, 1'b0};

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      {have_aw, have_w, have_ar} <= '0;
      {last_write, writes} <= '0;
    end else begin
      if (s_awvalid && s_awready) {have_aw, aw} <= {1'b1, s_awaddr};
      if (s_wvalid && s_wready) {have_w, w} <= {1'b1, s_wdata};
      if (s_arvalid && s_arready) {have_ar, ar, r_left} <= {1'b1, s_araddr, wait_i};
      if (!(have_aw && have_w)) b_left <= wait_i;
      else if (b_left != 8'd0) b_left <= b_left - 8'd1;
      else if (s_bready) begin
        {have_aw, have_w} <= '0;
        last_write <= {aw, w[15:0]};
        writes <= writes + 8'd1;
      end
      if (have_ar && r_left != 8'd0) r_left <= r_left - 8'd1;
      if (s_rvalid && s_rready) have_ar <= 1'b0;
    end
  end
endmodule
