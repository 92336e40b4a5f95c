// SPDX-License-Identifier: Apache-2.0
#include "golden/access.hpp"

#include <algorithm>

#include "golden/numerics.hpp"

namespace tessera::golden {
namespace {

using isa::Dtype;
using isa::Err;
using isa::Space;

std::uint32_t dim(std::uint32_t num) { return num == 0 ? 1 : num; }
std::int64_t step(std::uint32_t bits) { return static_cast<std::int16_t>(bits & 0xffffU); }

}  // namespace

bool part_legal(const Config& cfg, std::uint32_t start, std::uint32_t count) {
  const std::uint32_t p = cfg.partitions;
  if (count == 0 || start + count > p) return false;
  if (count > p / 2) return start == 0;
  if (count > p / 4) return start % (p / 2) == 0;
  return start % (p / 4) == 0;
}

std::uint32_t ap_count(const isa::Operand& o) {
  std::uint64_t n = std::uint64_t{dim(o.num0)} * dim(o.num1) * dim(o.num2);  // below 2^48
  n = std::min<std::uint64_t>(n, kCountLimit) * dim(o.num3);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(n, kCountLimit));
}

std::int64_t ap_reach(const isa::Operand& o, bool up) {
  std::int64_t sum = 0;
  for (const std::int64_t d : {step(o.step0) * (dim(o.num0) - 1), step(o.step1) * (dim(o.num1) - 1),
                               step(o.step2) * (dim(o.num2) - 1), step(o.step3) * (dim(o.num3) - 1)}) {
    if ((d > 0) == up) sum += d;
  }
  return sum;
}

Err operand_err(const Config& cfg, const isa::Operand& o, std::uint32_t count) {
  if (!isa::tile_space(o.space)) return Err::kSpace;
  if (!isa::tile_type(o.dtype)) return Err::kDtype;
  if (!part_legal(cfg, o.start_part, count)) return Err::kPartition;
  const std::int64_t bytes = elem_bytes(o.dtype);
  const std::int64_t lo = o.offset + ap_reach(o, false) * bytes;
  const std::int64_t hi = o.offset + ap_reach(o, true) * bytes + bytes;
  const std::int64_t limit = o.space == static_cast<std::uint32_t>(Space::kSbuf) ? cfg.sbuf_bytes_per_partition
                                                                                 : cfg.psum_bytes_per_partition();
  if (lo < 0 || hi > limit || o.offset % bytes != 0) return Err::kAddress;
  return Err::kOk;
}

Err scalar_tile_err(const Config& cfg, const isa::Operand& o, std::uint32_t count) {
  const Err err = operand_err(cfg, o, count);
  if (err != Err::kOk) return err;
  if (!isa::column_type(o.dtype)) return Err::kDtype;
  return ap_count(o) == 1 ? Err::kOk : Err::kShape;
}

View::View(Tile& tile, const isa::Operand& o)
    : memory_(tile.memory(o.space)),
      dtype_(static_cast<Dtype>(o.dtype)),
      bytes_(elem_bytes(o.dtype)),
      start_(o.start_part) {
  at_.reserve(ap_count(o));
  for (std::uint32_t i3 = 0; i3 < dim(o.num3); ++i3) {
    for (std::uint32_t i2 = 0; i2 < dim(o.num2); ++i2) {
      for (std::uint32_t i1 = 0; i1 < dim(o.num1); ++i1) {
        for (std::uint32_t i0 = 0; i0 < dim(o.num0); ++i0) {
          const std::int64_t element =
              i3 * step(o.step3) + i2 * step(o.step2) + i1 * step(o.step1) + i0 * step(o.step0);
          at_.push_back(static_cast<std::uint32_t>(o.offset + element * bytes_));
        }
      }
    }
  }
}

std::uint32_t View::get(std::uint32_t lane, std::uint32_t n) const { return widen(raw(lane, n), dtype_); }

void Writer::put(std::uint32_t lane, std::uint32_t n, std::uint32_t fp32) {
  put_raw(lane, n, narrow(fp32, view_.dtype()));
}

void Writer::put_raw(std::uint32_t lane, std::uint32_t n, std::uint32_t bits) {
  view_.put_raw(lane, n, bits);
  sum_.add(bits, view_.start() + lane, n);
}

}  // namespace tessera::golden
