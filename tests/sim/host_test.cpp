// SPDX-License-Identifier: Apache-2.0
// The small parts: host port, signature, barrier, team.
#include "sim/host.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include "sim/signature.hpp"
#include "sim/team.hpp"

namespace tessera::sim {
namespace {

/// A register file behind AXI4-Lite with random delays on every channel.
struct Registers {
  explicit Registers(std::uint64_t seed) : random(seed) {}
  std::mt19937_64 random;
  std::vector<std::pair<std::uint16_t, std::uint32_t>> log;
  std::array<std::uint32_t, 64> reg{};
  bool aw = false, w = false, ar = false;
  std::uint16_t awaddr = 0, araddr = 0;
  std::uint32_t wdata = 0;
  AxilOutputs out;
  void clock(const AxilInputs& in) {
    if (in.awvalid && out.awready) aw = true, awaddr = in.awaddr;
    if (in.wvalid && out.wready) w = true, wdata = in.wdata;
    if (in.arvalid && out.arready) ar = true, araddr = in.araddr;
    if (out.bvalid && in.bready) out.bvalid = 0;
    if (out.rvalid && in.rready) out.rvalid = 0;
    out.awready = !aw && random() & 1, out.wready = !w && random() & 1, out.arready = !ar && random() & 1;
    if (aw && w && !out.bvalid && random() & 1) {
      out.bvalid = 1, out.bresp = awaddr >= 256 ? 2 : 0;
      if (awaddr < 256) reg[awaddr / 4] = wdata;
      log.emplace_back(awaddr, wdata);
      aw = w = false;
    }
    if (ar && !out.rvalid && random() & 1) {
      out.rvalid = 1, out.rresp = araddr >= 256 ? 2 : 0, out.rdata = araddr < 256 ? reg[araddr / 4] : 0;
      ar = false;
    }
  }
};

TEST(Host, PlaysItsAccessesInOrderOneAtATime) {
  Host host;
  Registers registers(5);
  std::vector<std::uint32_t> got;
  std::uint64_t resp_errors = 0;
  for (std::uint32_t i = 0; i < 50; ++i) {
    host.write(static_cast<std::uint16_t>(4 * i), i * i);
    host.read(static_cast<std::uint16_t>(4 * i),
              [&](std::uint32_t data, unsigned resp) { got.push_back(data), resp_errors += resp != 0; });
  }
  host.write(0x200, 1);
  host.read(0x300, [&](std::uint32_t, unsigned resp) { resp_errors += resp != 0; });
  std::uint64_t cycle = 0, events = 0;
  AxilInputs before;
  while (!host.idle() && cycle < 10'000) {
    const AxilInputs in = host.outputs();
    // Once shown, a request stays until it is taken.
    EXPECT_TRUE(!before.awvalid || in.awvalid || registers.aw || !registers.log.empty());
    const AxilOutputs tile = registers.out;
    events += host.step(cycle, tile);
    registers.clock(in);
    before = in;
    ++cycle;
  }
  ASSERT_TRUE(host.idle());
  ASSERT_EQ(got.size(), 50U);
  for (std::uint32_t i = 0; i < 50; ++i) EXPECT_EQ(got[i], i * i);
  EXPECT_EQ(registers.log.size(), 51U);
  EXPECT_EQ(host.errors, 2U);
  EXPECT_EQ(host.first_error_address, 0x200);
  EXPECT_EQ(resp_errors, 1U);
  EXPECT_GT(events, 4 * 50U);
}

TEST(Host, NotesTheFirstStartOfWork) {
  EXPECT_TRUE(starts_work(0x108) && starts_work(0x188) && starts_work(0x40c) && starts_work(0x44c));
  EXPECT_FALSE(starts_work(0x100) || starts_work(0x10c) || starts_work(0x1a8) || starts_work(0x408) ||
               starts_work(0x60c));
  Host host;
  host.write(isa::reg::kEngPc, 0), host.write(isa::reg::at(isa::reg::kEngStart, 1), 1),
      host.write(isa::reg::kEngStart, 1);
  AxilOutputs tile;
  tile.awready = tile.wready = 1;
  std::uint64_t cycle = 100, first = 0;
  while (!host.idle()) {
    const AxilInputs in = host.outputs();
    if (in.awvalid && in.awaddr == 0x128) first = cycle;
    host.step(cycle++, tile);
    tile.bvalid = in.awvalid;
  }
  EXPECT_EQ(host.first_write, first);
}

TEST(Signature, DoesNotDependOnTheOrderOfEvents) {
  std::mt19937_64 random(3);
  struct Event {
    std::uint64_t cycle, tile, port, value;
  };
  std::vector<Event> events(1000);
  for (Event& e : events) e = {random() % 100000, random() % 65536, random() % 64, random()};
  const auto sign = [](const std::vector<Event>& list) {
    Signature s;
    for (const Event& e : list) s.add(e.cycle, e.tile, e.port, e.value);
    return s.value();
  };
  const std::uint64_t value = sign(events);
  auto shuffled = events;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  EXPECT_EQ(sign(shuffled), value);
  Signature a, b;
  for (std::size_t i = 0; i < events.size(); ++i)
    (i % 3 ? a : b).add(events[i].cycle, events[i].tile, events[i].port, events[i].value);
  a.merge(b);
  EXPECT_EQ(a.value(), value);
  // One bit, one cycle, one tile, one port, one event more or less, two values swapped.
  for (unsigned bit = 0; bit < 64; ++bit) {
    auto other = events;
    other[bit].value ^= 1ULL << bit;
    EXPECT_NE(sign(other), value);
  }
  const auto changed = [&](auto change) {
    auto other = events;
    change(other);
    return sign(other);
  };
  EXPECT_NE(changed([](auto& e) { ++e[5].cycle; }), value);
  EXPECT_NE(changed([](auto& e) { e[5].tile ^= 1; }), value);
  EXPECT_NE(changed([](auto& e) { e[5].port ^= 1; }), value);
  EXPECT_NE(changed([](auto& e) { e.pop_back(); }), value);
  EXPECT_NE(changed([](auto& e) { e.push_back(e[0]); }), value);
  EXPECT_NE(changed([](auto& e) { std::swap(e[0].value, e[1].value); }), value);
}

TEST(Barrier, NobodyLeavesBeforeTheCompletion) {
  for (const unsigned count : {1U, 2U, 3U, 5U}) {
    Barrier barrier(count);
    std::vector<std::uint64_t> turns(count);
    std::uint64_t completed = 0;  // plain: the barrier orders it
    bool wrong = false;
    run_team(count, [&](unsigned worker) {
      for (std::uint64_t turn = 1; turn <= 2000; ++turn) {
        turns[worker] = turn;
        barrier.arrive([&] {
          ++completed;
          for (const std::uint64_t t : turns) wrong |= t != completed;
        });
        if (completed != turn) wrong = true;
        if (turn % 500 == worker) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // beyond the spinning
        barrier.arrive([] {});
      }
    });
    EXPECT_EQ(completed, 2000U);
    EXPECT_FALSE(wrong);
  }
}

TEST(Team, PassesOnTheException) {
  EXPECT_THROW(run_team(3,
                        [](unsigned worker) {
                          if (worker == 2) throw std::runtime_error("x");
                        }),
               std::runtime_error);
  std::atomic<unsigned> seen{0};
  run_team(4, [&](unsigned worker) { seen += 1U << (4 * worker); });
  EXPECT_EQ(seen.load(), 0x1111U);
}

}  // namespace
}  // namespace tessera::sim
