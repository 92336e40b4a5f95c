#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Merge results.xml files, of cocotb and of C++ benches, into one: suites of one name become one, and their counts add up.

usage: merge_results.py --out FILE.xml FILE.xml ...
"""

import argparse
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def merge_results(paths, target):
    """One results file out of many, in their order."""
    root = ElementTree.Element("testsuites", name="cocotb tests")
    suites = {}
    for path in paths:
        for suite in ElementTree.parse(path).getroot().findall("testsuite"):
            have = suites.get(suite.get("name"))
            if have is None:
                suites[suite.get("name")] = suite
                root.append(suite)
                continue
            for key in ("errors", "failures", "skipped", "tests"):
                have.set(key, str(int(have.get(key, 0)) + int(suite.get(key, 0))))
            have.set("time", f"{float(have.get('time', 0)) + float(suite.get('time', 0)):.3f}")
            have.extend(suite.findall("testcase"))
    target = pathlib.Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    try:
        merge_results(args.files, args.out)
    except (OSError, ElementTree.ParseError) as error:
        print(f"cannot merge: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
