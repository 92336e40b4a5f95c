// SPDX-License-Identifier: Apache-2.0
/// One tile of a cluster with everything that hangs on it. Stepped by one thread only.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/cluster.hpp"
#include "sim/link.hpp"
#include "sim/signature.hpp"

namespace tessera::sim {

/// Links that carry something since a window began, for those who must take it over in the next one.
struct alignas(64) Outbox {
  std::vector<std::uint32_t> abroad;            ///< to tiles of other threads
  alignas(64) std::vector<std::uint32_t> home;  ///< to tiles of the thread that sends
};

/// A cycle of a node is `prepare` (inputs of the coming edge; HBM and host take theirs), `clock` (the edge) and
/// `observe` (what the edge put on the outputs).
struct alignas(64) Node {
  Node(std::uint32_t index_, const TilePlace& place_, const Config& config, const ClusterOptions& options,
       TileInputs& in_, TileOutputs& out_)
      : index(index_),
        place(place_),
        in(in_),
        out(out_),
        hbm(config, hbm_options(options.hbm, index_)),
        link_words(config.link_bytes / 4) {}

  std::uint32_t index;
  TilePlace place;
  TileInputs& in;
  TileOutputs& out;
  HbmModel hbm;
  Host host;
  unsigned link_words;
  std::unique_ptr<TileModel> model;  ///< empty in a monolithic mesh
  bool traced = false;
  bool attached = false;      ///< stepped along by ClusterOptions::attachment
  std::array<Link*, 4> rx{};  ///< from the neighbour, nullptr at the border
  std::array<Link*, 4> tx{};
  std::array<std::uint32_t, 4> tx_id{};  ///< number of that link in the cluster
  std::array<bool, 4> tx_abroad{};       ///< the tile there belongs to another thread
  std::vector<Hook> hooks;               ///< to come, the next one last

  // Schedule
  bool awake = false;  ///< is in a worker's list
  std::uint64_t evaluated_at_balance = 0;

  // Accounts of the present run
  Signature signature;
  std::vector<RetireRecord> records;
  std::array<std::uint64_t, 4> flits{};
  std::int64_t last_busy = -1;         ///< last cycle with something to do here
  std::int64_t last_sent = -1;         ///< last cycle with a flit or credit on a link output
  std::int64_t last_event = -1;        ///< last beat, flit, record or host access
  std::uint64_t evaluated = 0;         ///< edges
  std::uint64_t evaluated_in_run = 0;  ///< those up to the end of the run
  bool counting = true;                ///< false after the end: nothing is recorded any more
  bool state_noted = false;            ///< after the first of the edges that could be skipped
  std::string violation;               ///< what `skip check` found

  /// Clears the accounts for what begins in `cycle`.
  void open_accounts(std::uint64_t cycle);
  /// Nothing to do unless a link delivers something.
  [[nodiscard]] bool dormant() const {
    return out.quiescent && hbm.idle() && host.idle() && !(out.axi.arvalid | out.axi.awvalid | out.axi.wvalid) &&
           !(out.host.bvalid | out.host.rvalid);
  }
  /// Cycle of the next arrival that is known, Link::kNever without one.
  [[nodiscard]] std::uint64_t next_arrival() const;
  /// Returns true when the edge of `cycle` may change the tile.
  bool prepare(std::uint64_t cycle);
  /// The edge of `cycle` has been; adds the links that sent for the first time in `window` to `sent`.
  void observe(std::uint64_t cycle, std::uint64_t window, Outbox& sent);
  /// Evaluates a tile that could be skipped and complains when that changes anything.
  void check_skip(std::uint64_t cycle);

 private:
  static HbmOptions hbm_options(HbmOptions options, std::uint32_t index) {
    options.seed = mix(options.seed + index);
    return options;
  }
};

}  // namespace tessera::sim
