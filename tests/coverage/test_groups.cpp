// SPDX-License-Identifier: Apache-2.0
// Cover groups themselves: counting, names, and what a process writes.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tessera/test.hpp"

using namespace tessera;

namespace {
CoverGroup colour("colour", {"red", "green"});
CoverCross pair("pair", {"n", "e"}, {"v0", "v1"});
}  // namespace

TSR_TEST(hits_are_counted) {
  CO_ASSERT_EQ(colour.hits("red") + colour.hits("green"), 0U);
  colour.sample("green");
  colour.sample(1);
  colour.sample("red");
  CO_ASSERT_EQ(colour.hits("red"), 1U);
  CO_ASSERT_EQ(colour.hits("green"), 2U);
  CO_ASSERT_EQ(cover_hits("colour.green"), 2U);
  pair.sample("e", "v0");
  CO_ASSERT_EQ(cover_hits("pair.e_x_v0"), 1U);
  CO_ASSERT_EQ(pair.bins().size(), 4U);
  co_return;
}

TSR_TEST(what_is_not_declared_is_an_error) {
  CO_ASSERT_THROW(colour.sample("blue"), RuntimeError);
  CO_ASSERT_THROW(colour.sample(2), RuntimeError);
  CO_ASSERT_THROW(pair.sample("s", "v0"), RuntimeError);
  CO_ASSERT_THROW((void)cover_hits("colour.blue"), RuntimeError);
  CO_ASSERT_THROW((void)cover_hits("nothing"), RuntimeError);
  CO_ASSERT_THROW((void)cover_hits("tsr_router_cover.No_C"), RuntimeError);
  CO_ASSERT_THROW(CoverGroup("colour", {"a"}), RuntimeError);
  CO_ASSERT_THROW(CoverGroup("shape", {"a", "a"}), RuntimeError);
  CO_ASSERT_THROW(CoverGroup("a shape", {"a"}), RuntimeError);
  CO_ASSERT_THROW(CoverGroup("shape", {""}), RuntimeError);
  co_return;
}

TSR_TEST(the_database_holds_every_bin_and_point) {
  colour.sample("red");
  const auto path = std::filesystem::temp_directory_path() / ("groups." + std::to_string(seed()) + ".dat");
  write_coverage(path.string());
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  std::filesystem::remove(path);
  CO_ASSERT_EQ(text.str().substr(0, 21), "# SystemC::Coverage-3");
  for (const char* line :
       {"\001page\002sp_user/colour\001o\002red' 1\n", "\001page\002sp_user/colour\001o\002green' 0\n",
        "\001page\002sp_user/pair\001o\002n_x_v1' 0\n", "v_user/tsr_router_cover", "\001o\002Eject_C"}) {
    CO_ASSERT_TRUE(text.str().find(line) != std::string::npos);
  }
  CO_ASSERT_EQ(cover_hits("tsr_router_cover.Eject_C"), 0U);
  CO_ASSERT_THROW(write_coverage("/nowhere/x.dat"), RuntimeError);
  co_return;
}
