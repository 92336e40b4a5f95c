# SPDX-License-Identifier: Apache-2.0
"""Child processes of a run. Each leads a process group of its own, and none outlives the run: a signal that ends the run
ends them first (SIGTERM, then SIGKILL after a grace), and the kernel ends them when the run is killed."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading

NUDGE = 5   # seconds from SIGTERM to the signal of a simulator's own
GRACE = 15  # seconds from SIGTERM to SIGKILL: a simulator closes its trace and writes its results
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_running = set()  # of subprocess.Popen
_signal = 0       # that ends the run
_watching = False  # a simulator is running: it is waited for
_nudge = 0        # signal that ends a simulator which does not see SIGTERM


class Stopped(BaseException):
    """The run is stopped from outside; text: 'stopped by SIGINT'."""

    def __init__(self):
        super().__init__(f"stopped by {signal.Signals(_signal).name}")

    code = property(lambda self: 128 + _signal)


def stopped():
    """The Stopped of a signal that has come, or None."""
    return Stopped() if _signal else None


def _send(processes, signum):
    for process in processes:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signum)


def _end(processes):
    """SIGTERM, then what is stronger; returns at once."""
    _send(processes, signal.SIGTERM)
    for seconds, signum in ((NUDGE, _nudge), (GRACE, signal.SIGKILL)):
        timer = threading.Timer(seconds, _send, [processes, signum])
        timer.daemon = True
        timer.start()


def _on_signal(signum, _frame):
    global _signal
    if _signal:
        _send(list(_running), signal.SIGKILL)  # asked twice
        return
    _signal = signum
    _end(list(_running))
    if not _watching:
        raise Stopped


def end_with_children():
    """From here on Ctrl-C, SIGTERM and SIGHUP end the children, then raise Stopped. A signal that the caller ignores (nohup) stays ignored."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, _on_signal)


def _in_child():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def _started(command, **options):
    """Reads nothing from a terminal: the group of a child is not the terminal's, and it would be stopped."""
    if _signal:
        raise Stopped
    stdin = subprocess.DEVNULL if sys.stdin is None or sys.stdin.isatty() else None
    process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="backslashreplace",
                               process_group=0, preexec_fn=_in_child, **options)
    _running.add(process)
    try:
        yield process
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM if _signal else signal.SIGKILL)
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        process.stdout.close()
        _running.discard(process)


def run_captured(command, env=None):
    """subprocess.CompletedProcess of a tool; messages in English and UTF-8, so that they can be read."""
    env = {**(os.environ if env is None else env), "LC_ALL": "C.UTF-8"}
    with _started(command, stderr=subprocess.PIPE, env=env) as process, process.stderr:
        out, err = process.communicate()
    if _signal and threading.current_thread() is threading.main_thread():
        raise Stopped
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def run_watched(command, env, limit, cwd=None, quiet=False, nudge=0):
    """(output, timed out, what killed it) of a simulator; the output is passed on as it comes unless `quiet`. At `limit` seconds,
    or when the run is stopped (see stopped()), it gets SIGTERM, then the signal `nudge`, then SIGKILL, and is waited for."""
    global _watching, _nudge
    over = threading.Event()

    def expire():
        over.set()
        _end([process])

    lines = []
    _watching, _nudge = True, nudge
    timer = threading.Timer(limit, expire)
    timer.daemon = True
    try:
        with _started(command, stderr=subprocess.STDOUT, env=env, cwd=cwd) as process:
            timer.start()
            for line in process.stdout:
                lines.append(line)
                if not quiet:
                    sys.stdout.write(line)
            process.wait()
    finally:
        timer.cancel()
        _watching, _nudge = False, 0
    sys.stdout.flush()
    ended = "" if over.is_set() or _signal or process.returncode >= 0 else f"the process was ended by {signal.Signals(-process.returncode).name}"
    return "".join(lines), over.is_set(), ended
