# SPDX-License-Identifier: Apache-2.0
"""Dependency files: those of Verilator, whose names are not escaped, and those that Ninja reads."""

import os
import pathlib
import re

_WORDS = 64  # words of one file name, at most


def verilator_inputs(path):
    """Names in a dependency file of Verilator. It escapes nothing, so the words of a name with spaces are joined until a file is there."""
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="surrogateescape").replace("\\\n", " ")
    words = text.split(" : ", 1)[1].rstrip().split(" ")
    after = {len(words): None}  # word at which a name begins: word after it
    for at in range(len(words) - 1, -1, -1):
        for end in range(at + 1, min(at + _WORDS, len(words)) + 1):
            if end in after and (words[at:end] == [""] or os.path.isfile(" ".join(words[at:end]))):
                after[at] = end
                break
    if 0 not in after:
        raise ValueError(f"{path} names files that are not there")
    names, at = [], 0
    while at < len(words):
        names.append(" ".join(words[at:after[at]]))
        at = after[at]
    return sorted({n for n in names if n})


def write(path, target, inputs):
    """`target: inputs` as Ninja reads it."""
    escaped = [re.sub(r"([ #])", r"\\\1", str(name)).replace("$", "$$") for name in [target, *inputs]]
    pathlib.Path(path).write_text(f"{escaped[0]}: {' '.join(escaped[1:])}\n", encoding="utf-8", errors="surrogateescape")


def read(path):
    """The inputs in a file of write()."""
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    words = re.findall(r"(?:\\[ #]|\$\$|[^\s])+", text)
    return [re.sub(r"\\([ #])", r"\1", word).replace("$$", "$") for word in words[1:]]
