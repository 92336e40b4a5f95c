// SPDX-License-Identifier: Apache-2.0
/// What the network tests share: packets as flits, both ends of a link with credits, the state of a Verilated model.
///
/// A step is: drive inputs with the clock low, eval, look at outputs, raise the clock. "In cycle t" = before edge t.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <ostream>
#include <random>
#include <vector>

#include "tests/seed.hpp"
#include "tsr_cfg.hpp"
#include "tsr_isa.hpp"
#include "verilated.h"

namespace noc_test {

using Bytes = std::vector<std::uint8_t>;
using tessera::isa::Hdr;
constexpr tessera::Config kCfg = tessera::configs::TSR_CONFIG::kConfig;
enum : unsigned { kRdReq, kWrReq, kRdRsp, kWrRsp };

struct Rng : std::mt19937_64 {
  using std::mt19937_64::mt19937_64;
  unsigned below(unsigned n) { return static_cast<unsigned>((*this)() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
};

/// Hash of everything a settled model holds, its ports included.
template <class Root>
std::uint64_t state_of(const Root& root) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&root);
  std::uint64_t hash = 1;
  for (std::size_t i = 64; i + 8 <= sizeof root; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

/// Ports of up to 64 bits and wide ones alike, as little-endian bytes.
template <class Port>
void put(Port& port, const std::uint8_t* bytes, std::size_t count) {
  std::memcpy(&port, bytes, std::min(count, sizeof port));
}
template <class Port>
Bytes get(const Port& port) {
  Bytes bytes(sizeof port);
  std::memcpy(bytes.data(), &port, sizeof port);
  return bytes;
}

struct Flit {
  unsigned vc = 0;
  bool head = false, tail = false;
  Bytes data;
  bool operator==(const Flit&) const = default;
  friend std::ostream& operator<<(std::ostream& os, const Flit& f) {
    os << "vc " << f.vc << (f.head ? " head" : "") << (f.tail ? " tail " : " ") << std::hex;
    for (auto b = f.data.rbegin(); b != f.data.rend(); ++b) os << (*b >> 4) << (*b & 15);
    return os << std::dec;
  }
};

struct Packet {
  Hdr hdr;
  Bytes data;  // payload, exactly as long as it is sent
};

inline bool has_payload(const Hdr& h) { return h.kind == kWrReq || h.kind == kRdRsp; }
inline unsigned vc_of(const Hdr& h) {
  return (h.kind >= kRdRsp ? 2U : 0U) | ((h.src_x ^ h.dst_x ^ h.src_y ^ h.dst_y) & 1U);
}

/// Section 6 of the interfaces, byte by byte; what fills the last flit is random.
inline std::vector<Flit> to_flits(const Packet& p, unsigned flit_bytes, Rng& rng) {
  Bytes bytes(16);
  const Hdr::Image image = p.hdr.pack();
  std::memcpy(bytes.data(), image.data(), 16);
  while (bytes.size() % flit_bytes != 0) bytes.push_back(0);
  bytes.insert(bytes.end(), p.data.begin(), p.data.end());
  while (bytes.size() % flit_bytes != 0) bytes.push_back(static_cast<std::uint8_t>(rng()));
  std::vector<Flit> flits;
  for (std::size_t at = 0; at < bytes.size(); at += flit_bytes)
    flits.push_back({vc_of(p.hdr), at == 0, at + flit_bytes == bytes.size(),
                     Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                           bytes.begin() + static_cast<std::ptrdiff_t>(at + flit_bytes))});
  return flits;
}

/// Pins of one direction of a link.
struct Pins {
  CData *valid, *vc, *head, *tail;
  void* data;
  CData *credit_valid, *credit_vc;
  unsigned bytes;
};

/// The upstream end: sends queued flits of four VCs at random as credits allow.
class Sender {
 public:
  Pins pins{};
  unsigned depth = kCfg.router_vc_depth, percent = 100;
  std::array<std::deque<Flit>, 4> queue;
  std::array<unsigned, 4> credits{depth, depth, depth, depth};
  std::uint64_t sent = 0;

  void drive(Rng& rng) {
    *pins.valid = 0;
    const unsigned first = rng.below(4);
    for (unsigned k = 0; k < 4 && rng.chance(percent); ++k) {
      const unsigned v = (first + k) % 4;
      if (queue[v].empty() || credits[v] == 0) continue;
      const Flit& f = queue[v].front();
      *pins.valid = 1, *pins.vc = static_cast<CData>(v), *pins.head = f.head, *pins.tail = f.tail;
      std::memcpy(pins.data, f.data.data(), pins.bytes);
      queue[v].pop_front();
      --credits[v];
      ++sent;
      break;
    }
  }
  /// After eval, before the edge.
  void look() {
    if (*pins.credit_valid == 0) return;
    ASSERT_LT(credits[*pins.credit_vc], depth) << "a credit too many";
    ++credits[*pins.credit_vc];
  }
  [[nodiscard]] bool idle() const {
    for (unsigned v = 0; v < 4; ++v)
      if (!queue[v].empty() || credits[v] != depth) return false;
    return true;
  }
  void reset() {
    for (unsigned v = 0; v < 4; ++v) queue[v].clear(), credits[v] = depth;
    *pins.valid = 0;
  }
};

/// The downstream end: holds a credit for every flit it saw and gives it back at random, `delay` cycles later or more.
class Receiver {
 public:
  Pins pins{};
  unsigned depth = kCfg.router_vc_depth, percent = 100, delay = 2,
           held = 0;                              // held: mask of VCs that keep their credits
  std::array<std::deque<std::uint64_t>, 4> owed;  // cycle in which the flit was seen
  std::uint64_t seen = 0;

  void drive(Rng& rng, std::uint64_t cycle) {
    *pins.credit_valid = 0;
    const unsigned first = rng.below(4);
    for (unsigned k = 0; k < 4 && rng.chance(percent); ++k) {
      const unsigned v = (first + k) % 4;
      if (owed[v].empty() || owed[v].front() + delay > cycle || ((held >> v) & 1U) != 0) continue;
      *pins.credit_valid = 1, *pins.credit_vc = static_cast<CData>(v);
      owed[v].pop_front();
      break;
    }
  }
  /// After eval, before the edge. True: `flit` is on the link in this cycle.
  bool look(std::uint64_t cycle, Flit& flit) {
    if (*pins.valid == 0) return false;
    flit = {*pins.vc, *pins.head != 0, *pins.tail != 0, Bytes(pins.bytes)};
    std::memcpy(flit.data.data(), pins.data, pins.bytes);
    EXPECT_LT(owed[flit.vc].size(), depth) << "flit without credit";
    owed[flit.vc].push_back(cycle);
    ++seen;
    return true;
  }
  [[nodiscard]] bool idle() const { return owed[0].empty() && owed[1].empty() && owed[2].empty() && owed[3].empty(); }
  void reset() {
    for (auto& o : owed) o.clear();
    *pins.credit_valid = 0;
  }
};

// `port`: empty, or _n, _e, ... of a router.
#define NOC_PINS(dut, port, in, out)                                                                     \
  noc_test::Pins {                                                                                       \
    &(dut).link##port##_valid_##in, &(dut).link##port##_vc_##in, &(dut).link##port##_head_##in,          \
        &(dut).link##port##_tail_##in, &(dut).link##port##_data_##in, &(dut).credit##port##_valid_##out, \
        &(dut).credit##port##_vc_##out, sizeof((dut).link##port##_data_##in)                             \
  }

}  // namespace noc_test
