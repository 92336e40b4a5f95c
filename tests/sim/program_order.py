# SPDX-License-Identifier: Apache-2.0
"""The text of a random program (random_programs.py): semaphores, fences and doorbells that keep the order of its blocks."""

import random

from program_faults import Faults
from program_windows import CONST, CONST_WORDS, ENGINES, FIXED, ISA, M32, POKES, QUEUES, SPARE, Block, signed, word


def merge(clock, block):
    """What is known once `block` is complete."""
    for unit, index in [*block.known.items(), (block.unit, block.index)]:
        clock[unit] = max(clock.get(unit, -1), index)


class Program(Faults):
    """Blocks, and the text that runs them in every timing as if one after the other."""

    def doorbells(self, blocks):
        """Adds what releases descriptors: the host at first, then engines or descriptors that write the register."""
        rng, out, self.host = self.sched, list(blocks), {}
        queues = list({b.unit: 0 for b in blocks if b.unit[1][0] == "q"})
        while queues:
            unit = queues.pop()
            stream = [b for b in out if b.unit == unit]
            at, last, chained = rng.choice([len(stream), rng.randint(0, len(stream))]), None, rng.random() < 0.5
            self.host[unit] = stream[:at]
            while at < len(stream) and unit != self.victim:
                chunk = stream[at:at + rng.randint(1, 6)]
                helper = rng.choice([u for u in [(unit[0], e) for e in ENGINES] + queues[:2] if u != self.victim])
                bell = Block(helper, [], doorbell=(unit, chunk))
                if chained:
                    bell.after, chunk[0].released = [last] * bool(last), bell
                out.insert(out.index(chunk[0]), bell)
                last, at = bell, at + len(chunk)
            self.host[unit] += stream[at:]
        return out

    def order(self, blocks):
        """Semaphores between blocks of different units that must not change places."""
        rng, history, clocks = self.sched, {}, {}
        pool = {t: rng.sample(range(190), 190) for t in self.tiles}
        spare = {t: list(range(190, 252)) for t in self.tiles}
        self.counters, self.pokes, unfenced = {}, {t: [] for t in self.tiles}, {}
        for block in blocks:
            unit = block.unit
            clock = clocks.setdefault(unit, {})
            if block.released:
                merge(clock, block.released)
            needed = []
            for other, past in history.items():
                if other == unit:
                    continue
                for index in range(len(past) - 1, clock.get(other, -1), -1):
                    if past[index].conflicts(block) or past[index] in block.after:
                        needed.append(past[index])
                        merge(clock, past[index])
                        break
            if unit[1][0] == "q":
                mine = unfenced.setdefault(unit, [])
                block.fence = bool(block.doorbell) or any(b.conflicts(block) for b in mine) or rng.random() < 0.1
                unfenced[unit] = [block] if block.fence else [*mine, block]
            self.connect(block, needed, pool[unit[0]], spare[unit[0]])
            history.setdefault(unit, []).append(block)
            block.index, block.known = len(history[unit]) - 1, dict(clock)

    def connect(self, block, needed, pool, spare):
        """A semaphore of the block's tile for each block it needs, or one for several."""
        rng, tile = self.sched, block.unit[0]
        rng.shuffle(needed)
        while needed:
            if not pool or rng.random() < 0.2:                       # one that counts what this unit has finished
                source = needed.pop()
                key = (tile, source.unit)
                if key not in self.counters and not spare:
                    raise OverflowError("too few semaphores")
                sem = self.counters.setdefault(key, (spare[0] if spare else None, []))
                if spare and sem[0] == spare[0]:
                    spare.pop(0)
                if source not in sem[1]:
                    sem[1].append(source)
                    source.updates.append((tile, sem[0], "+=", 1))
                block.waits.append((sem, source))
                continue
            sem = pool.pop()
            if len(needed) > 1 and rng.random() < 0.5:
                group, total = [needed.pop() for _ in range(rng.randint(2, len(needed)))], 0
                for source in group:
                    value = rng.choice([1, rng.randint(1, 1 << 26)])
                    total += value
                    source.updates.append((tile, sem, *rng.choice([("+=", value), ("-=", -value)])))
                block.waits.append(f"{sem}{rng.choice(['>=', '=='])}{total}")
                continue
            value = rng.choice([1, -1, (1 << 31) - 1, -(1 << 31), signed(rng.getrandbits(32) or 1)])
            needed.pop().updates.append((tile, sem, *rng.choice([("=", value), ("+=", value), ("-=", -value)])))
            block.waits.append(f"{sem}>={rng.choice([value, rng.randint(1, value)])}" if value > 0 and rng.random() < 0.5 else f"{sem}=={value}")

    # ---- Text -------------------------------------------------------------------------------------------------
    def noise(self, line):
        """Waits that hold, updates nobody waits for, and values in fields that then mean nothing."""
        rng = self.sched
        if ":" in line[-1:] or "upd_op" in line or "wait_cond" in line:
            return line
        x, y = rng.choice(self.tiles)
        if "wait=" not in line and rng.random() < 0.2:
            line += rng.choice([f" wait={SPARE}>={-rng.getrandbits(31)}", f" wait={SPARE}==0", f" wait_sem={rng.randrange(256)} wait_value={rng.getrandbits(32)}"])
        if "upd=" not in line and rng.random() < 0.2:
            to, value = rng.choice(["", f"({x},{y})."]), rng.getrandbits(32)
            line += rng.choice([f" upd={to}254{rng.choice(['+=', '-=', '='])}{value}", f" upd_sem={rng.randrange(256)} upd_remote={rng.getrandbits(1)} "
                                f"upd_x={rng.randrange(256)} upd_y={rng.randrange(256)} upd_value={value}"])
        return line

    def poke(self, block, value, register):
        """A descriptor that writes a value, or the count of a doorbell, to a register of any tile."""
        pokes = self.pokes[block.unit[0]]
        pokes.append(value)
        return f"copy src=hbm:{CONST + POKES + 4 * len(pokes) - 4:#x}:fp32 dst={register}:fp32 row=1"

    def empty(self, queue):
        """Words of an item that only waits and updates."""
        if not queue:
            return "nop"
        rng = self.sched
        idle = [ISA.field("desc", name) for name in ("src_dtype", "dst_dtype", "src_x", "src_y", "dst_x", "dst_y", "src_space", "dst_space", "src_addr", "dst_addr",
                                                     "num1", "num3", "src_step1", "dst_step3")]
        fields = [f" {f.name}={rng.getrandbits(f.width)}" for f in idle if rng.random() < 0.3] if rng.random() < 0.4 else []
        return f"desc op={rng.randrange(3)}" + "".join(fields)

    def lines_of(self, block):
        """The block with its waits in front of it and its updates behind it."""
        rng, queue = self.sched, block.unit[1][0] == "q"
        lines = list(block.lines)
        if block.doorbell:
            (x, y), name = block.doorbell[0]
            register = f"({x},{y})reg:{ISA.register('Q_DOORBELL', int(name[1:])):#x}"
            lines = [self.poke(block, block, register)] if queue else [f"doorbell {name[1:]} COUNT"]
        waits = []
        for wait in block.waits:
            if not isinstance(wait, str):
                (sem, sources), source = wait
                wait = f"{sem}>={sum(s.index <= source.index for s in sources)}"
            waits.append(f" wait={wait}")
        if waits and rng.random() < 0.7 and "wait" not in lines[0]:
            lines[0] += waits.pop()
        if block.fence:
            lines[0] += " fence"
        front = [self.empty(queue) + wait + self.tag() for wait in waits]
        back = []
        for tile, sem, form, value in block.updates:
            text = f" upd=({tile[0]},{tile[1]}).{sem}{form}{value & M32}" if tile != block.unit[0] or rng.random() < 0.3 else f" upd={sem}{form}{value & M32}"
            if queue and rng.random() < 0.2:
                register = ISA.register({"=": "SEM_SET", "+=": "SEM_INC", "-=": "SEM_DEC"}[form], sem)
                back.append(self.poke(block, value & M32, f"({tile[0]},{tile[1]})reg:{register:#x}") + " fence" + self.tag())
            elif not back and rng.random() < 0.8 and "upd" not in lines[-1] and not lines[-1].startswith("br "):
                lines[-1] += text
            else:
                back.append(self.empty(queue) + text + self.tag())
        return [self.noise(line) for line in (front + lines + back)]

    def text(self, seed, keep=None):
        self.sched = random.Random(f"{seed} order")
        blocks = [b for i, b in enumerate(self.blocks) if keep is None or i in keep]
        for block in blocks:
            block.waits, block.updates, block.fence, block.released = [], [], False, None
            block.after = [b for b in block.needs if b in blocks]
        state, blocks = self.rng.getstate(), self.doorbells(blocks)
        self.order(blocks)
        done = {id(b): self.lines_of(b) for b in blocks}
        streams = {}

        def size(chunk):
            return sum(not line.endswith(":") for b in chunk for line in done[id(b)])

        for block in blocks:
            lines = done[id(block)]
            if block.doorbell:
                lines = [line.replace("COUNT", str(size(block.doorbell[1]))) for line in lines]
            streams.setdefault(block.unit, []).extend(lines)
        out = [f".mesh {self.width} {self.height}", f".code_base {self.code_base:#x}"]
        data = random.Random(f"{seed} data")
        for x, y in self.tiles:
            for base, words in ((self.base["hbm"], [word(data) for _ in range(self.size["hbm"] // 4)]), (CONST, [word(data) for _ in range(CONST_WORDS)]),
                                (CONST + POKES, [size(w.doorbell[1]) if isinstance(w, Block) else w for w in self.pokes[x, y]]), (CONST + FIXED, self.fixed)):
                out.append(f".hbm {x} {y} {base:#x}")
                out += ["  .i32 " + " ".join(f"{w:#x}" for w in words[i:i + 16]) for i in range(0, len(words), 16)]
            out.append(f".tile {x} {y}")
            for name in ENGINES + [f"q{q}" for q in range(QUEUES)]:
                stream = streams.get(((x, y), name))
                if not stream:
                    continue
                if name[0] == "q":
                    ring = f" {len(stream) + self.sched.randrange(4)}" if self.sched.random() < 0.2 else ""
                    out += [f".queue {name[1:]}{ring}", *("  " + line for line in stream), f".doorbell {name[1:]} {size(self.host[(x, y), name])}"]
                else:
                    out += [f".engine {name}", *("  " + line for line in stream), "  halt" + self.tag()]
        self.rng.setstate(state)                                      # the text is the same the next time
        return "\n".join(out) + "\n"
