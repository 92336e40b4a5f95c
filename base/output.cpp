// SPDX-License-Identifier: Apache-2.0
#include "base/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace tessera {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;

std::string reason() { return std::strerror(errno); }

/// Where a path leads, the last link dangling or not; `fault` is set when the links have no end.
fs::path target_of(const std::string& path, std::string& fault) {
  fs::path at = path;
  std::error_code none;
  for (int links = 0; fs::is_symlink(fs::symlink_status(at, none)); ++links) {
    const fs::path next = fs::read_symlink(at, none);
    if (links == kMaxLinks || next.empty()) {
      fault = "its symbolic links lead nowhere";
      break;
    }
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return at;
}

/// The name under which a file is made before it takes the place of `target`.
std::string part_of(const fs::path& target) { return target.string() + ".part" + std::to_string(::getpid()); }

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

}  // namespace

std::string output_fault(const std::string& path) {
  std::string fault;
  const fs::path target = target_of(path, fault);
  if (!fault.empty()) return fault;
  struct stat info {};
  if (::stat(folder_of(target).c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return "the folder " + folder_of(target).string() + " does not exist";
  if (::stat(target.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return "this is a folder, not a file";
    if (!S_ISREG(info.st_mode)) return "this is not a regular file";
    if (::access(target.c_str(), W_OK) != 0) return "it cannot be written (" + reason() + ")";
  } else if (errno != ENOENT) {
    return "it cannot be written (" + reason() + ")";
  }
  if (target.filename().empty()) return "this names a folder, not a file";
  // Permissions do not tell everything (root, /proc): a file that is made and taken away again does.
  const std::string probe = part_of(target);
  const int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return "nothing can be written in the folder " + folder_of(target).string() + " (" + reason() + ")";
  ::close(file);
  ::unlink(probe.c_str());
  return {};
}

std::string replace_file(const std::string& path, const std::vector<std::string_view>& parts) {
  std::string fault = output_fault(path);
  if (!fault.empty()) return path + ": " + fault;
  const fs::path target = target_of(path, fault);
  const std::string part = part_of(target);
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return path + ": the file cannot be written (" + reason() + ")";
  struct stat old {};
  bool good = true;
  if (::stat(target.c_str(), &old) == 0) good = ::fchmod(file, old.st_mode & 07777) == 0;
  for (std::string_view left : parts) {
    while (good && !left.empty()) {
      const ssize_t n = ::write(file, left.data(), left.size());
      if (n < 0 && errno == EINTR) continue;
      good = n > 0;
      if (good) left.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  std::string why = good ? "" : reason();
  if (::close(file) != 0 && good) good = false, why = reason();
  if (good && std::rename(part.c_str(), target.c_str()) != 0) good = false, why = reason();
  if (good) return {};
  ::unlink(part.c_str());
  return path + ": writing failed (" + why + ")";
}

}  // namespace tessera
