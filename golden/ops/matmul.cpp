// SPDX-License-Identifier: Apache-2.0
/// PE: LDWEIGHTS and MATMUL.
///
/// Exact: each column is the chain p = fmaf(x[k], w[k], p) from +0 over rising rows k (rule R1); with flags[0] the
/// finished chain is added to PSUM by one FP32 RNE addition (rule R2), else it replaces the PSUM word.
#include <cmath>
#include <vector>

#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/ops.hpp"

namespace tessera::golden {
namespace {

using isa::Err;

Err source_err(const Config& cfg, const isa::Operand& o, std::uint32_t rows) {
  if (!isa::moving_space(o.space)) return Err::kSpace;
  if (!isa::moving_type(o.dtype)) return Err::kDtype;
  return operand_err(cfg, o, rows);
}

Err dest_err(const Config& cfg, const isa::Operand& o, std::uint32_t columns) {
  if (!isa::sum_space(o.space)) return Err::kSpace;
  if (!isa::sum_type(o.dtype)) return Err::kDtype;
  return operand_err(cfg, o, columns);
}

}  // namespace

OpResult ldweights(Tile& tile, const isa::Instr& i) {
  const Err err = source_err(tile.cfg, i.src0, i.nparts);
  if (err != Err::kOk) return {err};
  const std::uint32_t p = tile.cfg.partitions, first = i.imm0 & 0xffU, m = ap_count(i.src0);
  if (first + m > p) return {Err::kShape};
  const View src(tile, i.src0);
  Weights& w = tile.weights;
  for (std::uint32_t k = 0; k < i.nparts; ++k) {
    for (std::uint32_t c = 0; c < m; ++c)
      w.bits[(i.src0.start_part + k) * p + first + c] = static_cast<std::uint16_t>(src.raw(k, c));
  }
  w.rows = i.nparts, w.first_row = i.src0.start_part, w.first_column = first, w.columns = m;
  return {};
}

OpResult matmul(Tile& tile, const isa::Instr& i) {
  const std::uint32_t columns = i.imm0 & 0xffU, p = tile.cfg.partitions;
  Err err = source_err(tile.cfg, i.src0, i.nparts);
  if (err == Err::kOk) err = dest_err(tile.cfg, i.dst, columns);
  if (err != Err::kOk) return {err};
  const Weights& w = tile.weights;
  const std::uint32_t n = ap_count(i.src0);
  if (n != ap_count(i.dst) || n > isa::kMatmulColumns || i.nparts != w.rows || i.src0.start_part != w.first_row ||
      columns != w.columns || i.dst.start_part != w.first_column) {
    return {Err::kShape};
  }
  const View src(tile, i.src0);
  View dst(tile, i.dst);
  std::vector<float> weight(std::size_t{i.nparts} * columns);
  for (std::uint32_t k = 0; k < i.nparts; ++k) {
    for (std::uint32_t m = 0; m < columns; ++m) {
      weight[k * columns + m] = to_float(widen(w.bits[(w.first_row + k) * p + w.first_column + m], isa::Dtype::kBf16));
    }
  }
  Writer out(dst);
  std::vector<float> chain(columns);
  for (std::uint32_t c = 0; c < n; ++c) {
    for (float& value : chain) value = 0.0F;
    for (std::uint32_t k = 0; k < i.nparts; ++k) {
      const float x = to_float(src.get(k, c));
      const float* row = &weight[k * columns];
      for (std::uint32_t m = 0; m < columns; ++m) chain[m] = std::fmaf(x, row[m], chain[m]);
    }
    for (std::uint32_t m = 0; m < columns; ++m) {
      const std::uint32_t sum = canonical(chain[m]);
      out.put(m, c, (i.flags & 1U) != 0 ? add32(dst.raw(m, c), sum) : sum);
    }
  }
  auto result = out.result();
  result.work = std::uint64_t{n} * i.nparts * columns;
  return result;
}

}  // namespace tessera::golden
