// SPDX-License-Identifier: Apache-2.0
/// .npy files: round trips, and every broken file ends in a sentence.
#include "base/npy.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
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
      {file("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "12345678"), "objects"},
      {file("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", "12345678"), "not supported"},
      {file("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", "12345678"), "not supported"},
      {file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "12345678"), "not supported"},
      {file("{'descr': '<f4', 'shape': (2,), }", "12345678"), "cannot be understood"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", ""),
       "cannot be understood"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': (60000000000,), }", ""), "truncated"},
      {file(good, "12345678").substr(0, 20), "inside its header"},
  };
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
