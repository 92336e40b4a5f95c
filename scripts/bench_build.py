# SPDX-License-Identifier: Apache-2.0
"""What a bench runs on: one Verilated archive per design, linked with cocotb's main program and with a C++ bench."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shlex
import sys

import flat_ports
import gen_config
import harness_model
from bench_names import missing_names
from harness_model import ROOT, Problem, compiler, depfile
from processes import run_captured

# As in tests/unit: benches see the fields of struct ports (flat_ports.py).
FLAT = {"tsr_serve", "tsr_axi_checker", "tsr_dma", "tsr_sbuf", "tsr_psum", "tsr_router", "tsr_ni", "tsr_control"}


def run_tool(command, what):
    done = run_captured(command)
    if done.returncode:
        raise Problem(f"{what} failed:\n{done.stdout}{done.stderr}".rstrip())


def uses_cluster(sources):
    """A C++ bench whose tasks attach to tiles of a cluster."""
    return any(b'"tessera/cluster.hpp"' in pathlib.Path(s).read_bytes() for s in sources if pathlib.Path(s).exists())


def ensure_libraries(build, cluster=""):
    """The harness and the run-time libraries of `build`; built when the folder is configured, else configured first.
    `cluster`: also what a bench of a cluster of this configuration needs."""
    build = pathlib.Path(build)
    if not (build / "build.ninja").exists():
        run_tool(["cmake", "-G", "Ninja", "-S", str(ROOT), "-B", str(build)], "configuring the build")
    if not os.environ.get("TESSERA_LIBRARIES_READY"):
        more = ["tessera_harness_cluster", "tessera_cluster", "tessera_golden", f"tile_{cluster}"] if cluster else []
        run_tool(["ninja", "-C", str(build), "tessera_harness", "tessera_bench_runtime", "tessera_vpi_runtime", *more], "building the harness")


def out_of_date(out, archive):
    if not archive.exists() or not (out / "model.d").exists():
        return True
    stamp = archive.stat().st_mtime
    for name in depfile.read(out / "model.d"):
        path = pathlib.Path(name)
        if not path.exists() or path.stat().st_mtime > stamp:
            return True
    return False


def sizes_of(args):
    """The name in models of --config and --set, whose package and header then stand in the build folder."""
    try:
        config = gen_config.load(args.config, args.set)
    except gen_config.Fault as fault:
        raise Problem(str(fault))
    build = pathlib.Path(args.build)
    gen_config.keep(config, build / "configs")
    gen_config.generate(config._replace(name=config.model), build / "gen" / config.model)
    return config.model


def design_arguments(args):
    """Arguments of harness_model.py, and the name of the top module."""
    if args.unit:
        top = args.top or args.unit
        build = pathlib.Path(args.build)
        sources = [build / "gen" / args.sizes / "tsr_cfg_pkg.sv", build / "gen/tsr_isa_pkg.sv"]
        listed = [l.strip() for l in (ROOT / "rtl/rtl.f").read_text().splitlines() if l.strip().startswith("rtl/")]
        if not any(l.endswith(f"/{args.unit}.sv") for l in listed) and not args.sv:
            raise Problem(f"there is no module {args.unit} in rtl/")
        sources += [ROOT / l for l in listed if l.endswith("_pkg.sv")] + [pathlib.Path(s) for s in args.sv]
        sources += [ROOT / l for l in listed if l.endswith(f"/{top}.sv")]
        if top in FLAT:
            sources.append(flat_ports.write_flat(sources[-1], build / "gen/flat"))
            top += "_flat"
        model = ["--units", "3" if args.unit == "tsr_tile" else "1"]
        for folder in sorted((ROOT / "rtl").iterdir()):
            if folder.is_dir():
                model += ["--incdir", str(folder)]
    else:
        if not args.sv or not args.top:
            raise Problem("give a design: --sv FILES --top MODULE, or --unit NAME")
        top, sources = args.top, [pathlib.Path(s) for s in args.sv]
        for source in sources:
            if not source.exists():
                raise Problem(f"{source} does not exist")
        model = ["--lenient", "--timing"]
        for folder in sorted({str(s.resolve().parent) for s in sources}):
            model += ["--incdir", folder]
    for item in args.define:
        model += ["--define", item]
    if args.fault:
        model += ["--fault", args.fault]
    for item in args.param:
        model += ["--param", item]
    for item in args.public:
        model += ["--public", item]
    files = list(args.public_file)
    for bench in [*args.py, *args.cpp]:
        beside = pathlib.Path(bench).resolve().parent / "public.txt"
        if beside.exists() and str(beside) not in files:
            files.append(str(beside))
    for file in files:
        model += ["--public-file", file]
    return ["--top", top, *model, *[str(s.resolve()) for s in sources]], top


def built_archive(args, arguments):
    """The folder of an archive of the project's own tests that is the design asked for, or None."""
    plain = args.unit and args.top in ("", args.unit) and not (args.sv or args.define or args.fault or args.param or args.coverage or args.level)
    if not plain or "--public" in arguments or "--public-file" in arguments:
        return None
    for design in sorted(pathlib.Path(args.build).resolve().glob("bench/*/design.txt")):
        out = design.parent
        if shlex.split(design.read_text()) == ["--unit", args.unit, "--config", args.sizes] and not out_of_date(out, out / "libmodel.a") \
                and (args.waves is None or is_traced(out)):
            return out
    return None


def build_model(args):
    if args.model:
        out = pathlib.Path(args.model).resolve()
        return out, (out / "top.txt").read_text().strip()
    arguments, top = design_arguments(args)
    out = built_archive(args, arguments)
    if out:
        return out, top
    if args.waves is not None:
        arguments = ["--trace", *arguments]
    if args.level:
        arguments = ["--level", args.level, *arguments]
    if args.coverage:
        points = ROOT / f"tests/coverage/rtl/{args.unit}_cover.sv"
        arguments = ["--coverage", *arguments, *([str(points)] if args.unit and points.exists() else [])]
    key = hashlib.sha256(os.fsencode("\0".join(arguments))).hexdigest()[:12]
    out = pathlib.Path(args.build).resolve() / "bench" / f"{args.name or top}-{key}"
    with locked(out):
        if out_of_date(out, out / "libmodel.a"):
            print(f"building {top} ...", flush=True)
            harness_model.build_model(harness_model.make_parser().parse_args(["--out", str(out), *arguments]))
            (out / "top.txt").write_text(top + "\n")
    return out, top


def is_traced(out):
    return "define TSR_TRACE 1" in harness_model.read_text(out / "dut.cpp")


def is_covered(out):
    return "define TSR_COVERAGE 1" in harness_model.read_text(out / "dut.cpp")


@contextlib.contextmanager
def locked(out):
    """Two runs never build in one folder at once."""
    out.mkdir(parents=True, exist_ok=True)
    with open(out / ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def newer(target, inputs):
    return target.exists() and all(not i.exists() or i.stat().st_mtime <= target.stat().st_mtime for i in inputs)


def library_arguments(libraries):
    return ["-Wl,--start-group", *libraries, "-Wl,--end-group", "-lgtest", "-llz4", "-lz", "-lpthread"]


def link_python(out, build, top):
    """cocotb's unmodified main program on the archive."""
    import cocotb_tools.config as config

    program = out / "bench_py"
    runtime = pathlib.Path(build) / "harness/libtessera_vpi_runtime.a"
    main = pathlib.Path(config.share_dir) / "lib/verilator/verilator.cpp"
    if newer(program, [out / "libmodel.a", runtime, main, pathlib.Path(__file__)]) and (out / "bench_py.link").exists():
        return program
    _, root = harness_model.find_verilator()
    shim = out / "shim"
    shim.mkdir(exist_ok=True)
    prefix = next(p.name[:-len("__Syms.h")] for p in (out / "model").glob("*__Syms.h"))
    # SIGUSR1 ends a simulation that never comes back to Python; cocotb's main program then closes trace and results.
    harness_model.write_if_changed(shim / "Vtop.h", f'''#include <csignal>
#include "{prefix}.h"
using Vtop = {prefix};
[[maybe_unused]] static const auto tessera_end = std::signal(SIGUSR1, [](int) {{ Verilated::threadContextp()->gotFinish(true); }});
''')
    trace, coverage = int(is_traced(out)), int(is_covered(out))
    run_tool([*compiler(), "-std=c++20", "-O2", "-w", f"-DVM_TRACE={trace}", f"-DVM_TRACE_FST={trace}",
              f"-DVM_COVERAGE={coverage}", f"-I{shim}", f"-I{out}/model", f"-I{root}/include", f"-I{root}/include/vltstd",
              "-c", str(main), "-o", str(out / "main_py.o")], "compiling cocotb's main program")
    link = ["g++", "-o", str(program), str(out / "main_py.o"), str(out / "libmodel.a"), str(runtime), f"-L{config.libs_dir}",
            "-Xlinker", "-rpath", "-Xlinker", str(config.libs_dir), "-lcocotbvpi_verilator", "-llz4", "-lz", "-lpthread"]
    (out / "bench_py.link").write_text(shlex.join(link) + "\n", encoding="utf-8", errors="surrogateescape")
    run_tool(link, "linking cocotb's main program")
    return program


def link_cpp(out, build, sources, config):
    key = hashlib.sha256(os.fsencode("\0".join(str(pathlib.Path(s).resolve()) for s in sources))).hexdigest()[:12]
    program = out / f"bench_cpp_{key}"
    build = pathlib.Path(build)
    libraries = [out / "libmodel.a", build / "harness/libtessera_harness.a", build / "harness/libtessera_bench_runtime.a"]
    cluster = uses_cluster(sources)
    if cluster:
        libraries += [build / name for name in ("harness/libtessera_harness_cluster.a", "sim/libtessera_cluster.a", "golden/libtessera_golden.a",
                                                "isa/libtessera_isa.a", "base/libtessera_base.a")]
    headers = [*sorted((ROOT / "harness/include/tessera").rglob("*.hpp")), build / "gen/tsr_boundary.hpp"]
    inputs = [pathlib.Path(s) for s in sources] + libraries + headers + [out / "dut.hpp", out / "dut.cpp"]
    inputs += [h for s in sources for h in pathlib.Path(s).resolve().parent.glob("*.hpp")]
    if newer(program, inputs):
        return program
    _, root = harness_model.find_verilator()
    flags = ["-std=c++20", "-O2", "-Wall", "-Wextra", f"-I{ROOT}/harness/include", f"-I{ROOT}", f"-isystem{root}/include",
             f"-isystem{root}/include/vltstd", f"-I{out}", f"-I{out}/model", f"-I{build}/gen", '-DTSR_DUT_HEADER="dut.hpp"']
    if cluster:
        design = out / "design.txt"
        named = re.search(r"--config (\S+)", design.read_text()) if design.exists() else None
        config = named[1] if named else config
        if gen_config.DIGEST_NAME.fullmatch(config):
            config = f"{build}/configs/{config}.json"
        flags += [f'-DTSR_BENCH_CONFIG="{config}"']
    objects = []
    for source in [out / "dut.cpp", *[pathlib.Path(s).resolve() for s in sources]]:
        handles = source == out / "dut.cpp"  # the same for all benches of this model
        target = out / ("dut.o" if handles else f"{key}_{source.stem}.o")
        objects.append(str(target))
        if handles and newer(target, [source, out / "dut.hpp", out / "libmodel.a", *headers]):
            continue
        done = run_captured([*compiler(), *flags, "-c", str(source), "-o", str(target)])
        if done.returncode:
            raise Problem(f"{source} does not compile:\n{done.stderr.rstrip()}{missing_names(done.stderr, out)}")
        sys.stderr.write(done.stderr)
    run_tool(["g++", "-o", str(program), *objects, *library_arguments([str(l) for l in libraries])], "linking the bench")
    return program
