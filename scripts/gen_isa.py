#!/usr/bin/env python3
"""Turn isa/isa.json into the SystemVerilog package, the C++ header and the documentation page.

usage: gen_isa.py isa/isa.json [--sv tsr_isa_pkg.sv] [--hpp tsr_isa.hpp] [--md docs/isa.md]
"""

import argparse
import json
import pathlib

from gen_common import camel, write

NOTE = "Generated from isa/isa.json by scripts/gen_isa.py; edit that file instead."

CPP_HEAD = """#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace tessera::isa {

/// A named code of an enumeration, with the sentence that explains it.
struct NamedCode {
  std::string_view name;
  std::uint32_t value;
  std::string_view doc;
};

/// Where a field stands in the little-endian image of its struct; `enumeration` may be empty.
struct FieldInfo {
  std::string_view name;
  std::uint32_t lsb;
  std::uint32_t width;
  std::string_view enumeration;
  std::string_view doc;
};

namespace detail {
/// Bits of word `at / 32` that a field reaches from bit `at` on, at most `left` of them.
constexpr unsigned piece(unsigned at, unsigned left) { return left < 32 - at % 32 ? left : 32 - at % 32; }
constexpr std::uint32_t ones(unsigned n) { return n >= 32 ? ~0U : (1U << n) - 1U; }
inline void put(std::uint32_t* words, unsigned lsb, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width;) {
    const unsigned at = lsb + i, n = piece(at, width - i);
    const std::uint32_t mask = ones(n) << (at % 32);
    words[at / 32] = (words[at / 32] & ~mask) | ((static_cast<std::uint32_t>(value >> i) << (at % 32)) & mask);
    i += n;
  }
}
inline std::uint64_t get(const std::uint32_t* words, unsigned lsb, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width;) {
    const unsigned at = lsb + i, n = piece(at, width - i);
    value |= static_cast<std::uint64_t>((words[at / 32] >> (at % 32)) & ones(n)) << i;
    i += n;
  }
  return value;
}
}  // namespace detail
"""


def sv(isa):
    out = [f"// {NOTE}", "package tsr_isa_pkg;"]
    for name, enum in isa["enums"].items():
        out.append(f"  typedef enum logic [{enum['width'] - 1}:0] {{")
        last = len(enum["values"]) - 1
        for i, (label, value, doc) in enumerate(enum["values"]):
            comma = "," if i < last else ""
            out.append(f"    {camel(name)}{camel(label.lower())} = {enum['width']}'d{value}{comma}  // {doc}".rstrip(" /"))
        out.append(f"  }} {name}_e;")
    parts = {field.get("struct") for fields in isa["structs"].values() for field in fields}
    for name, fields in isa["structs"].items():
        out.append("  typedef struct packed {")
        for field in reversed(fields):
            kind = f"{field['struct']}_t" if "struct" in field else f"logic [{field['width'] - 1}:0]"
            out.append(f"    {kind} {field['name']};  // {field['doc']}")
        out.append(f"  }} {name}_t;")
        if name not in parts:  # what travels by itself
            out.append(f"  localparam int unsigned {camel(name)}Bits = {sum(f['width'] for f in fields)};")
    for reg in isa["registers"]:
        out.append(f"  localparam logic [15:0] Reg{camel(reg['name'].lower())} = 16'h{reg['offset']:04x};  // {reg['doc']}")
    return "\n".join(out + ["endpackage", ""])


def cpp_enum(name, enum):
    kind = camel(name)
    out = [f"enum class {kind} : std::uint8_t {{"]
    for label, value, doc in enum["values"]:
        out.append(f"  k{camel(label.lower())} = {value}," + (f"  ///< {doc}" if doc else ""))
    out += ["};", f"inline constexpr std::array<NamedCode, {len(enum['values'])}> k{kind}Names{{{{"]
    for label, value, doc in enum["values"]:
        out.append(f"    {{{json.dumps(label.lower())}, {value}, {json.dumps(doc)}}},")
    return out + ["}};"]


def cpp_struct(name, fields):
    kind, lsb, info, put, get = camel(name), 0, [], [], []
    image = f"std::array<std::uint32_t, {sum(f['width'] for f in fields) // 32}>"
    out = [f"struct {kind} {{", f"  using Image = {image};"]
    for field in fields:
        fname, width = field["name"], field["width"]
        info.append(f"    {{{json.dumps(fname)}, {lsb}, {width}, {json.dumps(field.get('enum', ''))}, {json.dumps(field['doc'])}}},")
        if "struct" in field:
            sub, first, count = camel(field["struct"]), lsb // 32, width // 32
            out.append(f"  {sub} {fname}{{}};  ///< {field['doc']}")
            put.append(f"    {{ const auto part = {fname}.pack(); for (unsigned i = 0; i < {count}; ++i) w[{first} + i] = part[i]; }}")
            get.append(f"    {{ {sub}::Image part{{}}; for (unsigned i = 0; i < {count}; ++i) part[i] = w[{first} + i]; s.{fname} = {sub}::unpack(part); }}")
        elif width <= 64:
            ctype = "std::uint64_t" if width > 32 else "std::uint32_t"
            out.append(f"  {ctype} {fname} = 0;  ///< {field['doc']}")
            put.append(f"    detail::put(w.data(), {lsb}, {width}, {fname});")
            get.append(f"    s.{fname} = static_cast<{ctype}>(detail::get(w.data(), {lsb}, {width}));")
        lsb += width
    out += ["  [[nodiscard]] Image pack() const {", "    Image w{};"] + put + ["    return w;", "  }"]
    out += [f"  static {kind} unpack(const Image& w) {{", f"    {kind} s;"] + get + ["    return s;", "  }", "};"]
    return out + [f"inline constexpr std::array<FieldInfo, {len(fields)}> k{kind}Fields{{{{"] + info + ["}};"]


def hpp(isa):
    out = [f"// {NOTE}", CPP_HEAD]
    for name, enum in isa["enums"].items():
        out += cpp_enum(name, enum)
    for name, fields in isa["structs"].items():
        out += cpp_struct(name, fields)
    out.append("/// Byte offsets of the control registers (space REG and the host port).\nnamespace reg {")
    for reg in isa["registers"]:
        out.append(f"inline constexpr std::uint32_t k{camel(reg['name'].lower())} = 0x{reg['offset']:04x};  ///< {reg['doc']}")
    return "\n".join(out + ["}  // namespace reg", "", "}  // namespace tessera::isa", ""])


def md(isa):
    out = ["# Instruction set, descriptors, packets and registers", "", f"<!-- {NOTE} -->", "", isa["doc"], ""]
    for name, fields in isa["structs"].items():
        out += [f"## `{name}` ({sum(f['width'] for f in fields)} bits)", "", "| bits | field | meaning |", "|---|---|---|"]
        lsb = 0
        for field in fields:
            out.append(f"| {lsb + field['width'] - 1}:{lsb} | `{field['name']}` | {field['doc']} |")
            lsb += field["width"]
        out.append("")
    for name, enum in isa["enums"].items():
        out += [f"## Codes `{name}`", "", "| code | name | meaning |", "|---|---|---|"]
        out += [f"| {value} | `{label}` | {doc} |" for label, value, doc in enum["values"]] + [""]
    out += ["## Registers (space REG, host port)", "", "| offset | name | access | meaning |", "|---|---|---|---|"]
    out += [f"| 0x{r['offset']:04x} | `{r['name']}` | {r['access']} | {r['doc']} |" for r in isa["registers"]]
    return "\n".join(out + [""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("isa")
    parser.add_argument("--sv")
    parser.add_argument("--hpp")
    parser.add_argument("--md")
    args = parser.parse_args()
    isa = json.loads(pathlib.Path(args.isa).read_text(encoding="utf-8"))
    for path, make in ((args.sv, sv), (args.hpp, hpp), (args.md, md)):
        if path:
            write(path, make(isa))


if __name__ == "__main__":
    main()
