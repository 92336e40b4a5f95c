#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeded faults of the RTL: tests/faults/NAME.patch says how a copy of a file of rtl/ differs from it.

usage: faults.py list                 names, and what each fault is
       faults.py check                every patch fits and changes what Verilator reads; rtl/ itself holds no fault; exit code 1 if not
       faults.py edit NAME            $EDITOR on the faulty copies, then the patch is written anew; makes a new one, too:
                                      faults.py edit NAME rtl/FOLDER/FILE.sv ...

The first line of a patch is the sentence that describes the fault. Then come `--- FILE` and hunks: `@@`, lines as in a
unified diff. Hunks have no line numbers: the old lines (' ' and '-') must stand exactly once in the file, where the
amount of white space does not matter. `edit` writes as few context lines as make the place certain.
"""

import argparse
import difflib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import flat_ports

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests/faults"
EDITED = ROOT / "build/faults"
UNDESCRIBED = "Say here in one sentence what is wrong"       # first line of a new patch; no sentence yet, so `check` refuses it


class Fault(Exception):
    """A sentence for the user."""


def names():
    return sorted(p.stem for p in FOLDER.glob("*.patch"))


def patch_file(name):
    path = FOLDER / f"{name}.patch"
    if not path.is_file():
        raise Fault(f"there is no seeded fault '{name}'; there are: {', '.join(names())}")
    return path


def read_patch(name):
    """The sentence, and {file: [hunk, ...]}; a hunk is a list of lines with their mark."""
    path = patch_file(name)
    sentence, *lines = path.read_text(encoding="utf-8").splitlines()
    files = {}
    hunks = None
    for number, line in enumerate(lines, 2):
        if line.startswith("--- "):
            hunks = files.setdefault(line[4:], [])
        elif line == "@@" and hunks is not None:
            hunks.append([])
        elif line[:1] in (" ", "-", "+") and hunks:
            hunks[-1].append(line)
        else:
            raise Fault(f"{path.relative_to(ROOT)}:{number}: '{line}' is no line of a patch (see tests/faults/README.md)")
    return sentence, files


def squeezed(line):
    return " ".join(line.split())


def places(old, text):
    """Where the lines `old` stand in `text`."""
    old = [squeezed(line) for line in old]
    text = [squeezed(line) for line in text]
    return [at for at in range(len(text) - len(old) + 1) if text[at:at + len(old)] == old] if old else []


def apply_hunks(hunks, text):
    """The new lines, and the hunks that do not fit, each with the number of places it has."""
    fits, misfits = [], []
    for hunk in hunks:
        old = [line[1:] for line in hunk if line[0] != "+"]
        found = places(old, text)
        if len(found) == 1:
            fits.append((found[0], len(old), hunk))
        else:
            misfits.append((hunk, len(found)))
    for at, count, hunk in sorted(fits, reverse=True, key=lambda fit: fit[0]):
        kept = iter(text[at:at + count])
        new = []
        for line in hunk:
            if line[0] == "+":
                new.append(line[1:])
            else:
                own = next(kept)
                new += [own] if line[0] == " " else []
        text = [*text[:at], *new, *text[at + count:]]
    return text, misfits


def read_rtl(name, file):
    path = ROOT / file
    if not file.startswith("rtl/") or not path.is_file():
        raise Fault(f"tests/faults/{name}.patch: {file} is no file of rtl/; correct its line '--- {file}'")
    return path.read_text(encoding="utf-8").splitlines()


def write_copy(name, file, hunks, folder):
    """The faulty copy of a file of rtl/ in `folder`, and the hunks that do not fit."""
    text, misfits = apply_hunks(hunks, read_rtl(name, file))
    copy = pathlib.Path(folder) / pathlib.Path(file).name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text("\n".join(text) + "\n", encoding="utf-8")
    return copy, misfits


def write_copies(name, folder):
    """{file of rtl/: its faulty copy in `folder`, which holds nothing else then}."""
    copies = {}
    shutil.rmtree(folder, ignore_errors=True)
    for file, hunks in read_patch(name)[1].items():
        copy, misfits = write_copy(name, file, hunks, folder)
        for hunk, count in misfits:
            old = next((line[1:].strip() for line in hunk if line[0] == "-"), hunk[0][1:].strip() if hunk else "")
            raise Fault(f"tests/faults/{name}.patch does not fit {file}: the lines around '{old}' stand there "
                        f"{'nowhere' if count == 0 else f'{count} times'}; run scripts/faults.py edit {name}")
        copies[ROOT / file] = copy
    return copies


def in_place(arguments, copies):
    """Arguments of Verilator that read the copies in place of what they are copies of, also where it looks for modules."""
    places_of = {str(original): str(copy) for original, copy in copies.items()}
    folders = [word for folder in sorted({str(copy.parent) for copy in copies.values()}) for word in ("-y", folder)]
    return [*folders, *[places_of.get(word, word) for word in arguments]]


def originals(inputs, name, copies):
    """What was read, for a dependency file: the originals and the patch, not the copies."""
    sources = {str(copy): str(original) for original, copy in copies.items()}
    return sorted({sources.get(i, i) for i in inputs} | ({str(FOLDER / f"{name}.patch")} if name else set()))


def certain(old, first, last):
    """The lines old[first:last], widened until they stand only there."""
    for more in range(2 * len(old) + 1):
        for before in range(more + 1):
            low, high = first - before, last + more - before
            if 0 <= low and high <= len(old) and len(places(old[low:high], old)) == 1:
                return low, high
    raise Fault("a file without lines cannot be patched")


def hunks_of(old, new):
    """The hunks from `old` to `new`."""
    changes = [c for c in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if c[0] != "equal"]
    hunks = []  # first line, line behind the last, changes
    for change in changes:
        low, high = certain(old, change[1], change[2])
        if hunks and low < hunks[-1][1]:
            low, high, inside = hunks[-1][0], max(high, hunks[-1][1]), hunks.pop()[2]
            hunks.append((low, high, [*inside, change]))
        else:
            hunks.append((low, high, [change]))
    for low, high, inside in hunks:
        hunk = []
        for _, i1, i2, j1, j2 in inside:
            hunk += [" " + line for line in old[low:i1]] + ["-" + line for line in old[i1:i2]] + ["+" + line for line in new[j1:j2]]
            low = i2
        yield hunk + [" " + line for line in old[low:high]]


def edit(name, more):
    """Writes the patch anew from copies that the user has edited."""
    new_fault = bool(more) and not (FOLDER / f"{name}.patch").exists()
    sentence, files = ("", {}) if new_fault else read_patch(name)
    files = {**{file: [] for file in more}, **files}
    copies = {}
    for file, hunks in files.items():
        copies[file], misfits = write_copy(name, file, hunks, EDITED / name)
        for hunk, _ in misfits:
            print(f"no longer fits {file}; put it into {copies[file].relative_to(ROOT)}:\n" + "\n".join(hunk))
    editor = os.environ.get("EDITOR", "vi")
    if subprocess.run([*shlex.split(editor), *map(str, copies.values())]).returncode:
        raise Fault(f"{editor} failed; tests/faults/{name}.patch is as it was")
    out = [sentence or UNDESCRIBED]
    for file, copy in copies.items():
        hunks = hunks_of(read_rtl(name, file), copy.read_text(encoding="utf-8").splitlines())
        out += [f"--- {file}"] * bool(hunks) + [line for hunk in hunks for line in ["@@", *hunk]]
    if len(out) == 1:
        raise Fault(f"the copies do not differ from rtl/; tests/faults/{name}.patch is as it was")
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.patch").write_text("\n".join(out) + "\n", encoding="utf-8")
    print(f"tests/faults/{name}.patch is written" + (": replace its first line" if new_fault else ""))


def code_of(path):
    """What Verilator reads of a file: neither comments nor the amount of white space."""
    return flat_ports.without_comments(path.read_text(encoding="utf-8")).split()


def check(folder):
    """A sentence for everything that is wrong."""
    if not names():
        yield "tests/faults holds no patch"
    for name in names():
        try:
            sentence, _ = read_patch(name)
            copies = write_copies(name, pathlib.Path(folder) / name)
        except Fault as fault:
            yield str(fault)
            continue
        if not re.fullmatch(r"[A-Z].* .*\.", sentence):
            yield f"tests/faults/{name}.patch: its first line is no sentence that describes the fault: '{sentence}'"
        if not copies:
            yield f"tests/faults/{name}.patch changes nothing: it names no file"
        for original, copy in copies.items():
            if code_of(original) == code_of(copy):
                yield f"tests/faults/{name}.patch changes nothing in {original.relative_to(ROOT)}"
    for path in sorted((ROOT / "rtl").rglob("*.sv")):
        if re.search(r"TSR_BUG|seeded (bug|fault)", path.read_text(encoding="utf-8"), re.I):
            yield f"{path.relative_to(ROOT)} holds a seeded fault: make it a patch in tests/faults"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["list", "check", "edit"])
    parser.add_argument("rest", nargs="*")
    args = parser.parse_args()
    try:
        if args.what == "list":
            for name in names():
                print(f"{name:16} {read_patch(name)[0]}")
        elif args.what == "edit" and args.rest:
            edit(args.rest[0], args.rest[1:])
        elif args.what == "check":
            with tempfile.TemporaryDirectory() as folder:
                wrong = list(check(folder))
            print("\n".join(wrong) if wrong else f"{len(names())} patches fit")
            return 1 if wrong else 0
        else:
            parser.error(f"{args.what}: the arguments are wrong")
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
