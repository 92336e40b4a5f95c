#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every module of rtl/ has a bench tests/unit/<folder>/<module>.cpp, or stands with the reason in tests/unit/without_bench.json.

usage: every_module.py          Exit code 1 and a line for each module that is in neither or in both, and for a line without a module.
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    excused = json.loads((ROOT / "tests/unit/without_bench.json").read_text(encoding="utf-8"))
    modules = {p.stem: p.parent.name for p in sorted((ROOT / "rtl").glob("*/*.sv")) if not p.stem.endswith("_pkg")}
    benches = {p.stem: p.parent.name for p in (ROOT / "tests/unit").glob("*/tsr_*.cpp")}
    wrong = []
    for module, folder in modules.items():
        if benches.get(module, folder) != folder:
            wrong.append(f"the bench of {module} is in tests/unit/{benches[module]}, the module in rtl/{folder}")
        elif module in benches and module in excused:
            wrong.append(f"{module} has a bench and a line in without_bench.json: remove the line")
        elif module not in benches and module not in excused:
            wrong.append(f"{module} has no bench tests/unit/{folder}/{module}.cpp: write it, or give the reason in without_bench.json")
    wrong += [f"without_bench.json names {name}, which is no module of rtl/" for name in excused if name not in modules]
    wrong += [f"without_bench.json gives no reason for {name}" for name, reason in excused.items() if len(str(reason).split()) < 3]
    wrong += [f"tests/unit/{folder}/{name}.cpp has no module" for name, folder in benches.items() if name not in modules]
    print("\n".join(wrong) if wrong else f"{len(modules)} modules, {len(benches)} with a bench, {len(excused)} with a reason")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
