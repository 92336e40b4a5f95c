// SPDX-License-Identifier: Apache-2.0
/// What the programs of all jobs share. Knows nothing of the simulator.
#pragma once
#include <cstdint>
#include <string>

#include "base/config.hpp"
#include "isa/builder.hpp"

namespace tessera::workloads {

/// Where operands and results of a job stand. kSbuf: they are copied there from HBM first and back afterwards.
enum class Residence { kHbm, kSbuf };

/// The image of a complete program whose data end at HBM byte `data_end`; code and rings stand behind them.
/// Throws std::runtime_error with the sentence of the builder.
[[nodiscard]] isa::ProgramImage image_of(const Config& cfg, isa::ProgramBuilder&& program, std::uint64_t data_end);

/// A sentence when a program does not suit a configuration (queues, HBM), else empty.
[[nodiscard]] std::string image_fault(const Config& cfg, const isa::ProgramImage& image);

}  // namespace tessera::workloads
