// SPDX-License-Identifier: Apache-2.0
/// Bytes that do not change any more and that several memories may hold at once without a copy.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace tessera {

class SharedBytes {
 public:
  SharedBytes() = default;
  /// Takes the elements of `list` over, as little-endian bytes.
  template <class T>
  SharedBytes(std::vector<T> list) {  // NOLINT(google-explicit-constructor): a list of bytes is what it becomes
    static_assert(std::is_trivially_copyable_v<T>);
    auto owner = std::make_shared<const std::vector<T>>(std::move(list));
    view_ = {reinterpret_cast<const std::uint8_t*>(owner->data()), owner->size() * sizeof(T)};
    owner_ = std::move(owner);
  }

  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  [[nodiscard]] const std::uint8_t* data() const { return view_.data(); }
  const std::uint8_t& operator[](std::size_t i) const { return view_[i]; }
  [[nodiscard]] auto begin() const { return view_.begin(); }
  [[nodiscard]] auto end() const { return view_.end(); }
  operator std::span<const std::uint8_t>() const { return view_; }  // NOLINT(google-explicit-constructor)
  /// What keeps the bytes alive.
  [[nodiscard]] const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const std::uint8_t> view_;
};

}  // namespace tessera
