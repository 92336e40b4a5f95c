// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "tessera/test.hpp"

namespace prim {

/// A value whose every bit is 0 or 1 alike.
template <class Word>
Word random_word(tessera::SplitMix64& draw) {
  std::vector<std::uint32_t> words(Word::kWords);
  for (auto& w : words) w = static_cast<std::uint32_t>(draw.bits(32));
  return Word::from_words(words.data());
}

}  // namespace prim
