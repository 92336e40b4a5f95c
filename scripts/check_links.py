#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that what pages and comments point to exists.

usage: check_links.py [ROOT]     exit code 1 and one line per wrong name

Pages (*.md): every link leads to a file, and a link that shows a page shows the one it leads to; a path of the tree, a module
`tsr_...` and a test `Suite.Name` or `TSR_TEST` in backquotes exist; the words that a step of a way through the code names stand in its file. All files of the tree: a page named as name.md exists.
"""

import pathlib
import re
import subprocess
import sys

FOLDERS = "rtl isa base configs golden sim harness kernels workloads cli tests scripts cmake docs examples".split()
TEXT = {".md", ".sv", ".svh", ".cpp", ".hpp", ".py", ".json", ".txt", ".cmake", ".sh", ".in", ".tsa", ""}
NO_PAGE = {"args.md", "name.md"}  # an attribute in Python; any page


def tracked(root):
    """Files of the tree; without git all but build products."""
    done = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True)
    if done.returncode == 0:
        return [root / name for name in done.stdout.splitlines() if (root / name).is_file()]
    return [path for path in root.rglob("*") if path.is_file() and not {"build", ".git", ".venv", "out"} & set(path.relative_to(root).parts)]


def wrong_links(root, page, text):
    for shown, target in re.findall(r"\[([^\]]*)\]\(([^)#\s]+)", text):
        if re.match(r"[a-z]+:", target):
            continue
        if not (page.parent / target).exists():
            yield f"[{shown}] leads to {target}, which does not exist"
        elif shown.endswith(".md") and not target.endswith(shown):
            yield f"[{shown}] leads to {target}"


def wrong_names(root, files, text):
    """Names in backquotes: paths, modules and tests."""
    words = set(re.findall(r"`([^`\s]+)`", text))
    paths = {str(path.relative_to(root)) for path in files}
    for word in sorted(words):
        if not re.search("[A-Z]{4}", word) and re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w./-]+\.\w+", word) and word not in paths:
            yield f"`{word}` does not exist"
        if re.fullmatch(r"tsr_[a-z0-9_]+", word) and not any(path.stem == word for path in files) and word not in names_of(root, files):
            yield f"`{word}` is no module, package or function of the tree"
        if re.fullmatch(r"[A-Z][A-Za-z0-9]+\.[A-Z][A-Za-z0-9]+", word) and word not in names_of(root, files):
            yield f"`{word}` is no test"


def wrong_steps(root, text):
    """Rows `| n | file | words |` of a way through the code: each word stands in the file."""
    for number, name, words in re.findall(r"^\| (\d+) \| `([\w./-]+)` \| ((?:`\w+` ?)+)\|", text, re.MULTILINE):
        code = (root / name).read_text(encoding="utf-8") if (root / name).is_file() else ""
        for word in re.findall(r"\w+", words):
            if code and not re.search(rf"\b{word}", code):
                yield f"step {number}: `{word}` does not stand in {name}"


def names_of(root, files, cache={}):
    """Tests as Suite.Name, and words that start with tsr_, wherever code defines or uses them."""
    if root not in cache:
        names = set()
        for path in files:
            if path.suffix in {".cpp", ".hpp", ".cmake", ".txt", ".py", ".sv", ".json"}:
                text = path.read_text(encoding="utf-8", errors="replace")
                names |= {".".join(pair) for pair in re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", text)}
                names |= set(re.findall(r"\btsr_[a-z0-9_]+\b", text))
        cache[root] = names
    return cache[root]


def wrong(root):
    files = tracked(root)
    pages = {path.name for path in files if path.suffix == ".md"}
    for path in sorted(files):
        if path.suffix not in TEXT or path.stat().st_size > 1 << 20:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found = [f"{name} is no page of the tree" for name in sorted(set(re.findall(r"\b[\w-]+\.md\b", text)) - pages - NO_PAGE)]
        if path.suffix == ".md":
            found += [*wrong_links(root, path, text), *wrong_names(root, files, text), *wrong_steps(root, text)]
        for line in found:
            yield f"{path.relative_to(root)}: {line}"


def main():
    lines = list(wrong(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    print(*lines, sep="\n", end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
