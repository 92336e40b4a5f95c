// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "results.hpp"
#include "running_test.hpp"

namespace tessera::detail {

[[nodiscard]] const std::vector<TestCase>& all_tests();
/// What COCOTB_TESTCASE or COCOTB_TEST_FILTER leaves, by stage. RuntimeError when both are set.
[[nodiscard]] std::vector<const TestCase*> select_tests(bool& explicit_choice);
/// One more model of the bench, attached to nothing.
[[nodiscard]] std::unique_ptr<Model> make_bench_model();
/// argv without what GoogleTest took.
void set_arguments(std::vector<std::string> arguments);
[[nodiscard]] std::int64_t run_seed();
[[nodiscard]] std::uint64_t test_seed(const std::string& full_name);
[[nodiscard]] std::string rerun_command(const std::string& full_name);

/// At the end of the program, while the static objects of Verilator's run-time library are still there.
void destroy_bench_model();

/// Runs tests one after the other in this process, on one model.
class Runner {
 public:
  Runner(std::size_t total, bool run_skipped);
  ~Runner();
  const TestResult& run(const TestCase& test);
  /// Closes the trace and writes the results. False when a test failed or the file cannot be written.
  bool finish();
  void print_summary() const;
  /// The process is about to end inside a test that does not return: closes the trace and writes the results.
  void give_up(const std::string& why);
  /// What interrupted the kernel.
  [[nodiscard]] static std::string interruption();
  [[nodiscard]] static std::string waves_file();

 private:
  void open_model(const TestCase& test);
  void simulate(RunningTest& running, TestResult& result);
  void check_simulation();
  bool write() const;
  void score(const TestCase& test, std::exception_ptr error, TestResult& result, RunningTest* running);

  std::size_t total_;
  bool run_skipped_;
  double begin_s_;
  bool opened_ = false, first_ = true, first_step_ = true, unfinished_step_ = false;
  std::exception_ptr terminated_;
  std::vector<TestResult> results_;
  TestResult* now_ = nullptr;
};

}  // namespace tessera::detail
