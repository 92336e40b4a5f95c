// SPDX-License-Identifier: Apache-2.0
/// tsr_csr through its three ports: the map against the golden model, errors, interrupts, doorbells, fairness.
#include "ctrl_model.hpp"
#include "golden/registers.hpp"

namespace tessera::ctrl_test {
namespace {

/// Queues as the registers see them: work by doorbells, emptied by a write of the size.
class Queues {
 public:
  explicit Queues(Bench& b) : bench_(b) {
    b.on_ring = [this](const Ring& r) {
      ASSERT_LT(r.queue, kQueues);
      work[r.queue] += r.count;
    };
  }
  std::array<std::uint64_t, 8> work{};
  std::array<std::uint64_t, 8> size_writes{};
  void follow() {
    for (unsigned q = 0; q < kQueues; ++q) {
      if (size_writes[q] != bench_.size_writes[q]) size_writes[q] = bench_.size_writes[q], work[q] = 0;
      const unsigned bit = 1U << q;
      bench_.dut->queue_status_busy_i = static_cast<std::uint8_t>(
          work[q] != 0 ? bench_.dut->queue_status_busy_i | bit : bench_.dut->queue_status_busy_i & ~bit);
    }
  }

 private:
  Bench& bench_;
};

unsigned random_register(Bench& b) {
  switch (b.rnd(8)) {
    case 0:
      return b.rnd(0x40) * 4;
    case 1:
      return 0x100 + b.rnd(0x40) * 4;
    case 2:
    case 3:
      return 0x400 + b.rnd(0x100) * 4;
    case 4:
    case 5:
      return 0x1000 + b.rnd(0x440) * 4;
    case 6:
      return b.rnd(0x4000) * 4;
    default:
      return b.rnd(0x10000);
  }
}

TEST(Csr, MapMatchesGoldenModel) {
  for (unsigned round = 0; round < 4; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    Queues queues(b);
    golden::Tile tile(kCfg, kTileX, kTileY);
    tile.mesh_x = kMeshX, tile.mesh_y = kMeshY;
    unsigned refused = 0;
    const auto compare = [&](unsigned port, bool we, unsigned addr, std::uint32_t data) {
      const Access a = b.access(port, we, addr, data);
      queues.follow();
      std::uint32_t value = 0;
      const bool ok = we ? golden::write_register(tile, addr, data) : golden::read_register(tile, addr, value);
      refused += !ok;
      EXPECT_EQ(a.err, !ok) << (we ? "write " : "read ") << std::hex << addr;
      if (!we && ok) {
        EXPECT_EQ(a.data, value) << std::hex << addr;
      }
    };
    // Every word below the last register, read and written, and misaligned addresses.
    for (unsigned addr = 0; addr < 0x2040; addr += 4) {
      const bool starts = addr >= 0x100 && addr < 0x1a0 && addr % 32 == 8;
      compare(b.rnd(2), false, addr, 0);
      compare(2 * b.rnd(2), true, addr, static_cast<std::uint32_t>(b.rng()) & (starts ? ~1U : ~0U));
      compare(b.rnd(2), false, addr, 0);
      if (addr % 64 == 0) compare(b.rnd(2), false, addr + 1 + b.rnd(3), 0);
    }
    for (unsigned n = 0; n < 3000; ++n) {
      const unsigned addr = random_register(b), q = b.rnd(kQueues);
      if ((addr & ~0xe0U) == 0x108) continue;
      if (b.chance(5)) {  // a queue reports an error
        golden::QueueState& state = tile.queues[q];
        state.fault = {static_cast<isa::Err>(1 + b.rnd(11)), static_cast<std::uint16_t>(b.rng()),
                       b.rng() | std::uint64_t{b.rnd(256)} << 32};
        state.work = 0, state.irq = true;
        queues.work[q] = 0;
        b.dut->queue_fault_code_i[q] = static_cast<std::uint8_t>(state.fault.code);
        b.dut->queue_fault_tag_i[q] = state.fault.tag;
        b.dut->queue_fault_addr_i[q] = state.fault.address;
        b.dut->queue_fault_en_i = static_cast<std::uint8_t>(1U << q);
        b.step();
        b.dut->queue_fault_en_i = 0;
        queues.follow();
      }
      if (b.chance(20)) {  // status of a queue changes
        golden::QueueState& state = tile.queues[q];
        state.done = b.dut->queue_done_i[q] = static_cast<std::uint32_t>(b.rng());
        state.tag = b.dut->queue_status_tag_i[q] = static_cast<std::uint16_t>(b.rng());
        state.waiting.reset();
        const bool waits = b.chance(50);
        b.dut->queue_status_waiting_i =
            static_cast<std::uint8_t>((b.dut->queue_status_waiting_i & ~(1U << q)) | (waits ? 1U << q : 0U));
        b.dut->queue_status_wait_sem_i[q] = static_cast<std::uint8_t>(b.rng()),
        b.dut->queue_status_wait_value_i[q] = static_cast<std::uint32_t>(b.rng());
        if (waits) {
          state.waiting = golden::SemWait{b.dut->queue_status_wait_sem_i[q], isa::Wait::kGe,
                                          static_cast<std::int32_t>(b.dut->queue_status_wait_value_i[q])};
        }
      }
      const bool we = b.chance(50);
      const auto place = reg::find(addr);
      const bool of_queue = we && place && place->unit < kQueues;
      const unsigned number = of_queue ? place->unit : 0;
      if (of_queue && place->reg == reg::kQSize) {  // a restarted queue waits for nothing and has done nothing
        b.dut->queue_status_waiting_i = static_cast<std::uint8_t>(b.dut->queue_status_waiting_i & ~(1U << number));
        b.dut->queue_done_i[number] = 0;
      }
      if (of_queue && place->reg == reg::kQDoorbell && tile.queues[number].fault.code != isa::Err::kOk) {
        continue;  // a stopped queue is never busy
      }
      compare(we ? 2 * b.rnd(2) : b.rnd(2), we, addr,
              b.chance(50) ? 1U << b.rnd(32) : static_cast<std::uint32_t>(b.rng()));
      if (b.chance(30)) compare(b.rnd(2), false, reg::kIrq, 0);
    }
    for (unsigned s = 0; s < 256; ++s) EXPECT_EQ(tile.sem[s], b.sems[s]);
    EXPECT_GT(refused, 1000U);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Csr, PartialWritesAreRefused) {
  Bench b(tessera::test::seed());
  b.write(reg::kQBase, 0x11223300);
  for (unsigned strb = 0; strb < 15; ++strb) {
    EXPECT_TRUE(b.access(0, true, reg::kQBase, 0xffffffff, strb).err);
    EXPECT_TRUE(b.access(0, true, reg::kSemInc, 1, strb).err);
    EXPECT_TRUE(b.access(0, true, reg::kEngStart, 1, strb).err);
    EXPECT_TRUE(b.access(0, true, reg::kQDoorbell, 1, strb).err);
  }
  EXPECT_EQ(b.read(reg::kQBase), 0x11223300U);
  EXPECT_EQ(b.read(reg::kSemRead), 0U);
  EXPECT_EQ(b.read(reg::kEngStatus), 0U);
  EXPECT_EQ(b.read(reg::kQStatus), 0U);
}

// Three users at once: nothing is lost, everybody is served, reads see a value the register had meanwhile.
TEST(Csr, PortsShareFairly) {
  for (unsigned round = 0; round < 6; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    b.ready_percent = 20 + b.rnd(81);
    b.queue_update_percent = b.rnd(60);
    std::array<std::uint32_t, 32> sums{};
    for (unsigned n = 0; n < 400; ++n) {
      std::array<std::shared_ptr<Access>, 3> a;
      for (unsigned p = 0; p < 3; ++p) {
        const unsigned s = b.rnd(32);
        const bool we = p == 2 || (p == 0 && b.chance(50));
        const std::uint32_t value = b.rnd(1000);
        const unsigned kind = b.rnd(2);
        a[p] = b.start(p, we, we ? (kind == 0 ? reg::kSemInc : reg::kSemDec) + 4 * s : reg::kSemRead + 4 * s, value);
        if (we) sums[s] += kind == 0 ? value : 0U - value;
      }
      for (unsigned k = 0; k < 400 && !(a[0]->done && a[1]->done && a[2]->done); ++k) b.step();
      for (unsigned p = 0; p < 3; ++p) {
        ASSERT_TRUE(a[p]->done) << "port " << p;
        EXPECT_FALSE(a[p]->err);
        if (a[p]->we) continue;
        const unsigned s = (a[p]->addr - reg::kSemRead) / 4;
        bool found = a[p]->data == b.sem_at(s, a[p]->asked);
        for (const auto& [from, value] : b.history[s])
          found |= from <= a[p]->answered && from >= a[p]->asked && value == a[p]->data;
        EXPECT_TRUE(found) << "port " << p << " semaphore " << s;
      }
    }
    for (unsigned s = 0; s < 32; ++s) EXPECT_EQ(b.read(reg::kSemRead + 4 * s), sums[s]);
    if (::testing::Test::HasFailure()) return;
  }
}

// A host that takes no answer stops nobody else; the tile is not quiet meanwhile.
TEST(Csr, StalledHostBlocksNobody) {
  Bench b(tessera::test::seed());
  b.ready_percent = 0;
  const auto w = b.start(0, true, reg::kSemInc, 1), r = b.start(0, false, reg::kSemRead);
  for (unsigned n = 0; n < 30; ++n) b.step();
  EXPECT_TRUE(b.dut->host_axil_bvalid);
  EXPECT_FALSE(w->done);
  EXPECT_FALSE(b.dut->quiet_o);
  for (unsigned n = 0; n < 50; ++n) {
    const auto before = b.cycle;
    EXPECT_FALSE(b.access(1, false, reg::kId).err);
    EXPECT_FALSE(b.access(2, true, reg::kSemSet + 4, n).err);
    EXPECT_LT(b.cycle - before, 60U);
  }
  b.ready_percent = 100;
  for (unsigned n = 0; n < 50; ++n) b.step();
  EXPECT_TRUE(w->done && r->done);
  EXPECT_EQ(r->data, 1U);
  EXPECT_TRUE(b.dut->quiet_o);
}

// An address without its data, or the reverse, is no work: quiet, and nothing happens before the other half comes.
TEST(Csr, HalfAWriteIsQuiet) {
  for (const bool address_first : {false, true}) {
    Bench b(tessera::test::seed());
    b.dut->host_axil_awaddr = reg::kSemInc, b.dut->host_axil_wdata = 5, b.dut->host_axil_wstrb = 15;
    const auto clock = [&] {
      b.dut->clk_i = 1, b.dut->eval();
      b.dut->clk_i = 0, b.dut->eval();
    };
    b.dut->host_axil_bready = 1;
    (address_first ? b.dut->host_axil_awvalid : b.dut->host_axil_wvalid) = 1;
    clock();
    EXPECT_FALSE(address_first ? b.dut->host_axil_awready : b.dut->host_axil_wready);
    (address_first ? b.dut->host_axil_awvalid : b.dut->host_axil_wvalid) = 0;
    b.dut->eval();
    for (unsigned n = 0; n < 5; ++n) {
      EXPECT_TRUE(b.dut->quiet_o);
      clock();
    }
    (address_first ? b.dut->host_axil_wvalid : b.dut->host_axil_awvalid) = 1;
    b.dut->eval();
    EXPECT_TRUE(b.dut->quiet_o) << "the valid of this cycle counts as 0";
    clock();
    (address_first ? b.dut->host_axil_wvalid : b.dut->host_axil_awvalid) = 0;
    b.dut->eval();
    unsigned answers = 0, noisy = 0;
    for (unsigned n = 0; n < 6; ++n) noisy += !b.dut->quiet_o, answers += b.dut->host_axil_bvalid, clock();
    EXPECT_EQ(answers, 1U);
    EXPECT_EQ(noisy, 3U);  // access, effect, answer
    EXPECT_TRUE(b.dut->quiet_o);
  }
}

// A host that sends the next write before it took the answer: the second waits, both happen once.
TEST(Csr, WritesBehindAnAnswerThatIsNotTaken) {
  Bench b(tessera::test::seed());
  const auto clock = [&] {
    b.dut->clk_i = 1, b.dut->eval();
    b.dut->clk_i = 0, b.dut->eval();
  };
  b.dut->host_axil_awaddr = reg::kSemInc, b.dut->host_axil_wdata = 5, b.dut->host_axil_wstrb = 15;
  b.dut->host_axil_bready = 0;
  unsigned sent = 0, seen = 0;
  b.dut->host_axil_awvalid = b.dut->host_axil_wvalid = 1;
  b.dut->eval();
  for (unsigned n = 0; n < 20; ++n) {
    sent += b.dut->host_axil_awready && b.dut->host_axil_wready;
    seen += b.dut->TSR_WATCH(reg_updates);
    clock();
  }
  EXPECT_EQ(sent, 2U);  // the second waits in the registers
  EXPECT_EQ(seen, 1U);
  b.dut->host_axil_awvalid = b.dut->host_axil_wvalid = 0;
  b.dut->host_axil_bready = 1;
  b.dut->eval();
  unsigned answers = 0;
  for (unsigned n = 0; n < 20; ++n) {
    answers += b.dut->host_axil_bvalid;
    seen += b.dut->TSR_WATCH(reg_updates);
    clock();
  }
  EXPECT_EQ(answers, 2U);
  EXPECT_EQ(seen, 2U);
}

// A register is read in one way or not at all: every write-only one refuses, for each user alike.
TEST(Csr, WriteOnlyRegistersRefuseReads) {
  Bench b(tessera::test::seed());
  std::vector<unsigned> registers = {reg::kIrqClear, reg::kSemSet, reg::kSemInc + 4, reg::kSemDec + 8};
  for (unsigned e = 0; e < isa::kNumEngines; ++e) registers.push_back(reg::at(reg::kEngStart, e));
  for (unsigned q = 0; q < kQueues; ++q) registers.push_back(reg::at(reg::kQDoorbell, q));
  for (const unsigned address : registers) {
    for (const unsigned user : {0U, 1U}) EXPECT_TRUE(b.access(user, false, address, 0).err) << std::hex << address;
    EXPECT_FALSE(b.access(0, true, address, 0).err) << std::hex << address;
  }
}

// An error that comes while IRQ_CLEAR is written is not lost; a write of the size beats it.
TEST(Csr, ErrorsAndClearsAtTheSameTime) {
  Bench b(tessera::test::seed());
  b.dut->queue_fault_code_i[1] = 5, b.dut->queue_fault_tag_i[1] = 77, b.dut->queue_fault_addr_i[1] = 0x1234567890ULL;
  b.dut->queue_fault_en_i = 2;
  b.write(reg::kIrqClear, ~0U);
  b.dut->queue_fault_en_i = 0;
  EXPECT_EQ(b.read(reg::kIrq), 0x200U);
  EXPECT_TRUE(b.dut->irq_o);
  EXPECT_EQ(b.read(reg::kQErr + 0x40), 77U << 16 | 5U);
  EXPECT_EQ(b.read(reg::kQErrAddr + 0x40), 0x34567890U);
  EXPECT_EQ(b.read(reg::kQErrAddrHi + 0x40), 0x12U);
  b.write(reg::kIrqClear, ~0x200U);
  EXPECT_EQ(b.read(reg::kIrq), 0x200U);
  b.write(reg::kIrqClear, 0x200U);
  EXPECT_EQ(b.read(reg::kIrq), 0U);
  EXPECT_FALSE(b.dut->irq_o);
  // Only the interrupt is gone: the queue is stopped, not idle, and says why, until its ring is set.
  EXPECT_EQ(b.read(reg::kQErr + 0x40), 77U << 16 | 5U);
  EXPECT_EQ(b.read(reg::kQErrAddr + 0x40), 0x34567890U);
  EXPECT_EQ(b.read(reg::kQStatus + 0x40) & 0x1fU, 0x14U);
  b.dut->queue_status_busy_i = 2;  // something is still under way
  EXPECT_EQ(b.read(reg::kQStatus + 0x40) & 0x1fU, 0x5U);
  b.dut->queue_status_busy_i = 0;
  EXPECT_EQ(b.read(reg::kQStatus) & 0x1fU, 0U);
  b.write(reg::kQSize + 0x40, 4);
  EXPECT_EQ(b.read(reg::kQStatus + 0x40) & 0x1fU, 0U);
  EXPECT_EQ(b.read(reg::kQErr + 0x40), 0U);
  // The error is held while the size is written and ends with the cycle of the write.
  const auto w = b.start(0, true, reg::kQSize + 0x40, 4);
  b.dut->queue_fault_en_i = 2;
  for (unsigned n = 0; n < 200 && b.size_writes[1] == 0; ++n) b.step();
  b.dut->queue_fault_en_i = 0;
  for (unsigned n = 0; n < 50; ++n) b.step();
  EXPECT_TRUE(w->done);
  EXPECT_EQ(b.read(reg::kIrq), 0U);
}

// Doorbells of five engines, the host and a server leave one at a time; none is lost, each user's stay in order.
TEST(Csr, DoorbellsOfEverybody) {
  for (unsigned round = 0; round < 5; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    b.latency_max = 2, b.ready_percent = 100;
    Follower f(b);
    std::array<std::uint32_t, 8> sums{}, seen{};
    const auto follow = b.on_ring;
    std::uint32_t next[2] = {0, 0};
    b.on_ring = [&](const Ring& r) {
      follow(r);
      seen.at(r.queue) += r.count;
      const unsigned who = r.count >> 24;
      if (who >= 6) {
        EXPECT_EQ(r.count & 0xffffff, next[who - 6]++);
      }
    };
    for (unsigned e = 0; e < kEngines; ++e) {
      const std::uint64_t base = 0x10000 * (e + 1);
      for (unsigned n = 0; n < 40; ++n) {
        Instr i;
        i.opcode = n == 39 ? 6 : 4, i.tag = 64 * e + n, i.flags = b.rnd(kQueues), i.imm0 = e << 24 | n;
        if (n != 39) sums[i.flags] += i.imm0;
        b.mem[base + 128 * n] = i.pack();
      }
      f.announced[e] = interpret(e, base, b);
      b.start_engine(e, base);
    }
    for (unsigned n = 0; n < 60; ++n) {
      const unsigned q[2] = {b.rnd(kQueues), b.rnd(kQueues)};
      const auto h = b.start(0, true, reg::at(reg::kQDoorbell, q[0]), 6U << 24 | n),
                 w = b.start(2, true, reg::at(reg::kQDoorbell, q[1]), 7U << 24 | n);
      sums[q[0]] += 6U << 24 | n, sums[q[1]] += 7U << 24 | n;
      while (!h->done || !w->done) b.step();
    }
    run(b, f);
    EXPECT_EQ(sums, seen);
    EXPECT_EQ(next[0], 60U);
    EXPECT_EQ(next[1], 60U);
    if (::testing::Test::HasFailure()) return;
  }
}

// A read right after the doorbell already sees the queue busy, a read after the start the engine running.
TEST(Csr, StatusIsNeverLate) {
  Bench b(tessera::test::seed());
  b.ready_percent = 100;
  const auto ring = b.start(2, true, reg::kQDoorbell, 3);
  while (b.dut->doorbell_en_o == 0) b.step();
  EXPECT_TRUE(b.dut->doorbell_number_o == 0 && b.dut->doorbell_count_o == 3);
  for (unsigned gap = 0; gap < 12; ++gap) {
    Bench c(tessera::test::seed() + gap);
    c.ready_percent = 100;
    std::array<std::uint64_t, 2> rung{};
    c.on_ring = [&](const Ring&) { rung[0] = c.cycle, c.dut->queue_status_busy_i = 0; };
    const auto w = c.start(2, true, reg::kQDoorbell, 3);
    for (unsigned n = 0; n < gap; ++n) c.step();
    const auto r = c.start(1, false, reg::kQStatus);
    bool busy_next = false;
    for (unsigned n = 0; n < 60 && !(w->done && r->done); ++n) {
      if (busy_next) c.dut->queue_status_busy_i = 1;  // the queue has seen the doorbell
      c.step();
      busy_next = rung[0] != 0;
    }
    // The answer stands for the cycle two before it; the write acts two before its own answer.
    EXPECT_EQ(r->data & 1U, r->answered > w->answered ? 1U : 0U) << gap;
    const auto e = c.start(2, true, reg::kEngStart, 1);
    for (unsigned n = 0; n < gap; ++n) c.step();
    const auto s = c.start(1, false, reg::kEngStatus);
    for (unsigned n = 0; n < 60 && !(e->done && s->done); ++n) c.step();
    EXPECT_EQ(s->data & 7U, s->answered > e->answered ? 1U : 0U) << gap;
  }
}

}  // namespace
}  // namespace tessera::ctrl_test
