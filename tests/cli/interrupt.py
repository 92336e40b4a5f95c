#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C in the middle of a run with waves: a sentence, exit code 2, a waveform that can be read, no partial result.

usage: interrupt.py --tessera PROGRAM [--config p4]
"""

import argparse
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    args = parser.parse_args()
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        rng = np.random.default_rng(1)
        np.save(at / "a.npy", rng.standard_normal((400, 400)).astype(np.float32))
        np.save(at / "b.npy", rng.standard_normal((400, 400)).astype(np.float32))
        command = [args.tessera.resolve(), "matmul", "--a", "a.npy", "--b", "b.npy", "--out", "c.npy", "--config", args.config, "--mesh", "2x2",
                   "--json", "r.json", "--waves", "w.fst", "--wave-cycles", "0", "--timeline", "t.json"]
        process = subprocess.Popen([str(c) for c in command], cwd=at, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        limit = time.monotonic() + 120                    # until the waveform grows; the whole run takes far longer
        while process.poll() is None and time.monotonic() < limit:
            if (at / "w.fst").exists() and (at / "w.fst").stat().st_size > 20000:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        if process.returncode != 130 or "interrupt" not in err.lower() or len(err.strip().splitlines()) != 1:
            faults.append(f"exit code {process.returncode}, stderr {err!r}, stdout {out[-300:]!r}")
        if (at / "c.npy").exists():
            faults.append("a result was written")
        left = {p.name for p in at.iterdir()} - {"a.npy", "b.npy", "r.json", "w.fst", "w.gtkw", "t.json"}
        if left:
            faults.append(f"files left over: {sorted(left)}")
        report = json.loads((at / "r.json").read_text()) if (at / "r.json").exists() else {}
        if "interrupt" not in (report.get("error") or "").lower():
            faults.append(f"the report does not name the interrupt: {report.get('error')!r}")
        limited = subprocess.run([*map(str, command[:-6]), "--max-cycles", "3000", "--timeline", "m.json"], cwd=at, capture_output=True, text=True)
        if limited.returncode != 2 or len(limited.stderr.splitlines()) != 1:
            faults.append(f"--max-cycles: exit code {limited.returncode}: {limited.stderr}")
        for name, least in (("t.json", 1000), ("m.json", 10)):
            events = json.loads((at / name).read_text())["traceEvents"] if (at / name).exists() else []
            if sum(e["ph"] == "X" for e in events) < least:
                faults.append(f"the timeline {name} holds {len(events)} events")
        vcd = subprocess.run(["fst2vcd", at / "w.fst"], capture_output=True, text=True)
        times = [int(t) for t in re.findall(r"^#(\d+)$", vcd.stdout, re.M)]
        if vcd.returncode or len(times) < 1000:
            faults.append(f"the waveform holds {len(times)} times: {vcd.stderr[-200:]}")
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults after Ctrl-C")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
