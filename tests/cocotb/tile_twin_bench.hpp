// SPDX-License-Identifier: Apache-2.0
/// A tile between AxiMemory on hbm_axi and AxiLiteManager on host_axil. The twin is test_tile_twin.py's Bench.
#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "tessera/bfm.hpp"
#include "tsr_isa.hpp"

namespace tile_bench {

using namespace tessera;

namespace reg = isa::reg;
using Bytes = std::vector<std::uint8_t>;

inline CoverGroup copy_cover("tile_copy", {"hbm_to_hbm", "hbm_to_sbuf", "sbuf_to_hbm"});

constexpr std::uint32_t code(auto value) { return static_cast<std::uint32_t>(value); }

/// `spaces`: source in bits 1 ... 0, target in bits 3 ... 2; 0 is HBM, 1 is SBUF.
struct Copy {
  std::uint64_t elements = 1, rows = 1, source = 0, target = 0, source_step = 0, target_step = 0, spaces = 0, wait = 0,
                update = 0;
};

inline void append(Bytes& ring, const Copy& c) {
  copy_cover.sample(c.spaces == 0 ? "hbm_to_hbm" : c.spaces == 4 ? "hbm_to_sbuf" : "sbuf_to_hbm");
  isa::Desc d;
  d.src_dtype = d.dst_dtype = code(isa::Dtype::kRaw8);
  d.row_elems = static_cast<std::uint32_t>(c.elements);
  d.src_space = c.spaces & 3U;
  d.dst_space = c.spaces >> 2 & 3U;
  d.src_addr = c.source;
  d.dst_addr = c.target;
  d.num1 = static_cast<std::uint32_t>(c.rows);
  d.src_step1 = static_cast<std::uint32_t>(c.source_step);
  d.dst_step1 = static_cast<std::uint32_t>(c.target_step);
  if (c.wait) d.wait_sem = 5, d.wait_cond = code(isa::Wait::kGe), d.wait_value = static_cast<std::uint32_t>(c.wait);
  if (c.update) d.upd_sem = 5, d.upd_op = code(isa::Update::kInc), d.upd_value = static_cast<std::uint32_t>(c.update);
  for (const std::uint32_t word : d.pack())
    for (unsigned byte = 0; byte < 4; ++byte) ring.push_back(static_cast<std::uint8_t>(word >> 8 * byte));
}

class Bench {
 public:
  using Axi = decltype(TSR_AXI_PINS(std::declval<Dut&>(), hbm_axi));
  using Axil = decltype(TSR_AXIL_PINS(std::declval<Dut&>(), host_axil));
  Bench(Dut& dut, unsigned ready, unsigned latency)
      : rng(tessera::rng()),
        dut_(dut),
        memory(std::make_shared<AxiMemory<Axi>>(dut.clk_i, TSR_AXI_PINS(dut, hbm_axi), options(ready, latency))),
        host(dut.clk_i, TSR_AXIL_PINS(dut, host_axil)) {}
  SplitMix64 rng;

  Coro<void> start() {
    Clock(dut_.clk_i, 10, ns).start();
    dut_.rst_ni = 0;
    dut_.cycle_i = 0;
    dut_.tile_x_i = 0;
    dut_.tile_y_i = 0;
    dut_.mesh_x_i = 0;
    dut_.mesh_y_i = 0;
#define QUIET_LINK(d)                 \
  dut_.link_##d##_valid_i = 0;        \
  dut_.link_##d##_vc_i = 0;           \
  dut_.link_##d##_head_i = 0;         \
  dut_.link_##d##_tail_i = 0;         \
  dut_.link_##d##_data_i = 0;         \
  dut_.link_##d##_credit_valid_i = 0; \
  dut_.link_##d##_credit_vc_i = 0
    QUIET_LINK(n);
    QUIET_LINK(e);
    QUIET_LINK(s);
    QUIET_LINK(w);
#undef QUIET_LINK
    memory->idle();
    host.idle();
    co_await ClockCycles(dut_.clk_i, 5);
    dut_.rst_ni = 1;
    co_await ClockCycles(dut_.clk_i, 2);
    memory->start();
  }

  Coro<void> queue(std::uint32_t q, std::uint32_t base, Bytes ring) {
    memory->write(base, ring);
    const auto count = static_cast<std::uint32_t>(ring.size() / 128);
    co_await host.write(reg::at(reg::kQBase, q), base);
    co_await host.write(reg::at(reg::kQBaseHi, q), 0);
    co_await host.write(reg::at(reg::kQSize, q), count);
    co_await host.write(reg::at(reg::kQDoorbell, q), count);
  }

  Coro<void> done(std::uint32_t q, std::uint32_t count) {
    for (int i = 0; i < 2000; ++i) {
      const std::uint32_t have = co_await host.read(reg::at(reg::kQDone, q));
      if (have == count) co_return;
      co_await ClockCycles(dut_.clk_i, 10);
    }
    throw AssertionError("the queue does not finish");
  }

  Bytes random(std::size_t n) {
    Bytes out(n);
    for (auto& b : out) b = static_cast<std::uint8_t>(rng.below(256));
    return out;
  }

 private:
  static AxiMemoryOptions options(unsigned ready, unsigned latency) {
    AxiMemoryOptions o;
    o.ready_percent = ready;
    o.latency = latency;
    return o;
  }
  Dut& dut_;

 public:
  std::shared_ptr<AxiMemory<Axi>> memory;
  AxiLiteManager<Axil> host;
};

}  // namespace tile_bench
