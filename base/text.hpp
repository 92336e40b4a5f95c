// SPDX-License-Identifier: Apache-2.0
/// Small helpers for names and sentences.
#pragma once
#include <cstdint>
#include <string>

namespace tessera {

/// `mark` before the suffix of a file name, or at its end: ("a/b.fst", "_0_1") to "a/b_0_1.fst".
[[nodiscard]] inline std::string marked_path(const std::string& path, const std::string& mark) {
  const std::size_t slash = path.rfind('/'), dot = path.rfind('.');
  const bool suffix = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  return suffix ? path.substr(0, dot) + mark + path.substr(dot) : path + mark;
}

/// "tile (3,1)".
[[nodiscard]] inline std::string tile_text(std::uint32_t x, std::uint32_t y) {
  return "tile (" + std::to_string(x) + "," + std::to_string(y) + ")";
}

}  // namespace tessera
