// SPDX-License-Identifier: Apache-2.0
#include "tessera/coverage.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "tessera/verilated_model.hpp"

namespace tessera {

namespace {

std::vector<const CoverGroup*>& groups() {
  static std::vector<const CoverGroup*> all;
  return all;
}

bool is_word(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

constexpr const char* kHeader = "# SystemC::Coverage-3\n";

/// The lines of the model's cover points, and no others.
std::string model_lines() {
  std::string lines;
  for (Model* m : kernel.models()) {
    auto* model = dynamic_cast<VerilatedModelBase*>(m);
    if (!model) continue;
    static unsigned serial = 0;
    const auto path = std::filesystem::temp_directory_path() /
                      ("coverage." + std::to_string(getpid()) + "." + std::to_string(serial++) + ".dat");
    model->write_coverage(path.string());
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);)
      if (line.rfind("C ", 0) == 0) lines += line + "\n";
    in.close();
    std::filesystem::remove(path);
  }
  return lines;
}

/// The value of a key in a line of the database.
std::string value_of(const std::string& line, const std::string& key) {
  const std::string begin = "\001" + key + "\002";
  const std::size_t at = line.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return line.substr(from, line.find_first_of("\001'", from) - from);
}

}  // namespace

CoverGroup::CoverGroup(std::string name, std::vector<std::string> bins, const char* file, int line)
    : name_(std::move(name)), file_(file), bins_(std::move(bins)), counts_(bins_.size()), line_(line) {
  if (!is_word(name_)) throw RuntimeError("'" + name_ + "' is no name of a cover group");
  for (const CoverGroup* g : groups())
    if (g->name_ == name_) throw RuntimeError("two cover groups are called " + name_);
  for (auto bin = bins_.begin(); bin != bins_.end(); ++bin) {
    if (!is_word(*bin)) throw RuntimeError("'" + *bin + "' is no name of a bin");
    if (std::find(bins_.begin(), bin, *bin) != bin)
      throw RuntimeError("cover group " + name_ + " has two bins " + *bin);
  }
  groups().push_back(this);
}

CoverGroup::~CoverGroup() { std::erase(groups(), this); }

std::size_t CoverGroup::find(std::string_view bin) const {
  const auto it = std::find(bins_.begin(), bins_.end(), bin);
  if (it == bins_.end()) throw RuntimeError("cover group " + name_ + " has no bin " + std::string(bin));
  return static_cast<std::size_t>(it - bins_.begin());
}

void CoverGroup::sample(std::string_view bin) { ++counts_[find(bin)]; }

void CoverGroup::sample(std::size_t bin) {
  if (bin >= counts_.size()) throw RuntimeError("cover group " + name_ + " has no bin " + std::to_string(bin));
  ++counts_[bin];
}

std::uint64_t CoverGroup::hits(std::string_view bin) const { return counts_[find(bin)]; }

namespace {
std::vector<std::string> pairs(const std::vector<std::string>& first, const std::vector<std::string>& second) {
  std::vector<std::string> out;
  out.reserve(first.size() * second.size());
  for (const auto& a : first) {
    for (const auto& b : second) out.emplace_back(a).append("_x_").append(b);
  }
  return out;
}
}  // namespace

CoverCross::CoverCross(std::string name, const std::vector<std::string>& first, const std::vector<std::string>& second,
                       const char* file, int line)
    : CoverGroup(std::move(name), pairs(first, second), file, line) {}

void CoverCross::sample(std::string_view first, std::string_view second) {
  CoverGroup::sample(std::string(first) + "_x_" + std::string(second));
}

std::uint64_t cover_hits(std::string_view name) {
  const std::size_t dot = name.find('.');
  const std::string group(name.substr(0, dot)), bin(dot == std::string_view::npos ? "" : name.substr(dot + 1));
  for (const CoverGroup* g : groups())
    if (g->name() == group) return g->hits(bin);
  std::istringstream lines(model_lines());
  std::uint64_t sum = 0;
  bool found = false;
  for (std::string line; std::getline(lines, line);) {
    if (value_of(line, "page") != "v_user/" + group || value_of(line, "o") != bin) continue;
    found = true;
    sum += std::strtoull(line.c_str() + line.rfind(' '), nullptr, 10);
  }
  if (!found)
    throw RuntimeError("there is no bin or cover point " + std::string(name) + " (was the model built with coverage?)");
  return sum;
}

void write_coverage(const std::string& path) {
  std::ofstream out(path);
  out << kHeader << model_lines();
  for (const CoverGroup* g : groups()) {
    for (std::size_t i = 0; i < g->bins().size(); ++i) {
      out << "C '\001f\002" << g->file() << "\001l\002" << g->line() << "\001t\002user\001page\002sp_user/" << g->name()
          << "\001o\002" << g->bins()[i] << "' " << g->hits(i) << "\n";
    }
  }
  out.close();
  if (!out) throw RuntimeError("cannot write " + path);
}

namespace detail {

bool write_coverage_file(const std::string& label) {
  const char* folder = std::getenv("TESSERA_COVERAGE_DIR");
  if (!folder || !*folder) return true;
  std::string name = label;
  for (char& c : name)
    if (c == '/') c = ',';
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  try {
    write_coverage(std::string(folder) + "/cpp." + name + "." + std::to_string(getpid()) + ".dat");
  } catch (const RuntimeError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return false;
  }
  return true;
}

}  // namespace detail
}  // namespace tessera
