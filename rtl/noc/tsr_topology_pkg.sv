// SPDX-License-Identifier: Apache-2.0
/// Virtual channels of the mesh: VC = {message class, lane}. A lane spreads the pairs of tiles over
/// two buffers.
package tsr_topology_pkg;
  import tsr_isa_pkg::*;
  import tsr_if_pkg::*;

  localparam int unsigned NumLanes = LinkVcs / NumClasses;

  /// VC on which a packet enters the network. It depends on source, destination and class alone,
  /// so a flow never overtakes itself.
  function automatic logic [LinkVcW-1:0] entry_vc(input hdr_t hdr);
    logic lane, unused;
    lane = hdr.src_x[0] ^ hdr.dst_x[0] ^ hdr.src_y[0] ^ hdr.dst_y[0];
    unused = ^hdr;
    entry_vc = {hdr.kind == KindRdRsp || hdr.kind == KindWrRsp, lane};
  endfunction
endpackage
