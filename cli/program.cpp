// SPDX-License-Identifier: Apache-2.0
/// `tessera run`: any assembler program, legal or not.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "isa/assembler.hpp"

namespace tessera::cli {
namespace {

std::string code_name(std::uint32_t code) {
  return code < isa::kErrNames.size() ? std::string(isa::kErrNames[code].name) : fmt::format("code {}", code);
}

bool matches(const isa::ExpectedError& want, const sim::UnitState& got, std::uint32_t width) {
  return got.tile == want.y * width + want.x && got.is_queue == want.is_queue && got.unit == want.unit &&
         got.error == static_cast<std::uint32_t>(want.code);
}

}  // namespace

int run_program(const Config& cfg, workloads::RunOptions options, const std::string& path) {
  auto source = isa::assemble_file(path);
  if (!source.ok()) {
    std::string text;
    for (const auto& fault : source.errors) text += (text.empty() ? "" : "\n") + fault.sentence();
    throw InputError(text);
  }
  auto& image = source.image;
  if (image.width > options.width || image.height > options.height) {
    if (options.width * options.height != 1) {
      throw InputError(fmt::format("{} needs a mesh of {}x{}; --mesh is {}x{}", path, image.width, image.height, options.width, options.height));
    }
    options.width = image.width, options.height = image.height;
  }
  if (image.width != options.width || image.height != options.height) {
    isa::ProgramImage larger;
    larger.width = options.width, larger.height = options.height;
    larger.tiles.resize(std::size_t{options.width} * options.height);
    for (std::uint32_t y = 0; y < image.height; ++y) {
      for (std::uint32_t x = 0; x < image.width; ++x) larger.tile(x, y) = image.tile(x, y);
    }
    larger.expected_errors = image.expected_errors;
    image = std::move(larger);
  }
  workloads::Run run(cfg, options, image);
  const bool finished = run.run_rtl();
  auto report = common_report(run, "run");
  print_summary(run);
  write_timeline(run);
  for (const auto& e : run.result.errors) fmt::print("{}\n", sim::describe(e, options.width));
  for (const auto& e : run.result.stuck) fmt::print("{}\n", sim::describe(e, options.width));
  auto errors = nlohmann::json::array();
  for (const auto& e : run.result.errors) {
    errors.push_back({{"tile", e.tile}, {"queue", e.is_queue}, {"unit", e.unit}, {"code", code_name(e.error)}, {"tag", e.tag}, {"address", e.address}});
  }
  report["errors"] = errors;
  if (!image.expected_errors.empty()) {
    bool met = run.result.errors.size() == image.expected_errors.size();
    for (const auto& want : image.expected_errors) {
      bool found = false;
      for (const auto& got : run.result.errors) found = found || matches(want, got, options.width);
      met = met && found;
    }
    report["error"] = run.error;
    write_report(run, report);
    fmt::print("{}\n", met ? "failed as the program says it must" : "did NOT fail as the program says it must");
    return met ? 0 : 1;
  }
  if (!finished) {
    report["error"] = run.error;
    write_report(run, report);
    fmt::print(stderr, "tessera: {}\n", run.error);
    return 2;
  }
  const bool exact = run.run_golden();
  if (!run.error.empty()) fmt::print(stderr, "tessera: {}\n", run.error);
  report["bit_exact"] = exact;
  write_report(run, report);
  print_summary(run);
  fmt::print("{}\n", exact ? "bit-exact" : "NOT bit-exact");
  return exact ? 0 : 1;
}

}  // namespace tessera::cli
