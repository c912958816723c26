//===- Quantization.h - Granularity of scales, saturation ----- -*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_OPS_QUANTIZATION_H
#define FSC_DIALECTS_FSC_OPS_QUANTIZATION_H

#include "dialects/fsc/LinalgBuilder.h"

namespace fsc {

/// saturate(round(value) + zero) as an element of integer type `type`; NaN gives the lowest.
Scalar quantize(Scalar value, Scalar zero, mlir::Type type);
/// value + zero as an element of a narrow float type.
Scalar quantizeFloat(Scalar value, Scalar zero, mlir::Type type, bool saturate);

/// An element as a 32-bit integer less its zero point, if there is one.
Scalar lessZero(Scalar element, Scalar zero);

/// The element of a parameter of rank 0 or 1 with one element, or with one for each index of a dim.
Scalar loadParameter(LinalgBuilder &b, unsigned operand, mlir::Value index);

/// Whether a parameter has rank 0, or rank 1 and a size of 1 or `size`, as far as is known.
bool isParameterAlong(ShapeBuilder &shapes, mlir::Value parameter, Dim size);

/// Whether elements are 8 or 16 bit integers.
bool isQuantizedType(mlir::Type type);

} // namespace fsc

#endif // FSC_DIALECTS_FSC_OPS_QUANTIZATION_H
