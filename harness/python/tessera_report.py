# SPDX-License-Identifier: Apache-2.0
"""One line about a failed Python test, as C++ tests print it: place, what failed, simulated time, seed, the command that reruns it."""

import hashlib
import json
import os
import pathlib
import re
import traceback

from cocotb._xunit_reporter import _escape as shown  # noqa: F401  a name as it stands in the results

_MASK = (1 << 64) - 1


def bench_folders():
    """Folders of the files of the bench."""
    return json.loads(os.environ.get("TESSERA_BENCH_DIRS", "[]"))


def place(error, folders):
    """'file:line: ' of the innermost line of the bench that was running, or nothing."""
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = pathlib.Path(frame.f_code.co_filename)
        if any(folder in file.resolve().parents for folder in folders):
            found = f"{file}:{line}: "
    return found


def message(error):
    text = str(error).strip()
    name = type(error).__name__
    if isinstance(error, AssertionError):
        lines = [l for l in text.splitlines() if not l.lstrip().startswith(("+", "-", "?"))]
        return "; ".join(l.strip() for l in lines if l.strip()) or "assert failed"
    return f"{name}: {text}" if text else name


def rerun(fullname, run_seed):
    """The command that runs this test alone with waves."""
    pattern = re.sub(r"([.+*?()\[\]{}|^$\\])", r"\\\1", fullname)
    command = os.environ.get("TESSERA_RERUN", "")
    return f"{command} --filter '^{pattern}$' --seed {run_seed} --waves" if command else ""


def test_seed(fullname, run_seed):
    """Run seed + SHA-1 of "module.test", 64 bits, as C++ has it."""
    return (run_seed + int(hashlib.sha1(fullname.encode()).hexdigest(), 16)) & _MASK


def failure(test, error, run_seed, time_ns):
    folders = [pathlib.Path(f).resolve() for f in bench_folders()]
    text = f"{place(error, folders)}{message(error)}" if error is not None else f"{test} failed"
    line = f"{text}; time {time_ns:.2f}ns, seed {test_seed(test, run_seed)}"
    command = rerun(test, run_seed)
    return f"{line}; rerun with waves: {command}" if command else line
