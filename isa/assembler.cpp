// SPDX-License-Identifier: Apache-2.0
#include "isa/assembler.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <tuple>

#include "base/casts.hpp"
#include "base/npy.hpp"
#include "isa/assembler_words.hpp"
#include "isa/builder.hpp"

namespace tessera::isa {
namespace {

using namespace words;

class Assembler {
 public:
  explicit Assembler(std::string file) : file_(std::move(file)) {}

  Assembled run(std::string_view text) {
    for (const std::string_view line : split_at(text, '\n')) {
      ++line_;
      try {
        take(split(line));
      } catch (const Fault& f) {
        out_.errors.push_back({file_, line_, f.text});
      }
    }
    finish();
    return std::move(out_);
  }

 private:
  enum class Section { kNone, kEngine, kQueue, kData };
  struct Place {
    Label label;
    unsigned first_use;
    bool bound;
  };
  struct Last {  ///< instruction of an engine so far
    unsigned line;
    bool stays;  ///< nothing behind it is ever reached
  };
  using Args = std::vector<std::string>;

  void take(Args words) {
    while (!words.empty() && words[0].back() == ':') {
      bind(words[0].substr(0, words[0].size() - 1));
      words.erase(words.begin());
    }
    if (words.empty()) return;
    if (words[0][0] == '.') return directive(words);
    if (section_ == Section::kEngine) return instruction(words);
    if (section_ == Section::kQueue) return descriptor(words);
    fail("an instruction stands in an .engine section and a descriptor in a .queue section");
  }

  ProgramBuilder& builder() {
    if (!builder_) builder_ = std::make_unique<ProgramBuilder>(width_, height_);
    return *builder_;
  }

  void need(const Args& w, std::size_t count, std::string_view usage) {
    if (w.size() != count) fail("write " + std::string(usage));
  }

  void check_tile(std::uint64_t x, std::uint64_t y) {
    if (x >= width_ || y >= height_) {
      fail("tile (" + std::to_string(x) + "," + std::to_string(y) + ") is outside the mesh of " +
           std::to_string(width_) + "x" + std::to_string(height_) + "; set it with .mesh");
    }
  }

  void directive(const Args& w) {
    const std::string& d = w[0];
    if (d == ".mesh") {
      need(w, 3, ".mesh WIDTH HEIGHT");
      if (builder_) fail(".mesh comes before everything else");
      width_ = static_cast<std::uint32_t>(number(w[1], 9, "a mesh width"));
      height_ = static_cast<std::uint32_t>(number(w[2], 9, "a mesh height"));
      if (width_ == 0 || height_ == 0 || width_ > 256 || height_ > 256) {
        width_ = height_ = 1;
        fail("a mesh has 1 to 256 columns and rows of tiles");
      }
    } else if (d == ".tile") {
      need(w, 3, ".tile X Y");
      move_to(number(w[1], 8, "a tile column"), number(w[2], 8, "a tile row"));
      section_ = Section::kNone;
    } else if (d == ".engine") {
      need(w, 2, ".engine NAME");
      close_labels();
      engine_ = static_cast<Engine>(code_of("engine", w[1], "engine"));
      section_ = Section::kEngine;
    } else if (d == ".queue") {
      if (w.size() != 2 && w.size() != 3) fail("write .queue NUMBER [RING_SIZE]");
      close_labels();
      queue_ = queue_number(w[1]);
      if (w.size() == 3)
        builder().queue(x_, y_, queue_).ring_size(static_cast<std::uint32_t>(number(w[2], 16, "a ring size")));
      section_ = Section::kQueue;
    } else if (d == ".doorbell") {
      need(w, 3, ".doorbell QUEUE COUNT|all");
      QueueCode& queue = builder().queue(x_, y_, queue_number(w[1]));
      if (w[2] == "all") {
        queue.doorbell_all();
      } else {
        queue.doorbell(static_cast<std::uint32_t>(number(w[2], 32, "a count")));
      }
    } else if (d == ".hbm") {
      if (w.size() != 2 && w.size() != 4) fail("write .hbm [X Y] ADDRESS");
      if (w.size() == 4) move_to(number(w[1], 8, "a tile column"), number(w[2], 8, "a tile row"));
      data_at_ = number(w.back(), 40, "an address");
      section_ = Section::kData;
    } else if (d == ".code_base") {
      need(w, 2, ".code_base ADDRESS");
      code_base_line_ = line_;
      builder().code_base(number(w[1], 40, "an address"));
    } else if (d == ".expect_error") {
      need(w, 3, ".expect_error ENGINE|qN CODE");
      ExpectedError e{.x = x_, .y = y_};
      if (w[1].size() > 1 && w[1][0] == 'q') {
        e.is_queue = true, e.unit = queue_number(std::string_view(w[1]).substr(1));
      } else {
        e.unit = code_of("engine", w[1], "engine");
      }
      e.code = static_cast<Err>(code_of("err", w[2], "error code"));
      builder().expect_error(e);
    } else {
      data(w);
    }
  }

  void data(const Args& w) {
    std::vector<std::uint8_t> bytes;
    const auto add = [&](std::uint64_t value, unsigned size) {
      for (unsigned b = 0; b < size; ++b) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * b)));
    };
    const auto value = [](const std::string& text) {
      const auto v = plain_float(text);
      if (!v) fail(quote(text) + " is not a number");
      return std::bit_cast<std::uint32_t>(*v);
    };
    const std::string& d = w[0];
    static constexpr std::string_view kKnown[] = {".i32", ".u8", ".fill", ".file"};
    const auto type = float_type(std::string_view(d).substr(1));
    if (!type && std::find(std::begin(kKnown), std::end(kKnown), d) == std::end(kKnown))
      fail("there is no directive " + quote(d));
    if (section_ != Section::kData) fail(d + " stands after .hbm ADDRESS");
    if (type) {
      for (std::size_t i = 1; i < w.size(); ++i) add(narrow(value(w[i]), *type), elem_bytes(*type));
    } else if (d == ".i32") {
      for (std::size_t i = 1; i < w.size(); ++i) add(number(w[i], 32, "a word"), 4);
    } else if (d == ".u8") {
      for (std::size_t i = 1; i < w.size(); ++i) add(number(w[i], 8, "a byte"), 1);
    } else if (d == ".fill") {
      need(w, 3, ".fill BYTES VALUE");
      constexpr std::uint64_t kMaxFill = 1U << 28;
      const std::uint64_t count = number(w[1], 32, "a byte count");
      if (count > kMaxFill) fail(".fill writes at most 2^28 bytes");
      bytes.assign(count, static_cast<std::uint8_t>(number(w[2], 8, "a byte")));
    } else {
      if (w.size() != 2 && w.size() != 3) fail("write .file NAME.npy [" + float_type_names() + "]");
      bytes = npy_bytes(w[1], w.size() == 3 ? w[2] : "");
    }
    const std::uint64_t at = data_at_;
    data_at_ += bytes.size();
    builder().hbm(x_, y_, at, std::move(bytes));
  }

  std::vector<std::uint8_t> npy_bytes(std::string name, std::string_view type_name) {
    if (name.size() > 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    auto path = std::filesystem::path(name);
    if (path.is_relative()) path = std::filesystem::path(file_).parent_path() / path;
    auto read = read_npy(path.string());
    if (!read.ok()) fail(read.error);
    if (type_name.empty()) return std::move(read.array.bytes);
    const auto type = float_type(type_name);
    if (!type) fail("a file is loaded as " + float_type_names());
    std::vector<std::uint8_t> bytes;
    for (std::uint64_t n = 0; n < read.array.elements(); ++n) {
      const auto bits = std::bit_cast<std::uint32_t>(read.array.as_float(n));
      const std::uint32_t word = narrow(bits, *type);
      for (unsigned b = 0; b < elem_bytes(*type); ++b) bytes.push_back(static_cast<std::uint8_t>(word >> (8 * b)));
    }
    return bytes;
  }

  void move_to(std::uint64_t x, std::uint64_t y) {
    close_labels();
    check_tile(x, y);
    x_ = static_cast<std::uint32_t>(x), y_ = static_cast<std::uint32_t>(y);
    builder();
  }

  std::uint32_t queue_number(std::string_view text) {
    const auto q = number(text, 4, "a queue");
    if (q >= kMaxQueues) fail("a tile has at most " + std::to_string(kMaxQueues) + " queues");
    return static_cast<std::uint32_t>(q);
  }

  EngineCode& code() { return builder().engine(x_, y_, engine_); }

  Place& place(const std::string& name) {
    const auto found = labels_.find(name);
    if (found != labels_.end()) return found->second;
    return labels_.emplace(name, Place{code().label(), line_, false}).first->second;
  }

  void bind(const std::string& name) {
    if (section_ != Section::kEngine) fail("a label stands in an .engine section");
    if (name.empty()) fail("a label needs a name");
    Place& p = place(name);
    if (p.bound) fail("label " + quote(name) + " is placed twice");
    p.bound = true;
    code().bind(p.label);
  }

  // Labels live until their engine section ends.
  void close_labels() {
    for (const auto& [name, p] : labels_) {
      if (!p.bound)
        out_.errors.push_back({file_, p.first_use, "label " + quote(name) + " is never placed in this section"});
    }
    labels_.clear();
  }

  void instruction(const Args& w) {
    Item item(kInstrFields);
    if (w[0] != "instr") item.put("opcode", code_of("opcode", w[0], "instruction"));
    const auto opcode = static_cast<Opcode>(item.get("opcode"));
    std::vector<std::string_view> plain;
    for (std::size_t i = 1; i < w.size(); ++i) {
      const std::string_view word = w[i];
      const auto equal = word.find('=');
      if (equal == std::string_view::npos) {
        plain.push_back(word);
        continue;
      }
      const auto key = word.substr(0, equal), text = word.substr(equal + 1);
      const FieldInfo* field = find_field(kInstrFields, key);
      if (key == "wait") {
        parse_wait(item, text);
      } else if (key == "upd") {
        parse_update(item, text);
      } else if (key == "ra") {
        item.put("imm1", (item.get("imm1") & ~0x3fULL) | reg_number(text));
      } else if (key == "rb" && text.starts_with('r')) {
        item.put("imm1", (item.get("imm1") & ~0x3f00ULL) | std::uint64_t{reg_number(text)} << 8);
      } else if (key == "rb") {
        item.put("use_imm", 1), item.put("imm0", number(text, 32, "rb"));
      } else if (key == "acc") {
        item.put("flags", (item.get("flags") & ~1ULL) | number(text, 1, "acc"));
      } else if (field != nullptr && !field->structure.empty()) {
        parse_operand(item, *field, text);
      } else {
        item.assign(key, text);
      }
    }
    const auto target = positional(item, opcode, plain);
    last_[{x_, y_, static_cast<std::uint32_t>(engine_)}] = {
        line_, opcode == Opcode::kHalt ||
                   (opcode == Opcode::kBr && item.get("br_cond") == static_cast<unsigned>(Branch::kAlways))};
    if (target) {
      code().branch_raw(item.image, place(*target).label);
    } else {
      code().emit_raw(item.image);
    }
  }

  // Words without '=' in the order of isa.json. Returns the label of a branch, which is the last word and may stand
  // alone.
  std::optional<std::string> positional(Item& item, Opcode opcode, const std::vector<std::string_view>& plain) {
    const auto words = opcode_words(static_cast<std::uint32_t>(opcode));
    if (plain.size() > words.size()) fail(quote(plain[words.size()]) + " is not understood here");
    const bool branch = !words.empty() && words.back().field.empty();
    const std::size_t fields = branch && !plain.empty() ? plain.size() - 1 : plain.size();
    for (std::size_t n = 0; n < fields; ++n) {
      const WordInfo& word = words[n];
      const std::string field(word.field);
      const std::uint64_t value = word.enumeration.empty() ? number(plain[n], word.width, field)
                                                           : code_of(word.enumeration, plain[n], word.enumeration);
      detail::put(item.image.data(), word.lsb, word.width, value);
      if (word.also_width != 0) detail::put(item.image.data(), word.also_lsb, word.also_width, 1);
    }
    if (!branch || plain.empty()) return std::nullopt;
    return std::string(plain.back());
  }

  void descriptor(const Args& w) {
    Item item(kDescFields);
    const std::string_view name = w[0] == "copy" ? std::string_view("write") : std::string_view(w[0]);
    if (name != "desc") item.put("op", code_of("dma_op", name, "descriptor"));
    for (std::size_t i = 1; i < w.size(); ++i) {
      const std::string_view word = w[i];
      const auto equal = word.find('=');
      const auto key = word.substr(0, equal);
      const auto text = equal == std::string_view::npos ? std::string_view{} : word.substr(equal + 1);
      if (word == "fence") {
        item.put("fence", 1);
      } else if (equal == std::string_view::npos) {
        fail(quote(word) + " is not understood here");
      } else if (key == "wait") {
        parse_wait(item, text);
      } else if (key == "upd") {
        parse_update(item, text);
      } else if (key == "src" || key == "dst") {
        parse_side(item, std::string(key), text, {x_, y_});
      } else if (key == "row") {
        item.put("row_elems", number(text, 32, "row"));
      } else if (key == "rows") {
        parse_levels(item, "num", text, 16);
      } else if (key == "src_step" || key == "dst_step") {
        parse_levels(item, std::string(key), text, 32);
      } else {
        item.assign(key, text);
      }
    }
    builder().queue(x_, y_, queue_).emit_raw(item.image);
  }

  void finish() {
    close_labels();
    if (!out_.errors.empty()) return;
    auto built = std::move(builder()).build();
    if (!built.ok()) out_.errors.push_back({file_, code_base_line_, built.error});
    out_.image = std::move(built.image);
    check_ends();
  }

  // Memory behind a program reads as zeros, and those as NOPs: an engine that gets there runs to the end of HBM.
  void check_ends() {
    for (const auto& [where, last] : last_) {
      const auto [x, y, engine] = where;
      const auto& announced = out_.image.expected_errors;
      const bool fails = std::any_of(announced.begin(), announced.end(), [&](const ExpectedError& e) {
        return !e.is_queue && e.x == x && e.y == y && e.unit == engine;
      });
      if (last.stays || fails) continue;
      out_.runaways.push_back({file_, last.line,
                               "the program of " + std::string(kEngineNames[engine].name) + " of tile (" +
                                   std::to_string(x) + "," + std::to_string(y) +
                                   ") runs on behind its last instruction; end it with halt or an unconditional br"});
    }
  }

  std::string file_;
  Assembled out_;
  unsigned line_ = 0;
  std::uint32_t width_ = 1, height_ = 1, x_ = 0, y_ = 0, queue_ = 0;
  std::unique_ptr<ProgramBuilder> builder_;
  Section section_ = Section::kNone;
  Engine engine_ = Engine::kPe;
  std::uint64_t data_at_ = 0;
  std::map<std::string, Place> labels_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, Last> last_;  ///< by column, row, engine
  unsigned code_base_line_ = 0;
};

}  // namespace

Assembled assemble(std::string_view text, const std::string& file) { return Assembler(file).run(text); }

Assembled assemble_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, ignored)) {
    Assembled out;
    out.errors.push_back({path, 0, "the file cannot be opened"});
    return out;
  }
  std::stringstream text;
  text << file.rdbuf();
  return assemble(text.str(), path);
}

}  // namespace tessera::isa
