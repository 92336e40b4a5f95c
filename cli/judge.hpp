// SPDX-License-Identifier: Apache-2.0
/// Runs RTL and golden model and says what they came to: the same for every command.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "workloads/run.hpp"

namespace tessera::cli {

/// Exit codes. kBad: bad input, or hardware that stopped with an error as the golden model did. kSetup: a model is not
/// built.
inline constexpr int kAgree = 0, kDisagree = 1, kBad = 2, kSetup = 3, kInterrupted = 130;

struct Verdict {
  int code = kAgree;
  bool compared = false;  ///< both have ended by themselves, so contents can be looked at
  nlohmann::json report;  ///< the common fields
  bool golden = true;     ///< there was a golden model to compare with
  /// "bit-exact" or what else there is to say.
  [[nodiscard]] const char* word() const {
    return code != kAgree ? "NOT bit-exact" : golden ? "bit-exact" : "not compared (--golden off)";
  }
};

/// Runs both and compares all records and all of HBM; prints the first differences. Throws InputError when the run
/// is refused. `expected_errors`: the program is there to fail; then errors are part of the result.
Verdict judge(workloads::Run& run, const std::string& command,
              const std::vector<isa::ExpectedError>& expected_errors = {});

/// The first lines a person needs when RTL and golden model differ: instruction, its tile and time, then contents.
void print_differences(const workloads::Run& run);

}  // namespace tessera::cli
