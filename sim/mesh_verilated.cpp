// SPDX-License-Identifier: Apache-2.0
// MeshModel over one Verilated tsr_mesh: the ports of a tile, concatenated over the tiles; a shared object with the one
// function tessera_make_mesh. Compiled with
//   TSR_MODEL  the class (Vmesh_p8_2x2), TSR_MODEL_HEADER / TSR_ROOT_HEADER its headers
//   TSR_TILES  tiles of the mesh; TSR_CONFIG_HEADER, TSR_CONFIG  its configuration
#include TSR_MODEL_HEADER
#include TSR_ROOT_HEADER
#include TSR_CONFIG_HEADER

#include <memory>

#include "sim/tile_model.hpp"
#include "sim/verilated_context.hpp"
#include "sim/verilated_ports.hpp"

namespace tessera::sim {
namespace {

constexpr unsigned kTiles = TSR_TILES;
constexpr Config kConfig = configs::TSR_CONFIG::kConfig;
constexpr unsigned kResetCycles = 4;

class VerilatedMesh final : public MeshModel {
 public:
  ~VerilatedMesh() override { model_.final(); }

  void reset(TileOutputs* out, unsigned link_latency) override {
    model_.link_latency_i = static_cast<CData>(link_latency);
    const TileInputs idle;
    for (unsigned t = 0; t < kTiles; ++t) {
      apply(t, idle);
      tie_host(io(t));
    }
    model_.rst_ni = 0;
    for (unsigned i = 0; i < kResetCycles; ++i) edge();
    model_.rst_ni = 1;
    // The falling edge lets outputs that are decoded from registers see the released reset.
    model_.clk_i = 0;
    model_.eval();
    for (unsigned t = 0; t < kTiles; ++t) collect(io(t), out[t]);
  }

  void clock(const TileInputs* in, TileOutputs* out) override {
    model_.cycle_i = in[0].cycle;
    for (unsigned t = 0; t < kTiles; ++t) apply(t, in[t]);
    edge();
    for (unsigned t = 0; t < kTiles; ++t) collect(io(t), out[t]);
  }

 private:
  void edge() {
    model_.clk_i = 1;
    model_.eval();
    model_.clk_i = 0;
    if (!forget_edge(*model_.rootp)) model_.eval();  // the falling edge, on which nothing happens, is only noted
  }
  [[nodiscard]] MeshIo<TSR_MODEL, kConfig> io(unsigned tile) { return {model_, tile}; }
  // Links are inside the mesh: `link` of the inputs is not looked at.
  void apply(unsigned tile, const TileInputs& in) {
    apply_axi(io(tile), in);
    apply_host(io(tile), in);
  }

  OneThreadContext context_;
  TSR_MODEL model_{&context_, "mesh"};
};

}  // namespace

}  // namespace tessera::sim

extern "C" __attribute__((visibility("default"))) tessera::sim::MeshModel* tessera_make_mesh() {
  return new tessera::sim::VerilatedMesh();  // the caller owns it
}
