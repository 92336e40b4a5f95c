// SPDX-License-Identifier: Apache-2.0
// Every kind of AXI burst on AxiMemory, and accesses that nobody waits for any more. The twin is test_bus.py, with
// AxiRam and AxiLiteMaster of cocotbext-axi.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tessera/bfm.hpp"

using namespace tessera;

namespace {

constexpr unsigned kSize = 1 << 13;

struct Burst {
  unsigned address, beats, size, kind;
};

class Bench {
 public:
  explicit Bench(Dut& d)
      : dut(d),
        ram(std::make_shared<AxiMemory<Pins>>(d.clk, TSR_AXI_PINS(d, m))),
        host(std::make_unique<AxiLiteManager<LitePins>>(d.clk, TSR_AXIL_PINS(d, s))) {
    Clock(d.clk, 10, ns).start();
    d.read = 0;
    d.write = 0;
    d.address = 0;
    d.length = 0;
    d.size = 0;
    d.kind = 0;
    d.wait_i = 0;
    d.refuse_i = 0;
    d.rst_n = 0;
    ram->idle();
    host->idle();
  }
  Coro<void> reset() {
    co_await ClockCycles(dut.clk, 3);
    dut.rst_n = 1;
    ram->start();
    co_await ClockCycles(dut.clk, 2);
  }
  Coro<void> burst(Signal<1> begin, Burst b) {
    dut.address = b.address;
    dut.length = b.beats - 1;
    dut.size = b.size;
    dut.kind = b.kind;
    begin = 1;
    co_await RisingEdge(dut.clk);
    begin = 0;
    co_await ClockCycles(dut.clk, 1);
    for (int n = 0; n < 200; ++n) {
      co_await RisingEdge(dut.clk);
      if (dut.done.value() == 1) co_return;
    }
    throw AssertionError("the burst does not end");
  }

  Dut& dut;
  using Pins = decltype(TSR_AXI_PINS(std::declval<Dut&>(), m));
  using LitePins = decltype(TSR_AXIL_PINS(std::declval<Dut&>(), s));
  std::shared_ptr<AxiMemory<Pins>> ram;
  std::unique_ptr<AxiLiteManager<LitePins>> host;
};

/// A burst that the standard allows.
Burst draw_burst(SplitMix64& draw) {
  Burst b{};
  b.kind = static_cast<unsigned>(draw.below(3));
  b.size = static_cast<unsigned>(draw.below(4));
  const unsigned bytes = 1U << b.size;
  if (b.kind == kAxiWrap) {
    b.beats = 2U << draw.below(4);
    b.address = static_cast<unsigned>(draw.below(kSize / bytes - 16)) * bytes;
    return b;
  }
  b.beats = 1 + static_cast<unsigned>(draw.below(16));
  b.address = static_cast<unsigned>(draw.below(kSize - 256));
  if (b.kind == kAxiIncr && b.address / bytes * bytes % 4096 + b.beats * bytes > 4096) b.address -= 256;
  return b;
}

/// The lanes of the bus that a beat may write.
unsigned lanes(const Burst& b, unsigned beat) {
  const unsigned bytes = 1U << b.size;
  unsigned first = b.address;
  if (b.kind != kAxiFixed && beat != 0) {
    first = b.address / bytes * bytes + beat * bytes;
    const unsigned whole = bytes * b.beats, low = b.address / whole * whole;
    if (b.kind == kAxiWrap) first = low + (first - low) % whole;
  }
  unsigned mask = 0;
  for (unsigned i = first; i < first / bytes * bytes + bytes; ++i) mask |= 1U << i % 8;
  return mask;
}

}  // namespace

TSR_TEST(bursts) {
  Bench bench(dut);
  SplitMix64 draw = rng(3);
  co_await bench.reset();
  std::vector<std::uint8_t> bytes(kSize);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(draw.below(256));
  bench.ram->write(0, bytes);
  for (int n = 0; n < 300; ++n) {
    const Burst b = draw_burst(draw);
    const auto beats = static_cast<int>(b.beats);
    if (draw.chance(50)) {
      for (int beat = 0; beat < beats; ++beat) {
        dut.data[beat] = draw.bits(64);
        dut.strobe[beat] = draw.bits(8) & lanes(b, static_cast<unsigned>(beat));
      }
      co_await bench.burst(dut.write, b);
      CO_ASSERT_EQ(dut.response.value(), 0);
    } else {
      co_await bench.burst(dut.read, b);
      for (int beat = 0; beat < beats; ++beat)
        std::printf("LOG %d,%d,%016llx\n", n, beat,
                    static_cast<unsigned long long>(dut.got[beat].value().to_unsigned()));
    }
    const AxiBurst& seen = bench.ram->bursts().back();
    CO_ASSERT_EQ(seen.address, b.address);
    CO_ASSERT_EQ(seen.length, b.beats);
    CO_ASSERT_EQ(seen.bytes, 1U << b.size);
    CO_ASSERT_EQ(seen.kind, b.kind);
  }
  for (unsigned at = 0; at < kSize; at += 8) {
    const auto word = bench.ram->read(at, 8);
    std::printf("LOG %u,", at);
    for (int i = 7; i >= 0; --i) std::printf("%02x", word[static_cast<std::size_t>(i)]);
    std::printf("\n");
  }
}

TSR_TEST(access_after_a_timeout,
         {.doc = "Its own data, whether the abandoned one was a read or a write, on the bus or not begun."}) {
  Bench bench(dut);
  SplitMix64 draw = rng(4);
  co_await bench.reset();
  for (unsigned n = 0; n < 60; ++n) {
    dut.wait_i = 20;
    const auto abandoned = static_cast<unsigned>(1 + draw.below(3));
    for (unsigned k = 0; k < abandoned; ++k) {
      const unsigned address = 0x400 * k + 8 * n;
      const bool write = draw.chance(50);
      const std::uint64_t patience = 10 + 10 * draw.below(15);
      bool late = false;
      try {
        if (write) {
          co_await with_timeout(bench.host->write(address, n), patience, ns);
        } else {
          co_await with_timeout(bench.host->read(address), patience, ns);
        }
      } catch (const SimTimeoutError&) {
        late = true;
      }
      CO_ASSERT_TRUE(late);
    }
    dut.wait_i = draw.below(4);
    const std::uint32_t got = co_await with_timeout(bench.host->read(0x2000 + 4 * n), 2, us);
    CO_ASSERT_EQ(got & 0xffff, 0x2000 + 4 * n);
    CO_ASSERT_EQ(got >> 16, ~got & 0xffff);
    co_await with_timeout(bench.host->write(0x3000 + 4 * n, 0x100 + n), 2, us);
    co_await ClockCycles(dut.clk, 2);
    CO_ASSERT_EQ(dut.last_write.value(), (0x3000 + 4 * n) << 16 | (0x100 + n));
  }
  std::printf("LOG writes,%u\n", static_cast<unsigned>(dut.writes.value().to_unsigned()));
}

TSR_TEST(manager_gone, {.doc = "An access whose caller and whose manager are gone still ends on the bus."}) {
  Bench bench(dut);
  co_await bench.reset();
  dut.wait_i = 20;
  dut.refuse_i = 1;
  auto task = start_soon(bench.host->write(0x44, 7));
  co_await Timer(100, ns);
  task.cancel();
  bench.host.reset();
  co_await ClockCycles(dut.clk, 60);
  CO_ASSERT_EQ(dut.last_write.value(), 0x440007);
}
