// SPDX-License-Identifier: Apache-2.0
/// The one form of an assertion: `TSR_ASSERT(Name_A, expression, "what is wrong")`, an item of a module.
///
/// The expression holds at every rising edge of `clk_i` at which `rst_ni` is high; `a -> b` reads
/// "if a then b". The text is optional. Nothing is left of it under SYNTHESIS; a simulator that is
/// told `--no-assert` drops it. State that only assertions read stands between `ifdef TSR_CHECKS
/// and `endif.
`ifndef TSR_ASSERT_SVH
`define TSR_ASSERT_SVH
`ifdef SYNTHESIS
`define TSR_ASSERT(Name, Holds, Text = "")
`else
`define TSR_CHECKS
`define TSR_ASSERT(Name, Holds, Text = "") \
  always_ff @(posedge clk_i) if (rst_ni) Name: assert (Holds) else $error(Text);
`endif
`endif
