#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The last line of `./tessera test` counts what passed, failed and was skipped; .ci/run fails on a skip.

scripts/test.sh, .ci/run and scripts/count_tests.py run in a copy of the tree in which the build is empty and CTest finds three tests.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
PASS = "add_test(passes true)\n"
FAIL = "add_test(fails false)\n"
SKIP = 'add_test(skips "sh" "-c" "exit 77")\nset_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 77)\n'
OFF = "add_test(off true)\nset_tests_properties(off PROPERTIES DISABLED TRUE)\n"
MISSING = "add_test(missing /nowhere/program)\n"
complaints = []


def demand(condition, what, *texts):
    if not condition:
        complaints.append(what)
        print(f"WRONG: {what}", *texts, sep="\n")


def make_tree(folder):
    for name in ("scripts/test.sh", "scripts/progress.sh", "scripts/count_tests.py", ".ci/run"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "tessera").write_text('#!/bin/sh\nshift\nexec "$(dirname "$0")/scripts/test.sh" "$@"\n')
    (folder / "bin").mkdir()
    (folder / "bin/cmake").write_text("#!/bin/sh\nexit 0\n")
    for file in ("tessera", "bin/cmake", "scripts/test.sh", "scripts/progress.sh", ".ci/run"):
        (folder / file).chmod(0o755)
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / "build/release").mkdir(parents=True)


def run(folder, program, tests, **environment):
    (folder / "build/release/CTestTestfile.cmake").write_text(tests)
    env = {k: v for k, v in os.environ.items() if k != "TESSERA_ALLOW_SKIPS"}
    return subprocess.run(program.split(), cwd=folder, capture_output=True, text=True,
                          env={**env, "PATH": f"{folder}/bin:{os.environ['PATH']}", **environment})


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_tree(folder)
        for tests, counts, plain, ci in ((PASS, "1 tests, 1 passed, 0 failed, 0 skipped", 0, 0),
                                         (PASS + SKIP, "2 tests, 1 passed, 0 failed, 1 skipped", 0, 1),
                                         (PASS + OFF, "2 tests, 1 passed, 0 failed, 1 skipped", 0, 1),
                                         (PASS + FAIL + SKIP, "3 tests, 1 passed, 1 failed, 1 skipped", 1, 1),
                                         (PASS + MISSING, "2 tests, 1 passed, 1 failed, 0 skipped", 1, 1)):
            done = run(folder, "./tessera test", tests)
            last = (done.stdout.rstrip().splitlines() or [""])[-1]
            demand((done.returncode != 0) == bool(plain) and last == counts, f"'{counts}' is the last line: '{last}', rc {done.returncode}",
                   done.stdout, done.stderr)
            done = run(folder, ".ci/run", tests)
            demand((done.returncode != 0) == bool(ci), f"CI with {counts}: rc {done.returncode}", done.stdout, done.stderr)
            demand("skipped" not in counts or "0 skipped" in counts or plain or "skipped: " in done.stdout, "CI names what was skipped", done.stdout)
        done = run(folder, ".ci/run", PASS + SKIP, TESSERA_ALLOW_SKIPS="1")
        demand(done.returncode == 0, "skips may be allowed where packages cannot be had", done.stdout, done.stderr)
        done = run(folder, "./tessera test", "")
        demand(done.returncode != 0, "no test at all is a failure", done.stdout)
        count = [sys.executable, str(ROOT / "scripts/count_tests.py")]
        for text in (None, "", "<testsuite/>", "<testsuite"):
            file = folder / "junit.xml"
            file.unlink(missing_ok=True)
            if text is not None:
                file.write_text(text)
            done = subprocess.run([*count, str(file)], capture_output=True, text=True)
            demand(done.returncode == 1 and done.stdout.count("\n") == 1, f"a file that holds {text!r} is a failure", done.stdout, done.stderr)
    print(f"{len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
