// SPDX-License-Identifier: Apache-2.0
#include "kernels/ring.hpp"

#include <algorithm>

namespace tessera::kernels {
namespace {

constexpr std::uint64_t kMaxRow = 1U << 20;  // elements of one descriptor row
constexpr std::uint32_t kMaxRows = 0xffff;   // num1 is 16 bits

using isa::elem_bytes;

// Columns 1 .. width-1 of rows [0, rows) as a snake, then whatever `tail` adds, then column 0 upwards.
void snake(std::uint32_t width, std::uint32_t rows, std::vector<Coord>& tour) {
  for (std::uint32_t y = 0; y < rows; ++y) {
    for (std::uint32_t i = 1; i < width; ++i) tour.push_back({y % 2 == 0 ? i : width - i, y});
  }
}

}  // namespace

std::vector<Coord> ring_tour(std::uint32_t width, std::uint32_t height) {
  std::vector<Coord> tour;
  if (width == 1 || height == 1) {
    for (std::uint32_t i = 0; i < width * height; ++i) tour.push_back(width == 1 ? Coord{0, i} : Coord{i, 0});
    return tour;
  }
  if (height % 2 != 0 && width % 2 == 0) {  // the transposed problem has an even height
    for (const Coord& c : ring_tour(height, width)) tour.push_back({c.y, c.x});
    return tour;
  }
  tour.push_back({0, 0});
  if (height % 2 == 0) {
    snake(width, height, tour);
    for (std::uint32_t y = height - 1; y > 0; --y) tour.push_back({0, y});
    return tour;
  }
  // Odd x odd: an odd number of snaking rows ends on the right; the last two rows go home in vertical zigzags.
  snake(width, height - 2, tour);
  for (std::uint32_t i = 1; i < width; ++i) {
    const std::uint32_t x = width - i, top = height - 2, bottom = height - 1;
    const bool down = i % 2 != 0;
    tour.push_back({x, down ? top : bottom});
    if (x == 1) tour.push_back({0, bottom});  // the corner: one hop there, two hops (X, then Y) back to (1, top)
    tour.push_back({x, down ? bottom : top});
  }
  for (std::uint32_t y = height - 2; y > 0; --y) tour.push_back({0, y});
  return tour;
}

std::pair<std::uint64_t, std::uint64_t> ring_chunk(const RingBuffer& buffer, std::uint32_t ranks, std::uint32_t index) {
  // Chunks start at whole segments where that costs little balance.
  const std::uint64_t unit = buffer.segment_bytes / elem_bytes(buffer.dtype);
  const std::uint64_t align = buffer.elems >= 8 * unit * ranks ? unit : 1;
  const auto edge = [&](std::uint64_t i) {
    return i == ranks ? buffer.elems : buffer.elems * i / ranks / align * align;
  };
  return {edge(index), edge(index + 1ULL)};
}

std::vector<FlatPart> flat_parts(const RingBuffer& buffer, std::uint64_t e0, std::uint64_t e1) {
  std::vector<FlatPart> parts;
  while (e0 < e1) {
    const std::uint64_t in_row = e0 % buffer.row_elems;
    std::uint64_t len = std::min(buffer.row_elems - in_row, e1 - e0);
    std::uint32_t rows = 1;
    if (in_row == 0 && len == buffer.row_elems && len <= kMaxRow) {
      rows = static_cast<std::uint32_t>(std::min<std::uint64_t>((e1 - e0) / len, kMaxRows));
    }
    len = std::min(len, kMaxRow);
    parts.push_back({e0, len, rows});
    e0 += len * rows;
  }
  return parts;
}

namespace {

class RankProgram {
 public:
  RankProgram(const RingBuffer& buffer, Coord here, Coord next, isa::QueueCode& queue)
      : b_(buffer), here_(here), next_(next), queue_(queue) {}

  // Sends elements [e0, e1) to the next rank when semaphore `wait` has reached `value` (0: at once); an empty range
  // sends the update only.
  void send(std::uint64_t e0, std::uint64_t e1, isa::DmaOp op, std::uint32_t wait, std::uint32_t value) {
    auto parts = flat_parts(b_, e0, e1);
    if (parts.empty()) parts.push_back({e0, 0, 1});
    for (std::size_t i = 0; i < parts.size(); ++i) {
      isa::Desc d = row_copy(parts[i], op);
      if (i == 0 && value > 0) wait_ge(d, wait, value);
      if (i + 1 == parts.size()) then_inc_at(d, next_, sem::kReceived);
      queue_.push(d);
    }
  }
  // Waits for `start`, then tells `previous`, if there is one, that it may add to this rank. The last wait carries the
  // update itself, for every descriptor less starts the ring earlier.
  void begin(const RingStart& start, const Coord* previous) {
    for (std::size_t i = 0; i < start.size(); ++i) {
      isa::Desc wait;
      wait_ge(wait, start[i].first, start[i].second);
      if (previous != nullptr && i + 1 == start.size()) then_inc_at(wait, *previous, sem::kNeighbourReady);
      queue_.push(wait);
    }
  }

 private:
  isa::Desc row_copy(const FlatPart& part, isa::DmaOp op) const {
    isa::Desc d;
    d.op = static_cast<std::uint32_t>(op);
    d.src_dtype = d.dst_dtype = static_cast<std::uint32_t>(b_.dtype);
    d.row_elems = static_cast<std::uint32_t>(part.row_elems);
    d.src_x = here_.x, d.src_y = here_.y, d.dst_x = next_.x, d.dst_y = next_.y;
    d.src_space = d.dst_space = static_cast<std::uint32_t>(b_.space);
    const std::uint64_t row = b_.row_elems == 0 ? 0 : part.first / b_.row_elems;
    const std::uint64_t col = b_.row_elems == 0 ? 0 : part.first % b_.row_elems;
    d.src_addr = d.dst_addr = b_.base + row * b_.row_step + col * elem_bytes(b_.dtype);
    d.num1 = part.rows;
    d.src_step1 = d.dst_step1 = static_cast<std::uint32_t>(b_.row_step);
    return d;
  }

  const RingBuffer& b_;
  Coord here_, next_;
  isa::QueueCode& queue_;
};

}  // namespace

std::vector<CompleteChunk> complete_chunks(std::uint32_t ranks, std::uint32_t rank, std::uint32_t pieces) {
  std::vector<CompleteChunk> order;
  for (std::uint32_t i = 0; i < ranks; ++i) order.push_back({(rank + 1 + ranks - i) % ranks, (ranks - 1 + i) * pieces});
  return order;
}

std::uint32_t emit_ring_all_reduce(const RingBuffer& buffer, const RingOptions& options, const std::vector<Coord>& tour,
                                   const std::vector<RingStart>& start, isa::ProgramBuilder& program) {
  const auto n = static_cast<std::uint32_t>(tour.size());
  if (n < 2 && start.empty()) return 0;
  const std::uint32_t pieces = std::max(options.pieces, 1U);
  const std::uint64_t unit = buffer.segment_bytes / elem_bytes(buffer.dtype);
  for (std::uint32_t r = 0; r < n; ++r) {
    const Coord here = tour[r], next = tour[(r + 1) % n], previous = tour[(r + n - 1) % n];
    RankProgram rank(buffer, here, next, program.tile(here).queue(queue::kRing));
    if (!start.empty()) rank.begin(start[r], n > 1 ? &previous : nullptr);
    for (std::uint32_t t = 0; t < 2 * (n - 1); ++t) {
      const bool reduce = t < n - 1;
      const std::uint32_t chunk = (r + (reduce ? 0 : 1) + n - (reduce ? t : t - (n - 1)) % n) % n;
      const auto [c0, c1] = ring_chunk(buffer, n, chunk);
      for (std::uint32_t j = 0; j < pieces; ++j) {
        const auto edge = [&, first = c0, last = c1](std::uint64_t i) {
          const std::uint64_t at = first + (last - first) * i / pieces;
          return i == 0 ? first : i == pieces ? last : std::max(first, at / unit * unit);
        };
        const auto op = reduce ? options.op : isa::DmaOp::kWrite;
        if (t > 0) {
          rank.send(edge(j), edge(j + 1ULL), op, sem::kReceived, (t - 1) * pieces + j + 1);
        } else {
          rank.send(edge(j), edge(j + 1ULL), op, sem::kNeighbourReady, !start.empty() && j == 0 ? 1 : 0);
        }
      }
    }
  }
  return 2 * (n - 1) * pieces;
}

}  // namespace tessera::kernels
