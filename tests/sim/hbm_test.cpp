// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <random>

#include "p4/tsr_cfg.hpp"
#include "sim/hbm_model.hpp"
#include "tests/seed.hpp"
#include "trn2/tsr_cfg.hpp"

namespace tessera::sim {
namespace {

using tessera::test::seed;

const Config& p4() { return configs::p4::kConfig; }

TEST(SparseMemory, HashSeesContentsAndNotPages) {
  SparseMemory a(1 << 20), b(1 << 20);
  const std::uint8_t one[] = {1}, zero[] = {0};
  a.write(100, one);
  b.write(100, one);
  b.write(70'000, zero);  // a page of zeros
  Signature ha, hb, hc;
  add_contents(ha, a, 0), add_contents(hb, b, 0);
  EXPECT_EQ(ha.value(), hb.value());
  b.write(101, one);
  add_contents(hc, b, 0);
  EXPECT_NE(hc.value(), hb.value());
}

/// An AXI manager that talks to the model at random, watches the rules and remembers what must come back.
class Bench {
 public:
  Bench(const Config& config, const HbmOptions& options, std::uint64_t seed_)
      : config_(config), model(config, options), random_(seed_) {}

  struct Burst {
    std::uint64_t address;
    unsigned beats, id;
    bool bad;
    std::uint64_t taken;
  };
  void read(std::uint64_t address, unsigned beats, unsigned id) {
    reads_.push_back({address, beats, id, bad(address, beats), 0});
  }
  void write(std::uint64_t address, unsigned beats, unsigned id) {
    writes_.push_back({address, beats, id, bad(address, beats), 0}), beats_to_send_.push_back(beats);
  }
  [[nodiscard]] bool done() const {
    return reads_.empty() && writes_.empty() && open_reads_.empty() && open_writes_.empty() && beats_to_send_.empty();
  }

  void step(double ready) {
    std::bernoulli_distribution chance(ready);
    AxiOutputs& o = out;
    const AxiInputs in = model.outputs();
    const bool arheld = o.arvalid, awheld = o.awvalid, wheld = o.wvalid;
    o.bready = chance(random_), o.rready = chance(random_);
    if (!arheld && !reads_.empty() && chance(random_)) {
      o.arvalid = 1, o.araddr = reads_.front().address, o.arlen = static_cast<std::uint8_t>(reads_.front().beats - 1),
      o.arid = static_cast<std::uint8_t>(reads_.front().id);
    }
    if (!awheld && !writes_.empty() && chance(random_)) {
      o.awvalid = 1, o.awaddr = writes_.front().address, o.awlen = static_cast<std::uint8_t>(writes_.front().beats - 1),
      o.awid = static_cast<std::uint8_t>(writes_.front().id);
    }
    if (!wheld && !beats_to_send_.empty() && chance(random_)) {
      o.wvalid = 1, o.wlast = beats_to_send_.front() == 1;
      for (unsigned i = 0; i < config_.hbm_bytes_per_cycle / 4; ++i) o.wdata[i] = static_cast<std::uint32_t>(random_());
      for (auto& s : o.wstrb) s = random_() & 1 ? ~0U : static_cast<std::uint32_t>(random_());
    }
    // What this edge hands over.
    const bool ar = o.arvalid && in.arready, aw = o.awvalid && in.awready, w = o.wvalid && in.wready;
    if (in.rvalid) check_read(in, o.rready);
    if (in.bvalid) check_write(in, o.bready);
    EXPECT_TRUE(in.rvalid || !r_held_);
    EXPECT_TRUE(in.bvalid || !b_held_);
    r_held_ = in.rvalid && !o.rready, b_held_ = in.bvalid && !o.bready;
    if (ar) open_reads_.push_back(reads_.front()), open_reads_.back().taken = cycle, reads_.pop_front();
    if (aw) open_writes_.push_back(writes_.front()), open_writes_.back().taken = cycle, writes_.pop_front();
    if (w) {
      beats_.push_back({o.wdata, o.wstrb});
      if (--beats_to_send_.front() == 0) beats_to_send_.pop_front();
    }
    const bool idle = model.idle() && !(o.arvalid | o.awvalid | o.wvalid);
    const bool moved = model.step(cycle, o, nullptr, 0);
    EXPECT_EQ(moved, ar || aw || w || (in.rvalid && o.rready) || (in.bvalid && o.bready));
    EXPECT_FALSE(moved && idle);
    if (ar) o.arvalid = 0;
    if (aw) o.awvalid = 0;
    if (w) o.wvalid = 0;
    apply_writes();
    ++cycle;
  }

  std::map<std::uint64_t, std::uint8_t> contents;
  const Config& config_;
  HbmModel model;
  AxiOutputs out;
  std::uint64_t cycle = 0, beats_moved = 0, first_shown = 0;
  bool compare_data = true;

 private:
  [[nodiscard]] bool bad(std::uint64_t address, unsigned beats) const {
    return address + std::uint64_t{beats} * config_.hbm_bytes_per_cycle > config_.hbm_bytes;
  }
  void check_read(const AxiInputs& in, bool taken) {
    ASSERT_FALSE(open_reads_.empty());
    Burst& burst = open_reads_.front();
    if (first_shown == 0) first_shown = cycle;
    ASSERT_GE(cycle, burst.taken + config_.hbm_latency_cycles);
    EXPECT_EQ(in.rid, burst.id);
    EXPECT_EQ(in.rresp, burst.bad ? 3 : 0);
    EXPECT_EQ(in.rlast, burst.beats == 1);
    for (unsigned i = 0; compare_data && !burst.bad && i < config_.hbm_bytes_per_cycle; ++i) {
      const auto found = contents.find(burst.address + i);
      EXPECT_EQ((in.rdata[i / 4] >> (i % 4 * 8)) & 0xff, found == contents.end() ? 0U : found->second);
    }
    if (!taken) return;
    ++beats_moved;
    burst.address += config_.hbm_bytes_per_cycle;
    if (--burst.beats == 0) open_reads_.pop_front();
  }
  void check_write(const AxiInputs& in, bool taken) {
    ASSERT_FALSE(open_writes_.empty());
    const Burst& burst = open_writes_.front();
    EXPECT_EQ(burst.beats, 0U) << "B before all data";
    EXPECT_EQ(in.bid, burst.id);
    EXPECT_EQ(in.bresp, burst.bad ? 3 : 0);
    if (taken) open_writes_.pop_front();
  }
  /// Data pair with addresses in order.
  void apply_writes() {
    for (Burst& burst : open_writes_) {
      while (burst.beats != 0 && !beats_.empty()) {
        for (unsigned i = 0; i < config_.hbm_bytes_per_cycle && !burst.bad; ++i) {
          if ((beats_.front().strobe[i / 32] >> (i % 32)) & 1)
            contents[burst.address + i] = static_cast<std::uint8_t>(beats_.front().data[i / 4] >> (i % 4 * 8));
        }
        beats_.pop_front();
        burst.address += config_.hbm_bytes_per_cycle;
        --burst.beats;
      }
      if (burst.beats != 0) break;
    }
  }
  struct Beat {
    std::array<std::uint32_t, kMaxDataWords> data;
    std::array<std::uint32_t, kMaxDataWords / 8> strobe;
  };
  std::mt19937_64 random_;
  std::deque<Burst> reads_, writes_, open_reads_, open_writes_;
  std::deque<unsigned> beats_to_send_;
  std::deque<Beat> beats_;
  bool r_held_ = false, b_held_ = false;
};

TEST(Hbm, ShowsTheFirstBeatExactlyOneLatencyAfterTheAddress) {
  for (const Config* config : {&p4(), &configs::trn2::kConfig}) {
    for (const unsigned latency : {1U, 2U, 37U, config->hbm_latency_cycles}) {
      Config c = *config;
      c.hbm_latency_cycles = latency;
      Bench bench(c, {}, seed());
      bench.cycle = 10;
      bench.read(4096, 4, 5);
      while (!bench.done()) bench.step(1.0);
      EXPECT_EQ(bench.first_shown, 10 + latency);
      EXPECT_EQ(bench.cycle, 10 + latency + 4) << "four beats in four cycles";
    }
  }
}

TEST(Hbm, AnswersRandomTrafficInOrderWithTheRightData) {
  for (const bool stalls : {false, true}) {
    for (const unsigned banks : {0U, 12U}) {
      for (const double ready : {1.0, 0.5}) {
        SCOPED_TRACE("stalls " + std::to_string(stalls) + ", bank cycles " + std::to_string(banks) + ", seed " +
                     std::to_string(seed()));
        std::mt19937_64 random(seed() + banks + stalls);
        Bench bench(p4(), {stalls, seed(), banks}, seed());
        const std::uint64_t end = p4().hbm_bytes;
        // Writes first, then reads of the same places: data compare; then both at once: order, responses, rules.
        const auto address = [&] { return (random() % 10 == 0 ? end - 64 : random() % 4096 * 8 / 64 * 64); };
        for (int i = 0; i < 100; ++i) bench.write(address(), 1 + random() % 12, random() % 16);
        while (!bench.done()) bench.step(ready);
        for (int i = 0; i < 100; ++i) bench.read(address(), 1 + random() % 12, random() % 16);
        while (!bench.done()) bench.step(ready);
        bench.compare_data = false;
        for (int i = 0; i < 200; ++i)
          bench.write(address(), 1 + random() % 32, random() % 16),
              bench.read(address(), 1 + random() % 32, random() % 16);
        while (!bench.done() && bench.cycle < 1'000'000) bench.step(ready);
        ASSERT_TRUE(bench.done());
        EXPECT_TRUE(bench.model.idle());
        std::vector<std::uint8_t> bytes(1);
        for (const auto& [at, value] : bench.contents) {
          bench.model.memory().read(at, bytes);
          ASSERT_EQ(bytes[0], value) << "address " << at;
        }
      }
    }
  }
}

TEST(Hbm, MovesOneBeatPerCycleReadsAndWritesTogether) {
  const unsigned bursts = 200, beats = 16;
  Bench reads(p4(), {}, 1), both(p4(), {}, 1);
  for (unsigned i = 0; i < bursts; ++i)
    reads.read(i * 128, beats, 0), both.read(i * 128, beats, 0), both.write(1 << 20 | i * 128, beats, 0);
  both.compare_data = false;
  while (!reads.done()) reads.step(1.0);
  while (!both.done()) both.step(1.0);
  EXPECT_EQ(reads.cycle, bursts * beats + p4().hbm_latency_cycles);
  EXPECT_GE(both.cycle, 2 * bursts * beats);
  EXPECT_LE(both.cycle, 2 * bursts * beats + p4().hbm_latency_cycles + 4);
  EXPECT_EQ(both.model.bytes_read, std::uint64_t{bursts} * beats * p4().hbm_bytes_per_cycle);
  EXPECT_EQ(both.model.bytes_written, both.model.bytes_read);
}

TEST(Hbm, RefusesWhatReachesBeyondTheEnd) {
  Bench bench(p4(), {}, 1);
  const std::uint64_t last = p4().hbm_bytes - p4().hbm_bytes_per_cycle;
  bench.read(last, 1, 1), bench.read(last, 2, 2), bench.write(last, 2, 3), bench.write(last, 1, 4),
      bench.read(last + 4096, 1, 1);
  bench.compare_data = false;
  while (!bench.done()) bench.step(1.0);
  EXPECT_EQ(bench.model.memory().page(last + 4096), nullptr);
}

TEST(Hbm, BanksThatCollideTakeTurns) {
  const auto cycles = [&](std::uint64_t stride) {
    Bench bench(p4(), {false, 0, 40}, 1);
    for (unsigned i = 0; i < 50; ++i) bench.read(i * stride, 4, 0);
    while (!bench.done()) bench.step(1.0);
    return bench.cycle;
  };
  const std::uint64_t same = std::uint64_t{p4().hbm_banks} * p4().hbm_banks * p4().dma_segment_bytes;
  EXPECT_LE(cycles(p4().dma_segment_bytes), 100 + 50 * 4U + 8);
  EXPECT_GE(cycles(same), 49 * 40U);
}

TEST(Hbm, KeepsItsContentsWhenReset) {
  Bench bench(p4(), {}, 1);
  bench.write(0, 4, 0);
  while (!bench.done()) bench.step(1.0);
  bench.read(0, 4, 0);
  for (int i = 0; i < 5; ++i) bench.step(1.0);
  EXPECT_FALSE(bench.model.idle());
  bench.model.reset();
  EXPECT_TRUE(bench.model.idle());
  EXPECT_NE(bench.model.memory().page(0), nullptr);
}

}  // namespace
}  // namespace tessera::sim
