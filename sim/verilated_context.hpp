// SPDX-License-Identifier: Apache-2.0
/// The context of a Verilated model that one thread steps.
#pragma once
#include <verilated.h>

namespace tessera::sim {

/// A context of the library as it comes starts a thread for every processor of the host but one when its first model is
/// made, whether the model needs them or not; a mesh of thousands of tiles would have thousands.
class OneThreadContext : public VerilatedContext {
 public:
  OneThreadContext() { threads(1); }
};

}  // namespace tessera::sim
