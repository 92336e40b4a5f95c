// SPDX-License-Identifier: Apache-2.0
// Stall patterns, scoreboard, link source, sink and monitor, on a router.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tessera/bfm.hpp"

using namespace tessera;

namespace {

using Pins = LinkPins<decltype(Dut::link_w_data_i)::kWidth>;
using Flit = LinkFlit<Pins>;
using Source = LinkSource<Pins>;
using Sink = LinkSink<Pins>;
using Monitor = LinkMonitor<Pins>;

#define BFM_PINS(d, port, from, to)                                                                \
  Pins {                                                                                           \
    d.clk_i, d.link_##port##_valid_##from, d.link_##port##_vc_##from, d.link_##port##_head_##from, \
        d.link_##port##_tail_##from, d.link_##port##_data_##from, d.credit_##port##_valid_##to,    \
        d.credit_##port##_vc_##to                                                                  \
  }

constexpr unsigned X = 1, Y = 1, kLast = 3;

/// A packet to the east; `number` tells packets apart.
std::vector<Flit> packet(unsigned vc, unsigned length, std::uint64_t number) {
  std::vector<Flit> out;
  for (unsigned i = 0; i < length; ++i) {
    const std::uint64_t low = i == 0 ? (2 | Y << 8 | X << 16 | Y << 24) : i;
    out.push_back(Flit{vc, i == 0, i + 1 == length, number << 32 | low});
  }
  return out;
}

std::vector<Pins> into(Dut& d) {
  return {BFM_PINS(d, n, i, o), BFM_PINS(d, e, i, o), BFM_PINS(d, s, i, o), BFM_PINS(d, w, i, o), BFM_PINS(d, l, i, o)};
}
std::vector<Pins> out_of(Dut& d) {
  return {BFM_PINS(d, n, o, i), BFM_PINS(d, e, o, i), BFM_PINS(d, s, o, i), BFM_PINS(d, w, o, i), BFM_PINS(d, l, o, i)};
}

Coro<void> reset(Dut& dut) {
  Clock(dut.clk_i, 10, ns).start();
  dut.rst_ni = 0;
  dut.place_x_i = X;
  dut.place_y_i = Y;
  dut.place_mesh_x_i = kLast;
  dut.place_mesh_y_i = kLast;
  for (const Pins& p : into(dut)) Source(p, 1, StallGenerator::never()).reset();
  for (const Pins& p : out_of(dut)) Sink(p, 1, StallGenerator::never(), rng(), [](const Flit&) {}).reset();
  co_await ClockCycles(dut.clk_i, 3);
  dut.rst_ni = 1;
  co_await RisingEdge(dut.clk_i);
}
unsigned depth(Dut& dut) { return static_cast<unsigned>(dut.Depth.value().to_unsigned()); }

StallGenerator generator(const std::string& kind, std::uint64_t stream) {
  if (kind == "never") return StallGenerator::never();
  if (kind == "random") return StallGenerator(stream, 60);
  if (kind == "bursts") return StallGenerator::bursts(stream, 5, 30);
  return StallGenerator::pattern("..x.xxx");
}

std::string draws(StallGenerator g, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += g.stall() ? 'x' : '.';
  return out;
}
std::size_t longest_run(const std::string& text, char c) {
  std::size_t longest = 0, run = 0;
  for (const char x : text) {
    run = x == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

TSR_TEST(stall_patterns) {
  CO_ASSERT_EQ(draws(StallGenerator::never(), 8), std::string("........"));
  CO_ASSERT_EQ(draws(StallGenerator::always(), 8), std::string("xxxxxxxx"));
  CO_ASSERT_EQ(draws(StallGenerator::pattern("..x"), 8), std::string("..x..x.."));
  CO_ASSERT_EQ(draws(StallGenerator(1, 0), 200), std::string(200, '.'));
  CO_ASSERT_EQ(draws(StallGenerator(1, 100), 200), std::string(200, 'x'));
  const std::string some = draws(StallGenerator(1, 30), 10000);
  const auto stalls = std::count(some.begin(), some.end(), 'x');
  CO_ASSERT_GT(stalls, 2700);
  CO_ASSERT_LT(stalls, 3300);
  const std::string turns = draws(StallGenerator::bursts(2, 4, 9), 2000);
  CO_ASSERT_TRUE(turns[0] == '.');
  CO_ASSERT_EQ(longest_run(turns, '.'), 4U);
  CO_ASSERT_EQ(longest_run(turns, 'x'), 9U);
  CO_ASSERT_THROW(StallGenerator::pattern(""), ValueError);
  CO_ASSERT_THROW(StallGenerator::pattern("x-x"), ValueError);
  CO_ASSERT_THROW(StallGenerator::bursts(1, 0, 3), ValueError);
  co_return;
}

TSR_TEST(patterns_are_seeded_by_the_test) {
  CO_ASSERT_EQ(draws(StallGenerator(3, 50), 500), draws(StallGenerator(3, 50), 500));
  CO_ASSERT_NE(draws(StallGenerator(3, 50), 500), draws(StallGenerator(4, 50), 500));
  CO_ASSERT_EQ(draws(StallGenerator::bursts(3, 5, 5), 500), draws(StallGenerator::bursts(3, 5, 5), 500));
  CO_ASSERT_NE(draws(StallGenerator::bursts(3, 5, 5), 500), draws(StallGenerator::bursts(4, 5, 5), 500));
  // The seed is that of the test: its draws are those of a generator made of seed() by hand.
  SplitMix64 by_hand(seed() + 3 * 0x2545f4914f6cdd1dULL);
  std::string wanted;
  for (int i = 0; i < 500; ++i) wanted += by_hand.below(100) < 50 ? 'x' : '.';
  CO_ASSERT_EQ(draws(StallGenerator(3, 50), 500), wanted);
  co_return;
}

TSR_TEST(scoreboard_collects_all_mismatches) {
  Scoreboard<int> good("good"), bad("bad");
  for (int i = 0; i < 5; ++i) {
    good.expect(i);
    good.got(i);
    bad.expect(i);
  }
  good.finish();
  CO_ASSERT_EQ(good.seen(), 5U);
  for (const int i : {0, 11, 2, 13}) bad.got(i);
  CO_ASSERT_EQ(bad.outstanding(), 1U);
  std::string text;
  try {
    bad.finish();
  } catch (const AssertionError& e) {
    text = e.what();
  }
  for (const char* part : {"bad: 2 mismatches", "item 1: expected 1, got 11", "item 3: expected 3, got 13",
                           "1 items never came, first 4"}) {
    CO_ASSERT_TRUE(text.find(part) != std::string::npos);
  }
  Scoreboard<int> more("more");
  more.got(7);
  CO_ASSERT_THROW(more.finish(), AssertionError);
  co_return;
}

TSR_TEST(every_flit_arrives_under_every_pattern, {.parametrise = {{"idle", "never", "random", "bursts", "text"},
                                                                  {"stall", "never", "random", "bursts", "text"}}}) {
  co_await reset(dut);
  auto sent = std::make_shared<Scoreboard<Flit>>("flits");
  auto left = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), generator(param<std::string>("idle"), 1));
  auto seen = std::make_shared<unsigned>(0);
  auto right = std::make_shared<Sink>(BFM_PINS(dut, e, o, i), depth(dut), generator(param<std::string>("stall"), 2),
                                      rng(3), [sent, seen](const Flit& f) {
                                        sent->got(f);
                                        ++*seen;
                                      });
  auto before = std::make_shared<Monitor>(BFM_PINS(dut, w, i, o), depth(dut), [](const Monitor::Packet&) {});
  auto lengths = std::make_shared<std::vector<std::size_t>>();
  auto after = std::make_shared<Monitor>(BFM_PINS(dut, e, o, i), depth(dut),
                                         [lengths](const Monitor::Packet& p) { lengths->push_back(p.size()); });
  SplitMix64 draw = rng(4);
  std::vector<std::size_t> wanted;
  for (unsigned n = 0; n < 40; ++n) {
    const unsigned length = 1 + static_cast<unsigned>(draw.below(12));
    wanted.push_back(length);
    for (const Flit& f : packet(2, length, n)) {
      left->send(f);
      sent->expect(f);
    }
  }
  const std::size_t all = left->pending();
  before->start();
  after->start();
  right->start();
  left->start();
  for (int i = 0; i < 20000 && *seen < all; ++i) co_await RisingEdge(dut.clk_i);
  co_await ClockCycles(dut.clk_i, 200);
  sent->finish();
  CO_ASSERT_TRUE(*lengths == wanted);
  CO_ASSERT_EQ(before->flits(), all);
  CO_ASSERT_EQ(after->packets(), 40U);
  if (param<std::string>("stall") != "text") CO_ASSERT_EQ(left->credits(2), depth(dut));  // every credit has come back
}

TSR_TEST(a_free_link_is_used_in_every_clock) {
  co_await reset(dut);
  auto left = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::never());
  auto right =
      std::make_shared<Sink>(BFM_PINS(dut, e, o, i), depth(dut), StallGenerator::never(), rng(3), [](const Flit&) {});
  auto after = std::make_shared<Monitor>(BFM_PINS(dut, e, o, i), depth(dut), [](const Monitor::Packet&) {});
  for (unsigned n = 0; n < 50; ++n)
    for (const Flit& f : packet(0, 10, n)) left->send(f);
  after->start();
  right->start();
  left->start();
  co_await ClockCycles(dut.clk_i, 20);
  const std::uint64_t before = after->flits();
  co_await ClockCycles(dut.clk_i, 200);
  CO_ASSERT_EQ(after->flits() - before, 200U);
  CO_ASSERT_GT(after->utilisation(), 0.9);
}

// What the models must notice: each of these tests passes because a model fails it.
TSR_TEST(monitor_sees_a_flit_without_a_credit, {.expect_error = errors<AssertionError>()}) {
  co_await reset(dut);
  auto watch = std::make_shared<Monitor>(BFM_PINS(dut, w, i, o), 2,
                                         [](const Monitor::Packet&) {});  // it believes in a depth of 2
  auto left = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::never());
  for (const Flit& f : packet(1, 8, 0)) left->send(f);
  watch->start();
  left->start();
  co_await ClockCycles(dut.clk_i, 30);
  count_check();
}

TSR_TEST(monitor_sees_a_head_inside_of_a_packet, {.expect_error = errors<AssertionError>()}) {
  co_await reset(dut);
  dut.rst_ni = 0;  // the router asserts the same; in reset it does not look
  auto watch = std::make_shared<Monitor>(BFM_PINS(dut, w, i, o), depth(dut), [](const Monitor::Packet&) {});
  auto left = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::never());
  left->send(packet(1, 2, 0)[0]);
  left->send(packet(1, 2, 1)[0]);
  watch->start();
  left->start();
  co_await ClockCycles(dut.clk_i, 30);
  count_check();
}

TSR_TEST(monitor_sees_a_body_outside_of_a_packet, {.expect_error = errors<AssertionError>()}) {
  co_await reset(dut);
  auto watch = std::make_shared<Monitor>(BFM_PINS(dut, w, i, o), depth(dut), [](const Monitor::Packet&) {});
  auto left = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::never());
  for (const Flit& f : packet(1, 3, 0)) left->send(f);
  left->start();
  co_await ClockCycles(dut.clk_i, 2);  // the head has passed
  watch->start();
  co_await ClockCycles(dut.clk_i, 30);
  count_check();
}

TSR_TEST(monitor_sees_a_credit_without_a_flit, {.expect_error = errors<AssertionError>()}) {
  co_await reset(dut);
  auto watch = std::make_shared<Monitor>(BFM_PINS(dut, w, i, o), depth(dut), [](const Monitor::Packet&) {});
  auto left = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::never());
  left->send(packet(1, 1, 0)[0]);
  left->start();
  co_await ClockCycles(dut.clk_i, 3);  // the flit has passed, its credit has not
  watch->start();
  co_await ClockCycles(dut.clk_i, 30);
  count_check();
}

TSR_TEST(source_sees_a_credit_too_many, {.expect_error = errors<AssertionError>()}) {
  co_await reset(dut);
  auto first = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::never());
  auto second = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::always());
  first->send(packet(1, 1, 0)[0]);
  second->start();  // has sent nothing
  first->start();
  co_await ClockCycles(dut.clk_i, 30);
  count_check();
}

TSR_TEST(sink_sees_a_flit_without_a_credit, {.expect_error = errors<AssertionError>()}) {
  co_await reset(dut);
  auto left = std::make_shared<Source>(BFM_PINS(dut, w, i, o), depth(dut), StallGenerator::never());
  auto right = std::make_shared<Sink>(BFM_PINS(dut, e, o, i), 2, StallGenerator::always(), rng(3), [](const Flit&) {});
  for (const Flit& f : packet(1, 8, 0)) left->send(f);
  right->start();
  left->start();
  co_await ClockCycles(dut.clk_i, 30);
  count_check();
}
