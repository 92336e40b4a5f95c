#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reject the coroutine forms that g++ 12 miscompiles (docs/decisions/0010-coroutines-and-gcc-12.md).

usage: check_coroutines.py [ROOT]      one line per place, exit code 1 when there is one
"""

import pathlib
import re
import sys


def strip(text):
    """Comments and literals become blanks of the same length."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
                  lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)


def statements(text):
    """(offset, expression) of every co_await up to the end of its full expression."""
    for match in re.finditer(r"(?<!operator )\bco_await\b", text):
        depth, at = 0, match.end()
        while at < len(text):
            c = text[at]
            if c in "([{":
                depth += 1
            elif c in ")]}":
                depth -= 1
                if depth < 0:
                    break
            elif c in ";," and depth == 0:
                break
            at += 1
        yield match.start(), text[match.end():at]


def check(path):
    text = strip(path.read_text(encoding="utf-8"))
    for at, expression in statements(text):
        # A lambda's body is no initialiser: drop `] (…) … {…}` first.
        plain = re.sub(r"\][^{};]*\{.*\}", "]", expression, flags=re.S)
        brace = re.search(r"[\w>(,]\s*\{", plain)
        if brace:
            yield text.count("\n", 0, at) + 1, "braces inside of a co_await expression"
    for match in re.finditer(r"\b[A-Z]\w*(?:<[^;{}]*>)?\s+\w+\s*\{[^;{}]*\bco_await\b", text):
        yield text.count("\n", 0, match.start()) + 1, "an initialiser list with co_await in it"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    wrong = 0
    paths = [root] if root.is_file() else sorted(p for f in ("harness", "tests", "workloads", "cli") for p in (root / f).rglob("*.[hc]pp"))
    for path in paths:
        for line, text in check(path):
            print(f"{path}:{line}: {text}")
            wrong += 1
    print(f"{wrong} coroutine forms that g++ 12 miscompiles")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
