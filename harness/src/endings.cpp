// SPDX-License-Identifier: Apache-2.0
#include "endings.hpp"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "regression.hpp"
#include "tessera/kernel.hpp"

namespace tessera::detail {

namespace {

constexpr double kPatience = 2.0;  ///< seconds that a task has to come back in
constexpr unsigned kCrashPatience = 5;
constexpr std::array kCrashes = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

Runner* runner = nullptr;
volatile sig_atomic_t stopped_by = 0;
volatile pid_t child = 0;
struct sigaction crash_before[kCrashes.size()];

/// Leaves the results and the trace, once.
bool give_up(const std::string& why) {
  Runner* const last = std::exchange(runner, nullptr);
  if (last) last->give_up(why);
  return last != nullptr;
}

/// The first time: asks the kernel to stop. The second time, when it did not, the test no longer returns.
void on_alarm(int) {
  if (!kernel.interrupted) {
    kernel.interrupted = true;
    kernel.attention = true;
    arm_alarm(kPatience);
    return;
  }
  give_up(Runner::interruption() + " and the test does not return");
  _exit(stopped_by ? 128 + stopped_by : 1);
}

void on_stop(int signal) {
  stopped_by = signal;
  if (child != 0) kill(child, signal);
  if (!kernel.interrupted) on_alarm(SIGALRM);
}

/// The process does as it would have done without us, after the trace and the results are safe; a second crash or a
/// lock that the crash left locked may make them impossible.
void on_crash(int signal, siginfo_t* info, void*) {
  for (std::size_t i = 0; i < kCrashes.size(); ++i) sigaction(kCrashes[i], &crash_before[i], nullptr);
  struct sigaction end {};
  end.sa_handler = [](int) { _exit(1); };
  sigaction(SIGALRM, &end, nullptr);
  arm_alarm(0);
  alarm(kCrashPatience);
  give_up(std::string("the process of the test ended by SIG") + sigabbrev_np(signal));
  alarm(0);
  if (info->si_code <= 0) raise(signal);  // what a statement of the program did comes again when it is run again
}

/// exit() or quick_exit() in a test; nothing after the end of the last one.
void on_exit() { give_up("the test called exit()"); }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_endings(Runner* watched) {
  runner = watched;
  static bool done = false;
  if (std::exchange(done, true)) return;
  handle(SIGALRM, on_alarm);
  handle(SIGINT, on_stop);
  handle(SIGTERM, on_stop);
  if (!watched) return;
  std::atexit(on_exit);
  std::at_quick_exit(on_exit);
  static std::array<char, 1 << 18> stack;  // a stack that ran over is of no use
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (std::size_t i = 0; i < kCrashes.size(); ++i) sigaction(kCrashes[i], &action, &crash_before[i]);
}

void forget_runner() { runner = nullptr; }

void arm_alarm(double seconds) {
  itimerval t{};
  t.it_value.tv_sec = static_cast<time_t>(seconds);
  t.it_value.tv_usec = static_cast<suseconds_t>((seconds - static_cast<double>(t.it_value.tv_sec)) * 1e6);
  setitimer(ITIMER_REAL, &t, nullptr);
}

int stop_signal() { return stopped_by; }

void pass_stops_to(pid_t process) { child = process; }

}  // namespace tessera::detail
