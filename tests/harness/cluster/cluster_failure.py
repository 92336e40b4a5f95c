#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A failing check of a task on a tile of a cluster: place, time, values, seed, command, and a wave of each attached tile.

usage: cluster_failure.py PROGRAM
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        env = {**os.environ, "COCOTB_TEST_FILTER": "fails_on_purpose", "COCOTB_RANDOM_SEED": "7", "WAVES": "1",
               "TESSERA_WAVES_FILE": str(folder / "w.fst"), "COCOTB_RESULTS_FILE": str(folder / "results.xml")}
        env.pop("TESSERA_RERUN", None)
        done = subprocess.run([sys.argv[1]], env=env, capture_output=True, text=True, timeout=120)
        print(done.stdout + done.stderr)
        lines = (pathlib.Path(__file__).parent / "test_cluster.cpp").read_text().splitlines()
        line = next(i for i, text in enumerate(lines, 1) if "1234U" in text)
        wanted = [rf"test_cluster\.cpp:{line}: dut\.cycle_i\.value\(\) == 1234U: left is 40, right is 1234; time 41\.00ns, seed \d+; "
                  r"rerun with waves: COCOTB_RANDOM_SEED=7 COCOTB_TEST_FILTER='\^test_cluster\\\.fails_on_purpose\$' WAVES=1 "]
        wrong = [f"no line like {w}" for w in wanted if not re.search(w, done.stdout)]
        if done.returncode != 1:
            wrong.append(f"exit code {done.returncode} instead of 1")
        if len(ElementTree.parse(folder / "results.xml").findall(".//failure")) + \
                len(ElementTree.parse(folder / "results.xml").findall(".//error")) != 1:
            wrong.append("results.xml does not name one failure")
        for wave in ("w_1_1.fst", "w_2_2.fst"):
            if not (folder / wave).exists() or (folder / wave).stat().st_size < 1000:
                wrong.append(f"{wave} is missing or empty")
        for text in wrong:
            print(text)
        return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
