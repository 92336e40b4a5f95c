// SPDX-License-Identifier: Apache-2.0
/// DVE: dst = imm0.
///
/// Exact: an FP32 destination takes the bits of imm0 unchanged; BF16 takes one RNE cast of it (NaN canonical).
#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/ops.hpp"

namespace tessera::golden {

OpResult memset(Tile& tile, const isa::Instr& i) {
  using isa::Err;
  const Err err = operand_err(tile.cfg, i.dst, i.nparts);
  if (err != Err::kOk) return {err};
  if (ap_count(i.dst) >= kCountLimit) return {Err::kShape};
  View dst(tile, i.dst);
  Writer out(dst);
  for (std::uint32_t c = 0; c < dst.count(); ++c) {
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane)
      out.put_raw(lane, c, convert(i.imm0, isa::Dtype::kFp32, dst.dtype()));
  }
  return out.result();
}

}  // namespace tessera::golden
