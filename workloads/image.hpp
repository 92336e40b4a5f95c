// SPDX-License-Identifier: Apache-2.0
/// Programs with their data as images that a host can load. Knows nothing of the simulator.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "isa/image.hpp"
#include "kernels/program.hpp"

namespace tessera::workloads {

/// Where operands and results of a job stand. kSbuf: they are copied there from HBM first and back afterwards.
enum class Residence { kHbm, kSbuf };

/// Places programs and data of a cluster in HBM. Code and rings start at `code_base`.
[[nodiscard]] isa::ProgramImage make_image(const kernels::ClusterProgram& program,
                                           const std::vector<std::vector<isa::HbmBlock>>& data,
                                           std::uint64_t code_base);

/// A sentence when a program does not suit a configuration (queues, HBM), else empty.
[[nodiscard]] std::string image_fault(const Config& cfg, const isa::ProgramImage& image);
/// Instructions and descriptors of all tiles, HALTs included.
[[nodiscard]] std::uint64_t item_count(const kernels::ClusterProgram& program);

}  // namespace tessera::workloads
