#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Merge results.xml files, of cocotb and of C++ benches, into one: suites of one name become one, and their counts add up.

usage: merge_results.py --out FILE.xml FILE.xml ...

No two test cases of the result share class and name, for viewers keep one of such a pair. Where files hold the same test, its
module gets a word per file: py or cpp when the files differ in the language, else the name of the file (test_x.py.counts).
"""

import argparse
import collections
import os
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def language(root):
    """py or cpp where all tests of a file are in one language, else nothing."""
    files = {os.path.splitext(p.get("value", ""))[1] for p in root.iter("property") if p.get("name") == "file"}
    return {"": "", ".py": "py"}.get(files.pop(), "cpp") if len(files) == 1 else ""


def words_of(paths, roots):
    """A word for each file; no two are equal."""
    for words in ([language(r) for r in roots], [pathlib.Path(p).stem for p in paths]):
        if len({*words, ""}) == len(words) + 1:
            return words
    return [str(n) for n in range(1, len(roots) + 1)]


def tell_apart(roots, words):
    """Gives modules of tests that several files hold the word of their file, and numbers tests that one file holds twice."""
    for root in roots:
        seen = collections.Counter()
        for case in root.iter("testcase"):
            key = case.get("classname"), case.get("name")
            seen[key] += 1
            if seen[key] > 1:
                case.set("name", f"{key[1]} ({seen[key]})")
    holders = collections.Counter(key for root in roots for key in {(c.get("classname"), c.get("name")) for c in root.iter("testcase")})
    modules = {module for (module, _), count in holders.items() if count > 1}
    for root, word in zip(roots, words):
        for suite in root.findall("testsuite"):
            cases = [c for c in suite.findall("testcase") if c.get("classname") in modules]
            for case in cases:
                case.set("classname", f"{case.get('classname')}.{word}")
            if cases:
                suite.set("name", f"{suite.get('name')}.{word}")


def merge_results(paths, target):
    """One results file out of many, in their order. `target`: a path or a binary file."""
    roots = [ElementTree.parse(path).getroot() for path in paths]
    tell_apart(roots, words_of(paths, roots))
    merged = ElementTree.Element("testsuites", name="cocotb tests")
    suites = {}
    for root in roots:
        for suite in root.findall("testsuite"):
            have = suites.get(suite.get("name"))
            if have is None:
                suites[suite.get("name")] = suite
                merged.append(suite)
                continue
            for key in ("errors", "failures", "skipped", "tests"):
                have.set(key, str(int(have.get(key, 0)) + int(suite.get(key, 0))))
            have.set("time", f"{float(have.get('time', 0)) + float(suite.get('time', 0)):.3f}")
            have.extend(suite.findall("testcase"))
    ElementTree.ElementTree(merged).write(target, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    try:
        pathlib.Path(args.out).parent.mkdir(parents=True, exist_ok=True)
        merge_results(args.files, args.out)
    except (OSError, ElementTree.ParseError) as error:
        print(f"cannot merge: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
