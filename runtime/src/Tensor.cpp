//===- Tensor.cpp - Strided arrays ----------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Tensor.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <utility>

using namespace fsc::runtime;

namespace {

struct TypeInfo {
  const char *name;
  uint8_t bits;
  uint8_t alignment; // bytes
};

/// By fsc_dtype. A string is an fsc_string.
constexpr TypeInfo types[] = {
    {nullptr, 0, 0},          {"float32", 32, 4},     {"uint8", 8, 1},          {"int8", 8, 1},
    {"uint16", 16, 2},        {"int16", 16, 2},       {"int32", 32, 4},         {"int64", 64, 8},
    {"string", 128, 8},       {"bool", 8, 1},         {"float16", 16, 2},       {"float64", 64, 8},
    {"uint32", 32, 4},        {"uint64", 64, 8},      {"complex64", 64, 8},     {"complex128", 128, 16},
    {"bfloat16", 16, 2},      {"float8e4m3fn", 8, 1}, {"float8e4m3fnuz", 8, 1}, {"float8e5m2", 8, 1},
    {"float8e5m2fnuz", 8, 1}, {"uint4", 4, 1},        {"int4", 4, 1},           {"float4e2m1", 4, 1},
    {"float8e8m0", 8, 1},     {"uint2", 2, 1},        {"int2", 2, 1},           {"float6e2m3", 6, 1},
    {"float6e3m2", 6, 1},
};
static_assert(std::size(types) == FSC_FLOAT6E3M2 + 1);

/// Of FSC_SEQUENCE and its like: each is an fsc_list.
constexpr TypeInfo listTypes[] = {{"sequence", 128, 8}, {"optional", 128, 8}, {"map", 128, 8}};

const TypeInfo &typeInfo(int32_t dtype) {
  if (isList(dtype))
    return listTypes[dtype - FSC_SEQUENCE];
  return types[dtype > 0 && size_t(dtype) < std::size(types) ? size_t(dtype) : 0];
}

/// Copies one innermost row of `count` elements.
template <size_t Bytes> void copyRow(char *to, int64_t toStride, const char *from, int64_t fromStride, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    std::memcpy(to + i * toStride, from + i * fromStride, Bytes);
}

void copyRow(size_t elementBytes, char *to, int64_t toStride, const char *from, int64_t fromStride, int64_t count) {
  if (toStride == fromStride && toStride == int64_t(elementBytes)) {
    std::memcpy(to, from, elementBytes * size_t(count));
    return;
  }
  switch (elementBytes) {
  case 1:
    return copyRow<1>(to, toStride, from, fromStride, count);
  case 2:
    return copyRow<2>(to, toStride, from, fromStride, count);
  case 4:
    return copyRow<4>(to, toStride, from, fromStride, count);
  case 8:
    return copyRow<8>(to, toStride, from, fromStride, count);
  default:
    return copyRow<16>(to, toStride, from, fromStride, count);
  }
}

/// Calls row(strided address, contiguous offset) for each innermost row.
template <typename Row> void forEachRow(const fsc_tensor &tensor, int64_t elementBytes, Row row) {
  int32_t outer = tensor.rank - 1;
  int64_t index[maxRank] = {};
  char *address = static_cast<char *>(tensor.data);
  int64_t rowBytes = tensor.dims[outer] * elementBytes;
  for (int64_t offset = 0;; offset += rowBytes) {
    row(address, offset);
    int32_t axis = outer - 1;
    for (; axis >= 0; --axis) {
      address += tensor.strides[axis];
      if (++index[axis] < tensor.dims[axis])
        break;
      address -= tensor.strides[axis] * tensor.dims[axis];
      index[axis] = 0;
    }
    if (axis < 0)
      return;
  }
}

/// The elements of an array that is not empty.
int64_t elementCount(const fsc_tensor &tensor) {
  int64_t count = 1;
  for (int32_t axis = 0; axis < tensor.rank; ++axis)
    count *= tensor.dims[axis];
  return count;
}

/// Elements that fill whole bytes together: four of 6 bits fill three.
constexpr unsigned groupOf(unsigned bits) { return bits == 6 ? 4 : 8 / bits; }

template <unsigned Bits> void unpackElements(const uint8_t *packed, uint8_t *elements, int64_t count) {
  constexpr unsigned group = groupOf(Bits), bytes = group * Bits / 8;
  for (int64_t i = 0; i < count; i += group, packed += bytes) {
    auto rest = unsigned(std::min<int64_t>(count - i, group));
    uint32_t word = 0;
    for (unsigned byte = 0; byte < (rest * Bits + 7) / 8; ++byte)
      word |= uint32_t(packed[byte]) << (8 * byte);
    for (unsigned j = 0; j < rest; ++j)
      elements[i + j] = uint8_t(word >> (j * Bits) & ((1u << Bits) - 1));
  }
}

/// In place as well: no byte is written before all that come to be in it are read.
template <unsigned Bits> void packElements(const uint8_t *elements, uint8_t *packed, int64_t count) {
  constexpr unsigned group = groupOf(Bits), bytes = group * Bits / 8;
  for (int64_t i = 0; i < count; i += group, packed += bytes) {
    auto rest = unsigned(std::min<int64_t>(count - i, group));
    uint32_t word = 0;
    for (unsigned j = 0; j < rest; ++j)
      word |= (elements[i + j] & ((1u << Bits) - 1)) << (j * Bits);
    for (unsigned byte = 0; byte < (rest * Bits + 7) / 8; ++byte)
      packed[byte] = uint8_t(word >> (8 * byte));
  }
}

using PackFn = void (*)(const uint8_t *from, uint8_t *to, int64_t count);

/// What unpacks and what packs a type that is narrower than a byte.
std::pair<PackFn, PackFn> packing(int32_t dtype) {
  switch (typeInfo(dtype).bits) {
  case 2:
    return {unpackElements<2>, packElements<2>};
  case 4:
    return {unpackElements<4>, packElements<4>};
  default:
    return {unpackElements<6>, packElements<6>};
  }
}

bool bytesAt(int64_t bits, int32_t rank, const int64_t *dims, int64_t &bytes) {
  int64_t elements = 1, total;
  if (bits == 0 || rank < 0 || std::any_of(dims, dims + rank, [](int64_t dim) { return dim < 0; }))
    return false;
  // An empty array is empty whatever its other dimensions are.
  if (std::any_of(dims, dims + rank, [](int64_t dim) { return dim == 0; })) {
    bytes = 0;
    return true;
  }
  for (int32_t axis = 0; axis < rank; ++axis)
    if (__builtin_mul_overflow(elements, dims[axis], &elements))
      return false;
  if (__builtin_mul_overflow(elements, bits, &total) || __builtin_add_overflow(total, 7, &total))
    return false;
  bytes = total / 8;
  return true;
}

bool isEmpty(const fsc_tensor &tensor) {
  return std::any_of(tensor.dims, tensor.dims + tensor.rank, [](int64_t dim) { return dim == 0; });
}

bool hasGaps(const fsc_tensor &tensor) {
  if (!tensor.strides || isEmpty(tensor))
    return false;
  int64_t expected = typeInfo(tensor.dtype).bits / 8;
  for (int32_t axis = tensor.rank; axis-- > 0; expected *= tensor.dims[axis])
    if (tensor.dims[axis] != 1 && tensor.strides[axis] != expected)
      return true;
  return false;
}

} // namespace

extern "C" const char *fsc_dtype_name(int32_t dtype) { return typeInfo(dtype).name; }

extern "C" size_t fsc_dtype_bits(int32_t dtype) { return typeInfo(dtype).bits; }

bool fsc::runtime::arrayBytes(int32_t dtype, int32_t rank, const int64_t *dims, int64_t &bytes) {
  return bytesAt(typeInfo(dtype).bits, rank, dims, bytes);
}

bool fsc::runtime::storedBytes(int32_t dtype, int32_t rank, const int64_t *dims, int64_t &bytes) {
  return bytesAt(isPacked(dtype) ? 8 : typeInfo(dtype).bits, rank, dims, bytes);
}

bool fsc::runtime::isPacked(int32_t dtype) { return typeInfo(dtype).bits % 8 != 0; }

bool fsc::runtime::isUsableInPlace(const fsc_tensor &tensor) {
  return !isPacked(tensor.dtype) && !hasGaps(tensor) &&
         reinterpret_cast<uintptr_t>(tensor.data) % typeInfo(tensor.dtype).alignment == 0;
}

bool fsc::runtime::overlapsItself(const fsc_tensor &tensor) {
  if (!hasGaps(tensor))
    return false;
  // Sorted by stride, each step must leave what the smaller ones span.
  int32_t order[maxRank], count = 0;
  for (int32_t axis = 0; axis < tensor.rank; ++axis)
    if (tensor.dims[axis] != 1)
      order[count++] = axis;
  auto step = [&](int32_t axis) { return tensor.strides[axis] < 0 ? -tensor.strides[axis] : tensor.strides[axis]; };
  std::sort(order, order + count, [&](int32_t a, int32_t b) { return step(a) < step(b); });
  int64_t spanned = typeInfo(tensor.dtype).bits / 8;
  for (int32_t i = 0; i < count; ++i) {
    if (step(order[i]) < spanned)
      return true;
    spanned += step(order[i]) * (tensor.dims[order[i]] - 1);
  }
  return false;
}

void fsc::runtime::tensorExtent(const fsc_tensor &tensor, uintptr_t &begin, uintptr_t &end) {
  begin = end = reinterpret_cast<uintptr_t>(tensor.data);
  int64_t bytes;
  if (!arrayBytes(tensor.dtype, tensor.rank, tensor.dims, bytes) || bytes == 0)
    return;
  if (!hasGaps(tensor)) {
    end = begin + uintptr_t(bytes);
    return;
  }
  end += typeInfo(tensor.dtype).bits / 8;
  for (int32_t axis = 0; axis < tensor.rank; ++axis) {
    int64_t span = tensor.strides[axis] * (tensor.dims[axis] - 1);
    (span < 0 ? begin : end) += uintptr_t(span);
  }
}

void fsc::runtime::gather(const fsc_tensor &tensor, void *contiguous) {
  int64_t bytes;
  if (!arrayBytes(tensor.dtype, tensor.rank, tensor.dims, bytes) || bytes == 0)
    return;
  if (isPacked(tensor.dtype)) {
    return packing(tensor.dtype)
        .first(static_cast<const uint8_t *>(tensor.data), static_cast<uint8_t *>(contiguous), elementCount(tensor));
  }
  if (!hasGaps(tensor)) {
    std::memcpy(contiguous, tensor.data, size_t(bytes));
    return;
  }
  size_t element = typeInfo(tensor.dtype).bits / 8;
  int32_t last = tensor.rank - 1;
  forEachRow(tensor, int64_t(element), [&](char *address, int64_t offset) {
    copyRow(element, static_cast<char *>(contiguous) + offset, int64_t(element), address, tensor.strides[last],
            tensor.dims[last]);
  });
}

void fsc::runtime::scatter(const void *contiguous, const fsc_tensor &tensor) {
  int64_t bytes;
  if (!arrayBytes(tensor.dtype, tensor.rank, tensor.dims, bytes) || bytes == 0)
    return;
  if (isPacked(tensor.dtype)) {
    return packing(tensor.dtype)
        .second(static_cast<const uint8_t *>(contiguous), static_cast<uint8_t *>(tensor.data), elementCount(tensor));
  }
  if (!hasGaps(tensor)) {
    std::memcpy(tensor.data, contiguous, size_t(bytes));
    return;
  }
  size_t element = typeInfo(tensor.dtype).bits / 8;
  int32_t last = tensor.rank - 1;
  forEachRow(tensor, int64_t(element), [&](char *address, int64_t offset) {
    copyRow(element, address, tensor.strides[last], static_cast<const char *>(contiguous) + offset, int64_t(element),
            tensor.dims[last]);
  });
}

std::string fsc::runtime::dimsText(int32_t rank, const int64_t *dims) {
  std::string text;
  for (int32_t axis = 0; axis < rank; ++axis)
    text += (axis ? "x" : "") + std::to_string(dims[axis]);
  return rank == 0 ? "scalar" : text;
}
