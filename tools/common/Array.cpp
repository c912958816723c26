//===- Array.cpp - An array that a tool holds -----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/Array.h"

#include "runtime/include/fsc/fsc.h"
#include "tools/common/Floats.h"

#include <cmath>
#include <cstring>

using namespace fsc::tools;

Array fsc::tools::stringArray(std::vector<int64_t> dims, const std::vector<std::string_view> &strings) {
  auto text = std::make_shared<std::string>();
  for (std::string_view string : strings)
    text->append(string);
  Array array = {FSC_STRING, std::move(dims), std::vector<char>(strings.size() * sizeof(fsc_string)), text};
  const char *next = text->data();
  for (size_t i = 0; i < strings.size(); ++i) {
    fsc_string string = {next, strings[i].size()};
    std::memcpy(array.data.data() + i * sizeof string, &string, sizeof string);
    next += string.size;
  }
  return array;
}

std::string_view fsc::tools::stringElement(const Array &array, int64_t index) {
  fsc_string string;
  std::memcpy(&string, array.data.data() + size_t(index) * sizeof string, sizeof string);
  return {string.data, string.size};
}

int64_t fsc::tools::elementCount(const std::vector<int64_t> &dims, const std::string &what) {
  int64_t count = 1;
  bool empty = false, overflow = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      throw Refusal(what + ": expected dimensions of 0 or more, got " + std::to_string(dim));
    empty |= dim == 0;
    overflow |= !empty && __builtin_mul_overflow(count, dim, &count);
  }
  if (overflow && !empty)
    throw Refusal(what + ": no memory holds an array of its dimensions");
  return empty ? 0 : count;
}

int64_t fsc::tools::byteCount(int32_t dtype, const std::vector<int64_t> &dims, const std::string &what) {
  int64_t bits = int64_t(fsc_dtype_bits(dtype)), total;
  if (bits == 0)
    throw Refusal(what + ": element type " + std::to_string(dtype) + " is not supported");
  if (__builtin_mul_overflow(elementCount(dims, what), bits, &total) || total > INT64_MAX - 7)
    throw Refusal(what + ": no memory holds an array of its dimensions");
  return (total + 7) / 8;
}

std::string fsc::tools::typeText(int32_t dtype, const std::vector<int64_t> &dims) {
  const char *name = fsc_dtype_name(dtype);
  std::string text = name ? name : "type " + std::to_string(dtype);
  for (size_t i = 0; i < dims.size(); ++i)
    text += (i ? "x" : " ") + std::to_string(dims[i]);
  return dims.empty() ? text + " scalar" : text;
}

bool fsc::tools::isList(int32_t dtype) { return dtype == FSC_SEQUENCE || dtype == FSC_OPTIONAL || dtype == FSC_MAP; }

std::string fsc::tools::typeText(const Array &array) {
  if (!isList(array.dtype))
    return typeText(array.dtype, array.dims);
  if (array.dtype == FSC_OPTIONAL)
    return array.elements.empty() ? "optional, empty" : "optional of " + typeText(array.elements[0]);
  size_t size = array.elements.size();
  if (array.dtype == FSC_MAP)
    size = size ? size_t(elementCount(array.elements[0].dims, "map")) : 0;
  return std::string(fsc_dtype_name(array.dtype)) + " of " + std::to_string(size);
}

/// Element `index` of elements of `bits` bits; one of 6 bits may lie in two bytes.
static unsigned packedValue(const std::vector<char> &packed, unsigned bits, size_t index) {
  size_t place = index * bits / 8, shift = index * bits % 8;
  unsigned value = uint8_t(packed[place]);
  if (shift + bits > 8)
    value |= unsigned(uint8_t(packed[place + 1])) << 8;
  return value >> shift & ((1u << bits) - 1);
}

std::vector<char> fsc::tools::packBits(const std::vector<char> &bytes, unsigned bits) {
  std::vector<char> packed((bytes.size() * bits + 7) / 8, 0);
  for (size_t i = 0; i < bytes.size(); ++i) {
    // One of 6 bits may lie in two bytes.
    unsigned value = (uint8_t(bytes[i]) & ((1u << bits) - 1)) << (i * bits % 8);
    size_t place = i * bits / 8;
    packed[place] = char(uint8_t(packed[place]) | value);
    if (value > 0xff)
      packed[place + 1] = char(value >> 8);
  }
  return packed;
}

std::vector<char> fsc::tools::unpackBits(const std::vector<char> &packed, unsigned bits, bool isSigned, int64_t count) {
  unsigned mask = (1u << bits) - 1, sign = 1u << (bits - 1);
  std::vector<char> bytes(static_cast<size_t>(count));
  for (size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = packedValue(packed, bits, i);
    bytes[i] = isSigned && (value & sign) ? char(value | ~mask) : char(value);
  }
  return bytes;
}

namespace {

template <typename T> T load(const Array &array, int64_t index, int64_t step = sizeof(T)) {
  T value;
  std::memcpy(&value, array.data.data() + index * step, sizeof(T));
  return value;
}

double narrowValue(const Array &array, int64_t index) {
  unsigned bits = unsigned(fsc_dtype_bits(array.dtype)), mask = (1u << bits) - 1;
  unsigned value = packedValue(array.data, bits, size_t(index));
  if (array.dtype == FSC_FLOAT4E2M1)
    return float4e2m1(uint8_t(value));
  if (array.dtype == FSC_FLOAT6E2M3)
    return float6e2m3(uint8_t(value));
  if (array.dtype == FSC_FLOAT6E3M2)
    return float6e3m2(uint8_t(value));
  bool isSigned = array.dtype == FSC_INT4 || array.dtype == FSC_INT2;
  return isSigned && (value >> (bits - 1)) ? double(int(value) - int(mask) - 1) : double(value);
}

} // namespace

double fsc::tools::elementValue(const Array &array, int64_t index) {
  switch (array.dtype) {
  case FSC_FLOAT32:
    return load<float>(array, index);
  case FSC_FLOAT64:
    return load<double>(array, index);
  case FSC_COMPLEX64:
    return load<float>(array, index, 8);
  case FSC_COMPLEX128:
    return load<double>(array, index, 16);
  case FSC_UINT8:
  case FSC_BOOL:
    return load<uint8_t>(array, index);
  case FSC_INT8:
    return load<int8_t>(array, index);
  case FSC_UINT16:
    return load<uint16_t>(array, index);
  case FSC_INT16:
    return load<int16_t>(array, index);
  case FSC_UINT32:
    return load<uint32_t>(array, index);
  case FSC_INT32:
    return load<int32_t>(array, index);
  case FSC_UINT64:
    return double(load<uint64_t>(array, index));
  case FSC_INT64:
    return double(load<int64_t>(array, index));
  case FSC_FLOAT16:
    return float16(load<uint16_t>(array, index));
  case FSC_BFLOAT16:
    return bfloat16(load<uint16_t>(array, index));
  case FSC_FLOAT8E4M3FN:
    return float8e4m3fn(load<uint8_t>(array, index));
  case FSC_FLOAT8E4M3FNUZ:
    return float8e4m3fnuz(load<uint8_t>(array, index));
  case FSC_FLOAT8E5M2:
    return float8e5m2(load<uint8_t>(array, index));
  case FSC_FLOAT8E5M2FNUZ:
    return float8e5m2fnuz(load<uint8_t>(array, index));
  case FSC_FLOAT8E8M0:
    return float8e8m0(load<uint8_t>(array, index));
  case FSC_STRING:
    return 0;
  default:
    return narrowValue(array, index);
  }
}

namespace {

/// The SplitMix64 sequence: https://prng.di.unimi.it/splitmix64.c describes it.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    state += 0x9e3779b97f4a7c15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// From -1 to 1, with 24 bits.
  double symmetric() { return double(int64_t(next() >> 40) - (1 << 23)) / double(1 << 23); }

private:
  uint64_t state;
};

template <typename T> void store(Array &array, int64_t index, T value) {
  std::memcpy(array.data.data() + index * int64_t(sizeof(T)), &value, sizeof(T));
}

void storeRandom(Array &array, int64_t index, Random &random) {
  switch (array.dtype) {
  case FSC_FLOAT32:
    return store(array, index, float(random.symmetric()));
  case FSC_FLOAT64:
    return store(array, index, random.symmetric());
  case FSC_COMPLEX64:
    store(array, 2 * index, float(random.symmetric()));
    return store(array, 2 * index + 1, float(random.symmetric()));
  case FSC_COMPLEX128:
    store(array, 2 * index, random.symmetric());
    return store(array, 2 * index + 1, random.symmetric());
  case FSC_FLOAT16:
    return store(array, index, toFloat16(float(random.symmetric())));
  case FSC_BFLOAT16:
    return store(array, index, toBfloat16(float(random.symmetric())));
  case FSC_UINT16:
  case FSC_INT16:
    return store(array, index, uint16_t(random.next() >> 63));
  case FSC_UINT32:
  case FSC_INT32:
    return store(array, index, uint32_t(random.next() >> 63));
  case FSC_UINT64:
  case FSC_INT64:
    return store(array, index, uint64_t(random.next() >> 63));
  case FSC_BOOL:
    return store(array, index, uint8_t(random.next() >> 63));
  case FSC_STRING: // the empty one, which all zeros are
    return;
  default: // bytes: 8-bit integers, 8-bit floats below 2, several narrower elements
    uint8_t byte = uint8_t(random.next() >> 56);
    if (array.dtype >= FSC_FLOAT8E4M3FN && array.dtype <= FSC_FLOAT8E5M2FNUZ)
      byte = (byte & 0xbf) == 0x80 ? 0 : byte & 0xbf; // 0x80 is NaN in some
    if (array.dtype == FSC_FLOAT8E8M0)
      byte = uint8_t(0x78 + (byte & 7)); // 2^-7 to 1
    return store(array, index, byte);
  }
}

} // namespace

Array fsc::tools::randomArray(int32_t dtype, std::vector<int64_t> dims, uint64_t seed, const std::string &what) {
  int64_t bytes = byteCount(dtype, dims, what), count = elementCount(dims, what);
  Array array = {dtype, std::move(dims), std::vector<char>(size_t(bytes))};
  if (fsc_dtype_bits(dtype) < 8)
    count = bytes;
  Random random(seed);
  for (int64_t i = 0; i < count; ++i)
    storeRandom(array, i, random);
  return array;
}
