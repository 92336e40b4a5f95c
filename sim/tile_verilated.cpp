// SPDX-License-Identifier: Apache-2.0
// TileModel over one Verilated class: a shared object with the one function tessera_make_tile. Compiled with
//   TSR_MODEL  the class (Vtile_p8), TSR_MODEL_HEADER / TSR_ROOT_HEADER its headers
//   TSR_STATE_LIST  the list that sim/state_members.py made of the root header
//   TSR_TRACE  1 when the library can write FST
#include TSR_MODEL_HEADER
#include TSR_ROOT_HEADER
#if TSR_TRACE
#include <verilated_fst_c.h>
#endif

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/signature.hpp"
#include "sim/tile_model.hpp"
#include "sim/verilated_context.hpp"
#include "sim/verilated_ports.hpp"

namespace tessera::sim {
namespace {

constexpr unsigned kRecBits = 152;
constexpr unsigned kResetCycles = 4;
constexpr std::uint64_t kPeriod = 1000;  // FST time units (ps): the rising edge of cycle n is at n ns

using Root = std::remove_reference_t<decltype(*std::declval<TSR_MODEL>().rootp)>;

/// Where a member of the root object is.
struct Member {
  std::size_t begin, size;
  const char* name;
};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
#define TSR_STATE(member) {offsetof(Root, member), sizeof(Root::member), #member},
constexpr Member kState[] = {
#include TSR_STATE_LIST
};
#undef TSR_STATE
#pragma GCC diagnostic pop

class VerilatedTile final : public TileModel {
 public:
  explicit VerilatedTile(const TilePlace& place) : model_(seeded(context_, place.x_seed), "tile") {
    model_.tile_x_i = static_cast<CData>(place.x);
    model_.tile_y_i = static_cast<CData>(place.y);
    model_.mesh_x_i = static_cast<CData>(place.width - 1);
    model_.mesh_y_i = static_cast<CData>(place.height - 1);
  }
  ~VerilatedTile() override { model_.final(); }

  void reset(TileOutputs& out) override {
    apply(TileInputs{});
    model_.rst_ni = 0;
    for (unsigned i = 0; i < kResetCycles; ++i) edge();
    model_.rst_ni = 1;
    // The falling edge lets outputs that are decoded from registers see the released reset.
    model_.clk_i = 0;
    model_.eval();
    collect(out);
  }

  void clock(const TileInputs& in, TileOutputs& out) override {
    apply(in);
    before_edge();
    edge();
    collect(out);
  }

  void note_state() override {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(model_.rootp);
    noted_.assign(bytes, bytes + sizeof(Root));
  }

  std::string changed_state() const override {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(model_.rootp);
    for (const Member& member : kState) {
      if (std::memcmp(bytes + member.begin, noted_.data() + member.begin, member.size) == 0) continue;
      return dotted(member.name);
    }
    return {};
  }

  bool flip(std::string_view name, std::size_t bit) override {
    for (const Member& member : kState) {
      if (bit / 8 >= member.size || !dotted(member.name).ends_with(name)) continue;
      reinterpret_cast<unsigned char*>(model_.rootp)[member.begin + bit / 8] ^=
          static_cast<unsigned char>(1U << bit % 8);
      return true;
    }
    return false;
  }

#if TSR_TRACE
  bool open_trace(const std::string& path) override {
    context_.traceEverOn(true);
    fst_ = std::make_unique<VerilatedFstC>();
    model_.trace(fst_.get(), 99);
    fst_->open(path.c_str());
    return fst_->isOpen();
  }
  void set_dumping(bool on) override { dumping_ = on; }
  void close_trace() override {
    if (fst_) fst_->close();
  }
#endif

 private:
  static std::string dotted(std::string name) {
    for (std::size_t at; (at = name.find("__DOT__")) != std::string::npos;) name.replace(at, 7, ".");
    return name;
  }
  static VerilatedContext* seeded(VerilatedContext& context, std::uint32_t seed) {
    if (seed != 0) {
      context.randReset(2);
      context.randSeed(static_cast<int>(seed & 0x7fffffff));
    }
    return &context;
  }

  /// Waves show inputs half a period before the edge that samples them, so that on every edge valid and ready stand
  /// side by side, whoever drives them.
  void before_edge() {
#if TSR_TRACE
    if (!dumping_ || !fst_ || model_.cycle_i == 0) return;
    model_.eval();
    dump(kPeriod * model_.cycle_i - kPeriod / 2);
#endif
  }

  /// One clock period. Without tracing the falling edge, on which nothing happens, is only noted.
  void edge() {
    model_.clk_i = 1;
    model_.eval();
    dump(kPeriod * model_.cycle_i);
    model_.clk_i = 0;
    if constexpr (!TSR_TRACE) {
      if (forget_edge(*model_.rootp)) return;
    }
    model_.eval();
  }

  /// Tells the model that it has seen the clock low; false when it keeps that under another name. Nothing is triggered
  /// by the falling edge, so an `eval` for it would only copy the clock.
  template <class AnyRoot>
  static bool forget_edge(AnyRoot& root) {
    if constexpr (requires { root.__Vtrigprevexpr___TOP__clk_i__0 = 0; }) {
      root.__Vtrigprevexpr___TOP__clk_i__0 = 0;
      return true;
    }
    return false;
  }

  void dump([[maybe_unused]] std::uint64_t time) {
#if TSR_TRACE
    if (dumping_ && fst_) fst_->dump(time);
#endif
  }

#define TSR_LINK_IN(d, i)                                              \
  model_.link_##d##_valid_i = in.link[i].valid;                        \
  if (in.link[i].valid) {                                              \
    model_.link_##d##_vc_i = in.link[i].flit->vc;                      \
    model_.link_##d##_head_i = in.link[i].flit->head;                  \
    model_.link_##d##_tail_i = in.link[i].flit->tail;                  \
    port::put(model_.link_##d##_data_i, in.link[i].flit->data.data()); \
  }                                                                    \
  model_.link_##d##_credit_valid_i = in.link[i].credit_valid;          \
  model_.link_##d##_credit_vc_i = in.link[i].credit_vc

  void apply(const TileInputs& in) {
    model_.cycle_i = in.cycle;
    TSR_LINK_IN(n, kNorth);
    TSR_LINK_IN(e, kEast);
    TSR_LINK_IN(s, kSouth);
    TSR_LINK_IN(w, kWest);
    const AxiInputs& axi = in.axi;
    model_.hbm_axi_awready = axi.awready;
    model_.hbm_axi_wready = axi.wready;
    model_.hbm_axi_arready = axi.arready;
    model_.hbm_axi_bvalid = axi.bvalid;
    if (axi.bvalid) {
      model_.hbm_axi_bid = axi.bid;
      model_.hbm_axi_bresp = axi.bresp;
    }
    model_.hbm_axi_rvalid = axi.rvalid;
    if (axi.rvalid) {
      model_.hbm_axi_rid = axi.rid;
      model_.hbm_axi_rresp = axi.rresp;
      model_.hbm_axi_rlast = axi.rlast;
      port::put(model_.hbm_axi_rdata, axi.rdata);
    }
    const AxilInputs& host = in.host;
    model_.host_axil_awvalid = host.awvalid;
    model_.host_axil_wvalid = host.wvalid;
    model_.host_axil_arvalid = host.arvalid;
    model_.host_axil_bready = host.bready;
    model_.host_axil_rready = host.rready;
    model_.host_axil_awaddr = host.awaddr;
    model_.host_axil_araddr = host.araddr;
    model_.host_axil_wdata = host.wdata;
    model_.host_axil_wstrb = 0xf;
  }

#define TSR_LINK_OUT(d, i)                                             \
  out.link[i].valid = model_.link_##d##_valid_o;                       \
  if (model_.link_##d##_valid_o) {                                     \
    out.link[i].flit.vc = model_.link_##d##_vc_o;                      \
    out.link[i].flit.head = model_.link_##d##_head_o;                  \
    out.link[i].flit.tail = model_.link_##d##_tail_o;                  \
    port::get(model_.link_##d##_data_o, out.link[i].flit.data.data()); \
  }                                                                    \
  out.link[i].credit_valid = model_.link_##d##_credit_valid_o;         \
  out.link[i].credit_vc = model_.link_##d##_credit_vc_o

#define TSR_RECORD(name, source) \
  if (model_.rec_##name##_valid_o) record(out, source, &model_.rec_##name##_data_o[0], 0)

  void collect(TileOutputs& out) {
    out.quiescent = model_.quiescent_o;
    out.irq = model_.irq_o;
    TSR_LINK_OUT(n, kNorth);
    TSR_LINK_OUT(e, kEast);
    TSR_LINK_OUT(s, kSouth);
    TSR_LINK_OUT(w, kWest);
    AxiOutputs& axi = out.axi;
    axi.bready = model_.hbm_axi_bready;
    axi.rready = model_.hbm_axi_rready;
    axi.arvalid = model_.hbm_axi_arvalid;
    if (axi.arvalid) {
      axi.arid = model_.hbm_axi_arid;
      axi.arlen = model_.hbm_axi_arlen;
      axi.araddr = model_.hbm_axi_araddr;
    }
    axi.awvalid = model_.hbm_axi_awvalid;
    if (axi.awvalid) {
      axi.awid = model_.hbm_axi_awid;
      axi.awlen = model_.hbm_axi_awlen;
      axi.awaddr = model_.hbm_axi_awaddr;
    }
    axi.wvalid = model_.hbm_axi_wvalid;
    if (axi.wvalid) {
      axi.wlast = model_.hbm_axi_wlast;
      port::get(model_.hbm_axi_wdata, axi.wdata.data());
      port::get(model_.hbm_axi_wstrb, axi.wstrb.data());
    }
    AxilOutputs& host = out.host;
    host.awready = model_.host_axil_awready;
    host.wready = model_.host_axil_wready;
    host.arready = model_.host_axil_arready;
    host.bvalid = model_.host_axil_bvalid;
    host.bresp = model_.host_axil_bresp;
    host.rvalid = model_.host_axil_rvalid;
    host.rresp = model_.host_axil_rresp;
    host.rdata = model_.host_axil_rdata;
    out.record_valid = 0;
    TSR_RECORD(pe, 0);
    TSR_RECORD(act, 1);
    TSR_RECORD(dve, 2);
    TSR_RECORD(pool, 3);
    TSR_RECORD(sp, 4);
    for (unsigned q = 0, valid = model_.rec_q_valid_o; valid != 0; ++q, valid >>= 1) {
      if (valid & 1) record(out, kNumEngines + q, &model_.rec_q_data_o[0], q * kRecBits);
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
  TSR_MODEL model_;
  std::vector<unsigned char> noted_;  ///< the root object, for `skip check`
#if TSR_TRACE
  std::unique_ptr<VerilatedFstC> fst_;
  bool dumping_ = false;
#endif
};

}  // namespace

}  // namespace tessera::sim

extern "C" __attribute__((visibility("default"))) tessera::sim::TileModel* tessera_make_tile(
    const tessera::sim::TilePlace& place) {
  return new tessera::sim::VerilatedTile(place);  // the caller owns it
}
