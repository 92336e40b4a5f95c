#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The net under every change of structure: signatures, cycles, link flits and records of stored runs.

usage: baseline.py --tessera PROGRAM             compares 200 stored programs and the jobs of equality.py
       baseline.py --tessera PROGRAM --demo      the demo too (needs the tile of p32)
       baseline.py --tessera PROGRAM --write     renews baseline.json; only in a commit that says what it changes
       baseline.py --tessera PROGRAM --but signature    a change of encoding: all else stays equal

Programs: programs/*.tsa, random legal programs whose first line holds their options; they use no field that means nothing.
Of each run baseline.json keeps `signature`, `cycles`, `flits` (sum over the links) and `records`, a digest of start, end, tag
and checksum of every retirement record. Results are compared with the golden model in every run.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

from equality import prepare

HERE = pathlib.Path(__file__).resolve().parent
STORE = HERE / "baseline.json"
FIELDS = ["signature", "cycles", "flits", "records"]


def records(timeline):
    """Digest of the retirement records of a timeline."""
    events = [(e["pid"], e["tid"], e["ts"], e["dur"], e["name"], e["args"]["tag"], e["args"]["checksum"])
              for e in json.loads(timeline.read_text())["traceEvents"] if e["ph"] == "X"]
    return hashlib.sha256(repr(sorted(events)).encode()).hexdigest()[:16]


def jobs(folder, demo):
    """{case: words of the command line}"""
    cases = {}
    for path in sorted((HERE / "programs").glob("*.tsa")):
        with path.open() as file:
            options = file.readline().removeprefix("#").split()
        cases[path.stem] = ["run", path, *options]
    for mesh in ("p8_2x2", "p4_4x4"):
        for job, words in prepare(folder, mesh, False, 1).items():
            for latency in (1, 2, 7):
                cases[f"{mesh} {job} latency {latency}"] = [*words, "--link-latency", str(latency)]
    if demo:
        cases["demo"] = ["demo", "--out-dir", folder / "demo"]
    return cases


def run(program, words, folder, case):
    """What is kept of one run, or a sentence."""
    report, timeline = (folder / f"{case.replace(' ', '_')}.{kind}" for kind in ("json", "timeline"))
    scratch = folder / case.replace(" ", "_")
    scratch.mkdir(exist_ok=True)
    done = subprocess.run([program, *words, "--json", report, "--timeline", timeline], cwd=scratch, capture_output=True, text=True)
    if done.returncode:
        return f"exit code {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}"
    found = json.loads(report.read_text())
    return dict(zip(FIELDS, (found["signature"], found["cycles"], sum(found["link_flits"]), records(timeline))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--but", nargs="+", choices=FIELDS, default=[], help="fields that may differ")
    parser.add_argument("--case", nargs="+", help="only these, e.g. 017")
    args = parser.parse_args()
    program = args.tessera.resolve()
    want = json.loads(STORE.read_text()) if STORE.exists() else {}
    failed, got = 0, {}
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(name)
        cases = {case: words for case, words in jobs(folder, args.demo).items() if not args.case or case in args.case}
        for case, found in zip(cases, pool.map(lambda c: run(program, cases[c], folder, c), cases)):
            if isinstance(found, str):
                wrong = found
            else:
                got[case] = found
                kept = want.get(case, {})
                wrong = "" if args.write else "; ".join(f"{key} {found[key]}, not {kept.get(key)}" for key in FIELDS
                                                       if key not in args.but and found[key] != kept.get(key))
            if wrong:
                failed += 1
                print(f"FAILED {case}: {wrong}\n  repeat: baseline.py --tessera {args.tessera} --case '{case}'", flush=True)
    if args.write and not failed:
        lines = [f"  {json.dumps(case)}: {json.dumps(found)}" for case, found in sorted({**want, **got}.items())]
        STORE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(cases)} runs, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
