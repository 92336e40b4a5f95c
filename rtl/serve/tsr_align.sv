// SPDX-License-Identifier: Apache-2.0
/// Moves the bytes of a packet between dense and aligned beats. Combinational from `in` to `out`;
/// keeps one beat.
///
/// An output beat is {this input beat, the one before} shifted right by `shift_i` bytes. Dense from
/// memory: shift = byte offset, the first input beat only fills (`skip_i`); memory from dense:
/// shift = DmaBytes - offset. Offset 0: shift = DmaBytes, every input is an output. `extra_i`: the
/// last input beat makes one more output; it is taken with that one, so the description (`shift_i`,
/// `skip_i`, `extra_i`) travels with the input beats.
module tsr_align
  import tsr_cfg_pkg::*;
  import tsr_types_pkg::*;
#(
  localparam int unsigned ShiftW = $clog2(DmaBytes) + 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [ShiftW-1:0]  shift_i,              // bytes, 1 .. DmaBytes
  input  logic               skip_i,
  input  logic               extra_i,
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [DmaBits-1:0] in_data_i,
  input  logic               in_last_i,
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [DmaBits-1:0] out_data_o,
  output logic               out_first_o,
  output logic               out_last_o,
  output logic               quiet_o
);
  logic               first_q, out_first_q, flush_q, fill, tail, again, in_take, out_take;
  logic [DmaBits-1:0] prev_q, high, low;

  assign fill = first_q && skip_i && !in_last_i;   // no output yet
  assign tail = flush_q || (first_q && skip_i);    // output without a following beat
  assign again = in_last_i && extra_i && !tail;    // this input makes one more output
  assign out_valid_o = in_valid_i && !fill;
  assign in_ready_o = fill || (out_ready_i && !again);
  assign out_first_o = out_first_q;
  assign out_last_o = in_last_i && !again;
  assign high = tail ? '0 : in_data_i;
  assign low = tail ? in_data_i : (first_q ? '0 : prev_q);
  assign out_data_o = DmaBits'({high, low} >> {shift_i, 3'd0});
  assign in_take = in_valid_i && in_ready_o;
  assign out_take = out_valid_o && out_ready_i;
  assign quiet_o = !in_take && !out_take;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      first_q <= 1'b1;
      out_first_q <= 1'b1;
      flush_q <= 1'b0;
    end else if (in_take || out_take) begin
      if (in_take) first_q <= in_last_i;
      if (out_take) out_first_q <= out_last_o;
      flush_q <= out_take && again;
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_take) prev_q <= in_data_i;
  end
endmodule
