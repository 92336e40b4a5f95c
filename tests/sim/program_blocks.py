# SPDX-License-Identifier: Apache-2.0
"""Blocks of random legal work for engines and queues (random_programs.py)."""

import numpy as np

from program_windows import (COLUMNS, CONDITIONS, CONST, ENGINES, FLOAT_ALUS, FUNCTIONS, LANES, M32, OPCODES, OUT, QUEUES, REGISTER_ALUS, SIZE, SUMS, Block, Windows,
                             factors, signed, word)


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
        """One ACT or DVE instruction: (line, reads, writes)."""
        rng, dtypes = self.rng, LANES
        name = "activate" if engine == "act" else rng.choice(sorted(n for n, op in OPCODES.items() if op.of["engines"] == ["DVE"]))
        start, count = self.partitions()
        for _ in range(50):
            d_type, s_type, t_type = (rng.choice(dtypes) for _ in range(3))
            d_space, s_space, t_space = (rng.choice(["sbuf", "psum"]) for _ in range(3))
            n = self.count([d_type, s_type, t_type])
            row = rng.randint(1, 12) if name == "tensor_reduce" else 0
            dst, wrote, order = self.operand(d_space, d_type, n, self.start(count), count, None, loop, registers)
            src, read, _ = self.operand(s_space, s_type, n * max(1, row), start, count, row, loop, registers)
            two = name == "tensor_tensor"
            src1, read1, _ = self.operand(t_space, t_type, n, self.start(count), count, None, loop, registers)
            if two and s_space == t_space == "psum":
                continue
            if name != "memset" and not loop and rng.random() < 0.2 and len(set(order)) == len(order) and not row:
                src, read, s_space = dst, wrote, d_space             # in place
                if two and s_space == t_space == "psum":
                    continue
            elif name != "memset" and read & wrote:
                continue
            if two and read1 & wrote:
                continue
            break
        else:
            name, row = "memset", 0
        tail = f"dst={dst} nparts={count}"
        if name == "memset":
            return f"memset {tail} imm0={word(rng):#x}", 0, wrote
        tail += f" src0={src}"
        if name == "tensor_copy":
            return f"{name} {tail}", read, wrote
        if name == "tensor_tensor":
            return f"{name} {rng.choice(FLOAT_ALUS)} {tail} src1={src1}", read | read1, wrote
        if name == "tensor_reduce":
            return f"{name} {rng.choice(FLOAT_ALUS)} {tail}", read, wrote
        form = rng.randrange(4 if name == "tensor_scalar" else 2)    # bit 0: an immediate in place of the column, bit 1: a second operator
        if not form & 1:                                             # an FP32 value of each partition
            text, mask, _ = self.operand(rng.choice(["sbuf", "psum"]), "fp32", 1, self.start(count), count, None, None, registers)
            tail, read = f"{tail} src1={text}", read | mask
        tail += f" scalar_en={form}"
        if form & 1 or name == "activate":
            tail += f" imm0={word(rng):#x}"
        if name == "activate":
            return f"{name} {rng.choice(FUNCTIONS)} {tail}" + f" imm1={word(rng):#x}" * (form & 1), read, wrote
        second = f" alu1={rng.choice(FLOAT_ALUS)} imm1={word(rng):#x}" if form & 2 else ""
        return f"{name} {rng.choice(FLOAT_ALUS)} {tail}{second}", read, wrote

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
