// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm.hpp"

#include <algorithm>

namespace tessera::kernels {
namespace {

constexpr std::uint32_t kGroupBlocks =
    4;                              // output blocks summed at once: half of the PSUM banks, the other half drains
constexpr std::uint32_t kRing = 4;  // result blocks that wait in SBUF for their store; less where it is small
constexpr std::uint32_t kTailColumns = 128;  // the last block leaves PSUM in pieces of this size while PE finishes it

std::uint32_t sbuf_row(const Config& cfg, std::uint32_t n) {
  return static_cast<std::uint32_t>(round_up(n * 4ULL, cfg.dma_segment_bytes));
}

// Bytes per partition of one K block of A and B.
std::uint32_t block_bytes(std::uint32_t p, std::uint32_t columns) { return kGroupBlocks * p * 2 + columns * 2; }

// One stage: a group of up to four M blocks x one N block x one K chunk, with the buffers it reads.
struct Stage {
  std::uint32_t m0, m_len, n0, n_len, kb0, kb_len;
  std::uint32_t a_buffer, b_buffer;
  bool loads_b, frees_b, first_chunk, last_chunk;
};

class Emitter {
 public:
  Emitter(const Config& cfg, const GemmShape& shape, isa::TileCode& tile) : s_(shape), tile_(tile), p_(cfg.partitions) {
    const auto c_size = [&] { return shape.keep_c_in_sbuf ? sbuf_row(cfg, shape.n) : ring_ * columns_ * 4; };
    const auto fits = [&] { return c_size() + 2 * block_bytes(p_, columns_) <= cfg.sbuf_bytes_per_partition; };
    while (!fits() && ring_ > 2) ring_ /= 2;
    while (!fits() && columns_ > 1) columns_ /= 2;
    const std::uint32_t c_bytes = c_size(), room = (cfg.sbuf_bytes_per_partition - c_bytes) / 2;
    chunk_ = std::clamp(room / block_bytes(p_, columns_), 1U, ceil_div(std::max(shape.k, 1U), p_));
    a_bytes_ = chunk_ * kGroupBlocks * p_ * 2;
    a_base_ = c_bytes;
    b_base_ = a_base_ + 2 * a_bytes_;
  }

  GemmCounts run() {
    if (s_.m == 0 || s_.n == 0 || s_.k == 0) return counts_;
    plan();
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      load(stages_[i]);
      multiply(stages_[i], i + 1 == stages_.size());
    }
    return counts_;
  }

 private:
  void plan() {
    const std::uint32_t k_blocks = ceil_div(s_.k, p_), group = kGroupBlocks * p_;
    std::uint32_t a_loads = 0, b_loads = 0;
    for (std::uint32_t n0 = 0; n0 < s_.n; n0 += columns_) {
      for (std::uint32_t m0 = 0; m0 < s_.m; m0 += group) {
        for (std::uint32_t kb = 0; kb < k_blocks; kb += chunk_) {
          Stage st{};
          st.m0 = m0, st.m_len = std::min(group, s_.m - m0);
          st.n0 = n0, st.n_len = std::min(columns_, s_.n - n0);
          st.kb0 = kb, st.kb_len = std::min(chunk_, k_blocks - kb);
          st.first_chunk = kb == 0, st.last_chunk = kb + st.kb_len == k_blocks;
          // With one chunk, the B block of these columns stays for all groups of rows.
          st.loads_b = k_blocks > chunk_ || m0 == 0;
          st.frees_b = k_blocks > chunk_ || m0 + group >= s_.m;
          st.a_buffer = a_loads++;
          st.b_buffer = st.loads_b ? b_loads++ : b_loads - 1;
          stages_.push_back(st);
        }
      }
    }
  }

  [[nodiscard]] std::uint32_t k_rows(std::uint32_t kb) const { return std::min(p_, s_.k - kb * p_); }
  [[nodiscard]] std::uint32_t a_at(const Stage& st, std::uint32_t kb) const {
    return a_base_ + (st.a_buffer % 2) * a_bytes_ + kb * kGroupBlocks * p_ * 2;
  }
  [[nodiscard]] std::uint32_t b_at(const Stage& st, std::uint32_t kb) const {
    return b_base_ + (st.b_buffer % 2) * chunk_ * columns_ * 2 + kb * columns_ * 2;
  }

  // One descriptor: `rows` rows of `elems` BF16 from HBM, row i to partition i.
  isa::Desc rows_to_sbuf(std::uint64_t from, std::uint64_t stride, std::uint32_t rows, std::uint32_t elems,
                         std::uint64_t to) const {
    isa::Desc d = tile_.local();
    d.src_dtype = d.dst_dtype = static_cast<std::uint32_t>(isa::Dtype::kBf16);
    d.row_elems = elems;
    d.src_space = static_cast<std::uint32_t>(isa::Space::kHbm);
    d.dst_space = static_cast<std::uint32_t>(isa::Space::kSbuf);
    d.src_addr = from;
    d.dst_addr = to;
    d.num1 = rows;
    d.src_step1 = static_cast<std::uint32_t>(stride);
    d.dst_step1 = 1U << kPartitionShift;
    return d;
  }

  void push(unsigned queue, const isa::Desc& d) { tile_.queue(queue).push(d); }
  void push(isa::Engine engine, const isa::Instr& i) { tile_.engine(engine).push(i); }

  void load(const Stage& st) {
    for (std::uint32_t i = 0; i < st.kb_len; ++i) {
      const std::uint32_t kb = st.kb0 + i, rows = k_rows(kb);
      const std::uint64_t k0 = std::uint64_t{kb} * p_;
      auto a = rows_to_sbuf(s_.a + k0 * s_.lda + st.m0 * 2ULL, s_.lda, rows, st.m_len, a_at(st, i));
      if (st.a_buffer >= 2) wait_ge(a, sem::kAFree, st.a_buffer - 1);
      push(queue::kLoadA, then_inc(a, sem::kALoaded));
      counts_.hbm_read_bytes += std::uint64_t{rows} * st.m_len * 2;
      if (!st.loads_b) continue;
      for (std::uint32_t half = 0; half < 2; ++half) {
        const std::uint32_t first = half == 0 ? 0 : (rows + 1) / 2, count = half == 0 ? (rows + 1) / 2 : rows / 2;
        if (count == 0) continue;
        auto b = rows_to_sbuf(s_.b + (k0 + first) * s_.ldb + st.n0 * 2ULL, s_.ldb, count, st.n_len,
                              std::uint64_t{first} << kPartitionShift | b_at(st, i));
        if (st.b_buffer >= 2) wait_ge(b, sem::kBFree, st.b_buffer - 1);
        push(queue::kLoadB[half], then_inc(b, sem::kBLoaded + half));
      }
      counts_.hbm_read_bytes += std::uint64_t{rows} * st.n_len * 2;
    }
  }

  void multiply(const Stage& st, bool last_stage) {
    const std::uint32_t blocks = ceil_div(st.m_len, p_);
    if (st.first_chunk) {
      first_output_ = counts_.output_blocks;
      first_bank_ = group_index_++ % 2 * kGroupBlocks;
    }
    // Rows of blocks outside, K blocks inside would finish results one by one; inside out lets loads trickle in.
    // The last stage has everything loaded ahead, so it finishes its blocks one by one to shorten the tail.
    const std::uint32_t outer = last_stage ? blocks : st.kb_len, inner = last_stage ? st.kb_len : blocks;
    for (std::uint32_t o = 0; o < outer; ++o) {
      for (std::uint32_t i = 0; i < inner; ++i) {
        const std::uint32_t mb = last_stage ? o : i, kb = last_stage ? i : o;
        one_matmul(st, mb, kb, last_stage && mb + 1 == blocks && kb + 1 == st.kb_len);
      }
    }
    a_done_ += st.kb_len;
    auto free_a = instr(isa::Opcode::kNop);
    push(isa::Engine::kPe, then_inc(free_a, sem::kAFree));
    if (!st.frees_b) return;
    auto free_b = instr(isa::Opcode::kNop);
    push(isa::Engine::kPe, then_inc(free_b, sem::kBFree));
    b_done_[0] += st.kb_len;
    for (std::uint32_t kb = 0; kb < st.kb_len; ++kb) b_done_[1] += k_rows(st.kb0 + kb) > 1 ? 1 : 0;
  }

  // `very_last`: nothing follows, so the block is finished and taken out of PSUM in pieces.
  void one_matmul(const Stage& st, std::uint32_t mb, std::uint32_t kb, bool very_last) {
    const std::uint32_t cols = std::min(p_, st.m_len - mb * p_), rows = k_rows(st.kb0 + kb);
    const bool first = st.first_chunk && kb == 0, completes = st.last_chunk && kb + 1 == st.kb_len;
    if (first && bank_user(mb) != kNone) {  // the bank's previous result must have left
      auto nop = instr(isa::Opcode::kNop);
      const std::uint32_t user = bank_user(mb);
      push(isa::Engine::kPe, wait_ge(nop, sem::kEvacuated + user % 2, user / 2 + 1));
    }
    if (first) user_[first_bank_ + mb] = first_output_ + mb;
    if (mb == 0 && rows > 1) {  // the upper half of B; its lower half is waited for by the MATMUL
      auto nop = instr(isa::Opcode::kNop);
      push(isa::Engine::kPe, wait_ge(nop, sem::kBLoaded + 1, b_done_[1] + kb + 1));
    }
    auto w = instr(isa::Opcode::kLdweights);
    w.nparts = rows;
    w.src0 = operand(isa::Space::kSbuf, isa::Dtype::kBf16, 0, a_at(st, kb) + mb * p_ * 2, {{1, cols}});
    push(isa::Engine::kPe, wait_ge(w, sem::kALoaded, a_done_ + kb + 1));
    const std::uint32_t step = very_last ? std::min(kTailColumns, columns_) : columns_;
    for (std::uint32_t n = 0; n < st.n_len; n += step) {
      const std::uint32_t len = std::min(step, st.n_len - n);
      auto mm = instr(isa::Opcode::kMatmul);
      mm.nparts = rows;
      mm.imm0 = cols;
      mm.flags = first ? 0 : 1;
      mm.src0 = operand(isa::Space::kSbuf, isa::Dtype::kBf16, 0, b_at(st, kb) + n * 2, {{1, len}});
      mm.dst = operand(isa::Space::kPsum, isa::Dtype::kFp32, 0, (first_bank_ + mb) * kBankBytes + n * 4, {{1, len}});
      wait_ge(mm, sem::kBLoaded, b_done_[0] + kb + 1);
      if (completes) then_inc(mm, sem::kSummed + counts_.output_blocks % 2);
      push(isa::Engine::kPe, mm);
      counts_.matmuls += 1;
      if (completes) evacuate(st, mb, n, len);
    }
  }

  // Columns [n, n + len) of a result block from PSUM to SBUF on DVE (even pieces) or ACT (odd), then to HBM.
  void evacuate(const Stage& st, std::uint32_t mb, std::uint32_t n, std::uint32_t len) {
    const std::uint32_t output = counts_.output_blocks, rows = std::min(p_, st.m_len - mb * p_);
    const bool act = output % 2 != 0;
    const auto engine = act ? isa::Engine::kAct : isa::Engine::kDve;
    if (!s_.keep_c_in_sbuf && output >= ring_) {
      auto nop = instr(isa::Opcode::kNop);
      push(engine, wait_ge(nop, sem::kStored, output - ring_ + 1));
    }
    auto copy = instr(act ? isa::Opcode::kActivate : isa::Opcode::kTensorCopy);
    copy.nparts = rows;
    if (act) copy.imm0 = 0x3f800000, copy.imm1 = 0x80000000, copy.scalar_en = 1;  // x * 1 + -0 keeps every non-NaN bit
    const auto type = s_.keep_c_in_sbuf ? isa::Dtype::kFp32 : s_.out;
    const std::uint32_t size = isa::elem_bytes(static_cast<std::uint32_t>(type));
    const std::uint32_t at = s_.keep_c_in_sbuf ? (st.n0 + n) * 4 : (output % ring_) * columns_ * 4;
    copy.src0 = operand(isa::Space::kPsum, isa::Dtype::kFp32, 0, (first_bank_ + mb) * kBankBytes + n * 4, {{1, len}});
    copy.dst = operand(isa::Space::kSbuf, type, 0, at, {{1, len}});
    wait_ge(copy, sem::kSummed + output % 2, output / 2 + 1);
    push(engine, then_inc(copy, sem::kEvacuated + output % 2));
    counts_.evacuated[output % 2] += 1;
    counts_.output_blocks += 1;
    if (s_.keep_c_in_sbuf) return;
    isa::Desc d = tile_.local();
    d.row_elems = len;
    d.src_dtype = d.dst_dtype = static_cast<std::uint32_t>(type);
    d.src_space = static_cast<std::uint32_t>(isa::Space::kSbuf);
    d.dst_space = static_cast<std::uint32_t>(isa::Space::kHbm);
    d.src_addr = at;
    d.dst_addr = s_.c + (st.m0 + std::uint64_t{mb} * p_) * s_.ldc + (st.n0 + n) * std::uint64_t{size};
    d.num1 = rows;
    d.src_step1 = 1U << kPartitionShift;
    d.dst_step1 = static_cast<std::uint32_t>(s_.ldc);
    wait_ge(d, sem::kEvacuated + output % 2, output / 2 + 1);
    push(queue::kStore, then_inc(d, sem::kStored));
    counts_.hbm_write_bytes += std::uint64_t{rows} * len * size;
  }

  static constexpr std::uint32_t kNone = ~0U;
  [[nodiscard]] std::uint32_t bank_user(std::uint32_t mb) const { return user_[first_bank_ + mb]; }

  const GemmShape& s_;
  isa::TileCode& tile_;
  std::uint32_t p_, columns_ = kColumns, ring_ = kRing;  // columns of a block: less where SBUF is small
  std::uint32_t chunk_ = 1, a_bytes_ = 0, a_base_ = 0, b_base_ = 0;
  std::vector<Stage> stages_;
  GemmCounts counts_;
  std::uint32_t first_output_ = 0, first_bank_ = 0, group_index_ = 0, a_done_ = 0;
  std::array<std::uint32_t, 2> b_done_{};  // halves of B blocks that earlier stages have used up
  std::array<std::uint32_t, kPsumBanks> user_{kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
};

}  // namespace

bool gemm_fits_sbuf(const Config& cfg, std::uint32_t m, std::uint32_t n) {
  return m <= cfg.partitions &&
         std::uint64_t{sbuf_row(cfg, n)} + 2ULL * block_bytes(cfg.partitions, kColumns) <= cfg.sbuf_bytes_per_partition;
}

GemmCounts emit_gemm(const Config& cfg, const GemmShape& shape, isa::TileCode& tile) {
  return Emitter(cfg, shape, tile).run();
}

}  // namespace tessera::kernels
