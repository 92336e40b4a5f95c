#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where outputs may go: links are followed, modes kept, devices and folders refused, and a refused run touches nothing.

usage: targets.py --tessera PROGRAM [--config p4]
"""

import argparse
import os
import pathlib
import stat
import subprocess
import sys
import tempfile

import numpy as np

OPTIONS = ["--out", "--json", "--timeline", "--waves"]


def snapshot(at):
    return {str(p.relative_to(at)): (os.readlink(p) if p.is_symlink() else stat.filemode(p.lstat().st_mode), p.lstat().st_size)
            for p in sorted(at.rglob("*"))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    args = parser.parse_args()
    faults = []
    for option in OPTIONS:
        with tempfile.TemporaryDirectory() as folder:
            at = pathlib.Path(folder)
            np.save(at / "a.npy", np.ones((4, 6)))
            np.save(at / "b.npy", np.ones((6, 5), np.float32))
            np.save(at / "b7.npy", np.ones((7, 5), np.float32))
            (at / "deep").mkdir()
            (at / "old").write_text("old contents")
            (at / "old").chmod(0o640)
            os.symlink("old", at / "to_file")
            os.symlink("../new", at / "deep/dangling")
            os.symlink("deep/dangling", at / "twice")
            os.symlink("round", at / "round")
            os.symlink("/dev/null", at / "device")
            os.symlink("nowhere/x", at / "no_folder")
            os.mkfifo(at / "pipe")

            def call(target, b="b.npy"):
                words = {"--out": "c.npy", option: target}
                command = [args.tessera.resolve(), "matmul", "--a", "a.npy", "--b", b, "--config", args.config]
                return subprocess.run([*command, *(w for pair in words.items() for w in pair)], cwd=at, capture_output=True, text=True)

            for target in ("old", "to_file", "twice", "new", "deep/new"):
                before = snapshot(at)
                done = call(target, "b7.npy")
                if done.returncode != 2 or snapshot(at) != before:
                    faults.append(f"{option} {target}: a refused run (code {done.returncode}) changed {set(snapshot(at).items()) ^ set(before.items())}")
            for target in ("device", "round", "no_folder", "pipe", "deep", "deep/", "nowhere/x", "/dev/null", "a.npy/x"):
                before = snapshot(at)
                done = call(target)
                if done.returncode != 2 or len(done.stderr.splitlines()) != 1 or option not in done.stderr or snapshot(at) != before:
                    faults.append(f"{option} {target}: exit code {done.returncode}: {done.stderr}")
            for target, real in (("to_file", "old"), ("twice", "new")):
                done = call(target)
                if done.returncode or not (at / target).is_symlink() or not (at / real).is_file() or (at / real).read_bytes() in (b"", b"old contents"):
                    faults.append(f"{option} {target}: exit code {done.returncode}, not written through the link: {done.stderr}")
            if stat.S_IMODE((at / "old").stat().st_mode) != 0o640:
                faults.append(f"{option}: the mode of the file is lost")
            if any(".part" in name or ".tmp" in name for name in snapshot(at)):
                faults.append(f"{option}: files left over: {list(snapshot(at))}")
    if not stat.S_ISCHR(os.stat("/dev/null").st_mode):
        faults.append("/dev/null is no device any more")
    for fault in faults[:20]:
        print(fault)
    print(f"{len(faults)} faults in where outputs go")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
