// SPDX-License-Identifier: Apache-2.0
#include "golden/registers.hpp"

#include <algorithm>

namespace tessera::golden {
namespace {

namespace r = isa::reg;

// Whether `reg` is a register of the set that begins with `first`: the sets of one engine and of one queue.
constexpr bool of_set(std::uint32_t reg, std::uint32_t first) {
  return reg >= first && reg < first + (r::at(first, 1) - first);
}

std::uint32_t fault_word(const Fault& f) { return static_cast<std::uint32_t>(f.code) | std::uint32_t{f.tag} << 16; }

std::uint32_t irq(const Tile& tile) {
  std::uint32_t bits = 0;
  for (std::size_t e = 0; e < tile.engines.size(); ++e) bits |= std::uint32_t{tile.engines[e].irq} << e;
  for (std::size_t q = 0; q < tile.queues.size(); ++q)
    bits |= std::uint32_t{tile.queues[q].irq} << (isa::kIrqQueue + q);
  return bits;
}

bool read_engine(const EngineState& e, std::uint32_t reg, std::uint32_t& value) {
  switch (reg) {
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

bool read_queue(const QueueState& q, std::uint32_t reg, std::uint32_t& value) {
  const bool failed = q.fault.code != isa::Err::kOk, busy = q.work != 0 && !failed;
  switch (reg) {
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

bool write_engine(EngineState& e, std::uint32_t reg, std::uint32_t value) {
  switch (reg) {
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

bool write_queue(QueueState& q, std::uint32_t reg, std::uint32_t value) {
  switch (reg) {
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
  const auto place = r::find(address);
  if (!place) return false;
  const auto [reg, unit] = *place;
  switch (reg) {
    case r::kId:
      value = isa::kIdentity;
      return true;
    case r::kPosition:
      value = tile.x | tile.y << 8 | tile.mesh_x << 16 | tile.mesh_y << 24;
      return true;
    case r::kIrq:
      value = irq(tile);
      return true;
    case r::kSemRead:
      value = tile.sem[unit];
      return unit < tile.cfg.semaphores;
    default:
      break;
  }
  if (of_set(reg, r::kEngPc)) return read_engine(tile.engines[unit], reg, value);
  return of_set(reg, r::kQBase) && unit < tile.queues.size() && read_queue(tile.queues[unit], reg, value);
}

bool write_register(Tile& tile, std::uint64_t address, std::uint32_t value) {
  const auto place = r::find(address);
  if (!place) return false;
  const auto [reg, unit] = *place;
  const auto update = [&, s = unit](isa::Update op) {
    if (s >= tile.cfg.semaphores) return false;
    tile.update_sem(s, op, value);
    return true;
  };
  switch (reg) {
    case r::kIrqClear:
      for (std::size_t e = 0; e < tile.engines.size(); ++e) {
        if ((value >> e & 1U) != 0) tile.engines[e].irq = false;
      }
      for (std::size_t q = 0; q < tile.queues.size(); ++q) {
        if ((value >> (isa::kIrqQueue + q) & 1U) != 0) tile.queues[q].irq = false;
      }
      return true;
    case r::kSemSet:
      return update(isa::Update::kSet);
    case r::kSemInc:
      return update(isa::Update::kInc);
    case r::kSemDec:
      return update(isa::Update::kDec);
    default:
      break;
  }
  if (of_set(reg, r::kEngPc)) return write_engine(tile.engines[unit], reg, value);
  return of_set(reg, r::kQBase) && unit < tile.queues.size() && write_queue(tile.queues[unit], reg, value);
}

}  // namespace tessera::golden
