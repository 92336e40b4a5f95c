// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/gemm.hpp"

namespace tessera::kernels {
namespace {

constexpr std::uint32_t kTailColumns = 64;  // the last block is finished and copied in pieces of this size

// Where everything stands in a partition: K blocks of A, then of B, then M blocks of C.
struct Layout {
  Layout(const Config& cfg, const GemmShape& shape) {
    a_row = static_cast<std::uint32_t>(row_stride(cfg, shape.m * 2ULL));
    b_row = static_cast<std::uint32_t>(row_stride(cfg, shape.n * 2ULL));
    c_row = static_cast<std::uint32_t>(row_stride(cfg, shape.n * 4ULL));
    k_blocks = ceil_div(shape.k, cfg.partitions), m_blocks = ceil_div(shape.m, cfg.partitions);
    b_base = k_blocks * a_row;
    c_base = b_base + k_blocks * b_row;
  }
  [[nodiscard]] std::uint64_t bytes() const { return c_base + std::uint64_t{m_blocks} * c_row; }

  std::uint32_t a_row, b_row, c_row;  // bytes of one block in a partition
  std::uint32_t k_blocks, m_blocks, b_base, c_base;
};

class Emitter {
 public:
  Emitter(const Config& cfg, const GemmShape& shape, isa::TileCode& tile)
      : s_(shape), tile_(tile), p_(cfg.partitions), at_(cfg, shape) {}

  GemmCounts run() {
    if (s_.m == 0 || s_.n == 0 || s_.k == 0) return counts_;
    stage();
    for (std::uint32_t n0 = 0; n0 < s_.n; n0 += kColumns) {
      for (std::uint32_t mb = 0; mb < at_.m_blocks; ++mb) block(mb, n0, std::min(kColumns, s_.n - n0));
    }
    store();
    return counts_;
  }

 private:
  [[nodiscard]] std::uint32_t k_rows(std::uint32_t kb) const { return std::min(p_, s_.k - kb * p_); }

  void stage() {
    for (std::uint32_t kb = 0; kb < at_.k_blocks; ++kb) {
      const std::uint64_t k0 = std::uint64_t{kb} * p_;
      load(queue::kLoadA, s_.a + k0 * s_.lda, s_.lda, kb, s_.m, kb * at_.a_row);
      load(queue::kLoadB[0], s_.b + k0 * s_.ldb, s_.ldb, kb, s_.n, at_.b_base + kb * at_.b_row);
    }
    auto ready = instr(isa::Opcode::kNop);
    push(isa::Engine::kPe, wait_ge(ready, sem::kStaged, 2));
  }

  // Rows of K block `kb`; the last block tells PE that the operand is complete.
  void load(unsigned queue, std::uint64_t from, std::uint64_t stride, std::uint32_t kb, std::uint32_t elems,
            std::uint32_t to) {
    const std::uint32_t rows = k_rows(kb);
    isa::Desc d = tile_.local();
    d.src_dtype = d.dst_dtype = static_cast<std::uint32_t>(isa::Dtype::kBf16);
    d.row_elems = elems;
    d.src_space = static_cast<std::uint32_t>(isa::Space::kHbm);
    d.dst_space = static_cast<std::uint32_t>(isa::Space::kSbuf);
    d.src_addr = from, d.dst_addr = to;
    d.num1 = rows;
    d.src_step1 = static_cast<std::uint32_t>(stride), d.dst_step1 = 1U << kPartitionShift;
    if (kb + 1 == at_.k_blocks) then_inc(d, sem::kStaged);
    tile_.queue(queue).push(d);
    counts_.hbm_read_bytes += std::uint64_t{rows} * elems * 2;
  }

  // One output block: all of K into one PSUM bank; the bank's previous result must have left.
  void block(std::uint32_t mb, std::uint32_t n0, std::uint32_t n_len) {
    const std::uint32_t cols = std::min(p_, s_.m - mb * p_), bank = block_index_ % kPsumBanks;
    const bool very_last = mb + 1 == at_.m_blocks && n0 + n_len == s_.n;
    if (block_index_ >= kPsumBanks) {
      auto nop = instr(isa::Opcode::kNop);
      const std::uint32_t user = block_index_ - kPsumBanks;
      push(isa::Engine::kPe, wait_ge(nop, sem::kEvacuated + user % 2, user / 2 + 1));
    }
    ++block_index_;
    for (std::uint32_t kb = 0; kb < at_.k_blocks; ++kb) {
      auto w = instr(isa::Opcode::kLdweights);
      w.nparts = k_rows(kb);
      w.src0 = operand(isa::Space::kSbuf, isa::Dtype::kBf16, 0, kb * at_.a_row + mb * p_ * 2, {{1, cols}});
      push(isa::Engine::kPe, w);
      const bool completes = kb + 1 == at_.k_blocks;
      const std::uint32_t step = very_last && completes ? kTailColumns : kColumns;
      for (std::uint32_t n = 0; n < n_len; n += step) {
        const std::uint32_t len = std::min(step, n_len - n);
        auto mm = instr(isa::Opcode::kMatmul);
        mm.nparts = k_rows(kb), mm.imm0 = cols, mm.flags = kb == 0 ? 0 : 1;
        mm.src0 =
            operand(isa::Space::kSbuf, isa::Dtype::kBf16, 0, at_.b_base + kb * at_.b_row + (n0 + n) * 2, {{1, len}});
        mm.dst = operand(isa::Space::kPsum, isa::Dtype::kFp32, 0, bank * kBankBytes + n * 4, {{1, len}});
        if (completes) then_inc(mm, sem::kSummed + counts_.output_blocks % 2);
        push(isa::Engine::kPe, mm);
        ++counts_.matmuls;
        if (completes) evacuate(mb, bank, n0, n, len, cols);
      }
    }
  }

  void evacuate(std::uint32_t mb, std::uint32_t bank, std::uint32_t n0, std::uint32_t n, std::uint32_t len,
                std::uint32_t rows) {
    const std::uint32_t output = counts_.output_blocks++;
    const bool act = output % 2 != 0;
    auto copy = instr(act ? isa::Opcode::kActivate : isa::Opcode::kTensorCopy);
    copy.nparts = rows;
    if (act) copy.imm0 = 0x3f800000, copy.imm1 = 0x80000000, copy.scalar_en = 1;  // x * 1 + -0
    copy.src0 = operand(isa::Space::kPsum, isa::Dtype::kFp32, 0, bank * kBankBytes + n * 4, {{1, len}});
    copy.dst = operand(isa::Space::kSbuf, isa::Dtype::kFp32, 0, at_.c_base + mb * at_.c_row + (n0 + n) * 4, {{1, len}});
    wait_ge(copy, sem::kSummed + output % 2, output / 2 + 1);
    push(act ? isa::Engine::kAct : isa::Engine::kDve, then_inc(copy, sem::kEvacuated + output % 2));
    ++counts_.evacuated[output % 2];
  }

  // C back to HBM when all of it is complete.
  void store() {
    for (std::uint32_t e = 0; e < 2; ++e) {
      if (counts_.evacuated[e] == 0) continue;
      isa::Desc done = tile_.local();
      tile_.queue(queue::kStore).push(wait_ge(done, sem::kEvacuated + e, counts_.evacuated[e]));
    }
    for (std::uint32_t mb = 0; mb < at_.m_blocks; ++mb) {
      isa::Desc d = tile_.local();
      d.row_elems = s_.n;
      d.src_space = static_cast<std::uint32_t>(isa::Space::kSbuf);
      d.dst_space = static_cast<std::uint32_t>(isa::Space::kHbm);
      d.src_addr = at_.c_base + mb * at_.c_row;
      d.dst_addr = s_.c + std::uint64_t{mb} * p_ * s_.ldc;
      d.num1 = std::min(p_, s_.m - mb * p_);
      d.src_step1 = 1U << kPartitionShift, d.dst_step1 = static_cast<std::uint32_t>(s_.ldc);
      tile_.queue(queue::kStore).push(d);
      counts_.hbm_write_bytes += std::uint64_t{d.num1} * s_.n * 4;
    }
  }

  void push(isa::Engine engine, const isa::Instr& i) { tile_.engine(engine).push(i); }

  const GemmShape& s_;
  isa::TileCode& tile_;
  std::uint32_t p_;
  Layout at_;
  std::uint32_t block_index_ = 0;
  GemmCounts counts_;
};

}  // namespace

bool gemm_fits_resident(const Config& cfg, const GemmShape& shape) {
  return Layout(cfg, shape).bytes() <= cfg.sbuf_bytes_per_partition;
}

GemmCounts emit_gemm_resident(const Config& cfg, const GemmShape& shape, isa::TileCode& tile) {
  return Emitter(cfg, shape, tile).run();
}

}  // namespace tessera::kernels
