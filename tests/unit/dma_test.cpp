// SPDX-License-Identifier: Apache-2.0
/// tsr_dma: random descriptors against the byte model of dma_bench.hpp, waiting, throughput.
#include "dma_bench.hpp"

namespace {

using namespace dma_test;

/// A legal random descriptor; `index` < 100 gives source and destination tiles that nothing else uses.
Desc random_desc(Bench& b, unsigned q, unsigned index) {
  Desc d;
  static const unsigned pairs[][2] = {{kFp32, kFp32}, {kBf16, kBf16}, {kRaw8, kRaw8}, {kFp32, kBf16}, {kBf16, kFp32}};
  const auto* pair = pairs[b.rnd(5)];
  d.src_dtype = pair[0];
  d.dst_dtype = pair[1];
  d.op = d.dst_dtype == kRaw8 ? 0 : b.rnd(3);
  d.tag = b.rnd(65536);
  d.fence = b.chance(20);
  d.src_x = 10 + index;
  d.src_y = 128 + q;
  d.dst_x = 10 + index;
  d.dst_y = 64 + q;
  d.row_elems = b.chance(10) ? 0 : b.chance(50) ? 1 + b.rnd(20) : 1 + b.rnd(400);
  const unsigned n[3] = {b.rnd(4), b.rnd(4), b.rnd(3)};
  d.num1 = n[0];
  d.num2 = n[1];
  d.num3 = n[2];
  const auto side = [&](unsigned bytes, unsigned& space, std::uint64_t& addr, std::uint32_t* steps) {
    const std::uint64_t row = std::uint64_t{std::max(1U, d.row_elems)} * bytes;
    const unsigned dims[3] = {std::max(1U, n[0]), std::max(1U, n[1]), std::max(1U, n[2])};
    const std::uint64_t rows = std::uint64_t{dims[0]} * dims[1] * dims[2];
    const std::uint64_t gap = b.rnd(40) * 4;
    const std::uint64_t pitch = (row + 3) / 4 * 4 + gap;
    space = b.rnd(3);
    const std::uint64_t part = space == kSbuf ? kCfg.sbuf_bytes_per_partition : kCfg.psum_bytes_per_partition();
    std::uint64_t scale = 1, top = 0;
    bool across = false;
    if (space != kHbm) {
      if (rows <= kCfg.partitions && b.chance(50))
        across = true;
      else if (pitch * rows + 64 > part)
        space = kHbm;
    }
    const std::uint64_t unit = across ? std::uint64_t{1} << 18 : pitch;
    std::int64_t origin = 0;
    for (unsigned i = 0; i < 3; ++i) {
      const bool down = b.chance(40);
      const std::int64_t s = static_cast<std::int64_t>(unit * scale) * (down ? -1 : 1);
      steps[i] = static_cast<std::uint32_t>(s);
      if (down) origin -= s * (dims[i] - 1);
      scale *= dims[i];
    }
    top = across ? part - row : space == kHbm ? 0x1000000 : part - pitch * rows;
    if (space == kHbm && b.chance(10)) top = kCfg.hbm_bytes - pitch * rows;
    std::uint64_t at = b.chance(20) ? top : b.rnd(static_cast<unsigned>(std::min<std::uint64_t>(top, 4000)) + 1);
    at = at / bytes * bytes;
    addr = static_cast<std::uint64_t>(origin) + at;
    if (across && b.chance(50) && rows < kCfg.partitions) addr += (kCfg.partitions - rows) * (1ULL << 18);
  };
  std::uint32_t steps[3];
  side(bytes_of(d.src_dtype), d.src_space, d.src_addr, steps);
  d.src_step1 = steps[0];
  d.src_step2 = steps[1];
  d.src_step3 = steps[2];
  side(bytes_of(d.dst_dtype), d.dst_space, d.dst_addr, steps);
  d.dst_step1 = steps[0];
  d.dst_step2 = steps[1];
  d.dst_step3 = steps[2];
  if (b.chance(60)) {
    d.upd_op = 1 + b.rnd(3);
    d.upd_sem = 100 + b.rnd(100);
    d.upd_value = b.rnd(1000);
    d.upd_remote = b.rnd(2);
    d.upd_x = b.rnd(d.upd_remote ? kMeshX + 1 : 256);
    d.upd_y = b.rnd(d.upd_remote ? kMeshY + 1 : 256);
  }
  return d;
}

TEST(Dma, RandomDescriptorsMatchModel) {
  for (unsigned round = 0; round < 12; ++round) {
    const unsigned seed = static_cast<unsigned>(tessera::test::seed()) + round;
    SCOPED_TRACE("TESSERA_SEED=" + std::to_string(seed));
    Bench b(seed);
    b.latency_max = 2 + b.rnd(150);
    b.ready_percent = 30 + b.rnd(71);
    unsigned count[16], waits[16] = {};
    for (unsigned q = 0; q < kQueues; ++q) {
      b.set_ring(q, 30);
      count[q] = 10 + b.rnd(20);
      for (unsigned i = 0; i < count[q]; ++i) {
        Desc d = random_desc(b, q, i);
        if (b.chance(30)) {  // a semaphore that the bench raises later
          d.wait_cond = 1;
          d.wait_sem = 10 + q;
          d.wait_value = ++waits[q];
        }
        b.push(q, d);
      }
    }
    for (unsigned q = 0; q < kQueues; ++q) {
      b.doorbell(q, count[q] / 2);
      b.doorbell(q, count[q] - count[q] / 2);
    }
    for (unsigned n = 0; n < 40; ++n) {
      for (unsigned i = 0; i < 400; ++i) b.step();
      for (unsigned q = 0; q < kQueues; ++q) ++b.sems[10 + q];
    }
    b.run(400000);
    for (unsigned q = 0; q < kQueues; ++q) {
      EXPECT_EQ(b.committed[q], count[q]);
      EXPECT_EQ(b.dut->queue_done_o[q], count[q]);
    }
    EXPECT_GT(b.quiet_steps, 0U);
    if (HasFailure()) break;
  }
}

TEST(Dma, SemaphoreEqualAndQuietWhileWaiting) {
  Bench b(5);
  Desc d = simple(0, 100);
  d.wait_cond = 2;
  d.wait_sem = 9;
  d.wait_value = static_cast<std::uint32_t>(-4);
  b.push(1, d);
  b.doorbell(1, 1);
  for (int i = 0; i < 500; ++i) b.step();
  EXPECT_TRUE(b.dut->quiet_o);
  EXPECT_EQ(b.dut->queue_status_waiting_o, 2);
  EXPECT_EQ(b.dut->queue_status_wait_sem_o[1], 9);
  EXPECT_EQ(b.dut->queue_status_wait_value_o[1], d.wait_value);
  EXPECT_EQ(b.dut->queue_status_tag_o[1], d.tag);
  b.sems[9] = -4;
  b.run(5000);
  EXPECT_EQ(b.committed[1], 1U);
  EXPECT_EQ(b.sems[50], 1);
}

TEST(Dma, ThroughputIsPrinted) {
  const auto measure = [](unsigned queues, unsigned row, unsigned rows, unsigned src, unsigned dst) {
    Bench b(1);
    b.in_order = true;
    b.latency_min = b.latency_max = 100;
    b.ready_percent = 100;
    for (unsigned q = 0; q < queues; ++q) {
      Desc d = simple(q, row / bytes_of(src));
      d.src_y += q;
      d.src_dtype = src;
      d.dst_dtype = dst;
      d.num1 = rows;
      d.src_step1 = row;
      d.dst_step1 = row / bytes_of(src) * bytes_of(dst);
      d.upd_op = 0;
      b.push(q, d);
      b.doorbell(q, 1);
    }
    b.run(100000);
    std::printf("  queues %u row %4u B src %u dst %u: %.3f destination beats/cycle\n", queues, row, src, dst,
                static_cast<double>(b.wr_beats) / static_cast<double>(b.last_wr - b.first_wr + 1));
  };
  measure(1, 4096, 16, kFp32, kFp32);
  measure(1, kSeg, 256, kFp32, kFp32);
  measure(1, 64, 512, kFp32, kFp32);
  measure(4, 64, 256, kFp32, kFp32);
  measure(4, kSeg, 64, kFp32, kFp32);
  measure(1, 4096, 16, kBf16, kFp32);
  measure(1, 4096, 16, kFp32, kBf16);
}

}  // namespace
