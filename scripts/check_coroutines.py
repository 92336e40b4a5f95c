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


OPEN, CLOSE = "([{", ")]}"


def closing(text, at):
    """Offset of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in OPEN) - (text[i] in CLOSE)
        if depth == 0:
            return i
    return len(text)


def opening(text, at):
    depth = 0
    for i in range(at, -1, -1):
        depth += (text[i] in CLOSE) - (text[i] in OPEN)
        if depth == 0:
            return i
    return 0


def is_block(text, at):
    """The brace at `at` opens statements, not an initialiser: there is a semicolon or a block directly in it."""
    depth = 0
    for c in text[at:closing(text, at)]:
        depth += (c in OPEN) - (c in CLOSE)
        if depth == 1 and c in ";":
            return True
    return False


def controls(text, at):
    """The bracket at `at` follows if, while, for or switch."""
    return re.search(r"\b(?:if|while|for|switch)(?:\s+constexpr)?\s*$", text[max(0, at - 40):at]) is not None


def full_expression(text, at):
    """(begin, end, in_initialiser) of the expression around `at`: a statement, or what if, while, for, switch have in brackets."""
    begin, inner, listed = at, 0, False
    while begin > 0:
        c = text[begin - 1]
        if c in ")]" or (c == "}" and inner):
            begin = opening(text, begin - 1)
            continue
        if c in ";}" or (c == "{" and is_block(text, begin - 1)) or (c == "(" and controls(text, begin - 1)):
            break
        listed = listed or c == "{"
        inner += c in "(["
        begin -= 1
    end = at
    while end < len(text) and text[end] != ";":
        if text[end] in OPEN:
            end = closing(text, end)
        elif text[end] == "}" or (text[end] == ")" and controls(text, opening(text, end))):
            break
        end += 1
    return begin, end, listed


def without_lambdas(expression):
    """The same with blanks for the bodies of lambdas: what stands there is a statement of its own."""
    for match in re.finditer(r"\][^{};?]*\{", expression):
        at = match.end() - 1
        end = closing(expression, at)
        expression = expression[:at] + " " * (end + 1 - at) + expression[end + 1:]
    return expression


def branches(expression):
    """Second and third operand of every conditional operator."""
    text = expression.replace("::", "..")
    for match in re.finditer(r"\?", text):
        at, nested, depth, middle = match.end(), 0, 0, None
        while at < len(text):
            c = text[at]
            if c in OPEN:
                depth += 1
            elif c in CLOSE:
                depth -= 1
                if depth < 0:
                    break
            elif depth == 0 and c == "?":
                nested += 1
            elif depth == 0 and c == ":":
                if nested == 0 and middle is None:
                    middle = at
                nested -= nested > 0
            elif depth == 0 and c in ",;" and middle is not None:
                break
            at += 1
        yield text[match.end():middle], text[middle + 1 if middle else at:at]


def check(path):
    text = strip(path.read_text(encoding="utf-8"))
    for match in re.finditer(r"(?<!operator )\bco_await\b", text):
        begin, end, listed = full_expression(text, match.start())
        line = text.count("\n", 0, match.start()) + 1
        if listed:
            yield line, "an initialiser list with co_await in it"
        whole = without_lambdas(text[begin:end])
        if not listed and re.search(r"[\w>(,]\s*\{", whole):
            yield line, "a braced temporary in one expression with co_await"
        # Two names or numbers are no temporaries: those are compiled right.
        if any(re.search(r"[({]|\bco_await\b", b) for pair in branches(whole) for b in pair):
            yield line, "a conditional operator that may make a temporary, in one expression with co_await"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    wrong = 0
    paths = [root] if root.is_file() else sorted(p for f in ("harness", "tests", "workloads", "cli", "examples") for p in (root / f).rglob("*.[hc]pp"))
    for path in paths:
        for line, text in check(path):
            print(f"{path}:{line}: {text}")
            wrong += 1
    print(f"{wrong} coroutine forms that g++ 12 miscompiles")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
