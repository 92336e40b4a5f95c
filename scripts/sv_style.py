#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Style of the SystemVerilog of rtl/: the rules of docs/style.md, read from the syntax tree of slang.

usage: .venv/bin/python scripts/sv_style.py [FILE.sv ...]     default: all of rtl/; exit code 1 and one line per fault

A line is `FILE:LINE: [rule] what is wrong`; docs/style.md gives each rule its reason. No file is exempt.
"""

import pathlib
import re
import sys

try:
    import pyslang
    from pyslang import syntax
except ImportError:                                  # ./tessera lint reports the check as skipped
    pyslang = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = 100
MACROS = ROOT / "rtl/pkg"                            # where tsr_assert.svh stands
PROTOCOL = re.compile(r"\w*_(axi|axil)_\w+|clk_i|rst_ni")     # names that a standard gives


class File:
    """One source file and the faults found in it."""

    def __init__(self, path, text):
        self.path, self.text, self.lines, self.faults = path, text, text.splitlines(), []
        self.manager = pyslang.SourceManager()
        self.manager.addUserDirectories(str(MACROS))
        self.tree = syntax.SyntaxTree.fromText(text, self.manager, path.name)

    def fault(self, where, rule, words):
        line = where if isinstance(where, int) else self.manager.getLineNumber(self.manager.getFullyExpandedLoc(where))
        self.faults.append((line, f"[{rule}] {words}"))

    def nodes(self, *kinds, below=None):
        """Nodes of these kinds in the order of the text, those that a macro made left out."""
        found, names = [], {getattr(syntax.SyntaxKind, kind) for kind in kinds}

        def visit(node):
            if isinstance(node, syntax.SyntaxNode) and node.kind in names and not self.manager.isMacroLoc(node.sourceRange.start):
                found.append(node)

        (below or self.tree.root).visit(visit)
        return found


def text_rules(file):
    """What lines show: columns, blanks, header, banners."""
    for number, line in enumerate(file.lines, 1):
        if len(line) > COLUMNS:
            file.fault(number, "columns", f"{len(line)} columns; at most {COLUMNS}")
        if "\t" in line or line != line.rstrip():
            file.fault(number, "blanks", "a tab" if "\t" in line else "blanks at the end of the line")
        if re.match(r"\s*(///{2,}|//\s*[-=*#]{2,})", line):
            text = re.match(r"( *)// ---- (\S.*?\S|\S) -+$", line)
            if not text or len(line) != COLUMNS:
                file.fault(number, "banner", f"a banner is '// ---- Text ----', filled with '-' to column {COLUMNS}")
    if not file.text.endswith("\n") or file.text.endswith("\n\n"):
        file.fault(len(file.lines), "blanks", "a file ends with one line end")
    if file.lines[:1] != ["// SPDX-License-Identifier: Apache-2.0"]:
        file.fault(1, "header", "line 1 is '// SPDX-License-Identifier: Apache-2.0'")
    if len(file.lines) < 2 or not file.lines[1].startswith("/// "):
        file.fault(2, "header", "line 2 begins the purpose of the file: '/// ...'")


def unit_rules(file):
    """One module or package for each file, with its name."""
    units = file.nodes("ModuleDeclaration", "PackageDeclaration", "InterfaceDeclaration", "ProgramDeclaration")
    names = [str(unit.header.name.valueText) for unit in units]
    if names != [file.path.stem]:
        file.fault(1, "unit", f"the file holds {', '.join(names) or 'nothing'}; it holds one module or package, of the name of the file")


def port_rules(file):
    """Ports: one a line, `  input  TYPE name_i`, `  output TYPE name_o`."""
    for ports in file.nodes("AnsiPortList"):
        last = 0
        for port in (n for n in ports.ports if isinstance(n, syntax.SyntaxNode)):
            if not hasattr(port, "declarator"):
                file.fault(port.sourceRange.start, "ports", "a port is written as 'input TYPE name_i'")
                continue
            name, place = port.declarator.name.valueText, port.declarator.name.location
            line = file.manager.getLineNumber(place)
            if line == last:
                file.fault(line, "ports", f"'{name}' shares its line with another port")
            last = line
            source = file.lines[file.manager.getLineNumber(port.sourceRange.start) - 1]
            way = getattr(getattr(port.header, "direction", None), "valueText", "")
            if not re.match(r"  (input  |output |inout  )\S", source):
                file.fault(line, "ports", f"'{name}': two blanks, the direction filled to seven columns, the type, the name")
            ending = {"input": ("_i", "_ni"), "output": ("_o", "_no"), "inout": ("_io",)}.get(way)
            if ending and not name.endswith(ending) and not PROTOCOL.fullmatch(name):
                file.fault(line, "suffix", f"{way} '{name}' ends in {ending[0]}")


def name_rules(file):
    """Parameters, values of enumerations: UpperCamel. Types: _t, enumerations _e."""
    for node in file.nodes("ParameterDeclaration"):
        for item in node.declarators:
            if isinstance(item, syntax.SyntaxNode) and not re.fullmatch(r"[A-Z][A-Za-z0-9]*", item.name.valueText):
                file.fault(item.name.location, "names", f"parameter '{item.name.valueText}' is written in UpperCamel")
    for node in file.nodes("TypedefDeclaration"):
        enum = node.type.kind == syntax.SyntaxKind.EnumType
        name = node.name.valueText
        if not re.fullmatch(r"[a-z][a-z0-9_]*_[te]", name) or (enum and not name.endswith("_e")):
            file.fault(node.name.location, "names", f"type '{name}' ends in {'_e' if enum else '_t'}")
        for item in node.type.members if enum else []:
            if isinstance(item, syntax.SyntaxNode) and not re.fullmatch(r"[A-Z][A-Za-z0-9]*", item.name.valueText):
                file.fault(item.name.location, "names", f"value '{item.name.valueText}' is written in UpperCamel")


def base(node):
    """Names of the variables that the left side of an assignment writes, with their places."""
    kind = syntax.SyntaxKind
    if node.kind == kind.ConcatenationExpression:
        for part in node.expressions:
            if isinstance(part, syntax.SyntaxNode):
                yield from base(part)
    elif node.kind == kind.ScopedName:
        yield from base(node.left)
    elif hasattr(node, "identifier"):
        yield node.identifier.valueText, node.identifier.location
    elif hasattr(node, "left"):
        yield from base(node.left)


def assigned(file, block, *kinds):
    return [pair for node in file.nodes(*kinds, below=block) for pair in base(node.left)]


def always_rules(file):
    """always_ff on clk_i and always_comb only; what always_ff assigns ends in _q, and nothing else does."""
    for node in file.nodes("AlwaysBlock", "AlwaysLatchBlock", "InitialBlock", "FinalBlock"):
        file.fault(node.sourceRange.start, "always", "processes are always_ff and always_comb")
    blocking = ("AssignmentExpression",)
    for block in file.nodes("AlwaysFFBlock"):
        if not re.match(r"always_ff @\(posedge clk_i\)", str(block).strip()[str(block).strip().find("always_ff"):]):
            file.fault(block.sourceRange.start, "always", "always_ff runs at (posedge clk_i)")
        for name, place in assigned(file, block, "NonblockingAssignmentExpression"):
            if not name.endswith(("_q", "_o")):
                file.fault(place, "registers", f"'{name}' is a register and ends in _q (_o where the port itself is the register)")
        for name, place in assigned(file, block, *blocking):
            if name.endswith(("_q", "_o")):
                file.fault(place, "always", f"'{name}' is a register: it is assigned with <=")
    for block in file.nodes("AlwaysCombBlock", "ContinuousAssign"):
        for node in file.nodes("NonblockingAssignmentExpression", below=block):
            if block.kind == syntax.SyntaxKind.AlwaysCombBlock:
                file.fault(node.sourceRange.start, "always", "always_comb assigns with =")
        for name, place in assigned(file, block, *blocking):
            if name.endswith("_q"):
                file.fault(place, "registers", f"'{name}' is no register: only always_ff assigns what ends in _q")
    next_values = [pair for block in file.nodes("AlwaysFFBlock") for pair in assigned(file, block, *blocking, "NonblockingAssignmentExpression")]
    for name, place in next_values:
        if name.endswith("_d"):
            file.fault(place, "registers", f"'{name}' is a next value: it is combinational")


def assert_rules(file):
    """Assertions through `TSR_ASSERT` only."""
    kinds = [k for k in dir(syntax.SyntaxKind) if re.fullmatch(r"(Immediate)?(Assert|Assume|Cover)(Property|Sequence)?Statement", k)]
    for node in file.nodes(*kinds):
        file.fault(node.sourceRange.start, "assert", "an assertion is `TSR_ASSERT(Name_A, expression)")
    for number, line in enumerate(file.lines, 1):
        code = line.split("//")[0]
        if re.search(r"\bSYNTHESIS\b", code):
            file.fault(number, "assert", "SYNTHESIS is asked for in tsr_assert.svh alone; TSR_CHECKS says whether assertions are there")
        for name in re.findall(r"`TSR_ASSERT\(\s*(\w*)", code):
            if not re.fullmatch(r"[A-Z][A-Za-z0-9]*_A", name):
                file.fault(number, "assert", f"the name of an assertion is UpperCamel_A, not '{name}'")


def faults_of(path, text):
    """Faults of one file as (line, text), in the order of its lines."""
    file = File(path, text)
    wrong = [d for d in file.tree.diagnostics if d.isError()]
    if wrong:
        file.fault(wrong[0].location, "unit", "slang cannot read the file")
    rules = [text_rules, unit_rules, port_rules, name_rules, always_rules, assert_rules]
    for rule in rules:
        rule(file)
    return sorted(set(file.faults))


def check(root=ROOT, paths=None):
    """(files read, lines of text about faults)."""
    paths = paths or sorted((root / "rtl").rglob("*.sv"))
    lines = []
    for path in paths:
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        lines += [f"{shown}:{line}: {words} (docs/style.md)" for line, words in faults_of(path, path.read_text(encoding="utf-8"))]
    return len(paths), lines


def main():
    if pyslang is None:
        print("pyslang is not installed: scripts/setup.sh installs it")
        return 77
    count, lines = check(ROOT, [pathlib.Path(name).resolve() for name in sys.argv[1:]])
    print(*lines, f"{count} files, {len(lines)} faults", sep="\n")
    return 1 if lines or not count else 0


if __name__ == "__main__":
    raise SystemExit(main())
