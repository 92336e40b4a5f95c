#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DMA flows that cross in one router of a mesh: while all of them run, none is starved.

usage: flows.py --tessera PROGRAM [--config p4] [--seed 1] [--random 6]

Four flows that meet at the inputs and outputs of one router, mirrored in x and y and at several link latencies, and random
sets of flows around a router. And one queue of a tile that writes to a tile everybody writes to, beside one that writes to an
idle tile: they share the tile's stream of write packets, so the second is delayed, but never behind the first. When the first flow ends, each other has had at least a tenth of the descriptors of the best:
a flow without a bound on its waiting has none or a few.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

COUNT = 24                                             # descriptors of one flow
ROW = 4096                                             # bytes of one descriptor


def crossing(flip_x, flip_y):
    """[(tile, queue, source, destination, descriptors)]: a pair at one input, a third at another, a fourth that takes the
    first input's cycles for another output; (1,1) of a mesh of 4x3 is where they meet."""
    at = lambda x, y: (3 - x if flip_x else x, 2 - y if flip_y else y)
    here = at(1, 1)
    return [(here, 0, at(3, 1), here, COUNT), (here, 1, at(2, 1), here, COUNT), (here, 2, at(1, 2), here, COUNT),
            (at(2, 1), 0, at(2, 1), at(1, 2), 3 * COUNT)]


def around(rng):
    """Random flows between the neighbours of (1,1) and itself, at most two queues of a tile."""
    tiles = [(1, 1), (1, 0), (2, 1), (1, 2), (0, 1)]
    used, flows = {}, []
    for _ in range(rng.randint(4, 7)):
        source, target = rng.sample(tiles, 2)
        owner = rng.choice([source, target])
        if used.setdefault(owner, 0) < 2:
            flows.append((owner, used[owner], source, target, COUNT))
            used[owner] += 1
    return flows


def congested(rng):
    """(0,1) writes to (1,1) and to (0,2); three others write to (1,1) with two queues each."""
    quiet = (0, 2)
    flows = [((0, 1), 0, (0, 1), (1, 1), COUNT), ((0, 1), 1, (0, 1), quiet, COUNT)]
    for tile in rng.sample([(0, 0), (1, 0), (2, 0), (2, 1), (3, 1), (1, 2), (2, 2)], 3):
        flows += [(tile, queue, tile, (1, 1), COUNT) for queue in (0, 1)]
    return flows


def program(flows):
    lines = [".mesh 4 3"]
    for tile in sorted({flow[0] for flow in flows}):
        lines.append(f".tile {tile[0]} {tile[1]}")
        for owner, queue, source, target, count in flows:
            if owner != tile:
                continue
            place = lambda t: "" if t == tile else f"({t[0]},{t[1]})"
            lines.append(f".queue {queue}")
            # each flow has its partition, so that only the network couples them
            lines += [f"copy src={place(source)}sbuf:p{queue}:0:raw8 dst={place(target)}sbuf:p{queue}:8192:raw8 row={ROW} tag={n}"
                      for n in range(count)]
            lines.append(f".doorbell {queue} all")
    return "\n".join(lines) + "\n"


def shares(timeline):
    """{(tile, queue): descriptors completed when the first flow ended} of a timeline."""
    events = json.loads(timeline.read_text())["traceEvents"]
    tiles = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
    lanes = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    ends = {}
    for event in events:
        if event["ph"] == "X":                         # a queue has several lanes: "NAME", "NAME (2)", ...
            queue = lanes[event["pid"], event["tid"]].split(" (")[0]
            ends.setdefault((tiles[event["pid"]], queue), []).append(event["ts"] + event["dur"])
    first = min(max(times) for times in ends.values())
    return {flow: sum(time <= first for time in times) for flow, times in ends.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--config", default="p4")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--random", type=int, default=6)
    args = parser.parse_args()
    cases = [(f"crossing x{int(x)} y{int(y)}", crossing(x, y), latency)
             for x, y, latency in [(False, False, 4), (True, False, 4), (False, True, 1), (True, True, 1), (False, False, 8)]]
    for seed in range(args.seed, args.seed + args.random):
        rng = random.Random(seed)
        cases.append((f"random, seed {seed} (--seed {seed} --random 1)", around(rng), rng.choice([1, 2, 4, 7])))
        cases.append((f"congested, seed {seed} (--seed {seed} --random 1)", congested(rng), rng.choice([1, 2, 4, 7])))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, flows, latency in cases:
            path, timeline = pathlib.Path(folder) / "flows.tsa", pathlib.Path(folder) / "flows.json"
            path.write_text(program(flows))
            done = subprocess.run([args.tessera, "run", path, "--config", args.config, "--link-latency", str(latency),
                                   "--timeline", timeline], capture_output=True, text=True, timeout=300)
            if done.returncode or "bit-exact" not in done.stdout.splitlines():
                failed += 1
                print(f"FAILED {name}, latency {latency}, exit code {done.returncode}:\n{done.stdout}{done.stderr}")
                continue
            share = shares(timeline)
            if len(share) != len(flows):
                sys.exit(f"{name}: the timeline has the queues {list(share)}")
            starved = min(share.values()) * 10 < max(share.values())
            if name.startswith("congested"):           # flows from afar pass more routers: only the two of one tile compare
                starved = share["tile (0, 1)", "DMA queue 1"] * 2 < share["tile (0, 1)", "DMA queue 0"]
            if starved:
                failed += 1
                print(f"FAILED {name}, latency {latency}: descriptors done when the first flow ended: {share}")
    print(f"{len(cases)} sets of flows on {args.config}, {failed} failed; seed {args.seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
