// SPDX-License-Identifier: Apache-2.0
#include "workloads/matmul.hpp"

#include <algorithm>

namespace tessera::workloads {
namespace {

using kernels::Coord;
namespace sem = kernels::sem;

std::uint32_t split(std::uint32_t total, std::uint32_t parts, std::uint32_t index) {
  return static_cast<std::uint32_t>(std::uint64_t{total} * index / parts);
}

// Range of k of ring rank `rank`: whole K blocks of P where there are enough of them.
std::pair<std::uint32_t, std::uint32_t> k_range(std::uint32_t k, std::uint32_t p, std::uint32_t ranks,
                                                std::uint32_t rank) {
  const std::uint32_t unit = k / p >= ranks ? p : 1, units = ceil_div(k, unit);
  return {std::min(k, split(units, ranks, rank) * unit), std::min(k, split(units, ranks, rank + 1) * unit)};
}

void put16(std::vector<std::uint8_t>& bytes, std::uint64_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value);
  bytes[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

// Addresses of the operands and the result in a tile's HBM; the K-major copy of A is the loader's layout choice.
void place(const Config& cfg, Share& share, const MatmulJob& job) {
  auto& g = share.gemm;
  g.m = share.m1 - share.m0, g.n = share.n1 - share.n0, g.k = share.k1 - share.k0;
  const bool term = job.ranks.size() > 1;  // the ring walks a term as one flat FP32 vector
  g.out = term ? isa::Dtype::kFp32 : job.variant.out;
  g.lda = kernels::row_stride(cfg, g.m * 2ULL);
  g.ldb = kernels::row_stride(cfg, g.n * 2ULL);
  g.ldc = term ? g.n * 4ULL : kernels::row_stride(cfg, std::uint64_t{g.n} * job.c_bytes());
  share.ldc = term && job.variant.out == isa::Dtype::kFp32
                  ? g.ldc
                  : kernels::row_stride(cfg, std::uint64_t{g.n} * job.c_bytes());
  g.a = 0;
  g.b = round_up(g.a + g.k * g.lda, 4096);
  g.c = round_up(g.b + g.k * g.ldb, 4096);
}

void place_operands(const Share& share, const MatmulJob& job, std::span<const std::uint16_t> a,
                    std::span<const std::uint16_t> b, isa::TileCode& tile) {
  const auto& g = share.gemm;
  std::vector<std::uint8_t> ka(g.k * g.lda), kb(g.k * g.ldb);
  for (std::uint32_t row = 0; row < g.m; ++row) {
    for (std::uint32_t i = 0; i < g.k; ++i) {
      put16(ka, i * g.lda + row * 2ULL, a[(share.m0 + std::uint64_t{row}) * job.k + share.k0 + i]);
    }
  }
  for (std::uint32_t i = 0; i < g.k; ++i) {
    for (std::uint32_t col = 0; col < g.n; ++col) {
      put16(kb, i * g.ldb + col * 2ULL, b[(share.k0 + std::uint64_t{i}) * job.n + share.n0 + col]);
    }
  }
  tile.hbm(g.a, std::move(ka));
  tile.hbm(g.b, std::move(kb));
}

// The ring over all terms: waits for the local term and adds round the ring. The sum leaves SBUF, or is cast, chunk by
// chunk as soon as it is complete, beside the ring.
void reduce(const Config& cfg, MatmulJob& job, const std::vector<kernels::GemmCounts>& counts) {
  const auto& first = job.shares[job.tile_of(job.ranks[0])];
  kernels::RingBuffer buffer;
  buffer.elems = std::uint64_t{job.m} * job.n;
  buffer.segment_bytes = cfg.dma_segment_bytes;
  if (job.ring_in_sbuf) {
    buffer.space = isa::Space::kSbuf;
    buffer.row_elems = job.n;
    buffer.row_step = 1U << kernels::kPartitionShift;
  } else {
    buffer.base = first.gemm.c;  // the same on every rank
    buffer.row_elems = buffer.elems;
  }
  const auto ranks = static_cast<std::uint32_t>(job.ranks.size());
  std::vector<kernels::RingStart> start(ranks);
  for (std::uint32_t r = 0; r < ranks; ++r) {
    const auto& count = counts[job.tile_of(job.ranks[r])];
    job.chunks.push_back(kernels::ring_chunk(buffer, ranks, r));
    if (!job.ring_in_sbuf) {
      start[r].emplace_back(sem::kStored, count.output_blocks);
      continue;
    }
    for (std::uint32_t e = 0; e < 2; ++e) {
      if (count.evacuated[e] != 0) start[r].emplace_back(sem::kEvacuated + e, count.evacuated[e]);
    }
  }
  const kernels::RingOptions options;
  kernels::emit_ring_all_reduce(buffer, options, job.ranks, start, job.program);
  if (!job.ring_in_sbuf && job.variant.out == isa::Dtype::kFp32) return;  // it stands where it belongs
  buffer.row_elems = job.n;
  if (!job.ring_in_sbuf) buffer.row_step = job.n * 4ULL;
  for (std::uint32_t r = 0; r < ranks; ++r) {
    isa::TileCode& tile = job.program.tile(job.ranks[r]);
    auto& queue = tile.queue(kernels::queue::kStore);
    for (const auto& done : kernels::complete_chunks(ranks, r, options.pieces)) {
      bool first_part = true;
      for (const auto& part :
           kernels::flat_parts(buffer, job.chunks[done.chunk].first, job.chunks[done.chunk].second)) {
        const std::uint64_t row = part.first / job.n, col = part.first % job.n;
        isa::Desc d = tile.local();
        d.dst_dtype = static_cast<std::uint32_t>(job.variant.out);
        d.row_elems = static_cast<std::uint32_t>(part.row_elems);
        d.num1 = part.rows;
        d.src_space = static_cast<std::uint32_t>(buffer.space);
        d.src_addr = buffer.base + row * buffer.row_step + col * 4;
        d.src_step1 = static_cast<std::uint32_t>(buffer.row_step);
        d.dst_addr = first.c + row * first.ldc + col * job.c_bytes();
        d.dst_step1 = static_cast<std::uint32_t>(first.ldc);
        if (first_part) kernels::wait_ge(d, sem::kReceived, done.received);
        first_part = false;
        queue.push(d);
      }
    }
  }
}

}  // namespace

MatmulJob build_matmul(const Config& cfg, std::uint32_t width, std::uint32_t height, const MatmulVariant& variant,
                       std::uint32_t m, std::uint32_t n, std::uint32_t k, std::span<const std::uint16_t> a,
                       std::span<const std::uint16_t> b) {
  MatmulJob job;
  job.width = width, job.height = height;
  job.m = m, job.n = n, job.k = k, job.variant = variant;
  job.program = isa::ProgramBuilder(width, height);
  job.shares.resize(std::size_t{width} * height);
  std::vector<kernels::GemmCounts> counts(job.shares.size());
  if (variant.shard == Shard::kK) {
    job.ranks = kernels::ring_tour(width, height);
    job.ranks.resize(std::min<std::size_t>(job.ranks.size(), k));  // a tile without a term takes no part
    for (std::uint32_t r = 0; r < job.ranks.size(); ++r) {
      auto& share = job.shares[job.ranks[r].y * width + job.ranks[r].x];
      const auto [k0, k1] = k_range(k, cfg.partitions, static_cast<std::uint32_t>(job.ranks.size()), r);
      share = {0, m, 0, n, k0, k1, {}};
    }
  } else {
    for (std::uint32_t t = 0; t < job.shares.size(); ++t) {
      const std::uint32_t x = t % width, y = t / width;
      job.shares[t] = {
          split(m, height, y), split(m, height, y + 1), split(n, width, x), split(n, width, x + 1), 0, k, {}};
    }
  }
  job.ring_in_sbuf = job.ranks.size() > 1 && kernels::gemm_fits_sbuf(cfg, m, n);
  for (auto& share : job.shares) {
    if (share.empty()) continue;
    place(cfg, share, job);
    job.result_end = std::max(job.result_end, share.gemm.c);
  }
  for (std::uint32_t t = 0; t < job.shares.size(); ++t) {
    auto& share = job.shares[t];
    if (share.empty()) continue;
    share.gemm.c = share.c = job.result_end;  // the same address on every tile
    if (job.ranks.size() > 1 && !job.ring_in_sbuf && variant.out != isa::Dtype::kFp32) {
      share.c = round_up(share.gemm.c + share.gemm.m * share.gemm.ldc, 4096);  // behind the FP32 term
    }
    share.gemm.keep_c_in_sbuf = job.ring_in_sbuf;
    isa::TileCode& tile = job.program.tile(t);
    place_operands(share, job, a, b, tile);
    counts[t] = variant.residence == Residence::kSbuf ? kernels::emit_gemm_resident(cfg, share.gemm, tile)
                                                      : kernels::emit_gemm(cfg, share.gemm, tile);
    job.hbm_operand_read_bytes += counts[t].hbm_read_bytes;
  }
  if (job.ranks.size() > 1) reduce(cfg, job, counts);
  for (const auto& share : job.shares)
    job.result_end = std::max(job.result_end, share.c + std::uint64_t{share.gemm.m} * share.ldc);
  job.program.seal();
  job.result_end = round_up(job.result_end, 4096);
  return job;
}

bool fits_resident(const Config& cfg, std::uint32_t width, std::uint32_t height, std::uint32_t m, std::uint32_t n,
                   std::uint32_t k) {
  kernels::GemmShape largest;
  largest.m = ceil_div(m, height), largest.n = ceil_div(n, width), largest.k = k;
  return kernels::gemm_fits_resident(cfg, largest);
}

WordPlace locate(const MatmulJob& job, std::uint32_t row, std::uint32_t col) {
  for (std::uint32_t t = 0; t < job.shares.size(); ++t) {
    const auto& s = job.shares[t];
    if (s.empty() || row < s.m0 || row >= s.m1 || col < s.n0 || col >= s.n1) continue;
    return {t, s.c + (row - s.m0) * s.ldc + (col - s.n0) * std::uint64_t{job.c_bytes()}};
  }
  return {0, 0};
}

std::string reduction_order_json(const Config& cfg, const MatmulJob& job) {
  const auto blocks = [&](std::uint32_t k0, std::uint32_t k1) {
    std::string text = "[";
    for (std::uint32_t at = k0; at < k1; at += cfg.partitions) {
      text +=
          (at == k0 ? "[" : ",[") + std::to_string(at) + "," + std::to_string(std::min(k1, at + cfg.partitions)) + "]";
    }
    return text + "]";
  };
  if (job.ranks.size() < 2) {
    return "[{\"elements\":[0," + std::to_string(std::uint64_t{job.m} * job.n) + "],\"terms\":[" + blocks(0, job.k) +
           "]}]";
  }
  std::string text = "[";
  const std::size_t n = job.ranks.size();
  for (std::size_t c = 0; c < n; ++c) {
    const auto [e0, e1] = job.chunks[c];
    if (e0 == e1) continue;
    text += (text.size() > 1 ? "," : "") + std::string("{\"elements\":[") + std::to_string(e0) + "," +
            std::to_string(e1) + "],\"terms\":[";
    for (std::size_t i = 0; i < n; ++i) {
      const Coord at = job.ranks[(c + i) % n];
      const auto& s = job.shares[job.tile_of(at)];
      text += (i > 0 ? "," : "") + blocks(s.k0, s.k1);
    }
    text += "]}";
  }
  return text + "]";
}

}  // namespace tessera::workloads
