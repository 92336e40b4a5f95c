// SPDX-License-Identifier: Apache-2.0
/// The tile boundary (docs/interfaces.md section 7) as plain values, the same for every configuration.
///
/// Inputs hold what the tile samples at the coming edge; outputs hold its registers after the last edge. Wide data are
/// little-endian 32-bit words. Data of a port mean something only while its `valid` is set; nobody copies them
/// otherwise.
#pragma once
#include <array>
#include <cstdint>

namespace tessera::sim {

inline constexpr unsigned kMaxDataWords = 32;  ///< widest link or AXI beat: 128 bytes
inline constexpr unsigned kMaxQueues = 8;
inline constexpr unsigned kNumEngines = 5;                         ///< PE, ACT, DVE, POOL, SP
inline constexpr unsigned kNumSources = kNumEngines + kMaxQueues;  ///< record sources: engines, then queues

enum Direction : unsigned { kNorth, kEast, kSouth, kWest };
inline constexpr unsigned opposite(unsigned d) { return d ^ 2U; }

struct Flit {
  std::uint8_t vc = 0, head = 0, tail = 0;
  std::array<std::uint32_t, kMaxDataWords> data{};
};

struct LinkInputs {
  std::uint8_t valid = 0, credit_valid = 0, credit_vc = 0;
  const Flit* flit = nullptr;  ///< set while `valid`
};

struct LinkOutputs {
  std::uint8_t valid = 0, credit_valid = 0, credit_vc = 0;
  Flit flit;
};

struct AxiInputs {
  std::uint8_t awready = 1, wready = 1, arready = 1;
  std::uint8_t bvalid = 0, bid = 0, bresp = 0;
  std::uint8_t rvalid = 0, rid = 0, rresp = 0, rlast = 0;
  const std::uint32_t* rdata = nullptr;  ///< set while `rvalid`
};

struct AxiOutputs {
  std::uint8_t awvalid = 0, wvalid = 0, arvalid = 0, bready = 0, rready = 0;
  std::uint8_t awid = 0, awlen = 0, arid = 0, arlen = 0, wlast = 0;
  std::uint64_t awaddr = 0, araddr = 0;
  std::array<std::uint32_t, kMaxDataWords> wdata{};
  std::array<std::uint32_t, kMaxDataWords / 8> wstrb{};
};

struct AxilInputs {
  std::uint8_t awvalid = 0, wvalid = 0, bready = 1, arvalid = 0, rready = 1;
  std::uint16_t awaddr = 0, araddr = 0;
  std::uint32_t wdata = 0;
};

struct AxilOutputs {
  std::uint8_t awready = 0, wready = 0, bvalid = 0, bresp = 0, arready = 0, rvalid = 0, rresp = 0;
  std::uint32_t rdata = 0;
};

/// One retired instruction or descriptor as the tile reports it (`rec_t`).
struct RawRecord {
  std::uint8_t opcode = 0;
  std::uint16_t tag = 0;
  std::uint64_t start = 0, end = 0;
  std::uint32_t checksum = 0;
};

// Neighbours in an array may belong to different threads: whole cache lines.
struct alignas(64) TileInputs {
  std::uint64_t cycle = 0;
  std::array<LinkInputs, 4> link;
  AxiInputs axi;
  AxilInputs host;
};

struct alignas(64) TileOutputs {
  std::uint8_t quiescent = 0, irq = 0;
  std::uint32_t record_valid = 0;  ///< bit s: `record[s]` retired in this cycle
  std::array<LinkOutputs, 4> link;
  AxiOutputs axi;
  AxilOutputs host;
  std::array<RawRecord, kNumSources> record;
};

}  // namespace tessera::sim
