// SPDX-License-Identifier: Apache-2.0
#include "sim/diagnose.hpp"

#include <cstdio>

#include "base/text.hpp"
#include "tsr_isa.hpp"

namespace tessera::sim {

void Diagnosis::ask_unit(std::uint32_t tile, Host& host, bool is_queue, std::uint32_t unit) {
  using namespace isa::reg;
  const auto reg = [=](std::uint32_t of_engine, std::uint32_t of_queue) {
    return at(is_queue ? of_queue : of_engine, unit);
  };
  host.read(reg(kEngStatus, kQStatus), [=, this, &host](std::uint32_t status, unsigned resp) {
    const bool running = status & 1, error = status & 4, waits = status & 8;
    if (resp != 0 || !(error || running)) return;
    UnitState* const state = &found_[tile].emplace_back();
    state->tile = tile;
    state->is_queue = is_queue;
    state->unit = unit;
    state->tag = status >> 16;
    if (error) {
      host.read(reg(kEngErr, kQErr),
                [state](std::uint32_t v, unsigned) { state->error = v & 15, state->tag = v >> 16; });
      host.read(reg(kEngErrPc, kQErrAddr), [state](std::uint32_t v, unsigned) { state->address |= v; });
      host.read(reg(kEngErrPcHi, kQErrAddrHi),
                [state](std::uint32_t v, unsigned) { state->address |= std::uint64_t{v} << 32; });
    } else if (waits) {
      state->waits = true;
      state->sem = (status >> 8) & 0xff;
      host.read(reg(kEngWaitValue, kQWaitValue), [state](std::uint32_t v, unsigned) { state->wanted = v; });
      host.read(at(kSemRead, state->sem), [state](std::uint32_t v, unsigned) { state->value = v; });
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
    for (const UnitState& state : tile) (state.error != 0 ? errors : stuck).push_back(state);
  }
}

std::string describe(const UnitState& state, std::uint32_t width) {
  std::string text = tile_text(state.tile % width, state.tile / width) + " ";
  text += state.is_queue ? "queue " + std::to_string(state.unit)
                         : std::string(isa::kEngineNames[state.unit % kNumEngines].label);
  if (state.error != 0) {
    text += " stopped with error " + std::to_string(state.error);
    for (const auto& known : isa::kErrNames) {
      if (known.value == state.error) text += " (" + std::string(known.name) + ": " + std::string(known.doc) + ")";
    }
    char address[32];  // " at address 0x" and ten digits
    std::snprintf(address, sizeof address, " at address 0x%llx", static_cast<unsigned long long>(state.address));
    text += address;
  } else if (state.waits) {
    text += " waits for semaphore " + std::to_string(state.sem) + " to reach " +
            std::to_string(static_cast<std::int32_t>(state.wanted)) + " (now " +
            std::to_string(static_cast<std::int32_t>(state.value)) + ")";
  } else {
    text += " has not come to its end";
  }
  return text + ", tag " + std::to_string(state.tag);
}

}  // namespace tessera::sim
