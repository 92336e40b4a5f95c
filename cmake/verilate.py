#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run Verilator for one library: a fixed number of translation units and one dependency file come out.

usage: verilate.py --bin verilator --mdir DIR --prefix V --units N --depfile D [--root R] [--fault NAME] -- VERILATOR ARGUMENTS

Verilator writes an unknown number of files; DIR/unit_0.cpp ... unit_{N-1}.cpp include the fast ones in turn,
DIR/unit_slow.cpp the constructors. A file whose text is unchanged keeps its date, so nothing recompiles. Ninja knows
the units only, not what they include, so each unit carries a digest of its parts and of all headers. --fault: Verilator
reads copies of files of rtl/ with this seeded fault (scripts/faults.py) in their places.
"""

import argparse
import hashlib
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scripts")]
import depfile  # noqa: E402
import faults  # noqa: E402


def environment(root, arguments):
    """Variables for Verilator of `root`, if that is known. It replaces $NAME in names of files: what `arguments` name is not a variable."""
    named = set(re.findall(r"\$[{(]?(\w+)", " ".join(arguments)))
    kept = {k: v for k, v in os.environ.items() if k not in named and not (root and k.startswith("VERILATOR_"))}
    return {**kept, "VERILATOR_ROOT": root} if root else kept


def main():
    parser = argparse.ArgumentParser()
    for name in ("bin", "mdir", "prefix", "depfile"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--units", type=int, default=1)
    parser.add_argument("--root", default="")
    parser.add_argument("--fault", default="")
    parser.add_argument("rest", nargs="+")
    args = parser.parse_args()
    mdir = pathlib.Path(args.mdir)
    mdir.mkdir(parents=True, exist_ok=True)
    before = {p: (p.read_bytes(), p.stat()) for p in [*mdir.glob("*.cpp"), *mdir.glob("*.h")]}
    for path in before:
        path.unlink()
    try:
        copies = faults.write_copies(args.fault, mdir / "faulty") if args.fault else {}
    except faults.Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    rest = faults.in_place(args.rest, copies)

    done = subprocess.run([args.bin, "--cc", "--MMD", "--Mdir", str(mdir), "--prefix", args.prefix, *rest],
                          env=environment(args.root, rest), capture_output=True, text=True, errors="backslashreplace")
    sys.stderr.write(done.stderr)
    if done.returncode:
        return done.returncode

    sources = sorted(p for p in mdir.glob(args.prefix + "*.cpp"))
    slow = [p for p in sources if p.stem.endswith("__Slow")]
    # Round robin by size keeps the units about equally long.
    fast = sorted((p for p in sources if p not in slow), key=lambda p: (-p.stat().st_size, p.name))
    headers = sorted(mdir.glob(args.prefix + "*.h"))
    for index in range(args.units):
        write_unit(mdir / f"unit_{index}.cpp", fast[index::args.units], headers)
    write_unit(mdir / "unit_slow.cpp", slow, headers)
    for path, (data, stat) in before.items():
        if path.exists() and path.read_bytes() == data:
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    depfile.write(args.depfile, mdir / "unit_0.cpp", faults.originals(depfile.verilator_inputs(mdir / f"{args.prefix}__ver.d"), args.fault, copies))
    return 0


def write_unit(path, parts, headers):
    digest = hashlib.sha1(b"".join(p.read_bytes() for p in [*parts, *headers])).hexdigest()
    path.write_text(f"// {digest}\n" + "".join(f'#include "{p.name}"\n' for p in parts))


if __name__ == "__main__":
    raise SystemExit(main())
