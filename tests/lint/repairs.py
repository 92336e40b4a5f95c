#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every fault of tests/repairs.json names tests that are registered, so none of them can lose its test unnoticed.

usage: repairs.py --build DIR

tests/repairs.json: {table: {row: {"fault": what was seen, "tests": [names as `ctest -N` prints them]}}}. A row is added, or its
list filled, by the change that repairs the fault; each named test must have failed before it. A row
whose list is empty fails.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def unique(pairs):
    """An object of JSON in which no key stands twice."""
    keys = [k for k, _ in pairs]
    twice = sorted({k for k in keys if keys.count(k) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands there twice")
    return dict(pairs)


def read_rows(path):
    """[(table, row, fault, tests)] of the file; ValueError for another form."""
    rows = []
    for table, entries in json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=unique).items():
        if table == "form":
            continue
        for row, entry in entries.items():
            tests = entry.get("tests") if isinstance(entry, dict) else None
            if not isinstance(tests, list) or set(entry) != {"fault", "tests"} or not all(isinstance(t, str) for t in tests):
                raise ValueError(f'{table}.{row} is not {{"fault": "...", "tests": ["...", ...]}}')
            rows.append((table, row, entry["fault"], tests))
    return rows


def registered(build):
    """Names of all tests of a build folder; a program of GoogleTest tests that is not built has none."""
    done = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, text=True, check=True)
    return {t["name"] for t in json.loads(done.stdout)["tests"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    args = parser.parse_args()
    try:
        rows = read_rows(ROOT / "tests/repairs.json")
    except ValueError as error:
        print(f"tests/repairs.json: {error}")
        return 1
    have, bad, still_open = registered(args.build), 0, 0
    for table, row, fault, tests in rows:
        for test in tests:
            if test not in have:
                unbuilt = any(name.endswith("_NOT_BUILT") and test.startswith(name[:-len("_NOT_BUILT")]) for name in have)
                print(f"{table}.{row}: {test} is no test of this build{'; its program is not built' if unbuilt else ''}")
                bad += 1
        if not tests:
            print(f"open: {table}.{row}: {fault}")
            still_open += 1
    print(f"{len(rows)} faults, {still_open} without a test, {bad} unknown tests")
    return 1 if bad or not rows or still_open else 0


if __name__ == "__main__":
    sys.exit(main())
