#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What surrounds a bench must not decide what it does: names, encodings, places of files, signals, variables of the environment.

usage: outside.py --build DIR CASE ...
"""

import argparse
import hashlib
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import xml.etree.ElementTree as ElementTree

from stranger import ROOT, Failed, demand

DESIGN = """
module plain (input logic clk, output logic [7:0] n);
  always_ff @(posedge clk) n <= n + 8'd1;
endmodule
"""
CLOCKED = """
`timescale 1ns/1ps
module clocked (output logic clk, output logic [7:0] n);
  initial begin clk = 0; n = 0; end
  always #5 clk = !clk;
  always_ff @(posedge clk) n <= n + 8'd1;
endmodule
"""
PY = "import cocotb\nfrom cocotb.clock import Clock\nfrom cocotb.triggers import ClockCycles, RisingEdge, Timer\n"
CPP = '#include "tessera/test.hpp"\nusing namespace tessera;\n'


def py_test(name, body="assert True", function="a"):
    return f"\n\n@cocotb.test(name={name!r})\nasync def {function}(dut):\n    await Timer(1, 'ns')\n    {body}\n"


def cpp_test(name, body="CO_ASSERT_TRUE(true);", function="a"):
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'\nTSR_TEST({function}, {{.name = "{quoted}"}}) {{\n  co_await Timer(1, ns);\n  {body}\n}}\n'


LEGS = {"py": (PY, py_test, "assert 1 == 2"), "cpp": (CPP, cpp_test, "CO_ASSERT_EQ(1, 2);")}
NAMES = ["reset then write", "quote\"s and 'more'", "a/b", "μs", "-dash", "*[x]?", "$HOME; true", "back\\slash", " edges ", "<&>"]


class Place:
    def __init__(self, build, folder, name):
        self.build, self.folder, self.name = build, folder, name
        self.write("plain.sv", DESIGN)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def command(self, *arguments, design="plain"):
        return [str(ROOT / "tessera"), "test", "--sv", f"{design}.sv", "--top", design, "--level", "1", "--build", self.build, "--name", self.name,
                *map(str, arguments)]

    def environment(self, **more):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("COCOTB", "WAVES", "TESSERA"))}
        return {**inherited, "TESSERA_LIBRARIES_READY": "1", **more}

    def run(self, *arguments, design="plain", cwd=None, **environment):
        return subprocess.run(self.command(*arguments, design=design), cwd=cwd or self.folder, env=self.environment(**environment), capture_output=True,
                              text=True, errors="replace")

    def cases(self, name="results.xml"):
        """[(class, name, failed)]"""
        return [(c.get("classname"), c.get("name"), c.find("failure") is not None) for c in ElementTree.parse(self.folder / name).getroot().iter("testcase")]


def names(p):
    """Every selected test runs, whatever its name; the printed command runs it alone; two of one name are refused."""
    for leg, (head, test, wrong) in LEGS.items():
        bench = f"test_names.{leg}"
        p.write(bench, head + "".join(test(n, *([wrong] if n == NAMES[0] else []), function=f"t{i}") for i, n in enumerate(NAMES)))
        done = p.run(f"--{leg}", bench, "--isolate", "--seed", "3")
        demand(done.returncode == 1 and f"{len(NAMES) - 1} passed, 1 failed" in done.stdout, f"{leg}: all tests run", done)
        demand([c[1:] for c in p.cases()] == [(n, n == NAMES[0]) for n in NAMES], f"{leg}: names in the results: {p.cases()}")
        again = re.search(r"rerun with waves: (.*)", done.stdout)[1].replace(" --waves", "")
        alone = subprocess.run(["bash", "-c", f"{again} --level 1 --build '{p.build}' --name {p.name}"], cwd=p.folder, env=p.environment(), capture_output=True, text=True)
        demand(alone.returncode == 1 and "0 passed, 1 failed" in alone.stdout, f"{leg}: the printed command runs the test alone: {again}", alone)
        done = p.run(f"--{leg}", bench, COCOTB_LIST_TESTS="1")
        demand(done.returncode == 0 and done.stdout.splitlines() == [f"test_names.{n}" for n in NAMES], f"{leg}: all are listed", done)
        p.write("test_only.cpp" if leg == "cpp" else "test_only.py", head + test(NAMES[0]))
        done = p.run(f"--{leg}", f"test_only.{leg}")
        demand(done.returncode == 0 and "1 passed" in done.stdout, f"{leg}: a test alone in its file is found", done)
        p.write(f"test_twice.{leg}", head + test("same", function="a") + test("same", function="b"))
        done = p.run(f"--{leg}", f"test_twice.{leg}")
        demand(done.returncode == 2 and "two tests are named test_twice.same" in done.stderr, f"{leg}: two tests of one name", done)


def files(p):
    """Benches of one file name are refused; one file given twice runs once; what Python cannot import is named."""
    for leg, (head, test, _) in LEGS.items():
        for folder in "ab":
            p.write(f"{folder}/test_same.{leg}", head + test(f"in_{folder}"))
        done = p.run(f"--{leg}", f"a/test_same.{leg}", f"b/test_same.{leg}")
        demand(done.returncode == 2 and f"a/test_same.{leg} and b/test_same.{leg} have one name" in done.stderr, f"{leg}: two files of one name", done)
        done = p.run(f"--{leg}", f"a/test_same.{leg}", f"./a/../a/test_same.{leg}")
        demand(done.returncode == 0 and "1 passed" in done.stdout, f"{leg}: one file given twice", done)
        p.write(f"test_other.{leg}", head + test("third"))
        done = p.run(f"--{leg}", f"a/test_same.{leg}", f"test_other.{leg}")
        demand(done.returncode == 0 and "2 passed" in done.stdout, f"{leg}: two files", done)
    p.write("test.dots.py", PY + py_test("x"))
    for bench, said in (("test.dots.py", "the name of its file"), ("plain.sv", "the name of its file"), ("a", "a is not a file"), ("none.py", "none.py does not exist")):
        done = p.run("--py", bench)
        demand(done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr, f"'{said}' is said about {bench}", done)


def junit(p):
    """Class and name of a test case are unique, in one run of both languages and in merged files of several runs."""
    for leg, (head, test, wrong) in LEGS.items():
        p.write(f"test_twin.{leg}", head + test("same", *([wrong] if leg == "cpp" else [])))
    done = p.run("--py", "test_twin.py", "--cpp", "test_twin.cpp")
    demand(done.returncode == 1 and p.cases() == [("test_twin.py", "same", False), ("test_twin.cpp", "same", True)], f"both tests are told apart: {p.cases()}", done)
    for name in ("one", "two"):
        done = p.run("--py", "test_twin.py", "--results", f"{name}.xml")
    merge = [sys.executable, str(ROOT / "scripts/merge_results.py"), "--out", "all.xml"]
    subprocess.run([*merge, "one.xml", "two.xml"], cwd=p.folder, check=True)
    demand(p.cases("all.xml") == [("test_twin.one", "same", False), ("test_twin.two", "same", False)], f"two runs of one test: {p.cases('all.xml')}")
    subprocess.run([*merge, "one.xml", "one.xml"], cwd=p.folder, check=True)
    demand(len(set(p.cases("all.xml"))) == 2, f"one file twice: {p.cases('all.xml')}")


def clock_inside(p):
    """A design whose clock never stops: tests are listed without running time, and a test ends when it ends."""
    p.write("clocked.sv", CLOCKED)
    p.write("test_osc.py", PY + "\n\n@cocotb.test()\nasync def ten(dut):\n    await ClockCycles(dut.clk, 10)\n    assert dut.n.value in (9, 10)\n")
    p.write("test_osc.cpp", CPP + "TSR_TEST(ten) {\n  co_await ClockCycles(dut.clk, 10);\n  CO_ASSERT_GT(dut.n.value().to_unsigned(), 8U);\n}\n")
    for leg in LEGS:
        done = p.run(f"--{leg}", f"test_osc.{leg}", "--wall-limit", "20", design="clocked")
        demand(done.returncode == 0 and "1 passed" in done.stdout, f"{leg}: a clock inside the design", done)


def encodings(p):
    """Bytes that are not UTF-8 in sources, lists of names and messages; locales without UTF-8."""
    mark = b"// 10 \xb5s\n"
    p.write("plain.sv", mark + DESIGN.encode())
    p.write("public.txt", b"# \xb5\n")
    p.write("test_latin.cpp", mark + CPP.encode() + b'TSR_TEST(good) { co_await Timer(1, ns); CO_ASSERT_TRUE(true); }\n'
            b'TSR_TEST(bad) { co_await Timer(1, ns); CO_ASSERT_EQ(std::string("\\xb5s \\xed\\xa0\\x80 \\x01\\t\\xef\\xbf\\xbf"), std::string("\xc2\xb5")); }\n')
    p.write("test_latin.py", b"# -*- coding: latin-1 -*-\n# \xb5\n" + PY.encode() + py_test("good").encode() + py_test("bad", "assert '\\udcb5s \\x01' == 'x'", "b").encode())
    for leg in LEGS:
        for environment in ({}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "POSIX"}):
            done = p.run(f"--{leg}", f"test_latin.{leg}", **environment)
            demand(done.returncode == 1 and "1 passed, 1 failed" in done.stdout and [c[1:] for c in p.cases()] == [("good", False), ("bad", True)],
                   f"{leg} with {environment}: the results hold both", done)
    message = next(f.get("message") for f in ElementTree.parse(p.folder / "results.xml").getroot().iter("failure"))
    demand("#xB5s #xED#xA0#x80 #x01\t#xEF#xBF#xBF" in message and "µ" in message, f"bytes of a message are shown: {message!r}")
    p.write("test_wrong.cpp", mark + CPP.encode() + b'TSR_TEST(bad) { co_await Timer(1, ns); CO_ASSERT_TRUE(dut.nothing.value() /* \xb5 */); }\n')
    done = p.run("--cpp", "test_wrong.cpp", LC_ALL="C", LANGUAGE="de")
    demand(done.returncode == 2 and "the design has no dut.nothing" in done.stderr and "Traceback" not in done.stderr, "an error in such a line", done)
    p.write("test_wrong.py", PY.encode() + py_test("x", "assert 'MU' != 1").encode().replace(b"MU", b"\xb5"))
    done = p.run("--py", "test_wrong.py")
    demand(done.returncode == 1 and "no test was found" in done.stdout and "test_wrong.py" in done.stdout, "Python refuses a byte that no encoding announces", done)


def results(p):
    """--results: links, modes, devices and FIFOs stay what they are; what cannot be written is said before anything is built."""
    for leg, (head, test, _) in LEGS.items():
        p.write(f"test_r.{leg}", head + test("fine"))
        kept = p.write("kept.xml", "old")
        kept.chmod(0o640)
        (p.folder / "link.xml").unlink(missing_ok=True)
        (p.folder / "link.xml").symlink_to("kept.xml")
        done = p.run(f"--{leg}", f"test_r.{leg}", "--results", "link.xml")
        demand(done.returncode == 0 and (p.folder / "link.xml").is_symlink() and len(p.cases("kept.xml")) == 1
               and stat.S_IMODE(kept.stat().st_mode) == 0o640, f"{leg}: a link and the mode of its file stay", done)
        fifo, read = p.folder / "fifo", []
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        done = p.run(f"--{leg}", f"test_r.{leg}", "--results", "fifo")
        demand(done.returncode == 2 and "nobody reads this FIFO" in done.stderr, f"{leg}: a FIFO without a reader", done)
        keeper = os.open(fifo, os.O_RDWR)
        done = p.run(f"--{leg}", f"test_r.{leg}", "--results", "fifo")
        read = os.read(keeper, 1 << 16)
        os.close(keeper)
        demand(done.returncode == 0 and b"<testcase" in read and stat.S_ISFIFO(fifo.stat().st_mode), f"{leg}: a FIFO with a reader", done)
        if os.geteuid() == 0:
            node = p.folder / "node"
            node.unlink(missing_ok=True)
            os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, 3))
            done = p.run(f"--{leg}", f"test_r.{leg}", "--results", "node")
            demand(done.returncode == 0 and stat.S_ISCHR(node.lstat().st_mode), f"{leg}: a device stays a device", done)
        done = p.run(f"--{leg}", f"test_r.{leg}", "--results", "/dev/full")
        demand(done.returncode == 1 and "cannot write the results to /dev/full: No space left" in done.stdout, f"{leg}: a full device", done)
        for place, said in ((".", "this is a folder"), ("new/", "this is a folder"), ("plain.sv/x.xml", "cannot write the results"), ("/proc/x.xml", "cannot write the results")):
            done = p.run(f"--{leg}", f"test_r.{leg}", "--results", place)
            demand(done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr, f"{leg}: '{said}' is said about {place}", done)
        p.write("results.xml", "old")
        done = p.run(f"--{leg}", "none." + leg)
        demand(done.returncode == 2 and (p.folder / "results.xml").read_text() == "old", f"{leg}: a refused run touches nothing", done)


def paths(p):
    """A model is built once, whatever the names of the folders; a path that Verilator cannot read is refused."""
    for folder in ("my designs", "it's $HOME", "μ # 100%", "a,b:c;d", "two  spaces /x", os.fsdecode(b"latin\xb5")):
        here = p.folder / folder
        here.mkdir(parents=True)
        for name in ("plain.sv", "public.txt"):
            (here / name).write_text(DESIGN if name == "plain.sv" else "# none\n")
        for leg, (head, test, _) in LEGS.items():
            (here / f"test_p.{leg}").write_text(head + test("fine"))
        both = ["--py", "test_p.py", "--cpp", "test_p.cpp"]
        done = p.run(*both, cwd=here)
        demand(done.returncode == 0 and "2 passed" in done.stdout, f"a run in {folder!r}", done)
        done = p.run(*both, cwd=here)
        demand(done.returncode == 0 and "building" not in done.stdout, f"the second run in {folder!r} builds nothing", done)
        time.sleep(0.01)
        (here / "plain.sv").write_text(DESIGN.replace("8'd1", "8'd2"))
        done = p.run(*both, cwd=here)
        demand(done.returncode == 0 and "building" in done.stdout, f"a changed source in {folder!r} is built", done)
    here = p.folder / 'quo"te'
    here.mkdir()
    shutil.copy(p.folder / "plain.sv", here)
    (here / "test_p.py").write_text(PY + py_test("fine"))
    done = p.run("--py", "test_p.py", cwd=here)
    demand(done.returncode == 2 and "its path holds a quotation mark" in done.stderr, "a quotation mark in a path", done)


def processes_of(session, patience):
    """Lines about the processes of a session that are there after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        listed = subprocess.run(["ps", "-eo", "sid,pid,stat,args"], capture_output=True, text=True).stdout.splitlines()
        left = [l for l in listed if l.split()[0] == str(session) and not l.split()[2].startswith("Z")]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.2)


def stopped(p):
    """Ctrl-C, SIGTERM and a killed launcher: no process stays, results and trace can be read, exit code 128 + signal."""
    p.write("clocked.sv", CLOCKED)
    p.write("test_stop.py", PY + py_test("done") + "\n\n@cocotb.test()\nasync def forever(dut):\n    print('TURNS', flush=True)\n    while True:\n"
            "        await RisingEdge(dut.clk)\n" + py_test("never", function="c"))
    p.write("test_sleeps.py", PY + "\n\n@cocotb.test()\nasync def sleeps(dut):\n    print('TURNS', flush=True)\n    await Timer(1000, 'sec')\n")
    p.write("test_stop.cpp", CPP + cpp_test("done") + "TSR_TEST(forever) {\n  std::printf(\"TURNS\\n\");\n  std::fflush(stdout);\n"
            "  while (true) co_await RisingEdge(dut.clk);\n}\n" + cpp_test("never", function="c"))
    everything = [("done", False), ("forever", True), ("never", True)]
    for bench, extra, signum, group, wanted in (
            ("test_stop.py", [], signal.SIGINT, True, everything), ("test_stop.py", [], signal.SIGTERM, False, everything),
            ("test_stop.py", ["--isolate"], signal.SIGHUP, False, everything), ("test_sleeps.py", [], signal.SIGTERM, False, [("sleeps", True)]),
            ("test_stop.cpp", [], signal.SIGINT, True, everything), ("test_stop.cpp", [], signal.SIGTERM, False, everything),
            ("test_stop.cpp", ["--in-process"], signal.SIGTERM, False, everything), ("test_stop.py", [], signal.SIGKILL, False, None),
            ("test_stop.cpp", [], signal.SIGKILL, False, None)):
        what = f"{bench} {' '.join(extra)} {signum.name} to {'all' if group else 'the launcher'}"
        for trace in p.folder.glob("*.fst"):
            trace.unlink()
        run = subprocess.Popen(["setsid", *p.command(f"--{bench.split('.')[1]}", bench, *extra, "--waves", "w.fst", design="clocked")], cwd=p.folder,
                               env=p.environment(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = []
        reader = threading.Thread(target=lambda run=run, said=said: said.extend(iter(run.stdout.readline, "")))
        reader.start()
        deadline = time.monotonic() + 120
        while not any("TURNS" in line for line in said) and time.monotonic() < deadline and run.poll() is None:
            time.sleep(0.1)
        time.sleep(0.5)
        (os.killpg if group else os.kill)(run.pid, signum)
        run.wait(60)
        reader.join(60)
        left = processes_of(run.pid, 20 if signum == signal.SIGKILL else 0)
        for line in left:
            os.kill(int(line.split()[1]), signal.SIGKILL)
        demand(not left and not reader.is_alive(), f"{what}: nothing stays: {left}\n{''.join(said)[-2000:]}")
        if wanted is None:
            continue
        demand(run.returncode == 128 + signum and not any("Traceback" in l for l in said), f"{what}: rc {run.returncode}\n{''.join(said)[-3000:]}")
        demand([c[1:] for c in p.cases()] == wanted, f"{what}: results {p.cases()}\n{''.join(said)[-3000:]}")
        demand(f"FAILED: stopped by {signum.name}\n" in said, f"{what}: the reason is said\n{''.join(said)[-3000:]}")
        traces = [t for t in p.folder.glob("*.fst") if "done" not in t.name]
        demand(traces and all("#" in subprocess.run(["fst2vcd", t], capture_output=True, text=True).stdout for t in traces), f"{what}: traces {traces}\n{''.join(said)[-3000:]}")


VARIABLES = {"CDPATH": ".:..", "PYTHONHOME": "/nowhere", "PYTHONPATH": "shadow", "PYTHONOPTIMIZE": "2", "PYTHONINSPECT": "1", "PYTHONSAFEPATH": "1",
             "VERILATOR_ROOT": "/nowhere", "VERILATOR_BIN": "false", "VERILATOR_TEST_FLAGS": "--nonsense", "MAKEFLAGS": "-n", "NINJA_STATUS": "%p ",
             "CXX": "", "BASH_ENV": "noise.sh", "ENV": "noise.sh", "GREP_OPTIONS": "-v", "POSIXLY_CORRECT": "1", "TERM": "", "COCOTB_TOPLEVEL": "other", "COCOTB_TEST_MODULES": "other", "GPI_USERS": "other",
             "PYGPI_USERS": "other:x", "TESSERA_ONE_TEST": "other", "TESSERA_LIST_FILE": "list"}


def environment(p):
    """Variables that people set for other purposes change nothing; the launcher is found by any path."""
    p.write("shadow/queue.py", "raise RuntimeError('shadowed')\n")
    p.write("shadow/helper.py", "ANSWER = 42\n")
    p.write("noise.sh", "echo noise\n")
    p.write("test_env.py", PY + py_test("holds") + py_test("fails", "assert not dut.n.value + 1", "b"))
    p.write("test_env.cpp", CPP + cpp_test("holds") + cpp_test("fails", "CO_ASSERT_TRUE(false);", "b"))
    variables = VARIABLES | {"BASH_ENV": str(p.folder / "noise.sh"), "PYTHONPATH": str(p.folder / "helpers")}
    for sets in ([{k: v} for k, v in variables.items()] + [variables]):
        done = p.run("--py", "test_env.py", "--cpp", "test_env.cpp", **sets)
        demand(done.returncode == 1 and "2 passed, 2 failed" in done.stdout, f"with {sets}", done)
    p.write("helpers/helper.py", "ANSWER = 42\n")
    p.write("test_helper.py", PY + "import helper\n" + py_test("sees", "assert helper.ANSWER == 42"))
    done = p.run("--py", "test_helper.py", PYTHONPATH=str(p.folder / "helpers"))
    demand(done.returncode == 0, "modules of PYTHONPATH can be imported by a bench", done)
    for name, link in (("a tree", ROOT), ("launcher", ROOT / "tessera")):
        (p.folder / name).symlink_to(link)
    for launcher in ("./a tree/tessera", "./launcher", f"{ROOT.name}/tessera"):
        cwd = ROOT.parent if launcher.startswith(ROOT.name) else p.folder
        done = subprocess.run([launcher, "coverage", "/nowhere"], cwd=cwd, env=p.environment(CDPATH=f".:{cwd}"), capture_output=True, text=True)
        demand(done.returncode == 2 and done.stderr == "there is no /nowhere\n", f"the launcher as {launcher}", done)


def setup(p):
    """scripts/setup.sh installs into .venv, whatever the variables and the pip.conf of the user say; here a package of our own."""
    tree, wheel = p.folder / "tree", p.folder / "wheels/tiny-1.0-py3-none-any.whl"
    (tree / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/setup.sh", tree / "scripts")
    subprocess.run([sys.executable, "-m", "venv", tree / ".venv"], check=True)
    p.write("bin/dpkg-query", "#!/bin/sh\necho install ok installed\n").chmod(0o755)
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny.py", "")
        file.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        file.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: none\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("tiny-1.0.dist-info/RECORD", "")
    p.write("tree/scripts/requirements.txt", f"tiny==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    elsewhere = p.folder / "elsewhere"
    for conf, variables in (("", {"PIP_USER": "1"}), ("", {"PIP_TARGET": str(elsewhere), "PIP_DRY_RUN": "1"}), ("", {"PIP_PREFIX": str(elsewhere)}),
                            ("", {"PIP_PYTHON": "/nowhere", "PYTHONHOME": "/nowhere", "CDPATH": "."}), ("[global]\nuser = true\n", {}),
                            (f"[install]\ntarget = {elsewhere}\n", {}), (f"[install]\nprefix = {elsewhere}\n", None)):
        for left in tree.glob(".venv/lib/python3*/site-packages/tiny*"):
            left.unlink() if left.is_file() else shutil.rmtree(left)
        (tree / ".venv/.installed").unlink(missing_ok=True)
        p.write("pip.conf", conf)
        environment = p.environment(PATH=f"{p.folder}/bin:{os.environ['PATH']}", PIP_FIND_LINKS=str(wheel.parent), PIP_NO_INDEX="1",
                                    PIP_CONFIG_FILE=str(p.folder / "pip.conf"), HOME=str(p.folder), **(variables or {}))
        done = subprocess.run(["scripts/setup.sh"], cwd=tree, env=environment, capture_output=True, text=True)
        if variables is None:
            demand(done.returncode == 2 and "pip.conf sets install.prefix=" in done.stderr, "a prefix in pip.conf is refused in a sentence", done)
            continue
        demand(done.returncode == 0 and list(tree.glob(".venv/lib/python3*/site-packages/tiny.py")) and not elsewhere.exists(),
               f"setup with {variables} and pip.conf '{conf.strip()}'", done)


def view_of(path):
    """(marker or None, lines that name signals) of a GTKWave view."""
    text = path.read_text()
    marker = int(re.search(r"^\*\S+ (-?\d+)", text, re.M)[1])
    return (None if marker < 0 else marker), [l for l in text.splitlines() if l and l[0] not in "[*@-"]


def waves(p):
    """A view of any design, the marker at the failure, in every precision; pictures show waves."""
    p.write("inner.sv", "module inner (input logic clk, output logic q);\n  always_ff @(posedge clk) q <= !q;\nendmodule\n")
    for scale, unit in (("1ns/1ps", 1000), ("1ns/1ns", 1), ("1ns/10ps", 100)):
        p.write("plain.sv", f"`timescale {scale}\n" + DESIGN.replace("endmodule", "  inner u_inner (.clk, .q());\nendmodule"))
        for leg, (head, test, wrong) in LEGS.items():
            clock = {"py": "Clock(dut.clk, 10, 'ns').start(); await ClockCycles(dut.clk, 30); assert 1 == 2",
                     "cpp": "Clock(dut.clk, 10, ns).start(); co_await ClockCycles(dut.clk, 30); CO_ASSERT_EQ(1, 2);"}[leg]
            p.write(f"test_wave.{leg}", head + test("fine") + test("fails", clock, "b"))
            arguments = ["--sv", "plain.sv", "inner.sv", f"--{leg}", f"test_wave.{leg}"]
            done = p.run(*arguments, *(["--isolate"] if leg == "py" else []), "--waves", "w.fst")
            moment = next(float(q.get("value")) for c in ElementTree.parse(p.folder / "results.xml").getroot().iter("testcase") if c.get("name") == "fails"
                          for q in c.iter("property") if q.get("name") == "sim_time_stop")
            demand(done.returncode == 1 and moment > 200, f"{leg} {scale}: one test fails at {moment}", done)
            marker, shown = view_of(p.folder / "w.test_wave.fails.gtkw")
            demand(marker == round(moment * unit) and {"plain.n[7:0]", "plain.u_inner.q"} <= set(shown), f"{leg} {scale}: marker {marker} of {moment} ns, {shown}", done)
            demand(view_of(p.folder / "w.test_wave.fine.gtkw")[0] is None, f"{leg} {scale}: no marker where nothing failed")
    wave = [str(ROOT / "tessera"), "wave"]
    (p.folder / "w.test_wave.fails.gtkw").unlink()
    done = subprocess.run([*wave, "w.test_wave.fails.fst", "--png", "p.png"], cwd=p.folder, env=p.environment(), capture_output=True, text=True)
    demand(done.returncode == 0, "a picture", done)
    kinds = int(subprocess.run(["convert", "p.png", "-crop", "800x600+600+150", "-format", "%k", "info:"], cwd=p.folder, capture_output=True, text=True, check=True).stdout)
    demand(kinds >= 3, f"the picture shows waves: {kinds} colours")
    # GTKWave that draws nothing, as on a loaded machine: no picture, and that is said.
    p.write("bin/gtkwave", "#!/bin/sh\nexec sleep 1000\n").chmod(0o755)
    done = subprocess.run([*wave, "w.test_wave.fails.fst", "--png", "p.png", "--patience", "5"], cwd=p.folder,
                          env=p.environment(PATH=f"{p.folder}/bin:{os.environ['PATH']}"), capture_output=True, text=True)
    demand(done.returncode == 2 and "GTKWave drew no wave" in done.stderr and not (p.folder / "p.png").exists(), "a black window is no picture", done)


CASES = {f.__name__: f for f in (names, files, junit, clock_inside, encodings, results, paths, stopped, environment, setup, waves)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("cases", nargs="+", choices=CASES)
    args = parser.parse_args()
    bad, build = 0, pathlib.Path(args.build).resolve()
    for name in args.cases:
        with tempfile.TemporaryDirectory(prefix=f"outside-{name}-") as folder:
            try:
                CASES[name](Place(str(build), pathlib.Path(folder), f"outside_{name}"))
                print(f"{name}: as it should be", flush=True)
            except (Failed, OSError, ElementTree.ParseError, subprocess.TimeoutExpired) as error:
                bad += 1
                print(f"{name}: FAILED: {error}\nagain: {sys.executable} {__file__} --build {build} {name}", flush=True)
        for left in build.glob(f"bench/outside_{name}-*"):
            shutil.rmtree(left, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
