// SPDX-License-Identifier: Apache-2.0
#include "base/config_file.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <sstream>

namespace tessera {
namespace {

struct Answer {
  int code = -1;  ///< exit code; -1: it did not run or was killed
  std::string text;
};

/// Standard output of a program started without a shell.
Answer ask(const std::vector<std::string>& words) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return {};
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  pid_t child = 0;
  const int fault = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[1]);
  Answer answer;
  std::array<char, 4096> part{};
  for (ssize_t n = 0; fault == 0 && (n = read(pipe[0], part.data(), part.size())) != 0;) {
    if (n < 0 && errno != EINTR) break;
    answer.text.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  }
  close(pipe[0]);
  int status = 0;
  if (fault != 0) return {};
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) answer.code = WEXITSTATUS(status);
  return answer;
}

struct Stored {
  Config config{};
  std::string name, model, hardware;
};

/// Lines "key value" as `gen_config.py --describe` prints them; false when one is not known.
bool understand(const std::string& text, Stored& stored) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.find(' ');
    if (blank == std::string::npos) return false;
    const std::string key = line.substr(0, blank), value = line.substr(blank + 1);
    if (key == "name") {
      stored.name = value;
    } else if (key == "model") {
      stored.model = value;
    } else if (key == "hardware") {
      stored.hardware = value;
    } else {
      const auto known =
          std::find_if(kConfigKeys.begin(), kConfigKeys.end(), [&](const ConfigKey& k) { return k.name == key; });
      std::uint64_t number = 0;
      const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (known == kConfigKeys.end() || fault != std::errc{} || end != value.data() + value.size()) return false;
      known->set(stored.config, number);
    }
  }
  stored.config.name = stored.name, stored.config.model = stored.model, stored.config.hardware = stored.hardware;
  return !stored.hardware.empty();
}

}  // namespace

ConfigResult read_config(const std::string& spec, const std::vector<std::string>& sets, const std::string& keep) {
  static std::mutex mutex;
  static std::map<std::vector<std::string>, Stored> known;
  // "=" and "--": a text of the user is never taken for another option.
  std::vector<std::string> words{TSR_PYTHON, "-E", "-s", TSR_SOURCE_DIR "/scripts/gen_config.py", "--describe"};
  for (const auto& set : sets) words.push_back("--set=" + set);
  if (!keep.empty()) words.push_back("--keep=" + keep);
  words.insert(words.end(), {"--", spec});
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(words); found != known.end()) return {&found->second.config, {}};
  Answer answer = ask(words);
  while (answer.text.ends_with('\n')) answer.text.pop_back();
  if (answer.code == 2) return {nullptr, answer.text};
  Stored& stored = known[words];
  if (answer.code == 0 && understand(answer.text, stored)) return {&stored.config, {}};
  known.erase(words);
  return {nullptr, "configuration " + spec +
                       " could not be read: " TSR_PYTHON " " TSR_SOURCE_DIR "/scripts/gen_config.py failed"};
}

const Config* find_config(std::string_view name) { return read_config(std::string(name)).config; }

}  // namespace tessera
