// SPDX-License-Identifier: Apache-2.0
/// Stall patterns and scoreboard.
#pragma once
#include <cstdint>
#include <deque>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tessera/test.hpp"

namespace tessera {

/// Idle and stall patterns: one draw per clock, true: stall. Random ones are seeded by the test and `stream`.
class StallGenerator {
 public:
  /// Stalls in `per_cent` of 100 clocks.
  StallGenerator(std::uint64_t stream, unsigned per_cent) : rng_(rng(stream)), per_cent_(per_cent) {}
  /// Turns of 1 … longest_go clocks without and 1 … longest_stall clocks with a stall.
  static StallGenerator bursts(std::uint64_t stream, unsigned longest_go, unsigned longest_stall) {
    if (longest_go == 0 || longest_stall == 0) throw ValueError("a turn of a stall pattern has at least one clock");
    StallGenerator g(stream, 0);
    g.longest_[0] = longest_go;
    g.longest_[1] = longest_stall;
    return g;
  }
  /// A text that repeats: `x` stalls, `.` does not.
  static StallGenerator pattern(std::string text) {
    if (text.empty() || text.find_first_not_of("x.") != std::string::npos)
      throw ValueError("'" + text + "' is no pattern of x and .");
    StallGenerator g(SplitMix64(0), 0);
    g.text_ = std::move(text);
    return g;
  }
  static StallGenerator never() { return pattern("."); }
  static StallGenerator always() { return pattern("x"); }

  bool stall() {
    if (!text_.empty()) return text_[clock_++ % text_.size()] == 'x';
    if (longest_[0] == 0) return rng_.chance(per_cent_);
    if (left_ == 0) {
      now_ = clock_++ != 0 && !now_;
      left_ = 1 + rng_.below(longest_[now_]);
    }
    --left_;
    return now_;
  }

 private:
  StallGenerator(SplitMix64 generator, unsigned per_cent) : rng_(generator), per_cent_(per_cent) {}
  SplitMix64 rng_;
  unsigned per_cent_;
  unsigned longest_[2] = {0, 0};
  std::string text_;
  std::uint64_t clock_ = 0, left_ = 0;
  bool now_ = false;
};

/// Collects all mismatches and reports them together.
template <class T>
class Scoreboard {
 public:
  explicit Scoreboard(std::string name) : name_(std::move(name)) {}
  void expect(T item) { wanted_.push_back(std::move(item)); }
  void got(const T& item) {
    count_check();
    if (wanted_.empty()) {
      problems_.push_back("item " + std::to_string(seen_) + ": unexpected " + detail::show(item));
    } else {
      if (!(wanted_.front() == item)) {
        problems_.push_back("item " + std::to_string(seen_) + ": expected " + detail::show(wanted_.front()) + ", got " +
                            detail::show(item));
      }
      wanted_.pop_front();
    }
    ++seen_;
  }
  [[nodiscard]] std::uint64_t seen() const { return seen_; }
  [[nodiscard]] std::size_t outstanding() const { return wanted_.size(); }
  /// AssertionError with every mismatch and what never came.
  void finish() const {
    count_check();
    std::ostringstream os;
    for (const auto& p : problems_) os << "\n  " << p;
    if (!wanted_.empty())
      os << "\n  " << wanted_.size() << " items never came, first " << detail::show(wanted_.front());
    if (!os.str().empty())
      throw AssertionError(name_ + ": " + std::to_string(problems_.size()) + " mismatches" + os.str());
  }

 private:
  std::string name_;
  std::deque<T> wanted_;
  std::vector<std::string> problems_;
  std::uint64_t seen_ = 0;
};

}  // namespace tessera
