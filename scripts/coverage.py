#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Merge functional coverage and compare it with its plan: bins of benches in C++ and Python, cover points of the RTL.

usage: ./tessera coverage [FILE.dat | FOLDER ...] [--plan PLAN.csv] [--block NAME ...] [--missable]
       [--same CPP PY ...] [--merged OUT.dat] [--json OUT.json]

Every process of a bench leaves one database in its TESSERA_COVERAGE_DIR (./tessera test ... --coverage DIR sets it); folders
are searched for *.dat, without arguments those of `./tessera test`, which are compared with the project's own plan; given
databases without a plan are compared with what they declare themselves. The plan names every bin: `bin,block,world,meaning`,
world `bench` (group.bin) or `rtl` (module.X_C). Printed are the hits of each bin from C++, from Python and in how many
databases it was hit and not hit.

--block      only the bins of these blocks of the plan
--missable   every bin must have been left at zero by at least one database that holds it
--same       two folders of one test in both languages: the hits of every bin and point must be equal

Exit code 0 when every bin of the plan was hit; 1 when one was missed; 2 when a bin is in no database or not in the plan, or
for a bad file.
"""

import argparse
import csv
import json
import pathlib
import re
import sys
from collections import defaultdict

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORLDS = {"v_user": "rtl", "sp_user": "bench"}


class Problem(Exception):
    """A sentence for the user."""


def read_plan(path):
    """{bin: {block, world, meaning}} in the order of the file."""
    try:
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise Problem(f"cannot read the plan: {error}") from error
    plan = {}
    for number, row in enumerate(rows, 2):
        if set(row) != {"bin", "block", "world", "meaning"} or not all(row.values()):
            raise Problem(f"{path}:{number}: wanted are bin,block,world,meaning")
        if row["world"] not in WORLDS.values():
            raise Problem(f"{path}:{number}: the world is 'bench' or 'rtl', not '{row['world']}'")
        if row["bin"] in plan:
            raise Problem(f"{path}:{number}: {row['bin']} stands there twice")
        plan[row["bin"]] = row
    if not plan:
        raise Problem(f"the plan {path} is empty")
    return plan


def read_database(path):
    """{(bin, world): hits} of one process, instances of a module together."""
    found = defaultdict(int)
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"cannot read {path}: {error}") from error
    if not lines or not lines[0].startswith("# SystemC::Coverage"):
        raise Problem(f"{path} is no coverage database")
    for number, line in enumerate(lines[1:], 2):
        match = re.fullmatch(r"C '(.*)' (\d+)", line)
        keys = dict(part.split("\2", 1) for part in match[1].split("\1") if "\2" in part) if match else {}
        kind, _, group = keys.get("page", "").partition("/")
        if kind not in WORLDS or not group or not keys.get("o"):
            raise Problem(f"{path}:{number}: no bin of a group")
        found[f"{group}.{keys['o']}", WORLDS[kind]] += int(match[2])
    return found


def databases(paths):
    files = []
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            files += sorted(path.rglob("*.dat"))
        elif path.is_file():
            files.append(path)
        else:
            raise Problem(f"there is no {path}")
    if not files:
        raise Problem(f"no database in {', '.join(map(str, paths))}; a bench writes them with --coverage DIR")
    return files


class Bin:
    def __init__(self):
        self.cpp = self.py = self.hit = self.missed = 0

    def add(self, leg, hits):
        if leg == "py":
            self.py += hits
        else:
            self.cpp += hits
        self.hit += hits > 0
        self.missed += hits == 0


def merge(files):
    """{(bin, world): Bin}; the leg is the first word of the file's name."""
    merged = defaultdict(Bin)
    for file in files:
        for key, hits in read_database(file).items():
            merged[key].add(file.name.split(".", 1)[0], hits)
    return merged


def write_merged(path, merged):
    """One database in the same format, which Verilator's own tools read as well."""
    kinds = {world: page for page, world in WORLDS.items()}
    with open(path, "w") as out:
        out.write("# SystemC::Coverage-3\n")
        for (name, world), b in sorted(merged.items()):
            group, point = name.split(".", 1)
            out.write(f"C '\1t\2user\1page\2{kinds[world]}/{group}\1o\2{point}' {b.cpp + b.py}\n")


def compare_with_plan(plan, known, merged):
    """(errors, missed): sentences about names, and the bins of the plan that nothing hit. `known`: the whole plan."""
    errors, missed = [], []
    have = {name: world for name, world in merged}
    for name, row in plan.items():
        if name not in have:
            errors.append(f"{name} of the plan is in no database")
        elif have[name] != row["world"]:
            errors.append(f"{name} is of world '{have[name]}', the plan says '{row['world']}'")
        elif merged[name, have[name]].hit == 0:
            missed.append(name)
    errors += [f"{name} is not in the plan" for name in sorted(have) if name not in known]
    return errors, missed


def declared(merged):
    """A plan of all bins that the databases hold; a bin's block is its group."""
    return {name: {"block": name.split(".", 1)[0], "world": world, "meaning": "declared by the bench"} for name, world in merged}


def report(plan, merged):
    width = max(len(n) for n in plan)
    print(f"{'bin':{width}}  {'block':8} {'world':6} {'C++':>9} {'Python':>9} {'hit in':>7} {'zero in':>7}")
    for name, row in plan.items():
        b = merged.get((name, row["world"]), Bin())
        print(f"{name:{width}}  {row['block']:8} {row['world']:6} {b.cpp:9} {b.py:9} {b.hit:7} {b.missed:7}")


def compare_legs(folders):
    """Differences between two folders of one test in both languages."""
    totals = []
    for folder in folders:
        total = defaultdict(int)
        for file in databases([folder]):
            for key, hits in read_database(file).items():
                total[key] += hits
        totals.append(total)
    first, second = totals
    return [f"{name}: {first.get((name, world), 'absent')} in {folders[0]}, {second.get((name, world), 'absent')} in {folders[1]}"
            for name, world in sorted({*first, *second}) if first.get((name, world)) != second.get((name, world))]


def main():
    parser = argparse.ArgumentParser(prog="./tessera coverage", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="*", metavar="FILE|FOLDER")
    parser.add_argument("--plan", default="", metavar="PLAN.csv")
    parser.add_argument("--block", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--missable", action="store_true")
    parser.add_argument("--same", nargs=2, default=[], metavar="FOLDER")
    parser.add_argument("--merged", default="", metavar="OUT.dat")
    parser.add_argument("--json", default="", metavar="OUT.json")
    args = parser.parse_args()
    try:
        if args.same:
            differences = compare_legs(args.same)
            for text in differences:
                print("DIFFERENT:", text)
            return 1 if differences else 0
        files = databases(args.databases or [ROOT / "build/release/coverage"])
        merged = merge(files)
        if not merged:
            raise Problem(f"the {len(files)} databases hold no bin; a bench declares them with CoverGroup, a design with cover property")
        known = declared(merged) if args.databases and not args.plan else read_plan(args.plan or ROOT / "tests/coverage/plan.csv")
        plan = {n: row for n, row in known.items() if not args.block or row["block"] in args.block}
        unknown = set(args.block) - {row["block"] for row in known.values()}
        if unknown:
            raise Problem(f"the plan has no block {', '.join(sorted(unknown))}")
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    report(plan, merged)
    errors, missed = compare_with_plan(plan, known, merged)
    stuck = [n for n, row in plan.items() if (n, row["world"]) in merged and merged[n, row["world"]].missed == 0] if args.missable else []
    if args.merged:
        write_merged(args.merged, merged)
    if args.json:
        bins = {n: {"block": r["block"], "world": r["world"], **vars(merged.get((n, r["world"]), Bin()))} for n, r in plan.items()}
        pathlib.Path(args.json).write_text(json.dumps({"bins": bins, "missed": missed, "errors": errors}, indent=1) + "\n")
    for text in errors:
        print(f"ERROR: {text}")
    for name in missed:
        print(f"MISSED: {name}: {plan[name]['meaning']}")
    for name in stuck:
        print(f"ALWAYS HIT: {name}: no database leaves it at zero")
    hit = sum(1 for n, row in plan.items() if merged.get((n, row["world"]), Bin()).hit)
    print(f"{len(plan)} bins, {hit} hit, {len(missed)} missed, "
          f"{len(errors)} errors, {len(files)} databases")
    return 2 if errors else 1 if missed or stuck else 0


if __name__ == "__main__":
    raise SystemExit(main())
