//===- Compare.cpp - Two arrays, compared as numpy.allclose does ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/Compare.h"

#include "runtime/include/fsc/fsc.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace fsc::tools;

namespace {

/// The real and imaginary parts of complex elements, as an array of their own.
Array realParts(const Array &array) {
  if (array.dtype != FSC_COMPLEX64 && array.dtype != FSC_COMPLEX128)
    return array;
  Array parts = array;
  parts.dtype = array.dtype == FSC_COMPLEX64 ? FSC_FLOAT32 : FSC_FLOAT64;
  parts.dims.push_back(2);
  return parts;
}

/// |actual - expected|. 64-bit integers are subtracted as such: a double has too few bits.
double distance(const Array &actual, const Array &expected, int64_t index, int64_t expectedIndex) {
  // Strings are the same or not, whatever the tolerance.
  if (actual.dtype == FSC_STRING)
    return stringElement(actual, index) == stringElement(expected, expectedIndex)
               ? 0
               : std::numeric_limits<double>::infinity();
  if (actual.dtype != FSC_INT64 && actual.dtype != FSC_UINT64)
    return std::fabs(elementValue(actual, index) - elementValue(expected, expectedIndex));
  uint64_t a, e;
  std::memcpy(&a, actual.data.data() + 8 * index, 8);
  std::memcpy(&e, expected.data.data() + 8 * expectedIndex, 8);
  bool less = actual.dtype == FSC_INT64 ? int64_t(a) < int64_t(e) : a < e;
  return double(less ? e - a : a - e);
}

} // namespace

/// The places of elements by their keys, which are compared as numbers or texts.
static std::vector<int64_t> placesOf(const Array &wanted, const Array &keys) {
  std::vector<int64_t> places;
  int64_t count = elementCount(keys.dims, "map");
  for (int64_t i = 0; i < elementCount(wanted.dims, "map"); ++i)
    for (int64_t j = 0; j < count; ++j)
      if (distance(keys, wanted, j, i) == 0) {
        places.push_back(j);
        break;
      }
  return places;
}

/// A map with the keys in the order that another has them; as it is, if these are other keys.
static Array inOrderOf(const Array &map, const Array &like) {
  if (map.elements.size() != 2 || like.elements.size() != 2 || map.elements[0].dtype != like.elements[0].dtype)
    return map;
  std::vector<int64_t> places = placesOf(like.elements[0], map.elements[0]);
  Array result = map;
  if (int64_t(places.size()) != elementCount(map.elements[0].dims, "map"))
    return map;
  for (Array &part : result.elements) {
    size_t bytes = fsc_dtype_bits(part.dtype) / 8;
    const Array &from = map.elements[size_t(&part - result.elements.data())];
    for (size_t i = 0; i < places.size(); ++i)
      std::memcpy(part.data.data() + i * bytes, from.data.data() + size_t(places[i]) * bytes, bytes);
  }
  return result;
}

static Comparison compareLists(const Array &actualList, const Array &expected, Tolerance tolerance) {
  Array actual = expected.dtype == FSC_MAP ? inOrderOf(actualList, expected) : actualList;
  Comparison result;
  result.sameType = actual.dtype == expected.dtype && actual.elements.size() == expected.elements.size();
  for (size_t i = 0; result.sameType && i < expected.elements.size(); ++i) {
    Comparison one = compare(actual.elements[i], expected.elements[i], tolerance);
    result.sameType = one.sameType;
    result.elements += one.elements;
    result.differing += one.differing;
    result.maxAbsolute = std::max(result.maxAbsolute, one.maxAbsolute);
    result.maxRelative = std::max(result.maxRelative, one.maxRelative);
    if (one.worst >= 0 && result.worst < 0) {
      result.worst = one.worst;
      result.worstActual = one.worstActual;
      result.worstExpected = one.worstExpected;
    }
  }
  return result;
}

Comparison fsc::tools::compare(const Array &actualArray, const Array &expectedArray, Tolerance tolerance) {
  if (isList(actualArray.dtype) || isList(expectedArray.dtype))
    return compareLists(actualArray, expectedArray, tolerance);
  Comparison result;
  result.sameType = actualArray.dtype == expectedArray.dtype && actualArray.dims == expectedArray.dims;
  if (!result.sameType)
    return result;
  Array actual = realParts(actualArray), expected = realParts(expectedArray);
  result.elements = elementCount(actual.dims, "output");
  double farthest = -1;
  for (int64_t i = 0; i < result.elements; ++i) {
    double a = elementValue(actual, i), e = elementValue(expected, i);
    bool comparable = std::isfinite(a) && std::isfinite(e);
    double difference = comparable ? distance(actual, expected, i, i) : std::numeric_limits<double>::infinity();
    if (difference == 0 || (!comparable && a == e) || (std::isnan(a) && std::isnan(e)))
      continue;
    result.maxAbsolute = std::max(result.maxAbsolute, difference);
    if (e != 0)
      result.maxRelative = std::max(result.maxRelative, comparable ? difference / std::fabs(e) : difference);
    double excess = difference - (tolerance.absolute + (comparable ? tolerance.relative * std::fabs(e) : 0));
    if (excess <= 0)
      continue;
    ++result.differing;
    if (excess > farthest) {
      farthest = excess;
      result.worst = i;
      result.worstActual = a;
      result.worstExpected = e;
    }
  }
  return result;
}
