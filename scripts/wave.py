#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Open a Tessera waveform in GTKWave, make its view, or render it to a picture without a display.

usage: ./tessera wave RUN.fst [--png OUT.png] [--view-only] [--marker CYCLE] [--window FIRST LAST]

The view RUN.gtkw is generated from the names inside the FST file: one group per tile and engine, opcodes by name (they are
enumerations in the file), DMA queues, links and HBM, and a marker at the first retired matmul.
"""

import argparse
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

PERIOD = 1000  # FST time units (ps) per clock cycle: one cycle is shown as one nanosecond (sim/tile_verilated.cpp)

# GTKWave trace flags (src/analyzer.h of GTKWave): hexadecimal | right-justified, and the group brackets.
HEX, BIN, BLANK, GROUP_BEGIN, GROUP_END, ENUM = 0x22, 0x28, 0x200, 0x800000, 0x1000000, 0x100000000

# (group, [(signal below the tile, name shown or None)]) in order; a signal that the file does not hold is left out.
ENGINES = ["PE", "ACT", "DVE", "POOL", "SP"]
GROUPS = [("ports", [(name, None) for name in ("cycle_i", "quiescent_o", "irq_o")])]
GROUPS += [(f"{e} engine", [(f"tsr_tile.u_core.view[{i}].{signal}", f"{e} {signal}")
                            for signal in ("opcode", "tag", "issue", "waits", "waits_for", "retire", "retired_opcode", "retired_tag")])
           for i, e in enumerate(ENGINES)]
GROUPS += [("DMA", [(name, None) for name in ("tsr_tile.u_dma.q_busy_o", "tsr_tile.u_dma.q_waiting_o", "rec_q_valid_o")]),
           ("HBM", [(f"hbm_axi_{name}", None) for name in ("arvalid", "arready", "araddr", "rvalid", "rlast", "awvalid", "awaddr",
                                                           "wvalid", "wlast", "bvalid")])]
GROUPS += [(f"link {name}", [(f"link_{d}_{signal}", None) for signal in
                             ("valid_o", "vc_o", "head_o", "tail_o", "credit_valid_i", "valid_i", "credit_valid_o")])
           for d, name in zip("nesw", ["north", "east", "south", "west"])]


def fail(message):
    print(f"tessera wave: {message}", file=sys.stderr)
    raise SystemExit(2)


def names(fst):
    """[(full name, width)] of the FST file, read from the header that fst2vcd prints."""
    if not shutil.which("fst2vcd"):
        fail("fst2vcd is missing; install the package gtkwave")
    process = subprocess.Popen(["fst2vcd", str(fst)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    scope, found = [], []
    for line in process.stdout:
        if match := re.match(r"\$scope \w+ (\S+)", line):
            scope.append(match[1])
        elif line.startswith("$upscope"):
            scope.pop()
        elif match := re.match(r"\$var \w+ (\d+) \S+ (\S+)( \[\S+\])?", line):
            found.append((".".join([*scope, match[2]]) + (match[3] or "").strip(), int(match[1])))
        elif line.startswith("$enddefinitions"):
            break
    process.kill()
    process.wait()
    if not found:
        fail(f"{fst} holds no signals; is it an FST file that was closed?")
    return found


def view(fst, found, marker, window):
    """Text of the .gtkw file and the names it shows, of those `found` in the FST."""
    tiles = sorted({m[1] for name, _ in found if (m := re.match(r"(.*)\.quiescent_o$", name))}, key=len)
    lines = [f'[dumpfile] "{fst.name}"', f'[savefile] "{fst.with_suffix(".gtkw").name}"', f"[timestart] {window[0] * PERIOD}",
             "[size] 1500 1000", "[pos] -1 -1"]
    span = max(1, window[1] - window[0]) * PERIOD
    zoom = -math.log2(span / 900 * 200)  # GTKWave: 2 ^ -zoom units of time on 200 pixels; the waves are 900 wide
    lines += [f"*{zoom:.6f} {marker * PERIOD} " + " ".join(["-1"] * 26), "[sst_width] 200", "[signals_width] 330", "[sst_expanded] 0"]
    table, shown = dict(), []
    for name, width in found:
        table[re.sub(r"\[[^\]]*\]$", "", name)] = (name, width)
    # Shortest scope wins: the tile's own ports, not the copies further in.
    tops = [t for t in tiles if not any(t != o and t.startswith(o + ".") for o in tiles)] or tiles
    for top in tops:
        lines += [f"@{GROUP_BEGIN | BLANK:x}", f"-{top}"]
        for group, members in GROUPS:
            present = [(*table[f"{top}.{m}"], alias) for m, alias in members if f"{top}.{m}" in table]
            if not present:
                continue
            lines += [f"@{GROUP_BEGIN | BLANK:x}", f"-{group}"]
            for name, width, alias in present:
                # GTKWave finds the names of enumerations by their binary values.
                lines.append(f"@{ENUM | BIN if 'opcode' in name else BIN if width == 1 else HEX:x}")
                lines.append(f"+{{{alias}}} {name}" if alias else name)
                shown.append(name)
            lines += [f"@{GROUP_END | BLANK:x}", f"-{group}"]
        lines += [f"@{GROUP_END | BLANK:x}", f"-{top}"]
    return "\n".join([*lines, ""]), shown


def marked(gtkw):
    """The cycle of the marker in a view that is there already, else 0."""
    place = re.search(r"^\*\S+ (\d+)", gtkw.read_text(), re.M) if gtkw.exists() else None
    return int(place[1]) // PERIOD if place else 0


def render(gtkw, png):
    """Picture of GTKWave's window on a virtual screen."""
    for tool in ("xvfb-run", "xdotool", "import", "gtkwave"):
        if not shutil.which(tool):
            fail(f"{tool} is missing; install the packages gtkwave xvfb xauth xdotool imagemagick")
    png.unlink(missing_ok=True)  # an old picture must not pass for a new one
    inner = ("gtkwave --rcvar 'splash_disable on' --rcvar 'enable_vcd_autosave no' --rcvar 'fill_waveform on' -a \"$1\" >/dev/null 2>&1 & g=$!; "
             "for i in $(seq 60); do w=$(xdotool search --onlyvisible --name GTKWave 2>/dev/null | head -1); [ -n \"$w\" ] && break; sleep 0.5; done; "
             "xdotool windowsize $w 1500 1000 windowmove $w 0 0 2>/dev/null; sleep 3; import -window root \"$2\"; kill $g")
    done = subprocess.run(["xvfb-run", "-a", "-s", "-screen 0 1500x1000x24", "bash", "-c", inner, "render", gtkw.name, str(png.resolve())],
                          cwd=gtkw.parent, capture_output=True, text=True, timeout=120)
    if not png.exists():
        fail(f"no picture was made: {done.stderr.strip()[-300:]}")


def main():
    parser = argparse.ArgumentParser(prog="tessera wave", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("fst", type=pathlib.Path)
    parser.add_argument("--png", type=pathlib.Path)
    parser.add_argument("--view-only", action="store_true", help="write the .gtkw file and stop")
    parser.add_argument("--marker", type=int, default=None, help="cycle of the marker")
    parser.add_argument("--window", type=int, nargs=2, default=None, metavar=("FIRST", "LAST"), help="cycles shown")
    args = parser.parse_args()
    if not args.fst.exists():
        fail(f"{args.fst} does not exist")
    if not args.fst.is_file():
        fail(f"{args.fst} is not a file")
    if args.window and not 0 <= args.window[0] < args.window[1]:
        fail(f"--window {args.window[0]} {args.window[1]} holds no cycle; give the first and a later last cycle")
    if args.png and not args.png.resolve().parent.is_dir():
        fail(f"--png {args.png}: the folder {args.png.parent} does not exist")
    gtkw = args.fst.with_suffix(".gtkw")
    found = names(args.fst)  # refuses what is no waveform, also beside a view
    if args.view_only or args.marker is not None or args.window or not gtkw.exists():
        marker = args.marker if args.marker is not None else marked(gtkw)
        window = args.window or [max(0, marker - 200), marker + 400]
        text, shown = view(args.fst, found, marker, window)
        gtkw.write_text(text)
        print(f"{gtkw}: {len(shown)} signals")
    if args.view_only:
        return
    if args.png:
        render(gtkw, args.png)
        print(args.png)
        return
    if not os.environ.get("DISPLAY"):
        fail("there is no display; use --png OUT.png to render the view")
    subprocess.run(["gtkwave", "-a", str(gtkw)], check=False)


if __name__ == "__main__":
    main()
