#!/usr/bin/env python3
"""Turn configs/NAME.json into the SystemVerilog package and the C++ header of that configuration.

usage: gen_config.py CONFIG.json [--sv tsr_cfg_pkg.sv] [--hpp tsr_cfg.hpp] [--print KEY]

Comments (`// ...`) are allowed in the JSON file. Unknown, missing, duplicate or ill-typed keys end the
program with exit code 2 and a sentence that names file and line.
"""

import argparse
import json
import pathlib
import re
import sys

from gen_common import write

# key -> (SystemVerilog name, C++ name, lowest, highest, must be a power of two)
SCHEMA = {
    "partitions": ("P", "partitions", 4, 128, True),
    "sbuf_bytes_per_partition": ("SbufBytes", "sbuf_bytes_per_partition", 4096, 1 << 18, False),
    "psum_banks": ("PsumBanks", "psum_banks", 8, 8, True),
    "psum_bank_bytes": ("PsumBankBytes", "psum_bank_bytes", 2048, 2048, True),
    "hbm_bytes_per_cycle": ("DmaBytes", "hbm_bytes_per_cycle", 8, 128, True),
    "hbm_latency_cycles": (None, "hbm_latency_cycles", 1, 10000, False),
    "hbm_banks": (None, "hbm_banks", 1, 256, True),
    "hbm_bytes": ("HbmBytes", "hbm_bytes", 1 << 20, 1 << 39, True),
    "dma_queues": ("NumQueues", "dma_queues", 4, 8, True),
    "dma_segment_bytes": ("SegBytes", "dma_segment_bytes", 128, 1024, True),
    "dma_slots_per_queue": ("NumSlots", "dma_slots_per_queue", 2, 16, True),
    "link_bytes": ("LinkBytes", "link_bytes", 8, 128, True),
    "router_vc_depth": ("VcDepth", "router_vc_depth", 2, 64, True),
    "semaphores": ("NumSems", "semaphores", 16, 256, True),
    "sequencer_registers": ("NumRegs", "sequencer_registers", 8, 64, True),
    "fetch_slots": ("FetchSlots", "fetch_slots", 2, 16, True),
}


def fail(message):
    print(f"gen_config: {message}", file=sys.stderr)
    raise SystemExit(2)


def load(path):
    """Return {key: int} of a configuration file, checked against SCHEMA."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as err:
        fail(f"{path}: cannot be read ({err.strerror})")
    plain = "\n".join(re.sub(r"//.*", "", line) for line in text.splitlines())

    def line_of(key):
        for number, line in enumerate(plain.splitlines(), 1):
            if f'"{key}"' in line:
                return number
        return 1

    def pairs(items):
        seen = {}
        for key, value in items:
            if key in seen:
                fail(f"{path}:{line_of(key)}: key '{key}' stands twice")
            seen[key] = value
        return seen

    try:
        data = json.loads(plain, object_pairs_hook=pairs)
    except json.JSONDecodeError as err:
        fail(f"{path}:{err.lineno}: not valid JSON ({err.msg})")
    if not isinstance(data, dict):
        fail(f"{path}:1: the file must hold one object of keys and numbers")
    for key, value in data.items():
        if key not in SCHEMA:
            fail(f"{path}:{line_of(key)}: unknown key '{key}'; the keys are {', '.join(SCHEMA)}")
        _, _, low, high, power = SCHEMA[key]
        if not isinstance(value, int) or isinstance(value, bool):
            fail(f"{path}:{line_of(key)}: '{key}' must be a whole number")
        if not low <= value <= high:
            fail(f"{path}:{line_of(key)}: '{key}' is {value} but must lie between {low} and {high}")
        if power and value & (value - 1):
            fail(f"{path}:{line_of(key)}: '{key}' is {value} but must be a power of two")
    end = len(text.splitlines())
    for key in SCHEMA:
        if key not in data:
            fail(f"{path}:{end}: key '{key}' is missing")
    if data["dma_segment_bytes"] < data["hbm_bytes_per_cycle"]:
        fail(f"{path}:{line_of('dma_segment_bytes')}: a segment must hold at least one DMA beat")
    if data["dma_segment_bytes"] < data["link_bytes"]:
        fail(f"{path}:{line_of('dma_segment_bytes')}: a segment must hold at least one flit")
    if data["sbuf_bytes_per_partition"] % data["dma_segment_bytes"]:
        fail(f"{path}:{line_of('sbuf_bytes_per_partition')}: must be a multiple of dma_segment_bytes")
    return data


def sv_package(name, cfg):
    lines = [
        f"// Generated from configs/{name}.json by scripts/gen_config.py; edit the configuration instead.",
        "package tsr_cfg_pkg;",
    ]
    for key, (sv, _, _, _, _) in SCHEMA.items():
        if sv:
            kind = "longint unsigned" if key == "hbm_bytes" else "int unsigned"
            lines.append(f"  localparam {kind} {sv} = {cfg[key]};")
    lines += ["endpackage", ""]
    return "\n".join(lines)


def cpp_header(name, cfg):
    fields = "\n".join(f"    .{cpp} = {cfg[key]}," for key, (_, cpp, _, _, _) in SCHEMA.items())
    return f"""// Generated from configs/{name}.json by scripts/gen_config.py; edit the configuration instead.
#pragma once
#include "base/config.hpp"
namespace tessera::configs::{name} {{
inline constexpr Config kConfig{{
    .name = "{name}",
{fields}
}};
}}  // namespace tessera::configs::{name}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--sv")
    parser.add_argument("--hpp")
    parser.add_argument("--print", dest="key")
    args = parser.parse_args()
    name = pathlib.Path(args.config).stem
    cfg = load(args.config)
    if args.sv:
        write(args.sv, sv_package(name, cfg))
    if args.hpp:
        write(args.hpp, cpp_header(name, cfg))
    if args.key:
        if args.key not in cfg:
            fail(f"{args.config}:1: no key '{args.key}'")
        print(cfg[args.key])


if __name__ == "__main__":
    main()
