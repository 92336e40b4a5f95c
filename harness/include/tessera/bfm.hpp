// SPDX-License-Identifier: Apache-2.0
/// Bus functional models: AXI4 memory, AXI4-Lite manager, ends of a link, monitors, scoreboard, stall generator. Each
/// is a task that serves one clock at a time: it takes what the last edge transferred, then drives the inputs of the
/// next. Own them by shared pointer; their tasks keep them alive until the end of the test.
#pragma once
#include "tessera/bfm/axi.hpp"
#include "tessera/bfm/axi_monitor.hpp"
#include "tessera/bfm/link.hpp"
#include "tessera/bfm/retirement.hpp"
