#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./tessera test` as a stranger uses it: benches of both languages in a folder of their own, on RTL that is not ours and on ours.

usage: stranger.py --build DIR [CASE ...]
"""

import argparse
import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[3]

COUNTER = """
module step #(parameter int Width = 8) (input logic clk, input logic en, output logic [Width-1:0] q);
  logic [Width-1:0] hidden;
  always_ff @(posedge clk) if (en) hidden <= hidden + Width'(1);
  assign q = hidden;
endmodule
module counter (input logic clk, input logic rst_n, input logic en, output logic [7:0] count, output logic [7:0] steps [2]);
  logic [7:0] inner;
  always_ff @(posedge clk) inner <= !rst_n ? 8'd0 : inner + 8'(en);
  assign count = inner;
  for (genvar g = 0; g < 2; ++g) begin : gen_step
    step u_step (.clk, .en, .q(steps[g]));
  end
  step u_first (.clk, .en, .q());
endmodule
"""
PY = """
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge


async def reset(dut):
    Clock(dut.clk, 10, "ns").start()
    dut.rst_n.value = 0
    dut.en.value = 1
    await ClockCycles(dut.clk, 2)
    dut.rst_n.value = 1


@cocotb.test()
async def counts(dut):
    await reset(dut)
    for n in range(1, 100):
        await RisingEdge(dut.clk)
        await ReadOnly()
        assert dut.count.value == n
"""
PY_FAILS = """

@cocotb.test()
async def wraps(dut):
    await reset(dut)
    for n in range(1, 300):
        await RisingEdge(dut.clk)
        await ReadOnly()
        assert dut.count.value == n
"""
PY_INSIDE = """

@cocotb.test()
async def looks_inside(dut):
    await reset(dut)
    await ReadOnly()
    assert dut.inner.value == dut.count.value


@cocotb.test()
async def looks_below(dut):
    await reset(dut)
    await ReadOnly()
    assert dut.u_first.hidden.value == dut.gen_step[1].u_step.hidden.value
"""
CPP = """
#include "tessera/test.hpp"
using namespace tessera;

static Coro<void> reset(Dut& dut) {
  Clock(dut.clk, 10, ns).start();
  dut.rst_n = 0;
  dut.en = 1;
  co_await ClockCycles(dut.clk, 2);
  dut.rst_n = 1;
}

TSR_TEST(counts) {
  co_await reset(dut);
  for (int n = 1; n < 100; ++n) {
    co_await RisingEdge(dut.clk);
    co_await ReadOnly();
    CO_ASSERT_EQ(dut.count.value(), n);
  }
}
"""
CPP_FAILS = """
TSR_TEST(wraps) {
  co_await reset(dut);
  for (int n = 1; n < 300; ++n) {
    co_await RisingEdge(dut.clk);
    co_await ReadOnly();
    CO_ASSERT_EQ(dut.count.value(), n);
  }
}
"""
CPP_INSIDE = """
TSR_TEST(looks_inside) {
  co_await reset(dut);
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.inner.value(), dut.count.value());
}

TSR_TEST(looks_below) {
  co_await reset(dut);
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.u_first.hidden.value(), dut.gen_step_1.u_step.hidden.value());
}
"""
LANGUAGES = {"py": (PY, PY_FAILS, PY_INSIDE), "cpp": (CPP, CPP_FAILS, CPP_INSIDE)}

UNIT_PY = """
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles


@cocotb.test()
async def rests_after_reset(dut):
    for handle in dut:
        if handle._name.endswith(("_i", "_arready", "_awready", "_wready", "_rvalid", "_bvalid")):
            try:
                handle.value = 0
            except TypeError:  # an unpacked array
                handle.value = [0] * len(handle)
    dut.rst_ni.value = 0
    Clock(dut.clk_i, 10, "ns").start()
    await ClockCycles(dut.clk_i, 5)
    dut.rst_ni.value = 1
    await ClockCycles(dut.clk_i, 50)
    assert dut.QUIET.value == 1
"""
UNIT_CPP = """
#include "tessera/test.hpp"
using namespace tessera;

TSR_TEST(rests_after_reset) {
  dut.rst_ni = 0;
  Clock(dut.clk_i, 10, ns).start();
  co_await ClockCycles(dut.clk_i, 5);
  dut.rst_ni = 1;
  co_await ClockCycles(dut.clk_i, 50);
  CO_ASSERT_EQ(dut.QUIET.value(), 1);
}
"""


PY_THREAD = """
import time

import cocotb
from cocotb.clock import Clock
from cocotb.task import bridge, resume
from cocotb.triggers import ClockCycles


@resume
async def clocks(dut, n):
    await ClockCycles(dut.clk, n)
    return n


@bridge
def model(dut):
    time.sleep(0.05)
    return clocks(dut, 3) + clocks(dut, 4)


@cocotb.test()
async def thread(dut):
    Clock(dut.clk, 10, "ns").start()
    assert await model(dut) == 7
"""


class Failed(Exception):
    pass


def demand(condition, what, done=None):
    if not condition:
        raise Failed(what + (f"\n--- rc {done.returncode}\n{done.stdout}{done.stderr}" if done else ""))


class Stranger:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder

    def clear(self):
        """An empty folder but for the design, which keeps its date."""
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            if file.name != "counter.sv":
                file.unlink()
        if not (self.folder / "counter.sv").exists():
            self.write("counter.sv", COUNTER)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text.lstrip("\n"))
        return path

    def line_of(self, name, text):
        return next(n for n, line in enumerate((self.folder / name).read_text().splitlines(), 1) if text in line)

    def run(self, *arguments, shell="", **environment):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("COCOTB", "WAVES", "TESSERA_WAVES"))}
        env |= {"TESSERA_LIBRARIES_READY": "1", **environment}
        command = ["bash", "-c", f"{shell} --build {self.build} --name stranger"] if shell else \
            [str(ROOT / "tessera"), "test", *arguments, "--build", self.build, "--name", "stranger"]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True)

    def both(self, *arguments, stem="test_counter", **environment):
        """The runs of the Python and of the C++ bench."""
        for leg in ("py", "cpp"):
            yield leg, self.run("--sv", "counter.sv", "--top", "counter", f"--{leg}", f"{stem}.{leg}", *arguments, **environment)

    def results(self, name="results.xml"):
        return [(c.get("classname"), c.get("name"), c.find("failure") is not None)
                for c in ElementTree.parse(self.folder / name).getroot().iter("testcase")]


def passes(s):
    """Both languages in one run; WAVES=1 leaves a trace of each."""
    s.write("test_counter.py", PY)
    s.write("test_counter.cpp", CPP)
    done = s.run("--sv", "counter.sv", "--top", "counter", "--py", "test_counter.py", "--cpp", "test_counter.cpp", WAVES="1")
    demand(done.returncode == 0 and "2 passed, 0 failed, 0 skipped" in done.stdout, "two tests pass", done)
    demand(s.results() == [(f"test_counter.{leg}", "counts", False) for leg in ("py", "cpp")], f"results.xml holds both: {s.results()}")
    for leg in ("py", "cpp"):
        demand((s.folder / f"dump.{leg}.fst").stat().st_size > 100, f"WAVES=1 leaves a trace of {leg}")
    done = s.run("--sv", "counter.sv", "--top", "counter", "--cpp", "test_counter.cpp", "--waves", "mine.fst", WAVES="0")
    demand(done.returncode == 0 and (s.folder / "mine.fst").is_file() and "waves: mine.fst" in done.stdout, "--waves names the trace", done)


def fails(s):
    """file:line, simulated time, both values, seed, and a command that fails again with a trace."""
    for leg, (good, bad, _) in LANGUAGES.items():
        s.write(f"test_counter.{leg}", good + bad)
    for leg, done in s.both("--seed", "77"):
        demand(done.returncode == 1 and "1 passed, 1 failed, 0 skipped" in done.stdout, f"{leg}: one of two tests fails", done)
        file = s.folder / f"test_counter.{leg}"
        line = max(n for n, text in enumerate(file.read_text().splitlines(), 1) if "dut.count.value" in text)
        said = re.search(rf"(?:\S*/)?test_counter\.{leg}:{line}: [^\n]*left is 0, right is 256; time (\d+\.\d\d)ns, seed (\d+); "
                         r"rerun with waves: ([^\n]+)", done.stdout)
        demand(said, f"{leg}: place, time, both values, seed and command", done)
        demand(float(said[1]) % 10 == 0 and int(said[2]) > 1000, f"{leg}: time {said[1]}, seed {said[2]}")
        (s.folder / "dump.fst").unlink(missing_ok=True)
        again = s.run(shell=said[3])
        demand(again.returncode == 1 and "0 passed, 1 failed, 0 skipped" in again.stdout and f"seed {said[2]}" in again.stdout,
               f"{leg}: the printed command fails again with the same seed: {said[3]}", again)
        demand((s.folder / "dump.fst").stat().st_size > 100, f"{leg}: the printed command writes waves", again)


def nothing_to_run(s):
    s.write("test_counter.py", "import cocotb\n")
    s.write("test_counter.cpp", '#include "tessera/test.hpp"\n')
    for leg, done in s.both():
        demand(done.returncode == 1 and "no test was found" in done.stdout + done.stderr, f"{leg}: no test is a failure", done)
    s.write("test_counter.py", PY)
    done = s.run("--sv", "counter.sv", "--top", "counter", "--py", "test_counter.py", "--filter", "nobody")
    demand(done.returncode == 1 and "no test was found" in done.stdout, "a filter without a match is a failure", done)


def bad_input(s):
    s.write("test_counter.py", PY + "\n\ndef broken(:\n")
    s.write("test_counter.cpp", CPP + "\nTSR_TEST(broken) { co_await }\n")
    line = {"py": s.line_of("test_counter.py", "broken("), "cpp": s.line_of("test_counter.cpp", "broken")}
    for leg, done in s.both():
        text = done.stdout + done.stderr
        demand(done.returncode in (1, 2) and re.search(rf'test_counter\.{leg}(:|", line ){line[leg]}', text),
               f"{leg}: a syntax error is named with its line", done)
    s.write("wrong.sv", "module wrong (input logic clk)\nendmodule\n")
    s.write("test_counter.py", PY)
    for arguments, said in ((("--sv", "wrong.sv", "--top", "wrong", "--py", "test_counter.py"), "wrong.sv:2"),
                            (("--sv", "nowhere.sv", "--top", "counter", "--py", "test_counter.py"), "nowhere.sv does not exist"),
                            (("--sv", "counter.sv", "--top", "counter", "--py", "test_nowhere.py"), "test_nowhere.py does not exist"),
                            (("--sv", "counter.sv", "--top", "counter", "--cpp", "test_nowhere.cpp"), "test_nowhere.cpp does not exist"),
                            (("--sv", "counter.sv", "--top", "conter", "--py", "test_counter.py"), "conter"),
                            (("--sv", "counter.sv", "--py", "test_counter.py"), "--top"),
                            (("--unit", "tsr_nothing", "--config", "p8", "--py", "test_counter.py"), "tsr_nothing"),
                            (("--unit", "tsr_router", "--config", "p7", "--py", "test_counter.py"), "--config p7 is unknown"),
                            (("--sv", "counter.sv", "--top", "counter", "--public", "counter.innr", "--py", "test_counter.py"),
                             "did you mean counter.inner")):
        done = s.run(*arguments)
        demand(done.returncode == 2 and said in done.stderr, f"'{said}' is said about {' '.join(arguments)}", done)


def names(s):
    """A missing name ends in a sentence with the line that makes it public; that line helps."""
    for leg, (good, _, inside) in LANGUAGES.items():
        s.write(f"test_counter.{leg}", good + inside)
    lines = {"inner": "counter.inner", "u_first.hidden": "step.hidden"}
    for leg, done in s.both():
        demand(done.returncode, f"{leg}: names that are not public fail", done)
        text = done.stdout + done.stderr
        for path, line in lines.items():
            demand(f"dut.{path} is not public: add the line '{line}' to public.txt beside the bench, or --public '{line}'" in text,
                   f"{leg}: the sentence about {path}", done)
        if leg == "cpp":
            demand("dut.gen_step_1.u_step.hidden is not public: add the line 'step.hidden'" in text, "a name in a generate block", done)
    s.write("public.txt", "# names of the bench\n" + "\n".join(lines.values()) + "\n")
    for leg, done in s.both():
        demand(done.returncode == 0 and "3 passed" in done.stdout, f"{leg}: the lines of public.txt are enough", done)
    s.write("public.txt", "counter.innr\n")
    done = s.run("--sv", "counter.sv", "--top", "counter", "--py", "test_counter.py")
    demand(done.returncode == 2 and "public.txt:1: the design has no counter.innr; did you mean counter.inner" in done.stderr,
           "a wrong line of public.txt is named", done)
    (s.folder / "public.txt").unlink()
    done = s.run("--sv", "counter.sv", "--top", "counter", "--public", "counter.inner", "--public", "st*.hid*", "--py", "test_counter.py",
                 "--cpp", "test_counter.cpp")
    demand(done.returncode == 0 and "6 passed" in done.stdout, "--public is enough in both languages", done)
    s.write("test_counter.py", PY.replace("dut.count.value", "dut.cuont.value"))
    s.write("test_counter.cpp", CPP.replace("dut.count.value", "dut.cuont.value"))
    for leg, done in s.both():
        demand("the design has no dut.cuont: module counter has no 'cuont'; did you mean counter.count?" in done.stdout + done.stderr,
               f"{leg}: a name that is nowhere", done)


def units(s):
    """The same two benches on four blocks of ours, from the archives of the project's tests where these are up to date."""
    for unit in ("tsr_router", "tsr_dma", "tsr_pe_array", "tsr_tile"):
        quiet = "quiescent_o" if unit == "tsr_tile" else "quiet_o"
        s.write("test_unit.py", UNIT_PY.replace("QUIET", quiet))
        s.write("test_unit.cpp", UNIT_CPP.replace("QUIET", quiet))
        done = s.run("--unit", unit, "--config", "p8", "--py", "test_unit.py", "--cpp", "test_unit.cpp")
        demand(done.returncode == 0 and "2 passed, 0 failed" in done.stdout, f"{unit} in both languages", done)


def first_test(s):
    """The example of docs/first-test.md does what the page says."""
    page = (ROOT / "docs/first-test.md").read_text()
    s.write("counter.sv", re.search(r"```systemverilog\n(.*?)```", page, re.S)[1])
    for leg, text in zip(("py", "cpp"), re.findall(r"<pre>(.*?)</pre>", page)):
        s.write(f"test_counter.{leg}", html.unescape(text.replace("<br>", "\n")) + "\n")
    said = re.search(r"^test_counter\.cpp:(\d+): (.*?); time (\S+)ns", page, re.M)
    for leg, done in s.both("--seed", "42"):
        values = re.search(r"left is \d+, right is \d+", said[2])[0]
        demand(done.returncode == 1 and re.search(rf"test_counter\.{leg}:\d+: .*{values}; time {said[3]}ns", done.stdout),
               f"{leg}: the failure of the page", done)
        demand(leg == "py" or f"test_counter.cpp:{said[1]}: {said[2]}" in done.stdout, "the line of the page", done)
    for leg in ("py", "cpp"):
        file = s.folder / f"test_counter.{leg}"
        file.write_text(re.sub(r"(count\.value(?:\(\), | == ))n\b", r"\1n % 256", file.read_text()))
    for leg, done in s.both():
        demand(done.returncode == 0 and "1 passed" in done.stdout, f"{leg}: the remedy of the page", done)


def threads(s):
    """A blocking function in a thread, which waits for the simulation in turn."""
    s.write("test_thread.py", PY_THREAD)
    done = s.run("--sv", "counter.sv", "--top", "counter", "--py", "test_thread.py", "--wall-limit", "20")
    demand(done.returncode == 0 and "1 passed" in done.stdout, "the thread ends", done)


CASES = {f.__name__: f for f in (passes, fails, nothing_to_run, bad_input, names, units, threads, first_test)}


def main():
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    args = parser.parse_args()
    bad, build = 0, pathlib.Path(args.build).resolve()
    with tempfile.TemporaryDirectory() as folder:
        for name in args.cases or CASES:
            s = Stranger(str(build), pathlib.Path(folder) / ("page" if name == "first_test" else "bench"))
            s.clear()
            try:
                CASES[name](s)
                print(f"{name}: as it should be", flush=True)
            except (Failed, OSError, ElementTree.ParseError) as error:
                bad += 1
                print(f"{name}: FAILED: {error}", flush=True)
    for left in build.glob("bench/stranger-*"):
        shutil.rmtree(left, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
