// SPDX-License-Identifier: Apache-2.0
/// A W x H mesh of tiles that executes programs without time: what happens, not when.
///
/// Every engine and queue makes progress whenever its semaphore wait holds, until nobody can. For programs whose
/// accesses are ordered by semaphores the result does not depend on the order of these steps.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "golden/tile.hpp"
#include "isa/image.hpp"

namespace tessera::golden {

/// An engine or queue that waits for a semaphore when nobody can go on.
struct Stuck {
  std::uint32_t x = 0, y = 0;
  std::string unit;  ///< "pe" ... "sp", "q0" ...
  std::uint16_t tag = 0;
  SemWait wait;
  std::int32_t now = 0;  ///< value of that semaphore
};

enum class Outcome { kDone, kStuck, kError, kStepLimit };

/// How a run ended. `stuck` lists the waiters of kStuck and kError; errors stand in the tiles.
struct RunResult {
  Outcome outcome = Outcome::kDone;
  std::uint64_t steps = 0;  ///< instructions and descriptors
  std::vector<Stuck> stuck;
  /// A sentence for each error and each waiter.
  std::vector<std::string> sentences;
};

class Cluster {
 public:
  Cluster(const Config& config, std::uint32_t width, std::uint32_t height);

  [[nodiscard]] std::uint32_t width() const { return width_; }
  [[nodiscard]] std::uint32_t height() const { return height_; }
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] Tile& tile(std::uint32_t x, std::uint32_t y) { return *tiles_.at(y * width_ + x); }
  [[nodiscard]] const Tile& tile(std::uint32_t x, std::uint32_t y) const { return *tiles_.at(y * width_ + x); }

  /// Loads HBM, sets rings, rings doorbells and starts engines. A sentence when the image does not fit, else empty.
  std::string load(const isa::ProgramImage& image);
  /// `shuffle` other than 0: units take turns in a random order; a program that lacks a semaphore then shows it.
  RunResult run(std::uint64_t max_steps = UINT64_MAX, std::uint64_t shuffle = 0);

 private:
  Tile* find(std::uint32_t x, std::uint32_t y) {
    return x < width_ && y < height_ ? tiles_[y * width_ + x].get() : nullptr;
  }

  Config config_;
  std::uint32_t width_, height_;
  std::vector<std::unique_ptr<Tile>> tiles_;
};

/// "tile (1,0) pe: address (operand ...), tag 7, at 0x1000080".
std::string describe(const Tile& tile, const std::string& unit, const Fault& fault);

}  // namespace tessera::golden
