// SPDX-License-Identifier: Apache-2.0
/// Monitors of retirement records.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tessera/bfm/base.hpp"
#include "tsr_boundary.hpp"

namespace tessera::sim {

inline std::ostream& operator<<(std::ostream& os, const Rec& r) {
  return os << "opcode " << unsigned{r.opcode} << " tag " << r.tag << " cycles " << r.start << " ... " << r.end
            << " checksum " << r.checksum;
}

}  // namespace tessera::sim

namespace tessera {

/// One retired instruction or descriptor (rec_t); descriptors have opcode 80h | op.
using Retirement = sim::Rec;

/// Collects the records of several ports in the order of their ends. A record whose end lies before its start, or
/// before the end of an earlier record of its port, fails the test.
class RetirementMonitor : public std::enable_shared_from_this<RetirementMonitor> {
 public:
  static constexpr unsigned kBits = Retirement::kBits;
  explicit RetirementMonitor(const Signal<1>& clk) : clk_(clk) {}
  /// Record `index` of packed ports: valid[index], data[index * kBits +: kBits].
  template <unsigned V, unsigned D>
  void watch(std::string name, const Signal<V>& valid, const Signal<D>& data, unsigned index = 0) {
    if (index >= V || (index + 1) * kBits > D)
      throw IndexError("port " + name + " has no record " + std::to_string(index));
    ports_.push_back({std::move(name), {}, [valid, data, index](Retirement& r) {
                        if (!Bits<V>(valid.value())[static_cast<int>(index)]) return false;
                        const Bits<D> bits = data.value();
                        r = Retirement::unpack(bits.words().data(), index * kBits);
                        return true;
                      }});
  }
  /// Called with each record, after the checks.
  std::function<void(const std::string& port, const Retirement&)> retired;
  void start() { start_soon(serve(shared_from_this())); }
  [[nodiscard]] const std::vector<Retirement>& records(const std::string& port) const {
    for (const Port& p : ports_)
      if (p.name == port) return p.records;
    throw RuntimeError("no port " + port + " is watched");
  }

 private:
  struct Port {
    std::string name;
    std::vector<Retirement> records;
    std::function<bool(Retirement&)> sample;
  };
  static Coro<void> serve(std::shared_ptr<RetirementMonitor> m) { co_await m->run(); }
  Coro<void> run() {
    while (true) {
      co_await RisingEdge(clk_);
      for (Port& p : ports_) {
        Retirement r;
        if (p.sample(r)) take(p, r);
      }
    }
  }
  void take(Port& p, const Retirement& r) {
    count_check();
    if (r.end < r.start) throw AssertionError("port " + p.name + " retires before it starts: " + detail::show(r));
    if (!p.records.empty() && r.end < p.records.back().end)
      throw AssertionError("port " + p.name + " retires out of order: " + detail::show(r));
    p.records.push_back(r);
    if (retired) retired(p.name, r);
  }
  Signal<1> clk_;
  std::vector<Port> ports_;
};

/// Calls `seen` with the record in every clock in which `valid` is up.
template <unsigned W>
Coro<void> watch_records(Signal<1> clk, Signal<1> valid, Signal<W> data, std::function<void(const Bits<W>&)> seen) {
  while (true) {
    co_await RisingEdge(clk);
    if (valid.value() == 1) seen(data.value());
  }
}

}  // namespace tessera
