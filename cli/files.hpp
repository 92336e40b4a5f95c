// SPDX-License-Identifier: Apache-2.0
/// Arrays in and out, with the checks that end in one sentence.
#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/npy.hpp"
#include "workloads/run.hpp"

namespace tessera::cli {

/// A non-empty array of `rank` dimensions. Throws InputError that names the option.
NpyArray load_array(const std::string& path, int rank, const char* option);
/// Refuses a path that cannot become a file, before hours of simulation.
void check_writable(const std::string& path, const char* option);
/// An option and the path it was given.
struct NamedPath {
  const char* option;
  std::string path;
};
/// Refuses two options that would write one file, and a report, timeline or waveform in the place of an input.
void check_distinct(const workloads::RunOptions& options, const std::string& out, const std::vector<NamedPath>& inputs);
void save_array(const std::string& path, std::vector<std::uint64_t> shape, const std::vector<float>& values);
[[nodiscard]] std::vector<float> as_floats(const std::vector<std::uint32_t>& bits);

/// Refuses jobs whose data do not fit into the HBM of one tile.
void check_capacity(const Config& cfg, std::uint64_t bytes);
/// Refuses runs that need more memory than is left here; `program_bytes` as far as they are known.
void check_host_memory(const Config& cfg, const workloads::RunOptions& options, std::uint64_t program_bytes = 0);
}  // namespace tessera::cli
