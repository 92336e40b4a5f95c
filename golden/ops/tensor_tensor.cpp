// SPDX-License-Identifier: Apache-2.0
/// DVE: dst = src0 alu0 src1, element by element; at most one source in PSUM.
///
/// Exact: sources widened to FP32, one FP32 RNE operation, one cast to the destination type.
#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/ops.hpp"

namespace tessera::golden {

OpResult tensor_tensor(Tile& tile, const isa::Instr& i) {
  using isa::Err;
  constexpr auto kPsum = static_cast<std::uint32_t>(isa::Space::kPsum);
  Err err = operand_err(tile.cfg, i.dst, i.nparts);
  if (err == Err::kOk) err = operand_err(tile.cfg, i.src0, i.nparts);
  if (err == Err::kOk) err = operand_err(tile.cfg, i.src1, i.nparts);
  if (err == Err::kOk && i.src0.space == kPsum && i.src1.space == kPsum) err = Err::kSpace;
  if (err != Err::kOk) return {err};
  const std::uint32_t n = ap_count(i.dst);
  if (n != ap_count(i.src0) || n != ap_count(i.src1) || n >= kCountLimit) return {Err::kShape};
  const View a(tile, i.src0), b(tile, i.src1);
  View dst(tile, i.dst);
  Writer out(dst);
  std::vector<std::uint32_t> value(i.nparts);
  for (std::uint32_t c = 0; c < n; ++c) {
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) {
      value[lane] = alu32(static_cast<isa::Alu>(i.alu0), a.get(lane, c), b.get(lane, c));
    }
    for (std::uint32_t lane = 0; lane < i.nparts; ++lane) out.put(lane, c, value[lane]);
  }
  return out.result();
}

}  // namespace tessera::golden
