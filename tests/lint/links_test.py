#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_links.py reports every kind of wrong name, once each, and nothing else.

usage: links_test.py
"""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import check_links  # noqa: E402

GONE = "absent" + ".md"  # in two pieces: this file is checked too
TREE = {
    "docs/architecture.md": "[a](interfaces.md) [interfaces.md](interfaces.md) `rtl/top/tsr_a.sv` `tsr_a` `Suite.Good` `configs/NAME.json`\n",
    "docs/interfaces.md": f"[a]({GONE})\n[architecture.md](interfaces.md)\n`rtl/top/tsr_b.sv`\n`tsr_b`\n`Suite.Bad`\n| 1 | `rtl/top/tsr_a.sv` | `module` `nothing` | x |\n",
    "rtl/top/tsr_a.sv": f"// see {GONE}\nmodule tsr_a; endmodule\n",
    "tests/a_test.cpp": "TEST_F(Suite,\n       Good) {}\n",
}
WRONG = [
    f"docs/interfaces.md: {GONE} is no page of the tree",
    f"docs/interfaces.md: [a] leads to {GONE}, which does not exist",
    "docs/interfaces.md: [architecture.md] leads to interfaces.md",
    "docs/interfaces.md: `Suite.Bad` is no test",
    "docs/interfaces.md: `rtl/top/tsr_b.sv` does not exist",
    "docs/interfaces.md: `tsr_b` is no module, package or function of the tree",
    "docs/interfaces.md: step 1: `nothing` does not stand in rtl/top/tsr_a.sv",
    f"rtl/top/tsr_a.sv: {GONE} is no page of the tree",
]


def main():
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in TREE.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        found = list(check_links.wrong(root))
    for line in sorted(set(found) ^ set(WRONG)):
        print(("not reported: " if line in WRONG else "reported wrongly: ") + line)
    print(f"{len(found)} of {len(WRONG)} reported")
    return 0 if sorted(found) == sorted(WRONG) else 1


if __name__ == "__main__":
    sys.exit(main())
