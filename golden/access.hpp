// SPDX-License-Identifier: Apache-2.0
/// Access patterns of operands, their checks, and checksums of what was written.
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

#include "golden/tile.hpp"

namespace tessera::golden {

/// Start-partition rule: more than P/2 partitions start at 0, more than P/4 at 0 or P/2, fewer at a multiple of P/4.
bool part_legal(const Config& cfg, std::uint32_t start, std::uint32_t count);
/// Elements per partition, saturated to 2^20.
std::uint32_t ap_count(const isa::Operand& o);
using isa::elem_bytes;
using isa::kCountLimit;
/// Elements between the first element and the furthest one, towards higher or lower addresses.
std::int64_t ap_reach(const isa::Operand& o, bool up);
/// Error of one SBUF or PSUM operand with `count` partitions. Order: space, type, partition, address.
isa::Err operand_err(const Config& cfg, const isa::Operand& o, std::uint32_t count);
/// Checks the [nparts, 1] FP32 tile that holds one scalar for each partition.
isa::Err scalar_tile_err(const Config& cfg, const isa::Operand& o, std::uint32_t count);

/// An operand that passed `operand_err`, ready to be walked: element `n` of partition `start + lane`.
class View {
 public:
  View(Tile& tile, const isa::Operand& o);
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(at_.size()); }
  [[nodiscard]] isa::Dtype dtype() const { return dtype_; }
  [[nodiscard]] std::uint32_t start() const { return start_; }
  /// Raw element bits.
  [[nodiscard]] std::uint32_t raw(std::uint32_t lane, std::uint32_t n) const {
    return load_element(memory_.row(start_ + lane) + at_[n], bytes_);
  }
  /// Element widened to FP32.
  [[nodiscard]] std::uint32_t get(std::uint32_t lane, std::uint32_t n) const;
  void put_raw(std::uint32_t lane, std::uint32_t n, std::uint32_t bits) {
    store_element(memory_.row(start_ + lane) + at_[n], bytes_, bits);
  }

 private:
  PartitionedMemory& memory_;
  isa::Dtype dtype_;
  std::uint32_t bytes_, start_;
  std::vector<std::uint32_t> at_;  // byte offset of each element in its partition
};

/// XOR over written elements of rotl(word, (partition + 7 n) mod 32).
class Checksum {
 public:
  void add(std::uint32_t word, std::uint32_t partition, std::uint64_t n) {
    value_ ^= std::rotl(word, static_cast<int>((partition + 7 * n) % 32));
  }
  [[nodiscard]] std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 0;
};

/// Writes FP32 results to a view: one cast, one entry in the checksum.
class Writer {
 public:
  explicit Writer(View& view) : view_(view) {}
  void put(std::uint32_t lane, std::uint32_t n, std::uint32_t fp32);
  void put_raw(std::uint32_t lane, std::uint32_t n, std::uint32_t bits);
  [[nodiscard]] OpResult result() const { return {isa::Err::kOk, sum_.value()}; }

 private:
  View& view_;
  Checksum sum_;
};

}  // namespace tessera::golden
