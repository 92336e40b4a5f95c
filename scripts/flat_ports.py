#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write MODULE_flat, a module around MODULE whose ports are the fields of MODULE's struct ports: what a bench sees.

usage: flat_ports.py MODULE.sv --out FOLDER      writes FOLDER/MODULE_flat.sv; exit code 2 and a sentence if it cannot

C++ and Python see a packed struct as one wide number. Field `f` of port `x_i` becomes port `x_f_i`; a type named axi*
keeps the names of its standard, `x_f`. Structs are those of rtl/pkg/tsr_if_pkg.sv; a header, record or instruction stays
one port, its fields have functions in tsr_isa.hpp. A port that is an array over one of the lists of that package becomes
one port per name: `link_valid_i`, over NumPorts, is `link_n_valid_i`, `link_e_valid_i`, ...; `read_req_i`, over
NumReaders, is `dma_read_req_i`, `fetch_read_req_i`. Other arrays stay arrays, one per field; of one-bit fields, a vector.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "rtl/pkg/tsr_if_pkg.sv"
WITHIN = ("tsr_cfg_pkg", "tsr_isa_pkg", "tsr_types_pkg")      # whose names the types of its fields use
INSIDE = {"Ports", "Classes"}                      # lists whose names stand behind the first word of a port


class Problem(Exception):
    """Something this script cannot read, as a sentence."""


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def read_package(text):
    """{struct: [(type, field)]}, {count: [(name in a port, index)]} of tsr_if_pkg."""
    text = without_comments(text)
    structs = {}
    for body, name in re.findall(r"typedef struct packed \{(.*?)\}\s*(\w+);", text, re.S):
        structs[name] = [tuple(re.fullmatch(r"(.*\S)\s+(\w+)", line.strip()).groups())
                         for line in body.split(";") if line.strip()]
    lists = {}
    for line in re.findall(r"localparam int unsigned ([^;]*);", text):
        items = dict(re.findall(r"(\w+) = (\d+)", line))
        counts = [item for item in items if item.startswith("Num")]
        if len(items) > 1 and len(counts) == 1:
            indices = [item for item in items if item not in counts]
            lists[counts[0]] = named(indices)
    for body, count in re.findall(r"typedef enum[^{]*\{([^}]*)\} \w+;\s*localparam int unsigned (\w+) = \d+;", text):
        lists[count] = named(re.findall(r"\b([A-Z]\w*)\b(?= =)", body))
    return structs, lists


def named(indices):
    """(name in a port, index), without the word that the indices begin with."""
    prefix = len(re.match(r"[A-Z][a-z]*", indices[0])[0])
    return [(item[prefix:].lower(), item) for item in indices]


def read_module(text):
    """(name, imports, parameter block, {parameter: value}, [(direction, type, name, dimensions)])"""
    match = re.search(r"\bmodule (tsr_\w+)(.*?)\n?\);", without_comments(text), re.S)
    if not match:
        raise Problem("no module with a port list")
    name, head = match.groups()
    imports = re.findall(r"import (\w+)::\*;", head)
    block = re.search(r"#\((.*?)\n?\)\s*\(\n", head, re.S)
    parameters = dict(re.findall(r"\bparameter\b[^=]*?(\w+)\s*=\s*([^,\s]+)", block[1])) if block else {}
    ports = []
    kind = r"(?:logic(?:\s*\[[^\]]*\])?|\w+_t)"
    listed = head[block.end():] if block else head[head.rindex("(\n") if "(\n" in head else head.index("("):]
    for item in re.split(r",(?=\s*(?:input|output))", listed.strip().lstrip("(")):
        port = re.fullmatch(rf"\s*(input|output)\s+({kind})\s+(\w+)\s*((?:\[[^\]]*\]\s*)*)", item)
        if not port:
            raise Problem(f"{name}: not a port that can be taken apart: '{item.strip()}'")
        ports.append((port[1], " ".join(port[2].split()), port[3], re.findall(r"\[([^\]]*)\]", port[4])))
    return name, imports, block[1] if block else "", parameters, ports


def labelled(base, label, count):
    if not label:
        return base
    if count.removeprefix("Num") in INSIDE:
        first, _, rest = base.partition("_")
        return f"{first}_{label}" + (f"_{rest}" if rest else "")
    return f"{label}_{base}"


def flatten(module, structs, lists):
    """Text of the module around `module`."""
    name, imports, block, parameters, ports = module
    lists = lists | {parameter: lists[value] for parameter, value in parameters.items() if value in lists}
    heads, nets, wires, pins = [], [], [], []
    for direction, kind, port, dims in ports:
        vector = re.fullmatch(r"logic\s*\[(\w+)-1:0\]", kind)
        unpacked = dims[0] if dims and dims[0] in lists else ""
        packed = vector[1] if vector and vector[1] in lists and not dims else ""
        count = unpacked or packed
        if kind not in structs and not count:
            heads.append((direction, kind, port, dims))
            pins.append(f".{port}")
            continue
        base, suffix = port.rsplit("_", 1)
        net = f"s_{port}"
        nets.append(f"{kind} {net}" + "".join(f" [{d}]" for d in dims) + ";")
        pins.append(f".{port}({net})")
        rest = dims[1:] if unpacked else dims
        for label, index in lists[count] if count else [("", "")]:
            at = f"{net}[{index}]" if count else net
            stem = labelled(base, label, count)
            for field_kind, field in structs.get(kind, [("logic" if packed else kind, "")]):
                if field:
                    flat = f"{stem}_{field}" + ("" if kind.startswith("axi") else f"_{suffix}")
                else:
                    flat = f"{stem}_{suffix}"
                if field and field_kind == "logic" and len(rest) == 1:
                    heads.append((direction, f"logic [{rest[0]}-1:0]", flat, []))
                else:
                    heads.append((direction, field_kind, flat, rest))
                pairs = [(flat, at + (f".{field}" if field else ""))]
                if rest and field:                 # an array of structs is one array per field
                    loop = "".join(f"for (genvar g{n} = 0; g{n} < {d}; g{n}++) " for n, d in enumerate(rest))
                    inner = "".join(f"[g{n}]" for n in range(len(rest)))
                    pairs = [(flat + inner, f"{at}{inner}.{field}")]
                else:
                    loop = ""
                outer, inside = pairs[0]
                line = f"assign {inside} = {outer};" if direction == "input" else f"assign {outer} = {inside};"
                wires.append(f"{loop}begin : gen_{flat} {line} end" if loop else line)
    lines = [f"// Generated by scripts/flat_ports.py from {name}.sv: its ports, every field of a struct for itself.",
             f"module {name}_flat"]
    lines += [f"  import {package}::*;" for package in dict.fromkeys([*imports, *WITHIN, "tsr_if_pkg"])]
    lines += [f"#({block})"] if block else []
    lines += ["(", ",\n".join(f"  {d} {k} {p}" + "".join(f" [{x}]" for x in dims) for d, k, p, dims in heads), ");"]
    lines += [f"  {line}" for line in [*nets, *wires]]
    values = "#(" + ", ".join(f".{p}({p})" for p in parameters) + ") " if parameters else ""
    lines += [f"  {name} {values}dut (", "    " + ",\n    ".join(pins), "  );", "endmodule"]
    return f"{name}_flat", "\n".join(lines) + "\n"


def write_flat(path, folder):
    """Writes the module around the one in `path` into `folder`, if its text changed; returns the file."""
    try:
        structs, lists = read_package(PACKAGE.read_text(encoding="utf-8"))
        name, text = flatten(read_module(pathlib.Path(path).read_text(encoding="utf-8")), structs, lists)
    except OSError as error:
        raise Problem(f"{error.filename} cannot be read: {error.strerror}") from error
    out = pathlib.Path(folder) / f"{name}.sv"
    out.parent.mkdir(parents=True, exist_ok=True)
    if not out.exists() or out.read_text(encoding="utf-8") != text:
        out.write_text(text, encoding="utf-8")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args = parser.parse_args()
    try:
        write_flat(args.module, args.out)
    except Problem as problem:
        print(f"flat_ports.py: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
