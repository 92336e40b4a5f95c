// SPDX-License-Identifier: Apache-2.0
/// `Bits<W>`: a two-state vector of W bits with the methods of cocotb's LogicArray. Bit W-1 is the leftmost.
#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tessera/errors.hpp"

namespace tessera {

enum class ByteOrder { big, little };

/// Bounds of a slice, both included, left first: `v[Range(7, 4)]`.
class Range {
 public:
  constexpr Range(int left, int right) : left_(left), right_(right) {}
  [[nodiscard]] constexpr int left() const { return left_; }
  [[nodiscard]] constexpr int right() const { return right_; }
  [[nodiscard]] constexpr int size() const { return left_ - right_ + 1; }
  [[nodiscard]] static constexpr std::string_view direction() { return "downto"; }

 private:
  int left_, right_;
};

template <unsigned W>
class Bits {
  static_assert(W >= 1);

 public:
  static constexpr bool kWide = W > 64;
  static constexpr unsigned kWords = (W + 31) / 32;
  static constexpr std::uint64_t kMask = W >= 64 ? ~0ULL : (1ULL << W) - 1;
  using Words = std::array<std::uint32_t, kWords>;

  constexpr Bits() = default;
  /// Any integer from -2^(W-1) to 2^W - 1, else ValueError; a negative one in two's complement.
  template <std::integral I>
  constexpr Bits(I value) {
    check(value);
    if constexpr (kWide) {
      const auto wide = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
      const bool negative = std::is_signed_v<I> && value < I{0};
      store_.fill(negative ? ~0U : 0U);
      store_[0] = static_cast<std::uint32_t>(wide);
      store_[1] = static_cast<std::uint32_t>(wide >> 32);
      trim();
    } else {
      store_ = static_cast<std::uint64_t>(value) & kMask;
    }
  }
  /// Exactly W characters 0 and 1, `_` ignored; else ValueError.
  Bits(std::string_view text) {
    unsigned at = W;
    for (const char c : text) {
      if (c == '_') continue;
      if ((c != '0' && c != '1') || at == 0)
        throw ValueError("not " + std::to_string(W) + " bits: '" + std::string(text) + "'");
      set_bit(--at, c == '1');
    }
    if (at != 0) throw ValueError("not " + std::to_string(W) + " bits: '" + std::string(text) + "'");
  }
  Bits(const char* text) : Bits(std::string_view(text)) {}

  /// Little-endian 32-bit words, as Verilator stores wide signals; bits above W are dropped.
  static Bits from_words(const std::uint32_t* words) {
    Bits b;
    if constexpr (kWide) {
      std::memcpy(b.store_.data(), words, sizeof(Words));
      b.trim();
    } else {
      b.store_ = words[0];
      if constexpr (kWords > 1) b.store_ |= static_cast<std::uint64_t>(words[1]) << 32;
      b.store_ &= kMask;
    }
    return b;
  }
  static constexpr Bits raw(std::uint64_t value) {
    Bits b;
    if constexpr (kWide) {
      b.store_[0] = static_cast<std::uint32_t>(value);
      b.store_[1] = static_cast<std::uint32_t>(value >> 32);
    } else {
      b.store_ = value;
    }
    return b;
  }
  static Bits from_unsigned(std::uint64_t value) { return Bits(value); }
  static Bits from_signed(std::int64_t value) {
    if (W < 64 && (value < -(1LL << (W - 1)) || value >= (1LL << (W - 1))))
      throw ValueError(range_text(std::to_string(value)));
    return Bits(value);
  }
  static Bits from_bytes(const std::vector<std::uint8_t>& bytes, ByteOrder order) {
    Bits b;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::uint8_t byte = order == ByteOrder::little ? bytes[i] : bytes[bytes.size() - 1 - i];
      for (unsigned k = 0; k < 8; ++k) {
        if (!(byte >> k & 1)) continue;
        if (i * 8 + k >= W) throw ValueError("bytes do not fit into " + std::to_string(W) + " bits");
        b.set_bit(static_cast<unsigned>(i * 8 + k), true);
      }
    }
    return b;
  }

  /// ValueError when a vector wider than 64 bits holds more than 2^64 - 1.
  [[nodiscard]] constexpr std::uint64_t to_unsigned() const {
    if constexpr (kWide) {
      for (unsigned i = 2; i < kWords; ++i)
        if (store_[i]) throw ValueError("the value does not fit into 64 bits; use word() or slices");
      return static_cast<std::uint64_t>(store_[1]) << 32 | store_[0];
    } else {
      return store_;
    }
  }
  [[nodiscard]] constexpr std::int64_t to_signed() const {
    if constexpr (kWide) {
      const std::uint32_t fill = bit(W - 1) ? ~0U : 0U;
      for (unsigned i = 2; i < kWords; ++i) {
        const std::uint32_t mask = i == kWords - 1 && W % 32 ? (1U << W % 32) - 1 : ~0U;
        if (store_[i] != (fill & mask)) throw ValueError("the value does not fit into 64 bits; use word() or slices");
      }
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(store_[1]) << 32 | store_[0]);
    } else if constexpr (W == 64) {
      return static_cast<std::int64_t>(store_);
    } else {
      return static_cast<std::int64_t>(store_ << (64 - W)) >> (64 - W);
    }
  }
  [[nodiscard]] std::vector<std::uint8_t> to_bytes(ByteOrder order) const {
    std::vector<std::uint8_t> out((W + 7) / 8);
    for (unsigned i = 0; i < out.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(word(i / 4) >> (i % 4 * 8));
      out[order == ByteOrder::little ? i : out.size() - 1 - i] = byte;
    }
    return out;
  }

  [[nodiscard]] constexpr std::uint32_t word(unsigned i) const {
    if constexpr (kWide) {
      return store_[i];
    } else {
      return static_cast<std::uint32_t>(store_ >> (i * 32));
    }
  }
  [[nodiscard]] constexpr Words words() const {
    Words out{};
    for (unsigned i = 0; i < kWords; ++i) out[i] = word(i);
    return out;
  }

  static constexpr unsigned size() { return W; }
  static constexpr Range range() { return {static_cast<int>(W) - 1, 0}; }
  static constexpr int left() { return static_cast<int>(W) - 1; }
  static constexpr int right() { return 0; }

  /// IndexError outside W-1 … 0.
  [[nodiscard]] constexpr bool operator[](int index) const {
    if (index < 0 || index >= static_cast<int>(W)) throw IndexError("index " + std::to_string(index) + " out of range");
    return bit(static_cast<unsigned>(index));
  }
  void set(int index, bool value) {
    if (index < 0 || index >= static_cast<int>(W)) throw IndexError("index " + std::to_string(index) + " out of range");
    set_bit(static_cast<unsigned>(index), value);
  }
  /// Bits left … right as a number; at most 64 of them, else ValueError. IndexError when the order or a bound is wrong.
  [[nodiscard]] std::uint64_t operator[](Range r) const {
    check_range(r);
    if (r.size() > 64) throw ValueError("a slice read by [Range] has at most 64 bits; use slice<left, right>()");
    std::uint64_t out = 0;
    for (int i = r.left(); i >= r.right(); --i)
      out = out << 1 | static_cast<std::uint64_t>(bit(static_cast<unsigned>(i)));
    return out;
  }
  template <int Left, int Right>
  [[nodiscard]] Bits<static_cast<unsigned>(Left - Right + 1)> slice() const {
    static_assert(Left >= Right && Right >= 0 && Left < static_cast<int>(W));
    Bits<static_cast<unsigned>(Left - Right + 1)> out;
    for (int i = Right; i <= Left; ++i) out.set(i - Right, bit(static_cast<unsigned>(i)));
    return out;
  }
  void set(Range r, std::uint64_t value) {
    check_range(r);
    if (r.size() < 64 && value >> r.size()) throw ValueError("the value does not fit into the slice");
    for (int i = r.right(); i <= r.left(); ++i)
      set_bit(static_cast<unsigned>(i), i - r.right() < 64 && (value >> (i - r.right()) & 1));
  }

  [[nodiscard]] std::string str() const {
    std::string out(W, '0');
    for (unsigned i = 0; i < W; ++i) out[W - 1 - i] = bit(i) ? '1' : '0';
    return out;
  }
  [[nodiscard]] std::string hex() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    const unsigned digits = (W + 3) / 4;
    std::string out(digits, '0');
    for (unsigned i = 0; i < digits; ++i) out[digits - 1 - i] = kDigits[word(i / 8) >> (i % 8 * 4) & 15];
    return out;
  }
  explicit constexpr operator bool() const {
    if constexpr (kWide) {
      for (const std::uint32_t w : store_)
        if (w) return true;
      return false;
    } else {
      return store_ != 0;
    }
  }
  template <std::integral I>
  requires(!std::same_as<I, bool>) explicit constexpr operator I() const { return static_cast<I>(to_unsigned()); }

  friend constexpr bool operator==(const Bits& a, const Bits& b) { return a.store_ == b.store_; }
  template <std::integral I>
  friend constexpr bool operator==(const Bits& a, I b) {
    if constexpr (std::is_signed_v<I>) {
      // A negative number is compared with the signed value; a single bit has none.
      if (b < 0) {
        if constexpr (W == 1) return false;
        if constexpr (W >= 64) return a == Bits(static_cast<std::int64_t>(b));
        return a.to_signed() == b;
      }
    }
    if constexpr (kWide) {
      for (unsigned i = 2; i < kWords; ++i)
        if (a.store_[i]) return false;
    }
    return a.to_unsigned() == static_cast<std::uint64_t>(b);
  }
  friend bool operator==(const Bits& a, std::string_view b) { return a.str() == b; }
  friend bool operator==(const Bits& a, const char* b) { return a.str() == b; }
  friend constexpr Bits operator&(Bits a, const Bits& b) {
    return combine(a, b, [](auto x, auto y) { return x & y; });
  }
  friend constexpr Bits operator|(Bits a, const Bits& b) {
    return combine(a, b, [](auto x, auto y) { return x | y; });
  }
  friend constexpr Bits operator^(Bits a, const Bits& b) {
    return combine(a, b, [](auto x, auto y) { return x ^ y; });
  }
  friend constexpr Bits operator~(Bits a) {
    if constexpr (kWide) {
      for (auto& w : a.store_) w = ~w;
      a.trim();
    } else {
      a.store_ = ~a.store_ & kMask;
    }
    return a;
  }
  friend std::ostream& operator<<(std::ostream& os, const Bits& b) {
    if constexpr (kWide) {
      return os << "0x" << b.hex();
    } else {
      return os << b.store_;
    }
  }

  /// ValueError unless -2^(W-1) <= value < 2^W; one bit takes 0 and 1 only.
  template <std::integral I>
  static constexpr void check(I value) {
    if constexpr (std::same_as<I, bool>) {
      return;
    } else if constexpr (std::is_signed_v<I>) {
      const auto v = static_cast<std::int64_t>(value);
      if (v >= 0) {
        if constexpr (W < 63) {
          if (static_cast<std::uint64_t>(v) > kMask) throw ValueError(range_text(std::to_string(value)));
        }
      } else if constexpr (W < 64) {
        if (v < (W == 1 ? 0 : -(1LL << (W - 1)))) throw ValueError(range_text(std::to_string(value)));
      }
    } else if constexpr (W < 64) {
      if (static_cast<std::uint64_t>(value) > kMask) throw ValueError(range_text(std::to_string(value)));
    }
  }

 private:
  template <unsigned V>
  friend class Bits;
  static std::string range_text(const std::string& value) {
    return "Int value (" + value + ") out of range for assignment of " + std::to_string(W) + "-bit signal";
  }
  static void check_range(Range r) {
    if (r.left() < r.right() || r.right() < 0 || r.left() >= static_cast<int>(W)) {
      throw IndexError("slice [" + std::to_string(r.left()) + ":" + std::to_string(r.right()) + "] does not lie in [" +
                       std::to_string(W - 1) + ":0]");
    }
  }
  [[nodiscard]] constexpr bool bit(unsigned i) const { return word(i / 32) >> (i % 32) & 1; }
  constexpr void set_bit(unsigned i, bool value) {
    if constexpr (kWide) {
      store_[i / 32] = (store_[i / 32] & ~(1U << i % 32)) | static_cast<std::uint32_t>(value) << i % 32;
    } else {
      store_ = (store_ & ~(1ULL << i)) | static_cast<std::uint64_t>(value) << i;
    }
  }
  constexpr void trim() {
    if constexpr (kWide && W % 32 != 0) store_[kWords - 1] &= (1U << W % 32) - 1;
  }
  template <class F>
  static constexpr Bits combine(Bits a, const Bits& b, F f) {
    if constexpr (kWide) {
      for (unsigned i = 0; i < kWords; ++i) a.store_[i] = f(a.store_[i], b.store_[i]);
    } else {
      a.store_ = f(a.store_, b.store_);
    }
    return a;
  }

  std::conditional_t<kWide, Words, std::uint64_t> store_{};
};

using Logic = Bits<1>;

}  // namespace tessera
