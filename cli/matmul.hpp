// SPDX-License-Identifier: Apache-2.0
/// A product on the mesh, run and compared; shared by `matmul` and `demo`.
#pragma once
#include <string>
#include <vector>

#include "cli/judge.hpp"
#include "workloads/matmul.hpp"

namespace tessera::cli {

struct MatmulOutcome {
  Verdict verdict;
  std::vector<std::uint32_t> c;  ///< FP32 patterns of C from the RTL, when both runs ended
};

/// Runs and compares `job`; when C differs, the first wrong element is printed. Fills the report.
MatmulOutcome simulate_matmul(workloads::Run& run, const workloads::MatmulJob& job, const std::string& command);

}  // namespace tessera::cli
