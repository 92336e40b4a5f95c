// SPDX-License-Identifier: Apache-2.0
/// Output port of a packet: dimension order, first along X, then along Y. Combinational.
///
/// Ports count N, E, S, W, L = 0 … 4; x grows east, y grows south. A turn from Y to X never happens, so the channels
/// of one virtual channel form no cycle.
module tsr_route_xy (
  input  logic [7:0] tile_x_i,
  input  logic [7:0] tile_y_i,
  input  logic [7:0] dst_x_i,
  input  logic [7:0] dst_y_i,
  output logic [2:0] route_o
);
  assign route_o = (dst_x_i > tile_x_i) ? 3'd1 :
                   (dst_x_i < tile_x_i) ? 3'd3 :
                   (dst_y_i > tile_y_i) ? 3'd2 :
                   (dst_y_i < tile_y_i) ? 3'd0 : 3'd4;
endmodule
