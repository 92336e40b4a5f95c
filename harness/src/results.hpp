// SPDX-License-Identifier: Apache-2.0
/// results.xml and the summary table, in the form of cocotb 2.1.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tessera::detail {

enum class Status { passed, failed, skipped };

struct TestResult {
  std::string module, name, file;
  int line = 0;
  Status status = Status::passed;
  double wall_s = 0, sim_start_ns = 0, sim_stop_ns = 0;
  std::int64_t random_seed = 0;
  std::string error_type;  ///< class of the exception of a failed test, may be empty
  std::string message;
  [[nodiscard]] std::string full_name() const { return module + "." + name; }
};

/// Text as it stands in results: what is not UTF-8, and control characters, as "#xB5", as cocotb has it.
[[nodiscard]] std::string shown(const std::string& text);
/// False when the file cannot be written.
bool write_results(const std::string& path, const std::vector<TestResult>& results);
/// Reads the files that write_results() of child processes wrote, nothing else.
bool read_results(const std::string& path, std::vector<TestResult>& results);
[[nodiscard]] std::string summary_table(const std::vector<TestResult>& results, double sim_ns, double real_s,
                                        bool colour);
/// As Python prints a float.
[[nodiscard]] std::string python_float(double v);

}  // namespace tessera::detail
