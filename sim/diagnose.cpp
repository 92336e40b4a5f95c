// SPDX-License-Identifier: Apache-2.0
#include "sim/diagnose.hpp"

namespace tessera::sim {
namespace {

// Register map, docs/isa.md.
constexpr std::uint16_t engine_reg(std::uint32_t e, std::uint32_t offset) {
  return static_cast<std::uint16_t>(0x100 + 0x20 * e + offset);
}
constexpr std::uint16_t queue_reg(std::uint32_t q, std::uint32_t offset) {
  return static_cast<std::uint16_t>(0x400 + 0x40 * q + offset);
}
constexpr std::uint16_t kSemRead = 0x1000;

}  // namespace

void Diagnosis::ask_unit(std::uint32_t tile, Host& host, bool is_queue, std::uint32_t unit) {
  const auto reg = [=](std::uint32_t of_engine, std::uint32_t of_queue) {
    return is_queue ? queue_reg(unit, of_queue) : engine_reg(unit, of_engine);
  };
  host.read(reg(0x0c, 0x14), [=, this, &host](std::uint32_t status, unsigned resp) {
    const bool running = status & 1, error = status & 4, waits = status & 8;
    if (resp != 0 || !(error || running)) return;
    auto& list = found_[tile];
    list.push_back(std::make_unique<UnitState>());
    UnitState* state = list.back().get();
    state->tile = tile;
    state->is_queue = is_queue;
    state->unit = unit;
    state->tag = status >> 16;
    if (error) {
      host.read(reg(0x10, 0x18), [state](std::uint32_t v, unsigned) { state->error = v & 15, state->tag = v >> 16; });
      host.read(reg(0x14, 0x1c), [state](std::uint32_t v, unsigned) { state->address = v; });
    } else if (waits) {
      state->waits = true;
      state->sem = (status >> 8) & 0xff;
      host.read(reg(0x18, 0x20), [state](std::uint32_t v, unsigned) { state->wanted = v; });
      host.read(static_cast<std::uint16_t>(kSemRead + 4 * state->sem),
                [state](std::uint32_t v, unsigned) { state->value = v; });
    }
  });
}

void Diagnosis::ask(std::uint32_t tile, Host& host, bool irq) {
  if (!asked_[tile] && !irq) return;
  for (std::uint32_t e = 0; e < kNumEngines; ++e) ask_unit(tile, host, false, e);
  for (std::uint32_t q = 0; q < queues_; ++q) ask_unit(tile, host, true, q);
}

void Diagnosis::collect(std::vector<UnitState>& errors, std::vector<UnitState>& stuck) const {
  for (const auto& tile : found_) {
    for (const auto& state : tile) (state->error != 0 ? errors : stuck).push_back(*state);
  }
}

std::string describe(const UnitState& state, std::uint32_t width) {
  static constexpr const char* kNames[] = {"PE", "ACT", "DVE", "POOL", "SP"};
  std::string text = "tile (" + std::to_string(state.tile % width) + "," + std::to_string(state.tile / width) + ") " +
                     (state.is_queue ? "queue " + std::to_string(state.unit) : kNames[state.unit % kNumEngines]);
  if (state.error != 0) {
    text += " stopped with error " + std::to_string(state.error) + " at address " + std::to_string(state.address);
  } else if (state.waits) {
    text += " waits for semaphore " + std::to_string(state.sem) + " to reach " +
            std::to_string(static_cast<std::int32_t>(state.wanted)) + " (now " +
            std::to_string(static_cast<std::int32_t>(state.value)) + ")";
  } else {
    text += " runs and waits for data or credits";
  }
  return text + ", tag " + std::to_string(state.tag);
}

}  // namespace tessera::sim
