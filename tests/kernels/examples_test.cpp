// SPDX-License-Identifier: Apache-2.0
/// Every program of examples/ on the golden model: it ends, or fails exactly as its .expect_error lines say, and leaves
/// what its comments promise: "# result X Y ADDRESS f32 VALUE..." in the HBM of tile (X, Y).
#include <algorithm>
#include <bit>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/config_file.hpp"
#include "isa/assembler.hpp"
#include "job.hpp"

namespace tessera {
namespace {

std::vector<std::filesystem::path> programs(const char* folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(TSR_SOURCE_DIR) / folder)) {
    if (entry.path().extension() == ".tsa") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Number of promised values; each is compared.
unsigned check_results(const std::filesystem::path& path, const golden::Cluster& cluster) {
  std::ifstream file(path);
  unsigned count = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string hash, word, type, value;
    std::uint32_t x = 0, y = 0;
    std::string address;
    if (!(words >> hash >> word >> x >> y >> address >> type) || hash != "#" || word != "result" || type != "f32")
      continue;
    std::uint64_t at = std::stoull(address, nullptr, 0);
    while (words >> value) {
      EXPECT_EQ(std::bit_cast<float>(test::hbm_word(cluster, y * cluster.width() + x, at)), std::stof(value))
          << line << " at " << at;
      at += 4, ++count;
    }
  }
  return count;
}

void check(const std::filesystem::path& path, const char* config, std::uint64_t shuffle) {
  SCOPED_TRACE(path.string() + " on " + config);
  const auto program = isa::assemble_file(path.string());
  for (const auto& e : program.errors) ADD_FAILURE() << e.sentence();
  ASSERT_TRUE(program.ok());
  golden::Cluster cluster(*find_config(config), program.image.width, program.image.height);
  ASSERT_EQ(cluster.load(program.image), "");
  const auto result = cluster.run(1'000'000, shuffle);
  const auto& expected = program.image.expected_errors;
  for (std::uint32_t t = 0; t < cluster.width() * cluster.height(); ++t) {
    const auto& tile = cluster.tile(t % cluster.width(), t / cluster.width());
    const auto wanted = [&](bool is_queue, std::uint32_t unit) {
      for (const auto& e : expected) {
        if (e.x == tile.x && e.y == tile.y && e.is_queue == is_queue && e.unit == unit) return e.code;
      }
      return isa::Err::kOk;
    };
    for (unsigned e = 0; e < isa::kNumEngines; ++e)
      EXPECT_EQ(tile.engines[e].fault.code, wanted(false, e)) << "engine " << e;
    for (unsigned q = 0; q < tile.queues.size(); ++q)
      EXPECT_EQ(tile.queues[q].fault.code, wanted(true, q)) << "queue " << q;
  }
  EXPECT_EQ(result.outcome, expected.empty() ? golden::Outcome::kDone : golden::Outcome::kError)
      << (result.sentences.empty() ? "" : result.sentences.front());
  check_results(path, cluster);
}

TEST(Examples, WorkAsTheySay) {
  const auto found = programs("examples");
  EXPECT_GE(found.size(), 9U);
  for (const auto& path : found) {
    for (const char* config : {"p4", "p8", "p32", "trn2"}) check(path, config, test::seed());
  }
}

TEST(Examples, EveryErrorThatSoftwareCanProvoke) {
  const auto found = programs("examples/errors");
  std::vector<bool> seen(isa::kErrNames.size());
  for (const auto& path : found) {
    for (const char* config : {"p4", "p8", "p32", "trn2"}) check(path, config, test::seed());
    const auto program = isa::assemble_file(path.string());
    EXPECT_FALSE(program.image.expected_errors.empty()) << path;
    for (const auto& e : program.image.expected_errors) seen[static_cast<unsigned>(e.code)] = true;
  }
  for (std::size_t code = 1; code < seen.size(); ++code) {
    // An AXI error needs a broken memory; no program can cause one.
    EXPECT_EQ(seen[code], static_cast<isa::Err>(code) != isa::Err::kAxi) << isa::kErrNames[code].name;
  }
}

// HBM and SBUF of all tiles after the program, hashed; units take turns in the order of `shuffle`.
std::size_t contents(const isa::ProgramImage& image, const char* config, std::uint64_t shuffle) {
  golden::Cluster cluster(*find_config(config), image.width, image.height);
  EXPECT_EQ(cluster.load(image), "");
  const auto result = cluster.run(10'000'000, shuffle);
  EXPECT_EQ(result.outcome, golden::Outcome::kDone) << (result.sentences.empty() ? "" : result.sentences.front());
  std::string all;
  for (std::uint32_t t = 0; t < image.width * image.height; ++t) {
    const auto& tile = cluster.tile(t % image.width, t / image.width);
    std::vector<std::uint8_t> bytes(0x400 * 4 * image.width * image.height);
    tile.hbm.read(0x200000, bytes);
    all.append(bytes.begin(), bytes.end());
    for (std::uint32_t p = 0; p < 4; ++p) all.append(reinterpret_cast<const char*>(tile.sbuf.row(p)), 0x800);
  }
  return std::hash<std::string>{}(all);
}

TEST(RandomTraffic, ResultDoesNotDependOnTheOrderOfTurns) {
  for (const char* arguments :
       {"--mesh 2x2 --seed 1 --count 30", "--mesh 4x4 --seed 2 --count 10", "--mesh 3x1 --seed 3 --count 60",
        "--mesh 2x2 --pattern pairs --count 2", "--mesh 1x1 --seed 4", "--mesh 4x4 --pattern pairs --count 1"}) {
    SCOPED_TRACE(arguments);
    const std::string command =
        std::string(TSR_PYTHON) + " " + TSR_SOURCE_DIR + "/examples/random_traffic.py " + arguments;
    std::FILE* pipe = popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string text;
    for (char piece[4096]; const auto n = std::fread(piece, 1, sizeof piece, pipe);) text.append(piece, n);
    ASSERT_EQ(pclose(pipe), 0);
    const auto program = isa::assemble(text, "traffic.tsa");
    for (const auto& e : program.errors) ADD_FAILURE() << e.sentence();
    ASSERT_TRUE(program.ok());
    const auto first = contents(program.image, "p4", 0);
    for (std::uint64_t shuffle = 1; shuffle <= 3; ++shuffle) EXPECT_EQ(contents(program.image, "p4", shuffle), first);
  }
}

}  // namespace
}  // namespace tessera
