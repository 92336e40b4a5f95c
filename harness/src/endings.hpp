// SPDX-License-Identifier: Apache-2.0
/// How the process of a bench may end before its time: the wall-clock limit, a signal from outside, a crash, exit()
/// inside of a test. Each leaves a trace and results that can be read.
#pragma once
#include <sys/types.h>

namespace tessera::detail {

class Runner;

/// Installs the handlers; `runner`, unless it is nullptr, reports a test that does not come back.
void watch_endings(Runner* runner);
/// No runner any more.
void forget_runner();
/// Seconds until the kernel is asked to stop; 0: never.
void arm_alarm(double seconds);
/// SIGINT or SIGTERM once one has come, else 0.
[[nodiscard]] int stop_signal();
/// SIGINT and SIGTERM go to this child, too; 0: none.
void pass_stops_to(pid_t child);

}  // namespace tessera::detail
