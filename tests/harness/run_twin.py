#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a Python bench and its C++ twin on one archive and compare what they did.

usage: run_twin.py --model DIR --build DIR --program BENCH --py test_x.py [--isolate] [--outcomes] [--waves TEST ...] [--skew TEST]
                   [--coverage DIR]

Equal must be: the lines `LOG time,task,event,value`; the status of every test; the tree, attributes, property names and
failure types of results.xml; the counts of cocotb_tools.check_results. With --outcomes tests named `fails_*` must fail and
their message must hold a reason; without, every test must pass or be skipped. The tests of --waves run alone in both worlds
and their traces must be equal as fst2vcd prints them. --skew TEST passes +skew=1 to the C++ side of that test and
demands a difference.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from cocotb_tools.check_results import get_results

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

ERROR_NAMES = {"KeyError": "IndexError", "WallClockLimit": "SimFailure", "ZeroTimeLoop": "SimFailure"}


def run_leg(leg, args, folder, extra=(), waves="", plusargs=(), env=None, coverage=""):
    """(log lines, results file) of one world."""
    results = folder / f"{leg}.xml"
    command = [sys.executable, str(ROOT / "scripts/bench_run.py"), "--model", args.model, "--build", args.build,
               "--results", str(results), "--wall-limit", str(args.wall_limit)]
    command += ["--py", args.py] if leg == "py" else ["--cpp", args.py.replace(".py", ".cpp"), "--program", args.program]
    if args.isolate:
        command += ["--isolate"] if leg == "py" else []
    else:
        command += ["--in-process"] if leg == "cpp" else []
    if waves:
        command += ["--waves", waves]
    if coverage:
        command += ["--coverage", coverage]
    for item in plusargs:
        command += [f"--plusarg={item}"]
    done = subprocess.run([*command, *extra], capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=folder)
    (folder / f"{leg}.log").write_text(done.stdout + done.stderr)
    return [l for l in done.stdout.splitlines() if l.startswith("LOG ")], results, done


def shape(element):
    """Tree of tags, attribute names and property names; texts and numbers do not count."""
    name = element.get("name") if element.tag == "property" else ""
    keys = tuple(sorted(element.attrib))
    return (element.tag, keys, name, tuple(shape(e) for e in element if e.tag != "system-out"))


def statuses(path):
    found = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        failure = case.find("failure")
        kind = "failed" if failure is not None else "skipped" if case.find("skipped") is not None else "passed"
        error = failure.get("type") if failure is not None else None
        message = failure.get("message") or "" if failure is not None else ""
        found[case.get("name")] = (kind, ERROR_NAMES.get(error, error), message)
    return found


def compare(args, folder, complaints):
    hits = {leg: str(pathlib.Path(args.coverage) / leg) if args.coverage else "" for leg in ("py", "cpp")}
    py_log, py_results, py_done = run_leg("py", args, folder, coverage=hits["py"])
    cpp_log, cpp_results, cpp_done = run_leg("cpp", args, folder, coverage=hits["cpp"])
    for leg, done, results in (("Python", py_done, py_results), ("C++", cpp_done, cpp_results)):
        if not results.is_file():
            complaints.append(f"{leg} left no results:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    if complaints:
        return
    if py_log != cpp_log:
        for number, (a, b) in enumerate(zip(py_log + ["(end)"], cpp_log + ["(end)"])):
            if a != b:
                complaints.append(f"log line {number}: Python '{a}', C++ '{b}'")
                break
    py, cpp = statuses(py_results), statuses(cpp_results)
    if list(py) != list(cpp):
        complaints.append(f"tests differ: {list(py)} and {list(cpp)}")
    for name in py:
        a, b = py[name], cpp.get(name, ("missing", None, ""))
        if a[:2] != b[:2]:
            complaints.append(f"{name}: Python {a}, C++ {b}")
        wanted = "failed" if args.outcomes and name.startswith("fails_") else None
        if wanted and a[0] != wanted:
            complaints.append(f"{name} was expected to fail")
        if not wanted and a[0] == "failed":
            complaints.append(f"{name} failed: {a[2]} / {b[2]}")
        if wanted and "by_rtl" in name and not all(re.search(r"asked|violate|\$finish|\$stop", m[2]) and "ns" in m[2].replace(" ns", "ns") for m in (a, b)):
            complaints.append(f"{name}: a message without reason or time: {a[2]} / {b[2]}")
    if shape(ElementTree.parse(py_results).getroot()) != shape(ElementTree.parse(cpp_results).getroot()):
        complaints.append("results.xml differ in tree, attributes or properties")
    if get_results(py_results) != get_results(cpp_results):
        complaints.append(f"check_results counts {get_results(py_results)} and {get_results(cpp_results)}")
    if args.coverage:
        done = subprocess.run([sys.executable, str(ROOT / "scripts/coverage.py"), "--same", hits["cpp"], hits["py"]],
                              capture_output=True, text=True)
        complaints += (done.stdout + done.stderr).splitlines() if done.returncode else []
    kinds = [k for k, _, _ in py.values()]
    print(f"{len(py_log)} log lines, {kinds.count('passed')} passed, {kinds.count('failed')} failed, {kinds.count('skipped')} skipped"
          " in both worlds")


def trace(path):
    """The value changes of the design's ports: declarations of the outermost scope and everything after."""
    text = subprocess.run(["fst2vcd", str(path)], capture_output=True, text=True, check=True).stdout
    return re.sub(r"\$date.*?\$end\s*", "", text, flags=re.S)


def compare_waves(args, folder, complaints):
    known = [n for n, (kind, _, _) in statuses(folder / "py.xml").items() if kind == "passed"]
    names = [*args.waves, *([args.skew] if args.skew else [])]
    for name in names:
        if name not in known:
            complaints.append(f"there is no passing test {name}")
            return
    module = pathlib.Path(args.py).stem
    for name in names:
        extra = ["--filter", f"^{re.escape(module + '.' + name)}$"]
        texts, spans = {}, {}
        for leg in ("py", "cpp"):
            file = folder / f"{leg}.fst"
            plus = ["+skew=1"] if leg == "cpp" and args.skew == name else []
            _, results, done = run_leg(leg, args, folder, extra, str(file), plus)
            if not file.exists():
                complaints.append(f"{name}: {leg} wrote no trace:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
                return
            texts[leg] = trace(file)
            case = next(ElementTree.parse(results).getroot().iter("testcase"))
            properties = {p.get("name"): p.get("value") for p in case.iter("property")}
            spans[leg] = tuple(round(float(properties[k]) * 1000) for k in ("sim_time_start", "sim_time_stop"))
            file.unlink()
        same = texts["py"] == texts["cpp"]
        clocks = len(re.findall(r"^#\d+", texts["py"], re.M)) // 2
        print(f"{name}: {clocks} clocks, {len(texts['py'])} bytes of trace, {'equal' if same else 'different'}, ps {spans['py']}")
        if args.skew == name:
            if same:
                complaints.append(f"{name}: a write shifted by one clock was not seen")
            continue
        if not same:
            a, b = texts["py"].splitlines(), texts["cpp"].splitlines()
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            complaints.append(f"{name}: traces differ at line {at}: {a[at:at + 3]} and {b[at:at + 3]}")
        if spans["py"] != spans["cpp"]:
            complaints.append(f"{name}: start and stop differ: {spans}")
        if args.min_clocks and clocks < args.min_clocks:
            complaints.append(f"{name}: only {clocks} clocks, {args.min_clocks} are wanted")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "build", "program", "py"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--isolate", action="store_true")
    parser.add_argument("--outcomes", action="store_true")
    parser.add_argument("--waves", nargs="+", default=[])
    parser.add_argument("--skew", default="")
    parser.add_argument("--coverage", default="", metavar="DIR", help="keep functional coverage in DIR/py and DIR/cpp; equal it must be, too")
    parser.add_argument("--min-clocks", type=int, default=0)
    parser.add_argument("--wall-limit", type=float, default=60)
    args = parser.parse_args()
    args.py = str(pathlib.Path(args.py).resolve())
    os.environ["TESSERA_LIBRARIES_READY"] = "1"
    os.environ.setdefault("COCOTB_RANDOM_SEED", "1")
    for name in ("COCOTB_TEST_FILTER", "COCOTB_TESTCASE", "WAVES", "COCOTB_RESULTS_FILE"):
        os.environ.pop(name, None)
    complaints = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        compare(args, folder, complaints)
        if args.waves and not complaints:
            compare_waves(args, folder, complaints)
        if complaints:
            for leg in ("py", "cpp"):
                log = folder / f"{leg}.log"
                if log.exists():
                    print(f"--- {leg} ---\n{log.read_text()[-6000:]}")
    for text in complaints:
        print("DIFFERENT:", text)
    return 1 if complaints else 0


if __name__ == "__main__":
    raise SystemExit(main())
