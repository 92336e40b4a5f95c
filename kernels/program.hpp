// SPDX-License-Identifier: Apache-2.0
/// What kernels make programs of: operands, waits and updates, and which queue and which semaphore does what. The lists
/// themselves stand in isa::ProgramBuilder.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>

#include "base/config.hpp"
#include "base/round.hpp"
#include "isa/builder.hpp"
#include "tsr_isa.hpp"

namespace tessera::kernels {

using isa::Coord;
using isa::kPartitionShift;

/// DMA queues by purpose. One queue of loads alone cannot cover the latency of HBM, so B has two; the ring, which
/// begins when all operands are there, uses the second one again.
namespace queue {
inline constexpr unsigned kLoadA = 0;
inline constexpr std::array<unsigned, 2> kLoadB{1, 3};  ///< lower and upper half of the rows of a block
inline constexpr unsigned kStore = 2;
inline constexpr unsigned kRing = 3;
}  // namespace queue

/// PSUM as PE uses it: a block of results is one bank of FP32.
inline constexpr std::uint32_t kPsumBanks = 8;
inline constexpr std::uint32_t kColumns =
    isa::kMatmulColumns;  ///< FP32 elements of one bank, hence of the free axis of a MATMUL
inline constexpr std::uint32_t kBankBytes = kColumns * 4;

/// One (step, num) pair of an access pattern; step in elements.
struct Dim {
  std::int32_t step = 1;
  std::uint32_t num = 1;
};

inline isa::Operand operand(isa::Space space, isa::Dtype dtype, std::uint32_t part, std::uint32_t offset,
                            std::initializer_list<Dim> dims) {
  isa::Operand o;
  o.space = static_cast<std::uint32_t>(space);
  o.dtype = static_cast<std::uint32_t>(dtype);
  o.start_part = part;
  o.offset = offset;
  std::array<Dim, 4> d{Dim{1, 1}, Dim{0, 1}, Dim{0, 1}, Dim{0, 1}};
  unsigned i = 0;
  for (const Dim& dim : dims) d[i++] = dim;
  const auto step = [&](unsigned k) { return static_cast<std::uint32_t>(d[k].step) & 0xffffU; };
  o.step0 = step(0), o.num0 = d[0].num;
  o.step1 = step(1), o.num1 = d[1].num;
  o.step2 = step(2), o.num2 = d[2].num;
  o.step3 = step(3), o.num3 = d[3].num;
  return o;
}

inline isa::Instr instr(isa::Opcode opcode) {
  isa::Instr i;
  i.opcode = static_cast<std::uint32_t>(opcode);
  return i;
}

/// Adds "wait until semaphore >= value" to an instruction or descriptor.
template <class T>
T& wait_ge(T& item, std::uint32_t sem, std::uint32_t value) {
  item.wait_sem = sem;
  item.wait_cond = static_cast<std::uint32_t>(isa::Wait::kGe);
  item.wait_value = value;
  return item;
}

/// Adds "semaphore += 1 at completion" to an instruction or descriptor.
template <class T>
T& then_inc(T& item, std::uint32_t sem) {
  item.upd_sem = sem;
  item.upd_op = static_cast<std::uint32_t>(isa::Update::kInc);
  item.upd_value = 1;
  return item;
}

/// Like then_inc, for the semaphore of tile `at`.
template <class T>
T& then_inc_at(T& item, Coord at, std::uint32_t sem) {
  then_inc(item, sem);
  item.upd_remote = 1;
  item.upd_x = at.x;
  item.upd_y = at.y;
  return item;
}

/// Bytes between the rows of a matrix in HBM: short rows do not cross a segment boundary, long ones start at one.
inline std::uint64_t row_stride(const Config& cfg, std::uint64_t bytes) {
  std::uint64_t stride = 64;
  while (stride < bytes && stride < cfg.dma_segment_bytes) stride *= 2;
  return round_up(bytes, stride);
}

/// Semaphores by purpose. Counters only rise, so each wait names an absolute count known when the program is built.
namespace sem {
inline constexpr std::uint32_t kALoaded = 0;         ///< K blocks of A in SBUF
inline constexpr std::uint32_t kAFree = 2;           ///< A buffers that PE has finished with
inline constexpr std::uint32_t kBFree = 3;           ///< B buffers that PE has finished with
inline constexpr std::uint32_t kSummed = 4;          ///< +0 DVE's, +1 ACT's output blocks complete in PSUM
inline constexpr std::uint32_t kEvacuated = 6;       ///< +0, +1: output blocks copied from PSUM to SBUF
inline constexpr std::uint32_t kStored = 8;          ///< output blocks written to HBM
inline constexpr std::uint32_t kNeighbourReady = 9;  ///< the next rank of the ring may be added to
inline constexpr std::uint32_t kReceived = 10;       ///< pieces received from the previous rank
inline constexpr std::uint32_t kStaged = 11;         ///< operand copied into SBUF
inline constexpr std::uint32_t kBLoaded = 12;        ///< +0, +1: lower and upper halves of K blocks of B in SBUF
}  // namespace sem

}  // namespace tessera::kernels
