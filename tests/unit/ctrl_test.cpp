// SPDX-License-Identifier: Apache-2.0
/// Fetch, sequencers and semaphores under random programs, errors, restarts and resets.
#include "ctrl_model.hpp"
#include "golden/registers.hpp"
#include "golden/sequencer.hpp"

namespace tessera::ctrl_test {
namespace {

void start(Bench& b, Follower& f, unsigned e, std::uint64_t pc) {
  f.announced[e] = interpret(e, pc, b);
  b.start_engine(e, pc);
}

/// Status, error registers and interrupt after the end of all programs.
void check_registers(Bench& b, const Follower& f) {
  std::uint32_t irq = 0;
  for (unsigned e = 0; e < kEngines; ++e) {
    if (!f.engines[e].active) continue;
    const Trace& t = f.engines[e].trace;
    EXPECT_EQ(b.read(reg::at(reg::kEngStatus, e)), t.fails ? 0x14U : 2U) << e;
    EXPECT_EQ(b.read(reg::at(reg::kEngErr, e)), t.fails ? t.fault.code | std::uint32_t{t.fault.tag} << 16 : 0U);
    EXPECT_EQ(b.read(reg::at(reg::kEngErrPc, e)), t.fails ? static_cast<std::uint32_t>(t.fault.pc) : 0U);
    EXPECT_EQ(b.read(reg::at(reg::kEngWaitValue, e)), 0U);
    irq |= (t.fails ? 1U : 0U) << e;
  }
  EXPECT_EQ(b.read(reg::kIrq), irq);
  EXPECT_EQ(b.dut->irq_o, irq != 0);
  for (unsigned s = 0; s < 24; ++s) EXPECT_EQ(b.read(reg::kSemRead + 4 * s), b.sems[s]);
}

void random_knobs(Bench& b) {
  b.latency_max = 1 + b.rnd(120), b.ready_percent = 20 + b.rnd(81), b.work_max = 1 + b.rnd(60);
  b.queue_update_percent = b.chance(50) ? b.rnd(40) : 0;
}

TEST(Ctrl, RandomPrograms) {
  std::uint64_t records = 0, quiet = 0, remote = 0;
  std::map<unsigned, unsigned> codes;
  for (unsigned round = 0; round < 25; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    random_knobs(b);
    Follower f(b);
    for (unsigned round = 0; round < 3; ++round) {  // the second round ends with errors, the third starts after them
      for (unsigned e = 0; e < kEngines; ++e) {
        Writer w(b, e);
        int wrong = round == 1 ? static_cast<int>(b.rnd(15)) : -1;
        if (wrong == 11 && e != seed % kEngines) wrong = 0;  // one program has the end of HBM
        start(b, f, e, w.program(10 + b.rnd(40), wrong, 0x1000 * e + 0x400 * round));
        ++codes[f.announced[e].fails ? f.announced[e].fault.code : 0];
      }
      run(b, f);
      check_registers(b, f);
      if (round == 1) {  // clearing lowers the interrupt and neither starts anything nor forgets the error
        b.write(reg::kIrqClear, 0x1f);
        EXPECT_EQ(b.read(reg::kIrq), 0U);
        for (unsigned e = 0; e < kEngines; ++e) {
          const Trace& t = f.engines[e].trace;
          EXPECT_EQ(b.read(reg::at(reg::kEngStatus, e)), t.fails ? 0x14U : 2U);
          EXPECT_EQ(b.read(reg::at(reg::kEngErr, e)), t.fails ? t.fault.code | std::uint32_t{t.fault.tag} << 16 : 0U);
        }
      }
      if (::testing::Test::HasFailure()) return;
    }
    records += f.records_seen, quiet += b.quiet_steps, remote += b.remote_updates;
  }
  EXPECT_GT(records, 5000U);
  EXPECT_GT(quiet, 5000U);
  EXPECT_GT(remote, 200U);
  for (const unsigned code : {kErrOpcode, kErrAddress, kErrTile, kErrAxi, kErrField, kErrQueue})
    EXPECT_GT(codes[code], 0U) << code;
}

TEST(Ctrl, RestartWhileRunning) {
  std::uint64_t switches = 0;
  for (unsigned round = 0; round < 12; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    random_knobs(b);
    Follower f(b);
    unsigned tag = 0;
    for (unsigned round = 0; round < 25; ++round) {
      const unsigned e = b.rnd(kEngines);
      Writer w(b, e);
      int wrong = b.chance(40) ? static_cast<int>(b.rnd(15)) : -1;
      if (wrong == 11) wrong = 12;
      std::uint64_t pc = w.program(10 + b.rnd(30), wrong, tag += 0x100);
      if (b.chance(10)) pc = kCfg.hbm_bytes + 128 * b.rnd(4);
      if (b.chance(10)) pc += 4 * (1 + b.rnd(31));
      start(b, f, e, pc);
      for (unsigned n = b.rnd(300); n > 0; --n) b.step();
      if (::testing::Test::HasFailure()) return;
    }
    run(b, f);
    check_registers(b, f);
    if (::testing::Test::HasFailure()) return;
    switches += f.switches;
  }
  EXPECT_GT(switches, 100U);
}

// Two starts in adjacent accesses, at every distance to an error of the first program.
TEST(Ctrl, StartBeatsErrorOfTheProgramBefore) {
  for (unsigned gap = 0; gap < 60; ++gap) {
    SCOPED_TRACE("gap " + std::to_string(gap));
    Bench b(tessera::test::seed() + gap);
    b.latency_max = 1, b.ready_percent = 100, b.work_max = 3;
    Follower f(b);
    Instr bad;
    bad.opcode = 49, bad.tag = 7, bad.nparts = 0xee, bad.imm0 = 5;
    b.mem[0x1000] = bad.pack();
    bad.tag = 8;
    b.mem[0x1080] = bad.pack();
    Instr halt;
    halt.opcode = 6, halt.tag = 9;
    b.mem[0x1100] = b.mem[0x2000] = halt.pack();
    start(b, f, 2, 0x1000);
    b.write(reg::kEngPc + 0x40, 0x2000);
    f.announced[2] = interpret(2, 0x2000, b);
    for (unsigned n = 0; n < gap; ++n) b.step();
    b.write(reg::kEngStart + 0x40, 1);
    run(b, f);
    check_registers(b, f);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Ctrl, ResetInTheMiddle) {
  for (unsigned round = 0; round < 12; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    for (unsigned round = 0; round < 4; ++round) {
      random_knobs(b);
      Follower f(b);
      for (unsigned e = 0; e < kEngines; ++e) {
        Writer w(b, e);
        start(b, f, e,
              w.program(20 + b.rnd(30), b.chance(30) ? static_cast<int>(b.rnd(11)) : -1, 0x1000 * e + 0x400 * round));
      }
      if (round == 3) {
        run(b, f);
        check_registers(b, f);
      } else {
        for (unsigned n = b.rnd(1500); n > 0; --n) b.step();
        b.reset();
        EXPECT_EQ(b.dut->irq_o, 0);
        for (unsigned e = 0; e < kEngines; ++e) EXPECT_EQ(b.read(reg::at(reg::kEngStatus, e)), 0U);
        for (unsigned s = 0; s < 24; ++s) EXPECT_EQ(b.read(reg::kSemRead + 4 * s), 0U);
        for (unsigned n = 0; n < 200; ++n) b.step();
        EXPECT_TRUE(b.dut->quiet_o || b.queue_update_percent != 0);
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// Registers of a sequencer survive a halt and a start; a reset clears them.
TEST(Ctrl, RegistersSurviveARestart) {
  constexpr unsigned kLast = kCfg.sequencer_registers - 1;
  Bench b(tessera::test::seed());
  Follower f(b);
  Instr i;
  i.opcode = 1, i.rd = kLast, i.imm0 = 41;
  b.mem[0x1000] = i.pack();
  i = {}, i.opcode = 6;
  b.mem[0x1080] = i.pack();
  i = {}, i.opcode = 2, i.rd = 5, i.use_imm = 1, i.imm0 = 1, i.imm1 = kLast;  // r5 = the last register + 1
  b.mem[0x2000] = i.pack();
  i = {}, i.opcode = 49, i.dst.areg = 5, i.dst.areg_en = 1, i.dst.offset = 100;
  b.mem[0x2080] = i.pack();
  i = {}, i.opcode = 6;
  b.mem[0x2100] = i.pack();
  for (const unsigned value : {41U, 0U}) {
    if (value != 0) {
      start(b, f, 2, 0x1000);
      run(b, f);
    } else {
      b.reset();
      f.engines[2] = {};
    }
    std::array<std::uint32_t, 64> regs{};
    regs[kLast] = value;
    f.announced[2] = interpret(2, 0x2000, b, regs);
    EXPECT_EQ(Instr::unpack(f.announced[2].steps[1].issued).dst.offset, 101 + value);
    b.start_engine(2, 0x2000);
    run(b, f);
  }
}

// The interpreter, the golden model and the hardware agree on one engine without waits: records, error, semaphores.
TEST(Ctrl, GoldenModelAgrees) {
  for (unsigned round = 0; round < 60; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    b.latency_max = 3, b.ready_percent = 100;
    Follower f(b);
    const unsigned e = b.rnd(kEngines);
    Writer w(b, e);
    w.waits = w.data = false;
    const int wrong = static_cast<int>(b.rnd(13)) - 1;
    const std::uint64_t pc = w.program(10 + b.rnd(60), wrong, 1) + (b.chance(5) ? 64 : 0);
    start(b, f, e, pc);
    run(b, f);

    golden::Tile tile(kCfg, kTileX, kTileY), other(kCfg, 0, 0);
    tile.mesh_x = kMeshX, tile.mesh_y = kMeshY;
    const golden::TileLookup find = [&](std::uint32_t x, std::uint32_t y) -> golden::Tile* {
      if (x > kMeshX || y > kMeshY) return nullptr;
      return x == kTileX && y == kTileY ? &tile : &other;
    };
    for (const auto& [address, image] : b.mem) {
      tile.hbm.write(address, {reinterpret_cast<const std::uint8_t*>(image.data()), isa::kItemBytes});
    }
    golden::EngineState& engine = tile.engines[e];
    golden::start_engine(engine, pc);
    while (golden::step_engine(tile, static_cast<isa::Engine>(e), find)) {
    }
    const Trace& t = f.engines[e].trace;
    ASSERT_EQ(engine.retired.size(), t.steps.size());
    for (std::size_t n = 0; n < t.steps.size(); ++n) {
      EXPECT_EQ(engine.retired[n],
                (golden::Retired{static_cast<std::uint8_t>(t.steps[n].instr.opcode),
                                 static_cast<std::uint16_t>(t.steps[n].instr.tag), t.steps[n].checksum}));
    }
    EXPECT_EQ(static_cast<unsigned>(engine.fault.code), t.fails ? t.fault.code : 0U);
    EXPECT_EQ(engine.fault.tag, t.fails ? t.fault.tag : 0U);
    EXPECT_EQ(engine.fault.address, t.fails ? t.fault.pc : 0U);
    EXPECT_EQ(engine.halted, !t.fails);
    for (unsigned s = 0; s < 24; ++s) EXPECT_EQ(tile.sem[s], b.sems[s]);
    for (const unsigned offset : {0x00U, 0x0cU, 0x10U, 0x14U, 0x18U}) {
      std::uint32_t value = 0;
      EXPECT_TRUE(golden::read_register(tile, reg::at(reg::kEngPc, e) + offset, value));
      EXPECT_EQ(b.read(reg::at(reg::kEngPc, e) + offset), offset == 0 ? static_cast<std::uint32_t>(pc) : value)
          << offset;
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Ctrl, ControlInstructionsTakeOneCycle) {
  Bench b(tessera::test::seed());
  b.latency_max = 1, b.ready_percent = 100;
  Follower f(b);
  for (unsigned n = 0; n < 64; ++n) {
    Instr i;
    i.opcode = n == 63 ? 6 : 0, i.tag = n;
    b.mem[0x1000 + 128 * n] = i.pack();
  }
  std::vector<Record> seen;
  start(b, f, 4, 0x1000);
  const auto record = b.on_record;
  b.on_record = [&](const Record& r) {
    record(r);
    seen.push_back(r);
  };
  run(b, f);
  ASSERT_EQ(seen.size(), 64U);
  for (const Record& r : seen) EXPECT_EQ(r.end, r.start + 1);  // nothing delays the update of a control instruction
}

// What waveforms show of an engine whose instruction fetch starves: the instruction that waits there, or none.
TEST(Ctrl, ViewShowsNothingThatIsGone) {
  Bench b(tessera::test::seed());
  Follower f(b);
  std::map<unsigned, unsigned> opcode_of;
  for (unsigned n = 0; n < 12; ++n) {
    Instr i;
    i.opcode = n == 11 ? 6 : n % 3 == 2 ? 1 : 0, i.tag = 0x500 + n;
    if (n == 7) i.wait_cond = 1, i.wait_sem = 9, i.wait_value = 3;
    opcode_of[i.tag] = i.opcode;
    b.mem[0x1000 + 128 * n] = i.pack();
  }
  start(b, f, 0, 0x1000);
  unsigned empty = 0, waits = 0;
  std::map<unsigned, unsigned> shown;
  for (unsigned n = 0; n < 8000 && !f.finished(0); ++n) {
    b.latency_max = f.engines[0].records % 4 == 3 ? 400 : 1;  // it starves again and again
    if (waits == 50) b.start(0, true, reg::kSemSet + 4 * 9, 3);
    b.step();
    const std::uint64_t view = b.dut->TSR_WATCH(view);
    const unsigned tag = view & 0xffff, opcode = view >> 18 & 0xff, waits_for = static_cast<unsigned>(view >> 26);
    const bool valid = (view >> 16 & 1) != 0, waiting = (view >> 17 & 1) != 0;
    if (valid) {
      ++shown[tag];
      ASSERT_TRUE(opcode_of.contains(tag)) << tag;
      EXPECT_EQ(opcode, opcode_of[tag]);
    } else {
      ++empty;
      EXPECT_TRUE(opcode == 0xff && tag == 0 && !waiting && waits_for == 0) << n;
    }
    waits += waiting;
    EXPECT_EQ(waits_for, waiting ? 9U : 0U);
    if (waiting) {
      EXPECT_EQ(tag, 0x507U);
    }
  }
  EXPECT_TRUE(f.finished(0));
  EXPECT_EQ(shown.size(), opcode_of.size());
  EXPECT_GT(empty, 200U);
  EXPECT_GE(waits, 50U);
}

}  // namespace
}  // namespace tessera::ctrl_test
