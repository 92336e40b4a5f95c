# SPDX-License-Identifier: Apache-2.0
"""Which line of public.txt makes a name of a bench public: sentences for the errors of a C++ compiler and of cocotb."""

import json
import re

from harness_model import similar

GXX = r"‘(?:const )?(?:struct )?tessera::(Dut\w*)’ has no member named ‘(\w+)’"
CLANG = r"no member named '(\w+)' in '(?:const )?(?:struct )?tessera::(Dut\w*)'"
COCOTB = r"(?:AttributeError|KeyError): ['\"]?([\w.\[\]]+) contains no child object named (\w+)"
WHERE = "to public.txt beside the bench, or --public"


def normal(path):
    """A path of the design as C++ spells it: gen[2].u_x is gen_2.u_x."""
    return re.sub(r"\[(\d+)\]", r"_\1", path)


def name_sentence(design, path):
    """Which line makes `dut.<path>` public. What follows a variable in `path` (.value, an index) does not count."""
    module, at, parts, known = design["top"], 0, [p for p in normal(path).split(".") if p], {}
    while at < len(parts):
        known = {normal(i): m for i, m in design["instances"].get(module, {}).items()}
        end = next((e for e in range(at + 1, len(parts) + 1) if ".".join(parts[at:e]) in known), None)
        if end is None:
            break
        module, at = known[".".join(parts[at:end])], end
    names = design["modules"].get(module, {})
    here = "dut." + ".".join(parts[:at + 1])
    if at == len(parts):
        some = next((n for n, kind in names.items() if kind == "var"), None) or next(iter(names), "NAME")
        line = f"{module}.{some}"
        return f"nothing in {here} is public: add a line for each name of module {module} that is used, '{line}' for example, {WHERE} '{line}'"
    for last in range(at, len(parts)):  # names in generate blocks stand after the names of the blocks
        bare = re.sub(r"_\d+$", "", parts[last])
        name = parts[last] if parts[last] in names else bare if bare in names else None
        why = design.get("without_handle", {}).get(module, {}).get(name)
        if why:
            return (f"dut.{'.'.join(parts[:last] + [name])} is {why}; C++ benches have handles of packed values, real numbers and arrays of "
                    "them only: pass what the bench needs through ports of such types")
        if name:
            line = f"{module}.{name}"
            return f"dut.{'.'.join(parts[:last] + [name])} is not public: add the line '{line}' {WHERE} '{line}'"
    if any(k.startswith(parts[at] + ".") for k in known):
        return f"nothing in {here} is public: add a line 'MODULE.NAME' for each name in it that is used {WHERE} 'MODULE.NAME'"
    return f"the design has no {here}: module {module} has no '{parts[at]}'{similar(design['modules'], f'{module}.{parts[at]}')}"


def struct_paths(design):
    """{struct of dut.hpp: path of the instance}."""
    found = {}

    def visit(module, struct, path):
        found[struct] = path
        for instance, below in design["instances"].get(module, {}).items():
            visit(below, f"{struct}_{normal(instance).replace('.', '_')}", f"{path}{normal(instance)}.")

    visit(design["top"], "Dut", "")
    return found


def missing_names(text, out):
    """A line per name that `text`, the output of a compiler or of cocotb, misses; `out` is the folder of the model."""
    if not (out / "design.json").exists():
        return ""
    design = json.loads((out / "design.json").read_text())
    structs = struct_paths(design)
    missing = []  # path before the name, the name, text in which the rest of the expression may stand
    for match in re.finditer(f"{GXX}|{CLANG}", text):
        struct, name = match[1] or match[4], match[2] or match[3]
        missing.append((structs.get(struct, ""), name, "\n".join(text[match.end():].splitlines()[1:4])))
    for path, name in re.findall(COCOTB, text):
        missing.append((path.partition(".")[2] + "." if "." in path else "", name, text))
    sentences = []
    for path, name, around in missing:
        rest = re.search(rf"\b{name}((?:\[\d+\]|\.\w+)+)", around)
        sentences.append(name_sentence(design, f"{path}{name}{rest[1] if rest else ''}"))
    return "".join(f"\n{s}" for s in dict.fromkeys(sentences))
