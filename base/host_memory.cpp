// SPDX-License-Identifier: Apache-2.0
#include "base/host_memory.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace tessera {
namespace {

using std::filesystem::path;

constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

// A file of one number; "max" and missing files give nothing.
std::optional<std::uint64_t> number_in(const path& file) {
  std::ifstream in(file);
  std::uint64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

// The number behind `key` in a file of "key number" lines.
std::optional<std::uint64_t> entry_of(const path& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find_first_of("0123456789", key.size());
    if (at != std::string::npos) return std::stoull(line.substr(at));
  }
  return std::nullopt;
}

struct Names {
  const char *limit, *usage, *cache;
};
constexpr Names kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "};
constexpr Names kVersion2{"memory.max", "memory.current", "inactive_file "};

// What is left to the group `group` of the hierarchy at `mount`, and to the groups around it.
std::uint64_t left_in(const path& mount, const path& group, const Names& names) {
  std::uint64_t left = kUnlimited;
  for (path at = group.relative_path();; at = at.parent_path()) {
    const path folder = mount / at;
    const auto limit = number_in(folder / names.limit), usage = number_in(folder / names.usage);
    if (limit && usage) {
      const std::uint64_t cache = std::min(*usage, entry_of(folder / "memory.stat", names.cache).value_or(0));
      left = std::min(left, *limit - std::min(*limit, *usage - cache));
    }
    if (at.empty()) return left;
  }
}

}  // namespace

std::uint64_t available_memory(const path& root) {
  std::uint64_t left = kUnlimited;
  if (const auto kib = entry_of(root / "proc/meminfo", "MemAvailable:")) left = *kib * 1024;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "number:controllers:path"
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",",
                      group = line.substr(second + 1);
    if (controllers == ",,") left = std::min(left, left_in(root / "sys/fs/cgroup", group, kVersion2));
    if (controllers.find(",memory,") != std::string::npos)
      left = std::min(left, left_in(root / "sys/fs/cgroup/memory", group, kVersion1));
  }
  return left;
}

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace tessera
