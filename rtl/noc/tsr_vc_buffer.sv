// SPDX-License-Identifier: Apache-2.0
/// Flit buffers of one input port: one FIFO of Depth flits per virtual channel, one write and one read per cycle.
///
/// Latency from `in_valid_i` to `req_o`: 1 cycle. `req_o` (a register) says which VC has a flit at its front and which
/// route it takes: bit route * NumVcs + vc. `flit_*_o` is the front of VC `pop_vc_i`, combinational; `pop_i` removes it.
/// Order: first in, first out per VC. There is no ready: the sender counts credits (one per flit of Depth).
module tsr_vc_buffer
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
#(
  parameter int unsigned Width = LinkBits,
  parameter int unsigned Depth = VcDepth,          // flits per VC, a power of two
  parameter int unsigned NumVcs = 4,               // power of two
  parameter int unsigned NumRoutes = 5,
  localparam int unsigned VcW = $clog2(NumVcs),
  localparam int unsigned Reqs = NumRoutes * NumVcs
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // Flit that arrives; `in_route_i` counts on the head only
  input  logic                in_valid_i,
  input  logic [VcW-1:0]      in_vc_i,
  input  logic                in_head_i,
  input  logic                in_tail_i,
  input  logic [2:0]          in_route_i,
  input  logic [Width-1:0]    in_data_i,
  // Flit that leaves
  output logic [Reqs-1:0]     req_o,
  input  logic                pop_i,
  input  logic [VcW-1:0]      pop_vc_i,
  output logic                flit_head_o,
  output logic                flit_tail_o,
  output logic [Width-1:0]    flit_data_o
);
  localparam int unsigned Aw = $clog2(Depth);
  localparam logic [Reqs-1:0] Column = {NumRoutes{NumVcs'(1)}};    // the bits of VC 0 in req_o
  if (Depth != 1 << Aw || Depth < 2) begin : gen_depth
    $error("router_vc_depth is not a power of two");
  end

  logic [Width-1:0]    data_q [NumVcs*Depth];
  logic [1:0]          ends_q [NumVcs*Depth];              // head, tail
  logic [2:0]          ways_q [NumVcs*Depth];              // route of the flit's packet
  logic [Aw:0]         put_q [NumVcs], get_q [NumVcs];     // one bit more than an address: full and empty differ
  logic [2:0]          route_q [NumVcs];                   // of the packet that arrives
  logic [Reqs-1:0]     req_q;

  logic [VcW+Aw-1:0]   put_at, get_at, next_at;
  logic [Aw:0]         get_next;
  logic [2:0]          in_route;
  assign get_next = get_q[pop_vc_i] + (Aw+1)'(1);
  assign put_at = {in_vc_i, put_q[in_vc_i][Aw-1:0]};
  assign get_at = {pop_vc_i, get_q[pop_vc_i][Aw-1:0]};
  assign next_at = {pop_vc_i, get_next[Aw-1:0]};
  assign in_route = in_head_i ? in_route_i : route_q[in_vc_i];
  assign req_o = req_q;
  assign {flit_head_o, flit_tail_o} = ends_q[get_at];
  assign flit_data_o = data_q[get_at];

  always_ff @(posedge clk_i) begin : storage
    if (in_valid_i) begin
      data_q[put_at] <= in_data_i;
      ends_q[put_at] <= {in_head_i, in_tail_i};
      ways_q[put_at] <= in_route;
      if (in_head_i) route_q[in_vc_i] <= in_route_i;
    end
  end

  always_ff @(posedge clk_i) begin : pointers
    logic [Reqs-1:0] req;
    if (!rst_ni) begin
      for (int unsigned v = 0; v < NumVcs; v++) begin
        put_q[v] <= '0;
        get_q[v] <= '0;
      end
      req_q <= '0;
    end else if (in_valid_i || pop_i) begin
      req = req_q;
      if (pop_i) begin
        get_q[pop_vc_i] <= get_next;
        if (get_next == put_q[pop_vc_i]) req = req & ~(Column << pop_vc_i);
        else if (flit_tail_o) req = (req & ~(Column << pop_vc_i)) | (Reqs'(1) << {ways_q[next_at], pop_vc_i});
      end
      if (in_valid_i) begin
        put_q[in_vc_i] <= put_q[in_vc_i] + (Aw+1)'(1);
        if (((req >> in_vc_i) & Column) == '0) req = req | (Reqs'(1) << {in_route, in_vc_i});
      end
      req_q <= req;
    end
  end

`ifndef SYNTHESIS
  // --- Assertions -----------------------------------------------------------------------------
  logic [NumVcs-1:0] inside_q;                     // a packet has begun and not ended
  always_ff @(posedge clk_i) begin
    if (!rst_ni) inside_q <= '0;
    else begin
      if (in_valid_i) begin
        inside_q[in_vc_i] <= !in_tail_i;
        NoOverflow_A: assert (put_q[in_vc_i] - get_q[in_vc_i] != (Aw+1)'(Depth)) else $error("flit without credit");
        HeadAfterTail_A: assert (in_head_i != inside_q[in_vc_i]) else $error("packets interleave on one VC");
      end
      if (pop_i) PopNotEmpty_A: assert (put_q[pop_vc_i] != get_q[pop_vc_i]);
    end
  end
`endif
endmodule
