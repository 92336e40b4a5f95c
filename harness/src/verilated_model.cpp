// SPDX-License-Identifier: Apache-2.0
#include "tessera/verilated_model.hpp"

#include "hooks.hpp"
#include "verilated_cov.h"

namespace tessera {

namespace {

/// The module that declares the names of a scope; ports are in the scope TOP, which has none.
std::string module_of(VerilatedContext& context, const VerilatedScope& scope) {
  if (std::string_view(scope.name()) != "TOP") return scope.defname();
  for (const auto& [name, other] : *context.scopeNameMap()) {
    const std::string_view text = name;
    if (text != "TOP" && text.find('.') == std::string_view::npos) return other->defname();
  }
  return "module";
}

}  // namespace

VerilatedModelBase::VerilatedModelBase() {
  context_.threads(1);  // else a pool of as many as the host has processors, which no model uses
  const auto args = detail::verilated_arguments();
  std::vector<const char*> argv;
  argv.reserve(args.size());
  for (const auto& a : args) argv.push_back(a.c_str());
  context_.commandArgs(static_cast<int>(argv.size()), argv.data());
  context_.fatalOnError(false);
}

void VerilatedModelBase::write_coverage(const std::string& path) const { context_.coveragep()->write(path); }

SignalState& VerilatedModelBase::find(const char* scope, const char* name, unsigned width) {
  return make(scope, name, "", width, 0);
}

std::vector<SignalState*> VerilatedModelBase::find_elements(const char* scope, const char* name, unsigned width,
                                                            std::initializer_list<detail::Dimension> dimensions) {
  std::vector<std::string> places{""};
  for (const detail::Dimension& d : dimensions) {
    std::vector<std::string> longer;
    for (const std::string& place : places)
      for (unsigned i = 0; i < d.count; ++i)
        longer.push_back(place + "[" + std::to_string(d.low + static_cast<int>(i)) + "]");
    places = std::move(longer);
  }
  std::vector<SignalState*> out;
  for (unsigned i = 0; i < places.size(); ++i) out.push_back(&make(scope, name, places[i], width, i));
  return out;
}

SignalState& VerilatedModelBase::make(const char* scope_name, const char* name, const std::string& place,
                                      unsigned width, unsigned index) {
  const std::string key = std::string(scope_name) + "." + name + place;
  auto& slot = signals_[key];
  if (slot) return *slot;
  const VerilatedScope* scope = context_.scopeFind(scope_name);
  const VerilatedVar* var = scope ? scope->varFind(name) : nullptr;
  if (!var) throw RuntimeError("the model has no public signal " + key);
  if (var->vltype() != VLVT_REAL && var->entBits() != width)
    throw RuntimeError("signal " + key + " has another width; build the bench again");
  unsigned bytes = 0;
  switch (var->vltype()) {
    case VLVT_UINT8:
      bytes = 1;
      break;
    case VLVT_UINT16:
      bytes = 2;
      break;
    case VLVT_UINT32:
      bytes = 4;
      break;
    case VLVT_UINT64:
    case VLVT_REAL:
      bytes = 8;
      break;
    default:
      bytes = (width + 31) / 32 * 4;
      break;
  }
  std::string path = std::string(scope_name) == "TOP" ? label + "." + name + place : key;
  if (label != "dut" && path == key) path.replace(0, path.find('.'), label);
  auto* data = static_cast<std::uint8_t*>(var->datap()) + std::size_t{index} * bytes;
  slot = std::make_unique<SignalState>(*this, path, data, width, bytes);
  slot->declaration = module_of(context_, *scope) + "." + name;
  slot->constant = var->isParam();
  slot->writable = var->isPublicRW() && !var->isParam();
  slot->continuous = var->isContinuously();
  slot->input = std::string_view(scope_name) == "TOP" && var->vldir() == VLVD_IN;
  slot->special = slot->wide() || var->isForceable();
  if (var->isForceable()) {
    const VerilatedForceControlSignals* control = var->forceControlSignals();
    slot->force_enable = control->forceEnableSignalp->datap();
    slot->force_value = control->forceValueSignalp->datap();
    slot->data = control->forceReadSignal.datap();
  }
  return *slot;
}

}  // namespace tessera
