# SPDX-License-Identifier: Apache-2.0
"""The SystemVerilog package of the instruction set: codes, structs, registers, constants, and what is legal."""

from gen_common import camel
from isa_model import OPERANDS


class Package:
    def __init__(self, isa, note):
        self.isa, self.out = isa, [
            f"// {note}", "/* verilator lint_off UNUSEDPARAM */  // constants of software stand here too", "package tsr_isa_pkg;"]
        self.constants()
        for name, codes in isa.enums.items():
            self.enum(name, codes, isa.widths[name])
        nested = {f.struct for fields in isa.structs.values() for f in fields}
        for name, fields in isa.structs.items():
            self.struct(name, fields, name not in nested)
        self.registers()
        self.types()
        self.opcodes()
        self.fields()
        self.out += ["endpackage", "/* verilator lint_on UNUSEDPARAM */", ""]

    def text(self):
        return "\n".join(self.out)

    # ---- Declarations ----------------------------------------------------------------------------------------
    def constants(self):
        for name, (value, doc) in self.isa.constants.items():
            self.out.append(f"  localparam int unsigned {camel(name)} = 32'd{value};  // {doc}")
        self.out.append(f"  localparam int unsigned NumEngines = {len(self.isa.engines)};  // {', '.join(self.isa.engines)}: codes of engine_e")

    def enum(self, name, codes, width):
        self.out.append(f"  typedef enum logic [{width - 1}:0] {{")
        for i, c in enumerate(codes):
            comma = "," if i < len(codes) - 1 else ""
            self.out.append(f"    {camel(name)}{camel(c.name)} = {width}'d{c.value}{comma}  // {c.doc}".rstrip(" /"))
        self.out += [f"  }} {name}_e;", f"  typedef logic [{width - 1}:0] {name}_code_t;  // a {name}_e, known or not"]

    def struct(self, name, fields, whole):
        self.out.append("  typedef struct packed {")
        for f in reversed([f for f in fields if not f.shares]):
            kind = f"{f.struct}_t" if f.struct else f"logic [{f.width - 1}:0]"
            self.out.append(f"    {kind} {f.name};  // {f.doc}")
        self.out.append(f"  }} {name}_t;")
        if whole:                                                    # what travels by itself
            self.out.append(f"  localparam int unsigned {camel(name)}Bits = {self.isa.bits[name]};")

        for f in fields:
            if f.shares:
                self.shared(name, f)

    def shared(self, name, f):
        """Functions that read and set a field whose bits are those of another one while `when` is set."""
        host = self.isa.field(name, f.shares)
        lo, kind = f.lsb - host.lsb, f"{f.enum}_code_t" if f.enum else f"logic [{f.width - 1}:0]"
        self.function(f"{f.name}: {f.doc}; 0 unless {f.when}.", kind, f"{name}_{f.name}", [(f"{name}_t", "s")],
                      [f"{name}_{f.name} = s.{f.when} ? s.{f.shares}[{lo + f.width - 1}:{lo}] : {f.width}'d0;"], True)
        self.function(f"The same with {f.name} set, and with it {f.when}; a 0 changes nothing but {f.when}.", f"{name}_t", f"{name}_set_{f.name}",
                      [(f"{name}_t", "s"), (kind, "value")],
                      [f"{name}_set_{f.name} = s;", f"{name}_set_{f.name}.{f.when} = value != {f.width}'d0;",
                       f"if (value != {f.width}'d0) {name}_set_{f.name}.{f.shares} = {host.width}'(value)" + (f" << {lo};" if lo else ";")])

    def function(self, doc, result, name, arguments, body, partly=False, once=False):
        """`partly`: arguments of which the function does not read every bit. `once`: in a model one function, not a copy at each call."""
        args = ", ".join(f"input {kind} {arg}" for kind, arg in arguments)
        self.out.append(f"  /// {doc}")
        head = [f"  function automatic {result} {name}({args});"]
        self.out += ["  /* verilator lint_off UNUSEDSIGNAL */", *head, "  /* verilator lint_on UNUSEDSIGNAL */"] if partly else head
        self.out += ["    // verilator no_inline_task"] * once
        self.out += [f"    {line}" for line in body] + ["  endfunction"]

    def member(self, doc, name, enum, codes):
        """Whether a code is one of a set."""
        known = ", ".join(camel(enum) + camel(c) for c in codes)
        body = ["case (code)", *[f"  {known}: {name} = 1'b1;"] * bool(codes)]
        self.function(doc, "logic", name, [(f"{enum}_code_t", "code")], [*body, f"  default: {name} = 1'b0;", "endcase"])

    # ---- Registers -------------------------------------------------------------------------------------------
    def registers(self):
        for r in self.isa.registers:
            self.out.append(f"  localparam logic [15:0] Reg{camel(r['name'])} = 16'h{r['address']:04x};  // {r['doc']}")
        one = []
        for name, b in self.isa.blocks.items():
            if b["count"] == 1:
                continue
            low, wide = b["stride"].bit_length() - 1, max(1, (b["count"] - 1).bit_length())
            word, mask = name.lower(), ((1 << wide) - 1) << low
            regs = [r["address"] for r in self.isa.registers if r["block"] == name]
            step = 1 << low + wide
            areas = sorted({a & ~(step - 1) for a in regs})
            inside = " || ".join(f"(addr & 16'h{0xffff & ~(step - 1):04x}) == 16'h{a:04x}" for a in areas)
            limit = "" if b["count"] == 1 << wide else f" && addr[{low + wide - 1}:{low}] < {wide}'d{b['count']}"
            self.out.append(f"  localparam int unsigned {camel(name)}RegStride = {b['stride']};")
            self.function(f"Whether a register address lies in the set of one of {b['count']} {word}s.", "logic", f"reg_of_{word}",
                          [("logic [15:0]", "addr")], [f"reg_of_{word} = ({inside}){limit};"], True)
            self.function(f"The number of that {word}.", f"logic [{wide - 1}:0]", f"reg_{word}", [("logic [15:0]", "addr")],
                          [f"reg_{word} = addr[{low + wide - 1}:{low}];"], True)
            one.append(f"if (reg_of_{word}(addr)) reg_first = addr & 16'h{0xffff & ~mask:04x};")
        self.function("The same register of unit 0: what a case over Reg... compares.", "logic [15:0]", "reg_first", [("logic [15:0]", "addr")],
                      ["reg_first = addr;", *one])

    # ---- Types, operators, roles ---------------------------------------------------------------------------------
    def types(self):
        self.function("log2 of the bytes of an element; unknown types count as one byte and are refused elsewhere.", "logic [1:0]", "dtype_shift",
                      [("dtype_code_t", "code")],
                      ["case (code)", *[f"  {', '.join('Dtype' + camel(t.name) for t in self.isa.types if t.of['bits'] == bits)}: dtype_shift = 2'd{shift};"
                                        for bits, shift in ((32, 2), (16, 1)) if any(t.of["bits"] == bits for t in self.isa.types)],
                       "  default: dtype_shift = 2'd0;", "endcase"])
        floats = self.isa.floats
        self.member("Types with values, which convert into each other; others are only copied.", "dtype_float", "dtype", [t.name for t in floats])
        self.out.append(f"  localparam int unsigned NumFloats = {len(floats)};  // " + ", ".join(t.name for t in floats))
        for name, value, doc in (("Code", lambda t: t.value, "codes of these types"), ("Exponent", lambda t: t.of["exponent"], "bits of the exponent"),
                                 ("Fraction", lambda t: t.of["fraction"], "bits of the fraction")):
            width = self.isa.widths["dtype"] if name == "Code" else 32
            kind = "dtype_code_t [NumFloats-1:0]" if name == "Code" else "logic [NumFloats-1:0][31:0]"
            values = ", ".join(f"{width}'d{value(t)}" for t in reversed(floats))
            self.out.append(f"  localparam {kind} Float{name} = {{{values}}};  // {doc}")
        for on in ("float", "register"):
            self.member(f"Operators that work on {dict(float='FP32 values of lanes', register='registers of an engine')[on]}.", f"alu_on_{on}", "alu",
                        [o.name for o in self.isa.operators_on(on)])
        for name, codes in self.isa.enums.items():
            if name in ("wait", "update", "branch", "act", "dma_op"):
                if len(codes) < 1 << self.isa.widths[name]:
                    self.member(f"Codes of {name}_e.", f"{name}_known", name, [c.name for c in codes])
        for name, role in self.isa.roles.items():
            self.member(f"Types of role {name}: {role['doc']}.", f"{name}_type", "dtype", role["types"])
            self.member(f"Spaces of role {name}.", f"{name}_space", "space", role["spaces"])

    # ---- Opcodes -----------------------------------------------------------------------------------------------
    def by_opcode(self, name, value, default):
        """The lines of a case over the opcode, opcodes of one value together."""
        groups = {}
        for op in self.isa.opcodes:
            groups.setdefault(value(op), []).append("Opcode" + camel(op.name))
        groups.pop(default, None)
        return ["case (code)", *[f"  {', '.join(ops)}: {name} = {v};" for v, ops in groups.items()], f"  default: {name} = {default};", "endcase"]

    def opcodes(self):
        engines, code = self.isa.engines, [("opcode_code_t", "code")]
        bits = lambda op: f"{len(engines)}'b" + "".join(str(int(e in op.of["engines"])) for e in reversed(engines))
        self.function("Engines that execute an opcode, a bit for each engine_e; none for an unknown one.", f"logic [{len(engines) - 1}:0]", "opcode_engines", code,
                      self.by_opcode("opcode_engines", bits, f"{len(engines)}'b{0:0{len(engines)}b}"))
        self.function("Opcodes that the sequencer executes itself.", "logic", "opcode_control", code,
                      self.by_opcode("opcode_control", lambda op: f"1'b{int(op.of.get('control', False))}", "1'b0"))
        self.function("Opcodes that wait until every earlier instruction is complete.", "logic", "opcode_drains", code,
                      self.by_opcode("opcode_drains", lambda op: f"1'b{int(op.of.get('drains', False))}", "1'b0"))
        roles = list(self.isa.roles)
        width = len(roles).bit_length()
        self.out.append(f"  typedef enum logic [{width - 1}:0] {{RoleNone, {', '.join('Role' + camel(r) for r in roles)}}} role_e;  // what an operand is to an opcode")
        for operand in OPERANDS:
            used = [op for op in self.isa.opcodes if operand in op.operands]
            fields = sorted({self.condition(op.operands[operand][1])[0] for op in used if op.operands[operand][1]})
            def value(op, operand=operand):
                if operand not in op.operands:
                    return "RoleNone"
                role, when = op.operands[operand]
                return f"{self.when(when, '')} ? Role{camel(role)} : RoleNone" if when else f"Role{camel(role)}"
            arguments = [(f"logic [{self.isa.field('instr', f).width - 1}:0]", f) for f in fields]
            self.function(f"What {operand} is to an opcode.", "role_e", f"{operand}_role", code + arguments, self.by_opcode(f"{operand}_role", value, "RoleNone"),
                          bool(fields))

    @staticmethod
    def condition(when):
        field, _, bit = when.lstrip("!").rstrip("]").partition("[")
        return field, bit

    def when(self, when, prefix="i."):
        field, bit = self.condition(when)
        return ("!" if when[0] == "!" else "") + prefix + field + (f"[{bit}]" if bit else "")

    def bits_of(self, use):
        f = self.isa.field("instr", use.field)
        whole = use.lo == 0 and use.hi == f.width - 1
        return f"i.{use.field}" if whole else f"i.{use.field}[{use.hi}]" if use.hi == use.lo else f"i.{use.field}[{use.hi}:{use.lo}]"

    def any_of(self, terms):
        """An expression of several lines; 1'b0 for none."""
        lines, line = [], ""
        for term in terms:
            if line and len(line) + len(term) > 84:
                lines.append(line + " ||")
                line = ""
            line += (" || " if line else "") + term
        return lines + [line or "1'b0"]

    def per_opcode(self, name, terms):
        """A case over i.opcode whose branches are disjunctions; opcodes without terms give 0."""
        body = ["case (i.opcode)"]
        for op in self.isa.opcodes:
            found = terms(op)
            if found:
                first, *rest = self.any_of(found)
                body.append(f"  Opcode{camel(op.name)}: {name} = {first}" + ("" if rest else ";"))
                body += [f"      {line}" + (";" if k == len(rest) - 1 else "") for k, line in enumerate(rest)]
        return [*body, f"  default: {name} = 1'b0;", "endcase"]

    def fields(self):
        isa = self.isa
        for struct in ("operand", "desc"):
            reserved = [f for f in isa.structs[struct] if f.reserved]
            first, *rest = self.any_of([f"(|i.{f.name})" for f in reserved])
            name = f"{struct}_reserved"
            self.function(f"A reserved field of {'an operand' if struct == 'operand' else 'a descriptor'} is not zero.", "logic", name, [(f"{struct}_t", "i")],
                          [f"{name} = {first}" + ("" if rest else ";"), *[f"    {r}" + (";" if k == len(rest) - 1 else "") for k, r in enumerate(rest)]], True)

        def term(u):
            test = f"(|{self.bits_of(u)})" if u.hi > u.lo else self.bits_of(u)
            return f"({self.when(u.when)} && {test})" if u.when else test
        self.function("A field that the opcode does not use is not zero. Unknown opcodes are refused elsewhere.", "logic", "instr_unused", [("instr_t", "i")],
                      self.per_opcode("instr_unused", lambda op: [term(u) for u in isa.unused(op)]), True, True)

        def registers(op):
            return [f"({self.when(u.when) + ' && ' if u.when else ''}32'({self.bits_of(u)}) >= count)" for u in op.uses if u.kind == "register"]
        body = self.per_opcode("instr_no_reg", registers)
        for f in isa.structs["operand"]:
            if f.name in isa.register_fields:
                enable = isa.register_fields[f.name]
                body += [f"if (i.{o}.{enable} && 32'(i.{o}.{f.name}) >= count) instr_no_reg = 1'b1;" for o in OPERANDS]
        self.function("The instruction names a register beyond the `count` that an engine has.", "logic", "instr_no_reg",
                      [("instr_t", "i"), ("int unsigned", "count")], body, True, True)

        def codes(op):
            out = [f"({self.when(when) + ' && ' if when else ''}!alu_on_{on}(i.{field}))" for field, (on, when) in op.operators.items()]
            for u in op.uses:
                if u.kind in isa.enums and u.field not in op.operators and len(isa.enums[u.kind]) < 1 << isa.widths[u.kind]:
                    out.append(f"({self.when(u.when) + ' && ' if u.when else ''}!{u.kind}_known({self.bits_of(u)}))")
            return out
        self.function("A field that the opcode uses holds a code that means nothing to it.", "logic", "instr_code_bad", [("instr_t", "i")],
                      self.per_opcode("instr_code_bad", codes), True, True)
