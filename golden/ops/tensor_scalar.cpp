// SPDX-License-Identifier: Apache-2.0
/// DVE: dst = (src0 alu0 scalar0) alu1 imm1; scalar0 is imm0 or one FP32 value for each partition; alu1 is optional.
///
/// Exact: source widened to FP32, one FP32 RNE operation for each operator, one cast to the destination type.
#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/ops.hpp"

namespace tessera::golden {

OpResult tensor_scalar(Tile& tile, const isa::Instr& i) {
  using isa::Err;
  const bool second = (i.scalar_en & 2U) != 0, column = isa::src1_role(i) == isa::Role::kColumn;
  Err err = operand_err(tile.cfg, i.dst, i.nparts);
  if (err == Err::kOk) err = operand_err(tile.cfg, i.src0, i.nparts);
  if (err == Err::kOk && column) err = scalar_tile_err(tile.cfg, i.src1, i.nparts);
  if (err != Err::kOk) return {err};
  const std::uint32_t n = ap_count(i.dst);
  if (n != ap_count(i.src0) || n >= kCountLimit) return {Err::kShape};
  const View src(tile, i.src0);
  View dst(tile, i.dst);
  std::vector<std::uint32_t> scalar(i.nparts, i.imm0);
  if (column) {
    const View values(tile, i.src1);
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) scalar[lane] = values.raw(lane, 0);
  }
  Writer out(dst);
  std::vector<std::uint32_t> value(i.nparts);
  for (std::uint32_t c = 0; c < n; ++c) {
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) {
      value[lane] = alu32(static_cast<isa::Alu>(i.alu0), src.get(lane, c), scalar[lane]);
      if (second) value[lane] = alu32(static_cast<isa::Alu>(i.alu1), value[lane], i.imm1);
    }
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) out.put(lane, c, value[lane]);
  }
  return out.result();
}

}  // namespace tessera::golden
