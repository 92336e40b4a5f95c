#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Open a Tessera waveform in GTKWave, make its view, or render it to a picture without a display.

usage: ./tessera wave RUN.fst [--png OUT.png] [--view-only] [--marker CYCLE] [--window FIRST LAST]

The view RUN.gtkw is generated from the names inside the FST file. Of tiles: one group per tile and engine, opcodes by name (they
are enumerations in the file), DMA queues, links and HBM, and a marker at the first retired matmul. Of any other design: one
group per instance, the ports of the top module first; `./tessera test --waves` puts the marker where a test failed.
A cycle is one nanosecond.
"""

import argparse
import math
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import isa_model

SIGNALS = 300  # of a design that is not ours, at most: GTKWave reads every signal that it shows

# GTKWave trace flags (src/analyzer.h of GTKWave): hexadecimal | right-justified, and the group brackets.
HEX, BIN, BLANK, GROUP_BEGIN, GROUP_END, ENUM = 0x22, 0x28, 0x200, 0x800000, 0x1000000, 0x100000000

# (group, [(signal below the tile, name shown or None)]) in order; a signal that the file does not hold is left out.
ENGINES = isa_model.load().engines
GROUPS = [("ports", [(name, None) for name in ("cycle_i", "quiescent_o", "irq_o")])]
GROUPS += [(f"{e} engine", [(f"tsr_tile.u_core.u_control.gen_engine[{i}].u_sequencer.view.{signal}", f"{e} {signal}")
                            for signal in ("valid", "opcode", "tag", "waits", "waits_for", "issued", "retired", "retired_opcode", "retired_tag")])
           for i, e in enumerate(ENGINES)]
GROUPS += [("DMA", [(f"tsr_tile.u_dma.view[{q}].{signal}", f"q{q} {signal}") for q in range(8)
                    for signal in ("busy", "tag", "waits", "waits_for")] + [("rec_q_valid_o", None)]),
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


def times(fst):
    """(time units per nanosecond, last nanosecond) in the header of an FST file (block 0 of GTKWave's FST specification)."""
    with open(fst, "rb") as file:
        head = file.read(74)
    if len(head) < 74 or head[0] != 0:
        return 1000.0, 0  # in picoseconds, as Tessera writes it
    end, exponent = struct.unpack_from(">Q", head, 17)[0], struct.unpack_from("b", head, 73)[0]
    unit = 10.0 ** (-9 - exponent)
    return unit, math.ceil(end / unit)


def tile_groups(top, table):
    """[(group, [(name in the file, width, name shown or None)])] of a tile."""
    for group, members in GROUPS:
        present = [(*table[f"{top}.{m}"], alias) for m, alias in members if f"{top}.{m}" in table]
        if present:
            yield group, present


def design_groups(found):
    """The same of a design that is not ours: a group per scope, outer scopes first; a name that stands twice in the ports of the
    top module and in $rootio is shown once."""
    scopes = {}
    for name, width in found:
        scope, _, _ = re.sub(r"\[[^\]]*\]$", "", name).rpartition(".")
        if scope != "$rootio" or len({n.split(".")[0] for n, _ in found}) == 1:
            scopes.setdefault(scope or "signals", []).append((name, width, None))
    left = SIGNALS
    for scope in sorted(scopes, key=lambda s: s.count(".")):
        if left > 0:
            yield scope, scopes[scope][:left]
        left -= len(scopes[scope])


def view(fst, found, marker, window, unit):
    """Text of the .gtkw file and the names it shows, of those `found` in the FST; marker and window in nanoseconds."""
    tiles = sorted({m[1] for name, _ in found if (m := re.match(r"(.*)\.quiescent_o$", name))}, key=len)
    place = round(marker * unit) if marker is not None else -1
    lines = [f'[dumpfile] "{fst.name}"', f'[savefile] "{fst.with_suffix(".gtkw").name}"', f"[timestart] {round(window[0] * unit)}",
             "[size] 1500 1000", "[pos] -1 -1"]
    span = max(1.0, (window[1] - window[0]) * unit)
    zoom = -math.log2(span / 900 * 200)  # GTKWave: 2 ^ -zoom units of time on 200 pixels; the waves are 900 wide
    lines += [f"*{zoom:.6f} {place} " + " ".join(["-1"] * 26), "[sst_width] 200", "[signals_width] 330", "[sst_expanded] 0"]
    shown, head = [], len(lines)

    def bracket(name, groups):
        lines.extend([f"@{GROUP_BEGIN | BLANK:x}", f"-{name}"])
        for item in groups:
            if isinstance(item[1], list):
                bracket(*item)
                continue
            signal, width, alias = item
            # GTKWave finds the names of enumerations by their binary values.
            lines.append(f"@{ENUM | BIN if 'opcode' in signal else BIN if width == 1 else HEX:x}")
            lines.append(f"+{{{alias}}} {signal}" if alias else signal)
            shown.append(signal)
        lines.extend([f"@{GROUP_END | BLANK:x}", f"-{name}"])

    # Shortest scope wins: the tile's own ports, not the copies further in.
    table = {re.sub(r"\[[^\]]*\]$", "", name): (name, width) for name, width in found}
    tops = [t for t in tiles if not any(t != o and t.startswith(o + ".") for o in tiles)] or tiles
    for top in tops:
        bracket(top, list(tile_groups(top, table)))
    if not shown:
        del lines[head:]
        for scope, members in design_groups(found):
            bracket(scope, members)
    return "\n".join([*lines, ""]), shown


def write_view(fst, marker=None, window=None, fresh=False):
    """RUN.gtkw beside the file; the marker of a view that is there stays unless one is given or the view is to be `fresh`.
    Marker and window in nanoseconds. Returns the names shown."""
    gtkw = fst.with_suffix(".gtkw")
    found = names(fst)
    unit, last = times(fst)
    marker = marked(gtkw, unit) if marker is None and not fresh else marker
    ours = any(name.endswith(".quiescent_o") for name, _ in found)
    if window is None and ours:
        window = [max(0, (marker or 0) - 200), (marker or 0) + 400]
    elif window is None:
        window = [0, max(1, last)] if marker is None else [max(0, marker - 400), min(marker + 100, max(last, marker + 1))]
    text, shown = view(fst, found, marker if marker is not None or not ours else 0, window, unit)
    gtkw.write_text(text)
    return shown


def marked(gtkw, unit):
    """The nanosecond of the marker in a view that is there already, or None."""
    place = re.search(r"^\*\S+ (\d+)", gtkw.read_text(), re.M) if gtkw.exists() else None
    return int(place[1]) / unit if place else None


def colours(png):
    """Number of colours where the waves are drawn; a window that is not drawn yet has one or two."""
    done = subprocess.run(["convert", str(png), "-crop", "800x600+600+150", "-format", "%k", "info:"], capture_output=True, text=True)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else 0


def render(gtkw, png, patience):
    """Picture of GTKWave's window on a virtual screen, taken again until it shows waves and two in a row are equal."""
    for tool in ("xvfb-run", "xdotool", "import", "convert", "gtkwave"):
        if not shutil.which(tool):
            fail(f"{tool} is missing; install the packages gtkwave xvfb xauth xdotool imagemagick")
    png.unlink(missing_ok=True)  # an old picture must not pass for a new one
    with tempfile.TemporaryDirectory() as folder:
        # The screen lives until `stop` is there; every picture is looked at before the next is taken.
        inner = ("gtkwave --rcvar 'splash_disable on' --rcvar 'enable_vcd_autosave no' --rcvar 'fill_waveform on' -a \"$1\" >/dev/null 2>&1 & g=$!; "
                 "while ! [ -e \"$2/stop\" ]; do w=$(xdotool search --onlyvisible --name GTKWave 2>/dev/null | head -1); "
                 "if [ -n \"$w\" ]; then xdotool windowsize $w 1500 1000 windowmove $w 0 0 2>/dev/null; sleep 1; "
                 "import -window root \"$2/new.png\" && mv \"$2/new.png\" \"$2/shot.png\"; fi; sleep 0.5; done; kill $g")
        screen = subprocess.Popen(["xvfb-run", "-a", "-s", "-screen 0 1500x1000x24", "bash", "-c", inner, "render", gtkw.name, folder],
                                  cwd=gtkw.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
        shot, last, stamp, deadline = pathlib.Path(folder) / "shot.png", b"", 0, time.monotonic() + patience
        try:
            while time.monotonic() < deadline and screen.poll() is None:
                time.sleep(0.2)
                if not shot.exists() or shot.stat().st_mtime_ns == stamp:
                    continue
                stamp = shot.stat().st_mtime_ns
                done = subprocess.run(["convert", str(shot), "rgb:-"], capture_output=True)
                if done.stdout and done.stdout == last and colours(shot) >= 3:
                    shutil.copy(shot, png)
                    return
                last = done.stdout
        finally:
            (pathlib.Path(folder) / "stop").touch()
            try:
                _, errors = screen.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(screen.pid, signal.SIGKILL)
                errors = ""
    fail(f"no picture was made: GTKWave drew no wave within {patience:g} s{': ' + errors.strip()[-300:] if errors.strip() else ''}")


def main():
    parser = argparse.ArgumentParser(prog="tessera wave", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("fst", type=pathlib.Path)
    parser.add_argument("--png", type=pathlib.Path)
    parser.add_argument("--view-only", action="store_true", help="write the .gtkw file and stop")
    parser.add_argument("--marker", type=int, default=None, help="cycle of the marker")
    parser.add_argument("--window", type=int, nargs=2, default=None, metavar=("FIRST", "LAST"), help="cycles shown")
    parser.add_argument("--patience", type=float, default=90, metavar="SECONDS", help="until a picture must show waves (default 90)")
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
    if args.view_only or args.marker is not None or args.window or not gtkw.exists():
        print(f"{gtkw}: {len(write_view(args.fst, args.marker, args.window))} signals")
    else:
        names(args.fst)  # refuses what is no waveform, also beside a view
    if args.view_only:
        return
    if args.png:
        render(gtkw, args.png, args.patience)
        print(args.png)
        return
    if not os.environ.get("DISPLAY"):
        fail("there is no display; use --png OUT.png to render the view")
    subprocess.run(["gtkwave", "-a", str(gtkw)], check=False)


if __name__ == "__main__":
    main()
