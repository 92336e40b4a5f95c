#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The p4 tile of the distribution's Verilator (5.006 in Debian 12) runs the examples, all-reduces and a product, with the signature of the other.

usage: compat.py --tessera PROGRAM --build FOLDER      FOLDER: where the second tile is built; exit code 77 without a Verilator on PATH
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import lint  # noqa: E402

CONFIGURE = ["-DTSR_SYSTEM_VERILATOR=ON", "-DTSR_FOLDERS=isa;golden;sim", "-DTSR_CONFIGS=p4", "-DTSR_TRACED_CONFIGS=", "-DTSR_CHECKED_CONFIGS=",
             "-DTSR_MESHES=", "-DTSR_TESTS=OFF", "-DTSR_VERILATED_OPT=-Og", "-DTSR_MARCH="]


def run(command, **kw):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    if done.returncode:
        print(done.stdout[-4000:])
        raise SystemExit(f"failed: {' '.join(map(str, command))}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tessera", required=True)
    parser.add_argument("--build", required=True)
    args = parser.parse_args()
    tool = lint.system_verilator()
    if tool is None:
        print("SKIPPED: no verilator on PATH (Debian package verilator)")
        return 77
    configured = run(["cmake", "-G", "Ninja", "-S", ROOT, "-B", args.build, *CONFIGURE])
    if f"Verilator: {tool[0][0]}" not in configured:
        raise SystemExit(f"CMake did not take {tool[0][0]}:\n{configured}")
    run(["ninja", "-C", args.build, "tile_p4"])
    other = {**os.environ, "TESSERA_MODELS": str(pathlib.Path(args.build) / "models")}

    for script in ("cli/programs.py", "numpy/check_collective.py"):
        print(run([sys.executable, ROOT / "tests" / script, "--tessera", args.tessera, "--config", "p4"], env=other).splitlines()[-1])
    rng = np.random.default_rng(int(os.environ.get("TESSERA_SEED", "1"), 0))
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        np.save(folder / "a.npy", rng.standard_normal((37, 101), dtype=np.float32))
        np.save(folder / "b.npy", rng.standard_normal((101, 53), dtype=np.float32))
        reports = []
        for name, env in (("pinned", os.environ), ("other", other)):
            run([args.tessera, "matmul", "--a", folder / "a.npy", "--b", folder / "b.npy", "--out", folder / f"{name}.npy", "--mesh", "2x2",
                 "--config", "p4", "--json", folder / f"{name}.json"], env=env)
            reports.append(json.loads((folder / f"{name}.json").read_text()))
        same = [reports[0][key] == reports[1][key] for key in ("signature", "cycles")]
        same.append((folder / "pinned.npy").read_bytes() == (folder / "other.npy").read_bytes())
        print(f"Verilator {tool[2]}: signature {reports[1]['signature']}, with the pinned release {reports[0]['signature']}")
    return 0 if all(same) else 1


if __name__ == "__main__":
    raise SystemExit(main())
