// SPDX-License-Identifier: Apache-2.0
/// Topology: where a packet goes next, seen from one input of a router. Mesh, dimension order:
/// first along X, then along Y. A turn from Y to X never happens and a packet keeps its VC, so the
/// channels of one VC form no cycle.
///
/// Combinational. `port_o` is the output of the packet whose head is `hdr_i`. `next_vc_o` is its VC
/// on that output, by output and by the VC on which it came: constant while running, and the same
/// for all packets of a channel, so that the allocator knows without their headers which requests a
/// credit serves.
/// Another topology is another module with these ports (and its `entry_vc` in tsr_topology_pkg): a
/// torus goes the shorter way round, and `next_vc_o` of the outputs that cross the dateline, or
/// leave along another axis than the packet came, is another lane of the class.
`include "tsr_assert.svh"
module tsr_topology_mesh
  import tsr_isa_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter dir_e        From = DirL,              // the input; in a mesh for assertions only
  parameter int unsigned NumVcs = LinkVcs,
  localparam int unsigned VcW = $clog2(NumVcs)
) (
  input  logic           clk_i,                    // for assertions
  input  logic           rst_ni,
  input  place_t         place_i,
  input  logic           head_valid_i,             // a head arrives: for assertions
  input  hdr_t           hdr_i,                    // as far as it is in the head flit
  output dir_e           port_o,
  output logic [VcW-1:0] next_vc_o [NumDirs][NumVcs]
);
  assign port_o = (hdr_i.dst_x > place_i.x) ? DirE :
                  (hdr_i.dst_x < place_i.x) ? DirW :
                  (hdr_i.dst_y > place_i.y) ? DirS :
                  (hdr_i.dst_y < place_i.y) ? DirN : DirL;

  for (genvar o = 0; o < NumDirs; o++) begin : gen_output
    for (genvar v = 0; v < NumVcs; v++) begin : gen_vc
      assign next_vc_o[o][v] = VcW'(v);
    end
  end

  logic unused;
  assign unused = ^hdr_i;

  // ---- Assertions -------------------------------------------------------------------------------
  localparam bit AlongY = From == DirN || From == DirS;
  `TSR_ASSERT(HeaderInsideMesh_A, head_valid_i ->
              hdr_i.dst_x <= place_i.mesh_x && hdr_i.dst_y <= place_i.mesh_y &&
              hdr_i.src_x <= place_i.mesh_x && hdr_i.src_y <= place_i.mesh_y,
              "coordinates outside the mesh")
  `TSR_ASSERT(NoTurnFromYToX_A, head_valid_i -> !AlongY || (port_o != DirE && port_o != DirW),
              "a packet came along Y and goes on along X")
  `TSR_ASSERT(NoFlitOverTheEdge_A, head_valid_i ->
              !(port_o == DirN && place_i.y == '0) &&
              !(port_o == DirE && place_i.x == place_i.mesh_x) &&
              !(port_o == DirS && place_i.y == place_i.mesh_y) &&
              !(port_o == DirW && place_i.x == '0))
endmodule
