// SPDX-License-Identifier: Apache-2.0
#include "workloads/footprint.hpp"

#include <cstdio>

namespace tessera::workloads {
namespace {

// Registers and buffers of a tile with its links, HBM tables and host: 85 KB measured for p4. A place of the PE array
// holds weights and products of several stages.
constexpr std::uint64_t kTile = 128U << 10, kPlace = 32;
constexpr std::uint64_t kGoldenTile = 8U << 10;
// A record stands in its node and in the result; the golden model's twin is smaller.
constexpr std::uint64_t kRecord = 2 * 32, kGoldenRecord = 16;

std::string gib(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1U << 30));
  return text;
}

}  // namespace

std::uint64_t Footprint::bytes(const Config& cfg) const {
  const std::uint64_t p = cfg.partitions, memories = cfg.sbuf_bytes() + p * cfg.psum_bytes_per_partition();
  std::uint64_t tile = memories + p * p * kPlace + kTile, record = kRecord;
  if (golden) tile += memories + p * p * 2 + kGoldenTile, record += kGoldenRecord;
  return tiles * tile + program_bytes + records * record;
}

std::string Footprint::fault(const Config& cfg, std::uint64_t available) const {
  const std::uint64_t needed = bytes(cfg);
  if (needed <= available) return {};
  std::string text = std::to_string(tiles) + " tile" + (tiles == 1 ? "" : "s") + " of " + std::string(cfg.name);
  if (program_bytes != 0) text += " with " + gib(program_bytes) + " of programs and data";
  text += " need about " + gib(needed) + " of memory, but " + gib(available) + " are left; use a smaller mesh";
  if (golden && Footprint{tiles, false, program_bytes, records}.bytes(cfg) <= available) text += " or --golden off";
  return text;
}

}  // namespace tessera::workloads
