// SPDX-License-Identifier: Apache-2.0
// Routers and network interfaces as a mesh: all pairs at once, requests that wait for responses, small buffers.
// Nothing is lost, a flow keeps its order, nothing deadlocks, everything is quiet afterwards; latency per hop.
#include <map>

#include "Vtsr_noc_bench.h"
#include "noc_bench.hpp"
#include "sim/verilated_context.hpp"

namespace {

using namespace noc_test;
constexpr unsigned kX = 3, kY = 3, kNodes = kX * kY;
constexpr unsigned kBeat = kCfg.hbm_bytes_per_cycle, kSeg = kCfg.dma_segment_bytes;
unsigned beats_of(const Packet& p) {
  return p.data.empty() ? 1 : (static_cast<unsigned>(p.data.size()) + kBeat - 1) / kBeat;
}

/// One packet stream into or out of the network.
struct Stream {
  std::deque<Packet> todo;  // to send
  unsigned beat = 0;        // of the front packet
  bool offered = false;
  Packet now;  // arriving
  bool inside = false;
};

struct Bench {
  Bench(std::uint64_t seed, unsigned latency) : rng(seed) {
    ctx.randReset(2);
    ctx.randSeed(static_cast<int>(seed & 0x7fffffff) + 1);
    dut = std::make_unique<Vtsr_noc_bench>(&ctx);
    dut->link_latency_i = static_cast<CData>(latency);
    dut->rst_ni = 0;
    dut->tx_req_valid_i = dut->tx_rsp_valid_i = 0;
    for (unsigned i = 0; i < 2; ++i) dut->clk_i = 0, dut->eval(), dut->clk_i = 1, dut->eval();
    dut->rst_ni = 1;
  }
  ~Bench() { dut->final(); }

  Rng rng;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_noc_bench> dut;
  std::uint64_t cycle = 0, arrived_at = 0;
  unsigned valid_percent = 100, req_ready_percent = 100, rsp_ready_percent = 100,
           room = 2;  // room: responses a node may hold
  Stream tx[kNodes][2], rx[kNodes][2];
  std::map<unsigned, std::deque<Packet>> want[2];  // [class][src * kNodes + dst]: in flight, in order
  std::uint64_t received[2] = {};

  static unsigned node(unsigned x, unsigned y) { return y * kX + x; }
  void send(const Packet& p) {
    tx[node(p.hdr.src_x, p.hdr.src_y)][p.hdr.kind / 2].todo.push_back(p);
    want[p.hdr.kind / 2][node(p.hdr.src_x, p.hdr.src_y) * kNodes + node(p.hdr.dst_x, p.hdr.dst_y)].push_back(p);
  }
  Packet request(unsigned from, unsigned to) {
    Packet p;
    p.hdr.src_x = from % kX, p.hdr.src_y = from / kX, p.hdr.dst_x = to % kX, p.hdr.dst_y = to / kX;
    p.hdr.kind = rng.below(2), p.hdr.len = rng.below(3) == 0 ? kSeg : 1 + rng.below(kSeg);
    p.hdr.id = rng.below(256), p.hdr.addr = rng() & 0xff'ffff'ffffULL;
    fill(p);
    return p;
  }
  void fill(Packet& p) {
    if (has_payload(p.hdr))
      for (unsigned i = 0; i < p.hdr.len; ++i) p.data.push_back(static_cast<std::uint8_t>(rng()));
  }
  /// What a server does: swaps source and destination, keeps the rest.
  void answer(const Packet& q) {
    Packet p;
    p.hdr = q.hdr;
    std::swap(p.hdr.src_x, p.hdr.dst_x), std::swap(p.hdr.src_y, p.hdr.dst_y);
    p.hdr.kind = q.hdr.kind + 2;
    fill(p);
    send(p);
  }

  template <class Hdrs, class Data>
  void offer(unsigned t, unsigned c, std::uint64_t& valid, std::uint64_t& last, Hdrs& hdr, Data& data) {
    Stream& s = tx[t][c];
    if (!s.offered && !s.todo.empty()) s.offered = rng.chance(valid_percent);
    if (!s.offered) return;
    const Packet& p = s.todo.front();
    valid |= 1ULL << t;
    last |= std::uint64_t{s.beat + 1 == beats_of(p)} << t;
    const Hdr::Image image = p.hdr.pack();
    std::memcpy(&hdr[t], image.data(), 16);
    Bytes beat(kBeat);
    for (unsigned i = 0; i < kBeat && s.beat * kBeat + i < p.data.size(); ++i) beat[i] = p.data[s.beat * kBeat + i];
    std::memcpy(&data[t], beat.data(), kBeat);
  }
  void taken(unsigned t, unsigned c) {
    Stream& s = tx[t][c];
    s.offered = false;
    if (++s.beat < beats_of(s.todo.front())) return;
    s.beat = 0;
    s.todo.pop_front();
  }
  template <class Image, class Data>
  void beat(unsigned t, unsigned c, const Image& image, const Data& data, bool last) {
    Stream& s = rx[t][c];
    const Hdr h = Hdr::unpack({image[0], image[1], image[2], image[3]});
    if (!s.inside) s.now = {h, {}};
    ASSERT_EQ(h.pack(), s.now.hdr.pack()) << "packets mix, cycle " << cycle;
    const Bytes bytes = get(data);
    if (has_payload(h)) s.now.data.insert(s.now.data.end(), bytes.begin(), bytes.end());
    s.inside = !last;
    if (!last) return;
    ASSERT_EQ(node(h.dst_x, h.dst_y), t) << "wrong node, cycle " << cycle;
    auto& flow = want[c][node(h.src_x, h.src_y) * kNodes + t];
    ASSERT_FALSE(flow.empty()) << "cycle " << cycle;
    const Packet& p = flow.front();
    ASSERT_EQ(h.pack(), p.hdr.pack()) << "order of a flow, cycle " << cycle;
    ASSERT_EQ(s.now.data.size(), p.data.empty() ? 0 : beats_of(p) * kBeat);
    ASSERT_TRUE(std::equal(p.data.begin(), p.data.end(), s.now.data.begin())) << "payload, cycle " << cycle;
    arrived_at = cycle;
    ++received[c];
    flow.pop_front();
    if (c == 0 && room != 0) answer(s.now);
  }

  void step() {
    dut->clk_i = 0;
    std::uint64_t valid[2] = {}, last[2] = {}, ready[2] = {};
    for (unsigned t = 0; t < kNodes; ++t) {
      offer(t, 0, valid[0], last[0], dut->tx_req_hdr_i, dut->tx_req_data_i);
      offer(t, 1, valid[1], last[1], dut->tx_rsp_hdr_i, dut->tx_rsp_data_i);
      // A request is taken only where its response has room.
      ready[0] |= std::uint64_t{(room == 0 || tx[t][1].todo.size() < room) && rng.chance(req_ready_percent)} << t;
      ready[1] |= std::uint64_t{rng.chance(rsp_ready_percent)} << t;
    }
    dut->tx_req_valid_i = static_cast<SData>(valid[0]), dut->tx_req_last_i = static_cast<SData>(last[0]);
    dut->tx_rsp_valid_i = static_cast<SData>(valid[1]), dut->tx_rsp_last_i = static_cast<SData>(last[1]);
    dut->rx_req_ready_i = static_cast<SData>(ready[0]), dut->rx_rsp_ready_i = static_cast<SData>(ready[1]);
    dut->eval();
    for (unsigned t = 0; t < kNodes; ++t) {
      if ((dut->rx_rsp_valid_o & ready[1]) >> t & 1)
        beat(t, 1, dut->rx_rsp_hdr_o[t], dut->rx_rsp_data_o[t], dut->rx_rsp_last_o >> t & 1);
      if ((dut->rx_req_valid_o & ready[0]) >> t & 1)
        beat(t, 0, dut->rx_req_hdr_o[t], dut->rx_req_data_o[t], dut->rx_req_last_o >> t & 1);
      if ((dut->tx_req_ready_o & valid[0]) >> t & 1) taken(t, 0);
      if ((dut->tx_rsp_ready_o & valid[1]) >> t & 1) taken(t, 1);
    }
    dut->clk_i = 1;
    dut->eval();
    ++cycle;
  }
  [[nodiscard]] bool busy() const {
    for (const auto& flows : want)
      for (const auto& flow : flows)
        if (!flow.second.empty()) return true;
    return false;
  }
  void drain(unsigned limit) {
    for (unsigned i = 0; i < limit && busy() && !testing::Test::HasFailure(); ++i) step();
    ASSERT_FALSE(busy()) << "deadlock or loss after " << received[0] << " requests and " << received[1] << " responses";
    for (unsigned i = 0; i < 30; ++i) step();
    EXPECT_EQ(dut->quiet_o, (1u << kNodes) - 1);
    EXPECT_TRUE(dut->links_idle_o);
  }
};

// Every node reads and writes every other node; buffers for one or two responses per node.
TEST(Noc, AllPairsWithoutDeadlock) {
  const std::uint64_t seed = tessera::test::seed(1);
  for (const unsigned latency : {1u, 2u, 3u, 8u}) {
    for (unsigned round = 0; round < 3 && !HasFailure(); ++round) {
      Bench b(seed * 100 + latency * 10 + round, latency);
      b.room = 1 + round % 2;
      if (round > 0)
        b.valid_percent = 30 + b.rng.below(71), b.req_ready_percent = 10 + b.rng.below(91),
        b.rsp_ready_percent = 10 + b.rng.below(91);
      for (unsigned i = 0; i < 12; ++i)
        for (unsigned from = 0; from < kNodes; ++from)
          for (unsigned k = 0, to = b.rng.below(kNodes); k < kNodes; ++k, to = (to + 1) % kNodes)
            if (to != from) b.send(b.request(from, to));
      b.drain(400000);
      EXPECT_EQ(b.received[0], 12u * kNodes * (kNodes - 1));
      EXPECT_EQ(b.received[1], 12u * kNodes * (kNodes - 1));
    }
  }
}

// All nodes write to one, which reads from all: the hot node's port is shared, nobody starves.
TEST(Noc, HotNode) {
  Bench b(tessera::test::seed(2), 1);
  for (unsigned i = 0; i < 40; ++i)
    for (unsigned t = 0; t < kNodes; ++t)
      if (t != 4) b.send(b.request(t, 4)), b.send(b.request(4, t));
  b.drain(200000);
}

// A header-only packet needs a fixed time plus L + 1 cycles per hop.
TEST(Noc, LatencyPerHop) {
  for (unsigned latency = 1; latency <= 8; ++latency) {
    std::uint64_t one = 0;
    for (const unsigned to : {1u, 2u, 5u, 8u}) {
      Bench b(tessera::test::seed(3), latency);
      b.room = 0;
      for (unsigned i = 0; i < 5; ++i) b.step();
      Packet p = b.request(0, to);
      p.hdr.kind = kRdReq, p.hdr.len = 64, p.data.clear();
      const std::uint64_t begin = b.cycle;
      b.send(p);
      while (b.busy()) b.step();
      const std::uint64_t time = b.arrived_at - begin, hops = to % kX + to / kX;
      if (hops == 1) one = time;
      if (latency == 1)
        std::printf("%llu hops: %llu cycles from tx beat to rx beat\n", (unsigned long long)hops,
                    (unsigned long long)time);
      EXPECT_EQ(time, one + (hops - 1) * (latency + 1));
    }
  }
}

}  // namespace
