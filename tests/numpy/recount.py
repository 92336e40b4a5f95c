#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recounts MACs, HBM bytes and link flits of a run from its traces and compares them with its report.

usage: recount.py --json report.json --timeline timeline.json
       recount.py --tessera PROGRAM --config p4            makes data, runs matmul and all-reduce with all tiles traced, recounts

MACs: sum over the MATMUL events of the timeline. HBM bytes: accepted beats of the AXI ports, link flits: cycles with a valid
flit, both from the waveforms of all tiles over the whole run (--wave-tiles all --wave-cycles 0), read with fst2vcd.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

# All of them count with their value just before a rising edge.
SIGNALS = ["hbm_axi_rvalid", "hbm_axi_rready", "hbm_axi_wvalid", "hbm_axi_wready", *(f"link_{d}_valid_o" for d in "nesw")]


def count(fst):
    """{"axi_r": beats, "axi_w": beats, "link_n": flits, ...} of one tile, and the width of its AXI port in bytes."""
    process = subprocess.Popen(["fst2vcd", str(fst)], stdout=subprocess.PIPE, text=True)
    depth, wanted, names, width = 0, set(SIGNALS + ["clk_i"]), {}, 0
    top = None
    for line in process.stdout:
        if line.startswith("$scope"):
            depth += 1
        elif line.startswith("$upscope"):
            depth -= 1
        elif match := re.match(r"\$var \w+ (\d+) (\S+) (\S+)", line):
            if match[3] in wanted and (top is None or depth == top) and match[3] not in names.values():
                top = depth
                names[match[2]] = match[3]
            if match[3].startswith("hbm_axi_rdata") and width == 0:
                width = int(match[1]) // 8
        elif line.startswith("$enddefinitions"):
            break
    missing = wanted - set(names.values())
    if missing:
        raise SystemExit(f"{fst} lacks {sorted(missing)}")
    now = dict.fromkeys(wanted, "0")
    before = dict(now)
    total = {"axi_r": 0, "axi_w": 0} | {f"link_{d}": 0 for d in "nesw"}

    def edge():
        total["axi_r"] += before["hbm_axi_rvalid"] == "1" and before["hbm_axi_rready"] == "1"
        total["axi_w"] += before["hbm_axi_wvalid"] == "1" and before["hbm_axi_wready"] == "1"
        for d in "nesw":
            total[f"link_{d}"] += before[f"link_{d}_valid_o"] == "1"

    for line in process.stdout:
        if line[0] == "#":
            before = dict(now)
        elif line[0] in "01xz" and line[1:].rstrip() in names:
            name = names[line[1:].rstrip()]
            if name == "clk_i" and line[0] == "1" and now[name] != "1":
                edge()
            now[name] = line[0]
    process.wait()
    return total, width


def recount(report_path, timeline_path):
    """A list of sentences that say what differs."""
    report = json.loads(pathlib.Path(report_path).read_text())
    events = json.loads(pathlib.Path(timeline_path).read_text())["traceEvents"]
    folder = pathlib.Path(report_path).parent
    wrong = []

    def compare(what, reported, counted):
        if reported != counted:
            wrong.append(f"{what}: the report says {reported}, the traces {counted}")

    if report["macs"] is not None:
        compare("macs", report["macs"], sum(e["args"].get("macs", 0) for e in events if e["name"] == "MATMUL"))
    files = report["waves"]["files"]
    tiles = [count(folder / f) for f in files]
    compare("hbm_bytes_read", report["hbm_bytes_read"], sum(t["axi_r"] * width for t, width in tiles))
    compare("hbm_bytes_written", report["hbm_bytes_written"], sum(t["axi_w"] * width for t, width in tiles))
    compare("link_flits", report["link_flits"], [t[f"link_{d}"] for t, _ in tiles for d in "nesw"])
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--timeline", type=pathlib.Path)
    parser.add_argument("--tessera", type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    args = parser.parse_args()
    failed = 0
    if not args.tessera:
        for sentence in (wrong := recount(args.json, args.timeline)):
            print(sentence)
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        rng = np.random.default_rng(1)
        np.save(at / "a.npy", rng.standard_normal((9, 21)).astype(np.float32))
        np.save(at / "b.npy", rng.standard_normal((21, 33)).astype(np.float32))
        np.save(at / "x.npy", rng.standard_normal((4, 300)).astype(np.float32))
        matmul = ["matmul", "--a", "a.npy", "--b", "b.npy", "--out", "c.npy", "--mesh", "2x2"]
        for words in ([*matmul, "--shard", "mn"], [*matmul, "--shard", "k"],
                      ["collective", "all-reduce", "--in", "x.npy", "--out", "y.npy", "--mesh", "4x1"]):
            command = [args.tessera.resolve(), *words, "--config", args.config, "--json", "r.json", "--timeline", "t.json", "--waves", "w.fst",
                       "--wave-tiles", "all", "--wave-cycles", "0"]
            done = subprocess.run(command, cwd=at, capture_output=True, text=True)
            wrong = [f"exit code {done.returncode}: {done.stdout}{done.stderr}"] if done.returncode else recount(at / "r.json", at / "t.json")
            for sentence in wrong:
                failed += 1
                print(f"{' '.join(words)}: {sentence}")
    print("MACs, HBM bytes and link flits of the reports equal a recount" if not failed else f"{failed} figures differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
