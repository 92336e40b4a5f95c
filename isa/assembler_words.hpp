// SPDX-License-Identifier: Apache-2.0
/// The words of assembler text: numbers, names, and the parts of a 128-byte item (docs/assembler.md).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler.hpp"
#include "isa/builder.hpp"

namespace tessera::isa::words {

/// Thrown by everything below, caught by the loop over lines.
struct Fault {
  std::string text;
};
[[noreturn]] void fail(std::string text);
[[nodiscard]] std::string quote(std::string_view text);

/// Words of a line without its comment; blanks inside brackets do not separate.
[[nodiscard]] std::vector<std::string> split(std::string_view line);
[[nodiscard]] std::vector<std::string_view> split_at(std::string_view text, char separator);

[[nodiscard]] std::optional<std::uint64_t> plain_number(std::string_view text);
[[nodiscard]] std::optional<float> plain_float(std::string_view text);
/// A number that fits in `width` bits, unsigned or two's complement; with suffix f the bits of an FP32 value.
[[nodiscard]] std::uint64_t number(std::string_view text, unsigned width, std::string_view what);
[[nodiscard]] std::uint32_t code_of(std::string_view enumeration_name, std::string_view text, std::string_view what);
[[nodiscard]] std::uint32_t reg_number(std::string_view text);

/// A 128-byte item under construction, addressed through its generated field table.
class Item {
 public:
  explicit Item(std::span<const FieldInfo> table) : table_(table) {}

  void put(std::string_view field, std::uint64_t value) {
    const FieldInfo& f = find(table_, field);
    detail::put(image.data(), f.lsb, f.width, value);
  }
  void put_operand(const FieldInfo& at, std::string_view field, std::uint64_t value) {
    const FieldInfo& f = find(kOperandFields, field);
    detail::put(image.data(), at.lsb + f.lsb, f.width, value);
  }
  [[nodiscard]] std::uint64_t get(std::string_view field) const {
    const FieldInfo& f = find(table_, field);
    return detail::get(image.data(), f.lsb, f.width);
  }
  /// field=value, operand.field=value, or field+64=value for the upper words of a very wide field.
  void assign(std::string_view name, std::string_view text);
  static const FieldInfo& find(std::span<const FieldInfo> table, std::string_view name);

  ItemImage image{};

 private:
  std::span<const FieldInfo> table_;
};

struct Position {
  std::uint32_t x, y;
};

/// "(x,y)rest": takes the coordinates off the front.
[[nodiscard]] std::optional<Position> take_position(std::string_view& text);
/// wait=SEM>=VALUE or SEM==VALUE
void parse_wait(Item& item, std::string_view text);
/// upd=[(x,y).]SEM+=VALUE, -=VALUE or =VALUE
void parse_update(Item& item, std::string_view text);
/// space:pPART:OFFSET[+rN]:type[step,num]...
void parse_operand(Item& item, const FieldInfo& at, std::string_view text);
/// [(x,y)]space:ADDRESS:type or [(x,y)]sbuf:pPART:OFFSET:type
void parse_side(Item& item, const std::string& side, std::string_view text, Position here);
/// field=a,b,c for up to three levels of rows.
void parse_levels(Item& item, const std::string& stem, std::string_view text, unsigned width);

}  // namespace tessera::isa::words
