// SPDX-License-Identifier: Apache-2.0
/// What an engine tells the shell of lane engines about an instruction.
package tsr_lane_pkg;
  typedef struct packed {
    logic known;    // the engine executes it
    logic src0;     // reads src0, else takes a value in the destination's shape
    logic src1;     // reads src1 element by element
    logic column;   // reads src1 once, an [nparts,1] FP32 tile
    logic reduce;   // one result per num0 elements of src0
    logic keep;     // moves bits: no rounding, a NaN keeps its payload
  } lane_op_t;
endpackage
