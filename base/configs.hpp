// SPDX-License-Identifier: Apache-2.0
/// Every hardware configuration by name.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "base/config.hpp"
#include "p16/tsr_cfg.hpp"
#include "p32/tsr_cfg.hpp"
#include "p4/tsr_cfg.hpp"
#include "p8/tsr_cfg.hpp"
#include "trn2/tsr_cfg.hpp"
#include "trn3/tsr_cfg.hpp"

namespace tessera {

inline constexpr std::array<const Config*, 6> kConfigs{&configs::p4::kConfig,   &configs::p8::kConfig,
                                                       &configs::p16::kConfig,  &configs::p32::kConfig,
                                                       &configs::trn2::kConfig, &configs::trn3::kConfig};

/// nullptr for an unknown name.
[[nodiscard]] inline const Config* find_config(std::string_view name) {
  for (const Config* c : kConfigs) {
    if (c->name == name) return c;
  }
  return nullptr;
}

/// "p4, p8, ...", for messages.
[[nodiscard]] inline std::string config_names() {
  std::string text;
  for (const Config* c : kConfigs) text.append(text.empty() ? "" : ", ").append(c->name);
  return text;
}

}  // namespace tessera
