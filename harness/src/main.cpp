// SPDX-License-Identifier: Apache-2.0
/// The program of a C++ bench: every selected test in a process of its own, or one after the other with --in-process.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "endings.hpp"
#include "log.hpp"
#include "regression.hpp"

extern char** environ;

namespace tessera::detail {

namespace {

/// Tests by GoogleTest's own filter and lists; the runner is made at the first one that runs.
class Program {
 public:
  bool in_process = false;
  bool named = false;  ///< by COCOTB_TESTCASE, COCOTB_TEST_FILTER
  std::vector<const TestCase*> selected;
  std::unique_ptr<Runner> runner;
};
Program program;

class BenchTest : public testing::Test {
 public:
  explicit BenchTest(const TestCase& t) : test_(t) {}
  void TestBody() override {
    const TestResult& r = program.runner->run(test_);
    if (r.status == Status::skipped) GTEST_SKIP() << "skipped";
    if (r.status == Status::failed) ADD_FAILURE_AT(test_.file.c_str(), test_.line) << r.message;
  }

 private:
  const TestCase& test_;
};

/// "a.b:c.d" as GoogleTest understands it: `*`, `?`, and a negative part after `-`.
bool glob(const char* pattern, const char* text) {
  for (;; ++pattern, ++text) {
    if (*pattern == '\0') return *text == '\0';
    if (*pattern == '*') {
      for (const char* t = text;; ++t) {
        if (glob(pattern + 1, t)) return true;
        if (*t == '\0') return false;
      }
    }
    if (*text == '\0' || (*pattern != '?' && *pattern != *text)) return false;
  }
}
bool matches(const std::string& filter, const std::string& name) {
  if (filter.empty() || filter == "*" || filter == name) return true;
  const std::size_t dash = filter.find('-');
  const auto any = [&](const std::string& list, bool empty) {
    if (list.empty()) return empty;
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(':', at), list.size());
      if (glob(list.substr(at, end - at).c_str(), name.c_str())) return true;
      at = end + 1;
    }
    return false;
  };
  return any(filter.substr(0, dash), true) && !(dash != std::string::npos && any(filter.substr(dash + 1), false));
}

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

TestResult without_results(const TestCase& test, std::string why) {
  TestResult r;
  r.module = test.module;
  r.name = test.name;
  r.file = test.file;
  r.line = test.line;
  r.status = Status::failed;
  r.random_seed = run_seed();
  r.error_type = "SimFailure";
  r.message = std::move(why);
  return r;
}

/// As a shell has it for a program that a signal ended.
int exit_code(bool ok) { return stop_signal() != 0 ? 128 + stop_signal() : ok ? 0 : 1; }

/// Runs one test as a child of this process; its results are read from a file.
void run_child(const TestCase& test, const std::string& self, const std::vector<std::string>& plusargs,
               std::size_t index, std::vector<TestResult>& results) {
  const std::string file = "results." + std::to_string(getpid()) + "." + std::to_string(index) + ".xml";
  const std::string path = (std::filesystem::temp_directory_path() / file).string();
  std::vector<std::string> environment{"COCOTB_RESULTS_FILE=" + path, "TESSERA_ONE_TEST=" + test.full_name(),
                                       "COCOTB_RANDOM_SEED=" + std::to_string(run_seed())};
  if (const char* waves = std::getenv("WAVES"); waves && *waves) {
    std::string stem = Runner::waves_file();
    if (stem.ends_with(".fst")) stem.resize(stem.size() - 4);
    std::string name = test.full_name();
    for (char& c : name)
      if (c == '/') c = '_';
    environment.push_back("TESSERA_WAVES_FILE=" + stem + "." + name + ".fst");
  }
  for (char** e = environ; *e; ++e) {
    const std::string text(*e);
    const std::string key = text.substr(0, text.find('='));
    if (key != "COCOTB_RESULTS_FILE" && key != "TESSERA_ONE_TEST" && key != "COCOTB_RANDOM_SEED" &&
        key != "COCOTB_TESTCASE" && (key != "TESSERA_WAVES_FILE" || environment.size() == 3)) {
      environment.push_back(text);
    }
  }
  if (program.named) environment.push_back("TESSERA_RUN_SKIPPED=1");
  std::vector<std::string> arguments{self};
  arguments.insert(arguments.end(), plusargs.begin(), plusargs.end());
  std::vector<char*> argv, envp;
  for (auto& a : arguments) argv.push_back(a.data());
  for (auto& e : environment) envp.push_back(e.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  std::fflush(nullptr);
  pid_t child = 0;
  int status = -1;
  if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, argv.data(), envp.data()) == 0) {
    pass_stops_to(child);
    if (stop_signal() != 0) kill(child, stop_signal());  // it came in between
    waitpid(child, &status, 0);
    pass_stops_to(0);
  }
  if (!read_results(path, results)) {
    const TestResult& r = results.emplace_back(
        without_results(test, WIFSIGNALED(status) ? "the process of the test ended by " + signal_name(WTERMSIG(status))
                                                  : "the process of the test left no results"));
    std::printf("%s failed: %s\n", test.full_name().c_str(), r.message.c_str());
  } else if (status != 0 && results.back().status != Status::failed) {
    // Its last words: a sanitizer's report at the end, or a database that cannot be written.
    TestResult& r = results.back();
    r.status = Status::failed;
    r.error_type = "SimFailure";
    r.message = "the test passed, but its process ended " +
                (WIFSIGNALED(status) ? "by " + signal_name(WTERMSIG(status))
                                     : "with exit code " + std::to_string(WEXITSTATUS(status)));
    std::printf("%s failed: %s\n", test.full_name().c_str(), r.message.c_str());
  }
  std::filesystem::remove(path);
}

int run_children(const std::string& self, const std::vector<std::string>& plusargs) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<TestResult> results;
  watch_endings(nullptr);
  for (std::size_t i = 0; i < program.selected.size(); ++i) {
    if (stop_signal() == 0) {
      run_child(*program.selected[i], self, plusargs, i, results);
    } else {
      results.push_back(without_results(*program.selected[i], Runner::interruption() + " before the test began"));
    }
  }
  double sim = 0;
  bool ok = true;
  for (const auto& r : results) {
    sim += r.sim_stop_ns - r.sim_start_ns;
    ok = ok && r.status != Status::failed;
  }
  const double real = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  Logger("cocotb.regression").info(summary_table(results, sim, real, colour()));
  const char* file = std::getenv("COCOTB_RESULTS_FILE");
  const std::string path = file && *file ? file : "results.xml";
  if (!write_results(path, results)) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    return 1;
  }
  return exit_code(ok);
}

/// For scripts/bench_run.py: module and name of every selected test, as they will stand in the results, each ended by a
/// zero byte.
int list_to_file(const char* file) {
  std::ofstream out(file, std::ios::binary);
  for (const TestCase* t : program.selected) out << shown(t->module) << '\0' << shown(t->name) << '\0';
  out.close();
  return out ? 0 : 1;
}

int bench_main(int argc, char** argv) {
  const std::string self = argv[0];
  testing::InitGoogleTest(&argc, argv);
  std::vector<std::string> arguments{self}, plusargs;
  for (int i = 1; i < argc; ++i) {
    const std::string a = argv[i];
    if (a == "--in-process") {
      program.in_process = true;
    } else if (!a.empty() && a[0] == '+') {
      plusargs.push_back(a);
      arguments.push_back(a);
    } else if (a == "--help" || a == "-h") {
      std::printf(
          "usage: %s [--in-process] [--gtest_filter=MODULE.TEST] [--gtest_list_tests] [+plusarg[=value]]...\n"
          "environment: COCOTB_TEST_FILTER COCOTB_TESTCASE COCOTB_RANDOM_SEED COCOTB_LOG_LEVEL COCOTB_RESULTS_FILE\n"
          "             COCOTB_PLUSARGS WAVES TESSERA_WAVES_FILE TESSERA_WALL_LIMIT (seconds, 60)\n",
          argv[0]);
      return 0;
    } else {
      std::fprintf(stderr, "%s: unknown argument '%s'; --help lists what there is\n", argv[0], a.c_str());
      return 2;
    }
  }
  set_arguments(arguments);
  check_log_level();
  program.selected = select_tests(program.named);
  if (const char* one = std::getenv("TESSERA_ONE_TEST"); one && *one) {
    program.in_process = true;
    program.named = environment_flag("TESSERA_RUN_SKIPPED", false);
    std::erase_if(program.selected, [&](const TestCase* t) { return t->full_name() != one; });
  }
  if (testing::GTEST_FLAG(filter) != "*") {
    std::erase_if(program.selected,
                  [](const TestCase* t) { return !matches(testing::GTEST_FLAG(filter), t->full_name()); });
    testing::GTEST_FLAG(filter) = "*";
  }
  if (const char* file = std::getenv("TESSERA_LIST_FILE"); file && *file) return list_to_file(file);
  if (environment_flag("COCOTB_LIST_TESTS", false)) {
    for (const TestCase* t : program.selected) std::printf("%s\n", t->full_name().c_str());
    return 0;
  }
  if (program.selected.empty() && !testing::GTEST_FLAG(list_tests)) {
    std::fprintf(stderr, "no test was selected\n");
    return 1;
  }
  Logger("cocotb.initialize").info("Seeding with " + std::to_string(run_seed()));
  if (program.selected.size() > 1 && !program.in_process && !testing::GTEST_FLAG(list_tests))
    return run_children(self, plusargs);

  for (const TestCase* t : program.selected) {
    testing::RegisterTest(t->module.c_str(), t->name.c_str(), nullptr, nullptr, t->file.c_str(), t->line,
                          [t]() -> testing::Test* { return new BenchTest(*t); });
  }
  if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  program.runner = std::make_unique<Runner>(program.selected.size(), program.named);
  const int failed = RUN_ALL_TESTS();
  const bool ok = program.runner->finish();
  if (std::getenv("TESSERA_ONE_TEST") == nullptr) program.runner->print_summary();
  program.runner.reset();
  destroy_bench_model();
  return exit_code(!failed && ok);
}

}  // namespace
}  // namespace tessera::detail

int main(int argc, char** argv) {
  try {
    return tessera::detail::bench_main(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  }
}
