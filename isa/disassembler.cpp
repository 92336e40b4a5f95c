// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "isa/assembler.hpp"

namespace tessera::isa {
namespace {

std::string hex(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string_view name_of(std::string_view enumeration_name, std::uint64_t value) {
  for (const NamedCode& c : enumeration(enumeration_name)) {
    if (c.value == value) return c.name;
  }
  return {};
}

// Takes fields out of an image as they are printed, so that what is left over can be printed raw.
class Fields {
 public:
  Fields(ItemImage image, std::span<const FieldInfo> table) : image_(image), table_(table) {}
  [[nodiscard]] std::uint64_t peek(std::string_view name, unsigned base = 0) const {
    const FieldInfo* f = find_field(base == 0 ? table_ : std::span<const FieldInfo>(kOperandFields), name);
    return detail::get(image_.data(), base + f->lsb, std::min(f->width, 64U));
  }
  std::uint64_t take(std::string_view name, unsigned base = 0) {
    const std::uint64_t value = peek(name, base);
    const FieldInfo* f = find_field(base == 0 ? table_ : std::span<const FieldInfo>(kOperandFields), name);
    detail::put(image_.data(), base + f->lsb, std::min(f->width, 64U), 0);
    return value;
  }
  // " name=value" for every field that is not zero.
  void rest(std::string& out, std::span<const FieldInfo> table, unsigned base, const std::string& prefix) {
    for (const FieldInfo& f : table) {
      if (base == 0 && !f.structure.empty()) {
        rest(out, kOperandFields, f.lsb, std::string(f.name) + ".");
        continue;
      }
      for (unsigned at = 0; at < f.width; at += 64) {
        const std::uint64_t value = detail::get(image_.data(), base + f.lsb + at, std::min(64U, f.width - at));
        if (value == 0) continue;
        const std::string_view code = f.enumeration.empty() ? std::string_view{} : name_of(f.enumeration, value);
        out += " " + prefix + std::string(f.name) + (at != 0 ? "+" + std::to_string(at) : "") + "=" +
               (code.empty() ? hex(value) : std::string(code));
      }
    }
  }
  [[nodiscard]] std::uint64_t peek_bits(unsigned lsb, unsigned width) const {
    return detail::get(image_.data(), lsb, width);
  }
  void clear_bits(unsigned lsb, unsigned width) { detail::put(image_.data(), lsb, width, 0); }
  [[nodiscard]] std::span<const FieldInfo> table() const { return table_; }

 private:
  ItemImage image_;
  std::span<const FieldInfo> table_;
};

std::string sem_text(Fields& f) {
  std::string out;
  const auto cond = f.peek("wait_cond");
  if (cond == static_cast<unsigned>(Wait::kGe) || cond == static_cast<unsigned>(Wait::kEq)) {
    f.take("wait_cond");
    out += " wait=" + std::to_string(f.take("wait_sem")) + (cond == 1 ? ">=" : "==") +
           std::to_string(static_cast<std::int32_t>(f.take("wait_value")));
  }
  const auto op = f.peek("upd_op");
  if (op >= static_cast<unsigned>(Update::kSet) && op <= static_cast<unsigned>(Update::kDec)) {
    static constexpr const char* kSigns[] = {"", "=", "+=", "-="};
    f.take("upd_op");
    out += " upd=";
    if (f.peek("upd_remote") != 0) {
      f.take("upd_remote");
      const auto x = f.take("upd_x"), y = f.take("upd_y");
      out += "(" + std::to_string(x) + "," + std::to_string(y) + ").";
    }
    out += std::to_string(f.take("upd_sem"));
    out += kSigns[op];
    out += std::to_string(f.take("upd_value"));
  }
  return out;
}

// The words that stand behind an opcode, as far as their codes have names and the bits that they set besides are set.
std::string words_text(Fields& f, std::uint32_t opcode) {
  std::string out;
  const auto words = opcode_words(opcode);
  if (!words.empty() && words.back().field.empty()) return out;  // branches are written as raw distances
  for (const WordInfo& word : words) {
    const std::uint64_t value = f.peek_bits(word.lsb, word.width);
    const auto code = word.enumeration.empty() ? std::string_view{} : name_of(word.enumeration, value);
    if (!word.enumeration.empty() && code.empty()) break;
    if (word.also_width != 0 && f.peek_bits(word.also_lsb, word.also_width) == 0) break;
    out += " " + (code.empty() ? std::to_string(value) : std::string(code));
    f.clear_bits(word.lsb, word.width);
    if (word.also_width != 0) f.clear_bits(word.also_lsb, word.also_width);
  }
  return out;
}

std::string operand_text(Fields& f, const FieldInfo& at) {
  const auto space = name_of("space", f.peek("space", at.lsb));
  const auto type = name_of("dtype", f.peek("dtype", at.lsb));
  bool used = false;
  for (const FieldInfo& o : kOperandFields) used |= f.peek(o.name, at.lsb) != 0;
  if (!used || space.empty() || type.empty()) return {};
  f.take("space", at.lsb), f.take("dtype", at.lsb);
  std::string out = " " + std::string(at.name) + "=" + std::string(space) + ":p" +
                    std::to_string(f.take("start_part", at.lsb)) + ":" + hex(f.take("offset", at.lsb));
  if (f.peek("areg_en", at.lsb) != 0) {
    f.take("areg_en", at.lsb);
    out += "+r" + std::to_string(f.take("areg", at.lsb));
  }
  out += ":" + std::string(type);
  constexpr std::string_view kSteps[] = {"step0", "step1", "step2", "step3"};
  constexpr std::string_view kNums[] = {"num0", "num1", "num2", "num3"};
  int last = -1;
  for (int d = 0; d < 4; ++d) {
    if (f.peek(kSteps[d], at.lsb) != 0 || f.peek(kNums[d], at.lsb) != 0) last = d;
  }
  for (int d = 0; d <= last; ++d) {
    const auto step = static_cast<std::int16_t>(f.take(kSteps[d], at.lsb));
    out += "[" + std::to_string(step) + "," + std::to_string(f.take(kNums[d], at.lsb)) + "]";
  }
  return out;
}

std::string side_text(Fields& f, const std::string& side) {
  const auto space_code = f.peek(side + "_space");
  const auto type = name_of("dtype", f.peek(side + "_dtype"));
  if (type.empty()) return {};
  f.take(side + "_space"), f.take(side + "_dtype");
  const auto x = f.take(side + "_x"), y = f.take(side + "_y");
  return " " + side + "=(" + std::to_string(x) + "," + std::to_string(y) + ")" +
         std::string(name_of("space", space_code)) + ":" + hex(f.take(side + "_addr")) + ":" + std::string(type);
}

// Bytes of the item at an HBM address of a tile, if the image holds them.
bool item_at(const TileImage& tile, std::uint64_t address, ItemImage& item) {
  for (const HbmBlock& block : tile.hbm) {
    if (address < block.address || address + kItemBytes > block.address + block.bytes.size()) continue;
    for (unsigned w = 0; w < item.size(); ++w) {
      item[w] = 0;
      for (unsigned b = 0; b < 4; ++b) {
        item[w] |= std::uint32_t{block.bytes[address - block.address + 4 * w + b]} << (8 * b);
      }
    }
    return true;
  }
  return false;
}

}  // namespace

std::string disassemble_instr(const ItemImage& image) {
  Fields f(image, kInstrFields);
  const auto name = name_of("opcode", f.peek("opcode"));
  std::string out = "instr";
  if (!name.empty()) {
    out = name;
    f.take("opcode");
  }
  if (!name.empty()) out += words_text(f, image[0] & 0xffU);
  for (const FieldInfo& field : kInstrFields) {
    if (!field.structure.empty()) out += operand_text(f, field);
  }
  out += sem_text(f);
  f.rest(out, f.table(), 0, "");
  return out;
}

std::string disassemble_desc(const ItemImage& image) {
  Fields f(image, kDescFields);
  const auto op = f.take("op");
  const auto name = op == 0 ? std::string_view("copy") : name_of("dma_op", op);
  std::string out = name.empty() ? "desc op=" + hex(op) : std::string(name);
  out += side_text(f, "src") + side_text(f, "dst") + sem_text(f);
  f.rest(out, f.table(), 0, "");
  return out;
}

std::string disassemble(const ProgramImage& image) {
  std::string out = ".mesh " + std::to_string(image.width) + " " + std::to_string(image.height) + "\n";
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      const TileImage& tile = image.tile(x, y);
      out += ".tile " + std::to_string(x) + " " + std::to_string(y) + "\n";
      ItemImage item{};
      for (unsigned e = 0; e < kNumEngines; ++e) {
        if (!tile.start_pc[e]) continue;
        out += ".engine " + std::string(kEngineNames[e].name) + "\n";
        for (std::uint64_t at = *tile.start_pc[e]; item_at(tile, at, item); at += kItemBytes) {
          out += "  " + disassemble_instr(item) + "\n";
        }
      }
      for (std::size_t q = 0; q < tile.queues.size(); ++q) {
        const QueueSetup& ring = tile.queues[q];
        if (ring.ring_size == 0) continue;
        out += ".queue " + std::to_string(q) + " " + std::to_string(ring.ring_size) + "\n";
        for (std::uint32_t n = 0;
             n < ring.ring_size && item_at(tile, ring.ring_base + n * std::uint64_t{kItemBytes}, item); ++n) {
          out += "  " + disassemble_desc(item) + "\n";
        }
        if (ring.doorbell != 0) out += ".doorbell " + std::to_string(q) + " " + std::to_string(ring.doorbell) + "\n";
      }
    }
  }
  return out;
}

}  // namespace tessera::isa
