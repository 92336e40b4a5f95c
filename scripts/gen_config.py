#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The one reader of hardware configurations (docs/decisions/0011): CMake, the program and the scripts all ask it.

usage: gen_config.py NAME|FILE.json [--set KEY=VALUE ...] [--sv FILE] [--hpp FILE] [--print KEY] [--describe] [--keep DIR]
       gen_config.py --folder OUT FILE.json ...     OUT/MODEL/tsr_cfg_pkg.sv and tsr_cfg.hpp of each, prints every MODEL
       gen_config.py --keys FILE.hpp                the C++ struct of all keys
       gen_config.py --names                        the configurations of configs/

NAME stands for configs/NAME.json. Comments (`// ...`) are allowed in a file. A wrong key, value or combination is one
sentence that names file and line, or the --set, and exit code 2; --folder passes over such a file and tells why.
"""

import argparse
import hashlib
import json
import pathlib
import re
import sys
import typing

from gen_common import write

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"
MAX_BYTES = 1 << 20      # of a file


class Key(typing.NamedTuple):
    sv: typing.Optional[str]     # name in tsr_cfg_pkg; None: the RTL does not know it
    low: int
    high: int
    power: bool                  # must be a power of two
    meaning: str


SCHEMA = {
    "partitions": Key("P", 4, 128, True, "SBUF and PSUM partitions, PE rows and columns, lanes"),
    "sbuf_bytes_per_partition": Key("SbufBytes", 4096, 1 << 18, False, "bytes"),
    "psum_banks": Key("PsumBanks", 8, 8, True, "accumulation groups that may be open at once"),
    "psum_bank_bytes": Key("PsumBankBytes", 2048, 2048, True, "bytes per partition and bank"),
    "hbm_bytes_per_cycle": Key("DmaBytes", 8, 128, True, "bytes of an AXI beat and of a DMA beat"),
    "hbm_latency_cycles": Key(None, 1, 10000, False, "cycles from a read address to its first beat, unloaded"),
    "hbm_banks": Key(None, 1, 256, True, "independent banks"),
    "hbm_bytes": Key("HbmBytes", 1 << 20, 1 << 39, True, "bytes per tile"),
    "dma_queues": Key("NumQueues", 4, 8, True, "descriptor rings per tile"),
    "dma_segment_bytes": Key("SegBytes", 128, 1024, True, "bytes: the largest piece that is moved as one packet"),
    "dma_slots_per_queue": Key("NumSlots", 2, 16, True, "segments that a queue may have in flight"),
    "link_bytes": Key("LinkBytes", 8, 128, True, "payload bytes of a flit"),
    "router_vc_depth": Key("VcDepth", 2, 64, True, "flits buffered per virtual channel"),
    "semaphores": Key("NumSems", 16, 256, True, "signed 32-bit counters per tile"),
    "sequencer_registers": Key("NumRegs", 8, 64, True, "32-bit registers per engine"),
    "fetch_slots": Key("FetchSlots", 2, 16, True, "instructions prefetched per engine"),
}

# (the key that is told, the other one, what must hold of both, the sentence)
RULES = [
    ("dma_segment_bytes", "hbm_bytes_per_cycle", lambda segment, beat: segment >= beat,
     "a segment of {} bytes must hold at least one beat of {} bytes (hbm_bytes_per_cycle)"),
    ("dma_segment_bytes", "link_bytes", lambda segment, flit: segment >= flit,
     "a segment of {} bytes must hold at least one flit of {} bytes (link_bytes)"),
    ("sbuf_bytes_per_partition", "dma_segment_bytes", lambda sbuf, segment: sbuf % segment == 0,
     "{} must be a multiple of {} (dma_segment_bytes)"),
]

# Models of such a file in configs/ have its name (a legal one in C++), those of any other one a digest.
PLAIN_NAME = re.compile(r"[a-z]+[0-9]+[a-z0-9]*")
DIGEST_NAME = re.compile(r"c[0-9a-f]{10}")


class Fault(Exception):
    """A sentence for the user."""


class Config(typing.NamedTuple):
    name: str                # for people: "p8", "p8 (router_vc_depth=16)"
    model: str               # in the names of models and targets
    values: typing.Dict[str, int]

    @property
    def hardware(self):
        return digest(self.values)


def digest(values):
    """Of the keys that the RTL knows: configurations that agree in them share their models."""
    text = "".join(f"{key}={values[key]}\n" for key in SCHEMA if SCHEMA[key].sv)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def shown(path):
    """A path of the project as seen from its root, another one as it was given."""
    path = pathlib.Path(path)
    return path.relative_to(ROOT) if path.is_absolute() and ROOT in path.parents else path


def check(key, value, where):
    """Refuses a key or value by itself; `where` is "FILE:LINE" or the --set."""
    if key not in SCHEMA:
        raise Fault(f"{where}: unknown key '{key}'; the keys are {', '.join(SCHEMA)}")
    rule = SCHEMA[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise Fault(f"{where}: '{key}' must be a whole number")
    if not rule.low <= value <= rule.high:
        bounds = f"be {rule.low}" if rule.low == rule.high else f"lie between {rule.low} and {rule.high}"
        raise Fault(f"{where}: '{key}' is {value} but must {bounds}")
    if rule.power and value & (value - 1):
        raise Fault(f"{where}: '{key}' is {value} but must be a power of two")


def check_together(values, where):
    """`where(key)` is the place that gave `key` its value."""
    for key, other, holds, sentence in RULES:
        if not holds(values[key], values[other]):
            place = where(other) if where(other).startswith("--set") and not where(key).startswith("--set") else where(key)
            raise Fault(f"{place}: '{key}': " + sentence.format(values[key], values[other]))


def read_text(path):
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise Fault(f"{shown(path)}: longer than {MAX_BYTES} bytes, so not a configuration")
        return data.decode("utf-8-sig")
    except OSError as err:
        raise Fault(f"{shown(path)}: cannot be read ({err.strerror})")
    except UnicodeDecodeError:
        raise Fault(f"{shown(path)}: not a text file in UTF-8")


def parse(path):
    """({key: value}, {key: line}) of a file: every key once, each value good by itself."""
    text, name = read_text(path), shown(path)
    lines = [line.split("//", 1)[0] for line in text.split("\n")]
    places = {}
    for number, line in enumerate(lines, 1):
        for key in re.findall(r'"([^"]*)"\s*:', line):
            places.setdefault(key, []).append(number)
    seen = {}

    def pairs(items):
        for key, value in items:
            if key in seen:
                raise Fault(f"{name}:{places.get(key, [1])[-1]}: key '{key}' stands twice")
            seen[key] = value
        return dict(items)

    try:
        data = json.loads("\n".join(lines), object_pairs_hook=pairs)
    except json.JSONDecodeError as err:
        raise Fault(f"{name}:{err.lineno}: not valid JSON ({err.msg})")
    except (RecursionError, ValueError):
        raise Fault(f"{name}:1: not valid JSON")
    if not isinstance(data, dict):
        raise Fault(f"{name}:1: the file must hold one object of keys and numbers")
    where = {key: places.get(key, [1])[0] for key in data}
    for key, value in data.items():
        check(key, value, f"{name}:{where[key]}")
    for key in SCHEMA:
        if key not in data:
            raise Fault(f"{name}:{len(text.splitlines())}: key '{key}' is missing")
    return {key: data[key] for key in SCHEMA}, where


def parse_sets(sets):
    """{key: (value, text)} of "KEY=VALUE" texts."""
    found = {}
    for text in sets:
        key, equals, value = text.partition("=")
        where = f"--set {text}"
        if not equals:
            raise Fault(f"{where}: write KEY=VALUE, for example --set router_vc_depth=16")
        check(key, int(value) if re.fullmatch(r"-?[0-9]{1,20}", value) else None, where)
        if key in found:
            raise Fault(f"{where}: '{key}' is set twice")
        found[key] = int(value), where
    return found


def names():
    return sorted((path.stem for path in CONFIGS.glob("*.json")), key=lambda name: (len(name), name))


def locate(spec):
    """The file that a name or a path means."""
    if "/" in spec or spec.endswith(".json"):
        return pathlib.Path(spec)
    path = CONFIGS / f"{spec}.json"
    if spec and path.is_file():
        return path
    raise Fault(f"--config {spec} is unknown; the configurations are {', '.join(names())}; or name a file, FILE.json")


def model_of(path, values, changed):
    """The name in models of a configuration: of its own file in configs/ or one that equals it there, else a digest."""
    own = digest(values)
    if not changed and path.resolve().parent == CONFIGS.resolve() and PLAIN_NAME.fullmatch(path.stem):
        return path.stem
    for name in names():
        if PLAIN_NAME.fullmatch(name):
            try:
                if digest(parse(CONFIGS / f"{name}.json")[0]) == own:
                    return name
            except Fault:
                pass            # of another file: whoever uses it is told
    return "c" + own


def load(spec, sets=()):
    """The Config that `spec` and the --set texts mean. Raises Fault."""
    path = locate(spec)
    values, lines = parse(path)
    changes = parse_sets(sets)
    values.update({key: value for key, (value, _) in changes.items()})
    check_together(values, lambda key: changes[key][1] if key in changes else f"{shown(path)}:{lines[key]}")
    name = path.stem + (f" ({', '.join(f'{key}={value}' for key, (value, _) in changes.items())})" if changes else "")
    return Config(name, model_of(path, values, bool(changes)), values)


def sv_package(config):
    lines = [f"// Generated by scripts/gen_config.py: configuration {config.model}.", "package tsr_cfg_pkg;"]
    for key, rule in SCHEMA.items():
        if rule.sv:
            kind = "longint unsigned" if rule.high >> 32 else "int unsigned"
            lines.append(f"  localparam {kind} {rule.sv} = {config.values[key]};")
    return "\n".join([*lines, "endpackage", ""])


def cpp_header(config):
    fields = "\n".join(f"        .{key} = {config.values[key]}," for key in SCHEMA)
    return f"""// Generated by scripts/gen_config.py: configuration {config.model}.
#pragma once
#include "base/config.hpp"
namespace tessera::configs::{config.model} {{
inline constexpr Config kConfig{{
    {{
{fields}
    }},
    "{config.name}",
    "{config.model}",
    "{config.hardware}",
}};
}}  // namespace tessera::configs::{config.model}
"""


def cpp_keys():
    def kind(key):
        return "std::uint64_t" if SCHEMA[key].high >> 32 else "std::uint32_t"

    fields = "\n".join(f"  {kind(key)} {key};  ///< {rule.meaning}" for key, rule in SCHEMA.items())
    rows = "\n".join(f"""    ConfigKey{{"{key}", "{rule.meaning}", [](const ConfigKeys& c) -> std::uint64_t {{ return c.{key}; }},
              [](ConfigKeys& c, std::uint64_t value) {{ c.{key} = static_cast<{kind(key)}>(value); }}}},"""
                     for key, rule in SCHEMA.items())
    return f"""// Generated by scripts/gen_config.py.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace tessera {{

/// The keys of a configuration file.
struct ConfigKeys {{
{fields}
}};

/// One key by name.
struct ConfigKey {{
  std::string_view name, meaning;
  std::uint64_t (*get)(const ConfigKeys&);
  void (*set)(ConfigKeys&, std::uint64_t);
}};

inline constexpr std::array kConfigKeys{{
{rows}
}};

}}  // namespace tessera
"""


def keep(config, folder):
    """A configuration without a name of its own becomes a file that CMake finds there."""
    if DIGEST_NAME.fullmatch(config.model):
        rows = ",\n".join(f'  "{key}": {value}' for key, value in config.values.items())
        write(folder / f"{config.model}.json", f"{{\n  // {config.name}\n{rows}\n}}\n")


def generate(config, folder):
    write(folder / "tsr_cfg_pkg.sv", sv_package(config))
    write(folder / "tsr_cfg.hpp", cpp_header(config))


def generate_all(out, files):
    """Packages and headers of every good file that has a name for models, and what is wrong with the others."""
    for file in map(pathlib.Path, files):
        try:
            config = load(str(file))
            if DIGEST_NAME.fullmatch(file.stem):
                if file.stem != "c" + config.hardware:
                    raise Fault(f"{shown(file)}: its keys are not those that its name was made of; remove the file")
            elif not PLAIN_NAME.fullmatch(file.stem):
                continue                              # no name for models: it is kept under its digest when first used
            generate(config._replace(name=file.stem, model=file.stem), out / file.stem)
            print(file.stem)
        except Fault as fault:
            print(f"passed over: {fault}", file=sys.stderr)


def describe(config):
    return "\n".join([f"name {config.name}", f"model {config.model}", f"hardware {config.hardware}",
                      *(f"{key} {value}" for key, value in config.values.items())])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("config", nargs="*")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    for flag in ("--sv", "--hpp", "--keys", "--folder", "--keep"):
        parser.add_argument(flag, type=pathlib.Path)
    parser.add_argument("--print", dest="key")
    parser.add_argument("--describe", action="store_true", help="every key, in lines; a fault goes to standard output")
    parser.add_argument("--names", action="store_true")
    args = parser.parse_args()
    if args.names:
        print(", ".join(names()))
    if args.keys:
        write(args.keys, cpp_keys())
    if args.folder:
        generate_all(args.folder, args.config)
    if args.names or args.keys or args.folder:
        return 0
    if len(args.config) != 1:
        parser.error("name one configuration")
    try:
        config = load(args.config[0], args.set)
        if args.key and args.key not in SCHEMA:
            raise Fault(f"--print {args.key}: unknown key; the keys are {', '.join(SCHEMA)}")
    except Fault as fault:
        print(fault, file=sys.stdout if args.describe else sys.stderr)
        return 2
    if args.sv:
        write(args.sv, sv_package(config))
    if args.hpp:
        write(args.hpp, cpp_header(config))
    if args.keep:
        keep(config, args.keep)
    if args.key:
        print(config.values[args.key])
    if args.describe:
        print(describe(config))
    return 0


if __name__ == "__main__":
    sys.exit(main())
