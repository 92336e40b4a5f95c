// SPDX-License-Identifier: Apache-2.0
#include "sim/link.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "tests/seed.hpp"

namespace tessera::sim {
namespace {

using tessera::test::seed;

/// Sends at random and compares every arrival with a map from arrival cycle to what was sent. `window` edges between
/// two synchronisations; the sender runs a whole window before the receiver, or after it.
void exercise(unsigned latency, unsigned window, bool sender_first, double rate) {
  SCOPED_TRACE("latency " + std::to_string(latency) + ", window " + std::to_string(window) + ", seed " +
               std::to_string(seed()));
  std::mt19937_64 random(seed() + latency * 1000 + window);
  std::bernoulli_distribution sends(rate);
  const unsigned words = latency % 2 == 0 ? 4 : 16;
  Link link(latency, words);
  std::map<std::uint64_t, std::uint64_t> flits, credits;  // arrival -> value
  bool touched = false, touched_before = false;
  const std::uint64_t begin = 5 * window;
  for (std::uint64_t w = 5; w < 5 + 3000 / window + 8 * latency / window; ++w) {
    const auto send = [&] {
      touched = false;
      for (std::uint64_t t = w * window; t < (w + 1) * window; ++t) {
        const std::uint64_t shown = t + 1;
        bool first = false;
        if (sends(random) && w < 5 + 3000 / window) {
          Flit flit;
          flit.vc = random() & 3, flit.head = random() & 1, flit.tail = random() & 1;
          for (auto& word : flit.data) word = static_cast<std::uint32_t>(random());
          flits[shown + latency - 1] = flit.data[0] ^ (std::uint64_t{flit.data[words - 1]} << 32) ^ flit.vc ^
                                       (flit.head << 2) ^ (flit.tail << 3);
          first |= link.send_flit(w, shown, flit);
          ASSERT_EQ(first, !touched);
          touched = true;
        }
        if (sends(random) && w < 5 + 3000 / window) {
          credits[shown + latency - 1] = random() & 3;
          ASSERT_EQ(link.send_credit(w, shown, static_cast<std::uint8_t>(credits[shown + latency - 1])), !touched);
          touched = true;
        }
      }
    };
    const auto receive = [&] {
      if (touched_before) link.deliver(w - 1);
      for (std::uint64_t t = w * window; t < (w + 1) * window; ++t) {
        const bool due = flits.count(t) != 0 || credits.count(t) != 0;
        ASSERT_EQ(link.next_arrival() == t, due) << "cycle " << t;
        const Flit* flit = link.flit(t);
        ASSERT_EQ(flit != nullptr, flits.count(t) == 1) << "cycle " << t;
        if (flit != nullptr) {
          ASSERT_EQ(flit->data[0] ^ (std::uint64_t{flit->data[words - 1]} << 32) ^ flit->vc ^ (flit->head << 2) ^
                        (flit->tail << 3),
                    flits[t]);
        }
        const std::uint8_t* credit = link.credit(t);
        ASSERT_EQ(credit != nullptr, credits.count(t) == 1) << "cycle " << t;
        if (credit != nullptr) {
          ASSERT_EQ(*credit, credits[t]);
        }
        flits.erase(t), credits.erase(t);
      }
    };
    const bool before = touched;
    if (sender_first) {
      send();
      const bool now = touched;
      touched_before = before;
      receive();
      touched = now;
    } else {
      touched_before = before;
      receive();
      send();
    }
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_TRUE(flits.empty() && credits.empty());
  EXPECT_EQ(link.next_arrival(), Link::kNever);
  EXPECT_GE(begin, 5U);
}

TEST(Link, DeliversEachFlitAndCreditInItsCycle) {
  for (const unsigned latency : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 100U, 333U}) {
    for (const bool first : {false, true}) {
      exercise(latency, latency, first, 0.4);
      exercise(latency, latency, first, 0.01);
      exercise(latency, latency, first, 1.0);
    }
  }
}

TEST(Link, MayBeSlowerThanTheWindow) {
  for (const unsigned latency : {2U, 7U, 50U, 301U}) {
    for (const unsigned window : {1U, 2U, 7U}) {
      if (window > latency) continue;
      exercise(latency, window, true, 0.3);
      exercise(latency, window, false, 0.3);
    }
  }
}

TEST(Link, ForgetsWhatIsOnItsWayWhenCleared) {
  Link link(3, 2);
  link.send_flit(0, 1, Flit{});
  link.send_credit(0, 2, 1);
  link.deliver(0);
  EXPECT_EQ(link.next_arrival(), 3U);
  link.send_flit(1, 4, Flit{});
  link.clear();
  link.deliver(1);
  EXPECT_EQ(link.next_arrival(), Link::kNever);
  EXPECT_TRUE(link.send_credit(1, 4, 1));
}

}  // namespace
}  // namespace tessera::sim
