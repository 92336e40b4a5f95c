// SPDX-License-Identifier: Apache-2.0
#include "log.hpp"

#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tessera/regression.hpp"

namespace tessera {

namespace detail {

bool environment_flag(const char* name, bool otherwise) {
  const char* value = std::getenv(name);
  if (!value || !*value) return otherwise;
  std::string text(value);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (text == "1" || text == "true" || text == "yes" || text == "y" || text == "on" || text == "enable") return true;
  if (text == "0" || text == "false" || text == "no" || text == "n" || text == "off" || text == "disable") return false;
  throw ValueError(std::string(name) + "=" + value + " is neither true nor false");
}

bool colour() {
  static const bool on = [] {
    const char* no = std::getenv("NO_COLOR");
    return environment_flag("COCOTB_ANSI_OUTPUT", isatty(STDOUT_FILENO) && !(no && *no));
  }();
  return on;
}

namespace {

int cocotb_level() {
  static const int level = [] {
    const char* value = std::getenv("COCOTB_LOG_LEVEL");
    if (!value || !*value) return static_cast<int>(LogLevel::info);
    std::string text(value);
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    static const std::pair<const char*, int> kLevels[] = {
        {"CRITICAL", 50}, {"ERROR", 40}, {"WARNING", 30}, {"INFO", 20}, {"DEBUG", 10}, {"TRACE", 5}, {"NOTSET", 0}};
    for (const auto& [name, number] : kLevels)
      if (text == name) return number;
    throw ValueError("Invalid log level '" + text +
                     "' passed through the COCOTB_LOG_LEVEL environment variable. Valid log "
                     "levels: CRITICAL, ERROR, WARNING, INFO, DEBUG, TRACE, NOTSET");
  }();
  return level;
}

}  // namespace

void check_log_level() { (void)cocotb_level(); }

}  // namespace detail

void Logger::log(LogLevel level, const std::string& text) const {
  const bool own = name_.rfind("cocotb", 0) == 0;
  if (static_cast<int>(level) < (own ? detail::cocotb_level() : static_cast<int>(LogLevel::info))) return;
  const char* label = level >= LogLevel::critical  ? "CRITICAL"
                      : level >= LogLevel::error   ? "ERROR"
                      : level >= LogLevel::warning ? "WARNING"
                      : level >= LogLevel::info    ? "INFO"
                      : level >= LogLevel::debug   ? "DEBUG"
                                                   : "TRACE";
  const char* on = !detail::colour()            ? ""
                   : level >= LogLevel::error   ? "\x1b[31m"
                   : level >= LogLevel::warning ? "\x1b[33m"
                                                : "";
  const char* off = *on ? "\x1b[39m\x1b[49m" : "";
  char time[64];
  if (kernel.models().empty()) {
    std::snprintf(time, sizeof time, "-.--ns");
  } else {
    std::snprintf(time, sizeof time, "%.2fns", get_sim_time(TimeUnit::ns));
  }
  std::string name = name_;
  if (name.size() > 34) name = ".." + name.substr(name.size() - 32);
  char prefix[160];
  std::snprintf(prefix, sizeof prefix, "%11s %s%-8s%s %-34s ", time, on, label, off, name.c_str());
  std::string line = prefix;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && i + 1 == text.size()) break;
    line += text[i];
    if (text[i] == '\n') line.append(56, ' ');
  }
  std::printf("%s%s\n", line.c_str(), detail::colour() ? "\x1b[39m\x1b[49m" : "");
}

}  // namespace tessera
