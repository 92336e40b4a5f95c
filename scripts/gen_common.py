# SPDX-License-Identifier: Apache-2.0
"""What the generators of scripts/gen_*.py share: structs of bits, their SystemVerilog and C++, and files."""

import os
import pathlib
import re

NAME = re.compile(r"[a-z][a-z0-9_]*")
FIELD_KEYS = {"name", "at", "width", "doc", "enum", "struct", "cpp", "register", "coming", "shares", "when"}


class Refused(Exception):
    """A sentence for who edits a description."""


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def write(path, text):
    """Leaves a file that says the same already as it is, so that nothing is built again; replaces another one whole."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        part = path.with_name(f".{path.name}.{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.replace(path)


def layout(name, struct):
    """The fields of {"bits": n, "fields": [...]} in rising order of their first bit `at`; Refused when one leaves the struct,
    lies over another, has a name or a key that nobody knows. Bits between fields are reserved. A field that `shares` bits lies
    inside of the field that it names, and takes its place `when` a third field of one bit is set."""
    fields, names, end, last = [], set(), 0, None
    plain = {f["name"]: f for f in struct["fields"] if "shares" not in f and "name" in f}
    for field in sorted(struct["fields"], key=lambda f: (f.get("at", -1), "shares" in f)):
        label = f"field '{field.get('name')}' of struct '{name}'"
        for key in ("name", "at", "width", "doc"):
            if key not in field:
                raise Refused(f"{label} has no '{key}'")
        for key in field:
            if key not in FIELD_KEYS:
                raise Refused(f"{label} has an unknown key '{key}'; the keys are {', '.join(sorted(FIELD_KEYS))}")
        if not NAME.fullmatch(field["name"]):
            raise Refused(f"{label}: a name is made of small letters, digits and _, a letter first")
        if field["name"] in names:
            raise Refused(f"{label} stands twice")
        if not isinstance(field["width"], int) or field["width"] < 1:
            raise Refused(f"{label} must be at least one bit wide")
        if "shares" in field:
            host, when = plain.get(field["shares"]), plain.get(field.get("when"))
            if host is None or not (host["at"] <= field["at"] and field["at"] + field["width"] <= host["at"] + host["width"]):
                raise Refused(f"{label} does not lie inside of '{field['shares']}', whose bits it shares")
            if when is None or when["width"] != 1:
                raise Refused(f"{label} shares bits and needs a field of one bit, 'when', that says whose they are")
            names.add(field["name"])
            fields.append(field)
            continue
        if field["at"] < end:
            raise Refused(f"{label} begins at bit {field['at']}, which '{last}' holds already")
        end, last = field["at"] + field["width"], field["name"]
        if end > struct["bits"]:
            raise Refused(f"{label} ends at bit {end - 1}, but the struct has {struct['bits']} bits")
        names.add(field["name"])
        fields.append(field)
    return fields


def sv_struct(name, struct):
    """A packed struct, its first bit last; gaps are fields rsv0, rsv1 ..."""
    out, end, gaps = [], 0, 0
    kinds = {f["name"]: f"{f['struct']}_t" if "struct" in f else "logic" if f["width"] == 1 else f"logic [{f['width'] - 1}:0]"
             for f in struct["fields"]}
    span = max(len(kind) for kind in kinds.values())
    for field in [*layout(name, struct), {"at": struct["bits"]}]:
        if field["at"] > end:
            width = field["at"] - end
            out.append(f"    logic [{width - 1}:0] rsv{gaps};")
            gaps += 1
        if "name" in field:
            out.append(f"    {kinds[field['name']]:{span}} {field['name']};  // {field['doc']}")
            end = field["at"] + field["width"]
    return ["  typedef struct packed {", *reversed(out), f"  }} {name}_t;"]


def cpp_type(width):
    """The narrowest unsigned type of `width` bits."""
    return f"std::uint{next(w for w in (8, 16, 32, 64) if width <= w)}_t"


def cpp_record(name, struct):
    """A struct of plain numbers in the narrowest types, the widest first so that nothing is padded, with `unpack` from and
    `pack` into an image of 32-bit words that may begin at any bit."""
    fields = layout(name, struct)
    for field in fields:
        if field["width"] > 64:
            raise Refused(f"field '{field['name']}' of struct '{name}' is wider than 64 bits")
    kind = camel(name)
    label = {field["name"]: field.get("cpp", field["name"]) for field in fields}
    members = sorted(fields, key=lambda f: -int(re.search(r"\d+", cpp_type(f["width"]))[0]))
    out = [f"/// {struct['doc']}", f"struct {kind} {{", f"  static constexpr unsigned kBits = {struct['bits']};"]
    out += [f"  {cpp_type(f['width'])} {label[f['name']]} = 0;  ///< {f['doc']}" for f in members]
    out += [f"  static {kind} unpack(const std::uint32_t* words, unsigned lsb = 0) {{", f"    {kind} r;"]
    out += [f"    r.{label[f['name']]} = static_cast<{cpp_type(f['width'])}>(isa::detail::get(words, lsb + {f['at']}, {f['width']}));"
            for f in fields]
    out += ["    return r;", "  }", "  void pack(std::uint32_t* words, unsigned lsb = 0) const {"]
    out += [f"    isa::detail::put(words, lsb + {f['at']}, {f['width']}, {label[f['name']]});" for f in fields]
    return out + ["  }", f"  friend bool operator==(const {kind}&, const {kind}&) = default;", "};"]
