// SPDX-License-Identifier: Apache-2.0
// tsr_ni: random packets of every kind and length both ways, every valid, ready and credit at random, against the flit
// format of docs/interfaces.md section 6.
#include "Vtsr_ni.h"
#include "Vtsr_ni___024root.h"
#include "noc_bench.hpp"
#include "sim/verilated_context.hpp"

namespace {

using namespace noc_test;
constexpr unsigned kFlit = sizeof(std::declval<Vtsr_ni&>().link_data_o);
constexpr unsigned kBeat = sizeof(std::declval<Vtsr_ni&>().tx_req_data_i);
constexpr unsigned kSeg = kCfg.dma_segment_bytes;
constexpr unsigned kHdrFlits = (16 + kFlit - 1) / kFlit;
unsigned beats_of(const Packet& p) {
  return p.data.empty() ? 1 : (static_cast<unsigned>(p.data.size()) + kBeat - 1) / kBeat;
}
unsigned flits_of(const Packet& p) { return kHdrFlits + (static_cast<unsigned>(p.data.size()) + kFlit - 1) / kFlit; }

struct Bench {
  explicit Bench(std::uint64_t seed) : rng(seed) {
    ctx.randReset(2);
    ctx.randSeed(static_cast<int>(seed & 0x7fffffff) + 1);
    dut = std::make_unique<Vtsr_ni>(&ctx);
    link_in.pins = NOC_PINS(*dut, , i, o);
    link_out.pins = NOC_PINS(*dut, , o, i);
    reset();
  }
  ~Bench() { dut->final(); }

  Rng rng;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_ni> dut;
  Sender link_in;                // plays the router's local output
  Receiver link_out;             // plays the router's local input
  unsigned valid_percent = 100;  // beats offered on tx_*
  std::array<unsigned, 2> ready_percent{100, 100};
  std::uint64_t cycle = 0, quiet_steps = 0, first_flit = 0, last_flit = 0;
  std::array<std::uint64_t, 2> received{};  // packets on rx_*
  std::array<std::uint64_t, 2> beats_in{};  // taken on tx_*
  std::array<std::uint64_t, 2> last_taken{}, first_rx{}, last_rx{};

  std::array<std::deque<Packet>, 2> tx_todo,
      tx_sent;  // whole packets; those given to the NI (begun) and not yet seen on the link
  std::array<unsigned, 2> tx_beat{},
      tx_whole{};                             // beat of the front packet; complete packets not yet begun on the link
  std::array<std::vector<Flit>, 2> partial;   // packet arriving on the link, per class
  std::array<std::deque<Packet>, 4> rx_want;  // per VC
  std::array<Packet, 2> rx_now;
  std::array<bool, 2> rx_inside{}, tx_offered{};
  std::array<Bytes, 2> rx_held;  // what a stalled rx_* must keep

  void reset() {
    link_in.reset();
    link_out.reset();
    for (unsigned c = 0; c < 2; ++c) {
      tx_todo[c].clear(), tx_sent[c].clear(), partial[c].clear(), rx_held[c].clear();
      tx_beat[c] = tx_whole[c] = 0;
      rx_inside[c] = tx_offered[c] = false;
    }
    for (auto& w : rx_want) w.clear();
    dut->rst_ni = 0;
    dut->tx_req_valid_i = dut->tx_rsp_valid_i = 0;
    edge();
    edge();
    dut->rst_ni = 1;
    edge();  // scratch values of the model settle
  }

  Packet random_packet(unsigned cls) {
    Packet p;
    p.hdr.dst_x = rng.below(256), p.hdr.dst_y = rng.below(256), p.hdr.src_x = rng.below(256),
    p.hdr.src_y = rng.below(256);
    p.hdr.kind = cls * 2 + rng.below(2);
    p.hdr.op = rng.below(4), p.hdr.space = rng.below(4), p.hdr.dtype = rng.below(16), p.hdr.id = rng.below(256),
    p.hdr.err = rng.below(16);
    p.hdr.rsv0 = rng.below(1u << 23), p.hdr.addr = rng() & 0xff'ffff'ffffULL;
    const unsigned pick = rng.below(8);
    p.hdr.len = pick == 0   ? kSeg
                : pick == 1 ? 4
                : pick == 2 ? kFlit * (1 + rng.below(kSeg / kFlit))
                : pick < 5  ? 1 + rng.below(4 * kBeat)
                            : 1 + rng.below(kSeg);
    p.hdr.len = std::min(p.hdr.len, kSeg);
    if (has_payload(p.hdr))
      for (unsigned i = 0; i < p.hdr.len; ++i) p.data.push_back(static_cast<std::uint8_t>(rng()));
    return p;
  }
  void send(const Packet& p) { tx_todo[p.hdr.kind / 2].push_back(p); }
  void arrive(const Packet& p) {
    const unsigned vc = vc_of(p.hdr);
    for (const Flit& f : to_flits(p, kFlit, rng)) link_in.queue[vc].push_back(f);
    rx_want[vc].push_back(p);
  }

  template <class V, class H, class D, class L>
  void offer(unsigned c, V& valid, H& hdr, D& data, L& last) {
    if (!tx_offered[c] && !tx_todo[c].empty()) tx_offered[c] = rng.chance(valid_percent);
    valid = tx_offered[c];
    if (!tx_offered[c]) return;
    const Packet& p = tx_todo[c].front();
    const Hdr::Image image = p.hdr.pack();
    put(hdr, reinterpret_cast<const std::uint8_t*>(image.data()), 16);
    Bytes beat(kBeat);
    for (unsigned i = 0; i < kBeat; ++i) {
      const std::size_t at = std::size_t{tx_beat[c]} * kBeat + i;
      beat[i] = at < p.data.size() ? p.data[at] : static_cast<std::uint8_t>(tx_beat[c] + i);
    }
    put(data, beat.data(), kBeat);
    last = tx_beat[c] + 1 == beats_of(p);
  }
  void taken(unsigned c) {
    tx_offered[c] = false;
    ++beats_in[c];
    if (tx_beat[c] == 0) tx_sent[c].push_back(tx_todo[c].front());
    if (++tx_beat[c] == beats_of(tx_todo[c].front())) {
      tx_beat[c] = 0;
      ++tx_whole[c];
      last_taken[c] = cycle;
      tx_todo[c].pop_front();
    }
  }
  void flit(const Flit& f) {
    const unsigned c = f.vc / 2;
    if (link_out.seen == 1) first_flit = cycle;
    last_flit = cycle;
    ASSERT_EQ(f.head, partial[c].empty()) << "cycle " << cycle;
    if (f.head) {
      ASSERT_GT(tx_whole[c], 0u) << "a packet began before its payload was complete, cycle " << cycle;
      --tx_whole[c];
    }
    partial[c].push_back(f);
    ASSERT_FALSE(tx_sent[c].empty());
    const Packet& p = tx_sent[c].front();
    ASSERT_EQ(f.vc, vc_of(p.hdr)) << "cycle " << cycle;
    ASSERT_EQ(f.tail, partial[c].size() == flits_of(p)) << "cycle " << cycle;
    if (!f.tail) return;
    Bytes all;
    for (const Flit& g : partial[c]) all.insert(all.end(), g.data.begin(), g.data.end());
    const Hdr::Image image = p.hdr.pack();
    ASSERT_EQ(std::memcmp(all.data(), image.data(), 16), 0) << "header, cycle " << cycle;
    for (unsigned i = 16; i < kHdrFlits * kFlit; ++i) ASSERT_EQ(all[i], 0);
    ASSERT_TRUE(std::equal(p.data.begin(), p.data.end(), all.begin() + kHdrFlits * kFlit))
        << "payload, cycle " << cycle;
    partial[c].clear();
    tx_sent[c].pop_front();
  }
  template <class H, class D>
  void receive(unsigned c, bool valid, bool ready, const H& hdr, const D& data, bool last) {
    Bytes all = get(hdr), beat = get(data);
    all.insert(all.end(), beat.begin(), beat.end());
    all.push_back(last);
    if (!rx_held[c].empty()) {
      ASSERT_TRUE(valid) << "valid was withdrawn, cycle " << cycle;
      ASSERT_EQ(all, rx_held[c]) << "a stalled beat changed, cycle " << cycle;
    }
    rx_held[c] = valid && !ready ? all : Bytes{};
    if (!valid) return;
    if (last_rx[c] == 0) first_rx[c] = cycle;
    last_rx[c] = cycle;
    if (!ready) return;
    const Hdr h = Hdr::unpack({hdr[0], hdr[1], hdr[2], hdr[3]});
    const unsigned vc = vc_of(h);
    ASSERT_EQ(vc / 2, c);
    ASSERT_FALSE(rx_want[vc].empty()) << "cycle " << cycle;
    const Packet& p = rx_want[vc].front();
    if (!rx_inside[c]) rx_now[c] = {h, {}};
    ASSERT_EQ(h.pack(), rx_now[c].hdr.pack()) << "packets mix, cycle " << cycle;
    rx_inside[c] = !last;
    ASSERT_EQ(h.pack(), p.hdr.pack()) << "cycle " << cycle;
    if (!p.data.empty()) rx_now[c].data.insert(rx_now[c].data.end(), beat.begin(), beat.end());
    if (!last) return;
    ASSERT_EQ(rx_now[c].data.size(), p.data.empty() ? 0 : beats_of(p) * kBeat) << "cycle " << cycle;
    ASSERT_TRUE(std::equal(p.data.begin(), p.data.end(), rx_now[c].data.begin())) << "payload, cycle " << cycle;
    rx_want[vc].pop_front();
    ++received[c];
  }

  void edge() {
    dut->clk_i = 0;
    dut->eval();
    dut->clk_i = 1;
    dut->eval();
  }
  void step() {
    dut->clk_i = 0;
    link_in.drive(rng);
    link_out.drive(rng, cycle);
    offer(0, dut->tx_req_valid_i, dut->tx_req_hdr_i, dut->tx_req_data_i, dut->tx_req_last_i);
    offer(1, dut->tx_rsp_valid_i, dut->tx_rsp_hdr_i, dut->tx_rsp_data_i, dut->tx_rsp_last_i);
    dut->rx_req_ready_i = rng.chance(ready_percent[0]);
    dut->rx_rsp_ready_i = rng.chance(ready_percent[1]);
    dut->eval();
    link_in.look();
    Flit f;
    if (link_out.look(cycle, f)) flit(f);
    receive(0, dut->rx_req_valid_o, dut->rx_req_ready_i, dut->rx_req_hdr_o, dut->rx_req_data_o, dut->rx_req_last_o);
    receive(1, dut->rx_rsp_valid_o, dut->rx_rsp_ready_i, dut->rx_rsp_hdr_o, dut->rx_rsp_data_o, dut->rx_rsp_last_o);
    if (dut->tx_req_valid_i && dut->tx_req_ready_o) taken(0);
    if (dut->tx_rsp_valid_i && dut->tx_rsp_ready_o) taken(1);
    const bool quiet = dut->quiet_o;
    const std::uint64_t before = quiet ? state_of(*dut->rootp) : 0;
    dut->clk_i = 1;
    dut->eval();
    if (quiet) {
      ++quiet_steps;
      dut->clk_i = 0;
      dut->eval();
      ASSERT_EQ(state_of(*dut->rootp), before) << "quiet but changed, cycle " << cycle;
    }
    ++cycle;
  }
  [[nodiscard]] bool busy() const {
    bool b = !link_in.idle() || !link_out.idle();
    for (unsigned c = 0; c < 2; ++c) b |= !tx_todo[c].empty() || !tx_sent[c].empty() || rx_inside[c];
    for (const auto& w : rx_want) b |= !w.empty();
    return b;
  }
  void drain(unsigned limit) {
    for (unsigned i = 0; i < limit && busy() && !testing::Test::HasFailure(); ++i) step();
    for (unsigned i = 0; i < 4; ++i) step();
    ASSERT_FALSE(busy()) << "hang, cycle " << cycle << ": packets left to send " << tx_todo[0].size() << " "
                         << tx_todo[1].size() << ", to see on the link " << tx_sent[0].size() << " "
                         << tx_sent[1].size() << ", to receive " << rx_want[0].size() << " " << rx_want[1].size() << " "
                         << rx_want[2].size() << " " << rx_want[3].size();
    ASSERT_TRUE(dut->quiet_o) << "not quiet when idle";
  }
};

TEST(Ni, RandomPacketsBothWays) {
  const std::uint64_t seed = tessera::test::seed(1);
  for (unsigned round = 0; round < 24 && !HasFailure(); ++round) {
    Bench b(seed * 1000 + round);
    const auto percent = [&] { return round == 0 ? 100 : 10 + b.rng.below(91); };
    b.valid_percent = percent(), b.ready_percent = {percent(), percent()};
    b.link_in.percent = percent(), b.link_out.percent = percent(), b.link_out.delay = 1 + b.rng.below(12);
    for (unsigned i = 0; i < 400; ++i) {
      b.send(b.random_packet(b.rng.below(2)));
      b.arrive(b.random_packet(b.rng.below(2)));
    }
    b.drain(400000);
    EXPECT_GT(b.quiet_steps, 0u);
  }
}

// Reset in the middle of traffic: nothing of before appears, everything of after does.
TEST(Ni, ResetInTraffic) {
  Bench b(tessera::test::seed(2));
  for (unsigned round = 0; round < 60 && !HasFailure(); ++round) {
    b.ready_percent = {20 + b.rng.below(80), 20 + b.rng.below(80)};
    b.link_out.percent = 20 + b.rng.below(80);
    for (unsigned i = 0; i < 30; ++i)
      b.send(b.random_packet(b.rng.below(2))), b.arrive(b.random_packet(b.rng.below(2)));
    for (unsigned i = b.rng.below(400); i > 0; --i) b.step();
    if (round % 3 == 2) b.drain(100000);
    b.reset();
  }
}

// A class whose credits or readys stop does not hold the other one; the NI becomes quiet.
TEST(Ni, ClassesAreIndependent) {
  for (unsigned stop = 0; stop < 2; ++stop) {
    Bench b(tessera::test::seed(3 + stop));
    b.link_out.held = stop == 0 ? 3 : 12;  // VCs of the stopped class keep their credits
    b.ready_percent[stop] = 0;
    for (unsigned i = 0; i < 200; ++i) b.send(b.random_packet(i % 2)), b.arrive(b.random_packet(i % 2));
    for (unsigned i = 0; i < 30000; ++i) b.step();
    EXPECT_EQ(b.received[1 - stop], 100u);
    EXPECT_TRUE(b.tx_todo[1 - stop].empty() && b.tx_sent[1 - stop].empty());
    EXPECT_EQ(b.received[stop], 0u);
    EXPECT_TRUE(b.dut->quiet_o) << "blocked is quiet";
    EXPECT_EQ(std::max(b.link_out.owed[stop * 2].size(), b.link_out.owed[stop * 2 + 1].size()), b.link_out.depth)
        << "every credit of the packet that waits was used";
    b.link_out.held = 0;
    b.ready_percent[stop] = 100;
    b.drain(100000);
    EXPECT_EQ(b.received[stop], 100u);
  }
}

// One flit per cycle, sustained, each way at the same time, for long and for the shortest packets.
TEST(Ni, OneFlitPerCycle) {
  for (unsigned kind = 0; kind < 4 && !HasFailure(); ++kind) {
    Bench b(tessera::test::seed(5));
    std::uint64_t flits = 0;
    for (unsigned i = 0; i < 300; ++i) {
      Packet p = b.random_packet(kind / 2);
      p.hdr.kind = kind, p.hdr.len = kSeg;
      p.data.assign(has_payload(p.hdr) ? kSeg : 0, 0x5a);
      b.send(p);
      b.arrive(p);
      flits += flits_of(p);
    }
    b.drain(100000);
    const bool gathered = kFlit > kBeat && has_payload({.kind = kind});  // beats narrower than flits limit the sender
    if (!gathered) {
      EXPECT_EQ(b.last_flit - b.first_flit + 1, flits) << "kind " << kind;
    }
    const std::uint64_t beats = has_payload({.kind = kind}) ? 300ULL * ((kSeg + kBeat - 1) / kBeat + 1) : 300;
    const std::uint64_t bound = std::max(flits, beats);
    EXPECT_LE(b.last_rx[kind / 2], bound + bound / 200 + 8) << "kind " << kind;  // both VCs start full: some bubbles
  }
}

// The latencies of the module header.
TEST(Ni, Latency) {
  for (const unsigned len : {0u, kBeat, kSeg}) {
    Bench b(tessera::test::seed(6));
    for (unsigned i = 0; i < 5; ++i) b.step();
    Packet p = b.random_packet(0);
    p.hdr.kind = len == 0 ? kRdReq : kWrReq, p.hdr.len = len == 0 ? 64 : len;
    p.data.assign(len, 1);
    b.send(p);
    const std::uint64_t begin = b.cycle;
    b.arrive(p);
    while (b.busy()) b.step();
    EXPECT_EQ(b.first_flit - b.last_taken[0], len <= std::max(kFlit, kBeat) ? 3u : 2u) << "beats " << beats_of(p);
    const unsigned first =
        len == 0 ? kHdrFlits : kHdrFlits + std::min((kBeat + kFlit - 1) / kFlit, (len + kFlit - 1) / kFlit);
    EXPECT_EQ(b.first_rx[0] - begin, first - 1 + 2u);
  }
}

}  // namespace
