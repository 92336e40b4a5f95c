// SPDX-License-Identifier: Apache-2.0
/// tsr_dma: bad descriptors, bad rings, failing memories, and restarts in between.
#include "dma_bench.hpp"

namespace {

using namespace dma_test;

struct Bad {
  const char* what;
  unsigned code;
  void (*spoil)(Desc&);
};
const Bad kBad[] = {
    {"reserved", 9, [](Desc& d) { d.rsv0 = 1; }},
    {"reserved high", 9, [](Desc& d) { d.rsv6 = 8; }},
    {"op", 9, [](Desc& d) { d.op = 3; }},
    {"wait", 9, [](Desc& d) { d.wait_cond = 3; }},
    {"update", 9, [](Desc& d) { d.upd_op = 4; }},
    {"update east of the mesh", 7,
     [](Desc& d) {
       d.upd_remote = 1;
       d.upd_x = kMeshX + 1;
     }},
    {"update south of the mesh", 7,
     [](Desc& d) {
       d.upd_remote = 1;
       d.upd_y = kMeshY + 1;
       d.row_elems = 0;
     }},
    {"dtype", 4, [](Desc& d) { d.src_dtype = d.dst_dtype = 3; }},
    {"raw cast", 4, [](Desc& d) { d.dst_dtype = kRaw8; }},
    {"raw add", 4,
     [](Desc& d) {
       d.src_dtype = d.dst_dtype = kRaw8;
       d.op = 1;
     }},
    {"source register", 5, [](Desc& d) { d.src_space = kReg; }},
    {"wide register write", 5, [](Desc& d) { d.dst_space = kReg; }},
    {"misaligned source", 3, [](Desc& d) { d.src_addr = 2; }},
    {"misaligned destination", 3,
     [](Desc& d) {
       d.dst_dtype = kBf16;
       d.dst_addr = 1;
     }},
    {"misaligned step", 3,
     [](Desc& d) {
       d.num1 = 3;
       d.src_step1 = 0x402;
       d.dst_step1 = 0x400;
     }},
    {"partition", 3,
     [](Desc& d) {
       d.src_space = kSbuf;
       d.src_addr = std::uint64_t{kCfg.partitions} << 18;
     }},
    {"partition by step", 3,
     [](Desc& d) {
       d.dst_space = kPsum;
       d.num1 = kCfg.partitions + 1;
       d.dst_step1 = 1 << 18;
       d.src_step1 = 400;
     }},
    {"SBUF end", 3,
     [](Desc& d) {
       d.dst_space = kSbuf;
       d.dst_addr = kCfg.sbuf_bytes_per_partition - 396;
     }},
    {"PSUM end", 3,
     [](Desc& d) {
       d.src_space = kPsum;
       d.src_addr = kCfg.psum_bytes_per_partition() - 396;
     }},
    {"HBM end", 3, [](Desc& d) { d.src_addr = kCfg.hbm_bytes - 396; }},
    {"below zero", 3,
     [](Desc& d) {
       d.num1 = 2;
       d.dst_step1 = static_cast<std::uint32_t>(-400);
       d.src_step1 = 400;
     }},
};

TEST(Dma, ErrorsStopOneQueueOnly) {
  Bench b(9);
  b.expect_errors = true;
  for (const Bad& bad : kBad) {
    SCOPED_TRACE(bad.what);
    b.set_ring(0, 8);
    b.set_ring(1, 8);
    b.sems[50] = 0;
    b.push(0, simple(0, 100));
    Desc d = simple(1, 100);
    bad.spoil(d);
    // The model must not follow a bad descriptor far: only its header counts here.
    b.push(0, d);
    b.push(0, simple(2, 100));
    b.doorbell(0, 3);
    b.push(1, simple(3, 50));
    b.doorbell(1, 1);
    b.run(20000);
    EXPECT_EQ(b.errors[0], 1U);
    EXPECT_EQ(b.err_code[0], bad.code);
    EXPECT_EQ(b.err_tag[0], d.tag);
    EXPECT_EQ(b.committed[0], 1U);
    EXPECT_EQ(b.errors[1], 0U);
    EXPECT_EQ(b.committed[1], 1U);
    EXPECT_EQ(b.sems[50], 2);
  }
}

TEST(Dma, WorkWithoutRingIsAnError) {
  Bench b(11);
  b.expect_errors = true;
  for (const unsigned before : {0U, 40U}) {  // at once and after the restart has ended
    b.set_ring(0, 0);
    for (unsigned i = 0; i < before; ++i) b.step();
    b.doorbell(0, 2);
    b.run(2000);
    EXPECT_EQ(b.errors[0], 1U);
    EXPECT_EQ(b.err_code[0], 11U);
    EXPECT_EQ(b.err_tag[0], 0U);
    EXPECT_EQ(b.err_addr[0], b.base(0));
    EXPECT_EQ(b.rd_beats, 0U);
    EXPECT_TRUE(b.dut->quiet_o);
  }
  b.set_ring(0, 2);  // the queue works again after a restart
  b.push(0, simple(0, 300));
  b.doorbell(0, 1);
  b.run(5000);
  EXPECT_EQ(b.committed[0], 1U);
}

// An error that arises in the cycle of the restart is cleared by it; one cycle earlier it is reported.
TEST(Dma, RestartInTheCycleOfAnError) {
  for (unsigned delay = 0; delay < 80; ++delay) {
    SCOPED_TRACE("restart " + std::to_string(delay) + " cycles after the doorbell");
    Bench b(12);
    b.expect_errors = true;
    b.in_order = true;
    b.latency_min = b.latency_max = 20;
    b.ready_percent = 100;
    b.set_ring(0, 8);
    Desc d = simple(0, 100);
    d.op = 3;
    b.push(0, d);
    b.doorbell(0, 1);
    for (unsigned i = 0; i < delay; ++i) b.step();
    const unsigned before = b.errors[0];
    b.dut->queue_setup_restart_i = 1;
    b.step();
    b.dut->queue_setup_restart_i = 0;
    const unsigned with = b.errors[0];  // reported while the restart is written: cleared with it by the CSRs
    b.run(3000);
    EXPECT_LE(before, with);
    EXPECT_EQ(b.errors[0], with) << "the error is reported after the restart";
  }
}

TEST(Dma, ErrorResponses) {
  for (unsigned round = 0; round < 8; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    b.expect_errors = true;
    for (const bool write : {false, true}) {
      b.set_ring(0, 8);
      b.sems[50] = 0;
      for (unsigned i = 0; i < 4; ++i) {
        Desc d = simple(i, 1500);
        d.upd_value = 1;
        b.push(0, d);
      }
      const std::uint64_t at = 2000;
      b.bad_read = write ? ~0ULL : key(12, 128, kHbm, at);
      b.bad_write = write ? key(12, 64, kHbm, at) : ~0ULL;
      b.doorbell(0, 4);
      b.run(40000);
      EXPECT_EQ(b.errors[0], 1U);
      EXPECT_EQ(b.err_code[0], write ? 7U : 8U);
      EXPECT_EQ(b.err_tag[0], 0x102U);
      EXPECT_EQ(b.err_addr[0], at / kSeg * kSeg);
      EXPECT_EQ(b.committed[0], 2U);
      EXPECT_EQ(b.sems[50], 2);
      // The queue works again after a restart.
      b.bad_read = b.bad_write = ~0ULL;
      b.set_ring(0, 8);
      b.push(0, simple(20, 300));
      b.doorbell(0, 1);
      b.run(20000);
      EXPECT_EQ(b.committed[0], 1U);
    }
  }
}

TEST(Dma, RestartWhileRunning) {
  Bench b(3);
  for (unsigned n = 0; n < 20; ++n) {
    b.set_ring(2, 8);
    const unsigned count = 1 + b.rnd(6);
    for (unsigned i = 0; i < count; ++i) b.push(2, simple(i, 200 + b.rnd(800)));
    b.doorbell(2, count);
    const unsigned steps = b.rnd(400);
    const auto old = b.work[2];
    for (unsigned i = 0; i < steps; ++i) b.step();
    // Keep the model's list until the old work has drained.
    b.dut->queue_setup_restart_i = 4;
    b.step();
    b.dut->queue_setup_restart_i = 0;
    b.run(20000);
  }
  b.set_ring(2, 8);
  b.push(2, simple(30, 500));
  b.doorbell(2, 1);
  b.run(20000);
  EXPECT_EQ(b.committed[2], 1U);
}

// A base that is no multiple of 128 is refused before any descriptor of the ring is read; it counts when the size is
// written.
TEST(Dma, RingBaseNotAligned) {
  Bench b(static_cast<unsigned>(tessera::test::seed()));
  b.expect_errors = true;
  for (const unsigned low : {1U, 2U, 4U, 32U, 64U, 96U, 127U}) {
    SCOPED_TRACE("base + " + std::to_string(low));
    b.set_ring(1, 8);
    for (unsigned i = 0; i < 3; ++i) b.push(1, simple(i, 100));
    b.dut->queue_setup_base_i[1] = b.base(1) + low;
    b.step();
    b.doorbell(1, 1);  // the ring that was set goes on
    b.run(20000);
    EXPECT_EQ(b.committed[1], 1U);
    EXPECT_EQ(b.errors[1], 0U);
    b.dut->queue_setup_restart_i = 2;
    b.step();
    b.dut->queue_setup_restart_i = 0;
    b.doorbell(1, 2);
    b.run(20000);
    EXPECT_EQ(b.committed[1], 1U);
    EXPECT_EQ(b.errors[1], 1U);
    EXPECT_EQ(b.err_code[1], 3U);
    EXPECT_EQ(b.err_tag[1], 0U);
    EXPECT_EQ(b.err_addr[1], b.base(1) + low);
  }
  b.set_ring(1, 8);
  b.push(1, simple(9, 100));
  b.doorbell(1, 1);
  b.run(20000);
  EXPECT_EQ(b.committed[1], 1U);
}

// The size of the own ring is refused, in any row; that of another queue or of another tile is a register as any.
TEST(Dma, OwnRingSize) {
  Bench b(static_cast<unsigned>(tessera::test::seed()));
  b.expect_errors = true;
  const auto word = [](unsigned tag, std::uint64_t reg, unsigned x) {
    Desc d = simple(tag, 1);
    d.src_dtype = d.dst_dtype = kFp32;
    d.dst_space = kReg, d.dst_addr = reg, d.dst_x = x, d.dst_y = kTileY;
    d.fence = 1;
    return d;
  };
  for (unsigned q = 0; q < kQueues; ++q) {
    const std::uint64_t own = tessera::isa::reg::at(tessera::isa::reg::kQSize, q),
                        other = tessera::isa::reg::at(tessera::isa::reg::kQSize, (q + 1) % kQueues);
    b.set_ring(q, 8);
    b.push(q, word(0, other, kTileX));
    b.push(q, word(1, own, kTileX == 0 ? 1 : 0));
    b.push(q, word(2, own - 8, kTileX));
    Desc rows = word(3, own - 8, kTileX);
    rows.num1 = 3, rows.dst_step1 = 4, rows.src_step1 = 4;  // base, base, size
    b.push(q, rows);
    b.push(q, word(4, own - 8, kTileX));
    b.doorbell(q, 5);
    b.run(20000);
    EXPECT_EQ(b.committed[q], 3U) << "queue " << q;
    EXPECT_EQ(b.errors[q], 1U) << "queue " << q;
    EXPECT_EQ(b.err_code[q], 10U);
    EXPECT_EQ(b.err_tag[q], 0x103U);
    EXPECT_EQ(b.err_addr[q], own);
  }
}

// 2^32 - 1 descriptors and some more are not a few.
TEST(Dma, DoorbellsSaturate) {
  Bench b(static_cast<unsigned>(tessera::test::seed()));
  for (unsigned i = 0; i < 64; ++i) {
    Desc d = simple(i, 0);
    if (i == 0) d.wait_cond = 1, d.wait_sem = 9, d.wait_value = 1;
    b.push(0, d);
  }
  b.doorbell(0, ~0U);
  b.doorbell(0, 10);
  for (unsigned i = 0; i < 200; ++i) b.step();
  b.doorbell(0, ~0U);
  EXPECT_EQ(b.committed[0], 0U);
  b.sems[9] = 1;
  for (unsigned i = 0; i < 20000 && b.committed[0] < 60; ++i) b.step();
  EXPECT_EQ(b.committed[0], 60U);
  b.dut->queue_setup_restart_i = 1;
  b.step();
  b.dut->queue_setup_restart_i = 0;
  b.run(2000);
}

// A queue that stops with an error is busy until the updates of what came before are given.
TEST(Dma, BusyUntilTheLastUpdate) {
  for (unsigned round = 0; round < 40; ++round) {
    Bench b(static_cast<unsigned>(tessera::test::seed()) + round);
    b.expect_errors = true;
    b.upd_percent = 10 + round;
    b.sems[50] = 0;
    const unsigned before = 1 + round % 3;
    for (unsigned i = 0; i < before; ++i) {
      Desc d = simple(i, 20);
      d.upd_value = 1;
      b.push(0, d);
    }
    Desc bad = simple(8, 20);
    bad.op = 3;
    b.push(0, bad);
    b.doorbell(0, before + 1);
    unsigned steps = 0;
    while (b.dut->queue_status_busy_o == 0 && ++steps < 10) b.step();
    while (b.dut->queue_status_busy_o != 0 && ++steps < 20000) b.step();
    EXPECT_EQ(b.updated[0], before) << "round " << round;
    b.run(2000);
    EXPECT_EQ(b.errors[0], 1U);
  }
}

}  // namespace
