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
constexpr Config kCfg = configs::TSR_CONFIG::kConfig;
constexpr unsigned kLinkBits = 8 * kCfg.link_bytes, kBeatBits = 8 * kCfg.hbm_bytes_per_cycle,
                   kStrbBits = kCfg.hbm_bytes_per_cycle;
constexpr unsigned kRecBits = 152;
constexpr unsigned kResetCycles = 4;

template <std::size_t N>
std::uint64_t slice(const VlWide<N>& port, unsigned lsb, unsigned width) {
  return port::bits(&port[0], lsb, width);
}
template <class Port>
std::uint64_t slice(const Port& port, unsigned lsb, unsigned width) {
  return (std::uint64_t{port} >> lsb) & (width == 64 ? ~0ULL : (1ULL << width) - 1);
}

template <std::size_t N>
void set_slice(VlWide<N>& port, unsigned lsb, unsigned width, std::uint64_t value) {
  port::set_bits(&port[0], lsb, width, value);
}
template <class Port>
void set_slice(Port& port, unsigned lsb, unsigned width, std::uint64_t value) {
  const std::uint64_t mask = (width == 64 ? ~0ULL : (1ULL << width) - 1) << lsb;
  port = static_cast<Port>((std::uint64_t{port} & ~mask) | ((value << lsb) & mask));
}

/// `width` bits of tile `t` as 32-bit words.
template <class Port>
void get_words(const Port& port, unsigned t, unsigned width, std::uint32_t* to) {
  for (unsigned i = 0; i < width; i += 32)
    to[i / 32] = static_cast<std::uint32_t>(slice(port, t * width + i, width - i < 32 ? width - i : 32));
}
template <class Port>
void set_words(Port& port, unsigned t, unsigned width, const std::uint32_t* from) {
  for (unsigned i = 0; i < width; i += 32)
    set_slice(port, t * width + i, width - i < 32 ? width - i : 32, from[i / 32]);
}

class VerilatedMesh final : public MeshModel {
 public:
  ~VerilatedMesh() override { model_.final(); }

  void reset(TileOutputs* out, unsigned link_latency) override {
    model_.link_latency_i = static_cast<CData>(link_latency);
    const TileInputs idle;
    for (unsigned t = 0; t < kTiles; ++t) apply(t, idle);
    model_.rst_ni = 0;
    for (unsigned i = 0; i < kResetCycles; ++i) edge();
    model_.rst_ni = 1;
    // The falling edge lets outputs that are decoded from registers see the released reset.
    model_.clk_i = 0;
    model_.eval();
    for (unsigned t = 0; t < kTiles; ++t) collect(t, out[t]);
  }

  void clock(const TileInputs* in, TileOutputs* out) override {
    model_.cycle_i = in[0].cycle;
    for (unsigned t = 0; t < kTiles; ++t) apply(t, in[t]);
    edge();
    for (unsigned t = 0; t < kTiles; ++t) collect(t, out[t]);
  }

 private:
  void edge() {
    model_.clk_i = 1;
    model_.eval();
    model_.clk_i = 0;
    if (!forget_edge(*model_.rootp)) model_.eval();
  }
  /// The falling edge, on which nothing happens, is only noted.
  template <class Root>
  static bool forget_edge(Root& root) {
    if constexpr (requires { root.__Vtrigprevexpr___TOP__clk_i__0 = 0; }) {
      root.__Vtrigprevexpr___TOP__clk_i__0 = 0;
      return true;
    }
    return false;
  }

  // Links are inside the mesh: `link` of the inputs is not looked at.
  void apply(unsigned t, const TileInputs& in) {
    const AxiInputs& axi = in.axi;
    set_slice(model_.hbm_axi_awready, t, 1, axi.awready);
    set_slice(model_.hbm_axi_wready, t, 1, axi.wready);
    set_slice(model_.hbm_axi_arready, t, 1, axi.arready);
    set_slice(model_.hbm_axi_bvalid, t, 1, axi.bvalid);
    if (axi.bvalid) {
      set_slice(model_.hbm_axi_bid, t * 4, 4, axi.bid);
      set_slice(model_.hbm_axi_bresp, t * 2, 2, axi.bresp);
    }
    set_slice(model_.hbm_axi_rvalid, t, 1, axi.rvalid);
    if (axi.rvalid) {
      set_slice(model_.hbm_axi_rid, t * 4, 4, axi.rid);
      set_slice(model_.hbm_axi_rresp, t * 2, 2, axi.rresp);
      set_slice(model_.hbm_axi_rlast, t, 1, axi.rlast);
      set_words(model_.hbm_axi_rdata, t, kBeatBits, axi.rdata);
    }
    const AxilInputs& host = in.host;
    set_slice(model_.host_axil_awvalid, t, 1, host.awvalid);
    set_slice(model_.host_axil_wvalid, t, 1, host.wvalid);
    set_slice(model_.host_axil_arvalid, t, 1, host.arvalid);
    set_slice(model_.host_axil_bready, t, 1, host.bready);
    set_slice(model_.host_axil_rready, t, 1, host.rready);
    set_slice(model_.host_axil_awaddr, t * 16, 16, host.awaddr);
    set_slice(model_.host_axil_araddr, t * 16, 16, host.araddr);
    set_slice(model_.host_axil_wdata, t * 32, 32, host.wdata);
    set_slice(model_.host_axil_wstrb, t * 4, 4, 0xf);
  }

#define TSR_LINK_OUT(d, i)                                                                             \
  out.link[i].valid = static_cast<std::uint8_t>(slice(model_.link_##d##_valid_o, t, 1));               \
  if (out.link[i].valid) {                                                                             \
    out.link[i].flit.vc = static_cast<std::uint8_t>(slice(model_.link_##d##_vc_o, t * 2, 2));          \
    out.link[i].flit.head = static_cast<std::uint8_t>(slice(model_.link_##d##_head_o, t, 1));          \
    out.link[i].flit.tail = static_cast<std::uint8_t>(slice(model_.link_##d##_tail_o, t, 1));          \
    get_words(model_.link_##d##_data_o, t, kLinkBits, out.link[i].flit.data.data());                   \
  }                                                                                                    \
  out.link[i].credit_valid = static_cast<std::uint8_t>(slice(model_.link_##d##_credit_valid_o, t, 1)); \
  out.link[i].credit_vc = static_cast<std::uint8_t>(slice(model_.link_##d##_credit_vc_o, t * 2, 2))

#define TSR_RECORD(name, source) \
  if (slice(model_.rec_##name##_valid_o, t, 1)) record(out, source, &model_.rec_##name##_data_o[0], t* kRecBits)

  void collect(unsigned t, TileOutputs& out) {
    const auto bit = [t](const auto& port) { return static_cast<std::uint8_t>(slice(port, t, 1)); };
    const auto byte = [t](const auto& port, unsigned width) {
      return static_cast<std::uint8_t>(slice(port, t * width, width));
    };
    out.quiescent = bit(model_.quiescent_o);
    out.irq = bit(model_.irq_o);
    TSR_LINK_OUT(n, kNorth);
    TSR_LINK_OUT(e, kEast);
    TSR_LINK_OUT(s, kSouth);
    TSR_LINK_OUT(w, kWest);
    AxiOutputs& axi = out.axi;
    axi.bready = bit(model_.hbm_axi_bready);
    axi.rready = bit(model_.hbm_axi_rready);
    axi.arvalid = bit(model_.hbm_axi_arvalid);
    if (axi.arvalid) {
      axi.arid = byte(model_.hbm_axi_arid, 4);
      axi.arlen = byte(model_.hbm_axi_arlen, 8);
      axi.araddr = slice(model_.hbm_axi_araddr, t * 40, 40);
    }
    axi.awvalid = bit(model_.hbm_axi_awvalid);
    if (axi.awvalid) {
      axi.awid = byte(model_.hbm_axi_awid, 4);
      axi.awlen = byte(model_.hbm_axi_awlen, 8);
      axi.awaddr = slice(model_.hbm_axi_awaddr, t * 40, 40);
    }
    axi.wvalid = bit(model_.hbm_axi_wvalid);
    if (axi.wvalid) {
      axi.wlast = bit(model_.hbm_axi_wlast);
      get_words(model_.hbm_axi_wdata, t, kBeatBits, axi.wdata.data());
      get_words(model_.hbm_axi_wstrb, t, kStrbBits, axi.wstrb.data());
    }
    AxilOutputs& host = out.host;
    host.awready = bit(model_.host_axil_awready);
    host.wready = bit(model_.host_axil_wready);
    host.arready = bit(model_.host_axil_arready);
    host.bvalid = bit(model_.host_axil_bvalid);
    host.bresp = byte(model_.host_axil_bresp, 2);
    host.rvalid = bit(model_.host_axil_rvalid);
    host.rresp = byte(model_.host_axil_rresp, 2);
    host.rdata = static_cast<std::uint32_t>(slice(model_.host_axil_rdata, t * 32, 32));
    out.record_valid = 0;
    TSR_RECORD(pe, 0);
    TSR_RECORD(act, 1);
    TSR_RECORD(dve, 2);
    TSR_RECORD(pool, 3);
    TSR_RECORD(sp, 4);
    constexpr unsigned kQueues = kCfg.dma_queues;
    const std::uint64_t valid = slice(model_.rec_q_valid_o, t * kQueues, kQueues);
    for (unsigned q = 0; valid >> q != 0; ++q) {
      if ((valid >> q) & 1) record(out, kNumEngines + q, &model_.rec_q_data_o[0], (t * kQueues + q) * kRecBits);
    }
  }

  static void record(TileOutputs& out, unsigned source, const EData* words, unsigned lsb) {
    out.record_valid |= 1U << source;
    RawRecord& r = out.record[source];
    r.opcode = static_cast<std::uint8_t>(port::bits(words, lsb, 8));
    r.tag = static_cast<std::uint16_t>(port::bits(words, lsb + 8, 16));
    r.start = port::bits(words, lsb + 24, 48);
    r.end = port::bits(words, lsb + 72, 48);
    r.checksum = static_cast<std::uint32_t>(port::bits(words, lsb + 120, 32));
  }

  OneThreadContext context_;
  TSR_MODEL model_{&context_, "mesh"};
};

}  // namespace

}  // namespace tessera::sim

extern "C" __attribute__((visibility("default"))) tessera::sim::MeshModel* tessera_make_mesh() {
  return new tessera::sim::VerilatedMesh();  // the caller owns it
}
