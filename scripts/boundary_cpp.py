# SPDX-License-Identifier: Apache-2.0
"""The C++ of a boundary (gen_boundary.py): values, events, and what puts values on ports and takes them from there."""

from gen_common import camel, cpp_record, cpp_type

HEAD = """// Generated from isa/boundary.json by scripts/gen_boundary.py; edit that file instead.
#pragma once
#include <array>
#include <cstdint>

#include "base/config.hpp"
#include "tsr_isa.hpp"

namespace tessera::sim {
"""
TRANSFER = """
// Between values and ports. `io` gives the ports and says how to reach them:
//   io.top                               an object whose members are named as the ports
//   io.config                            the configuration
//   io.index                             of the tile whose part of every port is meant: 0, or in a mesh its number
//   io.set(port, width, value)           up to 64 bits
//   io.get(port, width)
//   io.set_words(port, width, pointer)   any number of bits in 32-bit words
//   io.get_words(port, width, pointer)
//   io.words(port)                       a wide port itself, all tiles
// `width` is that of one tile. Data go only where their `valid` is set.
"""


def narrow(port):
    """Up to 64 bits in every configuration; else words."""
    return port.width.fixed() and port.width.most() <= 64


def words(port):
    return (port.width.most() + 31) // 32


def member(port):
    """Declaration of a value in a struct of C++."""
    if narrow(port):
        return f"{cpp_type(port.width.most())} {port.field} = {port.idle};"
    if port.into:
        return f"const std::uint32_t* {port.field} = nullptr;  ///< set while `{port.of}`"
    return f"std::array<std::uint32_t, {words(port)}> {port.field}{{}};"


def ordered(ports):
    """What is looked at in every cycle first, words last."""
    size = lambda p: p.width.most() if narrow(p) else 1 << 20  # noqa: E731
    return sorted(ports, key=lambda p: (p.kind == "payload", size(p) if p.kind == "payload" else 0))


def struct(name, doc, ports, extra=()):
    return ["", f"/// {doc}", f"struct {name} {{", *[f"  {member(p)}" for p in ordered(ports)], *[f"  {e}" for e in extra], "};"]


def once(boundary):
    """Bundles with structs of their own, once for all replicas."""
    return [b for b in boundary.of_tile() if b.type and b.index == 0]


def count_of(bundle, boundary):
    return len(boundary.replicas[bundle.per]) if bundle.per else 1


def values(boundary):
    widest = max(words(p) for b in boundary.of_tile() for p in b.ports if not narrow(p) and b.type)
    directions = [f"k{camel(word)}" for _, word in boundary.replicas["direction"]]
    out = ["using isa::kMaxQueues;", "using isa::kNumEngines;", "/// Record sources: engines, then DMA queues.",
           "inline constexpr unsigned kNumSources = kNumEngines + kMaxQueues;",
           f"inline constexpr unsigned kMaxDataWords = {widest};  ///< widest link or AXI beat", "",
           f"enum Direction : unsigned {{ {', '.join(directions)} }};",
           f"inline constexpr unsigned kDirections = {len(directions)};", "",
           "/// Kinds of events of one tile in a signature; a port adds its index."]
    out += ["enum EventPort : std::uint64_t {",
            *[f"  kPort{camel(name)} = {first}," for name, (first, _) in sorted(boundary.events.items(), key=lambda e: e[1])], "};"]
    for name, described in boundary.structs.items():
        out += ["", *cpp_record(name, described)]
    inputs, outputs = [], []
    for b in once(boundary):
        hidden, ins, outs = set(), [], []
        for valid, (kind, name, doc) in b.payload.items():
            group = [p for p in b.outputs() if p.of == valid and p.cpp]
            hidden |= {p.field for p in group}
            out += struct(kind, f"{doc}.", group)
            ins.append(f"const {kind}* {name} = nullptr;  ///< set while `{valid}`")
            outs.append(f"{kind} {name};")
        for side, ports, extra, into in (("Inputs", b.inputs(), ins, inputs), ("Outputs", b.outputs(), outs, outputs)):
            name = f"{b.type}{side}"
            doc = b.doc if not b.per else f"One link: what {'arrives' if side == 'Inputs' else 'leaves'}"
            out += struct(name, f"{doc}.", [p for p in ports if p.cpp and p.field not in hidden], extra)
            count = count_of(b, boundary)
            into.append(f"std::array<{name}, {count}> {b.name};" if b.per else f"{name} {b.name};")
    plain = [b for b in boundary.of_tile() if not b.type]
    out += ["", "// Neighbours in an array may belong to different threads: whole cache lines.", "",
            "/// What a tile samples at the coming edge.", "struct alignas(64) TileInputs {",
            *[f"  {member(p)}" for b in plain for p in b.inputs() if p.cpp], *[f"  {i}" for i in inputs], "};", "",
            "/// The registers of a tile after the last edge.", "struct alignas(64) TileOutputs {",
            *[f"  {member(p)}" for b in plain for p in b.outputs() if p.cpp],
            "  std::uint32_t record_valid = 0;  ///< bit s: `record[s]` retired in this cycle", *[f"  {o}" for o in outputs],
            "  std::array<Rec, kNumSources> record;", "};"]
    return out


# Transfers -------------------------------------------------------------------------------------------------------------


def place(bundle, root, port):
    """The C++ expression of a port's value."""
    base = f"{root}.{bundle.name}" if bundle.type else root
    base += f"[{bundle.index}]" if bundle.per else ""
    group = bundle.payload.get(port.of)
    if group:
        return f"{base}.{group[1]}{'->' if root == 'in' else '.'}{port.field}"
    return f"{base}.{port.field}"


def put(bundle, port):
    value, width = place(bundle, "in", port), port.width.cpp()
    if narrow(port):
        return f"io.set(top.{port.sv}, {width}, {value});"
    return f"io.set_words(top.{port.sv}, {width}, {value}{'.data()' if port.of in bundle.payload else ''});"


def take(bundle, port, root="out"):
    value, width = place(bundle, root, port), port.width.cpp()
    if narrow(port):
        return f"{value} = static_cast<{cpp_type(port.width.most())}>(io.get(top.{port.sv}, {width}));"
    return f"io.get_words(top.{port.sv}, {width}, {value}.data());"


def guarded(bundle, ports, statement, root):
    """A statement for each port; those of data under the `valid` that they belong to."""
    out = []
    for port in ports:
        if port.kind == "payload":
            continue
        out.append(f"  {statement(bundle, port)}")
        data = [p for p in ports if p.of == port.field]
        if data:
            out += [f"  if ({place(bundle, root, port)}) {{", *[f"    {statement(bundle, p)}" for p in data], "  }"]
    return out


def function(name, argument, body):
    used = any("c." in line for line in body)
    return ["", "template <class Io>", f"inline void {name}(const Io& io, {argument}) {{", "  auto& top = io.top;",
            *(["  [[maybe_unused]] const Config& c = io.config;"] if used else []), *body, "}"]


def transfers(boundary):
    out, names = [], []
    groups = {}
    for b in boundary.of_tile():
        groups.setdefault(b.name, []).append(b)
    for name, bundles in groups.items():
        ins = [line for b in bundles for line in guarded(b, [p for p in b.inputs() if p.cpp], put, "in")]
        outs = [line for b in bundles for line in guarded(b, [p for p in b.outputs() if p.cpp], take, "out")]
        if ins:
            out += ["", f"/// Inputs: {bundles[0].name}.", *function(f"apply_{name}", "const TileInputs& in", ins)[1:]]
        if outs:
            names.append(name)
            out += ["", f"/// Outputs: {bundles[0].name}.", *function(f"collect_{name}", "TileOutputs& out", outs)[1:]]
        ties = [f"  io.set(top.{p.sv}, {p.width.cpp()}, {p.tie});" for b in bundles for p in b.inputs() if p.tie is not None]
        if ties:
            lines = function(f"tie_{name}", "", ties)
            out += ["", f"/// Inputs that never change: {bundles[0].name}.", *[x.replace("io, )", "io)") for x in lines[1:]]]
        if bundles[0].tasks:
            b = bundles[0]
            body = [line for line in guarded(b, [p for p in b.inputs() if p.cpp], lambda b, p: take(b, p, "in"), "in")]
            out += ["", "/// Inputs that somebody else has put on the ports.", *function(f"show_{name}", "TileInputs& in", body)[1:]]
    names.append("records")
    out += records(boundary)
    out += ["", "template <class Io>", "inline void collect(const Io& io, TileOutputs& out) {",
            *[f"  collect_{name}(io, out);" for name in names], "}"]
    return out


def records(boundary):
    """Outputs `record_valid` and `record`."""
    body = ["  const auto retired = [&](unsigned source, const auto& data, unsigned at) {",
            "    out.record_valid |= 1U << source;", "    out.record[source] = Rec::unpack(io.words(data), at * Rec::kBits);", "  };",
            "  out.record_valid = 0;"]
    for b in boundary.of_tile():
        valid = next((p for p in b.ports if p.event and p.event[0] == "record"), None)
        data = next((p for p in b.ports if p.kind == "payload" and "rec" in p.width.factors), None)
        if data and b.per == "engine":
            body.append(f"  if (io.get(top.{valid.sv}, 1)) retired({b.index}, top.{data.sv}, io.index);")
        elif data:
            valid = next(p for p in b.ports if p.kind == "valid")
            body += [f"  std::uint64_t valid = io.get(top.{valid.sv}, {valid.width.cpp()});",
                     "  for (unsigned q = 0; valid != 0; ++q, valid >>= 1) {",
                     f"    if (valid & 1) retired(kNumEngines + q, top.{data.sv}, io.index * {valid.width.cpp()} + q);", "  }"]
    return ["", "/// Outputs: records.", *function("collect_records", "TileOutputs& out", body)[1:]]


def pins(boundary):
    ports = [(b, p) for b in boundary.of_tile() for p in b.ports]
    out = ["", "struct PortInfo {", "  const char* name;", "  unsigned width;  ///< bits", "  bool input;", "  const char* bundle;", "};",
           "", "/// The ports of a tile by name, each as a `Pin`.", "template <class Pin>", "struct TilePorts {",
           *[f"  Pin {p.sv};" for _, p in ports],
           "  /// Calls visit(pin, PortInfo) for every port.", "  template <class Ports, class Visit>",
           "  static void visit(Ports& ports, const Config& c, Visit&& visit) {",
           *[f"    visit(ports.{p.sv}, PortInfo{{\"{p.sv}\", {p.width.cpp()}, {str(p.into).lower()}, \"{b.name}\"}});" for b, p in ports],
           "  }", "};"]
    return out


def header(boundary):
    return "\n".join([HEAD, *values(boundary), TRANSFER.rstrip(), *transfers(boundary), *pins(boundary), "",
                      "}  // namespace tessera::sim", ""])
