// SPDX-License-Identifier: Apache-2.0
/// A mesh of tiles with their links, HBM channels and hosts, stepped exactly by any number of threads.
///
/// One run: load HBM and host actions, `run()`, read HBM and the result. The run ends in the first cycle in which every
/// tile is quiescent and no link, HBM channel or host action is pending. Cycle counts, records, contents and signature
/// do not depend on threads, skipping or back end. What a cycle count means: docs/simulation.md.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/attachment.hpp"
#include "sim/hbm_model.hpp"
#include "sim/host.hpp"
#include "sim/tile_model.hpp"

namespace tessera::sim {

enum class Skip { kOff, kOn, kCheck };

struct WaveOptions {
  std::vector<std::uint32_t> tiles;  ///< tile indices to trace; empty: none
  std::string path;  ///< FST file; with several tiles "_x_y" goes before the suffix, from run 2 on "_run2"
  std::uint64_t from = 0, to = ~0ULL;  ///< cycles whose edges are in the file
};

/// For a progress line: rate = cycle / seconds; with the number of records to come known, `retired` gives the time
/// left.
struct Progress {
  std::uint64_t cycle;
  std::uint64_t evaluated_tile_cycles;
  std::uint32_t active_tiles;  ///< tiles with something to do
  std::uint64_t retired;       ///< records so far
  double seconds;              ///< since `run` was called
};

/// One direction of one link with a latency of its own, not below `ClusterOptions::link_latency`.
struct LinkLatency {
  std::uint32_t tile = 0;  ///< that sends
  Direction direction = kNorth;
  std::uint32_t latency = 1;
};

/// Something a test does to a tile just before the edge of `cycle`, on the thread that steps the tile.
struct Hook {
  std::uint32_t tile = 0;
  std::uint64_t cycle = 0;
  std::function<void(TileModel&)> action;
};

struct ClusterOptions {
  std::string config = "p8";
  std::uint32_t width = 1, height = 1;
  bool monolithic = false;
  std::uint32_t threads = 1;
  Skip skip = Skip::kOn;
  std::uint32_t link_latency = 1;
  std::vector<LinkLatency> link_latencies;  ///< exceptions; stitched only
  std::uint64_t max_cycles = 0;             ///< of one run; 0: no limit
  std::uint64_t watchdog = 100'000;         ///< cycles without any beat, flit, record or host access; 0: off
  HbmOptions hbm;
  WaveOptions waves;
  std::function<void(const Progress&)> progress;  ///< every `progress_seconds` of host time, on any of the threads
  double progress_seconds = 0.2;
  /// Asked once per synchronisation; true stops the run (Ctrl-C) and closes traces.
  std::function<bool()> interrupted;
  const TileEntry* tile = nullptr;  ///< a model of the caller's (tests); else looked up by `config`
  bool checked = false;             ///< tiles whose RTL assertions are on; a failing one ends the program
  std::uint32_t x_seed = 0;         ///< not 0: registers and memories without a reset start at random, from this seed
  /// Not 0: in this cycle every tile is reset, HBM and host actions become what they were when the run began, and the
  /// job starts over; time goes on. Records, signature and byte counts are those after the reset.
  std::uint64_t reset_at = 0;
  std::vector<Hook> hooks;  ///< stitched only
  /// Tiles that `attachment`, which outlives the cluster, steps along; stitched only. They are evaluated in every
  /// cycle.
  std::vector<std::uint32_t> attached;
  Attachment* attachment = nullptr;
};

/// A record and where it came from.
struct RetireRecord : Rec {
  std::uint8_t source = 0;  ///< engine 0…4, 5 + q: DMA queue q
  std::uint32_t tile = 0;
};

/// An engine or queue that is in error, or that still runs after the end.
struct UnitState {
  std::uint32_t tile = 0;
  bool is_queue = false;
  std::uint32_t unit = 0;     ///< engine 0…4 or number of the queue
  std::uint32_t error = 0;    ///< isa::Err, 0: none
  std::uint32_t tag = 0;      ///< of the failing or waiting item
  std::uint64_t address = 0;  ///< failing address or pc
  bool waits = false;         ///< for semaphore `sem`, whose value must reach `wanted`
  std::uint32_t sem = 0, wanted = 0, value = 0;
};

struct RunResult {
  bool ok = false;
  std::string error;              ///< a sentence when not ok
  bool complete = false;          ///< the run came to its own end: nothing moves any more
  std::uint64_t begin = 0;        ///< the run began in this cycle: 0 for the first
  std::uint64_t cycles = 0;       ///< the run ended in this cycle
  std::uint64_t first_start = 0;  ///< cycle of the first doorbell or engine start
  std::uint64_t last_record = 0;  ///< end cycle of the last completion
  std::uint64_t signature = 0;
  std::uint64_t tile_cycles = 0, skipped_tile_cycles = 0;
  std::uint64_t hbm_bytes_read = 0, hbm_bytes_written = 0;
  double host_seconds = 0;
  std::vector<RetireRecord> records;      ///< by tile, source, then order of retirement
  std::vector<std::uint64_t> link_flits;  ///< index = tile * 4 + direction (n, e, s, w) it leaves by
  std::vector<std::uint32_t> irq_tiles;   ///< tiles whose interrupt is up
  std::vector<UnitState> errors;          ///< engines and queues with a sticky error
  std::vector<UnitState> stuck;           ///< engines and queues that wait for ever
};

class Cluster {
 public:
  /// Throws std::invalid_argument with a sentence: unknown configuration, mesh that was not built, bad sizes.
  explicit Cluster(const ClusterOptions& options);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  [[nodiscard]] const Config& config() const;
  [[nodiscard]] std::uint32_t tiles() const;
  /// Contents only before and after `run()`.
  SparseMemory& hbm(std::uint32_t tile);
  [[nodiscard]] const SparseMemory& hbm(std::uint32_t tile) const;
  Host& host(std::uint32_t tile);
  /// May be called again with new contents and host actions when the run before was `complete`: time, semaphores and
  /// memories go on. Throws std::logic_error otherwise.
  RunResult run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "tile (1,0) ACT waits for semaphore 4 to reach 3 (now 2), tag 17": one line for a person.
[[nodiscard]] std::string describe(const UnitState& state, std::uint32_t width);

}  // namespace tessera::sim
