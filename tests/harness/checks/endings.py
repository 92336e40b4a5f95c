#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A test that ends before its time leaves a readable trace of what it did, a result that says how it ended, and the tests after it run.

usage: endings.py --build DIR --model DIR
"""

import argparse
import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[3]
CPP = """
#include <csignal>
#include <cstdlib>
#include <exception>

#include <unistd.h>

#include "tessera/test.hpp"
using namespace tessera;

static Coro<void> run(Dut& dut) {
  Clock(dut.clk, 10, ns).start();
  co_await ClockCycles(dut.clk, 1000);
}
static int deeper(volatile int n) {
  volatile char page[4096];
  page[0] = static_cast<char>(n);
  return deeper(n + 1) + page[0];
}
static void never_throws() noexcept { throw 1; }
static volatile bool forever = true;
"""
# Nobody is left to finish their traces, and the output says so.
WITHOUT_TRACE = {("cpp", "leaves"), ("py", "leaves"), ("py", "aborts")}
PY = """
import os
import signal
import time

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, First, NextTimeStep, NullTrigger, ReadOnly, ReadWrite, RisingEdge, Timer


async def run(dut):
    Clock(dut.clk, 10, "ns").start()
    await ClockCycles(dut.clk, 1000)


"""
WALL = "wall-clock limit of 1.0 s is over"
LOOP = f"zero-time loop|{WALL}"  # a slow machine does not come to the first
# name: (what the test does after 1,000 clocks, a pattern of what its result says)
CPP_TESTS = {
    "aborts": ("std::abort();", "SIGABRT"),
    "reads_nowhere": ("forever = *reinterpret_cast<volatile int*>(8);", "SIGSEGV"),
    "terminates": ("std::terminate();", "SIGABRT"),
    "throws_out_of_noexcept": ("never_throws();", "SIGABRT"),
    "overflows_its_stack": ("deeper(0);", "SIGSEGV"),
    "divides": ("std::raise(SIGFPE);", "SIGFPE"),
    "exits": ("std::exit(0);", r"the test called exit\(\)"),
    "exits_quickly": ("std::quick_exit(0);", r"the test called exit\(\)"),
    "spins": ("while (forever) {}", WALL + " and the test does not return"),
    "waits_for_edges": ("while (forever) co_await RisingEdge(dut.clk);", WALL),
    "waits_for_timers": ("while (forever) co_await Timer(1, ns);", WALL),
    "lets_no_time_pass": ("while (forever) co_await NullTrigger();", LOOP),
    "interrupted": ("std::raise(SIGINT); while (forever) co_await RisingEdge(dut.clk);", "stopped by SIGINT"),
    "terminated": ("std::raise(SIGTERM); while (forever) {}", "stopped by SIGTERM"),
    "leaves": ("_exit(0);", "left no results"),
}
PY_TESTS = {
    "waits_for_edges": ("await RisingEdge(dut.clk)", WALL),
    "waits_for_many_edges": ("await First(RisingEdge(dut.clk), FallingEdge(dut.clk), dut.clk.value_change)", WALL),
    "waits_for_timers": ("await Timer(1, 'ns')", WALL),
    "waits_for_phases": ("await ReadOnly()\n        await NextTimeStep()", WALL),
    "spins": ("pass", WALL),
    "sleeps": ("time.sleep(5)", WALL),
    "lets_no_time_pass": ("await NullTrigger()", LOOP),
    "writes_for_ever": ("dut.a.value = (int(dut.a.value) + 1) % 256\n        await ReadWrite()", LOOP),
    "interrupted": ("os.kill(os.getpid(), signal.SIGINT)\n        await RisingEdge(dut.clk)", "stopped by SIGINT"),
    "terminated": ("os.kill(os.getpid(), signal.SIGTERM)\n        await RisingEdge(dut.clk)", "stopped by SIGTERM"),
    "aborts": ("os.abort()", "SIGABRT"),
    "leaves": ("os._exit(0)", "no results file was written"),
}


def bench(leg):
    if leg == "cpp":
        tests = [f"TSR_TEST({name}) {{\n  co_await run(dut);\n  {body}\n}}\n" for name, (body, _) in CPP_TESTS.items()]
        return CPP + "".join(tests) + "TSR_TEST(zz_good) {\n  co_await run(dut);\n  CO_ASSERT_EQ(dut.clk.value(), 1);\n}\n"
    tests = [f"@cocotb.test()\nasync def {name}(dut):\n    await run(dut)\n    while True:\n        {body}\n\n\n"
             for name, (body, _) in PY_TESTS.items()]
    return PY + "".join(tests) + "@cocotb.test()\nasync def zz_good(dut):\n    await run(dut)\n    assert dut.clk.value == 1\n"


def last_time(trace):
    """The last time of a trace in ps, or None when it cannot be read, and then why."""
    done = subprocess.run(["fst2vcd", str(trace)], capture_output=True, text=True)
    times = re.findall(r"^#(\d+)", done.stdout, re.M)
    if done.returncode == 0 and times:
        return int(times[-1]), ""
    size = f"{trace.stat().st_size} bytes" if trace.exists() else "no file"
    return None, f" ({size}; fst2vcd: exit code {done.returncode}, {len(times)} times, {done.stderr[-300:]})"


def check(leg, tests, args, folder):
    module = f"test_end_{leg}"
    (folder / f"{module}.{leg}").write_text(bench(leg))
    command = [sys.executable, str(ROOT / "scripts/bench_run.py"), "--build", args.build, "--model", args.model, f"--{leg}",
               f"{module}.{leg}", "--waves", f"{leg}.fst", "--wall-limit", "1", "--results", f"{leg}.xml"]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("COCOTB", "WAVES"))}
    done = subprocess.run([*command, *(["--isolate"] if leg == "py" else [])], cwd=folder, capture_output=True, text=True,
                          env={**env, "TESSERA_LIBRARIES_READY": "1"})
    if done.returncode != 1 or f"1 passed, {len(tests)} failed" not in done.stdout:
        yield f"{leg}: rc {done.returncode}, all but one were to fail:\n{done.stdout[-3000:]}{done.stderr[-2000:]}"
        return
    said = {c.get("name"): c.find("failure") for c in ElementTree.parse(folder / f"{leg}.xml").getroot().iter("testcase")}
    for name in [*tests, "zz_good"]:
        trace = f"{leg}.{module}.{name}.fst"
        end, why = last_time(folder / trace)
        listed = re.search(rf"^waves: .*\b{trace}", done.stdout, re.M)
        if (leg, name) in WITHOUT_TRACE:
            if listed or f"no waves: {trace} cannot be read" not in done.stdout:
                yield f"{leg}: {name} leaves no trace, and nothing says so"
        elif end is None or end < 9_980_000 or not listed:
            yield f"{leg}: the trace of {name} {'' if listed else 'is not listed and '}ends at {end} ps{why}"
        message = "" if said[name] is None else html.unescape(said[name].get("message") or "")
        if name in tests and not re.search(tests[name][1], message):
            yield f"{leg}: {name} says '{message[:200]}', not '{tests[name][1]}'"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--model", required=True)
    args = parser.parse_args()
    complaints = []
    with tempfile.TemporaryDirectory() as name:
        for leg, tests in (("cpp", CPP_TESTS), ("py", PY_TESTS)):
            complaints += check(leg, tests, args, pathlib.Path(name))
    for text in complaints:
        print("WRONG:", text)
    print(f"{len(CPP_TESTS)} + {len(PY_TESTS)} endings, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
