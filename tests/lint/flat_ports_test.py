#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/flat_ports.py names the fields of struct ports as benches expect, and refuses what it cannot take apart.

usage: flat_ports_test.py
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import flat_ports  # noqa: E402

PACKAGE = """package tsr_if_pkg;
  typedef enum logic [1:0] {DirA = 2'd0, DirB = 2'd1} dir_e;      // DirC = 3: none
  localparam int unsigned NumDirs = 2;
  localparam int unsigned ReaderDma = 0, ReaderFetch = 1, NumReaders = 2;
  localparam int unsigned Single = 4;
  typedef struct packed {
    logic       head;
    logic [7:0] data;
  } link_t;
endpackage
"""
MODULE = """module tsr_x
  import tsr_if_pkg::*;
#(
  parameter int unsigned NumPorts = NumDirs,
  parameter int unsigned Depth = 4
) (
  input  logic                clk_i,
  input  logic [NumPorts-1:0] link_valid_i,
  input  link_t               link_i [NumPorts],   // a comment, with a comma
  output link_t               read_o [NumReaders],
  output logic [7:0]          rest_o [4]
);
endmodule
"""


class FlatPorts(unittest.TestCase):
    def flat(self, module):
        return flat_ports.flatten(flat_ports.read_module(module), *flat_ports.read_package(PACKAGE))

    def test_fields_and_lists_become_names(self):
        name, text = self.flat(MODULE)
        ports = [" ".join(line.split()).rstrip(",") for line in re.search(r"\n\(\n(.*?)\);", text, re.S)[1].splitlines()]
        self.assertEqual(name, "tsr_x_flat")
        self.assertEqual(ports, ["input logic clk_i", "input logic link_a_valid_i", "input logic link_b_valid_i",
                                 "input logic link_a_head_i", "input logic [7:0] link_a_data_i",
                                 "input logic link_b_head_i", "input logic [7:0] link_b_data_i",
                                 "output logic dma_read_head_o", "output logic [7:0] dma_read_data_o",
                                 "output logic fetch_read_head_o", "output logic [7:0] fetch_read_data_o",
                                 "output logic [7:0] rest_o [4]"])
        self.assertIn("assign s_link_i[DirB].data = link_b_data_i;", text)
        self.assertIn("assign fetch_read_head_o = s_read_o[ReaderFetch].head;", text)
        self.assertIn("tsr_x #(.NumPorts(NumPorts), .Depth(Depth)) dut (", text)

    def test_what_it_cannot_read_is_refused(self):
        with self.assertRaisesRegex(flat_ports.Problem, "tsr_x: not a port that can be taken apart: 'input  wire *clk_i'"):
            self.flat(MODULE.replace("logic                clk_i", "wire clk_i"))
        with self.assertRaisesRegex(flat_ports.Problem, "no module with a port list"):
            self.flat("package tsr_x;\nendpackage\n")


if __name__ == "__main__":
    unittest.main()
