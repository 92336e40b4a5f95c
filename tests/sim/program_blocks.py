# SPDX-License-Identifier: Apache-2.0
"""Blocks of random legal work for engines and queues (random_programs.py)."""

import numpy as np

from program_windows import (COLUMNS, CONDITIONS, CONST, ENGINES, ISA, M32, OPCODES, OUT, QUEUES, REGISTER_ALUS, SIZE, SUMS, Block, Windows, factors, names,
                             signed, word)


class Blocks(Windows):
    """Blocks in their global order."""

    # ---- Engines --------------------------------------------------------------------------------------------
    def tag(self):
        return f" tag={self.rng.getrandbits(16)}"

    def label(self):
        self.labels += 1
        return f"l{self.labels}"

    def count(self, dtypes):
        room = min(self.size["sbuf"], self.size["psum"]) // max(SIZE[d] for d in dtypes)
        top = self.rng.choice([4, 40, 200, 600]) if self.p <= 8 else 60
        return max(1, min(self.rng.randint(1, top), room))

    def data(self, engine, loop=None, registers=None):
        """One instruction of ACT or DVE, made from its entry in isa.json: (line, reads, writes)."""
        rng = self.rng
        op = rng.choice([op for op in ISA.opcodes if engine.upper() in op.of["engines"] and not op.of.get("control")])
        count = self.partitions()[1]
        bits = self.form(op)
        for _ in range(50):
            made = self.tiles_of(op, bits, count, loop, registers)
            if made:
                break
        else:
            op, bits = OPCODES["memset"], {}
            made = self.tiles_of(op, bits, count, loop, registers)
        texts, read, wrote = made
        words, tail = [], [f"nparts={count}", *[f"{name}={text}" for name, text in texts.items()]]
        positional = {(w.field, w.lo) for w in op.words if not w.sets}
        for use in op.uses:
            if use.field in (*texts, "nparts") or not self.holds(use.when, bits) or use.kind == "":
                continue
            known = names(ISA.operators_on(op.operators[use.field][0])) if use.field in op.operators else names(ISA.enums[use.kind])
            code = rng.choice(known)
            words += [code] if (use.field, use.lo) in positional else []
            tail += [] if (use.field, use.lo) in positional else [f"{use.field}={code}"]
        for use in op.uses:
            if use.kind == "" and use.field not in ("nparts", *bits, *op.operands) and self.holds(use.when, bits):
                wide = use.hi - use.lo + 1
                tail.append(f"{use.field}={(word(rng) if wide == 32 else rng.getrandbits(wide)) << use.lo:#x}")
        tail += [f"{field}={value}" for field, value in bits.items()]
        return " ".join([op.name.lower(), *words, *tail]), read, wrote

    def form(self, op):
        """Values of the fields that say which others the instruction uses."""
        fields = {use.condition[0] for use in op.uses if use.when}
        return {u.field: self.rng.getrandbits(u.hi - u.lo + 1) << u.lo for u in op.uses if u.field in fields}

    @staticmethod
    def holds(when, bits):
        if not when:
            return True
        field, _, bit = when.lstrip("!").rstrip("]").partition("[")
        return bits[field] >> int(bit or 0) & 1 == (when[0] != "!")

    def tiles_of(self, op, bits, count, loop, registers):
        """Texts of the operands by name, what they read and write; None when the draw is not legal."""
        rng, columns = self.rng, ("column",)
        roles = {name: role for name, (role, when) in op.operands.items() if self.holds(when, bits)}
        drawn = {name: (rng.choice(ISA.roles[role]["spaces"]).lower(), rng.choice(ISA.roles[role]["types"]).lower()) for name, role in roles.items()}
        n = self.count([dtype for _, dtype in drawn.values()])
        row = rng.randint(1, 12) if op.of.get("reduces") else 0
        dst, wrote, order = self.operand(*drawn["dst"], n, self.start(count), count, None, loop, registers)
        texts, read, free = {"dst": dst}, 0, len(roles) > 1 and not loop and not row and len(set(order)) == len(order)
        for name in (name for name in roles if name != "dst"):
            if roles[name] in columns:                               # read before anything is written
                texts[name], mask, _ = self.operand(*drawn[name], 1, self.start(count), count, None, None, registers)
            elif name == "src0" and free and rng.random() < 0.2:     # in place
                texts[name], mask, drawn[name] = dst, wrote, drawn["dst"]
            else:
                many = n * max(1, row) if name == "src0" else n
                texts[name], mask, _ = self.operand(*drawn[name], many, self.start(count), count, row if name == "src0" else None, loop, registers)
                if mask & wrote:
                    return None
            read |= mask
        in_psum = [name for name in roles if name != "dst" and roles[name] not in columns and drawn[name][0] == "psum"]
        return None if "SPACE" in op.of["errors"] and len(in_psum) > 1 else (texts, read, wrote)

    def engine_block(self, unit):
        tile, engine = unit
        rng, kind = self.rng, self.rng.random()
        if engine == "pe" and kind < 0.8:
            return self.matmul_block(unit)
        if engine in ("act", "dve") and kind < 0.6:
            line, read, wrote = self.data(engine)
            return Block(unit, [line + self.tag()], [(tile, read)], [(tile, wrote)])
        lines, registers = self.arithmetic()
        if engine in ("act", "dve") and kind < 0.9:
            read = wrote = 0
            if rng.random() < 0.5:                                   # a loop whose register moves the operands
                counter, mover, rounds = "r50", "r51", rng.randint(2, 4)
                value, delta, again = rng.getrandbits(32), 4 * rng.choice([0, 1, -1, rng.randint(-3, 3)]), self.label()
                step = rng.choice([1, -1, 3])
                lines += [f"movi rd={counter} imm0={step * rounds & M32:#x}", f"movi rd={mover} imm0={value:#x}", f"{again}:"]
                for _ in range(rng.randint(1, 3)):
                    line, r, w = self.data(engine, (mover, value, delta, rounds), registers)
                    lines.append(line + self.tag())
                    read, wrote = read | r, wrote | w
                back = rng.choice(["ne", "gt" if step > 0 else "lt"])
                lines += [f"alu add rd={mover} ra={mover} rb={delta & M32:#x}", f"alu sub rd={counter} ra={counter} rb={step & M32:#x}",
                          f"br {back} {again} ra={counter} rb=0{self.tag()}", "nop"]
            else:
                line, read, wrote = self.data(engine, None, registers)
                lines.append(line + self.tag())
            return Block(unit, lines, [(tile, read)], [(tile, wrote)])
        return Block(unit, [*lines, rng.choice(["nop", "drain"]) + self.tag()])

    def arithmetic(self):
        """Register arithmetic and branches over instructions that must not run; the values of all registers it set."""
        rng, lines, values = self.rng, [], {}
        for _ in range(rng.randint(1, 3)):
            register = f"r{rng.choice([0, 63, rng.randrange(50)])}"
            values[register] = rng.choice([0, 1, M32, 1 << 31, (1 << 31) - 1, rng.randrange(64), rng.getrandbits(32)])
            lines.append(f"movi rd={register} imm0={values[register]:#x}")
        for _ in range(rng.randint(0, 4)):
            a, b = rng.choice(list(values)), rng.choice(list(values))
            immediate, op = rng.choice([None, rng.getrandbits(32), rng.randrange(40)]), rng.choice(REGISTER_ALUS)
            right = f"use_imm=0 rb={b}" if immediate is None else f"rb={immediate}"
            x, y = values[a], values[b] if immediate is None else immediate
            if rng.random() < 0.3:
                condition = rng.choice(CONDITIONS)
                p, q = signed(x), signed(y)
                taken = {"always": True, "eq": p == q, "ne": p != q, "lt": p < q, "ge": p >= q, "le": p <= q, "gt": p > q}[condition]
                over = self.label()
                lines.append(f"br {condition} {over} ra={a} {right}{self.tag()}")
                lines += [f"movi rd={b} imm0={rng.getrandbits(32):#x}"] if taken else ["nop" + self.tag()]
                lines.append(f"{over}:")
                continue
            target = f"r{rng.randrange(50)}" if rng.random() < 0.5 else a
            lines.append(f"alu {op} rd={target} ra={a} {right}{self.tag()}")
            values[target] = {"add": x + y, "sub": x - y, "mul": x * y, "max": max(signed(x), signed(y)), "min": min(signed(x), signed(y)), "and": x & y,
                              "or": x | y, "xor": x ^ y, "shl": x << (y & 31), "shr": x >> (y & 31)}[op] & M32
        lines.append("nop")                                          # a label may stand at the end
        return lines, values

    def matmul_block(self, unit):
        tile, rng = unit[0], self.rng
        lines, registers = self.arithmetic() if rng.random() < 0.3 else ([], None)
        read = wrote = 0
        for _ in range(rng.randint(1, 3)):
            rows_at, rows = self.partitions()
            column, columns = self.partitions()
            if rng.random() < 0.1:                                   # weights that no MATMUL uses
                first = rng.randrange(self.p)
                text, mask, _ = self.operand("sbuf", "bf16", rng.randint(1, self.p - first), rows_at, rows, None, None, registers)
                lines.append(f"ldweights src0={text} nparts={rows} imm0={first}")
                read |= mask
            text, mask, _ = self.operand("sbuf", "bf16", columns, rows_at, rows, None, None, registers)
            lines.append(f"ldweights src0={text} nparts={rows} "
                         f"imm0={column}{self.tag()}")
            read |= mask
            for _ in range(rng.randint(1, 3)):
                n = min(self.count(["fp32"]), COLUMNS)
                src, mask, _ = self.operand("sbuf", "bf16", n, rows_at, rows, None, None, registers)
                dst, target, _ = self.operand("psum", "fp32", n, column, columns, None, None, registers)
                lines.append(f"matmul acc={rng.getrandbits(1)} dst={dst} src0={src} "
                             f"nparts={rows} imm0={columns}{self.tag()}")
                read, wrote = read | mask, wrote | target
        return Block(unit, lines, [(tile, read)], [(tile, wrote)])

    # ---- Descriptors ----------------------------------------------------------------------------------------
    def descriptor(self):
        """(line, reads, writes) of a random transfer between any tiles."""
        rng = self.rng
        while True:
            op = rng.choice(["copy", "copy", "add", "max"])
            s_type, d_type = rng.choice(SUMS), rng.choice(SUMS)
            if op == "copy" and rng.random() < 0.3:
                s_type = d_type = "raw8"
            s_space, d_space = rng.choice(["hbm", "sbuf", "psum"]), rng.choice(["hbm", "sbuf", "psum"])
            source, target = rng.choice(self.tiles), rng.choice(self.tiles)
            row = rng.randint(1, max(1, min(rng.choice([4, 40, 800]), self.size[s_space] // SIZE[s_type], self.size[d_space] // SIZE[d_type])))
            counts = factors(rng, rng.randint(1, max(1, min(40, 800 // row))), 3)
            src, read = self.side("src", s_space, source, s_type, row, counts)
            dst, wrote = self.side("dst", d_space, target, d_type, row, counts)
            if source != target or not read & wrote:
                break
        rows = ",".join(str(n if n > 1 else rng.randint(0, 1)) for n in counts)
        return f"{op} {src} {dst} row={row} rows={rows}", (source, read), (target, wrote)

    def queue_block(self, unit):
        line, read, wrote = self.descriptor()
        return Block(unit, [line + self.tag()], [read], [wrote])

    def build(self, count):
        """All blocks of a legal program: windows are filled, worked on, and brought back."""
        rng = self.rng
        units = [(t, e) for t in self.tiles for e in ENGINES] + [(t, f"q{q}") for t in self.tiles for q in range(QUEUES)]
        for tile in self.tiles:
            for space in ("sbuf", "psum"):
                size, queue = self.size[space], f"q{rng.randrange(QUEUES)}"
                everything = self.mask(space, range(self.p), np.ones(size, bool))
                step, at = rng.choice([0, 16, -16]), CONST + rng.randrange(0x200, 0x1000 - 0x200 - size + 1)
                self.blocks.append(Block((tile, queue), [
                    f"copy src=hbm:{at:#x}:raw8 dst={space}:p0:{self.base[space]:#x}:raw8 row={size} rows={self.p} src_step={step} dst_step=0x40000"],
                    [], [(tile, everything)]))
        self.fill = len(self.blocks)
        weights = [rng.choice([1, 1, 3, 6]) * (0.4 if u[1] in ("pool", "sp") else 1) for u in units]
        for unit in rng.choices(units, weights, k=count):
            self.blocks.append(self.queue_block(unit) if unit[1][0] == "q" else self.engine_block(unit))
        self.work = len(self.blocks)
        for number, tile in enumerate(self.tiles):
            for which, space in enumerate(("sbuf", "psum")):
                size = self.size[space]
                everything = self.mask(space, range(self.p), np.ones(size, bool))
                owner = rng.choice(self.tiles)
                self.blocks.append(Block((owner, f"q{rng.randrange(QUEUES)}"), [
                    f"copy src=({tile[0]},{tile[1]}){space}:p0:{self.base[space]:#x}:raw8 dst=hbm:{OUT + (2 * number + which) * 0x20000:#x}:raw8 "
                    f"row={size} rows={self.p} src_step=0x40000 dst_step={size}"], [(tile, everything)], []))
