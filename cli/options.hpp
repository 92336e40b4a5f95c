// SPDX-License-Identifier: Apache-2.0
/// Command-line values that several commands share, checked when they are parsed.
#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "workloads/run.hpp"

namespace tessera::cli {

/// Thrown for bad input; the program prints the sentence and ends with exit code 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Adds --config and --set.
void add_config(CLI::App& app, workloads::RunOptions& options);

/// Adds --config --set --mesh --backend --threads --skip --link-latency --seed --waves --timeline --json --max-cycles.
void add_common(CLI::App& app, workloads::RunOptions& options, std::string& mesh);

/// The configuration that --config and --set name. `keep`: its models may be built. Throws InputError.
const Config& find_sizes(const workloads::RunOptions& options, bool keep);

/// Checks the parsed values and splits "4x4". Throws InputError.
void check_common(const Config& cfg, workloads::RunOptions& options, const std::string& mesh);

/// Names of the Verilated models that a run with these options opens, separated by blanks.
[[nodiscard]] std::string models_of(const Config& cfg, const workloads::RunOptions& options, bool writes_waves);

}  // namespace tessera::cli
