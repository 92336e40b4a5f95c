// SPDX-License-Identifier: Apache-2.0
/// `tessera run`: any assembler program, legal or not.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/judge.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "isa/assembler.hpp"

namespace tessera::cli {

isa::ProgramImage load_program(const std::string& path, workloads::RunOptions& options, bool mesh_given) {
  auto source = isa::assemble_file(path);
  if (!source.ok()) {
    const auto more = source.errors.size() - 1;
    throw InputError(source.errors.front().sentence() + (more == 0 ? "" : fmt::format(" (and {} more)", more)));
  }
  if (!source.runaways.empty()) throw InputError(source.runaways.front().sentence());
  auto& image = source.image;
  if (image.width > options.width || image.height > options.height) {
    if (mesh_given) {
      throw InputError(fmt::format("{} needs a mesh of {}x{}; --mesh is {}x{}", path, image.width, image.height,
                                   options.width, options.height));
    }
    options.width = image.width, options.height = image.height;
  }
  if (image.width == options.width && image.height == options.height) return std::move(image);
  isa::ProgramImage larger;
  larger.width = options.width, larger.height = options.height;
  larger.tiles.resize(std::size_t{options.width} * options.height);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) larger.tile(x, y) = std::move(image.tile(x, y));
  }
  larger.expected_errors = image.expected_errors;
  return larger;
}

int run_program(const Config& cfg, workloads::RunOptions options, const std::string& path, bool mesh_given) {
  check_distinct(options, "", {{"the program", path}});
  auto image = load_program(path, options, mesh_given);
  const auto announced = image.expected_errors;
  check_host_memory(cfg, options, image.bytes());  // the mesh may come from the program
  workloads::Run run(cfg, options, std::move(image));
  const auto verdict = judge(run, "run", announced);
  if (!verdict.compared) return verdict.code;
  write_timeline(run);
  write_report(run, verdict.report);
  fmt::print("{}\n", verdict.word());
  return verdict.code;
}

}  // namespace tessera::cli
