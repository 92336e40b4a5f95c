// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <map>

#include "base/config_file.hpp"
#include "cli/files.hpp"

namespace tessera::cli {
namespace {

constexpr std::uint32_t kMaxSide = 256;  // coordinates are 8 bits wide

bool parse_side(std::string_view text, std::uint32_t& value) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc{} && end == text.data() + text.size();
}

void parse_mesh(const std::string& mesh, workloads::RunOptions& o) {
  const auto x = mesh.find('x');
  if (x == std::string::npos || !parse_side(std::string_view(mesh).substr(0, x), o.width) ||
      !parse_side(std::string_view(mesh).substr(x + 1), o.height)) {
    throw InputError(fmt::format("--mesh {} is not a mesh; write WIDTHxHEIGHT, for example 4x4", mesh));
  }
  if (o.width == 0 || o.height == 0 || o.width > kMaxSide || o.height > kMaxSide) {
    throw InputError(fmt::format("--mesh {} is out of range; each side must lie between 1 and {}", mesh, kMaxSide));
  }
}

// The parser would take -5 for 2^64 - 5 and 2^64 for some other number.
std::string unsigned_text(const std::string& text) {
  if (text.starts_with('-')) return text + " is negative";
  errno = 0;
  static_cast<void>(std::strtoull(text.c_str(), nullptr, 0));
  return errno == ERANGE ? text + " does not fit in 64 bits" : std::string();
}

}  // namespace

void add_config(CLI::App& app, workloads::RunOptions& o) {
  app.add_option("--config", o.config, "hardware configuration: a name of configs/ or a file, FILE.json")
      ->capture_default_str();
  app.add_option("--set", o.sets, "KEY=VALUE in place of what the configuration says; may be repeated")
      ->allow_extra_args(false);
}

void add_common(CLI::App& app, workloads::RunOptions& o, std::string& mesh) {
  add_config(app, o);
  app.add_option("--mesh", mesh, "tiles, WIDTHxHEIGHT")->capture_default_str();
  app.add_option("--backend", o.backend, "stitched or monolithic")->capture_default_str();
  app.add_option("--threads", o.threads, "simulation threads")->capture_default_str();
  app.add_option("--skip", o.skip, "skip quiescent tiles: on, off or check")->capture_default_str();
  app.add_option("--golden", o.golden, "on: compare with the golden model; off: run the RTL alone, with less memory")
      ->transform(CLI::CheckedTransformer(std::map<std::string, bool>{{"on", true}, {"off", false}}).description(""))
      ->type_name("TEXT")
      ->default_str("on");
  app.add_flag("--assertions", o.checked, "run tiles whose RTL assertions are on");
  app.add_option("--x-seed", o.x_seed, "start everything without a reset value at random; 0: off")
      ->capture_default_str();
  app.add_option("--hbm-stalls", o.hbm_stalls,
                 "HBM's ready and valid signals pause at random, from this seed; 0: never")
      ->capture_default_str()
      ->check(unsigned_text);
  app.add_option("--link-latency", o.link_latency, "cycles from a router's output to its neighbour")
      ->capture_default_str();
  app.add_option("--seed", o.seed, "seed of everything random")->capture_default_str()->check(unsigned_text);
  app.add_option("--waves", o.waves,
                 "write an FST waveform of tile (0, 0), 5,000 cycles around its first retired matmul, and its GTKWave "
                 "view (.gtkw)");
  app.add_option("--wave-tiles", o.wave_tiles, "first: tile (0, 0); all: one file for each tile, _X_Y in its name")
      ->capture_default_str();
  app.add_option("--wave-cycles", o.wave_window, "cycles of --waves; 0: the whole run")
      ->capture_default_str()
      ->check(unsigned_text);
  app.add_option("--timeline", o.timeline, "write engine activity as Chrome trace events (Perfetto)");
  app.add_option("--json", o.json, "write the report as JSON");
  app.add_option("--max-cycles", o.max_cycles, "stop after this many cycles; 0: no limit")
      ->capture_default_str()
      ->check(unsigned_text);
}

const Config& find_sizes(const workloads::RunOptions& o, bool keep) {
  const auto found = read_config(o.config, o.sets, keep ? TSR_KEPT_CONFIGS : "");
  if (found.config == nullptr) throw InputError(found.error);
  return *found.config;
}

void check_common(const Config& cfg, workloads::RunOptions& o, const std::string& mesh) {
  parse_mesh(mesh, o);
  if (o.backend != "stitched" && o.backend != "monolithic") {
    throw InputError(fmt::format("--backend {} is unknown; use stitched or monolithic", o.backend));
  }
  if (o.skip != "on" && o.skip != "off" && o.skip != "check") {
    throw InputError(fmt::format("--skip {} is unknown; use on, off or check", o.skip));
  }
  if (o.threads == 0 || o.threads > 1024)
    throw InputError(fmt::format("--threads {} must lie between 1 and 1024", o.threads));
  const std::uint32_t longest = o.backend == "monolithic" ? 8 : 4096;
  if (o.link_latency == 0 || o.link_latency > longest) {
    throw InputError(fmt::format("--link-latency {} must lie between 1 and {}", o.link_latency, longest));
  }
  if (o.wave_tiles != "first" && o.wave_tiles != "all")
    throw InputError(fmt::format("--wave-tiles {} is unknown; use first or all", o.wave_tiles));
  check_host_memory(cfg, o);
  check_writable(o.waves, "--waves");
  check_writable(o.timeline, "--timeline");
  check_writable(o.json, "--json");
}

std::string models_of(const Config& cfg, const workloads::RunOptions& o, bool writes_waves) {
  if (o.backend == "monolithic") return sim::mesh_model_name(cfg, o.width, o.height);
  const bool checked = o.checked || o.x_seed != 0;
  return sim::tile_model_name(cfg, checked ? "_checked" : "") +
         (writes_waves || !o.waves.empty() ? " " + sim::tile_model_name(cfg, "_traced") : "");
}

}  // namespace tessera::cli
