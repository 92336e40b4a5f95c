// SPDX-License-Identifier: Apache-2.0
/// The tile boundary (isa/boundary.json) as plain values, the same for every configuration.
///
/// Inputs hold what the tile samples at the coming edge; outputs hold its registers after the last edge. Wide data are
/// little-endian 32-bit words. Data of a port mean something only while its `valid` is set; nobody copies them
/// otherwise.
#pragma once
#include "tsr_boundary.hpp"

namespace tessera::sim {

inline constexpr unsigned opposite(unsigned d) { return d ^ 2U; }

}  // namespace tessera::sim
