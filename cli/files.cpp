// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/host_memory.hpp"
#include "base/output.hpp"
#include "cli/options.hpp"
#include "workloads/footprint.hpp"

namespace tessera::cli {

NpyArray load_array(const std::string& path, int rank, const char* option) {
  auto result = read_npy(path, rank);
  if (!result.ok()) throw InputError(fmt::format("{} {}", option, result.error));
  if (result.array.elements() == 0) throw InputError(fmt::format("{} {}: the array is empty", option, path));
  for (const auto side : result.array.shape) {
    if (side > 0x7fffffffU)
      throw InputError(fmt::format("{} {}: a side of {} elements is too long", option, path, side));
  }
  return std::move(result.array);
}

void check_writable(const std::string& path, const char* option) {
  if (path.empty()) return;
  const auto fault = output_fault(path);
  if (!fault.empty()) throw InputError(fmt::format("{} {}: {}", option, path, fault));
}

void check_distinct(const workloads::RunOptions& options, const std::string& out,
                    const std::vector<NamedPath>& inputs) {
  const auto whole = [](const std::string& path) {
    std::error_code none;
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, none), none);
  };
  const auto same = [&](const std::string& a, const std::string& b) {
    return !a.empty() && !b.empty() && whole(a) == whole(b);
  };
  const std::vector<NamedPath> outputs = {
      {"--out", out}, {"--json", options.json}, {"--timeline", options.timeline}, {"--waves", options.waves}};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (std::size_t j = i + 1; j < outputs.size(); ++j) {
      if (!same(outputs[i].path, outputs[j].path)) continue;
      throw InputError(
          fmt::format("{} and {} name the same file {}", outputs[i].option, outputs[j].option, outputs[i].path));
    }
    for (const auto& input : inputs) {
      if (i == 0 || !same(outputs[i].path, input.path)) continue;
      throw InputError(fmt::format("{} would overwrite {}, which is {}", outputs[i].option, input.path, input.option));
    }
  }
}

void save_array(const std::string& path, std::vector<std::uint64_t> shape, const std::vector<float>& values) {
  const auto error = write_npy(path, NpyArray::from_floats(std::move(shape), values));
  if (!error.empty()) throw InputError(error);
}

std::vector<float> as_floats(const std::vector<std::uint32_t>& bits) {
  std::vector<float> values(bits.size());
  std::transform(bits.begin(), bits.end(), values.begin(), [](std::uint32_t b) { return std::bit_cast<float>(b); });
  return values;
}

void check_capacity(const Config& cfg, std::uint64_t bytes) {
  if (bytes > cfg.hbm_bytes) {
    throw InputError(fmt::format("the operands of one tile need {} bytes but its HBM holds {}; use a larger mesh",
                                 bytes, cfg.hbm_bytes));
  }
}

void check_host_memory(const Config& cfg, const workloads::RunOptions& options, std::uint64_t program_bytes) {
  const workloads::Footprint need{std::uint64_t{options.width} * options.height, options.golden, program_bytes,
                                  options.expected_records};
  const auto fault = need.fault(cfg, available_memory());
  if (!fault.empty()) throw InputError(fault);
}

}  // namespace tessera::cli
