// SPDX-License-Identifier: Apache-2.0
/// One tile of one configuration as something that can be clocked.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "golden/config.hpp"
#include "sim/tile_port.hpp"

namespace tessera::sim {

struct TilePlace {
  std::uint32_t x = 0, y = 0, width = 1, height = 1;
};

/// Construct, use and destroy an instance on one thread: a Verilated model and its context belong together.
class TileModel {
 public:
  virtual ~TileModel() = default;
  /// Holds reset for some cycles with idle inputs; `out` becomes the state before cycle 0.
  virtual void reset(TileOutputs& out) = 0;
  /// One rising edge with inputs `in`; `out` becomes the registers after it.
  virtual void clock(const TileInputs& in, TileOutputs& out) = 0;
  /// Hash of the whole internal state, for `skip check`. 0: the model cannot tell.
  [[nodiscard]] virtual std::uint64_t state_hash() const { return 0; }
  /// Opens an FST file; only traced models can. False: not supported.
  virtual bool open_trace(const std::string& /*path*/) { return false; }
  /// Dumps only while on.
  virtual void set_dumping(bool /*on*/) {}
  virtual void close_trace() {}
};

using TileFactory = std::unique_ptr<TileModel> (*)(const TilePlace&);

/// A configuration this program was built with.
struct TileEntry {
  const Config* config;
  TileFactory fast;
  TileFactory traced;  ///< nullptr: built without
};

/// A whole mesh elaborated as one design; index = y * width + x. Links are inside, their latency an input.
class MeshModel {
 public:
  virtual ~MeshModel() = default;
  virtual void reset(TileOutputs* out, unsigned link_latency) = 0;
  virtual void clock(const TileInputs* in, TileOutputs* out) = 0;
};

using MeshFactory = std::unique_ptr<MeshModel> (*)();

struct MeshEntry {
  std::string_view config;
  std::uint32_t width, height;
  MeshFactory make;
};

/// nullptr for a name that this program was not built with.
[[nodiscard]] const TileEntry* find_tile(std::string_view config);
[[nodiscard]] const MeshEntry* find_mesh(std::string_view config, std::uint32_t width, std::uint32_t height);
/// Space-separated names, for messages.
[[nodiscard]] std::string tile_names();
[[nodiscard]] std::string mesh_names();

}  // namespace tessera::sim
