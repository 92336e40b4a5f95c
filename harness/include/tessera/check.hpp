// SPDX-License-Identifier: Apache-2.0
/// Checks. CO_ASSERT_* throws AssertionError, which ends the test; CO_EXPECT_* collects and lets the test go on. A
/// failure prints place, simulated time, both values, seed and the command that runs the test again with waves.
#pragma once
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "tessera/bits.hpp"

namespace tessera {

/// Counts a check that was made by other means (a scoreboard); a test without any check fails.
void count_check(std::uint64_t n = 1);

namespace detail {

template <class T>
std::string show(const T& v) {
  std::ostringstream os;
  if constexpr (std::is_same_v<T, bool>) {
    os << (v ? "true" : "false");
  } else if constexpr (std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::int8_t>) {
    os << static_cast<int>(v);
  } else if constexpr (requires { os << v; }) {
    os << v;
  } else {
    os << "(a value of " << sizeof(T) << " bytes)";
  }
  return os.str();
}

struct Outcome {
  bool ok;
  std::string text;
};

template <class A, class B, class F>
Outcome compare(const char* ea, const char* eb, const char* op, const A& a, const B& b, F f) {
  if (f(a, b)) return {true, {}};
  return {false, std::string(ea) + " " + op + " " + eb + ": left is " + show(a) + ", right is " + show(b)};
}
inline Outcome truth(const char* e, bool value, bool wanted) {
  if (value == wanted) return {true, {}};
  return {false, std::string(e) + " is " + (value ? "true" : "false") + ", expected " + (wanted ? "true" : "false")};
}
template <class A, class B>
bool equal(const A& a, const B& b) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B> && !std::is_same_v<A, bool> &&
                !std::is_same_v<B, bool>) {
    return std::cmp_equal(a, b);
  } else {
    return a == b;
  }
}
template <class A, class B>
bool less(const A& a, const B& b) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B> && !std::is_same_v<A, bool> &&
                !std::is_same_v<B, bool>) {
    return std::cmp_less(a, b);
  } else {
    return a < b;
  }
}
/// Throws when `fatal`, else records.
void report(const Outcome& outcome, const char* file, int line, bool fatal);

}  // namespace detail
}  // namespace tessera

#define TSR_CHECK_OP_(fatal, op, a, b, test)                                                                        \
  ::tessera::detail::report(                                                                                        \
      ::tessera::detail::compare(#a, #b, #op, (a), (b), [](const auto& tsr_x, const auto& tsr_y) { return test; }), \
      __FILE__, __LINE__, fatal)
#define TSR_CHECK_THROW_(fatal, statement, type)                                                            \
  do {                                                                                                      \
    bool tsr_thrown = false;                                                                                \
    try {                                                                                                   \
      statement;                                                                                            \
    } catch (const type&) {                                                                                 \
      tsr_thrown = true;                                                                                    \
    }                                                                                                       \
    ::tessera::detail::report({tsr_thrown, #statement " did not throw " #type}, __FILE__, __LINE__, fatal); \
  } while (false)

#define CO_ASSERT_TRUE(e) \
  ::tessera::detail::report(::tessera::detail::truth(#e, bool(e), true), __FILE__, __LINE__, true)
#define CO_ASSERT_FALSE(e) \
  ::tessera::detail::report(::tessera::detail::truth(#e, bool(e), false), __FILE__, __LINE__, true)
#define CO_ASSERT_EQ(a, b) TSR_CHECK_OP_(true, ==, a, b, ::tessera::detail::equal(tsr_x, tsr_y))
#define CO_ASSERT_NE(a, b) TSR_CHECK_OP_(true, !=, a, b, !::tessera::detail::equal(tsr_x, tsr_y))
#define CO_ASSERT_LT(a, b) TSR_CHECK_OP_(true, <, a, b, ::tessera::detail::less(tsr_x, tsr_y))
#define CO_ASSERT_LE(a, b) TSR_CHECK_OP_(true, <=, a, b, !::tessera::detail::less(tsr_y, tsr_x))
#define CO_ASSERT_GT(a, b) TSR_CHECK_OP_(true, >, a, b, ::tessera::detail::less(tsr_y, tsr_x))
#define CO_ASSERT_GE(a, b) TSR_CHECK_OP_(true, >=, a, b, !::tessera::detail::less(tsr_x, tsr_y))
#define CO_ASSERT_THROW(statement, type) TSR_CHECK_THROW_(true, statement, type)

#define CO_EXPECT_TRUE(e) \
  ::tessera::detail::report(::tessera::detail::truth(#e, bool(e), true), __FILE__, __LINE__, false)
#define CO_EXPECT_FALSE(e) \
  ::tessera::detail::report(::tessera::detail::truth(#e, bool(e), false), __FILE__, __LINE__, false)
#define CO_EXPECT_EQ(a, b) TSR_CHECK_OP_(false, ==, a, b, ::tessera::detail::equal(tsr_x, tsr_y))
#define CO_EXPECT_NE(a, b) TSR_CHECK_OP_(false, !=, a, b, !::tessera::detail::equal(tsr_x, tsr_y))
#define CO_EXPECT_LT(a, b) TSR_CHECK_OP_(false, <, a, b, ::tessera::detail::less(tsr_x, tsr_y))
#define CO_EXPECT_LE(a, b) TSR_CHECK_OP_(false, <=, a, b, !::tessera::detail::less(tsr_y, tsr_x))
#define CO_EXPECT_GT(a, b) TSR_CHECK_OP_(false, >, a, b, ::tessera::detail::less(tsr_y, tsr_x))
#define CO_EXPECT_GE(a, b) TSR_CHECK_OP_(false, >=, a, b, !::tessera::detail::less(tsr_x, tsr_y))
#define CO_EXPECT_THROW(statement, type) TSR_CHECK_THROW_(false, statement, type)
