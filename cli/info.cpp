// SPDX-License-Identifier: Apache-2.0
/// `tessera info`: the sizes of a hardware configuration.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/report.hpp"

namespace tessera::cli {

int run_info(const Config& cfg, const std::string& json) {
  check_writable(json, "--json");
  fmt::print("configuration {}, models tile_{}\n", cfg.name, cfg.model);
  for (const auto& key : kConfigKeys) fmt::print("  {:<26}{:>12}  {}\n", key.name, key.get(cfg), key.meaning);
  fmt::print("{}\n", sizes_line(cfg));
  if (!json.empty()) {
    write_text(
        json,
        nlohmann::json{{"command", "info"}, {"config", cfg.name}, {"model", cfg.model}, {"sizes", sizes_report(cfg)}}
                .dump(1) +
            "\n");
  }
  return 0;
}

}  // namespace tessera::cli
