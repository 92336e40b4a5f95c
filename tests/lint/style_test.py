#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule of docs/style.md finds the fault it is there for, at its line; a module without faults has none.

usage: style_test.py [CASE]     exit code 77 when slang is not installed
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import sv_style  # noqa: E402

BANNER = "  // ---- State " + "-" * 84
GOOD = f"""// SPDX-License-Identifier: Apache-2.0
/// Counts.
///
/// Latency from `up_i` to `count_o`: 1 cycle.
`include "tsr_assert.svh"
module tsr_good
  import tsr_types_pkg::*;
#(
  parameter int unsigned Width = 4
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             up_i,                   // one more
  output logic [Width-1:0] count_o,
  output logic             odd_o
);
  localparam logic [Width-1:0] OneMore = Width'(1);
  typedef enum logic {{StIdle, StBusy}} state_e;
  typedef struct packed {{
    logic [Width-1:0] value;
    logic             odd;
  }} pair_t;

{BANNER}
  state_e           state_q, state_d;
  pair_t            pair_q;
  logic [Width-1:0] list_q [2];

  assign state_d = up_i ? StBusy : StIdle;
  assign count_o = pair_q.value;

  always_ff @(posedge clk_i) begin
    logic [Width-1:0] sum;
    sum = pair_q.value + OneMore;
    if (!rst_ni) begin
      {{pair_q.value, pair_q.odd}} <= '0;
      state_q <= StIdle;
    end else if (up_i) begin
      pair_q.value <= sum;
      list_q[0][Width-1:1] <= sum[Width-1:1];
      state_q <= state_d;
    end
    odd_o <= sum[0];
  end

`ifdef TSR_CHECKS
  logic seen_q;
  always_ff @(posedge clk_i) seen_q <= rst_ni && up_i;
`endif

  `TSR_ASSERT(Known_A, up_i -> state_d == StBusy, "a text, with a comma")
  for (genvar k = 0; k < 2; k++) begin : gen_check
    `TSR_ASSERT(Small_A, list_q[k] >= '0)
  end
endmodule
"""


class Style(unittest.TestCase):
    def found(self, text, name="tsr_good.sv"):
        return sv_style.faults_of(pathlib.Path(name), text)

    def planted(self, rule, old, new, at=None, name="tsr_good.sv"):
        """`new` in place of `old` is a fault of `rule`, in the line of `new` (or the one that holds `at`), and the only one."""
        self.assertEqual(GOOD.count(old), 1, old)
        text = GOOD.replace(old, new)
        line = next(n for n, words in enumerate(text.splitlines(), 1) if (at or new.strip().splitlines()[0]) in words)
        faults = self.found(text, name)
        self.assertEqual([(n, re.match(r"\[(\w+)\]", words)[1]) for n, words in faults], [(line, rule)], faults)

    def test_good(self):
        self.assertEqual(self.found(GOOD), [])

    def test_unit(self):
        self.planted("unit", "module tsr_good", "module tsr_other", at="SPDX")
        self.assertEqual([w[:6] for _, w in self.found(GOOD + "module tsr_two;\nendmodule\n")], ["[unit]"])
        self.assertIn((1, "[unit] the file holds tsr_good; it holds one module or package, of the name of the file"), self.found(GOOD, "tsr_bad.sv"))

    def test_what_slang_cannot_read(self):
        self.assertIn("[unit] slang cannot read the file", [w for _, w in self.found(GOOD.replace("assign count_o =", "assign count_o"))])

    def test_header(self):
        self.assertEqual(self.found(GOOD.replace("Apache-2.0", "MIT")), [(1, "[header] line 1 is '// SPDX-License-Identifier: Apache-2.0'")])
        self.assertEqual([(n, w[:8]) for n, w in self.found(GOOD.replace("/// Counts.", "// Counts."))], [(2, "[header]")])

    def test_columns(self):
        long = "  // " + "x" * 95
        self.assertEqual(self.found(GOOD.replace(BANNER, BANNER + "\n" + long)), [])
        self.planted("columns", "  assign count_o", long + "x\n  assign count_o", at="xxxx")

    def test_blanks(self):
        self.planted("blanks", "  state_e           state_q", "  state_e\t           state_q")
        self.planted("blanks", "up_i ? StBusy : StIdle;", "up_i ? StBusy : StIdle; ")
        self.assertEqual([w[:8] for _, w in self.found(GOOD + "\n")], ["[blanks]"])
        self.assertEqual([w[:8] for _, w in self.found(GOOD[:-1])], ["[blanks]"])

    def test_banner(self):
        for wrong in (BANNER + "-", BANNER[:-1], BANNER.replace("----", "---", 1) + "-", "  // ==== State ====", "  ///////////"):
            with self.subTest(wrong):
                text = GOOD.replace(BANNER, wrong)
                self.assertIn("[banner]", [w[:8] for _, w in self.found(text)])

    def test_ports(self):
        self.planted("ports", "  input  logic             rst_ni,\n  input  logic             up_i,",
                     "  input  logic             rst_ni, input logic up_i,")
        self.planted("ports", "  input  logic             rst_ni", "    input  logic           rst_ni")
        self.planted("ports", "  input  logic             rst_ni", "  input logic              rst_ni")
        self.planted("ports", "  output logic             odd_o", "  output  logic            odd_o")

    def test_suffix(self):
        text = GOOD.replace("up_i", "up")
        self.assertEqual([w for _, w in self.found(text)], ["[suffix] input 'up' ends in _i"])
        text = GOOD.replace("count_o", "count_i")
        self.assertEqual([w for _, w in self.found(text)], ["[suffix] output 'count_i' ends in _o"])
        self.assertEqual(self.found(GOOD.replace("up_i", "up_ni")), [])
        self.assertEqual(self.found(GOOD.replace("up_i", "hbm_axi_awready")), [])

    def test_names(self):
        for old, new, rule in (("Width", "WIDTH_", "names"), ("OneMore", "kOne", "names"), ("OneMore", "ONE_MORE", "names"),
                               ("StBusy", "BUSY_", "names"), ("state_e", "state_t", "names"), ("pair_t", "pair", "names")):
            with self.subTest(new):
                faults = {w[:7] for _, w in self.found(re.sub(rf"\b{old}\b", new, GOOD))}
                self.assertEqual(faults, {f"[{rule}]"})

    def test_registers(self):
        def rules(text):
            return {re.match(r"\[(\w+)\]", w)[1] for _, w in self.found(text)}

        for name in ("state_q", "list_q", "pair_q", "seen_q"):
            with self.subTest(name):
                self.assertEqual(rules(re.sub(rf"\b{name}\b", name[:-2], GOOD)), {"registers"})
        self.assertEqual(rules(re.sub(r"\bstate_d\b", "next_q", GOOD)), {"registers"})          # no register
        self.assertEqual(rules(GOOD.replace("state_q <= state_d;", "state_d <= StBusy;")), {"registers"})
        self.assertEqual(rules(GOOD.replace("assign count_o = pair_q.value;", "always_comb seen_q = 1'b0;")), {"registers"})

    def test_always(self):
        self.planted("always", "always_ff @(posedge clk_i) seen_q", "always_ff @(negedge clk_i) seen_q")
        self.planted("always", "assign state_d = up_i ? StBusy : StIdle;", "always @* state_d = up_i ? StBusy : StIdle;")
        self.planted("always", "assign state_d = up_i ? StBusy : StIdle;", "always_latch if (up_i) state_d = StBusy;")
        self.planted("always", "  assign count_o", "  initial seen = 1'b0;\n  assign count_o")
        self.planted("always", "pair_q.value <= sum;", "pair_q.value = sum;")
        self.planted("always", "assign count_o = pair_q.value;", "always_comb count_o <= pair_q.value;")

    def test_assertions(self):
        self.planted("assert", "  logic seen_q;", "  always_comb Own_A: assert (up_i);\n  logic seen_q;")
        self.planted("assert", "  logic seen_q;", "  Own_A: assert property (@(posedge clk_i) up_i);\n  logic seen_q;")
        self.planted("assert", "  logic seen_q;", "  Own_A: assume property (@(posedge clk_i) up_i);\n  logic seen_q;")
        self.planted("assert", "`ifdef TSR_CHECKS", "`ifndef SYNTHESIS")
        self.planted("assert", "(Known_A", "(known")

    def test_a_comment_is_no_code(self):
        text = GOOD.replace("// one more", "// assert, SYNTHESIS, always @*, x <= y")
        self.assertEqual(self.found(text), [])

    def test_the_rules_are_those_of_the_page(self):
        page = set(re.findall(r"^\| (\w+) \|", (ROOT / "docs/style.md").read_text(encoding="utf-8"), re.M)) - {"rule"}
        code = set(re.findall(r', "([a-z]+)", f?"', pathlib.Path(sv_style.__file__).read_text(encoding="utf-8")))
        self.assertEqual(page, code)

    def test_an_empty_tree_is_no_pass(self):
        self.assertEqual(sv_style.check(pathlib.Path("/nowhere")), (0, []))


if __name__ == "__main__":
    if sv_style.pyslang is None:
        print("skipped: pyslang is not installed")
        sys.exit(77)
    unittest.main()
