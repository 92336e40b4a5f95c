#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a test bench, in Python under cocotb or in C++, on any RTL or on a block of this project.

usage: ./tessera test --sv FILE.sv ... --top MODULE (--py test_x.py | --cpp test_x.cpp) ... [options]
       ./tessera test --unit tsr_router|tsr_dma|tsr_pe_array|tsr_tile --config p8 (--py ... | --cpp ...) [options]

Both legs run on one Verilated archive: Python through cocotb's own main program and VPI, C++ through tessera/test.hpp.
Exit code 0 only when every selected test ran and passed; the results files decide, never the exit code of a simulator. 1: a test
failed or did not run; 2: bad input; 130, 143: stopped by Ctrl-C or SIGTERM, with the results and traces so far.
"""

import argparse
import glob
import io
import json
import os
import pathlib
import re
import shlex
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench_build import build_model, ensure_libraries, is_covered, is_traced, link_cpp, link_python, locked, sizes_of, uses_cluster  # noqa: E402
from bench_names import missing_names  # noqa: E402
from bench_results import Target, annotate, failed_at, failed_results, full_name, judge  # noqa: E402
from harness_model import ROOT, Problem, read_text, write_if_changed  # noqa: E402
from merge_results import merge_results  # noqa: E402
from processes import Stopped, end_with_children, run_watched, stopped  # noqa: E402
from wave import write_view  # noqa: E402


def make_parser():
    parser = argparse.ArgumentParser(prog="./tessera test", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    design = parser.add_argument_group("design")
    design.add_argument("--sv", nargs="+", default=[], metavar="FILE", help="SystemVerilog sources, packages first")
    design.add_argument("--top", default="", help="top module of --sv, or another top for --unit (with its file in --sv)")
    design.add_argument("--unit", default="", help="a module of rtl/")
    design.add_argument("--config", default="p8", help="configuration of --unit: a name of configs/ or a file, FILE.json (default p8)")
    design.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="in place of what the configuration says")
    design.add_argument("--define", action="append", default=[], metavar="NAME[=VALUE]")
    design.add_argument("--fault", default="", metavar="NAME", help="the RTL with this seeded fault (names: scripts/faults.py list)")
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
    bench.add_argument("--results", default="", metavar="FILE", help="JUnit file, device or FIFO (default results.xml, or COCOTB_RESULTS_FILE)")
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
    env = {k: v for k, v in os.environ.items() if k not in ("TESSERA_ONE_TEST", "TESSERA_LIST_FILE", "TESSERA_RUN_SKIPPED")}
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
        words += ["--unit", args.unit, "--config", args.config, *(f"--set={text}" for text in args.set)]
    if args.sv:
        words += ["--sv", *args.sv]
    if args.top:
        words += ["--top", args.top]
    if args.fault:
        words += ["--fault", args.fault]
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
    for name in ("PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONINSPECT"):  # another installation, no asserts, a prompt at the end
        env.pop(name, None)
    env["PYGPI_PYTHON_BIN"] = sys.executable
    env["GPI_USERS"] = f"{library};{config.pygpi_entry_point()}"
    env["PYGPI_USERS"] = ",".join(["cocotb.logging:_configure", "cocotb._init:init_package_from_simulation",
                                   "tessera_gate:prepare", "cocotb.regression:_run_regression"])
    env["COCOTB_TOPLEVEL"] = top
    env["TOPLEVEL_LANG"] = "verilog"
    env["COCOTB_TEST_MODULES"] = ",".join(pathlib.Path(s).stem for s in sources)
    env["COCOTB_TRUST_INERTIAL_WRITES"] = "1"
    env["TESSERA_BENCH_DIRS"] = json.dumps(folders)
    if args.no_checks:
        env["TESSERA_NO_CHECKS"] = "1"
    forceable = [f"{m}.{n}" for m, n in re.findall(r'forceable -module "([^"]+)" -var "([^"]+)"', read_text(out / "names.vlt"))]
    # Paths of the design whose last part is a forceable name: the generated model knows instances, the .vlt knows modules.
    names = {line.strip() for line in read_text(out / "names.txt").splitlines()}
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


def check_benches(args):
    """Every test has a name of its own, module.test, by which it is chosen, seeded and reported; the module is the name of a file."""
    for leg in ("py", "cpp"):
        files = {}
        for bench in getattr(args, leg):
            path = pathlib.Path(bench)
            if not path.is_file():
                raise Problem(f"{bench} {'is not a file' if path.exists() else 'does not exist'}")
            if leg == "py" and (path.suffix != ".py" or re.search(r"[.,]|^\s|\s$", path.stem)):
                raise Problem(f"{bench}: Python imports a bench by the name of its file; take NAME.py with letters, digits and _")
            other = files.setdefault(path.stem, path)
            if other.resolve() != path.resolve():
                raise Problem(f"{other} and {bench} have one name, so their tests cannot be told apart; rename one, or run them one after the other")
        setattr(args, leg, [str(f) for f in files.values()])


def list_tests(command, env, limit, folder):
    """([(module, name)], output): the tests that `command` would run, in their order, as it writes them to a file. Nothing is simulated."""
    file = folder / "tests"
    file.unlink(missing_ok=True)
    output, over, killed = run_watched(command, {**env, "TESSERA_LIST_FILE": str(file)}, limit, quiet=True)
    if stopped():
        raise stopped()
    if over or killed:
        raise Problem(f"{output}the tests cannot be listed: {killed or f'no end within {limit:g} s'}")
    words = read_text(file).split("\0")[:-1] if file.exists() else []
    tests = list(zip(words[::2], words[1::2]))
    names = [full_name(t) for t in tests]
    for name in names:
        if names.count(name) > 1:
            raise Problem(f"two tests are named {name}; give each a name of its own")
    return tests, output


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


def run_python(args, out, top, sources, folder, target):
    """([(module, name)] of all tests, complaint); the results are in `target`."""
    with locked(out):
        program = link_python(out, args.build, top)
    env = python_environment(args, out, top, sources)
    if env.get("COCOTB_TESTCASE") and env.get("COCOTB_TEST_FILTER"):
        raise Problem("Specify only one of COCOTB_TESTCASE or COCOTB_TEST_FILTER")
    quiet, _ = coverage_arguments(out, {}, "", 0)
    listed, output = list_tests([str(program), *quiet, *plusargs(args)], {**env, "COCOTB_LIST_TESTS": "0", "COCOTB_RESULTS_FILE": os.devnull},
                                args.wall_limit + 60, folder)
    if listed and flag("COCOTB_LIST_TESTS"):
        return listed, ""
    if not listed:
        sys.stdout.write(output)
        failed_results(target, [], "no test was found")
        return [], "no test was found"
    groups = [[test] for test in listed] if args.isolate else [listed]
    files, complaints = [], []
    for number, group in enumerate(groups):
        file = target if len(groups) == 1 else target.with_name(f"{target.stem}.{number}.xml")
        files.append(file)
        if stopped():
            failed_results(file, group, f"did not run: {stopped()}")
            continue
        one = {**env, "COCOTB_RESULTS_FILE": str(file)}
        names = ", ".join(map(full_name, group))
        if args.isolate:
            one["TESSERA_ONE_TEST"] = names
        covering, database = coverage_arguments(out, one, names if len(group) == 1 else pathlib.Path(sources[0]).stem, number)
        command = [str(program), *trace_arguments(args, out, names if args.isolate and len(groups) > 1 else ""), *covering, *plusargs(args)]
        output, over, killed = run_watched(command, one, args.wall_limit * len(group) + 30, nudge=signal.SIGUSR1)
        if database:
            join_coverage(database)
        _, _, _, complaint = judge(file, group)
        if complaint and killed:
            complaint = f"{killed} in {names}: {complaint}"
        if over:
            complaint = f"wall-clock limit: the process did not end ({args.wall_limit} s per test)"
        if complaint:
            complaints.append(complaint)
            if not file.is_file() or over or "unreadable" in complaint:
                failed_results(file, group, f"{stopped()}; {complaint}" if stopped() else complaint)
        else:
            annotate(file, output)
        hint = missing_names(output, out)
        if hint:
            print(hint.strip())
    if len(files) > 1:
        merge_results(files, target)
    return listed, "; ".join(dict.fromkeys(complaints))


def run_cpp(args, out, sources, folder, target):
    """([(module, name)] of all tests, complaint); the results are in `target`."""
    if args.program:
        program = pathlib.Path(args.program).resolve()
    else:
        with locked(out):
            program = link_cpp(out, args.build, sources, args.sizes)
    env = common_environment(args, "--cpp", sources)
    env["COCOTB_RESULTS_FILE"] = str(target)
    if args.waves:
        env["TESSERA_WAVES_FILE"] = args.waves
    listed, output = list_tests([str(program)], env, args.wall_limit + 60, folder)
    if not listed and not (folder / "tests").exists():
        raise Problem(output.strip() or "the bench cannot list its tests")
    modules = {pathlib.Path(s).stem for s in sources}
    listed = [test for test in listed if test[0] in modules]
    if listed and flag("COCOTB_LIST_TESTS"):
        return listed, ""
    if not listed:
        failed_results(target, [], "no test was found")
        return [], "no test was found"
    command = [str(program), *(["--in-process"] if args.in_process else []), *plusargs(args)]
    output, over, killed = run_watched(command, env, (args.wall_limit + 5) * max(1, len(listed)) + 30)
    _, _, _, complaint = judge(target, listed)
    if complaint and killed:
        complaint = f"{killed}: {complaint}"
    if over:
        complaint = "wall-clock limit: the process did not end"
    if complaint and (not target.is_file() or "unreadable" in complaint):
        failed_results(target, listed, f"{stopped()}; {complaint}" if stopped() else complaint)
    return listed, complaint


def finished(trace):
    """An FST file gets its header last: its size is 0 until then."""
    with open(trace, "rb") as file:
        head = file.read(9)
    return len(head) == 9 and any(head[1:])


def mark(trace, runs):
    """Writes the view of a trace, with a marker where its test failed. `runs`: per language the stem of its traces, all tests, and
    when which of them failed. A trace is of the test that its name ends with, else of all tests of its language."""
    for stem, tests, failed in runs:
        if trace.name.startswith(stem):
            own = [t for t in tests if trace.name.endswith(f".{full_name(t).replace('/', '_')}.fst")]
            moments = [failed[t] for t in own or tests if t in failed]
            try:
                write_view(trace, moments[0] if moments else None, fresh=True)
            except (SystemExit, OSError):  # what is missing has been said
                pass


def run_benches(args, folder, target):
    """Exit code of everything that was asked for; the results files of the languages are made in `folder`."""
    cluster = uses_cluster(args.cpp)
    if cluster and not args.model and args.unit != "tsr_tile":
        raise Problem("tasks attach to tiles: a bench with tessera/cluster.hpp takes --unit tsr_tile --config NAME")
    args.sizes = sizes_of(args) if args.unit or cluster else args.config
    ensure_libraries(args.build, args.sizes if cluster else "")
    out, top = build_model(args)
    listing = flag("COCOTB_LIST_TESTS")
    if not listing:
        target.begin()
    parts, tests, complaints, runs = [], 0, [], []
    both, waves, begin = bool(args.py) and bool(args.cpp), args.waves, time.time() - 1
    for leg, sources in (("py", args.py), ("cpp", args.cpp)):
        if not sources or stopped():
            continue
        if waves is not None:
            args.waves = f"{waves.removesuffix('.fst') or 'dump'}.{leg}.fst" if both else waves or "dump.fst"
        parts.append(folder / f"{leg}.xml")
        names, complaint = run_python(args, out, top, sources, folder, parts[-1]) if leg == "py" else \
            run_cpp(args, out, sources, folder, parts[-1])
        tests += len(names)
        if waves is not None and not listing:
            runs.append((pathlib.Path(args.waves).name.removesuffix(".fst"), names, failed_at(parts[-1])))
        if complaint:
            complaints.append(f"{leg}: {complaint}")
        elif listing:
            print(*map(full_name, names), sep="\n")
    if listing and not complaints:
        return 0
    results, merged = folder / "results.xml", io.BytesIO()
    merge_results(parts, merged)
    results.write_bytes(merged.getvalue())
    passed, failed, skipped, complaint = judge(results, [])
    if not complaint and passed + failed + skipped < tests:
        complaint = f"{tests} tests were listed, {passed + failed + skipped} are in the results"
    try:
        target.write(merged.getvalue())
    except Problem as problem:
        complaints.append(str(problem))
    complaints += [complaint] if complaint else []
    complaints += [str(stopped())] if stopped() else []
    for text in dict.fromkeys(complaints):
        print(f"FAILED: {text}")
    if waves is not None:
        stem = pathlib.Path(waves or "dump.fst")
        traces = sorted(p for p in stem.parent.glob(f"{glob.escape(stem.name.removesuffix('.fst'))}*.fst") if p.stat().st_mtime >= begin)
        whole = [t for t in traces if finished(t)]
        print(f"waves: {' '.join(map(str, whole)) or 'none was written'}")
        for trace in whole:
            mark(trace, runs)
        for trace in sorted({*traces} - {*whole}):
            print(f"no waves: {trace} cannot be read, its process ended before it was finished")
    print(f"{passed} passed, {failed} failed, {skipped} skipped ({target.path})")
    return stopped().code if stopped() else 1 if failed or complaints else 0


def main():
    for stream in (sys.stdout, sys.stderr):  # names and messages of a bench in any locale
        stream.reconfigure(encoding="utf-8" if "utf" in stream.encoding.lower() else stream.encoding, errors="backslashreplace")
    args = make_parser().parse_args()
    target = None
    try:
        end_with_children()
        if not args.py and not args.cpp:
            raise Problem("give a bench: --py test_x.py or --cpp test_x.cpp")
        check_benches(args)
        target = Target(args.results or os.environ.get("COCOTB_RESULTS_FILE", "") or "results.xml")
        if args.coverage:
            if pathlib.Path(args.coverage).exists() and not pathlib.Path(args.coverage).is_dir():
                raise Problem(f"--coverage {args.coverage}: this is no folder")
            for old in pathlib.Path(args.coverage).glob("*.dat*"):
                old.unlink()
        if args.waves is None and flag("WAVES"):
            args.waves = os.environ.get("TESSERA_WAVES_FILE", "")
        if not args.seed and not os.environ.get("COCOTB_RANDOM_SEED") and not os.environ.get("RANDOM_SEED"):
            args.seed = str(int(time.time()))  # one for all processes of both languages
        with tempfile.TemporaryDirectory(prefix="tessera-bench-") as folder:
            try:
                return run_benches(args, pathlib.Path(folder), target)
            except Stopped as stop:  # before a test ran
                failed_results(pathlib.Path(folder) / "stopped.xml", [], f"no test ran: {stop}")
                target.begin()
                target.write((pathlib.Path(folder) / "stopped.xml").read_bytes())
                raise
    except (Problem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    except Stopped as stop:
        print(stop, file=sys.stderr)
        return stop.code


if __name__ == "__main__":
    raise SystemExit(main())
