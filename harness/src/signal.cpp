// SPDX-License-Identifier: Apache-2.0
#include "tessera/signal.hpp"

#include <cstring>

namespace tessera {

std::string EdgeTrigger::describe() const {
  static constexpr const char* kNames[] = {"RisingEdge", "FallingEdge", "ValueChange"};
  return std::string(kNames[static_cast<int>(kind_)]) + "(" + signal_.path + ")";
}

bool EdgeTrigger::check_wide() {
  return std::memcmp(signal_.data, wide_before_.data(), signal_.bytes) !=
         0;  // edges are of one bit: a wide signal has value changes only
}

void EdgeTrigger::capture_wide() {
  const auto* w = static_cast<const std::uint32_t*>(signal_.data);
  wide_before_.assign(w, w + signal_.bytes / 4);
}

void SignalState::refuse_write() const {
  if (kernel.in_read_only()) throw RuntimeError("Attempted setting a value during the ReadOnly phase: " + path);
  if (constant) throw TypeError("Attempted setting an immutable object: " + path);
  if (driver) throw TypeError("Attempted setting " + path + ", which " + driver);
  throw TypeError(path + " is public for reading only; make it writable with a line '" + declaration +
                  " rw' in public.txt");
}

void SignalState::store_words(const std::uint32_t* words) {
  if (std::memcmp(base, words, bytes) != 0) {
    std::memcpy(base, words, bytes);
    changed();
  }
  if (force_enable) refresh_forced();
}

void refuse_edge(const SignalState& s) { throw TypeError("Can't wait for an edge of the constant " + s.path); }

/// The value that reads see: forced bits from force_value, the others from base.
void SignalState::refresh_forced() {
  const auto* b = static_cast<const std::uint8_t*>(base);
  const auto* e = static_cast<const std::uint8_t*>(force_enable);
  const auto* v = static_cast<const std::uint8_t*>(force_value);
  auto* d = static_cast<std::uint8_t*>(data);
  for (unsigned i = 0; i < bytes; ++i) d[i] = static_cast<std::uint8_t>((b[i] & ~e[i]) | (v[i] & e[i]));
  changed();
}

void SignalState::force(const std::uint32_t* words) {
  if (kernel.in_read_only()) throw RuntimeError("Attempted setting a value during the ReadOnly phase: " + path);
  if (!force_enable) {
    throw RuntimeError(path + " is not forceable; declare it with a line '" + declaration +
                       " forceable' in public.txt");
  }
  kernel.eval_needed = true;
  std::memcpy(force_value, words, bytes);
  auto* e = static_cast<std::uint8_t*>(force_enable);
  for (unsigned i = 0; i < bytes; ++i) {
    const unsigned left = width > i * 8 ? width - i * 8 : 0;
    e[i] = left >= 8 ? 0xff : static_cast<std::uint8_t>((1U << left) - 1);
  }
  refresh_forced();
}

void SignalState::release() {
  if (kernel.in_read_only()) throw RuntimeError("Attempted setting a value during the ReadOnly phase: " + path);
  if (!force_enable) {
    throw RuntimeError(path + " is not forceable; declare it with a line '" + declaration +
                       " forceable' in public.txt");
  }
  kernel.eval_needed = true;
  // A register keeps the forced value until it is assigned again; a net shows its driver at once.
  if (!continuous) std::memcpy(base, data, bytes);
  std::memset(force_enable, 0, bytes);
  refresh_forced();
}

}  // namespace tessera
