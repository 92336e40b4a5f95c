#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Find second copies of facts that stand in isa/isa.json or isa/boundary.json, and interfaces that are not structs.

usage: check_once.py [ROOT]     a table of counts; exit code 1 and one line `FILE:LINE: sentence` per finding

What each fact looks like in code is in once_facts.py, ports and nets are in once_ports.py. Generated files, generated parts
of committed files and comments are not looked at. scripts/once.json lists the exceptions, each with its reason; one that
nothing needs any more is a finding, too.
"""

import dataclasses
import json
import pathlib
import re
import sys

import once_facts
import once_ports
from once_finding import Finding

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("base", "isa", "golden", "sim", "harness", "kernels", "workloads", "cli", "rtl", "lint", "scripts", "examples", "tests")
SUFFIXES = {".sv", ".cpp", ".hpp", ".py"}
EXCEPTIONS = "scripts/once.json"


@dataclasses.dataclass
class Source:
    """A hand-written file: its lines without comments and without generated parts, as many as the file has."""
    name: str
    lines: list

    @property
    def language(self):
        return self.name.rpartition(".")[2].replace("hpp", "cpp")


def blank(match):
    return "\n" * match[0].count("\n")


def without_comments(name, text):
    if name.endswith(".py"):
        text = re.sub(r'^\s*(?:"""|\'\'\').*?(?:"""|\'\'\')', blank, text, flags=re.S | re.M)
        return re.sub(r"(?m)(^|\s\s)#.*$", r"\1", text)
    return re.sub(r"//[^\n]*|/\*.*?\*/", blank, text, flags=re.S)


def sources(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix not in SUFFIXES or "__pycache__" in name or not path.is_file():
                continue
            text = path.read_text(encoding="utf-8")
            if re.match(r"(?:[^\n]*\n){0,3}\s*(?://|#|/\*)[^\n]*\bGenerated (?:from|by)\b", text):
                continue
            text = re.sub(r"(?://|#) begin generated.*?(?://|#) end generated", blank, text, flags=re.S)
            yield Source(name, without_comments(name, text).split("\n"))


def exceptions(root):
    """The list of scripts/once.json: fact (or any), file, reason, and the text `of` the lines it is about (all of the file without)."""
    given = json.loads((root / EXCEPTIONS).read_text(encoding="utf-8"))["exceptions"]
    for entry in given:
        wrong = set(entry) - {"fact", "file", "of", "reason"}
        if wrong or not {"fact", "file", "reason"} <= set(entry) or len(entry["reason"].split()) < 4:
            raise SystemExit(f"{EXCEPTIONS}: an exception has 'fact', 'file', 'reason' (a sentence) and perhaps 'of', the text of its lines: {entry}")
    return given


def excused(finding, text, given):
    """The exception for a finding, or None."""
    for entry in given:
        if entry["fact"] in (finding.fact, "any") and entry["file"] == finding.file and entry.get("of", "") in text:
            return entry
    return None


def hits(facts, files):
    """Every second copy in these files, excused or not."""
    return [hit for fact in facts for source in files for hit in fact.find(source)] + list(once_ports.find(files))


def check(root):
    """Findings, and {fact: [where it stands, excused copies]} of a tree."""
    facts, files = once_facts.facts(root), list(sources(root))
    given, used, found, counts = exceptions(root), [], [], {}
    for fact in facts:
        counts[fact.name] = [fact.home, 0]
    counts.update({name: [home, 0] for name, home in once_ports.FACTS.items()})
    by_name = {source.name: source for source in files}
    for hit in hits(facts, files):
        entry = excused(hit, by_name[hit.file].lines[hit.line - 1], given)
        if entry is None:
            found.append(hit)
        else:
            counts[hit.fact][1] += 1
            used.append(entry)
    for entry in given:
        if entry not in used:
            found.append(Finding(entry["fact"], EXCEPTIONS, 1, f"nothing needs the exception for {entry['fact']} in {entry['file']} any more: remove it"))
    return found, counts


def main():
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    found, counts = check(root)
    if found:
        print("\n".join(str(f) for f in sorted(found, key=lambda f: (f.file, f.line))))
        return 1
    print(f"{'fact':20} {'stands in':22} other places, each with its reason")
    for name, (home, copies) in counts.items():
        print(f"{name:20} {home:22} {copies}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
