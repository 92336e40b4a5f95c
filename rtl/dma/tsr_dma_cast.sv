// SPDX-License-Identifier: Apache-2.0
/// Converts dense beats from the source type to the destination type; combinational.
///
/// CastNone passes the beat. CastNarrow: `narrow_o` (else 0) is the half of the beat, `beat_o`
/// joins it above `low_i` (the half of the beat before) when `second_i`, else puts zeros above.
/// CastWiden: `beat_o` is the low or (`second_i`) high half of the beat, widened. CastEven: every
/// 16-bit element of the beat, through FP32. Rounding is to nearest even; a NaN becomes the
/// canonical one of its type.
module tsr_dma_cast
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_dma_pkg::*;
  import tsr_fp_pkg::*;
(
  input  cast_e                cast_i,
  input  dtype_code_t          src_i,
  input  dtype_code_t          dst_i,
  input  logic                 second_i,
  input  logic [DmaBits-1:0]   beat_i,
  input  logic [DmaBits/2-1:0] low_i,
  output logic [DmaBits/2-1:0] narrow_o,
  output logic [DmaBits-1:0]   beat_o
);
  logic [DmaBits-1:0]   wide, even;
  logic [DmaBits/2-1:0] half;

  assign half = second_i ? beat_i[DmaBits-1:DmaBits/2] : beat_i[DmaBits/2-1:0];

  always_comb begin
    narrow_o = '0;
    wide = '0;
    even = '0;
    if (cast_i == CastNarrow) begin
      for (int unsigned w = 0; w < DmaWords; w++)
        narrow_o[16*w+:16] = 16'(fp_pack(dst_i, beat_i[32*w+:32]));
    end
    if (cast_i == CastWiden) begin
      for (int unsigned w = 0; w < DmaWords; w++) begin
        wide[32*w+:32] = fp_unpack(src_i, {16'd0, half[16*w+:16]});
      end
    end
    if (cast_i == CastEven) begin
      for (int unsigned w = 0; w < 2 * DmaWords; w++) begin
        even[16*w+:16] = 16'(fp_pack(dst_i, fp_unpack(src_i, {16'd0, beat_i[16*w+:16]})));
      end
    end
  end

  always_comb begin
    unique case (cast_i)
      CastNarrow: beat_o = second_i ? {narrow_o, low_i} : {{DmaBits/2{1'b0}}, narrow_o};
      CastWiden:  beat_o = wide;
      CastEven:   beat_o = even;
      default:    beat_o = beat_i;
    endcase
  end
endmodule
