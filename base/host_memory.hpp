// SPDX-License-Identifier: Apache-2.0
/// How much memory this process may still take.
#pragma once
#include <cstdint>
#include <filesystem>

namespace tessera {

/// Bytes: what the kernel counts as available, or what is left to one of the control groups (version 1 or 2) this
/// process belongs to, whichever is less; file cache that can be given back counts as free. 2^64 - 1 where neither can
/// be read. `root`: where /proc and /sys are, for tests.
[[nodiscard]] std::uint64_t available_memory(const std::filesystem::path& root = "/");

/// The most memory this process has had so far [byte].
[[nodiscard]] std::uint64_t peak_memory();

}  // namespace tessera
