// SPDX-License-Identifier: Apache-2.0
/// A Verilated class as a Model. Included by the generated dut.cpp only.
#pragma once
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tessera/signal.hpp"
#include "verilated.h"
#include "verilated_sym_props.h"
#include "verilated_syms.h"

#ifndef TSR_TRACE
#define TSR_TRACE 0
#endif
#if TSR_TRACE
#include "verilated_fst_c.h"
#endif

namespace tessera {

/// Everything that does not depend on the class.
class VerilatedModelBase : public Model {
 public:
  VerilatedModelBase();
  SignalState& find(const char* scope, const char* name, unsigned width) override;
  /// All elements of an unpacked array, the last index counts fastest.
  std::vector<SignalState*> find_elements(const char* scope, const char* name, unsigned width,
                                          std::initializer_list<detail::Dimension> dimensions);
  [[nodiscard]] int time_precision() const override { return context_.timeprecision(); }
  /// Cover points and their hits in Verilator's format.
  void write_coverage(const std::string& path) const;

 protected:
  mutable VerilatedContext context_;

 private:
  SignalState& make(const char* scope, const char* name, const std::string& place, unsigned width, unsigned index);
  std::map<std::string, std::unique_ptr<SignalState>> signals_;
};

template <class V, bool Timing>
class VerilatedModel final : public VerilatedModelBase {
 public:
  VerilatedModel() : top_(std::make_unique<V>(&context_, "")) { timing = Timing; }
  void evaluate(std::uint64_t now) override {
    context_.time(now);
    top_->eval_step();
  }
  void finalize() override { top_->final(); }
  [[nodiscard]] std::uint64_t next_event() override {
    if constexpr (Timing) return top_->eventsPending() ? top_->nextTimeSlot() : ~0ULL;
    return ~0ULL;
  }
#if TSR_TRACE
  void open_trace(const std::string& path) override {
    context_.traceEverOn(true);
    trace_ = std::make_unique<VerilatedFstC>();
    top_->trace(trace_.get(), 99);
    trace_->open(path.c_str());
    trace_open_ = true;
  }
  void dump_trace(std::uint64_t now) override { trace_->dump(now); }
  void close_trace() override {
    if (std::exchange(trace_open_, false)) trace_->close();
  }
#else
  void open_trace(const std::string&) override {
    throw RuntimeError("this model was built without tracing; build it with TRACE, or run the bench with --waves");
  }
  void dump_trace(std::uint64_t) override {}
  void close_trace() override {}
#endif

 private:
  std::unique_ptr<V> top_;
#if TSR_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
  bool trace_open_ = false;
#endif
};

}  // namespace tessera
