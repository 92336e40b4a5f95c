// SPDX-License-Identifier: Apache-2.0
/// DVE: dst[n] = alu0 over the fastest dimension of src0.
///
/// Exact: from the first element on, left to right, one FP32 RNE operation for each further element, one cast at the
/// end. A row of one element is that element, cast.
#include <algorithm>

#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/ops.hpp"

namespace tessera::golden {

OpResult tensor_reduce(Tile& tile, const isa::Instr& i) {
  using isa::Err;
  Err err = operand_err(tile.cfg, i.dst, i.nparts);
  if (err == Err::kOk) err = operand_err(tile.cfg, i.src0, i.nparts);
  if (err != Err::kOk) return {err};
  const std::uint32_t row = std::max(i.src0.num0, 1U), n = ap_count(i.dst);
  if (ap_count(i.src0) >= kCountLimit || std::uint64_t{n} * row != ap_count(i.src0)) return {Err::kShape};
  const View src(tile, i.src0);
  View dst(tile, i.dst);
  Writer out(dst);
  std::vector<std::uint32_t> value(i.nparts);
  for (std::uint32_t c = 0; c < n; ++c) {
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) {
      value[lane] = src.get(lane, c * row);
      for (std::uint32_t k = 1; k < row; ++k) {
        value[lane] = alu32(static_cast<isa::Alu>(i.alu0), value[lane], src.get(lane, c * row + k));
      }
    }
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) out.put(lane, c, value[lane]);
  }
  return out.result();
}

}  // namespace tessera::golden
