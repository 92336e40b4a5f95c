// SPDX-License-Identifier: Apache-2.0
#include "golden/sequencer.hpp"

#include "golden/ops/ops.hpp"

namespace tessera::golden {
namespace {

using isa::Alu;
using isa::Engine;
using isa::Err;
using isa::Instr;
using isa::Opcode;

constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << isa::kAddressBits) - 1;

std::uint32_t integer_alu(Alu op, std::uint32_t a, std::uint32_t b) {
  const auto sa = static_cast<std::int32_t>(a), sb = static_cast<std::int32_t>(b);
  switch (op) {
    case Alu::kAdd:
      return a + b;
    case Alu::kSub:
      return a - b;
    case Alu::kMul:
      return a * b;
    case Alu::kMax:
      return sa > sb ? a : b;
    case Alu::kMin:
      return sa < sb ? a : b;
    case Alu::kAnd:
      return a & b;
    case Alu::kOr:
      return a | b;
    case Alu::kXor:
      return a ^ b;
    case Alu::kShl:
      return a << (b & 31U);
    case Alu::kShr:
      return a >> (b & 31U);
    default:
      return 0;  // an operator that works on lanes only; callers refuse it first
  }
}

bool branch_taken(isa::Branch cond, std::uint32_t a, std::uint32_t b) {
  const auto sa = static_cast<std::int32_t>(a), sb = static_cast<std::int32_t>(b);
  switch (cond) {
    case isa::Branch::kAlways:
      return true;
    case isa::Branch::kEq:
      return sa == sb;
    case isa::Branch::kNe:
      return sa != sb;
    case isa::Branch::kLt:
      return sa < sb;
    case isa::Branch::kGe:
      return sa >= sb;
    case isa::Branch::kLe:
      return sa <= sb;
    case isa::Branch::kGt:
      return sa > sb;
  }
  return false;
}

void add_registers(const EngineState& engine, isa::Operand& o) {
  if (o.areg_en != 0) o.offset += engine.regs[o.areg];
  o.areg_en = 0;
}

OpResult execute(Tile& tile, EngineState& engine, const Instr& i, std::uint64_t& next) {
  if (!isa::opcode_control(i.opcode) && isa::instr_code_bad(i)) return {Err::kField};
  const std::uint32_t a = engine.regs[i.imm1 & 0x3fU];
  const std::uint32_t b = i.use_imm != 0 ? i.imm0 : engine.regs[(i.imm1 >> 8) & 0x3fU];
  switch (static_cast<Opcode>(i.opcode)) {
    case Opcode::kNop:
    case Opcode::kDrain:
      return {};
    case Opcode::kMovi:
      engine.regs[i.rd] = i.imm0;
      return {};
    case Opcode::kAlu:
      engine.regs[i.rd] = integer_alu(static_cast<Alu>(i.alu0), a, b);
      return {};
    case Opcode::kBr:
      if (branch_taken(static_cast<isa::Branch>(i.br_cond), a, b)) {
        const std::int64_t distance = static_cast<std::int16_t>(i.imm1 >> 16) * std::int64_t{isa::kItemBytes};
        next = (engine.pc + static_cast<std::uint64_t>(distance)) & kAddressMask;
      }
      return {};
    case Opcode::kDoorbell:
      tile.queues[i.flags & 0xfU].work += i.imm0;
      return {};
    case Opcode::kHalt:
      engine.running = false, engine.halted = true;
      return {};
#define TSR_OPERATION(code, name) \
  case Opcode::code:              \
    return name(tile, i);
      TSR_DATA_OPCODES(TSR_OPERATION)
#undef TSR_OPERATION
  }
  return {Err::kOpcode};
}

// Semaphores that an instruction uses exist.
bool semaphores_exist(const Tile& tile, const Instr& i) {
  return (i.wait_cond == 0 || i.wait_sem < tile.cfg.semaphores) && (i.upd_op == 0 || i.upd_sem < tile.cfg.semaphores);
}

// Update of an instruction or descriptor, whose fields have the same names.
template <class Item>
void update(Tile& tile, const Item& item, const TileLookup& tile_at) {
  Tile& target = item.upd_remote != 0 && item.upd_op != 0 ? *tile_at(item.upd_x, item.upd_y) : tile;
  target.update_sem(item.upd_sem, static_cast<isa::Update>(item.upd_op), item.upd_value);
}

template <class Item>
SemWait wait_of(const Item& item) {
  return {item.wait_sem, static_cast<isa::Wait>(item.wait_cond), static_cast<std::int32_t>(item.wait_value)};
}

// The 128 bytes of an instruction or descriptor; false when they are not in HBM or misaligned.
bool fetch(const Tile& tile, std::uint64_t address, isa::ItemImage& image) {
  if (address % isa::kItemBytes != 0 || address + isa::kItemBytes > tile.cfg.hbm_bytes) return false;
  tile.hbm.read(address, {reinterpret_cast<std::uint8_t*>(image.data()), isa::kItemBytes});
  return true;
}

}  // namespace

Err decode_err(const Tile& tile, Engine which, const Instr& i, const TileLookup& tile_at) {
  if ((isa::opcode_engines(i.opcode) >> static_cast<unsigned>(which) & 1U) == 0) return Err::kOpcode;
  const isa::Instr::Image image = i.pack();
  if (isa::instr_unused(i, image) || isa::operand_reserved(i.dst.pack()) || isa::operand_reserved(i.src0.pack()) ||
      isa::operand_reserved(i.src1.pack()) || !isa::wait_known(i.wait_cond) || !isa::update_known(i.upd_op) ||
      isa::instr_no_reg(i, tile.cfg.sequencer_registers) || !semaphores_exist(tile, i) ||
      (isa::opcode_control(i.opcode) && isa::instr_code_bad(i))) {
    return Err::kField;
  }
  if (i.upd_op != 0 && i.upd_remote != 0 && tile_at(i.upd_x, i.upd_y) == nullptr) return Err::kTile;
  if (static_cast<Opcode>(i.opcode) == Opcode::kDoorbell && (i.flags & 0xfU) >= tile.queues.size()) return Err::kQueue;
  return Err::kOk;
}

bool step_engine(Tile& tile, Engine which, const TileLookup& tile_at) {
  EngineState& engine = tile.engines[static_cast<unsigned>(which)];
  if (!engine.running || engine.fault.code != Err::kOk) return false;
  const auto fail = [&](Err err) {
    engine.fault = {err, engine.tag, engine.pc};
    engine.running = false, engine.irq = true;
    return true;
  };
  isa::ItemImage image{};
  if (!fetch(tile, engine.pc, image)) {
    engine.tag = 0;
    return fail(Err::kAddress);
  }
  Instr i = Instr::unpack(image);
  engine.tag = static_cast<std::uint16_t>(i.tag);
  engine.waiting.reset();
  if (const Err err = decode_err(tile, which, i, tile_at); err != Err::kOk) return fail(err);
  if (const SemWait wait = wait_of(i); !tile.holds(wait)) {
    engine.waiting = wait;
    return false;
  }
  add_registers(engine, i.dst);
  add_registers(engine, i.src0);
  add_registers(engine, i.src1);
  std::uint64_t next = (engine.pc + isa::kItemBytes) & kAddressMask;
  const OpResult result = execute(tile, engine, i, next);
  if (result.err != Err::kOk) return fail(result.err);
  engine.retired.push_back({static_cast<std::uint8_t>(i.opcode), engine.tag, result.checksum, result.work});
  update(tile, i, tile_at);
  engine.pc = next;
  return true;
}

bool step_queue(Tile& tile, std::uint32_t number, const TileLookup& tile_at) {
  QueueState& queue = tile.queues[number];
  if (queue.work == 0 || queue.fault.code != Err::kOk) return false;
  const std::uint64_t at = (queue.ring + std::uint64_t{queue.head} * isa::kItemBytes) & kAddressMask;
  const auto fail = [&](Err err, std::uint64_t address) {
    queue.fault = {err, queue.tag, address};
    queue.work = 0, queue.irq = true;
    return true;
  };
  isa::ItemImage image{};
  queue.tag = 0;
  if (queue.size == 0) return fail(Err::kQueue, at);
  if (!fetch(tile, at, image)) return fail(Err::kAddress, at);  // a base that is no multiple of 128 fails at once
  const isa::Desc d = isa::Desc::unpack(image);
  queue.tag = static_cast<std::uint16_t>(d.tag);
  queue.waiting.reset();
  if (const Err err = dma_field_err(image, tile.cfg, tile_at); err != Err::kOk) return fail(err, at);
  if (const SemWait wait = wait_of(d); !tile.holds(wait)) {
    queue.waiting = wait;
    return false;
  }
  std::uint32_t checksum = 0;
  if (d.row_elems != 0) {
    const DmaResult r = dma_transfer(d, tile, number, tile_at);
    if (r.err != Err::kOk) return fail(r.err, r.address);
    checksum = r.checksum;
  }
  queue.retired.push_back({static_cast<std::uint8_t>(0x80U | d.op), queue.tag, checksum, dma_bytes(d)});
  update(tile, d, tile_at);
  queue.head = queue.head + 1 == queue.size ? 0 : queue.head + 1;
  --queue.work, ++queue.done;
  return true;
}

}  // namespace tessera::golden
