// SPDX-License-Identifier: Apache-2.0
#include "base/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/output.hpp"

namespace tessera {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 36;
constexpr std::uint32_t kMaxHeader = 1U << 20;

struct TypeName {
  NpyType type;
  std::string_view descr;
  std::uint32_t bytes;
};
constexpr std::array<TypeName, 5> kTypes{{{NpyType::kFloat32, "<f4", 4},
                                          {NpyType::kFloat16, "<f2", 2},
                                          {NpyType::kInt32, "<i4", 4},
                                          {NpyType::kInt8, "|i1", 1},
                                          {NpyType::kUint8, "|u1", 1}}};

/// The dictionary of a header, as text of its values.
struct Header {
  std::string descr, order;
  std::vector<std::uint64_t> shape;
};

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }: every key once, no other, nothing behind it.
/// Throws a sentence.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : left_(text) {}

  Header read() {
    Header header;
    bool seen[3] = {};
    expect('{', "a dictionary in braces");
    while (peek() != '}') {
      const std::string key = quoted("a key in quotes");
      const unsigned which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
      if (which == 3) throw "the header has an unknown key '" + key + "'";
      if (seen[which]) throw "the header has the key '" + key + "' twice";
      seen[which] = true;
      expect(':', "a colon after '" + key + "'");
      if (which == 0) header.descr = peek() == '[' ? fields() : quoted("an element type in quotes");
      if (which == 1) header.order = word();
      if (which == 2) header.shape = shape();
      if (peek() != '}') expect(',', "a comma");
    }
    left_.remove_prefix(1);
    if (peek() != '\0') throw std::string("the header goes on behind its dictionary");
    for (unsigned i = 0; i < 3; ++i) {
      if (!seen[i])
        throw "the header has no key '" + std::string(i == 0 ? "descr" : i == 1 ? "fortran_order" : "shape") + "'";
    }
    return header;
  }

 private:
  /// The next character that is no blank; 0 at the end.
  char peek() {
    const auto at = left_.find_first_not_of(" \t\n");
    left_.remove_prefix(at == std::string_view::npos ? left_.size() : at);
    return left_.empty() ? '\0' : left_[0];
  }

  void expect(char c, const std::string& what) {
    if (peek() != c) throw "the header cannot be understood: " + what + " is missing";
    left_.remove_prefix(1);
  }

  std::string quoted(const char* what) {
    const char quote = peek();
    const auto end = quote == '\'' || quote == '"' ? left_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) throw "the header cannot be understood: " + std::string(what) + " is missing";
    std::string text(left_.substr(1, end - 1));
    left_.remove_prefix(end + 1);
    return text;
  }

  /// The list of a structured type, whatever it holds: the type is refused by name.
  std::string fields() {
    left_ = {};
    throw std::string("structured arrays are not accepted; save one of their fields, for example x['name']");
  }

  std::string word() {
    peek();
    const auto end = std::find_if(left_.begin(), left_.end(), [](unsigned char c) { return std::isalnum(c) == 0; });
    std::string text(left_.begin(), end);
    left_.remove_prefix(text.size());
    if (text != "True" && text != "False") throw std::string("the header's fortran_order must be True or False");
    return text;
  }

  std::vector<std::uint64_t> shape() {
    const std::string bad = "the header's shape must be a tuple of whole numbers within reach";
    std::vector<std::uint64_t> sides;
    std::uint64_t total = 1;
    expect('(', "a tuple");
    bool comma = true;
    while (peek() != ')') {
      if (!comma) throw bad;
      std::uint64_t number = 0;
      const auto [end, fault] = std::from_chars(left_.data(), left_.data() + left_.size(), number);
      if (fault != std::errc{} || number > kMaxElements) throw bad;
      left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
      if (!left_.empty() && left_[0] == 'L') left_.remove_prefix(1);  // as Python 2 wrote long numbers
      if (total > kMaxElements / std::max<std::uint64_t>(number, 1)) throw bad;
      total *= std::max<std::uint64_t>(number, 1);
      sides.push_back(number);
      comma = peek() == ',';
      if (comma) left_.remove_prefix(1);
    }
    if (sides.size() == 1 && !comma) throw bad;  // (3) is no tuple
    left_.remove_prefix(1);
    return sides;
  }

  std::string_view left_;
};

/// "int64": what NumPy calls an element type.
std::string numpy_name(std::string_view descr) {
  struct Kind {
    char letter;
    const char* name;
    unsigned bits;  // per byte of the size that is written
  };
  constexpr Kind kKinds[] = {{'f', "float", 8}, {'i', "int", 8}, {'u', "uint", 8}, {'c', "complex", 8}};
  const std::string_view body =
      descr.empty() || std::isalpha(static_cast<unsigned char>(descr[0])) != 0 ? descr : descr.substr(1);
  if (body.empty()) return "?";
  if (body == "b1" || body == "?") return "bool";
  if (body == "V2") return "a raw type of 2 bytes, as bfloat16 is saved,";
  if (body[0] == 'O') return "object";
  if (body[0] == 'U' || body[0] == 'S') return "text";
  if (body[0] == 'M' || body[0] == 'm') return "time";
  unsigned bytes = 0;
  std::from_chars(body.data() + 1, body.data() + body.size(), bytes);
  for (const Kind& kind : kKinds) {
    if (body[0] == kind.letter && bytes > 0 && bytes < 100) return kind.name + std::to_string(bytes * kind.bits);
  }
  return "?";
}

/// An element type in a file: what it becomes, and its bytes there.
struct FileType {
  NpyType type;
  std::uint32_t bytes;
  bool swapped;
};

/// Throws a sentence for a type that is not accepted (docs/arrays.md).
FileType file_type(const std::string& descr) {
  const bool order = !descr.empty() && std::string_view("<>=|").find(descr[0]) != std::string_view::npos;
  const std::string_view body = std::string_view(descr).substr(order ? 1 : 0);
  const bool swapped = order && descr[0] == '>';
  if (body == "f8") return {NpyType::kFloat32, 8, swapped};
  for (const TypeName& t : kTypes) {
    if (body == t.descr.substr(1) && (t.bytes == 1 || descr[0] != '|'))
      return {t.type, t.bytes, swapped && t.bytes > 1};
  }
  throw "element type " + numpy_name(descr) + " ('" + descr +
      "') is not accepted; save float64, float32, float16, int32, int8 or uint8, " +
      "for example x.astype(numpy.float32)";
}

/// Little-endian elements of the type in memory. FP64 is rounded to FP32, to nearest even.
void convert(std::vector<std::uint8_t>& bytes, const FileType& type) {
  if (type.swapped) {
    for (std::size_t at = 0; at < bytes.size(); at += type.bytes) {
      std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   bytes.begin() + static_cast<std::ptrdiff_t>(at + type.bytes));
    }
  }
  if (type.bytes != 8) return;
  for (std::size_t i = 0; i < bytes.size() / 8; ++i) {
    double wide = 0;
    std::memcpy(&wide, &bytes[i * 8], 8);
    const auto narrow = static_cast<float>(wide);
    std::memcpy(&bytes[i * 4], &narrow, 4);
  }
  bytes.resize(bytes.size() / 2);
}

// Column-major bytes to row-major.
std::vector<std::uint8_t> to_c_order(const std::vector<std::uint8_t>& in, const std::vector<std::uint64_t>& shape,
                                     std::size_t bytes) {
  std::vector<std::uint8_t> out(in.size());
  std::vector<std::uint64_t> index(shape.size(), 0), stride(shape.size(), bytes);
  for (std::size_t d = 1; d < shape.size(); ++d) stride[d] = stride[d - 1] * shape[d - 1];
  std::uint64_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += bytes) {
    std::memcpy(&out[to], &in[from], bytes);
    for (std::size_t d = shape.size(); d-- > 0;) {
      from += stride[d];
      if (++index[d] < shape[d]) break;
      from -= stride[d] * shape[d];
      index[d] = 0;
    }
  }
  return out;
}

float half_to_float(std::uint32_t h) {
  const std::uint32_t exponent = (h >> 10) & 0x1fU, fraction = h & 0x3ffU;
  const float sign = (h & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction != 0 ? std::nanf("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction | 0x400U), static_cast<int>(exponent) - 25);
}

}  // namespace

std::uint32_t npy_item_bytes(NpyType type) { return kTypes[static_cast<unsigned>(type)].bytes; }

std::uint64_t NpyArray::elements() const {
  std::uint64_t n = 1;
  for (const auto d : shape) n *= d;
  return n;
}

float NpyArray::as_float(std::uint64_t n) const {
  const std::uint8_t* at = bytes.data() + n * npy_item_bytes(type);
  std::uint32_t raw = 0;
  std::memcpy(&raw, at, npy_item_bytes(type));
  switch (type) {
    case NpyType::kFloat32:
      return std::bit_cast<float>(raw);
    case NpyType::kFloat16:
      return half_to_float(raw);
    case NpyType::kInt32:
      return static_cast<float>(static_cast<std::int32_t>(raw));
    case NpyType::kInt8:
      return static_cast<float>(static_cast<std::int8_t>(raw));
    case NpyType::kUint8:
      return static_cast<float>(raw);
  }
  return 0.0F;
}

NpyArray NpyArray::from_floats(std::vector<std::uint64_t> shape, const std::vector<float>& values) {
  NpyArray a{NpyType::kFloat32, std::move(shape), std::vector<std::uint8_t>(values.size() * 4)};
  if (!values.empty()) std::memcpy(a.bytes.data(), values.data(), a.bytes.size());
  return a;
}

NpyResult read_npy(const std::string& path, int rank) {
  const auto fail = [&](const std::string& why) { return NpyResult{{}, path + ": " + why}; };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return fail("this is a directory, not a .npy file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("the file cannot be opened");
  std::array<char, 8> start{};
  if (!file.read(start.data(), start.size()) || std::string_view(start.data(), 6) != kMagic) {
    return fail("this is not a .npy file");
  }
  const unsigned version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3)
    return fail("header version " + std::to_string(version) + " is not known (1, 2 and 3 are)");
  std::array<unsigned char, 4> length{};
  if (!file.read(reinterpret_cast<char*>(length.data()), version == 1 ? 2 : 4))
    return fail("the file ends inside its header");
  const std::uint32_t size = length[0] | length[1] << 8 | length[2] << 16 | static_cast<std::uint32_t>(length[3]) << 24;
  if (size > kMaxHeader) return fail("the header is implausibly long");
  std::string header(size, '\0');
  if (!file.read(header.data(), size)) return fail("the file ends inside its header");

  Header dictionary;
  FileType type{};
  try {
    dictionary = HeaderReader(header).read();
    type = file_type(dictionary.descr);
  } catch (const std::string& sentence) {
    return fail(sentence);
  }
  const auto& shape = dictionary.shape;
  if (rank >= 0 && shape.size() != static_cast<std::size_t>(rank)) {
    return fail("the array has " + std::to_string(shape.size()) + " dimensions, but " + std::to_string(rank) +
                " are needed");
  }
  NpyArray array{type.type, shape, {}};
  const std::uint64_t bytes = array.elements() * type.bytes;
  const auto total = std::filesystem::file_size(path, ignored);
  const auto at = static_cast<std::uint64_t>(file.tellg());
  if (!ignored && total - at < bytes) {
    return fail("the file is truncated: the header promises " + std::to_string(bytes) + " bytes of data, there are " +
                std::to_string(total - at));
  }
  array.bytes.resize(bytes);
  if (bytes != 0 && !file.read(reinterpret_cast<char*>(array.bytes.data()), static_cast<std::streamsize>(bytes))) {
    return fail("the data cannot be read");
  }
  convert(array.bytes, type);
  if (dictionary.order == "True" && shape.size() > 1)
    array.bytes = to_c_order(array.bytes, shape, npy_item_bytes(type.type));
  return {std::move(array), {}};
}

std::string write_npy(const std::string& path, const NpyArray& array) {
  const TypeName& type = kTypes[static_cast<unsigned>(array.type)];
  if (array.bytes.size() != array.elements() * type.bytes) return path + ": the data do not have the size of the shape";
  std::string header = "{'descr': '" + std::string(type.descr) + "', 'fortran_order': False, 'shape': (";
  for (const auto d : array.shape) header += std::to_string(d) + ", ";
  if (array.shape.size() > 1) header.resize(header.size() - 2);
  if (array.shape.size() == 1) header.pop_back();
  header += "), }";
  const std::size_t before = 10 + header.size() + 1;
  header.append((64 - before % 64) % 64, ' ');
  header += '\n';
  std::string start(kMagic);
  start += {1, 0, static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return replace_file(path, {start, header, {reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size()}});
}

}  // namespace tessera
