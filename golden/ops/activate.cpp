// SPDX-License-Identifier: Apache-2.0
/// ACT: dst = f(src0 x scale + bias).
///
/// Exact: one fmaf in FP32, the function (copy, or max with +0 where NaN stays NaN), one cast to the destination type.
#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/ops.hpp"

namespace tessera::golden {

OpResult activate(Tile& tile, const isa::Instr& i) {
  using isa::Err;
  const std::uint32_t function = i.flags & 0xfU;
  const bool bias_tile = isa::src1_role(i) == isa::Role::kColumn;
  Err err = operand_err(tile.cfg, i.dst, i.nparts);
  if (err == Err::kOk) err = operand_err(tile.cfg, i.src0, i.nparts);
  if (err == Err::kOk && bias_tile) err = scalar_tile_err(tile.cfg, i.src1, i.nparts);
  if (err != Err::kOk) return {err};
  const std::uint32_t n = ap_count(i.dst);
  if (n != ap_count(i.src0) || n >= kCountLimit) return {Err::kShape};
  const View src(tile, i.src0);
  View dst(tile, i.dst);
  std::vector<std::uint32_t> bias(i.nparts, i.imm1);
  if (bias_tile) {
    const View column(tile, i.src1);
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) bias[lane] = column.raw(lane, 0);
  }
  Writer out(dst);
  std::vector<std::uint32_t> value(i.nparts);
  for (std::uint32_t c = 0; c < n; ++c) {
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) {
      value[lane] = fma32(src.get(lane, c), i.imm0, bias[lane]);
      if (function == static_cast<std::uint32_t>(isa::Act::kRelu)) value[lane] = relu32(value[lane]);
    }
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) out.put(lane, c, value[lane]);
  }
  return out.result();
}

}  // namespace tessera::golden
