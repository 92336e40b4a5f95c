// SPDX-License-Identifier: Apache-2.0
/// Running and scoring of tests, after cocotb's RegressionManager.
#include <cxxabi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "endings.hpp"
#include "hooks.hpp"
#include "log.hpp"
#include "regression.hpp"
#include "tessera/check.hpp"
#include "tessera/coverage.hpp"

namespace tessera::detail {

namespace {

const Logger regression_log("cocotb.regression");

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string type_name(const std::exception_ptr& e) {
  int status = 0;
  const std::type_info* type = nullptr;
  try {
    std::rethrow_exception(e);
  } catch (...) {
    type = abi::__cxa_current_exception_type();
  }
  if (!type) return "exception";
  std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                   &std::free);
  std::string name = status == 0 ? text.get() : type->name();
  const std::string prefix = "tessera::";
  return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

std::string message_of(const std::exception_ptr& e) {
  try {
    std::rethrow_exception(e);
  } catch (const std::exception& x) {
    return x.what();
  } catch (const CancelledError& x) {
    return x.message().empty() ? "cancelled" : x.message();
  } catch (const SimFailure& x) {
    return x.message();
  } catch (const TestSkipped& x) {
    return x.message();
  } catch (const TestSuccess& x) {
    return x.message();
  } catch (const EndTest& x) {
    return x.message();
  } catch (...) {
    return "an exception of unknown type";
  }
}

double wall_limit() {
  const char* text = std::getenv("TESSERA_WALL_LIMIT");
  const double v = text ? std::atof(text) : 60.0;
  return v > 0 ? v : 60.0;
}

}  // namespace

// Running -------------------------------------------------------------------------------------------------------------

Runner::Runner(std::size_t total, bool run_skipped) : total_(total), run_skipped_(run_skipped), begin_s_(now_s()) {
  watch_endings(this);
}

Runner::~Runner() { forget_runner(); }

std::string Runner::interruption() {
  if (stop_signal() != 0) return std::string("stopped by SIG") + sigabbrev_np(stop_signal());
  return "wall-clock limit of " + python_float(wall_limit()) + " s is over";
}

std::string Runner::waves_file() {
  if (const char* file = std::getenv("TESSERA_WAVES_FILE"); file && *file) return file;
  return "dump.fst";
}

void Runner::open_model(const TestCase& test) {
  kernel.tracing = environment_flag("WAVES", false);
  if (!test.own_model) return;
  Model& model = bench_model();
  if (opened_) return;
  opened_ = true;
  if (kernel.tracing) model.open_trace(waves_file());
}

namespace {
class StartEvent final : public TimedEvent {
 public:
  explicit StartEvent(RunningTest& t) : test_(t) {}
  ~StartEvent() override { kernel.remove_timed(*this); }
  std::uint64_t fire() override {
    kernel.remove_timed(*this);
    kernel.phase = Phase::timer;
    started = true;
    started_at_ns = get_sim_time(TimeUnit::ns);
    test_.start();
    return 0;
  }
  bool started = false;
  double started_at_ns = 0;

 private:
  RunningTest& test_;
};
}  // namespace

const TestResult& Runner::run(const TestCase& test) {
  TestResult& result = results_.emplace_back();
  now_ = &result;
  result.module = test.module;
  result.name = test.name;
  result.file = test.file;
  result.line = test.line;
  result.random_seed = run_seed();
  const std::string full = test.full_name();
  const std::string count = "(" + std::to_string(results_.size()) + "/" + std::to_string(total_) + ")";
  const std::string doc = test.options.doc.empty() ? "" : "\n    " + test.options.doc;

  if (test.options.skip && !run_skipped_) {
    regression_log.info("skipping " + full + " " + count + doc);
    result.status = Status::skipped;
    return result;
  }
  if (terminated_) {
    score(test, terminated_, result, nullptr);
    return result;
  }
  open_model(test);
  regression_log.info("running " + full + " " + count + doc);
  Logger("cocotb.seed").info("Test seed " + std::to_string(test_seed(full)));
  if (stop_signal() == 0) {
    kernel.interrupted = false;
    arm_alarm(wall_limit());
  }
  const double begin = now_s();
  RunningTest running(test);
  simulate(running, result);
  arm_alarm(0);
  kernel.interrupted = false;
  result.wall_s = now_s() - begin;
  result.sim_stop_ns = get_sim_time(TimeUnit::ns);
  set_running_test(nullptr);
  std::exception_ptr error = terminated_ ? terminated_ : running.error();
  score(test, error, result, &running);
  return result;
}

void Runner::simulate(RunningTest& running, TestResult& result) {
  StartEvent start(running);
  if (first_) {
    first_ = false;
    result.sim_start_ns = 0;
    running.start();
    kernel.settle();
  } else {
    // One step later, as in cocotb; state is kept.
    kernel.add_timed(start, kernel.time + 1);
  }
  bool in_step = first_step_ || unfinished_step_;  // a step was begun and has to be finished
  first_step_ = unfinished_step_ = false;
  while (!running.complete()) {
    kernel.attention = false;
    const Kernel::Stop stop = kernel.run(in_step);
    in_step = stop == Kernel::Stop::after_advance;
    if (stop == Kernel::Stop::no_event) {
      kernel.fail("no event left: nothing is scheduled and the test waits (is the clock running?); " +
                  running.describe_tasks());
    }
    const bool over = running.complete() && !kernel.failed() && !kernel.interrupted;
    if (over) {
      unfinished_step_ = in_step;
      break;
    }
    // $finish lets the step end and the next one begin, as under cocotb.
    if (kernel.finish_requested && !in_step && !kernel.failed()) {
      kernel.advance();
      in_step = true;
    }
    check_simulation();
    if (terminated_) {
      kernel.interrupted = false;
      running.abort(terminated_);
      kernel.run_ready();
      break;
    }
  }
  if (start.started) result.sim_start_ns = start.started_at_ns;
}

/// Turns what ended the simulation into the exception that every test from here on fails with.
void Runner::check_simulation() {
  if (terminated_) return;
  if (kernel.interrupted) kernel.fail(interruption());
  if (kernel.finish_requested) kernel.fail("the RTL called $finish");  // the step has ended
  if (!kernel.failed()) return;
  char time[64];
  std::snprintf(time, sizeof time, " at %.2fns", get_sim_time(TimeUnit::ns));
  terminated_ = std::make_exception_ptr(SimFailure(kernel.failure() + time));
}

void Runner::score(const TestCase& test, std::exception_ptr error, TestResult& result, RunningTest* running) {
  const std::string full = test.full_name();
  const TestOptions& o = test.options;
  const auto fail = [&](const std::exception_ptr& e, const std::string& text) {
    result.status = Status::failed;
    result.error_type = e ? type_name(e) : "";
    result.message = e ? message_of(e) : text;
    if (e && !text.empty()) result.message = text + ": " + result.message;
    const bool told = result.message.find("; rerun with waves: ") != std::string::npos;  // by the check itself
    const std::string again =
        told ? "" : "\nseed " + std::to_string(test_seed(full)) + ", rerun: " + rerun_command(full);
    regression_log.warning(full + " failed" + (text.empty() ? "" : ": " + text) +
                           (e ? "\n" + type_name(e) + ": " + message_of(e) : "") + again);
  };
  const auto pass = [&](const std::string& text) {
    result.status = Status::passed;
    regression_log.info(full + " passed" + (text.empty() ? "" : ": " + text));
  };
  if (!error && running && !running->expect_failures.empty()) {
    std::string text = std::to_string(running->expect_failures.size()) + " expectation(s) failed";
    for (const auto& f : running->expect_failures) text += "\n" + f;
    error = std::make_exception_ptr(AssertionError(text));
  }
  if (error) {
    if (is_error<TestSkipped>(error)) {
      result.status = Status::skipped;
      regression_log.info("skipping " + full + ": " + message_of(error));
    } else if (is_error<TestSuccess>(error)) {
      pass("");
    } else if (!o.expect_error.empty()) {
      if (!o.expect_error.matches(error)) {
        fail(error,
             is_error<AssertionError>(error) ? "failed but we expected an error" : "errored with unexpected type");
      } else if (message_of(error).find(o.expect_message) == std::string::npos) {
        fail(error, "errored with another message than '" + o.expect_message + "'");
      } else {
        pass("errored as expected (result was " + type_name(error) + ")");
      }
    } else if (o.expect_fail) {
      if (is_error<AssertionError>(error)) {
        pass("failed as expected (result was AssertionError)");
      } else {
        fail(error, "errored but we expected a failure");
      }
    } else {
      fail(error, "");
    }
  } else if (!o.expect_error.empty()) {
    fail(nullptr, "passed but we expected an error");
  } else if (o.expect_fail) {
    fail(nullptr, "passed but we expected a failure");
  } else if (running && running->checks == 0 && !o.no_checks) {
    fail(std::make_exception_ptr(AssertionError("no check ran; a test that is right to have none sets no_checks")), "");
  } else {
    pass("");
  }
}

void Runner::give_up(const std::string& why) {
  for (Model* m : kernel.models()) m->close_trace();  // first: what follows may fail
  if (!now_) return;
  now_->status = Status::failed;
  now_->error_type = "SimFailure";
  now_->message = why;
  now_->sim_stop_ns = get_sim_time(TimeUnit::ns);
  std::printf("%s failed: %s\n", now_->full_name().c_str(), now_->message.c_str());
  std::fflush(stdout);
  write();
}

bool Runner::finish() {
  now_ = nullptr;
  for (Model* m : kernel.models()) {
    m->finalize();
    m->close_trace();
  }
  return write();
}

/// Coverage and results so far. False when a test failed or a file cannot be written.
bool Runner::write() const {
  const bool covered =
      results_.empty() || write_coverage_file(results_.size() == 1 ? results_[0].full_name() : results_[0].module);
  const char* file = std::getenv("COCOTB_RESULTS_FILE");
  const std::string path = file && *file ? file : "results.xml";
  if (!results_.empty() && !write_results(path, results_)) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    return false;
  }
  return covered &&
         std::all_of(results_.begin(), results_.end(), [](const TestResult& r) { return r.status != Status::failed; });
}

void Runner::print_summary() const {
  if (results_.empty()) return;
  regression_log.info(summary_table(results_, get_sim_time(TimeUnit::ns), now_s() - begin_s_, colour()));
}

}  // namespace tessera::detail
