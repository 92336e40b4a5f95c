// SPDX-License-Identifier: Apache-2.0
#include "isa/assembler_words.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace tessera::isa::words {

void fail(std::string text) { throw Fault{std::move(text)}; }
std::string quote(std::string_view text) { return "'" + std::string(text) + "'"; }

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words(1);
  int depth = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '#' || c == ';') break;
    if (c == '"') {
      const auto end = line.find('"', i + 1);
      if (end == std::string_view::npos) fail("a quoted text has no end");
      words.back().append(line.substr(i, end - i + 1));
      i = end;
      continue;
    }
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (depth <= 0 && !words.back().empty()) words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::uint64_t> plain_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2), base = 16;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<float> plain_float(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const float value = std::strtof(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size()) return std::nullopt;
  return value;
}

std::uint64_t number(std::string_view text, unsigned width, std::string_view what) {
  const bool negative = text.starts_with('-');
  const auto magnitude = plain_number(negative ? text.substr(1) : text);
  if (!magnitude) {
    if (text.size() > 1 && text.back() == 'f' && width == 32) {
      if (const auto value = plain_float(text.substr(0, text.size() - 1))) return std::bit_cast<std::uint32_t>(*value);
    }
    fail(quote(text) + " is not a number (for " + std::string(what) + ")");
  }
  const std::uint64_t limit = width >= 64 ? UINT64_MAX : (std::uint64_t{1} << width) - 1;
  if (negative ? *magnitude > limit / 2 + 1 : *magnitude > limit) {
    fail(std::string(text) + " does not fit in the " + std::to_string(width) + " bits of " + std::string(what));
  }
  return (negative ? ~*magnitude + 1 : *magnitude) & limit;
}

std::uint32_t code_of(std::string_view enumeration_name, std::string_view text, std::string_view what) {
  std::string known;
  for (const NamedCode& c : enumeration(enumeration_name)) {
    if (c.name == text) return c.value;
    known += (known.empty() ? "" : ", ") + std::string(c.name);
  }
  fail("there is no " + std::string(what) + " " + quote(text) + "; known are " + known);
}

std::uint32_t reg_number(std::string_view text) {
  if (text.starts_with('r')) {
    const auto n = plain_number(text.substr(1));
    if (n && *n < 64) return static_cast<std::uint32_t>(*n);
  }
  fail(quote(text) + " is not a register; registers are r0 to r63");
}

void Item::assign(std::string_view name, std::string_view text) {
  std::string_view base_name = name;
  unsigned base = 0, upper = 0;
  std::span<const FieldInfo> table = table_;
  if (const auto dot = name.find('.'); dot != std::string_view::npos) {
    const FieldInfo& outer = find(table_, name.substr(0, dot));
    if (outer.structure.empty()) fail(quote(outer.name) + " is not an operand");
    base = outer.lsb, table = kOperandFields, base_name = name.substr(dot + 1);
  }
  if (const auto plus = base_name.find('+'); plus != std::string_view::npos) {
    upper = static_cast<unsigned>(number(base_name.substr(plus + 1), 9, "a bit offset"));
    base_name = base_name.substr(0, plus);
  }
  const FieldInfo& f = find(table, base_name);
  if (!f.structure.empty())
    fail("an operand is written as " + std::string(f.name) + "=space:pPART:OFFSET:type[step,num]");
  if (upper >= f.width) fail("field " + quote(f.name) + " has only " + std::to_string(f.width) + " bits");
  const unsigned width = std::min(64U, f.width - upper);
  std::uint64_t value = 0;
  if (f.name == "rd" || f.name == "areg") {
    value = text.starts_with('r') ? reg_number(text) : number(text, width, name);
  } else if (!f.enumeration.empty() && !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0) {
    value = code_of(f.enumeration, text, f.enumeration);
  } else {
    value = number(text, width, "field " + std::string(name));
  }
  detail::put(image.data(), base + f.lsb + upper, width, value);
}

const FieldInfo& Item::find(std::span<const FieldInfo> table, std::string_view name) {
  const FieldInfo* f = find_field(table, name);
  if (f == nullptr) fail("there is no field " + quote(name));
  return *f;
}

std::optional<Position> take_position(std::string_view& text) {
  if (!text.starts_with('(')) return std::nullopt;
  const auto close = text.find(')');
  const auto comma = text.find(',');
  if (close == std::string_view::npos || comma == std::string_view::npos || comma > close)
    fail("a tile is written as (x,y)");
  const auto x = number(text.substr(1, comma - 1), 8, "a tile column");
  const auto y = number(text.substr(comma + 1, close - comma - 1), 8, "a tile row");
  text.remove_prefix(close + 1);
  return Position{static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y)};
}

void parse_wait(Item& item, std::string_view text) {
  auto at = text.find(">=");
  const auto cond = at != std::string_view::npos ? Wait::kGe : Wait::kEq;
  if (at == std::string_view::npos) at = text.find("==");
  if (at == std::string_view::npos) fail("a wait is written as wait=SEM>=VALUE or wait=SEM==VALUE");
  item.put("wait_cond", static_cast<unsigned>(cond));
  item.put("wait_sem", number(text.substr(0, at), 8, "a semaphore"));
  item.put("wait_value", number(text.substr(at + 2), 32, "a semaphore value"));
}

void parse_update(Item& item, std::string_view text) {
  if (const auto tile = take_position(text)) {
    item.put("upd_remote", 1), item.put("upd_x", tile->x), item.put("upd_y", tile->y);
    if (text.starts_with('.')) text.remove_prefix(1);
  }
  const auto at = text.find('=');
  if (at == std::string_view::npos || at == 0) fail("an update is written as upd=SEM+=VALUE, SEM-=VALUE or SEM=VALUE");
  const char sign = text[at - 1];
  const auto op = sign == '+' ? Update::kInc : sign == '-' ? Update::kDec : Update::kSet;
  item.put("upd_op", static_cast<unsigned>(op));
  item.put("upd_sem", number(text.substr(0, op == Update::kSet ? at : at - 1), 8, "a semaphore"));
  item.put("upd_value", number(text.substr(at + 1), 32, "a semaphore value"));
}

void parse_operand(Item& item, const FieldInfo& at, std::string_view text) {
  const auto bracket = text.find('[');
  const auto parts = split_at(text.substr(0, bracket), ':');
  if (parts.size() != 4 || parts[1].size() < 2 || parts[1][0] != 'p') {
    fail(quote(text) + " is not an operand; write space:pPART:OFFSET:type[step,num]");
  }
  item.put_operand(at, "space", code_of("space", parts[0], "memory space"));
  item.put_operand(at, "start_part", number(parts[1].substr(1), 8, "a partition"));
  std::string_view offset = parts[2];
  if (offset.starts_with("off")) offset.remove_prefix(3);
  if (const auto plus = offset.find("+r"); plus != std::string_view::npos) {
    item.put_operand(at, "areg", reg_number(offset.substr(plus + 1)));
    item.put_operand(at, "areg_en", 1);
    offset = offset.substr(0, plus);
  }
  item.put_operand(at, "offset", number(offset, 32, "a byte offset"));
  item.put_operand(at, "dtype", code_of("dtype", parts[3], "element type"));
  if (bracket == std::string_view::npos) return;
  constexpr std::string_view kSteps[] = {"step0", "step1", "step2", "step3"};
  constexpr std::string_view kNums[] = {"num0", "num1", "num2", "num3"};
  std::string_view rest = text.substr(bracket);
  for (unsigned d = 0; !rest.empty(); ++d) {
    const auto comma = rest.find(','), close = rest.find(']');
    if (d == 4) fail("an operand has at most four [step,num] pairs");
    if (rest[0] != '[' || close == std::string_view::npos || comma > close)
      fail("dimensions are written as [step,num]");
    const auto step_text = rest.substr(1, comma - 1);
    const auto step = number(step_text, 16, "a step");
    if (!step_text.starts_with('-') && !step_text.starts_with("0x") && step > 32767)
      fail("a step lies between -32768 and 32767");
    item.put_operand(at, kSteps[d], step);
    item.put_operand(at, kNums[d], number(rest.substr(comma + 1, close - comma - 1), 16, "a count"));
    rest.remove_prefix(close + 1);
  }
}

void parse_side(Item& item, const std::string& side, std::string_view text, Position here) {
  const Position tile = take_position(text).value_or(here);
  item.put(side + "_x", tile.x), item.put(side + "_y", tile.y);
  const auto parts = split_at(text, ':');
  if (parts.size() != 3 && parts.size() != 4) fail(quote(text) + " is not a place; write space:ADDRESS:type");
  item.put(side + "_space", code_of("space", parts[0], "memory space"));
  std::uint64_t address = 0;
  if (parts.size() == 4) {
    if (!parts[1].starts_with('p')) fail("a partition is written as p0, p1, ...");
    address = number(parts[1].substr(1), 8, "a partition") << kPartitionShift |
              number(parts[2], kPartitionShift, "a byte offset");
  } else {
    address = number(parts[1], 40, "an address");
  }
  item.put(side + "_addr", address);
  item.put(side + "_dtype", code_of("dtype", parts.back(), "element type"));
}

void parse_levels(Item& item, const std::string& stem, std::string_view text, unsigned width) {
  const auto parts = split_at(text, ',');
  if (parts.size() > 3) fail("a descriptor has at most three levels of rows");
  for (std::size_t i = 0; i < parts.size(); ++i) item.put(stem + std::to_string(i + 1), number(parts[i], width, stem));
}

}  // namespace tessera::isa::words
