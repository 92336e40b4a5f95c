# SPDX-License-Identifier: Apache-2.0
"""The C++ header of the instruction set: codes, structs, registers, constants, and what is legal."""

import json

from gen_common import camel
from isa_model import OPERANDS

HEAD = """#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tessera::isa {

/// A named code of an enumeration, with the sentence that explains it.
struct NamedCode {
  std::string_view name;   ///< as assembler text writes it
  std::string_view label;  ///< as reports write it
  std::uint32_t value;
  std::string_view doc;
};

/// Where a field stands in the little-endian image of its struct; `enumeration` and `structure` may be empty.
struct FieldInfo {
  std::string_view name;
  std::uint32_t lsb;
  std::uint32_t width;
  std::string_view enumeration;
  std::string_view structure;
  std::string_view doc;
};

/// A word of assembler text without '=': the bits that it fills, and a bit that it sets besides (width 0: none).
/// An empty `field` is a label.
struct WordInfo {
  std::string_view field;
  std::uint32_t lsb;
  std::uint32_t width;
  std::string_view enumeration;
  std::uint32_t also_lsb;
  std::uint32_t also_width;
};

namespace detail {
/// Bits of word `at / 32` that a field reaches from bit `at` on, at most `left` of them.
constexpr unsigned piece(unsigned at, unsigned left) { return left < 32 - at % 32 ? left : 32 - at % 32; }
constexpr std::uint32_t ones(unsigned n) { return n >= 32 ? ~0U : (1U << n) - 1U; }
constexpr void put(std::uint32_t* words, unsigned lsb, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width;) {
    const unsigned at = lsb + i, n = piece(at, width - i);
    const std::uint32_t mask = ones(n) << (at % 32);
    words[at / 32] = (words[at / 32] & ~mask) | ((static_cast<std::uint32_t>(value >> i) << (at % 32)) & mask);
    i += n;
  }
}
constexpr std::uint64_t get(const std::uint32_t* words, unsigned lsb, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width;) {
    const unsigned at = lsb + i, n = piece(at, width - i);
    value |= static_cast<std::uint64_t>((words[at / 32] >> (at % 32)) & ones(n)) << i;
    i += n;
  }
  return value;
}
}  // namespace detail

/// Finds a field in a table of fields; null when it does not exist.
constexpr const FieldInfo* find_field(std::span<const FieldInfo> table, std::string_view name) {
  for (const FieldInfo& f : table) {
    if (f.name == name) return &f;
  }
  return nullptr;
}
"""


def text(value):
    return json.dumps(value, ensure_ascii=False)


class Header:
    def __init__(self, isa, note):
        self.isa, self.out = isa, [f"// {note}", HEAD]
        for name, (value, doc) in isa.constants.items():
            self.out.append(f"inline constexpr std::uint32_t k{camel(name)} = {value}U;  ///< {doc}")
        self.out.append(f"inline constexpr std::uint32_t kNumEngines = {len(isa.engines)};  ///< {', '.join(isa.engines)}: codes of Engine")
        for name, codes in isa.enums.items():
            self.enum(name, codes)
        self.tables()
        for name, fields in isa.structs.items():
            self.struct(name, fields)
        self.types()
        self.opcodes()
        self.registers()
        self.out += ["}  // namespace tessera::isa", ""]

    def text(self):
        return "\n".join(self.out)

    # ---- Declarations ----------------------------------------------------------------------------------------
    def enum(self, name, codes):
        kind = camel(name)
        self.out.append(f"enum class {kind} : std::uint8_t {{")
        self.out += [f"  k{camel(c.name)} = {c.value}," + (f"  ///< {c.doc}" if c.doc else "") for c in codes]
        self.out += ["};", f"inline constexpr std::array<NamedCode, {len(codes)}> k{kind}Names{{{{"]
        self.out += [f"    {{{text(c.name.lower())}, {text(c.name)}, {c.value}, {text(c.doc)}}}," for c in codes] + ["}};"]
        known = " || ".join(f"code == {c.value}" for c in codes)
        if [c.value for c in codes] == list(range(len(codes))):
            known = f"code < {len(codes)}"
        self.out.append(f"constexpr bool {name}_known(std::uint32_t code) {{ return {known}; }}")

    def tables(self):
        self.out += ["/// The codes of an enumeration by its name in isa.json; empty when there is none.",
                     "constexpr std::span<const NamedCode> enumeration(std::string_view name) {"]
        self.out += [f"  if (name == {text(n)}) return k{camel(n)}Names;" for n in self.isa.enums] + ["  return {};", "}"]

    def struct(self, name, fields):
        kind, info, put, get, last, got = camel(name), [], [], [], [], []
        self.out += [f"struct {kind} {{", f"  using Image = std::array<std::uint32_t, {self.isa.bits[name] // 32}>;"]
        for f in fields:
            info.append(f"    {{{text(f.name)}, {f.lsb}, {f.width}, {text(f.enum)}, {text(f.struct)}, {text(f.doc)}}},")
            if f.struct:
                sub, first, count = camel(f.struct), f.lsb // 32, f.width // 32
                self.out.append(f"  {sub} {f.name}{{}};  ///< {f.doc}")
                put.append(f"    {{ const auto part = {f.name}.pack(); for (unsigned i = 0; i < {count}; ++i) w[{first} + i] = part[i]; }}")
                get.append(f"    {{ {sub}::Image part{{}}; for (unsigned i = 0; i < {count}; ++i) part[i] = w[{first} + i]; s.{f.name} = {sub}::unpack(part); }}")
            elif f.width <= 64:
                ctype = "std::uint64_t" if f.width > 32 else "std::uint32_t"
                self.out.append(f"  {ctype} {f.name} = 0;  ///< {f.doc}")
                if f.shares:                                         # behind all others: their bits are there already
                    last.append(f"    if ({f.name} != 0) detail::put(w.data(), {self.isa.field(name, f.when).lsb}, 1, 1), "
                                f"detail::put(w.data(), {self.isa.field(name, f.shares).lsb}, {self.isa.field(name, f.shares).width}, 0), "
                                f"detail::put(w.data(), {f.lsb}, {f.width}, {f.name});")
                    got.append(f"    if (s.{f.when} != 0) s.{f.name} = static_cast<{ctype}>(detail::get(w.data(), {f.lsb}, {f.width})), s.{f.shares} = 0;")
                    continue
                put.append(f"    detail::put(w.data(), {f.lsb}, {f.width}, {f.name});")
                get.append(f"    s.{f.name} = static_cast<{ctype}>(detail::get(w.data(), {f.lsb}, {f.width}));")
        self.out += ["  [[nodiscard]] Image pack() const {", "    Image w{};", *put, *last, "    return w;", "  }"]
        self.out += [f"  static {kind} unpack(const Image& w) {{", f"    {kind} s;", *get, *got, "    return s;", "  }", "};"]
        self.out += [f"inline constexpr std::array<FieldInfo, {len(fields)}> k{kind}Fields{{{{", *info, "}};"]

    def function(self, doc, result, name, arguments, body):
        self.out += [f"/// {doc}", f"constexpr {result} {name}({arguments}) {{", *[f"  {line}" for line in body], "}"]

    def switch(self, enum, codes_by_value, default, cast="code"):
        """Lines of a switch over codes of an enumeration; {value: names}."""
        kind, lines = camel(enum), [f"switch (static_cast<{camel(enum)}>({cast})) {{"]
        for value, names in codes_by_value.items():
            lines += [f"  case {kind}::k{camel(n)}:" for n in names] + [f"    return {value};"]
        return [*lines, "  default:", f"    return {default};", "}"]

    # ---- Types, operators, roles -------------------------------------------------------------------------------
    def types(self):
        sizes = {}
        for t in self.isa.types:
            sizes.setdefault(t.of["bits"] // 8, []).append(t.name)
        sizes.pop(1, None)
        self.function("Bytes of an element; unknown types count as one byte and are refused elsewhere.", "std::uint32_t", "elem_bytes", "std::uint32_t code",
                      self.switch("dtype", sizes, 1))
        self.out.append("constexpr std::uint64_t elem_bytes(Dtype type) { return elem_bytes(static_cast<std::uint32_t>(type)); }")
        floats = {t.name: f"FloatFormat{{{t.of['exponent']}, {t.of['fraction']}}}" for t in self.isa.floats}
        self.out += ["/// Sign, exponent with bias 2^(exponent-1) - 1, fraction, from the top; the largest exponent is Inf and NaN.",
                     "struct FloatFormat {", "  unsigned exponent, fraction;  ///< bits", "};"]
        self.function("Types with values, which convert into each other; others are only copied.", "bool", "dtype_float", "std::uint32_t code",
                      self.switch("dtype", {"true": floats}, "false"))
        self.function("The format of a type with values; FP32 for others, which are refused before.", "FloatFormat", "float_format", "Dtype type",
                      self.switch("dtype", {f: [name for name in floats if floats[name] == f] for f in floats.values() if f != floats["FP32"]}, floats["FP32"], "type"))
        for on in ("float", "register"):
            self.function(f"Operators that work on {dict(float='FP32 values of lanes', register='registers of an engine')[on]}.", "bool", f"alu_on_{on}",
                          "std::uint32_t code", self.switch("alu", {"true": [o.name for o in self.isa.operators_on(on)]}, "false"))
        for name, role in self.isa.roles.items():
            self.function(f"Types of role {name}: {role['doc']}.", "bool", f"{name}_type", "std::uint32_t code", self.switch("dtype", {"true": role["types"]}, "false"))
            self.function(f"Spaces of role {name}.", "bool", f"{name}_space", "std::uint32_t code", self.switch("space", {"true": role["spaces"]}, "false"))

    # ---- Opcodes -----------------------------------------------------------------------------------------------
    def by_opcode(self, value, default):
        groups = {}
        for op in self.isa.opcodes:
            groups.setdefault(value(op), []).append(op.name)
        groups.pop(default, None)
        return self.switch("opcode", groups, default)

    @staticmethod
    def when(when):
        field, _, bit = when.lstrip("!").rstrip("]").partition("[")
        return f"(i.{field} >> {bit or 0} & 1U) {'==' if when[0] == '!' else '!='} 0"

    @staticmethod
    def bits(u):
        return f"(i.{u.field} >> {u.lo} & {(1 << u.hi - u.lo + 1) - 1:#x}U)"

    def any_of(self, terms):
        return [f"return {terms[0]}" + (";" if len(terms) == 1 else " ||"), *[f"       {t}" + (";" if k == len(terms) - 2 else " ||") for k, t in enumerate(terms[1:])]]

    def per_opcode(self, terms):
        lines = ["switch (static_cast<Opcode>(i.opcode)) {"]
        for op in self.isa.opcodes:
            found = terms(op)
            if found:
                lines += [f"  case Opcode::k{camel(op.name)}:", *[f"    {line}" for line in self.any_of(found)]]
        return [*lines, "  default:", "    return false;", "}"]

    def opcodes(self):
        isa = self.isa
        self.function("Engines that execute an opcode, bit e for Engine e; none for an unknown one.", "std::uint32_t", "opcode_engines", "std::uint32_t code",
                      self.by_opcode(lambda op: f"{sum(1 << isa.engines.index(e) for e in op.of['engines']):#x}U", "0"))
        self.function("Opcodes that the sequencer executes itself.", "bool", "opcode_control", "std::uint32_t code",
                      self.by_opcode(lambda op: str(op.of.get("control", False)).lower(), "false"))
        self.out += ["/// What an operand is to an opcode.", "enum class Role : std::uint8_t { kNone, " + ", ".join(f"k{camel(r)}" for r in isa.roles) + " };"]
        for operand in OPERANDS:
            def value(op, operand=operand):
                role, when = op.operands.get(operand, ("none", ""))
                return f"{self.when(when)} ? Role::k{camel(role)} : Role::kNone" if when else f"Role::k{camel(role)}"
            groups = {}
            for op in isa.opcodes:
                groups.setdefault(value(op), []).append(op.name)
            groups.pop("Role::kNone", None)
            self.function(f"What {operand} is to an instruction.", "Role", f"{operand}_role", "const Instr& i", self.switch("opcode", groups, "Role::kNone", "i.opcode"))
        for struct in ("operand", "desc"):
            image = [f for f in isa.structs[struct] if f.reserved]
            terms = [f"detail::get(w.data(), {f.lsb + at}, {min(64, f.width - at)}) != 0" for f in image for at in range(0, f.width, 64)]
            self.function(f"A reserved field of {'an operand' if struct == 'operand' else 'a descriptor'} is not zero.", "bool", f"{struct}_reserved",
                          f"const {camel(struct)}::Image& w", self.any_of(terms))

        def zero(u):
            f = isa.field("instr", u.field)
            test = f"(any(w, {f.lsb + u.lo}, {u.hi - u.lo + 1}))"
            return f"({self.when(u.when)} && {test[1:-1]})" if u.when else test[1:-1]
        self.out += ["namespace detail {", "/// A bit of `width` bits from `lsb` on is set.",
                     "constexpr bool any(const Instr::Image& w, unsigned lsb, unsigned width) {",
                     "  for (unsigned at = 0; at < width; at += 64) {",
                     "    if (get(w.data(), lsb + at, width - at < 64 ? width - at : 64) != 0) return true;", "  }", "  return false;", "}", "}  // namespace detail"]
        self.function("A field that the opcode does not use is not zero. `w` is the image of `i`. Unknown opcodes are refused elsewhere.", "bool", "instr_unused",
                      "const Instr& i, const Instr::Image& w", ["using detail::any;", *self.per_opcode(lambda op: [zero(u) for u in isa.unused(op)])])

        def registers(op):
            return [f"({self.when(u.when) + ' && ' if u.when else ''}{self.bits(u)} >= count)" for u in op.uses if u.kind == "register"]
        body = [f"for (const Operand* o : {{{', '.join('&i.' + o for o in OPERANDS)}}}) {{",
                *[f"  if (o->{enable} != 0 && o->{name} >= count) return true;" for name, enable in isa.register_fields.items()], "}"]
        self.function("The instruction names a register beyond the `count` that an engine has.", "bool", "instr_no_reg", "const Instr& i, std::uint32_t count",
                      [*body, *self.per_opcode(registers)])

        def codes(op):
            out = [f"({self.when(when) + ' && ' if when else ''}!alu_on_{on}(i.{field}))" for field, (on, when) in op.operators.items()]
            return out + [f"({self.when(u.when) + ' && ' if u.when else ''}!{u.kind}_known({self.bits(u)}))" for u in op.uses
                          if u.kind in isa.enums and u.field not in op.operators]
        self.function("A field that the opcode uses holds a code that means nothing to it.", "bool", "instr_code_bad", "const Instr& i", self.per_opcode(codes))
        self.words()
        data = [op.name for op in isa.opcodes if not op.of.get("control")]
        self.out += ["/// X(code, name) for every opcode that works on data: its code in Opcode, and its name as golden/ops has it.",
                     "#define TSR_DATA_OPCODES(X) \\", *[f"  X(k{camel(name)}, {name.lower()})" + " \\" * (name != data[-1]) for name in data]]

    def words(self):
        lines, groups = [], {}
        for op in self.isa.opcodes:
            if not op.words:
                continue
            items = []
            for w in op.words:
                if w == "label":
                    items.append('{"", 0, 0, "", 0, 0}')
                    continue
                lsb, also = self.isa.field("instr", w.field).lsb + w.lo, (0, 0)
                if w.sets:
                    field, _, bit = w.sets.rstrip("]").partition("[")
                    also = (self.isa.field("instr", field).lsb + int(bit), 1)
                kind = w.kind or next((u.kind for u in op.uses if u.field == w.field and u.lo == w.lo and u.hi == w.hi), "")
                items.append(f"{{{text(w.field)}, {lsb}, {w.hi - w.lo + 1}, {text(kind)}, {also[0]}, {also[1]}}}")
            lines.append(f"inline constexpr std::array<WordInfo, {len(items)}> k{camel(op.name)}Words{{{{{', '.join(items)}}}}};")
            groups[f"k{camel(op.name)}Words"] = [op.name]
        self.out += lines
        self.function("Words of assembler text without '=' that an opcode takes, in order.", "std::span<const WordInfo>", "opcode_words", "std::uint32_t code",
                      self.switch("opcode", groups, "{}"))

    # ---- Registers -----------------------------------------------------------------------------------------------
    def registers(self):
        isa = self.isa
        self.out += ["", "/// Control registers: byte addresses in space REG and on the host port.", "namespace reg {"]
        for r in isa.registers:
            self.out.append(f"inline constexpr std::uint32_t k{camel(r['name'])} = 0x{r['address']:04x};  ///< {r['doc']}")
        self.out += ["/// A register and the engine, queue or semaphore to which it belongs (else 0).",
                     "struct Place {", "  std::uint32_t reg;  ///< address of that register of unit 0", "  std::uint32_t unit;", "};",
                     "/// What stands at a byte address; empty when nothing does.",
                     "constexpr std::optional<Place> find(std::uint64_t address) {",
                     "  struct Entry { std::uint32_t address, stride, count; };"]
        self.out.append(f"  constexpr Entry kAll[] = {{")
        for r in isa.registers:
            b = isa.blocks[r["block"]]
            self.out.append(f"      {{k{camel(r['name'])}, {b['stride']}, {b['count']}}},")
        self.out += ["  };", "  for (const Entry& e : kAll) {",
                     "    if (address >= e.address && address < e.address + std::uint64_t{e.stride} * e.count && (address - e.address) % e.stride == 0) {",
                     "      return Place{e.address, static_cast<std::uint32_t>(address - e.address) / e.stride};", "    }", "  }", "  return std::nullopt;", "}"]
        stride = {}
        for r in isa.registers:
            stride.setdefault(isa.blocks[r["block"]]["stride"], []).append(f"reg == k{camel(r['name'])}")
        self.out += ["/// The address of register `reg` of engine, queue or semaphore `unit`.", "constexpr std::uint16_t at(std::uint32_t reg, std::uint32_t unit) {",
                     "  switch (reg) {"]
        for name, b in isa.blocks.items():
            if b["count"] > 1:
                self.out += [f"    case k{camel(r['name'])}:" for r in isa.registers if r["block"] == name]
                self.out.append(f"      return static_cast<std::uint16_t>(reg + {b['stride']} * unit);")
        self.out += ["    default:", "      return static_cast<std::uint16_t>(reg);", "  }", "}", "}  // namespace reg"]
