// SPDX-License-Identifier: Apache-2.0
/// The commands of the program: each parses nothing, runs one job and returns the exit code.
#pragma once
#include <string>

#include "golden/config.hpp"
#include "workloads/matmul.hpp"
#include "workloads/run.hpp"

namespace tessera::cli {

struct MatmulArgs {
  std::string a, b, out, dtype = "bf16", out_dtype = "fp32", shard = "mn";
};
struct CollectiveArgs {
  std::string kind, in, out, op = "sum", algo = "auto", dtype = "fp32", residence = "hbm";
};

/// `tessera matmul`: 0 when RTL and golden model agree, 1 when not, 2 for bad input (as InputError).
int run_matmul(const Config& cfg, workloads::RunOptions options, const MatmulArgs& args);
int run_collective(const Config& cfg, workloads::RunOptions options, const CollectiveArgs& args);
/// `tessera run`: assembles a program; 0 when it ended, or failed exactly as its .expect_error lines say.
int run_program(const Config& cfg, workloads::RunOptions options, const std::string& path);
/// `tessera demo`: the attention output projection of Llama-3-8B under tensor parallelism.
int run_demo(const Config& cfg, workloads::RunOptions options, const std::string& folder);
int run_info(const Config& cfg);

}  // namespace tessera::cli
