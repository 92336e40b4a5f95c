// SPDX-License-Identifier: Apache-2.0
/// Registration, selection, seeds and checks of tests, after cocotb's RegressionManager.
#include "regression.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <regex>

#include "log.hpp"
#include "sha1.hpp"
#include "tessera/check.hpp"

namespace tessera {
namespace detail {

namespace {

const Logger regression_log("cocotb.regression");

struct Registry {
  std::vector<TestCase> tests;
  Bench bench;
  std::unique_ptr<Model> model;
  std::vector<std::string> arguments;
  std::map<std::string, std::string, std::less<>> plusargs;
};
Registry& registry() {
  static Registry r;
  return r;
}

std::string parameter_text(const ParameterValue& v) {
  if (const auto* i = std::get_if<std::int64_t>(&v)) return std::to_string(*i);
  if (const auto* b = std::get_if<bool>(&v)) return *b ? "True" : "False";
  if (const auto* d = std::get_if<double>(&v)) return python_float(*d);
  const auto& s = std::get<std::string>(v);
  const bool identifier = !s.empty() && s.size() <= 10 && !std::isdigit(static_cast<unsigned char>(s[0])) &&
                          std::all_of(s.begin(), s.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
  return identifier ? s : std::string();
}

}  // namespace

// Registration --------------------------------------------------------------------------------------------------------

void set_bench(Bench bench) { registry().bench = std::move(bench); }

Model& bench_model() {
  Registry& r = registry();
  if (!r.model) {
    r.model = r.bench.make_model();
    kernel.attach(*r.model);
  }
  return *r.model;
}

std::unique_ptr<Model> make_bench_model() { return registry().bench.make_model(); }

void destroy_bench_model() {
  std::unique_ptr<Model> model = std::move(registry().model);
  if (model) kernel.detach(*model);
}

bool add_tests(const char* file, int line, const char* name, const TestOptions& options,
               const std::function<Coro<void>()>& start, bool own_model) {
  const std::string module = std::filesystem::path(file).stem().string();
  const std::string base = options.name.empty() ? name : options.name;
  std::size_t count = 1;
  for (const Parameter& p : options.parametrise) count *= p.values().size();
  for (std::size_t n = 0; n < count; ++n) {
    TestCase t;
    t.module = module;
    t.name = base;
    t.file = file;
    t.line = line;
    t.start = start;
    t.own_model = own_model;
    std::size_t rest = n, block = count;
    for (const Parameter& p : options.parametrise) {
      block /= p.values().size();
      const std::size_t at = rest / block;
      rest %= block;
      bool all = true;
      for (const auto& v : p.values()) all = all && !parameter_text(v).empty();
      t.name += "/" + p.name() + "=" + (all ? parameter_text(p.values()[at]) : std::to_string(at));
      t.parameters.emplace_back(p.name(), p.values()[at]);
    }
    t.options = options;
    registry().tests.push_back(std::move(t));
  }
  return true;
}

const std::vector<TestCase>& all_tests() { return registry().tests; }

void set_arguments(std::vector<std::string> arguments) {
  Registry& r = registry();
  if (const char* more = std::getenv("COCOTB_PLUSARGS")) {
    std::string text(more);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
      if (end > at) arguments.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  for (const std::string& a : arguments) {
    if (a.empty() || a[0] != '+') continue;
    const std::size_t equal = a.find('=');
    if (equal == std::string::npos) {
      r.plusargs[a.substr(1)] = "";
    } else {
      r.plusargs[a.substr(1, equal - 1)] = a.substr(equal + 1);
    }
  }
  r.arguments = std::move(arguments);
}

std::vector<std::string> verilated_arguments() {
  std::vector<std::string> out;
  for (const std::string& a : registry().arguments)
    if (out.empty() || (!a.empty() && a[0] == '+')) out.push_back(a);
  if (out.empty()) out.emplace_back("bench");
  return out;
}

std::vector<const TestCase*> select_tests(bool& explicit_choice) {
  const char* testcase = std::getenv("COCOTB_TESTCASE");
  const char* filter = std::getenv("COCOTB_TEST_FILTER");
  const bool by_case = testcase && *testcase, by_filter = filter && *filter;
  if (by_case && by_filter) throw RuntimeError("Specify only one of COCOTB_TESTCASE or COCOTB_TEST_FILTER");
  std::vector<std::regex> filters;
  if (by_case) {
    regression_log.warning("COCOTB_TESTCASE is deprecated in favor of COCOTB_TEST_FILTER");
    std::string text(testcase);
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      std::string one = text.substr(at, end - at);
      one.erase(0, one.find_first_not_of(" \t"));
      one.erase(one.find_last_not_of(" \t") + 1);
      if (!one.empty()) filters.emplace_back(one + "$");
      at = end + 1;
    }
  } else if (by_filter) {
    filters.emplace_back(filter);
  }
  explicit_choice = !filters.empty();
  std::vector<const TestCase*> out;
  for (const TestCase& t : registry().tests) {
    const std::string name = t.full_name();
    if (filters.empty() ||
        std::any_of(filters.begin(), filters.end(), [&](const std::regex& f) { return std::regex_search(name, f); })) {
      out.push_back(&t);
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const TestCase* a, const TestCase* b) { return a->options.stage < b->options.stage; });
  return out;
}

std::int64_t run_seed() {
  static const std::int64_t seed = [] {
    for (const char* name : {"COCOTB_RANDOM_SEED", "RANDOM_SEED"}) {
      const char* text = std::getenv(name);
      if (!text || !*text) continue;
      char* end = nullptr;
      const long long v = std::strtoll(text, &end, 0);
      if (*end) throw ValueError(std::string(name) + "=" + text + " is no integer");
      return static_cast<std::int64_t>(v);
    }
    return static_cast<std::int64_t>(std::time(nullptr));
  }();
  return seed;
}

std::uint64_t test_seed(const std::string& full_name) {
  const auto h = sha1(full_name);
  return static_cast<std::uint64_t>(run_seed()) + (static_cast<std::uint64_t>(h[3]) << 32 | h[4]);
}

std::string rerun_command(const std::string& full_name) {
  std::string pattern;
  for (const char c : full_name) {
    if (std::strchr(".+*?()[]{}|^$\\", c)) pattern += '\\';
    pattern += c;
  }
  const std::string seed_text = std::to_string(run_seed());
  if (const char* command = std::getenv("TESSERA_RERUN")) {
    return std::string(command) + " --filter '^" + pattern + "$' --seed " + seed_text + " --waves";
  }
  return "COCOTB_RANDOM_SEED=" + seed_text + " COCOTB_TEST_FILTER='^" + pattern + "$' WAVES=1 " +
         (registry().arguments.empty() ? "" : registry().arguments[0]);
}

// Checks --------------------------------------------------------------------------------------------------------------

void report(const Outcome& outcome, const char* file, int line, bool fatal) {
  RunningTest* test = running_test();
  if (test) ++test->checks;
  if (outcome.ok) return;
  char place[64];
  std::snprintf(place, sizeof place, "%.2fns", get_sim_time(TimeUnit::ns));
  std::string text = std::string(file) + ":" + std::to_string(line) + ": " + outcome.text + "; time " + place;
  if (test) {
    const std::string name = test->test().full_name();
    text += ", seed " + std::to_string(test_seed(name)) + "; rerun with waves: " + rerun_command(name);
  }
  if (fatal) throw AssertionError(text);
  Logger("test").error(text);
  if (test) test->expect_failures.push_back(text);
}

}  // namespace detail

void count_check(std::uint64_t n) {
  if (auto* t = detail::running_test()) t->checks += n;
}

const ParameterValue& parameter(std::string_view name) {
  if (auto* t = detail::running_test()) {
    for (const auto& [key, value] : t->test().parameters)
      if (key == name) return value;
  }
  throw RuntimeError("the running test has no parameter '" + std::string(name) + "'");
}

void end_test(std::string message) { throw EndTest(std::move(message)); }
void pass_test(std::string message) { throw TestSuccess(std::move(message)); }
void skip(std::string message) { throw TestSkipped(std::move(message)); }

std::uint64_t seed() {
  const auto* t = detail::running_test();
  return t ? detail::test_seed(t->test().full_name()) : static_cast<std::uint64_t>(detail::run_seed());
}

const std::string* plusarg(std::string_view name) {
  const auto& args = detail::registry().plusargs;
  const auto it = args.find(name);
  return it == args.end() ? nullptr : &it->second;
}

std::string test_name() {
  const auto* t = detail::running_test();
  return t ? t->test().full_name() : std::string();
}

}  // namespace tessera
