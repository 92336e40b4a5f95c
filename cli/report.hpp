// SPDX-License-Identifier: Apache-2.0
/// The JSON report of a run and the lines that every command prints.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "workloads/run.hpp"

namespace tessera::cli {

/// Every key of a configuration with its value.
[[nodiscard]] nlohmann::json sizes_report(const Config& cfg);
/// The same for people, in one line.
[[nodiscard]] std::string sizes_line(const Config& cfg);

/// Fields that every command reports (docs/commands.md); the rest are null until a command fills them.
[[nodiscard]] nlohmann::json common_report(const workloads::Run& run, const std::string& command);

/// Writes `report` to the --json file, if one was named; through a temporary name, so never in part.
void write_report(const workloads::Run& run, const nlohmann::json& report);

/// Prints cycles, speed and signature.
void print_summary(const workloads::Run& run);

/// Engine activity as Chrome trace events (one process per tile, one track per engine and queue), if --timeline was
/// given.
void write_timeline(const workloads::Run& run);

/// The .gtkw file beside the --waves file, with the marker at the first retired matmul (scripts/wave.py).
void write_waves_view(const workloads::Run& run);

/// A file through a temporary name and a rename. Throws InputError.
void write_text(const std::string& path, const std::string& text);

}  // namespace tessera::cli
