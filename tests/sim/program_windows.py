# SPDX-License-Identifier: Apache-2.0
"""Windows of memory for random programs (random_programs.py): random operands and sides of descriptors, and the bytes they touch."""

import pathlib
import random
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import isa_model  # noqa: E402


def names(codes):
    return [c.name.lower() for c in codes]


ISA = isa_model.load()
ENGINES, QUEUES = names(ISA.enums["engine"]), 4
HBM, CONST, OUT, SCRATCH = 0x100000, 0x200000, 0x300000, 0x500000  # windows; words nobody writes; results; partial writes
CONST_WORDS, POKES, FIXED = 1024, 0x4000, 0x8000                   # random words; then values that descriptors write to registers
PARTITIONS = {"p4": 4, "p8": 8, "p16": 16, "p32": 32}
SPACE_BYTES = {"p4": 0x4000, "p8": 0x4000, "p16": 0x10000, "p32": 0x10000}
REGISTER_ALUS, FLOAT_ALUS = names(ISA.operators_on("register")), names(ISA.operators_on("float"))
CONDITIONS, FUNCTIONS = names(ISA.enums["branch"]), names(ISA.enums["act"])
SIZE = {t.name.lower(): t.of["bits"] // 8 for t in ISA.types}
COPIES = [t.lower() for t in ISA.roles["copy"]["types"]]
SUMS = [t.lower() for t in ISA.roles["accumulate"]["types"]]
COLUMNS = ISA.constants["MATMUL_COLUMNS"][0]
OPCODES = {op.name.lower(): op for op in ISA.opcodes}
SPARE = 255                                                        # a semaphore that stays 0
M32 = (1 << 32) - 1


def signed(value):
    return (value ^ 0x80000000) - 0x80000000


def word(rng):
    """32 bits: ordinary numbers, anything, and the values where arithmetic breaks."""
    kind = rng.random()
    if kind < 0.4:
        return rng.getrandbits(1) << 31 | rng.randint(120, 134) << 23 | rng.getrandbits(23)
    if kind < 0.6:
        return rng.getrandbits(32)
    half = rng.choice([0, 0x8000, 0x7f80, 0xff80, 0x7fc0, 0x7f81, 0xffff, 1, 0x8001, 0x7f, 0x80, 0x7f7f, 0x3f80, rng.getrandbits(16)])
    return half << 16 | rng.choice([0, 0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, half])


def bits(flags):
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def factors(rng, n, dims):
    """n as a product of `dims` counts."""
    counts = [1] * dims
    for prime in (2, 3, 5, 7, 11, 13):
        while n % prime == 0:
            counts[rng.randrange(dims)] *= prime
            n //= prime
    counts[rng.randrange(dims)] *= n
    return counts


class Block:
    """A piece of one unit's stream: lines of text, and the bytes they touch, {tile: mask}."""

    def __init__(self, unit, lines, reads=(), writes=(), doorbell=None):
        self.unit, self.lines, self.doorbell = unit, lines, doorbell
        self.reads, self.writes = {}, {}
        for mine, given in ((self.reads, reads), (self.writes, writes)):
            for tile, mask in given:
                mine[tile] = mine.get(tile, 0) | mask
        self.needs, self.after, self.released = [], [], None         # blocks that must be complete; the DOORBELL that releases it
        self.waits, self.updates, self.fence = [], [], False

    def conflicts(self, later):
        return any(mask & (later.reads.get(t, 0) | later.writes.get(t, 0)) for t, mask in self.writes.items()) or \
            any(mask & later.writes.get(t, 0) for t, mask in self.reads.items())


class Windows:
    """One window of SBUF, PSUM and HBM in every tile."""

    def __init__(self, seed, config, mesh):
        self.rng = rng = random.Random(f"{seed} {config} {mesh}")
        self.config, self.p = config, PARTITIONS[config]
        self.width, self.height = mesh
        self.tiles = [(x, y) for y in range(self.height) for x in range(self.width)]
        space = SPACE_BYTES[config]
        self.size = {s: rng.choice([64, 128, 256, 512, 1024] + [2048] * (self.p <= 8)) for s in ("sbuf", "psum", "hbm")}
        limit = {"sbuf": space, "psum": 0x4000}
        self.base = {s: rng.choice([0, limit[s] - self.size[s], rng.randrange(0, limit[s] - self.size[s] + 1, 4)]) for s in limit}
        self.base["hbm"] = HBM + rng.randrange(0, 0x1000, 4)
        self.at = {"sbuf": 0, "psum": self.p * self.size["sbuf"], "hbm": self.p * (self.size["sbuf"] + self.size["psum"])}
        self.code_base = rng.choice([0x1000000, 0x1000000 + 128 * rng.randrange(64), 0x3e000000])
        self.blocks, self.fixed, self.labels, self.victim, self.illegal, self.bad = [], [], 0, None, None, None

    def mask(self, space, parts, flags):
        """Bytes `flags` of the window in each of `parts` as a mask over the windows of a tile."""
        one, total = bits(flags), 0
        for part in parts:
            total |= one << (self.at[space] + part * self.size[space])
        return total

    # ---- Operands of engines ----------------------------------------------------------------------------------
    def partitions(self):
        count = self.rng.choice([self.p, self.rng.randint(1, self.p), self.rng.randint(1, max(1, self.p // 4))])
        return self.start(count), count

    def starts(self, count):
        """Legal first partitions of `count`."""
        step = self.p if count > self.p // 2 else self.p // 2 if count > self.p // 4 else self.p // 4
        return range(0, self.p - count + 1, step)

    def start(self, count):
        return self.rng.choice(self.starts(count))

    def operand(self, space, dtype, n, start, count, first=None, loop=None, offset_of=None):
        """(text, mask, offsets): n elements at random steps. `first` fixes num0; `loop` is (register, value, bytes a round, rounds)."""
        rng, size = self.rng, SIZE[dtype]
        room = self.size[space] // size
        for attempt in range(40):
            nums = [first, *factors(rng, n // first, 3)] if first else factors(rng, n, rng.randint(1, 4))
            nums += [1] * (4 - len(nums))
            steps, dense = [], 1
            for num in nums:
                step = rng.choice([dense, dense, -dense, 0, 1, -1, 2, rng.randint(-9, 9), rng.randint(-room, room) // max(1, num - 1)])
                steps.append(0 if attempt == 39 else step if num > 1 else rng.choice([0, step, rng.randint(-32768, 32767)]))
                dense *= num
            reach = [step * (num - 1) for step, num in zip(steps, nums)]
            more = loop[2] // size * (loop[3] - 1) if loop else 0
            low, high = sum(min(r, 0) for r in [*reach, more]), sum(max(r, 0) for r in [*reach, more])
            if high - low < room:
                break
        origin = rng.choice([-low, room - 1 - high, rng.randint(-low, room - 1 - high)])
        elements = np.array([origin])
        for step, num in zip(steps, nums):
            elements = (np.arange(num) * step)[:, None] + elements[None, :]
            elements = elements.reshape(-1)
        flags = np.zeros(room * size, bool)
        for turn in range(loop[3] if loop else 1):
            for byte in range(size):
                flags[(elements + (turn * loop[2] // size if loop else 0)) * size + byte] = True
        offset = self.base[space] + origin * size
        if loop:
            where = f"{(offset - loop[1]) & M32:#x}+{loop[0]}"
        elif offset_of and rng.random() < 0.3:
            register = rng.choice(list(offset_of))
            where = f"{(offset - offset_of[register]) & M32:#x}+{register}"
        else:
            where = f"{offset:#x}"
        pairs = [(s, n if n > 1 else rng.randint(0, 1)) for s, n in zip(steps, nums)]
        while len(pairs) > 1 and pairs[-1][1] == 0 and rng.random() < 0.5:
            pairs.pop()
        text = f"{space}:p{start}:{where}:{dtype}" + "".join(f"[{s},{n}]" for s, n in pairs)
        return text, self.mask(space, range(start, start + count), flags), elements

    # ---- Sides of descriptors -------------------------------------------------------------------------------
    def side(self, name, space, tile, dtype, row, counts):
        """(words, mask) of one side of a descriptor, or None."""
        rng, size, chip = self.rng, SIZE[dtype], space != "hbm"
        room, bytes_ = self.size[space], row * SIZE[dtype]
        for attempt in range(30):
            parts, offsets, steps = np.zeros(1, int), np.zeros(1, int), []
            dense = bytes_
            for count in counts:
                dp = rng.choice([0, 0, 1, -1, rng.randint(-self.p, self.p)]) if chip and attempt < 29 else 0
                db = size * rng.choice([0, 1, dense // size, -dense // size, rng.randint(-room // size, room // size) // max(1, count - 1)]) if attempt < 29 else 0
                steps.append(dp * 0x40000 + db if count > 1 else rng.choice([0, signed(rng.getrandbits(32))]))
                if count > 1:
                    parts = ((np.arange(count) * dp)[:, None] + parts[None, :]).reshape(-1)
                    offsets = ((np.arange(count) * db)[:, None] + offsets[None, :]).reshape(-1)
                dense *= count
            if np.ptp(parts) < self.p and np.ptp(offsets) + bytes_ <= room:
                break
        parts += rng.randint(0, self.p - 1 - np.ptp(parts)) - parts.min() if chip else 0
        spare = room - bytes_ - np.ptp(offsets)
        offsets += size * rng.choice([0, spare // size, rng.randint(0, spare // size)]) - offsets.min()
        total = 0
        for part in set(parts.tolist()):
            flags = np.zeros(room, bool)
            for at in offsets[parts == part]:
                flags[at:at + bytes_] = True
            total |= self.mask(space, [part], flags)
        address = int(parts[0]) << 18 if chip else 0
        address += self.base[space] + int(offsets[0])
        where = f"p{address >> 18}:{address & 0x3ffff:#x}" if chip and rng.random() < 0.5 else f"{address:#x}"
        words = f"{name}=({tile[0]},{tile[1]}){space}:{where}:{dtype} {name}_step={','.join(map(str, steps))}"
        return words, total
