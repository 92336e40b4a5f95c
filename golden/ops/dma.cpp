// SPDX-License-Identifier: Apache-2.0
/// DMA: copy, add and max of rows between any spaces of any tiles.
///
/// Exact: a copy between equal types keeps every bit; a cast is one conversion (RNE to 16 bits, exact to FP32, NaN
/// canonical). Add and max: the source is cast to the destination type first, then d' = cast(op32(fp32(d), fp32(s))).
/// Segments are taken in row order, each read and written before the next.
#include "golden/ops/dma.hpp"

#include <algorithm>
#include <bit>

#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/registers.hpp"

namespace tessera::golden {

using isa::Dtype;
using isa::Err;
using isa::Space;

namespace {

constexpr std::uint32_t code(Space s) { return static_cast<std::uint32_t>(s); }
constexpr std::uint32_t code(Dtype t) { return static_cast<std::uint32_t>(t); }

std::int64_t signed32(std::uint32_t bits) { return static_cast<std::int32_t>(bits); }

// A row that leaves its memory or is not aligned to its element type.
bool row_bad(const Config& cfg, Space space, std::uint64_t address, std::uint64_t bytes, std::uint32_t element) {
  const bool parts = space == Space::kSbuf || space == Space::kPsum;
  const std::uint64_t limit = space == Space::kSbuf   ? cfg.sbuf_bytes_per_partition
                              : space == Space::kPsum ? cfg.psum_bytes_per_partition()
                              : space == Space::kReg  ? 0x10000
                                                      : cfg.hbm_bytes;
  const std::uint64_t first = parts ? address & ((1U << isa::kPartitionShift) - 1) : address;
  return first + bytes > limit || (parts && address >> isa::kPartitionShift >= cfg.partitions) ||
         address % element != 0;
}

// Bytes inside a memory of `bytes` per partition; an access never leaves its partition.
Err locate(PartitionedMemory& memory, std::uint64_t address, std::size_t size, std::uint8_t** at) {
  const std::uint64_t partition = address >> isa::kPartitionShift;
  const std::uint64_t byte = address & ((1U << isa::kPartitionShift) - 1);
  if (partition >= memory.partitions() || byte + size > memory.bytes()) return Err::kAddress;
  *at = memory.row(static_cast<std::uint32_t>(partition)) + byte;
  return Err::kOk;
}

}  // namespace

Err read_space(Tile& tile, Space space, std::uint64_t address, std::span<std::uint8_t> out) {
  if (space == Space::kHbm) {
    if (address + out.size() > tile.cfg.hbm_bytes) return Err::kAddress;
    tile.hbm.read(address, out);
    return Err::kOk;
  }
  if (space == Space::kReg) {
    std::uint32_t value = 0;
    if (out.size() != 4 || !read_register(tile, address, value)) return Err::kRegister;
    store_element(out.data(), 4, value);
    return Err::kOk;
  }
  std::uint8_t* at = nullptr;
  const Err err = locate(tile.memory(code(space)), address, out.size(), &at);
  if (err == Err::kOk) std::copy_n(at, out.size(), out.data());
  return err;
}

Err write_space(Tile& tile, Space space, std::uint64_t address, std::span<const std::uint8_t> in) {
  if (space == Space::kHbm) {
    if (address + in.size() > tile.cfg.hbm_bytes) return Err::kAddress;
    tile.hbm.write(address, in);
    return Err::kOk;
  }
  if (space == Space::kReg) {
    return in.size() == 4 && write_register(tile, address, load_element(in.data(), 4)) ? Err::kOk : Err::kRegister;
  }
  std::uint8_t* at = nullptr;
  const Err err = locate(tile.memory(code(space)), address, in.size(), &at);
  if (err == Err::kOk) std::copy_n(in.data(), in.size(), at);
  return err;
}

std::uint32_t segment_elems(std::uint64_t src, std::uint32_t src_bytes, std::uint64_t dst, std::uint32_t dst_bytes,
                            std::uint64_t left, std::uint32_t segment_bytes) {
  if (src % src_bytes != 0 || dst % dst_bytes != 0) return 0;
  const std::uint64_t src_room = (segment_bytes - src % segment_bytes) / src_bytes;
  const std::uint64_t dst_room = (segment_bytes - dst % segment_bytes) / dst_bytes;
  return static_cast<std::uint32_t>(std::min({left, src_room, dst_room}));
}

std::uint64_t dma_bytes(const isa::Desc& d) {
  const auto count = [](std::uint32_t num) { return num == 0 ? std::uint64_t{1} : num; };
  return std::uint64_t{d.row_elems} * count(d.num1) * count(d.num2) * count(d.num3) * elem_bytes(d.dst_dtype);
}

Err dma_field_err(const isa::ItemImage& image, const Config& cfg, const TileLookup& tile_at) {
  const isa::Desc d = isa::Desc::unpack(image);
  const bool no_sem =
      (d.wait_cond != 0 && d.wait_sem >= cfg.semaphores) || (d.upd_op != 0 && d.upd_sem >= cfg.semaphores);
  if (isa::desc_reserved(image) || no_sem || !isa::dma_op_known(d.op) || !isa::wait_known(d.wait_cond) ||
      !isa::update_known(d.upd_op)) {
    return Err::kField;
  }
  const bool remote = d.upd_op != 0 && d.upd_remote != 0;
  if (remote && tile_at(d.upd_x, d.upd_y) == nullptr) return Err::kTile;
  if (d.row_elems == 0) return Err::kOk;
  const bool cast = d.src_dtype != d.dst_dtype, floats = isa::dtype_float(d.src_dtype) && isa::dtype_float(d.dst_dtype);
  if (!isa::copy_type(d.src_dtype) || !isa::copy_type(d.dst_dtype) || (cast && !floats) ||
      (d.op != 0 && !isa::accumulate_type(d.dst_dtype))) {
    return Err::kDtype;
  }
  const bool word = d.op == 0 && d.dst_dtype == code(Dtype::kFp32) && d.row_elems == 1;
  if (d.src_space == code(Space::kReg) || (d.dst_space == code(Space::kReg) && !word)) return Err::kSpace;
  return Err::kOk;
}

DmaResult dma_transfer(const isa::Desc& d, const Tile& self, std::uint32_t queue, const TileLookup& tile_at) {
  const Config& cfg = self.cfg;
  Tile* const source = tile_at(d.src_x, d.src_y);
  Tile* const target = tile_at(d.dst_x, d.dst_y);
  const auto from = static_cast<Dtype>(d.src_dtype), to = static_cast<Dtype>(d.dst_dtype);
  const auto src_space = static_cast<Space>(d.src_space), dst_space = static_cast<Space>(d.dst_space);
  const std::uint32_t sb = elem_bytes(d.src_dtype), db = elem_bytes(d.dst_dtype);
  constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << isa::kAddressBits) - 1;
  std::vector<std::uint8_t> in, out;
  Checksum sum;
  std::uint64_t word = 0;  // over the whole descriptor
  const std::uint64_t own_size = isa::reg::at(isa::reg::kQSize, queue);

  const auto segment = [&](std::uint64_t src, std::uint64_t dst, std::uint32_t n) -> DmaResult {
    in.assign(std::size_t{n} * sb, 0);
    out.assign(std::size_t{n} * db, 0);
    Err err = source == nullptr ? Err::kTile : read_space(*source, src_space, src, in);
    if (err != Err::kOk) return {err, 0, src};
    for (std::uint32_t k = 0; k < n; ++k)
      store_element(&out[k * db], db, convert(load_element(&in[k * sb], sb), from, to));
    for (std::size_t at = 0; at < out.size(); at += 4) {
      const auto bytes = static_cast<unsigned>(std::min<std::size_t>(4, out.size() - at));
      sum.add(load_element(&out[at], bytes), 0, word++);
    }
    if (target == nullptr) return {Err::kTile, 0, dst};
    if (d.op != 0) {
      in.assign(out.size(), 0);
      err = read_space(*target, dst_space, dst, in);
      if (err != Err::kOk) return {err, 0, dst};
      const auto op = d.op == static_cast<std::uint32_t>(isa::DmaOp::kAdd) ? isa::Alu::kAdd : isa::Alu::kMax;
      for (std::uint32_t k = 0; k < n; ++k) {
        const std::uint32_t old = widen(load_element(&in[k * db], db), to);
        store_element(&out[k * db], db, narrow(alu32(op, old, widen(load_element(&out[k * db], db), to)), to));
      }
    }
    err = write_space(*target, dst_space, dst, out);
    return {err, 0, dst};
  };

  const auto count = [](std::uint32_t num) { return num == 0 ? 1U : num; };
  for (std::uint32_t i3 = 0; i3 < count(d.num3); ++i3) {
    for (std::uint32_t i2 = 0; i2 < count(d.num2); ++i2) {
      for (std::uint32_t i1 = 0; i1 < count(d.num1); ++i1) {
        const std::int64_t src_off =
            i1 * signed32(d.src_step1) + i2 * signed32(d.src_step2) + i3 * signed32(d.src_step3);
        const std::int64_t dst_off =
            i1 * signed32(d.dst_step1) + i2 * signed32(d.dst_step2) + i3 * signed32(d.dst_step3);
        std::uint64_t src = (d.src_addr + static_cast<std::uint64_t>(src_off)) & kAddressMask;
        std::uint64_t dst = (d.dst_addr + static_cast<std::uint64_t>(dst_off)) & kAddressMask;
        if (row_bad(cfg, src_space, src, std::uint64_t{d.row_elems} * sb, sb)) return {Err::kAddress, 0, src};
        if (row_bad(cfg, dst_space, dst, std::uint64_t{d.row_elems} * db, db)) return {Err::kAddress, 0, dst};
        if (target == &self && dst_space == Space::kReg && dst == own_size) return {Err::kRegister, 0, dst};
        for (std::uint64_t left = d.row_elems; left != 0;) {
          const std::uint32_t n = segment_elems(src, sb, dst, db, left, cfg.dma_segment_bytes);
          const DmaResult r = segment(src, dst, n);
          if (r.err != Err::kOk) return r;
          src += std::uint64_t{n} * sb;
          dst += std::uint64_t{n} * db;
          left -= n;
        }
      }
    }
  }
  return {Err::kOk, sum.value(), 0};
}

}  // namespace tessera::golden
