// SPDX-License-Identifier: Apache-2.0
/// Programs on whole clusters: DMA, semaphores, errors, what waits when nothing goes on.
#include "golden/cluster.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "golden/access.hpp"
#include "golden/numerics.hpp"
#include "golden/ops/dma.hpp"
#include "golden/registers.hpp"
#include "isa/assembler.hpp"
#include "tests/golden/programs.hpp"

namespace tessera::golden {
namespace {

using isa::Err;
using test::kConfig;

class ClusterTest : public ::testing::Test {
 protected:
  RunResult run(const std::string& text, std::uint32_t w = 2, std::uint32_t h = 1) {
    const auto a = isa::assemble(text, "test.tsa");
    for (const auto& e : a.errors) ADD_FAILURE() << e.sentence();
    cluster = std::make_unique<Cluster>(kConfig, w, h);
    EXPECT_EQ(cluster->load(a.image), "");
    return cluster->run(100000);
  }
  std::uint32_t hbm32(std::uint32_t x, std::uint64_t address) {
    std::uint8_t b[4];
    cluster->tile(x, 0).hbm.read(address, b);
    return load_element(b, 4);
  }
  std::unique_ptr<Cluster> cluster;
};

TEST_F(ClusterTest, CopyAddAcrossTilesAndRemoteSemaphore) {
  const auto r = run(R"(.mesh 2 1
.hbm 0 0 0x1000
.fp32 1 2 3 4
.hbm 1 0 0x2000
.fp32 10 20 30 40
.tile 0 0
.queue 0
  add src=hbm:0x1000:fp32 dst=(1,0)hbm:0x2000:fp32 row=4 upd=(1,0).7+=1 tag=5
.doorbell 0 all
.tile 1 0
.queue 2
  copy src=hbm:0x2000:fp32 dst=sbuf:p1:0x20:bf16 row=4 wait=7>=1
.doorbell 2 1
)");
  EXPECT_EQ(r.outcome, Outcome::kDone);
  EXPECT_EQ(to_float(hbm32(1, 0x200c)), 44.0F);
  EXPECT_EQ(load_element(cluster->tile(1, 0).sbuf.row(1) + 0x22, 2),
            narrow(std::bit_cast<std::uint32_t>(22.0F), isa::Dtype::kBf16));
  ASSERT_EQ(cluster->tile(0, 0).queues[0].retired.size(), 1U);
  std::uint32_t sum = 0;  // of the words sent
  for (unsigned n = 0; n < 4; ++n)
    sum ^= std::rotl(std::bit_cast<std::uint32_t>(float(n + 1)), static_cast<int>(7 * n % 32));
  EXPECT_EQ(cluster->tile(0, 0).queues[0].retired[0], (Retired{0x81, 5, sum, 16}));
}

TEST_F(ClusterTest, ChecksumPadsEachSegment) {
  // Three bf16 elements from 4 bytes before a segment boundary: two, then one (padded).
  const auto r = run(R"(.hbm 0x10fc
.bf16 1 2 3
.queue 0
 copy src=hbm:0x10fc:bf16 dst=hbm:0x8000:bf16 row=3
.doorbell 0 1
)",
                     1);
  EXPECT_EQ(r.outcome, Outcome::kDone);
  EXPECT_EQ(cluster->tile(0, 0).queues[0].retired[0].checksum, 0x40003f80U ^ std::rotl(0x4040U, 7));
}

TEST(SegmentTest, NeverCrossesABoundaryOfEitherSide) {
  EXPECT_EQ(segment_elems(0, 4, 0, 4, 1000, 256), 64U);
  EXPECT_EQ(segment_elems(0, 2, 0, 4, 1000, 256), 64U);
  EXPECT_EQ(segment_elems(252, 4, 0, 4, 1000, 256), 1U);
  EXPECT_EQ(segment_elems(0, 1, 255, 1, 1000, 256), 1U);
  EXPECT_EQ(segment_elems(2, 4, 0, 4, 1000, 256), 0U);
  EXPECT_EQ(segment_elems(0, 4, 0, 4, 3, 256), 3U);
}

TEST_F(ClusterTest, LoopsRegistersAndDoorbells) {
  const auto r = run(R"(.engine sp
  movi rd=r1 imm0=3
top:
  doorbell 1 1
  alu sub rd=r1 ra=r1 rb=1
  br gt top ra=r1 rb=0
  halt wait=4==3 tag=9
.engine dve
  movi rd=r2 imm0=16
  memset dst=sbuf:p0:0+r2:fp32[1,4] nparts=4 imm0=1f
  halt
.queue 1 1
  desc upd=4+=1
)",
                     1);
  EXPECT_EQ(r.outcome, Outcome::kDone);
  EXPECT_EQ(cluster->tile(0, 0).queues[1].done, 3U);
  EXPECT_TRUE(cluster->tile(0, 0).engines[4].halted);
  EXPECT_EQ(cluster->tile(0, 0).engines[4].retired.size(), 11U);
  EXPECT_EQ(load_element(cluster->tile(0, 0).sbuf.row(0) + 16, 4), 0x3f800000U);
  EXPECT_EQ(load_element(cluster->tile(0, 0).sbuf.row(0) + 12, 4), 0U);
}

TEST_F(ClusterTest, NamesWhoWaits) {
  const auto r = run(".engine act\n nop wait=9>=2 tag=3\n halt\n", 1);
  EXPECT_EQ(r.outcome, Outcome::kStuck);
  ASSERT_EQ(r.stuck.size(), 1U);
  EXPECT_EQ(r.sentences[0], "tile (0,0) act waits for semaphore 9 >= 2, which is 0; tag 3");
}

struct ErrorCase {
  const char* text;
  bool queue;
  unsigned unit;
  Err code;
};

TEST_F(ClusterTest, ErrorsAreDataAndStopOnlyTheirUnit) {
  const ErrorCase cases[] = {
      {".engine pe\n instr opcode=200 tag=4\n halt\n", false, 0, Err::kOpcode},
      {".engine pe\n memset nparts=1 tag=4\n", false, 0, Err::kOpcode},
      {".engine sp\n nop rsv0=1 tag=4\n", false, 4, Err::kField},
      {".engine sp\n nop wait_cond=3 tag=4\n", false, 4, Err::kField},
      {".engine sp\n nop src1.rsv2+63=1 tag=4\n", false, 4, Err::kField},
      {".engine sp\n nop imm0=1 tag=4\n", false, 4, Err::kField},
      {".engine sp\n halt nparts=1 tag=4\n", false, 4, Err::kField},
      {".engine sp\n movi rd=r1 imm1=1 tag=4\n", false, 4, Err::kField},
      {".engine sp\n alu add rd=r1 ra=r1 rb=r2 imm0=1 tag=4\n", false, 4, Err::kField},
      {".engine sp\n alu add rd=r1 ra=r1 rb=1 imm1=0x100 tag=4\n", false, 4, Err::kField},
      {".engine sp\n doorbell 0 1 flags=16 tag=4\n", false, 4, Err::kField},
      {".engine dve\n memset dst=sbuf:p0:0:fp32[1,1] src0.offset=4 nparts=1 tag=4\n", false, 2, Err::kField},
      {".engine dve\n tensor_scalar mul dst=sbuf:p0:0:fp32[1,1] src0=sbuf:p0:0:fp32[1,1] src1.num0=1 scalar_en=1 "
       "nparts=1 tag=4\n",
       false, 2, Err::kField},
      {".engine act\n activate copy dst=sbuf:p0:0:fp32[1,1] src0=sbuf:p0:0:fp32[1,1] scalar_en=3 nparts=1 tag=4\n",
       false, 1, Err::kField},
      {".engine sp\n nop upd=(5,5).1+=1 tag=4\n", false, 4, Err::kTile},
      {".engine sp\n doorbell 9 1 tag=4\n", false, 4, Err::kQueue},
      {".engine dve\n memset dst=hbm:p0:0:fp32[1,1] nparts=1 tag=4\n", false, 2, Err::kSpace},
      {".engine dve\n memset dst=sbuf:p1:0:fp32[1,1] nparts=8 tag=4\n", false, 2, Err::kPartition},
      {".engine dve\n memset dst=sbuf:p0:0x3fffc:fp32[1,2] nparts=1 tag=4\n", false, 2, Err::kAddress},
      {".engine dve\n memset dst=sbuf:p0:0:raw8[1,2] nparts=1 tag=4\n", false, 2, Err::kDtype},
      {".engine dve\n tensor_copy dst=sbuf:p0:0:fp32[1,2] src0=sbuf:p0:64:fp32[1,3] nparts=1 tag=4\n", false, 2,
       Err::kShape},
      {".engine dve\n tensor_tensor add dst=sbuf:p0:0:fp32[1,2] src0=psum:p0:0:fp32[1,2] src1=psum:p0:64:fp32[1,2] "
       "nparts=1 tag=4\n",
       false, 2, Err::kSpace},
      {".queue 0\n copy src=hbm:0:fp32 dst=(7,0)hbm:0:fp32 row=1 tag=4\n.doorbell 0 1\n", true, 0, Err::kTile},
      {".queue 0\n copy src=hbm:0:raw8 dst=hbm:0:fp32 row=1 tag=4\n.doorbell 0 1\n", true, 0, Err::kDtype},
      {".queue 0\n copy src=hbm:2:fp32 dst=hbm:0:fp32 row=1 tag=4\n.doorbell 0 1\n", true, 0, Err::kAddress},
      {".queue 0\n copy src=hbm:0:fp32 dst=sbuf:p99:0:fp32 row=1 tag=4\n.doorbell 0 1\n", true, 0, Err::kAddress},
      {".queue 0\n copy src=hbm:0:fp32 dst=reg:0x9000:fp32 row=1 tag=4\n.doorbell 0 1\n", true, 0, Err::kRegister},
      {".queue 0\n copy src=hbm:0:fp32 dst=reg:0x1400:fp32 row=2 tag=4\n.doorbell 0 1\n", true, 0, Err::kSpace},
      {".queue 0\n copy src=hbm:0:fp32 dst=reg:0x408:fp32 row=1 tag=4\n.doorbell 0 1\n", true, 0, Err::kRegister},
      {".queue 1\n copy src=hbm:0:fp32 dst=reg:0x440:fp32 row=1 rows=3 dst_step=4 tag=4\n.doorbell 1 1\n", true, 1,
       Err::kRegister},
      {".queue 0\n copy rsv7+320=1 tag=4\n.doorbell 0 1\n", true, 0, Err::kField},
  };
  for (const ErrorCase& c : cases) {
    const auto r = run(c.text, 1);
    EXPECT_EQ(r.outcome, Outcome::kError) << c.text;
    const Tile& t = cluster->tile(0, 0);
    const Fault& f = c.queue ? t.queues[c.unit].fault : t.engines[c.unit].fault;
    EXPECT_EQ(f.code, c.code) << c.text;
    EXPECT_EQ(f.tag, 4) << c.text;
    EXPECT_TRUE(c.queue ? t.queues[c.unit].retired.empty() : t.engines[c.unit].retired.empty());
  }
}

TEST_F(ClusterTest, RegistersThroughDma) {
  const auto r = run(R"(.mesh 2 1
.hbm 0 0 0x100
.i32 -5
.tile 0 0
.queue 0
 copy src=hbm:0x100:fp32 dst=(1,0)reg:0x1814:fp32 row=1
.doorbell 0 all
)");
  EXPECT_EQ(r.outcome, Outcome::kDone);
  EXPECT_EQ(cluster->tile(1, 0).sem[5], 0xfffffffbU);
}

TEST_F(ClusterTest, DoorbellsSaturate) {
  Tile tile(kConfig, 0, 0);
  QueueState& queue = tile.queues[1];
  EXPECT_TRUE(write_register(tile, isa::reg::at(isa::reg::kQDoorbell, 1), 0xfffffff0U));
  EXPECT_TRUE(write_register(tile, isa::reg::at(isa::reg::kQDoorbell, 1), 0xffU));
  EXPECT_EQ(queue.work, 0xffffffffU);
}

TEST_F(ClusterTest, EndlessProgramsEnd) {
  const auto r = run(".engine sp\ntop: br top\n", 1);
  EXPECT_EQ(r.outcome, Outcome::kStepLimit);
}

}  // namespace
}  // namespace tessera::golden
