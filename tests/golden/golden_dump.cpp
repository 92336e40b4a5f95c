// SPDX-License-Identifier: Apache-2.0
/// Executes an assembler program on a one-tile golden model and writes pieces of its HBM as uint8 .npy files.
///
///   golden_dump PROGRAM.tsa [ADDRESS BYTES OUT.npy]...
#include <cstdio>
#include <cstdlib>

#include "base/npy.hpp"
#include "golden/cluster.hpp"
#include "isa/assembler.hpp"
#include "tsr_cfg.hpp"

int main(int argc, char** argv) {
  using namespace tessera;
  if (argc < 2 || (argc - 2) % 3 != 0) {
    std::fprintf(stderr, "usage: golden_dump PROGRAM.tsa [ADDRESS BYTES OUT.npy]...\n");
    return 2;
  }
  const auto program = isa::assemble_file(argv[1]);
  for (const auto& e : program.errors) std::fprintf(stderr, "%s\n", e.sentence().c_str());
  if (!program.ok()) return 2;
  golden::Cluster cluster(configs::p8::kConfig, 1, 1);
  if (const auto why = cluster.load(program.image); !why.empty()) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return 2;
  }
  const auto result = cluster.run();
  for (const auto& s : result.sentences) std::fprintf(stderr, "%s\n", s.c_str());
  if (result.outcome != golden::Outcome::kDone) return 1;
  for (int a = 2; a < argc; a += 3) {
    const std::uint64_t bytes = std::strtoull(argv[a + 1], nullptr, 0);
    NpyArray array{NpyType::kUint8, {bytes}, std::vector<std::uint8_t>(bytes)};
    cluster.tile(0, 0).hbm.read(std::strtoull(argv[a], nullptr, 0), array.bytes);
    if (const auto why = write_npy(argv[a + 2], array); !why.empty()) {
      std::fprintf(stderr, "%s\n", why.c_str());
      return 1;
    }
  }
  return 0;
}
