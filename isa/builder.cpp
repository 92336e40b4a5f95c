// SPDX-License-Identifier: Apache-2.0
#include "isa/builder.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

#include "base/round.hpp"
#include "base/text.hpp"

namespace tessera::isa {
namespace {

// Lists of items become bytes of HBM as they are.
static_assert(std::endian::native == std::endian::little && sizeof(ItemImage) == kItemBytes);

constexpr std::uint64_t kAreaAlign = 4096;  // every code area and ring starts on its own page

std::uint32_t tag_of(std::size_t position) { return static_cast<std::uint32_t>(position & 0xffff); }

Instr make(Opcode opcode) {
  Instr i;
  i.opcode = static_cast<std::uint32_t>(opcode);
  return i;
}

}  // namespace

EngineCode& EngineCode::emit_raw(const ItemImage& image) {
  items_.push_back(image);
  return *this;
}

EngineCode& EngineCode::push(Instr instr) {
  instr.tag = tag_of(items_.size());
  return emit(instr);
}

EngineCode& EngineCode::halt(std::uint32_t tag) {
  Instr i = make(Opcode::kHalt);
  i.tag = tag;
  return emit(i);
}

EngineCode& EngineCode::movi(std::uint32_t rd, std::uint32_t value) {
  Instr i = make(Opcode::kMovi);
  i.rd = rd, i.imm0 = value;
  return emit(i);
}

EngineCode& EngineCode::alu_imm(std::uint32_t rd, std::uint32_t ra, Alu op, std::uint32_t value) {
  Instr i = make(Opcode::kAlu);
  i.rd = rd, i.imm1 = ra & 0x3f, i.use_imm = 1, i.imm0 = value;
  i.alu0 = static_cast<std::uint32_t>(op);
  return emit(i);
}

EngineCode& EngineCode::doorbell(std::uint32_t queue, std::uint32_t count) {
  Instr i = make(Opcode::kDoorbell);
  i.flags = queue, i.imm0 = count;
  return emit(i);
}

Label EngineCode::label() {
  targets_.push_back(-1);
  return {static_cast<std::uint32_t>(targets_.size() - 1)};
}

EngineCode& EngineCode::branch_raw(const ItemImage& image, Label to) {
  fixups_.push_back({items_.size(), to.id});
  return emit_raw(image);
}

EngineCode& EngineCode::branch(Branch cond, std::uint32_t ra, std::uint32_t value, Label to) {
  Instr i = make(Opcode::kBr);
  i.br_cond = static_cast<std::uint32_t>(cond);
  i.imm1 = ra & 0x3f, i.use_imm = 1, i.imm0 = value;
  return branch_raw(i.pack(), to);
}

EngineCode& EngineCode::loop(std::uint32_t reg, std::uint32_t count, const std::function<void(EngineCode&)>& body) {
  movi(reg, count);
  const Label top = label();
  bind(top);
  body(*this);
  alu_imm(reg, reg, Alu::kSub, 1);
  return branch(Branch::kGt, reg, 0, top);
}

QueueCode& QueueCode::emit_raw(const ItemImage& image) {
  items_.push_back(image);
  return *this;
}

QueueCode& QueueCode::push(Desc desc) {
  desc.tag = tag_of(items_.size());
  return emit(desc);
}

QueueCode& QueueCode::doorbell(std::uint32_t count) {
  doorbell_ += count;
  return *this;
}

QueueCode& QueueCode::doorbell_all() {
  all_ = true;
  return *this;
}

QueueCode& QueueCode::ring_size(std::uint32_t size) {
  ring_size_ = size;
  return *this;
}

ProgramBuilder::ProgramBuilder(std::uint32_t width, std::uint32_t height, std::uint64_t code_base)
    : width_(width), height_(height), code_base_(code_base) {
  tiles_.reserve(std::size_t{width} * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) tiles_.emplace_back(Coord{x, y});
  }
}

QueueCode& TileCode::queue(std::uint32_t q) {
  if (queues_.size() <= q) queues_.resize(q + 1);
  return queues_[q];
}

Desc TileCode::local() const {
  Desc d;
  d.src_x = d.dst_x = at_.x, d.src_y = d.dst_y = at_.y;
  return d;
}

void ProgramBuilder::seal() {
  for (TileCode& tile : tiles_) {
    for (EngineCode& code : tile.engines_) {
      if (!code.empty()) code.halt(tag_of(code.size()));
    }
    for (QueueCode& code : tile.queues_) {
      if (code.size() != 0) code.doorbell_all();
    }
  }
}

std::uint64_t ProgramBuilder::items() const {
  std::uint64_t count = 0;
  for (const TileCode& tile : tiles_) {
    for (const EngineCode& code : tile.engines_) count += code.size();
    for (const QueueCode& code : tile.queues_) count += code.size();
  }
  return count;
}

ProgramBuilder::Built ProgramBuilder::build() && {
  Built out;
  const auto fail = [&](std::string why) {
    out.image = {};
    out.error = std::move(why);
    return out;
  };
  if (code_base_ % kItemBytes != 0) return fail("the code base must be a multiple of 128");
  out.image.width = width_, out.image.height = height_;
  out.image.tiles.assign(tiles_.size(), {});
  out.image.expected_errors = std::move(expected_);
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    TileCode tile = std::move(tiles_[t]);
    TileImage& image = out.image.tiles[t];
    const std::string where = tile_text(static_cast<std::uint32_t>(t % width_), static_cast<std::uint32_t>(t / width_));
    std::uint64_t at = code_base_;
    std::vector<HbmBlock> areas;
    const auto place = [&](std::vector<ItemImage>& items) {
      const std::uint64_t base = at;
      at = round_up(base + items.size() * kItemBytes, kAreaAlign);
      items.shrink_to_fit();
      areas.push_back({base, std::move(items)});
      return base;
    };
    for (unsigned e = 0; e < kNumEngines; ++e) {
      EngineCode& code = tile.engines_[e];
      if (code.empty()) continue;
      auto& items = code.items_;
      for (const auto& fix : code.fixups_) {
        const std::int64_t target = code.targets_[fix.label];
        if (target < 0)
          return fail(where + " " + std::string(kEngineNames[e].name) + ": a branch uses a label that is never placed");
        const std::int64_t distance = target - static_cast<std::int64_t>(fix.at);
        if (distance < -32768 || distance > 32767) {
          return fail(where + " " + std::string(kEngineNames[e].name) + ": a branch is longer than 32767 instructions");
        }
        const FieldInfo& imm1 = *find_field(kInstrFields, "imm1");
        detail::put(items[fix.at].data(), imm1.lsb + 16, 16, static_cast<std::uint64_t>(distance));
      }
      image.start_pc[e] = place(items);
    }
    image.queues.resize(tile.queues_.size());
    for (std::size_t q = 0; q < tile.queues_.size(); ++q) {
      QueueCode& code = tile.queues_[q];
      const auto count = static_cast<std::uint32_t>(code.items_.size());
      if (count == 0 && code.ring_size_ == 0 && code.doorbell_ == 0) continue;
      if (count > 65535)
        return fail(where + " queue " + std::to_string(q) + ": a ring holds at most 65535 descriptors");
      image.queues[q] = {place(code.items_), code.ring_size_ != 0 ? code.ring_size_ : std::max(count, 1U),
                         code.all_ ? count : code.doorbell_};
    }
    for (const HbmBlock& block : tile.hbm_) {
      if (block.address < at && block.address + block.bytes.size() > code_base_ && at != code_base_) {
        return fail(where + ": data at HBM address " + std::to_string(block.address) +
                    " overlap the code and rings at " + std::to_string(code_base_) + " to " + std::to_string(at));
      }
    }
    image.hbm = std::move(tile.hbm_);
    std::move(areas.begin(), areas.end(), std::back_inserter(image.hbm));
  }
  return out;
}

}  // namespace tessera::isa
