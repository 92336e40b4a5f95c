// SPDX-License-Identifier: Apache-2.0
/// Sizes and the plain data that tests of control exchange: updates of semaphores, records, faults, doorbells, register
/// accesses.
#pragma once
#include <cstdint>
#include <cstdlib>

#include "isa/image.hpp"
#include "tests/seed.hpp"
#include "tsr_boundary.hpp"
#include "tsr_cfg.hpp"

namespace tessera::ctrl_test {

inline constexpr Config kCfg = configs::TSR_CONFIG::kConfig;
inline constexpr unsigned kEngines = isa::kNumEngines, kQueues = kCfg.dma_queues, kSources = kEngines + kQueues;
inline constexpr unsigned kBeat = kCfg.hbm_bytes_per_cycle, kBeats = isa::kItemBytes / kBeat;
inline constexpr unsigned kTileX = 1, kTileY = 2, kMeshX = 3, kMeshY = 4;  ///< mesh of 4 x 5 tiles

struct SemUpdate {
  std::uint32_t sem = 0, op = 0, value = 0, remote = 0, x = 0, y = 0;
  static SemUpdate unpack(std::uint64_t w) {
    const std::uint32_t words[2] = {static_cast<std::uint32_t>(w), static_cast<std::uint32_t>(w >> 32)};
    const auto u = sim::SemUpd::unpack(words);
    return {u.sem, u.op, u.value, u.remote, u.x, u.y};
  }
  std::uint64_t pack() const {
    sim::SemUpd u;
    u.sem = static_cast<std::uint8_t>(sem), u.op = static_cast<std::uint8_t>(op), u.value = value;
    u.remote = static_cast<std::uint8_t>(remote), u.x = static_cast<std::uint8_t>(x),
    u.y = static_cast<std::uint8_t>(y);
    std::uint32_t words[2] = {};
    u.pack(words);
    return words[0] | std::uint64_t{words[1]} << 32;
  }
  bool local() const { return remote == 0 || op == 0 || (x == kTileX && y == kTileY); }
  friend bool operator==(const SemUpdate&, const SemUpdate&) = default;
};

struct Record : sim::Rec {
  unsigned engine = 0;
};
struct Fault {
  unsigned engine = 0;
  std::uint8_t code = 0;
  std::uint16_t tag = 0;
  std::uint64_t pc = 0;
};
struct Ring {
  unsigned queue = 0;
  std::uint32_t count = 0;
};

/// One register access; `port` 0 is the host, 1 the read server, 2 the write server.
struct Access {
  bool we = false;
  std::uint16_t addr = 0;
  std::uint32_t data = 0;
  std::uint8_t strb = 0xf;
  bool done = false, err = false;
  std::uint64_t asked = 0, answered = 0;
};

/// What the test's engines answer: the error imm0[3:0] when nparts is 0xee, else a mix of the whole instruction.
inline std::uint32_t data_err(const isa::Instr& i) { return i.nparts == 0xee ? i.imm0 & 0xfU : 0; }
inline std::uint32_t data_checksum(const isa::ItemImage& image) {
  std::uint32_t h = 0x811c9dc5U;
  for (const std::uint32_t w : image) h = (h ^ w) * 0x01000193U + (h >> 15);
  return h;
}

}  // namespace tessera::ctrl_test
