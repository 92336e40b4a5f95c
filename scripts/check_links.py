#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that every link of a page leads to a file, and that a link that shows a path shows the one it leads to.

usage: check_links.py [ROOT]     exit code 1 and one line per wrong link
"""

import pathlib
import re
import sys


def wrong_links(root):
    for page in [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]:
        for text, target in re.findall(r"\[([^\]]*)\]\(([^)#\s]+)", page.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            if not (page.parent / target).exists():
                yield f"{page.relative_to(root)}: [{text}] leads to {target}, which does not exist"
            elif text.endswith(".md") and not target.endswith(text):
                yield f"{page.relative_to(root)}: [{text}] leads to {target}"


def main():
    lines = list(wrong_links(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    print(*lines, sep="\n", end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
