# SPDX-License-Identifier: Apache-2.0
"""What the Python leg of a bench adds to cocotb, without a change to the bench. Loaded by cocotb's entry points (PYGPI_USERS).

  * a test in which no check ran fails (`assert` statements of the bench's own modules are counted);
  * Force, Freeze and Release on a signal that is not forceable fail the test instead of doing nothing;
  * TESSERA_ONE_TEST chooses one test without naming it, so that a test to be skipped is; TESSERA_LIST_FILE gets the tests
    that would run, module and name, each ended by a zero byte, and nothing is simulated;
  * a failed test prints place, time, both values, seed and the command that runs it again;
  * a zero-time loop and the wall-clock limit TESSERA_WALL_LIMIT (seconds, 60) fail the test, and SIGINT, SIGTERM and SIGHUP
    all tests that have not ended; trace and results are written.
"""

import ast
import importlib.abc
import importlib.machinery
import logging
import os
import pathlib
import signal
import sys

import cocotb
import cocotb._event_loop
import cocotb._gpi_triggers
import cocotb._xunit_reporter
import cocotb.handle
import cocotb.regression
import cocotb.simulator
import cocotb.task
import tessera_asserts
import tessera_bench
import tessera_report
from cocotb._bridge import run_bridge_threads

_RESUME_LIMIT = 500_000
_REACT_BLOCK = 1 << 16


class WallClockLimit(BaseException):
    """The test ran longer than TESSERA_WALL_LIMIT seconds."""


class Stopped(BaseException):
    """The run is stopped from outside."""


class ZeroTimeLoop(BaseException):
    """The test let no simulated time pass."""


class _Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, *, _optimize=-1):
        tree = ast.parse(data, path)
        tree = ast.fix_missing_locations(tessera_asserts.Rewriter().visit(tree))
        try:
            from _pytest.assertion.rewrite import rewrite_asserts

            rewrite_asserts(tree, data, path)
        except Exception:  # the messages of asserts are shorter then
            pass
        return compile(tree, path, "exec", dont_inherit=True, optimize=0)  # an assert is the check of a bench

    def get_code(self, fullname):  # never a .pyc without the counting
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, folders):
        self._folders = [pathlib.Path(f).resolve() for f in folders]

    def find_spec(self, fullname, path, target=None):
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return None
        origin = pathlib.Path(spec.origin).resolve()
        if not any(folder in origin.parents for folder in self._folders):
            return None
        spec.loader = _Loader(fullname, spec.origin)
        return spec


def _terminate(error):
    manager = getattr(cocotb.regression, "_manager_inst", None)  # none while the bench is imported
    if manager and manager._regression_terminated is None:
        manager._regression_terminated = error


def _count_checks():
    manager = cocotb.regression.RegressionManager
    start, schedule, score, execute = manager.start_regression, manager._schedule_next_test, manager._score_test, manager._execute
    sim_end = manager._on_sim_end
    rewriting = manager.setup_pytest_assertion_rewriting.__func__

    def schedule_next_test(self):
        tessera_bench.reset_checks()
        signal.setitimer(signal.ITIMER_REAL, _limit())
        logging.getLogger("cocotb.seed").info("Test seed %d", tessera_report.test_seed(self._test.fullname, self._regression_seed))
        schedule(self)

    def score_test(self, exc, wall_time_s, sim_time_start, sim_time_stop):
        signal.setitimer(signal.ITIMER_REAL, 0)
        test = self._test
        if (exc is None and tessera_bench.checks() == 0 and not test.expect_fail and not test.expect_error
                and not getattr(test.func, "tessera_no_checks", False) and not os.environ.get("TESSERA_NO_CHECKS")):
            exc = AssertionError("no check ran; a test that is right to have none is decorated with tessera_bench.no_checks")
        if os.environ.get("TESSERA_COVERAGE_BINS"):
            tessera_bench.CoverGroup.write(os.environ["TESSERA_COVERAGE_BINS"])
        before = self.failures
        score(self, exc, wall_time_s, sim_time_start, sim_time_stop)
        if self.failures > before:
            self.log.error(tessera_report.failure(test.fullname, exc, self._regression_seed, sim_time_stop))

    def setup(cls):
        rewriting(cls)
        folders = tessera_report.bench_folders()
        sys.path[:0] = [f for f in folders if f not in sys.path]  # PYTHONPATH cannot hold a colon
        sys.meta_path.insert(0, _Finder(folders))

    def start_regression(self):
        one = os.environ.get("TESSERA_ONE_TEST", "")
        if one:
            self._test_queue = [t for t in self._test_queue if tessera_report.shown(t.fullname) == one]
        start(self)

    def on_sim_end(self):
        if not _ending or self._tearing_down:
            return sim_end(self)
        self._regression_terminated = _take_ending()  # not that the simulation ended: why it had to
        self._running_test.cancel(str(self._regression_terminated))
        cocotb._event_loop._inst.run()

    def first_execute(self):
        file = os.environ.get("TESSERA_LIST_FILE", "")
        if file:
            words = "".join(f"{tessera_report.shown(w)}\0" for t in self._test_queue for w in (t.module, t.name))
            pathlib.Path(file).write_text(words, encoding="utf-8")
            sys.stdout.flush()
            os._exit(0)  # time stands still, whatever the design has scheduled
        execute(self)

    manager.start_regression = start_regression
    manager._execute = first_execute
    manager._on_sim_end = on_sim_end
    manager._schedule_next_test = schedule_next_test
    manager._score_test = score_test
    manager.setup_pytest_assertion_rewriting = classmethod(setup)


def _guard_force():
    names = set()
    listing = os.environ.get("TESSERA_FORCEABLE", "")
    if listing:
        names = set(pathlib.Path(listing).read_text(encoding="utf-8", errors="surrogateescape").split())
    handle = cocotb.handle
    for action in (handle.Force, handle.Freeze, handle.Release):
        dispatch = action._dispatch

        def checked(self, obj, dispatch=dispatch, action=action):
            if obj._path not in names:
                # The path of a name of the top module is its declaration.
                line = obj._path if obj._path.count(".") == 1 else f"module.{obj._path.rsplit('.', 1)[-1]}"
                raise RuntimeError(f"{action.__name__} on {obj._path}, which is not forceable; declare it with a line "
                                   f"'{line} forceable' in public.txt")
            return dispatch(self, obj)

        action._dispatch = checked


def _limit():
    return float(os.environ.get("TESSERA_WALL_LIMIT", "60") or 60)


def _end(error):
    """Ends the running test with `error`; the tests after it fail with it as well."""
    _terminate(error)
    test = cocotb.regression._manager_inst._running_test
    if not test._finishing:
        test._abort(error)


_ending = None  # why the running test has to end: an exception


def _bound_loops():
    loop = cocotb._event_loop.EventLoop

    def run(self):
        count = 0
        while self._callbacks:
            while self._callbacks:
                cb = self._callbacks.popleft()
                if not cb._cancelled:
                    cb._run()
                count += 1
                if count > _RESUME_LIMIT or _ending:
                    count = 0
                    _end(_take_ending() if _ending else
                         ZeroTimeLoop(f"zero-time loop: tasks ran {_RESUME_LIMIT} times without letting time pass"))
            run_bridge_threads()

    loop.run = run
    trigger = cocotb._gpi_triggers.GPITrigger
    react = trigger._react
    reacts = 0
    last_time = None

    def counted(self):
        nonlocal reacts, last_time
        react(self)  # first: who ends the test now would take the callback away under the simulator that is calling it
        reacts += 1
        error = None
        if _ending:
            error = _take_ending()
        elif reacts % _REACT_BLOCK == 0:
            now = cocotb.simulator.get_sim_time()
            if now == last_time:
                error = ZeroTimeLoop(f"zero-time loop: {_REACT_BLOCK} triggers fired without letting time pass")
            last_time = now
        if error is not None:
            _end(error)
            cocotb._event_loop._inst.run()

    trigger._react = counted


def _take_ending():
    global _ending
    error, _ending = _ending, None
    signal.setitimer(signal.ITIMER_REAL, 0)
    return error


def _on_signal(signum, frame):
    """First: asks the event loop to end the test. An alarm after that, when a task does not return: raises inside of it."""
    global _ending
    if _ending is None:
        _ending = WallClockLimit(f"wall-clock limit of {_limit()} s is over") if signum == signal.SIGALRM else \
            Stopped(f"stopped by {signal.Signals(signum).name}")
        signal.setitimer(signal.ITIMER_REAL, 1.0)
    elif signum == signal.SIGALRM and cocotb.task._current_task is None:  # the simulator takes its time
        signal.setitimer(signal.ITIMER_REAL, 1.0)
    elif signum == signal.SIGALRM:
        error = _take_ending()
        _terminate(error)
        raise error


def _show_paths():
    """A folder whose name is not UTF-8 does not keep the results from being written."""
    normalize = cocotb._xunit_reporter.XUnitReporter._normalize_path
    cocotb._xunit_reporter.XUnitReporter._normalize_path = lambda self, path: tessera_report.shown(normalize(self, path))


def prepare():
    for signum in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _on_signal)
    _count_checks()
    _guard_force()
    _bound_loops()
    _show_paths()
