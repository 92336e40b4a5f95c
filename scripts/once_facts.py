# SPDX-License-Identifier: Apache-2.0
"""What a second copy of a fact looks like in code, made from isa/isa.json and isa/boundary.json (check_once.py)."""

import dataclasses
import re
import typing

import gen_boundary
import isa_model
from gen_common import camel
from once_finding import Finding

TYPED = r"^\s*(?:logic|bit|bool|int|unsigned|std::\w+|\w+_t)\b[^;(=]*?\b{}\b\s*(?:=[^;]*)?[;,]"     # a member of a struct


@dataclasses.dataclass
class Fact:
    """`search` yields (line, words) for the lines of a file; `instead` ends the sentence."""
    name: str
    home: str
    instead: str
    search: typing.Callable

    def find(self, source):
        seen = set()
        for line, words in self.search(source):
            if line not in seen:
                seen.add(line)
                yield Finding(self.name, source.name, line, f"{words}; it stands in {self.home}: {self.instead}")


def crowds(lines, pattern, least, window, flags=0, fold=str):
    """(line, names) where `least` different matches of a pattern stand within `window` lines; every crowd once."""
    last, reported = [], -window
    for number, text in enumerate(lines, 1):
        last += [(number, fold(m[1])) for m in re.finditer(pattern, text, flags)]
        last = [(n, name) for n, name in last if n > number - window]
        names = list(dict.fromkeys(name for _, name in last))
        if len(names) >= least:
            if number - reported >= window:
                yield last[0][0], names
            reported = number


def each(lines, *patterns, flags=re.I):
    for number, text in enumerate(lines, 1):
        for pattern in patterns:
            m = re.search(pattern, text, flags)
            if m:
                yield number, m[0].strip()
                break


def any_of(words):
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


# Boundary and records --------------------------------------------------------------------------------------------------

def boundary(described):
    by_prefix = {"link": ("link_[\\w#]*?_", "direction"), "hbm_axi": ("hbm_axi_", ""), "host_axil": ("host_axil_", "")}
    fields = {prefix: sorted({p.field for b in described.of_tile() for p in b.ports if p.sv.startswith(prefix + "_")}) for prefix in by_prefix}

    def search(source):
        for prefix, (before, _) in by_prefix.items():
            names = any_of(fields[prefix])
            patterns = [TYPED.format(f"(?:{before})?({names})(?:_[io])?")]
            if source.language == "sv":
                patterns += [rf"(?:\b(?:input|output)\b[^,]*\b|\.){before}({names})(?:_[io])?\b"]
            if source.language == "py":
                patterns = [rf"[\"'](?:{before})?({names})[\"']"]
            for pattern in patterns:
                for line, found in crowds(source.lines, pattern, 5, 12):
                    yield line, f"ports of the boundary ({', '.join(found[:3])} ...) are listed here"
    return search


def record(described):
    names = {f["name"] for f in described.structs["rec"]["fields"]} | {f["cpp"] for f in described.structs["rec"]["fields"] if "cpp" in f}
    bits = described.structs["rec"]["bits"]
    ats = any_of(str(f["at"]) for f in described.structs["rec"]["fields"] if f["at"] > 16)

    def search(source):
        for line, found in crowds(source.lines, TYPED.format(f"({any_of(names)})"), 4, 8):
            yield line, f"the fields of a record ({', '.join(found)}) are declared here"
        for line, text in each(source.lines, rf"\b(?:rec|record|retire)\w*\b.*\b(?:{bits}|{bits - 1})\b",
                               rf"\brec\w*(?:\[\w+\])?\s*(?:>>\s*(?:{ats})\b|\[(?:{ats})\s*\+:|\[\d+:(?:{ats})\])"):
            yield line, f"'{text}' knows the layout of a record"
    return search


# Instruction set -------------------------------------------------------------------------------------------------------

def opcodes(isa):
    names = any_of(op.name for op in isa.opcodes)
    camels = any_of(camel(op.name) for op in isa.opcodes)
    codes = "|".join(rf"{op.name}[\"']?\s*(?:=|:|,|=>)\s*(?:8'[dh])?(?:{op.value}|{op.value:#x})\b" for op in isa.opcodes if op.value > 9)

    def search(source):
        quoted = rf"(?:[\"'](?=\w+[\"'])|\bOPCODE_)({names})\b"
        for pattern in (quoted, rf"\bOpcode(?:::k)?({camels})\b"):
            for line, found in crowds(source.lines, pattern, 5, 4, re.I if pattern == quoted else 0, str.lower):
                yield line, f"opcodes ({', '.join(found[:3])} ...) are listed here"
        for line, text in each(source.lines, rf"[\"'\b](?:{codes})"):
            yield line, f"'{text}' gives an opcode its code"
    return search


def sizes(isa):
    names = any_of(t.name for t in isa.types)
    number = r"\(?(?:\d+'[dh])?(?:1|2|4|8|16|32)U?\b(?!')"
    one = rf"(?:\bDtype(?:::k)?|[\"'])(?:{names})[\"']?\)*\s*(?:\?\s*{number}\s*:|:\s*(?:return\s*)?{number}\s*[,;}}]|=>?\s*{number})"
    return lambda source: ((line, f"'{text}' gives a type its size") for line, text in each(source.lines, one))


def registers(isa):
    high = any_of(f"{r['address']:x}" for r in isa.registers if r["address"] >= 0x100)
    strides = any_of(sorted({s for b in isa.blocks.values() if 4 < b["stride"] and b["count"] > 1 for s in (f"{b['stride']:#x}", str(b["stride"]))}))
    word = r"(?:reg(?!ion)|csr|eng|engine|queue|q|sem|irq|status|host|axil)"
    patterns = [rf"\bk?{word}\w*\s*(?:=|,[^()]*=)[^()]*\b0x0?(?:{high})\b", rf"16'h0?(?:{high})\b", rf"\b{word}\w*_?stride\w*\s*(?:=|,[^()]*=)[^()]*\b(?:{strides})\b",
                rf"\b{word}\w*\b.*(?:\b(?:{strides})\s*\*\s*\w|\w\s*\*\s*(?:{strides})\b)", r"\b(?:host|csr|axil)\w*(?:\.|->|\(\d+\)\.)(?:read|write)\w*\(\s*(?:0x(?:ADDRESS)|[a-z]\w* \+ (?:0x)?\d+)\b".replace("ADDRESS", high)]
    return lambda source: ((line, f"'{text}' gives a register its address") for line, text in each(source.lines, *patterns))


def engines(isa):
    names = any_of(isa.engines)

    def search(source):
        for line, found in crowds(source.lines, rf"[\"']({names})[\"']", 4, 3, re.I, str.lower):
            yield line, f"the engines ({', '.join(found)}) are listed here"
        first = r"\s*,\s*".join(isa.engines[:3])
        for line, text in each(source.lines, rf"(?-i:\b(?:{first})\b)[^=]*=\s*(?:range|\d)[^\n]*", rf"\bk?num_?engines\b\s*(?:=|:)\s*{len(isa.engines)}\b"):
            yield line, f"'{text}' numbers the engines"
    return search


def cuts(isa):
    fields = {(f.lsb + f.width - 1, f.lsb): f"{s}.{f.name}" for s in ("hdr", "desc", "instr") for f in isa.structs[s] if f.width > 1 and not f.reserved}
    starts = any_of({str(f.lsb) for s in ("hdr", "desc", "instr") for f in isa.structs[s] if f.lsb > 40})
    held = r"\b\w*(?:hdr|header|instr|desc)\w*(?:\[\w+\])?"
    inside = rf"{held}\.\w+|\bid"

    def search(source):
        for number, text in enumerate(source.lines, 1):
            if source.language == "sv":
                whole = rf"(?:{held}|\b(?:in|flit|pkt)_?data\w*(?:\[\w+\])?)\[\d+:\d+\]"
                for m in re.finditer(rf"{whole}|(?:{inside})\[\d+:[1-9]\d*\]", text):     # the low bits of a field are a cast
                    yield number, f"'{m[0]}' cuts bits at literal positions"
            m = re.search(rf"{held}\s*>>\s*\d+", text)
            if m and source.language != "sv":
                yield number, f"'{m[0]}' cuts bits at literal positions"
            for m in re.finditer(r"\bRange\((\d+), (\d+)\)", text):
                if (int(m[1]), int(m[2])) in fields:
                    yield number, f"'{m[0]}' is the place of {fields[int(m[1]), int(m[2])]}"
        if source.language != "sv":
            for line, found in crowds(source.lines, rf"<<\s*({starts})\b", 3, 2):
                yield line, f"shifts by {', '.join(found)} know the places of fields"
    return search


def interrupts(isa):
    bit = isa.constants["IRQ_QUEUE"][0]
    patterns = [rf"\birq\w*\b.*(?:\b{bit}U?\s*\+\s*\w|<<\s*\(?{bit}\b|>>\s*\(?{bit}\b)", rf"\b{bit}U?\s*\+\s*\w.*\birq", rf"<<\s*\(?{bit}\b.*\birq"]
    return lambda source: ((line, f"'{text}' knows the bits of IRQ") for line, text in each(source.lines, *patterns))


def facts(root):
    isa = isa_model.load(root / "isa/isa.json")
    described = gen_boundary.load(root / "isa/boundary.json", root / "isa/isa.json")
    here, there = "isa/isa.json", "isa/boundary.json"
    return [
        Fact("boundary", there, "use tsr_boundary.hpp, gen_boundary.py or a part that it generates", boundary(described)),
        Fact("record", there, "use rec_t, Rec of tsr_boundary.hpp or gen_boundary.py", record(described)),
        Fact("opcode list", here, "use the enumeration and the functions of tsr_isa_pkg, tsr_isa.hpp or isa_model.py", opcodes(isa)),
        Fact("element sizes", here, "use dtype_shift, elem_bytes or isa_model.py", sizes(isa)),
        Fact("register addresses", here, "use Reg..., isa::reg::at() or Isa.register()", registers(isa)),
        Fact("engines", here, "use engine_e, isa::Engine and kEngineNames, or Isa.engines", engines(isa)),
        Fact("bits of structs", here, "use the fields of instr_t, desc_t and hdr_t, isa::Instr, Desc and Hdr, or Isa.pack()", cuts(isa)),
        Fact("bits of IRQ", here, "use IrqQueue, kIrqQueue or the constant IRQ_QUEUE", interrupts(isa)),
    ]
