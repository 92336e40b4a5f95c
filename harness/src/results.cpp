// SPDX-License-Identifier: Apache-2.0
#include "results.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tessera::detail {

namespace {

/// Bytes of the UTF-8 character at `at` that XML may hold, 0 for anything else (RFC 3629; XML 1.0, 2.2).
std::size_t character(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(at);
  if (first < 0x80) return (first >= 0x20 && first != 0x7f) || first == '\t' || first == '\n' ? 1 : 0;
  const std::size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0) return 0;
  std::uint32_t code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0U) != 0x80) return 0;
    code = code << 6 | (byte(at + i) & 0x3fU);
  }
  static constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code < kLeast[length] || code > 0x10ffff || surrogate || code == 0xfffe || code == 0xffff ? 0 : length;
}

std::string escape(const std::string& raw, bool attribute) {
  std::string out;
  for (const char c : shown(raw)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"' && attribute)
      out += "&quot;";
    else if (c == '\n' && attribute)
      out += "&#10;";
    else if (c == '\t' && attribute)
      out += "&#9;";
    else
      out += c;
  }
  return out;
}

std::string unescape(std::string text) {
  static const std::pair<const char*, const char*> kMap[] = {{"&lt;", "<"},   {"&gt;", ">"},  {"&quot;", "\""},
                                                             {"&#10;", "\n"}, {"&#9;", "\t"}, {"&amp;", "&"}};
  for (const auto& [from, to] : kMap) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += std::string(to).size())
      text.replace(at, std::string(from).size(), to);
  }
  return text;
}

std::string fixed(double v, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, v);
  return buffer;
}

double ratio(double ns, double s) { return s > 0 ? ns / s : ns > 0 ? INFINITY : NAN; }

std::string attribute(const std::string& line, const std::string& name) {
  const std::string key = " " + name + "=\"";
  const std::size_t at = line.find(key);
  if (at == std::string::npos) return {};
  const std::size_t from = at + key.size();
  return unescape(line.substr(from, line.find('"', from) - from));
}

}  // namespace

std::string shown(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character(text, at);
    if (length == 0) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "#x%02X", static_cast<unsigned>(static_cast<unsigned char>(text[at])));
      out += hex;
    } else {
      out.append(text, at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return out;
}

std::string python_float(double v) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

bool write_results(const std::string& path, const std::vector<TestResult>& results) {
  std::error_code ignored;
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  std::ofstream out(path);
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  char stamp[64];
  const std::time_t now = std::time(nullptr);
  std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S+00:00", std::gmtime(&now));
  out << "<?xml version='1.0' encoding='utf-8'?>\n<testsuites name=\"cocotb tests\">";
  std::vector<std::string> modules;
  for (const auto& r : results)
    if (std::find(modules.begin(), modules.end(), r.module) == modules.end()) modules.push_back(r.module);
  for (const auto& module : modules) {
    int failures = 0, skipped = 0, tests = 0;
    double seconds = 0;
    std::ostringstream cases;
    for (const auto& r : results) {
      if (r.module != module) continue;
      ++tests;
      seconds += r.wall_s;
      cases << "\n<testcase classname=\"" << escape(r.module, true) << "\" name=\"" << escape(r.name, true)
            << "\" time=\"" << fixed(r.wall_s, 3) << "\">";
      if (r.status == Status::skipped) {
        ++skipped;
        cases << "\n<skipped message=\"Test was skipped\" />";
      } else if (r.status == Status::failed) {
        ++failures;
        cases << "\n<failure message=\"" << escape(r.message, true) << "\"";
        if (r.error_type.empty()) {
          cases << " />";
        } else {
          cases << " type=\"" << escape(r.error_type, true) << "\">" << escape(r.message, false) << "\n</failure>";
        }
      }
      cases << "\n<properties>";
      const auto property = [&](const char* name, const std::string& value) {
        cases << "\n<property name=\"" << name << "\" value=\"" << escape(value, true) << "\" />";
      };
      property("cocotb", "True");
      if (r.status != Status::skipped) property("random_seed", std::to_string(r.random_seed));
      property("file", r.file);
      property("line", std::to_string(r.line));
      if (r.status != Status::skipped) {
        property("sim_time_unit", "ns");
        property("sim_time_start", python_float(r.sim_start_ns));
        property("sim_time_stop", python_float(r.sim_stop_ns));
        property("sim_time_duration", python_float(r.sim_stop_ns - r.sim_start_ns));
        property("sim_time_ratio", python_float(ratio(r.sim_stop_ns - r.sim_start_ns, r.wall_s)));
      }
      cases << "</properties>";
      if (r.status == Status::failed) {
        cases << "<system-err>Test failed with COCOTB_RANDOM_SEED=" << r.random_seed << "\n</system-err>";
      }
      cases << "</testcase>";
    }
    out << "<testsuite name=\"" << escape(module, true) << "\" errors=\"0\" failures=\"" << failures << "\" skipped=\""
        << skipped << "\" tests=\"" << tests << "\" time=\"" << fixed(seconds, 3) << "\" timestamp=\"" << stamp
        << "\" hostname=\"" << escape(host, true) << "\">" << cases.str() << "</testsuite>";
  }
  out << "</testsuites>";
  out.flush();
  return static_cast<bool>(out);
}

bool read_results(const std::string& path, std::vector<TestResult>& results) {
  std::ifstream in(path);
  if (!in) return false;
  std::string line;
  bool complete = false;
  TestResult* now = nullptr;
  while (std::getline(in, line)) {
    if (line.rfind("<testcase ", 0) == 0) {
      now = &results.emplace_back();
      now->module = attribute(line, "classname");
      now->name = attribute(line, "name");
      now->wall_s = std::atof(attribute(line, "time").c_str());
    } else if (now && line.rfind("<skipped", 0) == 0) {
      now->status = Status::skipped;
    } else if (now && line.rfind("<failure", 0) == 0) {
      now->status = Status::failed;
      now->message = attribute(line, "message");
      now->error_type = attribute(line, "type");
    } else if (now && line.rfind("<property ", 0) == 0) {
      const std::string name = attribute(line, "name"), value = attribute(line, "value");
      if (name == "file") now->file = value;
      if (name == "line") now->line = std::atoi(value.c_str());
      if (name == "random_seed") now->random_seed = std::atoll(value.c_str());
      if (name == "sim_time_start") now->sim_start_ns = std::atof(value.c_str());
      if (name == "sim_time_stop") now->sim_stop_ns = std::atof(value.c_str());
    }
    if (line.find("</testsuites>") != std::string::npos) complete = true;
  }
  return complete;
}

std::string summary_table(const std::vector<TestResult>& results, double sim_ns, double real_s, bool colour) {
  int passed = 0, failed = 0, skipped = 0;
  for (const auto& r : results) (r.status == Status::passed ? passed : r.status == Status::failed ? failed : skipped)++;
  const std::string total = "TESTS=" + std::to_string(results.size()) + " PASS=" + std::to_string(passed) +
                            " FAIL=" + std::to_string(failed) + " SKIP=" + std::to_string(skipped);
  std::size_t width = std::max<std::size_t>(4, total.size());
  for (const auto& r : results) width = std::max(width, r.full_name().size());
  const auto left = [&](const std::string& s) { return s + std::string(width - s.size(), ' '); };
  const auto right = [](const std::string& s, std::size_t n) {
    return s.size() < n ? std::string(n - s.size(), ' ') + s : s;
  };
  const std::string separator(3 + width + 2 + 6 + 2 + 13 + 2 + 13 + 2 + 12 + 3, '*');
  std::string out = separator + "\n** " + left("TEST") + "  STATUS  SIM TIME (ns)  REAL TIME (s)  RATIO (ns/s) **\n" +
                    separator + "\n";
  const auto row = [&](const std::string& name, const std::string& status, const char* on, double sim, double real,
                       const std::string& rate) {
    out += "** " + left(name) + "  " + (colour ? on : "") + status + (colour && *on ? "\x1b[39m\x1b[49m" : "") + "  " +
           right(fixed(sim, 2), 12) + "   " + right(fixed(real, 2), 12) + "   " + right(rate, 11) + "  **\n";
  };
  for (const auto& r : results) {
    const double sim = r.sim_stop_ns - r.sim_start_ns;
    if (r.status == Status::skipped)
      row(r.full_name(), " SKIP ", "\x1b[33m", sim, r.wall_s, "-.--");
    else if (r.status == Status::passed)
      row(r.full_name(), " PASS ", "\x1b[32m", sim, r.wall_s, fixed(ratio(sim, r.wall_s), 2));
    else
      row(r.full_name(), " FAIL ", "\x1b[31m", sim, r.wall_s, fixed(ratio(sim, r.wall_s), 2));
  }
  out += separator + "\n";
  row(total, "      ", "", sim_ns, real_s, fixed(ratio(sim_ns, real_s), 2));
  out += separator + "\n";
  return out;
}

}  // namespace tessera::detail
