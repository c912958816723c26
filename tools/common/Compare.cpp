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
double distance(const Array &actual, const Array &expected, int64_t index) {
  // Strings are the same or not, whatever the tolerance.
  if (actual.dtype == FSC_STRING)
    return stringElement(actual, index) == stringElement(expected, index) ? 0 : std::numeric_limits<double>::infinity();
  if (actual.dtype != FSC_INT64 && actual.dtype != FSC_UINT64)
    return std::fabs(elementValue(actual, index) - elementValue(expected, index));
  uint64_t a, e;
  std::memcpy(&a, actual.data.data() + 8 * index, 8);
  std::memcpy(&e, expected.data.data() + 8 * index, 8);
  bool less = actual.dtype == FSC_INT64 ? int64_t(a) < int64_t(e) : a < e;
  return double(less ? e - a : a - e);
}

} // namespace

Comparison fsc::tools::compare(const Array &actualArray, const Array &expectedArray, Tolerance tolerance) {
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
    double difference = comparable ? distance(actual, expected, i) : std::numeric_limits<double>::infinity();
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
