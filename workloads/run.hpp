// SPDX-License-Identifier: Apache-2.0
/// One run of a program image on RTL, the same program on the golden model, and what differs between them.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "golden/cluster.hpp"
#include "isa/image.hpp"
#include "sim/cluster.hpp"
#include "workloads/program.hpp"

namespace tessera::workloads {

/// The common options of the command line.
struct RunOptions {
  std::string config = "p32";     ///< a name of configs/ or a file
  std::vector<std::string> sets;  ///< KEY=VALUE in place of what stands there
  std::uint32_t width = 1, height = 1;
  std::string backend = "stitched";
  std::uint32_t threads = 1;
  std::string skip = "on";
  bool golden = true;            ///< the golden model runs as well, and all is compared
  bool checked = false;          ///< tiles with assertions
  std::uint32_t x_seed = 0;      ///< random initial values
  std::uint64_t hbm_stalls = 0;  ///< seed of random pauses of HBM; 0: none
  std::uint32_t link_latency = 1;
  std::uint64_t seed = 1;
  std::string waves, timeline, json;
  std::uint64_t max_cycles = 0;  ///< 0: no limit
  bool progress = true;
  std::string wave_tiles = "first";    ///< tiles that --waves covers: first, all
  std::uint64_t wave_window = 5000;    ///< cycles of --waves around the first retired matmul of tile (0, 0); 0: all
  std::uint64_t expected_records = 0;  ///< of all tiles, for the time left; 0: unknown
};

/// A retirement record that differs between RTL and golden model.
struct RecordMismatch {
  std::uint32_t tile = 0;
  std::uint32_t source = 0;     ///< engine, or 5 + queue
  std::size_t index = 0;        ///< position in the order of retirement of its source
  std::uint64_t cycle = ~0ULL;  ///< in which the RTL retired it; ~0: it did not
  std::string text;             ///< opcode, tag and both checksums
};

/// Contents of HBM that differ when both have ended.
struct MemoryMismatch {
  std::uint64_t words = 0;  ///< 32-bit words that differ, over all tiles
  std::uint32_t tile = 0;   ///< of the first of them
  std::uint64_t address = 0;
  std::uint32_t rtl = 0, golden = 0;
};

/// An error that only one side reports, or both differently: "error in RTL: shape, tag 4, at 0x80; in the golden model:
/// none".
struct ErrorMismatch {
  std::uint32_t tile = 0;
  std::uint32_t source = 0;  ///< engine, or 5 + queue
  std::string text;
};

enum class Ending { kDone, kRefused, kStopped, kFailed };

/// An RTL run and its golden twin.
class Run {
 public:
  Run(const Config& cfg, const RunOptions& options, isa::ProgramImage image);
  ~Run();
  /// Runs the RTL to its end. With --waves, shorter runs of the same program come first and find the cycle of the first
  /// retired matmul; runs are deterministic, so the window stands around exactly that cycle.
  /// kRefused: the program or an option does not suit what was built. Throws sim::NotBuilt. kStopped: --max-cycles or
  /// Ctrl-C. kFailed: the hardware reported an error or stands still. `error` is then a sentence.
  Ending run_rtl();
  /// Files that --waves writes, and their tiles.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint32_t>> wave_files() const;
  /// Runs the golden model and compares all records, all errors (code, tag, address) and all of HBM. kFailed: it did
  /// not finish either; `golden_error` says why.
  Ending run_golden();
  [[nodiscard]] bool agrees() const { return mismatches.empty() && errors.empty() && memory.words == 0; }

  [[nodiscard]] std::vector<std::uint8_t> rtl_hbm(std::uint32_t tile, std::uint64_t address, std::size_t bytes) const;
  [[nodiscard]] std::vector<std::uint8_t> golden_hbm(std::uint32_t tile, std::uint64_t address,
                                                     std::size_t bytes) const;
  [[nodiscard]] const golden::Cluster* golden() const;  ///< nullptr before run_golden()
  [[nodiscard]] const isa::ProgramImage& image() const;

  const Config& cfg;
  RunOptions options;
  sim::RunResult result;
  std::string error, golden_error;         ///< sentences, empty when all went well
  std::vector<RecordMismatch> mismatches;  ///< the first of each source, in order of time
  std::vector<ErrorMismatch> errors;
  MemoryMismatch memory;
  bool interrupted = false;                   ///< by Ctrl-C
  double host_seconds = 0;                    ///< of the run itself, without those that look for the wave window
  std::uint64_t cycles = 0;                   ///< first doorbell to last completion
  std::optional<std::uint64_t> first_matmul;  ///< cycle in which tile (0, 0) retired its first matmul; with --waves
  std::uint64_t wave_from = 0, wave_to = 0;   ///< cycles in the FST

 private:
  void find_window();
  void simulate(std::uint64_t max_cycles, bool waves, bool progress);
  void compare_records();
  void compare_errors();
  void compare_memory();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "PE", "DMA queue 2".
[[nodiscard]] std::string source_name(std::uint32_t source);
/// "shape", or "code 15" for a code without a name.
[[nodiscard]] std::string error_name(std::uint32_t code);
/// "MATMUL", "DMA ADD", "opcode 200".
[[nodiscard]] std::string opcode_name(std::uint8_t opcode);

}  // namespace tessera::workloads
