//===- Npy.cpp - NumPy's .npy files ---------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/include/fsc/fsc.h"
#include "tools/common/Numpy.h"

#include <algorithm>
#include <cstring>
#include <optional>

using namespace fsc::tools;

namespace {

constexpr std::string_view magic("\x93NUMPY", 6);

struct NumpyType {
  std::string_view code; // kind and size, after the byte order
  int32_t dtype;
};

constexpr NumpyType numpyTypes[] = {
    {"f4", FSC_FLOAT32}, {"f8", FSC_FLOAT64}, {"f2", FSC_FLOAT16},   {"i1", FSC_INT8},        {"i2", FSC_INT16},
    {"i4", FSC_INT32},   {"i8", FSC_INT64},   {"u1", FSC_UINT8},     {"u2", FSC_UINT16},      {"u4", FSC_UINT32},
    {"u8", FSC_UINT64},  {"b1", FSC_BOOL},    {"c8", FSC_COMPLEX64}, {"c16", FSC_COMPLEX128},
};

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Reads the dictionary, a Python literal with three keys in any order.
class HeaderParser {
public:
  HeaderParser(std::string_view text, const std::string &what) : text(text), what(what) {}

  Header parse() {
    Header header;
    unsigned seen = 0;
    expect('{');
    while (!accept('}')) {
      std::string key = string();
      expect(':');
      if (key == "descr") {
        header.descr = string();
        seen |= 1;
      } else if (key == "fortran_order") {
        header.fortranOrder = boolean();
        seen |= 2;
      } else if (key == "shape") {
        header.shape = tuple();
        seen |= 4;
      } else {
        fail();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip();
    if (seen != 7 || at != text.size())
      fail();
    return header;
  }

private:
  [[noreturn]] void fail() const {
    throw Refusal(what + ": expected a .npy header with the type of plain numbers, an order and a shape");
  }
  void skip() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r'))
      ++at;
  }
  bool accept(char c) {
    skip();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  void expect(char c) {
    if (!accept(c))
      fail();
  }
  std::string string() {
    skip();
    char quote = accept('"') ? '"' : '\'';
    if (quote == '\'')
      expect('\'');
    size_t end = text.find(quote, at);
    if (end == std::string_view::npos)
      fail();
    std::string value(text.substr(at, end - at));
    at = end + 1;
    return value;
  }
  bool boolean() {
    skip();
    for (bool value : {false, true}) {
      std::string_view name = value ? "True" : "False";
      if (text.substr(at, name.size()) == name) {
        at += name.size();
        return value;
      }
    }
    fail();
  }
  int64_t integer() {
    skip();
    int64_t value = 0;
    size_t from = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
      if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text[at] - '0', &value))
        fail();
    if (at == from)
      fail();
    if (at < text.size() && text[at] == 'L') // Python 2
      ++at;
    return value;
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> values;
    expect('(');
    while (!accept(')')) {
      values.push_back(integer());
      if (values.size() > 64)
        fail();
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::string_view text;
  const std::string &what;
  size_t at = 0;
};

/// The element type as stored in the file.
struct Stored {
  int32_t dtype;
  size_t bytes;    // of one element in the file
  size_t swapUnit; // bytes to reverse for big-endian data; 0 for none
  unsigned narrow; // bits, where the file has a byte for each narrower element
};

/// Floats of less than a byte, which NumPy has no name for.
bool isNarrowFloat(int32_t dtype) {
  return dtype == FSC_FLOAT4E2M1 || dtype == FSC_FLOAT6E2M3 || dtype == FSC_FLOAT6E3M2;
}

Stored storedType(const std::string &descr, int32_t expectedDtype, const std::string &what) {
  std::string code = descr;
  bool bigEndian = !code.empty() && code[0] == '>';
  if (!code.empty() && std::strchr("<>|=", code[0]))
    code.erase(0, 1);
  for (const NumpyType &type : numpyTypes)
    if (type.code == code) {
      size_t bytes = fsc_dtype_bits(type.dtype) / 8;
      size_t unit = code[0] == 'c' ? bytes / 2 : bytes;
      // int4 and the like are given as whole bytes.
      size_t expectedBits = fsc_dtype_bits(expectedDtype);
      bool isByte = code == "i1" || code == "u1";
      if (isByte && expectedBits > 0 && expectedBits < 8 && !isNarrowFloat(expectedDtype))
        return {expectedDtype, 1, 0, unsigned(expectedBits)};
      return {type.dtype, bytes, bigEndian && unit > 1 ? unit : 0, 0};
    }
  size_t expectedBits = fsc_dtype_bits(expectedDtype);
  bool nameless = std::none_of(std::begin(numpyTypes), std::end(numpyTypes),
                               [&](const NumpyType &type) { return type.dtype == expectedDtype; });
  // What would be read as strings are addresses.
  if (nameless && expectedDtype != FSC_STRING && expectedBits > 0 &&
      code == "V" + std::to_string(std::max<size_t>(expectedBits / 8, 1)))
    return {expectedDtype, std::max<size_t>(expectedBits / 8, 1), 0, expectedBits < 8 ? unsigned(expectedBits) : 0};
  throw Refusal(what + ": element type '" + descr + "' is not supported");
}

/// Turns column-major elements into row-major ones.
std::vector<char> fromFortran(std::string_view data, const std::vector<int64_t> &dims, size_t bytes) {
  std::vector<char> result(data.size());
  std::vector<int64_t> strides(dims.size()), index(dims.size(), 0);
  int64_t stride = int64_t(bytes);
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    strides[axis] = stride;
    stride *= dims[axis];
  }
  int64_t from = 0;
  for (size_t to = 0; to < result.size(); to += bytes) {
    std::memcpy(result.data() + to, data.data() + from, bytes);
    for (size_t axis = dims.size(); axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < dims[axis])
        break;
      from -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return result;
}

} // namespace

Array fsc::tools::readNpy(std::string_view bytes, int32_t expectedDtype, const std::string &what) {
  if (bytes.substr(0, 6) != magic || bytes.size() < 10)
    throw Refusal(what + ": expected a .npy file");
  unsigned version = uint8_t(bytes[6]);
  if (version < 1 || version > 3)
    throw Refusal(what + ": expected a .npy file of version 1, 2 or 3, got " + std::to_string(version));
  size_t lengthBytes = version == 1 ? 2 : 4, length = 0;
  if (bytes.size() < 8 + lengthBytes)
    throw Refusal(what + ": the file is truncated");
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= size_t(uint8_t(bytes[8 + i])) << (8 * i);
  bytes.remove_prefix(8 + lengthBytes);
  if (length > bytes.size())
    throw Refusal(what + ": the file is truncated");
  Header header = HeaderParser(bytes.substr(0, length), what).parse();
  bytes.remove_prefix(length);

  Stored stored = storedType(header.descr, expectedDtype, what);
  int64_t count = elementCount(header.shape, what), size;
  if (__builtin_mul_overflow(count, int64_t(stored.bytes), &size) || uint64_t(size) != bytes.size())
    throw Refusal(what + ": expected " + std::to_string(count) + " elements of " + std::to_string(stored.bytes) +
                  " bytes, got " + std::to_string(bytes.size()) + " bytes");

  Array array = {stored.dtype, header.shape, {}};
  array.data = header.fortranOrder ? fromFortran(bytes, header.shape, stored.bytes)
                                   : std::vector<char>(bytes.begin(), bytes.end());
  if (stored.swapUnit)
    for (size_t at = 0; at < array.data.size(); at += stored.swapUnit)
      std::reverse(array.data.begin() + long(at), array.data.begin() + long(at + stored.swapUnit));
  if (stored.narrow)
    array.data = packBits(array.data, stored.narrow);
  // Any byte but 0 is true in NumPy; compiled code relies on 0 and 1.
  if (stored.dtype == FSC_BOOL)
    for (char &byte : array.data)
      byte = byte != 0;
  return array;
}

std::string fsc::tools::writeNpy(const Array &array) {
  if (array.dtype == FSC_STRING)
    throw Refusal("output: strings cannot be written as .npy; write them as .pb");
  size_t bits = fsc_dtype_bits(array.dtype);
  std::string code = "|V" + std::to_string(std::max<size_t>(bits / 8, 1));
  for (const NumpyType &type : numpyTypes)
    if (type.dtype == array.dtype)
      code = (bits == 8 ? "|" : "<") + std::string(type.code);
  std::vector<char> unpacked;
  if (bits < 8) {
    bool isSigned = array.dtype == FSC_INT4 || array.dtype == FSC_INT2;
    if (!isNarrowFloat(array.dtype))
      code = isSigned ? "|i1" : "|u1";
    unpacked = unpackBits(array.data, unsigned(bits), isSigned, elementCount(array.dims, "output"));
  }
  const std::vector<char> &data = bits < 8 ? unpacked : array.data;

  std::string shape;
  for (int64_t dim : array.dims)
    shape += std::to_string(dim) + ", ";
  if (array.dims.size() > 1)
    shape.resize(shape.size() - 2);
  else if (array.dims.size() == 1)
    shape.resize(shape.size() - 1);
  std::string header = "{'descr': '" + code + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // The data begin at a multiple of 64 bytes, and the header ends with a new line.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string file(magic);
  file += {'\x01', '\x00', char(header.size() & 0xff), char(header.size() >> 8)};
  file += header;
  return file.append(data.begin(), data.end());
}
