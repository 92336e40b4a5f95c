// SPDX-License-Identifier: Apache-2.0
/// Builds a ProgramImage from instruction and descriptor lists: places code and rings in HBM and resolves labels.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "isa/image.hpp"

namespace tessera::isa {

/// A place in the code of one engine; made by `EngineCode::label`, placed by `EngineCode::bind`.
struct Label {
  std::uint32_t id = 0;
};

/// Position of a tile in the mesh.
struct Coord {
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  friend bool operator==(const Coord&, const Coord&) = default;
};

/// The instruction list of one engine of one tile.
class EngineCode {
 public:
  /// Appends an instruction; its tag becomes its position in the list, modulo 2^16.
  EngineCode& push(Instr instr);
  /// Appends an instruction as it is.
  EngineCode& emit(const Instr& instr) { return emit_raw(instr.pack()); }
  EngineCode& emit_raw(const ItemImage& image);
  EngineCode& halt(std::uint32_t tag = 0);
  EngineCode& movi(std::uint32_t rd, std::uint32_t value);
  EngineCode& alu_imm(std::uint32_t rd, std::uint32_t ra, Alu op, std::uint32_t value);
  EngineCode& doorbell(std::uint32_t queue, std::uint32_t count);

  [[nodiscard]] Label label();
  void bind(Label label) { targets_[label.id] = static_cast<std::int64_t>(items_.size()); }
  /// Branch to `to` when register `ra` compares with `value`.
  EngineCode& branch(Branch cond, std::uint32_t ra, std::uint32_t value, Label to);
  /// Emits any branch instruction; its distance is filled in by `build`.
  EngineCode& branch_raw(const ItemImage& image, Label to);
  /// Runs `body` `count` times (at least once) at run time, counting register `reg` down.
  EngineCode& loop(std::uint32_t reg, std::uint32_t count, const std::function<void(EngineCode&)>& body);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::span<const ItemImage> items() const { return items_; }

 private:
  friend class ProgramBuilder;
  struct Fixup {
    std::size_t at;
    std::uint32_t label;
  };
  std::vector<ItemImage> items_;
  std::vector<std::int64_t> targets_;  // instruction index of a label, -1 while unbound
  std::vector<Fixup> fixups_;
};

/// The descriptor list of one DMA queue of one tile.
class QueueCode {
 public:
  /// Appends a descriptor; its tag becomes its position in the list, modulo 2^16.
  QueueCode& push(Desc desc);
  /// Appends a descriptor as it is.
  QueueCode& emit(const Desc& desc) { return emit_raw(desc.pack()); }
  QueueCode& emit_raw(const ItemImage& image);
  /// The host releases `count` more descriptors at the start. Without it the queue waits for DOORBELL instructions.
  QueueCode& doorbell(std::uint32_t count);
  QueueCode& doorbell_all();
  /// Ring size in descriptors when it shall differ from the length of the list.
  QueueCode& ring_size(std::uint32_t size);
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] std::span<const ItemImage> items() const { return items_; }

 private:
  friend class ProgramBuilder;
  std::vector<ItemImage> items_;
  std::uint32_t doorbell_ = 0, ring_size_ = 0;
  bool all_ = false;
};

/// The work of one tile, which knows where it is.
class TileCode {
 public:
  explicit TileCode(Coord at) : at_(at) {}
  [[nodiscard]] Coord at() const { return at_; }
  EngineCode& engine(Engine e) { return engines_[static_cast<unsigned>(e)]; }
  QueueCode& queue(std::uint32_t q);
  void hbm(std::uint64_t address, SharedBytes bytes) { hbm_.push_back({address, std::move(bytes)}); }
  /// Takes the data in HBM of another tile as well.
  void data_of(const TileCode& other) { hbm_.insert(hbm_.end(), other.hbm_.begin(), other.hbm_.end()); }
  /// A descriptor whose source and destination are on this tile.
  [[nodiscard]] Desc local() const;
  /// Descriptors of a queue, without making it.
  [[nodiscard]] std::uint32_t queue_size(std::uint32_t q) const {
    return q < queues_.size() ? static_cast<std::uint32_t>(queues_[q].size()) : 0;
  }
  [[nodiscard]] std::uint32_t queues() const { return static_cast<std::uint32_t>(queues_.size()); }

 private:
  friend class ProgramBuilder;
  Coord at_;
  std::array<EngineCode, kNumEngines> engines_;
  std::vector<QueueCode> queues_;
  std::vector<HbmBlock> hbm_;
};

/// Collects the work of a W x H mesh.
class ProgramBuilder {
 public:
  static constexpr std::uint64_t kDefaultCodeBase = 0x0100'0000;  ///< 16 MiB

  ProgramBuilder(std::uint32_t width, std::uint32_t height, std::uint64_t code_base = kDefaultCodeBase);

  [[nodiscard]] std::uint32_t width() const { return width_; }
  [[nodiscard]] std::uint32_t height() const { return height_; }
  /// Index = y * width + x.
  [[nodiscard]] std::uint32_t tiles() const { return width_ * height_; }
  [[nodiscard]] TileCode& tile(std::uint32_t index) { return tiles_.at(index); }
  [[nodiscard]] TileCode& tile(Coord at) { return tiles_.at(index(at)); }
  [[nodiscard]] std::uint32_t index(Coord at) const { return at.y * width_ + at.x; }
  EngineCode& engine(std::uint32_t x, std::uint32_t y, Engine e) { return tile({x, y}).engine(e); }
  QueueCode& queue(std::uint32_t x, std::uint32_t y, std::uint32_t q) { return tile({x, y}).queue(q); }
  void hbm(std::uint32_t x, std::uint32_t y, std::uint64_t address, SharedBytes bytes) {
    tile({x, y}).hbm(address, std::move(bytes));
  }
  void expect_error(const ExpectedError& e) { expected_.push_back(e); }
  void code_base(std::uint64_t base) { code_base_ = base; }
  /// Ends the list of every engine that has work with a HALT and lets the host release every descriptor at the start.
  void seal();
  /// Instructions and descriptors of all tiles.
  [[nodiscard]] std::uint64_t items() const;

  /// The image, made of what was collected, which is gone afterwards; on a fault (unbound label, branch too far, code
  /// over data) it is empty and `error` says why.
  struct Built {
    ProgramImage image;
    std::string error;
    [[nodiscard]] bool ok() const { return error.empty(); }
  };
  [[nodiscard]] Built build() &&;

 private:
  std::uint32_t width_, height_;
  std::uint64_t code_base_;
  std::vector<TileCode> tiles_;
  std::vector<ExpectedError> expected_;
};

}  // namespace tessera::isa
