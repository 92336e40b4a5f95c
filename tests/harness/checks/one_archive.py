#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each bench archive is linked with our main and with cocotb's own, never through cocotb's runner, never with --public-flat-rw.

usage: one_archive.py --build DIR --bench MODEL=PROGRAM ...

Read are: the command line that Verilator itself recorded, the list of public names, the link commands of both programs, the
digest of the archive that both programs hold, and the sources. First every check is shown bad input and must refuse it.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import bench_build  # noqa: E402

FORBIDDEN = ("--public", "--public-flat", "--public-flat-rw", "--public-depth", "--public-params", "--public-ignore", "--exe", "--binary", "--main",
             "--build")
RUNNER = r"\bcocotb(?:_tools)?\.runner\b|\bfrom\s+cocotb(?:_tools)?\s+import\s+.*\brunner\b|\bget_runner\s*\(|Makefile\.sim\b|\bcocotb-config\s+--makefiles"
MARK = re.compile(rb"tessera-archive:([0-9a-f]{64})")
LINE = re.compile(r'public_flat_(rd|rw) -module "([\w$]+)" -var "([\w$]+)"|forceable -module "([\w$]+)" -var "([\w$]+)"')


def bad_command(command):
    """What is wrong with a command line of Verilator."""
    words = command.split()
    found = [f"{w} is given" for w in words if w in FORBIDDEN or w.startswith("--public")]
    for need in ("--vpi", "--cc"):
        if need not in words:
            found.append(f"{need} is not given")
    if not any(w.endswith("/names.vlt") for w in words):
        found.append("names.vlt is not given")
    return found


def bad_names(text, design, extra):
    """What is wrong with a list of public names: ports, parameters and `extra` {(module, name)} are wanted, one by one."""
    lines = text.splitlines()
    if not lines or lines[0] != "`verilator_config":
        return ["the list does not begin with `verilator_config"]
    found, public = [], set()
    for line in lines[1:]:
        match = LINE.fullmatch(line)
        if not match:
            found.append(f"not one name: {line}")
        elif match[2]:
            public.add((match[2], match[3]))
    top = design["top"]
    wanted = {(top, n) for n, kind in design["modules"][top].items() if kind != "var"} | extra
    found += [f"{m}.{n} is not public" for m, n in sorted(wanted - public)]
    found += [f"{m}.{n} is public without a reason" for m, n in sorted(public - wanted)]
    return found


def bad_link(command, archive, ours):
    """What is wrong with the command that links a program: ours, or cocotb's."""
    words = [w.strip('"') for w in command.split()]
    found = []
    if sum(pathlib.Path(w).name == "libmodel.a" for w in words) < 1 or not any(pathlib.Path(w) == archive for w in words):
        found.append(f"{archive} is not linked")
    if any(pathlib.Path(w).name == "libmodel.a" and pathlib.Path(w) != archive for w in words):
        found.append("another archive is linked")
    cocotb = any("cocotbvpi" in w for w in words)
    if ours and cocotb:
        found.append("our program is linked with cocotb")
    if not ours and not cocotb:
        found.append("cocotb's interface is not linked")
    return found


def bad_marks(archive, programs):
    """The archive holds one digest, and each program the same one."""
    marks = set(MARK.findall(archive))
    if len(marks) != 1:
        return [f"the archive holds {len(marks)} digests"]
    return [f"{name} holds another archive" for name, data in programs.items() if set(MARK.findall(data)) != marks]


def runner_users(files):
    """Sources that go through cocotb's runner or its makefiles."""
    return [str(f) for f in files if re.search(RUNNER, f.read_text(errors="replace"))]


def sources():
    """All sources of the project but this file."""
    for folder in ("cli", "cmake", "harness", "scripts", "tests", "examples", "workloads", "kernels", "sim", "golden", ".ci"):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts and file != pathlib.Path(__file__).resolve():
                if file.suffix in (".py", ".sh", ".cmake", ".txt", ".cpp", ".hpp", "") and file.stat().st_size < 1 << 20:
                    yield file
    yield from (ROOT / n for n in ("CMakeLists.txt", "tessera"))


def recorded(out):
    """The command line that Verilator wrote beside what it generated."""
    file = next((out / "model").glob("*__verFiles.dat"))
    return re.search(r'^C "(.*)"', file.read_text(), re.M)[1]


def link_command(build, program):
    """The link command of a program of the build, as Ninja has it."""
    target = program.resolve().relative_to(build.resolve())
    return subprocess.run(["ninja", "-C", str(build), "-t", "commands", "-s", str(target)], capture_output=True, text=True, check=True).stdout


def extra_names(out):
    """Names that public files list for this archive, from its own record."""
    design, found = json.loads((out / "design.json").read_text()), set()
    for file in (ROOT / "tests").rglob("public.txt"):
        if (out / "model.d").read_text().find(str(file)) < 0:
            continue
        for line in file.read_text().splitlines():
            line = line.split("#")[0].split()
            if line:
                module, name = line[0].rsplit(".", 1)
                found.add((module, name))
                if name not in design["modules"][module]:
                    raise SystemExit(f"{file}: no {line[0]}")
    return found


def check_model(build, out, program):
    top = (out / "top.txt").read_text().strip()
    found = bad_command(recorded(out))
    found += bad_names((out / "names.vlt").read_text(), json.loads((out / "design.json").read_text()), extra_names(out))
    with bench_build.locked(out):
        python = bench_build.link_python(out, build, top)
    archive = out / "libmodel.a"
    command = link_command(build, program)
    command = re.sub(r"(?<![\w/.])(bench/\S+\.a)", lambda m: str(build / m[1]), command)
    found += bad_link(command, archive, True)
    found += bad_link((out / "bench_py.link").read_text(), archive, False)
    found += bad_marks(archive.read_bytes(), {program.name: program.read_bytes(), python.name: python.read_bytes()})
    main = subprocess.run(["nm", str(out / "main_py.o")], capture_output=True, text=True, check=True).stdout
    if not re.search(r" T main$", main, re.M) or re.search(r" T main$", subprocess.run(["nm", str(archive)], capture_output=True, text=True).stdout, re.M):
        found.append("the main program of the Python leg is not cocotb's own, or the archive has one")
    return found


def self_test(build, out):
    """Every check must refuse what it is there for."""
    command, vlt = recorded(out), (out / "names.vlt").read_text()
    design, extra, archive = json.loads((out / "design.json").read_text()), extra_names(out), out / "libmodel.a"
    link = (out / "bench_py.link").read_text()
    a, b = (b"tessera-archive:" + c * 64 for c in (b"a", b"b"))
    first = vlt.splitlines()[1]
    with tempfile.TemporaryDirectory() as folder:
        texts = ["from cocotb_tools.runner import get_runner\n", "import cocotb.runner as r\n", "from cocotb_tools import config, runner\n",
                 "include $(shell cocotb-config --makefiles)/Makefile.sim\n"]
        files = [pathlib.Path(folder) / f"f{n}.py" for n in range(len(texts))]
        for file, text in zip(files, texts):
            file.write_text(text)
        fine = pathlib.Path(folder) / "fine.py"
        fine.write_text("import cocotb\nfrom cocotb_tools.check_results import get_results\n")
        refused = {"--public-flat-rw": bad_command(command + " --public-flat-rw"), "--public": bad_command("--public " + command),
                   "no --vpi": bad_command(command.replace("--vpi", "")), "no names.vlt": bad_command(command.replace("/names.vlt", "/x.vlt")),
                   "-var *": bad_names(vlt + 'public_flat_rw -module "m" -var "*"\n', design, extra),
                   "a name too many": bad_names(vlt + f'public_flat_rd -module "{design["top"]}" -var "nobody"\n', design, extra),
                   "a name too few": bad_names(vlt.replace(first + "\n", ""), design, extra),
                   "another archive": bad_link(link.replace(str(archive), "/elsewhere/libmodel.a"), archive, False),
                   "two archives": bad_link(link + " /elsewhere/libmodel.a", archive, False),
                   "cocotb in our program": bad_link(link, archive, True),
                   "no cocotb": bad_link(link.replace("cocotbvpi", "x"), archive, False),
                   "another digest": bad_marks(a, {"p": b}), "no digest": bad_marks(a, {"p": b""}), "no digest in the archive": bad_marks(b"", {"p": a})}
        refused |= {f"runner {n}": runner_users([file]) for n, file in enumerate(files)}
        accepted = [bad_command(command), bad_names(vlt, design, extra), bad_link(link, archive, False), bad_marks(a, {"p": a}), runner_users([fine])]
    return [f"the check accepts {what}" for what, found in refused.items() if not found] + [f"the check refuses what is right: {f}" for f in accepted if f]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--bench", required=True, nargs="+", metavar="MODEL=PROGRAM")
    args = parser.parse_args()
    build, bad = args.build.resolve(), []
    for number, pair in enumerate(args.bench):
        model, program = pair.split("=", 1)
        out = build / "bench" / model
        found = check_model(build, out, pathlib.Path(program))
        if number == 0:
            found += self_test(build, out)
        print(f"{model}: {'one archive, two programs' if not found else 'WRONG'}", flush=True)
        bad += [f"{model}: {f}" for f in found]
    bad += [f"{f} uses cocotb's runner" for f in runner_users(sources())]
    flat = [l for l in (build / "build.ninja").read_text().splitlines() if "--public-flat" in l]
    bad += [f"the build passes --public-flat-rw: {flat[0][:200]}"] if flat else []
    for line in bad:
        print("WRONG:", line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
