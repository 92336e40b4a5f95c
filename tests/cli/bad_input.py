#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every kind of bad input ends with exit code 2, one sentence on stderr and no output file.

usage: bad_input.py --tessera PROGRAM [--config p4]
"""

import argparse
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np


def make_files(at):
    rng = np.random.default_rng(1)
    save = lambda name, array: np.save(at / name, array)
    save("a.npy", rng.standard_normal((4, 6)).astype(np.float32))
    save("b.npy", rng.standard_normal((6, 5)).astype(np.float32))
    save("b7.npy", rng.standard_normal((7, 5)).astype(np.float32))
    save("vector.npy", np.zeros(4, np.float32))
    save("cube.npy", np.zeros((2, 2, 2), np.float32))
    save("scalar.npy", np.float32(1))
    save("complex.npy", np.zeros((4, 6), np.complex64))
    save("bool.npy", np.zeros((4, 6), bool))
    save("text.npy", np.array([["a", "b"]]))
    save("record.npy", np.zeros((2, 2), [("x", "f4"), ("y", "i4")]))
    np.save(at / "object.npy", np.array([[1, "x"], [None, 2]], dtype=object), allow_pickle=True)
    save("empty.npy", np.zeros((0, 6), np.float32))
    save("no_columns.npy", np.zeros((4, 0), np.float32))
    save("x1.npy", np.zeros((1, 8), np.float32))
    save("x3.npy", np.zeros((3, 8), np.float32))
    save("wide.npy", np.zeros((1, 200000), np.float32))
    whole = (at / "a.npy").read_bytes()
    (at / "truncated.npy").write_bytes(whole[:-5])
    (at / "only_magic.npy").write_bytes(whole[:8])
    (at / "half_header.npy").write_bytes(whole[:40])
    (at / "foreign.npy").write_bytes(b"PK\x03\x04 this is a zip archive")
    (at / "nothing.npy").write_bytes(b"")
    (at / "text.txt").write_text("1 2 3\n")
    (at / "version9.npy").write_bytes(b"\x93NUMPY\x09\x00" + whole[8:])
    head = lambda text: b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()
    (at / "huge.npy").write_bytes(head("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000), }\n"))
    (at / "negative.npy").write_bytes(head("{'descr': '<f4', 'fortran_order': False, 'shape': (-4, 6), }\n") + bytes(96))
    (at / "no_shape.npy").write_bytes(head("{'descr': '<f4', 'fortran_order': False, }\n") + bytes(96))
    (at / "folder.npy").mkdir()
    (at / "bad.tsa").write_text(".engine pe\n  matmul dst=nonsense\n  jump away\n")
    (at / "label.tsa").write_text(".engine sp\n  br nowhere\n")
    (at / "mesh.tsa").write_text(".mesh 5 5\n.engine sp\n  halt\n")
    (at / "queue7.tsa").write_text(".queue 7\n  desc upd=1+=1\n.doorbell 7 all\n")
    (at / "outside.tsa").write_text(".hbm 0xff00000000\n  .fp32 1\n")
    (at / "overlap.tsa").write_text(".hbm 0x1000000\n  .fp32 1\n.engine sp\n  halt\n")
    (at / "idle.tsa").write_text(".engine sp\n  halt\n")
    (at / "wide.tsa").write_text(".mesh 255 255\n.engine sp\n  halt\n")
    (at / "runs_on.tsa").write_text(".engine sp\n  nop\n")
    (at / "mesh257.tsa").write_text(".mesh 257 1\n.engine sp\n  halt\n")
    (at / "code_base.tsa").write_text(".code_base 7\n.engine sp\n  halt\n")
    (at / "binary.tsa").write_bytes(bytes(range(256)))


def cases(config):
    mm = lambda a="a.npy", b="b.npy", out="out.npy", *more: ["matmul", "--a", a, "--b", b, "--out", out, "--config", config, *more]
    ar = lambda x="x1.npy", out="out.npy", *more: ["collective", "all-reduce", "--in", x, "--out", out, "--config", config, *more]
    run = lambda program, *more: ["run", program, "--config", config, *more]
    yield "no command", []
    yield "unknown command", ["multiply"]
    yield "unknown option", mm() + ["--fast"]
    yield "unknown option of info", ["info", "--bogus"]
    yield "stray argument", mm() + ["something"]
    yield "missing required option", ["matmul", "--a", "a.npy", "--b", "b.npy"]
    yield "option without value", ["matmul", "--a"]
    for name in ("missing.npy", "vector.npy", "cube.npy", "scalar.npy", "complex.npy", "bool.npy", "text.npy",
                 "record.npy", "object.npy", "empty.npy", "no_columns.npy", "truncated.npy", "only_magic.npy", "half_header.npy", "foreign.npy",
                 "nothing.npy", "text.txt", "version9.npy", "huge.npy", "negative.npy", "no_shape.npy", "folder.npy", "", "no/such/folder.npy"):
        yield f"A is {name or 'an empty name'}", mm(a=name)
        yield f"B is {name or 'an empty name'}", mm(b=name)
        yield f"X is {name or 'an empty name'}", ar(x=name)
    yield "mismatching K", mm(b="b7.npy")
    for mesh in ("0x4", "4x0", "0x0", "99999x99999", "257x1", "4", "x", "4x", "x4", "4x4x4", "-1x2", "2.5x2", "axb", "1x1 ", "", "99999999999999999999x1"):
        yield f"mesh {mesh!r}", mm() + ["--mesh", mesh]
    yield "mesh too large for this machine", ["collective", "all-reduce", "--in", "x1.npy", "--out", "out.npy", "--config", "trn3", "--mesh", "256x256"]
    yield "unknown configuration", ["matmul", "--a", "a.npy", "--b", "b.npy", "--out", "out.npy", "--config", "p5"]
    yield "unknown configuration of info", ["info", "--config", "../p4"]
    for value in ("0", "-1", "99999", "two", "1.5", "", "99999999999999999999"):
        yield f"threads {value!r}", mm() + ["--threads", value]
    for value in ("0", "-3", "5000", "x"):
        yield f"link latency {value!r}", mm() + ["--link-latency", value]
    yield "monolithic link latency", mm() + ["--backend", "monolithic", "--link-latency", "9"]
    yield "unknown back end", mm() + ["--backend", "both"]
    yield "unknown skip", mm() + ["--skip", "maybe"]
    yield "seed that is no number", mm() + ["--seed", "dice"]
    yield "seed of 65 bits", mm() + ["--seed", "18446744073709551616"]
    yield "max-cycles that is no number", mm() + ["--max-cycles", "-5"]
    yield "unknown shard", mm() + ["--shard", "m"]
    yield "unknown dtype", mm() + ["--dtype", "fp8"]
    yield "unknown out-dtype", mm() + ["--out-dtype", "int8"]
    yield "unknown residence", mm() + ["--residence", "cache"]
    yield "resident with split K", mm() + ["--residence", "sbuf", "--shard", "k"]
    for out in ("no/such/folder/out.npy", "folder.npy", "/proc/out.npy", "", "/dev/null", "a.npy/out.npy"):
        yield f"--out {out!r}", mm(out=out)
        yield f"collective --out {out!r}", ar(out=out)
    for option in ("--json", "--timeline", "--waves"):
        for path in ("no/such/folder/file", "folder.npy", "/proc/file", "/dev/null"):
            yield f"{option} {path}", mm() + [option, path]
    for option in ("--json", "--timeline", "--waves"):
        for path in ("out.npy", "./out.npy", "a.npy"):
            yield f"{option} {path}, which is another file of the command", mm() + [option, path]
        yield f"collective {option} in the place of its input", ar() + [option, "x1.npy"]
    yield "report and timeline in one file", mm() + ["--json", "both.json", "--timeline", "both.json"]
    yield "report in the place of the program", run("idle.tsa", "--json", "idle.tsa")
    yield "rows are not ranks", ar(x="x3.npy")
    yield "unknown collective", ["collective", "all-to-none", "--in", "x1.npy", "--out", "out.npy", "--config", config]
    yield "unknown op", ar() + ["--op", "mean"]
    yield "unknown algo", ar() + ["--algo", "tree"]
    yield "unknown collective dtype", ar() + ["--dtype", "bf8"]
    yield "unknown collective residence", ar() + ["--residence", "disk"]
    if config == "p4":
        yield "vector larger than SBUF", ar(x="wide.npy") + ["--residence", "sbuf"]
    for program in ("missing.tsa", "bad.tsa", "label.tsa", "queue7.tsa", "outside.tsa", "overlap.tsa", "binary.tsa", "folder.npy", "a.npy"):
        yield f"program {program}", run(program)
    yield "program needs a larger mesh", run("mesh.tsa", "--mesh", "2x2")
    yield "program needs more than the one tile asked for", run("mesh.tsa", "--mesh", "1x1")
    yield "program that runs on behind its end", run("runs_on.tsa")
    yield "program with a mesh of 257 columns", run("mesh257.tsa")
    yield "program whose code base is no address of an instruction", run("code_base.tsa")
    yield "program too large for this machine", ["run", "wide.tsa", "--config", "trn3"]
    yield "demo into a file", ["demo", "--config", config, "--out-dir", "text.txt"]
    yield "demo with a fault it was not built with", ["demo", "--bug", "pe-round"]
    yield "demo with an unknown fault", ["demo", "--bug", "bogus"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    args = parser.parse_args()
    program = args.tessera.resolve()
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        make_files(at)
        before = {p: p.read_bytes() if p.is_file() else None for p in at.rglob("*")}
        for name, words in cases(args.config):
            count += 1
            problems = []
            try:
                done = subprocess.run([program, *words], cwd=at, capture_output=True, text=True, errors="replace", timeout=60)
                if done.returncode != 2:
                    problems.append(f"exit code {done.returncode}")
                wanted = {"unknown command": "no command multiply", "program missing.tsa": "missing.tsa: the file cannot be opened"}.get(name, "")
                if wanted not in done.stderr:
                    problems.append(f"the sentence lacks '{wanted}': {done.stderr!r}")
                lines = done.stderr.splitlines()
                if "is not in this program" in done.stderr:
                    problems.append("the input was accepted; only the configuration is missing")
                if len(lines) != 1 or not lines[0].startswith("tessera: ") or len(lines[0]) < 20:
                    problems.append(f"stderr is not one sentence: {done.stderr!r}")
            except subprocess.TimeoutExpired:
                problems.append("did not end in 60 s")
            after = {p: p.read_bytes() if p.is_file() else None for p in at.rglob("*")}
            if after != before:
                changed = sorted(str(p.relative_to(at)) for p in set(before) ^ set(after) | {p for p in set(before) & set(after) if before[p] != after[p]})
                problems.append(f"files changed: {changed}")
                for p in set(after) - set(before):
                    if p.is_file():
                        p.unlink()
            if problems:
                failed += 1
                print(f"FAILED {name}: {' '.join(words)}: {'; '.join(problems)}")
    print(f"{count} bad inputs, {failed} not refused as they should be")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
