#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print one line about a JUnit file: tests, failed, skipped. Exit code 1 when it is missing, empty or has a failure.

usage: count_tests.py junit.xml [--no-skips]      --no-skips: a skipped test is a failure, and is named
"""

import sys
import xml.etree.ElementTree as ElementTree


def not_started(case):
    """CTest calls a test whose program is missing, or whose fixture failed, not run; that is no skip."""
    skipped = case.find("skipped")
    return case.get("status") == "notrun" and skipped is not None and not (skipped.get("message") or "SKIP").startswith("SKIP")


def main():
    path = sys.argv[1]
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"no results: {error}")
        return 1
    failed = [c for c in cases if c.find("failure") is not None or c.find("error") is not None or c.get("status") == "fail" or not_started(c)]
    skipped = [c for c in cases if c not in failed and (c.find("skipped") is not None or c.get("status") in ("notrun", "disabled"))]
    strict = "--no-skips" in sys.argv[2:]
    if strict:
        for case in skipped:
            print(f"skipped: {case.get('name')}")
    print(f"{len(cases)} tests, {len(cases) - len(failed) - len(skipped)} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not cases or (strict and skipped) else 0


if __name__ == "__main__":
    raise SystemExit(main())
