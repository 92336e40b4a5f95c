// SPDX-License-Identifier: Apache-2.0
/// Assembler, disassembler and builder: every field survives, every mistake is named with its line.
#include "isa/assembler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/npy.hpp"
#include "isa/builder.hpp"

namespace tessera::isa {
namespace {

// The n-th 128-byte item at an address of the first tile.
ItemImage item(const ProgramImage& image, std::uint64_t address) {
  for (const HbmBlock& block : image.tiles[0].hbm) {
    if (address < block.address || address >= block.address + block.bytes.size()) continue;
    ItemImage out{};
    for (unsigned b = 0; b < kItemBytes; ++b) {
      out[b / 4] |= std::uint32_t{block.bytes[address - block.address + b]} << (8 * (b % 4));
    }
    return out;
  }
  ADD_FAILURE() << "nothing at " << address;
  return {};
}

ItemImage assemble_instr(const std::string& line, const char* engine = "pe") {
  const auto a = assemble(std::string(".engine ") + engine + "\n" + line + "\n", "t.tsa");
  for (const auto& e : a.errors) ADD_FAILURE() << e.sentence() << "\n" << line;
  if (!a.ok()) return {};
  for (const auto& pc : a.image.tiles[0].start_pc) {
    if (pc) return item(a.image, *pc);
  }
  return {};
}

ItemImage assemble_desc(const std::string& line) {
  const auto a = assemble(".queue 1\n" + line + "\n", "t.tsa");
  for (const auto& e : a.errors) ADD_FAILURE() << e.sentence() << "\n" << line;
  return a.ok() ? item(a.image, a.image.tiles[0].queues[1].ring_base) : ItemImage{};
}

TEST(AssemblerTest, EveryInstructionFieldAloneSurvives) {
  const auto check = [](unsigned lsb, unsigned width) {
    for (unsigned bit = lsb; bit < lsb + width; ++bit) {
      ItemImage image{};
      image[bit / 32] = 1U << (bit % 32);
      ASSERT_EQ(assemble_instr(disassemble_instr(image)), image) << disassemble_instr(image);
    }
  };
  for (const FieldInfo& f : kInstrFields) check(f.lsb, f.width);
}

TEST(AssemblerTest, NamesEnginesThatRunOn) {
  const auto lines = [](const std::string& text) {
    std::string found;
    for (const auto& d : assemble(text, "t.tsa").runaways) found += std::to_string(d.line) + " ";
    return found;
  };
  EXPECT_EQ(lines(".engine sp\nnop\nhalt\n"), "");
  EXPECT_EQ(lines(".engine sp\ntop: nop\nbr top\n"), "");
  EXPECT_EQ(lines(".engine sp\nnop\n.engine pe\nhalt\n.engine sp\nhalt\n"), "");
  EXPECT_EQ(lines(".engine sp\nnop rsv0=1\n.expect_error sp FIELD\n"), "");
  EXPECT_EQ(lines(".engine sp\nhalt\nnop\n\n.engine act\nnop\n"), "6 3 ");
  EXPECT_EQ(lines(".engine sp\ntop: br eq top ra=r1 rb=r2\n"), "2 ");
  EXPECT_EQ(lines(".mesh 2 1\n.tile 1 0\n.engine dve\nnop\n"), "4 ");
}

TEST(AssemblerTest, EveryDescriptorBitAloneSurvives) {
  for (unsigned bit = 0; bit < 8 * kItemBytes; ++bit) {
    ItemImage image{};
    image[bit / 32] = 1U << (bit % 32);
    ASSERT_EQ(assemble_desc(disassemble_desc(image)), image) << disassemble_desc(image);
  }
}

TEST(AssemblerTest, RandomBitsSurvive) {
  constexpr unsigned kSeed = 7;
  std::mt19937 rng(kSeed);
  for (int n = 0; n < 500; ++n) {
    ItemImage image{};
    for (auto& word : image) word = rng() & rng();
    if (n % 2 == 0) image[0] = (image[0] & ~0xffU) | kOpcodeNames[rng() % kOpcodeNames.size()].value;
    ASSERT_EQ(assemble_instr(disassemble_instr(image)), image) << "seed " << kSeed << " " << disassemble_instr(image);
    ASSERT_EQ(assemble_desc(disassemble_desc(image)), image) << "seed " << kSeed << " " << disassemble_desc(image);
  }
}

// Every opcode of isa.json: its words and random values in the fields that it uses survive text, and the golden decoder
// takes them; one bit more is refused.
TEST(AssemblerTest, EveryOpcodeOfTheTable) {
  std::mt19937 rng(7);
  for (const NamedCode& opcode : kOpcodeNames) {
    for (int n = 0; n < 200; ++n) {
      ItemImage image{};
      image[0] = opcode.value;
      for (const FieldInfo& f : kInstrFields) {
        for (unsigned bit = 0; bit < f.width; ++bit) {
          if (f.name == "opcode" || rng() % 4 != 0) continue;
          const ItemImage before = image;
          detail::put(image.data(), f.lsb + bit, 1, 1);
          if (instr_unused(Instr::unpack(image), image)) image = before;
        }
      }
      const std::string text = disassemble_instr(image);
      ASSERT_EQ(text.substr(0, opcode.name.size()), opcode.name);
      ASSERT_EQ(assemble_instr(text), image) << text;
    }
    // Words alone, as an author writes them.
    std::string line(opcode.name);
    ItemImage words{};
    words[0] = opcode.value;
    for (const WordInfo& word : opcode_words(opcode.value)) {
      if (word.field.empty()) break;
      const auto codes = enumeration(word.enumeration);
      const std::uint32_t value = codes.empty() ? rng() % 8 : codes[rng() % codes.size()].value;
      line += " " + (codes.empty() ? std::to_string(value)
                                   : std::string(std::find_if(codes.begin(), codes.end(), [&](const NamedCode& c) {
                                                   return c.value == value;
                                                 })->name));
      detail::put(words.data(), word.lsb, word.width, value);
      if (word.also_width != 0) detail::put(words.data(), word.also_lsb, word.also_width, 1);
    }
    if (opcode.name == "br") continue;  // its last word is a label
    EXPECT_EQ(assemble_instr(line), words) << line;
  }
}

TEST(AssemblerTest, PackAndUnpackAgreeWithTables) {
  for (const FieldInfo& f : kInstrFields) {
    if (!f.structure.empty()) continue;
    ItemImage image{};
    detail::put(image.data(), f.lsb, f.width, ~0ULL);
    EXPECT_EQ(Instr::unpack(image).pack(), image) << f.name;
  }
}

TEST(AssemblerTest, InstructionText) {
  const auto i =
      Instr::unpack(assemble_instr("matmul dst=psum:p4:0x800+r3:fp32[1, 512] src0=sbuf:p0:off16:bf16[-2,8][64,4] "
                                   "nparts=8 imm0=4 acc=1 wait=3>=-1 upd=(1,2).5+=6 tag=7"));
  EXPECT_EQ(i.opcode, 17U);
  EXPECT_EQ(i.dst.start_part, 4U);
  EXPECT_EQ(i.dst.offset, 0x800U);
  EXPECT_EQ(i.dst.areg, 3U);
  EXPECT_EQ(i.dst.areg_en, 1U);
  EXPECT_EQ(i.dst.num0, 512U);
  EXPECT_EQ(i.src0.step0, 0xfffeU);
  EXPECT_EQ(i.src0.offset, 16U);
  EXPECT_EQ(i.src0.num1, 4U);
  EXPECT_EQ(i.flags, 1U);
  EXPECT_EQ(i.wait_cond, 1U);
  EXPECT_EQ(i.wait_value, 0xffffffffU);
  EXPECT_EQ(i.upd_remote, 1U);
  EXPECT_EQ(i.upd_x, 1U);
  EXPECT_EQ(i.upd_y, 2U);
  EXPECT_EQ(i.upd_op, 2U);
  EXPECT_EQ(i.upd_value, 6U);
  EXPECT_EQ(i.tag, 7U);
  const auto s =
      Instr::unpack(assemble_instr("tensor_scalar mul add imm0=1.5f imm1=-2f nparts=1 dst.start_part=3", "dve"));
  EXPECT_EQ(s.imm0, 0x3fc00000U);
  EXPECT_EQ(s.imm1, 0xc0000000U);
  EXPECT_EQ(s.alu0, 2U);
  EXPECT_EQ(s.scalar_en, 2U);
  EXPECT_EQ(s.dst.start_part, 3U);
}

TEST(AssemblerTest, DescriptorText) {
  const auto d = Desc::unpack(assemble_desc(
      "add src=(3,4)hbm:0x1000:fp32 dst=sbuf:p2:0x40:bf16 row=64 rows=32,2 src_step=256,-8 dst_step=128 fence tag=9"));
  EXPECT_EQ(d.op, 1U);
  EXPECT_EQ(d.src_x, 3U);
  EXPECT_EQ(d.src_y, 4U);
  EXPECT_EQ(d.src_addr, 0x1000U);
  EXPECT_EQ(d.dst_addr, (2U << 18) + 0x40U);
  EXPECT_EQ(d.dst_dtype, 1U);
  EXPECT_EQ(d.num1, 32U);
  EXPECT_EQ(d.num2, 2U);
  EXPECT_EQ(d.src_step2, 0xfffffff8U);
  EXPECT_EQ(d.fence, 1U);
}

TEST(AssemblerTest, LabelsBothWays) {
  const auto a = assemble(
      ".engine sp\n movi rd=r1 imm0=3\ntop: alu sub rd=r1 ra=r1 rb=1\n br le end ra=r1 rb=0\n br top\nend: halt\n",
      "t");
  ASSERT_TRUE(a.ok()) << a.errors[0].sentence();
  const auto pc = *a.image.tiles[0].start_pc[4];
  EXPECT_EQ(Instr::unpack(item(a.image, pc + 2 * kItemBytes)).imm1 >> 16, 2U);
  EXPECT_EQ(Instr::unpack(item(a.image, pc + 3 * kItemBytes)).imm1 >> 16, 0xfffeU);
}

struct BadCase {
  const char* text;
  unsigned line;
  const char* part;  // of the sentence
};

TEST(AssemblerTest, MistakesAreNamedWithTheirLine) {
  const BadCase cases[] = {
      {".engine pe\nfoo\n", 2, "no instruction 'foo'"},
      {".engine xx\n", 1, "known are pe, act, dve, pool, sp"},
      {"nop\n", 1, ".engine section"},
      {".engine pe\n\nnop bogus=1\n", 3, "no field 'bogus'"},
      {".engine pe\nnop nparts=256\n", 2, "does not fit in the 8 bits"},
      {".engine pe\nnop tag=x\n", 2, "'x' is not a number"},
      {".engine pe\nnop wait=3\n", 2, "wait=SEM>=VALUE"},
      {".engine pe\nbr nowhere\n", 2, "never placed"},
      {".engine pe\na:\na: nop\n", 3, "placed twice"},
      {".engine pe\nmatmul dst=psum:0\n", 2, "is not an operand"},
      {".engine pe\nmovi rd=r64\n", 2, "r0 to r63"},
      {".tile 1 0\n", 1, "outside the mesh"},
      {".tile 0 0\n.mesh 2 2\n", 2, "before everything else"},
      {".mesh 0 1\n", 1, "1 to 256 columns"},
      {".fp32 1\n", 1, "after .hbm"},
      {".bogus\n", 1, "no directive"},
      {".queue 9\n", 1, "at most 8 queues"},
      {".queue 0\ncopy src=hbm:1\n", 2, "is not a place"},
      {".queue 0\nmul src=hbm:1:fp32\n", 2, "no descriptor 'mul'"},
      {".hbm 0\n.file missing.npy\n", 2, "cannot be opened"},
      {".hbm 0x1000000\n.u8 1\n.engine sp\nhalt\n", 0, "overlap"},
      {".expect_error pe what\n", 1, "error code"},
  };
  for (const BadCase& c : cases) {
    const auto a = assemble(c.text, "bad.tsa");
    ASSERT_FALSE(a.ok()) << c.text;
    EXPECT_NE(a.errors[0].text.find(c.part), std::string::npos) << a.errors[0].sentence();
    EXPECT_TRUE(c.line == 0 || a.errors[0].line == c.line) << a.errors[0].sentence();
  }
}

TEST(AssemblerTest, QuotedPathsMayHoldBlanks) {
  const std::string path = ::testing::TempDir() + "two words; # (one.npy";
  ASSERT_EQ(write_npy(path, NpyArray::from_floats({2}, {1.5F, -2.0F})), "");
  const std::string text = "halt\n.hbm 4096\n.file \"" + path + "\" fp32  # a comment\n";
  const auto good = assemble(".tile 0 0\n.engine sp\n" + text, "x.tsa");
  ASSERT_TRUE(good.ok()) << good.errors.front().sentence();
  const auto& blocks = good.image.tiles[0].hbm;
  EXPECT_TRUE(std::any_of(blocks.begin(), blocks.end(), [](const HbmBlock& b) {
    const std::vector<std::uint8_t> wanted{0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0};
    return b.address == 4096 && std::equal(b.bytes.begin(), b.bytes.end(), wanted.begin(), wanted.end());
  }));
  EXPECT_FALSE(assemble(".hbm 0\n.file \"no end\n", "x.tsa").ok());
  EXPECT_FALSE(assemble(".hbm 0\n.file \"\"\n", "x.tsa").ok());
}

TEST(AssemblerTest, AnyTextIsSurvived) {
  std::mt19937 rng(11);
  const std::string alphabet = ".engine pe\nqueue0123456789=:()[],+-xr#hbm sbuf\t\xff";
  for (int n = 0; n < 3000; ++n) {
    std::string text = n % 2 != 0 ? ".engine pe\n" : ".queue 0\n";
    for (int k = 0; k < 60; ++k) text += alphabet[rng() % alphabet.size()];
    (void)assemble(text, "noise");
  }
}

TEST(BuilderTest, PlacesCodeRingsAndLoops) {
  ProgramBuilder b(2, 1, 0x2000);
  b.engine(1, 0, Engine::kSp).loop(3, 4, [](EngineCode& c) { c.doorbell(0, 1); }).halt();
  b.queue(1, 0, 0).emit(Desc{}).doorbell_all();
  const auto built = std::move(b).build();
  ASSERT_TRUE(built.ok()) << built.error;
  const TileImage& t = built.image.tile(1, 0);
  EXPECT_EQ(*t.start_pc[4], 0x2000U);
  EXPECT_EQ(t.queues[0].ring_base, 0x3000U);
  EXPECT_EQ(t.queues[0].doorbell, 1U);
  EXPECT_FALSE(built.image.tile(0, 0).start_pc[4].has_value());
  const auto text = disassemble(built.image);
  EXPECT_NE(text.find("doorbell"), std::string::npos);
  EXPECT_TRUE(assemble(text, "again").ok());
}

}  // namespace
}  // namespace tessera::isa
