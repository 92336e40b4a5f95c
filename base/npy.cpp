// SPDX-License-Identifier: Apache-2.0
#include "base/npy.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

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

// The value of 'key' in the header's dictionary, as text from after the colon on; empty when absent.
std::string_view value_of(std::string_view header, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::string quoted = quote + std::string(key) + quote;
    const auto at = header.find(quoted);
    if (at == std::string_view::npos) continue;
    auto rest = header.substr(at + quoted.size());
    const auto colon = rest.find_first_not_of(" \t");
    if (colon == std::string_view::npos || rest[colon] != ':') continue;
    rest.remove_prefix(colon + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    return rest;
  }
  return {};
}

std::optional<std::vector<std::uint64_t>> parse_shape(std::string_view text) {
  const auto close = text.find(')');
  if (text.empty() || text[0] != '(' || close == std::string_view::npos) return std::nullopt;
  std::vector<std::uint64_t> shape;
  std::uint64_t total = 1, number = 0;
  bool digits = false;
  for (const char c : text.substr(1, close)) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
      digits = true;
      if (number > kMaxElements) return std::nullopt;
    } else if (c == ',' || c == ')') {
      if (digits) {
        shape.push_back(number);
        const std::uint64_t factor = std::max<std::uint64_t>(number, 1);
        if (total > kMaxElements / factor) return std::nullopt;
        total *= factor;
      } else if (c == ',') {
        return std::nullopt;
      }
      number = 0, digits = false;
    } else if (c != ' ' && c != 'L') {
      return std::nullopt;
    }
  }
  return shape;
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

  const std::string_view descr = value_of(header, "descr");
  const TypeName* type = nullptr;
  for (const TypeName& t : kTypes) {
    if (descr.size() > 3 && descr.substr(1, 3) == t.descr) type = &t;
    if (descr.size() > 3 && t.bytes == 1 && descr.substr(2, 2) == t.descr.substr(1)) type = &t;
  }
  if (type == nullptr || (descr[4] != '\'' && descr[4] != '"')) {
    const auto end = descr.empty() ? descr.size() : descr.find(descr[0], 1);
    const std::string name =
        descr.size() > 1 && end != std::string_view::npos ? std::string(descr.substr(1, end - 1)) : "?";
    if (name.find('O') != std::string::npos) return fail("arrays of Python objects (dtype object) cannot be read");
    return fail("element type '" + name +
                "' is not supported; use float32, float16, int32, int8 or uint8, little-endian");
  }
  const std::string_view order = value_of(header, "fortran_order");
  const bool fortran = order.starts_with("True");
  const auto shape = parse_shape(value_of(header, "shape"));
  if (!shape || (!fortran && !order.starts_with("False"))) return fail("the header cannot be understood");
  if (rank >= 0 && shape->size() != static_cast<std::size_t>(rank)) {
    return fail("the array has " + std::to_string(shape->size()) + " dimensions, but " + std::to_string(rank) +
                " are needed");
  }
  NpyArray array{type->type, *shape, {}};
  const std::uint64_t bytes = array.elements() * type->bytes;
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
  if (fortran && shape->size() > 1) array.bytes = to_c_order(array.bytes, *shape, type->bytes);
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
  const std::string temporary = path + ".tmp" + std::to_string(::getpid());
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    if (!file) return path + ": the file cannot be written (" + std::strerror(errno) + ")";
    file.write(kMagic.data(), kMagic.size());
    const std::array<char, 4> meta{1, 0, static_cast<char>(header.size() & 0xff),
                                   static_cast<char>(header.size() >> 8)};
    file.write(meta.data(), meta.size());
    file.write(header.data(), static_cast<std::streamsize>(header.size()));
    file.write(reinterpret_cast<const char*>(array.bytes.data()), static_cast<std::streamsize>(array.bytes.size()));
    file.flush();
    if (!file) {
      std::remove(temporary.c_str());
      return path + ": writing failed (" + std::strerror(errno) + ")";
    }
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(temporary.c_str());
    return path + ": the file cannot be replaced (" + why + ")";
  }
  return {};
}

}  // namespace tessera
