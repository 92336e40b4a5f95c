#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn isa/boundary.json into the ports of tsr_tile and tsr_mesh, their C++ and their table.

usage: gen_boundary.py [--hpp tsr_boundary.hpp]      the C++ header
       gen_boundary.py --write                       the parts of committed files between `begin generated` and `end generated`
       gen_boundary.py --check                       exit code 1 and a sentence when such a part is not up to date

What the keys of the description mean: docs/interfaces.md section 9.
"""

import argparse
import dataclasses
import json
import math
import pathlib
import re
import sys

import boundary_cpp
import isa_model
from gen_common import NAME, Refused, camel, layout, sv_struct, write
from gen_config import SCHEMA

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUNDLE_KEYS = {"name", "type", "for", "port", "doc", "mesh", "only", "payload", "tasks", "ports"}
PORT_KEYS = {"name", "port", "dir", "width", "kind", "of", "mesh", "cpp", "idle", "tie", "event", "doc"}
DIRS = ("in", "out", "both")
KINDS = ("clock", "reset", "held", "level", "valid", "ready", "credit", "payload")
MESH = ("each", "shared", "inside", "watched")
PER = ("direction", "engine", "queue")


@dataclasses.dataclass(frozen=True)
class Width:
    """A product of numbers, keys of a configuration and structs."""
    factors: tuple
    structs: tuple                                   # names and bits

    def named(self, key, struct, number=str):
        names = dict(self.structs)
        return [number(f) if isinstance(f, int) else struct(f) if f in names else key(f) for f in self.factors if f != 1]

    def sv(self, *before):
        """With `before` as further factors; empty for one bit."""
        return "*".join([*before, *self.named(lambda k: SCHEMA[k].sv, lambda s: f"{camel(s)}Bits")])

    def cpp(self):
        return " * ".join(self.named(lambda k: f"c.{k}", lambda s: f"{camel(s)}::kBits")) or "1"

    def text(self):
        return " * ".join(self.named(lambda k: f"`{k}`", lambda s: str(dict(self.structs)[s]))) or "1"

    def most(self):
        """Bits of the largest configuration."""
        names = dict(self.structs)
        return math.prod(f if isinstance(f, int) else names.get(f) or SCHEMA[f].high for f in self.factors)

    def fixed(self):
        """The same in every configuration."""
        return all(isinstance(f, int) or f in dict(self.structs) for f in self.factors)


@dataclasses.dataclass(frozen=True)
class Port:
    """One port of tsr_tile or tsr_mesh."""
    sv: str
    into: bool                                       # the tile
    field: str                                       # name in its bundle
    width: Width
    kind: str
    of: str                                          # the valid that a payload belongs to
    mesh: str
    cpp: bool                                        # a member of the C++ structs
    idle: int
    tie: object                                      # the value that an input always has, or None
    event: object                                    # name and number of the first event, or None


@dataclasses.dataclass(frozen=True)
class Bundle:
    """Ports that belong together, once for each direction, engine or queue."""
    name: str
    per: str                                         # "", direction, engine or queue
    index: int                                       # which of them
    doc: str
    type: str                                        # of its C++ structs; "": members of TileInputs and TileOutputs
    tasks: bool                                      # tasks of a bench may drive its inputs
    only: str                                        # "mesh": not a port of a tile
    payload: dict                                    # valid -> C++ struct, member and sentence for what it qualifies
    ports: tuple

    def inputs(self):
        return [p for p in self.ports if p.into]

    def outputs(self):
        return [p for p in self.ports if not p.into]


class Boundary:
    def __init__(self, data, engines):
        self.data = data
        self.structs = data["structs"]
        for name, struct in self.structs.items():
            layout(name, struct)
        self.replicas = {"direction": [tuple(d) for d in data["directions"]], "engine": [(e.lower(), e) for e in engines]}
        self.events = {}
        self.bundles = [b for raw in data["bundles"] for b in self.expand(raw)]
        seen = {}
        for bundle in self.bundles:
            for port in bundle.ports:
                if port.sv in seen:
                    raise Refused(f"port '{port.sv}' stands in bundles '{seen[port.sv]}' and '{bundle.name}'")
                seen[port.sv] = bundle.name
        self.check_events()

    def expand(self, raw):
        where = f"bundle '{raw.get('name')}'"
        known(raw, BUNDLE_KEYS, where)
        for key in ("name", "port", "doc", "ports"):
            need(key in raw, f"{where} has no '{key}'")
        per = raw.get("for", "")
        need(per in ("", *PER), f"{where} is for each '{per}'; known are {', '.join(PER)}")
        need(raw.get("only", "mesh") == "mesh", f"{where} is only of '{raw.get('only')}'; known is mesh")
        for port in raw["ports"]:
            self.check_port(port, raw, where)
        for index, (of, word) in enumerate(self.replicas.get(per, [("", "")])):
            ports = [self.port(raw, port, of, way) for way in ("in", "out") for port in raw["ports"] if port["dir"] in (way, "both")] \
                if any(p["dir"] == "both" for p in raw["ports"]) else [self.port(raw, port, of, port["dir"]) for port in raw["ports"]]
            yield Bundle(raw["name"], per, index, raw["doc"].format(of=of, word=word), raw.get("type", ""), raw.get("tasks", False),
                         raw.get("only", ""), raw.get("payload", {}), tuple(ports))

    def check_port(self, port, bundle, where):
        where = f"port '{port.get('name')}' of {where}"
        known(port, PORT_KEYS, where)
        for key in ("name", "dir", "kind", "doc"):
            need(key in port, f"{where} has no '{key}'")
        need(NAME.fullmatch(port["name"]), f"{where}: a name is made of small letters, digits and _, a letter first")
        for key, values in (("dir", DIRS), ("kind", KINDS), ("mesh", MESH)):
            need(port.get(key, values[0]) in values, f"{where}: '{key}' is '{port.get(key)}'; known are {', '.join(values)}")
        need((port["kind"] == "payload") == ("of" in port), f"{where}: a payload, and nothing else, is 'of' a valid")
        if "of" in port:
            owner = [p for p in bundle["ports"] if p.get("name") == port["of"] and p.get("kind") in ("valid", "credit")]
            need(owner, f"{where}: there is no valid '{port['of']}' in the bundle")
            need(owner[0]["dir"] == port["dir"], f"{where} and its valid '{port['of']}' have different directions")
        most = self.width(port.get("width", 1), where).most()
        for key in ("idle", "tie"):
            need(0 <= port.get(key, 0) < 1 << most, f"{where}: '{key}' is {port.get(key)}, which {most} bits cannot hold")
            need(key not in port or port["dir"] != "out", f"{where}: an output has no '{key}'")

    def width(self, text, where):
        factors = []
        for word in str(text).split("*"):
            word = word.strip()
            if word.isdigit() and int(word) > 0:
                factors.append(int(word))
            elif word in self.structs or (word in SCHEMA and SCHEMA[word].sv):
                factors.append(word)
            else:
                raise Refused(f"{where}: its width '{text}' names '{word}', which is neither a number, a struct nor a key of a configuration that the RTL has")
        return Width(tuple(factors), tuple((name, s["bits"]) for name, s in self.structs.items()))

    def port(self, bundle, port, of, way):
        sv = port.get("port", bundle["port"]).format(name=port["name"], of=of, io="_i" if way == "in" else "_o")
        mesh = port.get("mesh", bundle.get("mesh", "each"))
        if mesh == "watched":
            mesh = "inside" if way == "in" else "each"
        event = port.get("event")
        if event and way == "out":
            self.events.setdefault(event[0], [event[1], 0])[1] += 1
        return Port(sv, way == "in", port["name"], self.width(port.get("width", 1), sv), port["kind"], port.get("of", ""), mesh,
                    port.get("cpp", bool(bundle.get("type"))) and "tie" not in port, port.get("idle", 0), port.get("tie"), event)

    def check_events(self):
        """Numbers of events are those of their first port, the others behind it."""
        for bundle in self.bundles:
            for port in bundle.ports:
                if port.event and port.into and port.event[0] not in self.events:
                    self.events[port.event[0]] = [port.event[1], 1]
        if "record" in self.events:
            self.events["record"][1] += self.most_queues()
        holder = {}
        for name, (first, count) in self.events.items():
            for number in range(first, first + count):
                need(number not in holder, f"events '{name}' and '{holder.get(number)}' share the number {number}")
                holder[number] = name

    @staticmethod
    def most_queues():
        return SCHEMA["dma_queues"].high

    def of_tile(self):
        return [b for b in self.bundles if not b.only]


def known(entry, keys, where):
    for key in entry:
        need(key in keys, f"{where} has an unknown key '{key}'; the keys are {', '.join(sorted(keys))}")


def need(good, sentence):
    if not good:
        raise Refused(sentence)


# SystemVerilog ---------------------------------------------------------------------------------------------------------


def declarations(groups):
    """The inside of a port list: (comment, [(direction, bits, name)])."""
    span = max(len(bits) for _, ports in groups for _, bits, _ in ports)
    out, last = [], groups[-1][1][-1]
    for comment, ports in groups:
        out.append(f"  // {comment}")
        for port in ports:
            way, bits, name = port
            out.append(f"  {way:6} logic {bits:{span}} {name}{'' if port is last else ','}")
    return out


def bits(text):
    return f"[{text}-1:0]" if text and not text.isdigit() else f"[{int(text) - 1}:0]" if text else ""


def tile_ports(boundary):
    return declarations([(b.doc, [("input" if p.into else "output", bits(p.width.sv()), p.sv) for p in b.ports])
                         for b in boundary.of_tile()])


def mesh_ports(boundary):
    groups = []
    for b in boundary.bundles:
        ports = [("input" if p.into else "output", bits(p.width.sv() if p.mesh == "shared" else p.width.sv("N")), p.sv)
                 for p in b.ports if p.mesh != "inside"]
        watched = len(ports) < len(b.ports) and b.per == "direction"
        groups.append((f"{b.doc}: what the tiles send" if watched else b.doc, ports))
    return declarations(groups)


def part(port):
    """Of a concatenated port, that of tile Tile."""
    width = port.width.sv()
    return f"{port.sv}[Tile*{width} +: {width}]" if width else f"{port.sv}[Tile]"


def mesh_connections(boundary):
    """Of the tile in a mesh, all but its place."""
    out = []
    for b in boundary.of_tile():
        for p in b.ports:
            if p.mesh == "shared":
                out.append(f".{p.sv}")
            elif b.per == "direction" and p.into:
                out.append(f".{p.sv}({link_net(b, p, '[Tile]')})")
            elif p.mesh == "each":
                out.append(f".{p.sv}({part(p)})")
    return filled(out, "        ")


def filled(items, indent, end=""):
    """Lines of at most 100 columns with these items, commas between them."""
    lines, line = [], indent.removesuffix(" ")
    for item in [f"{text}," for text in items[:-1]] + [items[-1] + end]:
        if len(line) + 1 + len(item) > 100:
            lines.append(line)
            line = indent.removesuffix(" ")
        line += " " + item
    return [*lines, line]


def of_link(port):
    """Flits and credits: the struct that holds a port of a link, and its field there; valids stand beside the structs."""
    return ("credit", port.field.removeprefix("credit_")) if port.field.startswith("credit_") else ("link", port.field)


def sv_links(boundary):
    """link_t and credit_t."""
    ports = next(b for b in boundary.bundles if b.per == "direction").outputs()
    out = []
    for stem, doc in (("link", "One flit."), ("credit", "One flit of that VC has left the receiver's buffer.")):
        fields = [(bits(p.width.sv()), of_link(p)[1]) for p in ports if of_link(p)[0] == stem and p.kind == "payload"]
        span = max(len(width) for width, _ in fields)
        out += [f"  /// {doc}", "  typedef struct packed {", *[f"    logic {width:{span}} {name};" for width, name in fields], f"  }} {stem}_t;", ""]
    return out[:-1]


def link_net(bundle, port, at):
    """What tile and mesh call a port of a link: an element of link_in, link_out, credit_in, credit_out or of their valids,
    or a field of it."""
    stem, field = of_link(port)
    way, direction = "in" if port.into else "out", f"Dir{bundle.ports[0].sv.split('_')[1].upper()}"
    index = f"{at}[int'({direction})]" if at else f"[{direction}]"     # of a mesh's four links: three bits are too many
    return f"{stem}_{way}_valid{index}" if field == "valid" else f"{stem}_{way}{index}.{field}"


def packed(bundle, ports, at, indent, name):
    """Assignments that put flat ports together to the structs of a link."""
    out, structs = [], {}
    for p in ports:
        net, _, field = link_net(bundle, p, at).partition(".")
        if field:
            structs.setdefault(net, []).append(f"{field}: {name(p)}")
        else:
            out.append(f"{indent}assign {net} = {name(p)};")
    return out + [line for net, fields in structs.items() for line in assembled(net, fields, indent)]


def assembled(net, fields, indent):
    """The assignment of a struct from texts `field: value`."""
    line = f"{indent}assign {net} = '{{{', '.join(fields)}}};"
    return [line] if len(line) <= 100 else [f"{indent}assign {net} = '{{", *filled(fields, indent + "  ", "};")]


def tile_links(boundary):
    """The ports of the links as structs, by direction."""
    out = []
    for b in boundary.of_tile():
        if b.per == "direction":
            out += packed(b, b.inputs(), "", "  ", lambda p: p.sv)
            out += [f"  assign {p.sv} = {link_net(b, p, '')};" for p in b.outputs()]
    return out


def mesh_links(boundary):
    """What a tile of a mesh sends, by direction."""
    return [line for b in boundary.of_tile() if b.per == "direction" for line in packed(b, b.outputs(), "[Tile]", "      ", part)]


def sv_structs(boundary):
    out = []
    ports = {f for b in boundary.bundles for p in b.ports for f in p.width.factors}
    for name, struct in boundary.structs.items():
        out += [f"  /// {struct['doc'].replace(f' (`{name}_t`)', '')}", *sv_struct(name, struct)]
        out += [f"  localparam int unsigned {camel(name)}Bits = $bits({name}_t);", ""] if name in ports else [""]
    return out[:-1]


def axi_sides(boundary):
    """(bundle, req or rsp, who drives it, its ports) for both directions of every AXI bundle."""
    for bundle in (b for b in boundary.bundles if b.type.startswith("Axi")):
        manager = next(p.into for p in bundle.ports if p.field == "awvalid")
        for word, sender, into in (("req", "manager", manager), ("rsp", "subordinate", not manager)):
            yield bundle, word, sender, [p for p in bundle.ports if p.into == into]


def sv_axi(boundary):
    """The structs of AXI. Wide fields stand lowest: taking them out costs no shift in simulation."""
    out = []
    for bundle, word, sender, ports in axi_sides(boundary):
        ports = sorted(ports, key=lambda p: p.width.most() * (p.width.most() >= 32))
        span = max(len(bits(p.width.sv())) for p in ports)
        out += ["", f"  /// What the {sender} drives: {bundle.doc}.", "  typedef struct packed {"]
        out += [f"    logic {bits(p.width.sv()):{span}} {p.field};" for p in ports] + [f"  }} {bundle.type.lower()}_{word}_t;"]
    return out[1:]


def tile_axi(boundary):
    """The ports of AXI as structs."""
    out = []
    for bundle, word, _, ports in axi_sides(boundary):
        net = f"{ports[0].sv.removesuffix('_' + ports[0].field)}_{word}"
        out.append(f"  {bundle.type.lower()}_{word}_t {net};")
        if ports[0].into:
            out += assembled(net, [f"{p.field}: {p.sv}" for p in ports], "  ")
        else:
            out += [f"  assign {p.sv} = {net}.{p.field};" for p in ports]
    return out


# The page --------------------------------------------------------------------------------------------------------------


def md_ports(boundary):
    out = ["| port of the tile | way | bits | kind | meaning |", "|---|---|---|---|---|"]
    for raw in boundary.data["bundles"]:
        if raw.get("only"):
            continue
        per = {"": "", "direction": "d", "engine": "e", "queue": ""}[raw.get("for", "")]
        words = ", ".join(of for of, _ in boundary.replicas.get(raw.get("for", ""), []))
        doc = raw["doc"].replace(" {word}", f" *{per}*: {words}").replace(" to the *", " in direction *")
        out.append(f"| **{doc}** | | | | |")
        for port in raw["ports"]:
            ways = {"in": ["_i"], "out": ["_o"], "both": ["_i", "_o"]}[port["dir"]]
            template = port.get("port", raw["port"])
            names = dict.fromkeys(f"`{template.format(name=port['name'], of='{' + per + '}', io=io)}`" for io in ways)
            kind = port["kind"] + (f" of `{port['of']}`" if "of" in port else "")
            event = ", in the signature" if "event" in port else ""
            out.append(f"| {', '.join(names)} | {' and '.join([port['dir']] if port['dir'] != 'both' else ['in', 'out'])} | "
                       f"{boundary.width(port.get('width', 1), '').text()} | {kind}{event} | {port['doc']} |")
    return out


def md_structs(boundary):
    out = []
    for name, struct in boundary.structs.items():
        out += [f"`{name}_t` ({struct['bits']} bits): {struct['doc'].replace(f' (`{name}_t`)', '')}", "",
                "| bits | field | meaning |", "|---|---|---|"]
        out += [f"| {f['at'] + f['width'] - 1}:{f['at']} | `{f['name']}` | {f['doc']} |" for f in layout(name, struct)] + [""]
    return out[:-1]


# Files -----------------------------------------------------------------------------------------------------------------

PARTS = {
    "rtl/top/tsr_tile.sv": {"ports": tile_ports, "links": tile_links, "axi": tile_axi},
    "rtl/top/tsr_mesh.sv": {"ports": mesh_ports, "links": mesh_links, "connections": mesh_connections},
    "rtl/pkg/tsr_types_pkg.sv": {"structs": sv_structs},
    "rtl/pkg/tsr_if_pkg.sv": {"links": sv_links, "axi": sv_axi},
    "docs/interfaces.md": {"ports": md_ports, "structs": md_structs},
}
BEGIN = re.compile(r"\s*(?://|<!--) begin generated: (\w+) ")
END = re.compile(r"\s*(?://|<!--) end generated")


def renewed(name, text, boundary):
    """The text of a committed file with its generated parts as they must be."""
    out, part_name, wanted = [], None, dict(PARTS[name])
    for line in text.splitlines():
        begin = BEGIN.match(line)
        if begin:
            need(part_name is None, f"{name}: part '{begin[1]}' begins inside part '{part_name}'")
            need(begin[1] in wanted, f"{name}: part '{begin[1]}' is unknown or stands twice; the parts are {', '.join(PARTS[name])}")
            part_name = begin[1]
            out += [line, *wanted.pop(part_name)(boundary)]
        elif END.match(line):
            need(part_name is not None, f"{name}: a part ends that did not begin")
            part_name = None
            out.append(line)
        elif part_name is None:
            out.append(line)
    need(part_name is None, f"{name}: part '{part_name}' has no end")
    need(not wanted, f"{name}: there is no part '{next(iter(wanted), '')}'")
    return "\n".join([*out, ""])


def stale(boundary, root=ROOT):
    """(file, its text, the text it must have) of every committed file that is not up to date."""
    for name in PARTS:
        text = (root / name).read_text(encoding="utf-8")
        new = renewed(name, text, boundary)
        if new != text:
            yield name, text, new


def load(path=ROOT / "isa/boundary.json", isa=ROOT / "isa/isa.json"):
    """The boundary of a file, checked; Refused says what is wrong with it."""
    try:
        data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as fault:
        raise Refused(f"{path}:{fault.lineno}: {fault.msg}") from None
    described = isa_model.load(isa)
    most = described.constants["MAX_QUEUES"][0]
    need(SCHEMA["dma_queues"].high == most, f"a configuration may have {SCHEMA['dma_queues'].high} DMA queues, registers have room for {most}")
    try:
        return Boundary(data, described.engines)
    except Refused as fault:
        raise Refused(f"{path}: {fault}") from None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hpp")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    try:
        boundary = load()
        if args.hpp:
            write(args.hpp, boundary_cpp.header(boundary))
        old = [*stale(boundary)] if args.write or args.check else []
    except Refused as fault:
        print(f"gen_boundary: {fault}", file=sys.stderr)
        return 2
    for name, _, new in old:
        if args.write:
            write(ROOT / name, new)
        else:
            print(f"{name} is not what isa/boundary.json says: run scripts/gen_boundary.py --write")
    if args.check and not old:
        print(f"{len(PARTS)} files are what isa/boundary.json says")
    return 1 if args.check and old and not args.write else 0


if __name__ == "__main__":
    raise SystemExit(main())
