// SPDX-License-Identifier: Apache-2.0
/// The commands of the program: each parses nothing, runs one job and returns the exit code.
#pragma once
#include <string>
#include <vector>

#include "base/config.hpp"
#include "kernels/ring.hpp"
#include "workloads/run.hpp"

namespace tessera::cli {

struct MatmulArgs {
  std::string a, b, out, dtype = "bf16", out_dtype = "fp32", shard = "mn", residence = "hbm";
};
struct CollectiveArgs {
  std::string kind, in, out, op = "sum", algo = "auto", dtype = "fp32", residence = "hbm";
  std::uint32_t pieces = kernels::RingOptions{}.pieces;
};
struct DemoArgs {
  std::string folder = "out/demo", bug;
  std::vector<std::string> also;  ///< with a bug: programs to run after the products
};

/// `tessera matmul`: 0 when RTL and golden model agree, 1 when not, 2 for bad input (as InputError).
int run_matmul(const Config& cfg, const workloads::RunOptions& options, const MatmulArgs& args);
int run_collective(const Config& cfg, const workloads::RunOptions& options, const CollectiveArgs& args);
/// `tessera run`: assembles a program; 0 when it ended, or failed exactly as its .expect_error lines say.
/// `mesh_given`: the user named a mesh, which the program may not exceed.
int run_program(const Config& cfg, workloads::RunOptions options, const std::string& path, bool mesh_given);
/// The image of an assembler program for the mesh of `options`, which grows from 1x1 to what the program needs.
isa::ProgramImage load_program(const std::string& path, workloads::RunOptions& options, bool mesh_given);
/// `tessera demo`: the attention output projection of Llama-3-8B under tensor parallelism.
int run_demo(const Config& cfg, const workloads::RunOptions& options, const DemoArgs& args);
/// `tessera demo --bug`: smaller problems on hardware with one seeded fault; 1 when a difference was found.
int run_bug_demo(const Config& cfg, const workloads::RunOptions& options, const DemoArgs& args);
/// The seeded fault this program was built with; empty: none.
std::string built_in_bug();
/// `tessera info`: the sizes in words, and as JSON in a file unless `json` is empty.
int run_info(const Config& cfg, const std::string& json);

}  // namespace tessera::cli
