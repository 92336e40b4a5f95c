#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cocotb's conventions in both languages: environment variables, seeds, plusargs, log lines, summary, results.xml, merging.

usage: conventions.py --build DIR
"""

import argparse
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from cocotb_tools.check_results import get_results

ROOT = pathlib.Path(__file__).resolve().parents[3]
MASK = (1 << 64) - 1

RTL = """
module conv (input logic clk, output logic [7:0] level, output logic loud);
  initial begin
    if (!$value$plusargs("level=%d", level)) level = 8'd255;
    loud = $test$plusargs("loud") != 0;
  end
endmodule
"""
PY = '''
import cocotb
import tessera_bench
from cocotb.triggers import Timer


@cocotb.test()
async def a_seeds(dut):
    rng = tessera_bench.rng()
    print(f"LOG {tessera_bench.seed()} {rng.below(1000)} {rng.bits(64)}")
    await Timer(15, "ns")
    assert rng.below(10) < 10


@cocotb.test()
async def b_plusargs(dut):
    await Timer(1, "ns")
    args = cocotb.plusargs
    print(f"LOG {int(dut.level.value)} {int(dut.loud.value)} {args.get('word', 'none')} {int('loud' in args)}")
    assert dut.level.value != 0


@cocotb.test()
async def c_logs(dut):
    """What the test is about."""
    cocotb.log.info("for your information")
    await Timer(25, "ns")
    cocotb.log.warning("two\\nlines")
    cocotb.log.error("an error that fails nothing")
    assert dut.level.value != 0


@cocotb.test(skip=True)
async def d_never(dut):
    await Timer(1, "ns")
    assert dut.level.value != 0


@cocotb.test()
@cocotb.parametrize(depth=[1, 4], stall=["never", "often"])
async def e_many(dut, depth, stall):
    await Timer(depth, "ns")
    assert stall in ("never", "often")


@cocotb.test()
async def f_fails(dut):
    await Timer(7, "ns")
    assert dut.level.value == 0


@cocotb.test(expect_fail=True)
async def g_fails_as_expected(dut):
    await Timer(7, "ns")
    assert dut.level.value == 0
'''
CPP = """
#include <cstdio>
#include "tessera/test.hpp"
using namespace tessera;

TSR_TEST(a_seeds) {
  SplitMix64 r = rng();
  const auto low = r.below(1000);
  std::printf("LOG %llu %llu %llu\\n", (unsigned long long)seed(), (unsigned long long)low, (unsigned long long)r.bits(64));
  co_await Timer(15, ns);
  CO_ASSERT_LT(r.below(10), 10);
}
TSR_TEST(b_plusargs) {
  co_await Timer(1, ns);
  const std::string* word = plusarg("word");
  std::printf("LOG %d %d %s %d\\n", int(dut.level.value()), int(dut.loud.value()), word ? word->c_str() : "none", plusarg("loud") != nullptr);
  CO_ASSERT_NE(dut.level.value(), 0);
}
TSR_TEST(c_logs, {.doc = "What the test is about."}) {
  tessera::log.info("for your information");
  co_await Timer(25, ns);
  tessera::log.warning("two\\nlines");
  tessera::log.error("an error that fails nothing");
  CO_ASSERT_NE(dut.level.value(), 0);
}
TSR_TEST(d_never, {.skip = true}) {
  co_await Timer(1, ns);
  CO_ASSERT_NE(dut.level.value(), 0);
}
TSR_TEST(e_many, {.parametrise = {{"depth", 1, 4}, {"stall", "never", "often"}}}) {
  co_await Timer(param<int>("depth"), ns);
  const auto stall = param<std::string>("stall");
  CO_ASSERT_TRUE(stall == "never" || stall == "often");
}
TSR_TEST(f_fails) {
  co_await Timer(7, ns);
  CO_ASSERT_EQ(dut.level.value(), 0);
}
TSR_TEST(g_fails_as_expected, {.expect_fail = true}) {
  co_await Timer(7, ns);
  CO_ASSERT_EQ(dut.level.value(), 0);
}
"""

complaints = []


def demand(condition, what, *texts):
    if not condition:
        complaints.append(what)
        print(f"WRONG: {what}", *texts, sep="\n")


class Bench:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        for name, text in (("conv.sv", RTL), ("test_conv.py", PY), ("test_conv.cpp", CPP)):
            (folder / name).write_text(text.lstrip("\n"))

    def run(self, leg, *arguments, **environment):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("COCOTB", "WAVES", "TESSERA", "RANDOM_SEED"))}
        files = [w for one in leg.split("+") for w in (f"--{one}", f"test_conv.{one}")]
        return subprocess.run([sys.executable, str(ROOT / "scripts/bench_run.py"), "--sv", "conv.sv", "--top", "conv", *files, "--build", self.build,
                               "--name", "conv", *arguments], cwd=self.folder, capture_output=True, text=True,
                              env={**env, "TESSERA_LIBRARIES_READY": "1", **environment})


def cases(path):
    """[(module, name, status)]"""
    found = []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        status = next((s for s in ("failure", "skipped", "error") if case.find(s) is not None), "passed")
        found.append((case.get("classname"), case.get("name"), status))
    return found


def shape(element):
    """Tags, attributes, names of properties and their fixed values; numbers and texts do not count."""
    fixed = {k: v for k, v in element.attrib.items() if k in ("name", "classname", "errors", "failures", "skipped", "tests")}
    if element.tag == "property" and element.get("name") in ("cocotb", "sim_time_unit", "random_seed", "sim_time_duration"):
        fixed["value"] = element.get("value")
    return element.tag, tuple(sorted(element.attrib)), tuple(sorted(fixed.items())), tuple(shape(e) for e in element)


def log_lines(text):
    """Log lines of both languages without what is about the machine: the logger of the test, and the regression's."""
    kept, take = [], False
    for line in text.splitlines():
        match = re.match(r"^ *(-\.--|\d+\.\d\d)ns (INFO|WARNING|ERROR) +(\S+) ", line)
        if match:
            take = match[3] in ("test", "cocotb.regression") and "Running tests" not in line and "rerun with waves" not in line
        elif not line.startswith(" " * 56):
            take = False
        if take:
            kept.append(line)
    return kept


def table(text):
    """The summary: everything but the figures of wall time."""
    lines = [l[56:] if not re.match(r"^ *\d", l) else l[l.index("**"):] for l in text.splitlines() if "**" in l]
    return [re.sub(r"( +[\d.]+| +-\.--| +inf| +nan)( +[\d.]+| +-\.--| +inf| +nan)  \*\*$", "", l) for l in lines]


def everything(b, legs):
    """All tests at once: seeds, plusargs, results, log lines and summary."""
    out = {}
    for leg in legs:
        done = b.run(leg, *(["--in-process"] if leg == "cpp" else []), COCOTB_RANDOM_SEED="5", COCOTB_RESULTS_FILE=f"deep/{leg}.xml",
                     COCOTB_PLUSARGS="+level=7 +word=seven +loud")
        demand(done.returncode == 1 and "8 passed, 1 failed, 1 skipped" in done.stdout, f"{leg}: counts", done.stdout[-2000:], done.stderr)
        demand((b.folder / f"deep/{leg}.xml").is_file() and not (b.folder / "results.xml").exists(), f"{leg}: COCOTB_RESULTS_FILE")
        out[leg] = done.stdout
        for name in ("a_seeds", "f_fails", "e_many/depth=4/stall=often"):
            seed = (5 + int.from_bytes(hashlib.sha1(f"test_conv.{name}".encode()).digest(), "big")) & MASK
            demand(re.search(rf"cocotb\.seed +Test seed {seed}$", done.stdout, re.M), f"{leg}: seed of {name} is printed", done.stdout[:3000])
            if name == "a_seeds":
                demand(f"LOG {seed} " in done.stdout, f"{leg}: the test sees its seed")
        demand("LOG 7 1 seven 1\n" in done.stdout, f"{leg}: plusargs reach the RTL and the test", done.stdout[-3000:])
    logs = {leg: [l for l in out[leg].splitlines() if l.startswith("LOG ")] for leg in legs}
    demand(logs["py"] == logs["cpp"] and len(logs["py"]) == 2, f"the tests saw the same: {logs}")
    # Messages of failures differ (a traceback); what is logged before and after does not.
    kept = {leg: [l for l in log_lines(out[leg]) if re.match(r"^ *\d", l) and "**" not in l] for leg in legs}
    demand(kept["py"] == kept["cpp"] and len(kept["py"]) > 20, "log lines are equal", *[f"{a!r}\n{c!r}" for a, c in zip(kept["py"], kept["cpp"]) if a != c])
    demand(any(re.match(r"^ {4}16\.00ns INFO     test {31}for your information$", l) for l in kept["cpp"]), "the form of a log line", *kept["cpp"])
    tables = {leg: table(out[leg]) for leg in legs}
    demand(tables["py"] == tables["cpp"] and len(tables["py"]) == 16, "summaries are equal", *tables["py"], *tables["cpp"])
    compare_results(b, "deep/py.xml", "deep/cpp.xml")


def compare_results(b, one, other):
    trees = [ElementTree.parse(b.folder / f).getroot() for f in (one, other)]
    demand(shape(trees[0]) == shape(trees[1]), f"{one} and {other} have one form", str(shape(trees[0])), str(shape(trees[1])))
    demand(get_results(b.folder / one) == get_results(b.folder / other) == (10, 1), f"{one} and {other}: counts of cocotb_tools")
    demand(cases(b.folder / one) == cases(b.folder / other), f"{one} and {other}: names and states")


def choices(b, legs):
    """COCOTB_TEST_FILTER and COCOTB_TESTCASE choose the same tests; a named test runs though it is to be skipped; both is an error."""
    for variable, value, wanted in (("COCOTB_TEST_FILTER", "_never|depth=1", ["d_never", "e_many/depth=1/stall=never", "e_many/depth=1/stall=often"]),
                                    ("COCOTB_TESTCASE", "a_seeds, d_never", ["a_seeds", "d_never"])):
        done = b.run("+".join(legs), COCOTB_RESULTS_FILE="chosen.xml", COCOTB_LOG_LEVEL="WARNING", **{variable: value})
        have = cases(b.folder / "chosen.xml")
        demand(done.returncode == 0 and have == [(f"test_conv.{leg}", n, "passed") for leg in legs for n in wanted], f"{variable}={value}: {have}", done.stdout[-3000:])
        demand(not re.search(r"ns INFO +cocotb\.regression", done.stdout), "COCOTB_LOG_LEVEL=WARNING silences cocotb's INFO", done.stdout[-3000:])
        if variable == "COCOTB_TESTCASE":  # no seed is given: one run seed for both, and so equal draws
            seeds = re.findall(r"^LOG .*$", done.stdout, re.M)
            demand(len(seeds) == 2 and seeds[0] == seeds[1], f"both languages share a run seed that nobody chose: {seeds}", done.stdout[:2000])
    for leg in legs:
        done = b.run(leg, COCOTB_LIST_TESTS="1", COCOTB_RESULTS_FILE="list.xml")
        demand(done.returncode == 0 and "".join(l.split(".")[-1][0] for l in done.stdout.splitlines()) == "abcdeeeefg",
               f"{leg}: COCOTB_LIST_TESTS prints the names and nothing else", done.stdout, done.stderr)
        done = b.run(leg, COCOTB_TEST_FILTER="a", COCOTB_TESTCASE="b", COCOTB_RESULTS_FILE="both.xml")
        demand(done.returncode == 2 and "only one of COCOTB_TESTCASE or COCOTB_TEST_FILTER" in done.stderr, f"{leg}: both is an error", done.stderr)
        demand(not (b.folder / "both.xml").exists(), f"{leg}: nothing ran")
        done = b.run(leg, COCOTB_LOG_LEVEL="LOUD", COCOTB_RESULTS_FILE="loud.xml")
        demand(done.returncode != 0 and "LOUD" in done.stdout + done.stderr, f"{leg}: a level that is none is an error", done.stdout[-1500:], done.stderr)


def one_process_per_test(b, legs):
    """Each test in a process of its own, and one tool that merges the files of both languages."""
    for leg in legs:
        done = b.run(leg, *(["--isolate"] if leg == "py" else []), COCOTB_RANDOM_SEED="5", COCOTB_RESULTS_FILE=f"one.{leg}.xml")
        demand(done.returncode == 1 and "8 passed, 1 failed, 1 skipped" in done.stdout, f"{leg}: counts of processes", done.stdout[-2000:])
    compare_results(b, "one.py.xml", "one.cpp.xml")
    names = {leg: cases(b.folder / f"one.{leg}.xml") for leg in legs}
    done = subprocess.run([sys.executable, str(ROOT / "scripts/merge_results.py"), "--out", "all.xml", "one.py.xml", "one.cpp.xml"], cwd=b.folder)
    demand(done.returncode == 0 and cases(b.folder / "all.xml") == [(f"{c}.{leg}", *rest) for leg in legs for c, *rest in names[leg]],
           "the merged file holds all tests, those of the two languages apart")
    counts = [get_results(b.folder / f"{n}.xml") for n in ("one.py", "one.cpp", "all")]
    demand(counts[2] == (counts[0][0] + counts[1][0], counts[0][1] + counts[1][1]), f"counts add up: {counts}")
    suites = [ElementTree.parse(b.folder / "all.xml").getroot().find(f"testsuite[@name='test_conv.{leg}']") for leg in legs]
    demand([(s.get("tests"), s.get("failures")) for s in suites] == [(str(n), str(f)) for n, f in counts[:2]], "the suites' own counts")
    done = subprocess.run([sys.executable, str(ROOT / "scripts/merge_results.py"), "--out", "all.xml", "nowhere.xml"], cwd=b.folder, capture_output=True)
    demand(done.returncode == 1, "a file that is missing is an error")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    args = parser.parse_args()
    build = pathlib.Path(args.build).resolve()
    with tempfile.TemporaryDirectory() as folder:
        b = Bench(str(build), pathlib.Path(folder))
        for case in (everything, choices, one_process_per_test):
            case(b, ("py", "cpp"))
    for left in build.glob("bench/conv-*"):
        shutil.rmtree(left, ignore_errors=True)
    print(f"{len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
