//===- Compare.h - Two arrays, compared as numpy.allclose does --*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_COMMON_COMPARE_H
#define FSC_TOOLS_COMMON_COMPARE_H

#include "tools/common/Array.h"

namespace fsc::tools {

struct Tolerance {
  double relative = 1e-3;
  double absolute = 1e-5;
};

struct Comparison {
  bool sameType = true; // element types and dimensions agree; otherwise the rest is empty
  int64_t elements = 0;
  int64_t differing = 0; // elements outside the tolerance
  int64_t worst = -1;    // the element that is farthest outside, in a list's first that differs, or -1
  double worstActual = 0, worstExpected = 0;
  double maxAbsolute = 0; // largest |actual - expected|
  double maxRelative = 0; // largest |actual - expected| / |expected| where expected is not 0

  bool ok() const { return sameType && differing == 0; }
};

/// An element agrees if |actual - expected| <= absolute + relative * |expected|; NaN
/// agrees with NaN, and an infinity with itself only.
Comparison compare(const Array &actual, const Array &expected, Tolerance tolerance);

} // namespace fsc::tools

#endif // FSC_TOOLS_COMMON_COMPARE_H
