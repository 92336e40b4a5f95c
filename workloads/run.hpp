// SPDX-License-Identifier: Apache-2.0
/// One run of a program image on RTL, and the same program on the golden model.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "golden/cluster.hpp"
#include "golden/config.hpp"
#include "isa/image.hpp"
#include "sim/cluster.hpp"
#include "workloads/image.hpp"

namespace tessera::workloads {

/// The common options of the command line.
struct RunOptions {
  std::string config = "p32";
  std::uint32_t width = 1, height = 1;
  std::string backend = "stitched";
  std::uint32_t threads = 1;
  std::string skip = "on";
  std::uint32_t link_latency = 1;
  std::uint64_t seed = 1;
  std::string waves, timeline, json;
  std::uint64_t max_cycles = 0;  ///< 0: no limit
  bool progress = true;
  std::uint64_t wave_from = 0, wave_to = ~0ULL;  ///< cycles that --waves covers
};

/// A retirement record that differs between RTL and golden model.
struct RecordMismatch {
  std::uint32_t tile = 0;
  std::string source;  ///< "PE", "queue 2"
  std::size_t index = 0;
  std::string text;
};

/// An RTL run and its golden twin.
class Run {
 public:
  Run(const Config& cfg, const RunOptions& options, const isa::ProgramImage& image);
  ~Run();
  /// Runs the RTL to its end. False: `error` says what went wrong.
  bool run_rtl();
  /// Runs the golden model and compares all retirement records.
  bool run_golden();

  [[nodiscard]] std::vector<std::uint8_t> rtl_hbm(std::uint32_t tile, std::uint64_t address, std::size_t bytes) const;
  [[nodiscard]] std::vector<std::uint8_t> golden_hbm(std::uint32_t tile, std::uint64_t address, std::size_t bytes) const;

  const Config& cfg;
  RunOptions options;
  sim::RunResult result;
  std::string error;                ///< a sentence, empty when all went well
  bool hardware_error = false;
  std::vector<RecordMismatch> mismatches;
  double host_seconds = 0;
  std::uint64_t cycles = 0;         ///< first doorbell to last completion

 private:
  void compare_records();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tessera::workloads
