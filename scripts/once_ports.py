# SPDX-License-Identifier: Apache-2.0
"""Ports of RTL modules: how many are written by hand, and structs that change their name on the way (check_once.py)."""

import re

from once_finding import Finding

FACTS = {"ports of a module": "at most 40", "names of nets": "one from end to end"}
MOST = 40
GENERATED = {"tsr_tile", "tsr_mesh"}                 # their ports are those of isa/boundary.json
MODULE = re.compile(r"\bmodule\s+(\w+)(.*?)\)\s*;(.*?)\bendmodule\b", re.S)
PORT = re.compile(r"\b(input|output|inout)\b\s*([\w:]*)[^,)]*?(\w+)\s*((?:\[[^\]]*\]\s*)*)(?=,|\)|$)")


def modules(source):
    """(name, line, head, body, line of the body)"""
    text = "\n".join(source.lines)
    for m in MODULE.finditer(text):
        yield m[1], text[:m.start()].count("\n") + 1, m[2], m[3], text[:m.start(3)].count("\n") + 1


def declared(head):
    """Number of declared ports; several names may stand behind one direction."""
    count = 0
    for item in re.split(r"\b(?=(?:input|output|inout)\b)", head)[1:]:
        item = re.sub(r"\[[^\]]*\]", "", item)
        count += len([word for word in item.split(",") if re.search(r"\w", word)])
    return count


def struct_ports(head, structs):
    """{port: struct} of the ports that are structs."""
    return {name: kind for kind, name in re.findall(r"\b(?:input|output)\s+(\w+_t)\s*(?:\[[^\]]*\]\s*)?(\w+)", head) if kind in structs}


def stem(name):
    """A port or net without what says direction or register. In front of it may stand whose it is: hbm_rsp of tsr_rd_hbm's rsp."""
    return re.sub(r"_(?:i|o|q|d|qi|di)$", "", name)


def find(files):
    rtl = [source for source in files if source.name.startswith("rtl/")]
    package = next((s for s in rtl if s.name == "rtl/pkg/tsr_if_pkg.sv"), None)
    structs = set(re.findall(r"\}\s*(\w+_t)\s*;", "\n".join(package.lines))) if package else set()
    ports = {}
    for source in rtl:
        for name, line, head, _, _ in modules(source):
            ports[name] = struct_ports(head, structs)
            count = declared(head)
            limit = 0 if name in GENERATED else MOST
            if count > limit:
                yield Finding("ports of a module", source.name, line,
                              f"{name} has {count} hand-written ports, at most {limit} are allowed: " +
                              ("generate them with scripts/gen_boundary.py" if name in GENERATED else "join them to structs of tsr_if_pkg"))
    for source in rtl:
        for name, _, head, body, first in modules(source):
            own = {**struct_ports(head, structs), **{n: kind for kind, names in re.findall(r"^\s*(\w+_t)\s+([^;=]*);", body, re.M) if kind in structs
                                                    for n in re.findall(r"(\w+)\s*(?:\[[^\]]*\]\s*)*(?:,|$)", names)}}
            instances = re.findall(r"^\s*(tsr_\w+)\s*(?:#\(.*?\)\s*)?(u_\w+|gen_\w+)\s*\(", body, re.M | re.S)
            once = [module for module, _ in instances if sum(m == module for m, _ in instances) == 1]
            for m in re.finditer(r"^\s*(tsr_\w+)\s*(?:#\((?:[^()]|\([^()]*\))*\)\s*)?u_\w+\s*\((.*?)\);", body, re.M | re.S):
                if m[1] not in once:
                    continue                         # several of a kind have nets of their own
                for port, net in re.findall(r"\.(\w+)\((\w+)\)", m[2]):
                    if port in ports.get(m[1], {}) and own.get(net) == ports[m[1]][port] and not stem(net).endswith(stem(port)):
                        line = first + body[:m.start(2) + m[2].index(f".{port}({net})")].count("\n")
                        yield Finding("names of nets", source.name, line, f"port {port} of {m[1]} is net {net} here: give both one name")
