// SPDX-License-Identifier: Apache-2.0
/// Registration of tests, and what a running test can ask for.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "tessera/task.hpp"

namespace tessera {

/// A value of a parametrised test. Its text is what Python's cocotb puts into the test's name.
using ParameterValue = std::variant<std::int64_t, double, bool, std::string>;

class Parameter {
 public:
  template <class... V>
  Parameter(std::string name, V... values) : name_(std::move(name)) {
    (values_.push_back(wrap(values)), ...);
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<ParameterValue>& values() const { return values_; }

 private:
  template <class V>
  static ParameterValue wrap(const V& v) {
    if constexpr (std::is_same_v<V, bool>) {
      return v;
    } else if constexpr (std::is_integral_v<V>) {
      return static_cast<std::int64_t>(v);
    } else if constexpr (std::is_floating_point_v<V>) {
      return static_cast<double>(v);
    } else {
      return std::string(v);
    }
  }
  std::string name_;
  std::vector<ParameterValue> values_;
};

/// Exception types of `expect_error`: `errors<ValueError, SimFailure>()`.
class ErrorSet {
 public:
  using Matcher = bool (*)(const std::exception_ptr&);
  ErrorSet() = default;
  explicit ErrorSet(std::vector<Matcher> m) : matchers_(std::move(m)) {}
  [[nodiscard]] bool empty() const { return matchers_.empty(); }
  [[nodiscard]] bool matches(const std::exception_ptr& e) const {
    for (const Matcher m : matchers_)
      if (m(e)) return true;
    return false;
  }

 private:
  std::vector<Matcher> matchers_;
};
namespace detail {
template <class E>
bool is_error(const std::exception_ptr& p) {
  try {
    std::rethrow_exception(p);
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
}
}  // namespace detail
template <class... E>
ErrorSet errors() {
  return ErrorSet({&detail::is_error<E>...});
}

struct TestOptions {
  Duration timeout = {};                    ///< simulated; over: SimTimeoutError
  bool expect_fail = false;                 ///< a failed check is the pass
  ErrorSet expect_error = {};               ///< one of these exceptions is the pass
  std::string expect_message = {};          ///< a part of what that exception must say
  bool skip = false;                        ///< skipped unless named by COCOTB_TESTCASE or COCOTB_TEST_FILTER
  std::vector<Parameter> parametrise = {};  ///< one test per combination, the last varies fastest
  bool no_checks = false;                   ///< do not fail for want of a check
  int stage = 0;                            ///< lower stages run first
  std::string name = {};                    ///< instead of the macro's first argument
  std::string doc = {};                     ///< printed when the test starts
};

/// The value of a parameter of the running test: `param<int>("depth")`.
[[nodiscard]] const ParameterValue& parameter(std::string_view name);
template <class T>
[[nodiscard]] T param(std::string_view name) {
  const ParameterValue& v = parameter(name);
  if constexpr (std::is_same_v<T, bool>) {
    return std::get<bool>(v);
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(std::get<std::int64_t>(v));
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(std::get<double>(v));
  } else {
    return T(std::get<std::string>(v));
  }
}

/// Ends the test as if it returned; expectations still count.
[[noreturn]] void end_test(std::string message = {});
/// Ends the test as passed, whatever was expected.
[[noreturn]] void pass_test(std::string message = {});
/// Ends the test as skipped.
[[noreturn]] void skip(std::string message = {});

/// Run seed + SHA-1 of "module.test", 64 bits. Outside of a test: the run seed.
[[nodiscard]] std::uint64_t seed();
/// "" for `+name`, the value of `+name=value`, nullptr when it was not given.
[[nodiscard]] const std::string* plusarg(std::string_view name);
/// "module.test" of the running test.
[[nodiscard]] std::string test_name();

/// A generator of the running test; equal `stream` numbers give equal sequences.
[[nodiscard]] inline SplitMix64 rng(std::uint64_t stream = 0) {
  return SplitMix64(seed() + stream * 0x2545f4914f6cdd1dULL);
}

/// Lines with cocotb's prefix: time, level, logger.
enum class LogLevel : int { trace = 5, debug = 10, info = 20, warning = 30, error = 40, critical = 50 };
class Logger {
 public:
  explicit Logger(std::string name) : name_(std::move(name)) {}
  void log(LogLevel level, const std::string& text) const;
  void debug(const std::string& text) const { log(LogLevel::debug, text); }
  void info(const std::string& text) const { log(LogLevel::info, text); }
  void warning(const std::string& text) const { log(LogLevel::warning, text); }
  void error(const std::string& text) const { log(LogLevel::error, text); }

 private:
  std::string name_;
};
inline const Logger log("test");

namespace detail {

/// One registered test after parametrisation.
struct TestCase {
  std::string module, name;  ///< full name: module.name
  std::string file;
  int line = 0;
  TestOptions options;
  std::vector<std::pair<std::string, ParameterValue>> parameters;
  std::function<Coro<void>()> start;
  bool own_model = true;  ///< runs on the bench's own model
  [[nodiscard]] std::string full_name() const { return module + "." + name; }
};

/// A program's model and its handles: made once, on first use.
struct Bench {
  std::function<std::unique_ptr<Model>()> make_model;
};
void set_bench(Bench bench);
Model& bench_model();
bool add_tests(const char* file, int line, const char* name, const TestOptions& options,
               const std::function<Coro<void>()>& start, bool own_model = true);
inline TestOptions options(TestOptions o = {}) { return o; }

template <class D>
D& the_dut() {
  static D dut(bench_model());
  return dut;
}
template <class D>
bool add_test(const char* file, int line, const char* name, Coro<void> (*body)(D&), const TestOptions& o) {
  return add_tests(file, line, name, o, [body] { return body(the_dut<D>()); });
}

}  // namespace detail
}  // namespace tessera

/// TSR_TEST(name) { ... } or TSR_TEST(name, {.timeout = Duration(1, us)}) { ... }: a coroutine with the argument `dut`.
#define TSR_TEST(test, ...)                                                                               \
  static ::tessera::Coro<void> tsr_test_##test(::tessera::Dut& dut);                                      \
  [[maybe_unused]] static const bool tsr_registered_##test = ::tessera::detail::add_test<::tessera::Dut>( \
      __FILE__, __LINE__, #test, &tsr_test_##test, ::tessera::detail::options(__VA_ARGS__));              \
  static ::tessera::Coro<void> tsr_test_##test([[maybe_unused]] ::tessera::Dut& dut)
