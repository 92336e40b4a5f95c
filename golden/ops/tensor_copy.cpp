// SPDX-License-Identifier: Apache-2.0
/// DVE: dst = src0 with cast.
///
/// Exact: equal types keep every bit, NaN payloads included; else one conversion (RNE to BF16, exact to FP32, NaN
/// canonical).
#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/ops.hpp"

namespace tessera::golden {

OpResult tensor_copy(Tile& tile, const isa::Instr& i) {
  using isa::Err;
  Err err = operand_err(tile.cfg, i.dst, i.nparts);
  if (err == Err::kOk) err = operand_err(tile.cfg, i.src0, i.nparts);
  if (err != Err::kOk) return {err};
  const std::uint32_t n = ap_count(i.dst);
  if (n != ap_count(i.src0) || n >= kCountLimit) return {Err::kShape};
  const View src(tile, i.src0);
  View dst(tile, i.dst);
  Writer out(dst);
  std::vector<std::uint32_t> value(i.nparts);
  for (std::uint32_t c = 0; c < n; ++c) {
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane)
      value[lane] = convert(src.raw(lane, c), src.dtype(), dst.dtype());
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) out.put_raw(lane, c, value[lane]);
  }
  return out.result();
}

}  // namespace tessera::golden
