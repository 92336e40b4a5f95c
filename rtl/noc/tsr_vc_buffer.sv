// SPDX-License-Identifier: Apache-2.0
/// Flit buffers of one input port: one FIFO of Depth flits per virtual channel, one write and one
/// read per cycle.
///
/// Latency from `link_valid_i` to `req_o`: 1 cycle. `req_o` (a register) says which VC has a flit
/// at its front and which output it takes: bit output * NumVcs + vc. `flit_o` is the front of VC
/// `pop_vc_i`, combinational; `pop_i` removes it.
/// Order: first in, first out per VC. There is no ready: the sender counts credits (one per flit of
/// Depth).
`include "tsr_assert.svh"
module tsr_vc_buffer
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter int unsigned NumPorts = NumDirs,   // outputs
  parameter int unsigned NumVcs = LinkVcs,       // a power of two
  parameter int unsigned Depth = VcDepth,                   // flits per VC, a power of two
  localparam int unsigned PortW = (NumPorts > 1) ? $clog2(NumPorts) : 1,
  localparam int unsigned VcW = $clog2(NumVcs),
  localparam int unsigned Reqs = NumPorts * NumVcs
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // Flit that arrives; `port_i` counts on the head only
  input  logic             link_valid_i,
  input  link_t            link_i,
  input  logic [PortW-1:0] port_i,
  // Flit that leaves
  output logic [Reqs-1:0]  req_o,
  input  logic             pop_i,
  input  logic [VcW-1:0]   pop_vc_i,
  output link_t            flit_o
);
  localparam int unsigned Aw = $clog2(Depth);
  localparam logic [Reqs-1:0] Column = {NumPorts{NumVcs'(1)}};      // the bits of VC 0 in req_o
  if (Depth != 1 << Aw || Depth < 2) begin : gen_depth
    $error("router_vc_depth is not a power of two");
  end
  if (NumVcs != 1 << VcW || NumVcs > LinkVcs) begin : gen_vcs
    $error("NumVcs is not a power of two that the links can count");
  end

  logic [LinkBits-1:0] data_q [NumVcs*Depth];
  logic [1:0]          ends_q [NumVcs*Depth];              // head, tail
  logic [PortW-1:0]    ways_q [NumVcs*Depth];              // output of the flit's packet
  logic [Aw:0]         put_q [NumVcs], get_q [NumVcs];     // one bit more: full, empty differ
  logic [PortW-1:0]    port_q [NumVcs];                    // of the packet that arrives
  logic [Reqs-1:0]     req_q;

  logic [VcW+Aw-1:0]   put_at, get_at, next_at;
  logic [Aw:0]         get_next;
  logic [VcW-1:0]      put_vc;
  logic [PortW-1:0]    port;
  assign put_vc = VcW'(link_i.vc);
  assign get_next = get_q[pop_vc_i] + (Aw+1)'(1);
  assign put_at = {put_vc, put_q[put_vc][Aw-1:0]};
  assign get_at = {pop_vc_i, get_q[pop_vc_i][Aw-1:0]};
  assign next_at = {pop_vc_i, get_next[Aw-1:0]};
  assign port = link_i.head ? port_i : port_q[put_vc];
  assign req_o = req_q;
  assign flit_o = '{vc: LinkVcW'(pop_vc_i), head: ends_q[get_at][1],
                    tail: ends_q[get_at][0], data: data_q[get_at]};

  always_ff @(posedge clk_i) begin : storage
    if (link_valid_i) begin
      data_q[put_at] <= link_i.data;
      ends_q[put_at] <= {link_i.head, link_i.tail};
      ways_q[put_at] <= port;
      if (link_i.head) port_q[put_vc] <= port_i;
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
    end else if (link_valid_i || pop_i) begin
      req = req_q;
      if (pop_i) begin
        get_q[pop_vc_i] <= get_next;
        if (get_next == put_q[pop_vc_i]) begin
          req = req & ~(Column << pop_vc_i);
        end else if (flit_o.tail) begin
          req = (req & ~(Column << pop_vc_i)) | (Reqs'(1) << {ways_q[next_at], pop_vc_i});
        end
      end
      if (link_valid_i) begin
        put_q[put_vc] <= put_q[put_vc] + (Aw+1)'(1);
        if (((req >> put_vc) & Column) == '0) req = req | (Reqs'(1) << {port, put_vc});
      end
      req_q <= req;
    end
  end

`ifdef TSR_CHECKS
  // ---- Assertions -------------------------------------------------------------------------------
  logic [NumVcs-1:0] inside_q;                     // a packet has begun and not ended
  always_ff @(posedge clk_i) begin
    if (!rst_ni) inside_q <= '0;
    else if (link_valid_i) inside_q[put_vc] <= !link_i.tail;
  end
`endif
  `TSR_ASSERT(NoOverflow_A, link_valid_i -> put_q[put_vc] - get_q[put_vc] != (Aw+1)'(Depth),
              "flit without credit")
  `TSR_ASSERT(HeadAfterTail_A, link_valid_i -> link_i.head != inside_q[put_vc],
              "packets interleave on one VC")
  `TSR_ASSERT(PopNotEmpty_A, pop_i -> put_q[pop_vc_i] != get_q[pop_vc_i])
endmodule
