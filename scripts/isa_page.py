# SPDX-License-Identifier: Apache-2.0
"""docs/isa.md: every field, code, opcode and register of isa.json as tables."""

from isa_model import OPERANDS


def page(isa, note):
    out = ["# Instruction set, descriptors, packets and registers", "", f"<!-- {note} -->", "", isa.doc, ""]

    def table(title, *rows):
        out.extend([f"## {title}", ""] * bool(title))
        head, *body = rows
        out.extend(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)])
        out.extend("| " + " | ".join(str(cell) for cell in row) + " |" for row in body)
        out.append("")

    table("Constants", ("name", "value", "meaning"), *[(f"`{n}`", hex(v) if n == "IDENTITY" else v, d) for n, (v, d) in isa.constants.items()])
    for name, fields in isa.structs.items():
        table(f"`{name}` ({isa.bits[name]} bits)", ("bits", "field", "meaning"), *[(f"{f.lsb + f.width - 1}:{f.lsb}", f"`{f.name}`", meaning(f)) for f in fields])
    opcodes(isa, out, table)
    table("Roles of operands", ("role", "spaces", "types", "shape", "meaning"),
          *[(f"`{n}`", " ".join(r["spaces"]), " ".join(r["types"]), r["shape"], r["doc"]) for n, r in isa.roles.items()])
    types(isa, table)
    table("Operators (`alu`)", ("code", "name", "works on", "meaning"), *[(o.value, f"`{o.name}`", ", ".join(o.of["on"]), o.doc) for o in isa.operators])
    for name, codes in isa.enums.items():
        if name not in ("opcode", "dtype", "alu"):
            table(f"Codes `{name}`", ("code", "name", "meaning"), *[(c.value, f"`{c.name}`", c.doc) for c in codes])
    rows = []
    for r in isa.registers:
        block = isa.blocks[r["block"]]
        many = f" + {block['stride']:#x} i" if block["count"] > 1 else ""
        rows.append((f"0x{r['address']:04x}{many}", f"`{r['name']}`", r["access"], r["doc"]))
    table("Registers (space REG, host port)", ("address", "name", "access", "meaning"), *rows)
    out[-1:] = ["i: " + "; ".join(f"{b['doc']} ({b['count']})" for b in isa.blocks.values() if b["count"] > 1) + "."]
    return "\n".join(out + [""])


def meaning(f):
    if f.shares:
        return f"{f.doc}; takes the place of `{f.shares}` when `{f.when}` is 1"
    return f"not built yet, zero: {f.doc}" if f.reserved and not f.name.startswith("rsv") else f.doc


def types(isa, table):
    table("Types (`dtype`)", ("code", "name", "bits", "class", "meaning"), *[(t.value, f"`{t.name}`", t.of["bits"], t.of["class"], t.doc) for t in isa.types])
    rows = []
    for t in isa.floats:
        e, f, digits = t.of["exponent"], t.of["fraction"], t.of["bits"] // 4
        inf = (1 << e) - 1 << f
        codes = (inf - 1, 1 << f, 1, inf, inf + 1, (1 << e + f) - 1, inf | 1 << f - 1)
        largest, normal, least, infinite, nan0, nan1, canonical = (f"{c:0{digits}X}" for c in codes)
        rows.append((f"`{t.name}`", f"1 / {e} / {f}", (1 << e - 1) - 1, largest, normal, least, infinite, f"{nan0} to {nan1}", canonical))
    table("Formats of the class float (codes of positive numbers; the top bit is the sign)",
          ("type", "sign / exponent / fraction", "bias", "largest finite", "smallest normal", "smallest subnormal", "Inf", "NaN", "canonical NaN"), *rows)


def opcodes(isa, out, table):
    out += ["## Opcodes", "",
            "Every opcode also uses " + ", ".join(f"`{f}`" for f in isa.common) + ". Whatever else it does not name must be zero, else error FIELD.",
            "Cycles: from issue to done, alone, without waiting; N is the number of elements for each partition, M of weight columns, P of partitions.",
            "Errors: the first in this order; an operand stands for its SPACE, DTYPE, PARTITION and ADDRESS.", ""]
    rows = []
    for op in isa.opcodes:
        operands = [f"`{name}` {role}" + (f" if {when}" if when else "") for name, (role, when) in op.operands.items()]
        fields = [f"`{u}`" for u in op.of.get("fields", [])]
        operators = [f"`{name}`: {on}" + (f" if {when}" if when else "") for name, (on, when) in op.operators.items()]
        engines = "all" if len(op.of["engines"]) == len(isa.engines) else " ".join(op.of["engines"])
        rows.append((op.value, f"`{op.name}`", engines, op.doc, "; ".join([*operands, *fields]) or "-", "; ".join(operators) or "-", op.of["cycles"],
                     " ".join(f"`{e}`" if e in OPERANDS else e for e in op.of["errors"])))
    table("", ("code", "name", "engines", "meaning", "uses", "operators", "cycles", "errors"), *rows)
