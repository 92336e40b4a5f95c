// SPDX-License-Identifier: Apache-2.0
/// The collectives there are: what users name, what builds them and what bounds them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "workloads/collective.hpp"

namespace tessera::workloads {

/// What a collective is to do. `x`: ranks x elems values as raw little-endian element codes, rank = y * width + x.
struct CollectiveTask {
  std::uint32_t width = 1, height = 1;
  isa::Dtype dtype = isa::Dtype::kFp32;
  isa::DmaOp op = isa::DmaOp::kAdd;
  Residence residence = Residence::kHbm;
  std::uint64_t elems = 0;
  std::uint32_t pieces = kernels::RingOptions{}.pieces;
};

/// One collective by one algorithm. To add another: its builder in a file of its own and an entry of the table in
/// collectives.cpp; command line and help take everything from there.
struct Collective {
  std::string_view name, algo;
  std::string_view doc;  ///< what every tile holds afterwards
  CollectiveJob (*build)(const Config& cfg, const CollectiveTask& task, std::span<const std::uint8_t> x);
  /// Fewest cycles that the links allow, for vectors of `bytes` bytes; 0 for one rank.
  double (*bound_cycles)(const Config& cfg, std::uint32_t ranks, std::uint64_t bytes);
  /// In which order each part of the result is reduced; empty where nothing is.
  std::vector<ReductionOrder> (*order)(const CollectiveJob& job);
  /// Descriptors of one rank, as far as they grow with the mesh.
  std::uint64_t (*items)(std::uint64_t ranks, std::uint64_t pieces);
};

[[nodiscard]] std::span<const Collective> collectives();
/// The first of that name when `algo` is "auto"; nullptr when there is none.
[[nodiscard]] const Collective* find_collective(std::string_view name, std::string_view algo);
/// "all-reduce (ring: every tile ...)", for help.
[[nodiscard]] std::string collectives_help();
/// "all-reduce, ..." and "auto, ring, ...", each word once, for messages.
[[nodiscard]] std::string collective_names();
[[nodiscard]] std::string collective_algos();

}  // namespace tessera::workloads
