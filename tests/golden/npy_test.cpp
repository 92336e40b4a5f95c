// SPDX-License-Identifier: Apache-2.0
/// .npy files: round trips, and every broken file ends in a sentence.
#include "base/npy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

namespace tessera::golden {
namespace {

class NpyTest : public ::testing::Test {
 protected:
  NpyTest()
      : path(::testing::TempDir() + "tessera_" + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
             ".npy") {}
  ~NpyTest() override { std::remove(path.c_str()); }
  void write(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  static std::string file(const std::string& header, const std::string& data, char version = 1) {
    std::string out = std::string("\x93NUMPY", 6) + version + '\0' + static_cast<char>(header.size()) + '\0';
    if (version > 1) out += std::string(2, '\0');
    return out + header + data;
  }
  std::string path;
};

TEST_F(NpyTest, RoundTrip) {
  const auto a = NpyArray::from_floats({2, 3}, {1, 2, 3, 4, 5, -6.5F});
  ASSERT_EQ(write_npy(path, a), "");
  const auto b = read_npy(path, 2);
  ASSERT_TRUE(b.ok()) << b.error;
  EXPECT_EQ(b.array.shape, a.shape);
  EXPECT_EQ(b.array.bytes, a.bytes);
}

TEST_F(NpyTest, FortranOrderAndVersions) {
  const std::string header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
  for (const char version : {1, 2, 3}) {
    write(file(header, std::string("\1\4\2\5\3\6"), version));
    const auto r = read_npy(path);
    ASSERT_TRUE(r.ok()) << r.error;
    EXPECT_EQ(r.array.bytes, (std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}));
  }
}

TEST_F(NpyTest, HalfPrecision) {
  write(file("{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }",
             std::string("\x00\x3c\x01\x00\x00\xfc\xff\x7b", 8)));
  const auto r = read_npy(path);
  ASSERT_TRUE(r.ok()) << r.error;
  EXPECT_EQ(r.array.as_float(0), 1.0F);
  EXPECT_EQ(r.array.as_float(1), 0x1p-24F);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(r.array.as_float(2)), 0xff800000U);
  EXPECT_EQ(r.array.as_float(3), 65504.0F);
}

TEST_F(NpyTest, BrokenFilesEndInASentence) {
  struct Case {
    std::string bytes;
    const char* part;
  };
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  const Case cases[] = {
      {"", "not a .npy"},
      {"hello world, no array", "not a .npy"},
      {file(good, "1234567"), "truncated"},
      {file(good, "12345678", 9), "version 9"},
      {file("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "12345678"), "object"},
      {file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "12345678"), "structured"},
      {file("{'descr': '<f4', 'shape': (2,), }", "12345678"), "no key 'fortran_order'"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", ""), "within reach"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': (60000000000,), }", ""), "truncated"},
      {file(good, "12345678").substr(0, 20), "inside its header"},
  };
  for (const auto& [descr, name] : {std::pair{"<i8", "int64"},
                                    {"<u2", "uint16"},
                                    {"<c8", "complex64"},
                                    {"|b1", "bool"},
                                    {"<V2", "bfloat16"},
                                    {"<f16", "float128"},
                                    {"<U3", "text"},
                                    {"<M8[s]", "time"},
                                    {"|f4", "float32"},
                                    {"", "?"},
                                    {"<", "?"},
                                    {"f", "?"}}) {
    write(file(std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (2,), }", "1234567812345678"));
    EXPECT_NE(read_npy(path).error.find(name), std::string::npos) << descr << ": " << read_npy(path).error;
  }
  for (const char* damaged :
       {"'shape': (3, 1 5)", "'shape': (L3, 5)", "'shape': (3 , , 5)", "'shape': (3)", "'shape': 3", "'shape': (3, 5",
        "'shape': (3, 5), 'shape': (3, 5)", "'shape': (3, 5), 'more': 1", "'shape': (3, -5)", "'shape': (3, 5.0)",
        "'shape': (3, 5)} trailing"}) {
    write(file("{'descr': '<f4', 'fortran_order': False, " + std::string(damaged) + ", }", std::string(60, 'x')));
    EXPECT_FALSE(read_npy(path).ok()) << damaged;
  }
  for (const char* damaged : {"'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
                              "{'descr': '<f4', 'fortran_order': Falsehood, 'shape': (2,)}",
                              "{'descr': '<f4', 'fortran_order': False 'shape': (2,)}",
                              "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}", "{'descr'", "{", "", "{}"}) {
    write(file(damaged, "12345678"));
    EXPECT_FALSE(read_npy(path).ok()) << damaged;
  }
  for (const Case& c : cases) {
    write(c.bytes);
    const auto r = read_npy(path);
    ASSERT_FALSE(r.ok()) << c.part;
    EXPECT_NE(r.error.find(c.part), std::string::npos) << r.error;
    EXPECT_EQ(r.error.find(path), 0U);
  }
  write(file(good, "12345678"));
  EXPECT_NE(read_npy(path, 2).error.find("1 dimensions, but 2"), std::string::npos);
  EXPECT_NE(read_npy(path + ".missing").error.find("cannot be opened"), std::string::npos);
  EXPECT_NE(read_npy(::testing::TempDir()).error.find("directory"), std::string::npos);
  EXPECT_NE(write_npy("/nonexistent-folder/x.npy", NpyArray::from_floats({1}, {1})), "");
}

TEST_F(NpyTest, ByteOrdersAndDoubles) {
  const auto number = [](const auto value, bool swapped) {
    std::string bytes(reinterpret_cast<const char*>(&value), sizeof value);
    if (swapped) std::reverse(bytes.begin(), bytes.end());
    return bytes;
  };
  const auto values = [&](const std::string& descr, const std::string& data) {
    write(file("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,)}", data));
    const auto r = read_npy(path, 1);
    EXPECT_TRUE(r.ok()) << descr << ": " << r.error;
    return r.ok() ? std::vector<float>{r.array.as_float(0), r.array.as_float(1)} : std::vector<float>{};
  };
  const std::vector<float> wanted{-1.5F, 1024.0F};
  for (const std::string order : {"<", "=", ">", ""}) {
    const bool swapped = order == ">";
    EXPECT_EQ(values(order + "f4", number(-1.5F, swapped) + number(1024.0F, swapped)), wanted);
    EXPECT_EQ(values(order + "f8", number(-1.5, swapped) + number(1024.0, swapped)), wanted);
    EXPECT_EQ(values(order + "i4", number(-7, swapped) + number(9, swapped)), (std::vector<float>{-7, 9}));
  }
  // To nearest even: 1 + 2^-24 is half way between 1 and the next FP32 number.
  EXPECT_EQ(values("<f8", number(1 + 0x1p-24, false) + number(1 + 0x1.000002p-24, false)),
            (std::vector<float>{1.0F, 1.0F + 0x1p-23F}));
  EXPECT_EQ(values("<f8", number(1e300, false) + number(1e-300, false)),
            (std::vector<float>{std::numeric_limits<float>::infinity(), 0.0F}));
  EXPECT_EQ(values("|i1", "\x01\xff"), (std::vector<float>{1, -1}));
  EXPECT_EQ(values(">u1", "\x01\xff"), (std::vector<float>{1, 255}));
}

TEST_F(NpyTest, RandomDamageNeverCrashes) {
  std::mt19937 rng(5);
  const std::string good = file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "12345678");
  for (int n = 0; n < 2000; ++n) {
    std::string bad = good;
    for (int k = 0; k < 3; ++k) bad[rng() % bad.size()] = static_cast<char>(rng());
    write(bad);
    (void)read_npy(path);
  }
}

}  // namespace
}  // namespace tessera::golden
