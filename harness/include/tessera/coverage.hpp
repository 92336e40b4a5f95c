// SPDX-License-Identifier: Apache-2.0
/// Functional coverage: groups of named bins that benches sample. Together with the cover points of the design
/// (`X_C: cover property (...)` in a model built with coverage) they go to one database file per process, in the folder
/// TESSERA_COVERAGE_DIR; `./tessera coverage` merges the files of all processes and compares them with a plan.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// A group of bins. Declare it at namespace scope: every process that holds the group writes all its bins, hit or not.
///
///   inline CoverGroup length("router_length", {"one", "short", "long"});
///   length.sample("short");
class CoverGroup {
 public:
  /// Names are words of letters, digits and `_`; RuntimeError for others, and for a second group or bin of one name.
  CoverGroup(std::string name, std::vector<std::string> bins, const char* file = __builtin_FILE(),
             int line = __builtin_LINE());
  ~CoverGroup();
  CoverGroup(const CoverGroup&) = delete;
  CoverGroup& operator=(const CoverGroup&) = delete;

  /// Counts one hit; RuntimeError for a bin that was not declared.
  void sample(std::string_view bin);
  void sample(std::size_t bin);
  [[nodiscard]] std::uint64_t hits(std::string_view bin) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<std::string>& bins() const { return bins_; }
  [[nodiscard]] std::uint64_t hits(std::size_t bin) const { return counts_.at(bin); }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] int line() const { return line_; }

 private:
  [[nodiscard]] std::size_t find(std::string_view bin) const;
  std::string name_, file_;
  std::vector<std::string> bins_;
  std::vector<std::uint64_t> counts_;
  int line_;
};

/// Every pair of two lists of bins; the bin of ("n", "1") is `n_x_1`.
class CoverCross : public CoverGroup {
 public:
  CoverCross(std::string name, const std::vector<std::string>& first, const std::vector<std::string>& second,
             const char* file = __builtin_FILE(), int line = __builtin_LINE());
  void sample(std::string_view first, std::string_view second);
};

/// Hits so far in this process: of the bin `group.bin`, or of the cover point `module.X_C` over all instances.
/// RuntimeError when there is neither.
[[nodiscard]] std::uint64_t cover_hits(std::string_view name);
/// Writes the database of this process now, in Verilator's format.
void write_coverage(const std::string& path);

namespace detail {
/// To TESSERA_COVERAGE_DIR, when it is set; `label` becomes part of the file's name. False when that was not possible.
bool write_coverage_file(const std::string& label);
}  // namespace detail

}  // namespace tessera
