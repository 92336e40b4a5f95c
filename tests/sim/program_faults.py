# SPDX-License-Identifier: Apache-2.0
"""One illegal thing for a random program (random_programs.py), and the error code that it must have."""

from program_blocks import Blocks
from program_windows import (COLUMNS, CONST, COPIES, ENGINES, FIXED, FLOAT_ALUS, FUNCTIONS, ISA, M32, OPCODES, QUEUES, REGISTER_ALUS, SCRATCH, SIZE, SPACE_BYTES,
                             Block)


def unknown(enum, known=()):
    """Codes of an enumeration's field that mean nothing, or are none of `known`."""
    good = {c.value for c in ISA.enums[enum] if not known or c.name.lower() in known}
    return [code for code in range(1 << ISA.widths[enum]) if code not in good]


class Faults(Blocks):
    """Legal work that something illegal interrupts."""

    def bit_of(self, field, low, high, inside=""):
        """Words that set one bit of [high:low] of a field."""
        bit = self.rng.randint(low, high)
        upper = bit // 64 * 64                                        # a field is written by 64 bits
        return f"{inside}{field}{f'+{upper}' if upper else ''}={1 << bit - upper:#x}"

    def reserved(self, struct, inside=""):
        """Words that set a reserved bit of a struct."""
        f = self.rng.choice([f for f in ISA.structs[struct] if f.reserved])
        return self.bit_of(f.name, 0, f.width - 1, inside)

    def unused(self, line):
        """Words that set a bit that the instruction of a line does not use."""
        op, values = OPCODES[line.split()[0]], dict(w.split("=", 1) for w in line.split() if "=" in w)
        rng, options = self.rng, []
        for use in ISA.unused(op):
            if use.when:
                field, bit, value = use.condition
                given = int(values.get(field, "0"), 0) if field != "use_imm" or field in values else int("rb" in values and values["rb"][0] != "r")
                if given >> bit & 1 != value:
                    continue
            options.append(use)
        use = rng.choice(options)
        struct = ISA.field("instr", use.field).struct
        if struct:
            f = rng.choice(ISA.structs[struct])
            return self.bit_of(f.name, 0, f.width - 1, f"{use.field}.")
        return self.bit_of(use.field, use.lo, use.hi)

    def outside(self):
        x, y = self.rng.choice([(self.width, 0), (0, self.height), (255, 255), (self.width + self.rng.randrange(200), self.rng.randrange(256))])
        return x, y

    def bad_common(self):
        """Faults that instructions and descriptors share: (words, code)."""
        rng, (x, y) = self.rng, self.outside()
        return rng.choice([(f"wait_cond={rng.choice(unknown('wait'))}", "field"), (f"upd_op={rng.choice(unknown('update'))}", "field"),
                           (f"upd_op={rng.randint(1, 3)} upd_remote=1 upd_x={x} upd_y={y}", "tile")])

    def bad_operand(self, line, name, engine):
        """A fault in one operand of a legal data instruction: (words, code)."""
        rng = self.rng
        space, part, offset, dtype, *dims = line.split(f" {name}=")[1].split()[0].replace("[", ":").replace("]", "").split(":")
        pairs = [tuple(map(int, d.split(","))) for d in dims]
        reach = [s * (max(n, 1) - 1) * SIZE[dtype] for s, n in pairs]
        low, high = sum(min(r, 0) for r in reach), sum(max(r, 0) for r in reach) + SIZE[dtype]
        limit, count = {"sbuf": SPACE_BYTES[self.config], "psum": 0x4000}[space], int(line.split(" nparts=")[1].split()[0])
        kind = rng.choice(["address", "dtype", "space", "partition", "rsv"])
        if kind == "address":
            beyond = [limit - high + SIZE[dtype], limit, 0x7ffffffc, 0xfffffffc, 0x80000000] + [-low - SIZE[dtype]] * (low < 0)
            return f"{name}.areg_en=0 {name}.offset={rng.choice(beyond + [int(offset, 16) | 1]) & M32:#x}", "address"
        role = ISA.roles[OPCODES[line.split("\n")[-1].split()[0]].operands[name][0]]
        if kind == "dtype":
            return f"{name}.dtype={rng.choice(unknown('dtype', [t.lower() for t in role['types']]))}", "dtype"
        if kind == "space":
            return f"{name}.space={rng.choice(unknown('space', [s.lower() for s in role['spaces']]))}", "space"
        if kind == "partition":
            if name == "dst" and engine == "pe":
                return f"imm0={rng.choice([0, self.p + 1, 255])}", "partition"
            wrong = rng.choice([s for s in range(256) if s not in self.starts(count)])
            return rng.choice([f"nparts={rng.choice([0, self.p + 1, 255])}", f"{name}.start_part={wrong}"]), "partition"
        return self.reserved("operand", f"{name}."), "field"

    def bad_instruction(self, engine):
        rng = self.rng
        kind = rng.random()
        if kind < 0.3 or engine in ("pool", "sp"):
            foreign = unknown("opcode", [n for n, op in OPCODES.items() if engine.upper() in op.of["engines"]])
            line = rng.choice(["nop", "drain", "halt", "movi rd=r1 imm0=1", "alu add rd=r1 ra=r2 rb=1", "alu add rd=r1 ra=r2 rb=r3 use_imm=0", "br ra=r2 rb=1",
                               "doorbell 0 0"])
            words, code = rng.choice([
                (f"nop opcode={rng.choice(foreign)}", "opcode"), (f"{line} {self.unused(line)}", "field"), (f"{line} {self.unused(line)}", "field"),
                (f"alu alu0={rng.choice(unknown('alu', REGISTER_ALUS))} rd=r1 ra=r2 rb=1", "field"), (f"br br_cond={rng.choice(unknown('branch'))} ra=r1 rb=1", "field"),
                (f"doorbell {rng.randint(QUEUES, 15)} 1", "queue"), *[(f"nop {words}", code) for words, code in [self.bad_common()]]])
            return words, code
        if engine == "pe":
            rows_at, rows = self.partitions()
            column, columns = self.partitions()
            src = self.operand("sbuf", "bf16", columns, rows_at, rows)[0]
            if kind < 0.6:
                line = f"ldweights src0={src} nparts={rows} imm0={column}"
                words, code = rng.choice([(f"imm0={self.p - columns + 1}", "shape"), self.bad_operand(line, "src0", "pe"), self.bad_common(), (self.unused(line), "field")])
                return f"{line} {words}", code
            n = min(self.count(["fp32"]), COLUMNS)
            line = (f"ldweights src0={src} nparts={rows} imm0={column}\nmatmul src0={self.operand('sbuf', 'bf16', n, rows_at, rows)[0]} "
                    f"dst={self.operand('psum', 'fp32', n, column, columns)[0]} nparts={rows} imm0={columns}")
            shape = [("src0.num3=600 src0.step3=0", "shape")]
            if columns > 1:
                shape.append((f"imm0={columns - 1}", "shape" if column in self.starts(columns - 1) else "partition"))
            if rows > 1:
                shape.append((f"nparts={rows - 1}", "shape"))
            words, code = rng.choice([self.bad_operand(line, rng.choice(["src0", "dst"]), "pe"), self.bad_common(), (self.unused(line.split("\n")[1]), "field"), *shape])
            return f"{line} {words}", code
        line = self.data(engine)[0]
        words = line.split()
        plain = [w for w in words[1:] if "=" not in w]
        fields = [f"{'flags' if engine == 'act' else 'alu0'}={ISA.code('act' if engine == 'act' else 'alu', w.upper())}" for w in plain]
        line = " ".join([words[0], *(w for w in words[1:] if "=" in w), *fields])
        options = [self.bad_operand(line, name, engine) for name in ("dst", "src0") if name in OPCODES[words[0]].operands]
        options.append((self.unused(line), "field"))
        if engine == "act":
            options.append((f"flags={rng.choice([code for code in range(16) if code >= len(FUNCTIONS)])}", "field"))
        elif OPCODES[words[0]].operators:
            options.append((f"alu0={rng.choice(unknown('alu', FLOAT_ALUS))}", "field"))
        if "src0" in OPCODES[words[0]].operands:
            options.append(("dst.num0=0 dst.num1=0 dst.num2=0 dst.num3=997 dst.step3=0", "shape"))
        words, code = rng.choice([self.bad_common(), *options])
        return f"{line} {words}", code

    def bad_descriptor(self):
        rng, (x, y) = self.rng, self.outside()
        space = rng.choice(["hbm", "sbuf", "psum"])
        limit = {"hbm": 1 << 30, "sbuf": SPACE_BYTES[self.config], "psum": 0x4000}[space]
        line, row = self.descriptor()[0], rng.randint(1, 60)
        side, away = rng.choice([("src", "dst"), ("dst", "src")])
        plain = {"src": f"src=hbm:{CONST:#x}:fp32", "dst": f"dst=hbm:{SCRATCH:#x}:fp32"}
        beyond = rng.choice([limit - 4 * row + 4, limit] + ([self.p << 18, 0xff << 18] if space != "hbm" else [0xfffffffffc]))
        rows = rng.randint(2, 6)
        step = rng.choice([-0x200004, (0x3fe00000 // (rows - 1) & ~3) + 4])
        words, code = rng.choice([
            self.bad_common(), (f"op={rng.choice(unknown('dma_op'))}", "field"), (self.reserved("desc"), "field"), (f"src_dtype={rng.choice(unknown('dtype', COPIES))}", "dtype"),
            (f"dst_dtype={rng.choice(unknown('dtype', COPIES))}", "dtype"), ("src_dtype=2 dst_dtype=0", "dtype"), ("src_dtype=2 dst_dtype=2 op=1", "dtype"), ("src_space=3", "space"),
            ("dst_space=3 row=2", "space"), (f"{side}_x={x} {side}_y={y}", "tile"), (None, None), (None, None), (None, None), (None, None)])
        if words:
            return f"{line} {words}", code
        return rng.choice([
            (f"copy {side}={space}:{beyond:#x}:fp32 {plain[away]} row={row}", "address"),
            (f"{rng.choice(['copy', 'add', 'max'])} {plain['src']} {plain['dst']} row={row} {side}_addr={CONST + rng.randint(1, 3):#x}", "address"),
            (f"copy {plain['src']} dst=reg:{rng.choice([0, 4, 8, 0x2000, 0x104 + 8, 0x418, 0x1000, 0xfffc]):#x}:fp32 row=1", "register"),
            (f"copy {plain['src']} dst=reg:{rng.choice([0x1402, 0x10000]):#x}:fp32 row=1", "address"),
            # the rows before the one that leaves its memory are written
            (f"copy {plain['src']} {plain['dst']} row={row} rows={rows} src_step={step} dst_step={4 * row}", "address")])

    def bad_from_outside(self):
        """What another unit does to a queue without a ring or to an engine that has no program: (victim, block, code), or None."""
        rng, used = self.rng, {b.unit for b in self.blocks}
        actors = [b.unit for b in self.blocks[self.fill:self.work]]
        free = [(t, u) for t in self.tiles for u in ENGINES + [f"q{q}" for q in range(QUEUES)] if (t, u) not in used and u not in ("pool", "sp")]
        if not free or not actors:
            return None
        tile, name = rng.choice(free)
        if name[0] == "q":
            helpers = [u for u in actors if u[0] == tile and u[1] in ENGINES]
            return ((tile, name), Block(rng.choice(helpers), [f"doorbell {name[1:]} {rng.randint(1, 9)}"]), "queue") if helpers else None
        queues = [u for u in actors if u[1][0] == "q"]
        if not queues:
            return None
        self.fixed = [rng.choice([64, 0x40000000, 0x3fffff81, 0xffffff80]), rng.choice([0, 0, 1, 255]), 1]
        registers = [ISA.register(f"ENG_{r}", ENGINES.index(name)) for r in ("PC", "PC_HI", "START")]
        lines = [f"copy src=hbm:{CONST + FIXED + 4 * i:#x}:fp32 dst=({tile[0]},{tile[1]})reg:{registers[i]:#x}:fp32 row=1 fence" for i in range(3)]
        return (tile, name), Block(rng.choice(queues), lines), "address"

    def spoil(self):
        """One unit meets something illegal in the middle; what stands behind it never runs, the others go on without it."""
        rng, begin = self.rng, self.rng.randint(self.fill, self.work)
        late, outside = self.blocks[self.work:], self.bad_from_outside() if rng.random() < 0.1 else None
        used = {b.unit for b in late}
        units = [u for u in {b.unit: 0 for b in self.blocks[:self.work]} if u not in used] or [(self.tiles[0], e) for e in ENGINES]
        self.victim = outside[0] if outside else rng.choice(units)
        (tile, name), number, dead = self.victim, rng.getrandbits(16), []
        kept = [b for i, b in enumerate(self.blocks[:self.work]) if b.unit != self.victim or i < begin]
        if outside:
            bad, code, number = *outside[1:], 0
        else:
            words, code = self.bad_descriptor() if name[0] == "q" else self.bad_instruction(name)
            lines = words.split("\n")
            if "upd_op" not in lines[-1]:
                lines[-1] += " upd=253+=1"
            lines[-1] += f" tag={number}"
            bad = Block(self.victim, lines)
            dead = [self.queue_block(self.victim) if name[0] == "q" else self.engine_block(self.victim) for _ in range(rng.randint(0, 3))]
        if dead and name[0] == "q":                                  # what is in flight when an answer brings the error may be written
            dead[0].lines[0] += " fence"
        for block in dead:
            block.reads, block.writes = {}, {}
        waiter = next(e for e in ("sp", "pool") if e != name)
        pause = Block((tile, waiter), ["movi rd=r1 imm0=12", "pause:", "alu sub rd=r1 ra=r1 rb=1", "br gt pause ra=r1 rb=0", "nop wait=253==0"])
        pause.needs = [bad] if outside else [b for b in kept if b.unit == self.victim][-1:]
        for block in late:
            block.needs = [pause]
        self.blocks, self.bad = [*kept, bad, *dead, pause, *late], len(kept)
        self.illegal = {"tile": self.tiles.index(tile), "unit": f"DMA queue {name[1:]}" if name[0] == "q" else name.upper(), "code": code, "tag": number}
