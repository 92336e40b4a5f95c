#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rings that go wrong: each program ends, RTL and golden model agree, and the sentence names the queue that left work undone.

usage: rings.py --tessera PROGRAM [--config p4] [options of tessera run: --assertions, --x-seed 5, --skip check]

Covers bases that are no multiple of 128 or outside HBM, writes of the own ring, and stopped queues and engines whose interrupt
was cleared. Exit code 2 and one sentence where a queue or an engine is stopped, 0 where all is done.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import isa_model  # noqa: E402

ISA = isa_model.load()
Q = ISA.blocks["QUEUE"]["stride"]                      # register bytes of a queue
BASE, SIZE, BELL, IRQ_CLEAR, SEM_SET = (ISA.register(name) for name in ("Q_BASE", "Q_SIZE", "Q_DOORBELL", "IRQ_CLEAR", "SEM_SET"))
IRQ_QUEUE = 1 << ISA.constants["IRQ_QUEUE"][0]


def words(*values):
    return ".hbm 0x8000\n  .i32 " + " ".join(str(v) for v in values) + "\n"


def write(index, register, more=""):
    """A descriptor that writes word `index` of the data at 0x8000 to a register."""
    return f"  copy src=hbm:{0x8000 + 4 * index:#x}:fp32 dst=reg:{register:#x}:fp32 row=1 {more} fence\n"


def nops(address, tags):
    """Descriptors that only wait and update, put into HBM as words; they retire with their tags."""
    return "".join(f".hbm {address + 128 * n:#x}\n  .i32 {tag << 16:#x}\n" for n, tag in enumerate(tags))


def new_ring(base, size=4, work=2, tags=(0x11, 0x12)):
    """Queue 1 sets the ring of queue 0 and rings."""
    return (words(base & 0xffffffff, base >> 32, size, work) + nops(base & ~127, tags if base < 1 << 20 else ()) +
            ".queue 1\n" + write(0, BASE, "tag=1") + write(1, BASE + 4, "tag=2") + write(2, SIZE, "tag=3") +
            write(3, BELL, "tag=4") + ".doorbell 1 all\n")


def own_ring(queue, register, value, after):
    lines = words(7, value) + f".queue {queue} 8\n" + write(0, SEM_SET, "tag=1")
    lines += write(1, register + Q * queue, "tag=2")
    for n in range(after):
        lines += write(0, SEM_SET + 4 * (n + 1), f"tag={3 + n}")
    return lines + f".doorbell {queue} all\n"


def clear_then(bad, mask, then, extra=()):
    """`bad` stops something; 600 steps later queue 1 writes IRQ_CLEAR and then a register."""
    return (words(mask, 1, *extra) + bad + ".queue 1\n  desc wait=9>=1 tag=20\n" + write(0, IRQ_CLEAR, "tag=21") +
            "".join(write(*w) for w in then) + ".doorbell 1 all\n"
            ".engine sp\n  movi rd=r1 imm0=600\nagain:\n  alu sub rd=r1 ra=r1 rb=1\n  br gt again ra=r1 rb=0\n"
            "  nop upd=9=1\n  halt\n")


BAD_QUEUE = (".queue 0 4\n  copy src=hbm:0x3fffffff00:raw8 dst=hbm:0x2000:raw8 row=4 tag=1\n"
             "  copy src=hbm:0x1000:raw8 dst=hbm:0x2000:raw8 row=4 tag=2\n.doorbell 0 1\n")
BAD_ENGINE = ".engine dve\n  instr opcode=200 tag=6\n  halt\n"


def cases(hbm_bytes):
    """(name, program, exit code, words of the sentence)"""
    for low in (1, 4, 64, 96, 127):
        yield f"base + {low}", new_ring(0x9000 + low), 2, ["queue 0", "ADDRESS", hex(0x9000 + low)]
    yield "base aligned", new_ring(0x9000), 0, []
    yield "base beyond HBM", new_ring(hbm_bytes), 2, ["queue 0", "ADDRESS", hex(hbm_bytes)]
    yield "base beyond 32 bits", new_ring(0x3f_0000_0000), 2, ["queue 0", "ADDRESS", "0x3f00000000"]
    yield "end beyond HBM", new_ring(hbm_bytes - 128, tags=()), 2, ["queue 0", "ADDRESS", hex(hbm_bytes)]
    yield "both wrong: the size", new_ring(0x9001, size=0), 2, ["queue 0", "QUEUE"]
    for queue in (0, 1):
        for after in (0, 1, 3):
            yield f"own size, queue {queue}, {after} behind it", own_ring(queue, SIZE, 2, after), 2, [
                f"queue {queue}", "REGISTER", hex(SIZE + Q * queue)]
        yield f"own base, queue {queue}", own_ring(queue, BASE, 0xa040, 3), 0, []
        # The own doorbell adds work: the ring of 8 has 1 + 1 + 2 descriptors and 4 empty ones, which retire with tag 0.
        yield f"own doorbell, queue {queue}", own_ring(queue, BELL, 3, 2), 0, []
    yield "own size in a later row", (words(7, 7, 7) + ".queue 0\n  copy src=hbm:0x8000:fp32 dst=reg:0x400:fp32 row=1 rows=3 "
                                      "src_step=4 dst_step=4 tag=5\n.doorbell 0 all\n"), 2, ["queue 0", "REGISTER", "0x408"]
    yield "stopped queue, cleared", clear_then(BAD_QUEUE, IRQ_QUEUE, []), 2, ["queue 0", "ADDRESS", "tag 1"]
    yield "stopped queue, cleared and rung", clear_then(BAD_QUEUE, IRQ_QUEUE, [(1, BELL, "tag=22")]), 2, ["queue 0", "ADDRESS"]
    yield "stopped queue, set again", clear_then(BAD_QUEUE, IRQ_QUEUE, [(1, SIZE, "tag=22")]), 0, []
    yield "stopped engine, cleared", clear_then(BAD_ENGINE, 0x4, []), 2, ["DVE", "OPCODE", "tag 6"]
    yield "stopped engine, cleared by a mask of all", clear_then(BAD_ENGINE, -1, []), 2, ["DVE", "OPCODE"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    args, options = parser.parse_known_args()
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text, code, sentence in cases(1 << 30):
            count += 1
            path = pathlib.Path(folder) / "rings.tsa"
            path.write_text(text)
            command = [args.tessera, "run", path, "--config", args.config, "--max-cycles", "200000", *options]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            except subprocess.TimeoutExpired:
                failed += 1
                print(f"FAILED {name}: no end within 120 s\n{text}")
                continue
            missing = [word for word in sentence if word.lower() not in done.stderr.lower()]
            if done.returncode != code or missing or "MISMATCH" in done.stdout:
                failed += 1
                print(f"FAILED {name}: exit code {done.returncode}, not {code}; not said: {missing}\n"
                      f"{done.stdout}{done.stderr}{text}")
    print(f"{count} rings on {args.config}, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
