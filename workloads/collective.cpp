// SPDX-License-Identifier: Apache-2.0
#include "workloads/collective.hpp"

#include <algorithm>

namespace tessera::workloads {
namespace {

namespace sem = kernels::sem;

using isa::elem_bytes;

// Copies the whole vector between HBM (flat) and SBUF (one row per partition), which tells sem::kStaged at its end.
void copy_rows(const CollectiveJob& job, isa::TileCode& tile, bool to_sbuf) {
  const auto parts = kernels::flat_parts(job.buffer, 0, job.elems);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    isa::Desc d = tile.local();
    d.src_dtype = d.dst_dtype = static_cast<std::uint32_t>(job.dtype);
    d.row_elems = static_cast<std::uint32_t>(part.row_elems);
    d.num1 = part.rows;
    const std::uint64_t row = part.first / job.buffer.row_elems, col = part.first % job.buffer.row_elems;
    const std::uint64_t sbuf = row * job.buffer.row_step + col * elem_bytes(job.dtype);
    const std::uint64_t hbm = part.first * elem_bytes(job.dtype);
    const auto hbm_step = static_cast<std::uint32_t>(part.row_elems * elem_bytes(job.dtype));
    const auto sbuf_step = static_cast<std::uint32_t>(job.buffer.row_step);
    d.src_space = static_cast<std::uint32_t>(to_sbuf ? isa::Space::kHbm : isa::Space::kSbuf);
    d.dst_space = static_cast<std::uint32_t>(to_sbuf ? isa::Space::kSbuf : isa::Space::kHbm);
    d.src_addr = to_sbuf ? hbm : sbuf;
    d.dst_addr = to_sbuf ? sbuf : job.result + hbm;
    d.src_step1 = to_sbuf ? hbm_step : sbuf_step;
    d.dst_step1 = to_sbuf ? sbuf_step : hbm_step;
    if (to_sbuf && i + 1 == parts.size()) kernels::then_inc(d, sem::kStaged);
    tile.queue(kernels::queue::kRing).push(d);
  }
}

}  // namespace

bool fits_sbuf(const Config& cfg, isa::Dtype dtype, std::uint64_t elems) {
  return elems * elem_bytes(dtype) <= cfg.sbuf_bytes();
}

double ring_bound_cycles(const Config& cfg, std::uint32_t ranks, std::uint64_t bytes) {
  return ranks < 2 ? 0.0 : 2.0 * (ranks - 1) / ranks * static_cast<double>(bytes) / cfg.link_bytes;
}

std::vector<ReductionOrder> reduction_order(const CollectiveJob& job) {
  std::vector<ReductionOrder> order;
  const auto n = static_cast<std::uint32_t>(job.tour.size());
  for (std::uint32_t chunk = 0; chunk < n; ++chunk) {
    const auto [first, second] = kernels::ring_chunk(job.buffer, n, chunk);
    if (first == second) continue;
    ReductionOrder part{first, second, {}};
    for (std::uint32_t step = 0; step < n; ++step) {
      const auto at = job.tour[(chunk + step) % n];
      part.ranks.push_back(at.y * job.width + at.x);
    }
    order.push_back(std::move(part));
  }
  return order;
}

CollectiveJob build_all_reduce(const Config& cfg, std::uint32_t width, std::uint32_t height, isa::Dtype dtype,
                               isa::DmaOp op, Residence residence, std::uint64_t elems, std::span<const std::uint8_t> x,
                               std::uint32_t pieces) {
  CollectiveJob job;
  job.width = width, job.height = height;
  job.elems = elems, job.dtype = dtype, job.op = op;
  job.tour = kernels::ring_tour(width, height);
  job.program = isa::ProgramBuilder(width, height);
  const std::uint64_t bytes = elems * elem_bytes(dtype);
  const bool sbuf = residence == Residence::kSbuf;
  job.result = sbuf ? round_up(bytes, 4096) : 0;  // in HBM the reduction is in place
  job.end = round_up(job.result + bytes, 4096);
  job.buffer.elems = elems;
  job.buffer.dtype = dtype;
  job.buffer.row_elems = elems;
  job.buffer.segment_bytes = cfg.dma_segment_bytes;
  if (sbuf) {
    job.buffer.space = isa::Space::kSbuf;
    const std::uint64_t unit = cfg.dma_segment_bytes / elem_bytes(dtype);
    const std::uint64_t row = (elems + cfg.partitions - 1) / cfg.partitions;
    job.buffer.row_elems =
        std::min<std::uint64_t>(round_up(row, unit), cfg.sbuf_bytes_per_partition / elem_bytes(dtype));
    job.buffer.row_step = 1U << kernels::kPartitionShift;
  }
  const std::uint32_t ranks = width * height;
  std::vector<kernels::RingStart> start;
  for (std::uint32_t t = 0; t < ranks; ++t) {
    const auto first = x.begin() + static_cast<std::ptrdiff_t>(t * bytes);
    job.program.tile(t).hbm(0, std::vector<std::uint8_t>(first, first + static_cast<std::ptrdiff_t>(bytes)));
    if (sbuf) copy_rows(job, job.program.tile(t), true);
  }
  if (sbuf) start.assign(ranks, {{sem::kStaged, 1}});
  kernels::RingOptions options;
  options.op = op;
  options.pieces = pieces;
  // The wait for the copy belongs to it; the ring begins behind.
  job.ring_first = sbuf ? job.program.tile(0).queue_size(kernels::queue::kRing) + 1 : 0;
  const std::uint32_t received = kernels::emit_ring_all_reduce(job.buffer, options, job.tour, start, job.program);
  for (std::uint32_t t = 0; t < ranks; ++t) {
    isa::TileCode& tile = job.program.tile(t);
    if (received > 0) {  // the ring ends here when the last piece has come in
      isa::Desc done;
      tile.queue(kernels::queue::kRing).push(kernels::wait_ge(done, sem::kReceived, received));
    }
    job.ring_end.push_back(tile.queue_size(kernels::queue::kRing));
    if (sbuf) copy_rows(job, tile, false);
  }
  job.program.seal();
  return job;
}

}  // namespace tessera::workloads
