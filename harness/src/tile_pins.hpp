// SPDX-License-Identifier: Apache-2.0
/// The boundary of tsr_tile in a bench, by the names of its ports, and its way to and from what a cluster exchanges.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "tessera/cluster.hpp"
#include "tsr_boundary.hpp"

namespace tessera::detail {

inline constexpr const char* kByCluster = "the cluster drives";
inline constexpr const char* kByHost =
    "the host actions of the cluster drive; co_await cluster.drive_host(tile) gives the port to a task";

/// A port of a bench.
class Pin {
 public:
  void find(Model& m, const sim::PortInfo& port) { state_ = &m.find("TOP", port.name, port.width); }
  void operator=(std::uint64_t value) const { state_->store(value); }
  [[nodiscard]] std::uint64_t operator*() const { return state_->load(); }
  [[nodiscard]] SignalState& state() const { return *state_; }

 private:
  SignalState* state_ = nullptr;
};

/// The boundary of a tile: how the transfers of tsr_boundary.hpp reach it.
class TilePins {
 public:
  TilePins(Model& m, const Config& c) : config(c) {
    top.visit(top, c, [&m](Pin& pin, const sim::PortInfo& port) { pin.find(m, port); });
  }

  /// Everything but the clock, and the host port only when `with_host`.
  void apply(const sim::TileInputs& in, bool with_host) const {
    sim::apply_tile(*this, in);
    sim::apply_link(*this, in);
    sim::apply_axi(*this, in);
    if (!with_host) return;
    sim::apply_host(*this, in);
    sim::tie_host(*this);
  }
  void collect(sim::TileOutputs& out) const { sim::collect(*this, out); }

  /// Tests may read the inputs only.
  void refuse_writes() const {
    for_inputs([](const Pin& pin, bool of_host) {
      pin.state().writable = false;
      pin.state().driver = of_host ? kByHost : kByCluster;
    });
  }
  void give_host(bool to_task) const {
    for_inputs([to_task](const Pin& pin, bool of_host) {
      if (!of_host) return;
      pin.state().writable = to_task;
      pin.state().driver = to_task ? nullptr : kByHost;
    });
  }

  // For the transfers.
  static void set(const Pin& pin, unsigned, std::uint64_t value) { pin = value; }
  static std::uint64_t get(const Pin& pin, unsigned) { return *pin; }
  static void set_words(const Pin& pin, unsigned width, const std::uint32_t* from) {
    if (pin.state().wide()) {
      pin.state().store_words(from);
    } else {
      pin = width > 32 ? from[0] | std::uint64_t{from[1]} << 32 : from[0];
    }
  }
  static void get_words(const Pin& pin, unsigned width, std::uint32_t* to) {
    if (pin.state().wide()) {
      std::copy_n(words(pin), pin.state().bytes / 4, to);
    } else {
      const std::uint64_t value = *pin;
      to[0] = static_cast<std::uint32_t>(value);
      if (width > 32) to[1] = static_cast<std::uint32_t>(value >> 32);
    }
  }
  static const std::uint32_t* words(const Pin& pin) { return static_cast<const std::uint32_t*>(pin.state().data); }
  static constexpr unsigned index = 0;
  const Config& config;
  sim::TilePorts<Pin> top;

 private:
  template <class Visit>
  void for_inputs(Visit visit) const {
    top.visit(top, config, [&](const Pin& pin, const sim::PortInfo& port) {
      if (port.input) visit(pin, std::string_view(port.bundle) == "host");
    });
  }
};

}  // namespace tessera::detail
