# SPDX-License-Identifier: Apache-2.0
"""`assert` statements of a bench: counted, and a failed comparison names both values as CO_ASSERT_EQ does."""

import ast

import tessera_bench

LONG = 160


def show(value):
    """A value as a message shows it: numbers of the design as numbers, long values cut."""
    if getattr(value, "is_resolvable", False):
        try:
            return str(int(value))
        except (TypeError, ValueError):
            pass
    text = repr(value)
    return text if len(text) <= LONG else f"{text[:LONG]}... ({len(text)} characters)"


def first_difference(left, right, at=""):
    """Where two sequences differ first, also within each other."""
    if not (isinstance(left, (list, tuple, bytes, bytearray)) and isinstance(right, type(left))):
        return f"; {at} is {show(left)} and {show(right)}" if at else ""
    for index, (a, b) in enumerate(zip(left, right)):
        if a != b:
            return first_difference(a, b, f"{at}[{index}]")
    return f"; lengths{' of ' + at if at else ''} are {len(left)} and {len(right)}" if len(left) != len(right) else ""


def compared(text, left, right, note=""):
    """The message of a failed comparison `text`."""
    found = f"{text}: left is {show(left)}, right is {show(right)}{first_difference(left, right)}"
    return f"{note}: {found}" if note != "" else found


def count():
    tessera_bench.count_check()


class Rewriter(ast.NodeTransformer):
    """Counts every assert; the failure of a comparison of two values raises with compared()."""

    LEFT, RIGHT = "@tsr_left", "@tsr_right"  # no name of the bench

    def visit_Assert(self, node):
        counted = ast.parse("__import__('tessera_asserts').count()").body
        test = node.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return [*(moved(s, node) for s in counted), node]
        names = {"left": self.LEFT, "right": self.RIGHT}
        load = {k: ast.Name(v, ast.Load()) for k, v in names.items()}
        call = ast.parse("__import__('tessera_asserts').compared()", mode="eval").body
        call.args = [ast.Constant(ast.unparse(test)), load["left"], load["right"], *([node.msg] if node.msg else [])]
        failed = ast.If(ast.UnaryOp(ast.Not(), ast.Compare(load["left"], test.ops, [load["right"]])),
                        [ast.Raise(ast.Call(ast.Name("AssertionError", ast.Load()), [call], []), None)], [])
        take = [ast.Assign([ast.Name(self.LEFT, ast.Store())], test.left),
                ast.Assign([ast.Name(self.RIGHT, ast.Store())], test.comparators[0])]
        return [moved(s, node) for s in [*counted, *take, failed]]


def moved(tree, node):
    """`tree` with a place for every part that has none: that of `node`."""
    for part in ast.walk(tree):
        if "lineno" in part._attributes and (not hasattr(part, "lineno") or part.lineno < node.lineno):
            ast.copy_location(part, node)
    return tree
