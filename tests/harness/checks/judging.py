#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The results file alone decides: missing, unreadable, empty, incomplete or failed is a failure, whatever a simulator's exit code.
An expected error that says something else is a failure too.

usage: judging.py --build DIR --model DIR
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import bench_results  # noqa: E402

CASE = '<testcase classname="m" name="{}">{}</testcase>'
SUITE = '<testsuites><testsuite name="m">{}</testsuite></testsuites>'
BENCH = """
import os
import pathlib

import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def a_good_one(dut):
    await Timer(1, "ns")
    assert dut.pong.value in (0, 1)


@cocotb.test()
async def b_leaves(dut):
    await Timer(1, "ns")
    assert dut.pong.value in (0, 1)
    how = os.environ["HOW"]
    if how == "write":
        pathlib.Path(os.environ["COCOTB_RESULTS_FILE"]).write_text("<testsuites><testsuite")
    if how == "empty":
        pathlib.Path(os.environ["COCOTB_RESULTS_FILE"]).write_text("<testsuites/>")
    if how == "one":
        pathlib.Path(os.environ["COCOTB_RESULTS_FILE"]).write_text(
            '<testsuites><testsuite name="test_leave"><testcase classname="test_leave" name="a_good_one"/></testsuite></testsuites>')
    if how == "crash":
        os.kill(os.getpid(), 11)
    if how != "stay":
        os._exit(0)
"""

MESSAGES = """
#include "tessera/test.hpp"
using namespace tessera;
TSR_TEST(says_it, {.expect_error = errors<ValueError>(), .expect_message = "no such word"}) {
  co_await Timer(1, ns);
  throw ValueError("'x': no such word here");
}
TSR_TEST(says_another_thing, {.expect_error = errors<ValueError>(), .expect_message = "no such word"}) {
  co_await Timer(1, ns);
  throw ValueError("a number");
}
"""


def files():
    """(what, text of the results file or None, names of the listed tests of module m, passed failed skipped, complains)"""
    good, bad, skip = CASE.format("a", ""), CASE.format("b", "<failure/>"), CASE.format("c", "<skipped/>")
    return [("missing", None, ["a"], (0, 0, 0), True), ("unreadable", "<testsuites", ["a"], (0, 0, 0), True),
            ("without a test", SUITE.format(""), ["a"], (0, 0, 0), True), ("with fewer tests than listed", SUITE.format(good), ["a", "b"], (1, 0, 0), True),
            ("with another test than listed", SUITE.format(good), ["b"], (1, 0, 0), True),
            ("with a failure", SUITE.format(good + bad), ["a", "b"], (1, 1, 0), False),
            ("with an error", SUITE.format(CASE.format("a", "<error/>")), ["a"], (0, 1, 0), False),
            ("as it should be", SUITE.format(good + skip), ["a", "c"], (1, 0, 1), False)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--model", required=True)
    args = parser.parse_args()
    complaints = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for what, text, listed, counts, complains in files():
            file = folder / "results.xml"
            file.unlink(missing_ok=True)
            if text is not None:
                file.write_text(text)
            *have, complaint = bench_results.judge(file, [("m", name) for name in listed])
            if tuple(have) != counts or bool(complaint) != complains:
                complaints.append(f"a file {what} is judged {have} '{complaint}'")
        (folder / "test_leave.py").write_text(BENCH)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("COCOTB", "WAVES"))}
        for how, code, said in (("stay", 0, "2 passed"), ("leave", 1, "no results file was written"), ("write", 1, "unreadable"),
                                ("crash", 1, "ended by SIGSEGV in test_leave.a_good_one, test_leave.b_leaves"), ("empty", 1, "no test ran"), ("one", 1, "missing: test_leave.b_leaves")):
            done = subprocess.run([sys.executable, str(ROOT / "scripts/bench_run.py"), "--build", args.build, "--model", args.model, "--py",
                                   "test_leave.py"], cwd=folder, capture_output=True, text=True,
                                  env={**env, "HOW": how, "TESSERA_LIBRARIES_READY": "1"})
            if done.returncode != code or said not in done.stdout:
                complaints.append(f"{how}: rc {done.returncode}, '{said}' is not said:\n{done.stdout[-1500:]}{done.stderr}")
        (folder / "test_message.cpp").write_text(MESSAGES)
        done = subprocess.run([sys.executable, str(ROOT / "scripts/bench_run.py"), "--build", args.build, "--model", args.model, "--cpp",
                               "test_message.cpp"], cwd=folder, capture_output=True, text=True, env={**env, "TESSERA_LIBRARIES_READY": "1"})
        said = "another message than 'no such word'"
        if done.returncode != 1 or "1 passed, 1 failed" not in done.stdout or said not in done.stdout:
            complaints.append(f"expect_message: rc {done.returncode}, '{said}' is not said:\n{done.stdout[-1500:]}{done.stderr}")
    for text in complaints:
        print("WRONG:", text)
    print(f"{len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
