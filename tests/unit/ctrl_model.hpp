// SPDX-License-Identifier: Apache-2.0
/// What instruction streams must do: an interpreter written from docs/isa.md, random programs, and a follower that
/// compares everything the bench sees with the interpreter's trace.
#pragma once
#include "ctrl_bench.hpp"

namespace tessera::ctrl_test {

using isa::Instr;
using isa::ItemImage;
using isa::Opcode;
namespace reg = isa::reg;

constexpr unsigned kErrAddress = 3, kErrTile = 7, kErrAxi = 8, kErrField = 9, kErrOpcode = 1, kErrQueue = 11;
inline unsigned op(Opcode o) { return static_cast<unsigned>(o); }

/// One instruction as it must happen, in program order.
struct Step {
  std::uint64_t pc = 0;
  Instr instr;
  ItemImage issued{};
  bool data = false;
  std::uint32_t checksum = 0;
};
struct Trace {
  std::vector<Step> steps;
  bool fails = false;
  Fault fault;
};

/// What an opcode uses of an instruction, besides tag, wait and update; all else is zero.
inline Instr used(const Instr& i) {
  const unsigned o = i.opcode;
  Instr k;
  k.opcode = o, k.tag = i.tag, k.wait_sem = i.wait_sem, k.wait_cond = i.wait_cond, k.wait_value = i.wait_value;
  k.upd_sem = i.upd_sem, k.upd_op = i.upd_op, k.upd_remote = i.upd_remote, k.upd_x = i.upd_x, k.upd_y = i.upd_y;
  k.upd_value = i.upd_value;
  if (o == 1 || o == 2) k.rd = i.rd;
  if (o == 1 || o == 4 || o == 32 || o == 49) k.imm0 = i.imm0;
  if (o == 2 || o == 3) {
    k.use_imm = i.use_imm, k.imm1 = i.imm1 & (o == 3 ? 0xffff003fU : 0x3fU);
    if (i.use_imm != 0) k.imm0 = i.imm0;
    if (i.use_imm == 0) k.imm1 |= i.imm1 & 0x3f00U;
  }
  if (o == 2 || o >= 50) k.alu0 = i.alu0;
  if (o == 3) k.br_cond = i.br_cond;
  if (o == 4 || o == 32) k.flags = i.flags & 15U;
  if (o == 17) k.flags = i.flags & 1U;
  if (o == 16 || o == 17) k.imm0 = i.imm0 & 0xffU;
  if (o >= 16) k.nparts = i.nparts;
  if (o >= 17) k.dst = i.dst;
  if (o >= 16 && o != 49) k.src0 = i.src0;
  if (o == 32 || o == 51) {
    k.scalar_en = i.scalar_en & (o == 32 ? 1U : 3U);
    if ((i.scalar_en & 1U) == 0) k.src1 = i.src1;
    if (o == 51 && (i.scalar_en & 1U) != 0) k.imm0 = i.imm0;
    if ((i.scalar_en & (o == 32 ? 1U : 2U)) != 0) k.imm1 = i.imm1;
    if (o == 51 && (i.scalar_en & 2U) != 0) k.alu1 = i.alu1;
  }
  if (o == 50) k.src1 = i.src1;
  return k;
}

inline unsigned decode(unsigned engine, const Instr& i) {
  const unsigned o = i.opcode;
  const bool mine = o <= 6 || (engine == 0 && (o == 16 || o == 17)) || (engine == 1 && o == 32) ||
                    (engine == 2 && o >= 48 && o <= 52);
  if (!mine) return kErrOpcode;
  for (const isa::Operand* p : {&i.dst, &i.src0, &i.src1}) {
    if (p->rsv0 != 0 || p->rsv1 != 0 || p->rsv2 != 0) return kErrField;
    if (p->areg_en != 0 && p->areg >= kCfg.sequencer_registers) return kErrField;
  }
  if (used(i).pack() != i.pack() || i.wait_cond == 3 || i.upd_op > 3) return kErrField;
  if ((o == 2 && i.alu0 > 9) || (o == 3 && i.br_cond == 7)) return kErrField;
  const unsigned regs = kCfg.sequencer_registers;
  if ((o == 1 || o == 2) && i.rd >= regs) return kErrField;
  if ((o == 2 || o == 3) && ((i.imm1 & 63) >= regs || (i.use_imm == 0 && (i.imm1 >> 8 & 63) >= regs))) return kErrField;
  if (i.wait_cond != 0 && i.wait_sem >= kCfg.semaphores) return kErrField;
  if (i.upd_op != 0 && i.upd_sem >= kCfg.semaphores) return kErrField;
  if (i.upd_op != 0 && i.upd_remote != 0 && (i.upd_x > kMeshX || i.upd_y > kMeshY)) return kErrTile;
  if (o == 4 && (i.flags & 15) >= kQueues) return kErrQueue;
  return 0;
}

/// Runs a program without time. Waits are taken as satisfied, since the bench checks them when they happen.
inline Trace interpret(unsigned engine, std::uint64_t pc, const Bench& bench, std::array<std::uint32_t, 64> regs = {}) {
  Trace t;
  for (unsigned n = 0; n < 20000; ++n) {
    const auto fail = [&](unsigned code, unsigned tag) {
      t.fails = true;
      t.fault = {engine, static_cast<std::uint8_t>(code), static_cast<std::uint16_t>(tag), pc};
      return t;
    };
    if (pc % 128 != 0 || pc + 128 > kCfg.hbm_bytes) return fail(kErrAddress, 0);
    if (bench.bad.contains(pc)) return fail(kErrAxi, 0);
    Step s;
    s.pc = pc;
    s.instr = Instr::unpack(bench.mem.at(pc));
    const Instr& i = s.instr;
    if (const unsigned code = decode(engine, i); code != 0) return fail(code, i.tag);
    s.data = i.opcode > 6;
    Instr issued = i;
    for (isa::Operand* p : {&issued.dst, &issued.src0, &issued.src1}) {
      if (p->areg_en != 0) p->offset += regs[p->areg];
      p->areg_en = 0;
    }
    s.issued = issued.pack();
    if (s.data && data_err(i) != 0) return fail(data_err(i), i.tag);
    s.checksum = s.data ? data_checksum(s.issued) : 0;
    t.steps.push_back(s);
    const std::uint32_t a = regs[i.imm1 & 63], b = i.use_imm != 0 ? i.imm0 : regs[i.imm1 >> 8 & 63];
    const auto sa = static_cast<std::int32_t>(a), sb = static_cast<std::int32_t>(b);
    std::uint64_t next = pc + 128;
    if (i.opcode == 1) regs[i.rd] = i.imm0;
    if (i.opcode == 2) {
      const std::uint32_t results[] = {a + b, a - b, a * b, sa > sb ? a : b, sa < sb ? a : b,
                                       a & b, a | b, a ^ b, a << (b & 31),   a >> (b & 31)};
      regs[i.rd] = results[i.alu0];
    }
    if (i.opcode == 3) {
      const bool taken[] = {true, a == b, a != b, sa<sb, sa >= sb, sa <= sb, sa> sb};
      if (taken[i.br_cond])
        next = pc + static_cast<std::uint64_t>(std::int64_t{static_cast<std::int16_t>(i.imm1 >> 16)} * 128);
    }
    if (i.opcode == 6) return t;
    pc = next & 0xffffffffffULL;
  }
  ADD_FAILURE() << "program without end";
  return t;
}

/// Random programs: registers first, then blocks, counted loops, forward branches; the end halts or is wrong.
class Writer {
 public:
  Writer(Bench& b, unsigned engine) : bench_(b), engine_(engine) {}
  bool waits = true, data = true, rings = true;

  std::uint64_t program(unsigned length, int wrong, unsigned tag) {
    code_.clear();
    tag_ = tag;
    for (unsigned r = 0; r < kRegs; ++r) add(movi(r, static_cast<std::uint32_t>(bench_.rng())));
    while (code_.size() < length) block();
    finish(wrong);
    std::uint64_t base = 0;
    do base = (1 + bench_.rnd(1U << 20)) * std::uint64_t{0x10000} % (kCfg.hbm_bytes / 2);
    while (bench_.mem.contains(base));
    if (wrong == 11) base = kCfg.hbm_bytes - 128 * (last_ + 1);  // runs over the end of HBM
    for (std::size_t n = 0; n < code_.size(); ++n) bench_.mem[base + 128 * n] = code_[n].pack();
    if (wrong == 12) bench_.bad[base + 128 * last_] = kErrAxi;
    return base;
  }

 private:
  static constexpr unsigned kRegs = 8, kLoop = 7;  // the last register counts loops
  Bench& bench_;
  unsigned engine_, tag_ = 0;
  std::vector<Instr> code_;
  std::size_t last_ = 0;

  Instr blank(Opcode o) {
    Instr i;
    i.opcode = op(o);
    i.tag = tag_++ & 0xffff;
    return i;
  }
  Instr movi(unsigned rd, std::uint32_t v) {
    Instr i = blank(Opcode::kMovi);
    i.rd = rd, i.imm0 = v;
    return i;
  }
  void add(const Instr& i) { code_.push_back(i); }

  void decorate(Instr& i) {
    if (waits && bench_.chance(12)) {
      i.wait_cond = 1 + bench_.rnd(2);
      i.wait_sem = bench_.rnd(24);
      i.wait_value = bench_.rnd(8) - 4;
    }
    if (bench_.chance(50)) {
      i.upd_op = 1 + bench_.rnd(3), i.upd_sem = bench_.rnd(24), i.upd_value = bench_.rnd(8);
      if (bench_.chance(25)) i.upd_remote = 1, i.upd_x = bench_.rnd(kMeshX + 1), i.upd_y = bench_.rnd(kMeshY + 1);
    } else if (bench_.chance(30)) {
      i.upd_remote = 1, i.upd_x = 255;  // no update: coordinates do not matter
    }
  }
  Instr plain() {
    const unsigned kind = bench_.rnd(100);
    Instr i;
    if (kind < 20)
      i = movi(bench_.rnd(kLoop), bench_.chance(50) ? bench_.rnd(4) : static_cast<std::uint32_t>(bench_.rng()));
    else if (kind < 45) {
      i = blank(Opcode::kAlu);
      i.rd = bench_.rnd(kLoop), i.alu0 = bench_.rnd(10), i.use_imm = bench_.rnd(2);
      i.imm1 = bench_.rnd(kRegs) | bench_.rnd(kRegs) << 8,
      i.imm0 = bench_.chance(50) ? bench_.rnd(64) : static_cast<std::uint32_t>(bench_.rng());
    } else if (kind < 50)
      i = blank(Opcode::kNop);
    else if (kind < 57)
      i = blank(Opcode::kDrain);
    else if (kind < 66 && rings)
      i = blank(Opcode::kDoorbell), i.flags = bench_.rnd(kQueues), i.imm0 = engine_ << 24 | tag_;
    else if (engine_ < 3 && data) {
      const unsigned codes[3][5] = {{16, 17, 17, 17, 16}, {32, 32, 32, 32, 32}, {48, 49, 50, 51, 52}};
      i = blank(static_cast<Opcode>(codes[engine_][bench_.rnd(5)]));
      i.nparts = bench_.rnd(16), i.imm0 = static_cast<std::uint32_t>(bench_.rng()), i.flags = bench_.rnd(256);
      for (isa::Operand* p : {&i.dst, &i.src0, &i.src1}) {
        p->offset = static_cast<std::uint32_t>(bench_.rng()), p->areg = bench_.rnd(kRegs), p->areg_en = bench_.rnd(2);
        p->num0 = bench_.rnd(65536);
      }
    } else
      i = blank(Opcode::kNop);
    i = used(i);
    decorate(i);
    return i;
  }
  void branch(unsigned cond, unsigned a, unsigned b, bool imm, std::uint32_t value, int distance) {
    Instr i = blank(Opcode::kBr);
    i.br_cond = cond, i.use_imm = imm, i.imm0 = value;
    i.imm1 = a | b << 8 | static_cast<std::uint32_t>(static_cast<std::uint16_t>(distance)) << 16;
    i = used(i);
    decorate(i);
    add(i);
  }
  void block() {
    const unsigned kind = bench_.rnd(10), n = 1 + bench_.rnd(5);
    if (kind < 6) {
      for (unsigned k = 0; k < n; ++k) add(plain());
    } else if (kind < 8) {
      branch(bench_.rnd(7), bench_.rnd(kRegs), bench_.rnd(kRegs), bench_.chance(50), bench_.rnd(4),
             static_cast<int>(n) + 1);
      for (unsigned k = 0; k < n; ++k) add(plain());
    } else {
      add(movi(kLoop, 1 + bench_.rnd(4)));
      for (unsigned k = 0; k < n; ++k) add(plain());
      Instr i = blank(Opcode::kAlu);
      i.rd = kLoop, i.alu0 = 1, i.use_imm = 1, i.imm0 = 1, i.imm1 = kLoop;
      add(i);
      branch(6, kLoop, 0, true, 0, -static_cast<int>(n) - 1);
    }
  }
  void finish(int wrong) {
    Instr i = blank(Opcode::kHalt);
    if (wrong < 0 || bench_.chance(50)) decorate(i);
    switch (wrong) {
      case 0:
        i.opcode = 7 + bench_.rnd(9);
        break;  // no such opcode
      case 1:
        i.opcode = engine_ == 1 ? 48 : 32;
        break;  // of another engine
      case 2:
        (bench_.chance(30)   ? i.rsv0
         : bench_.chance(50) ? i.nparts
                             : i.imm0) = 1U << bench_.rnd(8);  // reserved or unused
        break;
      case 3:
        i.wait_cond = 3;
        break;
      case 4:
        i.upd_op = 4 + bench_.rnd(4);
        break;
      case 5:
        i.opcode = 2, i.alu0 = 10 + bench_.rnd(6);
        break;
      case 6:
        i.opcode = 3, i.br_cond = 7;
        break;
      case 7:
        i.upd_op = 1, i.upd_remote = 1, i.upd_x = kMeshX + 1, i.upd_y = 0;
        break;
      case 8:
        i.upd_op = 2, i.upd_remote = 1, i.upd_x = 0, i.upd_y = kMeshY + 1 + bench_.rnd(8);
        break;
      case 9:
        i.opcode = 4, i.flags = kQueues + bench_.rnd(16 - kQueues);
        break;
      case 10:
        i.src1.rsv2 = std::uint64_t{1} << bench_.rnd(64);
        break;
      case 11:
        i.opcode = 0;
        break;
      case 12:
        break;  // the memory answers with an error
      default:  // the engine refuses it
        if (wrong > 12) {
          if (engine_ < 3)
            i.opcode = engine_ == 0 ? 17 : engine_ == 1 ? 32 : 49, i.nparts = 0xee, i.imm0 = 2 + bench_.rnd(5);
          else
            i.opcode = 17;
        }
    }
    if (wrong == 13 && kCfg.semaphores < 256)
      i.opcode = 6, i.upd_op = 1, i.upd_sem = kCfg.semaphores + bench_.rnd(256 - kCfg.semaphores);
    if (wrong == 14 && kCfg.sequencer_registers < 64) {
      i.opcode = 2, i.alu0 = 0, i.use_imm = 0, i.imm1 = 0;
      const unsigned none = kCfg.sequencer_registers + bench_.rnd(64 - kCfg.sequencer_registers);
      (bench_.chance(50) ? i.imm1 : i.rd) = none;
    }
    last_ = code_.size();
    add(i);
    if (wrong != 11 && bench_.chance(50)) {
      for (unsigned k = 0; k < 3; ++k) add(plain());  // what is prefetched behind the end
    }
  }
};

/// Follows the engines and compares everything with their traces.
class Follower {
 public:
  struct State {
    Trace trace;
    std::deque<Trace> next;  // programs that were started; the last one will run, what comes before may be seen
    unsigned updates = 0, records = 0, issues = 0, rings = 0, done_base = 0;
    bool failed = false, active = false;
    std::uint64_t last_start = 0, started = 0;
  };
  explicit Follower(Bench& b) : bench(b) {
    b.on_record = [this](const Record& r) { record(r); };
    b.on_fault = [this](const Fault& f) { fault(f); };
    b.on_update = [this](unsigned s, const SemUpdate& u) {
      if (s < kEngines) update(s, u);
    };
    b.on_ring = [this](const Ring& r) { ring(r); };
    b.on_issue = [this](unsigned e, const ItemImage& i) { issue(e, i); };
    b.on_start = [this](unsigned e) { start(e); };
  }
  Bench& bench;
  std::array<State, kEngines> engines;
  std::array<Trace, kEngines> announced;  ///< what the next start of each engine begins
  std::uint64_t records_seen = 0, switches = 0;

  bool finished(unsigned e) const {
    const State& s = engines[e];
    return !s.active || (s.next.empty() && s.records == s.trace.steps.size() && s.failed == s.trace.fails);
  }
  bool finished() const {
    for (unsigned e = 0; e < kEngines; ++e) {
      if (!finished(e)) return false;
    }
    return true;
  }
  /// The trace that runs or is about to.
  const Trace& last(unsigned e) const { return engines[e].next.empty() ? engines[e].trace : engines[e].next.back(); }

 private:
  void start(unsigned e) {
    State& s = engines[e];
    s.next.push_back(announced[e]);
    s.started = bench.cycle;
    if (!s.active) advance(e);
  }
  /// The next started program has shown itself: everything of the one before is complete.
  void advance(unsigned e) {
    State& s = engines[e];
    EXPECT_LE(s.updates, s.records) << "update without a record, engine " << e;
    if (s.active) ++switches;
    const std::uint64_t started = s.started;
    std::deque<Trace> next = std::move(s.next);
    s = {};
    s.trace = std::move(next.front());
    next.pop_front();
    s.next = std::move(next);
    s.started = started;
    s.active = true;
    s.done_base = bench.done_count[e];
  }
  bool expects(const State& s, unsigned tag) const {
    return s.records < s.trace.steps.size() && s.trace.steps[s.records].instr.tag == tag;
  }
  static std::uint64_t number_of_data(const Trace& t, unsigned upto) {
    std::uint64_t n = 0;
    for (unsigned k = 0; k < upto; ++k) n += t.steps[k].data;
    return n;
  }
  void update(unsigned e, const SemUpdate& u) {
    State& s = engines[e];
    while (s.updates < s.trace.steps.size() && s.trace.steps[s.updates].instr.upd_op == 0) ++s.updates;
    ASSERT_LT(s.updates, s.trace.steps.size()) << "update of engine " << e << " that no instruction asks for";
    const Step& step = s.trace.steps[s.updates];
    const Instr& i = step.instr;
    const SemUpdate want{i.upd_sem, i.upd_op, i.upd_value, i.upd_remote, i.upd_x, i.upd_y};
    EXPECT_EQ(u, want) << "engine " << e << " tag " << i.tag;
    // Order: the writes of this and all earlier instructions are committed.
    EXPECT_GE(bench.done_count[e] - s.done_base, number_of_data(s.trace, s.updates + 1))
        << "update before the writes, engine " << e << " tag " << i.tag;
    ++s.updates;
  }
  void record(const Record& r) {
    State& s = engines[r.engine];
    ++records_seen;
    while (!s.next.empty() && !expects(s, r.tag)) advance(r.engine);
    ASSERT_LT(s.records, s.trace.steps.size()) << "record of engine " << r.engine << " too many, tag " << r.tag;
    const Step& step = s.trace.steps[s.records];
    EXPECT_EQ(r.tag, step.instr.tag) << "engine " << r.engine;
    EXPECT_EQ(r.opcode, step.instr.opcode);
    EXPECT_EQ(r.checksum, step.checksum) << "engine " << r.engine << " tag " << r.tag;
    EXPECT_GT(r.start, s.last_start);
    s.last_start = r.start;
    if (step.instr.upd_op != 0) {
      EXPECT_GT(s.updates, s.records) << "record before the update";
    }
    const auto now = static_cast<std::int32_t>(bench.sem_at(step.instr.wait_sem, r.start));
    const auto want = static_cast<std::int32_t>(step.instr.wait_value);
    if (step.instr.wait_cond == 1) {
      EXPECT_GE(now, want) << "engine " << r.engine << " tag " << r.tag;
    }
    if (step.instr.wait_cond == 2) {
      EXPECT_EQ(now, want) << "engine " << r.engine << " tag " << r.tag;
    }
    ++s.records;
  }
  void fault(const Fault& f) {
    State& s = engines[f.engine];
    while (!s.next.empty() && bench.cycle > s.started) advance(f.engine);
    EXPECT_TRUE(s.trace.fails && !s.failed) << "engine " << f.engine << " error " << +f.code << " tag " << f.tag;
    EXPECT_EQ(s.records, s.trace.steps.size()) << "error before earlier instructions are complete";
    EXPECT_EQ(f.code, s.trace.fault.code) << "engine " << f.engine;
    EXPECT_EQ(f.tag, s.trace.fault.tag);
    EXPECT_EQ(f.pc, s.trace.fault.pc);
    s.failed = true;
  }
  void ring(const Ring& r) {
    const unsigned e = r.count >> 24;
    if (e >= kEngines) return;  // of the registers
    State& s = engines[e];
    while (s.rings < s.trace.steps.size() && s.trace.steps[s.rings].instr.opcode != op(Opcode::kDoorbell)) ++s.rings;
    ASSERT_LT(s.rings, s.trace.steps.size());
    EXPECT_EQ(r.count, s.trace.steps[s.rings].instr.imm0);
    EXPECT_EQ(r.queue, s.trace.steps[s.rings].instr.flags & 15);
    EXPECT_GE(s.records, s.rings) << "doorbell before earlier instructions are complete";
    ++s.rings;
  }
  void issue(unsigned e, const ItemImage& image) {
    State& s = engines[e];
    while (s.issues < s.trace.steps.size() && !s.trace.steps[s.issues].data) ++s.issues;
    if (s.issues == s.trace.steps.size()) {  // the failing one and what follows it
      EXPECT_TRUE(s.trace.fails);
      return;
    }
    EXPECT_TRUE(image == s.trace.steps[s.issues].issued)
        << "engine " << e << " tag " << s.trace.steps[s.issues].instr.tag;
    ++s.issues;
  }
};

/// Runs until every engine is at its end. When all wait, the host sets what the status registers name.
inline void run(Bench& b, Follower& f, unsigned limit = 400000) {
  const std::uint64_t end = b.cycle + limit;
  unsigned still = 0;
  std::uint64_t seen = 0;
  while (!f.finished() && b.cycle < end) {
    b.step();
    still = f.records_seen == seen && b.outside_idle() ? still + 1 : 0;
    seen = f.records_seen;
    if (still < 20) continue;
    still = 0;
    if (b.queue_update_percent == 0) {
      EXPECT_TRUE(b.dut->quiet_o) << "all wait but not quiet: " << std::hex << +b.dut->TSR_WATCH(quiet);
    }
    unsigned waiting = 0;
    for (unsigned e = 0; e < kEngines; ++e) {
      if (f.finished(e)) continue;
      const std::uint32_t status = b.read(reg::at(reg::kEngStatus, e));
      if ((status & 8) == 0) continue;
      const auto& steps = f.engines[e].trace.steps;
      if (f.engines[e].next.empty() && f.engines[e].records < steps.size()) {
        EXPECT_EQ(status >> 16, steps[f.engines[e].records].instr.tag);
      }
      ++waiting;
      b.write(reg::at(reg::kSemSet, status >> 8 & 0xff), b.read(reg::at(reg::kEngWaitValue, e)));
      break;
    }
    EXPECT_EQ(waiting, 1U) << "stuck but nobody waits, cycle " << b.cycle;
    if (waiting == 0) return;
  }
  EXPECT_TRUE(f.finished()) << "not at the end at cycle " << b.cycle;
  for (unsigned n = 0, idle = 0; n < 2000 && idle < 100; ++n) {
    b.step();
    idle = b.outside_idle() ? idle + 1 : 0;
  }
  if (b.queue_update_percent == 0) {
    EXPECT_TRUE(b.outside_idle());
    EXPECT_TRUE(b.dut->quiet_o) << "at the end: " << std::hex << +b.dut->TSR_WATCH(quiet);
  }
}

}  // namespace tessera::ctrl_test
