// SPDX-License-Identifier: Apache-2.0
// Verilated models are shared objects beside the program, opened when first asked for: one build serves every
// configuration and mesh, and nobody compiles a model that no run uses (docs/decisions/0009).
#include <dlfcn.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>

#include "base/config_file.hpp"
#include "sim/tile_model.hpp"

namespace tessera::sim {
namespace {

std::filesystem::path file_of(const std::string& model) {
  const char* folder = std::getenv("TESSERA_MODELS");
  return std::filesystem::path(folder != nullptr ? folder : TSR_MODEL_DIR) / (model + ".so");
}

/// The factory function of a model that was built for `hardware`. Models stay open until the program ends: their code
/// may be on any stack.
void* open_model(const std::string& model, const char* symbol, std::string_view hardware) {
  static std::mutex mutex;
  static std::map<std::string, void*> opened;
  const std::lock_guard lock(mutex);
  void*& handle = opened[model];
  if (handle == nullptr) handle = dlopen(file_of(model).c_str(), RTLD_NOW | RTLD_LOCAL);
  void* function = handle == nullptr ? nullptr : dlsym(handle, symbol);
  if (function == nullptr) throw NotBuilt("the model " + model + " cannot be opened: " + dlerror());
  using Hardware = const char* (*)();
  const auto built_for = reinterpret_cast<Hardware>(dlsym(handle, "tessera_hardware"));
  if (built_for == nullptr || built_for() != hardware) {
    throw NotBuilt("the model " + model +
                   " was built before its configuration changed; ./tessera builds what a command needs, or run: ninja "
                   "-C " TSR_BUILD_DIR " " +
                   model);
  }
  return function;
}

bool built(const std::string& model) {
  std::error_code none;
  return std::filesystem::is_regular_file(file_of(model), none);
}

TileFactory tile_factory(const std::string& model, std::string_view hardware) {
  if (!built(model)) return nullptr;
  return [model, hardware](const TilePlace& place) {
    using Make = TileModel* (*)(const TilePlace&);
    return std::unique_ptr<TileModel>(reinterpret_cast<Make>(open_model(model, "tessera_make_tile", hardware))(place));
  };
}

}  // namespace

TileEntry tile_entry(const Config& config) {
  const auto factory = [&](const char* variant) {
    return tile_factory(tile_model_name(config, variant), config.hardware);
  };
  return {&config, factory(""), factory("_traced"), factory("_checked")};
}

const TileEntry* find_tile(std::string_view config) {
  static std::mutex mutex;
  static std::map<std::string, TileEntry, std::less<>> entries;
  const std::lock_guard lock(mutex);
  if (const auto known = entries.find(config); known != entries.end()) return &known->second;
  const Config* found = find_config(config);
  if (found == nullptr) return nullptr;
  return &entries.emplace(config, tile_entry(*found)).first->second;
}

const MeshEntry* find_mesh(const Config& config, std::uint32_t width, std::uint32_t height) {
  static std::mutex mutex;
  static std::map<std::string, MeshEntry> entries;
  const std::string model = mesh_model_name(config, width, height);
  const std::lock_guard lock(mutex);
  if (const auto known = entries.find(model); known != entries.end()) return &known->second;
  if (!built(model)) return nullptr;
  const auto make = [model, hardware = config.hardware] {
    using Make = MeshModel* (*)();
    return std::unique_ptr<MeshModel>(reinterpret_cast<Make>(open_model(model, "tessera_make_mesh", hardware))());
  };
  return &entries.emplace(model, MeshEntry{width, height, make}).first->second;
}

std::string not_built(const std::string& model) {
  return "the model " + model +
         " is not built; ./tessera builds what a command needs, or run: ninja -C " TSR_BUILD_DIR " " + model;
}

}  // namespace tessera::sim
