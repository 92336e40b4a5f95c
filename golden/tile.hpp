// SPDX-License-Identifier: Apache-2.0
/// Architectural state of one tile: memories, semaphores, engines, DMA queues, and what they retired.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/config.hpp"
#include "base/sparse_memory.hpp"
#include "golden/memory.hpp"
#include "isa/image.hpp"
#include "tsr_isa.hpp"

namespace tessera::golden {

/// One completed instruction (opcode) or descriptor (80h | op).
struct Retired {
  std::uint8_t opcode = 0;
  std::uint16_t tag = 0;
  std::uint32_t checksum = 0;
  std::uint64_t work = 0;  ///< MATMUL: multiply-adds; descriptor: bytes written; else 0
  friend bool operator==(const Retired&, const Retired&) = default;
};

/// A sticky error. `address`: of the failing instruction for an engine; for a queue the failing data address, or the
/// address of the descriptor when the descriptor itself is wrong.
struct Fault {
  isa::Err code = isa::Err::kOk;
  std::uint16_t tag = 0;
  std::uint64_t address = 0;
  friend bool operator==(const Fault&, const Fault&) = default;
};

/// What an operation hands back; `checksum` is valid only without error.
struct OpResult {
  isa::Err err = isa::Err::kOk;
  std::uint32_t checksum = 0;
  std::uint64_t work = 0;  ///< multiply-adds
};

/// A semaphore condition that does not hold.
struct SemWait {
  std::uint32_t sem = 0;
  isa::Wait cond = isa::Wait::kNone;
  std::int32_t value = 0;
};

struct EngineState {
  std::uint64_t start_pc = 0;  ///< register ENG_PC
  std::uint64_t pc = 0;
  bool running = false;
  bool halted = false;
  std::array<std::uint32_t, 64> regs{};
  Fault fault;       ///< until the engine is started
  bool irq = false;  ///< raised by the fault, lowered by IRQ_CLEAR
  std::optional<SemWait> waiting;
  std::uint16_t tag = 0;  ///< of the instruction at the head
  std::vector<Retired> retired;
};

struct QueueState {
  std::uint64_t base = 0;  ///< register Q_BASE
  std::uint64_t ring = 0;  ///< the base when Q_SIZE was written
  std::uint32_t size = 0;  ///< descriptors in the ring
  std::uint32_t head = 0;  ///< next descriptor
  std::uint32_t work = 0;  ///< descriptors released and not yet committed; saturates
  std::uint32_t done = 0;
  Fault fault;       ///< stops the queue until the ring is set again
  bool irq = false;  ///< raised by the fault, lowered by IRQ_CLEAR
  std::optional<SemWait> waiting;
  std::uint16_t tag = 0;
  std::vector<Retired> retired;
};

/// Weights that LDWEIGHTS left in the PE array, as BF16 bits [row][column].
struct Weights {
  std::uint32_t rows = 0;
  std::uint32_t first_row = 0;
  std::uint32_t first_column = 0;
  std::uint32_t columns = 0;
  std::vector<std::uint16_t> bits;
};

struct Tile {
  Tile(const Config& config, std::uint32_t x_in, std::uint32_t y_in)
      : cfg(config),
        x(x_in),
        y(y_in),
        sbuf(config.partitions, config.sbuf_bytes_per_partition),
        psum(config.partitions, config.psum_bytes_per_partition()),
        hbm(config.hbm_bytes),
        queues(config.dma_queues) {
    weights.bits.resize(std::size_t{config.partitions} * config.partitions);
  }

  Config cfg;
  std::uint32_t x, y;
  std::uint32_t mesh_x = 0, mesh_y = 0;  ///< size of the mesh less one
  PartitionedMemory sbuf, psum;
  SparseMemory hbm;
  std::array<std::uint32_t, 256> sem{};
  std::array<EngineState, isa::kNumEngines> engines;
  std::vector<QueueState> queues;
  Weights weights;

  [[nodiscard]] PartitionedMemory& memory(std::uint32_t space) {
    return space == static_cast<std::uint32_t>(isa::Space::kPsum) ? psum : sbuf;
  }
  [[nodiscard]] bool holds(const SemWait& w) const {
    const auto now = static_cast<std::int32_t>(sem[w.sem]);
    return w.cond == isa::Wait::kNone || (w.cond == isa::Wait::kGe && now >= w.value) ||
           (w.cond == isa::Wait::kEq && now == w.value);
  }
  void update_sem(std::uint32_t id, isa::Update op, std::uint32_t value) {
    if (op == isa::Update::kSet) sem[id] = value;
    if (op == isa::Update::kInc) sem[id] += value;
    if (op == isa::Update::kDec) sem[id] -= value;
  }
};

}  // namespace tessera::golden
