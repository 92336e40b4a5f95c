// SPDX-License-Identifier: Apache-2.0
#include "golden/registers.hpp"

#include <algorithm>

namespace tessera::golden {
namespace {

constexpr std::uint64_t kMaxAddress = 0xffff;
constexpr std::uint32_t kSemBytes = 0x400;
namespace r = isa::reg;

// Splits an address of a register block with one copy for each unit: unit number and offset in the block.
struct Unit {
  std::uint32_t number, offset;
};
Unit unit(std::uint32_t a, std::uint32_t base, std::uint32_t stride) {
  return {(a - base) / stride, (a - base) % stride};
}

std::uint32_t fault_word(const Fault& f) { return static_cast<std::uint32_t>(f.code) | std::uint32_t{f.tag} << 16; }

std::uint32_t irq(const Tile& tile) {
  std::uint32_t bits = 0;
  for (std::size_t e = 0; e < tile.engines.size(); ++e) bits |= std::uint32_t{tile.engines[e].irq} << e;
  for (std::size_t q = 0; q < tile.queues.size(); ++q) bits |= std::uint32_t{tile.queues[q].irq} << (8 + q);
  return bits;
}

bool read_engine(const EngineState& e, std::uint32_t offset, std::uint32_t& value) {
  switch (r::kEngPc + offset) {
    case r::kEngPc:
      value = static_cast<std::uint32_t>(e.start_pc);
      return true;
    case r::kEngPcHi:
      value = static_cast<std::uint32_t>(e.start_pc >> 32);
      return true;
    case r::kEngStatus:
      value = (e.running ? 1U : 0U) | (e.halted ? 2U : 0U) | (e.fault.code != isa::Err::kOk ? 0x14U : 0U) |
              (e.waiting ? 8U | e.waiting->sem << 8 : 0U) | (e.running ? std::uint32_t{e.tag} << 16 : 0U);
      return true;
    case r::kEngErr:
      value = fault_word(e.fault);
      return true;
    case r::kEngErrPc:
      value = static_cast<std::uint32_t>(e.fault.address);
      return true;
    case r::kEngErrPcHi:
      value = static_cast<std::uint32_t>(e.fault.address >> 32);
      return true;
    case r::kEngWaitValue:
      value = e.waiting ? static_cast<std::uint32_t>(e.waiting->value) : 0;
      return true;
    default:
      return false;
  }
}

bool read_queue(const QueueState& q, std::uint32_t offset, std::uint32_t& value) {
  const bool failed = q.fault.code != isa::Err::kOk, busy = q.work != 0 && !failed;
  switch (r::kQBase + offset) {
    case r::kQBase:
      value = static_cast<std::uint32_t>(q.base);
      return true;
    case r::kQBaseHi:
      value = static_cast<std::uint32_t>(q.base >> 32);
      return true;
    case r::kQSize:
      value = q.size;
      return true;
    case r::kQDone:
      value = q.done;
      return true;
    case r::kQStatus:
      value = (busy ? 1U : 0U) | (failed ? 0x14U : 0U) | (q.waiting ? 8U | q.waiting->sem << 8 : 0U) |
              (busy ? std::uint32_t{q.tag} << 16 : 0U);
      return true;
    case r::kQErr:
      value = fault_word(q.fault);
      return true;
    case r::kQErrAddr:
      value = static_cast<std::uint32_t>(q.fault.address);
      return true;
    case r::kQErrAddrHi:
      value = static_cast<std::uint32_t>(q.fault.address >> 32);
      return true;
    case r::kQWaitValue:
      value = q.waiting ? static_cast<std::uint32_t>(q.waiting->value) : 0;
      return true;
    default:
      return false;
  }
}

constexpr std::uint64_t low(std::uint64_t old, std::uint32_t value) { return (old & ~0xffff'ffffULL) | value; }
constexpr std::uint64_t high(std::uint64_t old, std::uint32_t value) {
  return (old & 0xffff'ffffULL) | std::uint64_t{value & 0xffU} << 32;
}

bool write_queue(QueueState& q, std::uint32_t offset, std::uint32_t value) {
  switch (r::kQBase + offset) {
    case r::kQBase:
      q.base = low(q.base, value);
      return true;
    case r::kQBaseHi:
      q.base = high(q.base, value);
      return true;
    case r::kQSize:
      q.ring = q.base, q.size = value & 0xffffU, q.head = 0, q.done = 0, q.work = 0;
      q.fault = {}, q.irq = false;
      q.waiting.reset();
      return true;
    case r::kQDoorbell:
      q.work += std::min(value, ~0U - q.work);
      return true;
    default:
      return false;
  }
}

}  // namespace

void start_engine(EngineState& engine, std::uint64_t pc) {
  engine.pc = pc;
  engine.running = true, engine.halted = false;
  engine.fault = {}, engine.irq = false;
  engine.waiting.reset();
}

bool read_register(Tile& tile, std::uint64_t address, std::uint32_t& value) {
  if (address > kMaxAddress || address % 4 != 0) return false;
  const auto a = static_cast<std::uint32_t>(address);
  if (a == r::kId) return value = 0x54535230U, true;
  if (a == r::kPosition) return value = tile.x | tile.y << 8 | tile.mesh_x << 16 | tile.mesh_y << 24, true;
  if (a == r::kIrq) return value = irq(tile), true;
  if (a >= r::kSemRead && a < r::kSemRead + kSemBytes) {
    const std::uint32_t s = (a / 4) % 256;
    return value = tile.sem[s], s < tile.cfg.semaphores;
  }
  if (a >= r::kEngPc && a < r::kEngPc + kEngineStride * isa::kNumEngines) {
    const Unit u = unit(a, r::kEngPc, kEngineStride);
    return read_engine(tile.engines[u.number], u.offset, value);
  }
  if (a >= r::kQBase && a < r::kQBase + kQueueStride * tile.queues.size()) {
    const Unit u = unit(a, r::kQBase, kQueueStride);
    return read_queue(tile.queues[u.number], u.offset, value);
  }
  return false;
}

bool write_register(Tile& tile, std::uint64_t address, std::uint32_t value) {
  if (address > kMaxAddress || address % 4 != 0) return false;
  const auto a = static_cast<std::uint32_t>(address);
  if (a >= r::kSemSet && a < r::kSemSet + 3 * kSemBytes) {
    if ((a / 4) % 256 >= tile.cfg.semaphores) return false;
    tile.update_sem((a / 4) % 256, static_cast<isa::Update>((a - r::kSemSet) / kSemBytes + 1), value);
    return true;
  }
  if (a == r::kIrqClear) {
    for (std::size_t e = 0; e < tile.engines.size(); ++e) {
      if ((value >> e & 1U) != 0) tile.engines[e].irq = false;
    }
    for (std::size_t q = 0; q < tile.queues.size(); ++q) {
      if ((value >> (8 + q) & 1U) != 0) tile.queues[q].irq = false;
    }
    return true;
  }
  if (a >= r::kEngPc && a < r::kEngPc + kEngineStride * isa::kNumEngines) {
    const Unit u = unit(a, r::kEngPc, kEngineStride);
    EngineState& e = tile.engines[u.number];
    switch (r::kEngPc + u.offset) {
      case r::kEngPc:
        e.start_pc = low(e.start_pc, value);
        return true;
      case r::kEngPcHi:
        e.start_pc = high(e.start_pc, value);
        return true;
      case r::kEngStart:
        if ((value & 1U) != 0) start_engine(e, e.start_pc);
        return true;
      default:
        return false;
    }
  }
  if (a >= r::kQBase && a < r::kQBase + kQueueStride * tile.queues.size()) {
    const Unit u = unit(a, r::kQBase, kQueueStride);
    return write_queue(tile.queues[u.number], u.offset, value);
  }
  return false;
}

}  // namespace tessera::golden
