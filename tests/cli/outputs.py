#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The files a run writes: timeline events that Perfetto accepts, a GTKWave view whose every name is in the waveform, no leftovers.

usage: outputs.py --tessera PROGRAM [--config p4]
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np


def timeline_faults(timeline, report, queues=4):
    events = json.loads(timeline.read_text())["traceEvents"]
    names = {(e["pid"], e.get("tid")): e["args"]["name"] for e in events if e["ph"] == "M"}
    work = [e for e in events if e["ph"] == "X"]
    width, height = map(int, report["mesh"].split("x"))
    if len(events) != len(names) + len(work) or not work:
        yield "events other than names and activities, or no activity"
    if sum(1 for pid, tid in names if tid is None) != width * height:
        yield "not one process per tile"
    first = [name for (pid, tid), name in names.items() if tid is not None and not re.search(r" \(\d+\)$", name)]
    if len(first) != width * height * (5 + queues):
        yield "not one first track per engine and queue"
    ends, late = {}, 0
    for e in sorted(work, key=lambda e: e["ts"]):
        late += e["ts"] < ends.get((e["pid"], e["tid"]), 0)
        ends[e["pid"], e["tid"]] = e["ts"] + e["dur"]
    if late:
        yield f"{late} activities begin before the one on the same track has ended: Perfetto drops them"
    for e in work:
        if (e["pid"], e["tid"]) not in names or e["ts"] < 0 or e["dur"] < 0 or not e["name"] or not re.fullmatch("[0-9a-f]{8}", e["args"]["checksum"]):
            yield f"bad event {e}"
    span = max(e["ts"] + e["dur"] for e in work) - min(e["ts"] for e in work)
    if span > report["cycles"] + 1:
        yield f"activities span {span} cycles, the report says {report['cycles']}"
    if not {"MATMUL", "LDWEIGHTS", "DMA WRITE"} <= {e["name"] for e in work}:
        yield "operations are not called by name"


def view_faults(gtkw, fst, waves):
    process = subprocess.run(["fst2vcd", fst], capture_output=True, text=True)
    scope, found = [], set()
    for line in process.stdout.splitlines():
        if match := re.match(r"\$scope \w+ (\S+)", line):
            scope.append(match[1])
        elif line.startswith("$upscope"):
            scope.pop()
        elif match := re.match(r"\$var \w+ \d+ \S+ (\S+)( \[\S+\])?", line):
            found.add(".".join([*scope, match[1]]) + (match[2] or "").strip())
        elif line.startswith("$enddefinitions"):
            break
    text = gtkw.read_text()
    shown = [re.sub(r"^\+\{[^}]*\} ", "", line) for line in text.splitlines() if line and line[0] not in "[*@-"]
    for name in shown:
        if name not in found:
            yield f"{name} is not in the waveform"
    if len(shown) < 30:
        yield f"only {len(shown)} signals"
    times = [int(t) for t in re.findall(r"^#(\d+)$", process.stdout, re.M)]
    place = int(re.search(r"^\*\S+ (\d+)", text, re.M)[1])
    if not times or not times[0] <= place <= times[-1]:
        yield f"the marker at {place} lies outside the waveform ({times[:1]} to {times[-1:]})"
    elif abs((place - times[0]) / (times[-1] - times[0]) - (waves["first_matmul"] - waves["from"]) / (waves["to"] - waves["from"])) > 0.001:
        yield f"the marker stands at {place}, which is not cycle {waves['first_matmul']}"


def wave_faults(at):
    """What scripts/wave.py makes of the waveform w.fst, and what it refuses with one sentence."""
    wave = [sys.executable, pathlib.Path(__file__).resolve().parents[2] / "scripts/wave.py"]
    marker = lambda: re.search(r"^\*\S+ (\d+)", (at / "w.gtkw").read_text(), re.M)[1]
    before = marker()
    done = subprocess.run([*wave, "w.fst", "--view-only", "--window", "7", "90"], cwd=at, capture_output=True, text=True)
    if done.returncode or marker() != before or "[timestart] 7000\n" not in (at / "w.gtkw").read_text():
        yield f"another window: exit code {done.returncode}, marker {before} became {marker()}: {done.stderr}"
    (at / "x.fst").write_text("no waveform")
    (at / "x.gtkw").write_text("a view beside it")
    for words in (["missing.fst"], ["."], ["x.fst", "--png", "p.png"], ["w.fst", "--png", "no/such/folder/p.png"], ["w.fst", "--window", "9", "9"]):
        done = subprocess.run([*wave, *words], cwd=at, capture_output=True, text=True)
        if done.returncode != 2 or len(done.stderr.splitlines()) != 1:
            yield f"wave {' '.join(words)}: exit code {done.returncode}: {done.stdout}{done.stderr}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    args = parser.parse_args()
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        rng = np.random.default_rng(1)
        np.save(at / "a.npy", rng.standard_normal((40, 60)).astype(np.float32))
        np.save(at / "b.npy", rng.standard_normal((60, 300)).astype(np.float32))
        command = [args.tessera.resolve(), "matmul", "--a", "a.npy", "--b", "b.npy", "--out", "c.npy", "--config", args.config, "--mesh", "2x1",
                   "--shard", "k", "--json", "r.json"]
        # The credit loop of a long link is told, that of a short one is not.
        for latency, cap in ((1, 1.0), (7, 0.5)):
            long = subprocess.run([*command, "--link-latency", str(latency)], cwd=at, capture_output=True, text=True)
            told = re.search(r"credit loop.*one flow gets at most (\d+) % of a link", long.stdout)
            if long.returncode or bool(told) != (cap < 1) or (told and int(told[1]) != 100 * cap) or json.loads((at / "r.json").read_text())["link_flow_cap"] != cap:
                faults.append(f"latency {latency}: the cap of one flow is not {cap}: {long.stdout}{long.stderr}")
        plain = subprocess.run(command, cwd=at, capture_output=True, text=True)
        signature = json.loads((at / "r.json").read_text())["signature"]
        done = subprocess.run([*command, "--timeline", "t.json", "--waves", "w.fst"], cwd=at, capture_output=True, text=True)
        if plain.returncode or done.returncode or done.stderr:
            faults.append(f"exit codes {plain.returncode}, {done.returncode}: {done.stdout}{done.stderr}")
        else:
            report = json.loads((at / "r.json").read_text())
            if report["signature"] != signature:
                faults.append("watching changed the signature")
            faults += timeline_faults(at / "t.json", report)
            faults += view_faults(at / "w.gtkw", at / "w.fst", report["waves"])
            if report["waves"]["to"] - report["waves"]["from"] >= 5000:
                faults.append("the waveform covers more than 5,000 cycles")
            made = {p.name for p in at.iterdir()}
            if made != {"a.npy", "b.npy", "c.npy", "r.json", "t.json", "w.fst", "w.gtkw"}:
                faults.append(f"files left over or missing: {sorted(made)}")
            faults += wave_faults(at)
    for fault in faults[:20]:
        print(fault)
    print(f"{len(faults)} faults in timeline, view and waveform")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
