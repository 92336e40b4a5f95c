# SPDX-License-Identifier: Apache-2.0
"""Results files of benches: judging, completing and writing them. A test is a pair (module, name)."""

import collections
import errno
import os
import pathlib
import re
import stat
import xml.etree.ElementTree as ElementTree

from harness_model import Problem


def full_name(test):
    return ".".join(test)


def failed_results(path, tests, message):
    """A results file that says why there is none of the simulator."""
    root = ElementTree.Element("testsuites", name="cocotb tests")
    suites = {}
    for module, test in tests or [("bench", "bench")]:
        if module not in suites:
            suites[module] = ElementTree.SubElement(root, "testsuite", name=module, errors="0", failures="0", skipped="0", tests="0", time="0")
        suite = suites[module]
        for key in ("failures", "tests"):
            suite.set(key, str(int(suite.get(key)) + 1))
        case = ElementTree.SubElement(suite, "testcase", classname=module, name=test, time="0")
        ElementTree.SubElement(case, "failure", message=message)
        ElementTree.SubElement(case, "properties")
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def judge(path, listed):
    """(passed, failed, skipped, complaint): the results file alone decides, and every listed test must be in it."""
    if not path.is_file():
        return 0, 0, 0, "no results file was written"
    try:
        suites = ElementTree.parse(path).getroot().findall("testsuite")
    except ElementTree.ParseError as error:
        return 0, 0, 0, f"the results file is unreadable: {error}"
    cases = [c for s in suites for c in s.findall("testcase")]
    failed = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = sum(1 for c in cases if c.find("skipped") is not None)
    missing = collections.Counter(listed) - collections.Counter((c.get("classname"), c.get("name")) for c in cases)
    complaint = ""
    if not cases:
        complaint = "no test ran"
    elif missing:
        complaint = f"{len(listed)} tests were listed, {len(cases)} ran; missing: {', '.join(map(full_name, missing))}"
    return len(cases) - failed - skipped, failed, skipped, complaint


def annotate(path, output):
    """Adds what the RTL said, and when, to failures that cocotb reports as the end of the simulation."""
    said = re.findall(r"^\[[^\]\n]*\] (%(?:Error|Fatal)[^\n]*)", output, re.M)  # its time depends on precision and $timeformat
    finish = re.findall(r"^- (\S+): Verilog \$finish", output, re.M)
    stopped = re.findall(r"^%Error: (\S+): Verilog \$stop", output, re.M)  # after an error of `said`, too
    if said:
        text = said[-1]
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
        when = f" at {float(stop.get('value')):.2f}ns" if stop is not None else ""
        failure.set("message", f"{text}{when}; {failure.get('message')}")
        changed = True
    if changed:
        tree.write(path, encoding="utf-8", xml_declaration=True)


def failed_at(path):
    """{(module, name): nanosecond at which the test failed} of a results file."""
    found = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        stop = case.find("properties/property[@name='sim_time_stop']")
        if case.find("failure") is not None and stop is not None:
            found[case.get("classname"), case.get("name")] = float(stop.get("value"))
    return found


class Target:
    """Where the results go: a file that may be there already or not, a link to one, a device, a FIFO with a reader."""

    def __init__(self, name):
        self.path = pathlib.Path(name).absolute()
        if str(name).endswith("/") or self.path.is_dir():
            raise Problem(f"--results {name}: this is a folder; give a file")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            there = self.path.exists()
            os.close(self._open(os.O_CREAT))
            if not there and not self.path.is_symlink():
                self.path.unlink()
        except OSError as error:
            raise self._problem(error) from error

    def _open(self, flags=0):
        """Never removes what is there: a link, a device or the mode of a file stays. No blocking on a FIFO that nobody reads."""
        return os.open(self.path, os.O_WRONLY | os.O_NONBLOCK | flags, 0o666)

    def _problem(self, error):
        why = "nobody reads this FIFO" if error.errno == errno.ENXIO else error.strerror
        return Problem(f"cannot write the results to {self.path}: {why}")

    def begin(self):
        """The results of an earlier run must not pass for those of this one."""
        if self.path.is_file():
            os.truncate(self.path, 0)

    def write(self, data):
        try:
            with open(self._open(os.O_CREAT), "wb", closefd=True) as file:
                os.set_blocking(file.fileno(), True)
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    file.truncate(0)
                file.write(data)
        except OSError as error:
            raise self._problem(error) from error
