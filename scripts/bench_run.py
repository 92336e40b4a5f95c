#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a test bench, in Python under cocotb or in C++, on any RTL or on a block of this project.

usage: ./tessera test --sv FILE.sv ... --top MODULE (--py test_x.py | --cpp test_x.cpp) ... [options]
       ./tessera test --unit tsr_router|tsr_dma|tsr_pe_array|tsr_tile --config p8 (--py ... | --cpp ...) [options]

Both legs run on one Verilated archive: Python through cocotb's own main program and VPI, C++ through tessera/test.hpp.
Exit code 0 only when every selected test ran and passed; the results files decide, never the exit code of a simulator.
"""

import argparse
import glob
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench_build import build_model, ensure_libraries, is_covered, is_traced, link_cpp, link_python, locked, uses_cluster  # noqa: E402
from bench_names import missing_names  # noqa: E402
from harness_model import ROOT, Problem, write_if_changed  # noqa: E402
from merge_results import merge_results  # noqa: E402


def make_parser():
    parser = argparse.ArgumentParser(prog="./tessera test", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    design = parser.add_argument_group("design")
    design.add_argument("--sv", nargs="+", default=[], metavar="FILE", help="SystemVerilog sources, packages first")
    design.add_argument("--top", default="", help="top module of --sv, or another top for --unit (with its file in --sv)")
    design.add_argument("--unit", default="", help="a module of rtl/")
    design.add_argument("--config", default="p8", help="configuration of --unit (default p8)")
    design.add_argument("--define", action="append", default=[], metavar="NAME[=VALUE]")
    design.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="parameter of the top module")
    design.add_argument("--public", action="append", default=[], metavar="PATTERN", help="more public names, module.name with * and ?")
    design.add_argument("--public-file", action="append", default=[], metavar="FILE",
                        help="lines `module.name [rd|rw|forceable]`; public.txt beside the bench is read anyway")
    bench = parser.add_argument_group("bench")
    bench.add_argument("--py", nargs="+", default=[], metavar="FILE", help="cocotb tests")
    bench.add_argument("--cpp", nargs="+", default=[], metavar="FILE", help="C++ tests, #include \"tessera/test.hpp\"")
    bench.add_argument("--filter", default="", metavar="REGEX", help="as COCOTB_TEST_FILTER")
    bench.add_argument("--seed", default="", help="as COCOTB_RANDOM_SEED")
    bench.add_argument("--waves", nargs="?", const="", default=None, metavar="FILE", help="write an FST trace")
    bench.add_argument("--plusarg", action="append", default=[], metavar="+NAME[=VALUE]")
    bench.add_argument("--results", default="", metavar="FILE", help="JUnit file (default results.xml, or COCOTB_RESULTS_FILE)")
    bench.add_argument("--coverage", default="", metavar="DIR",
                       help="write functional coverage to this folder, one file per process, in place of the *.dat of earlier runs; ./tessera coverage merges them")
    bench.add_argument("--isolate", action="store_true", help="each Python test in a process of its own, as C++ tests always are")
    bench.add_argument("--in-process", action="store_true", help="C++ tests one after the other in one process, as Python tests are")
    bench.add_argument("--wall-limit", type=float, default=60, metavar="SECONDS", help="per test (default 60)")
    bench.add_argument("--no-checks", action="store_true", help="Python tests without an assert may pass")
    build = parser.add_argument_group("build")
    build.add_argument("--build", default=str(ROOT / "build/release"), metavar="DIR", help="CMake build folder with the harness")
    build.add_argument("--model", default="", metavar="DIR", help="an archive that exists already (used by the project's own tests)")
    build.add_argument("--program", default="", metavar="FILE", help="the C++ bench as a program that exists already")
    build.add_argument("--level", default="", choices=["0", "1", "2", "3"], help="optimisation of the model (default 3); 1 builds much sooner")
    build.add_argument("--name", default="", help="label of the build folder")
    return parser


def common_environment(args, leg, sources):
    env = dict(os.environ)
    if args.filter:
        env["COCOTB_TEST_FILTER"] = args.filter
    if args.seed:
        env["COCOTB_RANDOM_SEED"] = args.seed
    if args.waves is not None:
        env["WAVES"] = "1"
    env["TESSERA_WALL_LIMIT"] = str(args.wall_limit)
    if args.coverage:
        env["TESSERA_COVERAGE_DIR"] = str(pathlib.Path(args.coverage).resolve())
    here = pathlib.Path.cwd().resolve() == ROOT
    words = ["./tessera" if here else str(ROOT / "tessera"), "test"]
    design = pathlib.Path(args.model) / "design.txt" if args.model else None
    if design and design.exists():
        words += shlex.split(design.read_text())
    if args.unit:
        words += ["--unit", args.unit, "--config", args.config]
    if args.sv:
        words += ["--sv", *args.sv]
    if args.top:
        words += ["--top", args.top]
    for flag, values in (("--define", args.define), ("--param", args.param), ("--public", args.public),
                         ("--public-file", args.public_file)):
        for value in values:
            words += [flag, value]
    words += [f"--plusarg={p}" for p in plusargs(args)]
    env["TESSERA_RERUN"] = shlex.join([*words, leg, *sources])
    return env


def plusargs(args):
    return [*args.plusarg, *os.environ.get("COCOTB_PLUSARGS", "").split()]


def python_environment(args, out, top, sources):
    import cocotb_tools.config as config
    import find_libpython

    library = find_libpython.find_libpython()
    if not library:
        raise Problem("cocotb needs the shared Python library; install it (Debian: libpython3.11)")
    env = common_environment(args, "--py", sources)
    folders = list(dict.fromkeys(str(pathlib.Path(s).resolve().parent) for s in sources))
    env["PYTHONPATH"] = os.pathsep.join([*folders, str(ROOT / "harness/python"), *[p for p in sys.path if p]])
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env["PYGPI_PYTHON_BIN"] = sys.executable
    env["GPI_USERS"] = f"{library};{config.pygpi_entry_point()}"
    env["PYGPI_USERS"] = ",".join(["cocotb.logging:_configure", "cocotb._init:init_package_from_simulation",
                                   "tessera_gate:prepare", "cocotb.regression:_run_regression"])
    env["COCOTB_TOPLEVEL"] = top
    env["TOPLEVEL_LANG"] = "verilog"
    env["COCOTB_TEST_MODULES"] = ",".join(pathlib.Path(s).stem for s in sources)
    env["COCOTB_TRUST_INERTIAL_WRITES"] = "1"
    env["TESSERA_BENCH_DIRS"] = os.pathsep.join(folders)
    if args.no_checks:
        env["TESSERA_NO_CHECKS"] = "1"
    forceable = [f"{m}.{n}" for m, n in re.findall(r'forceable -module "([^"]+)" -var "([^"]+)"', (out / "names.vlt").read_text())]
    # Paths of the design whose last part is a forceable name: the generated model knows instances, the .vlt knows modules.
    names = {line.strip() for line in (out / "names.txt").read_text().splitlines()}
    last = {f.rsplit(".", 1)[1] for f in forceable}
    paths = sorted(n.replace("dut.", top + ".", 1) if n.startswith("dut.") else n for n in names if n.rsplit(".", 1)[-1] in last)
    listing = out / "forceable.txt"
    write_if_changed(listing, "\n".join(paths) + "\n")
    env["TESSERA_FORCEABLE"] = str(listing)
    return env


def flag(name):
    """An environment variable that is true or false, as cocotb reads it."""
    text = os.environ.get(name, "").strip().lower()
    if text in ("1", "true", "yes", "y", "on", "enable"):
        return True
    if text in ("", "0", "false", "no", "n", "off", "disable"):
        return False
    raise Problem(f"{name}={text} is neither true nor false")


def results_path(args):
    return pathlib.Path(args.results or os.environ.get("COCOTB_RESULTS_FILE", "") or "results.xml").resolve()


def failed_results(path, names, message):
    """A results file that says why there is none of the simulator."""
    root = ElementTree.Element("testsuites", name="cocotb tests")
    suites = {}
    for name in names or ["bench.bench"]:
        module, test = name.split(".", 1)
        suite = suites.setdefault(module, ElementTree.SubElement(root, "testsuite", name=module, errors="0", failures="0",
                                                                 skipped="0", tests="0", time="0"))
        for key in ("failures", "tests"):
            suite.set(key, str(int(suite.get(key)) + 1))
        case = ElementTree.SubElement(suite, "testcase", classname=module, name=test, time="0")
        ElementTree.SubElement(case, "failure", message=message)
        ElementTree.SubElement(case, "properties")
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def judge(path, listed):
    """(passed, failed, skipped, complaint): the results file alone decides."""
    if not path.is_file():
        return 0, 0, 0, "no results file was written"
    try:
        suites = ElementTree.parse(path).getroot().findall("testsuite")
    except ElementTree.ParseError as error:
        return 0, 0, 0, f"the results file is unreadable: {error}"
    cases = [c for s in suites for c in s.findall("testcase")]
    failed = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = sum(1 for c in cases if c.find("skipped") is not None)
    complaint = ""
    if not cases:
        complaint = "no test ran"
    elif len(cases) < len(listed):
        have = {f"{c.get('classname')}.{c.get('name')}" for c in cases}
        complaint = f"{len(listed)} tests were listed, {len(cases)} ran; missing: {', '.join(n for n in listed if n not in have)}"
    return len(cases) - failed - skipped, failed, skipped, complaint


def annotate(path, output):
    """Adds what the RTL said, and when, to failures that cocotb reports as the end of the simulation."""
    said = re.findall(r"^\[(\d+)\] (%(?:Error|Fatal)[^\n]*)", output, re.M)
    finish = re.findall(r"^- (\S+): Verilog \$finish", output, re.M)
    stopped = re.findall(r"^%Error: (\S+): Verilog \$stop", output, re.M)  # after an error of `said`, too
    if said:
        text = f"{said[-1][1]} at {int(said[-1][0]) / 1000:.2f}ns"
    elif stopped:
        text = f"the RTL called $stop ({stopped[-1]})"
    elif len(finish) > 0 and not finish[0].startswith(":0"):
        text = f"the RTL called $finish ({finish[0]})"
    else:
        text = "no event left: nothing is scheduled and the test waits (is the clock running?)"
    tree = ElementTree.parse(path)
    changed = False
    for case in tree.getroot().iter("testcase"):
        failure = case.find("failure")
        if failure is None or failure.get("type") != "SimFailure":
            continue
        stop = case.find("properties/property[@name='sim_time_stop']")
        when = f", simulated time {stop.get('value')} ns" if stop is not None else ""
        failure.set("message", f"{text}{when}; {failure.get('message')}")
        changed = True
    if changed:
        tree.write(path, encoding="utf-8", xml_declaration=True)


def run_process(command, env, limit, cwd=None):
    """(output, timed out, what killed it): the output is passed on as it comes."""
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd,
                               errors="replace")
    over = threading.Event()

    def stop():
        over.set()
        process.kill()

    timer = threading.Timer(limit, stop)
    timer.start()
    lines = []
    try:
        for line in process.stdout:
            sys.stdout.write(line)
            lines.append(line)
        process.wait()
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
    sys.stdout.flush()
    killed = "" if over.is_set() or process.returncode >= 0 else f"the process was ended by {signal.Signals(-process.returncode).name}"
    return "".join(lines), over.is_set(), killed


def trace_arguments(args, out, name=""):
    if args.waves is None:
        return []
    if not is_traced(out):
        raise Problem("this model was built without tracing")
    file = args.waves or "dump.fst"
    if name:
        file = file[:-4] if file.endswith(".fst") else file
        file = f"{file}.{name.replace('/', '_')}.fst"
    return ["--trace", "--trace-file", file]


def coverage_arguments(out, env, label, number):
    """(arguments of cocotb's main program, the coverage database of its process or None)."""
    folder = env.get("TESSERA_COVERAGE_DIR", "")
    file = pathlib.Path(folder) / f"py.{label.replace('/', ',')}.{os.getpid()}.{number}.dat" if folder else None
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        env["TESSERA_COVERAGE_BINS"] = f"{file}.bins"
    return [f"+verilator+coverage+file+{file or os.devnull}"] if is_covered(out) else [], file


def join_coverage(file):
    """The cover points of the simulator and the bins of the bench in one file."""
    bins = pathlib.Path(f"{file}.bins")
    lines = file.read_text() if file.exists() else "# SystemC::Coverage-3\n"
    if bins.exists():
        lines += bins.read_text()
        bins.unlink()
    file.write_text(lines)


def run_python(args, out, top, sources, target):
    with locked(out):
        program = link_python(out, args.build, top)
    env = python_environment(args, out, top, sources)
    if env.get("COCOTB_TESTCASE") and env.get("COCOTB_TEST_FILTER"):
        raise Problem("Specify only one of COCOTB_TESTCASE or COCOTB_TEST_FILTER")
    quiet, _ = coverage_arguments(out, {}, "", 0)
    listing = subprocess.run([str(program), *quiet, *plusargs(args)], env={**env, "COCOTB_LIST_TESTS": "1", "COCOTB_RESULTS_FILE": os.devnull},
                             capture_output=True, text=True, timeout=args.wall_limit + 60)
    modules = {pathlib.Path(s).stem for s in sources}
    listed = [l for l in listing.stdout.splitlines() if " " not in l and l.split(".", 1)[0] in modules and "." in l]
    patterns = [env["COCOTB_TEST_FILTER"]] if env.get("COCOTB_TEST_FILTER") else [
        f"{t.strip()}$" for t in env.get("COCOTB_TESTCASE", "").split(",") if t.strip()]
    if patterns:  # cocotb lists every test, whatever the filter
        listed = [n for n in listed if any(re.search(p, n) for p in patterns)]
    if listed and flag("COCOTB_LIST_TESTS"):
        print(*listed, sep="\n")
        return listed, ""
    if not listed:
        sys.stdout.write(listing.stdout + listing.stderr)
        failed_results(target, [], "no test was found")
        return [], "no test was found"
    groups = [[name] for name in listed] if args.isolate else [listed]
    files, complaints = [], []
    for number, group in enumerate(groups):
        file = target if len(groups) == 1 else target.with_name(f"{target.stem}.{number}.xml")
        file.unlink(missing_ok=True)
        one = {**env, "COCOTB_RESULTS_FILE": str(file)}
        if args.isolate:
            one["TESSERA_ONE_TEST"] = group[0]
        covering, database = coverage_arguments(out, one, group[0] if len(group) == 1 else pathlib.Path(sources[0]).stem, number)
        command = [str(program), *trace_arguments(args, out, group[0] if args.isolate and len(groups) > 1 else ""), *covering,
                   *plusargs(args)]
        output, over, killed = run_process(command, one, args.wall_limit * len(group) + 30)
        if database:
            join_coverage(database)
        _, _, _, complaint = judge(file, group)
        if complaint and killed:
            complaint = f"{killed} in {', '.join(group)}: {complaint}"
        if over:
            complaint = f"wall-clock limit: the process did not end ({args.wall_limit} s per test)"
        if complaint:
            complaints.append(complaint)
            if not file.is_file() or over or "unreadable" in complaint:
                failed_results(file, group, complaint)
        if not complaint:
            annotate(file, output)
        hint = missing_names(output, out)
        if hint:
            print(hint.strip())
        files.append(file)
    if len(files) > 1:
        merge_results(files, target)
        for file in files:
            file.unlink()
    return listed, "; ".join(dict.fromkeys(complaints))


def run_cpp(args, out, sources, target):
    if args.program:
        program = pathlib.Path(args.program).resolve()
    else:
        with locked(out):
            program = link_cpp(out, args.build, sources, args.config)
    env = common_environment(args, "--cpp", sources)
    env["COCOTB_RESULTS_FILE"] = str(target)
    if args.waves:
        env["TESSERA_WAVES_FILE"] = args.waves
    listing = subprocess.run([str(program)], env={**env, "COCOTB_LIST_TESTS": "1"}, capture_output=True, text=True)
    if listing.returncode:
        raise Problem(listing.stderr.strip() or "the bench cannot list its tests")
    modules = {pathlib.Path(s).stem for s in sources}
    listed = [l for l in listing.stdout.splitlines() if " " not in l and "." in l and l.split(".", 1)[0] in modules]
    if listed and flag("COCOTB_LIST_TESTS"):
        print(*listed, sep="\n")
        return listed, ""
    target.unlink(missing_ok=True)
    if not listed:
        failed_results(target, [], "no test was found")
        return [], "no test was found"
    command = [str(program), *(["--in-process"] if args.in_process else []), *plusargs(args)]
    output, over, killed = run_process(command, env, (args.wall_limit + 5) * max(1, len(listed)) + 30)
    _, _, _, complaint = judge(target, listed)
    if complaint and killed:
        complaint = f"{killed}: {complaint}"
    if over:
        complaint = "wall-clock limit: the process did not end"
    if complaint and not target.is_file():
        failed_results(target, listed, complaint)
    return listed, complaint


def main():
    args = make_parser().parse_args()
    try:
        if not args.py and not args.cpp:
            raise Problem("give a bench: --py test_x.py or --cpp test_x.cpp")
        for bench in [*args.py, *args.cpp]:
            if not pathlib.Path(bench).is_file():
                raise Problem(f"{bench} does not exist")
        if args.coverage:
            for old in pathlib.Path(args.coverage).glob("*.dat*"):
                old.unlink()
        if args.waves is None and flag("WAVES"):
            args.waves = os.environ.get("TESSERA_WAVES_FILE", "")
        if not args.seed and not os.environ.get("COCOTB_RANDOM_SEED") and not os.environ.get("RANDOM_SEED"):
            args.seed = str(int(time.time()))  # one for all processes of both languages
        cluster = uses_cluster(args.cpp)
        if cluster and not args.model and args.unit != "tsr_tile":
            raise Problem("tasks attach to tiles: a bench with tessera/cluster.hpp takes --unit tsr_tile --config NAME")
        ensure_libraries(args.build, args.config if cluster else "")
        out, top = build_model(args)
        target = results_path(args)
        parts, listed, complaints = [], [], []
        both, waves, begin = bool(args.py) and bool(args.cpp), args.waves, time.time() - 1
        for leg, sources in (("py", args.py), ("cpp", args.cpp)):
            if not sources:
                continue
            file = target.with_name(f"{target.stem}.{leg}.xml") if both else target
            if waves is not None:
                args.waves = f"{waves.removesuffix('.fst') or 'dump'}.{leg}.fst" if both else waves or "dump.fst"
            names, complaint = run_python(args, out, top, sources, file) if leg == "py" else run_cpp(args, out, sources, file)
            parts.append(file)
            listed += names
            if complaint:
                complaints.append(f"{leg}: {complaint}")
        if flag("COCOTB_LIST_TESTS") and not complaints:
            return 0
        if both:
            merge_results(parts, target)
            for file in parts:
                file.unlink(missing_ok=True)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    passed, failed, skipped, complaint = judge(target, listed)
    if complaint:
        complaints.append(complaint)
    for text in dict.fromkeys(complaints):
        print(f"FAILED: {text}")
    if waves is not None:
        stem = pathlib.Path(waves or "dump.fst")
        traces = sorted(p for p in stem.parent.glob(f"{glob.escape(stem.name.removesuffix('.fst'))}*.fst") if p.stat().st_mtime >= begin)
        print(f"waves: {' '.join(map(str, traces)) or 'none was written'}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped ({target})")
    return 1 if failed or complaints else 0


if __name__ == "__main__":
    raise SystemExit(main())
