// SPDX-License-Identifier: Apache-2.0
/// Assembler text (.tsa) to program image, and back to text. The format is described in docs/assembler.md.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "isa/image.hpp"

namespace tessera::isa {

/// One fault in the source text.
struct Diagnostic {
  std::string file;
  unsigned line = 0;
  std::string text;
  /// Line 0 stands for the whole file.
  [[nodiscard]] std::string sentence() const {
    return file + (line == 0 ? "" : ":" + std::to_string(line)) + ": " + text;
  }
};

struct Assembled {
  ProgramImage image;
  std::vector<Diagnostic> errors;
  /// Engines whose last instruction is neither halt nor an unconditional br, and for which no error is announced: they
  /// run on through memory. Right in a fragment, wrong in a program.
  std::vector<Diagnostic> runaways;
  [[nodiscard]] bool ok() const { return errors.empty(); }
};

/// `file` names the source in errors; relative paths of `.file` start at its directory.
Assembled assemble(std::string_view text, const std::string& file);
Assembled assemble_file(const std::string& path);

/// One line that assembles to exactly this image (branches as raw distances).
std::string disassemble_instr(const ItemImage& image);
std::string disassemble_desc(const ItemImage& image);
/// A whole image: code found through start addresses, descriptors through rings.
std::string disassemble(const ProgramImage& image);

}  // namespace tessera::isa
