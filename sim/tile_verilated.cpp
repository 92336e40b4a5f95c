// SPDX-License-Identifier: Apache-2.0
// TileModel over one Verilated class: a shared object with the one function tessera_make_tile. Compiled with
//   TSR_MODEL  the class (Vtile_p8), TSR_MODEL_HEADER / TSR_ROOT_HEADER its headers
//   TSR_CONFIG_HEADER, TSR_CONFIG  its configuration
//   TSR_STATE_LIST  the list that sim/state_members.py made of the root header
//   TSR_TRACE  1 when the library can write FST
#include TSR_MODEL_HEADER
#include TSR_ROOT_HEADER
#include TSR_CONFIG_HEADER
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

constexpr Config kConfig = configs::TSR_CONFIG::kConfig;
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
    tie_host(io_);
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
    collect(io_, out);
  }

  void clock(const TileInputs& in, TileOutputs& out) override {
    apply(in);
    before_edge();
    edge();
    collect(io_, out);
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

  void dump([[maybe_unused]] std::uint64_t time) {
#if TSR_TRACE
    if (dumping_ && fst_) fst_->dump(time);
#endif
  }

  void apply(const TileInputs& in) {
    apply_tile(io_, in);
    apply_link(io_, in);
    apply_axi(io_, in);
    apply_host(io_, in);
  }

  OneThreadContext context_;
  TSR_MODEL model_;
  TileIo<TSR_MODEL, kConfig> io_{model_};
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
