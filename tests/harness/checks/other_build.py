#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the harness and every C++ bench of the tests once more, in another way, on the archives that exist; run them.

usage: other_build.py --build DIR --asan              g++ with AddressSanitizer and leak detection: all tests run
       other_build.py --build DIR --compiler clang++  another compiler: those that need no more than seconds run
       ... [--only REGEX] [--keep DIR] [--jobs N]

The commands are those of the build folder DIR with another compiler and other flags; Verilated code and the simulator stay as
they are. Tests named fails_* must fail, all others pass; a report of the sanitizer fails the check, in a child process too.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

LIBRARIES = {"libtessera_harness.a": "tessera_harness.dir", "libtessera_harness_cluster.a": "tessera_harness_cluster.dir"}
# Verilated::catName keeps one short text for each thread that makes a model, and nobody frees it when the thread ends.
KNOWN_LEAKS = "leak:Verilated::catName\n"
RUN_BY_OTHERS = r"^(twin_phases|twin_words|bench_router_\w+)$"  # what a second compiler runs


def fail(text):
    print(text, file=sys.stderr)
    raise SystemExit(1)


class Build:
    def __init__(self, args):
        self.build, self.out = pathlib.Path(args.build).resolve(), pathlib.Path(args.keep).resolve()
        self.compiler = [args.compiler or "g++"]
        # -O0: half the time of compilation, and no frame variable is optimised away that the sanitizer could watch.
        self.flags = ["-O0", "-g1"]
        self.link_flags = []
        if args.asan:
            self.flags += ["-fsanitize=address", "-fno-omit-frame-pointer", "-w"]
            self.link_flags = ["-fsanitize=address"]
        elif args.compiler:
            self.flags += ["-Wno-unknown-warning-option", "-Werror"]
        if shutil.which("ccache"):
            self.compiler.insert(0, "ccache")
        self.objects = {}  # object of the build folder -> command, object here
        self.benches = {}  # target -> objects
        self.parts = {name: [] for name in LIBRARIES.values()}
        same = {}
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            words = shlex.split(entry["command"])
            old = words[words.index("-o") + 1]
            match = re.search(r"CMakeFiles/([^/]+\.dir)/", old)
            if not match or not (match[1] in self.parts or "TSR_DUT_HEADER" in entry["command"]):
                continue
            at = words.index("-o")
            flags = words[1:at]
            key = (tuple(sorted(flags)), entry["file"])  # one model's dut.cpp serves all its benches
            new = same.setdefault(key, self.out / "obj" / f"{len(same)}_{pathlib.Path(old).name}")
            self.objects[old] = (new, [*self.compiler, *flags, *self.flags, "-c", entry["file"], "-o", str(new)])
            if match[1] in self.parts:
                self.parts[match[1]].append(old)
            else:
                self.benches.setdefault(match[1][:-len(".dir")], []).append(old)

    def compile(self, objects, jobs):
        (self.out / "obj").mkdir(parents=True, exist_ok=True)
        commands = {new: command for new, command in (self.objects[o] for o in objects)}

        def one(command):
            done = subprocess.run(command, capture_output=True, text=True, cwd=self.build)
            return done.returncode, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for code, text in pool.map(one, commands.values()):
                if code:
                    fail(text)
        return len(commands)

    def archive(self):
        for name, part in LIBRARIES.items():
            if self.parts[part]:
                library = self.out / name
                library.unlink(missing_ok=True)
                subprocess.run(["ar", "qcs", str(library), *(str(self.objects[o][0]) for o in self.parts[part])], check=True)

    def link(self, bench):
        lines = subprocess.run(["ninja", "-C", str(self.build), "-t", "commands", bench], capture_output=True, text=True,
                               check=True).stdout.splitlines()
        command = next((l for l in reversed(lines) if self.benches[bench][0] in l and " -c " not in l), None)
        if not command:
            fail(f"the build folder has no command that links {bench}")
        words = shlex.split(command.removeprefix(": && ").removesuffix(" && :"))
        program = self.out / bench
        out = [self.compiler[-1], *self.link_flags]
        for word in words[words.index(next(w for w in words if w in self.objects)):]:
            name = pathlib.Path(word).name
            if word in self.objects:
                out.append(str(self.objects[word][0]))
            elif name in LIBRARIES:
                out.append(str(self.out / name))
            else:
                out.append(str(program) if out[-1] == "-o" else word)
        done = subprocess.run(out, capture_output=True, text=True, cwd=self.build)
        if done.returncode:
            fail(f"{shlex.join(out)}\n{done.stdout}{done.stderr}")
        return program


def run(program):
    """(tests, complaints) of one bench."""
    env = {**os.environ, "COCOTB_RESULTS_FILE": "results.xml", "COCOTB_RANDOM_SEED": "1"}
    env["TESSERA_WALL_LIMIT"] = "2" if "outcomes" in program.name else "240"
    env["ASAN_OPTIONS"] = "detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=0:exitcode=99"
    for name in ("COCOTB_TESTCASE", "COCOTB_TEST_FILTER", "COCOTB_PLUSARGS", "WAVES", "TESSERA_SEED"):
        env.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        known = pathlib.Path(folder, "known_leaks.txt")
        known.write_text(KNOWN_LEAKS)
        env["LSAN_OPTIONS"] = f"suppressions={known}:print_suppressions=0"
        done = subprocess.run([str(program)], env=env, cwd=folder, capture_output=True, text=True)
        text = done.stdout + done.stderr
        reports = re.findall(r"^.*ERROR: (?:Address|Leak)Sanitizer.*$", text, re.M)
        if reports:
            at = text.index(reports[0])
            return 0, [f"{program.name}: {len(reports)} reports, the first:\n{text[at:at + 4000]}"]
        results = pathlib.Path(folder, "results.xml")
        if not results.exists():
            return 0, [f"{program.name}: no results, exit code {done.returncode}\n{text[-3000:]}"]
        cases = list(ElementTree.parse(results).getroot().iter("testcase"))
        wrong = []
        for case in cases:
            if case.find("skipped") is not None:
                continue
            failed = case.find("failure") is not None or case.find("error") is not None
            if failed != case.get("name", "").startswith("fails_"):
                wrong.append(f"{program.name}: {case.get('name')} {'failed' if failed else 'passed'}")
        if wrong:
            wrong.append(text[-3000:])
        return len(cases), wrong or ([] if cases else [f"{program.name}: no test ran"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, metavar="DIR")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--asan", action="store_true")
    way.add_argument("--compiler", default="")
    parser.add_argument("--only", default="", metavar="REGEX", help="of the names of the benches")
    parser.add_argument("--keep", default="", metavar="DIR", help="where to build (default: a folder of DIR)")
    parser.add_argument("--jobs", type=int, default=max(1, len(os.sched_getaffinity(0))))
    args = parser.parse_args()
    args.keep = args.keep or str(pathlib.Path(args.build) / "other" / ("asan" if args.asan else args.compiler))
    begin = time.monotonic()
    build = Build(args)
    benches = sorted(b for b in build.benches if re.search(args.only, b))
    if not benches:
        fail("there is no such bench in the build folder")
    wanted = [o for part in build.parts.values() for o in part] + [o for b in benches for o in build.benches[b]]
    count = build.compile(wanted, args.jobs)
    build.archive()
    programs = [build.link(b) for b in benches]
    print(f"{count} files compiled, {len(programs)} benches linked in {time.monotonic() - begin:.0f} s", flush=True)
    if not args.asan:
        programs = [p for p in programs if re.search(RUN_BY_OTHERS, p.name)]
    tests, complaints = 0, []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for program, (number, wrong) in zip(programs, pool.map(run, programs)):
            tests += number
            complaints += wrong
            print(f"  {program.name}: {number} tests", flush=True)
    for complaint in complaints:
        print(complaint)
    print(f"{tests} tests of {len(programs)} benches, {len(complaints)} complaints")
    return 1 if complaints or not tests else 0


if __name__ == "__main__":
    raise SystemExit(main())
