#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Any configuration by name, file and --set: what is accepted, which models it takes, what is refused and how.

usage: configs.py --tessera PROGRAM
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD = (ROOT / "configs/p8.json").read_text()


def changed(key, value):
    return re.sub(rf'("{key}": )\d+', rf"\g<1>{value}", GOOD)


def line_of(text, word):
    return next(n for n, line in enumerate(text.splitlines(), 1) if word in line)


# text of mine.json, more words, (line, or 0 for a --set) and a part of the sentence
REFUSED = [
    (changed("semaphores", 300), [], line_of(GOOD, "semaphores"), "must lie between"),
    (changed("semaphores", 48), [], line_of(GOOD, "semaphores"), "power of two"),
    (changed("semaphores", '"64"'), [], line_of(GOOD, "semaphores"), "whole number"),
    (changed("semaphores", "6.4e1"), [], line_of(GOOD, "semaphores"), "whole number"),
    (changed("semaphores", "NaN"), [], line_of(GOOD, "semaphores"), "whole number"),
    (GOOD.replace('"semaphores"', '"semaphore"'), [], line_of(GOOD, "semaphores"), "unknown key 'semaphore'"),
    (GOOD.replace('"semaphores"', '"hbm_banks"'), [], line_of(GOOD, "semaphores"), "stands twice"),
    (re.sub(r'.*"semaphores".*\n', "", GOOD), [], len(GOOD.splitlines()) - 1, "'semaphores' is missing"),
    (GOOD.replace("},", "}").rstrip().rstrip("}"), [], 0, "not valid JSON"),
    (GOOD.replace('"semaphores": 256,', '"semaphores": 256'), [], line_of(GOOD, "sequencer_registers"), "not valid JSON"),
    ("[1, 2]\n", [], 1, "one object"),
    ("", [], 1, "not valid JSON"),
    ("[" * 100000, [], 1, "not valid JSON"),
    ("\xff\xfe", [], 0, "UTF-8"),
    (changed("dma_segment_bytes", 128), ["--set", "sbuf_bytes_per_partition=5000"], 0, "must be a multiple of 128"),
    (changed("sbuf_bytes_per_partition", 5000), [], line_of(GOOD, "sbuf_bytes"), "must be a multiple of 256"),
    (GOOD, ["--set", "router_vc_depth=7"], 0, "--set router_vc_depth=7: "),
    (GOOD, ["--set", "router_vc_depth=-8"], 0, "must lie between 2 and 64"),
    (GOOD, ["--set", "router_vc_depth=8x"], 0, "whole number"),
    (GOOD, ["--set", "router_vc_depth="], 0, "whole number"),
    (GOOD, ["--set", "router_vc_depth"], 0, "write KEY=VALUE"),
    (GOOD, ["--set", "depth=8"], 0, "unknown key 'depth'"),
    (GOOD, ["--set", "semaphores=64", "--set", "semaphores=32"], 0, "set twice"),
    (GOOD, ["--set", "psum_banks=4"], 0, "must be 8"),
]


@contextlib.contextmanager
def kept_as_before(program):
    """Takes away the configurations that the program keeps for the next build: the build folder is done, and stays done."""
    kept = program.parents[1] / "configs"
    old, time = set(kept.iterdir()), kept.stat()
    yield
    for file in set(kept.iterdir()) - old:
        file.unlink()
    os.utime(kept, ns=(time.st_atime_ns, time.st_mtime_ns))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tessera", required=True, type=pathlib.Path)
    args = parser.parse_args()
    program, faults = args.tessera.resolve(), []
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)

        def call(*words):
            return subprocess.run([program, *words], cwd=at, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "/nowhere"})

        def model(*words):
            done = call("info", *words, "--json", "info.json")
            return json.loads((at / "info.json").read_text())["model"] if done.returncode == 0 else done.stderr

        for text, words, line, part in REFUSED:
            (at / "mine.json").write_bytes(text.encode("latin-1"))
            done = call("info", "--config", "mine.json", *words)
            place = f"mine.json:{line}: " if line else ""
            if done.returncode != 2 or len(done.stderr.splitlines()) != 1 or place not in done.stderr or part not in done.stderr:
                faults.append(f"{words} {text[-300:]!r}: exit code {done.returncode}, wanted {place}...{part}: {done.stdout}{done.stderr}")
            others = call("info", "--config", "p4")
            if others.returncode or others.stderr:
                faults.append(f"a faulty file breaks another configuration: {others.stderr}")
        (at / "mine.json").write_text(GOOD)
        for words, wanted in ((["--config", "p8"], "p8"), (["--config", "mine.json"], "p8"), (["--config", str(at / "mine.json")], "p8"),
                              (["--config", str(ROOT / "configs/p8.json")], "p8"), (["--config", "p8", "--set", "router_vc_depth=8"], "p8"),
                              (["--config", "p8", "--set", "hbm_latency_cycles=300", "--set=hbm_banks=4"], "p8")):
            if model(*words) != wanted:
                faults.append(f"{words}: model {model(*words)}, wanted {wanted}")
        deep = model("--config", "p8", "--set", "router_vc_depth=16")
        (at / "deep.json").write_text(changed("router_vc_depth", 16))
        if not re.fullmatch("c[0-9a-f]{10}", deep) or model("--config", "deep.json") != deep:
            faults.append(f"equal sizes, two models: {deep} and {model('--config', 'deep.json')}")
        sizes = json.loads((at / "info.json").read_text())["sizes"]
        if sizes["router_vc_depth"] != 16 or len(sizes) != 16:
            faults.append(f"the report holds {sizes}")
        for words in (["nowhere.json"], ["nowhere"], ["/"], [""], ["../p4"]):
            done = call("info", "--config", *words)
            if done.returncode != 2 or len(done.stderr.splitlines()) != 1:
                faults.append(f"--config {words}: exit code {done.returncode}: {done.stderr}")
        # Whoever asks for what was never built is told how to build it, with a code of its own.
        (at / "halt.tsa").write_text((ROOT / "examples/hello_copy.tsa").read_text())
        with kept_as_before(program):
            done = call("run", "halt.tsa", "--config", "p4", "--set", "router_vc_depth=2", "--set", "semaphores=128", "--set", "fetch_slots=16")
        if done.returncode != 3 or "not built" not in done.stderr:
            faults.append(f"a model that is not built: exit code {done.returncode}: {done.stderr}")
        # What the RTL does not know needs no other model, and counts.
        cycles = {}
        for latency in (20, 400):
            done = call("run", "halt.tsa", "--config", "p4", "--set", f"hbm_latency_cycles={latency}", "--json", "r.json")
            report = json.loads((at / "r.json").read_text()) if done.returncode == 0 else {}
            cycles[latency] = report.get("cycles", 0)
            if report.get("sizes", {}).get("hbm_latency_cycles") != latency or f"latency {latency}" not in done.stdout:
                faults.append(f"HBM latency {latency} is not in the report: {done.stdout}{done.stderr}")
        if not 0 < cycles[20] < cycles[400]:
            faults.append(f"cycles by HBM latency: {cycles}")
        # Help shows the defaults of its own command.
        for command, wanted in (("demo", ["p32, with --bug p4", "--mesh TEXT=4x4", "--threads UINT=2", "demo.json"]),
                                ("matmul", ["--config TEXT=p32 ", "--mesh TEXT=1x1", "--threads UINT=1"])):
            text = call(command, "--help").stdout
            faults += [f"{command} --help does not show {word}" for word in wanted if word not in text]
        # A demo with a seeded fault opens what its options ask for, no more.
        for more, wanted in (([], "tile_p4"), (["--waves", "w.fst"], "tile_p4 tile_p4_traced"), (["--assertions"], "tile_p4_checked")):
            named = call("--models", "demo", "--bug", "router", *more).stdout.strip()
            if named != wanted:
                faults.append(f"demo --bug {more} needs {named}, not {wanted}")
        # Neither CMake nor lint stumbles over a faulty file.
        (at / "good1.json").write_text(GOOD)
        (at / "bad1.json").write_text("{")
        done = subprocess.run([sys.executable, ROOT / "scripts/gen_config.py", "--folder", at / "gen", at / "bad1.json", at / "good1.json"],
                              capture_output=True, text=True)
        if done.returncode or done.stdout != "good1\n" or "bad1.json:1: " not in done.stderr or not (at / "gen/good1/tsr_cfg_pkg.sv").is_file():
            faults.append(f"a folder with a faulty file: exit code {done.returncode}: {done.stdout}{done.stderr}")
    for fault in faults[:20]:
        print(fault)
    print(f"{len(faults)} faults in configurations")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
