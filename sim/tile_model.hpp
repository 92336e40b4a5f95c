// SPDX-License-Identifier: Apache-2.0
/// One tile of one configuration as something that can be clocked.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/config.hpp"
#include "sim/tile_port.hpp"

namespace tessera::sim {

struct TilePlace {
  std::uint32_t x = 0, y = 0, width = 1, height = 1;
  std::uint32_t x_seed = 0;  ///< not 0: everything that has no defined value starts at random, from this seed
};

/// Used by one thread at a time; the cluster may move a tile to another thread between two synchronisations.
class TileModel {
 public:
  virtual ~TileModel() = default;
  /// Holds reset for some cycles with idle inputs; `out` becomes the state before the next edge. At any time.
  virtual void reset(TileOutputs& out) = 0;
  /// One rising edge with inputs `in`; `out` becomes the registers after it.
  virtual void clock(const TileInputs& in, TileOutputs& out) = 0;
  /// For `skip check`: notes the state after the present edge ...
  virtual void note_state() {}
  /// ... and names a register or net that differs from what was noted. Empty: none, or the model cannot tell.
  [[nodiscard]] virtual std::string changed_state() const { return {}; }
  /// Inverts a bit of the register or memory whose dotted name ends in `name`, counted from its first byte. False:
  /// none.
  virtual bool flip(std::string_view /*name*/, std::size_t /*bit*/) { return false; }
  /// Opens an FST file; only traced models can. False: not supported.
  virtual bool open_trace(const std::string& /*path*/) { return false; }
  /// Dumps only while on.
  virtual void set_dumping(bool /*on*/) {}
  virtual void close_trace() {}
};

using TileFactory = std::function<std::unique_ptr<TileModel>(const TilePlace&)>;

/// A configuration and the variants of its tile that are built. Factories may be called on several threads at once.
struct TileEntry {
  const Config* config;
  TileFactory fast;     ///< nullptr: not built
  TileFactory traced;   ///< writes FST; nullptr: not built
  TileFactory checked;  ///< assertions on, obeys TilePlace::x_seed; nullptr: not built
};

/// A whole mesh elaborated as one design; index = y * width + x. Links are inside, their latency an input.
class MeshModel {
 public:
  virtual ~MeshModel() = default;
  virtual void reset(TileOutputs* out, unsigned link_latency) = 0;
  virtual void clock(const TileInputs* in, TileOutputs* out) = 0;
};

using MeshFactory = std::function<std::unique_ptr<MeshModel>()>;

struct MeshEntry {
  std::uint32_t width, height;
  MeshFactory make;
};

/// The models of the tile of any configuration: of configs/, of a file, of a test.
[[nodiscard]] TileEntry tile_entry(const Config& config);
/// The tile of a configuration of configs/; nullptr for an unknown or a faulty one.
[[nodiscard]] const TileEntry* find_tile(std::string_view config);
/// nullptr when the model is not built.
[[nodiscard]] const MeshEntry* find_mesh(const Config& config, std::uint32_t width, std::uint32_t height);
/// "tile_p8_traced"; variants: "", "_traced", "_checked".
[[nodiscard]] inline std::string tile_model_name(const Config& config, std::string_view variant = "") {
  return "tile_" + std::string(config.model) + std::string(variant);
}
/// "mesh_p8_2x2".
[[nodiscard]] inline std::string mesh_model_name(const Config& config, std::uint32_t width, std::uint32_t height) {
  return "mesh_" + std::string(config.model) + "_" + std::to_string(width) + "x" + std::to_string(height);
}
/// A run asks for a model that is not built, or not for these sizes.
struct NotBuilt : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};
/// A sentence that tells how to build `model`.
[[nodiscard]] std::string not_built(const std::string& model);

}  // namespace tessera::sim
