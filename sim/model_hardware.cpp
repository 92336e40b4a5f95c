// SPDX-License-Identifier: Apache-2.0
// Part of every model: for which sizes it was built. Compiled with TSR_CONFIG_HEADER and TSR_CONFIG.
#include TSR_CONFIG_HEADER

extern "C" __attribute__((visibility("default"))) const char* tessera_hardware() {
  return tessera::configs::TSR_CONFIG::kConfig.hardware.data();  // a literal
}
