// SPDX-License-Identifier: Apache-2.0
/// How the transfers of tsr_boundary.hpp reach the ports of Verilated classes: CData ... QData and wide arrays.
#pragma once
#include <verilated.h>

#include <cstdint>

#include "base/config.hpp"
#include "tsr_isa.hpp"

namespace tessera::sim {

/// The ports of one tile. Widths are those of the members.
template <class Top, const Config& kConfig>
struct TileIo {
  static constexpr const Config& config = kConfig;
  static constexpr unsigned index = 0;
  Top& top;

  template <class Port>
  static void set(Port& port, unsigned, std::uint64_t value) {
    port = static_cast<Port>(value);
  }
  template <class Port>
  static std::uint64_t get(const Port& port, unsigned) {
    return port;
  }

  template <std::size_t N>
  static void set_words(VlWide<N>& to, unsigned, const std::uint32_t* from) {
    for (std::size_t i = 0; i < N; ++i) to[i] = from[i];
  }
  static void set_words(QData& to, unsigned, const std::uint32_t* from) { to = from[0] | std::uint64_t{from[1]} << 32; }
  static void set_words(IData& to, unsigned, const std::uint32_t* from) { to = from[0]; }

  template <std::size_t N>
  static void get_words(const VlWide<N>& from, unsigned, std::uint32_t* to) {
    for (std::size_t i = 0; i < N; ++i) to[i] = from[i];
  }
  static void get_words(const QData& from, unsigned, std::uint32_t* to) {
    to[0] = static_cast<std::uint32_t>(from);
    to[1] = static_cast<std::uint32_t>(from >> 32);
  }
  static void get_words(const IData& from, unsigned, std::uint32_t* to) { to[0] = from; }
  static void get_words(const SData& from, unsigned, std::uint32_t* to) { to[0] = from; }
  static void get_words(const CData& from, unsigned, std::uint32_t* to) { to[0] = from; }

  template <std::size_t N>
  static const std::uint32_t* words(const VlWide<N>& port) {
    return &port[0];
  }
};

/// The part of tile `index` in the ports of a mesh.
template <class Top, const Config& kConfig>
struct MeshIo {
  static constexpr const Config& config = kConfig;
  Top& top;
  unsigned index;

  template <class Port>
  void set(Port& port, unsigned width, std::uint64_t value) const {
    put(port, index * width, width, value);
  }
  template <class Port>
  std::uint64_t get(const Port& port, unsigned width) const {
    return take(port, index * width, width);
  }
  template <class Port>
  void set_words(Port& port, unsigned width, const std::uint32_t* from) const {
    for (unsigned i = 0; i < width; i += 32) put(port, index * width + i, piece(width, i), from[i / 32]);
  }
  template <class Port>
  void get_words(const Port& port, unsigned width, std::uint32_t* to) const {
    for (unsigned i = 0; i < width; i += 32)
      to[i / 32] = static_cast<std::uint32_t>(take(port, index * width + i, piece(width, i)));
  }
  template <std::size_t N>
  static const std::uint32_t* words(const VlWide<N>& port) {
    return &port[0];
  }

 private:
  static constexpr unsigned piece(unsigned width, unsigned begin) { return width - begin < 32 ? width - begin : 32; }
  static constexpr std::uint64_t ones(unsigned width) { return width == 64 ? ~0ULL : (1ULL << width) - 1; }
  template <std::size_t N>
  static std::uint64_t take(const VlWide<N>& port, unsigned lsb, unsigned width) {
    return isa::detail::get(&port[0], lsb, width);
  }
  template <class Port>
  static std::uint64_t take(const Port& port, unsigned lsb, unsigned width) {
    return (std::uint64_t{port} >> lsb) & ones(width);
  }
  template <std::size_t N>
  static void put(VlWide<N>& port, unsigned lsb, unsigned width, std::uint64_t value) {
    isa::detail::put(&port[0], lsb, width, value);
  }
  template <class Port>
  static void put(Port& port, unsigned lsb, unsigned width, std::uint64_t value) {
    const std::uint64_t mask = ones(width) << lsb;
    port = static_cast<Port>((std::uint64_t{port} & ~mask) | ((value << lsb) & mask));
  }
};

/// Tells a model that it has seen the clock low; false when it keeps that under another name. Nothing is triggered by
/// the falling edge, so an `eval` for it would only copy the clock.
template <class Root>
bool forget_edge(Root& root) {
  if constexpr (requires { root.__Vtrigprevexpr___TOP__clk_i__0 = 0; }) {
    root.__Vtrigprevexpr___TOP__clk_i__0 = 0;
    return true;
  }
  return false;
}

}  // namespace tessera::sim
