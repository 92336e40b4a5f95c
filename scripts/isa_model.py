# SPDX-License-Identifier: Apache-2.0
"""isa/isa.json as objects, checked: what the generators, the assembler's tables and the tests read.

`load()` gives an `Isa`; a fault of the file is a `Refused`, a sentence that names the place.
"""

import dataclasses
import json
import pathlib
import re

from gen_common import Refused, layout

FILE = pathlib.Path(__file__).resolve().parents[1] / "isa/isa.json"
OPERANDS = ("dst", "src0", "src1")
CLASSES = ("float", "int", "raw")           # of types
ON = ("float", "integer", "register")       # what an operator works on: lanes as FP32, lanes as integers, registers of an engine
PARTS = re.compile(r"(?P<field>\w+)(\[(?P<hi>\d+)(:(?P<lo>\d+))?\])?( as (?P<kind>\w+))?( with (?P<sets>\w+\[\d+\]))?( if (?P<when>!?\w+(\[\d+\])?))?")


@dataclasses.dataclass
class Field:
    """Bits of a struct; `lsb` counts from bit 0 of the little-endian image."""
    name: str
    lsb: int
    width: int
    doc: str
    enum: str = ""
    struct: str = ""
    reserved: bool = False                  # must be zero: a gap, or a place that is kept for what is not built yet
    shares: str = ""                        # the field whose bits it takes when field `when` is 1
    when: str = ""


@dataclasses.dataclass
class Code:
    """A named code of an enumeration; `of` holds what types, operators and opcodes have besides."""
    name: str
    value: int
    doc: str
    of: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Use:
    """Bits [hi:lo] of an instruction's field that an opcode uses, when `when` holds ("field[bit]", "!" negates)."""
    field: str
    hi: int
    lo: int
    kind: str = ""                          # register, or the enumeration that the bits hold
    sets: str = ""                          # words of the assembler: a bit that the word sets too
    when: str = ""

    @property
    def condition(self):
        """(field, bit, value) or None."""
        if not self.when:
            return None
        field, _, bit = self.when.lstrip("!").rstrip("]").partition("[")
        return field, int(bit or 0), 0 if self.when[0] == "!" else 1


class Isa:
    def __init__(self, data):
        self.doc = data["doc"]
        self.constants = {name: (number(value), doc) for name, value, doc in data["constants"]}
        self.types = [Code(t["name"], t["code"], t["doc"], t) for t in data["types"]]
        self.operators = [Code(o["name"], o["code"], o["doc"], o) for o in data["operators"]]
        self.opcodes = [Code(o["name"], o["code"], o["doc"], o) for o in data["opcodes"]]
        self.widths = {"opcode": 8, "dtype": data["type_bits"], "alu": data["operator_bits"], **{n: e["width"] for n, e in data["enums"].items()}}
        self.enums = {"opcode": self.opcodes, "dtype": self.types, "alu": self.operators,
                      **{n: [Code(*v) for v in e["values"]] for n, e in data["enums"].items()}}
        self.roles = {r["name"]: r for r in data["roles"]}
        self.common = data["common"]
        self.bits, self.structs = {}, {}
        for name, codes in self.enums.items():
            self.check_enum(name, codes)
        for name, struct in data["structs"].items():
            self.bits[name], self.structs[name] = struct["bits"], self.fields_of(name, struct)
        self.register_fields = {f["name"]: f["register"] for f in data["structs"]["operand"]["fields"] if "register" in f}
        self.engines = [c.name for c in self.enums["engine"]]
        self.check_types()
        for op in self.opcodes:
            self.check_opcode(op)
        self.blocks = {b["name"]: {**b, "base": number(b["base"]), "count": self.count_of(b)} for b in data["register_blocks"]}
        self.registers = self.registers_of(data["registers"])

    # ---- Structs ---------------------------------------------------------------------------------------------
    def fields_of(self, struct, data):
        """Fields in order of position, gaps between them as reserved fields rsv0, rsv1, ..."""
        fields = [Field(f["name"], f["at"], f["width"], f["doc"], f.get("enum", ""), f.get("struct", ""), f.get("coming", False),
                        f.get("shares", ""), f.get("when", "")) for f in layout(struct, data)]
        out, at = [], 0
        for f in fields:
            need(f.width <= 64 or f.struct, f"{struct}.{f.name} has {f.width} bits; a plain field has at most 64")
            if f.enum:
                need(f.enum in self.enums, f"{struct}.{f.name} holds codes of {f.enum}, which does not exist")
                need(self.widths[f.enum] == f.width, f"{struct}.{f.name} has {f.width} bits, codes of {f.enum} have {self.widths[f.enum]}")
            if f.struct:
                need(f.struct in self.bits, f"{struct}.{f.name} is a {f.struct}, which does not stand before it")
                need(self.bits[f.struct] == f.width, f"{struct}.{f.name} has {f.width} bits, a {f.struct} has {self.bits[f.struct]}")
                need(f.lsb % 32 == 0, f"{struct}.{f.name} is a {f.struct} and must start at a multiple of 32 bits")
            if f.shares:
                out.append(f)
                continue
            self.gap(out, at, f.lsb)
            out.append(f)
            at = f.lsb + f.width
        self.gap(out, at, data["bits"])
        need(data["bits"] % 32 == 0, f"{struct} has {data['bits']} bits; a struct is a number of 32-bit words")
        return out

    @staticmethod
    def gap(out, begin, end):
        if end > begin:
            out.append(Field(f"rsv{sum(f.name.startswith('rsv') for f in out)}", begin, end - begin, "reserved, zero", reserved=True))

    def field(self, struct, name):
        found = [f for f in self.structs[struct] if f.name == name]
        need(found, f"there is no field {name} in {struct}")
        return found[0]

    def pack(self, struct, **values):
        """An integer with these fields, the others zero; a nested struct is given as an integer."""
        word = 0
        for f in [self.field(struct, name) for name in values]:
            if f.shares and values[f.name]:          # it takes the place of the other one
                values.update({f.when: 1, f.shares: 0})
        for name, value in values.items():
            f = self.field(struct, name)
            word |= (int(value) & ((1 << f.width) - 1)) << f.lsb
        return word

    def get(self, struct, word, name):
        """A field of a packed struct; of shared bits 0 when they are another field's."""
        f = self.field(struct, name)
        if f.shares and not self.get(struct, word, f.when):
            return 0
        return word >> f.lsb & (1 << f.width) - 1

    def put(self, struct, word, **values):
        """The struct with these fields in place of what it holds."""
        for name in values:
            f = self.field(struct, name)
            word &= ~((1 << f.width) - 1 << f.lsb)
        return word | self.pack(struct, **values)

    # ---- Codes -----------------------------------------------------------------------------------------------
    def check_enum(self, name, codes):
        for value, text in ((lambda c: c.value, "code"), (lambda c: c.name, "name")):
            seen = {}
            for c in codes:
                need(value(c) not in seen, f"{name}: {c.name} has the {text} {value(c)} of {seen.get(value(c), c).name}")
                seen[value(c)] = c
        for c in codes:
            need(0 <= c.value < 1 << self.widths[name], f"{name}: code {c.value} of {c.name} does not fit in {self.widths[name]} bits")

    def code(self, enum, name):
        found = [c.value for c in self.enums[enum] if c.name == name]
        need(found, f"there is no {enum} {name}")
        return found[0]

    def check_types(self):
        for t in self.types:
            need(t.of["bits"] in (8, 16, 32), f"type {t.name} has {t.of['bits']} bits; elements have 8, 16 or 32")
            need(t.of["class"] in CLASSES, f"type {t.name} has class {t.of['class']}; classes are {', '.join(CLASSES)}")
            if t.of["class"] == "float":
                self.check_float(t)
        self.floats = [t for t in self.types if t.of["class"] == "float"]
        for o in self.operators:
            for on in o.of["on"]:
                need(on in ON, f"operator {o.name} works on {on}; known are {', '.join(ON)}")
        for name, role in self.roles.items():
            for enum, codes in (("space", role["spaces"]), ("dtype", role["types"])):
                for c in codes:
                    need(c in {k.name for k in self.enums[enum]}, f"role {name} allows the {enum} {c}, which does not exist")
        self.check_array()

    @staticmethod
    def check_float(t):
        """Formats of IEEE 754: sign, exponent with bias 2^(exponent-1) - 1, fraction; the largest exponent is Inf and NaN."""
        exponent, fraction, bits = t.of["exponent"], t.of["fraction"], t.of["bits"]
        need(bits in (16, 32), f"type {t.name} has {bits} bits; a float has 16 or 32, since lanes take one or two from a word")
        need(1 + exponent + fraction == bits, f"type {t.name}: sign, exponent {exponent} and fraction {fraction} are not {bits} bits")
        need(2 <= exponent <= 8, f"type {t.name} has an exponent of {exponent} bits; 2 to 8 fit in FP32, in which lanes compute")

    def check_array(self):
        """The PE array recodes one format and adds in one (tsr_pe_pkg)."""
        for role, known in (("moving", "BF16"), ("sum", "FP32")):
            for t in self.roles[role]["types"]:
                need(t == known, f"role {role} allows the type {t}, but the PE array knows only {known} there")

    def operators_on(self, kind):
        return [o for o in self.operators if kind in o.of["on"]]

    # ---- Opcodes ---------------------------------------------------------------------------------------------
    def part(self, text, where):
        """'field[hi:lo] as KIND if CONDITION' as a Use."""
        m = PARTS.fullmatch(text)
        need(m, f"{where}: '{text}' is not understood; write FIELD[HI:LO] as KIND if CONDITION")
        f = self.field("instr", m["field"])
        hi = int(m["hi"]) if m["hi"] else f.width - 1
        lo = int(m["lo"]) if m["lo"] else hi if m["hi"] else 0
        need(lo <= hi < f.width, f"{where}: {m['field']} has no bits [{hi}:{lo}]")
        use = Use(m["field"], hi, lo, m["kind"] or f.enum, m["sets"] or "", m["when"] or "")
        need(use.kind in ("", "register", *self.enums), f"{where}: {use.kind} is neither register nor an enumeration")
        for bit in [use.condition] * bool(use.when) + [Use("", 0, 0, when=use.sets).condition] * bool(use.sets):
            need(bit[1] < self.field("instr", bit[0]).width, f"{where}: {bit[0]} has no bit {bit[1]}")
        return use

    def check_opcode(self, op):
        of, where = op.of, f"opcode {op.name}"
        of["engines"] = list(self.engines) if of["engines"] == "all" else of["engines"]
        for e in of["engines"]:
            need(e in self.engines, f"{where} stands on engine {e}, which does not exist")
        op.uses = [self.part(text, where) for text in of.get("fields", [])]
        op.operands = {}
        for name, text in of.get("operands", {}).items():
            need(name in OPERANDS, f"{where}: there is no operand {name}")
            role, _, when = text.partition(" if ")
            need(role in self.roles, f"{where}: {name} has the role {role}, which does not exist")
            use = self.part(name + (f" if {when}" if when else ""), where)
            op.uses.append(use)
            op.operands[name] = (role, use.when)
        op.operators = {}
        for name, text in of.get("operators", {}).items():
            on, _, when = text.partition(" if ")
            need(on in ON, f"{where}: {name} is an operator on {on}; known are {', '.join(ON)}")
            need(any(u.field == name for u in op.uses), f"{where}: {name} has operators, but the opcode does not use it")
            op.operators[name] = (on, self.part(f"{name} if {when}", where).when if when else "")
        op.words = [w if w == "label" else self.part(w, where) for w in of.get("words", [])]
        for w in op.words:
            need(w == "label" or any(u.field == w.field and u.lo <= w.lo and w.hi <= u.hi for u in op.uses), f"{where}: a word fills {w}, which the opcode does not use")
        for e in of["errors"]:
            need(e in op.operands or e in {c.name for c in self.enums["err"]}, f"{where}: {e} is neither an error nor an operand of it")

    def unused(self, op):
        """What must be zero in an instruction with this opcode: a list of Use; with a condition where it is used otherwise."""
        out = []
        for f in self.structs["instr"]:
            if f.name in self.common:
                continue
            always = [False] * f.width
            for u in op.uses:
                if u.field == f.name:
                    for bit in range(u.lo, u.hi + 1):
                        always[bit] = True
                    if u.when:
                        out.append(dataclasses.replace(u, when=u.when[1:] if u.when[0] == "!" else f"!{u.when}"))
            bit = 0
            while bit < f.width:
                end = bit
                while end < f.width and not always[end]:
                    end += 1
                if end > bit:
                    out.append(Use(f.name, end - 1, bit))
                bit = max(end, bit + 1)
        return out

    # ---- Registers -------------------------------------------------------------------------------------------
    def count_of(self, block):
        count = block["count"]
        return len(self.engines) if count == "engines" else self.constants[count][0] if isinstance(count, str) else count

    def registers_of(self, data):
        owner = {}
        for r in data:
            need(r["block"] in self.blocks, f"register {r['name']} stands in block {r['block']}, which does not exist")
            block = self.blocks[r["block"]]
            for i in range(block["count"]):
                address = block["base"] + r["offset"] + i * block["stride"]
                need(address % 4 == 0 and address < 1 << 16, f"register {r['name']} has the address {address:#x}")
                need(address not in owner, f"registers {r['name']} and {owner.get(address)} share the address {address:#x}")
                owner[address] = r["name"]
        for name, b in self.blocks.items():
            need(b["stride"] & b["stride"] - 1 == 0, f"register block {name} has the stride {b['stride']}, which is no power of two")
        return [{**r, "address": self.blocks[r["block"]]["base"] + r["offset"]} for r in data]

    def register(self, name, index=0):
        """The byte address of a register, the one of unit `index`."""
        for r in self.registers:
            if r["name"] == name:
                return r["address"] + index * self.blocks[r["block"]]["stride"]
        raise Refused(f"there is no register {name}")


def number(value):
    return int(value, 0) if isinstance(value, str) else value


def need(good, sentence):
    if not good:
        raise Refused(sentence)


def load(path=FILE):
    """The instruction set of a file, checked; Refused says what is wrong with it."""
    path = pathlib.Path(path)
    try:
        return Isa(json.loads(path.read_text(encoding="utf-8")))
    except Refused as fault:
        raise Refused(f"{path}: {fault}") from None
    except json.JSONDecodeError as fault:
        raise Refused(f"{path}:{fault.lineno}: {fault.msg}") from None
    except KeyError as fault:
        raise Refused(f"{path}: an entry lacks {fault}") from None
